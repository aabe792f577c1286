// What is chosen from in several forms: sites, models.
import * as api from '../../api.js';
import { useGet } from '../../hooks.js';
import { html } from '../../html.js';
import { t } from '../../text.js';
import { Field } from '../../ui/field.js';

export function SiteField({ domain, value, none = t('choice.noSite'), ...rest }) {
	const sites = useGet(api.path('domains', domain, 'sites'), { limit: 1000 });
	return html`<${Field} control="select" value=${value} ...${rest}><option value="">${none}</option>
		${(sites.data ?? []).map((s) => html`<option key=${s.site} value=${s.site} selected=${s.site === value}>${s.site}</option>`)}<//>`;
}

export function ModelField({ value, none = t('choice.model'), ...rest }) {
	const models = useGet('/phones/models');
	return html`<${Field} control="select" value=${value} ...${rest}><option value="">${none}</option>
		${[...new Set((models.data ?? []).map((m) => m.brand))].map((brand) => html`<optgroup key=${brand} label=${brand}>
			${models.data.filter((m) => m.brand === brand).map((m) => html`<option key=${m.id} value=${m.id} selected=${m.id === value}>${m.brand_model}</option>`)}</optgroup>`)}<//>`;
}
