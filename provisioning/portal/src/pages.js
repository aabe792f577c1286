// Which page stands at which place, who is shown it, and its picture in the menu.
import { may } from './session.js';
import { FieldWork } from './pages/field.js';
import { Users } from './pages/users.js';

/** name: the second segment of the place, behind the domain. `global` pages stand behind '-'. */
export const pages = [
	{ name: 'users', icon: 'users', page: Users, shown: (m) => m.site },
	{ name: 'field', icon: 'field', page: FieldWork, shown: (m) => m.phones },
];

export const pagesFor = (session) => pages.filter((p) => p.shown(may(session)));
