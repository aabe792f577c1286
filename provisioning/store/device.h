/* Devices: the SIP identities of a user, and the idle lines of vacant phones. */
#ifndef PROVISIONING_STORE_DEVICE_H
#define PROVISIONING_STORE_DEVICE_H

#include "phonecfg/base/secret.h"
#include "provisioning/store/store.h"

enum device_kind { DEVICE_DESK, DEVICE_MOBILE, DEVICE_WEB, DEVICE_SOFTPHONE, DEVICE_IDLE, DEVICE_KIND_COUNT };
extern const char *const device_kind_words[DEVICE_KIND_COUNT]; /* desk mobile web softphone idle */

struct device_row {
	int64_t id, domain_id;
	int64_t user_id;  /* 0 for an idle line */
	int64_t phone_id; /* the phone that an idle line belongs to, else 0 */
	const char *name; /* "1001", "1001b", "idle-<mac>": the SIP user, unique in the domain */
	enum device_kind kind;
	struct secret password;
	int64_t revision; /* 1, 2, …: grows with each new password */
	const char *allowed_user_agent;
	bool push_enabled;
	const char *extra; /* fields that only API clients know, JSON */
	int64_t created_ms, modified_ms;
	/* out only */
	const char *domain, *realm, *ext; /* names of the domain, its realm, and the user ("" when idle) */
};

enum err_code device_load(
	struct db *db, int64_t domain_id, const char *name, struct arena *a, struct device_row *out, struct err *err);
enum err_code device_by_id(struct db *db, int64_t id, struct arena *a, struct device_row *out, struct err *err);
/* Of all domains; ERR_NOT_FOUND when there is none at all. */
enum err_code device_newest(struct db *db, struct arena *a, struct device_row *out, struct err *err);
/* The user's devices by name: the primary one (name = extension) comes first. */
enum err_code device_list_user(
	struct db *db, int64_t user_id, struct arena *a, struct device_row **out, size_t *n, struct err *err);
/* All of a domain (0 = all) by domain, then name; idle lines too. */
enum err_code device_list(struct db *db, int64_t domain_id, struct page page, struct arena *a, struct device_row **out,
	size_t *n, struct err *err);
/* The idle line of a phone. */
enum err_code device_idle_of(struct db *db, int64_t phone_id, struct arena *a, struct device_row *out, struct err *err);
/* Is there a device of this name in another domain of the same SIP realm? There the registrar could not tell them
 * apart. */
enum err_code device_realm_taken(struct db *db, int64_t domain_id, const char *name, bool *taken, struct err *err);
/* A password must be in the row. ERR_CONFLICT when the name is taken. */
enum err_code device_add(struct db *db, struct device_row *row, struct err *err);
enum err_code device_save(struct db *db, struct device_row *row, struct err *err);
/* A new random password of 16 characters and the next revision, in the row and in the table. */
enum err_code device_rekey(struct db *db, struct device_row *row, struct arena *a, struct err *err);
/* With its lines on phones. */
enum err_code device_delete(struct db *db, int64_t id, struct err *err);

#endif
