#include "provisioning/phones/authorise.h"

#include <string.h>

#include "phonecfg/profile/profile.h"
#include "provisioning/conf/ways.h"
#include "provisioning/phones/ban.h"
#include "provisioning/phones/local.h"
#include "provisioning/phones/pairing.h"
#include "provisioning/reset/pair.h"
#include "provisioning/store/softphone.h"
#include "provisioning/store/token.h"

const struct caller *request_caller(const struct request *rq)
{
	return (const struct caller *)(const void *)rq->principal;
}

/* Every refusal comes through here. */
static bool refuse(struct request *rq, struct response *rs, const struct caller *c, bool stale)
{
	static const enum digest_alg order[] = { DIGEST_SHA256, DIGEST_MD5 }; /* RFC 7616 §3.7: best first */
	struct phones *ph = rq->ctx;
	enum ban ban = ban_refuses(rq, rs, c);
	size_t i;

	atomic_fetch_add(&ph->refused, 1);
	if (ban == BAN_ANSWERED)
		return false;
	if (ban == BAN_NONE)
		notes_knock(ph->notes, &c->claim, rq->route->scope == FORM_TOKEN ? request_param(rq, "token") : NULL,
			c->user_agent, rq->peer->text);
	if (rq->route->scope == FORM_OWN)
		pairing_suspect(rq, c);
	if (rq->route->scope != FORM_OWN) {
		plain_not_found(rs);
		return false;
	}
	plain_unauthorized(rs);
	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		char challenge[DIGEST_HEADER_MAX];

		if (digest_challenge(&ph->digest, order[i], stale, store_clock_ms(), challenge, NULL) == ERR_OK)
			response_header(rs, "WWW-Authenticate", challenge);
	}
	return false;
}

void phones_refuse(struct request *rq, struct response *rs)
{
	refuse(rq, rs, request_caller(rq), false);
}

/* What Authorization proves. */
static void check_password(struct request *rq, const struct caller *c, struct login_check *out)
{
	struct phones *ph = rq->ctx;
	const char *header = request_header(rq, "Authorization");
	const struct mac *path = c->claim.file.has_mac ? &c->claim.file.mac : NULL;
	struct slice user, password;

	if (rq->peer->tls && request_basic(rq, &user, &password))
		logins_check_basic(ph->logins, user, password, path, out);
	else
		logins_check_digest(
			ph->logins, &ph->digest, header, rq->method_text, rq->target, path, store_clock_ms(), out);
}

static bool own_password(struct request *rq, struct caller *c, bool *stale)
{
	struct phones *ph = rq->ctx;
	struct login_check check;
	bool ok;

	check_password(rq, c, &check);
	if (check.result == DIGEST_BAD && check.named)
		notes_login_refused(ph->notes, &check.login.mac);
	*stale = check.result == DIGEST_STALE;
	c->failed = check.result == DIGEST_BAD && check.tried;
	/* A phone with a certificate is that phone, also where it knows another one's password. */
	ok = check.result == DIGEST_OK && (!c->claim.has_cert || mac_eq(&c->claim.cert, &check.login.mac));
	if (ok) {
		c->mac = check.login.mac;
		c->phone_id = check.login.phone_id;
		c->proof = check.which == LOGIN_PRESENT ? PROOF_PASSWORD : PROOF_PREVIOUS;
		if (check.which == LOGIN_PRESENT)
			memcpy(c->login, check.login.hash[LOGIN_PRESENT].sha256, LOGIN_MARK);
		if (check.which == LOGIN_PRESENT && (!check.login.seen || check.login.given) &&
			logins_mark_seen(ph->logins, &c->mac, c->login))
			notes_password_seen(ph->notes, &c->mac, c->phone_id, c->login);
	}
	explicit_bzero(&check, sizeof(check));
	return ok;
}

static bool own_certificate(struct request *rq, struct caller *c)
{
	struct phones *ph = rq->ctx;
	struct login login;
	bool ok = c->claim.has_cert && (!c->claim.file.has_mac || mac_eq(&c->claim.cert, &c->claim.file.mac));

	if (ok && !logins_get(ph->logins, &c->claim.cert, &login)) {
		notes_login_refused(ph->notes, &c->claim.cert);
		ok = false;
	}
	/* A maker's CA speaks for that maker's phones alone. */
	ok = ok && (login.ways & WAY_CERTIFICATE) && login.profile && (c->claim.bundles >> login.profile->vendor & 1);
	if (ok) {
		c->mac = c->claim.cert;
		c->phone_id = login.phone_id;
		c->proof = PROOF_CERTIFICATE;
	}
	explicit_bzero(&login, sizeof(login));
	return ok;
}

