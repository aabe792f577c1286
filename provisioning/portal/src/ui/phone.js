import { html } from '../html.js';
import { t } from '../text.js';
import { Dot } from './badge.js';

/** "yealink-t46u" -> "Yealink T46U" */
export function modelName(model = '') {
	const [brand, ...rest] = model.split('-');
	return brand.charAt(0).toUpperCase() + brand.slice(1) + (rest.length ? ' ' + rest.join('-').toUpperCase() : '');
}

/** "001565abcdef" -> "00:15:65:ab:cd:ef" */
export const macText = (mac = '') => mac.replace(/(..)(?=.)/g, '$1:');

/** Is it there, and has it fetched what it should? phone: a row with its registration, `behind` or its generations. */
export function PhoneDot({ phone }) {
	const behind = phone.behind ?? phone['generation-acknowledged'] < phone['generation-wanted'];
	const state = phone['device-sip-registration-state'];
	const word = state === 'registered' ? (behind ? 'behind' : 'there') : state ? 'away' : 'unknown';
	return html`<${Dot} tone=${{ there: 'good', behind: 'wait', away: 'bad', unknown: 'idle' }[word]} label=${t('phone.' + word)} />`;
}
