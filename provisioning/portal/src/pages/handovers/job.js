import { useEffect, useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useGet, usePaged } from '../../hooks.js';
import { html } from '../../html.js';
import { to } from '../../router.js';
import { t, wordOf } from '../../text.js';
import { Badge } from '../../ui/badge.js';
import { Button, LinkButton } from '../../ui/button.js';
import { Facts } from '../../ui/facts.js';
import { Loaded, Note } from '../../ui/notice.js';
import { Page } from '../../ui/page.js';
import { Pager, Table } from '../../ui/table.js';
import { Time } from '../../ui/time.js';
import { Records } from '../parts/records.js';
import { Cancel, JobProof } from './jobs.js';

const LOOK_MS = 2000;
const going = (job) => !job['ended-datetime'] || job['handovers-open'] > 0;

/** A collection below a job, by pages, looked at while anything can still change. */
function Part({ target, count, live, children }) {
	const list = usePaged(target, {}, { every: live ? LOOK_MS : 0, count });
	return html`<${Loaded} of=${list}>${({ rows, total }) => html`${children(rows, list)}<${Pager} start=${list.start} limit=${list.limit} total=${total} onStart=${list.onStart} onLimit=${list.onLimit} />`}<//>`;
}

const stepsOf = (u) => Object.entries(u.steps ?? {}).filter(([, n]) => n > 0).map(([k, n]) => `${wordOf('done', k)} ${n}`).join(', ');

const Users = ({ domain, rows }) => html`<${Table} label=${t('jobs.users')} rows=${rows} id=${(u) => u.user} rowName=${(u) => u.user} columns=${[
	{ key: 'user', name: t('records.user'), cell: (u) => html`<a href=${to(domain, 'users', u.user)}>${u.user}</a>` },
	{ key: 'state', name: t('records.state'), cell: (u) => html`<${Badge} family="part" word=${u.state} />` },
	{ key: 'did', name: t('jobs.done'), cell: (u) => u.error ?? stepsOf(u) },
	{ key: 'voicemail', name: t('jobs.voicemail'), cell: (u) => u.voicemail && wordOf('voicemail', u.voicemail) },
]} />`;

/** One job: what was ordered, what was done for whom, and every proof. */
export function Job({ domain, id, may }) {
	const [live, setLive] = useState(true), [asking, ask] = useState(false);
	const target = api.path('domains', domain, 'resets', id), found = useGet(target, { limit: 1 }, live ? LOOK_MS : 0), job = found.data;
	useEffect(() => {
		if (job) setLive(going(job));
	}, [job]);
	const begun = job && job.state !== 'scheduled' && job.state !== 'queued';
	return html`<${Page} title=${t('jobs.title', { n: id })} about=${html`<a href=${to(domain, 'handovers', 'jobs')}>${t('jobs.all')}</a>`} actions=${job && html`
		${!begun && job.state !== 'cancelled' && html`<${Button} onClick=${() => ask(true)}>${t('jobs.cancel')}<//>`}
		<${LinkButton} icon="external" href=${api.href(target + '/report?format=html')} target="_blank" rel="noopener">${t('jobs.report')}<//>
		<${LinkButton} icon="download" href=${api.href(target + '/report?format=csv')} download>${t('do.csv')}<//>`}>
		<${Loaded} of=${found}>${() => html`<div class="form">
			${job['cannot-be-proved'] && html`<${Note} kind="wait" icon="alerts">${job['cannot-be-proved']}<//>`}
			<section class="card form"><h2>${t('jobs.order')}</h2>
			<${Facts} rows=${[[t('jobs.kind'), wordOf('job', job.kind ?? 'reset')], [t('records.state'), html`<${Badge} family="jobState" word=${job.state} />`], [t('records.by'), job['by-user']],
		[t('jobs.ordered'), html`<${Time} iso=${job['created-datetime']} long />`], [t('jobs.at'), job['at-datetime'] ? html`<${Time} iso=${job['at-datetime']} long />` : undefined],
		[t('jobs.ended'), job['ended-datetime'] ? html`<${Time} iso=${job['ended-datetime']} long />` : ''], [t('jobs.users'), t('jobs.usersN', { n: job['users-total'] })], [t('records.proof'), html`<${JobProof} job=${job} />`]]} /></section>
			<section class="card form"><h2>${t('jobs.users')}</h2><${Part} target=${target + '/users'} count=${job['users-total']} live=${live}>${(rows) => html`<${Users} domain=${domain} rows=${rows} />`}<//></section>
			${job['handovers-total'] > 0 && html`<section class="card form"><h2>${t('records.proof')}</h2><${Part} target=${target + '/handovers'} count=${job['handovers-total']} live=${live}>${(rows, list) => html`
				<${Records} domain=${domain} rows=${rows} may=${may} onChange=${() => { list.reload(); found.reload(); }} />`}<//></section>`}</div>`}<//>
		${asking && html`<${Cancel} domain=${domain} job=${job} onClose=${() => ask(false)} onDone=${() => { ask(false); found.reload(); }} />`}<//>`;
}
