/* One alert as long as its fault lasts; its end; who has seen it; the feed and what webhooks are owed; records that are
 * open for too long. */
#include "tests/unit/reset_fixture.h"

#include <stdio.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "provisioning/alert/alert.h"
#include "provisioning/alert/feed.h"
#include "provisioning/outbox/outbox.h"
#include "provisioning/reset/overdue.h"
#include "provisioning/store/alert.h"
#include "provisioning/store/counter.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/db.h"
#include "provisioning/store/webhook.h"

/* ---- in one transaction ---- */

struct step {
	struct office *o;
	enum { RAISE, END, END_RECORD, ACKNOWLEDGE, CLEAR } what;
	enum alert_kind kind;
	struct alert_about about;
	const char *text;
	int64_t id;
	bool raised;
	enum err_code code; /* of the call; the transaction is kept either way */
};

static enum err_code step_fn(struct txn *t, void *arg, struct err *err)
{
	struct step *s = arg;

	switch (s->what) {
	case RAISE:
		s->code = alert_raise(t->db, s->kind, &s->about, s->text, &s->raised, err);
		break;
	case END:
		s->code = alert_end(t->db, s->kind, &s->about, "it is over", err);
		break;
	case END_RECORD:
		s->code = alert_end_record(t->db, s->about.record_id, "the record ended", err);
		break;
	case ACKNOWLEDGE:
		s->code = alert_acknowledge(t->db, s->id, "boss", "seen", err);
		break;
	case CLEAR:
		s->code = alert_clear(t->db, s->id, "boss", "nothing", err);
		break;
	}
	return ERR_OK;
}

static struct step run(struct office *o, struct step s)
{
	s.o = o;
	must_write(&o->store, step_fn, &s);
	return s;
}

static bool raise_(struct office *o, enum alert_kind kind, int64_t phone, int64_t record, const char *subject)
{
	const struct step s = run(o,
		(struct step){ .what = RAISE, .kind = kind, .about = { 1, phone, record, subject }, .text = "text" });

	assert_int_equal(s.code, ERR_OK);
	return s.raised;
}

static struct alert_row *list(struct office *o, const struct alert_filter *f, size_t *n)
{
	struct snap s = must_snap(&o->store);
	struct alert_row *rows;

	assert_int_equal(alert_row_list(s.db, f, (struct page){ 0, 0 }, &o->store.a, &rows, n, NULL), ERR_OK);
	snap_end(&s);
	return rows;
}

static size_t open_ones(struct office *o)
{
	const struct alert_filter f = { .open_only = true };
	size_t n;

	list(o, &f, &n);
	return n;
}

static struct alert_event_row *events(struct office *o, int64_t domain_id, int64_t after, size_t *n)
{
	struct snap s = must_snap(&o->store);
	struct alert_event_row *rows;

	assert_int_equal(alert_event_list(s.db, domain_id, 0, after, 100, &o->store.a, &rows, n, NULL), ERR_OK);
	snap_end(&s);
	return rows;
}

static int64_t counted(struct office *o, const char *kind)
{
	struct snap s = must_snap(&o->store);
	struct tally_row *rows;
	size_t n, i;
	int64_t found = 0;

	assert_int_equal(counter_list(s.db, "alerts", &o->store.a, &rows, &n, NULL), ERR_OK);
	for (i = 0; i < n; i++)
		if (strcmp(rows[i].name, kind) == 0)
			found = rows[i].n;
	snap_end(&s);
	return found;
}

