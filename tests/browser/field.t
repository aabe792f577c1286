#!/usr/bin/env node
// The technician's page: a label before the camera, and everything that is done at a phone, with the proof as it comes in.
'use strict';
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { demo, is, login, look, ok, open, plain, run, say, until } = require('./lib/browser');
const { camera, code128, qr } = require('./lib/camera');
const { top } = require('./lib/rekeyd');

const PHONE = { width: 390, height: 844, hasTouch: true, isMobile: true };
const colons = (mac) => mac.toUpperCase().match(/../g).join(':');
const button = (page, name) => page.getByRole('button', { name, exact: true });

run(async () => {
	const server = await demo(), D = `/domains/${server.domain}`;
	const phones = await server.api('GET', `${D}/phones`);
	const tech = await server.person('1900', 'Field Technician', { site: 'Main' });
	say(phones.map((p) => `${p['device-provisioning-mac-address']} ${p['device-models-model']} ${p.lines.map((l) => l.user)}`).join('\n'));
	const byModel = (model) => phones.find((p) => p['device-models-model'] === model)['device-provisioning-mac-address'];
	const mac = byModel('yealink-t46u');

	await typing(server, tech, mac);
	await scanning(server, tech, mac);
	const page = await login(await open(server, PHONE), tech);
	await firstPull(server, page);
	await moving(server, page, byModel('yealink-t31p'));
	await swapping(server, page, byModel('polycom-vvx250'));
	await badNetwork(server, page, mac);
	await sessionEnds(server, page, tech, mac);
	await elsewhere(server, page, mac);
	await slow(server, tech, mac);
	await strangeNames(server, page);
	await scopes(server, page);
	await restarted();
	await waysForAll(server);
});

const show = (server, page, mac, what) => page.goto(`${server.url}/#/${[server.domain, 'field', mac, what].filter(Boolean).join('/')}`);

async function typing(server, tech, mac) {
	const page = await login(await open(server, PHONE), tech);
	await page.getByRole('heading', { name: 'Field' }).waitFor();
	await button(page, 'Menu').click();
	is((await page.getByRole('navigation', { name: 'Menu' }).getByRole('link').allTextContents()).map((x) => x.trim()), ['Field', 'Phones'], 'a technician begins here, and has the list of phones beside it');
	await button(page, 'Menu').click();
	await look(page, 'field-find');
	const field = page.getByLabel('MAC address');
	await field.fill('00:15:65:zz');
	await button(page, 'Show this phone').click();
	await page.getByText('A MAC address has 12 digits').waitFor();
	ok(true, 'what is no MAC is said to be none');
	for (const typed of [colons(mac), mac, mac.match(/..../g).join('.'), ` ${mac.match(/../g).join('-')} `, mac.match(/../g).join(' ').toUpperCase()]) {
		await page.goto(`${server.url}/#/${server.domain}/field`);
		await field.fill(typed);
		await field.press('Enter');
		await page.getByRole('heading', { name: 'Yealink T46U' }).waitFor();
		ok(page.url().endsWith(`/field/${mac}`), `typed as "${typed}"`);
	}
	await page.getByText('Ann Archer').first().waitFor();
	await page.getByText('It has its newest file').waitFor();
	await look(page, 'field-phone');
	is(await page.locator('.fieldwork .button:visible').evaluateAll((all) => all.map((e) => e.getBoundingClientRect()).filter((r) => r.height < 48 || r.width < 48).length), 0,
		'every button is 48 px or more, for a thumb');
	await page.getByRole('link', { name: 'Another phone' }).click();
	await page.getByRole('link', { name: /Yealink T46U/ }).waitFor();
	ok(true, 'the phones seen last are one touch away');
	await page.context().close();
}

/** A browser whose camera sees this; with the names of the parts that it loaded. */
async function before(server, tech, name, modules, prepare) {
	const page = await open(server, { ...PHONE, permissions: ['camera'], args: camera(server.dir, name, modules) });
	page.parts = [];
	page.on('request', (r) => r.url().includes('/portal/part.') && page.parts.push(r.url()));
	if (prepare) {
		await page.addInitScript(prepare);
		await page.reload();
	}
	await login(page, tech);
	await button(page, 'Scan the label').click();
	return page;
}

