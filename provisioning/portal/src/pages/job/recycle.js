// The recycle form: a row per user that waits for the next person. What is typed is kept on the server until it is saved.
import { useEffect, useRef, useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useAction, useGet, useLoad, useSettled } from '../../hooks.js';
import { html } from '../../html.js';
import { t } from '../../text.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { Check, Field } from '../../ui/field.js';
import { Empty, Loaded, ProblemNote } from '../../ui/notice.js';
import { macText, modelName } from '../../ui/phone.js';
import { Pager } from '../../ui/table.js';
import { pasted } from './paste.js';

const PAGE = 50, SETTLE_MS = 800;
const TYPED = ['name-first-name', 'name-last-name', 'email-address'];

/** Forms, phones that stand empty, and which of them each user's line was taken from. */
async function load(domain, signal) {
	const at = api.path('domains', domain);
	const forms = await api.getAll(`${at}/recycles`, {}, { signal });
	const [vacant, ...records] = await Promise.all([api.getAll(`${at}/phones`, { state: 'vacant' }, { signal }),
		...[...new Set(forms.map((f) => f.reset))].map((id) => api.getAll(`${at}/resets/${id}/handovers`, { kind: 'unassigned' }, { signal }))]);
	const models = new Map(vacant.map((p) => [p['device-provisioning-mac-address'], p['device-models-model']]));
	const was = new Map();
	for (const r of records.flat())
		if (r.device === r.user && models.has(r['device-provisioning-mac-address'])) was.set(r.user, [...(was.get(r.user) ?? []), r['device-provisioning-mac-address']]);
	return { models, was, forms: forms.map((f) => ({ ...f, phone: f.phone || (was.get(f.user)?.length === 1 ? was.get(f.user)[0] : '') })) };
}

const isEmpty = (f) => TYPED.every((x) => !f[x]);
const lacks = (f, field) => !isEmpty(f) && field !== 'email-address' && !f[field];

/** Keeps on the server what has been typed, when the typing rests. */
function useKept(domain, forms, first) {
	const settled = useSettled(forms, SETTLE_MS), kept = useRef(new Map(first.map((f) => [f.user, f])));
	useEffect(() => {
		for (const f of settled) {
			if (kept.current.get(f.user) === f) continue;
			kept.current.set(f.user, f);
			api.call('PUT', api.path('domains', domain, 'recycles', f.user), body(f)).catch(() => kept.current.delete(f.user));
		}
	}, [settled]);
}

const body = (f) => ({ 'name-first-name': f['name-first-name'], 'name-last-name': f['name-last-name'], 'email-address': f['email-address'], phone: f.phone,
	'send-welcome-email': f['send-welcome-email'] });

function PhoneChoice({ form, models, was, onValue }) {
	const own = was.get(form.user) ?? [], others = [...models.keys()].filter((m) => !own.includes(m));
	const option = (mac) => html`<option key=${mac} value=${mac}>${modelName(models.get(mac))} ${macText(mac)}</option>`;
	return html`<${Field} label=${t('recycle.phone')} control="select" value=${form.phone} onValue=${onValue}><option value="">${t('recycle.noPhone')}</option>
		${own.length > 0 && html`<optgroup label=${t('recycle.was', { user: form.user })}>${own.map(option)}</optgroup>`}
		${others.length > 0 && html`<optgroup label=${t('recycle.vacant')}>${others.map(option)}</optgroup>`}<//>`;
}

/** Belongs to the desk and stays; whoever comes next is found there in an emergency. */
function Emergency({ domain, user }) {
	const found = useGet(api.path('domains', domain, 'users', user));
	if (!found.data) return null;
	const number = found.data['caller-id-number-emergency'], address = found.data['emergency-address-id'];
	return html`<p class="faint wide">${number || address ? t('recycle.emergency', { number: number || '–', address: address || '–' }) : t('recycle.noEmergency')}</p>`;
}

