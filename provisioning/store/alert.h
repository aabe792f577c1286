/* Alerts, what happened to each of them, in order, and who was told. What is raised when is alert/alert.h's.
 *
 * No person's name stands here: extensions, MACs, parameters, and the admin who has seen to it. */
#ifndef PROVISIONING_STORE_ALERT_H
#define PROVISIONING_STORE_ALERT_H

#include "provisioning/store/counter.h"

struct alert_row {
	int64_t id, at_ms;
	int64_t domain_id, phone_id, record_id; /* 0 = not about one */
	const char *kind, *text;
	const char *mark; /* kind and subject: there is one uncleared alert of a mark */
	int64_t times, last_ms;
	int64_t cleared_ms;
	const char *cleared_by, *cleared_why; /* by "" = by itself */
	int64_t seen_ms;
	const char *seen_by, *seen_why;
	/* out only */
	const char *domain, *mac; /* names, "" when gone or none */
};

/* Fills id, at_ms, last_ms and times. ERR_CONFLICT: one of that mark is uncleared. */
enum err_code alert_row_add(struct db *db, struct alert_row *row, struct err *err);
enum err_code alert_row_load(struct db *db, int64_t id, struct arena *a, struct alert_row *out, struct err *err);
/* The id of the uncleared one of that mark, 0 = none; counted once more when there is one. */
enum err_code alert_row_again(struct db *db, const char *mark, int64_t *id, struct err *err);
/* The id of the uncleared one of that mark, 0 = none. */
enum err_code alert_row_of_mark(struct db *db, const char *mark, int64_t *id, struct err *err);
/* *changed: it was not so before. */
enum err_code alert_row_clear(
	struct db *db, int64_t id, const char *by, const char *why, bool *changed, struct err *err);
enum err_code alert_row_seen(
	struct db *db, int64_t id, const char *by, const char *why, bool *changed, struct err *err);

struct alert_filter {
	int64_t domain_id; /* 0 = all */
	int64_t site_id;   /* of the phone or of the record's user; 0 = all, -1 = none */
	int64_t record_id; /* 0 = any */
	const char *kind;  /* NULL or "" = any */
	bool open_only, cleared_only, seen_only, unseen_only;
	int64_t from_ms, to_ms; /* raised in from <= t < to; 0 = any */
};
/* Newest first. */
enum err_code alert_row_list(struct db *db, const struct alert_filter *f, struct page page, struct arena *a,
	struct alert_row **out, size_t *n, struct err *err);
enum err_code alert_row_count(struct db *db, const struct alert_filter *f, int64_t *out, struct err *err);

/* How many are uncleared, by kind; kinds without any are left out. */
enum err_code alert_tally(struct db *db, struct arena *a, struct tally_row **out, size_t *n, struct err *err);

struct alert_event_row {
	int64_t id, alert_id, domain_id;
	const char *what; /* "raised", "acknowledged", "cleared" */
	const char *who, *why;
	int64_t at_ms;
};
enum err_code alert_event_add(struct db *db, struct alert_event_row *row, struct err *err);
enum err_code alert_event_load(
	struct db *db, int64_t id, struct arena *a, struct alert_event_row *out, struct err *err);
/* Those after that id, oldest first. */
enum err_code alert_event_list(struct db *db, int64_t domain_id, int64_t site_id, int64_t after_id, int64_t limit,
	struct arena *a, struct alert_event_row **out, size_t *n, struct err *err);
/* The id of the last one of all, 0 = none yet. */
enum err_code alert_event_last(struct db *db, int64_t *out, struct err *err);
/* Of the limit oldest ones drops those of before that time. */
enum err_code alert_event_trim(struct db *db, int64_t before_ms, int64_t limit, struct err *err);

#endif
