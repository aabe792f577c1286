#include "provisioning/http/router.h"

#include <stdlib.h>
#include <string.h>

#include "provisioning/http/exchange.h"

static bool next_segment(struct slice *rest, struct slice *out)
{
	while (rest->n > 0) {
		*out = slice_cut(rest, '/');
		if (out->n > 0)
			return true;
	}
	return false;
}

static enum err_code add_segment(
	struct router_row *row, struct slice s, const char *pattern, size_t *params, struct err *err)
{
	struct router_segment *seg = &row->segments[row->n];

	if (row->n == ROUTER_SEGMENTS_MAX)
		return err_set(err, ERR_INPUT, "the route %s has more than %d segments; shorten it", pattern,
			ROUTER_SEGMENTS_MAX);
	if (row->n > 0 && row->segments[row->n - 1].kind == SEGMENT_REST)
		return err_set(
			err, ERR_INPUT, "the route %s has a segment behind {…*}; the rest must be last", pattern);
	row->n++;
	if (s.p[0] != '{') {
		seg->kind = SEGMENT_TEXT;
		seg->text = s;
		return ERR_OK;
	}
	if (s.n < 3 || s.p[s.n - 1] != '}' || ++*params > HTTP_PARAMS_MAX)
		return err_set(
			err, ERR_INPUT, "the route %s has a bad or superfluous parameter %.*s", pattern, SLICE_ARG(s));
	seg->text = (struct slice){ s.p + 1, s.n - 2 };
	seg->kind = SEGMENT_NAME;
	if (slice_ends(seg->text, "*")) {
		seg->kind = SEGMENT_REST;
		seg->text.n--;
	}
	return ERR_OK;
}

static enum err_code compile(struct router_row *row, const struct mount *m, const struct route *route, struct err *err)
{
	struct slice rest = slice_str(m->prefix), s;
	size_t params = 0;
	enum err_code code = ERR_OK;

	if (route->pattern[0] != '/' || (m->prefix[0] != '\0' && m->prefix[0] != '/'))
		return err_set(err, ERR_INPUT, "the route %s%s does not begin with a slash", m->prefix, route->pattern);
	if (route->handler == NULL || route->method == HTTP_NONE)
		return err_set(err, ERR_INPUT, "the route %s has no handler or no method", route->pattern);
	row->route = route;
	row->prefix = m->prefix;
	while (code == ERR_OK && next_segment(&rest, &s))
		code = add_segment(row, s, route->pattern, &params, err);
	rest = slice_str(route->pattern);
	while (code == ERR_OK && next_segment(&rest, &s))
		code = add_segment(row, s, route->pattern, &params, err);
	return code;
}

/* Text before {name} before {name*}, from the left; so the first row that matches is the best one. */
static int order(const void *a, const void *b)
{
	const struct router_row *x = a, *y = b;
	size_t i;

	for (i = 0; i < x->n && i < y->n; i++)
		if (x->segments[i].kind != y->segments[i].kind)
			return (int)x->segments[i].kind - (int)y->segments[i].kind;
	return 0;
}

static bool same(const struct router_row *x, const struct router_row *y)
{
	size_t i;

	if (x->n != y->n || x->route->method != y->route->method)
		return false;
	for (i = 0; i < x->n; i++) {
		if (x->segments[i].kind != y->segments[i].kind)
			return false;
		if (x->segments[i].kind == SEGMENT_TEXT && !slice_eq(x->segments[i].text, y->segments[i].text))
			return false;
	}
	return true;
}

static enum err_code refuse_doubles(const struct router *r, struct err *err)
{
	size_t i, j;

	for (i = 0; i < r->count; i++)
		for (j = 0; j < i; j++)
			if (same(&r->rows[i], &r->rows[j]))
				return err_set(err, ERR_CONFLICT, "the route %s stands twice in the table",
					r->rows[i].route->pattern);
	return ERR_OK;
}

enum err_code router_init(struct router *r, const struct mount *mounts, size_t n, struct err *err)
{
	size_t i, j, k = 0;
	enum err_code code;

