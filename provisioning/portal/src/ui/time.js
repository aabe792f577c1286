import { useEffect, useState } from 'preact/hooks';
import { html } from '../html.js';
import { ago, at, atExactly, t } from '../text.js';

/** "3 minutes ago", the exact time in the viewer's zone as its title; `long` shows the time itself. */
export function Time({ iso, long }) {
	const [, tick] = useState(0);
	useEffect(() => {
		const timer = setInterval(() => tick((n) => n + 1), 30000);
		return () => clearInterval(timer);
	}, []);
	if (!iso) return html`<span class="faint">${t('time.never')}</span>`;
	return html`<time datetime=${iso} title=${atExactly(iso)}>${long ? at(iso) : ago(iso)}</time>`;
}
