import { useState } from 'preact/hooks';
import * as api from '../api.js';
import { usePaged, useSettled } from '../hooks.js';
import { html } from '../html.js';
import { requery } from '../router.js';
import { t } from '../text.js';
import { Button, LinkButton } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { Facts } from '../ui/facts.js';
import { Field } from '../ui/field.js';
import { Empty } from '../ui/notice.js';
import { Page } from '../ui/page.js';
import { Time } from '../ui/time.js';
import { Listing } from './parts/listing.js';

function read(text) {
	try {
		return JSON.parse(text || '{}');
	} catch {
		return { '': text }; // cut to length
	}
}

/** "phone-change" is read as it is written, without the hyphens. */
const actionWord = (word) => word.replaceAll('-', ' ');
const said = (v) => (v === undefined || v === null ? '' : typeof v === 'object' ? JSON.stringify(v) : String(v));

/** Before and after side by side; what changed is marked by its row. */
function Change({ row, onClose }) {
	const { before, after, detail } = row['auditlog-details'], a = read(before), b = read(after);
	const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
	return html`<${Dialog} title=${actionWord(row['action-type'])} size="wide" onClose=${onClose} foot=${html`<${Button} kind="primary" onClick=${onClose}>${t('do.close')}<//>`}>
		<${Facts} rows=${[[t('audit.when'), html`<${Time} iso=${row['timestamp-datetime']} long />`], [t('audit.who'), row['by-user']], [t('audit.from'), row['by-ip']], [t('audit.client'), row['by-client']],
		[t('audit.user'), row['target-user'] || undefined], [t('audit.object'), row['target-object'] || undefined], [t('audit.detail'), detail || undefined]]} />
		${names.length > 0 && html`<div class="plain" tabindex="0" role="region" aria-label=${t('audit.change')}><table><thead><tr><th scope="col">${t('audit.field')}</th><th scope="col">${t('audit.before')}</th><th scope="col">${t('audit.after')}</th></tr></thead>
			<tbody>${names.map((n) => html`<tr key=${n} class=${before && after && said(a[n]) !== said(b[n]) ? 'picked' : ''}><td>${n}</td><td>${said(a[n])}</td><td>${said(b[n])}</td></tr>`)}</tbody></table></div>`}<//>`;
}

const dayStart = (day) => (day ? new Date(`${day}T00:00:00`).toISOString() : '');
const dayEnd = (day) => (day ? new Date(new Date(`${day}T00:00:00`).getTime() + 86400000).toISOString() : '');

/** Who did what, when, from where. */
export function Audit({ domain, query }) {
	const { who = '', user = '', object = '', action = '', from = '', until = '' } = query, [shown, show] = useState(null);
	const asked = useSettled(JSON.stringify({ 'by-user': who, 'target-user': user, 'target-object': object, 'action-type': action, 'datetime-start': dayStart(from), 'datetime-end': dayEnd(until) }));
	const filter = JSON.parse(asked), target = api.path('domains', domain, 'auditlog'), list = usePaged(target, filter);
	const field = (name, value) => ({ value, onValue: (v) => requery({ [name]: v.trim() }), autocapitalize: 'none', spellcheck: false });
	const columns = [
		{ key: 'when', name: t('audit.when'), cell: (r) => html`<${Time} iso=${r['timestamp-datetime']} long />` },
		{ key: 'who', name: t('audit.who'), cell: (r) => html`<div>${r['by-user']}<small>${[r['by-ip'], r['by-client']].filter(Boolean).join(' · ')}</small></div>` },
		{ key: 'what', name: t('audit.action'), cell: (r) => actionWord(r['action-type']) },
		{ key: 'user', name: t('audit.user'), cell: (r) => r['target-user'] },
		{ key: 'object', name: t('audit.object'), cell: (r) => r['target-object'] },
	];
	return html`<${Page} title=${t('nav.audit')} actions=${html`<${LinkButton} icon="download" href=${api.href(api.url(target, { ...filter, format: 'csv', bom: 'yes' }))} download>${t('do.csv')}<//>`}>
		<div class="fields narrow"><${Field} label=${t('audit.who')} hint=${t('audit.whoHint')} ...${field('who', who)} /><${Field} label=${t('audit.user')} hint=${t('audit.userHint')} ...${field('user', user)} />
			<${Field} label=${t('audit.object')} hint=${t('audit.objectHint')} ...${field('object', object)} /><${Field} label=${t('audit.action')} hint=${t('audit.actionHint')} ...${field('action', action)} />
			<${Field} label=${t('audit.since')} type="date" ...${field('from', from)} /><${Field} label=${t('audit.until')} type="date" ...${field('until', until)} /></div>
		<${Listing} list=${list} label=${t('nav.audit')} columns=${columns} id=${(r) => r.id} rowName=${(r) => String(r.id)}
			actions=${(r) => html`<${Button} kind="ghost" label=${t('audit.showOne', { n: String(r.id) })} onClick=${() => show(r)}>${t('audit.show')}<//>`}
			empty=${html`<${Empty} icon="audit" title=${t('audit.none')} hint=${t('audit.noneHint')} />`} />
		${shown && html`<${Change} row=${shown} onClose=${() => show(null)} />`}<//>`;
}
