/* What the files of this folder share: the plane, its table, and one call. */
#ifndef PROVISIONING_API_LOCAL_H
#define PROVISIONING_API_LOCAL_H

#include <stdatomic.h>

#include "provisioning/api/api.h"
#include "provisioning/api/scope.h"
#include "provisioning/http/json.h"
#include "provisioning/reset/inventory.h"
#include "provisioning/reset/reset.h"
#include "provisioning/store/device.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/phone.h"
#include "provisioning/store/store.h"
#include "provisioning/store/user.h"

struct call;
struct pages;
struct throttle;
struct report_page;
/* Parses, calls the domain, fills the answer. Runs on a worker. */
typedef enum err_code call_fn(struct call *c, struct err *err);

/* A row of routes.c. */
struct api_route {
	enum http_method method;
	const char *pattern; /* below /api/v1 and /ns-api/v2 */
	call_fn *fn;
	unsigned scope; /* any of these may; 0 = nobody */
	size_t body_max;
	const char *does; /* one line for people */
};
const struct api_route *api_routes(size_t *n);

struct api {
	struct api_conf conf;
	struct route *rows; /* made from api_routes() */
	size_t nrows;
	struct mount mounts[4];
	struct report_page *report; /* NULL: no templates */
	atomic_ullong logins, refused;
	atomic_int hashing;             /* passwords in hand */
	atomic_llong registrar_rest_ms; /* it did not answer: not asked again before (store clock) */
	char page_dir[512];
	struct pages *pages;
	struct throttle *throttle;
};

struct call {
	struct request *rq;
	struct response *rs;
	struct api *api;
	const struct principal *who;
	struct arena *a;
	struct snap snap;
	bool reading; /* snap is open */
	bool synchronous, netsapiens;
	struct domain_row domain; /* after call_domain() */
	struct db *txn;           /* within call_write_answer(): what call_db() gives */
	/* the answer */
	unsigned status;
	json_t *out;
	const char *location;
	bool written; /* rs is filled already */
	bool later;   /* request_later() was said */
	/* a refusal whose status no err_code has; word NULL = none */
	const char *refused_word, *refused_text;
	/* Idempotency-Key */
	const char *key; /* taken by this call; NULL = none */
	bool committed;  /* something has been changed */
	bool kept;       /* the answer stands beside the key already */
};

/* Outside of both prefixes: /healthz and /metrics. */
extern const struct route api_root_routes[];
extern const size_t api_root_count;

/* ---- call.c: what every call needs ---- */

handler_fn api_fn;
auth_fn api_auth;

/* The snapshot of this call, opened at the first use. */
enum err_code call_db(struct call *c, struct db **out, struct err *err);
/* Ends the snapshot, before what waits for the writer. */
void call_stop_reading(struct call *c);
/* Runs fn in a transaction; the snapshot is ended before. */
enum err_code call_write(struct call *c, txn_fn *fn, void *arg, struct err *err);
/* The same, and the answer is made in that transaction, so that no crash comes between what was done and what is kept
 * for a repetition of the request. answer fills the call; it may run more than once. */
typedef enum err_code call_answer_fn(struct call *c, void *arg, struct err *err);
enum err_code call_write_answer(struct call *c, txn_fn *fn, call_answer_fn *answer, void *arg, struct err *err);
/* The body as an object, without "synchronous". */
enum err_code call_body(struct call *c, json_t **out, struct err *err);
/* A body that is a list, or an object whose one member of that name is. */
enum err_code call_body_list(struct call *c, const char *name, json_t **out, struct err *err);
/* limit (default 100, at most 1000) and start. */
enum err_code call_page(struct call *c, struct page *out, struct err *err);
/* A decimal number of the path or the query; ERR_INPUT names it. */
enum err_code call_number(const char *name, const char *text, int64_t *out, struct err *err);

/* "2026-11-23T18:00:00Z", or with an offset, as milliseconds since 1970; 0 for NULL and "". ERR_INPUT names it. */
enum err_code call_time(const char *name, const char *text, int64_t *out, struct err *err);

