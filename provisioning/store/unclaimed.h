/* Phones that knocked and that nobody knows; bounded in number, oldest forgotten first. */
#ifndef PROVISIONING_STORE_UNCLAIMED_H
#define PROVISIONING_STORE_UNCLAIMED_H

#include "phonecfg/base/mac.h"
#include "provisioning/store/store.h"

struct unclaimed_row {
	struct mac mac;
	const char *vendor, *model, *user_agent, *address;
	int64_t first_ms, last_ms, knocks;
};

/* Notes a knock; keeps the max last ones. */
enum err_code unclaimed_note(struct db *db, struct unclaimed_row *row, int64_t max, struct err *err);
/* Newest first. */
enum err_code unclaimed_list(
	struct db *db, struct page page, struct arena *a, struct unclaimed_row **out, size_t *n, struct err *err);
enum err_code unclaimed_load(
	struct db *db, const struct mac *mac, struct arena *a, struct unclaimed_row *out, struct err *err);
enum err_code unclaimed_delete(struct db *db, const struct mac *mac, struct err *err);

#endif
