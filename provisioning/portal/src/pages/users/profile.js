// Who sits there, and what belongs to the desk. Only what was changed is sent.
import { useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useAction, useGet } from '../../hooks.js';
import { html } from '../../html.js';
import { scopesBelow } from '../../session.js';
import { t } from '../../text.js';
import { Button } from '../../ui/button.js';
import { Check, Field } from '../../ui/field.js';
import { ProblemNote } from '../../ui/notice.js';
import { toast } from '../../ui/toast.js';

const yes = (v) => v === 'yes';

function useChanges(row) {
	const [changes, set] = useState({});
	const value = (name) => changes[name] ?? row[name] ?? '';
	return { changes, value, clear: () => set({}), put: (name, v) => set((was) => {
		const now = { ...was, [name]: v };
		if (v === (row[name] ?? '')) delete now[name];
		return now;
	}) };
}

export function Profile({ domain, target, row, may, session, reload }) {
	const form = useChanges(row), sites = useGet(may.site && api.path('domains', domain, 'sites'), { limit: 1000 });
	const scopes = scopesBelow(session);
	const save = useAction(async () => {
		await api.call('PATCH', target, form.changes);
		form.clear();
		toast(t('user.saved'));
		reload();
	});
	const text = (name, more) => html`<${Field} label=${t(`field.${name}`)} value=${form.value(name)} onValue=${(v) => form.put(name, v)} disabled=${!may.site} ...${more} />`;
	const flag = (name) => html`<${Check} label=${t(`field.${name}`)} checked=${yes(form.value(name))} onValue=${(v) => form.put(name, v ? 'yes' : 'no')} disabled=${!may.site} />`;
	const pick = (name, list, more) => html`<${Field} label=${t(`field.${name}`)} control="select" value=${form.value(name)} onValue=${(v) => form.put(name, v)} disabled=${!may.site} ...${more}>
		${list.map(([value, shown]) => html`<option key=${value} value=${value}>${shown}</option>`)}<//>`;
	const known = (list, value) => (list.includes(value) ? list : [value, ...list]);
	return html`<form class="form card" onSubmit=${(e) => { e.preventDefault(); save.run(); }}>
		<${ProblemNote} problem=${save.problem} />
		<h2>${t('user.person')}</h2>
		<div class="fields">${text('name-first-name', { maxlength: 60 })}${text('name-last-name', { maxlength: 60 })}${text('email-address', { type: 'email', maxlength: 254 })}
			${text('login-username', { hint: t('user.loginHint', { login: `${row.user}@${domain}` }), maxlength: 128 })}${text('caller-id-name', { maxlength: 60 })}
			${pick('email-send-alert-new-voicemail-behavior', known(['no', 'yes', 'attnew', 'briefattnew'], row['email-send-alert-new-voicemail-behavior']).map((v) => [v, t(`mailbox.${v}`) === `mailbox.${v}` ? v : t(`mailbox.${v}`)]))}</div>
		<h2>${t('user.desk')}</h2>
		<div class="fields">${pick('user-scope', known(scopes, row['user-scope']).map((s) => [s, s]))}${text('department', { maxlength: 64 })}
			${pick('site', [['', t('field.none')], ...known((sites.data ?? []).map((s) => s.site), row.site).filter(Boolean).map((s) => [s, s])])}${text('time-zone', { hint: t('user.zoneHint'), maxlength: 64 })}
			${text('caller-id-number', { maxlength: 32, inputmode: 'tel' })}${text('caller-id-number-emergency', { maxlength: 32, inputmode: 'tel' })}${text('emergency-address-id', { maxlength: 128 })}</div>
		<div class="row wide">${flag('voicemail-enabled')}${flag('directory-name-visible-in-list-enabled')}</div>
		<p class="faint">${t(yes(row['voicemail-login-pin-set']) ? 'user.pinSet' : 'user.pinNone')}</p>
		${may.site && html`<div class="row"><${Button} kind="primary" type="submit" busy=${save.busy} disabled=${!Object.keys(form.changes).length}>${t('do.save')}<//>
			${Object.keys(form.changes).length > 0 && html`<${Button} onClick=${form.clear}>${t('user.undo')}<//>`}</div>`}</form>`;
}
