/* A phone that changes hands gets a new login of its own; what it has is good until that one was used, whatever comes
 * in between. */
#include "tests/unit/reset_fixture.h"

#include <string.h>

#include "provisioning/reset/inventory.h"
#include "provisioning/reset/move.h"
#include "provisioning/reset/new_login.h"
#include "provisioning/reset/plan.h"
#include "provisioning/store/db.h"
#include "provisioning/store/timeline.h"

static const char *text_of(struct office *o, const struct secret *s)
{
	return secret_set(s) ? arena_strndup(&o->store.a, secret_reveal(s).p, secret_reveal(s).n) : "";
}

static const char *present(struct office *o, const char *mac)
{
	struct phone_row p = office_phone(o, mac);

	return text_of(o, &p.prov_password);
}

static const char *previous(struct office *o, const char *mac)
{
	struct phone_row p = office_phone(o, mac);

	return text_of(o, &p.prov_password_previous);
}

static enum err_code seen_fn(struct txn *t, void *arg, struct err *err)
{
	bool first;

	return phone_password_seen(t->db, *(const int64_t *)arg, &first, err);
}

/* It came with its newest login. */
static void uses_login(struct office *o, const char *mac)
{
	int64_t id = office_phone(o, mac).id;

	assert_int_equal(store_write(o->store.st, seen_fn, &id, NULL), ERR_OK);
}

static void all_use_theirs(struct office *o)
{
	office_settle(o);
	uses_login(o, DESK);
	uses_login(o, SHARED);
	uses_login(o, COLLEAGUE);
	uses_login(o, SPARE);
}

static size_t events(struct office *o, const char *mac)
{
	struct snap s = must_snap(&o->store);
	struct timeline_row *rows;
	size_t n, i, found = 0;

	assert_int_equal(
		timeline_list(s.db, office_phone(o, mac).id, 0, (struct page){ 0, 0 }, &o->store.a, &rows, &n, NULL),
		ERR_OK);
	for (i = 0; i < n; i++)
		found += strcmp(rows[i].event, "new-login") == 0;
	snap_end(&s);
	return found;
}

static size_t steps(struct office *o, const char *user, const char *mac)
{
	struct plan_request rq = { .domain = DOMAIN, .user = user, .reset = true, .options = 1u << OPTION_PHONE_LINES };
	struct snap s = must_snap(&o->store);
	struct mac m = office_mac(mac);
	struct plan *p;
	size_t i, n = 0;

	assert_int_equal(plan_load(s.db, o->catalog, &o->rs.conf, &rq, &o->store.a, &p, NULL), ERR_OK);
	snap_end(&s);
	for (i = 0; i < p->nsteps; i++)
		n += p->steps[i].kind == STEP_NEW_LOGIN && mac_eq(&p->steps[i].mac, &m);
	return n;
}

static void test_a_reset_plans_it_where_a_login_can_be_replaced(void **state)
{
	struct office *o = *state;

	office_settle(o);
	assert_int_equal(steps(o, "1001", DESK), 0); /* nobody has used that login yet */
	all_use_theirs(o);
	assert_int_equal(steps(o, "1001", DESK), 1);
	assert_int_equal(steps(o, "1001", SHARED), 0);    /* a Polycom would restart */
	assert_int_equal(steps(o, "1001", COLLEAGUE), 0); /* it only shows the name */
	assert_int_equal(steps(o, "1001", SPARE), 0);
	assert_int_equal(steps(o, "1003", COLLEAGUE), 1);
}

static void test_the_login_that_it_has_is_good_until_then(void **state)
{
	struct office *o = *state;
	const char *was;
	char *shared;

	all_use_theirs(o);
	was = present(o, DESK);
	shared = arena_strdup(&o->store.a, present(o, SHARED));
	office_reset(o, "1001", true);
	assert_string_not_equal(present(o, DESK), was);
	assert_string_equal(previous(o, DESK), was);
	assert_int_equal(office_phone(o, DESK).prov_password_seen_ms, 0);
	assert_int_equal(events(o, DESK), 1);
	assert_int_not_equal(office_due(o, "logins", DESK), -1);
	assert_true(office_serves(o, DESK, FILE_MAC_CFG, present(o, DESK)));
	assert_string_equal(present(o, SHARED), shared);
	assert_int_equal(events(o, SHARED), 0);
	uses_login(o, DESK);
	assert_string_equal(previous(o, DESK), "");
}

/* It may still come with the one that it has had all along. */
static void test_one_that_it_has_not_used_is_not_replaced(void **state)
{
	struct office *o = *state;
	const char *was, *now;

	all_use_theirs(o);
	was = present(o, DESK);
	office_reset(o, "1001", false);
	now = present(o, DESK);
	office_recycle(o, "1001", "Nora", "Vale", NULL);
	office_reset(o, "1001", true);
	assert_string_equal(present(o, DESK), now);
	assert_string_equal(previous(o, DESK), was);
	assert_int_equal(events(o, DESK), 1);
	uses_login(o, DESK);
	office_recycle(o, "1001", "Nils", "Berg", DESK); /* a person comes to where nobody was */
	assert_string_equal(previous(o, DESK), now);
	assert_int_equal(events(o, DESK), 2);
}

