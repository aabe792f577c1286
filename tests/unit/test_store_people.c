/* The verbs of what belongs to people beside their phones: answering rules, time frames, contacts; what only API
 * clients know. */
#include "tests/unit/store_world.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "provisioning/store/answerrule.h"
#include "provisioning/store/belongings.h"
#include "provisioning/store/contact.h"
#include "provisioning/store/session.h"
#include "provisioning/store/sql_text.h"
#include "provisioning/store/timeframe.h"

static struct timeframe_row frame_of(struct world *w, int64_t user, const char *name)
{
	struct timeframe_row f = { .domain_id = w->domain.id, .user_id = user, .name = name, .type = "always" };

	OK(timeframe_add(w->db, &f, &w->err));
	return f;
}

static void timeframes(void **state)
{
	struct world *w = *state;
	struct timeframe_row own = frame_of(w, w->ann.id, "Hours"), shared = frame_of(w, 0, "Hours"), f, *list;
	struct rule_row rule = { .domain_id = w->domain.id, .user_id = w->ann.id, .timeframe_id = own.id };
	int64_t count;
	size_t n;

	frame_of(w, w->ann.id, "Evening");
	frame_of(w, w->bob.id, "Hours");
	f = own;
	IS(ERR_CONFLICT, timeframe_add(w->db, &f, &w->err));
	f = shared;
	IS(ERR_CONFLICT, timeframe_add(w->db, &f, &w->err));
	OK(timeframe_list(w->db, w->domain.id, w->ann.id, all, w->a, &list, &n, &w->err));
	assert_int_equal(n, 2);
	assert_string_equal(list[0].name, "Evening");
	OK(timeframe_list(w->db, w->domain.id, 0, (struct page){ 0, 1 }, w->a, &list, &n, &w->err));
	assert_int_equal(n, 1);
	assert_int_equal(list[0].id, shared.id);
	OK(timeframe_count(w->db, w->domain.id, 0, &count, &w->err));
	assert_int_equal(count, 1);
	OK(timeframe_by_name(w->db, w->domain.id, w->ann.id, "Hours", w->a, &f, &w->err));
	assert_int_equal(f.id, own.id); /* one's own comes first */
	OK(timeframe_by_name(w->db, w->domain.id, 4711, "Hours", w->a, &f, &w->err));
	assert_int_equal(f.id, shared.id);
	IS(ERR_NOT_FOUND, timeframe_by_name(w->db, w->domain.id, w->bob.id, "Evening", w->a, &f, &w->err));
	OK(rule_add(w->db, &rule, &w->err));
	IS(ERR_CONFLICT, timeframe_delete(w->db, own.id, &w->err));
	assert_non_null(strstr(w->err.text, "1 answering rules"));
	own.name = "Evening";
	IS(ERR_CONFLICT, timeframe_save(w->db, &own, &w->err));
	OK(rule_delete(w->db, rule.id, &w->err));
	OK(timeframe_delete(w->db, own.id, &w->err));
	IS(ERR_NOT_FOUND, timeframe_delete(w->db, own.id, &w->err));
	OK(timeframe_delete_user(w->db, w->ann.id, &count, &w->err));
	assert_int_equal(count, 1);
	OK(timeframe_load(w->db, shared.id, w->a, &f, &w->err));
}

static void rules(void **state)
{
	struct world *w = *state;
	struct timeframe_row hours = frame_of(w, w->ann.id, "Hours");
	struct rule_row r = { .domain_id = w->domain.id,
		.user_id = w->ann.id,
		.timeframe_id = hours.id,
		.enabled = true,
		.position = 7,
		.body = "{\"a\":1}" };
	struct rule_row always = { .domain_id = w->domain.id, .user_id = w->ann.id, .position = 99 }, back, *list;
	size_t n;
	int64_t gone;

	OK(rule_add(w->db, &always, &w->err));
	OK(rule_add(w->db, &r, &w->err));
	back = r;
	IS(ERR_CONFLICT, rule_add(w->db, &back, &w->err)); /* one for each time frame, */
	back = always;
	IS(ERR_CONFLICT, rule_add(w->db, &back, &w->err)); /* and one that is always */
	OK(rule_list(w->db, w->ann.id, w->a, &list, &n, &w->err));
	assert_int_equal(n, 2);
	assert_string_equal(list[0].timeframe, "Hours");
	assert_string_equal(list[0].body, "{\"a\":1}");
	assert_true(list[0].enabled && !list[1].enabled);
	OK(rule_load(w->db, w->ann.id, "*", w->a, &back, &w->err));
	assert_int_equal(back.id, always.id);
	back.position = 1;
	OK(rule_save(w->db, &back, &w->err));
	OK(rule_list(w->db, w->ann.id, w->a, &list, &n, &w->err));
	assert_string_equal(list[0].timeframe, "");
	IS(ERR_NOT_FOUND, rule_load(w->db, w->bob.id, "*", w->a, &back, &w->err));
	OK(rule_delete_user(w->db, w->ann.id, &gone, &w->err));
	assert_int_equal(gone, 2);
	OK(rule_delete_user(w->db, w->ann.id, &gone, &w->err));
	assert_int_equal(gone, 0);
}

