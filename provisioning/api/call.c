/* One call: from the row of the table to the answer. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "phonecfg/base/hex.h"
#include "provisioning/api/auth.h"
#include "provisioning/api/local.h"
#include "provisioning/api/patch.h"
#include "provisioning/conf/fault.h"
#include "provisioning/conf/log.h"
#include "provisioning/reset/when.h"
#include "provisioning/store/audit.h"

enum { PAGE_DEFAULT = 100, PAGE_MAX = 1000, AUDIT_TEXT_MAX = 4000, SITE_NAME_MAX = 64 };

enum err_code call_no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "There is no memory for this answer; try again later.");
}

enum err_code call_db(struct call *c, struct db **out, struct err *err)
{
	enum err_code e = ERR_OK;

	if (c->txn) {
		*out = c->txn;
		return ERR_OK;
	}
	if (!c->reading)
		e = store_snap(c->api->conf.store, &c->snap, err);
	if (e)
		return e;
	c->reading = true;
	*out = c->snap.db;
	return ERR_OK;
}

void call_stop_reading(struct call *c)
{
	if (c->reading)
		snap_end(&c->snap);
	c->reading = false;
}

struct writing {
	struct call *call;
	txn_fn *fn;
	call_answer_fn *answer; /* NULL: it is made after the commit */
	void *arg;
};

static enum err_code write_fn(struct txn *t, void *arg, struct err *err)
{
	struct writing *w = arg;
	struct call *c = w->call;
	enum err_code e;

	if (w->answer) { /* of a run that was undone */
		json_decref(c->out);
		c->out = NULL;
	}
	e = w->fn(t, w->arg, err);
	c->txn = t->db;
	if (e == ERR_OK && w->answer)
		e = w->answer(c, w->arg, err);
	c->txn = NULL;
	return e ? e : idempotency_keep(c, t->db, w->answer != NULL, err);
}

enum err_code call_write_answer(struct call *c, txn_fn *fn, call_answer_fn *answer, void *arg, struct err *err)
{
	struct writing w = { c, fn, answer, arg };
	enum err_code e;

	call_stop_reading(c);
	e = store_write(c->api->conf.store, write_fn, &w, err);
	c->committed |= e == ERR_OK;
	fault_point("before-answer");
	return e;
}

enum err_code call_write(struct call *c, txn_fn *fn, void *arg, struct err *err)
{
	return call_write_answer(c, fn, NULL, arg, err);
}

static enum err_code check_type(struct call *c, struct err *err)
{
	const char *type = request_header(c->rq, "Content-Type");

	if (c->rq->body.n && (type == NULL || strncasecmp(type, "application/json", 16) != 0))
		return err_set(err, ERR_INPUT, "Send the body as JSON, with Content-Type: application/json.");
	return ERR_OK;
}

static enum err_code take_synchronous(struct call *c, json_t *body, struct err *err)
{
	json_t *v = json_object_get(body, "synchronous");
	const char *s = json_string_value(v);

	if (v && !json_is_null(v) && !(s && (strcmp(s, "yes") == 0 || strcmp(s, "no") == 0)))
		return err_set(err, ERR_INPUT, "\"synchronous\" must be yes or no");
	c->synchronous = s && strcmp(s, "yes") == 0;
	json_object_del(body, "synchronous");
	return ERR_OK;
}

enum err_code call_body(struct call *c, json_t **out, struct err *err)
{
	enum err_code e = check_type(c, err);

	if (e == ERR_OK)
		e = request_json(c->rq, out, err);
	return e ? e : take_synchronous(c, *out, err);
}

enum err_code call_body_list(struct call *c, const char *name, json_t **out, struct err *err)
{
	json_t *body;
	enum err_code e = check_type(c, err);

	if (e == ERR_OK)
		e = request_json_value(c->rq, &body, err);
	if (e == ERR_OK && json_is_object(body))
		e = take_synchronous(c, body, err);
	if (e)
		return e;
	*out = json_is_array(body) ? body : json_object_get(body, name);
	if (!json_is_array(*out) || json_object_size(body) > 1)
		return err_set(err, ERR_INPUT, "the body must be a list, or an object with \"%s\" alone", name);
	return ERR_OK;
}

enum err_code call_number(const char *name, const char *text, int64_t *out, struct err *err)
{
	char *end;
	long long v;

	errno = 0;
	v = strtoll(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno)
		return err_set(err, ERR_INPUT, "%s must be a whole number that is not negative", name);
	*out = v;
	return ERR_OK;
}

