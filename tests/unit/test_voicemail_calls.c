/* Whose voicemail may be heard, by the person's own login and by others', and calls about it when memory runs out. */
#include "tests/unit/reset_fixture.h"
#include "tests/unit/spool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phonecfg/base/base64.h"
#include "phonecfg/base/mem.h"
#include "provisioning/api/api.h"
#include "provisioning/api/auth.h"
#include "provisioning/store/audit.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/session.h"
#include "tests/unit/http_try.h"
#include "tests/unit/pace.h"

#define U "/api/v1/domains/example.test/users/"

enum who { ANNA, BEN, OFFICE, FIELD, ROOT, PEOPLE };

static const struct {
	const char *ext, *scope;
} people[PEOPLE] = {
	[ANNA] = { "1001", "Basic User" },
	[BEN] = { "1002", "Basic User" },
	[OFFICE] = { "1003", "Office Manager" },
	[FIELD] = { "1900", "Field Technician" },
	[ROOT] = { "1999", "Super User" },
};

struct beside {
	struct office *o;
	struct spool *s;
	struct api *api;
	struct http *http;
	struct secret login[PEOPLE];
};

static enum err_code logins_fn(struct txn *t, void *arg, struct err *err)
{
	struct beside *b = arg;
	struct domain_row d;
	enum err_code e = domain_by_name(t->db, DOMAIN, &b->o->store.a, &d, err);
	size_t i;

	for (i = 0; e == ERR_OK && i < PEOPLE; i++) {
		struct user_row u;
		struct session_row s = { .address = "", .expires_ms = store_clock_ms() + 600000 };
		bool there = user_load(t->db, d.id, people[i].ext, &b->o->store.a, &u, NULL) == ERR_OK;

		if (!there)
			u = (struct user_row){ .domain_id = d.id, .ext = people[i].ext, .voicemail_email = "no" };
		u.scope = people[i].scope;
		e = there ? user_save(t->db, &u, err) : user_add(t->db, &u, err);
		s.user_id = u.id;
		if (e == ERR_OK)
			e = session_add(t->db, &s, &b->o->store.a, &b->login[i], err);
	}
	return e;
}

static int open_beside(void **state)
{
	struct beside *b = calloc(1, sizeof(*b));
	struct api_conf conf = { .phones_url = "https://prov.test" };
	struct http_conf plane = { .post_worker = http_try_post };
	struct err err = { 0 };

	office_open((void **)&b->o);
	spool_open((void **)&b->s);
	b->o->rs.conf.voicemail = b->s->vm;
	must_write(&b->o->store, logins_fn, b);
	conf.store = b->o->store.st;
	conf.reset = &b->o->rs;
	assert_int_equal(api_open(&conf, &b->api, &err), ERR_OK);
	api_plane(b->api, &plane);
	assert_int_equal(http_open(&plane, &b->http, &err), ERR_OK);
	spool_fill(b->s);
	*state = b;
	return 0;
}

static int close_beside(void **state)
{
	struct beside *b = *state;

	http_close(b->http);
	api_close(b->api);
	spool_close((void **)&b->s);
	office_close((void **)&b->o);
	free(b);
	return 0;
}

static void call(
	struct beside *b, enum who who, const char *method, const char *path, const char *body, struct http_tried *out)
{
	char cookie[200], csrf[CSRF_TEXT];
	struct http_try in = { .method = method, .target = path, .body = slice_str(body ? body : "") };

	snprintf(cookie, sizeof(cookie), "rekey=%s", secret_reveal(&b->login[who]).p);
	csrf_of(secret_reveal(&b->login[who]).p, csrf);
	in.headers[0] = "Cookie";
	in.headers[1] = cookie;
	in.headers[2] = "X-CSRF-Token";
	in.headers[3] = csrf;
	if (body) {
		in.headers[4] = "Content-Type";
		in.headers[5] = "application/json";
	}
	http_try(b->http, &in, out);
}

