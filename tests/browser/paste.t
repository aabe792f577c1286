#!/usr/bin/env node
// Cells from a spreadsheet's clipboard, and where they go in the recycle form.
'use strict';
const path = require('node:path');
const { is, plan } = require('./lib/tap');
const { top } = require('./lib/rekeyd');

const FIELDS = ['first', 'last', 'mail'];
const forms = () => ['1001', '1002', '1003'].map((user) => ({ user, first: '', last: '', mail: '' }));
const short = (list) => list.map((f) => FIELDS.map((x) => f[x]).join('|'));

import(path.join(top, 'provisioning/portal/src/pages/job/paste.js')).then(({ cellsOf, pasted }) => {
	for (const [text, want] of [
		['a\tb\r\nc\td\r\n', [['a', 'b'], ['c', 'd']]], ['a', [['a']]], ['', []], ['\n\n', []], ['\ta', [['', 'a']]], [' a \t b ', [['a', 'b']]],
		['"a\tb"\tc', [['a\tb', 'c']]], ['"a\nb"\tc\nd', [['a\nb', 'c'], ['d']]], ['"say ""hi"""\tb', [['say "hi"', 'b']]], ['5" nail\tb', [['5" nail', 'b']]], ['"open\tb', [['open\tb']]],
	]) is(cellsOf(text), want, JSON.stringify(text));
	is(short(pasted('A\tB\tC\nD\tE', forms(), FIELDS, 0, 'first')), ['A|B|C', 'D|E|', '||'], 'from the first row and field');
	is(short(pasted('B\nE', forms(), FIELDS, 1, 'last')), ['||', '|B|', '|E|'], 'from where the cursor is');
	is(short(pasted('A\tB\tC\tD\nE\nF\nG', forms(), FIELDS, 1, 'first')), ['||', 'A|B|C', 'E||'], 'what does not fit is left out');
	is(short(pasted('1003\tA\tB\n1001\tC\tD', forms(), FIELDS, 1, 'last')), ['C|D|', '||', 'A|B|'], 'rows that begin with an extension go to it');
	is(short(pasted('9999\tA', forms(), FIELDS, 0, 'first')), ['9999|A|', '||', '||'], 'an extension of nobody here is a text like any other');
	const before = forms();
	pasted('A', before, FIELDS, 0, 'first');
	is(short(before), ['||', '||', '||'], 'the forms that were given stay as they are');
	process.exit(plan());
});
