/* Programmable keys. */
#ifndef PROVISIONING_STORE_KEY_H
#define PROVISIONING_STORE_KEY_H

#include "phonecfg/base/mac.h"
#include "phonecfg/model/model.h"
#include "provisioning/store/store.h"

struct key_row {
	int64_t id, phone_id;
	int64_t module; /* 0 = the phone, 1 … = expansion modules */
	int64_t place;  /* 1 …; unique with phone and module */
	enum key_type type;
	int64_t slot; /* the line that it works on, 0 = any */
	const char *value, *label, *pickup;
	enum key_owner owner;
	int64_t user_id;     /* KEY_OWNER_PERSON: whose */
	int64_t ref_user_id; /* the user whom it shows or dials (BLF, speed dial): his name makes the label */
	bool own_label;      /* the label was typed, it is not made from ref_user_id's name */
	int64_t created_ms;
	/* out only */
	struct mac mac;
	int64_t domain_id; /* of the phone */
};

/* By module, then place. */
enum err_code key_list(
	struct db *db, int64_t phone_id, struct arena *a, struct key_row **out, size_t *n, struct err *err);
/* Keys on any phone that show this user (for the walk that renews labels); by MAC. */
enum err_code key_list_showing(
	struct db *db, int64_t ref_user_id, struct arena *a, struct key_row **out, size_t *n, struct err *err);
/* Keys on phones of this domain that show no user of ours but have the longest word of this name as a word of their
 * label, in either case (ASCII): speed dials to outside numbers of somebody. By MAC. */
enum err_code key_list_labelled(struct db *db, int64_t domain_id, const char *name, struct arena *a,
	struct key_row **out, size_t *n, struct err *err);
/* Keys on phones of this domain with this value (a number that goes); by MAC. */
enum err_code key_list_value(struct db *db, int64_t domain_id, const char *value, struct arena *a, struct key_row **out,
	size_t *n, struct err *err);
/* Speed dials and labels that the user made, on any phone. */
enum err_code key_list_person(
	struct db *db, int64_t user_id, struct arena *a, struct key_row **out, size_t *n, struct err *err);
/* ERR_CONFLICT when the place is taken. */
enum err_code key_add(struct db *db, struct key_row *row, struct err *err);
enum err_code key_save(struct db *db, struct key_row *row, struct err *err);
enum err_code key_delete(struct db *db, int64_t id, struct err *err);
/* Keys of the line in this slot. */
enum err_code key_delete_line(struct db *db, int64_t phone_id, int64_t slot, struct err *err);
/* Person keys of the user on every phone; how many. */
enum err_code key_delete_person(struct db *db, int64_t user_id, int64_t *n, struct err *err);

#endif
