/* First access: /cfg/<token>/<file>, for one phone, until its own password is first used or it expires. */
#ifndef PROVISIONING_STORE_TOKEN_H
#define PROVISIONING_STORE_TOKEN_H

#include "phonecfg/base/secret.h"
#include "provisioning/store/seal.h"
#include "provisioning/store/store.h"

struct token_row {
	int64_t id, phone_id;
	int64_t created_ms, expires_ms, used_ms, uses;
	const char *first_address; /* from where it was used first; "" = never */
	int64_t dead_ms;           /* since then the phone uses its own password */
};

/* Fills id and created_ms, and *token: it is shown once and stored as its hash. Tokens whose time is over go. */
enum err_code token_add(struct db *db, struct token_row *row, struct arena *a, struct secret *token, struct err *err);
/* ERR_NOT_FOUND when unknown, expired or dead. */
enum err_code token_open(struct db *db, struct slice token, struct arena *a, struct token_row *out, struct err *err);
/* Also one that is dead (dead_ms), by token_hash() of it: so it is seen who still has it. */
enum err_code token_shown(
	struct db *db, const uint8_t hash[TOKEN_HASH], struct arena *a, struct token_row *out, struct err *err);
enum err_code token_load(struct db *db, int64_t id, struct arena *a, struct token_row *out, struct err *err);
enum err_code token_used(struct db *db, int64_t id, const char *address, struct err *err);
/* Those that are good. */
enum err_code token_list(
	struct db *db, int64_t phone_id, struct arena *a, struct token_row **out, size_t *n, struct err *err);
/* They give nothing any more; phone_password_seen does it too. */
enum err_code token_kill(struct db *db, int64_t phone_id, struct err *err);
/* The same of those that have given something. */
enum err_code token_kill_used(struct db *db, int64_t phone_id, struct err *err);

#endif
