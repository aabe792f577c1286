#!/usr/bin/env node
// The table of users: search, order, pages, whom is selected; add and delete; hostile names; two browsers on the same users; a server
// that goes away in the middle of a job.
'use strict';
const { is, login, look, ok, open, plain, run, say, until } = require('./lib/browser');

const USERS = 230;
// What a name may hold (32 characters: more fits on no phone), and what it would do if somebody forgot to escape it.
const HOSTILE = ['<img src=x onerror=alert(1)>', '"><script>alert(2)</script>', '${alert(3)} {{x}} &amp; %00', 'W'.repeat(32), 'مرحبا يوسف', '👩‍🚒 Zoë é', "'; DROP TABLE users; --"];
const LONG = `${'long '.repeat(4)}${'W'.repeat(200)}`;

async function fill(server) {
	const D = `/domains/${server.domain}`;
	await server.api('POST', `${D}/sites`, { site: 'North' });
	const rows = ['user,name-first-name,name-last-name,email-address,department'];
	for (let i = 0; i < USERS; i++) rows.push(`${1000 + i},First${i},Last${String(USERS - i).padStart(3, '0')},u${i}@office.test,${i % 2 ? 'Sales' : 'Depot'}`);
	await server.api('POST', `${D}/import`, rows.join('\n') + '\n');
	for (const [i, name] of HOSTILE.entries())
		await server.api('POST', `${D}/users`, { user: `8${i}`, 'name-first-name': name, department: LONG.slice(0, 64), 'user-scope': 'Basic User',
			'email-address': `${'w'.repeat(60)}@${'w'.repeat(60)}.${'w'.repeat(60)}.${'w'.repeat(60)}.test` });
	await server.api('POST', `${D}/users/83/contacts`, { 'name-last-name': HOSTILE[0], company: LONG.slice(0, 120) });
	await server.api('POST', `${D}/phonenumbers`, { phonenumber: '35891111111', 'dial-rule-application': 'to-user', 'dial-rule-translation-destination-user': '83', 'dial-rule-description': LONG });
	return USERS + HOSTILE.length;
}

const names = (page) => page.locator('td.ext').allInnerTexts();

