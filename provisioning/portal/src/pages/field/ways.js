// What to press on a phone to get to the field for its provisioning address, and how that field wants the address. Data: names of
// menus and fields are those that the phone shows, in English. The first row whose `models` fits a model's id counts; a test
// holds that every model has one.
//
// address: 'url' the whole address · 'bare' without https:// · 'https' bare, and https chosen in a field beside it.
// ways: where: 'phone' on its own screen, 'web' its page in a browser, 'reset' back to factory settings. mark: 'confirmed' seen in
// the source that is named · 'unsure' from people's experience or from a sister model, and shown as such.
// steps: [verb, what, …], or { perhaps: [verb, what, …] } where a confirmed way has one that is not; the verbs are `fieldwork.press` of the texts.

const web = (find, menu, fields) => [...find, ['browse'], ['login', 'admin', menu.password], ['open', ...menu.path], ...fields];

// Yealink
const yealinkWeb = web([{ perhaps: ['press', 'OK'] }, ['read', 'IPv4']], { password: 'admin', path: ['Settings', 'Auto Provision'] },
	[['type', 'Server URL'], ['press', 'Confirm'], ['press', 'Auto Provision Now']]);
const yealinkGuides = 'Yealink, auto provisioning guides: SIP-T4X version 71 page 27, SIP-T23G pages 33 to 36, SIP-T40G and SIP-T52S page 39 (Settings > Auto Provision, Confirm)';
const yealinkScreen = { where: 'phone', mark: 'unsure', source: 'experience; the menu is named differently by some firmware',
	steps: [['press', 'Menu'], ['open', 'Settings', 'Advanced Settings'], ['password', 'admin'], ['open', 'Auto Provision'], ['type', 'URL'], ['press', 'Save']] };
const yealinkReset = { where: 'reset', mark: 'unsure', source: 'experience', steps: [['hold', 'OK', 10], ['press', 'OK']] };
const yealinkBase = { where: 'web', mark: 'unsure', source: 'as on the maker’s desk phones',
	steps: web([['handset', 'OK', 'Status', 'Base'], ['read', 'IPv4']], { password: 'admin', path: ['Settings', 'Auto Provision'] }, [['type', 'Server URL'], ['press', 'Confirm'], ['press', 'Auto Provision Now']]) };

// Polycom
const polyFields = [['choose', 'Server Type', 'HTTPS'], ['type', 'Server Address'], ['press', 'Save'], ['press', 'Yes']];
const polyArticle = '8x8 support: How to Manually Provision a Poly CCX Phone; Manually Provisioning a Poly Phone (CCX, Edge E, SoundPoint IP, Trio, VVX)';
const polyWeb = (mark, menu) => ({ where: 'web', mark, source: polyArticle,
	steps: web([menu, ['read', 'IPv4 Addr']], { password: '456', path: ['Settings', 'Provisioning Server'] }, polyFields) });
const network = (menu) => ['open', menu, 'Status', 'Network', 'TCP/IP Parameters'];
const polyScreen = (first, ...menu) => ({ where: 'phone', mark: 'unsure', source: 'experience; Settings > Advanced > Administration Settings is the maker’s',
	steps: [['press', first], ['open', ...menu], ['password', '456'], ['open', 'Network Configuration', 'Provisioning Server'], ...polyFields.slice(0, 2), ['press', 'Save Config']] });
const combination = 'OnSIP: What to do if the default 456 does not work; Corvum support: How to factory reset Polycom phones without the admin password';
const polyReset = (...keys) => ({ where: 'reset', mark: 'confirmed', source: combination, steps: [['power'], ['together', ...keys], ['mac']] });

