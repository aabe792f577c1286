import { useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useAction } from '../../hooks.js';
import { html } from '../../html.js';
import { t } from '../../text.js';
import { Badge } from '../../ui/badge.js';
import { Button } from '../../ui/button.js';
import { Field } from '../../ui/field.js';
import { Note, ProblemNote } from '../../ui/notice.js';
import { Table } from '../../ui/table.js';

const HEADS = ['user,name-first-name,name-last-name,email-address', 'device,user', 'mac,model,line,device', 'phonenumber,dial-rule-translation-destination-user'];
const SHOWN = 200;

function Report({ report }) {
	const rows = [...report.rows].sort((a, b) => !a.error - !b.error).slice(0, SHOWN);
	return html`<${Note} kind=${report.errors ? 'bad' : 'info'} icon=${report.errors ? 'alerts' : 'check'}>${report.errors ? t('import.errors', { n: report.errors })
		: t(report.written ? 'import.written' : 'import.good', { n: report['rows-total'] })}<//>
		<${Table} label=${t('import.report')} rows=${rows} id=${(r) => r.line} rowName=${(r) => String(r.line)} columns=${[{ key: 'line', name: t('files.line'), cell: (r) => r.line }, { key: 'key', name: t('import.key'), cell: (r) => r.key },
		{ key: 'result', name: t('import.result'), cell: (r) => (r.error ? html`<div><${Badge} tone="bad" word=${t('import.wrong')} /> ${r.error}</div>` : r.result) }]} />`;
}

/** Lists as CSV: looked through first, then written, all or nothing. */
export function Import({ domain }) {
	const [text, setText] = useState(''), [report, show] = useState(null);
	const send = useAction(async (dry) => {
		try {
			show(await api.call('POST', api.url(api.path('domains', domain, 'import'), { 'dry-run': dry ? 'yes' : '' }), text, { type: 'text/csv' }));
		} catch (problem) {
			if (!problem.body?.rows) throw problem;
			show(problem.body);
		}
	});
	const read = async (e) => {
		const file = e.currentTarget.files[0];
		if (!file) return;
		show(null);
		setText(await file.text());
	};
	return html`<section class="card form"><h2>${t('settings.import')}</h2><p>${t('import.about')}</p>
		<ul class="bullets">${HEADS.map((h) => html`<li key=${h}><code>${h}</code></li>`)}</ul><${ProblemNote} problem=${send.problem} />
		<label class="field"><span>${t('import.file')}</span><input type="file" accept=".csv,text/csv" onChange=${read} /></label>
		<${Field} label=${t('import.text')} control="textarea" rows="8" value=${text} onValue=${(v) => { setText(v); show(null); }} spellcheck=${false} />
		<div class="row"><${Button} disabled=${!text.trim()} busy=${send.busy} onClick=${() => send.run(true)}>${t('import.look')}<//>
			<${Button} kind="primary" disabled=${!report || report.errors > 0 || report.written} busy=${send.busy} onClick=${() => send.run(false)}>${t('import.write')}<//></div>
		${report && html`<${Report} report=${report} />`}</section>`;
}
