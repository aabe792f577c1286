import { useState } from 'preact/hooks';
import * as api from '../api.js';
import { usePaged } from '../hooks.js';
import { html } from '../html.js';
import { requery, to } from '../router.js';
import { t } from '../text.js';
import { LinkButton } from '../ui/button.js';
import { Field, SearchField } from '../ui/field.js';
import { Empty, Loaded } from '../ui/notice.js';
import { Page } from '../ui/page.js';
import { Pager } from '../ui/table.js';
import { Tabs } from '../ui/tabs.js';
import { Job } from './handovers/job.js';
import { Jobs } from './handovers/jobs.js';
import { Records } from './parts/records.js';

const LOOK_MS = 3000;
const STATES = ['open', 'told', 'unreachable', 'fetched', 'cut-off', 'confirmed', 'written-off'], KINDS = ['unassigned', 'rekeyed', 'relabelled', 'softphone'];

/** Records that fit the query; those that are open come oldest first. */
function Found({ domain, query, may, empty }) {
	const list = usePaged(api.path('domains', domain, 'handovers'), query, { every: LOOK_MS });
	return html`<${Loaded} of=${list}>${({ rows, total }) => (total === 0 ? empty : html`<p class="faint" role="status">${t('handovers.found', { n: total })}</p>
		<${Records} domain=${domain} rows=${rows} may=${may} onChange=${list.reload} />
		<${Pager} start=${list.start} limit=${list.limit} total=${total} onStart=${list.onStart} onLimit=${list.onLimit} />`)}<//>`;
}

const Open = ({ domain, may }) => html`<p class="faint">${t('handovers.openAbout')}</p><${Found} domain=${domain} may=${may} query=${{ open: 'yes' }}
	empty=${html`<${Empty} icon="check" title=${t('handovers.nothingOpen')} hint=${t('handovers.nothingOpenHint')} />`} />`;

function All({ domain, query, may }) {
	const { user = '', mac = '', state = '', kind = '' } = query, [wrong, setWrong] = useState('');
	const asked = { user, mac, state, kind };
	const onMac = (v) => {
		const digits = v.replace(/[:.\- ]/g, '');
		setWrong(digits && !/^[0-9a-f]{12}$/i.test(digits) ? t('handovers.wholeMac') : '');
		if (!digits || /^[0-9a-f]{12}$/i.test(digits)) requery({ mac: digits });
	};
	return html`<div class="tools"><${SearchField} label=${t('handovers.byUser')} value=${user} onValue=${(v) => requery({ user: v.trim() })} />
		<${Field} label=${t('records.phone')} value=${mac} onValue=${onMac} error=${wrong} spellcheck=${false} />
		<${Field} label=${t('records.state')} control="select" value=${state} onValue=${(v) => requery({ state: v })}><option value="">${t('choice.any')}</option>
			${STATES.map((s) => html`<option key=${s} value=${s} selected=${s === state}>${t('words.state.' + s)}</option>`)}<//>
		<${Field} label=${t('records.what')} control="select" value=${kind} onValue=${(v) => requery({ kind: v })}><option value="">${t('choice.any')}</option>
			${KINDS.map((k) => html`<option key=${k} value=${k} selected=${k === kind}>${t('words.kind.' + k)}</option>`)}<//></div>
		<${Found} domain=${domain} may=${may} query=${asked} empty=${html`<${Empty} icon="handovers" title=${t(Object.values(asked).some(Boolean) ? 'handovers.notFound' : 'handovers.none')} hint=${t('handovers.noneHint')} />`} />`;
}

/** What changed hands, with its proof; what is still open; what is to come. */
export function Handovers({ domain, rest, query, may }) {
	const open = usePaged(api.path('domains', domain, 'handovers'), { open: 'yes' }, { every: LOOK_MS * 2, first: 1 });
	const tabs = ['open', ...(may.office ? ['jobs', 'coming'] : []), 'all'].map((x) => ({ key: x, name: t('handovers.' + x), href: to(domain, 'handovers', x), count: x === 'open' ? open.data?.total : 0 }));
	const now = tabs.some((x) => x.key === rest[0]) ? rest[0] : 'open';
	if (may.office && rest[0] === 'jobs' && rest[1]) return html`<${Job} key=${rest[1]} domain=${domain} id=${rest[1]} may=${may} />`;
	const csv = api.href(api.url(api.path('domains', domain, 'handovers'), { ...(now === 'open' ? { open: 'yes' } : query), format: 'csv', bom: 'yes' }));
	return html`<${Page} title=${t('nav.handovers')} actions=${(now === 'open' || now === 'all') && html`<${LinkButton} icon="download" href=${csv} download>${t('do.csv')}<//>`}>
		<${Tabs} label=${t('nav.handovers')} list=${tabs} now=${now} />
		${now === 'open' && html`<${Open} domain=${domain} may=${may} />`}
		${now === 'all' && html`<${All} domain=${domain} query=${query} may=${may} />`}
		${(now === 'jobs' || now === 'coming') && html`<${Jobs} key=${now} domain=${domain} coming=${now === 'coming'} />`}<//>`;
}
