// Answering rules in their order, and what each does.
import { useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useAction, useGet } from '../../hooks.js';
import { html } from '../../html.js';
import { t } from '../../text.js';
import { Badge } from '../../ui/badge.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { Check, Field } from '../../ui/field.js';
import { Loaded, ProblemNote } from '../../ui/notice.js';
import { Table } from '../../ui/table.js';
import { DeleteButton, Head } from './rows.js';

// Features as the API names them; those with a list ring, or let through, what is in it.
const LISTS = ['simultaneous-ring', 'forward-always', 'forward-on-busy', 'forward-no-answer', 'forward-when-unregistered', 'forward-on-active', 'forward-on-dnd',
	'phone-numbers-to-allow', 'phone-numbers-to-reject'];
const SWITCHES = ['do-not-disturb', 'call-screening'];
const on = (f) => f?.enabled === 'yes' || f?.enabled === true;
const frameOf = (r) => (r['time-frame'] === '*' ? t('rule.default') : r['time-frame']);

const saidOf = (r) => [...SWITCHES, ...LISTS].filter((f) => on(r[f])).map((f) => ((r[f].parameters ?? []).length
	? t('rule.feature', { what: t(`rule.${f}`), numbers: r[f].parameters.map((p) => String(p).replace('<OwnDevices>', t('rule.own'))).join(', ') }) : t(`rule.${f}`)));

function Feature({ name, value, onValue }) {
	return html`<div class="feature"><${Check} label=${t(`rule.${name}`)} checked=${on(value)} onValue=${(v) => onValue({ ...value, enabled: v ? 'yes' : 'no' })} />
		${LISTS.includes(name) && on(value) && html`<${Field} label=${t('rule.numbers', { what: t(`rule.${name}`) })} hint=${t('rule.numbersHint')} value=${(value.parameters ?? []).join(', ')}
			onValue=${(v) => onValue({ ...value, parameters: v.split(/[,\s]+/).filter(Boolean) })} />`}</div>`;
}

/** rule: one that is there, or {} for a new one. */
function Edit({ at, frames, rule, onDone }) {
	const [r, set] = useState(rule), isNew = !rule['time-frame'];
	const save = useAction(async () => {
		const body = Object.fromEntries([...LISTS, ...SWITCHES].filter((f) => r[f] && r[f] !== rule[f]).map((f) => [f, r[f]]));
		if (r.enabled !== rule.enabled) body.enabled = r.enabled;
		await (isNew ? api.call('POST', at, { 'time-frame': r['time-frame'], ...body }) : api.call('PUT', `${at}/${encodeURIComponent(rule['time-frame'])}`, body));
		onDone(true);
	});
	return html`<${Dialog} title=${isNew ? t('rule.add') : t('rule.edit', { name: frameOf(rule) })} size="wide" onClose=${() => onDone(false)} foot=${html`<${Button} onClick=${() => onDone(false)}>${t('do.cancel')}<//>
		<${Button} kind="primary" type="submit" form="rule" busy=${save.busy} disabled=${isNew && !r['time-frame']}>${t('do.save')}<//>`}>
		<form id="rule" class="form" onSubmit=${(e) => { e.preventDefault(); save.run(); }}><${ProblemNote} problem=${save.problem} />
			${isNew && html`<${Field} label=${t('rule.frame')} hint=${frames.length ? undefined : t('rule.noFrames')} control="select" value=${r['time-frame']} onValue=${(v) => set({ ...r, 'time-frame': v })}>
				<option value=""></option>${frames.map((f) => html`<option key=${f} value=${f}>${f}</option>`)}<//>`}
			${rule['time-frame'] !== '*' && html`<${Check} label=${t('rule.enabled')} checked=${r.enabled !== 'no'} onValue=${(v) => set({ ...r, enabled: v ? 'yes' : 'no' })} />`}
			${[...SWITCHES, ...LISTS].map((f) => html`<${Feature} key=${f} name=${f} value=${r[f]} onValue=${(v) => set({ ...r, [f]: v })} />`)}</form><//>`;
}

export function Rules({ domain, target }) {
	const at = `${target}/answerrules`, list = useGet(at, { limit: 100 });
	const own = useGet(`${target}/timeframes`, { limit: 100 }), shared = useGet(`${api.path('domains', domain)}/timeframes`, { limit: 300 });
	const [open, setOpen] = useState(null);
	const frames = [...(own.data ?? []), ...(shared.data ?? [])].map((f) => f['timeframe-name']).filter((f) => !list.data?.some((r) => r['time-frame'] === f));
	const move = useAction(async (rows, i, by) => {
		const order = rows.map((r) => r['time-frame']);
		[order[i], order[i + by]] = [order[i + by], order[i]];
		await api.call('PUT', `${at}/reorder`, { 'time-frame': order });
		list.reload();
	});
	const columns = [
		{ key: 'name', name: t('rule.frame'), cell: (r) => html`<span class="row"><bdi>${frameOf(r)}</bdi>${r['is-active'] === 'yes' || r['is-active'] === true ? html`<${Badge} word=${t('rule.active')} tone="good" />` : ''}
			${r.enabled === 'no' && html`<${Badge} word=${t('rule.off')} tone="idle" />`}</span>` },
		{ key: 'does', name: t('rule.does'), cell: (r) => html`<ul>${saidOf(r).map((s) => html`<li key=${s}><bdi>${s}</bdi></li>`)}</ul>` },
	];
	const actions = (r) => {
		const rows = list.data, i = rows.indexOf(r);
		return html`${r['time-frame'] !== '*' && html`<${Button} kind="ghost" icon="up" label=${t('rule.up', { name: frameOf(r) })} disabled=${i === 0} onClick=${() => move.run(rows, i, -1)} />
			<${Button} kind="ghost" icon="down" label=${t('rule.down', { name: frameOf(r) })} disabled=${i + 1 >= rows.length || rows[i + 1]['time-frame'] === '*'} onClick=${() => move.run(rows, i, 1)} />`}
			<${Button} kind="ghost" icon="edit" label=${t('rule.edit', { name: frameOf(r) })} onClick=${() => setOpen(r)} />
			${r['time-frame'] !== '*' && html`<${DeleteButton} label=${t('rule.delete', { name: frameOf(r) })} target=${`${at}/${encodeURIComponent(r['time-frame'])}`} onDone=${list.reload} />`}`;
	};
	return html`<${Head} text=${t('rule.about')}><${Button} icon="add" onClick=${() => setOpen({})}>${t('rule.add')}<//><//><${ProblemNote} problem=${move.problem} />
		<${Loaded} of=${list}>${(rows) => html`<${Table} label=${t('user.tab.rules')} columns=${columns} rows=${rows} id=${(r) => r['time-frame']} rowName=${frameOf} actions=${actions} />`}<//>
		${open && html`<${Edit} at=${at} frames=${frames} rule=${open} onDone=${(changed) => { setOpen(null); if (changed) list.reload(); }} />`}`;
}
