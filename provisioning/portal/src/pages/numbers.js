import { useRef, useState } from 'preact/hooks';
import * as api from '../api.js';
import { useAction, useLoad, useSettled } from '../hooks.js';
import { html } from '../html.js';
import { to } from '../router.js';
import { t, wordOf } from '../text.js';
import { Badge } from '../ui/badge.js';
import { Button } from '../ui/button.js';
import { Confirm, Dialog } from '../ui/dialog.js';
import { Check, Field, SearchField } from '../ui/field.js';
import { Empty, Loaded, ProblemNote } from '../ui/notice.js';
import { Page } from '../ui/page.js';
import { Pager, Table } from '../ui/table.js';
import { toast } from '../ui/toast.js';
import { UserField } from './parts/users.js';

const APPLICATION = 'dial-rule-application', DESTINATION = 'dial-rule-translation-destination-user', FREE = 'available-number';
const APPLICATIONS = [FREE, 'to-user', 'to-user-residential', 'to-single-device', 'to-voicemail', 'to-callqueue', 'to-connection'];

function NumberForm({ domain, row, may, onDone, onClose }) {
	const once = useRef(null);
	const [form, set] = useState({ number: row?.phonenumber ?? '', application: row?.[APPLICATION] ?? FREE, destination: row?.[DESTINATION] ?? '', description: row?.['dial-rule-description'] ?? '',
		enabled: row ? row.enabled === 'yes' : true });
	const field = (name) => ({ value: form[name], onValue: (v) => set((f) => ({ ...f, [name]: v })) });
	const target = api.path('domains', domain, 'phonenumbers'), free = form.application === FREE;
	const known = APPLICATIONS.includes(form.application) ? APPLICATIONS : [...APPLICATIONS, form.application];
	const save = useAction(async () => {
		const body = { [APPLICATION]: form.application, [DESTINATION]: free ? '' : form.destination.trim(), 'dial-rule-description': form.description, enabled: form.enabled ? 'yes' : 'no' };
		if (row) await api.call('PATCH', target + api.path(row.phonenumber), body);
		else await api.call('POST', target, { phonenumber: form.number.trim(), ...body }, { once });
		toast(t('numbers.saved'));
		onDone();
	});
	return html`<${Dialog} title=${row ? row.phonenumber : t('numbers.add')} onClose=${onClose} foot=${html`<${Button} onClick=${onClose}>${t('do.cancel')}<//>
		<${Button} kind="primary" busy=${save.busy} onClick=${save.run}>${t('do.save')}<//>`}>
		<${ProblemNote} problem=${save.problem} />
		${!row && html`<${Field} label=${t('numbers.number')} hint=${t('numbers.numberHint')} type="tel" ...${field('number')} required />`}
		<${Field} label=${t('numbers.leads')} control="select" ...${field('application')}>${known.map((x) => html`<option key=${x} value=${x} selected=${x === form.application}>${wordOf('application', x)}</option>`)}<//>
		${!free && html`<${UserField} domain=${domain} may=${may} label=${t('numbers.destination')} hint=${t('numbers.destinationHint')} ...${field('destination')} required />`}
		<${Field} label=${t('numbers.description')} ...${field('description')} maxlength="255" />
		<${Check} label=${t('numbers.enabled')} checked=${form.enabled} onValue=${(enabled) => set((f) => ({ ...f, enabled }))} /><//>`;
}

const people = (row) => ['to-user', 'to-user-residential', 'to-voicemail'].includes(row[APPLICATION]);

