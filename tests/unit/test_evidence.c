/* What the phone plane and the registrar report, and what the records make of it. */
#include "tests/unit/reset_fixture.h"

#include <stdio.h>
#include <string.h>

#include "provisioning/reset/flip.h"
#include "provisioning/reset/kinds.h"
#include "provisioning/reset/proof.h"
#include "provisioning/reset/serving.h"
#include "provisioning/reset/tell.h"
#include "provisioning/outbox/outbox.h"
#include "provisioning/store/override.h"
#include "provisioning/store/phone.h"
#include "provisioning/store/softphone.h"
#include "provisioning/store/alert.h"
#include "provisioning/store/timeline.h"

#define ANNA "1001@" DOMAIN
#define YEALINK "Yealink SIP-T46U 108.86.0.20"
#define POLYCOM "PolycomVVX-VVX_450-UA/6.4.0.1"
#define DESK_IDLE "idle-" DESK

static void must_flip(struct office *o, const char *identity)
{
	struct err err = { 0 };

	if (flip_identity(&o->rs, identity, &err))
		fail_msg("%s", err.text);
}

static void refuse(struct office *o, const char *identity, const char *ua, const char *source)
{
	struct register_seen seen = { .identity = identity,
		.contact = "sip:1001@192.0.2.1:5060",
		.user_agent = ua,
		.from = source,
		.at_ms = store_clock_ms() };
	struct err err = { 0 };

	if (evidence_register(&o->rs, &seen, &err))
		fail_msg("%s", err.text);
}

/* The end of an outbox row, as the workers would bring it about. */
struct answer {
	struct office *o;
	struct outbox_job job;
	bool other_waits; /* a row that was put while this one was out */
};

static enum err_code settle_fn(struct txn *t, void *arg, struct err *err)
{
	struct answer *a = arg;
	enum err_code code = a->other_waits ? ERR_OK : outbox_cancel(t->db, a->job.kind, a->job.key, NULL, err);

	return code ? code : tell_settle(t, &a->job, OUTBOX_DONE, NULL, &a->o->rs, err);
}

static void answered(struct office *o, const char *mac, const char *note)
{
	struct answer a = { o, { .kind = "notify", .key = mac, .payload = "{}", .note = note }, false };

	must_write(&o->store, settle_fn, &a);
}

static size_t alerts(struct office *o)
{
	struct snap s = must_snap(&o->store);
	const struct alert_filter open = { .open_only = true };
	int64_t n;

	assert_int_equal(alert_row_count(s.db, &open, &n, NULL), ERR_OK);
	snap_end(&s);
	return (size_t)n;
}

static enum err_code seen_fn(struct txn *t, void *arg, struct err *err)
{
	struct office *o = arg;
	struct mac mac = office_mac(DESK);
	struct phone_row p;
	enum err_code code = phone_load(t->db, &mac, &o->store.a, &p, err);

	return code ? code : phone_seen(t->db, p.id, YEALINK, "108.86.0.20", "192.0.2.1", err);
}

/* The whole way of a vacated desk. */
static void confirm_desk(struct office *o)
{
	office_settle(o);
	must_write(&o->store, seen_fn, o);
	office_reset(o, "1001", true);
	answered(o, DESK, "{\"status\":200} 200 OK after 3 ms");
	office_pull(o, DESK);
	must_flip(o, ANNA);
	office_register(o, DESK_IDLE, "sip:" DESK_IDLE "@192.0.2.1:5060", YEALINK, "192.0.2.1");
}

static void test_told_fetched_flipped_unbound_applied(void **state)
{
	struct office *o = *state;

	office_settle(o);
	office_reset(o, "1001", true);
	assert_int_equal(office_state(o, "unassigned", DESK, "1001"), STATE_OPEN);
	answered(o, DESK, "{\"status\":200} 200 OK after 3 ms");
	assert_int_equal(office_state(o, "unassigned", DESK, "1001"), STATE_TOLD);
	office_pull(o, DESK);
	assert_int_equal(office_state(o, "unassigned", DESK, "1001"), STATE_FETCHED);
	must_flip(o, ANNA);
	assert_int_equal(office_state(o, "unassigned", DESK, "1001"), STATE_FETCHED);
	/* The idle line's secret stood only in the blanking file. */
	office_register(o, DESK_IDLE, "sip:" DESK_IDLE "@192.0.2.1:5060", YEALINK, "192.0.2.1");
	assert_int_equal(office_state(o, "unassigned", DESK, "1001"), STATE_CONFIRMED);
	assert_true(office_record(o, "unassigned", DESK, "1001").closed_ms > 0);
}

