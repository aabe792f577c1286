// Every word that a person reads stands in texts.en.js. A translation is another such file.
import { en } from './texts.en.js';

let texts = en, locale = 'en';
const plural = new Intl.PluralRules(locale);

/**
 * t('users.found', { n: 3 }) -> "3 users". {name} in a text is replaced; a text that is an object is chosen by the
 * plural form of n (one, other). An unknown key is shown as it is, and a test finds it.
 */
export function t(key, values = {}) {
	let text = key.split('.').reduce((at, part) => at?.[part], texts);
	if (text && typeof text === 'object') text = text[plural.select(values.n ?? 0)] ?? text.other ?? text.one;
	if (typeof text !== 'string') return key;
	return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? shown(values[name]) : whole));
}

const shown = (v) => (typeof v === 'number' ? v.toLocaleString(locale) : v);

/** Words of the API that people read: wordOf('state', 'cut-off'). A word without a text of its own is shown as it is. */
export function wordOf(family, word) {
	return texts.words[family]?.[word] ?? word ?? '';
}

/** A sentence of the server's begins as sentences do. */
export const sentence = (text = '') => text.charAt(0).toUpperCase() + text.slice(1);

const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
const steps = [['second', 60], ['minute', 60], ['hour', 24], ['day', 30], ['month', 12], ['year', Infinity]];

/** "3 minutes ago", in the viewer's words. */
export function ago(iso, now = Date.now()) {
	let n = (new Date(iso).getTime() - now) / 1000;
	for (const [unit, size] of steps) {
		if (Math.abs(n) < size) return relative.format(Math.round(n), unit);
		n /= size;
	}
	return '';
}

/** A time in the viewer's zone. */
export const at = (iso) => (iso ? full.format(new Date(iso)) : '');
export const atExactly = (iso) => (iso ? exact.format(new Date(iso)) : '');
