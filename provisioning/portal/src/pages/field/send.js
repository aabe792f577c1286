// Changes on a bad network: one request at a time, in the order of the taps, each repeated with its own Idempotency-Key until
// it is answered, so that it is carried out once. What waits survives a reload of the page, and goes with the session of the one who
// tapped: nobody else sends it.
import { createContext } from 'preact';
import { useContext, useEffect, useMemo, useState } from 'preact/hooks';
import * as api from '../../api.js';

const PATIENCE_MS = 20000, PAUSE_MS = 2000;
const KEPT = 'rekey-field-waiting';
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** No answer, or one that says: later. 401: the login over the page comes first. */
const later = (problem, tries) => problem.name === 'TimeoutError' || [0, 401, 502, 503, 504].includes(problem.status) ||
	(problem.status === 409 && tries > 0 && /Idempotency-Key/.test(problem.message));

function read(who) {
	try {
		const kept = JSON.parse(sessionStorage.getItem(KEPT));
		return kept?.who === who ? kept.waiting : [];
	} catch {
		return [];
	}
}

function keep(who, waiting) {
	try {
		sessionStorage.setItem(KEPT, JSON.stringify({ who, waiting: waiting.map(({ label, target, body, key }) => ({ label, target, body, key })) }));
	} catch {
		// a browser that keeps nothing loses what waits when the page is loaded again
	}
}

class Line {
	waiting = [];
	busy = false;
	changed = () => {};

	constructor(who) {
		this.who = who;
		for (const one of read(who)) this.add({ ...one, again: true, done() {}, fail() {} });
	}

	tell() {
		keep(this.who, this.waiting);
		this.changed(this.waiting.map(({ label, tries, key }) => ({ label, tries, key })));
	}

	/** Calls fn with what waits, now and whenever that changes. Returns how to stop; what waits goes on. */
	watch(fn) {
		this.changed = fn;
		this.tell();
		this.run();
		return () => { this.changed = () => {}; };
	}

	/** Resolves with the answer of the POST, rejects with its Problem, or with null when it was taken back. */
	send(label, target, body) {
		return new Promise((done, fail) => this.add({ label, target, body, key: crypto.randomUUID(), done, fail }));
	}

	add(one) {
		this.waiting = [...this.waiting, { ...one, tries: 0 }];
		this.tell();
		this.run();
	}

	drop(key) {
		const one = this.waiting.find((x) => x.key === key);
		if (!one) return;
		one.dropped = true;
		this.waiting = this.waiting.filter((x) => x !== one);
		this.tell();
		one.fail(null);
	}

	async attempt(one) {
		try {
			return { data: await api.call('POST', one.target, one.body, { once: { current: one.key }, signal: AbortSignal.timeout(PATIENCE_MS) }) };
		} catch (problem) {
			return { problem };
		}
	}

	async run() {
		if (this.busy) return;
		this.busy = true;
		while (this.waiting.length) {
			if (api.owner() !== this.who) {
				this.waiting.forEach((one) => this.drop(one.key));
				break;
			}
			const one = this.waiting[0], { data, problem } = await this.attempt(one);
			if (one.dropped) continue;
			if (problem && later(problem, one.tries)) {
				one.tries++;
				this.tell();
				await sleep(PAUSE_MS);
				continue;
			}
			this.waiting = this.waiting.filter((x) => x !== one);
			this.tell();
			if (problem) one.fail(problem);
			else one.done(data);
		}
		this.busy = false;
	}
}

const Sending = createContext(null);
export const SendingProvider = Sending.Provider;

const lines = new Map();

/** [ { send, drop }, what waits ]: the line of the one who is logged in, to be given by SendingProvider. */
export function useLine(who) {
	const [waiting, set] = useState([]);
	const line = useMemo(() => {
		if (!lines.has(who)) lines.set(who, new Line(who));
		return lines.get(who);
	}, [who]);
	useEffect(() => line.watch(set), [line]);
	return [line, waiting];
}

/** { send(label, target, body), data, problem, busy, clear }: one form's own answer. */
export function useSend() {
	const line = useContext(Sending), [state, set] = useState({});
	const send = (label, target, body) => {
		set({ busy: true });
		return line.send(label, target, body).then((data) => {
			set({ data });
			return data;
		}, (problem) => {
			set(problem ? { problem } : {});
			return undefined;
		});
	};
	return { ...state, send, clear: () => set({}) };
}

const PULSE_MS = 15000, SEARCH_MS = 3000;

/** Is the server within reach? Asked now and then, oftener while it is not, and when the browser notices a change. */
export function usePulse() {
	const [online, set] = useState(true);
	useEffect(() => {
		let timer, now = true, stopped = false;
		const beat = () => {
			clearTimeout(timer);
			return api.ping().finally(() => {
				if (!stopped) timer = setTimeout(beat, now ? PULSE_MS : SEARCH_MS);
			});
		};
		const forget = api.onOnline((yes) => set(now = yes));
		const events = ['online', 'offline', 'pageshow'];
		events.forEach((e) => addEventListener(e, beat));
		timer = setTimeout(beat, PULSE_MS);
		return () => {
			stopped = true;
			clearTimeout(timer);
			forget();
			events.forEach((e) => removeEventListener(e, beat));
		};
	}, []);
	return online;
}
