import { html } from '../html.js';
import { Icon } from './icon.js';

/** kind: primary, plain, danger, ghost. busy shows that the click was heard and keeps the second one away. */
export function Button({ kind = 'plain', icon, busy, children, label, ...rest }) {
	return html`<button type="button" class=${`button ${kind}${icon && !children ? ' square' : ''}`} aria-label=${label} title=${icon && !children ? label : undefined}
		aria-busy=${busy ? 'true' : undefined} disabled=${rest.disabled || busy} ...${rest}>
		${icon && html`<${Icon} name=${icon} />`}${children && html`<span>${children}</span>`}</button>`;
}

export const LinkButton = ({ kind = 'plain', icon, children, label, ...rest }) => html`<a class=${`button ${kind}${icon && !children ? ' square' : ''}`}
	aria-label=${label} title=${icon && !children ? label : undefined} ...${rest}>${icon && html`<${Icon} name=${icon} />`}${children && html`<span>${children}</span>`}</a>`;