static unsigned status(struct beside *b, enum who who, const char *method, const char *path, const char *body)
{
	struct http_tried out;
	unsigned n;

	call(b, who, method, path, body, &out);
	n = out.gone ? 0 : out.status;
	http_tried_release(&out);
	return n;
}

static int64_t listens(struct beside *b)
{
	struct audit_filter f = { .domain = DOMAIN, .action = "voicemail-listen" };
	struct snap s = must_snap(&b->o->store);
	int64_t n = -1;

	assert_int_equal(audit_count(s.db, &f, &n, NULL), ERR_OK);
	snap_end(&s);
	return n;
}

#define ONE "1795456800-00000001"

static void test_own(void **state)
{
	struct beside *b = *state;
	struct slice wav = spool_wav(b->s, 1, 8000, 16, 1, 800);
	char *text = arena_alloc(&b->s->a, BASE64_LEN(wav.n) + 1), *body;
	struct http_tried out;

	call(b, ANNA, "GET", U "1001/voicemails/new", NULL, &out);
	assert_int_equal(out.status, 200);
	assert_true(slice_find(buf_view(&out.body), slice_str(ONE)) >= 0);
	http_tried_release(&out);
	assert_int_equal(status(b, ANNA, "GET", U "~/voicemails/new/" ONE "/sound", NULL), 200);
	assert_int_equal(status(b, ANNA, "PATCH", U "~/voicemails/new/" ONE "/save", "{}"), 200);
	assert_string_equal(spool_ids(b->s, FOLDER_SAVED), "1795456700-00000004 " ONE);
	assert_int_equal(status(b, ANNA, "DELETE", U "~/voicemails/saved/" ONE, NULL), 200);
	assert_string_equal(spool_ids(b->s, FOLDER_SAVED), "1795456700-00000004");

	base64_write(wav.p, wav.n, text);
	body = arena_printf(&b->s->a, "{\"index\": 1, \"base64_file\": \"%s\"}", text);
	assert_int_equal(status(b, ANNA, "POST", U "~/greetings", body), 201);
	assert_true(spool_has(b->s, "example.test/1001/unavail.wav"));
	assert_int_equal(status(b, ANNA, "GET", U "1001/greetings/1/sound", NULL), 200);
	assert_int_equal(status(b, ANNA, "DELETE", U "1001/greetings/1", NULL), 200);
	assert_false(spool_has(b->s, "example.test/1001/unavail.wav"));
	assert_int_equal(listens(b), 0); /* one's own ears */
}

/* Every call, whoever the box belongs to and whether there is such a user: one answer, and nothing changes. */
static void test_others(void **state)
{
	static const char *const users[] = { "1001", "1003", "1777", "1999" };
	static const struct {
		const char *method, *path, *body;
	} calls[] = {
		{ "GET", "voicemails", NULL },
		{ "GET", "voicemails/new", NULL },
		{ "GET", "voicemails/new/count", NULL },
		{ "GET", "voicemails/new/" ONE, NULL },
		{ "GET", "voicemails/new/" ONE "/sound", NULL },
		{ "DELETE", "voicemails/new/" ONE, NULL },
		{ "PATCH", "voicemails/new/" ONE "/save", "{}" },
		{ "PATCH", "voicemails/new/" ONE "/forward", "{\"user\": \"1002\"}" },
		{ "GET", "greetings", NULL },
		{ "GET", "greetings/count", NULL },
		{ "GET", "greetings/1", NULL },
		{ "GET", "greetings/1/sound", NULL },
		{ "POST", "greetings", "{\"index\": 1, \"base64_file\": \"UklGRg==\"}" },
		{ "PUT", "greetings/1", "{\"base64_file\": \"UklGRg==\"}" },
		{ "DELETE", "greetings/1", NULL },
	};
	struct beside *b = *state;
	size_t i, k;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		for (k = 0; k < sizeof(users) / sizeof(users[0]); k++) {
			const char *path = arena_printf(&b->s->a, U "%s/%s", users[k], calls[i].path);
			unsigned got = status(b, BEN, calls[i].method, path, calls[i].body);

			if (got != 403)
				fail_msg("%s %s by another person: %u", calls[i].method, path, got);
			got = status(b, FIELD, calls[i].method, path, calls[i].body);
			if (got != 403)
				fail_msg("%s %s by a technician: %u", calls[i].method, path, got);
		}
	assert_string_equal(
		spool_ids(b->s, FOLDER_NEW), "1795456600-00000005 " ONE " 1795456801-00000002 1795456802-00000003");
	assert_true(spool_has(b->s, "example.test/1001/unavail.gsm"));
	assert_int_equal(listens(b), 0);
	assert_int_equal(status(b, BEN, "GET", U "1002/voicemails", NULL), 200);
}

