import { useEffect, useState } from 'preact/hooks';
import * as api from './api.js';
import { html } from './html.js';
import { Session } from './session.js';
import { Shell } from './shell.js';
import { t } from './text.js';
import { Login } from './pages/login.js';
import { ProblemNote } from './ui/notice.js';
import { toast, Toasts } from './ui/toast.js';

/** Who is here? Until that is known nothing is shown; a session that ends brings the login over what is open. */
export function App() {
	const [session, set] = useState(undefined); // undefined: not asked yet; null: nobody
	const [ended, setEnded] = useState(false);
	const [problem, setProblem] = useState(null);
	const ask = () => api.session().then((s) => set(s.login ? s : null), setProblem);
	useEffect(() => {
		ask();
		return api.onEnded(() => setEnded(true));
	}, []);
	const enter = (s) => {
		set(s);
		setEnded(false);
		setProblem(null);
	};
	// Without an answer the session is still there: nobody should walk away from it.
	const leave = () => api.logout().then(() => set(null), (e) => (e.status === 401 ? set(null) : toast(e.status === 0 ? t('app.notLeft') : e.message, 'bad')));
	if (session === undefined) return problem && html`<main class="alone"><${ProblemNote} problem=${problem} retry=${ask} /></main>`;
	return html`<${Session.Provider} value=${session}>
		${session === null ? html`<${Login} onEnter=${enter} />` : html`<${Shell} session=${session} onLeave=${leave} />`}
		${ended && session && html`<${Login} again=${session} onEnter=${enter} />`}
		<${Toasts} />
	<//>`;
}
