import { useEffect, useState } from 'preact/hooks';

const KEY = 'rekey-theme';
const read = () => {
	try {
		return localStorage.getItem(KEY) ?? 'system';
	} catch {
		return 'system';
	}
};

/** [system | light | dark, set]: kept in this browser. */
export function useTheme() {
	const [theme, set] = useState(read);
	useEffect(() => {
		if (theme === 'system') delete document.documentElement.dataset.theme;
		else document.documentElement.dataset.theme = theme;
		try {
			localStorage.setItem(KEY, theme);
		} catch {
			// a browser that keeps nothing shows the choice until it is closed
		}
	}, [theme]);
	return [theme, set];
}
