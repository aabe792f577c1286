// Reset Users: options with what they clear, the review, the order. The same for one user and for ten thousand.
import { useRef, useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useAction } from '../../hooks.js';
import { ResetOptions } from './reset-options.js';
import { ResetReview } from './reset-review.js';
import { html } from '../../html.js';

/** The body of the order, for a dry run and for the real one. */
function bodyOf(users, order) {
	return { users: users.map((u) => u.user), options: Object.fromEntries([...order.options].map((o) => [o, true])),
		...(order.cutOff && { 'cut-off': true }), ...(order.at && { at: new Date(order.at).toISOString() }),
		...(order.recycle && { recycle: users.map((u) => ({ user: u.user, later: true })) }) };
}

/** users: rows with user and names. onJob(id): it was ordered. */
export function Reset({ domain, users, onBack, onClose, onJob }) {
	const [order, setOrder] = useState({ options: new Set(), recycle: false, cutOff: false, at: '' });
	const [step, setStep] = useState('options');
	const target = api.path('domains', domain, 'resets');
	const once = useRef(null);
	const reset = useAction(async () => onJob((await api.call('POST', target, bodyOf(users, order), { once })).reset));
	const shared = { domain, target, users, order, onClose };
	return step === 'options'
		? html`<${ResetOptions} ...${shared} onOrder=${setOrder} onBack=${onBack} onNext=${() => setStep('review')} />`
		: html`<${ResetReview} ...${shared} body=${bodyOf(users, order)} reset=${reset} onBack=${() => setStep('options')} />`;
}
