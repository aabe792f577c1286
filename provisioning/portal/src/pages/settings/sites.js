import { useRef, useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useAction, useGet } from '../../hooks.js';
import { html } from '../../html.js';
import { t } from '../../text.js';
import { Button } from '../../ui/button.js';
import { Confirm, Dialog } from '../../ui/dialog.js';
import { Field } from '../../ui/field.js';
import { Empty, Loaded, ProblemNote } from '../../ui/notice.js';
import { Table } from '../../ui/table.js';
import { toast } from '../../ui/toast.js';

const clock = (minutes) => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
const minutes = (text) => text.split(':').reduce((h, m) => Number(h) * 60 + Number(m));

function SiteForm({ target, row, onDone, onClose }) {
	const once = useRef(null);
	const [form, set] = useState({ site: row?.site ?? '', zone: row?.['time-zone'] ?? '', from: clock(row?.['quiet-from-minutes'] ?? 120), to: clock(row?.['quiet-to-minutes'] ?? 300) });
	const field = (name) => ({ value: form[name], onValue: (v) => set((f) => ({ ...f, [name]: v })) });
	const save = useAction(async () => {
		const body = { site: form.site.trim(), 'time-zone': form.zone.trim(), 'quiet-from-minutes': minutes(form.from), 'quiet-to-minutes': minutes(form.to) };
		if (row) await api.call('PATCH', target + api.path(row.site), body);
		else await api.call('POST', target, body, { once });
		toast(t('sites.saved'));
		onDone();
	});
	return html`<${Dialog} title=${row ? row.site : t('sites.add')} onClose=${onClose} foot=${html`<${Button} onClick=${onClose}>${t('do.cancel')}<//><${Button} kind="primary" busy=${save.busy} onClick=${save.run}>${t('do.save')}<//>`}>
		<${ProblemNote} problem=${save.problem} /><${Field} label=${t('sites.name')} ...${field('site')} required maxlength="64" />
		<${Field} label=${t('sites.zone')} hint=${t('sites.zoneHint')} ...${field('zone')} spellcheck=${false} />
		<div class="fields"><${Field} label=${t('sites.from')} type="time" ...${field('from')} /><${Field} label=${t('sites.to')} type="time" ...${field('to')} /></div><p class="faint">${t('sites.quietAbout')}</p><//>`;
}

/** Places with phones: their clock, and when phones may restart. */
export function Sites({ domain, may }) {
	const target = api.path('domains', domain, 'sites'), all = useGet(target, { limit: 1000 }), [editing, edit] = useState(null), [removing, remove] = useState(null);
	const take = useAction(async () => {
		await api.call('DELETE', target + api.path(removing.site));
		toast(t('sites.removed'));
		remove(null);
		all.reload();
	});
	const add = may.office && html`<${Button} icon="add" onClick=${() => edit({ add: true })}>${t('sites.add')}<//>`;
	const done = () => {
		edit(null);
		all.reload();
	};
	return html`<section class="card form"><div class="row spread"><h2>${t('settings.sites')}</h2>${add}</div>
		<${Loaded} of=${all}>${(rows) => (rows.length === 0 ? html`<${Empty} icon="domains" title=${t('sites.none')} hint=${t('sites.noneHint')} />`
		: html`<${Table} label=${t('settings.sites')} rows=${rows} id=${(s) => s.site} rowName=${(s) => s.site} columns=${[{ key: 'site', name: t('sites.name'), cell: (s) => s.site },
		{ key: 'zone', name: t('sites.zone'), cell: (s) => s['time-zone'] || html`<span class="faint">${t('sites.domainZone')}</span>` }, { key: 'quiet', name: t('sites.quiet'), cell: (s) => `${clock(s['quiet-from-minutes'])}–${clock(s['quiet-to-minutes'])}` }]}
			actions=${may.office && ((s) => html`<${Button} kind="ghost" icon="edit" label=${t('sites.edit', { name: s.site })} onClick=${() => edit(s)} /><${Button} kind="ghost" icon="delete" label=${t('sites.remove', { name: s.site })} onClick=${() => remove(s)} />`)} />`)}<//>
		${editing && html`<${SiteForm} target=${target} row=${editing.add ? null : editing} onClose=${() => edit(null)} onDone=${done} />`}
		${removing && html`<${Confirm} title=${t('sites.remove', { name: removing.site })} danger busy=${take.busy} onYes=${take.run} onNo=${() => remove(null)}><${ProblemNote} problem=${take.problem} /><p>${t('sites.removeAbout')}</p><//>`}</section>`;
}
