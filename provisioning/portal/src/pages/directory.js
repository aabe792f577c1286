import { useRef, useState } from 'preact/hooks';
import * as api from '../api.js';
import { useAction, useLoad, useSettled } from '../hooks.js';
import { html } from '../html.js';
import { t } from '../text.js';
import { Button } from '../ui/button.js';
import { Confirm, Dialog } from '../ui/dialog.js';
import { Field, SearchField } from '../ui/field.js';
import { Empty, Loaded, ProblemNote } from '../ui/notice.js';
import { Page } from '../ui/page.js';
import { Pager, Table } from '../ui/table.js';
import { toast } from '../ui/toast.js';

const FIELDS = [['name-first-name', 'firstName', 60], ['name-last-name', 'lastName', 60], ['company', 'company', 120], ['email', 'email', 254], ['phonenumber-work', 'work', 40],
	['phonenumber-cell', 'cell', 40], ['phonenumber-home', 'home', 40], ['phonenumber-fax', 'fax', 40]];
export const contactName = (c) => [c['name-first-name'], c['name-last-name']].filter(Boolean).join(' ') || c.company;

/** One contact, added or changed. target: the collection that it is in. */
export function ContactForm({ target, row, onDone, onClose }) {
	const once = useRef(null);
	const [form, set] = useState(Object.fromEntries(FIELDS.map(([name]) => [name, row?.[name] ?? ''])));
	const save = useAction(async () => {
		if (row) await api.call('PATCH', target + api.path(row['unique-id']), form);
		else await api.call('POST', target, form, { once });
		toast(t('directory.saved'));
		onDone();
	});
	return html`<${Dialog} title=${row ? contactName(row) : t('directory.add')} size="wide" onClose=${onClose} foot=${html`<${Button} onClick=${onClose}>${t('do.cancel')}<//>
		<${Button} kind="primary" busy=${save.busy} onClick=${save.run}>${t('do.save')}<//>`}>
		<${ProblemNote} problem=${save.problem} /><div class="fields">${FIELDS.map(([name, text, max]) => html`<${Field} key=${name} label=${t('directory.' + text)} value=${form[name]} maxlength=${max}
			onValue=${(v) => set((f) => ({ ...f, [name]: v }))} type=${text === 'email' ? 'email' : name.startsWith('phonenumber') ? 'tel' : 'text'} />`)}</div><//>`;
}

/** Contacts that everybody of the domain shares; phones have them in their phone book. */
export function Directory({ domain, may }) {
	const target = api.path('domains', domain, 'contacts'), all = useLoad((signal) => api.getAll(target, {}, { signal }), [target]);
	const [typed, type] = useState(''), search = useSettled(typed, 100), [at, setAt] = useState({ start: 0, limit: 50 });
	const [editing, edit] = useState(null), [removing, remove] = useState(null);
	const take = useAction(async () => {
		await api.call('DELETE', target + api.path(removing['unique-id']));
		toast(t('directory.removed'));
		remove(null);
		all.reload();
	});
	const columns = [
		{ key: 'name', name: t('directory.name'), cell: (c) => contactName(c) },
		{ key: 'company', name: t('directory.company'), cell: (c) => c.company },
		...['work', 'cell', 'home'].map((k) => ({ key: k, name: t('directory.' + k), cell: (c) => c['phonenumber-' + k] })),
		{ key: 'email', name: t('directory.email'), cell: (c) => c.email },
	];
	const actions = (c) => html`<${Button} kind="ghost" icon="edit" label=${t('directory.edit', { name: contactName(c) })} onClick=${() => edit(c)} />
		<${Button} kind="ghost" icon="delete" label=${t('directory.remove', { name: contactName(c) })} onClick=${() => remove(c)} />`;
	const add = html`<${Button} kind="primary" icon="add" onClick=${() => edit({ add: true })}>${t('directory.add')}<//>`;
	const start = search && at.for !== search ? 0 : at.start;
	return html`<${Page} title=${t('nav.directory')} about=${t('directory.about')} actions=${may.office && add}>
		<div class="tools"><${SearchField} label=${t('directory.search')} value=${typed} onValue=${type} /></div>
		<${Loaded} of=${all}>${(contacts) => {
		const rows = contacts.filter((c) => FIELDS.map(([name]) => c[name]).join(' ').toLowerCase().includes(search.toLowerCase()))
			.sort((a, b) => contactName(a).localeCompare(contactName(b)));
		if (rows.length === 0) return html`<${Empty} icon="directory" title=${t(contacts.length ? 'directory.notFound' : 'directory.none')} hint=${t(contacts.length ? 'directory.notFoundHint' : 'directory.noneHint')}>${!contacts.length && may.office && add}<//>`;
		return html`<p class="faint" role="status">${t('directory.found', { n: rows.length })}</p>
			<${Table} label=${t('nav.directory')} columns=${columns} rows=${rows.slice(start, start + at.limit)} id=${(c) => c['unique-id']} rowName=${contactName} actions=${may.office && actions} />
			<${Pager} start=${start} limit=${at.limit} total=${rows.length} onStart=${(n) => setAt({ ...at, start: n, for: search })} onLimit=${(limit) => setAt({ start: 0, limit })} />`;
	}}<//>
		${editing && html`<${ContactForm} target=${target} row=${editing.add ? null : editing} onClose=${() => edit(null)} onDone=${() => { edit(null); all.reload(); }} />`}
		${removing && html`<${Confirm} title=${t('directory.remove', { name: contactName(removing) })} danger busy=${take.busy} onYes=${take.run} onNo=${() => remove(null)}>
			<${ProblemNote} problem=${take.problem} /><p>${t('directory.removeAbout')}</p><//>`}<//>`;
}