static enum err_code sealed_fn(struct txn *t, void *arg, struct err *err)
{
	struct office *o = arg;
	struct phone_row row;
	struct mac mac = office_mac(DESK);
	enum err_code e;

	db_leave_sealed(t->db, true);
	e = phone_load(t->db, &mac, &o->store.a, &row, err);
	db_leave_sealed(t->db, false);
	return e ? e : phone_rekey(t->db, &row, &o->store.a, err);
}

/* A plan's rows come without their secrets; a new login made from one would leave the phone without any. */
static void test_a_row_without_its_secrets_is_refused(void **state)
{
	struct office *o = *state;
	const char *was = present(o, DESK);

	assert_int_equal(store_write(o->store.st, sealed_fn, o, NULL), ERR_BUG);
	assert_string_equal(present(o, DESK), was);
}

static enum err_code saved_fn(struct txn *t, void *arg, struct err *err)
{
	return phone_save(t->db, arg, err);
}

/* Whoever saves something else of a phone has read it before: neither the new login nor that it was used is undone. */
static void test_what_was_read_before_does_not_bring_a_login_back(void **state)
{
	struct office *o = *state;
	struct phone_row row;
	const char *now;

	all_use_theirs(o);
	row = office_phone(o, DESK);
	office_reset(o, "1001", true);
	now = present(o, DESK);
	row.notes = "on the left";
	assert_int_equal(store_write(o->store.st, saved_fn, &row, NULL), ERR_OK);
	assert_string_equal(present(o, DESK), now);
	assert_string_not_equal(previous(o, DESK), "");
	row = office_phone(o, DESK);
	uses_login(o, DESK);
	assert_int_equal(store_write(o->store.st, saved_fn, &row, NULL), ERR_OK);
	assert_string_equal(previous(o, DESK), "");
	assert_true(office_phone(o, DESK).prov_password_seen_ms > 0);
}

/* ---- by hand ---- */

struct hand {
	struct office *o;
	const char *mac;
	const struct inventory_line *lines;
	size_t n;
};

static enum err_code lines_fn(struct txn *t, void *arg, struct err *err)
{
	struct hand *h = arg;
	struct inventory in = {
		.rs = &h->o->rs, .db = t->db, .arena = &h->o->store.a, .who = "admin", .from = "", .why = "edit"
	};
	struct mac mac = office_mac(h->mac);
	struct phone_row row;
	enum err_code e = phone_load(t->db, &mac, in.arena, &row, err);

	return e ? e : inventory_phone_lines(&in, &row, h->lines, h->n, err);
}

static void set_lines(struct office *o, const char *mac, const struct inventory_line *lines, size_t n)
{
	struct hand h = { o, mac, lines, n };
	struct err err = { 0 };

	if (store_write(o->store.st, lines_fn, &h, &err))
		fail_msg("%s", err.text);
}

static void test_lines_that_are_set_by_hand(void **state)
{
	struct office *o = *state;
	const struct inventory_line both[] = { { 1, "1003", false, NULL }, { 2, "1002", true, NULL } };

	all_use_theirs(o);
	set_lines(o, COLLEAGUE, both, 2); /* one more: it is in the same hands */
	assert_int_equal(events(o, COLLEAGUE), 0);
	set_lines(o, COLLEAGUE, both, 1);
	assert_int_equal(events(o, COLLEAGUE), 1);
	set_lines(o, SPARE, both, 1);
	assert_int_equal(events(o, SPARE), 1);
	set_lines(o, SHARED, NULL, 0);
	assert_int_equal(events(o, SHARED), 0);
}

struct moving {
	struct office *o;
	struct move_order order;
	struct move_plan *plan;
};

static enum err_code move_fn(struct txn *t, void *arg, struct err *err)
{
	struct moving *m = arg;

	return move_apply(&m->o->rs, t->db, &m->order, &m->o->store.a, &m->plan, err);
}

static struct move_plan *moves(struct office *o, struct move_request rq)
{
	struct moving m = { .o = o, .order = { .request = rq, .who = "admin", .from = "", .client = "api" } };
	struct err err = { 0 };

	m.order.request.domain = DOMAIN;
	if (store_write(o->store.st, move_fn, &m, &err))
		fail_msg("%s", err.text);
	return m.plan;
}

