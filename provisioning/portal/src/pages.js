// Which page stands at which place, who is shown it, and its picture in the menu.
import { may } from './session.js';
import { Alerts } from './pages/alerts.js';
import { Audit } from './pages/audit.js';
import { Directory } from './pages/directory.js';
import { Domains } from './pages/domains.js';
import { FieldWork } from './pages/field.js';
import { Handovers } from './pages/handovers.js';
import { Keys } from './pages/keys.js';
import { Numbers } from './pages/numbers.js';
import { Phones } from './pages/phones.js';
import { Settings } from './pages/settings.js';
import { Me, Users } from './pages/users.js';

/** name: the second segment of the place, behind the domain. `global` pages stand behind '-'. */
export const pages = [
	{ name: 'users', icon: 'users', page: Users, shown: (m) => m.site },
	{ name: 'phones', icon: 'phones', page: Phones, shown: (m) => m.phones },
	{ name: 'handovers', icon: 'handovers', page: Handovers, shown: (m) => m.site },
	{ name: 'numbers', icon: 'numbers', page: Numbers, shown: (m) => m.site },
	{ name: 'directory', icon: 'directory', page: Directory, shown: (m) => m.site },
	{ name: 'alerts', icon: 'alerts', page: Alerts, shown: (m) => m.site },
	{ name: 'audit', icon: 'audit', page: Audit, shown: (m) => m.office },
	{ name: 'settings', icon: 'settings', page: Settings, shown: (m) => m.site },
	{ name: 'keys', icon: 'keys', page: Keys, shown: (m) => m.office },
	{ name: 'domains', icon: 'domains', page: Domains, shown: (m) => m.domains, global: true },
	{ name: 'field', icon: 'field', page: FieldWork, shown: (m) => m.phones },
	{ name: 'me', icon: 'person', page: Me, shown: (m) => m.basic },
];

/** The first one is where a person begins: at the phones' side, who stands before them begins with Field. */
export const pagesFor = (session) => {
	const m = may(session), shown = pages.filter((p) => p.shown(m)), field = (p) => Number(p.name === 'field');
	return m.site ? shown : shown.sort((a, b) => field(b) - field(a));
};
