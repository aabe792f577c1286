import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import * as api from './api.js';

const AGAIN_MS = 3000;

/**
 * What fn(signal, quiet) resolves with, loaded again when one of deps changes or reload() is called. While the server is out of
 * reach it is tried again by itself, and what was there stays. everyMs: loaded again so often while the page is seen; then
 * `quiet` is true, for api.get, and nothing shows that it is at work.
 */
export function useLoad(fn, deps, everyMs) {
	const [state, set] = useState({ loading: true });
	const [turn, next] = useState({ n: 0 });
	const reload = useCallback(() => next((x) => ({ n: x.n + 1 })), []);
	useEffect(() => {
		const stop = new AbortController();
		let timer;
		const run = () => fn(stop.signal, Boolean(turn.quiet)).then((data) => set({ data, loading: false }), (problem) => {
			if (stop.signal.aborted) return;
			set((s) => ({ data: s.data, problem, loading: false }));
			if (problem.status === 0 || problem.status === 503) timer = setTimeout(run, AGAIN_MS);
		});
		if (!turn.quiet) set((s) => ({ data: s.data, loading: true }));
		run();
		return () => {
			stop.abort();
			clearTimeout(timer);
		};
	}, [...deps, turn]);
	useEffect(() => {
		if (!everyMs) return undefined;
		const timer = setInterval(() => document.hidden || next((x) => ({ n: x.n + 1, quiet: true })), everyMs);
		return () => clearInterval(timer);
	}, [everyMs]);
	return { ...state, reload };
}

/** GET target; null loads nothing. */
export const useGet = (target, query, everyMs) => {
	const whole = target && api.url(target, query);
	return useLoad((signal, quiet) => (whole ? api.get(whole, { signal, quiet }) : Promise.resolve(undefined)), [whole], everyMs);
};

/** Runs fn, keeps what became of it: { run, busy, problem, result, clear }. Two clicks are one. */
export function useAction(fn) {
	const [state, set] = useState({ busy: false });
	const busy = useRef(false);
	const run = async (...args) => {
		if (busy.current) return undefined;
		busy.current = true;
		set({ busy: true });
		try {
			const result = await fn(...args);
			set({ busy: false, result });
			return result;
		} catch (problem) {
			set({ busy: false, problem });
			return undefined;
		} finally {
			busy.current = false;
		}
	};
	return { run, ...state, clear: () => set({ busy: false }) };
}

/** A value that follows `value` once it has stood still for ms: for searches while somebody types. */
export function useSettled(value, ms = 120) {
	const [settled, set] = useState(value);
	useEffect(() => {
		const timer = setTimeout(() => set(value), ms);
		return () => clearTimeout(timer);
	}, [value, ms]);
	return settled;
}

export function useOnline() {
	const [online, set] = useState(true);
	useEffect(() => api.onOnline(set), []);
	return online;
}

/** The latest event of a stream. */
export function useFollow(target, name) {
	const [data, set] = useState(undefined);
	useEffect(() => (target ? api.follow(target, name, set) : undefined), [target, name]);
	return data;
}

/**
 * A page of a collection and how many there are, from the first page when the query changes; looked at again every `every` ms.
 * count: how many, where the collection has no /count of its own.
 */
export function usePaged(target, query = {}, { every = 0, first = 50, count } = {}) {
	const whole = api.url(target, query);
	const [at, set] = useState({ start: 0, limit: first });
	const start = at.whole === whole ? at.start : 0;
	const found = useLoad(async (signal, quiet) => {
		const [rows, { total }] = await Promise.all([api.get(api.url(target, { ...query, start, limit: at.limit }), { signal, quiet }),
			count === undefined ? api.get(api.url(target + '/count', query), { signal, quiet }) : { total: count }]);
		return { rows, total };
	}, [whole, start, at.limit, count], every);
	return { ...found, start, limit: at.limit, onStart: (n) => set({ ...at, whole, start: n }), onLimit: (n) => set({ whole, start: 0, limit: n }) };
}

/**
 * A job as it goes, of news laid over what was there: its row with users and handovers as Maps. undefined until the first
 * news; target null follows nothing.
 */
export function useJob(target) {
	const [job, set] = useState(undefined);
	useEffect(() => {
		if (!target) return undefined;
		return api.follow(`${target}/events`, 'reset', (news) => set((was) => ({ ...news,
			users: new Map([...(was?.users ?? []), ...news.users.map((u) => [u.user, u])]),
			handovers: new Map([...(was?.handovers ?? []), ...news.handovers.map((h) => [h.handover, h])]) })));
	}, [target]);
	return job;
}
