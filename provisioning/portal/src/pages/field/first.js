import { useEffect, useState } from 'preact/hooks';
import { useLoad } from '../../hooks.js';
import { html } from '../../html.js';
import { at, t } from '../../text.js';
import { Badge } from '../../ui/badge.js';
import { Button } from '../../ui/button.js';
import { Icon } from '../../ui/icon.js';
import { Note, ProblemNote } from '../../ui/notice.js';
import { toast } from '../../ui/toast.js';
import { useSend } from './send.js';

// Addresses that were told once, until the page is left: by MAC { window, own: { url, expires-datetime, warning }, last: which was asked for last }.
const addresses = new Map();

export const keepAddress = (mac, more) => addresses.set(mac, { ...addresses.get(mac), ...more });

/** Opens the window of five minutes; its address is the same for all phones. */
export async function openWindow(sending, target, mac) {
	const opened = await sending.send(t('fieldwork.pair'), `${target}/pair`, {});
	if (opened) keepAddress(mac, { window: opened, last: 'window' });
	return opened;
}

function left(until, now) {
	const seconds = Math.max(0, Math.round((new Date(until) - now) / 1000));
	return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function useClock(on) {
	const [now, set] = useState(Date.now());
	useEffect(() => {
		if (!on) return undefined;
		const timer = setInterval(() => set(Date.now()), 1000);
		return () => clearInterval(timer);
	}, [on]);
	return now;
}

function Address({ text, note }) {
	const copy = () => navigator.clipboard.writeText(text).then(() => toast(t('do.copied')), () => {});
	return html`<div class="address"><p class="mono" data-address>${text.split(/(?<=\/)/).map((part, i) => html`<span key=${i}>${part}</span><wbr />`)}</p>
		${note && html`<p class="faint">${note}</p>`}<${Button} onClick=${copy}>${t('do.copy')}<//></div>`;
}

function Steps({ way, address, open }) {
	const said = ([verb, ...what]) => (verb === 'type' ? html`${t('fieldwork.press.type', { what: what[0] })} <code>${address ?? '…'}</code>`
		: t(`fieldwork.press.${verb}${verb === 'login' && !what[1] ? 'Label' : ''}`, { what: what.join(verb === 'together' ? ' + ' : ' › '), first: what[0], second: what[1] }));
	return html`<details class="way" open=${open}><summary><span>${t(`fieldwork.way.${way.where}`)}</span>${way.mark !== 'confirmed' && html`<${Badge} word=${t('fieldwork.unsure')} tone="wait" />`}<${Icon} name="down" /></summary>
		<ol>${way.steps.map((s, i) => html`<li key=${i}>${said(s.perhaps ?? s)}${s.perhaps && way.mark === 'confirmed' && html` <span class="perhaps">(${t('fieldwork.unsure')})</span>`}</li>`)}</ol>
		<p class="faint">${t('fieldwork.source', { source: way.source })}</p></details>`;
}

function Ways({ model, address }) {
	const data = useLoad(() => import('./ways.js'), []);
	if (!data.data) return html`<${ProblemNote} problem=${data.problem && { message: t('load.failed') }} retry=${data.reload} />`;
	const row = data.data.rowOf(model), text = address && data.data.addressFor(row, address.url);
	return html`${text && html`<section class="card"><h2>${t('fieldwork.typeThis')}</h2><${Address} text=${text} note=${row?.address === 'url' ? '' : t('fieldwork.withoutScheme')} /></section>`}
		<section class="card"><h2>${t('fieldwork.howTo')}</h2>${row ? row.ways.map((w, i) => html`<${Steps} key=${w.where} way=${w} address=${text} open=${i === 0} />`) : html`<p>${t('fieldwork.noWay')}</p>`}</section>`;
}

/** What has come of it so far. */
function Arrival({ phone, open }) {
	const here = phone['generation-acknowledged'] > 0, paired = phone['paired-datetime'];
	const steps = [['fieldwork.windowOpened', open || paired || here], ['fieldwork.firstFile', paired || here], ['fieldwork.ownLogin', here && !paired]];
	return html`<section class="card" aria-label=${t('fieldwork.arrival')}><h2>${t('fieldwork.arrival')}</h2><ul class="arrival" role="list">${steps.map(([key, done]) => html`<li key=${key} class=${`row${done ? ' done' : ''}`}>
		<${Icon} name=${done ? 'check' : 'wait'} /><span>${t(key)}</span><span class="faint">${t(done ? 'fieldwork.done' : 'fieldwork.awaited')}</span></li>`)}</ul></section>`;
}

/** To the first file: the window or an address of its own, which keys to press, and how it goes. */
export function FirstPull({ phone, mac, target }) {
	const pair = useSend(), token = useSend(), close = useSend(), until = phone['pair-until-datetime'], now = useClock(Boolean(until));
	const known = addresses.get(mac) ?? {}, open = Boolean(until) && new Date(until) > now;
	const own = async () => {
		const made = await token.send(t('fieldwork.ownAddress'), `${target}/token`, {});
		if (made) keepAddress(mac, { own: made, last: 'own' });
	};
	const address = [known.last === 'own' && known.own, open && known.window, known.own].find(Boolean), warning = known.window?.warning ?? known.own?.warning;
	return html`<${ProblemNote} problem=${pair.problem ?? token.problem ?? close.problem} />
		${open ? html`<${Note} icon="keys"><p>${t('fieldwork.windowUntil')} <strong class="mono">${left(until, now)}</strong></p><//>` : html`<p>${t('fieldwork.firstAbout')}</p>`}
		${warning && html`<${Note} kind="wait" icon="alerts"><p>${warning}</p><//>`}
		${!address && html`<${Button} kind="primary" icon="keys" busy=${pair.busy} onClick=${() => openWindow(pair, target, mac)}>${t(open ? 'fieldwork.showWindow' : 'fieldwork.pair')}<//>`}
		${address && address === known.own && html`<p class="faint">${t('fieldwork.ownUntil', { until: at(known.own['expires-datetime']) })}</p>`}
		<${Ways} model=${phone['device-models-model']} address=${address} />
		<${Arrival} phone=${phone} open=${open || Boolean(known.own)} />
		<div class="actions">
			${address && !known.window && html`<${Button} icon="keys" busy=${pair.busy} onClick=${() => openWindow(pair, target, mac)}>${t(open ? 'fieldwork.showWindow' : 'fieldwork.pair')}<//>`}
			${open && html`<${Button} icon="close" busy=${close.busy} onClick=${() => close.send(t('fieldwork.closeWindow'), `${target}/pair`, { open: false })}>${t('fieldwork.closeWindow')}<//>`}
			<${Button} icon="numbers" busy=${token.busy} onClick=${own}>${t('fieldwork.ownAddress')}<//></div>`;
}
