// Bundles the portal by esbuild and writes it as C: node build.mjs DIR. DIR holds node_modules, made from package-lock.json.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? '.');
const { build } = createRequire(join(out, 'package.json'))('esbuild');

const types = { '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.html': 'text/html; charset=utf-8',
	'.svg': 'image/svg+xml', '.webmanifest': 'application/manifest+json' };
const type = (name) => types[name.slice(name.lastIndexOf('.'))];

const result = await build({
	entryPoints: { app: join(here, 'src/main.js'), style: join(here, 'src/style/all.css') },
	bundle: true, format: 'esm', splitting: true, minify: true, write: false, outdir: out, nodePaths: [join(out, 'node_modules')],
	entryNames: '[name].[hash]', chunkNames: 'part.[hash]', target: ['es2022'], charset: 'utf8', legalComments: 'none', metafile: true,
});

const files = result.outputFiles.map((f) => ({ name: basename(f.path), bytes: Buffer.from(f.contents), lasting: true }));
const named = (start, end) => files.find((f) => f.name.startsWith(start) && f.name.endsWith(end)).name;
const page = readFileSync(join(here, 'src/index.html'), 'utf8')
	.replace('{{style}}', named('style.', '.css')).replace('{{app}}', named('app.', '.js'));
files.push({ name: 'icon.svg', bytes: readFileSync(join(here, 'src/icon.svg')), lasting: false });
files.push({ name: 'index.html', bytes: Buffer.from(page), lasting: false });

const bytes = (b) => [...b].map((x, i) => (i % 24 ? '' : '\n\t') + x + ',').join('');
const parts = files.map((f, i) => {
	const gz = gzipSync(f.bytes, { level: 9 });
	f.row = `\t{ "${f.name}", "${type(f.name)}", "${createHash('sha256').update(f.bytes).digest('hex').slice(0, 24)}", ` +
		`${f.lasting}, { (const char *)plain_${i}, ${f.bytes.length} }, { (const char *)gzip_${i}, ${gz.length} } },\n`;
	f.size = gz.length;
	return `static const unsigned char plain_${i}[] = {${bytes(f.bytes)}\n};\nstatic const unsigned char gzip_${i}[] = {${bytes(gz)}\n};\n`;
});
writeFileSync(join(out, 'portal_files.c'), `/* Made by provisioning/portal/build.mjs. */\n#include "provisioning/portal/portal.h"\n\n${parts.join('')}
const struct portal_file portal_files[] = {\n${files.map((f) => f.row).join('')}};
const size_t portal_file_count = ${files.length};\n`);
// What a browser loads for the first page, and what it may load later: tests/browser/size.t reads it.
writeFileSync(join(out, 'sizes.json'), JSON.stringify(files.map((f) => ({ name: f.name, plain: f.bytes.length, gzip: f.size })), null, '\t'));