/* ---- the NOTIFY's answers ---- */

static void test_each_answer_to_the_notify(void **state)
{
	static const struct {
		const char *note;
		bool told, failed;
		enum record_state state;
	} rows[] = {
		{ "{\"status\":200} 200 OK", true, false, STATE_TOLD },
		{ "{\"status\":202} 202 Accepted", true, false, STATE_TOLD },
		{ "{\"status\":404} 404 Not Found", true, true, STATE_UNREACHABLE },
		{ "{\"status\":404} 404 Contact Not Registered after 2 ms", false, true, STATE_UNREACHABLE },
		{ "{\"status\":480} 480 Temporarily Unavailable", true, true, STATE_UNREACHABLE },
		{ "{\"status\":481} 481 Subscription Does Not Exist", true, true, STATE_UNREACHABLE },
		{ "{\"status\":401} 401 Unauthorized", true, true, STATE_UNREACHABLE },
		/* A proxy's own words: the phone did not answer. */
		{ "{\"status\":408} 408 Request Timeout", false, true, STATE_UNREACHABLE },
		{ "{\"status\":477} 477 Send failed", false, true, STATE_UNREACHABLE },
		{ "{\"status\":503} 503 Service Unavailable", false, true, STATE_UNREACHABLE },
		{ "{\"status\":0} no line of this phone is registered", false, true, STATE_UNREACHABLE },
	};
	struct office *o = *state;
	size_t i;

	office_settle(o);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		office_reset(o, "1001", true);
		answered(o, DESK, rows[i].note);
		if (office_fact(o, "unassigned", DESK, "1001", FACT_TOLD) != rows[i].told ||
			office_fact(o, "unassigned", DESK, "1001", FACT_TOLD_FAILED) != rows[i].failed ||
			office_state(o, "unassigned", DESK, "1001") != rows[i].state)
			fail_msg("%s", rows[i].note);
		office_recycle(o, "1001", "Anna", "Smith", DESK);
	}
}

static void test_a_late_200_makes_it_told(void **state)
{
	struct office *o = *state;

	office_settle(o);
	office_reset(o, "1001", true);
	answered(o, DESK, "{\"status\":0} no answer within 32 s");
	assert_int_equal(office_state(o, "unassigned", DESK, "1001"), STATE_UNREACHABLE);
	assert_true(office_due(o, "notify", DESK) >= 0);
	answered(o, DESK, "{\"status\":200} 200 OK, late");
	assert_int_equal(office_state(o, "unassigned", DESK, "1001"), STATE_TOLD);
}

static void test_the_evidence_is_that_of_the_answer_that_counts(void **state)
{
	struct office *o = *state;
	struct record_row r;
	size_t i;

	office_settle(o);
	office_reset(o, "1001", true);
	answered(o, DESK, "{\"status\":480} 480 Temporarily Unavailable");
	answered(o, DESK, "{\"status\":200} 200 OK after 3 ms");
	r = office_record(o, "unassigned", DESK, "1001");
	assert_int_equal(r.nfacts, 1);
	for (i = 0; i < r.nfacts; i++)
		assert_string_equal(r.facts[i].evidence, "200 OK after 3 ms");
}

/* Her line went from one phone and to another: the first one's delivery flips it, although the second has not come. */
static void test_a_phone_that_only_gets_the_line_holds_nothing_up(void **state)
{
	struct office *o = *state;

	office_settle(o);
	office_reset(o, "1001", true);
	office_recycle(o, "1001", "Dora", "Novak", SPARE);
	office_pull(o, DESK);
	assert_true(office_due(o, "flip", ANNA) <= store_clock_ms());
}

static void test_the_grace_begins_with_the_answer(void **state)
{
	struct office *o = *state;
	int64_t left;

	office_settle(o);
	office_reset(o, "1001", true);
	answered(o, DESK, "{\"status\":200} 200 OK");
	left = office_due(o, "flip", ANNA) - store_clock_ms();
	assert_true(left > 30000 - 5000 && left <= 30000);
	/* The other phone has not answered: its lines still have the ten minutes. */
	assert_true(office_due(o, "flip", "1002@" DOMAIN) - store_clock_ms() > 500000);
}

