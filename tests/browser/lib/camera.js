// What a false camera shows: a barcode or QR code, drawn by zint or qrencode, as a film for Chromium.
'use strict';
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const WIDTH = 640, HEIGHT = 480, BAR_HEIGHT = 160, QUIET = 12;

function run(program, args) {
	const got = spawnSync(program, args, { encoding: 'utf8' });
	if (got.status) throw new Error(`${program}: ${got.error ?? got.stderr}`);
	return got.stdout;
}

/** Code 128: one row of modules, true is black. zint says them in hexadecimal digits. */
function code128(text) {
	const digits = run('zint', ['--barcode=20', '--dump', '-d', text]).split('\n')[0].replaceAll(' ', '');
	const bits = [...digits].map((d) => parseInt(d, 16).toString(2).padStart(4, '0')).join('').replace(/0+$/, '');
	return [[...bits].map((b) => b === '1')];
}

/** Rows of modules. qrencode draws two signs for each. */
function qr(text) {
	return run('qrencode', ['-t', 'ASCII', '-m', '0', text]).split('\n').filter(Boolean).map((row) => row.match(/../g).map((m) => m === '##'));
}

/** A film of one picture: white, the code in its middle, a little noise as of a real camera. */
function film(file, modules) {
	const size = Math.floor(Math.min((WIDTH - 2 * QUIET) / (modules[0].length + 8), modules.length > 1 ? (HEIGHT - 2 * QUIET) / (modules.length + 8) : Infinity));
	const high = modules.length > 1 ? size : BAR_HEIGHT, grey = Buffer.alloc(WIDTH * HEIGHT, 225);
	const left = Math.floor((WIDTH - modules[0].length * size) / 2), top = Math.floor((HEIGHT - modules.length * high) / 2);
	modules.forEach((row, j) => row.forEach((black, i) => {
		for (let y = 0; black && y < high; y++) grey.fill(30, (top + j * high + y) * WIDTH + left + i * size, (top + j * high + y) * WIDTH + left + (i + 1) * size);
	}));
	for (let i = 0; i < grey.length; i++) grey[i] += (i * 2654435761 >>> 28) - 8;
	fs.writeFileSync(file, Buffer.concat([Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\nFRAME\n`), grey, Buffer.alloc(WIDTH * HEIGHT / 2, 128)]));
	return file;
}

/** Arguments for open(): a Chromium whose camera sees this. */
const camera = (dir, name, modules) => ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream',
	`--use-file-for-fake-video-capture=${film(path.join(dir, `${name}.y4m`), modules)}`];

module.exports = { camera, code128, qr };
