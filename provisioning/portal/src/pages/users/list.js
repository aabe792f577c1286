// The table of users: search, order, pages, whom to act on.
import { useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useAction, useGet, useLoad, useSettled } from '../../hooks.js';
import { html } from '../../html.js';
import { requery, to } from '../../router.js';
import { within } from '../../session.js';
import { t } from '../../text.js';
import { Badge } from '../../ui/badge.js';
import { Button, LinkButton } from '../../ui/button.js';
import { Confirm } from '../../ui/dialog.js';
import { SearchField } from '../../ui/field.js';
import { Empty, Loaded, Note, ProblemNote } from '../../ui/notice.js';
import { Page } from '../../ui/page.js';
import { modelName, PhoneDot } from '../../ui/phone.js';
import { useSelection } from '../../ui/selection.js';
import { Pager, Table } from '../../ui/table.js';
import { toast } from '../../ui/toast.js';
import { JobDialog } from '../job/dialog.js';
import { AddUser } from './add.js';
import { Bulk } from './bulk.js';
import { nameOf, personOf } from './person.js';

const LOOK_MS = 10000;
const PHONES_SHOWN = 3;

function Phones({ domain, phones }) {
	return html`<ul class="phone-list">${phones.slice(0, PHONES_SHOWN).map((p) => {
		const mac = p['device-provisioning-mac-address'];
		return html`<li key=${mac}><${PhoneDot} phone=${p} /><a href=${to(domain, 'phones', mac)} title=${mac}>${modelName(p['device-models-model'])}</a></li>`;
	})}${phones.length > PHONES_SHOWN && html`<li class="faint">${t('users.morePhones', { n: phones.length - PHONES_SHOWN })}</li>`}</ul>`;
}

const columnsOf = (domain) => [
	{ key: 'name', name: t('users.name'), sort: 'name', cell: (u) => html`<a href=${to(domain, 'users', u.user)}><bdi>${nameOf(u) || html`<em>${t('users.nobody')}</em>`}</bdi></a>` },
	{ key: 'ext', name: t('users.extension'), sort: 'user', cell: (u) => u.user },
	{ key: 'status', name: t('users.status'), sort: 'account-status', cell: (u) => html`<${Badge} family="status" word=${u['account-status']} />` },
	{ key: 'department', name: t('users.department'), sort: 'department', cell: (u) => u.department },
	{ key: 'site', name: t('users.site'), sort: 'site', cell: (u) => u.site },
	{ key: 'scope', name: t('users.scope'), sort: 'user-scope', cell: (u) => u['user-scope'] },
	{ key: 'phones', name: t('users.phones'), cell: (u) => (u.phones.length ? html`<${Phones} domain=${domain} phones=${u.phones} />` : null) },
];

/** What the table shows: typed search, order and page, kept in the place so that Back finds it again. */
function useView(query) {
	const [search, setSearch] = useState(query.search ?? '');
	const asked = useSettled(search);
	const view = { asked, search, sort: query.sort ?? 'user', start: Number(query.start) || 0, limit: Number(query.limit) || 50 };
	return {
		...view,
		setSearch: (v) => {
			setSearch(v);
			requery({ search: v, start: '' });
		},
		sortBy: (by) => requery({ sort: view.sort === by ? `-${by}` : by, start: '' }),
		setStart: (n) => requery({ start: n || '' }),
		setLimit: (n) => requery({ limit: n, start: '' }),
	};
}

function Selected({ selection, rows, total, onAll, all, onBulk }) {
	const n = selection.picked.size;
	return html`<div class="selected" role="region" aria-label=${t('users.selection')}>
		<strong role="status">${t('table.selected', { n })}</strong>
		${n < total && rows.every((r) => selection.has(r.user)) && html`<${Button} kind="ghost" busy=${all.busy} onClick=${onAll}>${t('table.all', { n: total })}<//>`}
		<span class="space"></span>
		<${Button} kind="ghost" onClick=${selection.clear}>${t('table.none')}<//>
		<${Button} kind="primary" onClick=${onBulk}>${t('bulk.title')}<//></div>`;
}

