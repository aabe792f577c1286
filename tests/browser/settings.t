#!/usr/bin/env node
// Numbers, directory, alerts, audit, settings and API keys, each from empty to used; hostile names are text everywhere.
'use strict';
const fs = require('node:fs');
const { is, login, look, ok, open, plain, run, until } = require('./lib/browser');

const NASTY = '<img src=x onerror=alert(1)> שלום 📞';

run(async () => {
	const server = await plain(), at = `/domains/${server.domain}`;
	await server.api('POST', `${at}/users`, { user: '1001', 'name-first-name': NASTY.slice(0, 28) });
	await server.api('POST', `${at}/sites`, { site: 'North & South' });
	const page = await login(await open(server), server);
	const dialog = page.getByRole('dialog'), main = page.getByRole('main'), menu = page.getByRole('navigation', { name: 'Menu' });
	const to = (name) => menu.getByRole('link', { name, exact: true }).click();
	const save = () => dialog.getByRole('button', { name: 'Save' }).click();
	await page.getByLabel('Domain').selectOption(server.domain);

	// ---- numbers ----
	await to('Numbers');
	await page.getByRole('heading', { name: 'No phone number yet' }).waitFor();
	await look(page, 'numbers-none');
	await page.getByRole('button', { name: 'Add number' }).click();
	await dialog.getByRole('textbox', { name: 'Number' }).fill('+15551230001');
	await dialog.getByLabel('Leads to').selectOption({ label: 'to the user' });
	await dialog.getByLabel('Destination').fill('1009');
	page.allowed.push(/status of 400/);
	await save();
	await dialog.getByRole('alert').waitFor();
	ok((await dialog.getByRole('alert').innerText()).includes('1009'), 'a refusal says what is wrong, where it was typed');
	await dialog.getByLabel('Destination').fill('1001');
	await dialog.getByLabel('Description').fill(NASTY);
	await look(page, 'numbers-add', { whole: false });
	await save();
	await main.getByText('15551230001').waitFor();
	await server.api('POST', `${at}/import`, 'phonenumber,dial-rule-application\n' + Array.from({ length: 120 }, (_, i) => `1555200${String(i).padStart(4, '0')},available-number`).join('\n') + '\n');
	await page.reload();
	await page.getByText('121 numbers').waitFor();
	await page.getByRole('button', { name: 'Next page' }).click();
	await page.getByText('51–100 of 121').waitFor();
	await page.getByLabel('Show').selectOption('used');
	await page.getByText('1 number', { exact: true }).waitFor();
	await look(page, 'numbers');
	await page.getByRole('button', { name: 'Edit 15551230001' }).click();
	await dialog.getByLabel('Leads to').selectOption({ label: 'nowhere: available' });
	await save();
	await page.getByRole('heading', { name: 'No number fits this' }).waitFor();
	is((await server.api('GET', `${at}/phonenumbers/15551230001`))['dial-rule-application'], 'available-number', 'the number is free');
	await page.getByLabel('Show').selectOption('');
	await page.getByRole('searchbox').fill('5551230001');
	await page.getByRole('button', { name: 'Remove 15551230001' }).click();
	await dialog.getByRole('button', { name: 'Yes' }).click();
	await page.getByRole('heading', { name: 'No number fits this' }).waitFor();
	is((await server.api('GET', `${at}/phonenumbers/count`)).total, 120, 'and removed');

	// ---- directory ----
	await to('Directory');
	await page.getByRole('heading', { name: 'No shared contact yet' }).waitFor();
	await main.getByRole('button', { name: 'Add contact' }).first().click();
	await dialog.getByLabel('First name').fill(NASTY);
	await dialog.getByLabel('Work').fill('+358 9 123 456');
	await look(page, 'directory-add', { whole: false });
	await save();
	await main.getByText(NASTY).waitFor();
	is(await main.locator('img').count(), 0, 'a name with tags is text');
	await page.getByRole('button', { name: `Edit ${NASTY}` }).click();
	await dialog.getByLabel('Company').fill('Door & Co');
	await save();
	await main.getByText('Door & Co').waitFor();
	await look(page, 'directory');
	await page.getByRole('button', { name: `Delete ${NASTY}` }).click();
	await dialog.getByRole('button', { name: 'Yes' }).click();
	await page.getByRole('heading', { name: 'No shared contact yet' }).waitFor();

	// ---- settings ----
	await to('Settings');
	await page.getByText('Nothing is set here.').waitFor();
	await page.getByRole('button', { name: 'Add a value' }).click();
	await main.getByLabel('Name').fill('timezone');
	await main.getByLabel('Value').fill('Mars/Base');
	await main.getByRole('button', { name: 'Save' }).click();
	await main.getByRole('alert').waitFor();
	await main.getByLabel('Value').fill('Europe/Helsinki');
	await main.getByRole('button', { name: 'Save' }).click();
	await until(async () => (await server.api('GET', `${at}/overrides`)).overrides.length === 1, 5, 'the override');
	await look(page, 'settings-overrides');
	await server.api('PUT', `${at}/overrides`, { overrides: [{ name: 'timezone', value: 'Europe/Rome' }] });
	await main.getByLabel('Value').fill('Europe/Paris');
	await main.getByRole('button', { name: 'Save' }).click();
	await main.getByText('Somebody else has changed these values', { exact: false }).waitFor();
	is((await server.api('GET', `${at}/overrides`)).overrides[0].value, 'Europe/Rome', 'the second is told, and what the first did stands');
	await main.getByLabel('For').selectOption('model');
	await page.getByText('Choose what it is for.').waitFor();
	await main.getByLabel('Model').selectOption({ label: 'Yealink T46U' });
	await page.getByText('Nothing is set here.').waitFor();
	await page.getByRole('link', { name: 'Sites' }).click();
	await main.getByText('North & South').waitFor();
	await page.getByRole('button', { name: 'Add site' }).click();
	await dialog.getByLabel('Name').fill('Harbor');
	await save();
	await main.getByText('Harbor', { exact: true }).waitFor();
	await look(page, 'settings-sites');
	await page.getByRole('link', { name: 'Mail', exact: true }).click();
	await main.getByLabel('Sender').fill('phones@office.test');
	await main.getByRole('button', { name: 'Save' }).click();
	await until(async () => (await server.api('GET', at))['email-send-from-address'] === 'phones@office.test', 5, 'the sender');
	await page.getByRole('button', { name: 'Edit Welcome' }).click();
	await dialog.getByLabel('Subject').fill('Hello {{name}}');
	await dialog.getByRole('button', { name: 'Preview' }).click();
	await dialog.getByRole('heading', { name: 'How it would read' }).waitFor();
	await look(page, 'settings-letter', { whole: false });
	await save();
	await main.getByText('Hello {{name}}').waitFor();
	await look(page, 'settings-mail');
	await page.getByRole('link', { name: 'Server' }).click();
	await page.getByText('This server has no registrar', { exact: false }).waitFor();
	await look(page, 'settings-server');
	await page.getByRole('link', { name: 'Import' }).click();
	await main.getByLabel('Or paste it here').fill('user,name-first-name\n1002,Ann\n,Bob\n');
	await main.getByRole('button', { name: 'Look it through' }).click();
	await main.getByText('1 row is wrong', { exact: false }).waitFor();
	await look(page, 'settings-import');
	ok(await main.getByRole('button', { name: 'Import' }).isDisabled(), 'what is wrong is not written');
	await main.getByLabel('Or paste it here').fill('user,name-first-name\n1002,Ann\n1003,Bob\n');
	await main.getByRole('button', { name: 'Look it through' }).click();
	await main.getByText('All 2 rows are good.').waitFor();
	await main.getByRole('button', { name: 'Import' }).click();
	await main.getByText('All 2 rows are written.').waitFor();
	is((await server.api('GET', `${at}/users/1003`))['name-first-name'], 'Bob', 'imported');

	await page.getByRole('link', { name: 'Domain', exact: true }).click();
	await main.getByLabel('Description').fill(NASTY);
	await main.getByLabel('Time zone').fill('Mars/Base');
	await main.getByRole('button', { name: 'Save' }).click();
	await main.getByRole('alert').waitFor();
	await main.getByLabel('Time zone').fill('Europe/Helsinki');
	await main.getByRole('button', { name: 'Save' }).click();
	await until(async () => (await server.api('GET', at))['time-zone'] === 'Europe/Helsinki', 5, 'the time zone');
	is(await main.getByLabel('By a pairing window').isChecked(), true, 'every way of first access is on');
	await main.getByLabel('By a pairing window').uncheck();
	await main.getByRole('button', { name: 'Save' }).click();
	await until(async () => (await server.api('GET', at))['first-access-ways'].join() === 'certificate,token', 5, 'the way is off');
	await look(page, 'settings-domain');
	await page.getByRole('link', { name: 'Webhooks' }).click();
	await page.getByRole('heading', { name: 'No webhook yet' }).waitFor();
	await page.getByRole('button', { name: 'Add webhook' }).click();
	await dialog.getByLabel('Address').fill('https://hooks.example.com/secret-path');
	await dialog.getByLabel('registrar down').check();
	await look(page, 'settings-webhook-add', { whole: false });
	await save();
	await dialog.getByText('Copy it now', { exact: false }).waitFor();
	await dialog.getByRole('button', { name: 'Close' }).last().click();
	await main.getByText('hooks.example.com', { exact: false }).first().waitFor();
	is(await main.getByText('secret-path').count(), 0, 'the path of its address is not shown');
	await look(page, 'settings-webhooks');
	await page.getByRole('button', { name: /^Delete https/ }).click();
	await dialog.getByRole('button', { name: 'Yes' }).click();
	await page.getByRole('heading', { name: 'No webhook yet' }).waitFor();

	// ---- domains ----
	await to('Domains');
	await main.getByText(NASTY).waitFor();
	await page.getByRole('button', { name: 'Add domain' }).click();
	await dialog.getByRole('textbox', { name: 'Domain' }).fill('dock.test');
	await look(page, 'domains-add', { whole: false });
	await dialog.getByRole('button', { name: 'Add domain' }).click();
	await main.getByRole('link', { name: 'dock.test' }).waitFor();
	await look(page, 'domains');
	page.allowed.push(/status of 409/);
	await page.getByRole('button', { name: `Delete ${server.domain}` }).click();
	await dialog.getByRole('button', { name: 'Yes' }).click();
	await dialog.getByRole('alert').waitFor();
	await dialog.getByRole('button', { name: 'No', exact: true }).click();
	await page.getByRole('button', { name: 'Delete dock.test' }).click();
	await dialog.getByRole('button', { name: 'Yes' }).click();
	await main.getByRole('link', { name: 'dock.test' }).waitFor({ state: 'detached' });
	await main.getByRole('link', { name: server.domain }).click();
	await page.getByRole('heading', { name: 'Users' }).waitFor();

	// ---- API keys ----
	await to('API keys');
	await page.getByRole('heading', { name: 'No key yet' }).waitFor();
	await main.getByRole('button', { name: 'Add key' }).first().click();
	await dialog.getByLabel('Name').fill('Payroll');
	await dialog.getByLabel('Scope').selectOption('Site Manager');
	await dialog.getByLabel('Harbor').check();
	await look(page, 'keys-add', { whole: false });
	await dialog.getByRole('button', { name: 'Make the key' }).click();
	await dialog.getByText('Copy it now', { exact: false }).waitFor();
	await look(page, 'keys-made', { whole: false });
	await dialog.getByRole('button', { name: 'Close' }).last().click();
	await look(page, 'keys');
	await page.getByRole('button', { name: 'Revoke Payroll' }).click();
	await dialog.getByRole('button', { name: 'Yes' }).click();
	await main.getByText('revoked', { exact: true }).waitFor();

	// ---- audit ----
	await to('Audit');
	await main.getByText('apikey revoke').waitFor();
	await look(page, 'audit');
	await page.getByRole('button', { name: /^Details of entry/ }).nth(1).click();
	await dialog.getByText('user-scope').waitFor();
	await look(page, 'audit-entry', { whole: false });
	await dialog.getByRole('button', { name: 'Close' }).last().click();
	await main.getByLabel('What', { exact: true }).fill('number-change');
	await until(async () => (await page.getByRole('row').count()) <= 3, 5, 'the filter');
	const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Export as CSV' }).click()]);
	const csv = fs.readFileSync(await file.path(), 'utf8');
	ok(csv.split('\r\n').length >= 3 && !csv.includes('apikey-revoke'), 'CSV of what is shown');

	// ---- alerts, as they come ----
	await to('Alerts');
	await page.getByRole('heading', { name: 'Nothing needs you' }).waitFor();
	await look(page, 'alerts-none');
	const access = await server.api('POST', `${at}/phones`, { 'device-provisioning-mac-address': '001565aa0001', 'device-models-brand-and-model': 'yealink-t46u', lines: [{ slot: 1, device: '1001' }] });
	ok(!!access['first-access'].url, 'a phone with an address');
	await raise(server, access['first-access'].url);
	await main.getByText('1 alert', { exact: true }).waitFor();
	await look(page, 'alerts');
	await page.getByRole('button', { name: 'Seen' }).click();
	await dialog.getByLabel('Reason').fill('It was me');
	await look(page, 'alerts-seen', { whole: false });
	await dialog.getByRole('button', { name: 'Seen' }).click();
	await page.getByRole('heading', { name: 'Nothing needs you' }).waitFor();
	await main.getByLabel('State').selectOption('cleared');
	await main.getByText('It was me', { exact: false }).first().waitFor();
	ok(true, 'acknowledged, and over');

	// ---- the server goes away, and comes back ----
	page.allowed.push(/ERR_CONNECTION|ERR_EMPTY|Failed to load resource/);
	await to('Phones');
	await page.getByText('1 phone', { exact: true }).waitFor();
	await server.stop('SIGKILL');
	await page.getByText('No connection to the server', { exact: false }).first().waitFor();
	ok(await main.getByRole('link', { name: '00:15:65:aa:00:01' }).isVisible(), 'what was there stays to be read');
	await look(page, 'phones-offline');
	await server.start();
	await server.api('POST', `${at}/phones`, { 'device-provisioning-mac-address': '001565aa0002', 'device-models-brand-and-model': 'yealink-t46u' });
	await page.getByText('2 phones').waitFor();
	is(await page.getByText('No connection to the server', { exact: false }).count(), 0, 'and the page goes on by itself');
});

/** Two fetch with one first-access address: an alert that a person must see. */
async function raise(server, url) {
	const { execFileSync } = require('node:child_process');
	const pull = (name, agent, ...more) => execFileSync('curl', ['-sk', '-o', '/dev/null', '-A', agent, ...more, url + name]);
	pull('001565aa0001.cfg', 'Yealink SIP-T46U 108.87.14.1 00:15:65:aa:00:01');
	pull('001565aa0001.cfg', 'curl/8', '--interface', '127.9.0.1');
}
