import { useRef, useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useAction, useGet } from '../../hooks.js';
import { html } from '../../html.js';
import { t, wordOf } from '../../text.js';
import { Badge } from '../../ui/badge.js';
import { Button } from '../../ui/button.js';
import { Copy } from '../../ui/copy.js';
import { Confirm, Dialog } from '../../ui/dialog.js';
import { Check, Field } from '../../ui/field.js';
import { Empty, Loaded, Note, ProblemNote } from '../../ui/notice.js';
import { Table } from '../../ui/table.js';
import { Time } from '../../ui/time.js';
import { toast } from '../../ui/toast.js';
import { KINDS } from '../alerts.js';

/** The secret is told once, when the webhook is made or gets another one. */
const Secret = ({ secret }) => html`<${Note} kind="wait" icon="keys">${t('hooks.once')}<//><${Copy} text=${secret} label=${t('hooks.secret')} /><p class="faint">${t('hooks.use')}</p>`;

function HookForm({ target, row, onDone, onClose }) {
	const once = useRef(null), [form, set] = useState({ url: '', description: row?.description ?? '', kinds: row?.kinds ?? [], enabled: row?.enabled ?? true }), [made, setMade] = useState(null);
	const field = (name) => ({ value: form[name], onValue: (v) => set((f) => ({ ...f, [name]: v })) });
	const save = useAction(async () => {
		const { url, ...rest } = form, body = { ...rest, ...(url.trim() && { url: url.trim() }) };
		const got = row ? await api.call('PATCH', target + api.path(row.webhook), body) : await api.call('POST', target, body, { once });
		onDone();
		if (got.secret) setMade(got);
		else onClose();
	});
	const renew = useAction(async () => setMade(await api.call('POST', target + api.path(row.webhook, 'secret'), {}, { once })));
	if (made) return html`<${Dialog} title=${t('hooks.secret')} onClose=${onClose} foot=${html`<${Button} kind="primary" onClick=${onClose}>${t('do.close')}<//>`}><${Secret} secret=${made.secret} /><//>`;
	return html`<${Dialog} title=${t(row ? 'hooks.edit' : 'hooks.add')} onClose=${onClose} foot=${html`${row && html`<${Button} busy=${renew.busy} onClick=${renew.run}>${t('hooks.renew')}<//>`}<span class="space"></span>
		<${Button} onClick=${onClose}>${t('do.cancel')}<//><${Button} kind="primary" busy=${save.busy} onClick=${save.run}>${t('do.save')}<//>`}>
		<${ProblemNote} problem=${save.problem ?? renew.problem} />
		<${Field} label=${t('hooks.url')} hint=${row ? t('hooks.urlKept', { url: row.url }) : t('hooks.urlHint')} type="url" ...${field('url')} required=${!row} spellcheck=${false} />
		<${Field} label=${t('hooks.description')} ...${field('description')} />
		<fieldset><legend>${t('hooks.kinds')}</legend><p class="faint">${t('hooks.kindsHint')}</p>${KINDS.map((k) => html`<${Check} key=${k} label=${wordOf('alert', k)} checked=${form.kinds.includes(k)}
			onValue=${(on) => set((f) => ({ ...f, kinds: on ? [...f.kinds, k] : f.kinds.filter((x) => x !== k) }))} />`)}</fieldset>
		<${Check} label=${t('hooks.enabled')} checked=${form.enabled} onValue=${(enabled) => set((f) => ({ ...f, enabled }))} /><//>`;
}

const Last = ({ call }) => (call ? html`<div><${Time} iso=${call['timestamp-datetime']} /> <small>${call.error || call.status}</small></div>` : html`<span class="faint">${t('time.never')}</span>`);

/** Programs that are told about the alerts of this domain. */
export function Webhooks({ domain }) {
	const target = api.path('domains', domain, 'webhooks'), once = useRef(null), all = useGet(target, {}, 5000), [editing, edit] = useState(null), [removing, remove] = useState(null);
	const test = useAction(async (w) => {
		await api.call('POST', target + api.path(w.webhook, 'test'), {}, { once });
		toast(t('hooks.tested'));
		all.reload();
	});
	const take = useAction(async () => {
		await api.call('DELETE', target + api.path(removing.webhook));
		toast(t('hooks.removed'));
		remove(null);
		all.reload();
	});
	return html`<section class="card form"><div class="row spread"><h2>${t('settings.webhooks')}</h2><${Button} icon="add" onClick=${() => edit({ add: true })}>${t('hooks.add')}<//></div><p class="faint">${t('hooks.about')}</p>
		<${ProblemNote} problem=${test.problem} />
		<${Loaded} of=${all}>${(rows) => (rows.length === 0 ? html`<${Empty} icon="alerts" title=${t('hooks.none')} hint=${t('hooks.noneHint')} />`
		: html`<${Table} label=${t('settings.webhooks')} rows=${rows} id=${(w) => w.webhook} rowName=${(w) => w.url} columns=${[{ key: 'url', name: t('hooks.url'), cell: (w) => html`<div><code>${w.url}</code><small>${w.description}</small></div>` },
		{ key: 'about', name: t('hooks.kinds'), cell: (w) => (w.kinds.length ? w.kinds.map((k) => wordOf('alert', k)).join(', ') : t('hooks.all')) },
		{ key: 'state', name: t('records.state'), cell: (w) => html`<${Badge} tone=${w.enabled ? 'good' : 'idle'} word=${t(w.enabled ? 'hooks.on' : 'hooks.off')} />` }, { key: 'last', name: t('hooks.last'), cell: (w) => html`<${Last} call=${w['last-call']} />` }]}
			actions=${(w) => html`<${Button} busy=${test.busy} label=${t('hooks.testOne', { url: w.url })} onClick=${() => test.run(w)}>${t('hooks.test')}<//><${Button} kind="ghost" icon="edit" label=${t('hooks.editOne', { url: w.url })} onClick=${() => edit(w)} />
				<${Button} kind="ghost" icon="delete" label=${t('hooks.remove', { url: w.url })} onClick=${() => remove(w)} />`} />`)}<//>
		${editing && html`<${HookForm} target=${target} row=${editing.add ? null : editing} onClose=${() => edit(null)} onDone=${all.reload} />`}
		${removing && html`<${Confirm} title=${t('hooks.remove', { url: removing.url })} danger busy=${take.busy} onYes=${take.run} onNo=${() => remove(null)}><${ProblemNote} problem=${take.problem} /><p>${t('hooks.removeAbout')}</p><//>`}</section>`;
}
