import { useRef, useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useAction } from '../../hooks.js';
import { html } from '../../html.js';
import { t } from '../../text.js';
import { Button } from '../../ui/button.js';
import { Copy } from '../../ui/copy.js';
import { Dialog } from '../../ui/dialog.js';
import { Field } from '../../ui/field.js';
import { Note, ProblemNote } from '../../ui/notice.js';
import { Time } from '../../ui/time.js';
import { FirstAccess } from './add.js';

/** Its own login anew: for a phone that somebody may have looked into. */
function NewLogin({ target, onDone }) {
	const once = useRef(null);
	const [told, setTold] = useState('');
	const order = useAction(async () => {
		setTold((await api.call('POST', target + '/login', undefined, { once })).message);
		onDone();
	});
	return html`<section class="form"><h3>${t('pair.login')}</h3><p>${t('pair.loginAbout')}</p><${ProblemNote} problem=${order.problem} />
		${told ? html`<${Note} icon="check">${told}<//>` : html`<div class="row"><${Button} busy=${order.busy} onClick=${order.run}>${t('pair.newLogin')}<//></div>`}</section>`;
}

/** How this phone gets its first file, by a window in which its MAC is believed or by an address for it alone; and its login from then on. */
export function Pair({ domain, phone, may, onDone, onClose }) {
	const once = useRef(null);
	const target = api.path('domains', domain, 'phones', phone['device-provisioning-mac-address']);
	const [minutes, setMinutes] = useState('5'), [open, setOpen] = useState(null), [access, setAccess] = useState(null);
	const pairing = useAction(async (body) => {
		const got = await api.call('POST', target + '/pair', body, { once });
		setOpen(got['pair-until-datetime'] ? got : null);
		onDone();
	});
	const address = useAction(async () => setAccess(await api.call('POST', target + '/token', {}, { once })));
	const until = open?.['pair-until-datetime'] ?? phone['pair-until-datetime'];
	return html`<${Dialog} title=${t('pair.title')} size="wide" onClose=${onClose} foot=${html`<${Button} kind="primary" onClick=${onClose}>${t('do.close')}<//>`}>
		<${ProblemNote} problem=${pairing.problem ?? address.problem} />
		<section class="form"><h3>${t('pair.window')}</h3><p>${t('pair.windowAbout')}</p>
			${until ? html`<${Note} icon="check">${t('pair.open')} <${Time} iso=${until} long /><//>
				${open && html`<${Copy} text=${open.url} label=${t('access.url')} />`}${open?.warning && html`<${Note} kind="wait" icon="alerts">${open.warning}<//>`}
				<div class="row"><${Button} busy=${pairing.busy} onClick=${() => pairing.run({ open: false })}>${t('pair.close')}<//></div>`
		: html`<div class="fields"><${Field} label=${t('pair.minutes')} type="number" min="1" max="1440" value=${minutes} onValue=${setMinutes} /></div>
				<div class="row"><${Button} kind="primary" busy=${pairing.busy} onClick=${() => pairing.run({ minutes: Number(minutes) })}>${t('pair.openIt')}<//></div>`}</section>
		<section class="form"><h3>${t('pair.address')}</h3>${access ? html`<${FirstAccess} access=${access} />`
		: html`<p>${t('pair.addressAbout')}</p><div class="row"><${Button} busy=${address.busy} onClick=${address.run}>${t('pair.makeAddress')}<//></div>`}</section>
		${may.office && html`<${NewLogin} target=${target} onDone=${onDone} />`}<//>`;
}
