#!/usr/bin/env node
// 10,000 users, 20,000 phones in the portal: the figures are printed. USERS and PHONES make it smaller.
'use strict';
const { login, ok, open, plain, run, say, until } = require('../browser/lib/browser');

const NEEDLE = 777;
const USERS = Number(process.env.USERS || 10000), PHONES = Number(process.env.PHONES || 2 * USERS);

async function fill(server) {
	const D = `/domains/${server.domain}`, began = Date.now();
	const send = async (head, n, row) => {
		for (let i = 0; i < n; i += 5000) {
			const rows = Array.from({ length: Math.min(5000, n - i) }, (_, k) => row(i + k));
			await server.api('POST', `${D}/import`, `${head}\n${rows.join('\n')}\n`);
		}
	};
	await send('user,name-first-name,name-last-name,email-address,department', USERS, (i) => `${10000 + i},First${i % 97},Last${i},u${i}@office.test,Department ${i % 40}`);
	await send('mac,model,line,device', PHONES, (i) => `001565${i.toString(16).padStart(6, '0')},yealink-t46u,1,${10000 + (i % USERS)}`);
	say(`${USERS} users and ${PHONES} phones imported in ${((Date.now() - began) / 1000).toFixed(1)} s`);
}

/** Milliseconds from what is done to what is then seen. */
async function took(what, act, seen) {
	const began = performance.now();
	await act();
	await seen();
	const ms = performance.now() - began;
	say(`${what}: ${ms.toFixed(0)} ms`);
	return ms;
}

run(async () => {
	const server = await plain();
	await fill(server);
	const page = await login(await open(server), await server.person('9000', 'Office Manager'));
	const rows = page.locator('td.ext'), first = (ext) => async () => { await until(async () => (await rows.first().innerText()) === ext, 20, `row ${ext}`); };
	await first('10000')();
	await page.goto('about:blank');
	await took('the users page, from its address to its rows', () => page.goto(`${server.url}/#/${server.domain}/users`), first('10000'));
	const link = page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: 'Users' });
	await page.getByRole('link', { name: 'First0 Last0', exact: true }).click();
	await page.getByRole('heading', { name: 'First0 Last0' }).waitFor();
	await took('from a user to the table, by a click in the menu', () => link.click(), first('10000'));
	await took('the next page', () => page.getByRole('button', { name: 'Next page' }).click(), first('10050'));
	await took('by name, all of them put in order', () => page.getByRole('button', { name: 'Name' }).click(), first('10000'));
	await took('a search, 120 ms of which is waiting for the typing to rest', () => page.getByRole('searchbox').fill(`last${NEEDLE}`), first(String(10000 + NEEDLE)));
	await took('one that finds a fortieth', () => page.getByRole('searchbox').fill('department 17'), async () => { await page.getByText(`${(USERS / 40).toLocaleString('en')} users`).waitFor(); });
	await page.getByRole('searchbox').fill('');
	await page.getByText(`${(USERS + 1).toLocaleString('en')} users`).waitFor();
	const api = async (query) => {
		const began = performance.now();
		await server.api('GET', `/domains/${server.domain}/users?limit=50&fields=phones&${query}`);
		return (performance.now() - began).toFixed(0);
	};
	say(`the server alone: first page ${await api('')} ms, a search ${await api('search=last${NEEDLE}')} ms, by name ${await api('sort=name')} ms`);
	await page.getByRole('checkbox', { name: 'Select this page' }).check();
	await took('select all found', () => page.getByRole('button', { name: /^Select all/ }).click(), async () => { await page.getByText(`${USERS.toLocaleString('en')} selected`).waitFor({ timeout: 60000 }); });
	const dialog = page.getByRole('dialog');
	await page.getByRole('button', { name: 'Bulk Action' }).click();
	await took('the options with their counts', () => dialog.getByRole('button', { name: 'Complete Action' }).click(),
		async () => { await dialog.locator('.count').filter({ hasText: 'item' }).first().waitFor({ timeout: 300000 }); });
	await dialog.getByRole('checkbox', { name: 'Remove Lines from Phones' }).check();
	await took('the review', () => dialog.getByRole('button', { name: 'Next' }).click(), async () => { await dialog.getByText(`${USERS.toLocaleString('en')} users are reset.`).waitFor({ timeout: 300000 }); });
	await took('the reset, from the order to the last user', () => dialog.getByRole('button', { name: 'Reset', exact: true }).click(),
		async () => { await dialog.getByText(`${USERS.toLocaleString('en')} of ${USERS.toLocaleString('en')} users done`).waitFor({ timeout: 600000 }); });
	ok(true, `${USERS} users were reset from the portal`);
	await took('closed, the table again', () => dialog.getByRole('button', { name: 'Close' }).last().click(), async () => { await page.getByText('Setup Required').first().waitFor({ timeout: 60000 }); });
});
