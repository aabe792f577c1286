// A list of a user's own things: loaded, counted, added to, one deleted. What the tabs have in common.
import { useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useAction } from '../../hooks.js';
import { html } from '../../html.js';
import { t } from '../../text.js';
import { Button } from '../../ui/button.js';
import { Confirm } from '../../ui/dialog.js';
import { ProblemNote } from '../../ui/notice.js';

/** Asks, deletes, and says so where it was clicked. */
export function DeleteButton({ label, title, text, target, onDone, act }) {
	const [open, setOpen] = useState(false);
	const remove = useAction(async () => {
		await (act ? act() : api.call('DELETE', target));
		setOpen(false);
		onDone();
	});
	return html`<${Button} kind="ghost" icon="delete" label=${label} onClick=${() => setOpen(true)} />
		${open && html`<${Confirm} title=${title ?? label} danger busy=${remove.busy} onYes=${remove.run} onNo=${() => setOpen(false)}>
			<${ProblemNote} problem=${remove.problem} /><p>${text ?? t('user.deleteText')}</p><//>`}`;
}

/** Head of a tab: what it is about, and what can be added. */
export const Head = ({ text, children }) => html`<div class="head">${text && html`<p class="faint">${text}</p>`}<div class="row">${children}</div></div>`;
