/* The table of routes: what matches, what wins, what is refused at the start. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "provisioning/http/router.h"

static enum handled none(struct request *rq, struct response *rs)
{
	(void)rq;
	(void)rs;
	return HANDLED;
}

static const struct route table[] = {
	{ HTTP_GET, "/domains/{domain}/users/{user}", none },
	{ HTTP_PUT, "/domains/{domain}/users/{user}", none },
	{ HTTP_GET, "/domains/{domain}/users/count", none },
	{ HTTP_GET, "/domains/{domain}/users", none },
	{ HTTP_POST, "/domains/{domain}/users", none },
	{ HTTP_GET, "/cfg/{file}", none },
	{ HTTP_GET, "/cfg/{token}/{file}", none },
	{ HTTP_GET, "/", none },
	{ HTTP_GET, "/{path*}", none },
};
static const struct mount mounts[] = { { "/api/v1", table, 5 }, { "/ns-api/v2", table, 5 }, { "", table + 5, 4 } };

static void matches(void **state)
{
	static const struct {
		enum http_method method;
		const char *path, *pattern, *params; /* params: name=value, joined by ';' */
	} cases[] = {
		{ HTTP_GET, "/api/v1/domains/acme/users/1001", "/domains/{domain}/users/{user}",
			"domain=acme;user=1001" },
		{ HTTP_GET, "/ns-api/v2/domains/acme/users/~", "/domains/{domain}/users/{user}", "domain=acme;user=~" },
		{ HTTP_GET, "/api/v1/domains/acme/users/count", "/domains/{domain}/users/count", "domain=acme" },
		{ HTTP_PUT, "/api/v1/domains/acme/users/count", "/domains/{domain}/users/{user}",
			"domain=acme;user=count" },
		{ HTTP_POST, "/api/v1/domains/a%20b/users/", "/domains/{domain}/users", "domain=a b" },
		{ HTTP_GET, "/cfg/001565abcdef.cfg", "/cfg/{file}", "file=001565abcdef.cfg" },
		{ HTTP_GET, "//cfg///x//y/", "/cfg/{token}/{file}", "token=x;file=y" },
		{ HTTP_GET, "/cfg/a%2Fb", "/cfg/{file}", "file=a/b" },
		{ HTTP_GET, "/cfg/%C3%BC", "/cfg/{file}", "file=\xc3\xbc" },
		{ HTTP_GET, "/", "/", "" },
		{ HTTP_GET, "", "/", "" },
		{ HTTP_GET, "/assets/app.js", "/{path*}", "path=assets/app.js" },
		{ HTTP_GET, "/cfg", "/{path*}", "path=cfg" },
		{ HTTP_GET, "/cfg/a/b/c", "/{path*}", "path=cfg/a/b/c" },
		{ HTTP_GET, "/cfg/%00", NULL, NULL },
		{ HTTP_GET, "/cfg/%0a", NULL, NULL },
		{ HTTP_GET, "/cfg/%", NULL, NULL },
		{ HTTP_GET, "/cfg/%4", NULL, NULL },
		{ HTTP_GET, "/cfg/%4g", NULL, NULL },
		{ HTTP_GET, "/cfg/%ff", NULL, NULL },
		{ HTTP_GET, "/a/../b", NULL, NULL },
		{ HTTP_GET, "/a/%2e%2E/b", NULL, NULL },
		{ HTTP_GET, "/a/%2fb", NULL, NULL },
		{ HTTP_DELETE, "/x", NULL, NULL },
	};
	struct router r;
	size_t i, k;

	(void)state;
	assert_int_equal(router_init(&r, mounts, 3, NULL), ERR_OK);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct router_match m;
		struct arena a;
		char *text;

		arena_init(&a, 0);
		router_match(&r, &a, cases[i].method, cases[i].path, &m);
		if ((m.row != NULL) != (cases[i].pattern != NULL))
			fail_msg("%s", cases[i].path);
		text = arena_strdup(&a, "");
		for (k = 0; k < m.nparams; k++)
			text = arena_printf(&a, "%s%s%s=%s", text, k ? ";" : "", m.params[k].name, m.params[k].value);
		if (m.row) {
			assert_string_equal(m.row->route->pattern, cases[i].pattern);
			assert_string_equal(text, cases[i].params);
		}
		arena_release(&a);
	}
	router_release(&r);
}

static void allow(void **state)
{
	struct router_match m;
	struct router r;
	struct arena a;
	char text[64];

	(void)state;
	arena_init(&a, 0);
	assert_int_equal(router_init(&r, mounts, 2, NULL), ERR_OK);
	router_match(&r, &a, HTTP_DELETE, "/api/v1/domains/d/users/1", &m);
	assert_null(m.row);
	router_allow(m.allow, text, sizeof(text));
	assert_string_equal(text, "GET, HEAD, PUT");
	router_match(&r, &a, HTTP_GET, "/api/v1/domains/d", &m);
	assert_null(m.row);
	assert_int_equal(m.allow, 0);
	router_release(&r);
	arena_release(&a);
}

static void refused(void **state)
{
	static const struct route bad[][2] = {
		{ { HTTP_GET, "cfg", none } },
		{ { HTTP_GET, "/a/{}", none } },
		{ { HTTP_GET, "/a/{b", none } },
		{ { HTTP_GET, "/{a*}/b", none } },
		{ { HTTP_GET, "/a", NULL } },
		{ { HTTP_NONE, "/a", none } },
		{ { HTTP_GET, "/{1}/{2}/{3}/{4}/{5}/{6}/{7}/{8}/{9}", none } },
		{ { HTTP_GET, "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", none } },
		{ { HTTP_GET, "/a/{b}", none }, { HTTP_GET, "/a/{c}", none } },
	};
	struct router r;
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct mount m = { "", bad[i], bad[i][1].pattern ? 2 : 1 };

		assert_int_not_equal(router_init(&r, &m, 1, &err), ERR_OK);
		router_release(&r);
	}
	assert_non_null(strstr(err.text, "twice"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches),
		cmocka_unit_test(allow),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