async function table(page, total) {
	const n = total.toLocaleString('en');
	await page.getByText(`${n} users`).waitFor();
	is((await names(page)).length, 50, 'fifty a page');
	await look(page, 'users-many');
	await page.reload();
	await page.getByText(`${n} users`).waitFor();
	await page.keyboard.press('Tab');
	is(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content', 'the first stop of the keyboard leads past the menu');
	await page.keyboard.press('Enter');
	is(await page.evaluate(() => document.activeElement.id), 'main', 'to the content');
	await page.getByRole('button', { name: 'Next page' }).click();
	await page.getByText(`51–100 of ${n}`).waitFor();
	is((await names(page))[0], '1050', 'the next page');
	await page.getByLabel('Rows per page').selectOption('200');
	await until(async () => (await names(page)).length === 200, 10, '200 rows');
	await page.getByRole('button', { name: 'Extension' }).click();
	await until(async () => (await names(page))[0] === '9000', 10, 'the order turned round');
	is(await page.getByRole('columnheader', { name: 'Extension' }).getAttribute('aria-sort'), 'descending', 'and the header says so');
	await page.getByRole('button', { name: 'Department' }).click();
	await page.getByRole('columnheader', { name: 'Department' }).and(page.locator('[aria-sort=ascending]')).waitFor();
	await page.getByRole('searchbox').fill('last001');
	await page.getByText('1 user', { exact: true }).waitFor();
	is(await names(page), ['1229'], 'a search finds part of a name, in either case');
	await page.getByRole('link', { name: 'Edit First229 Last001 (1229)' }).click();
	await page.getByRole('heading', { name: 'First229 Last001' }).waitFor();
	await page.goBack();
	await page.getByText('1 user', { exact: true }).waitFor();
	is([await page.getByRole('searchbox').inputValue(), await names(page)], ['last001', ['1229']], 'Back finds the table as it was');
	await page.getByRole('searchbox').fill('nobody of this name');
	await page.getByText('Nobody fits this search').waitFor();
	await look(page, 'users-none-found');
	await page.getByRole('button', { name: 'Clear' }).click();
	await page.getByText(`${n} users`).waitFor();
}

async function select(page, total) {
	const selected = (n) => page.getByText(`${n} selected`, { exact: true }).waitFor();
	await page.getByRole('checkbox', { name: 'Select this page' }).check();
	await selected(199); // not himself
	await page.getByRole('button', { name: `Select all ${total.toLocaleString('en')} found` }).click();
	await selected(total - 1);
	await page.getByRole('button', { name: 'Next page' }).click();
	await page.getByRole('row').nth(3).waitFor();
	ok(await page.getByRole('checkbox', { name: 'Select this page' }).isChecked(), 'all found are selected, on the other pages too');
	await page.getByRole('checkbox', { name: /^Select / }).nth(1).uncheck();
	await selected(total - 2);
	await page.getByRole('button', { name: 'Bulk Action' }).click();
	ok(await page.getByRole('dialog').getByText(`and ${total - 2 - 200} more`).isVisible(), 'the modal lists the first of many, and says how many more');
	await page.keyboard.press('Escape');
	await page.getByRole('dialog').waitFor({ state: 'detached' });
	is(await page.evaluate(() => document.activeElement.textContent), 'Bulk Action', 'Escape closes it, and the focus is back where it was');
	await page.keyboard.press('Shift+Tab');
	await page.keyboard.press('Enter'); // Clear selection
	is(await page.getByRole('checkbox', { checked: true }).count(), 0, 'Clear selection');
}

async function addAndDelete(server, page) {
	const dialog = page.getByRole('dialog');
	await page.getByRole('button', { name: 'Add user' }).click();
	await dialog.getByLabel('Extension').fill('7000');
	await dialog.getByLabel('First Name').fill('Nova');
	await dialog.getByLabel('Last Name').fill('New');
	await look(page, 'users-add', { whole: false });
	await page.keyboard.press('Enter');
	await page.getByRole('heading', { name: 'Nova New' }).waitFor();
	await page.getByRole('link', { name: 'All users' }).click();
	page.allowed.push(/status of 409/);
	await page.getByRole('button', { name: 'Add user' }).click();
	await dialog.getByLabel('Extension').fill('7000');
	await dialog.getByRole('button', { name: 'Add', exact: true }).click();
	ok((await dialog.getByRole('alert').innerText()).includes('7000'), 'an extension twice is refused where it was typed');
	await dialog.getByRole('button', { name: 'Cancel' }).click();
	await page.getByRole('searchbox').fill('Nova');
	await page.getByRole('button', { name: 'Delete Nova New (7000)' }).click();
	await look(page, 'users-delete', { whole: false });
	await dialog.getByRole('button', { name: 'No' }).click();
	ok(await page.getByRole('link', { name: 'Nova New', exact: true }).isVisible(), 'No deletes nobody');
	await page.getByRole('button', { name: 'Delete Nova New (7000)' }).click();
	await dialog.getByRole('button', { name: 'Yes' }).click();
	await page.getByText('Nova New (7000) was deleted.').waitFor();
	await page.getByText('Nobody fits this search').waitFor();
	await page.getByRole('searchbox').fill('');
}

async function hostile(server, page) {
	const dialog = page.getByRole('dialog');
	const clean = async (where) => is(await page.evaluate(() => document.querySelectorAll('main img:not([src^="/api"]), main script, dialog script, dialog img:not([src^="/api"])').length), 0, `no name became markup: ${where}`);
	let said = false;
	page.on('dialog', (d) => { said = true; d.dismiss(); });
	await page.goto(`${server.url}/#/${server.domain}/users?sort=-user`);
	await page.getByRole('row').nth(HOSTILE.length).waitFor();
	const texts = (await page.locator('td.name').allInnerTexts()).slice(1); // himself stands first
	for (const [i, name] of [...HOSTILE].reverse().entries()) ok(texts[i].startsWith(name), `as text in the table: ${name}`, texts[i]);
	await look(page, 'hostile-table');
	await clean('table');
	await page.getByRole('checkbox', { name: 'Select this page' }).check();
	await page.getByRole('button', { name: 'Bulk Action' }).click();
	await look(page, 'hostile-bulk', { whole: false });
	await dialog.getByRole('button', { name: 'Complete Action' }).click();
	await dialog.getByText('Always cleared').waitFor();
	await dialog.getByRole('button', { name: 'Next' }).click();
	await dialog.getByText('A reset cannot be undone.').waitFor();
	await dialog.getByRole('heading', { level: 3 }).first().waitFor();
	ok((await dialog.innerText()).includes(HOSTILE[0]), 'and in the review');
	await look(page, 'hostile-review', { whole: false });
	await clean('review');
	await page.keyboard.press('Escape');
	for (const i of [0, 3, 4, 5]) {
		await page.goto(`${server.url}/#/${server.domain}/users/8${i}`);
		await page.getByRole('heading', { level: 1 }).filter({ hasText: HOSTILE[i].slice(0, 8) }).waitFor();
		is(await page.getByLabel('First Name').inputValue(), HOSTILE[i], `in the profile: ${HOSTILE[i]}`);
		if (i === 3 || i === 4) await look(page, `hostile-user-${i}`);
		await clean('profile');
	}
	for (const tab of ['contacts', 'numbers']) {
		await page.goto(`${server.url}/#/${server.domain}/users/83?tab=${tab}`);
		await page.getByText('W'.repeat(60)).first().waitFor();
		await look(page, `hostile-${tab}`);
		await clean(tab);
	}
	await server.api('POST', `/domains/${server.domain}/phones`, { 'device-provisioning-mac-address': '001565000080', 'device-models-brand-and-model': 'yealink-t46u', lines: [{ slot: 1, device: '80' }] });
	const svg = await page.request.get(`${server.url}/api/v1/domains/${server.domain}/phones/001565000080/face.svg`);
	const text = await svg.text();
	ok(svg.ok() && text.includes('&lt;img') && !/<img|<script|onerror=[^&]*>[^<]*<\/script/.test(text), 'nor in the picture of a phone');
	ok(!said, 'no script of a name ran');
}

async function order(page, users) {
	const dialog = page.getByRole('dialog');
	for (const u of users) await page.getByRole('checkbox', { name: new RegExp(`\\(${u}\\)$`) }).check();
	await page.getByRole('button', { name: 'Bulk Action' }).click();
	await dialog.getByRole('button', { name: 'Complete Action' }).click();
	await dialog.getByText('Always cleared').waitFor();
	await dialog.getByRole('button', { name: 'Next' }).click();
	await dialog.getByText('2 users are reset.').waitFor();
}

/** Send Welcome Email, Force Password Reset, Delete Users. */
async function bulk(server, page) {
	const dialog = page.getByRole('dialog');
	const act = async (users, action) => {
		await page.goto(`${server.url}/#/${server.domain}/users?sort=user`);
		await page.reload();
		for (const u of users) await page.getByRole('checkbox', { name: new RegExp(`\\(${u}\\)$`) }).check();
		await page.getByRole('button', { name: 'Bulk Action' }).click();
		await dialog.getByRole('radio', { name: action }).check();
		await dialog.getByRole('button', { name: 'Complete Action' }).click();
	};
	const status = async (u) => (await server.api('GET', `/domains/${server.domain}/users/${u}`))['account-status'];
	await act(['1003', '1004'], 'Send Welcome Email');
	await dialog.getByRole('heading', { name: 'Send Welcome Email' }).waitFor();
	await dialog.getByText('2 of 2 users done').waitFor();
	await dialog.getByRole('button', { name: 'Show the links' }).click();
	await until(async () => (await dialog.locator('code').count()) === 2, 10, 'two links');
	await look(page, 'bulk-welcome', { whole: false });
	await act(['1005'], 'Force Password Reset');
	await dialog.getByText('1 of 1 user done').waitFor();
	is(await status('1005'), 'pwd reset', 'Force Password Reset');
	await act(['1005', '1006'], 'Delete Users');
	await dialog.getByRole('heading', { name: 'Delete 2 users?' }).waitFor();
	await look(page, 'bulk-delete', { whole: false });
	await dialog.getByRole('button', { name: 'No' }).click();
	await dialog.getByRole('button', { name: 'Complete Action' }).click();
	await dialog.getByRole('button', { name: 'Yes' }).click();
	await dialog.getByText('2 of 2 users done').waitFor();
	await dialog.getByRole('button', { name: 'Close' }).last().click();
	await page.getByRole('checkbox', { name: /\(1005\)$/ }).waitFor({ state: 'detached' });
	ok(true, 'Delete Users asks Yes or No, and deletes');
}

/** Both have the review open; the first one schedules and the second one is told by the server, and loses nothing. */
async function two(server, page, who) {
	const other = await login(await open(server), who);
	for (const p of [page, other]) {
		await p.goto(`${server.url}/#/${server.domain}/users?sort=user`);
		await p.getByRole('checkbox', { name: /\(1001\)$/ }).waitFor();
	}
	const { reset } = await server.api('POST', `/domains/${server.domain}/resets`, { users: ['1001'], at: new Date(Date.now() + 3600e3).toISOString() });
	other.allowed.push(/status of 409/);
	await order(other, ['1001', '1002']).catch(() => {});
	const dialog = other.getByRole('dialog');
	const text = await until(async () => {
		const said = await dialog.innerText();
		return /job|reset/i.test(said) && /1001/.test(said) && said;
	}, 10, 'what the second is told');
	if (await dialog.getByRole('button', { name: 'Reset', exact: true }).isEnabled()) await dialog.getByRole('button', { name: 'Reset', exact: true }).click();
	await dialog.getByText(/held|another job|job \d|\d+ has/i).first().waitFor();
	await look(other, 'two-browsers', { whole: false });
	say(`the second is told: ${(await dialog.getByRole('alert').allInnerTexts()).join(' | ') || text.slice(0, 300)}`);
	is((await server.api('GET', `/domains/${server.domain}/users/1002`))['account-status'], 'new', 'and nothing of the second order was done');
	await dialog.getByRole('button', { name: 'Back' }).click();
	ok(await dialog.getByText('1001').first().isVisible(), 'whom he had chosen is still there');
	await other.goto(`${server.url}/#/${server.domain}/users?job=${reset}`);
	await dialog.getByText('Scheduled for').waitFor();
	await look(other, 'job-scheduled', { whole: false });
	await dialog.getByRole('button', { name: 'Cancel the rest' }).click();
	await dialog.getByRole('heading', { name: 'Cancelled' }).waitFor();
	is((await server.api('GET', `/domains/${server.domain}/resets/${reset}`)).state, 'cancelled', 'a job that waits for its time is cancelled from its window');
	await other.context().close();
}

async function restart(server, page) {
	page.allowed.push(/ERR_CONNECTION_REFUSED/, /ERR_/, /Failed to load resource/);
	const dialog = page.getByRole('dialog');
	const users = Array.from({ length: USERS - 20 }, (_, i) => String(1010 + i));
	const { reset } = await server.api('POST', `/domains/${server.domain}/resets`, { users, options: { 'phone-lines': true } });
	await page.goto(`${server.url}/#/${server.domain}/users?job=${reset}`);
	await dialog.getByText(new RegExp(`of ${users.length} users done`)).waitFor();
	await server.stop('SIGKILL');
	await dialog.getByText('No connection to the server.').waitFor();
	await look(page, 'server-gone', { whole: false });
	await page.reload().catch(() => {});
	await server.start();
	await page.goto(`${server.url}/#/${server.domain}/users?job=${reset}`);
	await dialog.getByText(`${users.length} of ${users.length} users done`).waitFor({ timeout: 30000 });
	ok(true, 'the server was killed in the middle: the job is done, and the page shows it');
	await server.stop();
	await page.waitForTimeout(100);
	await server.start();
	await dialog.getByRole('button', { name: 'Close' }).last().click();
	await page.getByRole('searchbox').fill('1010');
	await page.getByText('Setup Required').first().waitFor({ timeout: 20000 });
	ok(true, 'restarted under an open page, it goes on by itself, logged in');
	await page.route('**/users?*', (r) => r.fulfill({ status: 200, contentType: 'application/json', body: '[{"user": "10' }));
	await page.getByRole('searchbox').fill('1011');
	await page.getByText('No connection to the server.').first().waitFor();
	await page.unroute('**/users?*');
	await until(async () => (await names(page)).join() === '1011', 20, 'the row');
	ok(true, 'an answer that was cut off on its way is asked for again');
}

run(async () => {
	const server = await plain(), total = await fill(server) + 1;
	const empty = await server.person('9000', 'Office Manager');
	const page = await login(await open(server), empty);
	await table(page, total);
	await select(page, total);
	await addAndDelete(server, page);
	await hostile(server, page);
	await bulk(server, page);
	await two(server, page, empty);
	await restart(server, page);
});
