import { html } from '../../html.js';
import { t } from '../../text.js';
import { nameOf, Person } from './person.js';

const SHOWN = 200;

/** Who is meant: a short list that scrolls. */
export const People = ({ label, users }) => html`<section class="people"><h3>${label}</h3><ul tabindex="0" aria-label=${label}>
	${users.slice(0, SHOWN).map((u) => html`<li key=${u.user}><${Person} name=${nameOf(u)} user=${u.user} /></li>`)}
	${users.length > SHOWN && html`<li class="faint">${t('bulk.more', { n: users.length - SHOWN })}</li>`}</ul></section>`;