static void test_once_as_long_as_it_lasts(void **state)
{
	struct office *o = *state;
	const struct alert_filter all = { 0 };
	struct alert_row *rows;
	size_t n;

	assert_true(raise_(o, ALERT_RESIDUE, 7, 0, NULL));
	assert_false(raise_(o, ALERT_RESIDUE, 7, 0, NULL));
	assert_false(raise_(o, ALERT_RESIDUE, 7, 0, ""));
	assert_true(raise_(o, ALERT_RESIDUE, 8, 0, NULL));  /* another phone */
	assert_true(raise_(o, ALERT_REOPENED, 7, 0, NULL)); /* another kind */
	assert_true(raise_(o, ALERT_RESIDUE, 7, 3, NULL));  /* about a record */
	assert_true(raise_(o, ALERT_RESIDUE, 7, 0, "x"));   /* another subject */
	rows = list(o, &all, &n);
	assert_int_equal(n, 5);
	assert_int_equal(rows[4].times, 3);
	assert_true(rows[4].last_ms >= rows[4].at_ms);
	assert_int_equal(rows[3].times, 1);
	assert_int_equal(counted(o, "residue"), 4);
	events(o, 0, 0, &n);
	assert_int_equal(n, 5); /* nobody is told twice */
	run(o, (struct step){ .what = END, .kind = ALERT_RESIDUE, .about = { 1, 7, 0, NULL } });
	assert_int_equal(open_ones(o), 4);
	run(o, (struct step){
		       .what = END, .kind = ALERT_RESIDUE, .about = { 1, 7, 0, NULL } }); /* there is none: fine */
	events(o, 0, 0, &n);
	assert_int_equal(n, 6);
	assert_true(raise_(o, ALERT_RESIDUE, 7, 0, NULL)); /* it came back */
	assert_int_equal(open_ones(o), 5);
	assert_int_equal(counted(o, "residue"), 5);
	/* The phone may have gone to another domain meanwhile; a server's alert is of no domain. */
	assert_false(
		run(o, (struct step){ .what = RAISE, .kind = ALERT_RESIDUE, .about = { 2, 7, 0, NULL }, .text = "" })
			.raised);
	assert_true(run(o, (struct step){ .what = RAISE, .kind = ALERT_REGISTRAR_DOWN, .text = "" }).raised);
	assert_false(run(o, (struct step){ .what = RAISE, .kind = ALERT_REGISTRAR_DOWN, .text = "" }).raised);
	assert_int_equal(run(o, (struct step){ .what = RAISE, .kind = ALERT_KIND_COUNT, .text = "" }).code, ERR_BUG);
}

static void test_the_end_of_a_record(void **state)
{
	struct office *o = *state;
	const struct alert_filter open = { .open_only = true };
	struct alert_row *rows;
	size_t n;

	raise_(o, ALERT_UNCONFIRMED, 7, 3, NULL);
	raise_(o, ALERT_REOPENED, 7, 3, NULL);
	raise_(o, ALERT_SECOND_FIRST_ACCESS, 7, 3, NULL); /* does not end by itself */
	raise_(o, ALERT_UNCONFIRMED, 7, 4, NULL);
	run(o, (struct step){ .what = END_RECORD, .about = { .record_id = 3 } });
	rows = list(o, &open, &n);
	assert_int_equal(n, 2);
	assert_string_equal(rows[1].kind, "second-first-access");
	assert_int_equal(rows[0].record_id, 4);
}