static void numbers(void **state)
{
	struct world *w = *state;
	const struct rule_number two[] = { { "711234567", false }, { "309876543", true }, { "711234567", true } };
	struct rule_row r = { .domain_id = w->domain.id, .user_id = w->ann.id, .enabled = true }, other = r;
	struct rule_number *list;
	struct rule_ringing *ring;
	size_t n;

	other.user_id = w->bob.id;
	OK(rule_add(w->db, &r, &w->err));
	OK(rule_add(w->db, &other, &w->err));
	OK(rule_set_numbers(w->db, &r, two, 3, &w->err));
	OK(rule_set_numbers(w->db, &other, two, 1, &w->err));
	OK(rule_list_numbers(w->db, w->ann.id, w->a, &list, &n, &w->err));
	assert_int_equal(n, 2);
	OK(rule_list_ringing(w->db, w->domain.id, w->bob.id, "711234567", w->a, &ring, &n, &w->err));
	assert_int_equal(n, 1);
	assert_string_equal(ring[0].ext, "1001");
	assert_string_equal(ring[0].timeframe, "*");
	OK(rule_list_ringing(w->db, w->domain.id, w->ann.id, "711234567", w->a, &ring, &n, &w->err));
	assert_int_equal(n, 0); /* named, and off */
	r.enabled = false;
	OK(rule_save(w->db, &r, &w->err));
	OK(rule_list_ringing(w->db, w->domain.id, w->bob.id, "711234567", w->a, &ring, &n, &w->err));
	assert_int_equal(n, 0); /* the rule is off */
	OK(rule_set_numbers(w->db, &r, two, 0, &w->err));
	OK(rule_list_numbers(w->db, w->ann.id, w->a, &list, &n, &w->err));
	assert_int_equal(n, 0);
	OK(rule_delete(w->db, other.id, &w->err));
	OK(rule_list_numbers(w->db, w->bob.id, w->a, &list, &n, &w->err));
	assert_int_equal(n, 0); /* they go with their rule */
}

static void contacts(void **state)
{
	struct world *w = *state;
	const char *const names[] = { "Young", "Adams", "Moss" };
	const struct contact_filter own = { .domain_id = w->domain.id, .user_id = w->ann.id };
	struct contact_filter f = own;
	struct contact_row c = { .domain_id = w->domain.id, .first_name = "Ann", .last_name = "Lee", .cell = "0171" },
			   back, *list;
	int64_t count;
	size_t i, n;

	OK(contact_add(w->db, &c, &w->err));
	for (i = 0; i < 3; i++) {
		back = (struct contact_row){ .domain_id = w->domain.id, .user_id = w->ann.id, .last_name = names[i] };
		OK(contact_add(w->db, &back, &w->err));
	}
	OK(contact_list(w->db, &f, (struct page){ 1, 1 }, w->a, &list, &n, &w->err));
	assert_int_equal(n, 1);
	assert_string_equal(list[0].last_name, "Moss");
	f.shared = true;
	OK(contact_list(w->db, &f, all, w->a, &list, &n, &w->err));
	assert_int_equal(n, 4);
	assert_string_equal(list[1].last_name, "Lee");
	OK(contact_count(w->db, &f, &count, &w->err));
	assert_int_equal(count, 4);
	f = (struct contact_filter){ .domain_id = w->domain.id };
	OK(contact_list(w->db, &f, all, w->a, &list, &n, &w->err));
	assert_int_equal(n, 1);
	OK(contact_list_named(w->db, w->domain.id, "Ann", "Lee", w->a, &list, &n, &w->err));
	assert_int_equal(n, 1);
	assert_string_equal(list[0].cell, "0171");
	OK(contact_list_named(w->db, w->domain.id, "", "Moss", w->a, &list, &n, &w->err));
	assert_int_equal(n, 0); /* a user's own is no shared one */
	c.home = "030";
	OK(contact_save(w->db, &c, &w->err));
	OK(contact_load(w->db, c.id, w->a, &back, &w->err));
	assert_string_equal(back.home, "030");
	OK(contact_delete_user(w->db, w->ann.id, &count, &w->err));
	assert_int_equal(count, 3);
	OK(contact_load(w->db, c.id, w->a, &back, &w->err));
	OK(contact_delete(w->db, c.id, &w->err));
	IS(ERR_NOT_FOUND, contact_delete(w->db, c.id, &w->err));
	IS(ERR_NOT_FOUND, contact_save(w->db, &c, &w->err));
}

