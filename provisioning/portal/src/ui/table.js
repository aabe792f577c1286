import { html } from '../html.js';
import { t } from '../text.js';
import { Button } from './button.js';
import { Icon } from './icon.js';

/**
 * columns: [{ key, name, cell(row), sort: 'field of the API', wide: also on narrow screens in the first line }].
 * sort: { by, down }; onSort(by). selection: { has(id), toggle(row), togglePage(rows), can(row) } or nothing; can: may it be ticked. On a narrow screen each row is a card.
 */
export function Table({ label, columns, rows, id, rowName, sort, onSort, selection, actions }) {
	const can = (r) => !selection?.can || selection.can(r), open = rows.filter(can);
	const all = selection && open.length > 0 && open.every((r) => selection.has(id(r)));
	const some = selection && !all && open.some((r) => selection.has(id(r)));
	return html`<div class="table" tabindex="0" role="region" aria-label=${label}><table>
		<thead><tr>
			${selection && html`<th class="tick"><input type="checkbox" aria-label=${t('table.page')} checked=${all} ref=${(e) => e && (e.indeterminate = some)}
				onChange=${() => selection.togglePage(open)} /></th>`}
			${columns.map((c) => html`<th key=${c.key} class=${c.key} scope="col" aria-sort=${c.sort && sort?.by === c.sort ? (sort.down ? 'descending' : 'ascending') : undefined}>
				${c.sort ? html`<button type="button" class="sort" onClick=${() => onSort(c.sort)}>${c.name}
					${sort?.by === c.sort && html`<${Icon} name=${sort.down ? 'down' : 'up'} />`}</button>` : c.name}</th>`)}
			${actions && html`<th class="actions"><span class="unseen">${t('table.actions')}</span></th>`}
		</tr></thead>
		<tbody>${rows.map((r) => html`<tr key=${id(r)} class=${selection?.has(id(r)) ? 'picked' : ''}>
			${selection && html`<td class="tick">${can(r) && html`<input type="checkbox" aria-label=${t('table.select', { name: rowName(r) })} checked=${selection.has(id(r))}
				onChange=${() => selection.toggle(r)} />`}</td>`}
			${columns.map((c) => html`<td key=${c.key} class=${c.key} data-name=${c.name}>${c.cell(r)}</td>`)}
			${actions && html`<td class="actions">${actions(r)}</td>`}
		</tr>`)}</tbody>
	</table></div>`;
}

export function Pager({ start, limit, total, onStart, onLimit }) {
	if (!total) return null;
	return html`<nav class="pager" aria-label=${t('table.range', { from: start + 1, to: Math.min(start + limit, total), n: total })}>
		${onLimit && html`<label><span>${t('table.rows')} </span><select value=${String(limit)} onChange=${(e) => onLimit(Number(e.currentTarget.value))}>
			${[25, 50, 100, 200].map((n) => html`<option value=${String(n)}>${n}</option>`)}</select></label>`}
		<span>${t('table.range', { from: start + 1, to: Math.min(start + limit, total), n: total })}</span>
		<${Button} icon="left" label=${t('table.previous')} disabled=${start === 0} onClick=${() => onStart(Math.max(0, start - limit))} />
		<${Button} icon="right" label=${t('table.following')} disabled=${start + limit >= total} onClick=${() => onStart(start + limit)} />
	</nav>`;
}
