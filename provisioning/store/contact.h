/* Contacts: people whom users call. A user's own, or shared by the domain. (A SIP contact is something else:
 * reset/contact.h.) */
#ifndef PROVISIONING_STORE_CONTACT_H
#define PROVISIONING_STORE_CONTACT_H

#include "provisioning/store/store.h"

enum { CONTACTS_MAX = 1000, CONTACTS_SHARED_MAX = 5000 }; /* of one user, of one domain */

struct contact_row {
	int64_t id, domain_id;
	int64_t user_id; /* 0 = shared by the domain */
	const char *first_name, *middle_name, *last_name, *email, *company;
	const char *work, *cell, *fax, *home; /* phone numbers as they were typed */
	const char *tags;
	int64_t created_ms, modified_ms;
};

struct contact_filter {
	int64_t domain_id;
	int64_t user_id; /* 0 = the shared ones alone */
	bool shared;     /* with user_id: the domain's shared ones too */
};

/* By last name, then first (bytes). */
enum err_code contact_list(struct db *db, const struct contact_filter *f, struct page page, struct arena *a,
	struct contact_row **out, size_t *n, struct err *err);
enum err_code contact_count(struct db *db, const struct contact_filter *f, int64_t *out, struct err *err);
/* Shared ones with exactly this name. */
enum err_code contact_list_named(struct db *db, int64_t domain_id, const char *first_name, const char *last_name,
	struct arena *a, struct contact_row **out, size_t *n, struct err *err);
enum err_code contact_load(struct db *db, int64_t id, struct arena *a, struct contact_row *out, struct err *err);
/* ERR_CONFLICT when there are too many. */
enum err_code contact_add(struct db *db, struct contact_row *row, struct err *err);
enum err_code contact_save(struct db *db, struct contact_row *row, struct err *err);
enum err_code contact_delete(struct db *db, int64_t id, struct err *err);
/* Every one of the user's own; how many. */
enum err_code contact_delete_user(struct db *db, int64_t user_id, int64_t *n, struct err *err);

#endif
