/* Answers that are made piece by piece; which form of an answer a client would rather have; cells of CSV. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "phonecfg/base/mem.h"
#include "provisioning/api/csv_out.h"
#include "provisioning/http/accept.h"
#include "tests/unit/http_try.h"

/* "?pieces=5&bad=3": five pieces of 1,000 bytes, the third of which cannot be made. */
struct pieces {
	unsigned n, bad, made;
	size_t size;
};

static int released;
static unsigned pieces_made;

static void release(void *arg)
{
	(void)arg;
	released++;
}

static enum err_code piece(void *arg, struct buf *out, bool *more, struct err *err)
{
	struct pieces *p = arg;
	size_t i;

	pieces_made++;
	if (++p->made == p->bad)
		return err_set(err, ERR_IO, "piece %u is lost", p->made);
	for (i = 0; i < p->size; i++)
		buf_char(out, (char)('a' + p->made - 1));
	*more = p->made < p->n;
	return ERR_OK;
}

static unsigned number(const struct request *rq, const char *name, unsigned otherwise)
{
	const char *text = request_query(rq, name);

	return text ? (unsigned)atoi(text) : otherwise;
}

static enum handled many(struct request *rq, struct response *rs)
{
	struct pieces *p = arena_alloc(&rq->arena, sizeof(*p));
	struct err err = { 0 };

	if (p == NULL)
		return problem_status(rs, 503, "nomem", "no memory");
	*p = (struct pieces){ number(rq, "pieces", 1), number(rq, "bad", 0), 0, number(rq, "size", 1000) };
	return response_stream(rs, "text/csv", piece, p, release, &err) ? problem(rs, &err) : HANDLED;
}

static const struct route routes[] = { { HTTP_GET, "/many", many, WORKER, 0, 0, 0 } };
static const struct mount mount = { "", routes, 1 };
static bool all_busy;

static struct http *open_plane(void)
{
	static const struct http_conf conf = {
		.name = "test", .mounts = &mount, .nmounts = 1, .post_worker = http_try_post, .workers = &all_busy
	};
	struct http *h;

	released = 0;
	pieces_made = 0;
	all_busy = false;
	assert_int_equal(http_open(&conf, &h, NULL), ERR_OK);
	return h;
}

static struct http_tried ask(struct http *h, const char *target)
{
	const struct http_try in = { .method = "GET", .target = target };
	struct http_tried out;

	http_try(h, &in, &out);
	return out;
}

static void whole(void **state)
{
	struct http *h = open_plane();
	struct http_tried out = ask(h, "/many?pieces=5");
	size_t i;

	(void)state;
	assert_int_equal(out.status, 200);
	assert_false(out.cut);
	assert_int_equal(out.body.len, 5000);
	for (i = 0; i < 5000; i++)
		assert_int_equal(out.body.data[i], 'a' + (char)(i / 1000));
	assert_int_equal(released, 1);
	assert_int_equal(pieces_made, 5);
	http_tried_release(&out);
	out = ask(h, "/many?pieces=1"); /* short: an ordinary answer, with its length */
	assert_int_equal(out.body.len, 1000);
	assert_int_equal(released, 2);
	http_tried_release(&out);
	out = ask(h, "/many?pieces=3&size=0"); /* pieces without a byte are no end */
	assert_int_equal(out.body.len, 0);
	assert_false(out.cut);
	assert_int_equal(released, 3);
	http_tried_release(&out);
	http_close(h);
}

static void broken(void **state)
{
	struct http *h = open_plane();
	struct http_tried out = ask(h, "/many?pieces=5&bad=1");

	(void)state;
	assert_int_equal(out.status, 502); /* the first piece: still a proper answer */
	assert_non_null(strstr(out.body.data, "piece 1 is lost"));
	assert_int_equal(released, 1);
	http_tried_release(&out);
	out = ask(h, "/many?pieces=5&bad=3");
	assert_int_equal(out.status, 200);
	assert_true(out.cut);
	assert_int_equal(out.body.len, 2000);
	assert_int_equal(released, 2);
	assert_int_equal(pieces_made, 4);
	http_tried_release(&out);
	out = ask(h, "/many?pieces=2&size=1048577"); /* one byte beyond STREAM_PIECE_MAX */
	assert_int_equal(out.status, 413);
	assert_int_equal(released, 3);
	http_tried_release(&out);
	out = ask(h, "/many?pieces=1&size=1000000");
	assert_int_equal(out.status, 200);
	http_tried_release(&out);
	http_close(h);
}

