import { useEffect, useRef } from 'preact/hooks';
import { html } from '../html.js';

/** Parts of a page as links: Back works, and each has an address. list: [{ key, name, href, count }]. */
export function Tabs({ label, list, now }) {
	const ref = useRef();
	useEffect(() => ref.current.querySelector('[aria-current]')?.scrollIntoView({ inline: 'center', block: 'nearest' }), [now]);
	return html`<nav ref=${ref} class="tabs" aria-label=${label}><ul>${list.map((x) => html`<li key=${x.key}>
		<a href=${x.href} aria-current=${x.key === now ? 'page' : undefined}>${x.name}${x.count > 0 && html` <span class="many">${x.count}</span>`}</a></li>`)}</ul></nav>`;
}