/* From both sides: the last one that fits, and the first that does not. */
static void limits(void **state)
{
	struct world *w = *state;
	struct timeframe_row f;
	struct contact_row c;
	struct rule_row r;
	int i, own;

	for (own = 0; own < 2; own++) {
		for (i = 0; i < (own ? TIMEFRAMES_MAX : TIMEFRAMES_SHARED_MAX); i++)
			f = frame_of(w, own ? w->ann.id : 0, arena_printf(w->a, "frame %d", i));
		f.name = "one more";
		IS(ERR_CONFLICT, timeframe_add(w->db, &f, &w->err));
	}
	for (i = 0; i < CONTACTS_MAX; i++) {
		c = (struct contact_row){ .domain_id = w->domain.id, .user_id = w->ann.id, .last_name = "x" };
		OK(contact_add(w->db, &c, &w->err));
	}
	IS(ERR_CONFLICT, contact_add(w->db, &c, &w->err));
	assert_non_null(strstr(w->err.text, " 1000 "));
	for (i = 0; i < RULES_MAX; i++) {
		OK(timeframe_by_name(
			w->db, w->domain.id, w->ann.id, arena_printf(w->a, "frame %d", i), w->a, &f, &w->err));
		r = (struct rule_row){ .domain_id = w->domain.id, .user_id = w->ann.id, .timeframe_id = f.id };
		OK(rule_add(w->db, &r, &w->err));
	}
	r.timeframe_id = 0;
	IS(ERR_CONFLICT, rule_add(w->db, &r, &w->err));
	assert_non_null(strstr(w->err.text, "64"));
}

static enum err_code add_domain(struct txn *t, void *arg, struct err *err)
{
	struct domain_row d = { .name = "many.test" };
	enum err_code code = domain_add(t->db, &d, err);

	*(int64_t *)arg = d.id;
	return code;
}

static enum err_code add_shared(struct txn *t, void *arg, struct err *err)
{
	struct contact_row c = { .domain_id = *(int64_t *)arg, .last_name = "x" };

	return contact_add(t->db, &c, err);
}

