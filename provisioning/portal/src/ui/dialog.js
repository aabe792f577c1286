import { useEffect, useId, useRef } from 'preact/hooks';
import { useOnline } from '../hooks.js';
import { html } from '../html.js';
import { t } from '../text.js';
import { Button } from './button.js';
import { Note } from './notice.js';

/**
 * A native modal dialogue: focus stays in it, Escape closes it, and afterwards focus is where it was. `foot` holds its
 * buttons; `onClose` is called when it is closed by any way. `fixed`: neither Escape nor the cross closes it.
 */
export function Dialog({ title, size = 'small', foot, onClose, fixed, children }) {
	const ref = useRef(), id = useId(), online = useOnline();
	useEffect(() => {
		const back = document.activeElement;
		ref.current.showModal();
		return () => back?.focus?.();
	}, []);
	return html`<dialog ref=${ref} class=${`dialog ${size}`} aria-labelledby=${id} onCancel=${(e) => {
			e.preventDefault();
			if (!fixed) onClose();
		}}>
		<div class="top"><h2 id=${id}>${title}</h2>${!fixed && html`<${Button} kind="ghost" icon="close" label=${t('do.close')} onClick=${onClose} />`}</div>
		<div class="body" tabindex="0" role="group" aria-labelledby=${id}>${!online && html`<${Note} kind="bad" icon="alerts">${t('app.offline')}<//>`}${children}</div>
		${foot && html`<div class="foot">${foot}</div>`}
	</dialog>`;
}

/** Asks Yes or No. */
export const Confirm = ({ title, children, yes = t('do.yes'), danger, busy, onYes, onNo }) => html`<${Dialog} title=${title} onClose=${onNo}
	foot=${html`<${Button} onClick=${onNo}>${t('do.no')}<//><${Button} kind=${danger ? 'danger' : 'primary'} busy=${busy} onClick=${onYes}>${yes}<//>`}>${children}<//>`;
