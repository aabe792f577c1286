#include "provisioning/alert/alert.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/arena.h"
#include "provisioning/alert/feed.h"
#include "provisioning/conf/log.h"
#include "provisioning/store/alert.h"
#include "provisioning/store/counter.h"

struct kind {
	const char *word, *title;
	bool ends; /* what is wrong can be seen to be over */
};

static const struct kind kinds[ALERT_KIND_COUNT] = {
	[ALERT_UNCONFIRMED] = { "unconfirmed", "A handover is still without its proof", true },
	[ALERT_RESIDUE] = { "residue", "A phone would still hold something of the person before", true },
	[ALERT_REOPENED] = { "reopened", "An old identity registered again", true },
	[ALERT_SECOND_FIRST_ACCESS] = { "second-first-access", "A first-access address was used twice", false },
	[ALERT_REGISTRAR_DOWN] = { "registrar-down", "The registrar does not answer", true },
	[ALERT_LEFT_OUT] = { "left-out", "A phone's file does without something that cannot be written", false },
	[ALERT_MAIL_FAILED] = { "mail-failed", "Mails were not delivered", true },
	[ALERT_MAIL_SERVER] = { "mail-server", "The mail server takes no mail", true },
	[ALERT_VOICEMAIL] = { "voicemail", "A voicemail box cannot be cleared", true },
	[ALERT_WEBHOOK_DISABLED] = { "webhook-disabled", "A webhook failed and is not called any more", true },
	[ALERT_SCAN] = { "scan", "Somebody tries to pass for phones", false },
};

const char *alert_kind_word(enum alert_kind kind)
{
	return kind < ALERT_KIND_COUNT ? kinds[kind].word : "unknown";
}

bool alert_kind_read(const char *word, enum alert_kind *out)
{
	unsigned i;

	for (i = 0; i < ALERT_KIND_COUNT; i++)
		if (strcmp(kinds[i].word, word) == 0) {
			*out = (enum alert_kind)i;
			return true;
		}
	return false;
}

const char *alert_kind_title(enum alert_kind kind)
{
	return kind < ALERT_KIND_COUNT ? kinds[kind].title : "";
}

bool alert_ends_by_itself(enum alert_kind kind)
{
	return kind < ALERT_KIND_COUNT && kinds[kind].ends;
}

/* One alert of a mark at a time. A phone may change its domain meanwhile. */
static const char *mark_of(enum alert_kind kind, const struct alert_about *about, struct arena *a)
{
	int64_t domain_id = about->phone_id || about->record_id ? 0 : about->domain_id;

	return arena_printf(a, "%s/%" PRId64 "/%" PRId64 "/%" PRId64 "/%.*s", kinds[kind].word, domain_id,
		about->phone_id, about->record_id, ALERT_SUBJECT_MAX, about->subject ? about->subject : "");
}

/* Cut between characters. */
static const char *cut(const char *text, struct arena *a)
{
	size_t n = strnlen(text, ALERT_TEXT_MAX + 1);

	if (n > ALERT_TEXT_MAX)
		for (n = ALERT_TEXT_MAX; n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80;)
			n--;
	return arena_strndup(a, text, n);
}

static enum err_code no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "there is no memory to note an alert");
}

static enum err_code raise(struct db *db, enum alert_kind kind, const struct alert_about *about, const char *text,
	bool *raised, struct arena *a, struct err *err)
{
	struct alert_row row = { .domain_id = about->domain_id,
		.phone_id = about->phone_id,
		.record_id = about->record_id,
		.kind = kinds[kind].word,
		.text = cut(text, a),
		.mark = mark_of(kind, about, a) };
	int64_t there;
	enum err_code code;

	if (row.mark == NULL || row.text == NULL)
		return no_memory(err);
	code = alert_row_again(db, row.mark, &there, err);
	*raised = code == ERR_OK && there == 0;
	if (!*raised)
		return code;
	if ((code = alert_row_add(db, &row, err)) ||
		(code = counter_bump(db, arena_printf(a, "alerts %s", row.kind), err)))
		return code;
	return feed_add(db, &row, "raised", "", "", err);
}

