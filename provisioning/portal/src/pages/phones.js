import { useState } from 'preact/hooks';
import { usePaged, useSettled } from '../hooks.js';
import * as api from '../api.js';
import { html } from '../html.js';
import { requery, to } from '../router.js';
import { t } from '../text.js';
import { Badge } from '../ui/badge.js';
import { Button } from '../ui/button.js';
import { Check, Field, SearchField } from '../ui/field.js';
import { Empty } from '../ui/notice.js';
import { Page } from '../ui/page.js';
import { macText, PhoneDot } from '../ui/phone.js';
import { Time } from '../ui/time.js';
import { SiteField } from './parts/choices.js';
import { Listing } from './parts/listing.js';
import { personName } from './parts/users.js';
import { AddPhone } from './phones/add.js';
import { Phone } from './phones/phone.js';
import { Transfers } from './phones/transfers.js';
import { Unclaimed } from './phones/unclaimed.js';

const MAC = 'device-provisioning-mac-address', PULL = 'device-provisioning-last-retrieved-datetime';
const LOOK_MS = 5000;

/** Whom a phone serves: people by name, else the device. */
export const Serves = ({ phone }) => {
	const lines = phone.lines.filter((l) => l.use === 'line');
	return lines.length === 0 ? html`<span class="faint">${t('phones.nobody')}</span>` : html`<ul>${lines.slice(0, 3).map((l) => html`<li key=${l.slot}>${personName(l) || l.device}
		${' '}<span class="faint">${l.device}</span></li>`)}${lines.length > 3 && html`<li class="faint">${t('phones.moreLines', { n: lines.length - 3 })}</li>`}</ul>`;
};

export const Waits = ({ phone }) => (phone['handovers-open'] ? html`<${Badge} tone="wait" word=${t('phones.waits', { n: phone['handovers-open'] })} />`
	: html`<${Badge} tone="good" word=${t('phones.settled')} />`);

function List({ domain, query, may }) {
	const [typed, type] = useState(query.search ?? ''), search = useSettled(typed);
	const [adding, add] = useState(false);
	const { state = '', site = '', sort = MAC, order = 'asc', handovers = '' } = query;
	const list = usePaged(api.path('domains', domain, 'phones'), { search, state, site, sort, order, handovers }, { every: LOOK_MS });
	const asked = search || state || site || handovers;
	const columns = [
		{ key: 'phone', name: t('phones.phone'), sort: MAC, cell: (p) => html`<div class="row tight"><${PhoneDot} phone=${p} /><a href=${to(domain, 'phones', p[MAC])}><code>${macText(p[MAC])}</code></a></div>` },
		{ key: 'model', name: t('phones.model'), sort: 'device-models-model', cell: (p) => p['device-models-brand-and-model'] },
		{ key: 'state', name: t('phones.state'), sort: 'state', cell: (p) => html`<${Badge} family="phone" word=${p.state} />` },
		{ key: 'serves', name: t('phones.serves'), cell: (p) => html`<${Serves} phone=${p} />` },
		{ key: 'site', name: t('phones.site'), sort: 'site', cell: (p) => p.site },
		{ key: 'pull', name: t('phones.pull'), sort: PULL, cell: (p) => html`<${Time} iso=${p[PULL]} />` },
		{ key: 'firmware', name: t('phones.firmware'), sort: 'firmware', cell: (p) => p.firmware },
		{ key: 'waits', name: t('phones.drop'), cell: (p) => html`<${Waits} phone=${p} />` },
	];
	const onSort = (by) => requery({ sort: by, order: by === sort && order === 'asc' ? 'desc' : 'asc' });
	return html`<${Page} title=${t('nav.phones')} actions=${html`<${Button} kind="primary" icon="add" onClick=${() => add(true)}>${t('phones.add')}<//>`}>
		${may.office && html`<${Transfers} domain=${domain} may=${may} />`}
		<div class="tools"><${SearchField} label=${t('phones.search')} value=${typed} onValue=${type} />
			<${Field} label=${t('phones.state')} control="select" value=${state} onValue=${(v) => requery({ state: v })}>
				<option value="">${t('choice.any')}</option>${['assigned', 'shared', 'vacant', 'retired'].concat(may.domains ? ['unclaimed'] : []).map((s) =>
		html`<option key=${s} value=${s} selected=${s === state}>${t('words.phone.' + s)}</option>`)}<//>
			<${SiteField} domain=${domain} label=${t('phones.site')} value=${site} none=${t('choice.any')} onValue=${(v) => requery({ site: v })} />
			<${Check} label=${t('phones.onlyOpen')} checked=${handovers === 'open'} onValue=${(on) => requery({ handovers: on ? 'open' : '' })} /></div>
		${state === 'unclaimed' ? html`<${Unclaimed} domain=${domain} />` : html`<p class="faint" role="status">${list.data && t('phones.found', { n: list.data.total })}</p>
			<${Listing} list=${list} label=${t('nav.phones')} columns=${columns} id=${(p) => p[MAC]} rowName=${(p) => macText(p[MAC])} sort=${{ by: sort, down: order === 'desc' }} onSort=${onSort}
				empty=${asked ? html`<${Empty} icon="phones" title=${t('phones.notFound')} hint=${t('phones.notFoundHint')} />`
		: html`<${Empty} icon="phones" title=${t('phones.none')} hint=${t('phones.noneHint')}><${Button} kind="primary" icon="add" onClick=${() => add(true)}>${t('phones.add')}<//><//>`} />`}
		${adding && html`<${AddPhone} domain=${domain} may=${may} onClose=${() => { add(false); list.reload(); }} />`}<//>`;
}

export const Phones = ({ domain, rest, query, may }) => (rest[0] ? html`<${Phone} key=${rest[0]} domain=${domain} mac=${rest[0]} may=${may} />`
	: html`<${List} domain=${domain} query=${query} may=${may} />`);
