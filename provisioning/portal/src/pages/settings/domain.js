import * as api from '../../api.js';
import { useGet } from '../../hooks.js';
import { html } from '../../html.js';
import { t } from '../../text.js';
import { Loaded } from '../../ui/notice.js';
import { DomainForm } from '../parts/domain.js';

export function DomainPart({ domain, may }) {
	const found = useGet(api.path('domains', domain));
	return html`<section class="card form"><h2>${t('settings.domain')}</h2><${Loaded} of=${found}>${(row) => html`<${DomainForm} key=${row['last-modified-datetime']} row=${row} may=${may} onDone=${found.reload} />`}<//></section>`;
}
