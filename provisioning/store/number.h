/* Phone numbers: the inventory of a domain, and where each one leads. */
#ifndef PROVISIONING_STORE_NUMBER_H
#define PROVISIONING_STORE_NUMBER_H

#include "provisioning/store/store.h"

#define NUMBER_AVAILABLE "available-number" /* led to nobody */

struct number_row {
	int64_t id, domain_id;
	const char *number; /* E.164 without the plus, unique over all domains */
	bool enabled;
	const char *application; /* dial-rule-application: "to-user", "available-number", … */
	int64_t user_id;         /* the user that it leads to, or to whose mailbox; 0 = none */
	bool straight;           /* it rings that user's devices */
	const char *device;      /* only this one of them; "" = all */
	const char *destination_user, *destination_host, *parameter, *source_name, *description; /* as given */
	const char *extra; /* JSON object: fields of a client that Rekey has no use for; "" = none */
	int64_t created_ms, modified_ms;
	/* out only */
	const char *domain, *ext; /* names of the domain and of the user ("" = none) */
};

/* In whatever domain it is. */
enum err_code number_load(struct db *db, const char *number, struct arena *a, struct number_row *out, struct err *err);

struct number_filter {
	int64_t domain_id;
	int64_t user_id, site_id; /* of the user; 0 = any */
	const char *application;  /* only this one; NULL = any */
	const char *unlike;       /* any but this one; NULL = any */
};
/* By number (bytes). */
enum err_code number_list(struct db *db, const struct number_filter *f, struct page page, struct arena *a,
	struct number_row **out, size_t *n, struct err *err);
enum err_code number_count(struct db *db, const struct number_filter *f, int64_t *out, struct err *err);
/* All of a user, by number. */
enum err_code number_list_user(
	struct db *db, int64_t user_id, struct arena *a, struct number_row **out, size_t *n, struct err *err);

/* ERR_CONFLICT when the number is there already, here or elsewhere. */
enum err_code number_add(struct db *db, struct number_row *row, struct err *err);
enum err_code number_save(struct db *db, struct number_row *row, struct err *err);
/* In one statement: what leads straight to the user becomes available and stays in the inventory. everything: also what
 * leads to the user's mailbox, for the user goes. *n (may be NULL) numbers were freed. */
enum err_code number_free_user(struct db *db, int64_t user_id, bool everything, int64_t *n, struct err *err);
enum err_code number_delete(struct db *db, int64_t id, struct err *err);

/* What rings when a name is called, as the registrar is to know it. */
struct alias_row {
	bool number;                        /* else an extension with several devices */
	const char *name, *domain, *device; /* device@domain rings */
	const char *ext;                    /* whose name and device they are */
};
/* Of one user, numbers last; of all, by domain and user. Then by name, domain, device (bytes). */
enum err_code alias_list_user(
	struct db *db, int64_t user_id, struct arena *a, struct alias_row **out, size_t *n, struct err *err);
enum err_code alias_list_all(struct db *db, struct arena *a, struct alias_row **out, size_t *n, struct err *err);

#endif