static void test_hardware_that_changes_hands(void **state)
{
	struct office *o = *state;
	const char *was;

	all_use_theirs(o);
	was = present(o, DESK);
	assert_int_equal(move_count(moves(o,
					    (struct move_request){
						    .kind = MOVE_REHOME, .mac = office_mac(DESK), .to_user = "1002" }),
				 MOVE_STEP_NEW_LOGIN),
		1);
	assert_string_equal(previous(o, DESK), was);
	assert_int_equal(events(o, DESK), 1);
	assert_int_equal(move_count(moves(o, (struct move_request){ .kind = MOVE_SWAP,
						     .mac = office_mac(COLLEAGUE),
						     .to_mac = office_mac(SPARE) }),
				 MOVE_STEP_NEW_LOGIN),
		2); /* the one that is left and the one that takes over */
	assert_int_equal(events(o, COLLEAGUE) + events(o, SPARE), 2);
	assert_int_equal(move_count(moves(o, (struct move_request){ .kind = MOVE_RETIRE, .mac = office_mac(SHARED) }),
				 MOVE_STEP_NEW_LOGIN),
		0);
}

/* ---- a phone with a certificate ---- */

static struct file_delivery delivery(
	struct office *o, const char *mac, enum file_kind file, int64_t generation, bool certificate)
{
	return (struct file_delivery){ .mac = office_mac(mac),
		.file = file,
		.generation = (uint64_t)generation,
		.hash = "h",
		.from = "192.0.2.1",
		.certificate = certificate,
		.at_ms = o->rs.now_ms() };
}

static void deliver(struct office *o, const char *mac, enum file_kind file, int64_t generation, bool certificate)
{
	struct file_delivery d = delivery(o, mac, file, generation, certificate);

	assert_int_equal(evidence_delivered(&o->rs, &d, NULL), ERR_OK);
}

static void test_with_a_certificate_a_whole_delivery_counts(void **state)
{
	struct office *o = *state;
	int64_t old;

	all_use_theirs(o);
	old = office_wanted(o, COLLEAGUE);
	office_reset(o, "1003", true);
	deliver(o, COLLEAGUE, FILE_GS_XML, office_wanted(o, COLLEAGUE), false);
	assert_string_not_equal(previous(o, COLLEAGUE), ""); /* by its former login: it may not have read the file */
	deliver(o, COLLEAGUE, FILE_GS_XML, old, true);
	assert_string_not_equal(previous(o, COLLEAGUE), "");
	office_recycle(o, "1003", "Nora", "Vale", COLLEAGUE);
	deliver(o, COLLEAGUE, FILE_GS_XML, office_wanted(o, COLLEAGUE) - 1, true);
	assert_string_not_equal(previous(o, COLLEAGUE), "");
	deliver(o, COLLEAGUE, FILE_GS_XML, office_wanted(o, COLLEAGUE), true);
	assert_string_equal(previous(o, COLLEAGUE), "");
	assert_true(office_phone(o, COLLEAGUE).prov_password_seen_ms > 0);
	assert_int_equal(steps(o, "1003", COLLEAGUE), 1); /* so the next owner gets another one */
}

static enum err_code order_fn(struct txn *t, void *arg, struct err *err)
{
	struct office *o = arg;
	struct mac m = office_mac(COLLEAGUE);

	return new_login_order(t->db, &m, &o->store.a, err);
}

static bool no_news(struct office *o)
{
	struct file_delivery d = delivery(o, COLLEAGUE, FILE_GS_XML, office_wanted(o, COLLEAGUE), true);
	struct snap s = must_snap(&o->store);
	bool none = evidence_no_news(&o->rs, s.db, &d, &o->store.a);

	snap_end(&s);
	return none;
}

/* Delivered often enough by the former login, a file is no news; by certificate it still says who has the new one. */
static void test_a_login_not_used_yet_keeps_deliveries_news(void **state)
{
	struct office *o = *state;

	all_use_theirs(o);
	deliver(o, COLLEAGUE, FILE_GS_XML, office_wanted(o, COLLEAGUE), false);
	assert_true(no_news(o));
	assert_int_equal(store_write(o->store.st, order_fn, o, NULL), ERR_OK);
	deliver(o, COLLEAGUE, FILE_GS_XML, office_wanted(o, COLLEAGUE), false);
	assert_int_equal(office_phone(o, COLLEAGUE).acked, office_wanted(o, COLLEAGUE));
	assert_false(no_news(o));
	deliver(o, COLLEAGUE, FILE_GS_XML, office_wanted(o, COLLEAGUE), true);
	assert_string_equal(previous(o, COLLEAGUE), "");
	assert_true(no_news(o));
}

int main(void)
{
#define OFFICE(test) cmocka_unit_test_setup_teardown(test, office_open, office_close)
	const struct CMUnitTest tests[] = {
		OFFICE(test_a_reset_plans_it_where_a_login_can_be_replaced),
		OFFICE(test_the_login_that_it_has_is_good_until_then),
		OFFICE(test_one_that_it_has_not_used_is_not_replaced),
		OFFICE(test_a_row_without_its_secrets_is_refused),
		OFFICE(test_what_was_read_before_does_not_bring_a_login_back),
		OFFICE(test_lines_that_are_set_by_hand),
		OFFICE(test_hardware_that_changes_hands),
		OFFICE(test_with_a_certificate_a_whole_delivery_counts),
		OFFICE(test_a_login_not_used_yet_keeps_deliveries_news),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