	memset(r, 0, sizeof(*r));
	arena_init(&r->arena, 0);
	for (i = 0; i < n; i++)
		r->count += mounts[i].count;
	r->rows = arena_alloc(&r->arena, (r->count + 1) * sizeof(*r->rows));
	if (r->rows == NULL)
		return err_set(err, ERR_NOMEM, "no memory for the table of routes");
	for (i = 0; i < n; i++)
		for (j = 0; j < mounts[i].count; j++) {
			code = compile(&r->rows[k++], &mounts[i], &mounts[i].routes[j], err);
			if (code != ERR_OK)
				return code;
		}
	code = refuse_doubles(r, err);
	qsort(r->rows, r->count, sizeof(*r->rows), order);
	return code;
}

void router_release(struct router *r)
{
	arena_release(&r->arena);
	memset(r, 0, sizeof(*r));
}

struct path {
	struct slice s[64];
	size_t n;
};

/* 64 segments are more than any route that has no rest; what lies beyond belongs to the last one. */
static void split(struct path *p, struct slice rest)
{
	struct slice s;

	p->n = 0;
	while (p->n < sizeof(p->s) / sizeof(p->s[0]) && next_segment(&rest, &s))
		p->s[p->n++] = s;
	if (p->n > 0 && rest.n > 0)
		p->s[p->n - 1].n = (size_t)(rest.p + rest.n - p->s[p->n - 1].p);
}

static bool row_fits(const struct router_row *row, const struct path *p)
{
	size_t i;

	for (i = 0; i < row->n; i++) {
		if (row->segments[i].kind == SEGMENT_REST)
			return true;
		if (i >= p->n)
			return false;
		if (row->segments[i].kind == SEGMENT_TEXT && !slice_eq(row->segments[i].text, p->s[i]))
			return false;
	}
	return p->n == row->n;
}

/* The rest keeps its slashes, so an encoded one, "." and ".." would say something else than they show. */
static char *decode_rest(struct arena *a, const struct path *p, size_t from)
{
	struct buf b;
	char *one, *all = NULL;
	size_t i;

	buf_init(&b, 8192);
	for (i = from; i < p->n; i++) {
		one = request_decode(a, p->s[i], false);
		if (one == NULL || strchr(one, '/') || strcmp(one, ".") == 0 || strcmp(one, "..") == 0)
			goto out;
		if (i > from)
			buf_char(&b, '/');
		buf_str(&b, one);
	}
	if (b.failed == ERR_OK)
		all = arena_slice(a, buf_view(&b));
out:
	buf_release(&b);
	return all;
}

static bool take_params(const struct router_row *row, struct arena *a, const struct path *p, struct router_match *out)
{
	size_t i;

	out->nparams = 0;
	for (i = 0; i < row->n; i++) {
		struct http_param *param;

		if (row->segments[i].kind == SEGMENT_TEXT)
			continue;
		param = &out->params[out->nparams++];
		param->name = arena_slice(a, row->segments[i].text);
		param->value = row->segments[i].kind == SEGMENT_REST ? decode_rest(a, p, i)
								     : request_decode(a, p->s[i], false);
		if (param->name == NULL || param->value == NULL)
			return false;
	}
	return true;
}

void router_match(
	const struct router *r, struct arena *a, enum http_method method, const char *path, struct router_match *out)
{
	struct path p;
	size_t i;

	memset(out, 0, sizeof(*out));
	split(&p, slice_str(path));
	for (i = 0; i < r->count; i++) {
		struct router_row *row = &r->rows[i];

		if (!row_fits(row, &p) || !take_params(row, a, &p, out))
			continue;
		if (row->route->method == method) {
			out->row = row;
			return;
		}
		out->allow |= row->route->method;
	}
	out->nparams = 0;
}

void router_allow(unsigned methods, char *out, size_t size)
{
	static const struct {
		enum http_method method;
		const char *text;
	} names[] = {
		{ HTTP_GET, "GET, HEAD" },
		{ HTTP_POST, "POST" },
		{ HTTP_PUT, "PUT" },
		{ HTTP_PATCH, "PATCH" },
		{ HTTP_DELETE, "DELETE" },
	};
	struct buf b;
	size_t i;

	buf_init(&b, size - 1);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (methods & names[i].method) {
			if (b.len > 0)
				buf_str(&b, ", ");
			buf_str(&b, names[i].text);
		}
	memcpy(out, b.len ? b.data : "", b.len);
	out[b.len] = '\0';
	buf_release(&b);
}
