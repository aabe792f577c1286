import { useEffect, useRef } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../text.js';
import { Button } from '../ui/button.js';
import { Page } from '../ui/page.js';
import { toast } from '../ui/toast.js';
import { Find } from './field/find.js';
import { Phone } from './field/phone.js';
import { readMac } from './field/mac.js';
import { SendingProvider, useLine, usePulse } from './field/send.js';

/** What is on its way or waits for a connection. Always in reach of the thumb. */
function Waiting({ online, waiting, line }) {
	if (online && waiting.every((w) => w.tries === 0) && waiting.length === 0) return null;
	const stuck = !online || waiting.some((w) => w.tries > 0);
	return html`<div class=${`waiting${stuck ? ' stuck' : ''}`}>
		${stuck && html`<p><strong>${t('fieldwork.offline')}</strong></p>`}
		${waiting.map((w) => html`<div key=${w.key} class="one"><p>${t(w.tries || !online ? 'fieldwork.waits' : 'fieldwork.sends', { what: w.label })}</p>
			${(w.tries > 0 || !online) && html`<${Button} onClick=${() => line.drop(w.key)}>${t('fieldwork.takeBack')}<//>`}</div>`)}
		${waiting.length > 0 && html`<progress aria-label=${t('fieldwork.progress')}></progress>`}
	</div>`;
}

/** For whoever stands before a phone: one thumb, a bad network. */
export function FieldWork({ domain, rest: [text, what], session }) {
	const online = usePulse(), was = useRef(true), [line, waiting] = useLine(session.login);
	const mac = text && readMac(text);
	useEffect(() => {
		if (online && !was.current) toast(t('fieldwork.back'));
		was.current = online;
	}, [online]);
	return html`<${SendingProvider} value=${line}><div class="fieldwork">
		${mac ? html`<${Phone} key=${mac} domain=${domain} mac=${mac} what=${what} />`
			: html`<${Page} title=${t('fieldwork.title')} about=${t('fieldwork.about')}><${Find} domain=${domain} wrong=${text} /><//>`}
		<div role="status" aria-live="polite"><${Waiting} online=${online} waiting=${waiting} line=${line} /></div>
	</div><//>`;
}