enum err_code call_time(const char *name, const char *text, int64_t *out, struct err *err)
{
	*out = 0;
	if (text == NULL || *text == '\0' || when_read(text, NULL, out))
		return ERR_OK;
	return err_set(err, ERR_INPUT, "%s must be a time such as 2026-11-23T18:00:00Z", name);
}

enum err_code call_page(struct call *c, struct page *out, struct err *err)
{
	const char *limit = request_query(c->rq, "limit"), *start = request_query(c->rq, "start");
	enum err_code e = ERR_OK;

	*out = (struct page){ 0, PAGE_DEFAULT };
	if (limit && *limit)
		e = call_number("limit", limit, &out->limit, err);
	if (e == ERR_OK && start && *start)
		e = call_number("start", start, &out->start, err);
	if (e == ERR_OK && (out->limit < 1 || out->limit > PAGE_MAX))
		return err_set(err, ERR_INPUT, "limit must be between 1 and %d", PAGE_MAX);
	return e;
}

/* ---- what the path names ---- */

enum err_code call_domain(struct call *c, struct err *err)
{
	const char *name = request_param(c->rq, "domain");
	struct db *db;
	enum err_code e;

	if (c->domain.id)
		return ERR_OK;
	if (strcmp(name, "~") == 0)
		name = c->who->domain;
	e = call_db(c, &db, err);
	return e ? e : domain_by_name(db, name, c->a, &c->domain, err);
}

enum err_code call_domain_given(struct call *c, json_t *body, struct err *err)
{
	const char *name;
	struct db *db;
	enum err_code e = patch_text(body, "domain", 253, c->a, &name, err);

	if (e || (e = call_db(c, &db, err)))
		return e;
	if (name == NULL)
		return err_set(err, ERR_INPUT, "\"domain\" is missing: to whom shall the phone belong?");
	if (strcmp(name, "~") == 0 || !principal_reaches(db, c->who, name, c->a))
		return err_set(err, ERR_FORBIDDEN, "This domain is outside of what your login may see.");
	return domain_by_name(db, name, c->a, &c->domain, err);
}

static enum err_code hidden(struct err *err)
{
	return err_set(err, ERR_FORBIDDEN, "This is outside of what your login may see.");
}

enum err_code call_user(struct call *c, struct user_row *out, struct err *err)
{
	const char *ext = request_param(c->rq, "user");
	struct db *db;
	enum err_code e = call_domain(c, err);

	if (e == ERR_OK)
		e = call_db(c, &db, err);
	if (e)
		return e;
	if (strcmp(ext, "~") == 0)
		e = c->who->user_id
			    ? user_by_id(db, c->who->user_id, c->a, out, err)
			    : err_set(err, ERR_INPUT, "This key belongs to no user, so that \"~\" means nobody.");
	else
		e = user_load(db, c->domain.id, ext, c->a, out, err);
	if (c->who->scope == SCOPE_BASIC && (e || out->id != c->who->user_id))
		return hidden(err);
	if (e)
		return e;
	return principal_site(c->who, out->site_id) ? ERR_OK : hidden(err);
}

/* Another's phone and none are one answer. */
static enum err_code load_phone(struct call *c, struct db *db, const char *text, struct phone_row *out, struct err *err)
{
	struct mac mac;
	enum err_code e;

	if (!mac_parse(slice_str(text), &mac))
		return err_set(err, ERR_INPUT, "%.40s is no MAC: it takes 12 hexadecimal digits", text);
	e = phone_load(db, &mac, c->a, out, err);
	if (e == ERR_OK && c->domain.id == 0 && out->domain_id) /* at the root its own domain counts */
		e = domain_load(db, out->domain_id, c->a, &c->domain, err);
	if (e == ERR_NOT_FOUND || (e == ERR_OK && (out->domain_id == 0 || out->domain_id != c->domain.id)))
		return err_set(err, ERR_NOT_FOUND, "There is no phone %.40s in %s.", text,
			*request_param(c->rq, "domain") ? c->domain.name : "your domains");
	if (e == ERR_OK && !principal_reaches(db, c->who, c->domain.name, c->a))
		return err_set(err, ERR_NOT_FOUND, "There is no phone %.40s in your domains.", text);
	if (e)
		return e;
	return principal_site(c->who, out->site_id) ? ERR_OK : hidden(err);
}

enum err_code call_phone(struct call *c, struct phone_row *out, struct err *err)
{
	struct db *db;
	enum err_code e = call_domain(c, err);

	if (e == ERR_OK)
		e = call_db(c, &db, err);
	return e ? e : load_phone(c, db, request_param(c->rq, "mac"), out, err);
}

