/* Lines: which device stands in which slot of which phone. */
#ifndef PROVISIONING_STORE_LINE_H
#define PROVISIONING_STORE_LINE_H

#include "phonecfg/base/mac.h"
#include "phonecfg/base/secret.h"
#include "provisioning/store/device.h"
#include "provisioning/store/store.h"

struct line_row {
	int64_t id, phone_id;
	int64_t slot; /* 1 … the model's maximum, unique on the phone */
	int64_t device_id;
	bool shared;       /* shared appearance */
	const char *label; /* "" = made from the user's name */
	int64_t created_ms;
	/* out only: the device, the phone and the person */
	const char *device;
	enum device_kind kind;
	struct secret password;
	int64_t revision, domain_id, user_id;
	const char *ext, *first_name, *last_name;
	struct mac mac;
};

/* By slot. */
enum err_code line_list(
	struct db *db, int64_t phone_id, struct arena *a, struct line_row **out, size_t *n, struct err *err);
/* By MAC, then slot. */
enum err_code line_list_user(
	struct db *db, int64_t user_id, struct arena *a, struct line_row **out, size_t *n, struct err *err);
enum err_code line_list_device(
	struct db *db, int64_t device_id, struct arena *a, struct line_row **out, size_t *n, struct err *err);
/* Those of a list but for idle lines; how many are left decides between vacant, assigned and shared. */
enum err_code line_count_people(struct db *db, int64_t phone_id, int64_t *lines, int64_t *users, struct err *err);
/* ERR_CONFLICT when the slot is taken. */
enum err_code line_add(struct db *db, struct line_row *row, struct err *err);
enum err_code line_save(struct db *db, struct line_row *row, struct err *err); /* slot, device, shared, label */
enum err_code line_delete(struct db *db, int64_t id, struct err *err);

#endif
