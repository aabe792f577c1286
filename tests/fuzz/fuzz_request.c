/* A request from arbitrary bytes through a plane: target, headers, cookies, ranges, JSON body. Input: lines "METHOD
 * target", "name: value" …, an empty line, the body. Parameters that a handler sees are UTF-8 without controls. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "phonecfg/base/text.h"
#include "provisioning/http/exchange.h"
#include "provisioning/http/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *s)
{
	if (s && (!text_is_utf8(slice_str(s)) || text_has_control(slice_str(s))))
		abort();
}

static enum handled handler(struct request *rq, struct response *rs)
{
	struct slice user, password;
	uint64_t at, n;
	struct err err;
	json_t *v;
	size_t i;

	for (i = 0; i < rq->nparams; i++) {
		check(rq->params[i].value);
		if (strchr(rq->params[i].name, '*') || *rq->params[i].name == '{')
			abort();
	}
	if (strcmp(rq->route->pattern, "/{path*}") == 0) {
		struct slice rest = slice_str(request_param(rq, "path"));

		while (rest.n > 0)
			if (slice_eq_str(slice_cut(&rest, '/'), ".."))
				abort();
	}
	check(request_query(rq, "q"));
	if (http_range(rq, 1000, &at, &n) == RANGE_OK && (n == 0 || at >= 1000 || at + n > 1000))
		abort();
	request_cookie(rq, "session");
	request_bearer(rq);
	request_basic(rq, &user, &password);
	response_header(rs, "X-Path", rq->path);
	response_etag(rs, "abc");
	if (request_json(rq, &v, &err) != ERR_OK)
		return problem(rs, &err);
	return response_json(rs, 200, json_incref(v));
}

static const struct route routes[] = {
	{ HTTP_GET, "/cfg/{file}", handler },
	{ HTTP_GET, "/cfg/{token}/{file}", handler },
	{ HTTP_POST, "/domains/{d}/users/{u}", handler },
	{ HTTP_GET, "/domains/{d}/users/count", handler },
	{ HTTP_PUT, "/up", handler, .body_max = 64 },
	{ HTTP_GET, "/{path*}", handler },
};
static const struct mount mounts[] = { { "", routes, 6 }, { "/api/v1", routes, 5 } };

static void post(struct http_loop *l, struct http_task *t)
{
	(void)l;
	(void)t;
	abort();
}

static void set_alarm(struct http_loop *l, struct http_alarm *a, int64_t at_ms)
{
	(void)l;
	(void)a;
	(void)at_ms;
	abort();
}

static char *text_of(struct slice s)
{
	char *p = strndup(s.p ? s.p : "", s.n);

	if (p == NULL)
		abort();
	return p;
}

static void feed(struct exchange *x, struct slice all, struct slice method)
{
	char *name, *value, *word = text_of(method);

	while (all.n > 0) {
		struct slice line = slice_cut(&all, '\n'), key;

		if (line.n == 0)
			break;
		key = slice_cut(&line, ':');
		name = text_of(key);
		value = text_of(slice_trim(line));
		exchange_header(x, name, value);
		free(name);
		free(value);
	}
	exchange_begin(x, word, x->rest.nheaders % 2 ? UINT64_MAX : all.n);
	free(word);
	if (all.n > 0 && !exchange_body(x, all.p, all.n))
		return;
	if (!exchange_run(x))
		abort();
	if (x->rs.status < 200 || x->rs.status > 599)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct http_loop_ops ops = { post, set_alarm };
	static struct http *plane;
	struct http_loop loop = { &ops };
	struct http_link link = { .loop = &loop };
	struct slice all = { (const char *)data, size }, first = slice_cut(&all, '\n'), method = slice_cut(&first, ' ');
	struct http_conf conf = { .name = "fuzz", .mounts = mounts, .nmounts = 2, .browser = true };
	struct exchange *x;
	char *target = text_of(first);

	if (plane == NULL && http_open(&conf, &plane, NULL) != ERR_OK)
		abort();
	x = exchange_new(plane, &link, target);
	free(target);
	if (x) {
		feed(x, all, method);
		exchange_unref(x);
	}
	return 0;
}
