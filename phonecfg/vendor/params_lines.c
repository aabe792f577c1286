/* Files of lines: Yealink's (vendor guides: auto provisioning). */
#include <string.h>

#include "phonecfg/base/text.h"
#include "phonecfg/vendor/params_parts.h"

static const char first_line[] = "#!version:1.0.0.1";

/* "P271 = 1" is what Grandstream's web page takes; a phone that fetches it reads nothing. */
static bool is_number_line(struct slice line)
{
	size_t i = 1;

	if (line.n < 3 || line.p[0] != 'P')
		return false;
	while (i < line.n && line.p[i] >= '0' && line.p[i] <= '9')
		i++;
	line = slice_trim((struct slice){ line.p + i, line.n - i });
	return i > 1 && line.n && line.p[0] == '=';
}

static void check_first(struct scan *s, struct slice line)
{
	if (slice_eq_str(line, first_line)) {
		s->out->vendor = VENDOR_YEALINK;
		return;
	}
	if (is_number_line(slice_trim(line)))
		findings_add(s->found, FINDING_SYNTAX, 1,
			"P-values as text are for Grandstream's web page; a phone that fetches a file wants XML");
	else if (slice_starts(line, "\xef\xbb\xbf#!version"))
		findings_add(s->found, FINDING_SYNTAX, 1,
			"a byte order mark stands before %s; save the file without it", first_line);
	else
		findings_add(s->found, FINDING_SYNTAX, 1,
			"neither begins with %s, as Yealink's files must, nor is it XML: a phone ignores all of it",
			first_line);
	s->out->vendor = is_number_line(slice_trim(line)) ? VENDOR_GRANDSTREAM : VENDOR_YEALINK;
}

/* [T46U,T48U]include:config <name.cfg> */
static bool read_include(struct scan *s, struct slice rest, unsigned line)
{
	struct slice name;
	char end = 0;

	if (rest.p[0] == '[') {
		ptrdiff_t close = slice_find(rest, SLICE_LIT("]"));
		if (close < 0)
			return false;
		if (close == 1)
			findings_add(s->found, FINDING_ERROR, line, "the list of models in [] is empty");
		rest = slice_trim((struct slice){ rest.p + close + 1, rest.n - (size_t)close - 1 });
	}
	if (!slice_starts(rest, "include:config"))
		return false;
	s->out->form = FORM_BOOT;
	name = slice_trim((struct slice){ rest.p + 14, rest.n - 14 });
	if (name.n >= 2)
		end = name.p[0] == '<' ? '>' : name.p[0] == '"' ? '"' : 0;
	if (!end || name.p[name.n - 1] != end)
		findings_add(s->found, FINDING_ERROR, line, "an include is written include:config <name.cfg>");
	else if (!slice_ends((struct slice){ name.p + 1, name.n - 2 }, ".cfg"))
		findings_add(s->found, FINDING_ERROR, line, "the name of an included file must end in .cfg");
	return true;
}

static void read_line(struct scan *s, struct slice text, unsigned line)
{
	struct slice value = slice_trim(text), name;

	if (!value.n || value.p[0] == '#')
		return;
	if (memchr(value.p, 0, value.n)) {
		findings_add(s->found, FINDING_SYNTAX, line, "there is a zero byte in this line");
		return;
	}
	if ((value.p[0] == '[' || slice_starts(value, "include:")) && read_include(s, value, line))
		return;
	if (!memchr(value.p, '=', value.n)) {
		findings_add(s->found, FINDING_SYNTAX, line, "there is no '=' in this line");
		return;
	}
	name = slice_trim(slice_cut(&value, '='));
	if (!name.n) {
		findings_add(s->found, FINDING_SYNTAX, line, "there is no name before '='");
		return;
	}
	scan_add(s, arena_slice(s->a, name), arena_slice(s->a, slice_trim(value)), line);
}

void scan_lines(struct scan *s)
{
	struct slice rest = s->text;
	unsigned line = 0;

	if (!rest.n)
		findings_add(s->found, FINDING_SYNTAX, 1, "the file is empty");
	while (rest.n) {
		struct slice text = slice_cut(&rest, '\n');
		if (slice_ends(text, "\r"))
			text.n--;
		if (++line == 1)
			check_first(s, text);
		if (line == 1 && slice_starts(text, "\xef\xbb\xbf"))
			continue;
		read_line(s, text, line);
	}
}
