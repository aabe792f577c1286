/* A plane without a socket: auth before the body, limits, workers, sleep, hang-up, delivery, memory that runs out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "phonecfg/base/mem.h"
#include "provisioning/http/json.h"
#include "tests/unit/http_try.h"

static int cleaned, released, handled_runs;
static enum delivery delivered;

static void clean(void *arg)
{
	cleaned = cleaned * 10 + (int)(intptr_t)arg;
}

static void release(void *arg)
{
	(void)arg;
	released++;
}

static void on_delivery(void *arg, enum delivery d)
{
	*(int *)arg += 1;
	delivered = d;
}

static int settled;

static enum handled file(struct request *rq, struct response *rs)
{
	handled_runs++;
	response_on_delivery(rs, on_delivery, &settled);
	response_etag(rs, "g7");
	if (request_query(rq, "status"))
		response_status(rs, (unsigned)atoi(request_query(rq, "status")));
	response_shared(rs, "text/plain", "0123456789", 10, release, NULL);
	request_cleanup(rq, clean, (void *)1);
	request_cleanup(rq, clean, (void *)2);
	return HANDLED;
}

static enum handled upload(struct request *rq, struct response *rs)
{
	handled_runs++;
	buf_printf(response_body(rs, "text/plain", 100), "%zu", rq->body.n);
	return HANDLED;
}

static enum handled deep(struct request *rq, struct response *rs)
{
	handled_runs++;
	if (rq->run == 0)
		return ON_WORKER;
	if (rq->run < 3)
		return request_later(rq, 1000);
	response_on_delivery(rs, on_delivery, &settled);
	buf_printf(response_body(rs, "text/plain", 100), "run %u gone %d", rq->run, atomic_load(&rq->gone));
	return HANDLED;
}

static enum handled asks_twice(struct request *rq, struct response *rs)
{
	(void)rq;
	(void)rs;
	return ON_WORKER;
}

static enum handled waits_for_nothing(struct request *rq, struct response *rs)
{
	(void)rq;
	(void)rs;
	return LATER;
}

static enum handled too_much(struct request *rq, struct response *rs)
{
	(void)rq;
	buf_str(response_body(rs, "text/plain", 4), "12345");
	return HANDLED;
}

static enum handled splits_header(struct request *rq, struct response *rs)
{
	(void)rq;
	response_header(rs, "X-Name", "a\r\nSet-Cookie: b");
	return HANDLED;
}

static enum handled inputs(struct request *rq, struct response *rs)
{
	struct in {
		const char *name;
		bool flag, name_seen;
		int64_t n;
		json_t *list;
	} in;
	static const struct json_input table[] = {
		{ "name", JSON_TEXT, true, offsetof(struct in, name), offsetof(struct in, name_seen), 5 },
		{ "flag", JSON_BOOL, false, offsetof(struct in, flag) },
		{ "n", JSON_INT, false, offsetof(struct in, n), 0, 99 },
		{ "list", JSON_LIST, false, offsetof(struct in, list), 0, 2 },
	};
	json_t *obj;
	struct err err;

	if (request_json(rq, &obj, &err) != ERR_OK ||
		json_inputs(obj, table, 4, &rq->arena, &in, sizeof(in), &err) != ERR_OK)
		return problem(rs, &err);
	return response_json(rs, 201,
		json_pack("{s:s, s:b, s:I, s:i, s:b}", "name", in.name, "flag", in.flag, "n", (json_int_t)in.n, "list",
			(int)json_array_size(in.list), "seen", in.name_seen));
}

static const struct route routes[] = {
	{ HTTP_GET, "/file", file, .concurrent_max = 1 },
	{ HTTP_GET, "/secret", file, .scope = 1 },
	{ HTTP_PUT, "/up", upload, .body_max = 10 },
	{ HTTP_PUT, "/secret", upload, .scope = 1, .body_max = 10 },
	{ HTTP_PUT, "/secret/large", upload, .scope = 1, .body_max = 1024 * 1024 },
	{ HTTP_POST, "/inputs", inputs },
	{ HTTP_GET, "/deep", deep },
	{ HTTP_GET, "/worker", upload, WORKER },
	{ HTTP_GET, "/twice", asks_twice },
	{ HTTP_GET, "/nothing", waits_for_nothing },
	{ HTTP_GET, "/much", too_much },
	{ HTTP_GET, "/split", splits_header },
};
static const struct mount mount = { "", routes, sizeof(routes) / sizeof(routes[0]) };

static bool auth(struct request *rq, struct response *rs)
{
	if (rq->route->scope == 0)
		return true;
	plain_unauthorized(rs);
	response_header(rs, "WWW-Authenticate", "Basic");
	return false;
}

static bool all_busy;

static struct http *open_plane(bool plain)
{
	struct http_conf conf = { .name = "test",
		.mounts = &mount,
		.nmounts = 1,
		.auth = auth,
		.post_worker = http_try_post,
		.workers = &all_busy,
		.plain = plain };
	struct http *h = NULL;

	assert_int_equal(http_open(&conf, &h, NULL), ERR_OK);
	cleaned = released = handled_runs = settled = 0;
	all_busy = false;
	return h;
}

static struct http_tried ask(struct http *h, struct http_try in)
{
	struct http_tried out;

	http_try(h, &in, &out);
	return out;
}

static void delivery(void **state)
{
	struct http *h = open_plane(false);
	struct http_tried t = ask(h, (struct http_try){ "GET", "/file", .delivery = DELIVERY_DONE });

	(void)state;
	assert_int_equal(t.status, 200);
	assert_string_equal(t.body.data, "0123456789");
	assert_non_null(strstr(t.headers.data, "ETag: \"g7\"\n"));
	assert_int_equal(settled, 1);
	assert_int_equal(delivered, DELIVERY_DONE);
	assert_int_equal(cleaned, 21); /* the latest first */
	assert_int_equal(released, 1);
	http_tried_release(&t);

	t = ask(h, (struct http_try){ "HEAD", "/file", .delivery = DELIVERY_DONE });
	assert_int_equal(delivered, DELIVERY_LOST);
	assert_int_equal(settled, 2);
	http_tried_release(&t);
	t = ask(h, (struct http_try){ "GET", "/file?status=206", .delivery = DELIVERY_DONE });
	assert_int_equal(delivered, DELIVERY_LOST);
	assert_int_equal(settled, 3);
	http_tried_release(&t);
	t = ask(h,
		(struct http_try){ "GET", "/file", { "If-None-Match", "\"g6\", \"g7\"" }, .delivery = DELIVERY_DONE });
	assert_int_equal(t.status, 304);
	assert_int_equal(delivered, DELIVERY_UNCHANGED);
	assert_int_equal(settled, 4);
	http_tried_release(&t);
	assert_int_equal(released, 4);
	http_close(h);
}

