#!/usr/bin/env node
// Reset and recycle as office managers know it: Users, Bulk Action, options, review, status, form, proof; against real phones.
'use strict';
const { demo, is, login, look, ok, open, run, until } = require('./lib/browser');

run(async () => {
	const server = await demo();
	const who = await server.person('2000', 'Office Manager', { site: 'Main' });
	const page = await login(await open(server), who);
	const dialog = page.getByRole('dialog');
	const button = (name) => dialog.getByRole('button', { name, exact: true });

	// ---- Users -> checkboxes -> Bulk Action ----
	await page.getByRole('link', { name: 'Ann Archer', exact: true }).waitFor();
	await page.getByRole('checkbox', { name: 'Select Ann Archer (1001)' }).check();
	await page.getByRole('checkbox', { name: 'Select Dia Lindqvist (1004)' }).check();
	ok(await page.getByText('2 selected').isVisible(), 'two users are checked');
	await look(page, 'users-checked');
	await page.getByRole('button', { name: 'Bulk Action' }).click();
	await dialog.getByRole('heading', { name: 'Bulk Action' }).waitFor();
	is(await dialog.getByRole('listitem').allInnerTexts(), ['Ann Archer (1001)', 'Dia Lindqvist (1004)'], 'the modal lists them');
	for (const action of ['Reset Users', 'Send Welcome Email', 'Force Password Reset', 'Delete Users'])
		ok(await dialog.getByRole('radio', { name: action }).isVisible(), `it offers ${action}`);
	await dialog.getByRole('radio', { name: 'Reset Users' }).check();
	await look(page, 'bulk-action', { whole: false });
	await button('Complete Action').click();

	// ---- options ----
	await dialog.getByRole('heading', { name: 'Reset Users' }).waitFor();
	await dialog.getByText('Always cleared').waitFor();
	await dialog.getByText('Here that are 4 additional devices.').waitFor();
	const ticked = () => dialog.getByRole('group', { name: 'Options' }).getByRole('checkbox', { checked: true }).count();
	is(await ticked(), 0, 'no option is ticked at first');
	await button('Select All Options').click();
	is(await ticked(), 4, 'Select All Options once ticks all that this server can do');
	await button('Select All Options').click();
	is(await ticked(), 0, 'twice clears all');
	await dialog.getByRole('checkbox', { name: 'Remove Lines from Phones' }).check();
	await dialog.getByRole('checkbox', { name: 'Recycle Users' }).check();
	await look(page, 'reset-options', { whole: false });
	await button('Next').click();

	// ---- review ----
	await dialog.getByRole('heading', { name: 'Review' }).waitFor();
	await dialog.getByText('A reset cannot be undone.').waitFor();
	await dialog.getByRole('heading', { name: 'Ann Archer (1001)' }).waitFor();
	await until(() => dialog.locator('img').evaluateAll((all) => all.length > 5 && all.slice(0, 2).every((i) => i.complete && i.naturalWidth > 0)), 20, 'the pictures of the phones');
	await look(page, 'reset-review', { whole: false });
	await button('Reset').click();

	// ---- status: per user and per phone, as the evidence comes in ----
	await dialog.getByText('2 of 2 users done').waitFor();
	await look(page, 'reset-status', { whole: false });
	const proofs = dialog.locator('.proof'), confirmed = async () => (await proofs.locator('.badge').allInnerTexts()).filter((x) => x === 'confirmed').length;
	await until(async () => await confirmed() === 9, 40, 'the proofs of all but an app that cannot be told');
	const job = new URL(page.url().replace('#', '')).searchParams.get('job');
	const known = () => server.api('GET', `/domains/harbor.test/resets/${job}`);
	const says = await known();
	is(await proofs.count(), says.handovers.length, 'a row for each record');
	is(says.handovers.filter((h) => h.state === 'confirmed').length, 9, 'and the server says confirmed of as many');
	ok(await proofs.filter({ hasText: 'Softphone' }).getByText('cut off').isVisible(), 'the app that is not there is cut off', JSON.stringify(says.handovers.map((h) => [h['device-provisioning-mac-address'], h.state, h.missing])));
	ok(await dialog.getByText('Yealink T46U 00:15:65:aa:01:01').isVisible(), 'phones by model and MAC');
	await look(page, 'reset-proved', { whole: false });

	// ---- a reload brings it back ----
	await page.reload();
	await dialog.getByText('2 of 2 users done').waitFor();
	ok(true, 'the status is there again after a reload');

	// ---- the recycle form ----
	await button('Next').click();
	await dialog.getByRole('heading', { name: 'Recycle Users' }).waitFor();
	const row = (user) => dialog.getByRole('group', { name: `Extension ${user}` });
	await row('1001').waitFor();
	is(await row('1001').getByLabel('Phone to put the line back on').inputValue(), '001565aa0101', 'the phone that the line was on is proposed');
	await button('Save').click();
	ok(await dialog.getByText('Give at least one person a first and a last name.').isVisible(), 'an empty form is refused');
	await row('1001').getByLabel('First Name').fill('Olivia');
	await button('Save').click();
	ok(await row('1001').getByText('First and last name are needed.').isVisible(), 'a last name is needed');
	is(await row('1001').getByLabel('Last Name').evaluate((e) => document.activeElement === e), true, 'and the cursor is there');

	// ---- paste from a spreadsheet ----
	await row('1001').getByLabel('First Name').evaluate((e) => {
		const clipboardData = new DataTransfer();
		clipboardData.setData('text/plain', '1004\tNils\t"Berg ""the tall"""\tnils@harbor.test\r\n1001\tOlivia\tOsei\tolivia@harbor.test\r\n');
		e.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
	});
	is(await row('1004').getByLabel('Last Name').inputValue(), 'Berg "the tall"', 'rows find their extension, quotes as a spreadsheet writes them');
	is(await row('1001').getByLabel('Email', { exact: true }).inputValue(), 'olivia@harbor.test', 'and columns their field');
	await row('1001').getByLabel('Send Welcome Email').check();
	await look(page, 'recycle-form', { whole: false });

	// ---- what was typed survives a closed window ----
	await until(async () => (await server.api('GET', '/domains/harbor.test/recycles')).some((f) => f['name-last-name'] === 'Osei'), 20, 'the typed form on the server');
	await page.reload();
	await row('1001').waitFor();
	is(await row('1001').getByLabel('Last Name').inputValue(), 'Osei', 'what was typed is there after a reload');
	await button('Save').click();

	// ---- the next persons, and proof ----
	await dialog.getByRole('heading', { name: 'Recycle', exact: true }).waitFor();
	await dialog.getByText('2 of 2 users done').waitFor();
	const mails = dialog.getByRole('button', { name: 'Show the links' });
	await mails.waitFor();
	await mails.click();
	await dialog.getByText('These links are shown this once.').waitFor();
	ok((await dialog.locator('code').innerText()).includes('/set-password/'), 'without a mail server a one-time link is shown');
	await look(page, 'recycle-status', { whole: false });
	await dialog.getByRole('heading', { name: 'Done, and every phone has proved it.' }).waitFor({ timeout: 30000 });
	ok(true, 'every phone of the next persons has proved it');
	await button('Close').last().click();
	await page.getByRole('link', { name: 'Olivia Osei', exact: true }).waitFor();
	await page.getByRole('row', { name: /Olivia Osei/ }).getByText('Password Required').waitFor();
	ok(await page.getByRole('row', { name: /Nils Berg/ }).isVisible(), 'the table shows the next persons');
	await page.getByRole('row', { name: /Olivia Osei/ }).getByRole('img', { name: 'registered, with its newest files' }).waitFor({ timeout: 30000 });
	ok(true, 'with a live dot at the phone');
	await look(page, 'users-after');
});
