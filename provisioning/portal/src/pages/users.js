import { useState } from 'preact/hooks';
import * as api from '../api.js';
import { useGet, useLoad, useSettled } from '../hooks.js';
import { html } from '../html.js';
import { to } from '../router.js';
import { t } from '../text.js';
import { Badge } from '../ui/badge.js';
import { SearchField } from '../ui/field.js';
import { Empty, Loaded } from '../ui/notice.js';
import { Page } from '../ui/page.js';
import { Pager, Table } from '../ui/table.js';

const name = (u) => [u['name-first-name'], u['name-last-name']].filter(Boolean).join(' ');

export function Users({ domain }) {
	const [search, setSearch] = useState(''), asked = useSettled(search);
	const [start, setStart] = useState(0), [limit, setLimit] = useState(50);
	const target = api.path('domains', domain, 'users');
	const found = useLoad(async (signal) => {
		const [rows, { total }] = await Promise.all([api.get(api.url(target, { search: asked, start, limit }), { signal }),
			api.get(api.url(target + '/count', { search: asked }), { signal })]);
		return { rows, total };
	}, [target, asked, start, limit]);
	const columns = [
		{ key: 'name', name: t('users.name'), cell: (u) => html`<a href=${to(domain, 'users', u.user)}>${name(u) || html`<em>${t('users.nobody')}</em>`}</a>` },
		{ key: 'ext', name: t('users.extension'), cell: (u) => u.user },
		{ key: 'status', name: t('users.status'), cell: (u) => html`<${Badge} family="status" word=${u['account-status']} />` },
		{ key: 'department', name: t('users.department'), cell: (u) => u.department },
		{ key: 'site', name: t('users.site'), cell: (u) => u.site },
		{ key: 'scope', name: t('users.scope'), cell: (u) => u['user-scope'] },
	];
	return html`<${Page} title=${t('users.title')}>
		<div class="tools"><${SearchField} label=${t('users.search')} value=${search} onValue=${(v) => { setSearch(v); setStart(0); }} /></div>
		<${Loaded} of=${found}>${({ rows, total }) => (total === 0
			? html`<${Empty} icon="users" title=${t(asked ? 'users.notFound' : 'users.none')} hint=${t(asked ? 'users.notFoundHint' : 'users.noneHint')} />`
			: html`<p class="faint" role="status">${t('users.found', { n: total })}</p>
				<${Table} label=${t('users.title')} columns=${columns} rows=${rows} id=${(u) => u.user} rowName=${(u) => name(u) || u.user} />
				<${Pager} start=${start} limit=${limit} total=${total} onStart=${setStart} onLimit=${(n) => { setLimit(n); setStart(0); }} />`)}<//>
	<//>`;
}
