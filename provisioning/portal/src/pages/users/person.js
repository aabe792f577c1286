// A user in words: the same everywhere.
import { t } from '../../text.js';

export const nameOf = (u) => [u['name-first-name'], u['name-last-name']].filter(Boolean).join(' ');
/** "Ann Archer (1001)", or "1001" when nobody sits there. */
export const personOf = (u) => (nameOf(u) ? t('users.person', { name: nameOf(u), user: u.user }) : u.user);