/* All but one are put in by one statement: adding counts those that are there. */
static void the_limit_of_what_a_domain_shares(void **state)
{
	struct fixture *f = *state;
	int64_t domain;
	sqlite3 *db;
	char sql[400];
	struct err err = { 0 };

	must_write(f, add_domain, &domain);
	snprintf(sql, sizeof(sql),
		"WITH RECURSIVE k (k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM k WHERE k < %d) "
		"INSERT INTO contacts SELECT 1000000 + k, %lld, NULL, '', '', '', '', '', '', '', '', '', '', 0, 0 FROM k",
		CONTACTS_SHARED_MAX - 1, (long long)domain);
	assert_int_equal(sqlite3_open(f->db, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	must_write(f, add_shared, &domain);
	assert_int_equal(store_write(f->st, add_shared, &domain, &err), ERR_CONFLICT);
	assert_non_null(strstr(err.text, " 5000 "));
}

static void a_user_takes_them_along(void **state)
{
	struct world *w = *state;
	struct timeframe_row hours = frame_of(w, w->ann.id, "Hours");
	struct rule_row r = { .domain_id = w->domain.id, .user_id = w->ann.id, .timeframe_id = hours.id };
	struct contact_row c = { .domain_id = w->domain.id, .user_id = w->ann.id };
	const struct rule_number one = { "711234567", true };
	struct belongings has;
	struct rule_number *list;
	size_t n;

	OK(rule_add(w->db, &r, &w->err));
	OK(rule_set_numbers(w->db, &r, &one, 1, &w->err));
	OK(contact_add(w->db, &c, &w->err));
	OK(belongings_count(w->db, w->ann.id, &has, &w->err));
	assert_true(has.rules == 1 && has.timeframes == 1 && has.contacts == 1);
	OK(belongings_count(w->db, w->bob.id, &has, &w->err));
	assert_true(has.rules == 0 && has.timeframes == 0 && has.contacts == 0);
	OK(user_delete(w->db, w->ann.id, &w->err));
	OK(belongings_count(w->db, w->ann.id, &has, &w->err));
	assert_true(has.rules == 0 && has.timeframes == 0 && has.contacts == 0);
	OK(rule_list_numbers(w->db, w->ann.id, w->a, &list, &n, &w->err));
	assert_int_equal(n, 0);
}

static void what_only_clients_know(void **state)
{
	struct world *w = *state;
	struct session_row s = { .user_id = w->ann.id, .client = "12", .expires_ms = INT64_MAX }, back;
	struct link_row l = { .user_id = w->ann.id, .purpose = "refresh:12", .expires_ms = 1 };
	struct secret token;

	w->ann.extra = "{\"a\":1}";
	w->ann.extra_person = "{\"b\":2}";
	OK(user_save(w->db, &w->ann, &w->err));
	OK(user_by_id(w->db, w->ann.id, w->a, &w->ann, &w->err));
	assert_string_equal(w->ann.extra, "{\"a\":1}");
	assert_string_equal(w->ann.extra_person, "{\"b\":2}");
	w->domain.extra = "d";
	OK(domain_save(w->db, &w->domain, &w->err));
	OK(domain_load(w->db, w->domain.id, w->a, &w->domain, &w->err));
	assert_string_equal(w->domain.extra, "d");
	w->ann_line.extra = "v";
	OK(device_save(w->db, &w->ann_line, &w->err));
	OK(device_by_id(w->db, w->ann_line.id, w->a, &w->ann_line, &w->err));
	assert_string_equal(w->ann_line.extra, "v");
	w->phone.extra = "p";
	OK(phone_save(w->db, &w->phone, &w->err));
	OK(phone_by_id(w->db, w->phone.id, w->a, &w->phone, &w->err));
	assert_string_equal(w->phone.extra, "p");
	OK(session_add(w->db, &s, w->a, &token, &w->err));
	OK(session_by_token(w->db, secret_reveal(&token), w->a, &back, &w->err));
	assert_string_equal(back.client, "12");
	OK(link_add(w->db, &l, w->a, &token, &w->err));
	OK(link_expire(w->db, "another", &w->err));
	OK(link_delete(w->db, l.id, &w->err));
	IS(ERR_NOT_FOUND, link_delete(w->db, l.id, &w->err));
	OK(link_add(w->db, &l, w->a, &token, &w->err));
	OK(link_expire(w->db, "refresh:12", &w->err));
	IS(ERR_NOT_FOUND, link_delete(w->db, l.id, &w->err));
}

/* ---- by index, however many there are ---- */

static const char *text_of(const char *block)
{
	size_t i;

	for (i = 0; i < sql_block_count; i++)
		if (strcmp(sql_blocks[i].name, block) == 0)
			return sql_blocks[i].text;
	fail_msg("there is no block %s", block);
	return "";
}

static void a_reset_finds_them_by_index(void **state)
{
	static const char *const blocks[] = { "rule_delete_user", "timeframe_delete_user", "contact_delete_user",
		"rule_number_clear", "rule_number_list", "rule_ringing", "contact_named", "belongings_count",
		"rule_list", "contact_list", "contact_list_shared", "contact_list_both", "timeframe_by_name",
		"timeframe_used" };
	struct world *w = *state;
	struct fixture *f = w->f;
	sqlite3_stmt *q;
	sqlite3 *db;
	size_t i;

	assert_int_equal(sqlite3_open(f->db, &db), SQLITE_OK);
	for (i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		const char *text = arena_printf(w->a, "EXPLAIN QUERY PLAN %s", text_of(blocks[i]));
		int steps = 0;

		assert_int_equal(sqlite3_prepare_v2(db, text, -1, &q, NULL), SQLITE_OK);
		for (; sqlite3_step(q) == SQLITE_ROW; steps++) {
			const char *how = (const char *)sqlite3_column_text(q, 3);

			if (strncmp(how, "SCAN", 4) == 0 && strcmp(how, "SCAN CONSTANT ROW") != 0)
				fail_msg("%s: %s", blocks[i], how);
		}
		assert_true(steps > 0);
		sqlite3_finalize(q);
	}
	sqlite3_close(db);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, world_open, world_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(timeframes),
		T(rules),
		T(numbers),
		T(contacts),
		T(limits),
		cmocka_unit_test_setup_teardown(the_limit_of_what_a_domain_shares, fixture_open, fixture_close),
		T(a_user_takes_them_along),
		T(what_only_clients_know),
		T(a_reset_finds_them_by_index),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
