import * as api from '../../api.js';
import { html } from '../../html.js';
import { requery } from '../../router.js';
import { t, wordOf } from '../../text.js';
import { Field } from '../../ui/field.js';
import { Note } from '../../ui/notice.js';
import { ModelField, SiteField } from '../parts/choices.js';
import { Overrides } from './overrides.js';

const BRANDS = ['yealink', 'polycom', 'grandstream'];
const targets = {
	domain: ({ domain }) => api.path('domains', domain, 'overrides'),
	site: ({ domain, of }) => of && api.path('domains', domain, 'sites', of, 'overrides'),
	brand: ({ of }) => of && api.path('brands', of, 'overrides'),
	model: ({ of }) => of && api.path('models', of, 'overrides'),
};

/** Values set by hand, by layer: the narrower one wins. */
export function Layers({ domain, query, may }) {
	const layers = [may.global && 'brand', may.global && 'model', may.office && 'domain', 'site'].filter(Boolean);
	const layer = layers.includes(query.layer) ? query.layer : layers.includes('domain') ? 'domain' : layers[0], { of = '' } = query;
	const target = targets[layer]({ domain, of });
	return html`<section class="card form"><h2>${t('settings.overrides')}</h2><p class="faint">${t('overrides.about')}</p>
		<div class="fields narrow"><${Field} label=${t('overrides.layer')} control="select" value=${layer} onValue=${(v) => requery({ layer: v, of: '' })}>
				${layers.map((l) => html`<option key=${l} value=${l} selected=${l === layer}>${wordOf('layer', l)}</option>`)}<//>
			${layer === 'site' && html`<${SiteField} domain=${domain} label=${t('phones.site')} value=${of} none=${t('choice.choose')} onValue=${(v) => requery({ of: v })} />`}
			${layer === 'model' && html`<${ModelField} label=${t('phones.model')} value=${of} onValue=${(v) => requery({ of: v })} />`}
			${layer === 'brand' && html`<${Field} label=${t('overrides.brand')} control="select" value=${of} onValue=${(v) => requery({ of: v })}><option value="">${t('choice.choose')}</option>
				${BRANDS.map((b) => html`<option key=${b} value=${b} selected=${b === of}>${wordOf('brand', b)}</option>`)}<//>`}</div>
		${target ? html`<${Overrides} key=${target} target=${target} about=${t('overrides.about-' + layer)} />` : html`<${Note}>${t('overrides.choose')}<//>`}</section>`;
}