static void test_a_person(void **state)
{
	struct office *o = *state;
	const struct alert_filter all = { 0 }, seen = { .seen_only = true }, unseen = { .unseen_only = true };
	struct alert_event_row *ev;
	struct alert_row *rows;
	size_t n;

	raise_(o, ALERT_RESIDUE, 7, 0, NULL);
	raise_(o, ALERT_SECOND_FIRST_ACCESS, 7, 0, NULL);
	rows = list(o, &all, &n);
	assert_int_equal(run(o, (struct step){ .what = ACKNOWLEDGE, .id = rows[1].id }).code, ERR_OK);
	assert_int_equal(run(o, (struct step){ .what = ACKNOWLEDGE, .id = rows[1].id }).code, ERR_CONFLICT);
	assert_int_equal(open_ones(o), 2); /* its cause is still there */
	assert_int_equal(run(o, (struct step){ .what = ACKNOWLEDGE, .id = rows[0].id }).code, ERR_OK);
	assert_int_equal(open_ones(o), 1); /* nothing else could end it */
	assert_int_equal(run(o, (struct step){ .what = ACKNOWLEDGE, .id = rows[0].id }).code, ERR_CONFLICT);
	assert_int_equal(run(o, (struct step){ .what = CLEAR, .id = rows[0].id }).code, ERR_CONFLICT);
	assert_int_equal(run(o, (struct step){ .what = CLEAR, .id = rows[1].id }).code, ERR_OK);
	assert_int_equal(run(o, (struct step){ .what = CLEAR, .id = 4711 }).code, ERR_CONFLICT);
	assert_int_equal(run(o, (struct step){ .what = ACKNOWLEDGE, .id = 4711 }).code, ERR_NOT_FOUND);
	rows = list(o, &seen, &n);
	assert_int_equal(n, 2);
	assert_string_equal(rows[0].seen_by, "boss");
	assert_string_equal(rows[0].seen_why, "seen");
	assert_string_equal(rows[1].cleared_why, "nothing");
	list(o, &unseen, &n);
	assert_int_equal(n, 0);
	ev = events(o, 0, 0, &n);
	assert_int_equal(n, 6);
	assert_string_equal(ev[2].what, "acknowledged");
	assert_string_equal(ev[2].who, "boss");
	assert_string_equal(ev[4].what, "cleared");
	assert_string_equal(ev[5].what, "cleared");
	events(o, 0, ev[3].id, &n);
	assert_int_equal(n, 2);
	events(o, 1, 0, &n);
	assert_int_equal(n, 6);
	events(o, 2, 0, &n);
	assert_int_equal(n, 0);
}

static void test_a_long_text_is_cut_between_characters(void **state)
{
	struct office *o = *state;
	const struct alert_filter all = { 0 };
	char text[2 * ALERT_TEXT_MAX];
	struct alert_row *rows;
	size_t n, i;

	for (i = 0; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "\xc3\xbc", 2);
	text[i] = '\0';
	text[0] = 'x'; /* so that the bound falls into a character */
	memmove(text + 1, text + 2, i - 1);
	run(o, (struct step){ .what = RAISE, .kind = ALERT_MAIL_FAILED, .text = text });
	rows = list(o, &all, &n);
	assert_int_equal(strlen(rows[0].text), ALERT_TEXT_MAX - 1);
	assert_memory_equal(rows[0].text + ALERT_TEXT_MAX - 3, "\xc3\xbc", 3);
}

static void test_words(void **state)
{
	enum alert_kind kind;
	unsigned i;

	(void)state;
	for (i = 0; i < ALERT_KIND_COUNT; i++) {
		assert_true(alert_kind_read(alert_kind_word((enum alert_kind)i), &kind));
		assert_int_equal(kind, i);
		assert_true(*alert_kind_title(kind));
	}
	assert_false(alert_kind_read("", &kind));
	assert_string_equal(alert_kind_word(ALERT_KIND_COUNT), "unknown");
}

/* ---- what webhooks are owed ---- */

struct hooks {
	struct office *o;
	int64_t domain_id, own, residue, server, other, off, failing;
};

static enum err_code add_hook(struct txn *t, int64_t domain_id, const char *kinds, bool enabled, int64_t failures,
	int64_t *id, struct err *err)
{
	struct webhook_row row = { .domain_id = domain_id,
		.url = { "https://h.example/", 18 },
		.secret = { "whsec_", 6 },
		.description = "",
		.kinds = kinds,
		.enabled = enabled,
		.disabled_why = "",
		.created_by = "",
		.failures = failures,
		.last_error = "" };
	enum err_code code = webhook_row_add(t->db, &row, err);

	*id = row.id;
	return code;
}

static enum err_code hooks_fn(struct txn *t, void *arg, struct err *err)
{
	struct hooks *h = arg;
	struct domain_row dom = {
		.name = "second.test", .realm = "second.test", .transport = "udp", .timezone = "UTC"
	};
	enum err_code code = domain_add(t->db, &dom, err);

