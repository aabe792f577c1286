import { useState } from 'preact/hooks';
import { useGet } from '../../hooks.js';
import { html } from '../../html.js';
import { t } from '../../text.js';
import { Button } from '../../ui/button.js';
import { Empty, Loaded } from '../../ui/notice.js';
import { macText } from '../../ui/phone.js';
import { Table } from '../../ui/table.js';
import { Time } from '../../ui/time.js';
import { may, useSession } from '../../session.js';
import { AddPhone } from './add.js';

const MAC = 'device-provisioning-mac-address', LOOK_MS = 5000;

/** Phones that knocked and that nobody knows. */
export function Unclaimed({ domain }) {
	const found = useGet('/unclaimed', { limit: 1000 }, LOOK_MS), [claiming, claim] = useState(null), session = useSession();
	const columns = [
		{ key: 'phone', name: t('phones.phone'), cell: (p) => html`<code>${macText(p[MAC])}</code>` },
		{ key: 'model', name: t('phones.model'), cell: (p) => [p.brand, p.model].filter(Boolean).join(' ') },
		{ key: 'agent', name: t('phones.agent'), cell: (p) => html`<code>${p['user-agent']}</code>` },
		{ key: 'from', name: t('phones.address'), cell: (p) => p.address },
		{ key: 'last', name: t('phones.lastKnock'), cell: (p) => html`<${Time} iso=${p['last-datetime']} />` },
		{ key: 'knocks', name: t('phones.knocks'), cell: (p) => p.knocks },
	];
	return html`<${Loaded} of=${found}>${(rows) => (rows.length === 0 ? html`<${Empty} icon="phones" title=${t('phones.noUnclaimed')} hint=${t('phones.noUnclaimedHint')} />`
		: html`<${Table} label=${t('phones.unclaimed')} columns=${columns} rows=${rows} id=${(p) => p[MAC]} rowName=${(p) => p[MAC]}
			actions=${(p) => html`<${Button} onClick=${() => claim(p[MAC])}>${t('phones.claim')}<//>`} />`)}<//>
		${claiming && html`<${AddPhone} domain=${domain} may=${may(session)} claim=${claiming} onClose=${() => { claim(null); found.reload(); }} />`}`;
}
