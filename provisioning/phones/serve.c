/* GET: the bytes of one file for the phone that has proved itself. */
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "phonecfg/vendor/contacts.h"
#include "provisioning/conf/log.h"
#include "provisioning/phones/local.h"
#include "provisioning/phones/pairing.h"
#include "provisioning/reset/evidence.h"
#include "provisioning/reset/filekey.h"
#include "provisioning/reset/flip.h"
#include "provisioning/store/upload.h"

enum { FILE_BYTES_MAX = 1024 * 1024 };

/* What follows from the row and the request. */
static void target_fill(const struct phones *ph, struct target *t)
{
	t->profile = catalog_find(ph->conf.catalog, t->row.model);
	t->file = t->profile ? vendor_file(t->profile->vendor, t->request.kind) : NULL;
	t->tell_login = t->row.prov_password_seen_ms == 0 || secret_set(&t->row.prov_password_previous);
}

enum err_code target_load(struct db *db, struct request *rq, struct target *out, struct err *err)
{
	struct phones *ph = rq->ctx;
	const struct caller *c = request_caller(rq);
	enum err_code e;

	memset(out, 0, sizeof(*out));
	out->request = c->claim.file;
	e = phone_load(db, &c->mac, &rq->arena, &out->row, err);
	if (e == ERR_OK && out->row.id != c->phone_id)
		return err_set(err, ERR_NOT_FOUND, "the phone was removed and added again");
	if (e)
		return e;
	target_fill(ph, out);
	return ERR_OK;
}

/* ---- what the next pull needs ---- */

/* What a row says of it. Where a file key is in play, each pull looks for itself. */
static bool ready_of(const struct target *t, struct ready *out)
{
	if (t->profile == NULL || filekey_state(&t->row) != FILEKEY_NONE)
		return false;
	out->phone_id = t->row.id;
	out->domain_id = t->row.domain_id;
	out->generation = t->row.wanted;
	out->profile = t->profile;
	out->mac = t->row.mac;
	out->tell_login = t->tell_login;
	return true;
}

static void keep_ready(struct phones *ph, const struct target *t, bool prepared)
{
	struct ready r = { .mark = t->mark, .prepared = prepared };

	if (t->mark && ready_of(t, &r))
		ready_put(ph->ready, &r);
}

/* ---- evidence ---- */

struct proof_note {
	struct phones *ph;
	struct file_delivery d;
	int64_t phone_id;
	const char *name; /* of the file, as the store has it */
	bool asked_only;
	char hash[CACHE_HASH_TEXT], from[HTTP_ADDRESS_TEXT], user_agent[160];
};

/* Once a delivery is written: does the next one of the same file say anything new? */
static void look_back(const struct proof_note *n)
{
	struct ready r = { .mark = store_mark(n->ph->conf.store) };
	struct target t = { .request.kind = n->d.file };
	struct arena a;
	struct snap snap;

	if (store_snap(n->ph->conf.store, &snap, NULL))
		return;
	arena_init(&a, 0);
	if (evidence_no_news(n->ph->conf.reset, snap.db, &n->d, &a) &&
		phone_load(snap.db, &n->d.mac, &a, &t.row, NULL) == ERR_OK) {
		target_fill(n->ph, &t);
		ready_tell(&r, n->d.file, n->hash);
		if (ready_of(&t, &r))
			ready_put(n->ph->ready, &r);
	}
	arena_release(&a);
	snap_end(&snap);
}

static void write_proof(void *arg)
{
	struct proof_note *n = arg;
	struct reset *rs = n->ph->conf.reset;
	char mac[MAC_TEXT];
	struct err err;
	enum err_code e = n->asked_only ? evidence_asked(rs, &n->d.mac, n->d.file, n->d.at_ms, &err)
					: evidence_delivered(rs, &n->d, &err);

	if (e)
		log_event(LOG_LEVEL_ERROR, "evidence-lost", "mac", mac_text(&n->d.mac, mac), "why", err.text, NULL);
	else if (!n->asked_only)
		look_back(n);
	phones_done(n->ph);
	mem_free(n);
}

static void post_proof(struct proof_note *n)
{
	if (phones_post(n->ph, write_proof, n))
		return;
	log_event(LOG_LEVEL_ERROR, "evidence-lost", "why", "the workers' queue is full", NULL);
	mem_free(n);
}

static struct proof_note *make_proof(struct request *rq, enum file_kind kind, uint64_t generation, const char *hash)
{
	const struct caller *c = request_caller(rq);
	struct proof_note *n = mem_zalloc(sizeof(*n));

