// A phone goes to another desk, is replaced, retired or deleted: the order, the plan, the proof.
import { useEffect, useRef, useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useAction, useGet } from '../../hooks.js';
import { html } from '../../html.js';
import { t, wordOf } from '../../text.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { Check, Field } from '../../ui/field.js';
import { Loaded, Note, ProblemNote } from '../../ui/notice.js';
import { macText } from '../../ui/phone.js';
import { ModelField, SiteField } from '../parts/choices.js';
import { Records } from '../parts/records.js';
import { personName, UserField } from '../parts/users.js';
import { FirstAccess } from './add.js';
import { PhoneFace } from './face.js';
import { MovePlan } from './plan.js';

const MAC = 'device-provisioning-mac-address', LOOK_MS = 1500;

function Rehome({ domain, phone, may, form, field, set }) {
	const people = [...new Map(phone.lines.filter((l) => l.use === 'line' && l.user).map((l) => [l.user, l])).values()];
	const domains = useGet(may.domains ? '/domains' : null, { limit: 1000 });
	return html`<p>${t('move.rehomeAbout')}</p>
		<${Field} label=${t('move.to')} control="select" ...${field('to')}>${['user', 'nobody', 'same'].map((x) => html`<option key=${x} value=${x} selected=${x === form.to}>${t('move.to-' + x)}</option>`)}<//>
		${form.to === 'user' && html`<${UserField} domain=${domain} may=${may} label=${t('move.user')} ...${field('user')} required />`}
		${form.to !== 'same' && people.length > 1 && html`<${Field} label=${t('move.from')} hint=${t('move.fromHint')} control="select" ...${field('from')}><option value="">${t('choice.choose')}</option>
			${people.map((l) => html`<option key=${l.user} value=${l.user} selected=${l.user === form.from}>${personName(l)} ${l.user}</option>`)}<//>`}
		<${Check} label=${t('move.otherSite')} checked=${form.moves} onValue=${(moves) => set((f) => ({ ...f, moves, site: phone.site }))} />
		${form.moves && html`<${SiteField} domain=${domain} label=${t('phones.site')} ...${field('site')} />`}
		${may.office && html`<${Check} label=${t('move.otherDomain')} hint=${t('move.otherDomainHint')} checked=${form.away} onValue=${(away) => set((f) => ({ ...f, away, to: 'same', moves: false }))} />`}
		${form.away && (may.domains ? html`<${Field} label=${t('app.domain')} control="select" ...${field('domain')}><option value="">${t('choice.choose')}</option>
			${(domains.data ?? []).map((d) => html`<option key=${d.domain} value=${d.domain} selected=${d.domain === form.domain}>${d.domain}</option>`)}<//>`
		: html`<${Field} label=${t('app.domain')} ...${field('domain')} required autocapitalize="none" />`)}`;
}

const Swap = ({ form, field, set }) => html`<p>${t('move.swapAbout')}</p>
	<${Field} label=${t('move.newMac')} hint=${t('phones.macHint')} ...${field('mac')} required autocapitalize="none" spellcheck=${false} />
	<${ModelField} label=${t('move.newModel')} hint=${t('move.newModelHint')} none=${t('move.asItKnocked')} ...${field('model')} />
	<${Field} label=${t('move.old')} control="select" ...${field('then')}>${['', 'retire', 'delete'].map((x) => html`<option key=${x} value=${x} selected=${x === form.then}>${t('move.old-' + (x || 'stays'))}</option>`)}<//>
	<${Check} label=${t('move.pair')} hint=${t('move.pairHint')} checked=${form.pair} onValue=${(pair) => set((f) => ({ ...f, pair }))} />`;

const bodies = {
	rehome: (f) => ({ ...(f.to === 'user' && { user: f.user.trim() }), ...(f.to === 'nobody' && { user: '' }), ...(f.from && f.to !== 'same' && { 'from-user': f.from }),
		...(f.moves && { site: f.site }), ...(f.away && { domain: f.domain.trim() }) }),
	swap: (f) => ({ [MAC]: f.mac.trim(), ...(f.model && { 'device-models-brand-and-model': f.model }), ...(f.then && { 'old-phone': f.then }), pair: f.pair }),
	retire: () => ({}),
	delete: () => ({}),
};

/** What became of it: first access of a new phone, and the proofs as they come in. */
function Result({ domain, done, kind, may }) {
	const wanted = done.handovers?.map((r) => r.handover) ?? [];
	const found = useGet(api.path('domains', domain, 'handovers'), { limit: 100 }, wanted.length && may.site ? LOOK_MS : 0);
	if (done.transfer) return html`<${Note} icon="check">${done.message}<//>`;
	const rows = (found.data ?? []).filter((r) => wanted.includes(r.handover));
	return html`<${Note} icon="check">${t('move.done-' + kind)}<//>
		${done['first-access'] && html`<${FirstAccess} access=${done['first-access']} />`}
		${wanted.length === 0 ? html`<p>${t('move.nothingToProve')}</p>` : html`<h3>${t('move.proof')}</h3>
			${may.site ? html`<${Loaded} of=${found}>${() => html`<${Records} domain=${domain} rows=${rows} may=${may} onChange=${found.reload} />`}<//>`
		: html`<${Records} domain=${domain} rows=${done.handovers} may=${may} onChange=${() => {}} />`}`}`;
}