	if (code || (code = add_hook(t, h->domain_id, "", true, 0, &h->own, err)) ||
		(code = add_hook(t, h->domain_id, " residue ", true, 0, &h->residue, err)) ||
		(code = add_hook(t, 0, "", true, 0, &h->server, err)) ||
		(code = add_hook(t, dom.id, "", true, 0, &h->other, err)) ||
		(code = add_hook(t, h->domain_id, "", false, 0, &h->off, err)))
		return code;
	return add_hook(t, h->domain_id, "", true, 3, &h->failing, err);
}

static int64_t owed(struct office *o, int64_t id)
{
	struct snap s = must_snap(&o->store);
	struct webhook_row row;

	assert_int_equal(webhook_row_load(s.db, id, &o->store.a, &row, NULL), ERR_OK);
	snap_end(&s);
	return row.waiting;
}

static bool at_work(struct office *o, int64_t id)
{
	char key[FEED_KEY];

	return office_due(o, "webhook", feed_key(id, key)) >= 0;
}

static void test_who_is_told(void **state)
{
	struct office *o = *state;
	struct snap s = must_snap(&o->store);
	struct domain_row dom;
	struct hooks h = { .o = o };

	assert_int_equal(domain_by_name(s.db, DOMAIN, &o->store.a, &dom, NULL), ERR_OK);
	snap_end(&s);
	h.domain_id = dom.id;
	must_write(&o->store, hooks_fn, &h);
	run(o, (struct step){
		       .what = RAISE, .kind = ALERT_UNCONFIRMED, .about = { .domain_id = dom.id, .record_id = 1 } });
	assert_int_equal(owed(o, h.own), 1);
	assert_int_equal(owed(o, h.residue), 0);
	assert_int_equal(owed(o, h.server), 1);
	assert_int_equal(owed(o, h.other), 0);
	assert_int_equal(owed(o, h.off), 0);
	assert_int_equal(owed(o, h.failing), 1);
	assert_true(at_work(o, h.own));
	assert_true(at_work(o, h.server));
	assert_false(at_work(o, h.residue));
	assert_false(at_work(o, h.failing)); /* its own pause stands */
	run(o, (struct step){ .what = RAISE, .kind = ALERT_RESIDUE, .about = { .domain_id = dom.id, .phone_id = 1 } });
	assert_int_equal(owed(o, h.residue), 1);
	run(o, (struct step){ .what = RAISE, .kind = ALERT_REGISTRAR_DOWN }); /* of the server */
	assert_int_equal(owed(o, h.own), 2);
	assert_int_equal(owed(o, h.server), 3);
	run(o, (struct step){ .what = END, .kind = ALERT_REGISTRAR_DOWN });
	assert_int_equal(owed(o, h.server), 4);
}

/* ---- open for too long ---- */

static int64_t again(struct office *o)
{
	struct outbox_job job = { .kind = "overdue", .key = "overdue", .arena = &o->store.a };
	struct err err = { 0 };

	assert_int_equal(overdue_deliver(&job, &o->rs, &err), OUTBOX_AGAIN);
	return job.again_ms;
}

static int64_t later_ms;

static int64_t later_clock(void)
{
	return store_clock_ms() + later_ms;
}

