#!/usr/bin/env node
// The welcome link, logging in and out, what each scope is shown, how long a session lasts, and that a stranger gets nowhere.
'use strict';
const { execFileSync } = require('node:child_process');
const path = require('node:path');
const { is, login, look, ok, open, plain, run } = require('./lib/browser');

const SCOPES = { 'Office Manager': ['Users'], 'Site Manager': ['Users'], 'Basic User': ['My extension'] };

run(async () => {
	const server = await plain({ settings: { 'password.pin': 'required' } });
	const D = `/domains/${server.domain}`, U = `${D}/users/1001`;
	await server.api('POST', `${D}/sites`, { site: 'North' });

	// ---- the set-password page of the welcome link ----
	await server.api('POST', `${D}/users`, { user: '1001', 'name-first-name': 'Ann', 'name-last-name': 'Archer', 'user-scope': 'Office Manager', site: 'North' });
	const { link } = (await server.api('POST', `${U}/welcome`, { link: true }))['one-time-link'];
	const page = await open(server);
	await page.getByRole('heading', { name: 'Log in' }).waitFor();
	await look(page, 'login');
	await page.goto(link);
	await look(page, 'set-password');
	const fields = page.locator('input[type=password]');
	ok(await fields.count() >= 2, 'the link asks for a password and a PIN', await page.content());
	page.allowed.push(/status of 422/);
	const choose = async (password, pin) => {
		await page.getByLabel('New password').fill(password);
		await page.getByLabel('The same password again').fill(password);
		await page.getByLabel('Voicemail PIN').fill(pin);
		await page.getByRole('button', { name: 'Save and go to the login' }).click();
	};
	await choose('short', '1234');
	await page.getByRole('alert').waitFor();
	ok((await page.getByRole('alert').innerText()).includes('digit'), 'a weak password and PIN are refused, with what is wrong', await page.getByRole('alert').innerText());
	await look(page, 'set-password-refused');
	await choose('A long enough pass 1', '471193');
	await page.getByRole('heading', { name: 'Log in' }).waitFor();
	is((await server.api('GET', U))['account-status'], 'standard', 'the person is Active');
	is((await server.api('GET', U))['voicemail-login-pin-set'], 'yes', 'and has a PIN');
	page.allowed.push(/status of 404/, /status of 410/);
	await page.goto(link);
	await look(page, 'set-password-dead');
	ok(await page.locator('input[type=password]').count() === 0, 'the link works once');

	// ---- log in ----
	await page.goto(`${server.url}/`);
	page.allowed.push(/status of 401/);
	await page.getByLabel('Login name').fill('1001@office.test');
	await page.getByLabel('Password').fill('wrong');
	await page.keyboard.press('Enter');
	await page.getByRole('alert').waitFor();
	const wrong = await page.getByRole('alert').innerText();
	await page.getByLabel('Login name').fill('nobody@office.test');
	await page.getByRole('button', { name: 'Log in' }).click();
	await page.getByRole('button', { name: 'Log in' }).and(page.locator(':not([aria-busy])')).waitFor();
	is(await page.getByRole('alert').innerText(), wrong, 'a wrong password and an unknown login get the same answer');
	await look(page, 'login-refused');
	await login(page, { login: '1001@office.test', password: 'A long enough pass 1' });
	await page.getByRole('heading', { name: 'Users' }).waitFor();
	is(await page.title(), 'Users · Rekey', 'the window says which page it is');
	const policy = (await page.request.get(`${server.url}/`)).headers()['content-security-policy'];
	ok(/default-src 'none'/.test(policy) && /script-src 'self'/.test(policy) && !/unsafe/.test(policy), 'the Content-Security-Policy is on, without exceptions', policy);

	// ---- limits of the session, and one's own password ----
	await page.getByLabel(/Your account/).click();
	ok(await page.getByText('You are logged out after 30 minutes without use, and at').isVisible(), 'how long the session lasts is told');
	await look(page, 'account', { whole: false });
	await page.getByRole('button', { name: 'Change password' }).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByLabel('Present password').fill('A long enough pass 1');
	await dialog.getByLabel(/^New password \*$/).fill('Another long pass 2');
	await dialog.getByLabel('New password once more').fill('Another long pass 3');
	ok(await dialog.getByText('The two new passwords differ.').isVisible() && await dialog.getByRole('button', { name: 'Save' }).isDisabled(), 'two new passwords that differ');
	await look(page, 'change-password', { whole: false });
	await dialog.getByLabel('New password once more').fill('Another long pass 2');
	await dialog.getByRole('button', { name: 'Save' }).click();
	await page.getByText('Your password is changed').waitFor();

	// ---- the session ends on the server: what was open stays ----
	await page.getByRole('searchbox').fill('Arch');
	execFileSync('sqlite3', ['-cmd', '.timeout 5000', path.join(server.dir, 'rekey.db'), 'DELETE FROM sessions']);
	await page.getByRole('button', { name: 'Sort by' }).or(page.getByRole('button', { name: 'Status' })).first().click();
	await dialog.getByText('Your session has ended.').waitFor();
	await look(page, 'login-again', { whole: false });
	await dialog.getByLabel('Password').fill('Another long pass 2');
	await dialog.getByRole('button', { name: 'Log in' }).click();
	await dialog.waitFor({ state: 'detached' });
	is(await page.getByRole('searchbox').inputValue(), 'Arch', 'after a new login what was open is still there');

	// ---- log out ----
	if (!(await page.getByRole('button', { name: 'Log out' }).isVisible())) await page.getByLabel(/Your account/).click();
	await page.getByRole('button', { name: 'Log out' }).click();
	await page.getByRole('heading', { name: 'Log in' }).waitFor();
	await page.reload();
	await page.getByRole('heading', { name: 'Log in' }).waitFor();
	ok(true, 'logged out, also after a reload');

	// ---- what a scope is shown ----
	for (const [i, [scope, menu]] of Object.entries(SCOPES).entries()) {
		const one = await login(await open(server), await server.person(`30${i}`, scope, { site: 'North' }));
		await one.getByRole('heading', { level: 1 }).waitFor();
		const shown = await one.getByRole('navigation', { name: 'Menu' }).getByRole('link').allInnerTexts();
		ok(menu.every((m) => shown.includes(m)) && (scope !== 'Basic User' || !shown.includes('Users')), `${scope} is shown ${shown.join(', ')}`);
		if (scope === 'Site Manager') {
			await one.getByRole('row').nth(1).waitFor();
			is(await one.getByRole('checkbox').count(), 0, 'a Site Manager has no Bulk Action');
		}
		if (scope === 'Basic User') {
			await one.getByRole('navigation', { name: 'Parts of this user' }).waitFor();
			is(await one.getByRole('textbox', { disabled: false }).count(), 0, 'a Basic User sees the own profile, and changes nothing of it');
			is(await one.getByText('Advanced', { exact: true }).count(), 0, 'nor resets anybody');
			await look(one, 'me');
			await one.goto(`${server.url}/#/${server.domain}/users/1001`);
			await one.getByRole('heading', { name: 'Test Basic User' }).waitFor();
			ok(!(await one.content()).includes('Archer'), 'and another one’s place leads back to the own page');
		}
	}
});
