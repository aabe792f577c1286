import { useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useAction, usePaged } from '../../hooks.js';
import { html } from '../../html.js';
import { to } from '../../router.js';
import { t, wordOf } from '../../text.js';
import { Badge } from '../../ui/badge.js';
import { Button } from '../../ui/button.js';
import { Confirm } from '../../ui/dialog.js';
import { Empty, ProblemNote } from '../../ui/notice.js';
import { Time } from '../../ui/time.js';
import { toast } from '../../ui/toast.js';
import { Listing } from '../parts/listing.js';

const LOOK_MS = 3000;

/** Asks, then takes back what has not begun. */
export function Cancel({ domain, job, onDone, onClose }) {
	const cancel = useAction(async () => {
		await api.call('DELETE', api.path('domains', domain, 'resets', job.reset));
		toast(t('jobs.cancelled'));
		onDone();
	});
	return html`<${Confirm} title=${t('jobs.cancel')} danger busy=${cancel.busy} onYes=${cancel.run} onNo=${onClose}><${ProblemNote} problem=${cancel.problem} /><p>${t('jobs.cancelAbout')}</p><//>`;
}

/** Jobs, newest first; coming: those that are ordered for later. */
export function Jobs({ domain, coming }) {
	const list = usePaged(api.path('domains', domain, 'resets'), { state: coming ? 'scheduled' : '' }, { every: LOOK_MS }), [taking, take] = useState(null);
	const columns = [
		{ key: 'when', name: t(coming ? 'jobs.at' : 'jobs.ordered'), cell: (j) => html`<a href=${to(domain, 'handovers', 'jobs', j.reset)}><${Time} iso=${coming ? j['at-datetime'] : j['created-datetime']} long /></a>` },
		{ key: 'kind', name: t('jobs.kind'), cell: (j) => wordOf('job', j.kind ?? 'reset') },
		{ key: 'state', name: t('records.state'), cell: (j) => html`<${Badge} family="jobState" word=${j.state} />` },
		{ key: 'users', name: t('jobs.users'), cell: (j) => (j['users-failed'] ? t('jobs.usersFailed', { n: j['users-total'], failed: j['users-failed'] }) : t('jobs.usersN', { n: j['users-total'] })) },
		!coming && { key: 'evidence', name: t('records.proof'), cell: (j) => html`<${JobProof} job=${j} />` },
		{ key: 'by', name: t('records.by'), cell: (j) => j['by-user'] },
	].filter(Boolean);
	return html`<${Listing} list=${list} label=${t(coming ? 'handovers.coming' : 'handovers.jobs')} columns=${columns} id=${(j) => j.reset} rowName=${(j) => j.reset}
		actions=${coming && ((j) => html`<${Button} onClick=${() => take(j)}>${t('jobs.cancel')}<//>`)}
		empty=${html`<${Empty} icon="handovers" title=${t(coming ? 'jobs.noneComing' : 'jobs.none')} hint=${t(coming ? 'jobs.noneComingHint' : 'jobs.noneHint')} />`} />
		${taking && html`<${Cancel} domain=${domain} job=${taking} onClose=${() => take(null)} onDone=${() => { take(null); list.reload(); }} />`}`;
}

/** How many of a job's records are proved. */
export function JobProof({ job }) {
	const total = job['handovers-total'], open = job['handovers-open'];
	if (total === 0) return html`<span class="faint">${t('jobs.nothingToProve')}</span>`;
	return html`<div class="meter"><progress max=${total} value=${total - open} aria-label=${t('jobs.proved', { n: total - open, total })}></progress><small>${t('jobs.proved', { n: total - open, total })}</small></div>`;
}