static void test_manager(void **state)
{
	struct beside *b = *state;

	assert_int_equal(status(b, OFFICE, "GET", U "1001/voicemails/new/" ONE "/sound", NULL), 200);
	assert_int_equal(listens(b), 1);
	assert_int_equal(status(b, OFFICE, "GET", U "1001/greetings/1/sound", NULL), 200);
	assert_int_equal(listens(b), 2);
	assert_int_equal(status(b, OFFICE, "GET", U "1999/voicemails", NULL), 403); /* of a higher scope */
	assert_int_equal(status(b, OFFICE, "GET", U "1003/voicemails", NULL), 200);
	assert_int_equal(status(b, ROOT, "GET", U "1999/voicemails", NULL), 200);
}

/* ---- memory ---- */

/* fails at the n-th allocation and all after it, one round for each; check() after every round. */
static void starve(struct beside *b, const char *method, const char *path, const char *body,
	void (*check)(struct beside *b, unsigned status))
{
	unsigned long n, whole;
	unsigned got;

	mem_fail_from(0);
	got = status(b, ANNA, method, path, body);
	whole = mem_count();
	if (got < 200 || got > 299)
		fail_msg("%s %s: %u", method, path, got);
	check(b, got);
	for (n = 1; n <= whole; n += pace_step()) {
		mem_fail_from(n);
		got = status(b, ANNA, method, path, body);
		mem_fail_from(0);
		if (got && got < 400 && got / 100 != 2)
			fail_msg("%s %s answers %u when allocation %lu fails", method, path, got, n);
		check(b, got);
	}
}

static void check_read(struct beside *b, unsigned got)
{
	(void)got;
	assert_true(spool_has(b->s, "example.test/1001/INBOX/msg0002.txt"));
}

/* Moved or not, never both, never lost; and back for the next round. */
static void check_moved(struct beside *b, unsigned got)
{
	struct err err = { 0 };
	bool moved = strstr(spool_ids(b->s, FOLDER_SAVED), ONE) != NULL;

	assert_true(got != 200 || moved);
	assert_true(moved != (strstr(spool_ids(b->s, FOLDER_NEW), ONE) != NULL));
	if (moved && box_move(b->s->vm, &b->s->box, FOLDER_SAVED, ONE, FOLDER_NEW, &err))
		fail_msg("%s", err.text);
	assert_int_equal(spool_count(b->s, "example.test/1001/INBOX"), 9);
	assert_int_equal(spool_count(b->s, "example.test/1001/Old"), 3);
	assert_int_equal(spool_count(b->s, "example.test/1001/tmp"), 0);
}

static void test_memory(void **state)
{
	struct beside *b = *state;

	starve(b, "GET", U "1001/voicemails", NULL, check_read);
	starve(b, "GET", U "1001/voicemails/new?limit=2", NULL, check_read);
	starve(b, "GET", U "1001/voicemails/new/" ONE "/sound", NULL, check_read);
	starve(b, "GET", U "1001/greetings", NULL, check_read);
	starve(b, "PATCH", U "1001/voicemails/new/" ONE "/save", "{}", check_moved);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_own, open_beside, close_beside),
		cmocka_unit_test_setup_teardown(test_others, open_beside, close_beside),
		cmocka_unit_test_setup_teardown(test_manager, open_beside, close_beside),
		cmocka_unit_test_setup_teardown(test_memory, open_beside, close_beside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
