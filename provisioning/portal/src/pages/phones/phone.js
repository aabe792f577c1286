import { useEffect, useRef, useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useAction, useGet } from '../../hooks.js';
import { html } from '../../html.js';
import { go, to } from '../../router.js';
import { t, wordOf } from '../../text.js';
import { Badge } from '../../ui/badge.js';
import { Button } from '../../ui/button.js';
import { Facts } from '../../ui/facts.js';
import { Check } from '../../ui/field.js';
import { Loaded, Note, ProblemNote } from '../../ui/notice.js';
import { Page } from '../../ui/page.js';
import { macText } from '../../ui/phone.js';
import { Time } from '../../ui/time.js';
import { toast } from '../../ui/toast.js';
import { Records } from '../parts/records.js';
import { Overrides } from '../settings/overrides.js';
import { PhoneFace } from './face.js';
import { Files } from './files.js';
import { KeyForm } from './keyform.js';
import { Lines } from './lines.js';
import { Move } from './move.js';
import { Pair } from './pair.js';
import { Timeline } from './timeline.js';

const LOOK_MS = 3000;

const Generation = ({ phone }) => (phone['generation-acknowledged'] >= phone['generation-wanted'] ? html`${t('onePhone.current')} <${Time} iso=${phone['acknowledged-datetime']} />`
	: t('onePhone.behind', { has: String(phone['generation-acknowledged']), wants: String(phone['generation-wanted']) }));

const Known = ({ phone }) => html`<${Facts} rows=${[[t('phones.state'), html`<${Badge} family="phone" word=${phone.state} />`], [t('phones.site'), phone.site],
	[t('phones.pull'), html`<${Time} iso=${phone['device-provisioning-last-retrieved-datetime'] || null} />`], [t('phones.firmware'), phone.firmware], [t('phones.address'), phone.address],
	[t('onePhone.registration'), phone['device-sip-registration-state'] ? html`${wordOf('registration', phone['device-sip-registration-state'])} <small>${phone['device-sip-registration-contact']}</small>` : ''],
	[t('onePhone.settings'), html`<${Generation} phone=${phone} />`], [t('onePhone.files'), wordOf('crypt', phone['encrypt-files-state'])],
	[t('onePhone.pairUntil'), phone['pair-until-datetime'] ? html`<${Time} iso=${phone['pair-until-datetime']} long />` : undefined],
	[t('onePhone.paired'), phone['paired-datetime'] ? html`<${Time} iso=${phone['paired-datetime']} />` : undefined], [t('phones.notes'), phone.notes || undefined]]} />`;

/** What of it waits for proof, oldest first. */
function Waiting({ domain, mac, may, version }) {
	const found = useGet(may.site ? api.path('domains', domain, 'handovers') : null, { mac, open: 'yes', limit: 100, v: version }, may.site ? LOOK_MS : 0);
	if (!found.data?.length) return null;
	return html`<section class="card form"><h2>${t('onePhone.waiting')}</h2>
		<${Records} domain=${domain} rows=${found.data} may=${may} onChange=${found.reload} phone label=${t('onePhone.waiting')} /></section>`;
}

