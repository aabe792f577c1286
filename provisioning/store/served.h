/* Secret history: which password of which line stood in which served generation.
 *
 * One row per phone, slot and password with the first and last generation that carried it, for answering a challenge
 * with what the phone still holds. */
#ifndef PROVISIONING_STORE_SERVED_H
#define PROVISIONING_STORE_SERVED_H

#include "phonecfg/base/secret.h"
#include "provisioning/store/store.h"

struct served_row {
	int64_t phone_id, slot, device_id, revision;
	const char *device, *domain; /* its SIP user and domain: the phone may have moved since */
	struct secret password;
	int64_t generation_first, generation_last;
	int64_t first_ms, last_ms;
};

/* Notes that this generation carried it; extends the row that is there. */
enum err_code served_note(struct db *db, struct served_row *row, int64_t generation, struct err *err);
/* Of a phone (slot 0 = all), newest generation first. */
enum err_code served_list(struct db *db, int64_t phone_id, int64_t slot, struct arena *a, struct served_row **out,
	size_t *n, struct err *err);
/* Drops what stood only in generations below this one; call with the acknowledged generation. */
enum err_code served_prune(struct db *db, int64_t phone_id, int64_t acked, struct err *err);

#endif