/** The domain's numbers: where each leads. */
export function Numbers({ domain, may }) {
	const target = api.path('domains', domain, 'phonenumbers');
	const all = useLoad((signal) => api.getAll(target, {}, { signal }), [target]);
	const [typed, type] = useState(''), search = useSettled(typed, 100), [which, choose] = useState('');
	const [at, setAt] = useState({ start: 0, limit: 50 }), [editing, edit] = useState(null), [removing, remove] = useState(null);
	const take = useAction(async () => {
		await api.call('DELETE', target + api.path(removing.phonenumber));
		toast(t('numbers.removed'));
		remove(null);
		all.reload();
	});
	const fits = (n) => (!which || (which === 'free') === (n[APPLICATION] === FREE)) && [n.phonenumber, n[DESTINATION], n['dial-rule-description']].join(' ').toLowerCase().includes(search.toLowerCase().replace(/^\+/, ''));
	const columns = [
		{ key: 'number', name: t('numbers.number'), cell: (n) => html`<strong class="mono">${n.phonenumber}</strong>` },
		{ key: 'leads', name: t('numbers.leads'), cell: (n) => html`<${Badge} tone=${n[APPLICATION] === FREE ? 'good' : 'idle'} word=${wordOf('application', n[APPLICATION])} />` },
		{ key: 'to', name: t('numbers.destination'), cell: (n) => n[APPLICATION] !== FREE && (people(n) ? html`<a href=${to(domain, 'users', n[DESTINATION])}>${n[DESTINATION]}</a>` : n[DESTINATION]) },
		{ key: 'about', name: t('numbers.description'), cell: (n) => n['dial-rule-description'] },
		{ key: 'on', name: t('numbers.enabled'), cell: (n) => t(n.enabled === 'yes' ? 'do.yes' : 'do.no') },
	];
	const actions = (n) => html`<${Button} kind="ghost" icon="edit" label=${t('numbers.edit', { number: n.phonenumber })} onClick=${() => edit(n)} />
		${may.domains && html`<${Button} kind="ghost" icon="delete" label=${t('numbers.remove', { number: n.phonenumber })} onClick=${() => remove(n)} />`}`;
	const start = (search || which) && at.for !== search + which ? 0 : at.start;
	return html`<${Page} title=${t('nav.numbers')} actions=${may.domains && html`<${Button} kind="primary" icon="add" onClick=${() => edit({ add: true })}>${t('numbers.add')}<//>`}>
		<div class="tools"><${SearchField} label=${t('numbers.search')} value=${typed} onValue=${type} />
			<${Field} label=${t('numbers.show')} control="select" value=${which} onValue=${choose}>${['', 'used', 'free'].map((x) => html`<option key=${x} value=${x}>${t('numbers.show-' + (x || 'all'))}</option>`)}<//></div>
		<${Loaded} of=${all}>${(numbers) => {
		const rows = numbers.filter(fits);
		if (rows.length === 0) return html`<${Empty} icon="numbers" title=${t(numbers.length ? 'numbers.notFound' : 'numbers.none')} hint=${t(numbers.length ? 'numbers.notFoundHint' : may.domains ? 'numbers.noneHint' : 'numbers.noneAsk')} />`;
		return html`<p class="faint" role="status">${t('numbers.found', { n: rows.length })}</p>
			<${Table} label=${t('nav.numbers')} columns=${columns} rows=${rows.slice(start, start + at.limit)} id=${(n) => n.phonenumber} rowName=${(n) => n.phonenumber} actions=${may.office && actions} />
			<${Pager} start=${start} limit=${at.limit} total=${rows.length} onStart=${(n) => setAt({ ...at, start: n, for: search + which })} onLimit=${(limit) => setAt({ start: 0, limit })} />`;
	}}<//>
		${editing && html`<${NumberForm} domain=${domain} row=${editing.add ? null : editing} may=${may} onClose=${() => edit(null)} onDone=${() => { edit(null); all.reload(); }} />`}
		${removing && html`<${Confirm} title=${t('numbers.remove', { number: removing.phonenumber })} danger busy=${take.busy} onYes=${take.run} onNo=${() => remove(null)}>
			<${ProblemNote} problem=${take.problem} /><p>${t('numbers.removeAbout')}</p><//>`}<//>`;
}
