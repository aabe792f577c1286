import { useRef, useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useAction } from '../../hooks.js';
import { html } from '../../html.js';
import { t, wordOf } from '../../text.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { Field } from '../../ui/field.js';
import { Note, ProblemNote } from '../../ui/notice.js';
import { toast } from '../../ui/toast.js';
import { UserField } from '../parts/users.js';
import { keyName } from './face.js';

const TYPES = ['line', 'shared-line', 'blf', 'speed-dial', 'intercom', 'park', 'page', 'voicemail'];
const onLine = (type) => type === 'line' || type === 'shared-line';

/** One key: what it is, what it calls, what stands on it, whose it is. place: its name, or nothing to ask for it; row: as it stands. */
export function KeyForm({ domain, phone, place, row, may, onDone, onClose }) {
	const once = useRef(null);
	const [form, set] = useState({ type: row?.type ?? 'blf', value: row?.value ?? '', label: row?.['own-label'] ? row.label : '', line: row?.line || 1,
		owner: row?.owner ?? 'desk', user: row?.user ?? '', module: 0, place: 1 });
	const field = (name) => ({ value: form[name], onValue: (v) => set((f) => ({ ...f, [name]: v })) });
	const target = api.path('domains', domain, 'phones', phone['device-provisioning-mac-address'], 'keys');
	const done = (text) => {
		toast(text);
		onDone();
	};
	const save = useAction(async () => {
		const { type, label, owner } = form;
		const body = { type, label, owner, ...(onLine(type) ? { line: Number(form.line) } : { value: form.value.trim() }), ...(owner === 'person' && { user: form.user.trim() }) };
		const [module, at] = place ? place.split('.').map(Number) : [Number(form.module), Number(form.place)];
		if (row) await api.call('PATCH', target + api.path(row.key), body);
		else await api.call('POST', target, { module, place: at, ...body }, { once });
		done(t('face.saved'));
	});
	const clear = useAction(async () => {
		await api.call('DELETE', target + api.path(row.key));
		done(t('face.cleared'));
	});
	const line = phone.lines.find((l) => l.slot === Number(form.line));
	return html`<${Dialog} title=${place ? keyName(place) : t('face.other')} onClose=${onClose} foot=${html`
		${row && html`<${Button} busy=${clear.busy} onClick=${clear.run}>${t('face.clear')}<//>`}<span class="space"></span>
		<${Button} onClick=${onClose}>${t('do.cancel')}<//><${Button} kind="primary" busy=${save.busy} onClick=${save.run}>${t('do.save')}<//>`}>
		<${ProblemNote} problem=${save.problem ?? clear.problem} />
		${!place && html`<div class="fields"><${Field} label=${t('face.module')} hint=${t('face.moduleHint')} type="number" min="0" max="32" ...${field('module')} />
			<${Field} label=${t('face.place')} type="number" min="1" max="1000" ...${field('place')} /></div>`}
		<${Field} label=${t('face.type')} control="select" ...${field('type')}>${TYPES.map((x) => html`<option key=${x} value=${x} selected=${x === form.type}>${wordOf('key', x)}</option>`)}<//>
		${onLine(form.type) ? html`<${Field} label=${t('face.line')} type="number" min="1" max="64" ...${field('line')} hint=${line ? t('face.lineIs', { device: line.device }) : t('face.lineFree')} />`
		: form.type !== 'voicemail' && html`<${Field} label=${t('face.value')} hint=${t('face.valueHint')} ...${field('value')} maxlength="128" />`}
		<${Field} label=${t('face.label')} hint=${t('face.labelHint')} ...${field('label')} maxlength="60" />
		<${Field} label=${t('face.owner')} hint=${t('face.ownerHint')} control="select" ...${field('owner')}>${['desk', 'line', 'person'].map((x) => html`<option key=${x} value=${x} selected=${x === form.owner}>${wordOf('owner', x)}</option>`)}<//>
		${form.owner === 'person' && html`<${UserField} domain=${domain} may=${may} label=${t('face.person')} ...${field('user')} required />`}
		<${Note}>${t('face.told')}<//><//>`;
}