static void early(void **state)
{
	struct http *h = open_plane(false);
	char *big = calloc(1, 1100 * 1024);
	struct http_tried t = ask(h, (struct http_try){ "PUT", "/secret", .body = { big, 5 } });

	(void)state;
	assert_int_equal(t.status, 401);
	assert_true(t.refused);
	assert_int_equal(handled_runs, 0);
	http_tried_release(&t);
	t = ask(h, (struct http_try){ "PUT", "/up", .body = { big, 10 } });
	assert_int_equal(t.status, 200);
	assert_string_equal(t.body.data, "10");
	http_tried_release(&t);
	t = ask(h, (struct http_try){ "PUT", "/up", .body = { big, 11 } });
	assert_int_equal(t.status, 413);
	assert_true(t.refused);
	http_tried_release(&t);
	t = ask(h, (struct http_try){ "PUT", "/up", .body = { big, 11 }, .chunked = true });
	assert_int_equal(t.status, 413);
	assert_false(t.refused); /* not known before the body came */
	http_tried_release(&t);
	t = ask(h, (struct http_try){ "PUT", "/up", .body = { big, 512 * 1024 }, .chunked = true });
	assert_int_equal(t.status, 413);
	http_tried_release(&t);
	t = ask(h, (struct http_try){ "PUT", "/up", .body = { big, 512 * 1024 + 1 }, .chunked = true });
	assert_true(t.gone);
	http_tried_release(&t);
	/* What would be taken after a login is read to its end before it. */
	t = ask(h, (struct http_try){ "PUT", "/secret/large", .body = { big, 1024 * 1024 }, .chunked = true });
	assert_int_equal(t.status, 401);
	http_tried_release(&t);
	t = ask(h, (struct http_try){ "PUT", "/secret/large", .body = { big, 1024 * 1024 + 1 }, .chunked = true });
	assert_true(t.gone);
	http_tried_release(&t);
	t = ask(h, (struct http_try){ "GET", "/file", .body = { big, 1 } });
	assert_int_equal(t.status, 413); /* a GET takes no body */
	http_tried_release(&t);
	assert_int_equal(handled_runs, 1);
	free(big);
	http_close(h);
}

static void waits(void **state)
{
	struct http *h = open_plane(false);
	struct http_tried t = ask(h, (struct http_try){ "GET", "/deep" });

	(void)state;
	assert_string_equal(t.body.data, "run 3 gone 0");
	assert_int_equal(t.runs, 4);
	http_tried_release(&t);
	handled_runs = 0;
	t = ask(h, (struct http_try){ "GET", "/deep", .hang_up = true });
	assert_true(t.gone);
	assert_int_equal(settled, 1);
	assert_int_equal(handled_runs, 1); /* the worker had not begun: it does not run at all */
	http_tried_release(&t);
	t = ask(h, (struct http_try){ "GET", "/twice" });
	assert_int_equal(t.status, 500);
	http_tried_release(&t);
	t = ask(h, (struct http_try){ "GET", "/nothing" });
	assert_int_equal(t.status, 500);
	http_tried_release(&t);
	all_busy = true;
	t = ask(h, (struct http_try){ "GET", "/worker" });
	assert_int_equal(t.status, 503);
	assert_non_null(strstr(t.headers.data, "Retry-After: "));
	http_tried_release(&t);
	http_close(h);
}

