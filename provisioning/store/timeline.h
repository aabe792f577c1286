/* What happened to a phone, and alerts. No person's name stands here: extensions, lines, generations, statuses. */
#ifndef PROVISIONING_STORE_TIMELINE_H
#define PROVISIONING_STORE_TIMELINE_H

#include "phonecfg/base/mac.h"
#include "provisioning/store/store.h"

struct timeline_row {
	int64_t id, at_ms, phone_id; /* phone_id 0 with only a MAC: not ours yet */
	struct mac mac;
	const char *event; /* "pulled", "told", "registered", … */
	const char *detail;
	int64_t generation, record_id, job_id;
};

/* at_ms 0 = now. Keeps at least the last 500 of a phone. */
enum err_code timeline_add(struct db *db, struct timeline_row *row, struct err *err);
/* Newest first. */
enum err_code timeline_list(struct db *db, int64_t phone_id, struct page page, struct arena *a,
	struct timeline_row **out, size_t *n, struct err *err);

struct alert_row {
	int64_t id, at_ms, domain_id, phone_id, record_id;
	const char *kind; /* "residue", "reopened", "refused-register", … */
	const char *text;
	int64_t cleared_ms;
};
/* Once per kind, domain, phone and record while uncleared; *added (may be NULL) says whether it is new. */
enum err_code alert_add(struct db *db, struct alert_row *row, bool *added, struct err *err);
/* Newest first. domain_id 0 = all; site_id (of the phone) likewise. */
enum err_code alert_list(struct db *db, int64_t domain_id, int64_t site_id, bool uncleared_only, struct page page,
	struct arena *a, struct alert_row **out, size_t *n, struct err *err);
enum err_code alert_clear(struct db *db, int64_t id, struct err *err);
/* All of a kind: what they warned of is over. */
enum err_code alert_clear_kind(struct db *db, const char *kind, struct err *err);
/* Those of a kind in one domain; none is no error. */
enum err_code alert_clear_domain(struct db *db, const char *kind, int64_t domain_id, struct err *err);

#endif
