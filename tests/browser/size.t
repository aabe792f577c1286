#!/usr/bin/env node
// What a browser loads of the portal, compressed: under 150 KB, all of it.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { ok, plan, say } = require('./lib/tap');
const { top } = require('./lib/rekeyd');

const LIMIT = 150 * 1024;
const files = JSON.parse(fs.readFileSync(path.join(top, 'build/portal/sizes.json')));
for (const f of files) say(`${f.name}  ${f.plain}  compressed ${f.gzip}`);
const first = files.filter((f) => !f.name.startsWith('part.')).reduce((n, f) => n + f.gzip, 0);
const all = files.reduce((n, f) => n + f.gzip, 0);
say(`first page ${first}, all ${all} bytes`);
ok(all < LIMIT, `the portal is ${(all / 1024).toFixed(1)} KB compressed, under 150`);
process.exit(plan());
