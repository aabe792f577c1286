import { useGet } from '../../hooks.js';
import { html } from '../../html.js';
import { t } from '../../text.js';
import { Badge } from '../../ui/badge.js';
import { Facts } from '../../ui/facts.js';
import { Loaded, Note } from '../../ui/notice.js';

const LOOK_MS = 5000;

/** What this server works with. */
export function ServerPart() {
	const found = useGet('/server', {}, LOOK_MS);
	return html`<${Loaded} of=${found}>${({ registrar, mail, version, 'phones-url': address }) => html`<div class="form">
		<section class="card form"><h2>${t('server.registrar')}</h2>${registrar ? html`<${Facts} rows=${[[t('server.kind'), registrar.kind],
		[t('records.state'), html`<${Badge} tone=${registrar.answers ? 'good' : 'bad'} word=${t(registrar.answers ? 'server.answers' : 'server.silent')} />`], [t('server.asked'), registrar.asked], [t('server.failed'), registrar.failed]]} />`
		: html`<${Note} kind="wait" icon="alerts">${t('server.noRegistrar')}<//>`}</section>
		<section class="card form"><h2>${t('server.mail')}</h2>${mail ? html`<${Facts} rows=${[[t('mail.host'), mail.hostname], [t('mail.port'), String(mail.port)], [t('mail.from'), mail.from]]} />`
		: html`<${Note} kind="wait" icon="alerts">${t('server.noMail')}<//>`}</section>
		<section class="card form"><h2>${t('server.itself')}</h2><${Facts} rows=${[[t('server.version'), version], [t('server.address'), html`<code>${address}</code>`]]} /></section></div>`}<//>`;
}
