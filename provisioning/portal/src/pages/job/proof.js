// One record: which line left which phone, and what has been proved of it.
import { html } from '../../html.js';
import { at, sentence, t } from '../../text.js';
import { Badge } from '../../ui/badge.js';
import { Icon } from '../../ui/icon.js';
import { macText, modelName } from '../../ui/phone.js';

// What each kind of record needs, in the order in which it is shown.
const FACTS = { unassigned: ['told', 'fetched', 'flipped', 'unbound', 'applied'], rekeyed: ['told', 'fetched', 'flipped', 'applied'], relabelled: ['told', 'fetched'],
	softphone: ['fetched', 'flipped', 'unbound'] };

// What is still missing is worth a sentence where somebody may have to do something.
const TELLS = ['unreachable', 'cut-off', 'fetched'];

export const phoneOf = (r) => (r['device-provisioning-mac-address']
	? [modelName(r['device-models-model']), macText(r['device-provisioning-mac-address'])].filter(Boolean).join(' ') : t('proof.softphone'));

export function Proof({ record }) {
	const facts = FACTS[record.kind] ?? [];
	return html`<li class="proof"><div class="row"><span><strong>${phoneOf(record)}</strong> <span class="faint">${t(`proof.kind.${record.kind}`, { line: record['device-provisioning-line'], device: record.device })}</span></span>
			<${Badge} family="state" word=${record.state} /></div>
		<ol class="facts">${facts.map((f) => html`<li key=${f} class=${record.facts[f] ? 'yes' : 'no'} title=${record.facts[f] ? `${at(record.facts[f].datetime)} ${record.facts[f].evidence}` : ''}>
			<${Icon} name=${record.facts[f] ? 'check' : 'wait'} />${t(`proof.fact.${f}`)}<span class="unseen"> ${t(record.facts[f] ? 'proof.yes' : 'proof.no')}</span></li>`)}</ol>
		${record.open && record.missing && TELLS.includes(record.state) && html`<p class="faint">${sentence(record.missing)}</p>`}</li>`;
}
