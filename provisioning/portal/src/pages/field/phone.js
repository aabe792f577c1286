import { useEffect } from 'preact/hooks';
import * as api from '../../api.js';
import { useFollow, useGet } from '../../hooks.js';
import { html } from '../../html.js';
import { go, to } from '../../router.js';
import { t, wordOf } from '../../text.js';
import { Badge } from '../../ui/badge.js';
import { Button, LinkButton } from '../../ui/button.js';
import { Loaded, Note, ProblemNote } from '../../ui/notice.js';
import { Page } from '../../ui/page.js';
import { Time } from '../../ui/time.js';
import { toast } from '../../ui/toast.js';
import { Add } from './add.js';
import { remember } from './find.js';
import { FirstPull, openWindow } from './first.js';
import { showMac } from './mac.js';
import { Move } from './move.js';
import { Proof } from './proof.js';
import { useSend } from './send.js';
import { Swap } from './swap.js';

export const nameOf = (line) => [line['name-first-name'], line['name-last-name']].filter(Boolean).join(' ');
const lines = (phone) => phone.lines.filter((l) => l.use === 'line');

/** Does it have what it is wanted to have? */
function Fresh({ phone }) {
	const had = phone['generation-acknowledged'], wanted = phone['generation-wanted'];
	if (had === 0) return html`<${Note} kind="wait" icon="alerts"><p>${t('fieldwork.neverHere')}</p><//>`;
	if (had < wanted) return html`<${Note} kind="wait" icon="refresh"><p>${t('fieldwork.behind')} <${Time} iso=${phone['acknowledged-datetime']} /></p><//>`;
	return html`<${Note} icon="check"><p>${t('fieldwork.fresh')} <${Time} iso=${phone['acknowledged-datetime']} /></p><//>`;
}

function What({ phone, target }) {
	const serves = lines(phone);
	return html`<section class="card"><h2>${t('fieldwork.serves')}</h2>
		${serves.length === 0 ? html`<p class="faint">${t('fieldwork.nobody')}</p>` : html`<ul class="people">${serves.map((l) => html`<li key=${l.slot}>
			<strong><bdi>${nameOf(l) || l.label || t('users.nobody')}</bdi></strong><span class="faint">${t('fieldwork.line', { n: l.slot, ext: l.device })}</span></li>`)}</ul>`}
		<dl class="facts">
			<dt>${t('fieldwork.state')}</dt><dd><${Badge} word=${wordOf('phone', phone.state)} tone=${phone.state === 'retired' ? 'bad' : serves.length ? 'good' : 'idle'} /></dd>
			<dt>${t('users.site')}</dt><dd><bdi>${phone.site || t('fieldwork.noSite')}</bdi></dd>
			<dt>${t('fieldwork.pulled')}</dt><dd><${Time} iso=${phone['device-provisioning-last-retrieved-datetime']} /></dd>
			${phone.firmware && html`<dt>${t('fieldwork.firmware')}</dt><dd class="mono">${phone.firmware}</dd>`}
			${phone['replaced-by'] && html`<dt>${t('fieldwork.replacedBy')}</dt><dd><a class="mono" href=${to(phone.domain, 'field', phone['replaced-by'])}>${showMac(phone['replaced-by'])}</a></dd>`}
			${phone.notes && html`<dt>${t('fieldwork.notes')}</dt><dd><bdi>${phone.notes}</bdi></dd>`}
		</dl>
		<img class="face" alt=${t('fieldwork.face')} src=${api.href(`${target}/face.svg?g=${phone['generation-wanted']}`)} />
	</section>`;
}

function Actions({ phone, target, domain, mac }) {
	const resync = useSend(), pair = useSend(), open = phone['pair-until-datetime'];
	const tell = async () => (await resync.send(t('fieldwork.resync'), `${target}/resync`, {})) && toast(t('fieldwork.told'));
	const window = async () => {
		if (open || await openWindow(pair, target, mac)) go(domain, 'field', mac, 'first');
	};
	return html`<${ProblemNote} problem=${resync.problem ?? pair.problem} /><div class="actions">
		<${Button} icon="refresh" busy=${resync.busy} onClick=${tell}>${t('fieldwork.resync')}<//>
		<${Button} icon="keys" busy=${pair.busy} onClick=${window}>${t(open ? 'fieldwork.windowIsOpen' : 'fieldwork.pair')}<//>
		<${LinkButton} kind=${phone['generation-acknowledged'] === 0 ? 'primary' : 'plain'} icon="numbers" href=${to(domain, 'field', mac, 'first')}>${t('fieldwork.firstPull')}<//>
		<${LinkButton} icon="right" href=${to(domain, 'field', mac, 'move')}>${t('fieldwork.move')}<//>
		<${LinkButton} icon="handovers" href=${to(domain, 'field', mac, 'swap')}>${t('fieldwork.swap')}<//>
		<${LinkButton} icon="field" href=${to(domain, 'field')}>${t('fieldwork.next')}<//></div>`;
}

const views = { first: FirstPull, move: Move, swap: Swap };

function Known({ phone, records, cannot, domain, mac, what, target }) {
	const View = views[what], model = phone['device-models-brand-and-model'];
	useEffect(() => remember(domain, mac, [model, lines(phone).map((l) => nameOf(l) || l.device).join(', ')].filter(Boolean).join(' · ')), [phone]);
	useEffect(() => {
		scrollTo(0, 0);
		document.querySelector('main h1')?.focus({ preventScroll: true });
	}, [what]);
	const place = html`<span class="mono">${showMac(mac)}</span>`;
	if (View) {
		return html`<${Page} title=${t(`fieldwork.${what === 'first' ? 'firstPull' : what}`)} about=${html`<bdi>${model}</bdi> · ${place}`}>
			<${LinkButton} icon="left" href=${to(domain, 'field', mac)}>${t('fieldwork.backToPhone')}<//>
			<${View} phone=${phone} records=${records} domain=${domain} mac=${mac} target=${target} /><//>`;
	}
	return html`<${Page} title=${model} about=${place}>
		<${Fresh} phone=${phone} />
		<${Actions} phone=${phone} target=${target} domain=${domain} mac=${mac} />
		<${What} phone=${phone} target=${target} />
		<${Proof} records=${records} cannot=${cannot} /><//>`;
}

/** One phone as it is now: loaded once, then followed. */
export function Phone({ domain, mac, what }) {
	const target = api.path('domains', domain, 'phones', mac);
	const first = useGet(target), live = useFollow(first.data ? `${target}/events` : null, 'phone');
	if (first.problem?.status === 404) {
		return html`<${Page} title=${t('fieldwork.unknown')} about=${html`<span class="mono">${showMac(mac)}</span>`}>
			<${Add} domain=${domain} mac=${mac} onAdded=${() => { first.reload(); go(domain, 'field', mac, 'first'); }} /><//>`;
	}
	if (first.data === undefined && first.problem) {
		return html`<${Page} title=${showMac(mac)}><${ProblemNote} problem=${first.problem} retry=${first.reload} />
			<${LinkButton} icon="left" href=${to(domain, 'field')}>${t('fieldwork.next')}<//><//>`;
	}
	return html`<${Loaded} of=${first}>${(data) => html`<${Known} phone=${live?.phone ?? data} records=${live?.handovers} cannot=${live?.['cannot-be-proved']}
		domain=${domain} mac=${mac} what=${what} target=${target} />`}<//>`;
}
