import { useEffect, useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useAction, useGet } from '../../hooks.js';
import { html } from '../../html.js';
import { t, wordOf } from '../../text.js';
import { Badge } from '../../ui/badge.js';
import { Button } from '../../ui/button.js';
import { Confirm, Dialog } from '../../ui/dialog.js';
import { Facts } from '../../ui/facts.js';
import { Field } from '../../ui/field.js';
import { Loaded, Note, ProblemNote } from '../../ui/notice.js';
import { Table } from '../../ui/table.js';
import { toast } from '../../ui/toast.js';

const FIELDS = [['email-send-from-address', 'from', 'email'], ['email-send-smtp-hostname', 'host', 'text'], ['email-send-smtp-port', 'port', 'number'], ['email-send-smtp-username', 'user', 'text'],
	['email-send-smtp-password', 'password', 'password']];

/** Whom a domain's mails come from, and by which server they go. */
function Server({ domain, may }) {
	const target = api.path('domains', domain), found = useGet(target), [form, set] = useState({});
	useEffect(() => {
		if (found.data) set(Object.fromEntries(FIELDS.map(([name]) => [name, found.data[name]])));
	}, [found.data]);
	const save = useAction(async () => {
		await api.call('PATCH', target, form);
		toast(t('mail.saved'));
		found.reload();
	});
	return html`<section class="card form"><h2>${t('mail.server')}</h2><p class="faint">${t('mail.serverAbout')}</p><${ProblemNote} problem=${save.problem} />
		<${Loaded} of=${found}>${() => (may.domains ? html`<div class="form"><div class="fields">${FIELDS.map(([name, text, type]) => html`<${Field} key=${name} label=${t('mail.' + text)} hint=${text === 'port' ? t('mail.portHint') : undefined} type=${type}
				autocomplete="off" value=${form[name]} onValue=${(v) => set((f) => ({ ...f, [name]: v }))} />`)}</div>
			<div class="row"><${Button} kind="primary" busy=${save.busy} onClick=${save.run}>${t('do.save')}<//></div></div>`
		: html`<${Facts} rows=${FIELDS.map(([name, text]) => [t('mail.' + text), found.data[name]])} />`)}<//></section>`;
}

const same = (a, b) => a.subject === b.subject && a.text === b.text && a.html === b.html;

/** One letter: written, looked at as it would read, or set back. */
function Letter({ target, letter, may, onDone, onClose }) {
	const [form, set] = useState(letter), [preview, show] = useState(null), [asking, ask] = useState(false);
	const at = target + api.path(letter.name), parts = { subject: form.subject, text: form.text, html: form.html };
	const field = (name) => ({ value: form[name], onValue: (v) => set((f) => ({ ...f, [name]: v })), disabled: !may.domains, spellcheck: false });
	const look = useAction(async () => show(await api.call('POST', at + '/preview', parts)));
	const save = useAction(async () => {
		await api.call('PUT', at, parts);
		toast(t('mail.letterSaved'));
		onDone();
	});
	const back = useAction(async () => {
		await api.call('DELETE', at);
		toast(t('mail.letterBack'));
		onDone();
	});
	if (asking) return html`<${Confirm} title=${t('mail.back')} danger busy=${back.busy} onYes=${back.run} onNo=${() => ask(false)}><${ProblemNote} problem=${back.problem} /><p>${t('mail.backAbout')}</p><//>`;
	return html`<${Dialog} title=${wordOf('letter', letter.name)} size="wide" onClose=${onClose} foot=${html`${may.domains && letter['set-by'] === 'domain' && html`<${Button} onClick=${() => ask(true)}>${t('mail.back')}<//>`}<span class="space"></span>
		<${Button} onClick=${onClose}>${t('do.cancel')}<//>${may.domains && html`<${Button} busy=${look.busy} onClick=${look.run}>${t('mail.preview')}<//>
			<${Button} kind="primary" busy=${save.busy} disabled=${same(form, letter)} onClick=${save.run}>${t('do.save')}<//>`}`}>
		<${ProblemNote} problem=${save.problem ?? look.problem} /><p class="faint">${t('mail.letterAbout')}</p>
		<${Field} label=${t('mail.subject')} ...${field('subject')} /><${Field} label=${t('mail.text')} control="textarea" rows="10" ...${field('text')} /><${Field} label=${t('mail.html')} control="textarea" rows="6" ...${field('html')} />
		${preview && html`<section class="form"><h3>${t('mail.reads')}</h3><p><strong>${preview.subject}</strong></p><pre tabindex="0" aria-label=${t('mail.reads')}>${preview.text}</pre></section>`}<//>`;
}

export function Mail({ domain, may }) {
	const target = api.path('domains', domain, 'mail-templates'), letters = useGet(target), [editing, edit] = useState(null);
	return html`<div class="form"><${Server} domain=${domain} may=${may} />
		<section class="card form"><h2>${t('mail.letters')}</h2>${!may.domains && html`<${Note}>${t('mail.ask')}<//>`}
			<${Loaded} of=${letters}>${(rows) => html`<${Table} label=${t('mail.letters')} rows=${rows} id=${(l) => l.name} rowName=${(l) => l.name} columns=${[
		{ key: 'name', name: t('mail.letter'), cell: (l) => wordOf('letter', l.name) }, { key: 'subject', name: t('mail.subject'), cell: (l) => l.subject },
		{ key: 'by', name: t('files.by'), cell: (l) => html`<${Badge} word=${wordOf('layer', l['set-by'])} />` }]}
				actions=${(l) => html`<${Button} kind="ghost" icon="edit" label=${t('mail.edit', { name: wordOf('letter', l.name) })} onClick=${() => edit(l)} />`} />`}<//></section>
		${editing && html`<${Letter} target=${target} letter=${editing} may=${may} onClose=${() => edit(null)} onDone=${() => { edit(null); letters.reload(); }} />`}</div>`;
}
