// The picture of a phone's keys, drawn from the server's SVG piece by piece: known elements and attributes alone, colours by the page.
import { h } from 'preact';
import { useRef, useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useGet } from '../../hooks.js';
import { html } from '../../html.js';
import { t } from '../../text.js';
import { Loaded } from '../../ui/notice.js';

const ELEMENTS = new Set(['svg', 'g', 'rect', 'text', 'path']);
const ATTRIBUTES = ['x', 'y', 'width', 'height', 'viewBox', 'class', 'rx', 'd', 'transform', 'font-size', 'text-anchor'];
const FORWARDS = ['ArrowDown', 'ArrowRight'], BACKWARDS = ['ArrowUp', 'ArrowLeft'];

// Without its style sheet: even a parsed document is held to this page's policy.
const parse = (text) => new DOMParser().parseFromString(text.replace(/<style>[^<]*<\/style>/, ''), 'image/svg+xml').documentElement;
const titleOf = (node) => [...node.children].find((c) => c.localName === 'title')?.textContent;

export const keyName = (key) => {
	const [module, place] = key.split('.');
	return module === '0' ? t('face.key', { place }) : t('face.moduleKey', { module, place });
};

/** One element and what is in it; over each key of a face that can be edited lies a button of its own. */
function draw(node, keys) {
	if (node.nodeType === Node.TEXT_NODE) return node.data;
	if (!ELEMENTS.has(node.localName)) return null;
	const attributes = Object.fromEntries(ATTRIBUTES.filter((a) => node.hasAttribute(a)).map((a) => [a, node.getAttribute(a)]));
	if (attributes.class === 'face') delete attributes.class;
	const inside = [...node.childNodes].map((c) => draw(c, keys)), key = keys && node.getAttribute('data-key');
	if (!key) return h(node.localName, attributes, inside);
	const cell = [...node.children].find((c) => c.localName === 'svg');
	const place = Object.fromEntries(['x', 'y', 'width', 'height'].map((a) => [a, cell.getAttribute(a)]));
	return [h('g', { 'aria-hidden': 'true' }, inside), h('rect', { ...place, rx: 6, ...keys(key, titleOf(node)) })];
}

/** text: an SVG of face.svg. onKey(key): a key was chosen, by click, Enter or blank; arrows go from key to key. */
export function Face({ text, onKey }) {
	const root = parse(text), all = [...root.querySelectorAll('[data-key]')].map((n) => n.getAttribute('data-key'));
	const [at, setAt] = useState(all[0]), frame = useRef();
	const focus = (key) => {
		setAt(key);
		frame.current.querySelector(`[data-name="${key}"]`)?.focus();
	};
	const onKeyDown = (key) => (e) => {
		const step = FORWARDS.includes(e.key) ? 1 : BACKWARDS.includes(e.key) ? -1 : 0;
		if (!step && e.key !== 'Enter' && e.key !== ' ') return;
		e.preventDefault();
		if (step) focus(all[Math.max(0, Math.min(all.length - 1, all.indexOf(key) + step))]);
		else onKey(key);
	};
	const keys = onKey && ((key, title) => ({ role: 'button', class: 'key', 'data-name': key, tabindex: key === (all.includes(at) ? at : all[0]) ? 0 : -1,
		'aria-label': title ?? t('face.empty', { key: keyName(key) }), onClick: () => { setAt(key); onKey(key); }, onKeyDown: onKeyDown(key) }));
	return html`<div class="keyface" ref=${frame} role=${onKey ? 'group' : 'img'} aria-label=${onKey ? titleOf(root) : root.querySelector('desc')?.textContent || titleOf(root)}>${draw(root, keys)}</div>`;
}

/** The face of a phone as it shows now; version: whatever changes when it may look otherwise. after: as ?after= of face.svg. */
export function PhoneFace({ domain, mac, version, after, onKey }) {
	const svg = useGet(api.path('domains', domain, 'phones', mac, 'face.svg'), { after, v: version });
	return html`<${Loaded} of=${svg}>${(text) => html`<${Face} text=${text} onKey=${onKey} />`}<//>`;
}