function Row({ domain, form, row, checked, models, was, onChange, onPaste }) {
	const field = (name) => ({ label: t(`field.${name}`), value: form[name], onValue: (v) => onChange({ ...form, [name]: v }), autocomplete: 'off', maxlength: name === 'email-address' ? 254 : 60,
		onPaste: (e) => onPaste(e, row, name), error: checked && lacks(form, name) ? t('recycle.missing') : undefined });
	return html`<fieldset class="person"><legend>${t('recycle.extension', { user: form.user })}</legend><div class="fields">
		<${Field} ...${field('name-first-name')} required /><${Field} ...${field('name-last-name')} required /><${Field} ...${field('email-address')} type="email" />
		<${PhoneChoice} form=${form} models=${models} was=${was} onValue=${(phone) => onChange({ ...form, phone })} />
		<${Check} label=${t('recycle.welcome')} hint=${form['email-address'] ? undefined : t('recycle.welcomeHint')} checked=${form['send-welcome-email']} onValue=${(v) => onChange({ ...form, 'send-welcome-email': v })} />
		<${Emergency} domain=${domain} user=${form.user} /></div></fieldset>`;
}

function Forms({ domain, data, onJob, formId, onState }) {
	const [forms, setForms] = useState(data.forms), [start, setStart] = useState(0), [checked, setChecked] = useState(false);
	const once = useRef(null), filled = forms.filter((f) => !isEmpty(f));
	useKept(domain, forms, data.forms);
	const save = useAction(async () => {
		setChecked(true);
		if (!filled.length || forms.some((f) => TYPED.some((x) => lacks(f, x)))) {
			requestAnimationFrame(() => document.querySelector('dialog [aria-invalid]')?.focus());
			return;
		}
		const made = await api.call('POST', api.path('domains', domain, 'recycles'), { recycle: filled.map((f) => ({ user: f.user, ...body(f) })) }, { once });
		onJob(made.reset);
	});
	useEffect(() => onState({ busy: save.busy, n: filled.length, total: forms.length }), [save.busy, filled.length, forms.length]);
	const all = forms.every((f) => f['send-welcome-email']);
	const paste = (e, row, field) => {
		const text = e.clipboardData.getData('text/plain');
		if (!/[\t\n]/.test(text.trim())) return;
		e.preventDefault();
		setForms(pasted(text, forms, TYPED, row, field));
	};
	return html`<form id=${formId} class="form" novalidate onSubmit=${(e) => { e.preventDefault(); save.run(); }}>
		<p>${t('recycle.about')}</p><p class="faint">${t('recycle.paste')}</p>
		<${ProblemNote} problem=${save.problem} />
		${checked && !filled.length && html`<p class="error" role="alert">${t('recycle.nobody')}</p>`}
		<${Check} label=${t('recycle.welcomeAll')} checked=${all} onValue=${(v) => setForms(forms.map((f) => ({ ...f, 'send-welcome-email': v })))} />
		${forms.slice(start, start + PAGE).map((f, i) => html`<${Row} key=${f.user} domain=${domain} form=${f} row=${start + i} checked=${checked} models=${data.models} was=${data.was} onPaste=${paste}
			onChange=${(now) => setForms((list) => list.map((x) => (x.user === now.user ? now : x)))} />`)}
		${forms.length > PAGE && html`<${Pager} start=${start} limit=${PAGE} total=${forms.length} onStart=${setStart} />`}</form>`;
}

export function Recycle({ domain, onJob, onClose }) {
	const data = useLoad((signal) => load(domain, signal), [domain]);
	const [state, setState] = useState({ n: 0, total: 0 }), id = 'recycle';
	return html`<${Dialog} title=${t('recycle.title')} size="large" onClose=${onClose} foot=${html`<${Button} onClick=${onClose}>${t('recycle.later')}<//>
		${state.total > 0 && html`<${Button} kind="primary" type="submit" form=${id} busy=${state.busy}>${t('recycle.save', { n: state.n })}<//>`}`}>
		<${Loaded} of=${data}>${(got) => (got.forms.length === 0 ? html`<${Empty} icon="users" title=${t('recycle.none')} hint=${t('recycle.noneHint')} />`
			: html`<${Forms} domain=${domain} data=${got} formId=${id} onJob=${onJob} onState=${setState} />`)}<//><//>`;
}
