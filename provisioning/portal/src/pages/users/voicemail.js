import { useState } from 'preact/hooks';
import * as api from '../../api.js';
import { useAction, useGet } from '../../hooks.js';
import { html } from '../../html.js';
import { t } from '../../text.js';
import { Button } from '../../ui/button.js';
import { Empty, Loaded, ProblemNote } from '../../ui/notice.js';
import { Table } from '../../ui/table.js';
import { Time } from '../../ui/time.js';
import { DeleteButton } from './rows.js';

const FOLDERS = ['new', 'saved', 'trash'];

/** "1:05" */
export const lengthOf = (s) => `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`;

export const Sound = ({ label, target }) => html`<audio controls preload="none" aria-label=${label} src=${api.href(target)}></audio>`;

const callerOf = (m) => m.FromName || m.FromUser || t('voicemail.unknown');
const idOf = (m) => m.filename.replace(/\.\w+$/, '');

function Folder({ target, folder, onChange }) {
	const at = `${target}/voicemails/${folder}`, list = useGet(at, { limit: 200 });
	const done = () => {
		list.reload();
		onChange();
	};
	const move = useAction(async (m, to) => {
		await api.call('PATCH', `${at}/${encodeURIComponent(m.filename)}/save`, { folder: to });
		done();
	});
	const columns = [
		{ key: 'from', name: t('voicemail.from'), cell: (m) => html`<bdi>${callerOf(m)}</bdi> <span class="faint">${m.FromName && m.FromUser}</span>` },
		{ key: 'when', name: t('voicemail.when'), cell: (m) => html`<${Time} iso=${m['recorded-datetime'] ?? m['created-datetime']} long />` },
		{ key: 'length', name: t('voicemail.length'), cell: (m) => lengthOf(m['file-duration-seconds']) },
		{ key: 'sound', name: t('voicemail.sound'), cell: (m) => html`<${Sound} label=${t('voicemail.play', { who: callerOf(m) })} target=${`${at}/${encodeURIComponent(idOf(m))}/sound`} />` },
	];
	return html`<${ProblemNote} problem=${move.problem} /><${Loaded} of=${list}>${(rows) => (rows.length === 0 ? html`<${Empty} icon="mail" title=${t(`voicemail.none.${folder}`)} />`
		: html`<${Table} label=${t(`voicemail.folder.${folder}`)} columns=${columns} rows=${rows} id=${(m) => m.filename} rowName=${callerOf} actions=${(m) => html`
			${folder !== 'saved' && html`<${Button} onClick=${() => move.run(m, 'saved')}>${t('voicemail.save')}<//>`}
			<${DeleteButton} label=${t('voicemail.delete', { who: callerOf(m) })} target=${`${at}/${encodeURIComponent(m.filename)}`} onDone=${done} />`} />`)}<//>`;
}

export function Voicemail({ target }) {
	const counts = useGet(`${target}/voicemails`), [folder, setFolder] = useState('new');
	return html`<${Loaded} of=${counts}>${(n) => html`<div class="row" role="group" aria-label=${t('voicemail.folders')}>${FOLDERS.map((f) => html`<${Button} key=${f} kind=${f === folder ? 'primary' : 'plain'}
			aria-pressed=${f === folder} onClick=${() => setFolder(f)}>${t(`voicemail.folder.${f}`)} (${n[f] ?? 0})<//>`)}</div>
		<${Folder} key=${folder} target=${target} folder=${folder} onChange=${counts.reload} />`}<//>`;
}
