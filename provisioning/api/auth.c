/* The hook of the admin plane: who asks, and may he ask this at all. Snapshot reads alone; the rest is the call's. */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phonecfg/base/hex.h"
#include "phonecfg/base/mem.h"
#include "provisioning/api/auth.h"
#include "provisioning/store/apikey.h"
#include "provisioning/store/session.h"

enum { TOUCH_EVERY_MS = 60 * 1000 };

static bool refuse(struct request *rq, struct response *rs, enum err_code code, const char *sentence)
{
	struct api *api = rq->ctx;
	struct err err;

	atomic_fetch_add(&api->refused, 1);
	err_set(&err, code, "%s", sentence);
	problem(rs, &err);
	if (code == ERR_UNAUTHORIZED)
		response_header(rs, "WWW-Authenticate", "Bearer realm=\"rekey\"");
	return false;
}

/* ---- that a session or key was used: a note, at most one a minute ---- */

struct touch {
	bool key;
	int64_t id, expires_ms;
};

static enum err_code touch_fn(struct txn *t, void *arg, struct err *err)
{
	const struct touch *n = arg;

	return n->key ? apikey_touch(t->db, n->id, err) : session_touch(t->db, n->id, n->expires_ms, err);
}

static void touched_fn(void *arg, enum err_code code, const struct err *err)
{
	(void)code;
	(void)err;
	mem_free(arg);
}

static void touch(struct api *api, bool key, int64_t id, int64_t expires_ms)
{
	struct touch *n = mem_alloc(sizeof(*n));

	if (n == NULL)
		return;
	*n = (struct touch){ key, id, expires_ms };
	if (store_post(api->conf.store, touch_fn, touched_fn, n, NULL))
		mem_free(n);
}

/* ---- who ---- */

static void copy(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text ? text : "");
}

/* "3,17" -> sites. */
static void read_sites(struct principal *p, const char *list)
{
	char *end;

	while (list && *list && p->nsites < PRINCIPAL_SITES_MAX) {
		long long id = strtoll(list, &end, 10);

		if (end == list)
			return;
		p->sites[p->nsites++] = id;
		list = *end ? end + 1 : end;
	}
}

static enum err_code set_domain(struct db *db, struct principal *p, int64_t id, struct arena *a, struct err *err)
{
	struct domain_row dom;
	enum err_code e;

	if (id == 0)
		return ERR_OK;
	e = domain_load(db, id, a, &dom, err);
	if (e)
		return e;
	p->domain_id = id;
	copy(p->domain, sizeof(p->domain), dom.name);
	if (*p->reseller == '\0')
		copy(p->reseller, sizeof(p->reseller), dom.reseller);
	return ERR_OK;
}

bool principal_of_user(struct db *db, const struct user_row *u, struct arena *a, struct principal *p)
{
	memset(p, 0, sizeof(*p));
	if (!scope_read(u->scope, &p->scope, &p->rank) || set_domain(db, p, u->domain_id, a, NULL))
		return false;
	copy(p->word, sizeof(p->word), u->scope);
	copy(p->ext, sizeof(p->ext), u->ext);
	p->user_id = u->id;
	p->client = "portal";
	if (u->site_id)
		p->sites[p->nsites++] = u->site_id;
	if (*u->login)
		copy(p->who, sizeof(p->who), u->login);
	else
		snprintf(p->who, sizeof(p->who), "%.63s@%.90s", u->ext, p->domain);
	return true;
}

/* What a page asks by itself while nobody is there must not keep a session from ending. */
static bool by_itself(const struct request *rq)
{
	const char *said = request_header(rq, "X-Background"), *takes = request_header(rq, "Accept");

	return (said && strcmp(said, "yes") == 0) || (takes && strstr(takes, "text/event-stream"));
}

static bool by_session(struct request *rq, struct db *db, const char *cookie, struct principal *p)
{
	struct api *api = rq->ctx;
	struct session_row s;
	struct user_row u;
	int64_t now = db_now_ms(db), end;

	if (session_by_token(db, slice_str(cookie), &rq->arena, &s, NULL) || *s.client ||
		user_by_id(db, s.user_id, &rq->arena, &u, NULL) || !principal_of_user(db, &u, &rq->arena, p))
		return false;
	p->session_id = s.id;
	end = s.created_ms + api->conf.session_hours * 3600 * 1000;
	if (now >= end)
		return false;
	p->session_ends_ms = end;
	if (now - s.seen_ms > TOUCH_EVERY_MS && !by_itself(rq)) {
		int64_t idle = now + api->conf.session_idle_minutes * 60 * 1000;

		touch(api, false, s.id, idle < end ? idle : end);
	}
	return true;
}

static bool by_key(struct request *rq, struct db *db, struct slice key, struct principal *p)
{
	struct apikey_row k;
	struct user_row u;

	memset(p, 0, sizeof(*p));
	if (apikey_by_key(db, key, &rq->arena, &k, NULL) || !scope_read(k.scope, &p->scope, &p->rank))
		return false;
	copy(p->word, sizeof(p->word), k.scope);
	copy(p->who, sizeof(p->who), k.name);
	copy(p->reseller, sizeof(p->reseller), k.reseller);
	p->client = "api";
	p->key_id = k.id;
	read_sites(p, k.sites);
	if (k.user_id && user_by_id(db, k.user_id, &rq->arena, &u, NULL) == ERR_OK) {
		p->user_id = u.id;
		copy(p->ext, sizeof(p->ext), u.ext);
		if (u.site_id && p->nsites == 0)
			p->sites[p->nsites++] = u.site_id;
	}
	if (set_domain(db, p, k.domain_id, &rq->arena, NULL))
		return false;
	if (db_now_ms(db) - k.used_ms > TOUCH_EVERY_MS)
		touch(rq->ctx, true, k.id, 0);
	return true;
}

