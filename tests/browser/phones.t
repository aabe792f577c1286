#!/usr/bin/env node
// Phones: the inventory, one phone with its face, lines, files and timeline, and what can be done with it, from the order to the proof.
'use strict';
const { execFileSync } = require('node:child_process');
const { demo, is, login, look, ok, open, run, until } = require('./lib/browser');

const DESK = '001565aa0101', FAY = '000b82aa0107', EMIL = '805ec0aa0103', SHARED = '805ec0aa0102';
const colons = (mac) => mac.replace(/(..)(?=.)/g, '$1:');

run(async () => {
	const server = await demo(), at = `/domains/${server.domain}`;
	await server.api('PATCH', `${at}/phones/${DESK}`, { notes: '<img src=x onerror=alert(1)> مكتب الاستقبال 📞 ' + 'long'.repeat(40) });
	const page = await login(await open(server), server);
	const go = (where) => page.goto(`${server.url}/#/${server.domain}/${where}`);
	const dialog = page.getByRole('dialog');
	const settled = async () => page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });

	// ---- the inventory ----
	await page.getByRole('link', { name: 'Phones', exact: true }).click();
	const row = (mac) => page.getByRole('row').filter({ has: page.getByRole('link', { name: colons(mac) }) });
	await row(DESK).waitFor();
	await page.getByText('8 phones').waitFor();
	for (const text of ['Yealink T46U', 'assigned', 'Ann Archer', 'Main', 'nothing waits'])
		ok(await row(DESK).getByText(text).first().isVisible(), `the desk's row says ${text}`);
	is(await row(SHARED).getByText('shared').count(), 1, 'a shared phone is said to be so');
	await look(page, 'phones');
	await page.getByRole('searchbox').fill('fay');
	await page.getByText('1 phone', { exact: true }).waitFor();
	ok(await row(FAY).isVisible(), 'found by the name of whom it serves');
	await page.getByRole('searchbox').fill('00:15:65');
	await row(DESK).waitFor();
	await page.getByRole('searchbox').fill('nobody at all');
	await page.getByRole('heading', { name: 'No phone fits this' }).waitFor();
	await page.getByRole('searchbox').fill('');
	await page.getByRole('button', { name: 'Model' }).click();
	await until(async () => (await page.getByRole('row').nth(1).innerText()).includes('Grandstream GRP2614'), 5, 'sorted by model');
	await page.getByRole('button', { name: 'Model' }).click();
	await until(async () => (await page.getByRole('row').nth(1).innerText()).includes('Yealink T54W'), 5, 'the other way round');
	ok(page.url().includes('order=desc'), 'the order stands in the address');
	await page.reload();
	await until(async () => (await page.getByRole('row').nth(1).innerText()).includes('Yealink T54W'), 5, 'and is kept when the page is loaded again');

	// ---- add one ----
	await page.getByRole('button', { name: 'Add phone' }).click();
	await dialog.getByLabel('MAC').fill('nonsense');
	await dialog.getByLabel('Model').selectOption({ label: 'Yealink T31P' });
	page.allowed.push(/status of 400/);
	await dialog.getByRole('button', { name: 'Add' }).click();
	await dialog.getByText('12 hexadecimal digits', { exact: false }).first().waitFor();
	await look(page, 'phones-add', { whole: false });
	await dialog.getByLabel('MAC').fill('00:15:65:ab:cd:01');
	await dialog.getByLabel('For whom').fill('1007');
	await dialog.getByRole('button', { name: 'Add' }).click();
	await dialog.getByText('/cfg/', { exact: false }).waitFor();
	await look(page, 'phones-added', { whole: false });
	await dialog.getByRole('link', { name: 'To the phone' }).click();
	await page.getByRole('heading', { name: 'Yealink T31P' }).waitFor();
	ok(await page.getByRole('region', { name: 'Lines' }).getByText('Gus Marino').first().isVisible(), 'the new phone has its line');

	// ---- one phone ----
	await go(`phones/${DESK}`);
	await page.getByRole('heading', { name: 'Yealink T46U' }).waitFor();
	await page.getByRole('button', { name: /^Key 1, page 1 left: Line Ann Archer/ }).waitFor();
	await settled();
	await look(page, 'phone');
	is(await page.locator('main img').count(), 0, 'a name with tags is text');

	// keys, by mouse and by keyboard
	await page.getByRole('button', { name: 'Key 2, empty' }).click();
	await dialog.getByLabel('What it does').selectOption('blf');
	await dialog.getByLabel('Number').fill('1002');
	await look(page, 'phone-key', { whole: false });
	await dialog.getByRole('button', { name: 'Save' }).click();
	await page.getByRole('button', { name: /^Key 2, .*BLF Ben Barlow 1002/ }).waitFor();
	ok((await server.api('GET', `${at}/phones/${DESK}/keys/0.2`)).shows === '1002', 'the key shows the colleague');
	await page.getByRole('button', { name: /^Key 1, page/ }).focus();
	await page.keyboard.press('ArrowDown');
	await page.keyboard.press('Enter');
	await dialog.getByLabel('Label').fill('<b>Ben</b>');
	await page.keyboard.press('Tab');
	await dialog.getByRole('button', { name: 'Save' }).focus();
	await page.keyboard.press('Enter');
	await page.getByRole('button', { name: /^Key 2, .*BLF <b>Ben<\/b> 1002/ }).waitFor();
	await page.getByRole('button', { name: /^Key 2, / }).click();
	await dialog.getByRole('button', { name: 'Clear this key' }).click();
	await page.getByRole('button', { name: 'Key 2, empty' }).waitFor();
	ok(true, 'a key is added, changed by keyboard alone, and cleared');

	// files and layers
	await server.api('PUT', `${at}/overrides`, { overrides: [{ name: 'timezone', value: 'Europe/Berlin' }] });
	await page.getByRole('button', { name: `Values of ${DESK}.cfg` }).click();
	await dialog.getByLabel('Only what was set by hand').check();
	await dialog.getByText('domain', { exact: true }).first().waitFor();
	await look(page, 'phone-files', { whole: false });
	await dialog.getByRole('button', { name: 'Close' }).last().click();

	// resync: told, and it comes
	const before = await server.api('GET', `${at}/phones/${DESK}`);
	await page.getByRole('button', { name: 'Resync' }).click();
	await page.getByText('The phone is told to fetch its files.').waitFor();
	await until(async () => {
		const p = await server.api('GET', `${at}/phones/${DESK}`);
		return p['generation-acknowledged'] > before['generation-wanted'];
	}, 20, 'the phone to come');
	await page.getByText('up to date, since').waitFor();

	// another browser changes the lines: whoever had them open is told, nothing is lost
	await page.getByRole('button', { name: 'Edit line 1' }).click();
	await dialog.getByLabel('Label').fill('Front desk');
	await server.api('PATCH', `${at}/phones/${DESK}`, { lines: [{ slot: 1, device: '1001', label: 'Other' }] });
	await dialog.getByRole('button', { name: 'Save' }).click();
	await dialog.getByText('Somebody else has changed the lines', { exact: false }).waitFor();
	is((await server.api('GET', `${at}/phones/${DESK}`)).lines[0].label, 'Other', 'the second is told, and what the first did stands');
	await dialog.getByRole('button', { name: 'Cancel' }).click();

	// ---- move: plan, then proof ----
	await page.getByRole('button', { name: 'Move', exact: true }).click();
	await dialog.getByLabel('Extension').fill('1008');
	await look(page, 'phone-move', { whole: false });
	await dialog.getByRole('button', { name: 'Next' }).click();
	await dialog.getByText('1 line is taken away').waitFor();
	await dialog.getByText('1 line is given').waitFor();
	await look(page, 'phone-move-plan', { whole: false });
	is((await server.api('GET', `${at}/phones/${DESK}`)).lines[0].user, '1001', 'nothing is changed by looking');
	await dialog.getByRole('button', { name: 'Move', exact: true }).click();
	await dialog.getByText('The phone is moved.').waitFor();
	await dialog.getByText('confirmed').first().waitFor();
	await look(page, 'phone-move-proof', { whole: false });
	await dialog.getByRole('button', { name: 'Close' }).last().click();
	await page.getByRole('button', { name: /^Key 1, page 1 left: Line Hana Sato/ }).waitFor();
	is((await server.api('GET', `${at}/phones/${DESK}`)).lines[0].user, '1008', 'the next person is on it');

	// ---- swap ----
	await go(`phones/${EMIL}`);
	await page.getByRole('heading', { name: 'Yealink T31P' }).waitFor();
	await page.getByRole('button', { name: 'Swap' }).click();
	await dialog.getByLabel('MAC of the new phone').fill('001565ab0042');
	await dialog.getByLabel('Model of the new phone').selectOption({ label: 'Yealink T46U' });
	await dialog.getByLabel('The old phone').selectOption('retire');
	await dialog.getByRole('button', { name: 'Next' }).click();
	await dialog.getByText('the new phone is added').waitFor();
	await dialog.getByRole('button', { name: 'Swap', exact: true }).click();
	await dialog.getByText('The new phone takes over when it comes.').waitFor();
	await dialog.getByText('/cfg/', { exact: false }).first().waitFor();
	await look(page, 'phone-swap-proof', { whole: false });
	await dialog.getByRole('button', { name: 'Close' }).last().click();

	// ---- pair ----
	await go('phones/001565ab0042');
	await page.getByRole('heading', { name: 'Yealink T46U' }).waitFor();
	await page.getByRole('region', { name: 'What waits for proof' }).waitFor();
	await page.getByRole('button', { name: 'Pair' }).click();
	await dialog.getByRole('button', { name: 'Open the window' }).click();
	await dialog.getByText('Open until').waitFor();
	await look(page, 'phone-pair', { whole: false });
	await dialog.getByRole('button', { name: 'Close the window' }).click();
	await dialog.getByRole('button', { name: 'Open the window' }).waitFor();
	await dialog.getByRole('button', { name: 'Close' }).last().click();

	// ---- its own login anew: it takes it with its next file, and is asked for it from then on ----
	await go(`phones/${DESK}`);
	await page.getByRole('button', { name: 'Pair' }).click();
	await dialog.getByRole('button', { name: 'Make a new login' }).click();
	await dialog.getByText('Its next file holds a new login', { exact: false }).waitFor();
	await look(page, 'phone-new-login', { whole: false });
	await dialog.getByRole('button', { name: 'Close' }).last().click();
	await page.getByText('Given a new login', { exact: false }).first().waitFor();
	await until(() => server.api('POST', `${at}/phones/${DESK}/login`).then(() => true, () => false), 20, 'the phone has used it: another one may be asked for');

	// ---- retire: the picture before and after ----
	await go(`phones/${FAY}`);
	await page.getByRole('heading', { name: 'Grandstream GXP2170' }).waitFor();
	await page.getByRole('button', { name: 'Retire' }).click();
	await dialog.getByText('This cannot be undone.').waitFor();
	await dialog.getByRole('img', { name: /^Before: Key 1/ }).waitFor();
	await look(page, 'phone-retire', { whole: false });
	await dialog.getByRole('button', { name: 'Retire', exact: true }).click();
	await dialog.getByText('The phone is retired.').waitFor();
	await dialog.locator('li.good').filter({ hasText: 'old registration gone' }).waitFor();
	await dialog.getByRole('button', { name: 'Close' }).last().click();
	await page.getByText('This phone is retired', { exact: false }).waitFor();
	await look(page, 'phone-retired');

	// ---- what waits is found ----
	await go('phones?handovers=open');
	await row('001565ab0042').getByText('waits', { exact: false }).waitFor();
	ok((await page.getByRole('row').count()) < 9, 'only what waits for proof');

	// ---- a phone that nobody knows is taken in ----
	const { 'phones-url': address } = await server.api('GET', '/server');
	execFileSync('curl', ['-sk', '-o', '/dev/null', '-A', 'Yealink SIP-T46U 108.87.14.1 00:15:65:ab:cd:99', `${address}/cfg/001565abcd99.cfg`]);
	await go('phones?state=unclaimed');
	await page.getByRole('row').filter({ hasText: colons('001565abcd99') }).getByRole('button', { name: 'Take in' }).click();
	await look(page, 'phones-claim', { whole: false });
	await dialog.getByRole('button', { name: 'Add' }).click();
	await dialog.getByText('/cfg/', { exact: false }).waitFor();
	await dialog.getByRole('button', { name: 'Close' }).last().click();
	await page.getByRole('heading', { name: 'No unknown phone has knocked' }).waitFor();
	is((await server.api('GET', `${at}/phones/001565abcd99`))['device-models-model'], 'yealink-t46u', 'with the model that it named');

	// ---- an Office Manager offers a phone to another domain, which takes it ----
	await server.api('POST', '/domains', { domain: 'dock.test' });
	const manager = await login(await open(server), await server.person('1041', 'Office Manager'));
	await manager.goto(`${server.url}/#/${server.domain}/phones/001565abcd99`);
	await manager.getByRole('button', { name: 'Move', exact: true }).click();
	const his = manager.getByRole('dialog');
	manager.allowed.push(/status of 404/); // the phone goes while it is looked at
	await his.getByLabel('To another domain').check();
	await his.getByRole('textbox', { name: 'Domain' }).fill('dock.test');
	await his.getByRole('button', { name: 'Next' }).click();
	await his.getByRole('button', { name: 'Move', exact: true }).click();
	await his.getByText('accepts it', { exact: false }).waitFor();
	await his.getByRole('button', { name: 'Close' }).last().click();
	await page.goto(`${server.url}/#/dock.test/phones`);
	await page.getByText(`harbor.test offers the phone ${colons('001565abcd99')} to this domain.`).waitFor();
	await look(page, 'phones-offered');
	await page.getByRole('button', { name: 'Take it', exact: true }).click();
	await dialog.getByRole('button', { name: 'Take it' }).click();
	await row('001565abcd99').waitFor();
	ok(true, 'it is there');

	// ---- a technician sees phones alone, and changes no more than he may ----
	const technician = await login(await open(server), await server.person('1042', 'Field Technician', { site: 'Main' }));
	const links = technician.getByRole('navigation', { name: 'Menu' }).getByRole('link');
	await technician.goto(`${server.url}/#/${server.domain}/phones/${SHARED}`);
	await technician.getByRole('heading', { name: 'Yealink T54W' }).waitFor();
	await technician.getByRole('button', { name: /^Key 1, page 1 left: Line/ }).waitFor();
	ok(!(await links.allInnerTexts()).some((x) => /Users|Handovers|Settings|Audit|API keys/.test(x)), 'no door that is closed to him', await links.allInnerTexts());
	is(await technician.getByRole('button', { name: /Retire|Delete/ }).count(), 0, 'he does not retire');
	await technician.getByRole('button', { name: 'Resync' }).click();
	await technician.getByText('The phone is told to fetch its files.').waitFor();
});
