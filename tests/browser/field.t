#!/usr/bin/env node
// The technician's page: a label before the camera, and everything that is done at a phone, with the proof as it comes in.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { axe, demo, is, login, look, ok, open, run, say, until } = require('./lib/browser');
const { camera, code128, qr } = require('./lib/camera');

const PHONE = { width: 390, height: 844, hasTouch: true, isMobile: true };
const colons = (mac) => mac.toUpperCase().match(/../g).join(':');
const button = (page, name) => page.getByRole('button', { name, exact: true });

run(async () => {
	const server = await demo(), D = `/domains/${server.domain}`;
	const phones = await server.api('GET', `${D}/phones`);
	const of = (ext) => phones.find((p) => p.lines.some((l) => l.user === ext && l.use === 'line'));
	const tech = await server.person('1900', 'Field Technician', { site: 'Main' });
	say(phones.map((p) => `${p['device-provisioning-mac-address']} ${p['device-models-model']} ${p.lines.map((l) => l.user)}`).join('\n'));
	const ann = phones.find((p) => p.lines.some((l) => l['name-last-name'] === 'Archer')), mac = ann['device-provisioning-mac-address'];

	// ---- who he is, and typing ----
	const page = await login(await open(server, PHONE), tech);
	await page.getByRole('heading', { name: 'Field' }).waitFor();
	is(await page.getByRole('navigation', { name: 'Menu' }).getByRole('link').allTextContents(), ['Field'], 'a technician has this page and no other');
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
		await page.getByText('Ann Archer').first().waitFor();
		ok(page.url().endsWith(`/field/${mac}`), `typed as "${typed}"`);
	}
	await page.getByText(colons(mac)).first().waitFor();
	await look(page, 'field-phone');
	const small = await page.locator('.fieldwork .button:visible').evaluateAll((all) => all.map((e) => e.getBoundingClientRect()).filter((r) => r.height < 48 || r.width < 48).length);
	is(small, 0, 'every button is 48 px or more, for a thumb');
});
