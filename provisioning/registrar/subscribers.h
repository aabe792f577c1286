/* The small SQLite file that Kamailio's auth_db reads: who may register with which ha1. A projection of the main store,
 * in WAL so that a reader never waits for us, and held open so that a reader never has to recover the log. */
#ifndef PROVISIONING_REGISTRAR_SUBSCRIBERS_H
#define PROVISIONING_REGISTRAR_SUBSCRIBERS_H

#include <stdbool.h>

#include "provisioning/registrar/registrar.h"

struct subscribers;

/* Makes the file (0640) when missing; one that SQLite cannot read is renamed to PATH.broken first. *fresh: the file was
 * made or remade just now and is empty. */
enum err_code subscribers_open(const char *path, bool *fresh, struct subscribers **out, struct err *err);
void subscribers_close(struct subscribers *s);

/* Thread-safe. The meanings are those of the registrar's calls of the same name. service rows (Rekey's own SIP name)
 * are neither listed by all() nor touched by sync(). */
enum err_code subscribers_set(struct subscribers *s, const struct credential *c, bool service, struct err *err);
enum err_code subscribers_get(struct subscribers *s, const char *user, const char *domain, struct arena *a,
	struct credential *out, struct err *err);
enum err_code subscribers_remove(
	struct subscribers *s, const char *user, const char *domain, int64_t revision, struct err *err);
enum err_code subscribers_all(struct subscribers *s, struct arena *a, struct credential_list *out, struct err *err);
enum err_code subscribers_sync(
	struct subscribers *s, const struct credential_list *wanted, struct registrar_sync *out, struct err *err);

#endif