	if (n == NULL)
		return NULL;
	n->ph = rq->ctx;
	n->phone_id = c->phone_id;
	snprintf(n->hash, sizeof(n->hash), "%s", hash);
	snprintf(n->from, sizeof(n->from), "%s", rq->peer->text);
	snprintf(n->user_agent, sizeof(n->user_agent), "%s", c->user_agent);
	n->d = (struct file_delivery){ .mac = c->mac,
		.file = kind,
		.generation = generation,
		.hash = n->hash,
		.from = n->from,
		.user_agent = *n->user_agent ? n->user_agent : NULL,
		.certificate = c->proof == PROOF_CERTIFICATE,
		.at_ms = store_clock_ms() };
	return n;
}

/* The store says already all that this delivery would say: no open record, and this generation's file noted. */
static bool is_known(const struct proof_note *n)
{
	struct ready r;

	return ready_get(n->ph->ready, &n->d.mac, store_mark(n->ph->conf.store), &r) && r.phone_id == n->phone_id &&
	       (uint64_t)r.generation == n->d.generation && ready_told(&r, n->d.file, n->hash);
}

static void delivered_fn(void *arg, enum delivery outcome)
{
	struct proof_note *n = arg;

	if (outcome == DELIVERY_LOST) {
		mem_free(n);
		return;
	}
	n->d.not_modified = outcome == DELIVERY_UNCHANGED;
	n->d.at_ms = store_clock_ms();
	if (n->d.not_modified)
		atomic_fetch_add(&n->ph->not_modified, 1);
	if (!is_known(n)) {
		post_proof(n);
		return;
	}
	notes_again(n->ph->notes, n->phone_id, n->name, n->d.generation, n->hash);
	mem_free(n);
}

/* The first time since start that this phone asks for this kind of file. */
static void note_asked(struct request *rq, enum file_kind kind)
{
	struct phones *ph = rq->ctx;
	struct proof_note *n;

	if (!logins_mark_asked(ph->logins, &request_caller(rq)->mac, 1u << kind))
		return;
	n = make_proof(rq, kind, 0, "");
	if (n == NULL)
		return;
	n->asked_only = true;
	post_proof(n);
}

/* ---- the bytes ---- */

/* A phone is told its login for as long as it has not used it, and each time where it can come without one. */
static bool needs_login(const struct request *rq, const struct target *t)
{
	enum proof proof = request_caller(rq)->proof;

	return proof == PROOF_TOKEN || proof == PROOF_PAIRING || proof == PROOF_CERTIFICATE || t->tell_login;
}

/* A phone comes with its new login as soon as it has read it, often for the next file of this very pull. So the index
 * knows it before the first byte that carries it leaves, however long the outbox takes to say so. */
static bool expect_login(struct phones *ph, const struct target *t)
{
	const struct secret *present = &t->row.prov_password;

	if (!t->tell_login || !secret_set(present) || logins_hold(ph->logins, &t->row.mac, present))
		return true;
	phones_changed(ph, &t->row.mac);
	return logins_hold(ph->logins, &t->row.mac, present);
}

/* Which of several forms of one generation's file. */
enum { VARIANT_LOGIN = 1, VARIANT_SEALED = 2, VARIANT_UPLOAD = 4 };

static enum filekey_proof proof_of(const struct request *rq, const struct phone_row *row)
{
	const struct phones *ph = rq->ctx;
	const struct caller *c = request_caller(rq);

	if (c->proof == PROOF_TOKEN || c->proof == PROOF_PAIRING)
		return FILEKEY_BY_TOKEN;
	if (c->proof == PROOF_CERTIFICATE)
		return FILEKEY_BY_CERTIFICATE;
	if (filekey_state(row) == FILEKEY_WAITING && c->proof == PROOF_PASSWORD &&
		login_is(ph->logins, &row->mac, &row->prov_password, c->login))
		return FILEKEY_BY_NEW_LOGIN;
	return FILEKEY_BY_LOGIN;
}

/* What this very request says that the phone runs, if it is to be believed. A stored value would be wrong just when it
 * matters: at the first pull after an update. */
static const char *running(const struct request *rq, const struct target *t)
{
	const struct phones *ph = rq->ctx;
	const struct claim *claim = &request_caller(rq)->claim;

	return claim->has_ua ? vendor_running(ph->conf.catalog, t->profile, &claim->ua) : NULL;
}

