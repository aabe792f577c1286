import { useRef, useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useAction, useGet } from '../../hooks.js';
import { html } from '../../html.js';
import { go } from '../../router.js';
import { scopesBelow } from '../../session.js';
import { t } from '../../text.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { Field } from '../../ui/field.js';
import { ProblemNote } from '../../ui/notice.js';
import { toast } from '../../ui/toast.js';
import { personOf } from './person.js';

/** onDone(changed) */
export function AddUser({ domain, session, onDone }) {
	const [u, set] = useState({ 'user-scope': 'Basic User' });
	const sites = useGet(api.path('domains', domain, 'sites'), { limit: 1000 });
	const field = (name) => ({ label: t('field.' + name), value: u[name], onValue: (v) => set({ ...u, [name]: v }), name });
	const once = useRef(null);
	const save = useAction(async () => {
		const body = Object.fromEntries(Object.entries(u).filter(([, v]) => v !== ''));
		const made = await api.call('POST', api.path('domains', domain, 'users'), body, { once });
		toast(t('users.added', { who: personOf(made) }));
		onDone(true);
		go(domain, 'users', made.user);
	});
	const form = 'add-user';
	return html`<${Dialog} title=${t('users.add')} size="wide" onClose=${() => onDone(false)} foot=${html`<${Button} onClick=${() => onDone(false)}>${t('do.cancel')}<//>
		<${Button} kind="primary" type="submit" form=${form} busy=${save.busy}>${t('do.add')}<//>`}>
		<form id=${form} class="form" onSubmit=${(e) => { e.preventDefault(); save.run(); }}>
			<${ProblemNote} problem=${save.problem} />
			<div class="fields">
				<${Field} ...${field('user')} hint=${t('users.extensionHint')} required autocapitalize="none" autocomplete="off" spellcheck=${false} maxlength="32" />
				<${Field} ...${field('name-first-name')} maxlength="60" /><${Field} ...${field('name-last-name')} maxlength="60" />
				<${Field} ...${field('email-address')} type="email" hint=${t('users.emailHint')} maxlength="254" />
				<${Field} ...${field('department')} maxlength="64" />
				<${Field} ...${field('site')} control="select"><option value="">${t('field.none')}</option>
					${sites.data?.map((s) => html`<option key=${s.site} value=${s.site}>${s.site}</option>`)}<//>
				<${Field} ...${field('user-scope')} control="select">${scopesBelow(session).map((s) => html`<option key=${s} value=${s}>${s}</option>`)}<//>
			</div></form><//>`;
}
