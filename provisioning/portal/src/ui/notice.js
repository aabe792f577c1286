import { html } from '../html.js';
import { sentence, t } from '../text.js';
import { Button } from './button.js';
import { Icon } from './icon.js';

/** What went wrong, in the server's sentence, and what can be done. */
export function ProblemNote({ problem, retry }) {
	if (!problem) return null;
	return html`<div class="note bad" role="alert"><${Icon} name="alerts" /><p>${problem.status === 0 ? t('app.offline') : sentence(problem.message)}</p>
		${retry && html`<${Button} kind="ghost" icon="refresh" onClick=${retry}>${t('do.retry')}<//>`}</div>`;
}

export const Note = ({ kind = 'info', icon, children }) => html`<div class=${`note ${kind}`}>${icon && html`<${Icon} name=${icon} />`}<div>${children}</div></div>`;

/** Nothing to show: says so, and what to do next. */
export const Empty = ({ icon, title, hint, children }) => html`<div class="empty">
	<${Icon} name=${icon} /><h2>${title}</h2>${hint && html`<p>${hint}</p>`}${children && html`<div class="row">${children}</div>`}</div>`;

/** The frame of everything that is loaded. Shows what was there while it is loaded anew. */
export function Loaded({ of, children }) {
	if (of.data === undefined && of.problem) return html`<${ProblemNote} problem=${of.problem} retry=${of.reload} />`;
	if (of.data === undefined) return html`<p class="busy" role="status">${t('load.busy')}</p>`;
	return html`<div aria-busy=${of.loading ? 'true' : 'false'}>${of.problem && html`<${ProblemNote} problem=${of.problem} retry=${of.reload} />`}${children(of.data)}</div>`;
}
