// Handovers: what a phone owes a proof of, and the proof.
import { useRef, useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useAction } from '../../hooks.js';
import { html } from '../../html.js';
import { to } from '../../router.js';
import { atExactly, t, wordOf } from '../../text.js';
import { Badge } from '../../ui/badge.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { Facts } from '../../ui/facts.js';
import { Field } from '../../ui/field.js';
import { Icon } from '../../ui/icon.js';
import { Note, ProblemNote } from '../../ui/notice.js';
import { macText } from '../../ui/phone.js';
import { Table } from '../../ui/table.js';
import { Time } from '../../ui/time.js';
import { toast } from '../../ui/toast.js';

/** Facts in the order in which they come, by kind of record. */
export const awaited = { unassigned: ['told', 'fetched', 'flipped', 'unbound', 'applied'], rekeyed: ['told', 'fetched', 'flipped', 'applied'],
	relabelled: ['told', 'fetched'], softphone: ['fetched', 'flipped', 'unbound'] };

/** What is known, and what is not yet, as marks; each says what it is. */
export const Proof = ({ record }) => html`<ul class="marks">${(awaited[record.kind] ?? []).map((f) => {
	const fact = record.facts[f], failed = f === 'told' && !fact && record.facts['told-failed'];
	return html`<li key=${f} class=${fact ? 'good' : failed ? 'bad' : ''} title=${fact ? `${fact.evidence} · ${atExactly(fact.datetime)}` : undefined}>
		<${Icon} name=${fact ? 'check' : failed ? 'close' : 'wait'} /><span>${wordOf('fact', failed ? 'told-failed' : f)}</span><span class="unseen">${t(fact ? 'records.known' : 'records.unknown')}</span></li>`;
})}</ul>`;

function WriteOff({ domain, record, onDone, onClose }) {
	const once = useRef(null);
	const [reason, setReason] = useState('');
	const save = useAction(async () => {
		await api.call('POST', api.path('domains', domain, 'handovers', record.handover, 'write-off'), { reason }, { once });
		toast(t('records.writtenOff'));
		onDone();
	});
	return html`<${Dialog} title=${t('records.writeOff')} onClose=${onClose} foot=${html`<${Button} onClick=${onClose}>${t('do.cancel')}<//>
		<${Button} kind="danger" busy=${save.busy} disabled=${!reason.trim()} onClick=${save.run}>${t('records.writeOff')}<//>`}>
		<${ProblemNote} problem=${save.problem} /><p>${t('records.writeOffAbout')}</p>
		<${Field} label=${t('records.reason')} hint=${t('records.reasonHint')} value=${reason} onValue=${setReason} required maxlength="255" control="textarea" /><//>`;
}

/** One record whole: what was done, each fact with its evidence, what is missing; a person may write it off. */
export function RecordDialog({ domain, record, may, onChange, onClose }) {
	const [writing, setWriting] = useState(false);
	if (writing) return html`<${WriteOff} domain=${domain} record=${record} onClose=${() => setWriting(false)} onDone=${() => { onChange(); onClose(); }} />`;
	const facts = Object.entries(record.facts).sort((a, b) => a[1].datetime.localeCompare(b[1].datetime));
	return html`<${Dialog} title=${t('records.title', { n: String(record.handover) })} size="wide" onClose=${onClose} foot=${html`
		${record.open && may.office && html`<${Button} onClick=${() => setWriting(true)}>${t('records.writeOff')}<//>`}
		<${Button} kind="primary" onClick=${onClose}>${t('do.close')}<//>`}>
		<div class="row"><${Badge} family="state" word=${record.state} /><span>${wordOf('kind', record.kind)}</span></div>
		${record.missing && html`<${Note} kind="wait" icon="alerts">${record.missing}<//>`}
		<${Facts} rows=${[[t('records.phone'), record['device-provisioning-mac-address'] && html`<a href=${to(domain, 'phones', record['device-provisioning-mac-address'])}>
				<code>${macText(record['device-provisioning-mac-address'])}</code></a>`], [t('records.line'), record['device-provisioning-line'] || ''],
			[t('records.device'), record.device], [t('records.user'), record.user], [t('records.by'), record['by-user']], [t('records.why'), record.why],
			[t('records.job'), record.reset && may.office ? html`<a href=${to(domain, 'handovers', 'jobs', record.reset)}>${t('jobs.title', { n: String(record.reset) })}</a>` : undefined],
			[t('records.began'), html`<${Time} iso=${record['created-datetime']} long />`], [t('records.ended'), record['closed-datetime'] ? html`<${Time} iso=${record['closed-datetime']} long />` : ''],
			[t('records.writtenOffBy'), record['written-off-by-user'] || undefined]]} />
		<h3>${t('records.evidence')}</h3>
		${facts.length === 0 ? html`<p class="faint">${t('records.nothingYet')}</p>` : html`<ol class="story">${facts.map(([name, f]) => html`<li key=${name}>
			<strong>${wordOf('fact', name)}</strong> <${Time} iso=${f.datetime} long /><p>${f.evidence}</p></li>`)}</ol>`}<//>`;
}

/** Records as a table; a click on one shows it whole. */
export function Records({ domain, rows, may, onChange, phone, label = t('nav.handovers') }) {
	const [shown, show] = useState(null);
	const now = shown && (rows.find((r) => r.handover === shown.handover) ?? shown);
	const columns = [
		!phone && { key: 'phone', name: t('records.phone'), cell: (r) => r['device-provisioning-mac-address'] && html`<a href=${to(domain, 'phones', r['device-provisioning-mac-address'])}><code>${macText(r['device-provisioning-mac-address'])}</code></a>` },
		{ key: 'what', name: t('records.what'), cell: (r) => html`<div>${wordOf('kind', r.kind)}<small>${r['device-provisioning-line'] ? t('records.of', { device: r.device || r.user, line: r['device-provisioning-line'] }) : r.device || r.user}</small></div>` },
		{ key: 'state', name: t('records.state'), cell: (r) => html`<${Badge} family="state" word=${r.state} />` },
		{ key: 'evidence', name: t('records.proof'), cell: (r) => html`<${Proof} record=${r} />` },
		{ key: 'since', name: t('records.began'), cell: (r) => html`<${Time} iso=${r['created-datetime']} />` },
	].filter(Boolean);
	return html`<${Table} label=${label} columns=${columns} rows=${rows} id=${(r) => r.handover} rowName=${(r) => String(r.handover)}
		actions=${(r) => html`<${Button} kind="ghost" label=${t('records.showOne', { n: String(r.handover) })} onClick=${() => show(r)}>${t('records.show')}<//>`} />
		${now && html`<${RecordDialog} domain=${domain} record=${now} may=${may} onChange=${onChange} onClose=${() => show(null)} />`}`;
}
