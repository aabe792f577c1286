#!/usr/bin/env node
// One user: profile, devices, voicemail, greetings, rules, contacts, numbers, logins; and Advanced with the same reset.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { is, login, look, ok, open, plain, run, until } = require('./lib/browser');
const { onClose } = require('./lib/rekeyd');

run(async () => {
	const spool = fs.mkdtempSync('/tmp/rekey-spool-');
	onClose(() => fs.rmSync(spool, { recursive: true, force: true }));
	const server = await plain({ settings: { 'voicemail.root': spool } });
	const D = `/domains/${server.domain}`, U = `${D}/users/1001`;
	await server.api('POST', `${D}/sites`, { site: 'North' });
	await server.api('POST', `${D}/users`, { user: '1001', 'name-first-name': 'Ann', 'name-last-name': 'Archer', site: 'North', 'user-scope': 'Basic User' });
	await server.api('POST', `${D}/phones`, { 'device-provisioning-mac-address': '001565000001', 'device-models-brand-and-model': 'yealink-t46u', lines: [{ slot: 1, device: '1001' }] });
	await server.api('POST', `${D}/phonenumbers`, { phonenumber: '35891234567', 'dial-rule-application': 'available-number' });
	await server.api('POST', `${D}/timeframes`, { 'timeframe-name': 'Evenings', 'timeframe-type': 'always' });
	const who = await server.person('2000', 'Office Manager');
	const page = await login(await open(server), who);
	const dialog = page.getByRole('dialog'), tab = (name) => page.getByRole('navigation', { name: 'Parts of this user' }).getByRole('link', { name }).click();
	const save = (name = 'Save') => dialog.getByRole('button', { name, exact: true }).click();

	// ---- profile ----
	await page.getByRole('link', { name: 'Edit Ann Archer (1001)' }).click();
	await page.getByRole('heading', { name: 'Ann Archer' }).waitFor();
	await look(page, 'user-profile');
	await page.getByLabel('Department').fill('Sales');
	await page.getByLabel('Email', { exact: true }).fill('ann@office.test');
	await page.getByRole('button', { name: 'Save' }).click();
	await page.getByText('Saved.').waitFor();
	is((({ department, 'email-address': email, site }) => [department, email, site])(await server.api('GET', U)), ['Sales', 'ann@office.test', 'North'], 'the profile is saved');
	await page.getByLabel('Email', { exact: true }).evaluate((e) => { e.type = 'text'; });
	page.allowed.push(/status of 400/);
	await page.getByLabel('Email', { exact: true }).fill('no address');
	await page.getByRole('button', { name: 'Save' }).click();
	ok((await page.getByRole('alert').innerText()).toLowerCase().includes('email-address'), 'what is refused says why, where the click was');
	await page.getByRole('button', { name: 'Undo changes' }).click();
	is(await page.getByLabel('Email', { exact: true }).inputValue(), 'ann@office.test', 'and can be undone');

	// ---- devices ----
	await tab('Phones and devices');
	await page.getByText('Yealink T46U').waitFor();
	await page.getByRole('button', { name: 'Add device' }).click();
	await dialog.getByLabel('Suffix').fill('m');
	await dialog.getByLabel('Kind').selectOption('mobile');
	await save('Add');
	await page.getByRole('cell', { name: '1001m', exact: true }).waitFor();
	await look(page, 'user-devices');
	await page.getByRole('button', { name: 'Code for an app' }).click();
	await save('Make the code');
	await dialog.getByRole('img', { name: 'QR code for the app' }).waitFor();
	ok(await dialog.getByRole('img').evaluate((i) => i.complete && i.naturalWidth > 0), 'a code to scan is drawn');
	await look(page, 'user-enrol', { whole: false });
	await dialog.getByRole('button', { name: 'Close' }).last().click();
	await page.getByRole('button', { name: 'Delete device 1001m' }).click();
	await look(page, 'user-delete-device', { whole: false });
	await save('Yes');
	await page.getByRole('cell', { name: '1001m', exact: true }).waitFor({ state: 'detached' });
	ok(true, 'a device is added and deleted');

	// ---- voicemail and greetings ----
	await tab('Voicemail');
	await page.getByText('No new message').waitFor();
	await look(page, 'user-voicemail');
	await tab('Greetings');
	await page.getByText('No greeting of their own').waitFor();
	await page.getByRole('button', { name: 'Add greeting' }).click();
	const wav = Buffer.alloc(44 + 16000);
	wav.write('RIFF', 0);
	wav.writeUInt32LE(36 + 16000, 4);
	wav.write('WAVEfmt ', 8);
	[[16, 16, 4], [20, 1, 2], [22, 1, 2], [24, 8000, 4], [28, 16000, 4], [32, 2, 2], [34, 16, 2]].forEach(([at, v, n]) => wav.writeUIntLE(v, at, n));
	wav.write('data', 36);
	wav.writeUInt32LE(16000, 40);
	await dialog.getByLabel('Sound file').setInputFiles({ name: 'away.wav', mimeType: 'audio/wav', buffer: wav });
	await save('Add');
	await page.getByRole('cell', { name: 'Unavailable', exact: true }).waitFor();
	is(await page.getByRole('row').nth(1).getByRole('cell').nth(1).innerText(), '0:01', 'a greeting is uploaded, a second long');
	await look(page, 'user-greetings');
	await page.getByRole('button', { name: 'Delete greeting Unavailable' }).click();
	await save('Yes');
	await page.getByText('No greeting of their own').waitFor();

	// ---- answering rules ----
	await tab('Answering rules');
	await page.getByText('Default').waitFor();
	await page.getByRole('button', { name: 'Add rule' }).click();
	await dialog.getByLabel('Time frame').selectOption('Evenings');
	await dialog.getByRole('checkbox', { name: 'Forward always' }).check();
	await dialog.getByLabel('Forward always: numbers').fill('1002, vmail_1001');
	await look(page, 'user-rule', { whole: false });
	await save();
	await page.getByText('Forward always: 1002, vmail_1001').waitFor();
	await look(page, 'user-rules');
	is((await server.api('GET', `${U}/answerrules/Evenings`))['forward-always'], { enabled: 'yes', parameters: ['1002', 'vmail_1001'] }, 'a rule is added');

	// ---- contacts ----
	await tab('Contacts');
	await page.getByText('No contact yet').waitFor();
	await look(page, 'user-no-contacts');
	await page.getByRole('button', { name: 'Add contact' }).first().click();
	await dialog.getByLabel('Last Name').fill('Harbour');
	await dialog.getByLabel('Mobile').fill('358401234567');
	await save();
	await page.getByRole('cell', { name: 'Harbour', exact: true }).waitFor();
	await page.getByRole('button', { name: 'Edit Harbour' }).click();
	await dialog.getByLabel('Company').fill('Port Authority');
	await save();
	await page.getByRole('cell', { name: 'Port Authority', exact: true }).waitFor();
	ok(true, 'a contact is added and changed');

	// ---- phone numbers ----
	await tab('Phone numbers');
	await page.getByText('No number leads here').waitFor();
	await page.getByRole('button', { name: 'Assign a number' }).first().click();
	await dialog.getByLabel('Available number').selectOption('35891234567');
	await save('Assign');
	await page.getByRole('cell', { name: '35891234567', exact: true }).waitFor();
	await look(page, 'user-numbers');

	// ---- logins ----
	await tab('Logins and mails');
	await page.getByText('No login yet').waitFor();
	await page.goto(`${server.url}/#/${server.domain}/users/2000?tab=logins`);
	await page.getByRole('cell', { name: 'portal', exact: true }).first().waitFor();
	const shown = await page.getByRole('row').nth(1).getByRole('cell').first().innerText();
	const at = (await server.api('GET', `${D}/auditlog?action-type=login&target-user=2000`))[0]['timestamp-datetime'];
	is(shown, new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'Europe/Helsinki' }).format(new Date(at)), 'the log of logins, in the zone of who looks');
	await look(page, 'user-logins');

	// ---- Advanced -> Reset User: the same dialogue ----
	await page.goto(`${server.url}/#/${server.domain}/users/1001`);
	await page.getByText('Advanced', { exact: true }).click();
	await look(page, 'user-advanced');
	await page.getByRole('button', { name: 'Reset User' }).click();
	await dialog.getByRole('heading', { name: 'Reset User' }).waitFor();
	const items = (name) => dialog.locator('.option').filter({ hasText: name }).locator('.count');
	await items('Delete Custom Contacts').getByText('1 item').waitFor();
	for (const [name, n] of [['Delete Voicemail Messages', '0 items'], ['Delete Answering Rules', '1 item'], ['Unassign Phone Numbers', '1 item'], ['Remove Lines from Phones', '1 item']])
		is(await items(name).innerText(), n, `${name}: ${n}`);
	await dialog.getByRole('button', { name: 'Select All Options' }).click();
	is(await dialog.getByRole('group', { name: 'Options' }).getByRole('checkbox', { checked: true }).count(), 6, 'all six options, on a server with voicemail');
	await save('Next');
	await dialog.getByText('A reset cannot be undone.').waitFor();
	ok(await dialog.getByText('1 contact is deleted').isVisible() && await dialog.getByText('1 phone number becomes available').isVisible(), 'the review says what goes');
	ok(await dialog.getByText('This server has no registrar').first().isVisible(), 'and that without a registrar nothing can be proved');
	await look(page, 'user-reset-review', { whole: false });
	await save('Reset');
	await dialog.getByText('1 of 1 user done').waitFor();
	await dialog.getByRole('button', { name: 'Close' }).last().click();
	await page.getByRole('heading', { name: 'Nobody at 1001' }).waitFor();
	await page.getByText('Setup Required').waitFor();
	is(await server.api('GET', `${U}/contacts`), [], 'the contacts are gone');
	await look(page, 'user-reset');

	// ---- saving a name is a recycle ----
	await page.getByLabel('First Name').fill('Olivia');
	await page.getByLabel('Last Name').fill('Osei');
	await page.getByRole('button', { name: 'Save' }).click();
	await page.getByRole('heading', { name: 'Olivia Osei' }).waitFor();
	await page.getByText('Password Required').waitFor();

	// ---- a one-time link, and force password reset ----
	await page.getByText('Advanced', { exact: true }).click();
	await page.getByRole('button', { name: 'Send Welcome Email' }).click();
	await save('Yes');
	await dialog.getByText('/set-password/').waitFor();
	await look(page, 'user-link', { whole: false });
	await dialog.getByRole('button', { name: 'Close' }).last().click();

	// ---- delete asks Yes or No ----
	await page.getByText('Advanced', { exact: true }).click();
	await page.getByRole('button', { name: 'Delete User' }).click();
	await save('No');
	ok(await page.getByRole('heading', { name: 'Olivia Osei' }).isVisible(), 'No leaves everything');
	await page.getByText('Advanced', { exact: true }).click();
	await page.getByRole('button', { name: 'Delete User' }).click();
	await save('Yes');
	await page.getByRole('heading', { name: 'Users' }).waitFor();
	await until(async () => (await server.api('GET', `${D}/users/count`)).total === 1, 10, 'the deletion');
	ok(true, 'Yes deletes');
});