enum err_code call_phone_given(struct call *c, json_t *body, struct phone_row *out, struct err *err)
{
	const char *text;
	struct db *db;
	enum err_code e = ERR_OK;

	if (*request_param(c->rq, "mac"))
		return call_phone(c, out, err);
	if (*request_param(c->rq, "domain"))
		e = call_domain(c, err);
	if (e == ERR_OK)
		e = patch_text(body, "device-provisioning-mac-address", 20, c->a, &text, err);
	if (e || (e = call_db(c, &db, err)))
		return e;
	if (text == NULL)
		return err_set(err, ERR_INPUT, "\"device-provisioning-mac-address\" is missing");
	return load_phone(c, db, text, out, err);
}

enum err_code call_owner(struct call *c, struct user_row *out, struct err *err)
{
	if (*request_param(c->rq, "user"))
		return call_user(c, out, err);
	*out = (struct user_row){ 0 };
	return call_domain(c, err);
}

enum err_code call_owner_change(struct call *c, struct user_row *out, struct err *err)
{
	const char *why;
	enum err_code e = call_owner(c, out, err);

	if (e || out->id == 0)
		return e;
	why = scope_refusal(c->who, 0, out->scope);
	return why ? err_set(err, ERR_FORBIDDEN, "%s", why) : ERR_OK;
}

enum err_code call_device(struct call *c, struct user_row *user, struct device_row *out, struct err *err)
{
	struct db *db;
	enum err_code e = call_user(c, user, err);

	if (e == ERR_OK)
		e = call_db(c, &db, err);
	if (e == ERR_OK)
		e = device_load(db, c->domain.id, request_param(c->rq, "device"), c->a, out, err);
	if (e == ERR_OK && out->user_id != user->id)
		e = err_set(err, ERR_NOT_FOUND, "User %s has no device %s.", user->ext, request_param(c->rq, "device"));
	return e;
}

enum err_code call_site(struct call *c, const char *name, int64_t *out, struct err *err)
{
	struct site_row row;
	struct db *db;
	enum err_code e = call_domain(c, err);

	*out = 0;
	if (e == ERR_OK)
		e = call_db(c, &db, err);
	if (e || name == NULL || *name == '\0')
		return e;
	e = site_by_name(db, c->domain.id, name, c->a, &row, err);
	if (e == ERR_NOT_FOUND)
		return err_set(err, ERR_INPUT, "There is no site \"%s\" in %s; add it first.", name, c->domain.name);
	if (e == ERR_OK)
		*out = row.id;
	return e;
}

enum err_code call_site_asked(struct call *c, int64_t *out, struct err *err)
{
	const char *site = request_query(c->rq, "site");
	enum err_code e;

	*out = principal_own_site(c->who);
	if (site == NULL || *site == '\0')
		return ERR_OK;
	e = call_site(c, site, out, err);
	if (e)
		return e;
	return principal_site(c->who, *out)
		       ? ERR_OK
		       : err_set(err, ERR_FORBIDDEN, "This site is outside of what your login may see.");
}

enum err_code call_site_given(struct call *c, json_t *body, int64_t *id, struct err *err)
{
	const char *site;
	enum err_code e = patch_text(body, "site", SITE_NAME_MAX, c->a, &site, err);

	if (e == ERR_OK && site)
		e = call_site(c, site, id, err);
	if (e == ERR_OK && !principal_site(c->who, *id))
		return err_set(err, ERR_FORBIDDEN, "This site is outside of what your login may change.");
	return e;
}

enum err_code call_zone_check(const char *zone, struct err *err)
{
	if (zone == NULL || *zone == '\0' || vendor_zone_known(zone))
		return ERR_OK;
	return err_set(err, ERR_INPUT, "time-zone \"%.40s\" is unknown; give an IANA name such as Europe/Berlin", zone);
}

struct inventory call_inventory(struct call *c, struct db *db, const char *why)
{
	return (struct inventory){ c->api->conf.reset, db, c->a, c->who->who, c->rq->peer->text, why };
}

/* ---- answers ---- */

enum err_code call_ok(struct call *c, json_t *out, struct err *err)
{
	if (out == NULL)
		return call_no_memory(err);
	c->status = 200;
	c->out = out;
	return ERR_OK;
}

/* NetSapiens answers a write 202 unless the caller asks to wait; ours is done either way. */
static enum err_code accepted(struct call *c, json_t *out, struct err *err)
{
	json_decref(out);
	c->status = 202;
	c->out = json_pack("{s:i, s:s}", "code", 202, "message", "Accepted");
	return c->out ? ERR_OK : call_no_memory(err);
}

