#include "phonecfg/vendor/inspect.h"

#include <string.h>

#include "phonecfg/base/map.h"

/* A search for the nearest name costs; a file of nothing but unknown names has its first ones looked up. */
enum { NEAREST_MAX = 200 };

struct inspector {
	const struct inspect_options *o;
	const struct param_book *book; /* of the file's vendor, or NULL */
	const char *firmware;          /* what is said, or the newest of the model */
	struct params *p;
	struct findings *found;
	struct map names;   /* name -> the param that a phone believes */
	struct map aliases; /* canonical name -> first param, Grandstream */
	struct map asked;   /* pattern -> its nearest name, or "" */
	size_t searches;
};

/* ---- names and values ---- */

static const char *nearest(struct inspector *in, const char *name)
{
	char pattern[PARAM_NAME_MAX];
	const char *known, *near;
	char *own;

	if (!param_pattern(name, pattern))
		return NULL;
	known = map_get(&in->asked, pattern);
	if (known)
		return *known ? known : NULL;
	if (in->searches++ >= NEAREST_MAX)
		return NULL;
	near = param_book_nearest(in->book, name);
	own = arena_strdup(in->found->a, pattern);
	if (own)
		map_put(&in->asked, own, (void *)(near ? near : ""));
	return near;
}

static void unknown(struct inspector *in, const struct param *q)
{
	const char *near = nearest(in, q->name);

	findings_add(in->found, FINDING_WARNING, q->line, "%s is not known%s%s", q->name,
		near ? "; the nearest is " : "", near ? near : "");
}

/* "device.x.{}.set" with the numbers of name. */
static bool with_numbers(const char *pattern, const char *name, char out[PARAM_NAME_MAX])
{
	struct slice numbers = slice_str(name);
	size_t n = 0;

	while (*pattern) {
		struct slice part = { "", 0 };
		if (strncmp(pattern, "{}", 2) != 0) {
			part = (struct slice){ pattern++, 1 };
		} else {
			pattern += 2;
			while (numbers.n && (!part.n || strspn(part.p, "0123456789") < part.n))
				part = slice_cut(&numbers, '.');
		}
		if (n + part.n + 1 > PARAM_NAME_MAX)
			return false;
		memcpy(out + n, part.p, part.n);
		n += part.n;
	}
	out[n] = 0;
	return true;
}

static void check_needs(struct inspector *in, const struct param *q, const struct param_row *row)
{
	char name[PARAM_NAME_MAX];
	const struct param *other;

	if (!row->needs || !with_numbers(row->needs, q->name, name))
		return;
	other = map_get(&in->names, name);
	if (!other || (strcmp(other->value, "1") != 0 && strcmp(other->value, "true") != 0))
		findings_add(in->found, FINDING_WARNING, q->line, "%s is ignored: %s=\"1\" %s", q->name, name,
			other ? "is needed and is not 1" : "is missing");
}

static void check_since(struct inspector *in, const struct param *q, const struct param_row *row)
{
	const char *since = row->since ? row->since : row->same ? row->same->since : NULL;

	if (since && in->firmware && firmware_compare(in->p->vendor, since, in->firmware) > 0)
		findings_add(in->found, FINDING_WARNING, q->line, "%s is read since firmware %s; this one is %s",
			q->name, since, in->firmware);
}

static void judge(struct inspector *in, const struct param *q)
{
	const struct param_row *row;
	char why[PARAM_WHY_MAX];

	switch (param_judge(in->book, q->name, slice_str(q->value), &row, why)) {
	case PARAM_FINE:
		break;
	case PARAM_UNKNOWN:
		unknown(in, q);
		break;
	case PARAM_NUMBER:
		findings_add(in->found, FINDING_ERROR, q->line, "%s %s", q->name, why);
		break;
	case PARAM_VALUE:
		findings_add(in->found, FINDING_ERROR, q->line, "%s: the value %s", q->name, why);
		break;
	}
	if (!row)
		return;
	check_needs(in, q, row);
	check_since(in, q, row);
	if ((row->flags & PARAM_BOOT) && in->p->form == FORM_CONFIG)
		findings_add(in->found, FINDING_WARNING, q->line, "%s is read from a boot file only", q->name);
}

/* Without a list of names a value still may not hold what breaks every file. */
static void judge_bare(struct inspector *in, const struct param *q)
{
	static const struct param_row any = { .name = "", .type = PARAM_ANY };
	char why[PARAM_WHY_MAX];
	const char *bad = param_row_judge(&any, slice_str(q->value), why);

	if (bad)
		findings_add(in->found, FINDING_ERROR, q->line, "%s: the value %s", q->name, bad);
}

/* ---- what stands twice ---- */

static bool repeats(const struct inspector *in, const char *name)
{
	const struct param_row *row = in->book ? param_book_row(in->book, name) : NULL;

	return row && (row->flags & PARAM_REPEATS);
}

/* Yealink believes the last (vendor guide), Polycom the first (vendor guide), Grandstream the first, even when it
 * refused that one (observed on HT802). */
