import { useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useGet } from '../../hooks.js';
import { html } from '../../html.js';
import { go } from '../../router.js';
import { t } from '../../text.js';
import { Button } from '../../ui/button.js';
import { Check, Field } from '../../ui/field.js';
import { ProblemNote } from '../../ui/notice.js';
import { toast } from '../../ui/toast.js';
import { Plan } from './plan.js';
import { useSend } from './send.js';

/** To another desk: whose, and where it stands then. First the plan, then the deed. */
export function Move({ phone, domain, mac, target }) {
	const sites = useGet(api.path('domains', domain, 'sites'), { limit: 1000 });
	const persons = [...new Set(phone.lines.filter((l) => l.use === 'line').map((l) => l.user).filter(Boolean))];
	const [user, setUser] = useState(''), [nobody, setNobody] = useState(false), [from, setFrom] = useState(persons[0] ?? ''), [site, setSite] = useState(phone.site);
	const [error, setError] = useState(''), plan = useSend(), deed = useSend();
	const change = (set) => (value) => {
		set(value);
		setError('');
		plan.clear();
	};
	const order = () => ({ user: nobody ? '' : user.trim(), ...(persons.length > 1 && { 'from-user': from }), ...(site !== phone.site && { site }) });
	const check = (e) => {
		e.preventDefault();
		if (!nobody && !user.trim()) return setError(t('fieldwork.whichExtension'));
		return plan.send(t('fieldwork.check'), `${target}/rehome`, { ...order(), 'dry-run': true });
	};
	const move = async () => {
		if (!(await deed.send(t('fieldwork.move'), `${target}/rehome`, order()))) return;
		toast(t('fieldwork.moved'));
		go(domain, 'field', mac);
	};
	return html`<form class="form" onSubmit=${check} novalidate>
		<${Field} label=${t('fieldwork.extension')} hint=${t('fieldwork.extensionHint')} value=${nobody ? '' : user} onValue=${change(setUser)} error=${error} disabled=${nobody}
			inputmode="numeric" autocomplete="off" enterkeyhint="done" maxlength="64" />
		<${Check} label=${t('fieldwork.vacate')} checked=${nobody} onValue=${change(setNobody)} />
		${persons.length > 1 && html`<${Field} control="select" label=${t('fieldwork.whoseGoes')} value=${from} onValue=${change(setFrom)}>${persons.map((p) => html`<option value=${p}>${p}</option>`)}<//>`}
		${sites.data?.length > 1 && html`<${Field} control="select" label=${t('users.site')} value=${site} onValue=${change(setSite)}>
			${!phone.site && html`<option value="">${t('fieldwork.noSite')}</option>`}${sites.data.map((s) => html`<option value=${s.site}>${s.site}</option>`)}<//>`}
		<${ProblemNote} problem=${plan.problem ?? deed.problem} />
		${!plan.data && html`<${Button} kind="primary" type="submit" busy=${plan.busy}>${t('fieldwork.check')}<//>`}
		${plan.data && html`<${Plan} plan=${plan.data.plan} /><${Button} kind="primary" icon="check" busy=${deed.busy} onClick=${move}>${t('fieldwork.moveNow')}<//>`}
	</form>`;
}
