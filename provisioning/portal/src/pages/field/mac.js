// MAC addresses as people type them and as labels carry them. Pure.

/** The 12 digits in small letters of any spelling ("00:15:65-AA BB.01"), or null. */
export function readMac(text) {
	const digits = String(text).trim().replace(/[\s:.\-–_]/g, '').toLowerCase();
	return /^[0-9a-f]{12}$/.test(digits) ? digits : null;
}

/** "001565aabb01" -> "00:15:65:AA:BB:01" */
export const showMac = (mac) => mac.toUpperCase().match(/../g).join(':');

const inCode = /(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{12}|(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2})(?![0-9A-Za-z])/g;

/**
 * The MAC in what a label's code says: alone, or among serial number, part number and address ("MAC:001565AABB01;SN:…"). Null
 * when there is none, or when there are two and nothing says which.
 */
export function macInCode(text) {
	const found = [...new Set((text.match(inCode) ?? []).map(readMac))];
	const named = text.match(/mac(?:[ _-]?addr(?:ess)?)?["']?\s*[:=]\s*["']?([0-9A-Fa-f:.-]{12,17})/i);
	return (named && readMac(named[1])) ?? (found.length === 1 ? found[0] : null);
}
