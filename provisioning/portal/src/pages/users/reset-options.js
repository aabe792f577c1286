// What a reset shall clear beside what it always clears, and how many items that is.
import { useMemo } from 'preact/hooks';
import * as api from '../../api.js';
import { useGet, useLoad } from '../../hooks.js';
import { html } from '../../html.js';
import { t } from '../../text.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { Check, Field } from '../../ui/field.js';
import { Loaded, Note, ProblemNote } from '../../ui/notice.js';
import { People } from './people.js';

// The steps of a dry run that an option causes; what they count with no option at all is cleared always.
const STEPS = { 'voicemail-messages': ['delete-voicemail-messages'], 'voicemail-greetings': ['delete-voicemail-greetings'],
	'answering-rules': ['delete-answering-rules', 'delete-time-frames'], 'custom-contacts': ['delete-contacts'], 'phone-numbers': ['free-number'],
	'phone-lines': ['unassign-line'] };

const sum = (counts, steps) => steps.reduce((n, s) => n + (counts[s] ?? 0), 0);

/** { 'phone-lines': 3, … }: how many items each option adds for these users. */
function useCounts(target, users, names) {
	return useLoad(async (signal) => {
		if (!names) return undefined;
		const dry = (options) => api.call('POST', api.url(target, { limit: 1 }), { users: users.map((u) => u.user), options, 'dry-run': true }, { signal });
		const [none, all] = await Promise.all([dry({}), dry(Object.fromEntries(names.map((o) => [o, true])))]);
		return { options: Object.fromEntries(names.map((o) => [o, sum(all.counts, STEPS[o] ?? []) - sum(none.counts, STEPS[o] ?? [])])),
			always: none.counts, already: none['users-already-reset'], above: none['users-above-basic'], refused: none['users-refused'], problems: none.problems };
	}, [target, names?.join()]);
}

function Always({ counts }) {
	return html`<section class="always"><h3>${t('reset.always')}</h3><p>${t('reset.alwaysText')}</p>
		${counts && html`<p class="faint">${t('reset.alwaysDevices', { n: counts['delete-device'] ?? 0 })}</p>`}<p class="faint">${t('reset.stays')}</p></section>`;
}

/** Those that this server does not do are shown and cannot be ticked. */
function Options({ list, order, counts, onOrder }) {
	const can = list.filter((o) => o.supported).map((o) => o.option);
	const all = can.every((o) => order.options.has(o));
	const toggle = (option) => {
		const options = new Set(order.options);
		if (!options.delete(option)) options.add(option);
		onOrder({ ...order, options });
	};
	return html`<fieldset class="choices"><legend>${t('reset.options')}</legend>
		<${Button} aria-pressed=${all} onClick=${() => onOrder({ ...order, options: new Set(all ? [] : can) })}>${t('reset.selectAll')}<//>
		${list.map((o) => html`<div key=${o.option} class="option"><${Check} label=${t(`reset.option.${o.option}`)} hint=${t(o.supported ? `reset.about.${o.option}` : 'reset.unsupported')}
			checked=${order.options.has(o.option)} disabled=${!o.supported} onValue=${() => toggle(o.option)} />
			<span class="count">${o.supported && counts && t('reset.items', { n: counts.options[o.option] })}</span></div>`)}</fieldset>`;
}

function More({ order, onOrder }) {
	const least = useMemo(() => new Date(Date.now() - new Date().getTimezoneOffset() * 60000).toISOString().slice(0, 16), []);
	return html`<div class="form"><${Check} label=${t('reset.recycle')} hint=${t('reset.recycleHint')} checked=${order.recycle} onValue=${(recycle) => onOrder({ ...order, recycle })} />
		<${Check} label=${t('reset.cutOff')} hint=${t('reset.cutOffHint')} checked=${order.cutOff} onValue=${(cutOff) => onOrder({ ...order, cutOff })} />
		<div class="fields"><${Field} label=${t('reset.at')} type="datetime-local" hint=${t('reset.atHint')} min=${least} value=${order.at} onValue=${(at) => onOrder({ ...order, at })} /></div></div>`;
}

export function ResetOptions({ target, users, order, onOrder, onBack, onNext, onClose }) {
	const known = useGet(`${target}/options`);
	const names = useMemo(() => known.data?.filter((o) => o.supported).map((o) => o.option), [known.data]);
	const counts = useCounts(target, users, names);
	return html`<${Dialog} title=${t('reset.title', { n: users.length })} size="wide" onClose=${onClose} foot=${html`${onBack && html`<${Button} onClick=${onBack}>${t('do.back')}<//>`}
		<${Button} onClick=${onClose}>${t('do.cancel')}<//><${Button} kind="primary" disabled=${!known.data} onClick=${onNext}>${t('do.next')}<//>`}>
		<${People} label=${t('bulk.people', { n: users.length })} users=${users} />
		<${ProblemNote} problem=${counts.problem} retry=${counts.reload} />
		${counts.loading && html`<p class="busy" role="status">${t('reset.counting')}</p>`}
		${counts.data?.already > 0 && html`<${Note}>${t('reset.already', { n: counts.data.already })}<//>`}
		${counts.data?.refused > 0 && html`<${Note} kind="bad" icon="alerts">${t('reset.refused', { n: counts.data.refused })}
			<ul>${counts.data.problems.slice(0, 5).map((p) => html`<li key=${p.user}>${p.error}</li>`)}</ul><//>`}
		<${Always} counts=${counts.data?.always} />
		<${Loaded} of=${known}>${(list) => html`<${Options} list=${list} order=${order} counts=${counts.data} onOrder=${onOrder} />`}<//>
		<${More} order=${order} onOrder=${onOrder} /><//>`;
}
