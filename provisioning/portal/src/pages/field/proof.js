import { html } from '../../html.js';
import { t, wordOf } from '../../text.js';
import { Badge } from '../../ui/badge.js';
import { Icon } from '../../ui/icon.js';
import { Time } from '../../ui/time.js';

const DAY_MS = 86400000;
const recent = (r) => r.open || Date.now() - new Date(r['closed-datetime']).getTime() < DAY_MS;
// As they follow from one another; several come within one second.
const order = ['reopened', 'told', 'told-failed', 'fetched', 'applied', 'flipped', 'unbound'];
const place = (word) => (order.includes(word) ? order.indexOf(word) : order.length);
const facts = (r) => Object.entries(r.facts).sort(([a], [b]) => place(a) - place(b));

function Record({ r }) {
	return html`<li class="record" aria-label=${t(`field.kind.${r.kind}`, { device: r.device })}>
		<p class="row"><strong>${t(`field.kind.${r.kind}`, { device: r.device })}</strong><${Badge} family="state" word=${r.state} /></p>
		<ul>${facts(r).map(([word, fact]) => html`<li key=${word} class="row"><${Icon} name=${word === 'told-failed' ? 'close' : 'check'} /><span>${wordOf('fact', word)}</span>
			<span class="faint"><${Time} iso=${fact.datetime} /></span></li>`)}</ul>
		${r.open && r.missing && html`<p class="faint">${t('field.missing', { what: r.missing })}</p>`}
	</li>`;
}

/** Records of this phone as evidence comes in: those that wait, and the last day's. */
export function Proof({ records, cannot }) {
	const shown = (records ?? []).filter(recent);
	return html`<section class="card" aria-label=${t('field.proof')}><h2>${t('field.proof')}</h2>
		${shown.length === 0 ? html`<p class="faint">${t('field.nothingOpen')}</p>` : html`<ul class="records">${shown.map((r) => html`<${Record} key=${r.handover} r=${r} />`)}</ul>`}
		${cannot && html`<p class="faint">${cannot}</p>`}</section>`;
}
