// The SIP identities of a user, the phones that they stand on, and softphones with their codes.
import { useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useAction, useGet } from '../../hooks.js';
import { html } from '../../html.js';
import { to } from '../../router.js';
import { t, wordOf } from '../../text.js';
import { Dot } from '../../ui/badge.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { Field } from '../../ui/field.js';
import { Empty, Loaded, ProblemNote } from '../../ui/notice.js';
import { macText, modelName } from '../../ui/phone.js';
import { Table } from '../../ui/table.js';
import { DeleteButton, Head } from './rows.js';

const LOOK_MS = 10000;
const there = (d) => d['device-sip-registration-state'] === 'registered';
const soft = (d) => d['device-kind'] !== 'desk';

const svgSource = (svg) => `data:image/svg+xml;utf8,${encodeURIComponent(svg)}`;

/** A softphone's code and address: told this once. */
function Enrol({ target, device, onClose }) {
	const [kind, setKind] = useState('linphone');
	const make = useAction(() => api.call('POST', `${target}/enrol`, { kind }));
	const got = make.result;
	return html`<${Dialog} title=${t('device.enrol', { device: device.device })} size="wide" onClose=${onClose} foot=${html`<${Button} onClick=${onClose}>${t('do.close')}<//>
		${!got && html`<${Button} kind="primary" busy=${make.busy} onClick=${make.run}>${t('device.make')}<//>`}`}>
		<${ProblemNote} problem=${make.problem} />
		${got ? html`<p>${t('device.once')}</p>${got.qr?.svg && html`<img class="qr" src=${svgSource(got.qr.svg)} alt=${t('device.code')} />`}<code tabindex="0">${got.url}</code>`
			: html`<p>${t('device.enrolHint')}</p><${Field} label=${t('device.app')} control="select" value=${kind} onValue=${setKind}>
				${['linphone', 'zoiper', 'acrobits', 'sheet'].map((k) => html`<option key=${k} value=${k}>${t(`device.kindOf.${k}`)}</option>`)}<//>`}<//>`;
}

function Add({ target, user, onDone }) {
	const [suffix, setSuffix] = useState(''), [kind, setKind] = useState('desk');
	const add = useAction(async () => {
		await api.call('POST', `${target}/devices`, { device: user + suffix.trim(), 'device-kind': kind });
		onDone(true);
	});
	return html`<${Dialog} title=${t('device.add')} onClose=${() => onDone(false)} foot=${html`<${Button} onClick=${() => onDone(false)}>${t('do.cancel')}<//>
		<${Button} kind="primary" type="submit" form="add-device" busy=${add.busy}>${t('do.add')}<//>`}>
		<form id="add-device" class="form" onSubmit=${(e) => { e.preventDefault(); add.run(); }}><${ProblemNote} problem=${add.problem} />
			<${Field} label=${t('device.suffix')} hint=${t('device.suffixHint', { user })} value=${suffix} onValue=${setSuffix} required maxlength="8" autocapitalize="none" autocomplete="off" />
			<${Field} label=${t('device.kind')} control="select" value=${kind} onValue=${setKind}>${['desk', 'mobile', 'web', 'softphone'].map((k) => html`<option key=${k} value=${k}>${wordOf('device', k)}</option>`)}<//></form><//>`;
}

export function Devices({ domain, target, row, may }) {
	const list = useGet(`${target}/devices`, { limit: 200 }, LOOK_MS);
	const [open, setOpen] = useState(null);
	const columns = [
		{ key: 'device', name: t('device.name'), cell: (d) => html`<span class="row">${d['device-sip-registration-state'] && html`<${Dot} tone=${there(d) ? 'good' : 'bad'} label=${t(there(d) ? 'device.there' : 'phone.away')} />`}${d.device}</span>` },
		{ key: 'kind', name: t('device.kind'), cell: (d) => wordOf('device', d['device-kind']) },
		{ key: 'where', name: t('device.where'), cell: (d) => d.lines.length > 0 && html`<ul>${d.lines.map((l) => html`<li key=${l['device-provisioning-mac-address']}>
			<a href=${to(domain, 'phones', l['device-provisioning-mac-address'])}>${d['device-provisioning-mac-address'] === l['device-provisioning-mac-address'] ? `${modelName(d['device-models-model'])} ` : ''}${macText(l['device-provisioning-mac-address'])}</a>
			${' '}<span class="faint">${t('device.line', { n: l['device-provisioning-line'] })}</span></li>`)}</ul>` },
		{ key: 'agent', name: t('device.agent'), cell: (d) => d['device-sip-registration-user-agent'] },
	];
	return html`<${Head} text=${t('device.about')}>${may.site && html`<${Button} icon="add" onClick=${() => setOpen('add')}>${t('device.add')}<//>`}<//>
		<${Loaded} of=${list}>${(rows) => (rows.length === 0 ? html`<${Empty} icon="phones" title=${t('device.none')} hint=${t('device.noneHint')} />`
			: html`<${Table} label=${t('user.tab.devices')} columns=${columns} rows=${rows} id=${(d) => d.device} rowName=${(d) => d.device} actions=${may.site && ((d) => html`
				${soft(d) && html`<${Button} onClick=${() => setOpen(d)}>${t('device.codeFor')}<//>`}
				${d.device !== row.user && html`<${DeleteButton} label=${t('device.delete', { device: d.device })} text=${t('device.deleteText')} target=${`${target}/devices/${encodeURIComponent(d.device)}`} onDone=${list.reload} />`}`)} />`)}<//>
		${open === 'add' && html`<${Add} target=${target} user=${row.user} onDone=${(changed) => { setOpen(null); if (changed) list.reload(); }} />`}
		${open?.device && html`<${Enrol} target=${`${target}/devices/${encodeURIComponent(open.device)}`} device=${open} onClose=${() => setOpen(null)} />`}`;
}
