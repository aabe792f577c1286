import { html } from '../../html.js';
import { t, wordOf } from '../../text.js';
import { Icon } from '../../ui/icon.js';
import { showMac } from './mac.js';

const told = ['unassign-line', 'assign-line', 'rekey-line', 'add-phone', 'place', 'retire', 'forget'];

/** What would be done, in words: each line, and how many keys. */
export function Plan({ plan }) {
	const single = plan.steps.filter((s) => told.includes(s.step));
	const many = Object.entries(plan.counts).filter(([word, n]) => n > 0 && !told.includes(word));
	const phones = plan.phones.filter((p) => p['cannot-reach'] || p.arrival);
	return html`<section class="card plan"><h2>${t('fieldwork.plan')}</h2>
		<ul>${single.map((s, i) => html`<li key=${i} class="row"><${Icon} name=${s.step === 'unassign-line' ? 'close' : 'check'} />
			<span><bdi>${t(`fieldwork.step.${s.step}`, { device: s.device ?? '', name: s.to ?? '', line: s['device-provisioning-line'], mac: showMac(s['device-provisioning-mac-address']) })}</bdi></span></li>`)}
			${many.map(([word, n]) => html`<li key=${word} class="row"><${Icon} name="right" /><span>${t(`fieldwork.step.${word}`, { n })}</span></li>`)}</ul>
		${single.length + many.length === 0 && html`<p>${t('fieldwork.planNothing')}</p>`}
		<p class="faint">${t('fieldwork.after', { state: wordOf('phone', plan['state-after']) })}</p>
		${phones.map((p) => html`<div key=${p['device-provisioning-mac-address']}><p class="mono">${showMac(p['device-provisioning-mac-address'])}</p>
			${p.arrival && html`<p class="faint">${p.arrival}</p>`}${p['cannot-reach'] && html`<p class="faint">${t('fieldwork.cannotReach', { what: p['cannot-reach'] })}</p>`}</div>`)}
		${plan.notes.map((n) => html`<p key=${n} class="faint">${n}</p>`)}
	</section>`;
}
