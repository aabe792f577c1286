/* Who may register with which ha1: the part of the registrar's file that Kamailio's auth_db reads. */
#ifndef PROVISIONING_REGISTRAR_SUBSCRIBERS_H
#define PROVISIONING_REGISTRAR_SUBSCRIBERS_H

#include <stdbool.h>

#include "provisioning/registrar/registrar.h"

struct file;

/* Thread-safe. The meanings are those of the registrar's calls of the same name. service rows (Rekey's own SIP name)
 * are neither listed by all() nor touched by sync(). */
enum err_code subscribers_set(struct file *f, const struct credential *c, bool service, struct err *err);
enum err_code subscribers_get(
	struct file *f, const char *user, const char *domain, struct arena *a, struct credential *out, struct err *err);
enum err_code subscribers_remove(
	struct file *f, const char *user, const char *domain, int64_t revision, struct err *err);
enum err_code subscribers_all(struct file *f, struct arena *a, struct credential_list *out, struct err *err);
enum err_code subscribers_sync(
	struct file *f, const struct credential_list *wanted, struct registrar_sync *out, struct err *err);

#endif