static void faults(void **state)
{
	struct http *h = open_plane(false);
	struct http_tried t = ask(h, (struct http_try){ "GET", "/much" });

	(void)state;
	assert_int_equal(t.status, 500);
	assert_non_null(strstr(t.body.data, "urn:rekey:problem:bug"));
	http_tried_release(&t);
	t = ask(h, (struct http_try){ "GET", "/split" });
	assert_int_equal(t.status, 500);
	assert_null(strstr(t.headers.data, "Set-Cookie"));
	http_tried_release(&t);
	t = ask(h, (struct http_try){ "GET", "relative" });
	assert_int_equal(t.status, 400);
	http_tried_release(&t);
	t = ask(h, (struct http_try){ "GET", "http://host:1/worker?x" });
	assert_int_equal(t.status, 200);
	http_tried_release(&t);
	t = ask(h, (struct http_try){ "GET", "http://host" });
	assert_int_equal(t.status, 404);
	http_tried_release(&t);
	http_close(h);
	h = open_plane(true);
	t = ask(h, (struct http_try){ "POST", "/file" });
	assert_int_equal(t.status, 405);
	assert_string_equal(t.body.data, "Not found\n");
	assert_non_null(strstr(t.headers.data, "Allow: GET, HEAD\n"));
	http_tried_release(&t);
	http_close(h);
}

static void tables(void **state)
{
	static const struct {
		const char *body;
		unsigned status;
		const char *says;
	} cases[] = {
		{ "{\"name\":\"Ann\",\"flag\":\"yes\",\"n\":99,\"list\":[1,2]}", 201,
			"{\"name\":\"Ann\",\"flag\":true,\"n\":99,\"list\":2,\"seen\":true}\n" },
		{ "{\"name\":\"\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\",\"n\":null}", 201, "\"n\":0" },
		{ "", 400, "\\\"name\\\" is missing" },
		{ "{\"name\":null}", 400, "\\\"name\\\" is missing" },
		{ "{\"name\":\"123456\"}", 400, "name" },
		{ "{\"name\":\"a\\nb\"}", 400, "name" },
		{ "{\"name\":1}", 400, "must be a text" },
		{ "{\"name\":\"a\",\"nmae\":1}", 400, "\\\"nmae\\\" is not known here" },
		{ "{\"name\":\"a\",\"flag\":1}", 400, "true or false" },
		{ "{\"name\":\"a\",\"flag\":\"maybe\"}", 400, "true or false" },
		{ "{\"name\":\"a\",\"n\":100}", 400, "from 0 to 99" },
		{ "{\"name\":\"a\",\"n\":-1}", 400, "from 0 to 99" },
		{ "{\"name\":\"a\",\"n\":1.5}", 400, "whole number" },
		{ "{\"name\":\"a\",\"list\":[1,2,3]}", 400, "at most 2" },
		{ "{\"name\":\"a\",\"list\":{}}", 400, "list" },
		{ "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{}}}}}}}}}}}}}}}}}",
			400, "nested deeper than 16" },
	};
	struct http *h = open_plane(false);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct http_tried t = ask(h, (struct http_try){ "POST", "/inputs", .body = slice_str(cases[i].body) });

		assert_int_equal(t.status, cases[i].status);
		if (strstr(t.body.data, cases[i].says) == NULL)
			fail_msg("%s gave %s", cases[i].body, t.body.data);
		http_tried_release(&t);
	}
	http_close(h);
}

/* Each allocation of opening and of two requests fails once: an answer or none, never a crash or a leak, and a delivery
 * call exactly once if it was asked for. */
static void no_memory(void **state)
{
	static const struct http_try tries[] = {
		{ "GET", "/file?a=b", { "If-None-Match", "\"x\"", "Cookie", "a=b" } },
		{ "POST", "/inputs", .body = { "{\"name\":\"Ann\"}", 14 } },
		{ "GET", "/deep" },
		{ "PUT", "/secret", .body = { "1", 1 } },
	};
	unsigned long n;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(tries) / sizeof(tries[0]); i++)
		for (n = 1; n < 200; n++) {
			struct http *h = open_plane(false);
			struct http_tried t;
			unsigned long used;

			mem_fail_from(n);
			t = ask(h, tries[i]);
			used = mem_count();
			mem_fail_from(0);
			assert_true(t.gone || t.status >= 200);
			assert_true(settled == handled_runs || settled <= 1);
			http_tried_release(&t);
			http_close(h);
			if (used < n)
				break;
		}
	for (n = 1; n < 20; n++) {
		struct http_conf conf = { .name = "test", .mounts = &mount, .nmounts = 1 };
		struct http *h = NULL;

		mem_fail_from(n);
		if (http_open(&conf, &h, NULL) == ERR_OK)
			n = 20;
		mem_fail_from(0);
		http_close(h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(delivery),
		cmocka_unit_test(early),
		cmocka_unit_test(waits),
		cmocka_unit_test(faults),
		cmocka_unit_test(tables),
		cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