/* Sent for an edit, answered after a reset that it knew nothing of. */
static void test_an_answer_that_was_overtaken_says_nothing(void **state)
{
	static const char *const notes[] = { "{\"status\":200} 200 OK", "{\"status\":408} 408 Request Timeout" };
	struct office *o = *state;
	struct answer a = { o, { .kind = "notify", .key = DESK, .payload = "{}" }, true };
	size_t i;

	office_settle(o);
	office_reset(o, "1001", true);
	for (i = 0; i < 2; i++) {
		a.job.note = notes[i];
		must_write(&o->store, settle_fn, &a);
		assert_int_equal(office_state(o, "unassigned", DESK, "1001"), STATE_OPEN);
		assert_true(office_due(o, "flip", ANNA) - store_clock_ms() > 500000);
		assert_true(office_due(o, "notify", DESK) <= store_clock_ms());
	}
	answered(o, DESK, notes[0]);
	assert_int_equal(office_state(o, "unassigned", DESK, "1001"), STATE_TOLD);
	assert_true(office_due(o, "flip", ANNA) - store_clock_ms() <= 30000);
}

/* ---- pulls in any order ---- */

static void test_a_phone_that_pulls_before_it_is_told(void **state)
{
	struct office *o = *state;
	struct outbox_job job = { .kind = "notify", .key = DESK, .payload = "{}", .arena = &o->store.a };
	struct err err = { 0 };

	office_settle(o);
	office_reset(o, "1001", true);
	office_pull(o, DESK);
	assert_int_equal(office_state(o, "unassigned", DESK, "1001"), STATE_FETCHED);
	/* A Yealink would restart for nothing: settled unsent. */
	assert_int_equal(tell_deliver(&job, &o->rs, &err), OUTBOX_DONE);
	assert_non_null(strstr(job.note, "unneeded"));
	answered(o, DESK, job.note);
	assert_false(office_fact(o, "unassigned", DESK, "1001", FACT_TOLD));
	assert_false(office_fact(o, "unassigned", DESK, "1001", FACT_TOLD_FAILED));
}

static void test_half_of_its_files_is_not_fetched(void **state)
{
	struct office *o = *state;
	struct mac mac = office_mac(SHARED);
	struct err err = { 0 };
	int64_t wanted;

	office_settle(o);
	/* This Polycom keeps overrides of its own: from now on that file counts. */
	assert_int_equal(evidence_asked(&o->rs, &mac, FILE_PHONE_CFG, store_clock_ms(), &err), ERR_OK);
	office_reset(o, "1001", true);
	assert_int_equal(flip_before_serving(&o->rs, &mac, &err), ERR_OK);
	wanted = office_wanted(o, SHARED);
	office_deliver(o, SHARED, FILE_MAC_CFG, wanted); /* the master file proves nothing */
	office_deliver(o, SHARED, FILE_LINES_CFG, wanted);
	assert_false(office_fact(o, "unassigned", SHARED, "1001b", FACT_FETCHED));
	office_deliver(o, SHARED, FILE_PHONE_CFG, wanted - 1);
	assert_false(office_fact(o, "unassigned", SHARED, "1001b", FACT_FETCHED));
	office_deliver(o, SHARED, FILE_PHONE_CFG, wanted);
	assert_true(office_fact(o, "unassigned", SHARED, "1001b", FACT_FETCHED));
	assert_int_equal(office_acked(o, SHARED), wanted);
}

static void test_pulling_twice_changes_nothing(void **state)
{
	struct office *o = *state;
	struct record_row first, second;
	size_t i;

	office_settle(o);
	office_reset(o, "1001", true);
	office_pull(o, DESK);
	first = office_record(o, "unassigned", DESK, "1001");
	office_pull(o, DESK);
	second = office_record(o, "unassigned", DESK, "1001");
	assert_int_equal(first.nfacts, second.nfacts);
	for (i = 0; i < first.nfacts; i++)
		assert_int_equal(first.facts[i].at_ms, second.facts[i].at_ms);
}

static void test_an_older_generation_proves_nothing(void **state)
{
	struct office *o = *state;
	int64_t before;

	office_settle(o);
	before = office_wanted(o, DESK);
	office_reset(o, "1001", true);
	office_deliver(o, DESK, FILE_MAC_CFG, before);
	assert_int_equal(office_state(o, "unassigned", DESK, "1001"), STATE_OPEN);
}

