import { html } from '../html.js';
import { to } from '../router.js';
import { t } from '../text.js';
import { Page } from '../ui/page.js';
import { Tabs } from '../ui/tabs.js';
import { DomainPart } from './settings/domain.js';
import { Import } from './settings/import.js';
import { Layers } from './settings/layers.js';
import { Mail } from './settings/mail.js';
import { ServerPart } from './settings/server.js';
import { Sites } from './settings/sites.js';
import { Webhooks } from './settings/webhooks.js';

const parts = [
	{ name: 'overrides', part: Layers, shown: (may) => may.site },
	{ name: 'domain', part: DomainPart, shown: (may) => may.office },
	{ name: 'sites', part: Sites, shown: (may) => may.site },
	{ name: 'mail', part: Mail, shown: (may) => may.office },
	{ name: 'webhooks', part: Webhooks, shown: (may) => may.office },
	{ name: 'server', part: ServerPart, shown: (may) => may.office },
	{ name: 'import', part: Import, shown: (may) => may.office },
];

export function Settings({ domain, rest, query, may }) {
	const shown = parts.filter((p) => p.shown(may)), now = shown.find((p) => p.name === rest[0]) ?? shown[0];
	return html`<${Page} title=${t('nav.settings')}><${Tabs} label=${t('nav.settings')} now=${now.name} list=${shown.map((p) => ({ key: p.name, name: t('settings.' + p.name), href: to(domain, 'settings', p.name) }))} />
		<${now.part} key=${now.name} domain=${domain} query=${query} may=${may} /><//>`;
}
