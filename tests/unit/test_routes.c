/* Walks the route table: nobody without a login, nobody of a scope that the row does not name, nobody of another
 * domain, and no cookie without its token gets past the hook. And the order of the scopes. */
#include "tests/unit/store_fixture.h"

#include <stdio.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "provisioning/api/auth.h"
#include "provisioning/store/apikey.h"
#include "provisioning/store/session.h"
#include "tests/unit/http_try.h"

static const char *const scopes[] = { "Super User", "Reseller", "Office Manager", "Site Manager", "Field Technician",
	"Basic User" };
enum { SCOPES = sizeof(scopes) / sizeof(scopes[0]) };

struct world {
	struct fixture *f;
	struct api *api;
	struct http *http;
	int64_t domain, other;
	struct secret key[SCOPES], other_key[SCOPES], super_bound, cookie;
};

static enum err_code add_key(
	struct txn *t, struct world *w, const char *scope, int64_t domain, struct secret *out, struct err *err)
{
	struct apikey_row row = { .name = scope, .scope = scope, .domain_id = domain, .reseller = "", .sites = "" };

	if (strcmp(scope, "Reseller") == 0)
		row.reseller = domain == w->domain ? "north" : "south";
	if (strcmp(scope, "Super User") == 0 || strcmp(scope, "Reseller") == 0)
		row.domain_id = 0;
	return apikey_add(t->db, &row, &w->f->a, out, err);
}

static enum err_code fill_fn(struct txn *t, void *arg, struct err *err)
{
	struct world *w = arg;
	struct domain_row a = { .name = "example.test",
		.realm = "example.test",
		.transport = "udp",
		.timezone = "UTC",
		.reseller = "north" };
	struct domain_row b = {
		.name = "other.test", .realm = "other.test", .transport = "udp", .timezone = "UTC", .reseller = "south"
	};
	struct user_row u = { .ext = "1001", .scope = "Super User", .status = USER_STANDARD, .voicemail_email = "no" };
	struct session_row s = { .address = "", .expires_ms = store_clock_ms() + 600000 };
	struct apikey_row bound = { .name = "bound", .scope = "Super User", .reseller = "", .sites = "" };
	enum err_code e = domain_add(t->db, &a, err);
	size_t i;

	if (e == ERR_OK)
		e = domain_add(t->db, &b, err);
	w->domain = a.id;
	w->other = b.id;
	u.domain_id = a.id;
	if (e == ERR_OK)
		e = user_add(t->db, &u, err);
	s.user_id = u.id;
	if (e == ERR_OK)
		e = session_add(t->db, &s, &w->f->a, &w->cookie, err);
	for (i = 0; e == ERR_OK && i < SCOPES; i++) {
		e = add_key(t, w, scopes[i], w->domain, &w->key[i], err);
		if (e == ERR_OK)
			e = add_key(t, w, scopes[i], w->other, &w->other_key[i], err);
	}
	bound.domain_id = w->other;
	return e ? e : apikey_add(t->db, &bound, &w->f->a, &w->super_bound, err);
}

static int open_world(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct api_conf conf = { .phones_url = "https://prov.test" };
	struct http_conf plane = { .post_worker = http_try_post };
	struct err err = { 0 };

	fixture_open((void **)&w->f);
	must_write(w->f, fill_fn, w);
	conf.store = w->f->st;
	assert_int_equal(api_open(&conf, &w->api, &err), ERR_OK);
	api_plane(w->api, &plane);
	if (http_open(&plane, &w->http, &err))
		fail_msg("%s", err.text);
	*state = w;
	return 0;
}

static int close_world(void **state)
{
	struct world *w = *state;

	http_close(w->http);
	api_close(w->api);
	fixture_close((void **)&w->f);
	free(w);
	return 0;
}

/* ---- one row, one caller ---- */

static const char *method_word(enum http_method m)
{
	return m == HTTP_GET     ? "GET"
	       : m == HTTP_POST  ? "POST"
	       : m == HTTP_PUT   ? "PUT"
	       : m == HTTP_PATCH ? "PATCH"
				 : "DELETE";
}

static void path_of(const char *prefix, const char *pattern, char *out, size_t size)
{
	size_t n = (size_t)snprintf(out, size, "%s", prefix);

	while (*pattern && n + 1 < size) {
		const char *value = strncmp(pattern, "{domain}", 8) == 0 ? "example.test"
				    : strncmp(pattern, "{mac}", 5) == 0  ? "001565aabb01"
									 : "1001";

		if (*pattern != '{') {
			out[n++] = *pattern++;
			out[n] = '\0';
			continue;
		}
		n += (size_t)snprintf(out + n, size - n, "%s", value);
		pattern = strchr(pattern, '}') + 1;
	}
}