static void test_a_later_generation_serves_as_well(void **state)
{
	struct office *o = *state;

	office_settle(o);
	office_reset(o, "1001", true);
	office_recycle(o, "1001", "Dora", "Novak", DESK);
	assert_true(office_wanted(o, DESK) > office_record(o, "unassigned", DESK, "1001").generation_after);
	office_pull(o, DESK);
	assert_true(office_fact(o, "unassigned", DESK, "1001", FACT_FETCHED));
	assert_true(office_fact(o, "rekeyed", DESK, "1001", FACT_FETCHED));
	office_register(o, "1001", "sip:1001@192.0.2.1:5060", YEALINK, "192.0.2.1");
	/* (a): the file that carries the new secret has flipped it, so the old line is proved away, too. */
	assert_int_equal(office_state(o, "unassigned", DESK, "1001"), STATE_CONFIRMED);
	assert_int_equal(office_state(o, "rekeyed", DESK, "1001"), STATE_CONFIRMED);
}

static enum err_code sent_fn(struct txn *t, void *arg, struct err *err)
{
	(void)arg;
	return outbox_cancel(t->db, "notify", DESK, NULL, err);
}

static void test_a_newer_generation_is_told_once_more(void **state)
{
	struct office *o = *state;
	int64_t first;

	office_settle(o);
	office_reset(o, "1001", true);
	first = office_wanted(o, DESK);
	answered(o, DESK, "{\"status\":200} 200 OK");
	office_recycle(o, "1001", "Dora", "Novak", DESK);
	must_write(&o->store, sent_fn, NULL); /* both went out in one, and the phone had begun its pull before */
	assert_int_equal(office_due(o, "notify", DESK), -1);
	office_deliver(o, DESK, FILE_MAC_CFG, first);
	assert_int_equal(office_acked(o, DESK), first);
	assert_true(office_due(o, "notify", DESK) >= 0);
}

static void test_a_304_to_a_new_enough_etag_counts(void **state)
{
	struct office *o = *state;
	struct file_delivery d = {
		.mac = office_mac(DESK), .file = FILE_MAC_CFG, .not_modified = true, .hash = "00", .from = "192.0.2.1"
	};
	struct err err = { 0 };

	office_settle(o);
	office_reset(o, "1001", true);
	d.generation = (uint64_t)office_wanted(o, DESK);
	d.at_ms = store_clock_ms();
	assert_int_equal(evidence_delivered(&o->rs, &d, &err), ERR_OK);
	assert_true(office_fact(o, "unassigned", DESK, "1001", FACT_FETCHED));
}

/* ---- applied ---- */

static void test_the_old_secret_proves_nothing(void **state)
{
	struct office *o = *state;
	struct register_seen seen = { .identity = "1002@" DOMAIN,
		.contact = "sip:1002@192.0.2.2:5060",
		.accepted = true,
		.revision = 1,
		.user_agent = POLYCOM,
		.from = "192.0.2.2" };
	struct err err = { 0 };

	office_settle(o);
	office_reset(o, "1001", false);
	seen.at_ms = store_clock_ms();
	assert_int_equal(evidence_register(&o->rs, &seen, &err), ERR_OK); /* before the flip: as ever */
	assert_false(office_fact(o, "rekeyed", SHARED, "1002", FACT_APPLIED));
	office_pull(o, SHARED);
	office_register(o, "1002", "sip:1002@192.0.2.2:5060", POLYCOM, "192.0.2.2");
	assert_int_equal(office_state(o, "rekeyed", SHARED, "1002"), STATE_CONFIRMED);
	must_flip(o, "1001b@" DOMAIN);
	/* One line's new secret proves the file, and with it that the other line is gone. */
	assert_int_equal(office_state(o, "unassigned", SHARED, "1001b"), STATE_CONFIRMED);
}

static void test_applied_may_come_before_the_delivery_is_noted(void **state)
{
	struct office *o = *state;
	struct mac mac = office_mac(DESK);
	struct err err = { 0 };

	office_settle(o);
	office_reset(o, "1001", false);
	assert_int_equal(flip_before_serving(&o->rs, &mac, &err), ERR_OK);
	office_register(o, "1001", "sip:1001@192.0.2.1:5060", YEALINK, "192.0.2.1");
	assert_true(office_fact(o, "rekeyed", DESK, "1001", FACT_APPLIED));
	office_deliver(o, DESK, FILE_MAC_CFG, office_wanted(o, DESK));
	assert_int_equal(office_state(o, "rekeyed", DESK, "1001"), STATE_CONFIRMED);
}

