import { useState } from 'preact/hooks';
import { html } from '../../html.js';
import { go } from '../../router.js';
import { t } from '../../text.js';
import { Button } from '../../ui/button.js';
import { Check, Field } from '../../ui/field.js';
import { Note, ProblemNote } from '../../ui/notice.js';
import { toast } from '../../ui/toast.js';
import { MacEntry } from './find.js';
import { ModelField } from '../parts/choices.js';
import { keepAddress } from './first.js';
import { showMac } from './mac.js';
import { Plan } from './plan.js';
import { useSend } from './send.js';

function Misfits({ plan, left, onLeft }) {
	if (!plan['does-not-fit'].length) return null;
	return html`<section class="card"><h2>${t('fieldwork.doesNotFit')}</h2><p>${t('fieldwork.leaveBehind')}</p>
		${plan['does-not-fit'].map((m) => html`<${Check} key=${m.what} label=${m.what} hint=${m.why} checked=${left.includes(m.what)}
			onValue=${(yes) => onLeft(yes ? [...left, m.what] : left.filter((x) => x !== m.what))} />`)}</section>`;
}

/** A new phone for an old one: its MAC, what goes over, and then straight on to its first pull. */
export function Swap({ domain, target }) {
	const [mac, setMac] = useState(''), [model, setModel] = useState(''), [then, setThen] = useState(''), [left, setLeft] = useState([]);
	const plan = useSend(), deed = useSend();
	const order = (m = mac, pf = model) => ({ 'device-provisioning-mac-address': m, ...(pf && { 'device-models-brand-and-model': pf }),
		...(then && { 'old-phone': then }), ...(left.length && { 'leave-behind': left }), pair: true });
	const check = (m, pf) => {
		setMac(m);
		setLeft([]);
		plan.send(t('fieldwork.check'), `${target}/swap`, { ...order(m, pf), 'leave-behind': [], 'dry-run': true });
	};
	const swap = async () => {
		const done = await deed.send(t('fieldwork.swap'), `${target}/swap`, order());
		if (!done) return;
		keepAddress(mac, { own: done['first-access'] });
		toast(t('fieldwork.swapped'));
		go(domain, 'field', mac, 'first');
	};
	const found = plan.data?.plan, wanted = found?.['does-not-fit'].length ?? 0;
	const entry = html`<${MacEntry} label=${t('fieldwork.newMac')} hint=${t('fieldwork.macHint')} go=${t('fieldwork.check')} onMac=${(m) => check(m, model)} busy=${plan.busy} />`;
	return html`${found ? html`<${Note}><p>${t('fieldwork.newIs', { mac: showMac(mac) })}</p><//>` : entry}
		<${ProblemNote} problem=${plan.problem ?? deed.problem} />
		${found && html`<${Button} onClick=${() => { plan.clear(); setModel(''); }}>${t('fieldwork.anotherMac')}<//>
			<${ModelField} label=${t('fieldwork.model')} required value=${model || found['device-models-model-after']} onValue=${(pf) => { setModel(pf); check(mac, pf); }} />
			<${Misfits} plan=${found} left=${left} onLeft=${setLeft} />
			<${Plan} plan=${found} />
			<${Field} control="select" label=${t('fieldwork.oldPhone')} value=${then} onValue=${setThen}>
				<option value="">${t('fieldwork.oldStays')}</option><option value="retire">${t('fieldwork.oldRetires')}</option><//>
			<${Button} kind="primary" icon="check" busy=${deed.busy} disabled=${left.length < wanted} onClick=${swap}>${t('fieldwork.swapNow')}<//>`}`;
}
