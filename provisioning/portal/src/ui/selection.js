import { useState } from 'preact/hooks';

/** Rows that are ticked, over pages and searches: Map of id -> row. For Table's `selection`. */
export function useSelection(id) {
	const [picked, set] = useState(new Map());
	const change = (fn) => set((was) => {
		const now = new Map(was);
		fn(now);
		return now;
	});
	return {
		picked,
		has: (x) => picked.has(x),
		toggle: (row) => change((now) => now.delete(id(row)) || now.set(id(row), row)),
		togglePage: (rows) => change((now) => {
			const all = rows.every((r) => now.has(id(r)));
			rows.forEach((r) => (all ? now.delete(id(r)) : now.set(id(r), r)));
		}),
		add: (rows) => change((now) => rows.forEach((r) => now.set(id(r), r))),
		clear: () => set(new Map()),
	};
}
