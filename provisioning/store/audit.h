/* The audit log. The one table that may keep old names: who did what, before and after, without secrets. */
#ifndef PROVISIONING_STORE_AUDIT_H
#define PROVISIONING_STORE_AUDIT_H

#include "provisioning/store/store.h"

struct audit_row {
	int64_t id, at_ms;
	const char *who, *from, *client;     /* login or key name; address; "portal", "api", "cli" */
	const char *who_domain;              /* whose domain; "" = of none */
	const char *action;                  /* "reset", "update", … */
	const char *domain, *user, *object;  /* what it was done to */
	const char *before, *after, *detail; /* JSON or text */
};

/* at_ms 0 = now. */
enum err_code audit_add(struct db *db, struct audit_row *row, struct err *err);

struct audit_filter {
	const char *domain, *user, *who, *action; /* NULL or "" = any, as the next ones */
	const char *object, *client, *who_domain;
	const char *from;       /* an address, without its port */
	int64_t from_ms, to_ms; /* from <= t < to, 0 = any */
	int64_t before_id;      /* older than that one; 0 = any */
};
/* Newest first. */
enum err_code audit_list(struct db *db, const struct audit_filter *f, struct page page, struct arena *a,
	struct audit_row **out, size_t *n, struct err *err);
enum err_code audit_count(struct db *db, const struct audit_filter *f, int64_t *out, struct err *err);

#endif