static void no_memory(void **state)
{
	struct http *h = open_plane();
	unsigned long n, all;
	struct http_tried out;

	(void)state;
	mem_fail_from(0);
	out = ask(h, "/many?pieces=4&size=70000");
	all = mem_count();
	http_tried_release(&out);
	for (n = 1; n <= all; n++) {
		int before = released;

		mem_fail_from(n);
		out = ask(h, "/many?pieces=4&size=70000");
		mem_fail_from(0);
		/* Whole, cut, refused or gone; never a part that looks whole. */
		if (!out.gone && out.status == 200 && !out.cut && out.body.failed == ERR_OK)
			assert_int_equal(out.body.len, 280000);
		assert_true(released - before <= 1);
		http_tried_release(&out);
	}
	http_close(h);
}

static void wishes(void **state)
{
	static const char *const types[] = { "application/json", "text/csv", "text/html" };
	static const struct {
		const char *header;
		size_t best;
	} rows[] = {
		{ NULL, 0 },
		{ "", 0 },
		{ "*/*", 0 },
		{ "text/csv", 1 },
		{ "TEXT/CSV", 1 },
		{ "text/*", 1 },
		{ "text/html", 2 },
		{ "text/csv;q=0", 0 },
		{ "text/csv;q=0.0, */*;q=0.1", 0 },
		{ "application/json;q=0.5, text/csv;q=0.51", 1 },
		{ "application/json;q=0.5, text/csv;q=0.499", 0 },
		{ "text/*;q=0.5, text/html;q=0.8", 2 },
		{ "text/*;q=0.9, text/csv;q=0.1", 2 }, /* the closest range speaks for a type */
		{ "text/csv;charset=utf-8;q=0.3, application/json;q=0.2", 1 },
		{ "text/csv ; q=1.000 , application/json;q=0.9", 1 },
		{ "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", 2 },
		{ "image/png", 0 },
		{ ",,;;q=,text", 0 },
		{ "text/csv;q=abc", 1 },
		{ "text/csv;q=2", 1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (accept_best(rows[i].header, types, 3) != rows[i].best)
			fail_msg("Accept: %s gives %zu", rows[i].header, accept_best(rows[i].header, types, 3));
}

static void cells(void **state)
{
	static const struct {
		const char *value, *cell;
	} rows[] = {
		{ NULL, "\"\"" },
		{ "", "\"\"" },
		{ "plain", "\"plain\"" },
		{ "a,b", "\"a,b\"" },
		{ "a\"b\"", "\"a\"\"b\"\"\"" },
		{ "\"", "\"\"\"\"" },
		{ "=1+1", "\"'=1+1\"" },
		{ "+49 30", "\"'+49 30\"" },
		{ "-1", "\"'-1\"" },
		{ "@x", "\"'@x\"" },
		{ "\t=1", "\"'\t=1\"" },
		{ "\r=1", "\"'\r=1\"" },
		{ "\n=1", "\"'\n=1\"" },
		{ "'x", "\"''x\"" },
		{ "\xef\xbc\x9d"
		  "1",
			"\"'\xef\xbc\x9d"
			"1\"" },
		{ "a=1", "\"a=1\"" },
		{ "line\nbreak", "\"line\nbreak\"" },
		{ "\xc3\xbc", "\"\xc3\xbc\"" },
	};
	struct buf out;
	size_t i;

	(void)state;
	buf_init(&out, 1000);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_reset(&out);
		csv_text(&out, rows[i].value);
		assert_string_equal(out.data, rows[i].cell);
	}
	buf_reset(&out);
	csv_text(&out, "");
	csv_int(&out, -7);
	csv_bool(&out, true);
	csv_time(&out, 0);
	csv_time(&out, 1700000000123);
	csv_text(&out, "x\n");
	csv_text(&out, "y");
	csv_end(&out);
	csv_int(&out, 1);
	csv_end(&out);
	assert_string_equal(out.data, "\"\",-7,yes,\"\",\"2023-11-14T22:13:20Z\",\"x\n\",\"y\"\r\n1\r\n");
	buf_reset(&out);
	buf_str(&out, "\xef\xbb\xbf");
	csv_text(&out, "a");
	assert_string_equal(out.data, "\xef\xbb\xbf\"a\"");
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(broken),
		cmocka_unit_test(no_memory),
		cmocka_unit_test(wishes),
		cmocka_unit_test(cells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
