// A user in words: the same everywhere.
import { html } from '../../html.js';
import { t } from '../../text.js';

export const nameOf = (u) => [u['name-first-name'], u['name-last-name']].filter(Boolean).join(' ');
/** "Ann Archer (1001)", or "1001" when nobody sits there. */
export const personOf = (u) => (nameOf(u) ? t('users.person', { name: nameOf(u), user: u.user }) : u.user);
/** The same as a part of a page: whichever way the name is written, the extension stands behind it. */
export const Person = ({ name, user }) => (name ? html`<bdi>${name}</bdi> <span>(${user})</span>` : html`<span>${user}</span>`);
