import { useId } from 'preact/hooks';
import * as api from '../../api.js';
import { useLoad, useSettled } from '../../hooks.js';
import { html } from '../../html.js';
import { Field } from '../../ui/field.js';

export const personName = (u) => [u['name-first-name'], u['name-last-name']].filter(Boolean).join(' ');

/** An extension, with those that fit what is typed offered below it. `may` of whoever must not list users offers none. */
export function UserField({ domain, may, value, ...rest }) {
	const id = useId(), asked = useSettled(value ?? '');
	const found = useLoad((signal) => (may.site ? api.get(api.url(api.path('domains', domain, 'users'), { search: asked, limit: 20 }), { signal }) : Promise.resolve([])),
		[domain, asked]);
	return html`<div><${Field} value=${value} list=${id} autocomplete="off" autocapitalize="none" spellcheck=${false} ...${rest} />
		<datalist id=${id}>${found.data?.map((u) => html`<option key=${u.user} value=${u.user}>${personName(u)}</option>`)}</datalist></div>`;
}