static void test_overdue(void **state)
{
	struct office *o = *state;
	const struct alert_filter open = { .open_only = true, .kind = "unconfirmed" };
	struct alert_row *rows;
	int64_t next;
	size_t n, i;

	o->rs.now_ms = later_clock;
	o->rs.conf.unconfirmed_ms = 4 * 3600 * 1000;
	later_ms = 0;
	next = again(o);
	assert_in_range(
		next - store_clock_ms(), 3590 * 1000, 3600 * 1000); /* nothing is open: looks again in an hour */
	office_settle(o);
	office_reset(o, "1001", true);
	next = again(o);
	assert_int_equal(open_ones(o), 0);
	later_ms = o->rs.conf.unconfirmed_ms - 2000;
	next = again(o);
	assert_int_equal(open_ones(o), 0);
	assert_in_range(next - later_clock(), 1, 2100); /* to the second */
	later_ms = o->rs.conf.unconfirmed_ms + 10;
	again(o);
	rows = list(o, &open, &n);
	assert_true(n > 2);
	for (i = 0; i < n; i++) {
		assert_true(rows[i].record_id != 0);
		assert_non_null(strstr(rows[i].text, "no proof after 4 h"));
		assert_null(strstr(rows[i].text, "Anna"));
	}
	later_ms *= 3;
	again(o); /* once per record */
	rows = list(o, &open, &i);
	assert_int_equal(i, n);
	for (i = 0; i < n; i++)
		assert_int_equal(rows[i].times, 1);
	assert_int_equal(counted(o, "unconfirmed"), n);
	office_pull(o, COLLEAGUE); /* only its label changed: fetched is all there is to know */
	assert_int_equal(office_state(o, "relabelled", COLLEAGUE, ""), STATE_CONFIRMED);
	list(o, &open, &i);
	assert_int_equal(i, n - 1);
}

/* Without a registrar "fetched" is the best there is, and nobody can do more about it. */
static void test_overdue_without_registrar(void **state)
{
	struct office *o = *state;
	size_t before;

	o->rs.now_ms = later_clock;
	o->rs.registrar = NULL;
	later_ms = 0;
	office_settle(o);
	office_reset(o, "1001", true);
	office_pull(o, DESK);
	later_ms = o->rs.conf.unconfirmed_ms + 10;
	again(o);
	before = open_ones(o);
	assert_true(before > 0); /* the phones that did not come */
	assert_int_equal(office_state(o, "unassigned", DESK, "1001"), STATE_FETCHED);
	{
		const struct alert_filter open = { .open_only = true };
		struct alert_row *rows;
		size_t n, i;

		rows = list(o, &open, &n);
		for (i = 0; i < n; i++)
			assert_null(strstr(rows[i].text, DESK));
	}
}

/* ---- what may fail ---- */

static enum err_code strict_fn(struct txn *t, void *arg, struct err *err)
{
	struct step *s = arg;

	return alert_raise(t->db, s->kind, &s->about, "text", &s->raised, err);
}

/* Whatever store call fails: the alert is there whole, with its event, or not at all. */
static void test_each_failing_store_call(void **state)
{
	struct office *o = *state;
	struct step s = { .kind = ALERT_RESIDUE, .about = { 1, 7, 0, NULL } };
	unsigned long n, done = 0;
	size_t ev;

	for (n = 1; n < 200 && !done; n++) {
		enum err_code code;

		store_fail_from(n);
		code = store_write(o->store.st, strict_fn, &s, NULL);
		store_fail_from(0);
		events(o, 0, 0, &ev);
		assert_int_equal(ev, open_ones(o));
		assert_int_equal(counted(o, "residue"), ev);
		done = code == ERR_OK ? n : 0;
	}
	assert_true(done > 5);
	assert_int_equal(open_ones(o), 1);
}

static void test_each_failing_allocation(void **state)
{
	struct office *o = *state;
	struct step s = { .kind = ALERT_REOPENED, .about = { 1, 9, 0, NULL } };
	unsigned long n;
	size_t ev;

	for (n = 1; n < 60; n++) {
		mem_fail_from(n);
		store_write(o->store.st, strict_fn, &s, NULL);
		mem_fail_from(0);
		events(o, 0, 0, &ev);
		assert_int_equal(ev, open_ones(o));
	}
	assert_int_equal(open_ones(o), 1);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, office_open, office_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_once_as_long_as_it_lasts),
		T(test_the_end_of_a_record),
		T(test_a_person),
		T(test_a_long_text_is_cut_between_characters),
		cmocka_unit_test(test_words),
		T(test_who_is_told),
		T(test_overdue),
		T(test_overdue_without_registrar),
		T(test_each_failing_store_call),
		T(test_each_failing_allocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