/* {domain} ("~" = one's own) -> c->domain. The hook has checked that it is within reach. */
enum err_code call_domain(struct call *c, struct err *err);
/* "domain" of the body, within reach -> c->domain. */
enum err_code call_domain_given(struct call *c, json_t *body, struct err *err);
/* {user} ("~" = oneself) of {domain}, if the caller may see it. */
enum err_code call_user(struct call *c, struct user_row *out, struct err *err);
/* Whose a thing is: {user} as above, or where the path names none the domain itself (out->id 0). */
enum err_code call_owner(struct call *c, struct user_row *out, struct err *err);
/* The same for a change: a user of a higher scope is out of reach. */
enum err_code call_owner_change(struct call *c, struct user_row *out, struct err *err);
/* {mac} of {domain}, if the caller may see it. */
enum err_code call_phone(struct call *c, struct phone_row *out, struct err *err);
/* {mac}, or where the path has none device-provisioning-mac-address of the body; without {domain} in any domain within
 * reach. */
enum err_code call_phone_given(struct call *c, json_t *body, struct phone_row *out, struct err *err);
/* {device} of {user}. */
enum err_code call_device(struct call *c, struct user_row *user, struct device_row *out, struct err *err);
/* The site of that name, 0 for "". */
enum err_code call_site(struct call *c, const char *name, int64_t *out, struct err *err);
/* The site that a list is to show: that of the query, else the caller's own; 0 = all. */
enum err_code call_site_asked(struct call *c, int64_t *out, struct err *err);
/* "site" of the body, *id as it was when there is none; ERR_FORBIDDEN when *id is then outside of the caller's sites.
 */
enum err_code call_site_given(struct call *c, json_t *body, int64_t *id, struct err *err);

/* A time zone that phones can be told, or "" or NULL; ERR_INPUT says what to give. */
enum err_code call_zone_check(const char *zone, struct err *err);

/* For a change of what is there, by this caller. why: a word for records and timeline. */
struct inventory call_inventory(struct call *c, struct db *db, const char *why);

/* ---- answers: take the reference over ---- */

enum err_code call_ok(struct call *c, json_t *out, struct err *err);
enum err_code call_created(struct call *c, const char *location, json_t *out, struct err *err);
enum err_code call_changed(struct call *c, json_t *out, struct err *err);
enum err_code call_deleted(struct call *c, struct err *err);
/* A name as one segment of a path (RFC 3986 section 2.3), for a Location. */
const char *call_segment(struct call *c, const char *name);
/* {"total": n} */
enum err_code call_count(struct call *c, int64_t n, struct err *err);
enum err_code call_no_memory(struct err *err);

/* In a transaction: the audit row of this call. before and after: JSON without secrets, or NULL. */
enum err_code call_audit(struct call *c, struct db *db, const char *action, const char *user, const char *object,
	const char *before, const char *after, struct err *err);
/* The whole text of v in the arena; takes the reference over. */
const char *call_text_whole(struct call *c, json_t *v);
/* The same, cut for the audit log. */
const char *call_text(struct call *c, json_t *v);

/* ---- login.c ---- */

/* A password takes a worker for as long as scrypt wants, from anybody: the others must stay for phones and jobs. False:
 * enough are in hand. */
bool hashing_enter(struct api *api);
void hashing_leave(struct api *api);

/* ---- set_password.c: pages ---- */

handler_fn set_password_page, set_password_post, page_css;

/* ---- devices.c ---- */

/* A device is its user's voice, and an address gives its secret away: ERR_FORBIDDEN for those of a higher scope. */
enum err_code device_may_change(struct call *c, const struct user_row *user, struct err *err);

/* ---- idempotency.c ---- */

/* At the start of the server: what a crash left behind. */
enum err_code idempotency_open(struct store *store, struct err *err);
/* *done: the answer is filled, from an earlier run or a refusal. */
enum err_code idempotency_begin(struct call *c, bool *done, struct err *err);
/* In the transaction that does the work: that it is done, and, when answered, the answer of this call. */
enum err_code idempotency_keep(struct call *c, struct db *db, bool answered, struct err *err);
void idempotency_end(struct call *c, enum err_code result);

/* ---- welcome.c ---- */

struct mail_filter;
/* Mails as JSON; NULL with *err. */
json_t *mail_shapes(struct call *c, struct db *db, const struct mail_filter *f, struct page page, struct err *err);

/* ---- shapes.c: rows as JSON, with NetSapiens' names ---- */

json_t *shape_time(int64_t ms);      /* ISO 8601 in UTC; null for never */
json_t *shape_time_text(int64_t ms); /* the same; "" for never */
json_t *shape_yes(bool yes);         /* "yes", "no" */
json_t *shape_domain(const struct domain_row *row);
json_t *shape_user(const struct user_row *row, const char *domain, const char *site);
json_t *shape_sites(struct call *c, struct db *db, struct err *err); /* id -> name, as an object */
const char *site_name(const json_t *sites, int64_t id);

#endif
