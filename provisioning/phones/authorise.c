#include "provisioning/phones/authorise.h"

#include <string.h>

#include "phonecfg/base/mem.h"
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
	const struct mac *mac = claim_mac(&c->claim);
	enum ban ban = ban_refuses(rq, rs, c);
	size_t i;

	atomic_fetch_add(&ph->refused, 1);
	if (ban == BAN_ANSWERED)
		return false;
	if (mac && ban == BAN_NONE)
		notes_knock(ph->notes, mac, &c->claim, c->user_agent, rq->peer->text);
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

enum { LOOK_EVERY_MS = 200 };

/* Another process may have written what the index does not know. Seldom, on a worker, and for any MAC
 * alike: so a refusal takes as long for a phone that is there as for one that is not. */
struct second_look {
	struct phones *ph;
	struct mac mac;
};

static void look_again(void *arg)
{
	struct second_look *look = arg;

	phones_changed(look->ph, &look->mac);
	phones_done(look->ph);
	mem_free(look);
}

static void look_later(struct phones *ph, const struct mac *mac)
{
	long long now = store_clock_ms(), last = atomic_load(&ph->looked_ms);
	struct second_look *look;

	if (now - last < LOOK_EVERY_MS || !atomic_compare_exchange_strong(&ph->looked_ms, &last, now))
		return;
	look = mem_alloc(sizeof(*look));
	if (look == NULL)
		return;
	*look = (struct second_look){ ph, *mac };
	if (!phones_post(ph, look_again, look))
		mem_free(look);
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
		look_later(ph, &check.login.mac);
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
		look_later(ph, &c->claim.cert);
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

static bool by_token(struct request *rq, struct caller *c)
{
	struct phones *ph = rq->ctx;
	struct token_row token;
	struct phone_row row;
	struct login known;
	struct snap snap;
	bool shown, on, ok;

	if (store_snap(ph->conf.store, &snap, NULL))
		return false;
	shown = token_shown(snap.db, slice_str(request_param(rq, "token")), &rq->arena, &token, NULL) == ERR_OK &&
		phone_by_id(snap.db, token.phone_id, &rq->arena, &row, NULL) == ERR_OK &&
		(!c->claim.file.has_mac || mac_eq(&c->claim.file.mac, &row.mac)) &&
		(!c->claim.has_cert || mac_eq(&c->claim.cert, &row.mac));
	snap_end(&snap);
	on = shown && (pair_ways(ph->conf.reset, row.ways_off) & WAY_TOKEN);
	ok = on && token.dead_ms == 0;
	if (on || (shown && token.dead_ms))
		notes_token_used(ph->notes, &row.mac, token.id, rq->peer->text);
	if (ok) {
		if (!logins_get(
			    ph->logins, &row.mac, &known)) /* added by another process: its own password comes next */
			phones_changed(ph, &row.mac);
		if (!known.given)
			logins_mark_given(ph->logins, &row.mac);
		explicit_bzero(&known, sizeof(known));
		c->mac = row.mac;
		c->phone_id = row.id;
		c->token_id = token.id;
		c->proof = PROOF_TOKEN;
	}
	return ok;
}

static bool by_address(struct request *rq, struct caller *c)
{
	struct phones *ph = rq->ctx;
	struct softphone_row row;
	struct snap snap;
	bool ok;

	if (store_snap(ph->conf.store, &snap, NULL))
		return false;
	ok = softphone_by_token(snap.db, slice_str(request_param(rq, "token")), &rq->arena, &row, NULL) == ERR_OK;
	snap_end(&snap);
	if (ok) {
		c->softphone_id = row.id;
		c->proof = PROOF_TOKEN;
	}
	return ok;
}

/* Into rows and logs: whatever the wire said, as printable ASCII. */
static void keep_user_agent(struct caller *c, const char *ua)
{
	size_t i;

	for (i = 0; ua && ua[i] && i + 1 < sizeof(c->user_agent); i++)
		c->user_agent[i] = ua[i] >= ' ' && ua[i] < 0x7f ? ua[i] : '?';
}

bool phones_auth(struct request *rq, struct response *rs)
{
	struct caller *c = arena_alloc(&rq->arena, sizeof(*c));
	const char *ua = request_header(rq, "User-Agent");
	struct phones *ph = rq->ctx;
	bool stale = false, ok = false;

	if (c == NULL) {
		problem_status(rs, 503, "no-memory", "out of memory");
		return false;
	}
	keep_user_agent(c, ua);
	identify(slice_str(request_param(rq, "file")), ua, rq->peer, &c->claim);
	if (rq->route->scope == FORM_OWN)
		ok = own_certificate(rq, c) || own_password(rq, c, &stale) || pairing_admits(rq, c);
	else if (rq->route->scope == FORM_TOKEN)
		ok = by_token(rq, c);
	else if (rq->route->scope == FORM_SOFT)
		ok = by_address(rq, c);
	if (!ok)
		return refuse(rq, rs, c, stale);
	ban_proved(rq, c);
	rq->principal = (const struct principal *)(const void *)c;
	return rq->method == HTTP_GET || uploads_enter(ph->running, c->phone_id, rq, rs);
}
