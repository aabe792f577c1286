/* Handover records and their facts: what was taken from which phone, and how it was proved.
 *
 * A record names hardware, line, extension and account that gave the order; never the person who left. */
#ifndef PROVISIONING_STORE_RECORD_H
#define PROVISIONING_STORE_RECORD_H

#include "phonecfg/base/mac.h"
#include "provisioning/store/store.h"

/* A fact is set once, with its time and evidence. Which words there are, and what they mean together, is
 * reset/record.h's. */
struct fact_row {
	const char *fact; /* "told", "fetched", … */
	int64_t at_ms;
	const char *evidence;
};

struct record_row {
	int64_t id, job_id;
	const char *kind; /* "unassigned", "rekeyed", "relabelled", "softphone" */
	int64_t domain_id, user_id, phone_id, device_id, softphone_id; /* 0 when gone or not of that sort */
	const char *mac;                                               /* 12 digits; "" for a softphone */
	int64_t slot;                                                  /* 0 = the whole phone (relabelled) */
	const char *device, *ext, *domain;                             /* names, kept after the rows are gone */
	const char *who, *why;
	int64_t generation_before, generation_after;
	int64_t revision_before,
		revision_after; /* of the device's password; after 0 = the device is gone or has none */
	bool keeps_line;        /* re-keyed: the line stays on the phone */
	const char *state;      /* what reset/record.h derived last, for filters; written by record_set_state */
	bool open;              /* not confirmed and not written off; written with state */
	int64_t created_ms, closed_ms;
	const char *closed_by; /* who wrote it off last; "" = nobody */
	/* out only */
	int64_t news; /* grows with every change of a record that belongs to a job, over all of them (job.h) */
	struct fact_row *facts; /* by time */
	size_t nfacts;
};

enum err_code record_add(struct db *db, struct record_row *row, struct err *err);
enum err_code record_load(struct db *db, int64_t id, struct arena *a, struct record_row *out, struct err *err);

struct record_filter {
	int64_t domain_id, job_id, user_id, phone_id, device_id, softphone_id; /* 0 = any */
	int64_t site_id;    /* of the phone or the user; lists of a domain and counts alone */
	const char *ext;    /* NULL or "" = any */
	const char *mac;    /* likewise, 12 digits */
	const char *state;  /* likewise */
	const char *kind;   /* likewise */
	const char *device; /* likewise: the SIP user, also of a device that is gone */
	bool open_only;
	int64_t from_ms, to_ms; /* created in from <= t < to; 0 = any */
	bool newest_first;
	int64_t after_id, before_id; /* after < id < before, for going on where a part of a list ended; 0 = no bound */
};
/* With facts. By id. */
enum err_code record_list(struct db *db, const struct record_filter *f, struct page page, struct arena *a,
	struct record_row **out, size_t *n, struct err *err);
enum err_code record_count(struct db *db, const struct record_filter *f, int64_t *out, struct err *err);
/* Those of a job whose news is greater than after, by news; at most limit. With facts. */
enum err_code record_news(struct db *db, int64_t job_id, int64_t after, int64_t limit, struct arena *a,
	struct record_row **out, size_t *n, struct err *err);

/* How many records of a job are in which state. */
struct tally_row;
enum err_code record_tally_job(
	struct db *db, int64_t job_id, struct arena *a, struct tally_row **out, size_t *n, struct err *err);

/* Open ones that were opened before that time and were not noted as overdue, oldest first, without facts. */
enum err_code record_overdue(struct db *db, int64_t before_ms, int64_t limit, struct arena *a, struct record_row **out,
	size_t *n, struct err *err);
/* When the oldest of those was opened; 0 = there is none. */
enum err_code record_overdue_next(struct db *db, int64_t *created_ms, struct err *err);
/* Once per record, also when it is opened again. */
enum err_code record_overdue_noted(struct db *db, int64_t id, struct err *err);

/* Open ones: "cut-off 2" = in that state, and ages_ms[1] old or older, but younger than ages_ms[2]. */
enum err_code record_tally(
	struct db *db, const int64_t ages_ms[3], struct arena *a, struct tally_row **out, size_t *n, struct err *err);
/* The phones of a job's records, by MAC. */
struct record_phone_row {
	const char *mac;
	int64_t phone_id; /* 0 = it is gone */
	int64_t lines;    /* records about its lines, not its labels */
};
enum err_code record_phones(
	struct db *db, int64_t job_id, struct arena *a, struct record_phone_row **out, size_t *n, struct err *err);
/* 0 = none is open. */
enum err_code record_oldest_open(struct db *db, int64_t *created_ms, struct err *err);

/* Sets a fact unless it is set already; *set (may be NULL) says whether it was this call. evidence holds no name and no
 * secret. */
enum err_code record_fact_set(
	struct db *db, int64_t id, const char *fact, int64_t at_ms, const char *evidence, bool *set, struct err *err);
/* Takes a fact back (a record that is open again; a phone that was told at last). One that is not set is ERR_OK. */
enum err_code record_fact_clear(struct db *db, int64_t id, const char *fact, struct err *err);
/* How often records ended in each way is counted ("handovers confirmed", store/counter.h). */
enum err_code record_set_state(struct db *db, int64_t id, const char *state, bool open, struct err *err);
enum err_code record_closed_by(struct db *db, int64_t id, const char *who, struct err *err);
/* The phone of open records changed hands on (swap): nothing else of a record ever changes but the later generation. */
enum err_code record_set_generation(struct db *db, int64_t id, int64_t generation_after, struct err *err);

#endif
