#!/usr/bin/env node
// Handovers: a job with its proof and report, what stays open and is written off, what is scheduled, and the list as CSV.
'use strict';
const fs = require('node:fs');
const { demo, is, login, look, ok, open, run, until } = require('./lib/browser');

run(async () => {
	const server = await demo(), at = `/domains/${server.domain}`;
	const page = await login(await open(server), server);
	const dialog = page.getByRole('dialog'), menu = page.getByRole('navigation', { name: 'Menu' });

	// ---- nothing yet ----
	await menu.getByRole('link', { name: 'Handovers' }).click();
	await page.getByRole('heading', { name: 'Nothing is open' }).waitFor();
	await page.getByRole('link', { name: 'Jobs' }).click();
	await page.getByRole('heading', { name: 'No job yet' }).waitFor();
	await page.getByRole('link', { name: 'Coming' }).click();
	await page.getByRole('heading', { name: 'Nothing is scheduled' }).waitFor();
	await look(page, 'handovers-none');

	// ---- a job, as it goes on ----
	const { reset } = await server.api('POST', `${at}/resets`, { users: ['1001'], options: { 'phone-lines': true } });
	await page.getByRole('link', { name: 'Jobs' }).click();
	await page.getByRole('row').nth(1).getByText('Reset').waitFor();
	await look(page, 'handovers-jobs');
	await page.getByRole('row').nth(1).getByRole('link').click();
	await page.getByRole('heading', { name: `Job ${reset}` }).waitFor();
	await page.reload();
	await page.getByRole('heading', { name: `Job ${reset}` }).waitFor();
	await page.getByText('confirmed').first().waitFor();
	await until(async () => (await page.getByText('confirmed').count()) >= 3, 30, 'the proofs to come in by themselves');
	await look(page, 'handovers-job');
	const [report] = await Promise.all([page.waitForEvent('popup'), page.getByRole('link', { name: 'Report' }).click()]);
	await report.waitForLoadState();
	ok((await report.innerText('body')).includes('1001'), 'the report opens in a window of its own');
	await report.close();

	// ---- a proof in full ----
	await page.getByRole('button', { name: /^Details of handover/ }).first().click();
	await dialog.getByRole('heading', { name: 'Evidence' }).waitFor();
	await look(page, 'handover', { whole: false });
	await dialog.getByRole('button', { name: 'Close' }).last().click();

	// ---- what is open: the app that cannot be told is written off ----
	await menu.getByRole('link', { name: 'Handovers' }).click();
	await page.getByText('What is not proved yet', { exact: false }).waitFor();
	await page.getByRole('button', { name: /^Details of handover/ }).first().waitFor();
	await look(page, 'handovers-open');
	const open1 = (await server.api('GET', `${at}/handovers/count?open=yes`)).total;
	await page.getByRole('button', { name: /^Details of handover/ }).first().click();
	await dialog.getByRole('button', { name: 'Write off' }).click();
	ok(await dialog.getByRole('button', { name: 'Write off' }).isDisabled(), 'no reason, no write-off');
	await dialog.getByLabel('Reason').fill('The phone of <b>Ann</b> was lost');
	await look(page, 'handover-write-off', { whole: false });
	await dialog.getByRole('button', { name: 'Write off' }).click();
	await until(async () => (await server.api('GET', `${at}/handovers/count?open=yes`)).total === open1 - 1, 10, 'one less is open');
	await page.getByRole('link', { name: 'All records' }).click();
	await page.getByLabel('State').selectOption('written-off');
	await page.getByText('1 record', { exact: true }).waitFor();
	await page.getByRole('button', { name: /^Details of handover/ }).first().click();
	await dialog.getByText('The phone of <b>Ann</b> was lost').first().waitFor();
	ok(await dialog.getByRole('link', { name: `Job ${reset}` }).isVisible(), 'a record leads to its job');
	ok(true, 'the reason stands in the record, as text');
	await dialog.getByRole('button', { name: 'Close' }).last().click();
	await page.getByLabel('State').selectOption('');
	await page.getByLabel('Extension').fill('1001');
	await until(async () => page.url().includes('user=1001'), 5, 'the filter');
	const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Export as CSV' }).click()]);
	const csv = fs.readFileSync(await file.path(), 'utf8');
	ok(csv.startsWith('\ufeff') && csv.split('\r\n').length > 3 && csv.includes('1001'), 'CSV of what is shown', csv.slice(0, 300));

	// ---- scheduled, and taken back ----
	await server.api('POST', `${at}/resets`, { users: ['1002'], options: {}, at: new Date(Date.now() + 86400000).toISOString().slice(0, 19) + 'Z' });
	await page.getByRole('link', { name: 'Coming' }).click();
	await page.getByRole('button', { name: 'Cancel' }).waitFor();
	await look(page, 'handovers-coming');
	await page.getByRole('button', { name: 'Cancel' }).click();
	await look(page, 'handovers-cancel', { whole: false });
	await dialog.getByRole('button', { name: 'Yes' }).click();
	await page.getByRole('heading', { name: 'Nothing is scheduled' }).waitFor();
	is((await server.api('GET', `${at}/users/1002`))['name-last-name'], 'Barlow', 'and nobody is reset');

	// ---- whoever may not, is not shown it ----
	const site = await server.person('1030', 'Site Manager', { site: 'Main' });
	const other = await login(await open(server), site);
	await other.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: 'Handovers' }).click();
	await other.getByRole('link', { name: 'All records' }).click();
	await other.getByRole('button', { name: /^Details of handover/ }).first().click();
	is([await other.getByRole('link', { name: 'Jobs' }).count(), await other.getByRole('button', { name: 'Write off' }).count(), await other.getByRole('link', { name: 'Audit' }).count(),
		await other.getByRole('link', { name: 'API keys' }).count()].join(), '0,0,0,0', 'a Site Manager sees records, and neither jobs, write-off, audit nor keys');
});
