/* What happened to a phone. No person's name stands here: extensions, lines, generations, statuses. */
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
/* Newest first, of what happened at since_ms or later: what was before may be another domain's. */
enum err_code timeline_list(struct db *db, int64_t phone_id, int64_t since_ms, struct page page, struct arena *a,
	struct timeline_row **out, size_t *n, struct err *err);

#endif
