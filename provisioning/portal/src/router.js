// Pages stand behind '#': "#/harbor.test/users/1001?tab=devices". The server never hears of them.
import { useEffect, useState } from 'preact/hooks';

function read() {
	const [where, query = ''] = location.hash.slice(1).split('?');
	return { segments: where.split('/').filter(Boolean).map(decodeURIComponent), query: Object.fromEntries(new URLSearchParams(query)) };
}

/** to('harbor.test', 'users', '1001') -> "#/harbor.test/users/1001"; an object at the end is the query. */
export function to(...parts) {
	const query = typeof parts.at(-1) === 'object' ? parts.pop() : {};
	const pairs = Object.entries(query).filter(([, v]) => v !== undefined && v !== '');
	return '#/' + parts.map(encodeURIComponent).join('/') + (pairs.length ? '?' + new URLSearchParams(pairs) : '');
}

export function go(...parts) {
	location.hash = to(...parts);
}

/** The same without a step of history: Back leads past it. */
export function goInstead(...parts) {
	history.replaceState(null, '', to(...parts));
	dispatchEvent(new HashChangeEvent('hashchange'));
}

/** Changes the query of the page that is shown, without a step of history. */
export function requery(change) {
	const { segments, query } = read();
	history.replaceState(null, '', to(...segments, { ...query, ...change }));
	dispatchEvent(new HashChangeEvent('hashchange'));
}

export function usePlace() {
	const [place, set] = useState(read);
	useEffect(() => {
		const moved = () => set(read());
		addEventListener('hashchange', moved);
		return () => removeEventListener('hashchange', moved);
	}, []);
	return place;
}
