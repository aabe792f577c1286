import { useRef, useState } from 'preact/hooks';
import * as api from '../api.js';
import { useAction, useGet } from '../hooks.js';
import { html } from '../html.js';
import { t } from '../text.js';
import { Badge } from '../ui/badge.js';
import { Button } from '../ui/button.js';
import { Copy } from '../ui/copy.js';
import { Confirm, Dialog } from '../ui/dialog.js';
import { Check, Field } from '../ui/field.js';
import { Empty, Loaded, Note, ProblemNote } from '../ui/notice.js';
import { Page } from '../ui/page.js';
import { Table } from '../ui/table.js';
import { Time } from '../ui/time.js';
import { toast } from '../ui/toast.js';

const SCOPES = ['Office Manager', 'Site Manager', 'Field Technician', 'Reseller', 'Super User'];

function KeyForm({ target, may, domain, onDone, onClose }) {
	const once = useRef(null);
	const [form, set] = useState({ name: '', scope: 'Office Manager', days: '365', sites: [] }), [made, setMade] = useState(null);
	const field = (name) => ({ value: form[name], onValue: (v) => set((f) => ({ ...f, [name]: v })) });
	const sited = form.scope === 'Site Manager' || form.scope === 'Field Technician';
	const sites = useGet(sited ? api.path('domains', domain, 'sites') : null, { limit: 1000 });
	const offered = SCOPES.filter((s) => (s === 'Super User' ? may.global : s === 'Reseller' ? may.domains : true));
	const save = useAction(async () => {
		setMade(await api.call('POST', target, { name: form.name.trim(), 'user-scope': form.scope, 'expires-days': Number(form.days) || 0, ...(sited && { sites: form.sites }) }, { once }));
		onDone();
	});
	if (made) {
		return html`<${Dialog} title=${made.name} onClose=${onClose} foot=${html`<${Button} kind="primary" onClick=${onClose}>${t('do.close')}<//>`}>
			<${Note} kind="wait" icon="keys">${t('keys.once')}<//><${Copy} text=${made.key} label=${t('keys.key')} /><p class="faint">${t('keys.use')}</p><//>`;
	}
	return html`<${Dialog} title=${t('keys.add')} onClose=${onClose} foot=${html`<${Button} onClick=${onClose}>${t('do.cancel')}<//><${Button} kind="primary" busy=${save.busy} onClick=${save.run}>${t('keys.make')}<//>`}>
		<${ProblemNote} problem=${save.problem} /><${Field} label=${t('keys.name')} hint=${t('keys.nameHint')} ...${field('name')} required maxlength="60" />
		<${Field} label=${t('keys.scope')} hint=${t('keys.scopeHint')} control="select" ...${field('scope')}>${offered.map((s) => html`<option key=${s} value=${s} selected=${s === form.scope}>${s}</option>`)}<//>
		${sited && html`<fieldset><legend>${t('keys.sites')}</legend>${(sites.data ?? []).map((s) => html`<${Check} key=${s.site} label=${s.site} checked=${form.sites.includes(s.site)}
			onValue=${(on) => set((f) => ({ ...f, sites: on ? [...f.sites, s.site] : f.sites.filter((x) => x !== s.site) }))} />`)}${sites.data?.length === 0 && html`<p class="faint">${t('keys.noSites')}</p>`}</fieldset>`}
		<${Field} label=${t('keys.days')} hint=${t('keys.daysHint')} type="number" min="0" max="3650" ...${field('days')} /><//>`;
}

const stateOf = (k) => (k['revoked-datetime'] ? 'revoked' : k['expires-datetime'] && new Date(k['expires-datetime']) < new Date() ? 'expired' : 'good');

/** Keys by which programs use the API. */
export function Keys({ domain, may }) {
	const target = api.path('domains', domain, 'apikeys'), all = useGet(target, { limit: 1000 }), [adding, add] = useState(false), [taking, take] = useState(null);
	const revoke = useAction(async () => {
		await api.call('DELETE', target + api.path(taking.apikey));
		toast(t('keys.revoked'));
		take(null);
		all.reload();
	});
	const columns = [
		{ key: 'name', name: t('keys.name'), cell: (k) => k.name },
		{ key: 'prefix', name: t('keys.key'), cell: (k) => html`<code>${k['key-prefix']}…</code>` },
		{ key: 'scope', name: t('keys.scope'), cell: (k) => k['user-scope'] },
		{ key: 'state', name: t('records.state'), cell: (k) => html`<${Badge} tone=${stateOf(k) === 'good' ? 'good' : 'idle'} word=${t('keys.state-' + stateOf(k))} />` },
		{ key: 'used', name: t('keys.used'), cell: (k) => html`<${Time} iso=${k['last-used-datetime']} />` },
		{ key: 'expires', name: t('keys.expires'), cell: (k) => (k['expires-datetime'] ? html`<${Time} iso=${k['expires-datetime']} />` : t('time.never')) },
	];
	const button = html`<${Button} kind="primary" icon="add" onClick=${() => add(true)}>${t('keys.add')}<//>`;
	return html`<${Page} title=${t('nav.keys')} about=${t('keys.about')} actions=${button}>
		<${Loaded} of=${all}>${(rows) => (rows.length === 0 ? html`<${Empty} icon="keys" title=${t('keys.none')} hint=${t('keys.noneHint')}>${button}<//>`
		: html`<${Table} label=${t('nav.keys')} columns=${columns} rows=${rows} id=${(k) => k.apikey} rowName=${(k) => k.name}
			actions=${(k) => stateOf(k) === 'good' && html`<${Button} label=${t('keys.revokeOne', { name: k.name })} onClick=${() => take(k)}>${t('keys.revoke')}<//>`} />`)}<//>
		${adding && html`<${KeyForm} target=${target} domain=${domain} may=${may} onDone=${all.reload} onClose=${() => add(false)} />`}
		${taking && html`<${Confirm} title=${t('keys.revokeOne', { name: taking.name })} danger busy=${revoke.busy} onYes=${revoke.run} onNo=${() => take(null)}>
			<${ProblemNote} problem=${revoke.problem} /><p>${t('keys.revokeAbout')}</p><//>`}<//>`;
}
