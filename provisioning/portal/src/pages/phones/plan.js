// What a move would do, before it is done: places, lines, keys, what does not fit, what nobody can reach.
import { html } from '../../html.js';
import { t, wordOf } from '../../text.js';
import { Badge } from '../../ui/badge.js';
import { Check } from '../../ui/field.js';
import { Facts } from '../../ui/facts.js';
import { Note } from '../../ui/notice.js';
import { macText, modelName } from '../../ui/phone.js';

const fates = { goes: 'bad', stays: 'good', 'label renewed': 'wait' };

const KeyRow = ({ k }) => html`<tr><td>${k.module ? `${k.module}.` : ''}${k.place}</td><td>${wordOf('key', k.type)}</td><td>${k.label || k.value}</td>
	<td>${wordOf('owner', k.owner)}</td><td><${Badge} tone=${fates[k.fate] ?? 'idle'} word=${wordOf('fate', k.fate)} /></td></tr>`;

/** One phone of a plan with its keys: used by every review that names phones. */
export const PlannedPhone = ({ phone }) => html`<section class="card form"><div class="row"><h3><code>${macText(phone['device-provisioning-mac-address'])}</code></h3>
	<span class="faint">${modelName(phone['device-models-model'])}</span>${phone['vacant-after'] && html`<${Badge} family="phone" word="vacant" />`}</div>
	<p>${phone.arrival}</p>${phone['cannot-reach'] && html`<${Note} kind="wait" icon="alerts">${t('plan.cannotReach')} ${phone['cannot-reach']}.<//>`}
	${phone.keys.length > 0 && html`<div class="plain" tabindex="0" role="region" aria-label=${t('plan.keys')}><table><thead><tr><th scope="col">${t('plan.key')}</th><th scope="col">${t('face.type')}</th><th scope="col">${t('plan.shows')}</th>
		<th scope="col">${t('face.owner')}</th><th scope="col">${t('plan.fate')}</th></tr></thead><tbody>${phone.keys.map((k) => html`<${KeyRow} key=${`${k.module}.${k.place}`} k=${k} />`)}</tbody></table></div>`}</section>`;

const changed = (a, b) => (a === b ? undefined : `${a || t('plan.none')} → ${b || t('plan.none')}`);

export function MovePlan({ plan, agreed, onAgree }) {
	const counts = Object.entries(plan.counts).filter(([, n]) => n > 0);
	return html`<${Facts} rows=${[[t('phones.state'), changed(wordOf('phone', plan['state-before']), wordOf('phone', plan['state-after']))],
		[t('phones.site'), changed(plan['site-before'], plan['site-after'])], [t('app.domain'), changed(plan['domain-before'], plan['domain-after'])],
		[t('phones.model'), changed(modelName(plan['device-models-model']), modelName(plan['device-models-model-after']))], [t('plan.userAfter'), plan['user-after'] ?? undefined]]} />
		<ul class="bullets">${counts.map(([step, n]) => html`<li key=${step}>${t('moveStep.' + step, { n })}</li>`)}${plan.notes.map((n) => html`<li key=${n}>${n}</li>`)}</ul>
		${plan['does-not-fit'].length > 0 && html`<section class="card form"><h3>${t('plan.misfit')}</h3><p>${t('plan.misfitAbout')}</p>${plan['does-not-fit'].map((m) => html`<${Check} key=${m.what}
			label=${m.what} hint=${m.why} checked=${agreed.includes(m.what)} onValue=${(on) => onAgree(on ? [...agreed, m.what] : agreed.filter((x) => x !== m.what))} />`)}</section>`}
		${plan.phones.map((p) => html`<${PlannedPhone} key=${p['device-provisioning-mac-address']} phone=${p} />`)}`;
}
