/* Portal sessions and one-time links. Only hashes of their tokens are kept. */
#ifndef PROVISIONING_STORE_SESSION_H
#define PROVISIONING_STORE_SESSION_H

#include "phonecfg/base/secret.h"
#include "provisioning/store/store.h"

struct session_row {
	int64_t id, user_id;
	const char *address;
	const char *client; /* id of the API key that the token was given to; "" = a browser's */
	int64_t created_ms, seen_ms, expires_ms;
};

/* Makes a session; the cookie's value goes to *token and is not kept. */
enum err_code session_add(
	struct db *db, struct session_row *row, struct arena *a, struct secret *token, struct err *err);
/* ERR_UNAUTHORIZED when there is none or it has expired. */
enum err_code session_by_token(
	struct db *db, struct slice token, struct arena *a, struct session_row *out, struct err *err);
enum err_code session_touch(struct db *db, int64_t id, int64_t expires_ms, struct err *err);
enum err_code session_delete(struct db *db, int64_t id, struct err *err);
enum err_code session_delete_user(struct db *db, int64_t user_id, struct err *err);
/* All but this one. */
enum err_code session_delete_others(struct db *db, int64_t user_id, int64_t keep_id, struct err *err);
enum err_code session_expire(struct db *db, struct err *err);

/* A link in a mail or shown once: purpose "set-password". Or what renews a program's token: "refresh". */
struct link_row {
	int64_t id, user_id;
	const char *purpose;
	const char *mark; /* the caller's own: what must be so still */
	int64_t created_ms, expires_ms, used_ms;
};
enum err_code link_add(struct db *db, struct link_row *row, struct arena *a, struct secret *token, struct err *err);
/* ERR_NOT_FOUND when unknown, used or expired: one answer for all three. */
enum err_code link_by_token(
	struct db *db, struct slice token, const char *purpose, struct arena *a, struct link_row *out, struct err *err);
/* Single use: ERR_CONFLICT when it was used before. */
enum err_code link_use(struct db *db, int64_t id, struct err *err);
/* It works until then, whatever was said before; no error when it is gone or used. */
enum err_code link_extend(struct db *db, int64_t id, int64_t expires_ms, struct err *err);
/* Used up, and nothing of it is left. ERR_NOT_FOUND when somebody was first. */
enum err_code link_delete(struct db *db, int64_t id, struct err *err);
/* Those of one purpose that have expired. */
enum err_code link_expire(struct db *db, const char *purpose, struct err *err);
/* Those of one purpose. */
enum err_code link_delete_purpose(struct db *db, int64_t user_id, const char *purpose, struct err *err);
enum err_code link_delete_user(struct db *db, int64_t user_id, struct err *err);

#endif
