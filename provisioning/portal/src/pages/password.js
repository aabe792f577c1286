import { useState } from 'preact/hooks';
import * as api from '../api.js';
import { useAction } from '../hooks.js';
import { html } from '../html.js';
import { t } from '../text.js';
import { Button } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { Field } from '../ui/field.js';
import { ProblemNote } from '../ui/notice.js';
import { toast } from '../ui/toast.js';

/** One's own password. */
export function ChangePassword({ onDone }) {
	const [p, set] = useState({ old: '', next: '', again: '' }), differ = p.again !== '' && p.next !== p.again;
	const change = useAction(async () => {
		await api.call('POST', '/password', { 'old-password': p.old, password: p.next });
		toast(t('account.changed'));
		onDone();
	});
	const field = (name, more) => html`<${Field} label=${t(`account.${name}`)} type="password" value=${p[name]} onValue=${(v) => set({ ...p, [name]: v })} required maxlength="255" ...${more} />`;
	return html`<${Dialog} title=${t('account.password')} onClose=${onDone} foot=${html`<${Button} onClick=${onDone}>${t('do.cancel')}<//>
		<${Button} kind="primary" type="submit" form="password" busy=${change.busy} disabled=${!p.next || p.next !== p.again}>${t('do.save')}<//>`}>
		<form id="password" class="form" onSubmit=${(e) => { e.preventDefault(); change.run(); }}><${ProblemNote} problem=${change.problem} /><p class="faint">${t('account.changeHint')}</p>
			${field('old', { autocomplete: 'current-password' })}${field('next', { autocomplete: 'new-password' })}${field('again', { autocomplete: 'new-password', error: differ ? t('account.differ') : undefined })}</form><//>`;
}