async function scanning(server, tech, mac) {
	let page = await before(server, tech, 'code128', code128(colons(mac)));
	await page.getByRole('heading', { name: 'Yealink T46U' }).waitFor();
	ok(page.url().endsWith(`/field/${mac}`) && page.parts.length > 0, 'a barcode drawn by zint is read by the decoder, loaded for it');
	is(await page.evaluate(() => [...document.querySelectorAll('video')].length), 0, 'the camera is off again');
	await page.context().close();

	page = await before(server, tech, 'upright', code128(mac)[0].map((bar) => Array(70).fill(bar)));
	await page.getByRole('heading', { name: 'Yealink T46U' }).waitFor();
	ok(page.url().endsWith(`/field/${mac}`), 'a barcode that stands upright');
	await page.context().close();

	page = await before(server, tech, 'qr', qr(`SN:3110017060001234;MAC:${mac.toUpperCase()};PN:SIP-T46U`));
	await page.getByRole('heading', { name: 'Yealink T46U' }).waitFor();
	ok(page.url().endsWith(`/field/${mac}`), 'a QR code drawn by qrencode, with the serial number beside the MAC');
	await page.context().close();

	page = await before(server, tech, 'serial', code128('3110017060001234'));
	await page.getByText('That is another code.').waitFor();
	ok(page.url().endsWith('/field'), 'a serial number is no MAC: it says so and goes on looking');
	await look(page, 'field-scan');
	await button(page, 'Stop scanning').click();
	await page.getByLabel('MAC address').waitFor();
	await page.context().close();

	page = await before(server, tech, 'native', code128('0'), `window.BarcodeDetector = class {
		static async getSupportedFormats() { return ['code_39', 'code_128', 'qr_code', 'aztec']; }
		constructor({ formats }) { if (formats.includes('aztec')) throw new TypeError(); }
		async detect(video) { if (!(video instanceof HTMLVideoElement)) throw new TypeError(); return [{ rawValue: '${mac}' }]; }
	};`);
	await page.getByRole('heading', { name: 'Yealink T46U' }).waitFor();
	is(page.parts, [], 'where the browser reads codes itself, no decoder is loaded');
	await page.context().close();

	page = await open(server, PHONE);
	await page.addInitScript(() => { navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotAllowedError'); }; });
	await page.reload();
	await login(page, tech);
	await button(page, 'Scan the label').click();
	await page.getByRole('alert').filter({ hasText: 'may not use the camera' }).waitFor();
	await button(page, 'Type it instead').click();
	await page.getByLabel('MAC address').waitFor();
	ok(true, 'a camera that is refused is said so, and typing goes on');
	await page.context().close();
}

/** A phone that is curl. */
function pull(url, agent, ...args) {
	const got = spawnSync('curl', ['-s', '-k', '-A', agent, '-w', '\n%{http_code}', ...args, url], { encoding: 'utf8' });
	const lines = got.stdout.split('\n');
	return { status: Number(lines.pop()), text: lines.join('\n') };
}

async function firstPull(server, page) {
	const mac = '001565c0ffee', agent = 'Yealink SIP-T46U 108.86.0.90 00:15:65:c0:ff:ee';
	page.allowed.push(/status of 404/);
	await show(server, page, mac);
	await page.getByRole('heading', { name: 'This phone is not known here' }).waitFor();
	await look(page, 'field-unknown');
	await button(page, 'Take it in').click();
	await page.getByText('Choose the model').waitFor();
	await page.getByLabel('Model').selectOption({ label: 'Yealink T46U' });
	await page.getByLabel('Extension').fill('1900');
	await button(page, 'Take it in').click();
	await page.getByRole('heading', { name: 'First pull' }).waitFor();
	await page.getByText('The pairing window is open:').waitFor();
	await button(page, 'Show the address').click();
	const address = page.locator('[data-address]');
	await until(async () => /\/cfg\/$/.test(await address.textContent()), 10, 'the short address');
	const url = await address.textContent();
	ok(/^https:\/\/[^/]+\/cfg\/$/.test(url), 'a Yealink is given the whole address', url);
	await page.getByText('Open Settings › Auto Provision').waitFor();
	await page.getByText('On the phone’s own screen').click();
	await page.getByText('Open Settings › Advanced Settings').waitFor();
	ok(await page.getByText('not certain').first().isVisible(), 'a way that nobody has confirmed is marked');
	await look(page, 'field-first');
	const how = page.getByRole('region', { name: 'How it goes' });
	const file = pull(`${url}${mac}.cfg`, agent);
	is(file.status, 200, 'the phone comes for its first file');
	await how.getByRole('listitem').filter({ hasText: 'fetched its first file' }).getByText('done').waitFor();
	ok(true, 'and the page says so by itself');
	const login = file.text.match(/auto_provision\.server\.password = (\S+)/)[1];
	is(pull(`${url}${mac}.cfg`, agent, '--digest', '-u', `${mac}:${login}`).status, 200, 'it comes back with its own login');
	await how.getByRole('listitem').filter({ hasText: 'proved' }).getByText('done').waitFor();
	ok(true, 'which is the proof, live');
	await button(page, 'An address of its own').click();
	await until(async () => /\/cfg\/.+\/$/.test(await address.textContent()), 10, 'an address of its own');
	await show(server, page, mac);
	await page.getByText('Test Field Technician').first().waitFor();
	ok(true, 'it serves whom it was given to');
}

/** Waits until that many records are confirmed on the page, without touching it. */
async function proved(page, n, name) {
	const card = page.getByRole('region', { name: 'Proof' });
	await until(async () => (await card.locator('.badge.good').count()) >= n, 40, name);
	ok(true, name);
}

async function moving(server, page, mac) {
	await show(server, page, mac, 'move');
	await button(page, 'Check').click();
	await page.getByText('Type the extension of the desk').waitFor();
	page.allowed.push(/status of 40\d/);
	await page.getByLabel('Extension').fill('7777');
	await button(page, 'Check').click();
	await page.getByRole('alert').waitFor();
	ok(/7777/.test(await page.getByRole('alert').textContent()), 'an extension that is not there: the server’s sentence');
	await page.getByLabel('Extension').fill('1900');
	await button(page, 'Check').click();
	await page.getByRole('heading', { name: 'What will be done' }).waitFor();
	await page.getByText('Test Field Technician (1900) comes on line 1').waitFor();
	ok((await server.api('GET', `/domains/${server.domain}/phones/${mac}`)).lines.every((l) => l.user !== '1900'), 'the plan is only a plan');
	await look(page, 'field-move');
	await button(page, 'Move it now').click();
	await page.getByText('Test Field Technician').first().waitFor();
	await proved(page, 2, 'moved; both proofs come in while one looks on');
	await look(page, 'field-proof');
}

async function swapping(server, page, mac) {
	const fresh = '64167f00beef';
	await show(server, page, mac, 'swap');
	await page.getByLabel('MAC of the new phone').fill(colons(fresh));
	await button(page, 'Check').click();
	await page.getByRole('heading', { name: 'What will be done' }).waitFor();
	await page.getByLabel('Model').selectOption({ label: 'Polycom VVX 450' });
	await page.getByRole('heading', { name: 'What will be done' }).waitFor();
	await look(page, 'field-swap');
	await button(page, 'Swap now').click();
	await page.getByRole('heading', { name: 'First pull' }).waitFor();
	await until(async () => page.url().endsWith(`/field/${fresh}/first`), 10, 'the new phone');
	const address = await page.locator('[data-address]').textContent();
	ok(/^[^/]+\/cfg\/.+\/$/.test(address), 'swapped: straight on to the new phone’s first pull, its address as a Polycom wants it', address);
	await page.getByText('On the phone’s own screen').click();
	await page.getByText('Server Type: choose HTTPS').first().waitFor();
	await show(server, page, mac);
	await page.getByRole('link', { name: colons(fresh) }).waitFor();
	ok(true, 'the old phone leads to the new one');
	await proved(page, 1, 'the old phone’s drop is proved');
}

const resyncs = async (server, mac) => (await server.api('GET', `/domains/${server.domain}/auditlog?limit=1000`))
	.filter((a) => JSON.stringify(a).includes('phone-resync') && JSON.stringify(a).includes(mac)).length;

async function badNetwork(server, page, mac) {
	await show(server, page, mac);
	await page.getByRole('heading', { name: 'Yealink T46U' }).waitFor();
	const begun = await resyncs(server, mac);
	page.allowed.push(/ERR_INTERNET_DISCONNECTED|ERR_FAILED|ERR_NETWORK_CHANGED|ERR_TIMED_OUT/);

	// the answer is lost, the deed is not
	let lost = 0;
	const keys = [];
	await page.route('**/resync', async (route) => {
		keys.push(route.request().headers()['idempotency-key']);
		if (lost++) return route.continue();
		await route.fetch();
		return route.abort();
	});
	await button(page, 'Resync').click();
	await page.getByText('The phone is told to fetch its file.').first().waitFor();
	await page.unroute('**/resync');
	ok(keys.length === 2 && keys[0] === keys[1] && keys[0], 'a lost answer: the same request again, with the same key', keys);
	is(await resyncs(server, mac), begun + 1, 'and it was carried out once');

	// no network: two taps, a reload of what is there, and back
	await page.context().setOffline(true);
	await page.getByText('No connection. Nothing is lost').waitFor();
	await button(page, 'Resync').click();
	await page.getByText('Resync: waits for the connection').waitFor();
	await look(page, 'field-offline');
	is(await resyncs(server, mac), begun + 1, 'nothing is sent while there is no network');
	await page.context().setOffline(false);
	await page.getByText('Connected again.').first().waitFor();
	await page.getByText('Resync: waits for the connection').waitFor({ state: 'detached' });
	await until(async () => (await resyncs(server, mac)) === begun + 2, 10, 'the tap');
	ok(true, 'back: it says so, and the tap arrives');

	// taken back
	await page.context().setOffline(true);
	await page.getByText('No connection. Nothing is lost').waitFor();
	await button(page, 'Resync').click();
	await button(page, 'Take back').click();
	await page.context().setOffline(false);
	await page.getByText('No connection. Nothing is lost').waitFor({ state: 'detached' });
	is(await resyncs(server, mac), begun + 2, 'what is taken back is not sent');

	// slow: one at a time, in order, and what waits outlives a reload
	let now = 0, most = 0, held;
	const order = [], release = new Promise((done) => { held = done; });
	await page.route(/\/(resync|pair|token)$/, async (route) => {
		most = Math.max(most, ++now);
		order.push(route.request().url().split('/').pop());
		if (order.length === 1) await release;
		await route.continue().catch(() => {});
		now--;
	});
	await button(page, 'Resync').click();
	await button(page, 'Open pairing window').click();
	await page.getByText('Open pairing window: on its way').waitFor();
	await until(() => order.length > 0, 10, 'the first request');
	is(order, ['resync'], 'the second tap waits for the first');
	held();
	await page.getByRole('heading', { name: 'First pull' }).waitFor();
	is([order, most], [['resync', 'pair'], 1], 'one request at a time, in the order of the taps');
	await page.unroute(/\/(resync|pair|token)$/);
	await show(server, page, mac);
	await page.context().setOffline(true);
	await page.getByText('No connection. Nothing is lost').waitFor();
	await button(page, 'Resync').click();
	const kept = await page.evaluate(() => sessionStorage.getItem('rekey-field-waiting'));
	await page.context().setOffline(false);
	ok(JSON.parse(kept).waiting.length === 1, 'what waits is kept', kept);
	await page.evaluate((text) => sessionStorage.setItem('rekey-field-waiting', text), kept);
	await until(async () => (await resyncs(server, mac)) === begun + 4, 15, 'the tap');
	await page.evaluate((text) => sessionStorage.setItem('rekey-field-waiting', text), kept);
	await page.reload();
	await page.getByRole('heading', { name: 'Yealink T46U' }).waitFor();
	await until(async () => page.evaluate(() => JSON.parse(sessionStorage.getItem('rekey-field-waiting')).waiting.length === 0), 15, 'what waited');
	is(await resyncs(server, mac), begun + 4, 'after a reload it is sent again with its key, and is still carried out once');
}

/** The session is gone when somebody taps: the login comes over the page, and the tap is not lost. */
async function sessionEnds(server, page, tech, mac) {
	const begun = await resyncs(server, mac);
	await show(server, page, mac);
	await page.getByRole('heading', { name: 'Yealink T46U' }).waitFor();
	page.allowed.push(/status of 401/);
	await page.context().clearCookies();
	await button(page, 'Resync').click();
	const dialog = page.getByRole('dialog');
	await dialog.getByLabel('Password').fill(tech.password);
	await dialog.getByRole('button', { name: 'Log in' }).click();
	await dialog.waitFor({ state: 'detached' });
	await until(async () => (await resyncs(server, mac)) === begun + 1, 15, 'the tap');
	ok(true, 'a session that ended: after the login the tap arrives, once');
}

/** What waits goes on from every page, and ends with the session of the one who tapped. */
async function elsewhere(server, page, mac) {
	const begun = await resyncs(server, mac), other = await server.person('1901', 'Field Technician', { site: 'Main' });
	const tapOffline = async () => {
		await show(server, page, mac);
		await page.getByRole('heading', { name: 'Yealink T46U' }).waitFor();
		await page.context().setOffline(true);
		await page.getByText('No connection. Nothing is lost').waitFor();
		await button(page, 'Resync').click();
	};
	await tapOffline();
	await page.goto(`${server.url}/#/${server.domain}/phones`);
	await page.getByRole('heading', { name: 'Phones' }).waitFor();
	await page.context().setOffline(false);
	await until(async () => (await resyncs(server, mac)) === begun + 1, 15, 'the tap');
	ok(true, 'somebody who has gone to another page: the tap arrives');

	await page.context().setOffline(true);
	await page.locator('.account summary').click();
	await button(page, 'Log out').click();
	await page.getByText('You are not logged out').waitFor();
	ok(true, 'without a network nobody is told that he is logged out');
	await page.context().setOffline(false);

	await show(server, page, mac);
	await page.getByText('No connection. Nothing is lost').waitFor({ state: 'detached' });
	await page.context().clearCookies();
	await button(page, 'Resync').click();
	const dialog = page.getByRole('dialog');
	await dialog.getByLabel('Login name').fill(other.login);
	await dialog.getByLabel('Password').fill(other.password);
	await dialog.getByRole('button', { name: 'Log in' }).click();
	await dialog.waitFor({ state: 'detached' });
	await until(() => button(page, 'Resync').isEnabled(), 15, 'the end of the tap');
	is(await resyncs(server, mac), begun + 1, 'whoever logs in next does not send what the one before tapped');
	await button(page, 'Resync').click();
	await until(async () => (await resyncs(server, mac)) === begun + 2, 15, 'his own tap');
	ok(true, 'and sends his own');
}

/** Figures alone: a bad mobile network, from the first byte to the phone. */
async function slow(server, tech, mac) {
	const page = await open(server, PHONE), net = await page.context().newCDPSession(page), seconds = (since) => ((Date.now() - since) / 1000).toFixed(1);
	await net.send('Network.enable');
	await net.send('Network.setCacheDisabled', { cacheDisabled: true });
	await net.send('Network.emulateNetworkConditions', { offline: false, latency: 400, downloadThroughput: 50000, uploadThroughput: 25000 });
	let began = Date.now();
	await page.reload();
	await page.getByLabel('Login name').waitFor();
	say(`400 kbit/s, 400 ms: the login stands after ${seconds(began)} s`);
	await login(page, tech);
	began = Date.now();
	await page.getByLabel('MAC address').fill(mac);
	await button(page, 'Show this phone').click();
	await page.getByRole('heading', { name: 'Yealink T46U' }).waitFor();
	say(`the phone after ${seconds(began)} s`);
	began = Date.now();
	await button(page, 'Resync').click();
	ok(await button(page, 'Resync').evaluate((b) => b.ariaBusy === 'true' && b.disabled), 'the tap is heard at once, and a second one is none');
	await page.getByText('Resync: on its way').waitFor();
	await page.getByText('The phone is told to fetch its file.').waitFor();
	say(`told after ${seconds(began)} s`);
	await page.context().close();
}

async function strangeNames(server, page) {
	const D = `/domains/${server.domain}`;
	const names = [['<img src=x onerror=x>', '<b>'], ['W'.repeat(15), 'm'.repeat(16)], ['שלום עולם', 'مرحبا'], ['👩‍🔧🏳️‍🌈', '🇫🇮 Ærø']];
	for (const [i, [first, last]] of names.entries()) {
		const ext = `195${i}`, mac = `001565fade0${i}`;
		await server.api('POST', `${D}/users`, { user: ext, 'name-first-name': first, 'name-last-name': last, site: 'Main' });
		await server.api('POST', `${D}/phones`, { 'device-provisioning-mac-address': mac, 'device-models-brand-and-model': 'yealink-t54w', site: 'Main', notes: last + first.repeat(12), lines: [{ slot: 1, device: ext }] });
		await show(server, page, mac);
		await page.getByText(`${first} ${last}`, { exact: true }).first().waitFor();
		ok(!(await page.locator('.people img, .people b').count()), `a name as text: ${first.slice(0, 30)}`);
		if (i) await look(page, `field-name-${i}`);
		await show(server, page, '001565c0ffee', 'move');
		await page.getByLabel('Extension').fill(ext);
		await button(page, 'Check').click();
		await page.getByText(`(${ext}) comes on line 1`).waitFor();
		ok((await page.locator('.plan').textContent()).includes(`${first} ${last}`), 'in a plan too');
	}
	await page.goto(`${server.url}/#/${server.domain}/field`);
	await page.getByText('Seen last').waitFor();
	await look(page, 'field-recent');
}

async function scopes(server, page) {
	const D = `/domains/${server.domain}`;
	await server.api('POST', `${D}/sites`, { site: 'Elsewhere' });
	await server.api('POST', `${D}/phones`, { 'device-provisioning-mac-address': '001565e15e01', 'device-models-brand-and-model': 'yealink-t54w', site: 'Elsewhere' });
	page.allowed.push(/status of 403/);
	await show(server, page, '001565e15e01');
	await page.getByRole('alert').filter({ hasText: 'outside of what your login may see' }).waitFor();
	ok(true, 'a phone of another site: the server’s sentence');
	await page.goto(`${server.url}/#/${server.domain}/users`);
	await page.getByRole('heading', { name: 'Field' }).waitFor();
	ok(true, 'another page is none of his');
}

/** The server goes away and comes back while somebody looks on. */
async function restarted() {
	const server = await plain(), D = `/domains/${server.domain}`, mac = '001565aabb01';
	await server.api('POST', `${D}/sites`, { site: 'Main' });
	const tech = await server.person('1900', 'Field Technician', { site: 'Main' });
	await server.api('POST', `${D}/phones`, { 'device-provisioning-mac-address': mac, 'device-models-brand-and-model': 'yealink-t46u', site: 'Main' });
	const page = await login(await open(server, PHONE), tech);
	page.allowed.push(/ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_CLOSED/);
	await show(server, page, mac);
	await page.getByText('this phone is vacant').waitFor();
	await server.stop();
	await button(page, 'Resync').click();
	await page.getByText('Resync: waits for the connection').waitFor();
	await server.start();
	await page.getByText('Connected again.').waitFor();
	await until(async () => (await resyncs(server, mac)) === 1, 10, 'the tap');
	await server.api('PATCH', `${D}/phones/${mac}`, { notes: 'changed afterwards' });
	await page.getByText('changed afterwards').waitFor();
	ok(true, 'the server restarted: the tap arrives, and the page is live again by itself');
}

async function waysForAll(server) {
	const { rowOf, rows } = await import(path.join(top, 'provisioning/portal/src/pages/field/ways.js'));
	const { en } = await import(path.join(top, 'provisioning/portal/src/texts.en.js'));
	const models = await server.api('GET', '/phones/models');
	is(models.filter((m) => !rowOf(m.id)).map((m) => m.id), [], `each of ${models.length} models has a way to its first pull`);
	is(rows.filter((r) => !models.some((m) => rowOf(m.id) === r)).map(String), [], 'and no row is for nothing');
	const ways = rows.flatMap((r) => r.ways);
	is(ways.filter((w) => !w.source || !['confirmed', 'unsure'].includes(w.mark) || !en.fieldwork.way[w.where]).length, 0, 'each way says where it comes from and how sure it is');
	is([...new Set(ways.flatMap((w) => w.steps.map((s) => (s.perhaps ?? s)[0])))].filter((verb) => !en.fieldwork.press[verb]), [], 'each step has a sentence');
}
