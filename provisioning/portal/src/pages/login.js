import { useState } from 'preact/hooks';
import * as api from '../api.js';
import { useAction } from '../hooks.js';
import { html } from '../html.js';
import { t } from '../text.js';
import { Button } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { Field } from '../ui/field.js';
import { ProblemNote } from '../ui/notice.js';

function Form({ again, onEnter }) {
	const [name, setName] = useState(again?.login ?? ''), [password, setPassword] = useState('');
	const enter = useAction(async () => onEnter(await api.login(name.trim(), password)));
	return html`<form class="form" onSubmit=${(e) => { e.preventDefault(); enter.run(); }}>
		<${ProblemNote} problem=${enter.problem} />
		<${Field} label=${t('login.login')} hint=${t('login.loginHint')} value=${name} onValue=${setName} required autocomplete="username" autocapitalize="none" spellcheck=${false} />
		<${Field} label=${t('login.password')} type="password" value=${password} onValue=${setPassword} required autocomplete="current-password" />
		<${Button} kind="primary" type="submit" busy=${enter.busy}>${t('login.go')}<//>
		<p class="faint">${t('login.help')}</p></form>`;
}

/** The whole page, or over what is open when a session has ended. */
export function Login({ again, onEnter }) {
	if (again) return html`<${Dialog} title=${t('login.title')} fixed><p>${t('login.ended')}</p><${Form} again=${again} onEnter=${onEnter} /><//>`;
	return html`<main class="alone"><div class="card"><p class="brand">${t('app.name')}</p><h1>${t('login.title')}</h1><${Form} onEnter=${onEnter} /></div></main>`;
}
