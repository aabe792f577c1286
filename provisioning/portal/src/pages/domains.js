import { useState } from 'preact/hooks';
import * as api from '../api.js';
import { useAction, useLoad, useSettled } from '../hooks.js';
import { html } from '../html.js';
import { to } from '../router.js';
import { t } from '../text.js';
import { Button } from '../ui/button.js';
import { Confirm, Dialog } from '../ui/dialog.js';
import { SearchField } from '../ui/field.js';
import { Empty, Loaded, ProblemNote } from '../ui/notice.js';
import { Page } from '../ui/page.js';
import { Pager, Table } from '../ui/table.js';
import { toast } from '../ui/toast.js';
import { DomainForm } from './parts/domain.js';

/** The domains within reach. */
export function Domains({ may }) {
	const all = useLoad((signal, quiet) => api.getAll('/domains', {}, { signal, quiet }), []);
	const [typed, type] = useState(''), search = useSettled(typed, 100), [at, setAt] = useState({ start: 0, limit: 50 });
	const [editing, edit] = useState(null), [removing, remove] = useState(null);
	const take = useAction(async () => {
		await api.call('DELETE', api.path('domains', removing.domain));
		toast(t('domain.removed'));
		remove(null);
		all.reload();
	});
	const columns = [
		{ key: 'domain', name: t('domain.name'), cell: (d) => html`<a href=${to(d.domain, 'users')}>${d.domain}</a>` },
		{ key: 'about', name: t('domain.description'), cell: (d) => d.description },
		{ key: 'reseller', name: t('domain.reseller'), cell: (d) => d.reseller },
		{ key: 'zone', name: t('domain.zone'), cell: (d) => d['time-zone'] },
	];
	const add = html`<${Button} kind="primary" icon="add" onClick=${() => edit({ add: true })}>${t('domain.add')}<//>`;
	return html`<${Page} title=${t('nav.domains')} actions=${add}>
		<div class="tools"><${SearchField} label=${t('domain.search')} value=${typed} onValue=${(v) => { type(v); setAt({ ...at, start: 0 }); }} /></div>
		<${Loaded} of=${all}>${(domains) => {
		const rows = domains.filter((d) => `${d.domain} ${d.description} ${d.reseller}`.toLowerCase().includes(search.toLowerCase()));
		if (rows.length === 0) return html`<${Empty} icon="domains" title=${t(domains.length ? 'domain.notFound' : 'domain.none')} hint=${t(domains.length ? 'domain.notFoundHint' : 'domain.noneHint')} />`;
		return html`<p class="faint" role="status">${t('domain.found', { n: rows.length })}</p>
			<${Table} label=${t('nav.domains')} columns=${columns} rows=${rows.slice(at.start, at.start + at.limit)} id=${(d) => d.domain} rowName=${(d) => d.domain}
				actions=${(d) => html`<${Button} kind="ghost" icon="edit" label=${t('domain.edit', { name: d.domain })} onClick=${() => edit(d)} /><${Button} kind="ghost" icon="delete" label=${t('domain.remove', { name: d.domain })} onClick=${() => remove(d)} />`} />
			<${Pager} start=${at.start} limit=${at.limit} total=${rows.length} onStart=${(start) => setAt({ ...at, start })} onLimit=${(limit) => setAt({ start: 0, limit })} />`;
	}}<//>
		${editing && html`<${Dialog} title=${editing.add ? t('domain.add') : editing.domain} size="wide" onClose=${() => edit(null)}><${DomainForm} row=${editing.add ? undefined : editing} may=${may} onDone=${() => { edit(null); all.reload(); }} /><//>`}
		${removing && html`<${Confirm} title=${t('domain.remove', { name: removing.domain })} danger busy=${take.busy} onYes=${take.run} onNo=${() => { take.clear(); remove(null); }}>
			<${ProblemNote} problem=${take.problem} /><p>${t('domain.removeAbout')}</p><//>`}<//>`;
}
