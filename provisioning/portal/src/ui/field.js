import { useId } from 'preact/hooks';
import { html } from '../html.js';
import { Icon } from './icon.js';

/** A labelled input; hint and error are read out with it. control: 'input', 'select' (children are its options) or 'textarea'. */
export function Field({ label, hint, error, value, onValue, control = 'input', children, wide, ...rest }) {
	const id = useId(), about = [hint && `${id}h`, error && `${id}e`].filter(Boolean).join(' ') || undefined;
	return html`<div class=${`field${wide ? ' wide' : ''}${error ? ' wrong' : ''}`}>
		<label for=${id}>${label}${rest.required && html`<span class="must" aria-hidden="true"> *</span>`}</label>
		${html`<${control} id=${id} value=${value ?? ''} onInput=${(e) => onValue(e.currentTarget.value)} aria-describedby=${about}
			aria-invalid=${error ? 'true' : undefined} ...${rest}>${children}<//>`}
		${hint && html`<small id=${`${id}h`}>${hint}</small>`}
		${error && html`<small id=${`${id}e`} class="error">${error}</small>`}
	</div>`;
}

export function Check({ label, hint, checked, onValue, ...rest }) {
	const id = useId();
	return html`<div class="check"><input type="checkbox" id=${id} checked=${checked} onChange=${(e) => onValue(e.currentTarget.checked)}
		aria-describedby=${hint ? `${id}h` : undefined} ...${rest} /><div><label for=${id}>${label}</label>${hint && html`<small id=${`${id}h`}>${hint}</small>`}</div></div>`;
}

export function SearchField({ label, value, onValue }) {
	return html`<div class="search" role="search"><${Icon} name="search" /><input type="search" aria-label=${label} placeholder=${label} value=${value}
		onInput=${(e) => onValue(e.currentTarget.value)} autocomplete="off" spellcheck=${false} maxlength="100" /></div>`;
}
