/* Webhooks: addresses of programs that are told about alerts, and what each is still to be told. When and how is
 * webhook/webhook.h's. */
#ifndef PROVISIONING_STORE_WEBHOOK_H
#define PROVISIONING_STORE_WEBHOOK_H

#include "phonecfg/base/secret.h"
#include "provisioning/store/store.h"

struct webhook_row {
	int64_t id, domain_id;                 /* 0 = alerts of every domain, and of the server */
	struct secret url;                     /* many receivers know their callers by it alone */
	struct secret secret, secret_previous; /* previous: signs too until secret_until_ms */
	int64_t secret_until_ms;
	const char *description;
	const char *kinds; /* " residue reopened ": a blank around each; "" = every kind */
	bool enabled;
	const char *disabled_why; /* "" = by hand */
	const char *created_by;
	int64_t failures; /* in a row */
	int64_t failing_since_ms;
	int64_t last_ms, last_status; /* the last call; status 0 = no answer */
	const char *last_error;       /* "" = it was taken */
	int64_t last_took_ms, last_good_ms;
	int64_t created_ms, modified_ms;
	/* out only */
	const char *domain; /* "" = of no domain */
	int64_t waiting;    /* calls still to be made */
};

enum err_code webhook_row_add(struct db *db, struct webhook_row *row, struct err *err);
enum err_code webhook_row_load(struct db *db, int64_t id, struct arena *a, struct webhook_row *out, struct err *err);
/* domain_id 0: those of no domain. */
enum err_code webhook_row_list(struct db *db, int64_t domain_id, struct page page, struct arena *a,
	struct webhook_row **out, size_t *n, struct err *err);
enum err_code webhook_row_count(struct db *db, int64_t domain_id, int64_t *out, struct err *err);
/* What an admin sets: url, secrets, description, kinds, enabled. */
enum err_code webhook_row_save(struct db *db, struct webhook_row *row, struct err *err);
/* How the last call ended: failures, failing_since_ms, last_*, enabled, disabled_why. */
enum err_code webhook_row_result(struct db *db, struct webhook_row *row, struct err *err);
enum err_code webhook_row_delete(struct db *db, int64_t id, struct err *err);

/* Enabled ones that are told about alerts of this domain (0: of the server): its own and those of no domain. */
struct webhook_ear {
	int64_t id, failures;
	const char *kinds;
};
enum err_code webhook_ears(
	struct db *db, int64_t domain_id, struct arena *a, struct webhook_ear **out, size_t *n, struct err *err);
/* How many there are: "enabled", "failing", "disabled". */
struct tally_row;
enum err_code webhook_tally(struct db *db, struct arena *a, struct tally_row **out, size_t *n, struct err *err);

/* A call that is still to be made. */
struct webhook_call_row {
	int64_t id, webhook_id;
	int64_t event_id; /* 0 = a test */
	int64_t tries;
	int64_t at_ms;
};
enum err_code webhook_call_add(struct db *db, struct webhook_call_row *row, struct err *err);
/* The next one of a webhook: a test, else the oldest event. ERR_NOT_FOUND when there is none. */
enum err_code webhook_call_first(
	struct db *db, int64_t webhook_id, struct arena *a, struct webhook_call_row *out, struct err *err);
enum err_code webhook_call_load(
	struct db *db, int64_t id, struct arena *a, struct webhook_call_row *out, struct err *err);
enum err_code webhook_call_tried(struct db *db, int64_t id, struct err *err);
enum err_code webhook_call_delete(struct db *db, int64_t id, struct err *err);
/* All of a webhook. */
enum err_code webhook_call_drop(struct db *db, int64_t webhook_id, int64_t *n, struct err *err);
/* How many wait in all. */
enum err_code webhook_call_count(struct db *db, int64_t *out, struct err *err);

#endif
