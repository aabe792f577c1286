import { useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useGet } from '../../hooks.js';
import { html } from '../../html.js';
import { t, wordOf } from '../../text.js';
import { Badge } from '../../ui/badge.js';
import { Button, LinkButton } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { Check, SearchField } from '../../ui/field.js';
import { Loaded } from '../../ui/notice.js';
import { Table } from '../../ui/table.js';
import { Time } from '../../ui/time.js';

/** Every value of a file, and which layer set it. */
function Values({ target, file, onClose }) {
	const found = useGet(target + api.path(file), { layers: 1 });
	const [search, setSearch] = useState(''), [set, only] = useState(false);
	const fits = (v) => (!set || v['set-by'] !== 'template') && `${v.name} ${v.value} ${v.word ?? ''}`.toLowerCase().includes(search.toLowerCase());
	const columns = [
		{ key: 'line', name: t('files.line'), cell: (v) => v.line },
		{ key: 'name', name: t('files.name'), cell: (v) => html`<code>${v.name}</code>` },
		{ key: 'value', name: t('files.value'), cell: (v) => html`<code>${v.value}</code>` },
		{ key: 'by', name: t('files.by'), cell: (v) => html`<${Badge} tone=${v['set-by'] === 'template' ? 'idle' : 'good'} word=${wordOf('layer', v['set-by'])} />${v.word && html` <small>${v.word}</small>`}` },
	];
	return html`<${Dialog} title=${file} size="large" onClose=${onClose} foot=${html`<${LinkButton} icon="external" href=${api.href(target + api.path(file))} target="_blank" rel="noopener">${t('files.text')}<//>
		<${Button} kind="primary" onClick=${onClose}>${t('do.close')}<//>`}>
		<div class="tools"><${SearchField} label=${t('files.search')} value=${search} onValue=${setSearch} /><${Check} label=${t('files.onlySet')} checked=${set} onValue=${only} /></div>
		<${Loaded} of=${found}>${({ values }) => {
		const rows = values.filter(fits);
		return rows.length ? html`<${Table} label=${file} columns=${columns} rows=${rows} id=${(v) => `${v.line} ${v.name}`} rowName=${(v) => v.name} />` : html`<p class="faint">${t('files.nothing')}</p>`;
	}}<//><//>`;
}

/** The files that a phone gets. */
export function Files({ domain, mac, version }) {
	const target = api.path('domains', domain, 'phones', mac, 'config'), found = useGet(target, { v: version }), [shown, show] = useState(null);
	const columns = [
		{ key: 'file', name: t('files.file'), cell: (f) => html`<code>${f.file}</code>` },
		{ key: 'got', name: t('files.delivered'), cell: (f) => html`<div>${f['delivered-datetime'] ? html`<${Time} iso=${f['delivered-datetime']} />, ${t('timeline.generation', { n: String(f['delivered-generation']) })}` : html`<span class="faint">${t('time.never')}</span>`}
			${f['asked-datetime'] && html`<small>${t('files.asked')} <${Time} iso=${f['asked-datetime']} /></small>`}</div>` },
	];
	return html`<section class="card form"><h2>${t('files.title')}</h2><p class="faint">${t('files.about')}</p>
		<${Loaded} of=${found}>${(rows) => html`<${Table} label=${t('files.title')} columns=${columns} rows=${rows} id=${(f) => f.file} rowName=${(f) => f.file}
			actions=${(f) => html`<${Button} kind="ghost" label=${t('files.valuesOf', { file: f.file })} onClick=${() => show(f.file)}>${t('files.values')}<//>`} />`}<//>
		${shown && html`<${Values} target=${target} file=${shown} onClose=${() => show(null)} />`}</section>`;
}
