#!/usr/bin/env node
// Every text that the portal asks for is there, and none is left over.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { ok, plan, say } = require('./lib/tap');
const { top } = require('./lib/rekeyd');

const src = path.join(top, 'provisioning/portal/src');
const files = fs.readdirSync(src, { recursive: true }).filter((f) => f.endsWith('.js') && !f.endsWith('texts.en.js'));
const code = files.map((f) => fs.readFileSync(path.join(src, f), 'utf8')).join('\n');
const { en } = new Function(fs.readFileSync(path.join(src, 'texts.en.js'), 'utf8').replace('export const en', 'const en') + '; return { en };')();

const FORMS = ['zero', 'one', 'two', 'few', 'many', 'other'];
const isText = (v) => typeof v === 'string' || (typeof v === 'object' && 'other' in v && Object.keys(v).every((k) => FORMS.includes(k)));
const all = [];
(function walk(at, key) {
	if (isText(at)) all.push(key);
	else for (const [k, v] of Object.entries(at)) walk(v, key ? `${key}.${k}` : k);
})(en, '');

const find = (key) => key.split('.').reduce((at, part) => at?.[part], en);
// t('a.b'), t(x ? 'a.b' : 'c.d'), t(`a.${x}`), t('a.b-' + x): the whole key, or what stands before the part that is made.
const ours = (k) => k.split('.')[0] in en;
const literals = [...code.matchAll(/'([a-z]\w*(?:\.[\w-]+)*[.-]?)'/g)].map((m) => m[1]).filter(ours);
const asked = [...code.matchAll(/\bt\('(\w+)'/g)].map((m) => m[1]);
const whole = [...literals.filter((k) => k.includes('.') && !/[.-]$/.test(k) && k !== 'face.svg'), ...asked];
const begun = [...literals.filter((k) => /[.-]$/.test(k)), ...[...code.matchAll(/`([a-z]\w*\.[\w.-]*)\$\{/g)].map((m) => m[1]).filter(ours)];
const missing = [...new Set(whole)].filter((k) => { const v = find(k); return v === undefined || !isText(v); });
const hollow = [...new Set(begun)].filter((k) => !all.some((a) => a.startsWith(k)));
const used = new Set(whole), starts = [...new Set(begun), 'words.'];
const idle = all.filter((k) => !used.has(k) && !starts.some((s) => k.startsWith(s)));
say(`${all.length} texts, ${files.length} files`);
ok(missing.length === 0, 'every text that is asked for is there', missing.join('\n'));
ok(hollow.length === 0, 'and every family of them', hollow.join('\n'));
ok(idle.length === 0, 'no text is left over', idle.join('\n'));
process.exit(plan());