enum err_code alert_raise(struct db *db, enum alert_kind kind, const struct alert_about *about, const char *text,
	bool *raised, struct err *err)
{
	struct arena a;
	bool is_new = false;
	enum err_code code;

	if (kind >= ALERT_KIND_COUNT)
		return err_set(err, ERR_BUG, "there is no kind %d of alerts", (int)kind);
	arena_init(&a, 0);
	code = raise(db, kind, about, text ? text : "", &is_new, &a, err);
	arena_release(&a);
	if (raised)
		*raised = is_new;
	return code;
}

static enum err_code clear(struct db *db, int64_t id, const char *who, const char *why, bool *changed, struct err *err)
{
	struct alert_row row;
	struct arena a;
	enum err_code code;

	arena_init(&a, 0);
	code = alert_row_clear(db, id, who, why, changed, err);
	if (code == ERR_OK && *changed && (code = alert_row_load(db, id, &a, &row, err)) == ERR_OK)
		code = feed_add(db, &row, "cleared", who, why, err);
	arena_release(&a);
	return code;
}

enum err_code alert_end(
	struct db *db, enum alert_kind kind, const struct alert_about *about, const char *why, struct err *err)
{
	struct arena a;
	const char *mark;
	int64_t id = 0;
	bool changed;
	enum err_code code;

	arena_init(&a, 0);
	mark = mark_of(kind, about, &a);
	code = mark ? alert_row_of_mark(db, mark, &id, err) : no_memory(err);
	arena_release(&a);
	return code || id == 0 ? code : clear(db, id, "", why, &changed, err);
}

/* Those of a filter; all: also those that only a person could end. */
static enum err_code end_listed(struct db *db, const struct alert_filter *f, bool all, const char *why, struct err *err)
{
	struct alert_row *rows;
	enum alert_kind kind;
	struct arena a;
	bool changed;
	size_t n = 0, i;
	enum err_code code;

	arena_init(&a, 0);
	code = alert_row_list(db, f, (struct page){ 0, 0 }, &a, &rows, &n, err);
	for (i = 0; code == ERR_OK && i < n; i++)
		if (all || (alert_kind_read(rows[i].kind, &kind) && alert_ends_by_itself(kind)))
			code = clear(db, rows[i].id, "", why, &changed, err);
	arena_release(&a);
	return code;
}

enum err_code alert_end_record(struct db *db, int64_t record_id, const char *why, struct err *err)
{
	const struct alert_filter f = { .record_id = record_id };

	return end_listed(db, &f, false, why, err);
}

enum err_code alert_end_kind(struct db *db, enum alert_kind kind, const char *why, struct err *err)
{
	const struct alert_filter f = { .kind = alert_kind_word(kind), .open_only = true };

	return end_listed(db, &f, true, why, err);
}

enum err_code alert_end_domain(struct db *db, int64_t domain_id, const char *why, struct err *err)
{
	const struct alert_filter f = { .domain_id = domain_id, .open_only = true };

	return end_listed(db, &f, true, why, err);
}

enum err_code alert_clear(struct db *db, int64_t id, const char *who, const char *why, struct err *err)
{
	bool changed;
	enum err_code code = clear(db, id, who, why, &changed, err);

	if (code || changed)
		return code;
	return err_set(err, ERR_CONFLICT, "Alert %" PRId64 " is cleared already.", id);
}

static enum err_code seen(struct db *db, int64_t id, const char *who, const char *why, struct arena *a, struct err *err)
{
	struct alert_row row;
	enum alert_kind kind;
	bool changed;
	enum err_code code = alert_row_load(db, id, a, &row, err);

	if (code)
		return code;
	if (row.cleared_ms)
		return err_set(err, ERR_CONFLICT, "Alert %" PRId64 " is cleared already.", id);
	if (row.seen_ms)
		return err_set(err, ERR_CONFLICT, "Alert %" PRId64 " was acknowledged by %s already.", id, row.seen_by);
	if ((code = alert_row_seen(db, id, who, why, &changed, err)) ||
		(code = feed_add(db, &row, "acknowledged", who, why, err)))
		return code;
	if (alert_kind_read(row.kind, &kind) && alert_ends_by_itself(kind))
		return ERR_OK;
	return clear(db, id, who, why, &changed, err);
}

enum err_code alert_acknowledge(struct db *db, int64_t id, const char *who, const char *why, struct err *err)
{
	struct arena a;
	enum err_code code;

	arena_init(&a, 0);
	code = seen(db, id, who, why, &a, err);
	arena_release(&a);
	return code;
}