/** kind: rehome, swap, retire, delete. onDone(answer): the phone looks otherwise now, or is gone. */
export function Move({ domain, phone, kind, may, onDone, onClose }) {
	const once = useRef(null);
	const [form, set] = useState({ to: 'user', user: '', from: '', site: '', moves: false, away: false, domain: '', mac: '', model: '', then: '', pair: false });
	const [cutOff, setCutOff] = useState(false), [agreed, agree] = useState([]), [plan, setPlan] = useState(null), [done, setDone] = useState(null);
	const field = (name) => ({ value: form[name], onValue: (v) => set((f) => ({ ...f, [name]: v })) });
	const target = api.path('domains', domain, 'phones', phone[MAC]), asks = kind === 'rehome' || kind === 'swap';
	const order = (dry, extra = {}) => (kind === 'delete' ? api.call('DELETE', api.url(target, { 'dry-run': dry ? 'yes' : '', 'cut-off': cutOff ? 'yes' : '' }))
		: api.call('POST', target + api.path(kind), { ...bodies[kind](form), ...extra, 'cut-off': cutOff, ...(dry && { 'dry-run': true }) }, dry ? {} : { once }));
	const look = useAction(async () => setPlan((await order(true)).plan));
	const carry = useAction(async () => {
		const got = await order(false, agreed.length ? { 'leave-behind': agreed } : {});
		setDone(got);
		onDone(got);
	});
	useEffect(() => {
		if (!asks) look.run();
	}, []);
	const title = t('move.title-' + kind, { mac: macText(phone[MAC]) });
	if (done) {
		return html`<${Dialog} title=${title} size="large" onClose=${onClose} foot=${html`<${Button} kind="primary" onClick=${onClose}>${t('do.close')}<//>`}>
			<${Result} domain=${domain} done=${done} kind=${kind} may=${may} /><//>`;
	}
	if (plan) {
		const fits = plan['does-not-fit'].every((m) => agreed.includes(m.what)), empties = kind === 'retire' || kind === 'delete' || (kind === 'rehome' && form.to === 'nobody');
		return html`<${Dialog} title=${title} size="large" onClose=${onClose} foot=${html`${asks && html`<${Button} onClick=${() => setPlan(null)}>${t('do.back')}<//>`}<span class="space"></span>
			<${Button} onClick=${onClose}>${t('do.cancel')}<//><${Button} kind=${asks ? 'primary' : 'danger'} busy=${carry.busy} disabled=${!fits} onClick=${carry.run}>${wordOf('move', kind)}<//>`}>
			<${ProblemNote} problem=${carry.problem} />
			<div class=${empties ? 'beside' : 'form'}><div class="form"><${MovePlan} plan=${plan} agreed=${agreed} onAgree=${agree} />
				<${Check} label=${t('move.cutOff')} hint=${t('move.cutOffHint')} checked=${cutOff} onValue=${setCutOff} />
				<p><strong>${t(asks ? 'move.undo' : 'move.noUndo')}</strong></p></div>
				${empties && html`<${PhoneFace} domain=${domain} mac=${phone[MAC]} after="vacant" />`}</div><//>`;
	}
	return html`<${Dialog} title=${title} size="wide" onClose=${onClose} foot=${html`<${Button} onClick=${onClose}>${t('do.cancel')}<//>
		${asks ? html`<${Button} kind="primary" busy=${look.busy} onClick=${look.run}>${t('do.next')}<//>` : look.problem && html`<${Button} onClick=${look.run}>${t('do.retry')}<//>`}`}>
		<${ProblemNote} problem=${look.problem} />
		${kind === 'rehome' ? html`<${Rehome} domain=${domain} phone=${phone} may=${may} form=${form} field=${field} set=${set} />`
		: kind === 'swap' ? html`<${Swap} form=${form} field=${field} set=${set} />` : !look.problem && html`<p class="busy" role="status">${t('load.busy')}</p>`}<//>`;
}
