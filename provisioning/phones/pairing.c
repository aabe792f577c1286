#include "provisioning/phones/pairing.h"

#include <stdio.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "provisioning/conf/log.h"
#include "provisioning/conf/ways.h"
#include "provisioning/phones/local.h"
#include "provisioning/reset/pair.h"

/* Yealink's common file has no MAC in its name, its User-Agent has. */
static const struct mac *named(const struct claim *c)
{
	if (c->file.has_mac)
		return &c->file.mac;
	return c->has_ua && c->ua.has_mac ? &c->ua.mac : NULL;
}

/* A User-Agent of that very model, and of no other MAC. */
static bool looks_like(const struct phones *ph, const struct login *login, const struct claim *c)
{
	return login->profile && c->has_ua && c->ua.vendor == login->profile->vendor &&
	       (!c->ua.has_mac || mac_eq(&c->ua.mac, &login->mac)) && (!c->has_cert || mac_eq(&c->cert, &login->mac)) &&
	       catalog_by_ua_token(ph->conf.catalog, c->ua.vendor, slice_str(c->ua.model)) == login->profile;
}

/* What stands before the first file says nothing of anybody; what the phone itself sent, and the phone book, are none
 * of it. */
static bool leads_there(const struct login *login, const struct claim *c)
{
	const struct vendor_file *f = vendor_file(login->profile->vendor, c->file.kind);

	return f && (f->evidence == EVIDENCE_ALWAYS || (f->evidence == EVIDENCE_NONE && f->answer != ANSWER_UPLOADED &&
							       f->kind != FILE_PHONEBOOK));
}

/* Without a login: a GET over TLS that names a phone. */
static bool bare(const struct request *rq)
{
	return rq->method == HTTP_GET && !rq->head && rq->peer->tls && request_header(rq, "Authorization") == NULL;
}

bool pairing_admits(struct request *rq, struct caller *c)
{
	struct phones *ph = rq->ctx;
	const struct mac *mac = named(&c->claim);
	int64_t now = store_clock_ms();
	struct login login;
	bool ok = bare(rq) && mac && logins_get(ph->logins, mac, &login);

	if (ok) {
		ok = (login.ways & WAY_PAIRING) && login.pair_until_ms > now && !login.paired &&
		     looks_like(ph, &login, &c->claim) && leads_there(&login, &c->claim);
		c->mac = login.mac;
		c->phone_id = login.phone_id;
		c->proof = PROOF_PAIRING;
		explicit_bzero(&login, sizeof(login));
	}
	return ok;
}

bool pairing_once(const struct caller *c, const struct target *t)
{
	return c->proof == PROOF_PAIRING && t->file->evidence == EVIDENCE_ALWAYS;
}

bool pairing_take(struct request *rq, struct caller *c)
{
	struct phones *ph = rq->ctx;
	char mac[MAC_TEXT];
	struct err err;
	enum err_code e = pair_take(ph->conf.reset, &c->mac, rq->peer->text, &c->paired_ms, &err);

	phones_changed(ph, &c->mac);
	if (e && e != ERR_NOT_FOUND)
		log_event(LOG_LEVEL_ERROR, "pairing-failed", "mac", mac_text(&c->mac, mac), "why", err.text, NULL);
	if (e == ERR_OK)
		log_event(LOG_LEVEL_INFO, "paired", "mac", mac_text(&c->mac, mac), "from", rq->peer->text, NULL);
	atomic_fetch_add(&ph->pairings, e == ERR_OK);
	return e == ERR_OK;
}

/* ---- what happens later, on a worker ---- */

struct pair_note {
	struct phones *ph;
	struct mac mac;
	int64_t paired_ms; /* it did not arrive; 0: somebody came again */
	char from[HTTP_ADDRESS_TEXT];
};

static enum err_code again_fn(struct txn *t, void *arg, struct err *err)
{
	const struct pair_note *n = arg;
	struct arena a;
	enum err_code e;

	arena_init(&a, 0);
	e = pair_again(n->ph->conf.reset, t->db, &n->mac, n->from, &a, err);
	arena_release(&a);
	return e;
}

static void write_note(void *arg)
{
	struct pair_note *n = arg;
	struct err err;
	enum err_code e = n->paired_ms ? pair_lost(n->ph->conf.reset, &n->mac, n->paired_ms, &err)
				       : store_write(n->ph->conf.store, again_fn, n, &err);

	if (e)
		log_event(LOG_LEVEL_ERROR, "pairing-note-lost", "why", err.text, NULL);
	if (n->paired_ms)
		phones_changed(n->ph, &n->mac);
	phones_done(n->ph);
	mem_free(n);
}

static struct pair_note *make_note(struct request *rq, const struct mac *mac, int64_t paired_ms)
{
	struct pair_note *n = mem_zalloc(sizeof(*n));

	if (n == NULL)
		return NULL;
	n->ph = rq->ctx;
	n->mac = *mac;
	n->paired_ms = paired_ms;
	snprintf(n->from, sizeof(n->from), "%s", rq->peer->text);
	return n;
}

static void post(struct pair_note *n)
{
	if (n && !phones_post(n->ph, write_note, n)) {
		log_event(LOG_LEVEL_ERROR, "pairing-note-lost", "why", "the workers' queue is full", NULL);
		mem_free(n);
	}
}

static void arrived_fn(void *arg, enum delivery outcome)
{
	struct pair_note *n = arg;

	if (outcome == DELIVERY_LOST)
		post(n);
	else
		mem_free(n);
}

void pairing_give_back(struct request *rq, const struct caller *c)
{
	if (c->paired_ms)
		post(make_note(rq, &c->mac, c->paired_ms));
}

void pairing_watch(struct request *rq, struct response *rs, const struct caller *c)
{
	struct pair_note *n = make_note(rq, &c->mac, c->paired_ms);

	if (n)
		response_on_delivery(rs, arrived_fn, n);
}

void pairing_suspect(struct request *rq, const struct caller *c)
{
	struct phones *ph = rq->ctx;
	const struct mac *mac = named(&c->claim);
	const struct vendor_file *f;
	struct login login;

	if (!bare(rq) || mac == NULL || !logins_get(ph->logins, mac, &login))
		return;
	f = login.profile ? vendor_file(login.profile->vendor, c->claim.file.kind) : NULL;
	if (login.paired && f && f->evidence == EVIDENCE_ALWAYS && looks_like(ph, &login, &c->claim) &&
		logins_mark_again(ph->logins, mac))
		post(make_note(rq, mac, 0));
	explicit_bzero(&login, sizeof(login));
}
