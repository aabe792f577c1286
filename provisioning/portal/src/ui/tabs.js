import { html } from '../html.js';

/** Parts of a page as links: Back works, and each has an address. list: [{ key, name, href, count }]. */
export const Tabs = ({ label, list, now }) => html`<nav class="tabs" aria-label=${label}><ul>${list.map((x) => html`<li key=${x.key}>
	<a href=${x.href} aria-current=${x.key === now ? 'page' : undefined}>${x.name}${x.count > 0 && html` <span class="many">${x.count}</span>`}</a></li>`)}</ul></nav>`;
