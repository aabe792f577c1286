import { useRef, useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useAction, useGet } from '../../hooks.js';
import { html } from '../../html.js';
import { t } from '../../text.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { Note, ProblemNote } from '../../ui/notice.js';
import { macText } from '../../ui/phone.js';
import { toast } from '../../ui/toast.js';
import { SiteField } from '../parts/choices.js';
import { UserField } from '../parts/users.js';

function Accept({ domain, may, transfer, onDone, onClose }) {
	const once = useRef(null);
	const [user, setUser] = useState(''), [site, setSite] = useState('');
	const take = useAction(async () => {
		await api.call('POST', api.path('domains', domain, 'transfers', transfer.transfer, 'accept'), { user, site }, { once });
		toast(t('transfers.accepted'));
		onDone();
	});
	return html`<${Dialog} title=${t('transfers.accept')} onClose=${onClose} foot=${html`<${Button} onClick=${onClose}>${t('do.cancel')}<//>
		<${Button} kind="primary" busy=${take.busy} onClick=${take.run}>${t('transfers.accept')}<//>`}>
		<${ProblemNote} problem=${take.problem} /><${UserField} domain=${domain} may=${may} label=${t('phones.forWhom')} hint=${t('phones.forWhomHint')} value=${user} onValue=${setUser} />
		<${SiteField} domain=${domain} label=${t('phones.site')} value=${site} onValue=${setSite} /><//>`;
}

/** Phones that another domain offers, and those that this one offers. */
export function Transfers({ domain, may }) {
	const once = useRef(null);
	const target = api.path('domains', domain, 'transfers'), all = useGet(target, { limit: 100 });
	const [taking, take] = useState(null);
	const end = useAction(async (x, what) => {
		await (what === 'withdraw' ? api.call('DELETE', target + api.path(x.transfer)) : api.call('POST', target + api.path(x.transfer, what), {}, { once }));
		all.reload();
	});
	const waiting = (all.data ?? []).filter((x) => x.state === 'waiting');
	if (waiting.length === 0) return null;
	return html`<${ProblemNote} problem=${end.problem} />${waiting.map((x) => html`<${Note} key=${x.transfer} icon="handovers">
		<div class="row"><span>${t(x.direction === 'in' ? 'transfers.in' : 'transfers.out', { mac: macText(x['device-provisioning-mac-address']), domain: x.direction === 'in' ? x['from-domain'] : x['to-domain'] })}</span>
		${x.direction === 'in' ? html`<${Button} onClick=${() => take(x)}>${t('transfers.accept')}<//><${Button} busy=${end.busy} onClick=${() => end.run(x, 'decline')}>${t('transfers.decline')}<//>`
		: html`<${Button} busy=${end.busy} onClick=${() => end.run(x, 'withdraw')}>${t('transfers.withdraw')}<//>`}</div><//>`)}
		${taking && html`<${Accept} domain=${domain} may=${may} transfer=${taking} onClose=${() => take(null)} onDone=${() => { take(null); all.reload(); }} />`}`;
}
