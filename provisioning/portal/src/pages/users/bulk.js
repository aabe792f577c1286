// Bulk Action: whom, what, Complete Action. A reset goes on to its options and the review; all of them end in a job.
import { useRef, useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useAction } from '../../hooks.js';
import { html } from '../../html.js';
import { t } from '../../text.js';
import { Button } from '../../ui/button.js';
import { Confirm, Dialog } from '../../ui/dialog.js';
import { Check } from '../../ui/field.js';
import { ProblemNote } from '../../ui/notice.js';
import { People } from './people.js';
import { Reset } from './reset.js';

const ACTIONS = ['reset', 'send-welcome-email', 'force-password-reset', 'delete'];

/** One of ACTIONS. */
function Actions({ action, onAction }) {
	return html`<fieldset class="choices"><legend>${t('bulk.action')}</legend>${ACTIONS.map((a) => html`<label key=${a} class="choice">
		<input type="radio" name="action" value=${a} checked=${action === a} onChange=${() => onAction(a)} />
		<span><strong>${t(`bulk.do.${a}`)}</strong><small>${t(`bulk.about.${a}`)}</small></span></label>`)}</fieldset>`;
}

function Choose({ users, action, onAction, onClose, go }) {
	return html`<${Dialog} title=${t('bulk.title')} size="wide" onClose=${onClose} foot=${html`<${Button} onClick=${onClose}>${t('do.cancel')}<//>
		<${Button} kind=${action === 'delete' ? 'danger' : 'primary'} busy=${go.busy} disabled=${!action} onClick=${go.run}>${t('bulk.complete')}<//>`}>
		<${ProblemNote} problem=${go.problem} />
		<${People} label=${t('bulk.people', { n: users.length })} users=${users} />
		<${Actions} action=${action} onAction=${onAction} /><//>`;
}

/** onJob(id): it was ordered. */
export function Bulk({ domain, users, onClose, onJob }) {
	const [action, setAction] = useState('reset'), [step, setStep] = useState('choose'), [cutOff, setCutOff] = useState(false);
	const once = useRef(null);
	const order = useAction(async () => {
		const made = await api.call('POST', api.path('domains', domain, 'bulk'), { action, users: users.map((u) => u.user), ...(cutOff && { 'cut-off': true }) },
			{ once });
		onJob(made.reset);
	});
	const complete = { ...order, run: () => (action === 'reset' || action === 'delete' ? setStep(action) : order.run()) };
	if (step === 'reset') return html`<${Reset} domain=${domain} users=${users} onBack=${() => setStep('choose')} onClose=${onClose} onJob=${onJob} />`;
	if (step === 'delete') return html`<${Confirm} title=${t('bulk.deleteTitle', { n: users.length })} danger busy=${order.busy} onYes=${order.run} onNo=${() => setStep('choose')}>
		<${ProblemNote} problem=${order.problem} /><${People} label=${t('bulk.people', { n: users.length })} users=${users} /><p>${t('users.deleteText')}</p>
		<${Check} label=${t('reset.cutOff')} hint=${t('reset.cutOffHint')} checked=${cutOff} onValue=${setCutOff} /><//>`;
	return html`<${Choose} users=${users} action=${action} onAction=${setAction} onClose=${onClose} go=${complete} />`;
}
