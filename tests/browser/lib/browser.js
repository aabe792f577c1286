// Debian's Chromium by playwright-core, with what every test of a page looks at: no error in the console (a breach of the
// Content-Security-Policy is one), no violation found by axe, nothing wider than the screen, and pictures to look at.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { createRequire } = require('node:module');
const { ok, is, say, plan } = require('./tap');
const { closeAll, demo, onClose, plain, top, until } = require('./rekeyd');

const npm = createRequire(path.join(top, 'build/deps/npm/package.json'));
const { chromium } = npm('playwright-core');
const axeSource = fs.readFileSync(npm.resolve('axe-core/axe.min.js'), 'utf8');
const screens = path.join(top, 'build/screens');
const PATIENCE_MS = 15000;
const pages = [];
let chrome;

async function start(args = []) {
	return chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: [...(process.getuid() === 0 ? ['--no-sandbox'] : []),
		'--disable-gpu', '--disable-quic', '--disable-dev-shm-usage', '--disable-background-networking', '--disable-component-update', '--disable-sync', ...args] });
}

/** Calls of the server that a test expects to be refused are allowed by page.allowed.push(/status of 409/). */
function watch(page) {
	page.allowed = [];
	page.errors = [];
	page.on('console', (m) => {
		if (m.type() === 'error' || /Content.Security.Policy/i.test(m.text())) page.errors.push(`${m.text()} (${m.location().url})`);
	});
	page.on('pageerror', (e) => page.errors.push(`uncaught ${e.stack}`));
	page.on('request', (r) => {
		const { hostname, protocol } = new URL(r.url());
		if (protocol.startsWith('http') && !['127.0.0.1', 'localhost'].includes(hostname)) page.errors.push(`a request to another host: ${r.url()}`);
	});
	pages.push(page);
	return page;
}

/**
 * A new browser window at the server: nothing of other windows is known in it. options: width, height, dark, and Playwright's of a
 * context (timezoneId, locale, permissions); args: of a Chromium of its own (a false camera, say).
 */
async function open(server, { width = 1280, height = 800, dark = false, args, ...options } = {}) {
	let own = chrome;
	if (args || !chrome) {
		own = await start(args);
		onClose(() => own.close());
		if (!args) chrome = own;
	}
	const context = await own.newContext({ ignoreHTTPSErrors: true, viewport: { width, height }, colorScheme: dark ? 'dark' : 'light',
		timezoneId: 'Europe/Helsinki', locale: 'en-GB', reducedMotion: 'reduce', ...options });
	context.setDefaultTimeout(PATIENCE_MS);
	const page = watch(await context.newPage());
	await page.goto(`${server.url}/`);
	return page;
}

/** Logs in by the page, as the admin or as who = {login, password}. */
async function login(page, who) {
	await page.getByLabel('Login name').fill(who.login);
	await page.getByLabel('Password').fill(who.password);
	await page.getByRole('button', { name: 'Log in' }).click();
	await page.getByRole('banner').waitFor();
	return page;
}

/** axe on what is shown now: one test line, with what it found. */
async function axe(page, name) {
	if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axeSource);
	const found = await page.evaluate(async () => (await window.axe.run(document, { resultTypes: ['violations'] })).violations
		.map((v) => `${v.id}: ${v.help}\n${v.nodes.slice(0, 5).map((n) => `   ${n.html.slice(0, 200)}\n   ${n.failureSummary.replaceAll('\n', ' ')}`).join('\n')}`));
	return ok(found.length === 0, `axe finds nothing: ${name}`, found.join('\n'));
}

const wider = () => {
	const most = document.documentElement.clientWidth;
	if (document.documentElement.scrollWidth <= most) return '';
	return [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > most + 1).slice(0, 5).map((e) => e.outerHTML.slice(0, 160)).join('\n');
};

/**
 * Looks at what is shown now, light and dark, 1280 and 390 px wide: pictures build/screens/NAME-1280-light.png and so on, nothing
 * wider than the screen, and axe. Afterwards the window is as before. whole: the page to its end; a dialogue has no more than it shows.
 */
async function look(page, name, { whole = true } = {}) {
	const before = page.viewportSize();
	fs.mkdirSync(screens, { recursive: true });
	for (const width of [1280, 390]) {
		await page.setViewportSize({ width, height: width === 390 ? 844 : 800 });
		await page.evaluate(() => scrollTo(0, 0)); // else the bar stands in the middle of the whole page
		for (const colorScheme of ['light', 'dark']) {
			await page.emulateMedia({ colorScheme });
			await page.screenshot({ path: path.join(screens, `${name}-${width}-${colorScheme}.png`), fullPage: whole, animations: 'disabled' });
			if (width === 1280 || colorScheme === 'dark') await axe(page, `${name}, ${width} px, ${colorScheme}`);
		}
		is(await page.evaluate(wider), '', `${name} is no wider than ${width} px`);
	}
	await page.emulateMedia({ colorScheme: 'light' });
	await page.setViewportSize(before);
}

function judge() {
	const found = pages.flatMap((p) => p.errors.filter((e) => !p.allowed.some((a) => a.test(e))));
	ok(found.length === 0, 'no error in the console, no breach of the policy, no request to another host', found.join('\n'));
}

/** Runs a test to its end, whatever happens: the plan, and nothing left behind. */
async function run(test) {
	const began = Date.now();
	try {
		await test();
	} catch (e) {
		ok(false, 'the test ran to its end', e.stack);
		fs.mkdirSync(screens, { recursive: true });
		for (const [i, p] of pages.entries())
			if (!p.isClosed()) await p.screenshot({ path: path.join(screens, `failed-${path.basename(process.argv[1], '.t')}-${i}.png`) }).catch(() => {});
	}
	judge();
	await closeAll();
	say(`${((Date.now() - began) / 1000).toFixed(1)} s`);
	process.exit(plan());
}

module.exports = { axe, demo, is, login, look, ok, open, plain, run, say, until };
