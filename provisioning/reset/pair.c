#include "provisioning/reset/pair.h"

#include "provisioning/alert/alert.h"
#include "provisioning/conf/ways.h"
#include "provisioning/store/timeline.h"

unsigned pair_ways(const struct reset *rs, int64_t ways_off)
{
	return rs->conf.ways & ~(unsigned)ways_off;
}

enum err_code pair_allowed(const struct reset *rs, const struct phone_row *row, unsigned way, struct err *err)
{
	char mac[MAC_TEXT];
	const char *word = "";
	unsigned n;

	if (row->state == PHONE_RETIRED)
		return err_set(err, ERR_CONFLICT, "Phone %s is retired: it is given blanks by its own login alone.",
			mac_text(&row->mac, mac));
	if (pair_ways(rs, row->ways_off) & way)
		return ERR_OK;
	for (n = 0; n < WAYS; n++)
		if (way == 1U << n)
			word = way_word(n);
	if (rs->conf.ways & way)
		return err_set(err, ERR_CONFLICT,
			"First access by %s is off in the domain %s; add \"%s\" to its first-access-ways.", word,
			row->domain, word);
	return err_set(err, ERR_CONFLICT,
		"First access by %s is off on this server; add it to first-access-ways in [phones] of its settings.",
		word);
}

static enum err_code note(
	struct db *db, const struct phone_row *row, const char *event, const char *detail, struct err *err)
{
	struct timeline_row t = {
		.phone_id = row->id, .mac = row->mac, .event = event, .detail = detail, .generation = row->wanted
	};

	return timeline_add(db, &t, err);
}

static enum err_code set_window(const struct reset *rs, struct db *db, const struct mac *mac, int64_t until_ms,
	struct arena *a, struct err *err)
{
	struct phone_row row;
	char text[MAC_TEXT];
	enum err_code e = phone_load(db, mac, a, &row, err);

	if (e || (until_ms && (e = pair_allowed(rs, &row, WAY_PAIRING, err))) ||
		(e = phone_pair(db, row.id, until_ms, err)) ||
		(e = note(db, &row, until_ms ? "pairing-open" : "pairing-closed", "", err)))
		return e;
	return outbox_put_once(db, "logins", mac_text(mac, text), "{}", 0, NULL, err);
}

enum err_code pair_open(struct reset *rs, struct db *db, const struct mac *mac, int64_t for_ms, struct arena *a,
	int64_t *until_ms, struct err *err)
{
	*until_ms = rs->now_ms() + (for_ms ? for_ms : rs->conf.pair_ms);
	return set_window(rs, db, mac, *until_ms, a, err);
}

enum err_code pair_close(struct db *db, const struct mac *mac, struct arena *a, struct err *err)
{
	return set_window(NULL, db, mac, 0, a, err);
}

/* ---- used ---- */

struct taking {
	struct reset *rs;
	const struct mac *mac;
	const char *from;
	int64_t taken_ms;
};

/* A phone that has used its login before gets another one. Where one is on its way already, that one is it. */
static enum err_code take(struct db *db, struct taking *v, struct arena *a, struct err *err)
{
	struct phone_row row;
	int64_t generation;
	bool first;
	enum err_code e = phone_load(db, v->mac, a, &row, err);

	if (e || (e = pair_allowed(v->rs, &row, WAY_PAIRING, err)) ||
		(e = phone_pair_used(db, row.id, v->from, &first, err)))
		return e;
	if (!first)
		return err_set(err, ERR_NOT_FOUND, "The pairing window is closed, or used up.");
	v->taken_ms = db_now_ms(db);
	if (row.prov_password_seen_ms &&
		((e = phone_rekey(db, &row, a, err)) || (e = phone_bump(db, row.id, &generation, err))))
		return e;
	return note(db, &row, "paired", arena_printf(a, "first file to %s", v->from), err);
}

static enum err_code take_fn(struct txn *t, void *arg, struct err *err)
{
	struct arena a;
	enum err_code e;

	arena_init(&a, 0);
	e = take(t->db, arg, &a, err);
	arena_release(&a);
	return e;
}

enum err_code pair_take(struct reset *rs, const struct mac *mac, const char *from, int64_t *taken_ms, struct err *err)
{
	struct taking v = { rs, mac, from, 0 };
	enum err_code e = store_write(rs->store, take_fn, &v, err);

	*taken_ms = v.taken_ms;
	return e;
}

static enum err_code lost_fn(struct txn *t, void *arg, struct err *err)
{
	const struct taking *v = arg;
	struct phone_row row;
	struct arena a;
	enum err_code e;

	arena_init(&a, 0);
	e = phone_load(t->db, v->mac, &a, &row, err);
	if (e == ERR_OK)
		e = phone_pair_lost(t->db, row.id, v->taken_ms, err);
	if (e == ERR_OK)
		e = note(t->db, &row, "pairing-lost", "the first file did not arrive", err);
	arena_release(&a);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err_code pair_lost(struct reset *rs, const struct mac *mac, int64_t taken_ms, struct err *err)
{
	struct taking v = { rs, mac, "", taken_ms };

	return store_write(rs->store, lost_fn, &v, err);
}

/* ---- used twice? ---- */

/* Every phone asks without its login first, so that alone says nothing yet. */
enum err_code pair_again(
	struct reset *rs, struct db *db, const struct mac *mac, const char *from, struct arena *a, struct err *err)
{
	struct phone_row row;
	char text[MAC_TEXT];
	enum err_code e = phone_load(db, mac, a, &row, err);

	if (e || row.paired_ms == 0)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	return outbox_put_once(
		db, "second-access", mac_text(mac, text), from, rs->now_ms() + rs->conf.second_access_ms, NULL, err);
}

struct second {
	struct reset *rs;
	struct mac mac;
	const char *from;
};

static enum err_code alert(
	struct second *v, struct db *db, const struct phone_row *row, struct arena *a, struct err *err)
{
	const struct alert_about about = { .domain_id = row->domain_id, .phone_id = row->id };
	char mac[MAC_TEXT];
	const char *text = arena_printf(a,
		"%s: its first file was given to %s, and then %s asked for it without a login. If that was not one phone "
		"trying twice, reset its lines and pair it again.",
		mac_text(&row->mac, mac), row->paired_from, v->from);

	return alert_raise(db, ALERT_SECOND_FIRST_ACCESS, &about, text, NULL, err);
}

static enum err_code second_fn(struct txn *t, void *arg, struct err *err)
{
	struct second *v = arg;
	struct phone_row row;
	struct arena a;
	enum err_code e;

	arena_init(&a, 0);
	e = phone_load(t->db, &v->mac, &a, &row, err);
	if (e == ERR_OK && row.paired_ms)
		e = alert(v, t->db, &row, &a, err);
	arena_release(&a);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum outbox_result pair_again_deliver(struct outbox_job *job, void *arg, struct err *err)
{
	struct second v = { .rs = arg, .from = job->payload };

	if (!mac_parse(slice_str(job->key), &v.mac))
		return OUTBOX_DONE;
	return store_write(v.rs->store, second_fn, &v, err) ? OUTBOX_RETRY : OUTBOX_DONE;
}
