import { useEffect } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../text.js';

/** The frame of a page: its heading, what can be done here, and the title of the window. */
export function Page({ title, about, actions, children }) {
	useEffect(() => {
		document.title = `${title} · ${t('app.name')}`;
	}, [title]);
	return html`<div class="page"><div class="head"><div><h1 tabindex="-1">${title}</h1>${about && html`<p class="faint">${about}</p>`}</div>
		${actions && html`<div class="row">${actions}</div>`}</div>${children}</div>`;
}
