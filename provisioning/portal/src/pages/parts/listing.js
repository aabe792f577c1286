import { html } from '../../html.js';
import { Loaded } from '../../ui/notice.js';
import { Pager, Table } from '../../ui/table.js';

/** What usePaged found, as a table with its pager; empty: what is said when there is nothing. */
export const Listing = ({ list, empty, ...table }) => html`<${Loaded} of=${list}>${({ rows, total }) => (total === 0 ? empty
	: html`<${Table} rows=${rows} ...${table} /><${Pager} start=${list.start} limit=${list.limit} total=${total} onStart=${list.onStart} onLimit=${list.onLimit} />`)}<//>`;
