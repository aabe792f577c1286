import { html } from '../html.js';
import { wordOf } from '../text.js';

const tones = {
	status: { standard: 'good', new: 'wait', reset: 'idle', 'pwd reset': 'wait' },
	phone: { assigned: 'good', shared: 'good', vacant: 'wait', unclaimed: 'wait', retired: 'idle' },
	jobState: { scheduled: 'wait', queued: 'wait', running: 'wait', done: 'good', 'done-with-errors': 'bad' },
	part: { waiting: 'idle', moving: 'wait', running: 'wait', done: 'good', failed: 'bad', cancelled: 'idle' },
	state: { open: 'wait', told: 'wait', unreachable: 'bad', fetched: 'wait', 'cut-off': 'wait', confirmed: 'good', 'written-off': 'idle' },
};

/** A word of the API as people read it, with a tone; the word carries the meaning, the colour only helps. */
export const Badge = ({ family, word, tone }) => html`<span class=${`badge ${tone ?? tones[family]?.[word] ?? 'idle'}`}>${wordOf(family, word)}</span>`;

/** A dot for what is alive: good, wait, bad, idle. `label` says it in words. */
export const Dot = ({ tone, label }) => html`<span class=${`dot ${tone}`} role="img" aria-label=${label} title=${label}></span>`;
