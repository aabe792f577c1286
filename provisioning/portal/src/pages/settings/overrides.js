import { useEffect, useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useAction, useGet } from '../../hooks.js';
import { html } from '../../html.js';
import { t } from '../../text.js';
import { Button } from '../../ui/button.js';
import { Field } from '../../ui/field.js';
import { Loaded, Note, ProblemNote } from '../../ui/notice.js';
import { toast } from '../../ui/toast.js';

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** The overrides of one layer, edited as a whole. target: …/overrides. Whoever saves over what he has not seen is told so, and nothing is written. */
export function Overrides({ target, about }) {
	const found = useGet(target), [rows, set] = useState(null), [warnings, warn] = useState([]);
	const stands = found.data?.overrides;
	useEffect(() => {
		if (stands) set(stands);
	}, [stands]);
	const save = useAction(async () => {
		const now = await api.get(target);
		if (!same(now.overrides, stands)) throw new api.Problem(409, { detail: t('overrides.changed') });
		const got = await api.call('PUT', target, { overrides: rows.filter((r) => r.name.trim()).map((r) => ({ name: r.name.trim(), value: r.value })) });
		warn(got.warnings ?? []);
		toast(t('overrides.saved'));
		found.reload();
	});
	const change = (i, part) => set(rows.map((r, at) => (at === i ? { ...r, ...part } : r)));
	return html`<div class="form">${about && html`<p class="faint">${about}</p>`}<${ProblemNote} problem=${save.problem} retry=${save.problem?.status === 409 ? found.reload : undefined} />
		${warnings.map((w) => html`<${Note} key=${w} kind="wait" icon="alerts">${w}<//>`)}
		<${Loaded} of=${found}>${() => rows && html`<div class="form">
			${rows.length === 0 && html`<p class="faint">${t('overrides.none')}</p>`}
			${rows.map((r, i) => html`<div class="pair" key=${i}><${Field} label=${t('overrides.name')} value=${r.name} onValue=${(name) => change(i, { name })} autocapitalize="none" spellcheck=${false} />
				<${Field} label=${t('overrides.value')} value=${r.value} onValue=${(value) => change(i, { value })} spellcheck=${false} />
				<${Button} kind="ghost" icon="delete" label=${t('overrides.remove', { name: r.name || String(i + 1) })} onClick=${() => set(rows.filter((_, at) => at !== i))} /></div>`)}
			<div class="row"><${Button} icon="add" onClick=${() => set([...rows, { name: '', value: '' }])}>${t('overrides.add')}<//>
				<${Button} kind="primary" busy=${save.busy} disabled=${same(rows, stands)} onClick=${save.run}>${t('do.save')}<//></div></div>`}<//></div>`;
}
