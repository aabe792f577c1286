import { useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useAction, useGet } from '../../hooks.js';
import { html } from '../../html.js';
import { t } from '../../text.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { Field } from '../../ui/field.js';
import { Empty, Loaded, ProblemNote } from '../../ui/notice.js';
import { Table } from '../../ui/table.js';
import { DeleteButton, Head } from './rows.js';
import { lengthOf, Sound } from './voicemail.js';

const KINDS = ['1', '2', '3', '4'];
const nameOf = (g) => g['time-frame'] ?? t(`greeting.kind.${g.index}`);

async function base64(file) {
	const bytes = new Uint8Array(await file.arrayBuffer());
	let text = '';
	for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
	return btoa(text);
}

function Add({ target, onDone }) {
	const frames = useGet(`${target}/timeframes`, { limit: 200 });
	const [which, setWhich] = useState('1'), [file, setFile] = useState(null);
	const add = useAction(async () => {
		const sound = { base64_file: await base64(file) };
		await api.call('POST', `${target}/greetings`, KINDS.includes(which) ? { index: Number(which), ...sound } : { 'time-frame': which.slice(1), ...sound });
		onDone(true);
	});
	return html`<${Dialog} title=${t('greeting.add')} onClose=${() => onDone(false)} foot=${html`<${Button} onClick=${() => onDone(false)}>${t('do.cancel')}<//>
		<${Button} kind="primary" disabled=${!file} busy=${add.busy} onClick=${add.run}>${t('do.add')}<//>`}><${ProblemNote} problem=${add.problem} />
		<${Field} label=${t('greeting.which')} control="select" value=${which} onValue=${setWhich}>${KINDS.map((k) => html`<option key=${k} value=${k}>${t(`greeting.kind.${k}`)}</option>`)}
			${frames.data?.map((f) => html`<option key=${f['timeframe-id']} value=${`=${f['timeframe-name']}`}>${f['timeframe-name']}</option>`)}<//>
		<${Field} label=${t('greeting.file')} hint=${t('greeting.fileHint')} type="file" accept=".wav,audio/wav,audio/x-wav" value=${undefined} onValue=${() => {}} onChange=${(e) => setFile(e.currentTarget.files[0] ?? null)} /><//>`;
}

export function Greetings({ target }) {
	const at = `${target}/greetings`, list = useGet(at, { limit: 200 }), [open, setOpen] = useState(false);
	const columns = [
		{ key: 'name', name: t('greeting.which'), cell: (g) => html`<bdi>${nameOf(g)}</bdi>` },
		{ key: 'length', name: t('voicemail.length'), cell: (g) => lengthOf(g['file-duration-seconds']) },
		{ key: 'sound', name: t('voicemail.sound'), cell: (g) => html`<${Sound} label=${t('greeting.play', { name: nameOf(g) })} target=${`${at}/${g.index}/sound`} />` },
	];
	const add = html`<${Button} icon="add" onClick=${() => setOpen(true)}>${t('greeting.add')}<//>`;
	return html`<${Loaded} of=${list}>${(rows) => (rows.length === 0 ? html`<${Empty} icon="mail" title=${t('greeting.none')} hint=${t('greeting.noneHint')}>${add}<//>`
			: html`<${Head} text=${t('greeting.about')}>${add}<//><${Table} label=${t('user.tab.greetings')} columns=${columns} rows=${rows} id=${(g) => g.index} rowName=${nameOf}
				actions=${(g) => html`<${DeleteButton} label=${t('greeting.delete', { name: nameOf(g) })} target=${`${at}/${g.index}`} onDone=${list.reload} />`} />`)}<//>
		${open && html`<${Add} target=${target} onDone=${(changed) => { setOpen(false); if (changed) list.reload(); }} />`}`;
}