static uint64_t hash_of(const char *text)
{
	uint64_t h = 14695981039346656037u; /* FNV-1a */

	for (; text && *text; text++)
		h = (h ^ (unsigned char)*text) * 1099511628211u;
	return text ? h : 0;
}

static struct cache_key key_of(const struct request *rq, const struct target *t)
{
	struct cache_key k = { .kind = t->request.kind };
	struct phone keys;
	size_t i;

	if (!t->file->per_phone) {
		k.who = (uint64_t)(uintptr_t)t->profile;
		return k;
	}
	for (i = 0; i < sizeof(t->row.mac.b); i++)
		k.who = k.who << 8 | t->row.mac.b[i];
	k.generation = (uint64_t)t->row.wanted;
	k.sort = t->profile;
	k.firmware = hash_of(running(rq, t));
	k.variant = (needs_login(rq, t) ? VARIANT_LOGIN : 0) |
		    (filekey_put(&t->row, proof_of(rq, &t->row), &keys) ? VARIANT_SEALED : 0);
	return k;
}

/* The phone book is made anew for each who asks: names change without a new generation of anybody's. */
static bool alive(const struct target *t)
{
	return t->request.kind == FILE_PHONEBOOK;
}

static enum err_code render(struct request *rq, struct db *db, const struct target *t, struct buf *out, struct err *err)
{
	struct phones *ph = rq->ctx;
	struct vendor_left left;
	char mac[MAC_TEXT];
	struct phone phone;
	enum err_code e;

	if (!t->file->per_phone)
		return vendor_render(ph->conf.renderer, t->profile, NULL, t->request.kind, out, err);
	e = desk_load(db, ph->conf.desk, &t->row.mac, &rq->arena, &phone, err);
	if (e == ERR_OK && alive(t))
		e = desk_load_people(db, t->row.domain_id, &rq->arena, &phone, err);
	if (e)
		return e;
	phone.prov.write_login = needs_login(rq, t);
	phone.firmware = running(rq, t);
	filekey_put(&t->row, proof_of(rq, &t->row), &phone);
	e = vendor_serve(ph->conf.renderer, t->profile, &phone, t->request.kind, out, &left, err);
	if (e == ERR_OK && left.n)
		phones_left_out(ph, t->row.domain_id, t->row.id, mac_text(&t->row.mac, mac), &left);
	return e;
}

/* The same list for all of a domain's phones that read it. */
static const struct cached *keep_list(struct phones *ph, const struct target *t, const struct buf *b)
{
	struct cache_key key = {
		.kind = t->request.kind, .who = (uint64_t)t->row.domain_id, .generation = hash_of(b->data)
	};
	const struct cached *had = cache_get(ph->cache, &key);

	if (had && cached_is(had, buf_view(b)))
		return had;
	cache_release((void *)(uintptr_t)had);
	return cache_put(ph->cache, &key, buf_view(b));
}

static enum err_code rendered(
	struct request *rq, struct db *db, const struct target *t, const struct cached **out, struct err *err)
{
	struct phones *ph = rq->ctx;
	struct cache_key key = key_of(rq, t);
	struct buf b;
	enum err_code e;

	buf_init(&b, FILE_BYTES_MAX);
	e = render(rq, db, t, &b, err);
	if (e == ERR_OK) {
		*out = alive(t) ? keep_list(ph, t, &b) : cache_put(ph->cache, &key, buf_view(&b));
		if (*out == NULL)
			e = err_set(err, ERR_NOMEM, "out of memory");
	}
	buf_release(&b);
	return e;
}

/* The speed dials of the keys as they are now, and the contacts that the phone sent. */
static const struct cached *joined(
	struct request *rq, struct db *db, const struct target *t, const struct cache_key *key, struct slice own)
{
	struct phones *ph = rq->ctx;
	const struct cached *out = NULL;
	struct buf made, both;

	buf_init(&made, FILE_BYTES_MAX);
	buf_init(&both, 2 * FILE_BYTES_MAX);
	if (render(rq, db, t, &made, NULL) == ERR_OK && contacts_join(buf_view(&made), own, &both, NULL) == ERR_OK)
		out = cache_put(ph->cache, key, buf_view(&both));
	buf_release(&made);
	buf_release(&both);
	return out;
}