static void twice(struct inspector *in, const struct param *first, const struct param *second)
{
	bool same = strcmp(first->value, second->value) == 0;

	if (repeats(in, first->name))
		return;
	if (in->p->vendor == VENDOR_YEALINK)
		findings_add(in->found, FINDING_WARNING, first->line,
			"%s is dead: line %u sets it again, and the last one wins", first->name, second->line);
	else if (in->p->vendor == VENDOR_GRANDSTREAM)
		findings_add(in->found, same ? FINDING_WARNING : FINDING_ERROR, second->line,
			"%s stands in line %u already%s: the first one wins", second->name, first->line,
			same ? "" : " with another value");
	else if (in->p->vendor == VENDOR_POLYCOM)
		findings_add(in->found, FINDING_WARNING, second->line,
			"%s is dead: line %u sets it already, and the first one wins", second->name, first->line);
	else
		findings_add(in->found, FINDING_WARNING, second->line, "%s stands in line %u already", second->name,
			first->line);
}

/* A P-value and its name, or two P-values of one name. */
static void clash(struct inspector *in, const struct param *q)
{
	const struct param_row *row = in->book ? param_book_row(in->book, q->name) : NULL;
	const char *name = row && row->alias ? row->alias : q->name;
	const struct param *first = map_get(&in->aliases, name);

	if (!first) {
		map_put(&in->aliases, name, (void *)q);
		return;
	}
	if (strcmp(first->name, q->name) == 0)
		return; /* told above */
	findings_add(in->found, strcmp(first->value, q->value) ? FINDING_ERROR : FINDING_WARNING, q->line,
		"%s is the same setting as %s in line %u%s: the first one wins", q->name, first->name, first->line,
		strcmp(first->value, q->value) ? ", with another value" : "");
}

static void index_names(struct inspector *in)
{
	for (size_t i = 0; i < in->p->n; i++) {
		const struct param *q = &in->p->v[i], *before = map_get(&in->names, q->name);
		if (before)
			twice(in, before, q);
		if (!before || in->p->vendor == VENDOR_YEALINK)
			map_put(&in->names, q->name, (void *)q);
		if (in->p->vendor == VENDOR_GRANDSTREAM)
			clash(in, q);
	}
}

/* ---- the file as a whole ---- */

/* Without overwrite mode a phone takes an empty value for "leave it" (vendor guide). */
static void check_empty(struct inspector *in)
{
	const struct param *first = NULL;
	size_t n = 0;

	for (size_t i = 0; i < in->p->n; i++) {
		if (*in->p->v[i].value)
			continue;
		first = first ? first : &in->p->v[i];
		n++;
	}
	if (n && in->p->vendor == VENDOR_YEALINK && in->p->form == FORM_CONFIG)
		findings_add(in->found, FINDING_WARNING, first->line,
			"%s%s empty: unless a boot file says overwrite, a phone keeps what it has; %%NULL%% clears",
			first->name, n > 1 ? " and others are" : " is");
}

/* A file of another vendor's, or items for a model that reads numbers only. */
static void check_syntax(struct inspector *in)
{
	const struct profile *pf = in->o->pf;
	const char *speaks;

	if (!pf || in->p->vendor == VENDOR_NONE)
		return;
	if (pf->vendor != in->p->vendor) {
		findings_add(in->found, FINDING_ERROR, 1, "this is a file for %s phones; a %s is none",
			vendor_word(in->p->vendor), pf->display);
		return;
	}
	speaks = pf->nsyntaxes ? profile_syntax(pf, in->o->firmware)->name : "";
	if (in->p->form == FORM_NAMES && strcmp(speaks, "grandstream-p") == 0)
		findings_add(in->found, FINDING_ERROR, 1,
			"a %s%s%s reads P-values only: these items change nothing, and it says so to nobody",
			pf->display, in->o->firmware ? " with firmware " : "", in->o->firmware ? in->o->firmware : "");
}

enum err_code inspect_file(struct slice text, const struct inspect_options *options, struct arena *a,
	struct params *out, struct findings *found, struct err *err)
{
	struct inspector in = { .o = options, .p = out, .found = found };
	enum err_code rc;

	findings_init(found, a);
	map_init(&in.names, a);
	map_init(&in.aliases, a);
	map_init(&in.asked, a);
	rc = params_scan(text, a, out, found, err);
	if (rc)
		return rc;
	if (out->vendor == VENDOR_YEALINK && slice_ends(slice_str(options->file), ".boot"))
		out->form = FORM_BOOT;
	in.firmware = options->firmware ? options->firmware : options->pf ? options->pf->firmware : NULL;
	in.book = out->form == FORM_MASTER || out->form == FORM_CONTACTS ? NULL : options->books[out->vendor];
	index_names(&in);
	for (size_t i = 0; i < out->n; i++) {
		if (in.book)
			judge(&in, &out->v[i]);
		else
			judge_bare(&in, &out->v[i]);
	}
	check_empty(&in);
	check_syntax(&in);
	findings_sort(found);
	return arena_failed(a) ? err_set(err, ERR_NOMEM, "no memory to check the file") : ERR_OK;
}
