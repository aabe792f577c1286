// Every request to the server goes through here. A refusal becomes a Problem, whose message is the server's sentence.
const BASE = '/api/v1';
let token = '', who = '';
const listeners = { online: new Set(), ended: new Set() };
let online = true;

export class Problem extends Error {
	constructor(status, body) {
		super(body.detail || body.title || `HTTP ${status}`);
		this.status = status;
		this.type = String(body.type || '').replace('urn:rekey:problem:', '');
		this.body = body;
	}
}

const tell = (kind, value) => listeners[kind].forEach((fn) => fn(value));

/** Calls fn(true|false) when the server comes within reach or goes out of it. Returns how to stop. */
export function onOnline(fn) {
	listeners.online.add(fn);
	fn(online);
	return () => listeners.online.delete(fn);
}

/** Calls fn() when the session has ended on the server. */
export function onEnded(fn) {
	listeners.ended.add(fn);
	return () => listeners.ended.delete(fn);
}

function reached(yes) {
	if (online !== yes) tell('online', online = yes);
}

/** "/domains/a/users" and {limit: 50, q: ''} -> with those parameters that say something. */
export function url(path, query = {}) {
	const pairs = Object.entries(query).filter(([, v]) => v !== undefined && v !== null && v !== '');
	return pairs.length ? `${path}?${new URLSearchParams(pairs)}` : path;
}

/** Segments of a path, each encoded. */
export const path = (...segments) => segments.map((s) => '/' + encodeURIComponent(s)).join('');

async function answer(response) {
	const kind = response.headers.get('content-type') || '';
	if (/json/.test(kind)) return response.json();
	return response.text();
}

/**
 * One call. body: an object becomes JSON, text goes as it is. Resolves with the parsed answer; rejects with a Problem
 * (status 0 when the server cannot be reached). quiet: the page asks by itself, which keeps no session alive.
 * once: a ref that holds the key of one action until it is answered, so that after a lost answer it is not done twice.
 */
export async function call(method, target, body, { signal, once, type, quiet } = {}) {
	const headers = { Accept: 'application/json' };
	if (body !== undefined) headers['Content-Type'] = type || 'application/json';
	if (method !== 'GET' && token) headers['X-CSRF-Token'] = token;
	if (once) headers['Idempotency-Key'] = once.current ??= crypto.randomUUID();
	if (quiet) headers['X-Background'] = 'yes';
	let response;
	try {
		response = await fetch(BASE + target, { method, headers, signal, credentials: 'same-origin',
			body: body === undefined || typeof body === 'string' || body instanceof Blob ? body : JSON.stringify(body) });
	} catch (e) {
		if (e.name === 'AbortError') throw e;
		reached(false);
		throw new Problem(0, { type: 'offline' });
	}
	reached(true);
	const data = await answer(response).catch((e) => {
		if (e.name === 'AbortError') throw e;
		return null; // cut off on its way, or no JSON at all
	});
	if (once && data !== null && (response.ok || response.status === 422)) once.current = null;
	if (response.ok && data !== null) return data;
	if (response.ok) {
		reached(false);
		throw new Problem(0, { type: 'offline' });
	}
	if (response.status === 401 && token && target !== '/login') {
		token = '';
		tell('ended');
	}
	throw new Problem(response.status, data && typeof data === 'object' ? data : {});
}

/** Is the server there? Counts as no activity of the session. */
export const ping = () => fetch('/healthz', { cache: 'no-store', signal: AbortSignal.timeout(8000) }).then(() => reached(true), () => reached(false));

export const get = (target, options) => call('GET', target, undefined, options);

/** All pages of a collection: for lists that a person reads whole, and for "select all found". */
export async function getAll(target, query = {}, options = {}) {
	const all = [];
	for (let start = 0, limit = 1000; ; start += limit) {
		const page = await get(url(target, { ...query, start, limit }), options);
		all.push(...page);
		if (page.length < limit) return all;
	}
}

export const href = (target) => BASE + target;

function entered(session) {
	token = session['csrf-token'];
	who = session.login ?? '';
	return session;
}

export const login = async (name, password) => entered(await call('POST', '/login', { login: name, password }));
export const session = async () => entered(await get('/session'));

/** Whose session it is; '' nobody's. One that has ended on the server is still whose it was, until somebody logs in. */
export const owner = () => who;

export async function logout() {
	await call('POST', '/logout', {});
	token = who = '';
}

/**
 * Follows server-sent events: fn(data) for each of that name. The browser comes back by itself after an ordinary end;
 * after an error status this does. Returns how to stop.
 */
export function follow(target, name, fn) {
	let source, timer, stopped = false;
	const open = () => {
		source = new EventSource(BASE + target);
		source.onopen = () => reached(true);
		source.addEventListener(name, (e) => {
			reached(true);
			fn(JSON.parse(e.data));
		});
		source.onerror = () => {
			if (source.readyState !== EventSource.CLOSED || stopped) return;
			source.close();
			timer = setTimeout(open, 2000);
		};
	};
	open();
	return () => {
		stopped = true;
		clearTimeout(timer);
		source.close();
	};
}
