import { useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useAction, useLoad } from '../../hooks.js';
import { html } from '../../html.js';
import { t } from '../../text.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { Field } from '../../ui/field.js';
import { Empty, Loaded, ProblemNote } from '../../ui/notice.js';
import { Pager, Table } from '../../ui/table.js';
import { nameOf } from './person.js';
import { DeleteButton, Head } from './rows.js';

const FIELDS = ['name-first-name', 'name-last-name', 'company', 'email', 'phonenumber-work', 'phonenumber-cell', 'phonenumber-home'];
const titleOf = (c) => nameOf(c) || c.company || c['phonenumber-work'] || c['phonenumber-cell'] || c['unique-id'];

function Edit({ target, contact, onDone }) {
	const [c, set] = useState(contact), id = contact['unique-id'];
	const save = useAction(async () => {
		const body = Object.fromEntries(FIELDS.map((f) => [f, c[f] ?? '']));
		await (id ? api.call('PATCH', `${target}/${encodeURIComponent(id)}`, body) : api.call('POST', target, body));
		onDone(true);
	});
	return html`<${Dialog} title=${t(id ? 'contact.edit' : 'contact.add')} size="wide" onClose=${() => onDone(false)} foot=${html`<${Button} onClick=${() => onDone(false)}>${t('do.cancel')}<//>
		<${Button} kind="primary" type="submit" form="contact" busy=${save.busy}>${t('do.save')}<//>`}>
		<form id="contact" class="form" onSubmit=${(e) => { e.preventDefault(); save.run(); }}><${ProblemNote} problem=${save.problem} /><div class="fields">
			${FIELDS.map((f) => html`<${Field} key=${f} label=${t(`field.${f}`)} value=${c[f]} onValue=${(v) => set({ ...c, [f]: v })} autocomplete="off" />`)}</div></form><//>`;
}

/** target: of a user or a domain; its contacts lie below it. */
export function ContactList({ target, about, empty, change }) {
	const at = `${target}/contacts`, [start, setStart] = useState(0), [open, setOpen] = useState(null);
	const limit = 50;
	const list = useLoad(async (signal) => {
		const [rows, { total }] = await Promise.all([api.get(api.url(at, { start, limit }), { signal }), api.get(`${at}/count`, { signal })]);
		return { rows, total };
	}, [at, start]);
	const columns = [
		{ key: 'name', name: t('field.name'), cell: (c) => html`<bdi>${titleOf(c)}</bdi>` },
		{ key: 'company', name: t('field.company'), cell: (c) => html`<bdi>${c.company}</bdi>` },
		{ key: 'work', name: t('field.phonenumber-work'), cell: (c) => c['phonenumber-work'] },
		{ key: 'cell', name: t('field.phonenumber-cell'), cell: (c) => c['phonenumber-cell'] },
		{ key: 'email', name: t('field.email'), cell: (c) => c.email },
	];
	const add = change && html`<${Button} icon="add" onClick=${() => setOpen({})}>${t('contact.add')}<//>`;
	return html`<${Head} text=${about}>${add}<//>
		<${Loaded} of=${list}>${({ rows, total }) => (total === 0 ? html`<${Empty} icon="directory" title=${t('contact.none')} hint=${empty}>${add}<//>`
			: html`<${Table} label=${t('user.tab.contacts')} columns=${columns} rows=${rows} id=${(c) => c['unique-id']} rowName=${titleOf} actions=${change && ((c) => html`
				<${Button} kind="ghost" icon="edit" label=${t('contact.editOne', { who: titleOf(c) })} onClick=${() => setOpen(c)} />
				<${DeleteButton} label=${t('contact.delete', { who: titleOf(c) })} target=${`${at}/${encodeURIComponent(c['unique-id'])}`} onDone=${list.reload} />`)} />
				${total > limit && html`<${Pager} start=${start} limit=${limit} total=${total} onStart=${setStart} />`}`)}<//>
		${open && html`<${Edit} target=${at} contact=${open} onDone=${(changed) => { setOpen(null); if (changed) list.reload(); }} />`}`;
}

export const Contacts = ({ target }) => html`<${ContactList} target=${target} about=${t('contact.about')} empty=${t('contact.noneHint')} change />`;
