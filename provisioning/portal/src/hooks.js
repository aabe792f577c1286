import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import * as api from './api.js';

const AGAIN_MS = 3000;

/**
 * What fn(signal) resolves with, loaded again when one of deps changes or reload() is called. While the server is out of
 * reach it is tried again by itself, and what was there stays.
 */
export function useLoad(fn, deps) {
	const [state, set] = useState({ loading: true });
	const [turn, next] = useState(0);
	const reload = useCallback(() => next((n) => n + 1), []);
	useEffect(() => {
		const stop = new AbortController();
		let timer;
		const run = () => fn(stop.signal).then((data) => set({ data, loading: false }), (problem) => {
			if (stop.signal.aborted) return;
			set((s) => ({ data: s.data, problem, loading: false }));
			if (problem.status === 0 || problem.status === 503) timer = setTimeout(run, AGAIN_MS);
		});
		set((s) => ({ data: s.data, loading: true }));
		run();
		return () => {
			stop.abort();
			clearTimeout(timer);
		};
	}, [...deps, turn]);
	return { ...state, reload };
}

/** GET target; null loads nothing. */
export const useGet = (target, query) => {
	const whole = target && api.url(target, query);
	return useLoad((signal) => (whole ? api.get(whole, { signal }) : Promise.resolve(undefined)), [whole]);
};

/** Runs fn, keeps what became of it: { run, busy, problem, clear }. Two clicks are one. */
export function useAction(fn) {
	const [state, set] = useState({ busy: false });
	const busy = useRef(false);
	const run = async (...args) => {
		if (busy.current) return undefined;
		busy.current = true;
		set({ busy: true });
		try {
			const result = await fn(...args);
			set({ busy: false });
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
export function useSettled(value, ms = 200) {
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

/** Calls fn every ms while the window is seen; 0: not at all. */
export function useEvery(fn, ms) {
	const last = useRef(fn);
	last.current = fn;
	useEffect(() => {
		if (!ms) return undefined;
		const timer = setInterval(() => document.hidden || last.current(), ms);
		return () => clearInterval(timer);
	}, [ms]);
}

/**
 * A page of a collection and how many there are, from the first page when the query changes; looked at again every `every` ms.
 * count: how many, where the collection has no /count of its own.
 */
export function usePaged(target, query = {}, { every = 0, first = 50, count } = {}) {
	const whole = api.url(target, query);
	const [at, set] = useState({ start: 0, limit: first });
	const start = at.whole === whole ? at.start : 0;
	const found = useLoad(async (signal) => {
		const [rows, { total }] = await Promise.all([api.get(api.url(target, { ...query, start, limit: at.limit }), { signal }),
			count === undefined ? api.get(api.url(target + '/count', query), { signal }) : { total: count }]);
		return { rows, total };
	}, [whole, start, at.limit, count]);
	useEvery(found.reload, every);
	return { ...found, start, limit: at.limit, onStart: (n) => set({ ...at, whole, start: n }), onLimit: (n) => set({ whole, start: 0, limit: n }) };
}