static void test_the_binding_stands_for_an_event_that_was_lost(void **state)
{
	struct office *o = *state;
	struct outbox_job job = { .kind = "proof", .key = DESK, .payload = "{}", .arena = &o->store.a };
	struct err err = { 0 };

	office_settle(o);
	office_reset(o, "1001", false);
	office_pull(o, DESK);
	assert_true(office_due(o, "proof", DESK) >= 0);
	assert_int_equal(proof_deliver(&job, &o->rs, &err), OUTBOX_AGAIN); /* refreshed before the flip */
	office_bind(o, ANNA, "sip:1001@192.0.2.1:5060", YEALINK, "192.0.2.1", -2);
	assert_int_equal(proof_deliver(&job, &o->rs, &err), OUTBOX_DONE);
	assert_int_equal(office_state(o, "rekeyed", DESK, "1001"), STATE_CONFIRMED);
}

static enum err_code silence_fn(struct txn *t, void *arg, struct err *err)
{
	struct outbox_job job = { .kind = "silence", .key = DESK, .payload = "{}" };
	struct office *o = arg;

	return silence_settle(t, &job, OUTBOX_DONE, NULL, &o->rs, err);
}

static void test_where_no_line_can_register_silence_counts(void **state)
{
	struct office *o = *state;
	int64_t due;

	o->rs.conf.idle_lines = false;
	office_settle(o);
	must_write(&o->store, seen_fn, o);
	office_reset(o, "1001", true);
	office_pull(o, DESK);
	must_flip(o, ANNA);
	due = office_due(o, "silence", DESK);
	assert_true(due > store_clock_ms() + 3500 * 1000);
	refuse(o, ANNA, YEALINK, "192.0.2.1"); /* it was not silent: the hour begins again */
	assert_true(office_due(o, "silence", DESK) >= due);
	assert_int_equal(office_state(o, "unassigned", DESK, "1001"), STATE_FETCHED);
	must_write(&o->store, silence_fn, o);
	assert_int_equal(office_state(o, "unassigned", DESK, "1001"), STATE_CONFIRMED);
}

/* ---- the old identity comes back ---- */

static void test_a_refused_register_reopens(void **state)
{
	struct office *o = *state;

	confirm_desk(o);
	assert_int_equal(office_state(o, "unassigned", DESK, "1001"), STATE_CONFIRMED);
	refuse(o, ANNA, YEALINK, "192.0.2.1");
	assert_int_equal(office_state(o, "unassigned", DESK, "1001"), STATE_OPEN);
	assert_true(office_fact(o, "unassigned", DESK, "1001", FACT_REOPENED));
	assert_int_equal(alerts(o), 1);
	assert_true(office_due(o, "notify", DESK) >= 0);
	refuse(o, ANNA, YEALINK, "192.0.2.1");
	assert_int_equal(alerts(o), 1);
	/* And is proved once more. */
	office_pull(o, DESK);
	office_register(o, DESK_IDLE, "sip:" DESK_IDLE "@192.0.2.1:5060", YEALINK, "192.0.2.1");
	assert_int_equal(office_state(o, "unassigned", DESK, "1001"), STATE_CONFIRMED);
}

static void test_somebody_else_who_fails_at_a_password_does_not(void **state)
{
	struct office *o = *state;

	confirm_desk(o);
	refuse(o, ANNA, "friendly-scanner", "198.51.100.7");
	refuse(o, ANNA, POLYCOM, "192.0.2.1"); /* another vendor's phone behind the same address */
	assert_int_equal(office_state(o, "unassigned", DESK, "1001"), STATE_CONFIRMED);
	assert_int_equal(alerts(o), 0);
}

static void test_taking_leave_with_the_old_secret_is_no_return(void **state)
{
	struct office *o = *state;
	struct register_seen bye = { .identity = ANNA,
		.contact = "sip:1001@192.0.2.1:5060",
		.removal = true,
		.user_agent = YEALINK,
		.from = "192.0.2.1" };
	struct err err = { 0 };

	confirm_desk(o);
	bye.at_ms = store_clock_ms();
	assert_int_equal(evidence_register(&o->rs, &bye, &err), ERR_OK);
	assert_int_equal(office_state(o, "unassigned", DESK, "1001"), STATE_CONFIRMED);
}

