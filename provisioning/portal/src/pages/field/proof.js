import { html } from '../../html.js';
import { t, wordOf } from '../../text.js';
import { Badge } from '../../ui/badge.js';
import { Icon } from '../../ui/icon.js';
import { Time } from '../../ui/time.js';
import { awaited } from '../parts/records.js';

const DAY_MS = 86400000;
const recent = (r) => r.open || Date.now() - new Date(r['closed-datetime']).getTime() < DAY_MS;
/** [word, fact or nothing]: those that come, in their order, and whatever else was seen. */
function stepsOf(r) {
	const come = awaited[r.kind] ?? [], failed = !r.facts.told && r.facts['told-failed'];
	const other = Object.entries(r.facts).filter(([word]) => !come.includes(word) && word !== 'told-failed');
	return [...come.map((word) => (word === 'told' && failed ? ['told-failed', failed] : [word, r.facts[word]])), ...other];
}

function Record({ r }) {
	return html`<li class="record" aria-label=${t(`fieldwork.kind.${r.kind}`, { device: r.device })}>
		<p class="row"><strong>${t(`fieldwork.kind.${r.kind}`, { device: r.device })}</strong><${Badge} family="state" word=${r.state} /></p>
		<ul role="list">${stepsOf(r).map(([word, fact]) => html`<li key=${word} class=${`row${fact ? '' : ' awaited'}`}><${Icon} name=${fact ? (word === 'told-failed' ? 'close' : 'check') : 'wait'} />
			<span>${wordOf('fact', word)}</span><span class="faint">${fact ? html`<${Time} iso=${fact.datetime} />` : t('fieldwork.awaited')}</span></li>`)}</ul>
		${r.open && r.missing && html`<p class="faint">${t('fieldwork.missing', { what: r.missing })}</p>`}
	</li>`;
}

/** Records of this phone as evidence comes in: those that wait, and the last day's. */
export function Proof({ records, cannot }) {
	const shown = (records ?? []).filter(recent);
	return html`<section class="card" aria-label=${t('fieldwork.proof')}><h2>${t('fieldwork.proof')}</h2>
		${shown.length === 0 ? html`<p class="faint">${t('fieldwork.nothingOpen')}</p>` : html`<ul class="records">${shown.map((r) => html`<${Record} key=${r.handover} r=${r} />`)}</ul>`}
		${cannot && html`<p class="faint">${cannot}</p>`}</section>`;
}
