import { useEffect, useRef, useState } from 'preact/hooks';
import { useGet, useOnline } from './hooks.js';
import { html } from './html.js';
import { pagesFor } from './pages.js';
import { go, goInstead, to, usePlace } from './router.js';
import { ChangePassword } from './pages/password.js';
import { may } from './session.js';
import { at, t } from './text.js';
import { useTheme } from './theme.js';
import { Button } from './ui/button.js';
import { Icon } from './ui/icon.js';
import { Note } from './ui/notice.js';
import { Sheet } from './ui/sheet.js';

function Domains({ domain, section }) {
	const all = useGet('/domains', { limit: 1000 });
	if (!all.data) return null;
	const names = [...new Set([...all.data.map((d) => d.domain), domain])]; // one that was made since is here too
	return html`<label class="domain"><span class="unseen">${t('app.domain')}</span><select value=${domain} onChange=${(e) => go(e.currentTarget.value, section)}>
		${names.map((d) => html`<option key=${d} value=${d}>${d}</option>`)}</select></label>`;
}

function Account({ session, onPassword, onLeave }) {
	const [theme, setTheme] = useTheme();
	return html`<${Sheet} kind="account" label=${`${t('app.account')}: ${session.login}`} summary=${html`<${Icon} name="person" /><span>${session.login}</span>`}>
			<p><strong>${session.login}</strong><br /><span class="faint">${session['user-scope']}</span></p>
			<label>${t('app.theme')} <select value=${theme} onChange=${(e) => setTheme(e.currentTarget.value)}>
				${['system', 'light', 'dark'].map((x) => html`<option value=${x}>${t('app.' + x)}</option>`)}</select></label>
			${session['session-ends-datetime'] && html`<p class="faint">${t('account.idle', { n: session['session-idle-minutes'] })} ${t('account.ends', { at: at(session['session-ends-datetime']) })}</p>`}
			<${Button} onClick=${onPassword}>${t('account.password')}<//><${Button} onClick=${onLeave}>${t('app.logout')}<//><//>`;
}

function Menu({ pages, domain, section, onGo }) {
	return html`<nav class="menu" id="menu" aria-label=${t('app.menu')}><ul>${pages.map((p) => html`<li key=${p.name}>
		<a href=${to(p.global ? '-' : domain, p.name)} aria-current=${p.name === section ? 'page' : undefined} onClick=${onGo}>
			<${Icon} name=${p.icon} /><span>${t('nav.' + p.name)}</span></a></li>`)}</ul></nav>`;
}

/** Menu, domain, account, and the page of the place. A new place moves the focus to its heading. */
export function Shell({ session, onLeave }) {
	const { segments: [domain = session.domain, section, ...rest], query } = usePlace();
	const pages = pagesFor(session), page = pages.find((p) => p.name === section) ?? pages[0];
	const [open, setOpen] = useState(false), [changing, setChanging] = useState(false);
	const online = useOnline(), main = useRef(), first = useRef(true);
	useEffect(() => {
		if (page && page.name !== section) goInstead(page.global ? '-' : domain || session.domain, page.name);
	}, [section, domain]);
	useEffect(() => {
		if (!first.current) main.current.querySelector('h1')?.focus();
		first.current = false;
	}, [section, rest[0]]);
	const within = domain === '-' ? session.domain : domain;
	return html`<div class=${`shell${open ? ' open' : ''}`}>
		<a class="skip" href="#main" onClick=${(e) => { e.preventDefault(); main.current.focus(); }}>${t('app.skip')}</a>
		<header class="bar">
			<${Button} kind="ghost" icon="menu" label=${t('app.menu')} aria-expanded=${open} aria-controls="menu" onClick=${() => setOpen(!open)} />
			<a class="brand" href=${to(within, pages[0]?.name ?? '')}>${t('app.name')}</a>
			${may(session).domains ? html`<${Domains} domain=${within} section=${page?.global ? pages[0].name : page?.name} />` : html`<span class="domain">${within}</span>`}
			<span class="space"></span><${Account} session=${session} onPassword=${() => setChanging(true)} onLeave=${onLeave} />
		</header>
		<${Menu} pages=${pages} domain=${within} section=${page?.name} onGo=${() => setOpen(false)} />
		<main id="main" ref=${main} tabindex="-1">
			${!online && html`<${Note} kind="bad" icon="alerts">${t('app.offline')}<//>`}
			${page && html`<${page.page} key=${within + page.name} domain=${within} rest=${rest} query=${query} session=${session} may=${may(session)} />`}
		</main>
		${changing && html`<${ChangePassword} onDone=${() => setChanging(false)} />`}</div>`;
}