static void test_written_off_and_reopened(void **state)
{
	struct office *o = *state;
	struct err err = { 0 };
	int64_t id;

	office_settle(o);
	must_write(&o->store, seen_fn, o);
	office_reset(o, "1001", true);
	id = office_record(o, "unassigned", DESK, "1001").id;
	assert_int_equal(record_write_off(&o->rs, DOMAIN, id, "", "admin", "192.0.2.9", &err), ERR_INPUT);
	assert_int_equal(record_write_off(&o->rs, "other.test", id, "sold", "admin", "192.0.2.9", &err), ERR_NOT_FOUND);
	assert_int_equal(
		record_write_off(&o->rs, DOMAIN, id, "the phone was sold", "admin", "192.0.2.9", &err), ERR_OK);
	assert_int_equal(office_state(o, "unassigned", DESK, "1001"), STATE_WRITTEN_OFF);
	assert_int_equal(record_write_off(&o->rs, DOMAIN, id, "again", "admin", "192.0.2.9", &err), ERR_CONFLICT);
	must_flip(o, ANNA);
	refuse(o, ANNA, YEALINK, "192.0.2.1");
	assert_int_equal(office_state(o, "unassigned", DESK, "1001"), STATE_OPEN);
}

static void test_a_register_that_slipped_in_is_unbound(void **state)
{
	struct office *o = *state;
	struct register_seen seen = { .identity = ANNA,
		.contact = "sip:1001@192.0.2.1:5060",
		.accepted = true,
		.revision = 1,
		.user_agent = YEALINK,
		.from = "192.0.2.1" };
	struct err err = { 0 };

	office_settle(o);
	office_reset(o, "1001", true);
	must_flip(o, ANNA);
	seen.at_ms = store_clock_ms();
	assert_int_equal(evidence_register(&o->rs, &seen, &err), ERR_OK);
	assert_true(office_due(o, "unbind", ANNA) >= 0);
}

static void test_an_event_from_before_the_flip_is_no_return(void **state)
{
	struct office *o = *state;
	struct register_seen seen = { .identity = ANNA,
		.contact = "sip:1001@192.0.2.1:5060",
		.accepted = true,
		.revision = 1,
		.user_agent = YEALINK,
		.from = "192.0.2.1" };
	struct err err = { 0 };

	confirm_desk(o);
	seen.at_ms = store_clock_ms() - 60000;
	assert_int_equal(evidence_register(&o->rs, &seen, &err), ERR_OK);
	assert_int_equal(office_state(o, "unassigned", DESK, "1001"), STATE_CONFIRMED);
	assert_int_equal(office_due(o, "unbind", ANNA), -1);
}

static void test_a_phone_that_keeps_its_line_is_not_unbound(void **state)
{
	struct office *o = *state;
	struct register_seen seen = { .identity = ANNA,
		.contact = "sip:1001@192.0.2.1:5060",
		.accepted = true,
		.revision = 1,
		.user_agent = YEALINK,
		.from = "192.0.2.1" };
	struct err err = { 0 };

	office_settle(o);
	office_reset(o, "1001", false);
	must_flip(o, ANNA);
	seen.at_ms = store_clock_ms();
	assert_int_equal(evidence_register(&o->rs, &seen, &err), ERR_OK);
	assert_int_equal(office_due(o, "unbind", ANNA), -1);
}

/* ---- softphones, relabelled phones, uploads ---- */

static void test_a_softphone_that_took_its_blanks_is_confirmed(void **state)
{
	struct office *o = *state;
	struct soft_delivery d = { .from = "192.0.2.9", .user_agent = "LinphoneiOS/5.0" };
	struct record_row r;
	struct err err = { 0 };

	office_settle(o);
	office_reset(o, "1001", false);
	must_flip(o, "1001m@" DOMAIN);
	r = office_record(o, "softphone", "", "1001m");
	d.softphone_id = r.softphone_id;
	d.generation = (uint64_t)r.generation_after;
	d.at_ms = store_clock_ms();
	assert_int_equal(evidence_soft_delivered(&o->rs, &d, &err), ERR_OK);
	assert_int_equal(office_state(o, "softphone", "", "1001m"), STATE_CUT_OFF); /* not the blanks */
	d.blanks = true;
	assert_int_equal(evidence_soft_delivered(&o->rs, &d, &err), ERR_OK);
	assert_int_equal(office_state(o, "softphone", "", "1001m"), STATE_CONFIRMED);
}

