// One user: who it is, and the parts of the desk, each a tab. Advanced has what is done rarely.
import { useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useAction, useGet } from '../../hooks.js';
import { html } from '../../html.js';
import { go, requery, to } from '../../router.js';
import { within } from '../../session.js';
import { t } from '../../text.js';
import { Badge } from '../../ui/badge.js';
import { Button } from '../../ui/button.js';
import { Confirm, Dialog } from '../../ui/dialog.js';
import { Icon } from '../../ui/icon.js';
import { Loaded, Note, ProblemNote } from '../../ui/notice.js';
import { Page } from '../../ui/page.js';
import { Sheet } from '../../ui/sheet.js';
import { Tabs } from '../../ui/tabs.js';
import { toast } from '../../ui/toast.js';
import { JobDialog } from '../job/dialog.js';
import { LinkList } from '../job/links.js';
import { Contacts } from './contacts.js';
import { Devices } from './devices.js';
import { Greetings } from './greetings.js';
import { Logins } from './logins.js';
import { Numbers } from './numbers.js';
import { nameOf, personOf } from './person.js';
import { Profile } from './profile.js';
import { Reset } from './reset.js';
import { Rules } from './rules.js';
import { Voicemail } from './voicemail.js';

/** THE table of tabs: who is shown which. */
const tabs = [
	{ key: 'profile', part: Profile, shown: () => true },
	{ key: 'devices', part: Devices, shown: () => true },
	{ key: 'voicemail', part: Voicemail, shown: () => true },
	{ key: 'greetings', part: Greetings, shown: () => true },
	{ key: 'rules', part: Rules, shown: () => true },
	{ key: 'contacts', part: Contacts, shown: () => true },
	{ key: 'numbers', part: Numbers, shown: (may) => may.site },
	{ key: 'logins', part: Logins, shown: (may) => may.office },
];

/** A link by mail, or shown here once. */
function useLink(target) {
	const [links, setLinks] = useState(null);
	const send = useAction(async (what) => {
		const made = await api.call('POST', `${target}/${what}`, {});
		if (made['one-time-link']) setLinks([made['one-time-link']]);
		else toast(t('user.mailed'));
		return made;
	});
	return { ...send, links, clear: () => setLinks(null) };
}

function Advanced({ onPick }) {
	const item = (what, icon) => html`<${Button} kind="ghost" icon=${icon} onClick=${() => onPick(what)}>${t(`user.do.${what}`)}<//>`;
	return html`<${Sheet} kind="advanced" summary=${html`<span class="button">${t('user.advanced')}<${Icon} name="down" /></span>`}>
		${item('reset', 'reset')}${item('welcome', 'mail')}${item('force-password-reset', 'keys')}${item('delete', 'delete')}<//>`;
}

function Dialogs({ domain, target, row, open, setOpen, reload }) {
	const link = useLink(target), close = () => setOpen(null);
	const ask = useAction(async (what) => {
		if (what === 'delete') {
			await api.call('DELETE', target);
			toast(t('users.deleted', { who: personOf(row) }));
			go(domain, 'users');
		} else if (await link.run(what)) {
			close();
			reload();
		}
	});
	if (link.links) return html`<${Dialog} title=${t('links.title')} size="wide" onClose=${link.clear} foot=${html`<${Button} kind="primary" onClick=${link.clear}>${t('do.close')}<//>`}><${LinkList} links=${link.links} /><//>`;
	if (!open) return null;
	if (open === 'reset') return html`<${Reset} domain=${domain} users=${[row]} onClose=${close} onJob=${(job) => { close(); requery({ job }); }} />`;
	return html`<${Confirm} title=${t(`user.ask.${open}`, { who: personOf(row) })} danger=${open === 'delete'} busy=${ask.busy || link.busy} onYes=${() => ask.run(open)} onNo=${close}>
		<${ProblemNote} problem=${ask.problem ?? link.problem} /><p>${t(open === 'delete' ? 'users.deleteText' : `bulk.about.${open === 'welcome' ? 'send-welcome-email' : open}`)}</p><//>`;
}

/** page: at which place this stands; a person's own page has no user in it. */
export function User({ domain, user, query, may, session, page = 'users' }) {
	const target = api.path('domains', domain, 'users', user), found = useGet(target);
	const [open, setOpen] = useState(null);
	const own = user === session.user && domain === session.domain;
	const place = (tab) => (page === 'me' ? to(domain, 'me', { tab }) : to(domain, page, user, { tab }));
	const list = tabs.filter((x) => x.shown(may)), tab = list.find((x) => x.key === query.tab) ?? list[0];
	const row = found.data;
	const title = row ? nameOf(row) || t('user.nobody', { user }) : user;
	const about = row && html`${t('user.extension', { user })} <${Badge} family="status" word=${row['account-status']} />`;
	return html`<${Page} title=${title} about=${about} actions=${may.office && row && within(session, domain, row) && html`<${Advanced} onPick=${setOpen} />`}>
		<p class="crumb">${may.site && html`<a href=${to(domain, 'users')}>${t('user.back')}</a>`}</p>
		<${Loaded} of=${found}>${(u) => html`
			${u['account-status'] === 'reset' && may.office && html`<${Note} icon="reset">${t('user.isReset')}<//>`}
			<${Tabs} label=${t('user.parts')} now=${tab.key} list=${list.map((x) => ({ key: x.key, name: t(`user.tab.${x.key}`), href: place(x.key) }))} />
			<div class="tab"><${tab.part} key=${tab.key} domain=${domain} target=${target} row=${u} may=${may} session=${session} own=${own} reload=${found.reload} /></div>
			<${Dialogs} domain=${domain} target=${target} row=${u} open=${open} setOpen=${setOpen} reload=${found.reload} />`}<//>
		${query.job && html`<${JobDialog} key=${query.job} domain=${domain} id=${query.job} onNext=${(id) => requery({ job: id })} onClose=${() => {
			requery({ job: '' });
			found.reload();
		}} />`}<//>`;
}
