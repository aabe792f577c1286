import { useEffect, useId, useRef } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../text.js';
import { Button } from './button.js';

/**
 * A native modal dialogue: focus stays in it, Escape closes it, and afterwards focus is where it was. `foot` holds its
 * buttons; `onClose` is called when it is closed by any way. `fixed`: neither Escape nor the cross closes it.
 */
export function Dialog({ title, size = 'small', foot, onClose, fixed, children }) {
	const ref = useRef(), id = useId();
	useEffect(() => {
		const back = document.activeElement;
		ref.current.showModal();
		return () => back?.focus?.();
	}, []);
	return html`<dialog ref=${ref} class=${`dialog ${size}`} aria-labelledby=${id} onCancel=${(e) => {
			e.preventDefault();
			if (!fixed) onClose();
		}}>
		<header><h2 id=${id}>${title}</h2>${!fixed && html`<${Button} kind="ghost" icon="close" label=${t('do.close')} onClick=${onClose} />`}</header>
		<div class="body" tabindex="0" role="group" aria-labelledby=${id}>${children}</div>
		${foot && html`<footer>${foot}</footer>`}
	</dialog>`;
}

/** Asks Yes or No. */
export const Confirm = ({ title, children, yes = t('do.yes'), danger, busy, onYes, onNo }) => html`<${Dialog} title=${title} onClose=${onNo}
	foot=${html`<${Button} onClick=${onNo}>${t('do.no')}<//><${Button} kind=${danger ? 'danger' : 'primary'} busy=${busy} onClick=${onYes}>${yes}<//>`}>${children}<//>`;
