// The review of a reset: every user, every phone before and after, and that it cannot be undone.
import { useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useAction, useLoad } from '../../hooks.js';
import { html } from '../../html.js';
import { at, sentence, t, wordOf } from '../../text.js';
import { Badge } from '../../ui/badge.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { Loaded, Note, ProblemNote } from '../../ui/notice.js';
import { macText, modelName } from '../../ui/phone.js';
import { Pager } from '../../ui/table.js';
import { Person } from './person.js';

const PAGE = 10;
const OWNERS = ['line', 'desk', 'person'];

/** Which keys belong to whom, and what becomes of them. */
function Keys({ keys }) {
	return html`<dl class="keys">${OWNERS.filter((o) => keys.some((k) => k.owner === o)).map((owner) => html`<div key=${owner}><dt>${t(`review.owner.${owner}`)}</dt>
		${keys.filter((k) => k.owner === owner).map((k) => html`<dd key=${`${k.module}.${k.place}`}><bdi>${k.label || k.value || wordOf('key', k.type)}</bdi>
			${k['label-after'] && k['label-after'] !== k.label && html` → <bdi>${k['label-after']}</bdi>`} <span class="faint">${wordOf('fate', k.fate)}</span></dd>`)}</div>`)}</dl>`;
}

function Phone({ domain, phone, after }) {
	const mac = phone['device-provisioning-mac-address'], name = `${modelName(phone['device-models-model'])} ${macText(mac)}`;
	return html`<figure class="face"><figcaption><strong>${name}</strong>
			${phone['vacant-after'] && html`<${Badge} word=${t('review.vacant')} tone="idle" />`}${phone['relabel-only'] && html`<${Badge} word=${t('review.relabel')} tone="wait" />`}</figcaption>
		<div class="picture" tabindex="0" role="group" aria-label=${t('review.picture', { phone: name })}><img loading="lazy" src=${api.href(api.url(api.path('domains', domain, 'phones', mac) + '/face.svg', { after }))}
			alt=${t('review.faces', { phone: name })} /></div>
		<${Keys} keys=${phone.keys} />
		<p class="faint">${sentence(phone.arrival)}</p>
		${phone['cannot-reach'] && html`<${Note} kind="wait" icon="alerts">${t('review.cannotReach')} ${phone['cannot-reach']}<//>`}</figure>`;
}

/** "2 lines leave phones, 1 device deleted": what is counted for this user. */
function Done({ counts }) {
	const said = Object.entries(counts).filter(([step, n]) => n > 0 && t(`review.step.${step}`) !== `review.step.${step}`);
	return html`<ul class="done">${said.map(([step, n]) => html`<li key=${step}>${t(`review.step.${step}`, { n })}</li>`)}</ul>`;
}

/** A scope stays with the extension: the next person would have it. */
function Scope({ domain, plan, onLowered }) {
	const lower = useAction(async () => {
		await api.call('PATCH', api.path('domains', domain, 'users', plan.user), { 'user-scope': 'Basic User' });
		onLowered();
	});
	return html`<${Note} kind="wait" icon="alerts"><div class="row"><span>${t('review.scope', { scope: plan['user-scope'] })}</span><${Button} busy=${lower.busy} onClick=${lower.run}>${t('review.lower')}<//></div>
		<${ProblemNote} problem=${lower.problem} /><//>`;
}

function Plan({ domain, plan, options, reload }) {
	const after = [`reset:${plan.user}`, ...options].join(',');
	return html`<article class="plan"><h3><${Person} name=${plan.name} user=${plan.user} /></h3>
		${plan['already-reset'] && html`<p class="faint">${t('review.already')}</p>`}
		${plan['scope-above-basic'] && html`<${Scope} domain=${domain} plan=${plan} onLowered=${reload} />`}
		<${Done} counts=${plan.counts} />
		${plan.stays.length > 0 && html`<details><summary>${t('review.stays')}</summary><ul class="done">${plan.stays.map((s) => html`<li key=${s}>${s}</li>`)}</ul></details>`}
		${plan['rules-of-others'].length > 0 && html`<${Note} kind="wait" icon="alerts">${t('review.outside')}<ul>${plan['rules-of-others'].map((r) => html`<li>${t('review.rule', {
			user: r.user, frame: r['time-frame'], number: r['number-ends-with'] })}</li>`)}</ul><//>`}
		<div class="faces">${plan.phones.map((p) => html`<${Phone} key=${p['device-provisioning-mac-address']} domain=${domain} phone=${p} after=${after} />`)}</div></article>`;
}

function Problems({ list }) {
	return html`<${Note} kind="bad" icon="alerts">${t('reset.refused', { n: list.length })}<ul>${list.map((p) => html`<li key=${p.user}>${p.error}</li>`)}</ul><//>`;
}

/** reset: the useAction of the order itself. */
export function ResetReview({ domain, target, users, order, body, reset, onBack, onClose }) {
	const [start, setStart] = useState(0);
	const plan = useLoad((signal) => api.call('POST', api.url(target, { start, limit: PAGE }), { ...body, 'dry-run': true }, { signal }), [start]);
	const n = users.length;
	return html`<${Dialog} title=${t('review.title')} size="large" onClose=${onClose} foot=${html`<${Button} onClick=${onBack}>${t('do.back')}<//>
		<${Button} onClick=${onClose}>${t('do.cancel')}<//><${Button} kind="danger" busy=${reset.busy} disabled=${!plan.data} onClick=${reset.run}>${t('review.reset')}<//>`}>
		<${Note} kind="bad" icon="alerts"><strong>${t('review.final')}</strong><//>
		<${ProblemNote} problem=${reset.problem} />
		${order.at && html`<${Note}>${t('review.at', { at: at(order.at) })}<//>`}
		<${Loaded} of=${plan}>${(dry) => html`
			${dry['cannot-be-proved'] && html`<${Note} kind="wait" icon="alerts">${sentence(dry['cannot-be-proved'])}<//>`}
			${dry.problems.length > 0 && html`<${Problems} list=${dry.problems} />`}
			<p><strong>${t('review.users', { n })}</strong> ${t('review.phones', { n: dry['phones-total'] })}</p>
			${dry.plans.map((p) => html`<${Plan} key=${p.user} domain=${domain} plan=${p} options=${[...order.options]} reload=${plan.reload} />`)}
			${n > PAGE && html`<${Pager} start=${start} limit=${PAGE} total=${n} onStart=${setStart} />`}`}<//><//>`;
}