/* ERR_NOT_FOUND: this address opens nothing, or not for this phone. */
static enum err_code find_token(
	struct request *rq, const struct caller *c, struct token_row *token, struct phone_row *row)
{
	struct phones *ph = rq->ctx;
	struct snap snap;
	struct err err;
	enum err_code e = store_snap(ph->conf.store, &snap, &err);

	if (e)
		return e;
	e = token_open(snap.db, slice_str(request_param(rq, "token")), &rq->arena, token, &err);
	if (e == ERR_OK)
		e = phone_by_id(snap.db, token->phone_id, &rq->arena, row, &err);
	snap_end(&snap);
	if (e == ERR_OK && ((c->claim.file.has_mac && !mac_eq(&c->claim.file.mac, &row->mac)) ||
				   (c->claim.has_cert && !mac_eq(&c->claim.cert, &row->mac)) ||
				   !(pair_ways(ph->conf.reset, row->ways_off) & WAY_TOKEN)))
		return ERR_NOT_FOUND;
	return e;
}

static enum err_code by_token(struct request *rq, struct caller *c)
{
	struct phones *ph = rq->ctx;
	struct token_row token;
	struct phone_row row;
	struct login known;
	enum err_code e = find_token(rq, c, &token, &row);

	if (e)
		return e;
	notes_token_used(ph->notes, claim_mac(&c->claim), token.id, rq->peer->text);
	if (!logins_get(ph->logins, &row.mac, &known)) /* added by another process: its own password comes next */
		phones_changed(ph, &row.mac);
	if (!known.given)
		logins_mark_given(ph->logins, &row.mac);
	explicit_bzero(&known, sizeof(known));
	c->mac = row.mac;
	c->phone_id = row.id;
	c->token_id = token.id;
	c->proof = PROOF_TOKEN;
	return ERR_OK;
}

static enum err_code by_address(struct request *rq, struct caller *c)
{
	struct phones *ph = rq->ctx;
	struct softphone_row row;
	struct snap snap;
	struct err err;
	enum err_code e = store_snap(ph->conf.store, &snap, &err);

	if (e)
		return e;
	e = softphone_by_token(snap.db, slice_str(request_param(rq, "token")), &rq->arena, &row, &err);
	snap_end(&snap);
	if (e)
		return e;
	c->softphone_id = row.id;
	c->proof = PROOF_TOKEN;
	return ERR_OK;
}

/* Into rows and logs: whatever the wire said, as printable ASCII. */
static void keep_user_agent(struct caller *c, const char *ua)
{
	size_t i;

	for (i = 0; ua && ua[i] && i + 1 < sizeof(c->user_agent); i++)
		c->user_agent[i] = ua[i] >= ' ' && ua[i] < 0x7f ? ua[i] : '?';
}

/* Whether that address is good cannot be said now: neither a refusal nor a stranger's failure. */
static bool store_failed(struct response *rs)
{
	problem_status(rs, 503, "busy", "The address cannot be looked up now; ask again later.");
	return false;
}

bool phones_auth(struct request *rq, struct response *rs)
{
	struct caller *c = arena_alloc(&rq->arena, sizeof(*c));
	const char *ua = request_header(rq, "User-Agent");
	struct phones *ph = rq->ctx;
	enum err_code e = ERR_NOT_FOUND;
	bool stale = false;

	if (c == NULL) {
		problem_status(rs, 503, "no-memory", "out of memory");
		return false;
	}
	keep_user_agent(c, ua);
	identify(slice_str(request_param(rq, "file")), ua, rq->peer, &c->claim);
	if (rq->route->scope == FORM_OWN)
		e = own_certificate(rq, c) || own_password(rq, c, &stale) || pairing_admits(rq, c) ? ERR_OK : e;
	else if (rq->route->scope == FORM_TOKEN)
		e = by_token(rq, c);
	else if (rq->route->scope == FORM_SOFT)
		e = by_address(rq, c);
	if (e == ERR_NOT_FOUND)
		return refuse(rq, rs, c, stale);
	if (e)
		return store_failed(rs);
	ban_proved(rq, c);
	rq->principal = (const struct principal *)(const void *)c;
	return rq->method == HTTP_GET || uploads_enter(ph->running, c->phone_id, rq, rs);
}