/* Status when the hook refused, 0 when it let pass (the handler is then not waited for). */
static unsigned ask(struct world *w, const char *prefix, const struct api_route *row, const char *name,
	const char *value, const char *csrf)
{
	struct http_try in = { .method = method_word(row->method), .hang_up = true };
	struct http_tried out;
	char path[256];
	unsigned status;

	path_of(prefix, row->pattern, path, sizeof(path));
	in.target = path;
	if (name) {
		in.headers[0] = name;
		in.headers[1] = value;
	}
	if (csrf) {
		in.headers[2] = "X-CSRF-Token";
		in.headers[3] = csrf;
	}
	http_try(w->http, &in, &out);
	status = out.refused ? out.status : 0;
	if (out.refused && buf_view(&out.body).n == 0)
		fail_msg("%s %s is refused without a word", in.method, path);
	http_tried_release(&out);
	return status;
}

static unsigned ask_key(struct world *w, const struct api_route *row, const struct secret *key)
{
	char value[200];

	snprintf(value, sizeof(value), "Bearer %s", secret_reveal(key).p);
	return ask(w, "/api/v1", row, "Authorization", value, NULL);
}

static void want(unsigned got, unsigned status, const struct api_route *row, const char *who)
{
	if (got != status)
		fail_msg("%s %s with %s: %u, not %u", method_word(row->method), row->pattern, who, got, status);
}

static void test_no_login(void **state)
{
	struct world *w = *state;
	size_t n, i;
	const struct api_route *rows = api_routes(&n);

	assert_true(n > 80);
	for (i = 0; i < n; i++) {
		unsigned status = rows[i].scope & SCOPE_OPEN ? 0 : 401;

		assert_true(rows[i].scope != 0);
		assert_true(rows[i].does && *rows[i].does);
		want(ask(w, "/api/v1", &rows[i], NULL, NULL, NULL), status, &rows[i], "nothing");
		want(ask(w, "/ns-api/v2", &rows[i], NULL, NULL, NULL), status, &rows[i], "nothing, the other prefix");
		want(ask(w, "/api/v1", &rows[i], "Authorization", "Bearer nonsense", NULL), status, &rows[i],
			"a wrong key");
		want(ask(w, "/api/v1", &rows[i], "Authorization", "Bearer ", NULL), status, &rows[i], "an empty key");
		want(ask(w, "/api/v1", &rows[i], "Authorization", "Basic YWRtaW46YWRtaW4=", NULL), status, &rows[i],
			"Basic");
		want(ask(w, "/api/v1", &rows[i], "Cookie", "rekey=nonsense", NULL), status, &rows[i], "a wrong cookie");
	}
}

/* Only what gives a login is open, "who am I", which tells nobody nothing, and the links that people get; what stands
 * under the root tells counts alone, or is such a link's page. */
static void test_open(void **state)
{
	static const struct {
		enum http_method method;
		const char *pattern;
	} open[] = { { HTTP_POST, "/login" }, { HTTP_POST, "/tokens" }, { HTTP_GET, "/session" },
		{ HTTP_GET, "/set-password/{link}" }, { HTTP_POST, "/set-password" } };
	size_t n, i, k;
	const struct api_route *rows = api_routes(&n);

	(void)state;
	for (i = 0; i < n; i++) {
		if (!(rows[i].scope & SCOPE_OPEN))
			continue;
		for (k = 0; k < sizeof(open) / sizeof(open[0]); k++)
			if (open[k].method == rows[i].method && strcmp(open[k].pattern, rows[i].pattern) == 0)
				break;
		if (k == sizeof(open) / sizeof(open[0]))
			fail_msg("%s is open to everybody", rows[i].pattern);
	}
	assert_int_equal(api_root_count, 5);
}

static void test_scopes(void **state)
{
	struct world *w = *state;
	size_t n, i, k;
	const struct api_route *rows = api_routes(&n);
	unsigned bit;
	int rank;

	for (i = 0; i < n; i++) {
		if (rows[i].scope & SCOPE_OPEN)
			continue;
		for (k = 0; k < SCOPES; k++) {
			assert_true(scope_read(scopes[k], &bit, &rank));
			want(ask_key(w, &rows[i], &w->key[k]), rows[i].scope & bit ? 0 : 403, &rows[i], scopes[k]);
		}
	}
}

static void test_other_domain(void **state)
{
	struct world *w = *state;
	size_t n, i, k;
	const struct api_route *rows = api_routes(&n);

	for (i = 0; i < n; i++) {
		if (strstr(rows[i].pattern, "{domain}") == NULL)
			continue;
		for (k = 1; k < SCOPES; k++)
			want(ask_key(w, &rows[i], &w->other_key[k]), 403, &rows[i], "a key of another domain");
		want(ask_key(w, &rows[i], &w->super_bound), 403, &rows[i],
			"a Super User's key that is bound to another domain");
	}
}

