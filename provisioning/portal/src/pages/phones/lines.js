import { useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useAction } from '../../hooks.js';
import { html } from '../../html.js';
import { to } from '../../router.js';
import { t } from '../../text.js';
import { Button } from '../../ui/button.js';
import { Confirm, Dialog } from '../../ui/dialog.js';
import { Check, Field } from '../../ui/field.js';
import { Empty, Note, ProblemNote } from '../../ui/notice.js';
import { Table } from '../../ui/table.js';
import { toast } from '../../ui/toast.js';
import { personName, UserField } from '../parts/users.js';

const shape = (lines) => lines.filter((l) => l.use === 'line').map(({ slot, device, label, shared }) => ({ slot, device, label, shared }));

/** Writes the whole list, as long as it is still the one that was seen: else somebody else has been here, and nothing is written. */
async function write(domain, phone, change) {
	const target = api.path('domains', domain, 'phones', phone['device-provisioning-mac-address']);
	const now = await api.get(target);
	if (JSON.stringify(shape(now.lines)) !== JSON.stringify(shape(phone.lines))) throw new api.Problem(409, { detail: t('lines.changed') });
	await api.call('PATCH', target, { lines: change(shape(now.lines)) });
}

const firstFree = (lines) => {
	for (let slot = 1; ; slot++) if (!lines.some((l) => l.slot === slot && l.use === 'line')) return slot;
};

function LineForm({ domain, phone, line, may, onDone, onClose }) {
	const [form, set] = useState(line ?? { slot: firstFree(phone.lines), device: '', label: '', shared: false });
	const field = (name) => ({ value: form[name], onValue: (v) => set((f) => ({ ...f, [name]: v })) });
	const save = useAction(async () => {
		const mine = { slot: Number(form.slot), device: form.device.trim(), label: form.label, shared: form.shared };
		await write(domain, phone, (all) => [...all.filter((l) => l.slot !== line?.slot && l.slot !== mine.slot), mine]);
		toast(t('face.saved'));
		onDone();
	});
	return html`<${Dialog} title=${t(line ? 'lines.edit' : 'lines.add', { n: String(form.slot) })} onClose=${onClose} foot=${html`<${Button} onClick=${onClose}>${t('do.cancel')}<//>
		<${Button} kind="primary" busy=${save.busy} onClick=${save.run}>${t('do.save')}<//>`}>
		<${ProblemNote} problem=${save.problem} />
		<${Field} label=${t('lines.slot')} type="number" min="1" max="64" disabled=${!!line} ...${field('slot')} />
		<${UserField} domain=${domain} may=${may} label=${t('lines.device')} hint=${t('lines.deviceHint')} ...${field('device')} required />
		<${Field} label=${t('face.label')} hint=${t('lines.labelHint')} ...${field('label')} maxlength="60" />
		<${Check} label=${t('lines.shared')} hint=${t('lines.sharedHint')} checked=${form.shared} onValue=${(v) => set((f) => ({ ...f, shared: v }))} />
		${line && html`<${Note}>${t('lines.proof')}<//>`}<//>`;
}

/** The lines of a phone: whose they are, changed one at a time. */
export function Lines({ domain, phone, may, onChange }) {
	const [editing, edit] = useState(null), [removing, remove] = useState(null);
	const take = useAction(async () => {
		await write(domain, phone, (all) => all.filter((l) => l.slot !== removing.slot));
		toast(t('lines.removed'));
		remove(null);
		onChange();
	});
	const rows = phone.lines.filter((l) => l.use === 'line'), retired = phone.state === 'retired';
	const columns = [
		{ key: 'slot', name: t('lines.slot'), cell: (l) => l.slot },
		{ key: 'device', name: t('lines.device'), cell: (l) => html`<code>${l.device}</code>` },
		{ key: 'who', name: t('lines.person'), cell: (l) => (may.site && l.user ? html`<a href=${to(domain, 'users', l.user)}>${personName(l) || l.user}</a>` : personName(l) || l.user) },
		{ key: 'label', name: t('face.label'), cell: (l) => l.label },
		{ key: 'shared', name: t('lines.shared'), cell: (l) => (l.shared ? t('do.yes') : t('do.no')) },
	];
	return html`<section class="card form"><div class="row spread"><h2>${t('lines.title')}</h2>
		${!retired && html`<${Button} icon="add" onClick=${() => edit({ add: true })}>${t('lines.addOne')}<//>`}</div>
		${rows.length === 0 ? html`<${Empty} icon="person" title=${t('lines.none')} hint=${t(retired ? 'lines.retired' : 'lines.noneHint')} />`
		: html`<${Table} label=${t('lines.title')} columns=${columns} rows=${rows} id=${(l) => l.slot} rowName=${(l) => String(l.slot)}
			actions=${(l) => html`<${Button} kind="ghost" icon="edit" label=${t('lines.edit', { n: String(l.slot) })} onClick=${() => edit(l)} />
				<${Button} kind="ghost" icon="delete" label=${t('lines.remove', { n: String(l.slot) })} onClick=${() => remove(l)} />`} />`}
		${editing && html`<${LineForm} domain=${domain} phone=${phone} line=${editing.add ? null : editing} may=${may} onClose=${() => edit(null)} onDone=${() => { edit(null); onChange(); }} />`}
		${removing && html`<${Confirm} title=${t('lines.remove', { n: String(removing.slot) })} danger busy=${take.busy} onYes=${take.run} onNo=${() => remove(null)}>
			<${ProblemNote} problem=${take.problem} /><p>${t('lines.removeAbout', { device: removing.device })}</p><//>`}</section>`;
}