static void test_a_relabelled_phone_is_confirmed_by_its_file(void **state)
{
	struct office *o = *state;

	office_settle(o);
	office_reset(o, "1001", false);
	answered(o, COLLEAGUE, "{\"status\":200} 200 OK");
	assert_int_equal(office_state(o, "relabelled", COLLEAGUE, ""), STATE_TOLD);
	office_pull(o, COLLEAGUE);
	assert_int_equal(office_state(o, "relabelled", COLLEAGUE, ""), STATE_CONFIRMED);
}

static void test_a_late_upload_is_thrown_away(void **state)
{
	struct office *o = *state;
	struct mac mac = office_mac(SHARED);
	struct snap s;

	office_settle(o);
	s = must_snap(&o->store);
	assert_true(evidence_upload_kept(s.db, &mac));
	snap_end(&s);
	office_reset(o, "1001", true);
	s = must_snap(&o->store);
	assert_false(evidence_upload_kept(s.db, &mac));
	snap_end(&s);
	office_pull(o, SHARED);
	s = must_snap(&o->store);
	assert_true(evidence_upload_kept(s.db, &mac));
	snap_end(&s);
}

static enum err_code contacts_fn(struct txn *t, void *arg, struct err *err)
{
	const struct phone_row *p = arg;
	enum err_code code = phone_password_seen(t->db, p->id, &(bool){ false }, err);

	return code ? code : phone_contacts_since(t->db, p->id, 1, err);
}

/* Delivered and then delivered again, to a phone that uses its login and has contacts to lose. */
static bool is_news_again(struct office *o, const char *mac, enum file_kind file)
{
	struct phone_row p = office_phone(o, mac);
	struct file_delivery d = { .mac = p.mac, .file = file, .generation = (uint64_t)p.wanted, .hash = "00" };
	struct snap s;
	bool none;

	office_deliver(o, mac, file, p.wanted);
	assert_int_equal(store_write(o->store.st, contacts_fn, &p, NULL), ERR_OK);
	s = must_snap(&o->store);
	none = evidence_no_news(&o->rs, s.db, &d, &o->store.a);
	snap_end(&s);
	return !none;
}

static void test_contacts_on_a_phone_are_news_to_a_grandstreams_book_alone(void **state)
{
	struct office *o = *state;

	office_settle(o);
	assert_false(is_news_again(o, DESK, FILE_MAC_CFG));
	assert_false(is_news_again(o, DESK, FILE_PHONEBOOK));
	assert_false(is_news_again(o, SHARED, FILE_LINES_CFG));
	assert_true(is_news_again(o, COLLEAGUE, FILE_PHONEBOOK));
	assert_false(is_news_again(o, COLLEAGUE, FILE_GS_XML));
}

/* ---- residue ---- */

static enum err_code override_fn(struct txn *t, void *arg, struct err *err)
{
	struct office *o = arg;
	struct mac mac = office_mac(DESK);
	struct override_row row = {
		.layer = LAYER_PHONE, .name = "static.a_parameter.of_next_year", .value = "Anna Smith"
	};
	struct phone_row p;
	enum err_code code = phone_load(t->db, &mac, &o->store.a, &p, err);

	row.target = override_target(&o->store.a, p.id);
	return code ? code : override_put(t->db, &row, err);
}

static enum err_code no_override_fn(struct txn *t, void *arg, struct err *err)
{
	struct office *o = arg;
	struct mac mac = office_mac(DESK);
	struct phone_row p;
	enum err_code code = phone_load(t->db, &mac, &o->store.a, &p, err);

	return code ? code : override_clear(t->db, LAYER_PHONE, override_target(&o->store.a, p.id), err);
}