/** Jobs at work and forms that wait, so that nothing is lost with a closed window. */
function Waiting({ domain, turn }) {
	const forms = useGet(`${api.path('domains', domain, 'recycles')}/count`, { turn }, LOOK_MS);
	const running = useGet(api.path('domains', domain, 'resets'), { state: 'running', limit: 1, turn }, LOOK_MS);
	const job = running.data?.[0];
	return html`${job && html`<${Note} icon="handovers"><div class="row"><span>${t('users.running', { done: job['users-done'], n: job['users-total'] })}</span>
			<${Button} onClick=${() => requery({ job: job.reset })}>${t('users.show')}<//></div><//>`}
		${forms.data?.total > 0 && html`<${Note} icon="users"><div class="row"><span>${t('users.forms', { n: forms.data.total })}</span>
			<${Button} onClick=${() => requery({ job: 'forms' })}>${t('users.fill')}<//></div><//>`}`;
}

function Delete({ domain, user, onDone, onNo }) {
	const remove = useAction(async () => {
		await api.call('DELETE', api.path('domains', domain, 'users', user.user));
		toast(t('users.deleted', { who: personOf(user) }));
		onDone();
	});
	return html`<${Confirm} title=${t('users.deleteTitle', { who: personOf(user) })} danger busy=${remove.busy} onYes=${remove.run} onNo=${onNo}>
		<${ProblemNote} problem=${remove.problem} /><p>${t('users.deleteText')}</p><//>`;
}

export function UserList({ domain, query, may, session }) {
	const view = useView(query), selection = useSelection((u) => u.user);
	const [open, setOpen] = useState(null); // 'bulk', 'add', or the user to delete
	const target = api.path('domains', domain, 'users');
	const asked = { search: view.asked, sort: view.sort };
	const found = useLoad(async (signal, quiet) => {
		const [rows, { total }] = await Promise.all([
			api.get(api.url(target, { ...asked, fields: 'phones', start: view.start, limit: view.limit }), { signal, quiet }),
			api.get(api.url(`${target}/count`, { search: view.asked }), { signal, quiet })]);
		return { rows, total };
	}, [target, view.asked, view.sort, view.start, view.limit], LOOK_MS);
	const all = useAction(async () => selection.add((await api.getAll(target, { ...asked, fields: 'brief' })).filter((u) => within(session, domain, u))));
	const close = (changed) => {
		setOpen(null);
		if (changed) found.reload();
	};
	const can = (u) => within(session, domain, u);
	const actions = (u) => html`<${LinkButton} kind="ghost" icon="edit" label=${t('users.edit', { who: personOf(u) })} href=${to(domain, 'users', u.user)} />
		${may.office && can(u) && html`<${Button} kind="ghost" icon="delete" label=${t('users.delete', { who: personOf(u) })} onClick=${() => setOpen(u)} />`}`;
	const add = html`<${Button} icon="add" onClick=${() => setOpen('add')}>${t('users.add')}<//>`;
	return html`<${Page} title=${t('users.title')} actions=${add}>
		${may.office && html`<${Waiting} domain=${domain} turn=${query.job ?? ''} />`}
		<div class="tools"><${SearchField} label=${t('users.search')} value=${view.search} onValue=${view.setSearch} />
			<p class="faint" role="status">${found.data && t('users.found', { n: found.data.total })}</p></div>
		<${ProblemNote} problem=${all.problem} retry=${all.run} />
		<${Loaded} of=${found}>${({ rows, total }) => (total === 0
			? html`<${Empty} icon="users" title=${t(view.asked ? 'users.notFound' : 'users.none')} hint=${t(view.asked ? 'users.notFoundHint' : 'users.noneHint')}>
				${view.asked ? html`<${Button} onClick=${() => view.setSearch('')}>${t('do.clear')}<//>` : add}<//>`
			: html`${selection.picked.size > 0 && html`<${Selected} selection=${selection} rows=${rows.filter(can)} total=${total} all=${all} onAll=${all.run} onBulk=${() => setOpen('bulk')} />`}
				<${Table} label=${t('users.title')} columns=${columnsOf(domain)} rows=${rows} id=${(u) => u.user} rowName=${personOf} actions=${actions}
					sort=${{ by: view.sort.replace('-', ''), down: view.sort[0] === '-' }} onSort=${view.sortBy} selection=${may.office ? { ...selection, can } : undefined} />
				<${Pager} start=${view.start} limit=${view.limit} total=${total} onStart=${view.setStart} onLimit=${view.setLimit} />`)}<//>
		${open === 'add' && html`<${AddUser} domain=${domain} session=${session} onDone=${close} />`}
		${open === 'bulk' && html`<${Bulk} domain=${domain} users=${[...selection.picked.values()]} onClose=${() => close(false)} onJob=${(id) => {
			setOpen(null);
			selection.clear();
			requery({ job: id });
		}} />`}
		${open?.user && html`<${Delete} domain=${domain} user=${open} onNo=${() => close(false)} onDone=${() => {
			if (selection.has(open.user)) selection.toggle(open);
			close(true);
		}} />`}
		${query.job && html`<${JobDialog} key=${query.job} domain=${domain} id=${query.job} onNext=${(id) => requery({ job: id })} onClose=${() => {
			requery({ job: '' });
			found.reload();
		}} />`}
	<//>`;
}
