/* Softphone addresses: durable, revocable, one person's. After removal they still answer, with blanks. */
#ifndef PROVISIONING_STORE_SOFTPHONE_H
#define PROVISIONING_STORE_SOFTPHONE_H

#include "phonecfg/base/secret.h"
#include "provisioning/store/store.h"

struct softphone_row {
	int64_t id, domain_id;
	int64_t user_id, device_id; /* 0 once blanked */
	const char *kind;           /* vendor of the file: "linphone", "acrobits" */
	const char *label;
	bool blanked;
	int64_t slots_ever; /* highest account slot ever provisioned here: what blanks must cover */
	int64_t generation, acked, acked_ms;
	int64_t created_ms, blanked_ms, last_pull_ms;
	const char *user_agent;
	/* out only */
	const char *device, *ext;
};

enum err_code softphone_add(
	struct db *db, struct softphone_row *row, struct arena *a, struct secret *token, struct err *err);
enum err_code softphone_by_token(
	struct db *db, struct slice token, struct arena *a, struct softphone_row *out, struct err *err);
enum err_code softphone_load(struct db *db, int64_t id, struct arena *a, struct softphone_row *out, struct err *err);
/* Blanked ones too. */
enum err_code softphone_list_user(
	struct db *db, int64_t user_id, struct arena *a, struct softphone_row **out, size_t *n, struct err *err);
enum err_code softphone_list_device(
	struct db *db, int64_t device_id, struct arena *a, struct softphone_row **out, size_t *n, struct err *err);
enum err_code softphone_slots(struct db *db, int64_t id, int64_t slots, struct err *err); /* raises slots_ever */
enum err_code softphone_bump(struct db *db, int64_t id, int64_t *generation, struct err *err);
/* For good: forgets person, device and label, gives a new generation. */
enum err_code softphone_blank(struct db *db, int64_t id, int64_t *generation, struct err *err);
enum err_code softphone_ack(
	struct db *db, int64_t id, int64_t generation, const char *user_agent, bool *changed, struct err *err);

#endif
