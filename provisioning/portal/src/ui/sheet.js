import { html } from '../html.js';

/** A button that opens a small sheet below itself; Escape, a choice or a step elsewhere closes it. */
export function Sheet({ label, summary, kind = '', children }) {
	const close = (e) => { e.currentTarget.open = false; };
	return html`<details class=${`sheet-of ${kind}`} onKeyDown=${(e) => {
			if (e.key !== 'Escape' || !e.currentTarget.open) return;
			close(e);
			e.currentTarget.querySelector('summary').focus();
		}} onFocusOut=${(e) => e.relatedTarget && !e.currentTarget.contains(e.relatedTarget) && close(e)}>
		<summary aria-label=${label}>${summary}</summary><div class="sheet" onClick=${(e) => {
			if (e.target.closest('button, a')) e.currentTarget.closest('details').open = false;
		}}>${children}</div></details>`;
}