function FaceCard({ domain, phone, may, onChange }) {
	const mac = phone['device-provisioning-mac-address'], [chosen, choose] = useState(null);
	const keys = useGet(api.path('domains', domain, 'phones', mac, 'keys'), { limit: 1000, v: phone['generation-wanted'] });
	const row = chosen && keys.data?.find((k) => k.key === chosen.key), edits = phone.state !== 'retired' && keys.data !== undefined;
	const done = () => {
		choose(null);
		keys.reload();
		onChange();
	};
	return html`<section class="card form"><div class="row spread"><h2>${t('face.title')}</h2>${edits && html`<${Button} onClick=${() => choose({})}>${t('face.other')}<//>`}</div>
		${edits && html`<p class="faint">${t('face.about')}</p>`}
		<${PhoneFace} domain=${domain} mac=${mac} version=${phone['generation-wanted']} onKey=${edits && ((key) => choose({ key }))} />
		${chosen && html`<${KeyForm} domain=${domain} phone=${phone} place=${chosen.key} row=${row} may=${may} onClose=${() => choose(null)} onDone=${done} />`}</section>`;
}

function Encrypted({ domain, phone, onChange }) {
	const set = useAction(async (on) => {
		await api.call('PATCH', api.path('domains', domain, 'phones', phone['device-provisioning-mac-address']), { 'encrypt-files': on });
		onChange();
	});
	return html`<${ProblemNote} problem=${set.problem} /><${Check} label=${t('onePhone.encrypt')} hint=${t('onePhone.encryptHint')} checked=${phone['encrypt-files']} disabled=${set.busy} onValue=${set.run} />`;
}

function Actions({ phone, may, resync, open }) {
	if (phone.state === 'retired') return may.site && html`<${Button} icon="delete" onClick=${() => open('delete')}>${t('onePhone.delete')}<//>`;
	return html`<${Button} icon="refresh" busy=${resync.busy} onClick=${resync.run}>${t('onePhone.resync')}<//>
		<${Button} onClick=${() => open('rehome')}>${t('onePhone.move')}<//><${Button} onClick=${() => open('swap')}>${t('onePhone.swap')}<//><${Button} onClick=${() => open('pair')}>${t('onePhone.pair')}<//>
		${may.site && html`<${Button} onClick=${() => open('retire')}>${t('onePhone.retire')}<//><${Button} icon="delete" label=${t('onePhone.delete')} onClick=${() => open('delete')} />`}`;
}

/** One phone: what it shows, whom it serves, what it gets, what happened to it, and what can be done with it. */
export function Phone({ domain, mac, may }) {
	const once = useRef(null), [dialog, open] = useState(null), [gone, setGone] = useState(false);
	const target = api.path('domains', domain, 'phones', mac), found = useGet(target, {}, gone ? 0 : LOOK_MS);
	useEffect(() => setGone(found.problem?.status === 404), [found.problem]);
	const moved = (answer) => {
		if (dialog !== 'delete' || answer.handovers) return found.reload();
		toast(t('onePhone.deleted', { mac: macText(mac) }));
		return go(domain, 'phones');
	};
	const resync = useAction(async () => {
		await api.call('POST', target + '/resync', {}, { once });
		toast(t('onePhone.told'));
		found.reload();
	});
	const phone = found.data, version = phone && `${phone['generation-wanted']}.${phone['generation-acknowledged']}.${phone['device-provisioning-last-retrieved-datetime']}.${phone['handovers-open']}`;
	return html`<${Page} title=${phone?.['device-models-brand-and-model'] ?? macText(mac)} about=${html`<code>${macText(mac)}</code> · <a href=${to(domain, 'phones')}>${t('onePhone.all')}</a>`}
		actions=${phone && html`<${Actions} phone=${phone} may=${may} resync=${resync} open=${open} />`}>
		<${ProblemNote} problem=${resync.problem} />
		<${Loaded} of=${found}>${() => html`<div class="form">
			${phone.state === 'retired' && html`<${Note} icon="alerts">${t('onePhone.retired')} ${phone['replaced-by'] && html`<a href=${to(domain, 'phones', phone['replaced-by'])}>${t('onePhone.replacedBy', { mac: macText(phone['replaced-by']) })}</a>`}<//>`}
			<${Waiting} domain=${domain} mac=${mac} may=${may} version=${version} />
			<div class="beside"><div class="form"><section class="card form"><h2>${t('onePhone.about')}</h2><${Known} phone=${phone} /></section>
				<${Lines} domain=${domain} phone=${phone} may=${may} onChange=${found.reload} /></div>
			<${FaceCard} domain=${domain} phone=${phone} may=${may} onChange=${found.reload} />
			<div class="form"><${Files} domain=${domain} mac=${mac} version=${version} />
				${may.site && html`<section class="card form"><h2>${t('onePhone.own')}</h2><${Encrypted} domain=${domain} phone=${phone} onChange=${found.reload} /><${Overrides} target=${target + '/overrides'} about=${t('overrides.phoneAbout')} /></section>`}</div>
			<${Timeline} domain=${domain} mac=${mac} version=${version} /></div></div>`}<//>
		${dialog === 'pair' && html`<${Pair} domain=${domain} phone=${phone} may=${may} onDone=${found.reload} onClose=${() => open(null)} />`}
		${dialog && dialog !== 'pair' && html`<${Move} domain=${domain} phone=${phone} kind=${dialog} may=${may} onDone=${moved} onClose=${() => open(null)} />`}<//>`;
}
