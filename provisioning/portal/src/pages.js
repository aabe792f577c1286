// Which page stands at which place, who is shown it, and its picture in the menu.
import { may } from './session.js';
import { Me, Users } from './pages/users.js';

/** name: the second segment of the place, behind the domain. `global` pages stand behind '-'. */
export const pages = [
	{ name: 'users', icon: 'users', page: Users, shown: (m) => m.site },
	{ name: 'me', icon: 'person', page: Me, shown: (m) => m.basic },
];

export const pagesFor = (session) => pages.filter((p) => p.shown(may(session)));
