/* The admin plane: JSON under /api/v1 and, the same routes, under /ns-api/v2. routes.c is the table.
 *
 * The daemon opens one struct api and mounts it on the plane of its `admin` listener. */
#ifndef PROVISIONING_API_API_H
#define PROVISIONING_API_API_H

#include "phonecfg/base/err.h"
#include "phonecfg/base/mac.h"
#include "phonecfg/vendor/vendor.h"
#include "provisioning/http/http.h"
#include "provisioning/reset/desk.h"

struct store;
struct reset;
struct webhooks;
struct api;

/* A zero takes the default. What pointers lead to must outlive the plane. */
struct api_conf {
	struct store *store;
	struct reset *reset;
	const struct catalog *catalog;
	const struct renderer *renderer;
	const struct desk_conf *desk;
	const char *phones_url; /* "https://prov.example.test:8443", without a slash at the end: first-access and
				   softphone addresses begin with it */
	const char *realm;      /* of new domains; NULL or "" = the domain's name */
	const char *pages;      /* folder of the pages' templates; default: where the program's own stand */
	int64_t token_hours;    /* life of a first-access address; default 72 */
	int64_t session_idle_minutes, session_hours; /* defaults 30, 12 */
	const struct webhooks *webhooks;             /* by whose rules URLs are checked; NULL: the strict ones */
	const char *templates;                       /* folder with report/; NULL: no reports as pages */
	/* A phone was added, removed or got another password (phones_changed). May be NULL. */
	void (*changed)(void *arg, const struct mac *mac);
	/* A domain's ways of first access were changed (phones_domain_changed). May be NULL. */
	void (*domain_changed)(void *arg, int64_t domain_id);
	void *changed_arg; /* of both */
	/* Writes further lines of /metrics. May be NULL. */
	void (*metrics)(void *arg, struct buf *out);
	void *metrics_arg;
};

enum err_code api_open(const struct api_conf *conf, struct api **out, struct err *err);
void api_close(struct api *api);
/* Fills name, mounts, auth, ctx and browser; the rest of *out is the daemon's. */
void api_plane(struct api *api, struct http_conf *out);

#endif
