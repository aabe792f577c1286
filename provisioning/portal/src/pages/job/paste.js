// Cells as a spreadsheet puts them on the clipboard: lines of cells with tabs between them, in quotes where they hold either.
export function cellsOf(text) {
	const rows = [[]];
	let cell = '', quoted = false;
	for (let i = 0; i < text.length; i++) {
		const c = text[i];
		if (quoted) {
			if (c !== '"') cell += c;
			else if (text[i + 1] === '"') cell += text[++i];
			else quoted = false;
		} else if (c === '"' && cell === '') quoted = true;
		else if (c === '\t' || c === '\n') {
			rows.at(-1).push(cell);
			cell = '';
			if (c === '\n') rows.push([]);
		} else if (c !== '\r') cell += c;
	}
	rows.at(-1).push(cell);
	return rows.map((r) => r.map((x) => x.trim())).filter((r) => r.some(Boolean));
}

/**
 * Lays pasted cells over forms, from the row and field where the cursor is. Lines that begin with an extension go to its row
 * wherever that is. Gives new forms; what does not fit is left out.
 */
export function pasted(text, forms, fields, row, field) {
	const known = new Map(forms.map((f, i) => [f.user, i]));
	const out = forms.map((f) => ({ ...f }));
	cellsOf(text).forEach((cells, n) => {
		const named = known.has(cells[0]);
		const at = named ? known.get(cells[0]) : row + n;
		const from = named ? 0 : fields.indexOf(field);
		(named ? cells.slice(1) : cells).forEach((value, k) => {
			if (out[at] && fields[from + k]) out[at][fields[from + k]] = value;
		});
	});
	return out;
}
