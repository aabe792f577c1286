import { useEffect, useRef, useState } from 'preact/hooks';
import * as api from '../api.js';
import { useAction, useFollow, usePaged } from '../hooks.js';
import { html } from '../html.js';
import { requery, to } from '../router.js';
import { t, wordOf } from '../text.js';
import { Badge } from '../ui/badge.js';
import { Button } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { Field } from '../ui/field.js';
import { Empty, Loaded, ProblemNote } from '../ui/notice.js';
import { Page } from '../ui/page.js';
import { macText } from '../ui/phone.js';
import { Pager } from '../ui/table.js';
import { Time } from '../ui/time.js';
import { toast } from '../ui/toast.js';

export const KINDS = ['unconfirmed', 'residue', 'reopened', 'second-first-access', 'registrar-down', 'left-out', 'mail-failed', 'mail-server', 'voicemail', 'webhook-disabled', 'scan'];

/** what: acknowledge (seen) or clear (over). */
function Decide({ target, alert, what, onDone, onClose }) {
	const once = useRef(null);
	const [reason, setReason] = useState('');
	const save = useAction(async () => {
		await api.call('POST', target + api.path(alert.alert, what), { reason }, { once });
		toast(t('alerts.done-' + what));
		onDone();
	});
	return html`<${Dialog} title=${t('alerts.' + what)} onClose=${onClose} foot=${html`<${Button} onClick=${onClose}>${t('do.cancel')}<//>
		<${Button} kind="primary" busy=${save.busy} disabled=${!reason.trim()} onClick=${save.run}>${t('alerts.' + what)}<//>`}>
		<${ProblemNote} problem=${save.problem} /><p><strong>${alert.title}</strong></p><p>${alert.text}</p><p class="faint">${t('alerts.about-' + what)}</p>
		<${Field} label=${t('records.reason')} value=${reason} onValue=${setReason} required maxlength="255" control="textarea" /><//>`;
}

const Alert = ({ domain, a, may, decide }) => html`<li class=${`card alert ${a.state}`}><div class="row spread"><h2>${a.title}</h2>
		<${Badge} tone=${a.state === 'cleared' ? 'good' : a['acknowledged-datetime'] ? 'wait' : 'bad'} word=${t(a.state === 'cleared' ? 'alerts.over' : a['acknowledged-datetime'] ? 'alerts.seen' : 'alerts.isOpen')} /></div>
	<p>${a.text}</p><p class="faint"><${Time} iso=${a['timestamp-datetime']} />${a.times > 1 && html` · ${t('alerts.times', { n: a.times })} <${Time} iso=${a['last-datetime']} />`}
		${a['device-provisioning-mac-address'] && html` · <a href=${to(domain, 'phones', a['device-provisioning-mac-address'])}><code>${macText(a['device-provisioning-mac-address'])}</code></a>`}</p>
	${a['acknowledged-datetime'] && html`<p class="faint">${t('alerts.seenBy', { who: a['acknowledged-by-user'] })}: ${a['acknowledged-reason']}</p>`}
	${a['cleared-by-user'] && html`<p class="faint">${t('alerts.clearedBy', { who: a['cleared-by-user'] })}: ${a['cleared-reason']}</p>`}
	${a.state === 'open' && html`<div class="row">${!a['acknowledged-datetime'] && html`<${Button} onClick=${() => decide({ alert: a, what: 'acknowledge' })}>${t('alerts.acknowledge')}<//>`}
		${may.office && html`<${Button} onClick=${() => decide({ alert: a, what: 'clear' })}>${t('alerts.clear')}<//>`}</div>`}</li>`;

/** What needs a person's eye, as it comes. */
export function Alerts({ domain, query, may }) {
	const { state = 'open', kind = '' } = query, target = api.path('domains', domain, 'alerts'), list = usePaged(target, { state, kind }), [deciding, decide] = useState(null);
	const event = useFollow(target + '/events', 'alert');
	useEffect(() => {
		if (event) list.reload();
	}, [event]);
	return html`<${Page} title=${t('nav.alerts')}>
		<div class="tools"><${Field} label=${t('records.state')} control="select" value=${state} onValue=${(v) => requery({ state: v })}>
				${['open', 'cleared', 'all'].map((s) => html`<option key=${s} value=${s} selected=${s === state}>${t('alerts.show-' + s)}</option>`)}<//>
			<${Field} label=${t('alerts.kind')} control="select" value=${kind} onValue=${(v) => requery({ kind: v })}><option value="">${t('choice.any')}</option>
				${KINDS.map((k) => html`<option key=${k} value=${k} selected=${k === kind}>${wordOf('alert', k)}</option>`)}<//></div>
		<${Loaded} of=${list}>${({ rows, total }) => (total === 0 ? html`<${Empty} icon="check" title=${t(state === 'open' ? 'alerts.none' : 'alerts.notFound')} hint=${t('alerts.noneHint')} />`
		: html`<p class="faint" role="status">${t('alerts.found', { n: total })}</p><ul class="form">${rows.map((a) => html`<${Alert} key=${a.alert} domain=${domain} a=${a} may=${may} decide=${decide} />`)}</ul>
			<${Pager} start=${list.start} limit=${list.limit} total=${total} onStart=${list.onStart} onLimit=${list.onLimit} />`)}<//>
		${deciding && html`<${Decide} target=${target} ...${deciding} onClose=${() => decide(null)} onDone=${() => { decide(null); list.reload(); }} />`}<//>`;
}