/* What the phone itself put here, if anything is kept. Not cached beyond this answer. */
static const struct cached *uploaded(struct request *rq, struct db *db, const struct target *t)
{
	struct phones *ph = rq->ctx;
	struct cache_key key = key_of(rq, t);
	struct upload_row up;

	if (t->file->answer != ANSWER_UPLOADED ||
		upload_load(db, t->row.id, t->file->name, &rq->arena, &up, NULL) != ERR_OK)
		return NULL;
	key.variant = VARIANT_UPLOAD;
	key.sort = NULL;
	if (t->request.kind == FILE_DIRECTORY_XML)
		return joined(rq, db, t, &key, up.body);
	return cache_put(ph->cache, &key, up.body);
}

/* The pieces of a file on their way, and the reference that holds them. */
struct sending {
	const struct cached *file;
	struct slice v[];
};

static void sent(void *arg)
{
	struct sending *s = arg;

	cache_release((void *)(uintptr_t)s->file);
	mem_free(s);
}

/* Takes the reference over. */
static bool send_file(struct response *rs, const char *mime, const struct cached *file)
{
	size_t n = cache_pieces(file), i;
	struct sending *s = mem_alloc(sizeof(*s) + n * sizeof(struct slice));

	if (s == NULL) {
		cache_release((void *)(uintptr_t)file);
		return false;
	}
	s->file = file;
	for (i = 0; i < n; i++)
		s->v[i] = cache_piece(file, i);
	response_pieces(rs, mime, s->v, n, sent, s);
	return true;
}

static enum handled give(struct request *rq, struct response *rs, const struct target *t, const struct cached *file)
{
	struct proof_note *n;

	if (!send_file(rs, t->file->mime, file))
		return problem_status(rs, 503, "no-memory", "out of memory");
	response_etag(rs, file->etag);
	response_header(rs, "Cache-Control", "no-cache, private");
	/* Whoever came by the window has proved nothing. */
	if (!t->file->per_phone || request_caller(rq)->proof == PROOF_PAIRING)
		return HANDLED;
	n = make_proof(rq, t->request.kind, (uint64_t)t->row.wanted, file->hash);
	if (n) {
		n->name = t->file->name;
		response_on_delivery(rs, delivered_fn, n);
	}
	return HANDLED;
}

static enum handled not_now(struct request *rq, struct response *rs, const struct err *err)
{
	char mac[MAC_TEXT];

	log_event(
		LOG_LEVEL_ERROR, "pull-failed", "mac", mac_text(&request_caller(rq)->mac, mac), "why", err->text, NULL);
	problem_status(rs, 503, "busy", "The file cannot be made now; it is asked for again later.");
	return HANDLED;
}

/* Rule (a) of the flip: the registrar knows the secret before the first byte that carries it leaves. */
static bool must_flip(struct db *db, const struct target *t)
{
	return t->file->evidence == EVIDENCE_ALWAYS && flip_wanted_before_serving(db, &t->row.mac);
}

static enum handled answer(struct request *rq, struct response *rs, struct db *db, struct target *t, bool edge)
{
	struct phones *ph = rq->ctx;
	struct cache_key key = key_of(rq, t);
	const struct cached *file;
	struct err err;
	enum err_code e = ERR_OK;

	if (t->file->per_phone && !expect_login(ph, t)) {
		if (edge)
			return ON_WORKER; /* with another look at the store: this one may be the older */
		err_set(&err, ERR_BUSY, "the phone's new login is not known to all yet");
		return not_now(rq, rs, &err);
	}
	if (edge && t->request.kind == FILE_DIRECTORY_XML)
		return ON_WORKER;
	file = uploaded(rq, db, t);

	if (file == NULL && !alive(t))
		file = cache_get(ph->cache, &key);
	if (file == NULL && edge)
		return ON_WORKER;
	if (file == NULL)
		e = rendered(rq, db, t, &file, &err);
	if (e == ERR_NOT_FOUND)
		return plain_not_found(rs);
	return e ? not_now(rq, rs, &err) : give(rq, rs, t, file);
}

/* A model-wide file is given under the phone's own name alone: y000000000108.cfg to a phone of that code. */
static bool fits(const struct phones *ph, const struct target *t)
{
	const char *name = t->request.common;

	if (t->file == NULL || t->file->answer == ANSWER_NOT_FOUND)
		return false;
	return *name == '\0' || catalog_by_common_file(ph->conf.catalog, slice_str(name)) == t->profile ||
	       (t->profile->common_file && slice_ieq_str(slice_str(name), t->profile->common_file));
}

/* The first time that this request is looked at: who was here. A caller of the window has proved nothing, and what he
 * says of the phone is not noted. */
