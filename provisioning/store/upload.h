/* Files that a phone sent: overrides, directory, call list. Sealed, because they hold people. */
#ifndef PROVISIONING_STORE_UPLOAD_H
#define PROVISIONING_STORE_UPLOAD_H

#include "phonecfg/base/slice.h"
#include "provisioning/store/store.h"

struct upload_row {
	int64_t phone_id;
	const char *kind; /* the vendor table's word */
	struct slice body;
	int64_t generation; /* acknowledged by the phone when it sent it */
	int64_t created_ms;
};

enum err_code upload_put(struct db *db, struct upload_row *row, struct err *err);
enum err_code upload_load(
	struct db *db, int64_t phone_id, const char *kind, struct arena *a, struct upload_row *out, struct err *err);
/* kind, generation and time; no body. */
enum err_code upload_list(
	struct db *db, int64_t phone_id, struct arena *a, struct upload_row **out, size_t *n, struct err *err);
/* kind NULL = all of the phone; *n (may be NULL) how many. */
enum err_code upload_delete(struct db *db, int64_t phone_id, const char *kind, int64_t *n, struct err *err);

#endif