// Grandstream
const gsFields = [['choose', 'Config Upgrade Via', 'HTTPS'], ['type', 'Config Server Path'], ['press', 'Save and Apply'], ['restart']];
const gsSource = 'FusionPBX documentation: Grandstream (Maintenance > Upgrade and Provisioning); 2600hz provisioner: GXP21xx (Config Server Path, Upgrade via)';
const gsWeb = (mark) => ({ where: 'web', mark, source: gsSource,
	steps: web([{ perhaps: ['open', 'Menu', 'Status', 'Network Status'] }, ['read', 'IP']], { password: '', path: ['Maintenance', 'Upgrade and Provisioning'] }, gsFields) });
const gsScreen = (...menu) => ({ where: 'phone', mark: 'unsure', source: 'experience; the menu is named differently by some firmware',
	steps: [['press', 'Menu'], ['open', ...menu], ['choose', 'Upgrade Via', 'HTTPS'], ['type', 'Config Server'], ['press', 'OK'], ['restart']] });

export const rows = [
	{ models: /^yealink-w/, address: 'url', ways: [yealinkBase] },
	{ models: /^yealink-t(1|2|4|5)/, address: 'url', ways: [{ where: 'web', mark: 'confirmed', source: yealinkGuides, steps: yealinkWeb }, yealinkScreen, yealinkReset] },
	{ models: /^yealink-/, address: 'url', ways: [{ where: 'web', mark: 'unsure', source: yealinkGuides, steps: yealinkWeb }, yealinkScreen, yealinkReset] },
	{ models: /^polycom-ccx/, address: 'https', ways: [polyWeb('confirmed', network('Settings'))] },
	{ models: /^polycom-(edge|trio)/, address: 'https', ways: [polyWeb('confirmed', { perhaps: network('Settings') }), polyScreen('Settings', 'Advanced', 'Administration Settings')] },
	{ models: /^polycom-vvx/, address: 'https', ways: [polyWeb('confirmed', { perhaps: network('Settings') }), polyScreen('Home', 'Settings', 'Advanced', 'Administration Settings'), polyReset('1', '3', '5')] },
	{ models: /^polycom-ip(32|33|43|450)/, address: 'https', ways: [polyWeb('confirmed', { perhaps: network('Menu') }), polyScreen('Menu', 'Settings', 'Advanced', 'Admin Settings'), polyReset('1', '3', '5', '7')] },
	{ models: /^polycom-ip(301|501|550|600|601|650)/, address: 'https', ways: [polyWeb('confirmed', { perhaps: network('Menu') }), polyScreen('Menu', 'Settings', 'Advanced', 'Admin Settings'), polyReset('4', '6', '8', '*')] },
	{ models: /^polycom-ssip(4000|5000|6000)/, address: 'https', ways: [polyWeb('unsure', network('Menu')), polyScreen('Menu', 'Settings', 'Advanced', 'Admin Settings'), polyReset('6', '8', '*')] },
	{ models: /^polycom-/, address: 'https', ways: [polyWeb('unsure', network('Menu')), polyScreen('Menu', 'Settings', 'Advanced', 'Admin Settings')] },
	{ models: /^grandstream-ht/, address: 'bare', ways: [{ where: 'web', mark: 'unsure', source: 'Grandstream: HT802 user manual page 41 (Config Server Path, ADVANCED SETTINGS); the voice menu from experience',
		steps: web([['dial', '***', '02']], { password: 'admin', path: ['ADVANCED SETTINGS'] }, gsFields) }] },
	{ models: /^grandstream-gxp(14|16|11)/, address: 'bare', ways: [gsWeb('confirmed'), gsScreen('Config', 'Upgrade')] },
	{ models: /^grandstream-gxp/, address: 'bare', ways: [gsWeb('confirmed'), gsScreen('System', 'Upgrade')] },
	{ models: /^grandstream-grp/, address: 'bare', ways: [gsWeb('unsure'), gsScreen('System', 'Upgrade')] },
	{ models: /^grandstream-/, address: 'bare', ways: [gsWeb('unsure')] },
];

export const rowOf = (model) => rows.find((r) => r.models.test(model));

/** The address as the phone's field wants it. */
export const addressFor = (row, url) => (row?.address === 'url' || !row ? url : url.replace(/^https:\/\//, ''));
