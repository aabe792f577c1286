import { useGet } from '../../hooks.js';
import { html } from '../../html.js';
import { t } from '../../text.js';
import { Field } from '../../ui/field.js';

/** The model of a phone, out of all that are known. */
export function ModelField({ value, onValue, error }) {
	const all = useGet('/phones/models'), brands = Object.groupBy?.(all.data ?? [], (m) => m.brand) ?? { '': all.data ?? [] };
	return html`<${Field} control="select" label=${t('fieldwork.model')} value=${value} onValue=${onValue} error=${error} required>
		<option value="">${t(all.data ? 'fieldwork.choose' : 'load.busy')}</option>
		${Object.entries(brands).map(([brand, models]) => html`<optgroup key=${brand} label=${brand}>${models.map((m) => html`<option value=${m.id}>${m.brand_model}</option>`)}</optgroup>`)}<//>`;
}
