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