enum err_code call_created(struct call *c, const char *location, json_t *out, struct err *err)
{
	if (out == NULL)
		return call_no_memory(err);
	c->location = location;
	if (c->netsapiens && !c->synchronous)
		return accepted(c, out, err);
	c->status = c->netsapiens ? 200 : 201;
	c->out = out;
	return ERR_OK;
}

enum err_code call_changed(struct call *c, json_t *out, struct err *err)
{
	if (out == NULL)
		return call_no_memory(err);
	return c->netsapiens && !c->synchronous ? accepted(c, out, err) : call_ok(c, out, err);
}

enum err_code call_deleted(struct call *c, struct err *err)
{
	if (c->netsapiens && !c->synchronous)
		return accepted(c, NULL, err);
	c->status = 200;
	c->out = json_pack("{s:i, s:s}", "code", 200, "message", "Deleted");
	return c->out ? ERR_OK : call_no_memory(err);
}

const char *call_segment(struct call *c, const char *name)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~*";
	char *out = arena_alloc(c->a, 3 * strlen(name) + 1), *p = out;

	for (; out && *name; name++) {
		if (strchr(plain, *name)) {
			*p++ = *name;
			continue;
		}
		*p++ = '%';
		hex_write(name, 1, p);
		p += 2;
	}
	if (out)
		*p = '\0';
	return out ? out : "";
}

enum err_code call_count(struct call *c, int64_t n, struct err *err)
{
	return call_ok(c, json_pack("{s:I}", "total", (json_int_t)n), err);
}

/* ---- audit ---- */

static const char *text_of(struct call *c, json_t *v, size_t max)
{
	char *text = v ? json_dumps(v, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
	const char *out = text ? arena_strndup(c->a, text, strnlen(text, max)) : "";

	if (text)
		explicit_bzero(text, strlen(text));
	json_free_text(text);
	json_decref(v);
	return out ? out : "";
}

const char *call_text_whole(struct call *c, json_t *v)
{
	return text_of(c, v, SIZE_MAX);
}

const char *call_text(struct call *c, json_t *v)
{
	return text_of(c, v, AUDIT_TEXT_MAX);
}

enum err_code call_audit(struct call *c, struct db *db, const char *action, const char *user, const char *object,
	const char *before, const char *after, struct err *err)
{
	struct audit_row row = { .who = c->who ? c->who->who : "",
		.who_domain = c->who ? c->who->domain : "",
		.from = c->rq->peer->text,
		.client = c->who ? c->who->client : "",
		.action = action,
		.domain = c->domain.id ? c->domain.name : "",
		.user = user ? user : "",
		.object = object ? object : "",
		.before = before ? before : "",
		.after = after ? after : "",
		.detail = "" };

	return audit_add(db, &row, err);
}

/* ---- the way of every call ---- */

static const struct api_route *row_of(const struct api *api, const struct route *route)
{
	size_t n;
	const struct api_route *table = api_routes(&n);

	return &table[route - api->rows];
}

static enum handled give(struct call *c, enum err_code e, const struct err *err)
{
	if (c->later)
		return LATER;
	if (e) {
		json_decref(c->out);
		c->out = NULL;
		return problem(c->rs, err);
	}
	if (c->refused_word)
		return problem_status(c->rs, c->status, c->refused_word, c->refused_text);
	response_header(c->rs, "Cache-Control", "no-store");
	if (c->location)
		response_header(c->rs, "Location", c->location);
	return c->written ? HANDLED : response_json(c->rs, c->status, c->out);
}

enum handled api_fn(struct request *rq, struct response *rs)
{
	struct call c = { .rq = rq, .rs = rs, .api = rq->ctx, .who = rq->principal, .a = &rq->arena, .status = 200 };
	const struct api_route *row = row_of(c.api, rq->route);
	bool done = false;
	struct err err = { 0 };
	enum err_code e;

	c.netsapiens = strcmp(rq->prefix, "/ns-api/v2") == 0;
	e = idempotency_begin(&c, &done, &err);
	if (e == ERR_OK && !done) {
		e = row->fn(&c, &err);
		if (e == ERR_OK && arena_failed(c.a))
			e = call_no_memory(&err);
		idempotency_end(&c, e);
	}
	call_stop_reading(&c);
	if (e == ERR_BUG || e == ERR_IO)
		/* The path of an open call may hold a link, which is as good as a password. */
		log_event(LOG_LEVEL_ERROR, "call-failed", "path", row->scope & SCOPE_OPEN ? row->pattern : rq->path,
			"why", err.text, NULL);
	return give(&c, e, &err);
}
