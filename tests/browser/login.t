#!/usr/bin/env node
// Logging in and out.
'use strict';
const { demo, is, login, look, ok, open, run } = require('./lib/browser');

run(async () => {
	const server = await demo();
	const page = await open(server);
	await page.getByRole('heading', { name: 'Log in' }).waitFor();
	await look(page, 'login');
	await login(page, server);
	await page.getByRole('link', { name: 'Ann Archer', exact: true }).waitFor();
	ok(await page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: 'Users' }).isVisible(), 'the menu has Users');
	await look(page, 'users');
	is(await page.title(), 'Users · Rekey', 'the window says which page it is');
});
