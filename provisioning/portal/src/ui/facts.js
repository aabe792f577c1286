import { html } from '../html.js';

/** Names and what is known of each; what is undefined is left out. rows: [[name, value]]. */
export const Facts = ({ rows }) => html`<dl class="known">${rows.filter(([, v]) => v !== undefined && v !== false).map(([name, value]) => html`<div key=${name}>
	<dt>${name}</dt><dd>${value === '' || value === null ? html`<span class="faint">–</span>` : value}</dd></div>`)}</dl>`;
