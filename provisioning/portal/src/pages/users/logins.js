// When this person came in, and from where; and what became of mails with links.
import * as api from '../../api.js';
import { useGet } from '../../hooks.js';
import { html } from '../../html.js';
import { t, wordOf } from '../../text.js';
import { Empty, Loaded } from '../../ui/notice.js';
import { Table } from '../../ui/table.js';
import { Time } from '../../ui/time.js';

export function Logins({ domain, target, row }) {
	const list = useGet(api.path('domains', domain, 'auditlog'), { 'action-type': 'login', 'target-user': row.user, limit: 50 });
	const mails = useGet(`${target}/mails`, { limit: 20 });
	const columns = [
		{ key: 'when', name: t('login.when'), cell: (r) => html`<${Time} iso=${r['timestamp-datetime']} long />` },
		{ key: 'from', name: t('login.from'), cell: (r) => r['by-ip'] },
		{ key: 'by', name: t('login.by'), cell: (r) => r['by-client'] },
	];
	const letters = [
		{ key: 'when', name: t('login.when'), cell: (m) => html`<${Time} iso=${m['created-datetime']} long />` },
		{ key: 'what', name: t('login.mail'), cell: (m) => m.template },
		{ key: 'to', name: t('login.to'), cell: (m) => m['by-user'] },
		{ key: 'state', name: t('login.state'), cell: (m) => html`${wordOf('mail', m.state)} ${m.error && html`<small>${m.error}</small>`}` },
	];
	return html`<h2>${t('login.log')}</h2><${Loaded} of=${list}>${(rows) => (rows.length === 0 ? html`<${Empty} icon="person" title=${t('login.none')} hint=${t('login.noneHint')} />`
		: html`<${Table} label=${t('login.log')} columns=${columns} rows=${rows} id=${(r) => r.id} rowName=${(r) => r.id} />`)}<//>
		<h2>${t('login.mails')}</h2><${Loaded} of=${mails}>${(rows) => (rows.length === 0 ? html`<p class="faint">${t('login.noMails')}</p>`
		: html`<${Table} label=${t('login.mails')} columns=${letters} rows=${rows} id=${(m) => m.mail} rowName=${(m) => m.template} />`)}<//>`;
}
