// TAP: ok(), is(), and the plan at the end. A test that ended early has no plan and counts as failed.
'use strict';
let count = 0, bad = 0;

function ok(good, name, detail) {
	count++;
	if (!good) bad++;
	console.log(`${good ? 'ok' : 'not ok'} ${count} - ${String(name).replaceAll('#', '\\#').replaceAll('\n', ' ')}`);
	if (!good && detail !== undefined) say(detail);
	return Boolean(good);
}

const shown = (v) => (typeof v === 'string' ? v : JSON.stringify(v));
const is = (got, want, name) => ok(shown(got) === shown(want), name, `got:  ${shown(got)}\nwant: ${shown(want)}`);

/** A comment: figures, what went wrong. */
function say(text) {
	for (const line of String(text).split('\n')) console.log(`# ${line}`);
}

function plan() {
	console.log(`1..${count}`);
	return bad || !count ? 1 : 0;
}

module.exports = { ok, is, say, plan };
