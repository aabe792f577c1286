// The status of a job: progress per user and per phone, as the evidence arrives.
import { useEffect, useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useAction, useGet, useJob } from '../../hooks.js';
import { html } from '../../html.js';
import { at, sentence, t } from '../../text.js';
import { Badge } from '../../ui/badge.js';
import { Button, LinkButton } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { Note, ProblemNote } from '../../ui/notice.js';
import { Links } from './links.js';
import { Proof } from './proof.js';

const SHOWN = 100;
const ended = (job) => ['done', 'done-with-errors', 'cancelled'].includes(job?.state);

const byName = (a, b) => a.user.localeCompare(b.user, undefined, { numeric: true });

function Bar({ label, value, max }) {
	return html`<div class="bar-of"><p>${label}</p>${max > 0 && html`<progress aria-label=${label} value=${value} max=${max}></progress>`}</div>`;
}

/** "2 lines taken away, 1 device deleted" */
const stepsOf = (part) => Object.entries(part.steps).filter(([name, n]) => n > 0 && name !== 'phones').map(([name, n]) => t(`job.step.${name}`, { n })).join(', ');

function Part({ part, records }) {
	return html`<li class="part"><div class="row"><strong>${part.user}</strong><${Badge} family="part" word=${part.state} />
			${part.voicemail && html`<span class="faint">${t(`job.voicemail.${part.voicemail}`)}</span>`}${part.mail && html`<span class="faint">${t(`job.mail.${part.mail}`)}</span>`}</div>
		${part.error && html`<p class="error">${part.error}</p>`}<p class="faint">${stepsOf(part)}</p>
		${records.length > 0 && html`<ul class="proofs">${records.map((r) => html`<${Proof} key=${r.handover} record=${r} />`)}</ul>`}</li>`;
}

function Progress({ job }) {
	const proved = job['handovers-total'] - job['handovers-open'];
	return html`<div class="progress" role="status">
		<${Bar} label=${t('job.users', { done: job['users-done'] + job['users-failed'], n: job['users-total'] })} value=${job['users-done'] + job['users-failed']} max=${job['users-total']} />
		${job['handovers-total'] > 0 && html`<${Bar} label=${t('job.proofs', { done: proved, n: job['handovers-total'] })} value=${proved} max=${job['handovers-total']} />`}</div>`;
}

/** Other people's lines on phones that were touched. */
function Others({ records }) {
	return html`<li class="part"><div class="row"><strong>${t('job.others')}</strong></div><p class="faint">${t('job.othersHint')}</p>
		<ul class="proofs">${records.map((r) => html`<${Proof} key=${r.handover} record=${r} />`)}</ul></li>`;
}

/** Those that are not done or not proved come first, when there are more than fit. */
function Parts({ job }) {
	const records = Map.groupBy ? Map.groupBy(job.handovers.values(), (r) => r.user) : grouped(job.handovers.values());
	const parts = [...job.users.values()].sort(byName);
	const others = [...job.handovers.values()].filter((r) => !job.users.has(r.user));
	const late = (p) => p.state !== 'done' || (records.get(p.user) ?? []).some((r) => r.open);
	const shown = parts.length > SHOWN ? [...parts.filter(late), ...parts.filter((p) => !late(p))].slice(0, SHOWN) : parts;
	return html`<ul class="parts">${shown.map((p) => html`<${Part} key=${p.user} part=${p} records=${(records.get(p.user) ?? []).sort((a, b) => a.handover - b.handover)} />`)}
		${others.length > 0 && html`<${Others} records=${others.slice(0, SHOWN)} />`}
		${parts.length > shown.length && html`<li class="faint">${t('job.more', { n: parts.length - shown.length })}</li>`}</ul>`;
}

function grouped(records) {
	const out = new Map();
	for (const r of records) out.set(r.user, [...(out.get(r.user) ?? []), r]);
	return out;
}

function Cancel({ target, job }) {
	const cancel = useAction(() => api.call('DELETE', target));
	if (!['scheduled', 'queued', 'running'].includes(job.state)) return html`<${ProblemNote} problem=${cancel.problem} />`;
	return html`<${ProblemNote} problem=${cancel.problem} /><div class="row"><${Button} busy=${cancel.busy} onClick=${cancel.run}>${t('job.cancel')}<//><span class="faint">${t('job.cancelHint')}</span></div>`;
}

const headline = (job) => (job.state === 'scheduled' ? t('job.scheduled', { at: at(job['at-datetime']) })
	: ended(job) && job['handovers-open'] === 0 && job['users-failed'] === 0 && job['handovers-total'] > 0 ? t('job.proved') : t(`job.now.${job.state}`));

export function Status({ domain, id, onNext, onClose }) {
	const target = api.path('domains', domain, 'resets', id);
	const first = useGet(target), job = useJob(first.data && target);
	const [turn, setTurn] = useState('');
	useEffect(() => setTurn(job?.state ?? ''), [job?.state]);
	const forms = job && [...job.users.values()].some((u) => u['recycle-pending']);
	const kind = first.data?.kind;
	return html`<${Dialog} title=${kind ? t(`job.title.${kind}`) : t('job.title.reset')} size="wide" onClose=${onClose} foot=${html`
		${job && ended(job) && html`<${LinkButton} icon="external" href=${api.href(`${target}/report`)} target="_blank" rel="noopener">${t('job.report')}<//>`}
		<${Button} kind=${forms ? 'plain' : 'primary'} onClick=${onClose}>${t('do.close')}<//>${forms && html`<${Button} kind="primary" disabled=${!ended(job)} onClick=${onNext}>${t('do.next')}<//>`}`}>
		<${ProblemNote} problem=${first.problem} retry=${first.reload} />
		${!job && !first.problem && html`<p class="busy" role="status">${t('load.busy')}</p>`}
		${job && html`<h3 class="headline">${headline(job)}</h3><${Progress} job=${job} />
			${job['cannot-be-proved'] && job['handovers-total'] > 0 && html`<${Note} kind="wait" icon="alerts">${sentence(job['cannot-be-proved'])}<//>`}
			${ended(job) && job['handovers-open'] > 0 && html`<p class="faint">${t('job.goesOn')}</p>`}
			<${Cancel} target=${target} job=${job} />
			${ended(job) && html`<${Links} target=${target} turn=${turn} />`}
			<${Parts} job=${job} />`}<//>`;
}
