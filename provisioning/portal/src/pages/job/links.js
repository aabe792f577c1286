// One-time links of a job that go by no mail: shown once, for those who hand them out.
import * as api from '../../api.js';
import { useAction, useGet } from '../../hooks.js';
import { html } from '../../html.js';
import { t } from '../../text.js';
import { Button } from '../../ui/button.js';
import { Note, ProblemNote } from '../../ui/notice.js';
import { toast } from '../../ui/toast.js';

export function LinkList({ links }) {
	const copy = async () => {
		await navigator.clipboard.writeText(links.map((l) => `${l.login}\t${l.link}`).join('\n'));
		toast(t('do.copied'));
	};
	return html`<section class="links"><p><strong>${t('links.once')}</strong></p><ul>${links.map((l) => html`<li key=${l.user}><strong>${l.login || l.user}</strong>
		${l.link ? html`<code tabindex="0">${l.link}</code>` : html`<span class="faint">${l.error ?? ''}</span>`}</li>`)}</ul><${Button} onClick=${copy}>${t('do.copy')}<//></section>`;
}

export function Links({ target, turn }) {
	const job = useGet(target, { turn });
	const n = job.data?.mails?.filter((m) => m.state === 'link').length ?? 0;
	const show = useAction(() => api.call('POST', `${target}/links`, {}));
	const [got, take] = [show.result, show.run];
	if (got) return html`<${LinkList} links=${got} />`;
	if (!n) return null;
	return html`<${ProblemNote} problem=${show.problem} /><${Note} icon="keys"><div class="row"><span>${t('links.wait', { n })}</span><${Button} busy=${show.busy} onClick=${take}>${t('links.show')}<//></div><//>`;
}
