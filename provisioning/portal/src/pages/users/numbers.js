import { useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useAction, useGet } from '../../hooks.js';
import { html } from '../../html.js';
import { t, wordOf } from '../../text.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { Field } from '../../ui/field.js';
import { Empty, Loaded, ProblemNote } from '../../ui/notice.js';
import { Table } from '../../ui/table.js';
import { DeleteButton, Head } from './rows.js';

function Assign({ at, user, onDone }) {
	const free = useGet(at, { available: 'yes', limit: 1000 }), [number, setNumber] = useState('');
	const give = useAction(async () => {
		await api.call('PUT', `${at}/${encodeURIComponent(number)}`, { 'dial-rule-application': 'to-user', 'dial-rule-translation-destination-user': user });
		onDone(true);
	});
	return html`<${Dialog} title=${t('number.assign')} onClose=${() => onDone(false)} foot=${html`<${Button} onClick=${() => onDone(false)}>${t('do.cancel')}<//>
		<${Button} kind="primary" disabled=${!number} busy=${give.busy} onClick=${give.run}>${t('number.give')}<//>`}>
		<${ProblemNote} problem=${give.problem} />
		<${Loaded} of=${free}>${(list) => (list.length === 0 ? html`<p>${t('number.noneFree')}</p>`
			: html`<${Field} label=${t('number.free')} control="select" value=${number} onValue=${setNumber}><option value=""></option>
				${list.map((n) => html`<option key=${n.phonenumber} value=${n.phonenumber}>${n.phonenumber}</option>`)}<//>`)}<//><//>`;
}

export function Numbers({ domain, row, may }) {
	const at = api.path('domains', domain, 'phonenumbers'), list = useGet(at, { user: row.user, limit: 1000 });
	const [open, setOpen] = useState(false);
	const columns = [
		{ key: 'number', name: t('number.number'), cell: (n) => n.phonenumber },
		{ key: 'leads', name: t('number.leads'), cell: (n) => wordOf('application', n['dial-rule-application']) },
		{ key: 'about', name: t('number.description'), cell: (n) => html`<bdi>${n['dial-rule-description']}</bdi>` },
	];
	const add = may.office && html`<${Button} icon="add" onClick=${() => setOpen(true)}>${t('number.assign')}<//>`;
	return html`<${Head} text=${t('number.about')}>${add}<//>
		<${Loaded} of=${list}>${(rows) => (rows.length === 0 ? html`<${Empty} icon="numbers" title=${t('number.none')} hint=${t('number.noneHint')}>${add}<//>`
			: html`<${Table} label=${t('user.tab.numbers')} columns=${columns} rows=${rows} id=${(n) => n.phonenumber} rowName=${(n) => n.phonenumber} actions=${may.office && ((n) => html`
				<${DeleteButton} label=${t('number.unassign', { number: n.phonenumber })} text=${t('number.unassignText')} onDone=${list.reload}
					act=${() => api.call('PUT', `${at}/${encodeURIComponent(n.phonenumber)}`, { 'dial-rule-application': 'available-number' })} />`)} />`)}<//>
		${open && html`<${Assign} at=${at} user=${row.user} onDone=${(changed) => { setOpen(false); if (changed) list.reload(); }} />`}`;
}