/* A token that a program was given for somebody's password (tokens.c): good as long as the program's own key is. */
static bool by_token(struct request *rq, struct db *db, struct slice token, struct principal *p)
{
	struct session_row s;
	struct apikey_row k;
	struct user_row u;

	if (session_by_token(db, token, &rq->arena, &s, NULL) || *s.client == '\0' ||
		apikey_load(db, strtoll(s.client, NULL, 10), &rq->arena, &k, NULL) || k.revoked_ms ||
		(k.expires_ms && k.expires_ms <= db_now_ms(db)) || user_by_id(db, s.user_id, &rq->arena, &u, NULL) ||
		!principal_of_user(db, &u, &rq->arena, p))
		return false;
	p->session_id = s.id;
	p->client = k.name;
	if (db_now_ms(db) - k.used_ms > TOUCH_EVERY_MS)
		touch(rq->ctx, true, k.id, 0);
	if (k.domain_id) /* a key of one domain stays in it */
		p->key_id = k.id;
	return k.domain_id == 0 || k.domain_id == p->domain_id;
}

/* ---- may he ---- */

/* A Reseller reaches the domains that carry his name; a key or user of a lesser scope its own; a Super User all, unless
 * his key is bound to one. */
bool principal_reaches(struct db *db, const struct principal *p, const char *name, struct arena *a)
{
	struct domain_row dom;

	if (strcmp(name, "~") == 0)
		return p->domain_id != 0;
	if (p->scope == SCOPE_SUPER && !principal_bound(p))
		return true;
	if (p->domain_id && strcmp(name, p->domain) == 0)
		return true;
	if (p->scope != SCOPE_RESELLER || *p->reseller == '\0' || principal_bound(p))
		return false;
	return domain_by_name(db, name, a, &dom, NULL) == ERR_OK && strcmp(dom.reseller, p->reseller) == 0;
}

/* A row without a domain that no Office Manager may call: keys, audit, new domains, phones that nobody has. */
static bool above_domains(const struct request *rq)
{
	return *request_param(rq, "domain") == '\0' && !(rq->route->scope & SCOPE_OFFICE);
}

const char *csrf_of(const char *cookie, char out[CSRF_TEXT])
{
	unsigned char md[EVP_MAX_MD_SIZE] = { 0 };
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 && EVP_DigestUpdate(ctx, "csrf:", 5) == 1 &&
		EVP_DigestUpdate(ctx, cookie, strlen(cookie)) == 1)
		EVP_DigestFinal_ex(ctx, md, NULL);
	EVP_MD_CTX_free(ctx);
	return hex_write(md, (CSRF_TEXT - 1) / 2, out);
}

/* A cookie goes along with any request that a browser makes, also one that another site caused; a header does not. */
static bool forged(const struct request *rq, const char *cookie)
{
	const char *sent = request_header(rq, "X-CSRF-Token");
	char want[CSRF_TEXT];
	unsigned char diff = 0;
	size_t i;

	if (rq->method == HTTP_GET)
		return false;
	csrf_of(cookie, want);
	if (sent == NULL || strlen(sent) != CSRF_TEXT - 1)
		return true;
	for (i = 0; i < CSRF_TEXT - 1; i++)
		diff |= (unsigned char)(sent[i] ^ want[i]);
	return diff != 0;
}

static bool known(struct request *rq, struct db *db, struct principal *p)
{
	struct slice key = request_bearer(rq);
	const char *cookie = request_cookie(rq, SESSION_COOKIE);

	return key.n ? by_key(rq, db, key, p) || by_token(rq, db, key, p) : cookie && by_session(rq, db, cookie, p);
}

/* Open to everybody, and told who asks when that is known. */
static bool greet(struct request *rq, struct db *db)
{
	struct principal *p = arena_alloc(&rq->arena, sizeof(*p));

	if (p && known(rq, db, p))
		rq->principal = p;
	return true;
}

static bool admit(struct request *rq, struct response *rs, struct db *db)
{
	struct principal *p = arena_alloc(&rq->arena, sizeof(*p));
	struct slice key = request_bearer(rq);
	const char *cookie = request_cookie(rq, SESSION_COOKIE);
	const char *domain = request_param(rq, "domain");

	if (p == NULL)
		return refuse(rq, rs, ERR_NOMEM, "There is no memory for this request; try again later.");
	if (!known(rq, db, p))
		return refuse(rq, rs, ERR_UNAUTHORIZED, "Log in, or send an API key as Authorization: Bearer.");
	if (key.n == 0 && forged(rq, cookie))
		return refuse(rq, rs, ERR_FORBIDDEN, "Send the token that the login gave you as X-CSRF-Token.");
	if (!(rq->route->scope & p->scope))
		return refuse(rq, rs, ERR_FORBIDDEN, "Your scope does not allow this.");
	if (principal_bound(p) && above_domains(rq))
		return refuse(rq, rs, ERR_FORBIDDEN, "This key is bound to one domain; this is above it.");
	if (*domain && !principal_reaches(db, p, domain, &rq->arena))
		return refuse(rq, rs, ERR_FORBIDDEN, "This domain is outside of what your login may see.");
	rq->principal = p;
	return true;
}

bool api_auth(struct request *rq, struct response *rs)
{
	struct api *api = rq->ctx;
	struct snap snap;
	struct err err;
	bool ok;

	if (rq->route->scope == SCOPE_OPEN)
		return true;
	if (store_snap(api->conf.store, &snap, &err)) {
		problem(rs, &err);
		return false;
	}
	ok = rq->route->scope & SCOPE_OPEN ? greet(rq, snap.db) : admit(rq, rs, snap.db);
	snap_end(&snap);
	return ok;
}