/* A parameter that a file wrote for the person, and that no later file mentions, stays on the phone. */
static void test_a_residue_holds_the_record_back_and_alerts(void **state)
{
	struct office *o = *state;
	struct record_row r;
	size_t i;

	must_write(&o->store, override_fn, o);
	office_settle(o);
	must_write(&o->store, no_override_fn, o);
	office_reset(o, "1001", true);
	office_pull(o, DESK);
	assert_true(office_fact(o, "unassigned", DESK, "1001", FACT_RESIDUE));
	must_flip(o, ANNA);
	office_register(o, DESK_IDLE, "sip:" DESK_IDLE "@192.0.2.1:5060", YEALINK, "192.0.2.1");
	assert_int_equal(office_state(o, "unassigned", DESK, "1001"), STATE_FETCHED);
	assert_int_equal(alerts(o), 1);
	r = office_record(o, "unassigned", DESK, "1001");
	for (i = 0; i < r.nfacts; i++)
		assert_null(strstr(r.facts[i].evidence, "Anna"));
}

static void test_an_ordinary_handover_leaves_no_residue(void **state)
{
	struct office *o = *state;

	confirm_desk(o);
	assert_false(office_fact(o, "unassigned", DESK, "1001", FACT_RESIDUE));
	office_pull(o, SHARED);
	assert_false(office_fact(o, "unassigned", SHARED, "1001b", FACT_RESIDUE));
	office_pull(o, COLLEAGUE);
	assert_false(office_fact(o, "relabelled", COLLEAGUE, "", FACT_RESIDUE));
	assert_int_equal(alerts(o), 0);
}

/* ---- a crash between the commit and the NOTIFY ---- */

static void test_after_a_crash_the_work_is_still_there_and_nothing_is_recorded_twice(void **state)
{
	struct office *o = *state;
	struct record_row before, after;
	int64_t wanted;

	office_settle(o);
	office_reset(o, "1001", true);
	before = office_record(o, "unassigned", DESK, "1001");
	wanted = office_wanted(o, DESK);
	office_crash(o);
	assert_true(office_due(o, "notify", DESK) >= 0);
	assert_true(office_due(o, "flip", ANNA) >= 0);
	after = office_record(o, "unassigned", DESK, "1001");
	assert_int_equal(before.id, after.id);
	assert_int_equal(office_wanted(o, DESK), wanted);
}

#define OFFICE(test) cmocka_unit_test_setup_teardown(test, office_open, office_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OFFICE(test_told_fetched_flipped_unbound_applied),
		OFFICE(test_each_answer_to_the_notify),
		OFFICE(test_a_late_200_makes_it_told),
		OFFICE(test_the_evidence_is_that_of_the_answer_that_counts),
		OFFICE(test_a_phone_that_only_gets_the_line_holds_nothing_up),
		OFFICE(test_the_grace_begins_with_the_answer),
		OFFICE(test_an_answer_that_was_overtaken_says_nothing),
		OFFICE(test_a_phone_that_pulls_before_it_is_told),
		OFFICE(test_half_of_its_files_is_not_fetched),
		OFFICE(test_pulling_twice_changes_nothing),
		OFFICE(test_an_older_generation_proves_nothing),
		OFFICE(test_a_later_generation_serves_as_well),
		OFFICE(test_a_newer_generation_is_told_once_more),
		OFFICE(test_a_304_to_a_new_enough_etag_counts),
		OFFICE(test_the_old_secret_proves_nothing),
		OFFICE(test_applied_may_come_before_the_delivery_is_noted),
		OFFICE(test_the_binding_stands_for_an_event_that_was_lost),
		OFFICE(test_where_no_line_can_register_silence_counts),
		OFFICE(test_a_refused_register_reopens),
		OFFICE(test_somebody_else_who_fails_at_a_password_does_not),
		OFFICE(test_taking_leave_with_the_old_secret_is_no_return),
		OFFICE(test_written_off_and_reopened),
		OFFICE(test_a_register_that_slipped_in_is_unbound),
		OFFICE(test_an_event_from_before_the_flip_is_no_return),
		OFFICE(test_a_phone_that_keeps_its_line_is_not_unbound),
		OFFICE(test_a_softphone_that_took_its_blanks_is_confirmed),
		OFFICE(test_a_relabelled_phone_is_confirmed_by_its_file),
		OFFICE(test_a_late_upload_is_thrown_away),
		OFFICE(test_contacts_on_a_phone_are_news_to_a_grandstreams_book_alone),
		OFFICE(test_a_residue_holds_the_record_back_and_alerts),
		OFFICE(test_an_ordinary_handover_leaves_no_residue),
		OFFICE(test_after_a_crash_the_work_is_still_there_and_nothing_is_recorded_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
