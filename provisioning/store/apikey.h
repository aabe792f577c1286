/* API keys of programs. Only the hash is kept. */
#ifndef PROVISIONING_STORE_APIKEY_H
#define PROVISIONING_STORE_APIKEY_H

#include "phonecfg/base/secret.h"
#include "provisioning/store/store.h"

struct apikey_row {
	int64_t id;
	const char *name;   /* shown in lists and in the audit log */
	const char *prefix; /* first 8 characters of the key, to tell keys apart */
	const char *scope;  /* as user_row.scope */
	int64_t domain_id;  /* 0 = every domain that the scope reaches */
	const char *reseller;
	const char *sites;                       /* for a Field Technician: site ids, comma between; "" = none */
	int64_t user_id;                         /* whose "~" is; 0 = nobody's */
	int64_t created_ms, expires_ms, used_ms; /* expires 0 = never */
	int64_t revoked_ms;
};

/* Makes a key; its text goes to *key and is not kept. */
enum err_code apikey_add(struct db *db, struct apikey_row *row, struct arena *a, struct secret *key, struct err *err);
/* ERR_UNAUTHORIZED when unknown, expired or revoked. */
enum err_code apikey_by_key(struct db *db, struct slice key, struct arena *a, struct apikey_row *out, struct err *err);
enum err_code apikey_load(struct db *db, int64_t id, struct arena *a, struct apikey_row *out, struct err *err);
enum err_code apikey_list(struct db *db, int64_t domain_id, struct page page, struct arena *a, struct apikey_row **out,
	size_t *n, struct err *err);
enum err_code apikey_touch(struct db *db, int64_t id, struct err *err);
enum err_code apikey_revoke(struct db *db, int64_t id, struct err *err);
/* Those that stand for a user; none is no error. */
enum err_code apikey_revoke_user(struct db *db, int64_t user_id, struct err *err);

#endif
