import { useState } from 'preact/hooks';
import { html } from '../../html.js';
import { go, to } from '../../router.js';
import { t } from '../../text.js';
import { Button } from '../../ui/button.js';
import { Field } from '../../ui/field.js';
import { readMac, showMac } from './mac.js';
import { Scan } from './scan.js';

const KEPT = 'rekey-field-recent', MOST = 6;

function recent() {
	try {
		return JSON.parse(sessionStorage.getItem(KEPT)) ?? [];
	} catch {
		return [];
	}
}

/** A phone that was looked at comes first in the list of the last ones. */
export function remember(domain, mac, name) {
	const all = [{ domain, mac, name }, ...recent().filter((x) => x.mac !== mac)].slice(0, MOST);
	try {
		sessionStorage.setItem(KEPT, JSON.stringify(all));
	} catch {
		// a browser that keeps nothing has no list
	}
}

/** A MAC by camera or by keyboard. onMac(12 digits). */
export function MacEntry({ label, hint, go: word, first = '', onMac, busy }) {
	const [text, setText] = useState(first), [error, setError] = useState(first ? t('fieldwork.noMac') : ''), [scanning, setScanning] = useState(false);
	const enter = (e) => {
		e.preventDefault();
		const mac = readMac(text);
		setError(mac ? '' : t('fieldwork.noMac'));
		if (mac) onMac(mac);
	};
	const seen = (mac) => {
		setScanning(false);
		setText(showMac(mac));
		setError('');
		onMac(mac);
	};
	if (scanning) return html`<${Scan} onMac=${seen} onClose=${() => setScanning(false)} />`;
	return html`<div class="entry">
		<${Button} kind="primary" icon="field" onClick=${() => setScanning(true)}>${t('fieldwork.scan')}<//>
		<form onSubmit=${enter} novalidate>
			<${Field} label=${label} hint=${hint} value=${text} onValue=${(v) => { setText(v); setError(''); }} error=${error} autocomplete="off" autocapitalize="characters"
				spellcheck=${false} inputmode="text" enterkeyhint="go" maxlength="40" class="mono" />
			<${Button} type="submit" icon="right" busy=${busy}>${word}<//>
		</form></div>`;
}

export function Find({ domain, wrong }) {
	const last = recent().filter((x) => x.domain === domain);
	return html`<${MacEntry} label=${t('fieldwork.mac')} hint=${t('fieldwork.macHint')} go=${t('fieldwork.show')} first=${wrong ?? ''} onMac=${(mac) => go(domain, 'field', mac)} />
		${last.length > 0 && html`<section class="card"><h2>${t('fieldwork.recent')}</h2><ul class="big">${last.map((x) => html`<li key=${x.mac}>
			<a href=${to(domain, 'field', x.mac)}><bdi>${x.name}</bdi><span class="mono faint">${showMac(x.mac)}</span></a></li>`)}</ul></section>`}`;
}
