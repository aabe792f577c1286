/* Which vendor's language a file is in, and what was found in it. */
#include "phonecfg/vendor/params.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phonecfg/vendor/params_parts.h"

enum { SENTENCE_MAX = 600 };

void findings_init(struct findings *f, struct arena *a)
{
	*f = (struct findings){ .a = a };
}

void findings_add(struct findings *f, enum finding_level level, unsigned line, const char *fmt, ...)
{
	char text[SENTENCE_MAX];
	struct finding *slot;
	va_list ap;

	if (level == FINDING_WARNING)
		f->warnings++;
	else
		f->errors++;
	if (f->n == FINDINGS_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* What a file says reaches a terminal or a log. */
	for (char *p = text; *p; p++) {
		if ((unsigned char)*p < 32 || *p == 127)
			*p = '?';
	}
	slot = arena_push(f->a, (void **)&f->v, &f->n, &f->cap, sizeof(*slot));
	if (slot)
		*slot = (struct finding){ line, level, arena_strdup(f->a, text) };
}

struct ordered {
	struct finding finding;
	size_t at;
};

static int by_line(const void *a, const void *b)
{
	const struct ordered *x = a, *y = b;

	if (x->finding.line != y->finding.line)
		return x->finding.line < y->finding.line ? -1 : 1;
	return x->at < y->at ? -1 : 1;
}

void findings_sort(struct findings *f)
{
	struct ordered *all = f->n ? arena_alloc(f->a, f->n * sizeof(*all)) : NULL;

	if (!all)
		return;
	for (size_t i = 0; i < f->n; i++)
		all[i] = (struct ordered){ f->v[i], i };
	qsort(all, f->n, sizeof(*all), by_line);
	for (size_t i = 0; i < f->n; i++)
		f->v[i] = all[i].finding;
}

struct param *scan_add(struct scan *s, const char *name, const char *value, unsigned line)
{
	struct param *p;

	if (!name || !value)
		return NULL; /* the arena is asked at the end */
	p = arena_push(s->a, (void **)&s->out->v, &s->out->n, &s->out->cap, sizeof(*p));
	if (p)
		*p = (struct param){ name, value, line, false };
	return p;
}

enum err_code params_scan(
	struct slice text, struct arena *a, struct params *out, struct findings *found, struct err *err)
{
	struct scan s = { text, a, out, found };
	struct slice start = text;

	memset(out, 0, sizeof(*out));
	if (slice_starts(start, "\xef\xbb\xbf"))
		start = (struct slice){ start.p + 3, start.n - 3 };
	while (start.n && strchr(" \t\r\n", start.p[0]))
		start = (struct slice){ start.p + 1, start.n - 1 };
	if (start.n && start.p[0] == '<')
		scan_xml(&s);
	else
		scan_lines(&s);
	return arena_failed(a) ? err_set(err, ERR_NOMEM, "no memory to read the file") : ERR_OK;
}

enum err_code params_read(struct slice text, const char *name, struct arena *a, struct params *out, struct err *err)
{
	struct findings found;
	enum err_code rc;

	findings_init(&found, a);
	rc = params_scan(text, a, out, &found, err);
	if (rc)
		return rc;
	findings_sort(&found);
	for (size_t i = 0; i < found.n; i++) {
		if (found.v[i].level == FINDING_SYNTAX)
			return err_set(err, ERR_INPUT, "%s:%u: %s", name, found.v[i].line, found.v[i].text);
	}
	return ERR_OK;
}
