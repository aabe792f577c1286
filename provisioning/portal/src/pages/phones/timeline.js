import { useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useGet } from '../../hooks.js';
import { html } from '../../html.js';
import { t, wordOf } from '../../text.js';
import { Button } from '../../ui/button.js';
import { Loaded } from '../../ui/notice.js';
import { Time } from '../../ui/time.js';

const STEP = 20, MOST = 1000;

/** What happened to a phone, newest first; version: whatever changes when something may have happened. */
export function Timeline({ domain, mac, version }) {
	const [n, more] = useState(STEP);
	const found = useGet(api.path('domains', domain, 'phones', mac, 'timeline'), { limit: n, v: version });
	return html`<section class="card form"><h2>${t('timeline.title')}</h2>
		<${Loaded} of=${found}>${(rows) => (rows.length === 0 ? html`<p class="faint">${t('timeline.none')}</p>` : html`<ol class="story">${rows.map((r, i) => html`<li key=${rows.length - i}>
			<strong>${wordOf('event', r.event)}</strong> <${Time} iso=${r['timestamp-datetime']} long />
			<p>${[r.detail, r.generation ? t('timeline.generation', { n: String(r.generation) }) : ''].filter(Boolean).join(' · ')}</p></li>`)}</ol>
			${rows.length === n && n < MOST && html`<${Button} onClick=${() => more(Math.min(MOST, n * 3))}>${t('timeline.more')}<//>`}`)}<//></section>`;
}
