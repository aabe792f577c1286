import { html } from '../html.js';
import { to } from '../router.js';

/** Parts of a page, each at a place of its own. tabs: [{ name, label, count }]; at: what stands before the name of the part. */
export const Tabs = ({ label, tabs, at, now }) => html`<nav class="tabs" aria-label=${label}><ul>${tabs.map((x) => html`<li key=${x.name}>
	<a href=${to(...at, x.name)} aria-current=${x.name === now ? 'page' : undefined}>${x.label}${x.count > 0 && html` <span class="count">${x.count}</span>`}</a></li>`)}</ul></nav>`;
