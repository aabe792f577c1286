import { useRef, useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useAction } from '../../hooks.js';
import { html } from '../../html.js';
import { t } from '../../text.js';
import { Button } from '../../ui/button.js';
import { Check, Field } from '../../ui/field.js';
import { ProblemNote } from '../../ui/notice.js';
import { toast } from '../../ui/toast.js';

const FIELDS = [['description', 'description', 255], ['time-zone', 'zone', 64], ['language-token', 'language', 16], ['caller-id-name', 'callerName', 60], ['caller-id-number', 'callerNumber', 32],
	['voicemail-number', 'voicemail', 32], ['sip-server', 'server', 253], ['sip-proxy', 'proxy', 253]];
const WAYS = ['certificate', 'token', 'pairing'];
const HINTS = { zone: 'sites.zoneHintOwn', language: 'domain.languageHint', server: 'domain.serverHint', proxy: 'domain.proxyHint' };

/** A domain, added (row undefined) or changed; what is not changed is not sent. onDone(name). */
export function DomainForm({ row, may, onDone }) {
	const once = useRef(null), start = { domain: '', reseller: row?.reseller ?? '', transport: row?.['device-provisioning-sip-transport-protocol'] ?? 'udp', ...Object.fromEntries(FIELDS.map(([name]) => [name, row?.[name] ?? ''])) };
	const [ways, setWays] = useState(row?.['first-access-ways'] ?? WAYS);
	const [form, set] = useState(start), field = (name) => ({ value: form[name], onValue: (v) => set((f) => ({ ...f, [name]: v })) });
	const save = useAction(async () => {
		const body = Object.fromEntries(FIELDS.map(([name]) => name).concat(may.global ? ['reseller'] : []).filter((name) => form[name] !== start[name]).map((name) => [name, form[name].trim()]));
		if (form.transport !== start.transport) body['device-provisioning-sip-transport-protocol'] = form.transport;
		if (WAYS.some((w) => ways.includes(w) !== (row?.['first-access-ways'] ?? WAYS).includes(w))) body['first-access-ways'] = ways;
		if (row) await api.call('PATCH', api.path('domains', row.domain), body);
		else await api.call('POST', '/domains', { ...body, domain: form.domain.trim() }, { once });
		toast(t('domain.saved'));
		onDone(row?.domain ?? form.domain.trim());
	});
	return html`<form class="form" onSubmit=${(e) => { e.preventDefault(); save.run(); }}><${ProblemNote} problem=${save.problem} />
		${!row && html`<${Field} label=${t('domain.name')} hint=${t('domain.nameHint')} ...${field('domain')} required autocapitalize="none" spellcheck=${false} />`}
		<div class="fields">${FIELDS.map(([name, text, max]) => html`<${Field} key=${name} label=${t('domain.' + text)} hint=${HINTS[text] && t(HINTS[text])} maxlength=${max} ...${field(name)} />`)}
			<${Field} label=${t('domain.transport')} control="select" ...${field('transport')}>${['udp', 'tcp', 'tls'].map((x) => html`<option key=${x} value=${x} selected=${x === form.transport}>${x.toUpperCase()}</option>`)}<//>
			${may.global && html`<${Field} label=${t('domain.reseller')} ...${field('reseller')} maxlength="64" />`}</div>
		<fieldset><legend>${t('domain.ways')}</legend>${WAYS.map((w) => html`<${Check} key=${w} label=${t('domain.way.' + w)} hint=${t('domain.wayHint.' + w)} checked=${ways.includes(w)} onValue=${(on) => setWays((all) => (on ? [...all, w] : all.filter((x) => x !== w)))} />`)}</fieldset>
		<div class="row"><${Button} kind="primary" type="submit" busy=${save.busy}>${row ? t('do.save') : t('domain.add')}<//></div></form>`;
}
