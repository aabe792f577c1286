import { useState } from 'preact/hooks';
import * as api from '../../api.js';
import { html } from '../../html.js';
import { to } from '../../router.js';
import { t } from '../../text.js';
import { Button, LinkButton } from '../../ui/button.js';
import { Field } from '../../ui/field.js';
import { Note, ProblemNote } from '../../ui/notice.js';
import { ModelField } from '../parts/choices.js';
import { keepAddress } from './first.js';
import { useSend } from './send.js';

/** A phone that nobody knows yet: a new one, or a wrong number. */
export function Add({ domain, mac, onAdded }) {
	const [model, setModel] = useState(''), [user, setUser] = useState(''), [error, setError] = useState(''), add = useSend();
	const submit = async (e) => {
		e.preventDefault();
		setError(model ? '' : t('fieldwork.whichModel'));
		if (!model) return;
		const made = await add.send(t('fieldwork.add'), `${api.path('domains', domain)}/phones`, { 'device-provisioning-mac-address': mac, 'device-models-brand-and-model': model,
			pair: true, ...(user.trim() && { lines: [{ slot: 1, device: user.trim() }] }) });
		if (!made) return;
		keepAddress(mac, { own: made['first-access'] });
		onAdded();
	};
	return html`<${Note} kind="wait" icon="alerts"><p>${t('fieldwork.unknownHint')}</p><//>
		<${LinkButton} icon="left" href=${to(domain, 'field')}>${t('fieldwork.lookAgain')}<//>
		<form class="form card" onSubmit=${submit} novalidate><h2>${t('fieldwork.addTitle')}</h2>
			<${ModelField} label=${t('fieldwork.model')} required value=${model} onValue=${setModel} error=${error} />
			<${Field} label=${t('fieldwork.extension')} hint=${t('fieldwork.extensionLater')} value=${user} onValue=${setUser} inputmode="numeric" autocomplete="off" maxlength="64" />
			<${ProblemNote} problem=${add.problem} />
			<${Button} kind="primary" icon="add" type="submit" busy=${add.busy}>${t('fieldwork.add')}<//></form>`;
}
