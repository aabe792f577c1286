// Short words about what has just been done, heard by screen readers too.
import { useEffect, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../text.js';
import { Button } from './button.js';

const SHOWN_MS = 6000;
let add = () => {};

/** kind: good or bad. */
export const toast = (text, kind = 'good') => add({ text, kind, id: crypto.randomUUID() });

export function Toasts() {
	const [list, set] = useState([]);
	const drop = (id) => set((l) => l.filter((x) => x.id !== id));
	useEffect(() => {
		add = (one) => {
			set((l) => [...l.slice(-3), one]);
			setTimeout(() => drop(one.id), SHOWN_MS);
		};
	}, []);
	return html`<div class="toasts" role="status" aria-live="polite">${list.map((x) => html`<div key=${x.id} class=${`toast ${x.kind}`}>
		<p>${x.text}</p><${Button} kind="ghost" icon="close" label=${t('do.close')} onClick=${() => drop(x.id)} /></div>`)}</div>`;
}