static void test_forged(void **state)
{
	struct world *w = *state;
	size_t n, i;
	const struct api_route *rows = api_routes(&n);
	char cookie[200], csrf[CSRF_TEXT], wrong[CSRF_TEXT];

	snprintf(cookie, sizeof(cookie), "other=1; rekey=%s", secret_reveal(&w->cookie).p);
	csrf_of(secret_reveal(&w->cookie).p, csrf);
	memcpy(wrong, csrf, sizeof(wrong));
	wrong[3] = wrong[3] == '0' ? '1' : '0';
	for (i = 0; i < n; i++) {
		bool changes = rows[i].method != HTTP_GET;

		if (rows[i].scope & SCOPE_OPEN)
			continue;
		want(ask(w, "/api/v1", &rows[i], "Cookie", cookie, csrf), 0, &rows[i], "cookie and token");
		want(ask(w, "/api/v1", &rows[i], "Cookie", cookie, NULL), changes ? 403 : 0, &rows[i],
			"a cookie alone");
		want(ask(w, "/api/v1", &rows[i], "Cookie", cookie, wrong), changes ? 403 : 0, &rows[i],
			"a wrong token");
		want(ask(w, "/api/v1", &rows[i], "Cookie", cookie, ""), changes ? 403 : 0, &rows[i], "an empty token");
	}
}

static void test_order(void **state)
{
	struct principal office = { .scope = SCOPE_OFFICE, .rank = 40, .user_id = 5 };
	struct principal field = { .scope = SCOPE_FIELD, .rank = 20, .sites = { 3, 4 }, .nsites = 2 };
	unsigned bit;
	int rank, last = 100;
	size_t i;

	(void)state;
	for (i = 0; i < SCOPES; i++) {
		assert_true(scope_read(scopes[i], &bit, &rank));
		assert_true(rank < last);
		last = rank;
	}
	assert_false(scope_read("No Portal", &bit, &rank));
	assert_true(scope_known("No Portal"));
	assert_false(scope_known("Emperor"));
	assert_null(scope_refusal(&office, 6, "Basic User"));
	assert_null(scope_refusal(&office, 6, "Office Manager"));
	assert_non_null(scope_refusal(&office, 6, "Reseller"));
	assert_non_null(scope_refusal(&office, 6, "Super User"));
	assert_non_null(scope_refusal(&office, 5, "Office Manager")); /* oneself */
	assert_true(principal_site(&office, 0));
	assert_true(principal_site(&field, 4));
	assert_false(principal_site(&field, 5));
	assert_false(principal_site(&field, 0));
}

/* Whatever allocation fails, the call ends with an answer of its own or none, and the next one is whole. */
static void test_memory(void **state)
{
	static const char *const paths[] = { "/api/v1/domains?limit=5", "/api/v1/domains/example.test/users/1001",
		"/ns-api/v2/domains/example.test/users?limit=2", "/api/v1/domains/example.test/users/~/devices",
		"/api/v1/auditlog", "/metrics", "/api/v1/domains/example.test/users/1001/answerrules",
		"/api/v1/domains/example.test/users/1001/answerrules/*",
		"/ns-api/v2/domains/example.test/users/1001/contacts?includeDomain=yes",
		"/api/v1/domains/example.test/timeframes", "/api/v1/domains/example.test/sites",
		"/api/v1/auditlog?format=csv", "/api/v1/domains/example.test/handovers?format=csv",
		"/api/v1/domains/example.test/alerts?state=all", "/api/v1/alerts/events",
		"/api/v1/domains/example.test/webhooks" };
	struct world *w = *state;
	char value[200];
	size_t i;

	snprintf(value, sizeof(value), "Bearer %s", secret_reveal(&w->key[0]).p);
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct http_try in = { .method = "GET", .target = paths[i], .headers = { "Authorization", value } };
		struct http_tried out;
		unsigned long n, whole;

		mem_fail_from(0);
		http_try(w->http, &in, &out);
		whole = mem_count();
		http_tried_release(&out);
		for (n = 1; n <= whole + 2; n++) {
			mem_fail_from(n);
			http_try(w->http, &in, &out);
			mem_fail_from(0);
			if (!out.gone && out.status != 200 && out.status < 400)
				fail_msg("%s answers %u when allocation %lu fails", paths[i], out.status, n);
			http_tried_release(&out);
		}
		http_try(w->http, &in, &out);
		assert_false(out.gone);
		assert_true(out.status == 200 || out.status == 400); /* "~" is nobody for a key */
		http_tried_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_login),
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_scopes),
		cmocka_unit_test(test_other_domain),
		cmocka_unit_test(test_forged),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, open_world, close_world);
}