static void note_pull(struct request *rq, const struct target *t)
{
	struct phones *ph = rq->ctx;
	const struct caller *c = request_caller(rq);

	if (rq->run != 0)
		return;
	atomic_fetch_add(&ph->pulls, 1);
	if (c->proof == PROOF_PAIRING)
		return;
	notes_pull(ph->notes, &t->row.mac, t->row.id, &c->claim, c->user_agent, rq->peer->text);
	if (t->file && t->file->per_phone)
		note_asked(rq, t->request.kind);
}

/* Takes the window's one file, and whatever flip it asks for; then the phone as it is by now. */
static enum err_code prepare(struct request *rq, struct snap *snap, struct target *t, bool *taken, struct err *err)
{
	struct phones *ph = rq->ctx;
	enum err_code e = ERR_OK;

	*taken = true;
	snap_end(snap);
	if (pairing_once(request_caller(rq), t))
		*taken = pairing_take(rq, (struct caller *)(uintptr_t)request_caller(rq));
	if (*taken)
		e = flip_before_serving(ph->conf.reset, &t->row.mac, err);
	if (e == ERR_OK)
		e = store_snap(ph->conf.store, snap, err);
	if (e == ERR_OK)
		e = target_load(snap->db, rq, t, err);
	if (e == ERR_OK && *taken && must_flip(snap->db, t))
		e = err_set(err, ERR_BUSY, "the phone changed again while its file was prepared");
	return e;
}

static enum handled serve(struct request *rq, struct response *rs, struct snap *snap, uint64_t mark, bool edge)
{
	struct phones *ph = rq->ctx;
	struct target t;
	struct err err;
	bool taken;
	enum err_code e = target_load(snap->db, rq, &t, &err);

	if (e == ERR_NOT_FOUND) {
		phones_changed(ph, &request_caller(rq)->mac);
		return plain_not_found(rs);
	}
	if (e)
		return not_now(rq, rs, &err);
	note_pull(rq, &t);
	if (!fits(ph, &t))
		return plain_not_found(rs);
	t.mark = mark;
	if (!must_flip(snap->db, &t) && !pairing_once(request_caller(rq), &t)) {
		keep_ready(ph, &t, t.file->evidence == EVIDENCE_ALWAYS);
		return answer(rq, rs, snap->db, &t, edge);
	}
	if (edge)
		return ON_WORKER;
	e = prepare(rq, snap, &t, &taken, &err);
	if (e) {
		pairing_give_back(rq, request_caller(rq));
		return not_now(rq, rs, &err);
	}
	if (!taken) {
		phones_refuse(rq, rs);
		return HANDLED;
	}
	if (pairing_once(request_caller(rq), &t))
		pairing_watch(rq, rs, request_caller(rq));
	return answer(rq, rs, snap->db, &t, false);
}

/* Without asking the store: what it said of this phone holds, and the file is there. False: the long way. */
static bool serve_ready(struct request *rq, struct response *rs, uint64_t mark)
{
	struct phones *ph = rq->ctx;
	const struct caller *c = request_caller(rq);
	const struct cached *file;
	struct target t;
	struct ready r;
	struct cache_key key;

	if (c->proof < PROOF_PASSWORD || !ready_get(ph->ready, &c->mac, mark, &r) || r.phone_id != c->phone_id)
		return false;
	memset(&t, 0, sizeof(t));
	t.request = c->claim.file;
	t.row.id = r.phone_id;
	t.row.mac = r.mac;
	t.row.domain_id = r.domain_id;
	t.row.wanted = r.generation;
	t.profile = r.profile;
	t.tell_login = r.tell_login;
	t.file = vendor_file(r.profile->vendor, t.request.kind);
	if (!fits(ph, &t) || t.file->answer == ANSWER_UPLOADED || alive(&t) ||
		(t.file->evidence == EVIDENCE_ALWAYS && !r.prepared))
		return false;
	key = key_of(rq, &t);
	file = cache_get(ph->cache, &key);
	if (file == NULL)
		return false;
	note_pull(rq, &t);
	give(rq, rs, &t, file);
	return true;
}

enum handled phones_get_fn(struct request *rq, struct response *rs)
{
	struct phones *ph = rq->ctx;
	uint64_t mark = store_mark(ph->conf.store);
	struct snap snap;
	struct err err;
	enum handled h;

	if (rq->run == 0 && serve_ready(rq, rs, mark))
		return HANDLED;
	if (store_snap(ph->conf.store, &snap, &err))
		return not_now(rq, rs, &err);
	h = serve(rq, rs, &snap, mark, rq->run == 0);
	snap_end(&snap);
	return h;
}
