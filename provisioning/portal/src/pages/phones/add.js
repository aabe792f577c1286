import { useRef, useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useAction } from '../../hooks.js';
import { html } from '../../html.js';
import { to } from '../../router.js';
import { t } from '../../text.js';
import { Button, LinkButton } from '../../ui/button.js';
import { Copy } from '../../ui/copy.js';
import { Dialog } from '../../ui/dialog.js';
import { Field } from '../../ui/field.js';
import { Note, ProblemNote } from '../../ui/notice.js';
import { Time } from '../../ui/time.js';
import { ModelField, SiteField } from '../parts/choices.js';
import { UserField } from '../parts/users.js';

/** How a phone gets its first file; the address is told this once. */
export const FirstAccess = ({ access }) => html`<div class="form"><p>${t('access.about')}</p><${Copy} text=${access.url} label=${t('access.url')} />
	<p class="faint">${t('access.until')} <${Time} iso=${access['expires-datetime']} long /></p>
	${access['pair-until-datetime'] && html`<p>${t('access.window')} <${Time} iso=${access['pair-until-datetime']} long /></p>`}
	${access.warning && html`<${Note} kind="wait" icon="alerts">${access.warning}<//>`}</div>`;

/** claim: a phone that knocked, whose MAC and model are known. */
export function AddPhone({ domain, may, claim, onClose }) {
	const once = useRef(null);
	const [form, set] = useState({ mac: claim ?? '', model: '', user: '', site: '', notes: '' });
	const field = (name) => ({ value: form[name], onValue: (v) => set((f) => ({ ...f, [name]: v })) });
	const [made, setMade] = useState(null);
	const save = useAction(async () => {
		const lines = form.user.trim() ? [{ slot: 1, device: form.user.trim() }] : [];
		const body = { lines, notes: form.notes, ...(form.site && { site: form.site }), ...(form.model && { 'device-models-brand-and-model': form.model }) };
		const target = claim ? api.path('unclaimed', claim, 'claim') : api.path('domains', domain, 'phones');
		setMade(await api.call('POST', target, claim ? { ...body, domain } : { ...body, 'device-provisioning-mac-address': form.mac.trim() }, { once }));
	});
	if (made) {
		return html`<${Dialog} title=${t('phones.added')} onClose=${onClose} foot=${html`<${LinkButton} href=${to(domain, 'phones', made['device-provisioning-mac-address'])} onClick=${onClose}>${t('phones.goThere')}<//>
			<${Button} kind="primary" onClick=${onClose}>${t('do.close')}<//>`}><${FirstAccess} access=${made['first-access']} /><//>`;
	}
	return html`<${Dialog} title=${t(claim ? 'phones.claim' : 'phones.add')} onClose=${onClose} foot=${html`<${Button} onClick=${onClose}>${t('do.cancel')}<//>
		<${Button} kind="primary" busy=${save.busy} onClick=${save.run}>${t('do.add')}<//>`}>
		<${ProblemNote} problem=${save.problem} />
		<${Field} label=${t('phones.mac')} hint=${t('phones.macHint')} ...${field('mac')} required disabled=${!!claim} autocapitalize="none" spellcheck=${false} />
		<${ModelField} label=${t('phones.model')} hint=${claim && t('phones.modelHint')} ...${field('model')} required=${!claim} />
		<${UserField} domain=${domain} may=${may} label=${t('phones.forWhom')} hint=${t('phones.forWhomHint')} ...${field('user')} />
		<${SiteField} domain=${domain} label=${t('phones.site')} ...${field('site')} />
		<${Field} label=${t('phones.notes')} ...${field('notes')} maxlength="500" /><//>`;
}
