import { html } from '../html.js';

const paths = {
	users: 'M16 19v-1a4 4 0 0 0-4-4H7a4 4 0 0 0-4 4v1M9.5 10a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M21 19v-1a4 4 0 0 0-3-3.8M15.5 3.2a3.5 3.5 0 0 1 0 6.6',
	phones: 'M5 3h14a1 1 0 0 1 1 1v16a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1M8 6h8v5H8zM8.5 15h.01M12 15h.01M15.5 15h.01M8.5 18h.01M12 18h.01M15.5 18h.01',
	handovers: 'M4 8h13l-3-3M20 16H7l3 3', numbers: 'M5 9h14M5 15h14M10 4 8 20M16 4l-2 16', directory: 'M5 4h12a2 2 0 0 1 2 2v14H7a2 2 0 0 1-2-2zM5 18a2 2 0 0 1 2-2h12M9 8h6',
	alerts: 'M12 4 3 19h18zM12 10v4M12 17h.01', audit: 'M6 3h9l4 4v14H6zM14 3v5h5M9 12h7M9 16h7', settings: 'M4 7h10M18 7h2M4 17h2M10 17h10M14 4v6M6 14v6',
	keys: 'M8 15a4 4 0 1 0 0-8 4 4 0 0 0 0 8M12 11h9v4M17 11v3', domains: 'M4 20V8l8-5 8 5v12zM9 20v-6h6v6', field: 'M4 8V5a1 1 0 0 1 1-1h3M16 4h3a1 1 0 0 1 1 1v3M20 16v3a1 1 0 0 1-1 1h-3M8 20H5a1 1 0 0 1-1-1v-3M4 12h16',
	edit: 'm4 20 1-4L16 5l3 3L8 19zM14 7l3 3', delete: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10 11v5M14 11v5', add: 'M12 5v14M5 12h14', close: 'm6 6 12 12M18 6 6 18',
	search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14M16 16l5 5', menu: 'M4 7h16M4 12h16M4 17h16', up: 'm6 15 6-6 6 6', down: 'm6 9 6 6 6-6', left: 'm15 6-6 6 6 6', right: 'm9 6 6 6-6 6',
	download: 'M12 4v11M7 11l5 5 5-5M5 20h14',
	person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8M4 21a8 8 0 0 1 16 0', check: 'm5 12 5 5L19 7', wait: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M12 7v5l3 2', play: 'M7 5v14l11-7z', reset: 'M4 12a8 8 0 1 0 3-6M4 4v5h5', mail: 'M4 6h16v12H4zM4 7l8 6 8-6', refresh: 'M20 11a8 8 0 1 0-2 6M20 5v6h-6', external: 'M14 4h6v6M20 4l-9 9M18 14v6H4V6h6',
};

/** A picture beside words, or inside a button that has an aria-label: never the only text. */
export const Icon = ({ name }) => html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d=${paths[name]} /></svg>`;
