#include "provisioning/reset/flip.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "provisioning/conf/fault.h"
#include "provisioning/conf/log.h"
#include "provisioning/outbox/outbox.h"
#include "provisioning/reset/contact.h"
#include "provisioning/reset/identity.h"
#include "provisioning/reset/record.h"
#include "provisioning/reset/reset.h"
#include "provisioning/store/device.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/line.h"
#include "provisioning/store/projection.h"
#include "provisioning/store/record.h"
#include "provisioning/store/timeline.h"

/* One flip of one identity at a time: a serving worker and the outbox may want the same one. */
enum { STRIPES = 64 };
static pthread_mutex_t stripes[STRIPES];
static pthread_once_t stripes_once = PTHREAD_ONCE_INIT;

static void make_stripes(void)
{
	int i;

	for (i = 0; i < STRIPES; i++)
		pthread_mutex_init(&stripes[i], NULL);
}

static pthread_mutex_t *stripe_of(const char *identity)
{
	unsigned h = 5381;

	pthread_once(&stripes_once, make_stripes);
	for (; *identity; identity++)
		h = h * 33 + (unsigned char)*identity;
	return &stripes[h % STRIPES];
}

/* One flip, from the first read to the note. */
struct flip {
	struct reset *rs;
	struct arena arena;
	const char *identity, *user, *domain;
	struct projection_row row;
	int64_t began_ms; /* of the first attempt, also before a crash */
	bool repeat;      /* there was an attempt before this one */
	bool unbound;     /* no old binding is left */
	/* phones on which the line stays: their bindings are left alone */
	struct phone_row *keepers;
	size_t nkeepers, keepers_cap;
	bool takes_away; /* a line, an address or the identity itself goes */
};

static enum err_code no_memory(const char *identity, struct err *err)
{
	return err_set(err, ERR_NOMEM, "There is no memory to renew the secret of %s.", identity);
}

/* ---- what is there ---- */

static enum err_code add_keeper(struct flip *f, struct db *db, int64_t phone_id, struct err *err)
{
	struct phone_row *p = arena_push(&f->arena, (void **)&f->keepers, &f->nkeepers, &f->keepers_cap, sizeof(*p));

	if (p == NULL)
		return no_memory(f->identity, err);
	return phone_by_id(db, phone_id, &f->arena, p, err);
}

/* The records of this identity that its flip concerns; those of a later secret wait for theirs. */
static enum err_code records_of(struct flip *f, struct db *db, struct record_row **out, size_t *n, struct err *err)
{
	struct domain_row dom;
	struct record_filter filter = { .device = f->user };
	size_t i, kept = 0;
	enum err_code code = domain_by_name(db, f->domain, &f->arena, &dom, err);

	*n = 0;
	if (code == ERR_NOT_FOUND)
		return ERR_OK;
	filter.domain_id = dom.id;
	filter.open_only = true;
	if (code == ERR_OK)
		code = record_list(db, &filter, (struct page){ 0, 0 }, &f->arena, out, n, err);
	for (i = 0; code == ERR_OK && i < *n; i++)
		if (f->row.wanted_revision == 0 || (*out)[i].revision_after <= f->row.wanted_revision)
			(*out)[kept++] = (*out)[i];
	*n = kept;
	return code;
}

static enum err_code load_keepers(struct flip *f, struct db *db, struct err *err)
{
	struct record_row *records;
	size_t n, i;
	enum err_code code = records_of(f, db, &records, &n, err);

	f->takes_away = f->row.wanted_revision == 0;
	for (i = 0; code == ERR_OK && i < n; i++) {
		if (records[i].keeps_line)
			code = add_keeper(f, db, records[i].phone_id, err);
		else if (strcmp(records[i].kind, record_kind_word(RECORD_REKEYED)) != 0)
			f->takes_away = true;
		if (code == ERR_NOT_FOUND) { /* the phone was deleted meanwhile */
			f->nkeepers--;
			code = ERR_OK;
		}
	}
	return code;
}

static enum err_code load(struct flip *f, struct err *err)
{
	struct snap snap;
	enum err_code code = store_snap(f->rs->store, &snap, err);

	if (code)
		return code;
	code = projection_load(snap.db, f->identity, &f->arena, &f->row, err);
	if (code == ERR_OK && f->row.waiting)
		code = load_keepers(f, snap.db, err);
	snap_end(&snap);
	return code;
}

/* ---- the registrar ---- */

static enum err_code begin_fn(struct txn *t, void *arg, struct err *err)
{
	struct flip *f = arg;

	return projection_begin(t->db, f->identity, f->row.wanted_revision, f->began_ms, err);
}

static enum err_code begin(struct flip *f, struct err *err)
{
	f->repeat = f->row.flipped_ms != 0 && f->row.flipped_ms >= f->row.wanted_ms;
	f->began_ms = f->repeat ? f->row.flipped_ms : f->rs->now_ms();
	return f->repeat ? ERR_OK : store_write(f->rs->store, begin_fn, f, err);
}

static enum err_code set_secret(struct flip *f, struct err *err)
{
	struct credential want = { f->user, f->domain, f->row.realm, f->row.wanted_ha1, f->row.wanted_revision };
	struct credential back;
	enum err_code code = registrar_set(f->rs->registrar, &want, err);

	/* The identity was deleted and made anew: its revisions count from 1 again. What the store wants stands. */
	if (code == ERR_CONFLICT) {
		code = registrar_remove(f->rs->registrar, f->user, f->domain, INT64_MAX, err);
		if (code == ERR_OK)
			code = registrar_set(f->rs->registrar, &want, err);
	}
	if (code == ERR_OK)
		code = registrar_get(f->rs->registrar, f->user, f->domain, &f->arena, &back, err);
	if (code)
		return code;
	if (!secret_eq(&back.ha1, &want.ha1))
		return err_set(err, ERR_IO,
			"The registrar took the new secret of %s but gives another one back; look who else writes there.",
			f->identity);
	return ERR_OK;
}

static enum err_code remove_secret(struct flip *f, struct err *err)
{
	struct credential back;
	enum err_code code = registrar_remove(f->rs->registrar, f->user, f->domain, INT64_MAX, err);

	if (code)
		return code;
	code = registrar_get(f->rs->registrar, f->user, f->domain, &f->arena, &back, err);
	if (code == ERR_NOT_FOUND)
		return ERR_OK;
	return code ? code : err_set(err, ERR_IO, "The registrar still knows %s after its removal.", f->identity);
}

static bool is_kept(const struct flip *f, const struct binding *b)
{
	struct contact_seen seen = { b->contact, b->instance, b->user_agent, b->source };
	size_t i;

	for (i = 0; i < f->nkeepers; i++)
		if (contact_score(&seen, &f->keepers[i], f->rs->catalog) >= (f->takes_away ? 1 : 0))
			return true;
	return false;
}

/* Before the first note no file with the new secret has left, so at a first attempt every binding is an old one. A
 * repeat and the second look cannot know that, and take only what is certainly older: the registrar counts seconds. */
static bool is_old(const struct flip *f, const struct binding *b)
{
	return !f->repeat || b->refreshed < f->began_ms / 1000;
}

static enum err_code unbind_old(struct flip *f, struct err *err)
{
	struct binding_list list;
	size_t i;
	enum err_code code = registrar_bindings(f->rs->registrar, f->identity, &f->arena, &list, err);

	for (i = 0; code == ERR_OK && i < list.n; i++) {
		if (!is_old(f, &list.v[i]) || is_kept(f, &list.v[i]))
			continue;
		code = registrar_unbind(f->rs->registrar, f->identity, list.v[i].contact, err);
	}
	f->unbound = code == ERR_OK;
	return code;
}

/* ---- the note ---- */

static enum err_code note_records(struct flip *f, struct db *db, bool flipped, struct err *err)
{
	struct record_row *records;
	int64_t now_ms = f->rs->now_ms();
	size_t n, i;
	const char *evidence = f->row.wanted_revision
				       ? arena_printf(&f->arena, "revision %lld read back from the registrar",
						 (long long)f->row.wanted_revision)
				       : "the registrar does not know the identity any more";
	enum err_code code = records_of(f, db, &records, &n, err);

	for (i = 0; code == ERR_OK && i < n; i++) {
		bool kept = strcmp(records[i].kind, record_kind_word(RECORD_REKEYED)) == 0;

		if (flipped)
			code = record_note(
				db, records[i].id, FACT_FLIPPED, now_ms, evidence, true, &f->arena, NULL, err);
		if (code == ERR_OK && f->unbound && !kept)
			code = record_note(db, records[i].id, FACT_UNBOUND, now_ms, "no binding is older than the flip",
				true, &f->arena, NULL, err);
	}
	return code;
}

static enum err_code note_fn(struct txn *t, void *arg, struct err *err)
{
	struct flip *f = arg;
	char payload[64];
	bool changed;
	enum err_code code = projection_flipped(t->db, f->identity, f->row.wanted_revision, f->began_ms, &changed, err);

	/* A date that was meant for this one must not hurry the next. */
	if (code == ERR_OK)
		code = outbox_cancel(t->db, "flip", f->identity, NULL, err);
	if (code || f->rs->registrar == NULL)
		return code;
	code = note_records(f, t->db, true, err);
	if (code || (f->rs->conf.sweep_ms <= 0 && f->unbound))
		return code;
	snprintf(payload, sizeof(payload), "{\"flipped_ms\":%lld}", (long long)f->began_ms);
	return outbox_put(t->db, "sweep", f->identity, payload, f->rs->now_ms() + f->rs->conf.sweep_ms, NULL, err);
}

static enum err_code run(struct flip *f, struct err *err)
{
	struct err why = { 0 };
	enum err_code code = load(f, err);

	if (code == ERR_NOT_FOUND || (code == ERR_OK && !f->row.waiting))
		return ERR_OK;
	if (code)
		return code;
	if (f->rs->registrar) {
		if ((code = begin(f, err)) ||
			(code = f->row.wanted_revision ? set_secret(f, err) : remove_secret(f, err)))
			return code;
		fault_point("flip-before-unbind");
		/* The old secret is dead by now: the phone must have the new one, whoever is still bound. */
		if (unbind_old(f, &why))
			log_event(LOG_LEVEL_WARN, "unbind-later", "identity", f->identity, "why", why.text, NULL);
		fault_point("flip-before-note");
	} else
		f->began_ms = f->rs->now_ms();
	code = store_write(f->rs->store, note_fn, f, err);
	/* A newer secret is wanted by now; its own flip is on the way. */
	return code == ERR_CONFLICT ? ERR_OK : code;
}

static enum err_code with_identity(struct reset *rs, const char *identity,
	enum err_code (*fn)(struct flip *, struct err *), int64_t at_ms, struct err *err)
{
	pthread_mutex_t *stripe = stripe_of(identity);
	struct flip f = { .rs = rs, .identity = identity, .began_ms = at_ms };
	enum err_code code;

	arena_init(&f.arena, 0);
	if (!identity_split(identity, &f.arena, &f.user, &f.domain))
		code = err_set(err, ERR_INPUT, "\"%s\" is no identity; write user@domain.", identity);
	else {
		pthread_mutex_lock(stripe);
		code = fn(&f, err);
		pthread_mutex_unlock(stripe);
	}
	arena_release(&f.arena);
	return code;
}

enum err_code flip_identity(struct reset *rs, const char *identity, struct err *err)
{
	return with_identity(rs, identity, run, 0, err);
}

/* ---- the second look ---- */

static enum err_code sweep_note_fn(struct txn *t, void *arg, struct err *err)
{
	return note_records(arg, t->db, false, err);
}

static enum err_code sweep(struct flip *f, struct err *err)
{
	struct snap snap;
	enum err_code code = store_snap(f->rs->store, &snap, err);

	if (code)
		return code;
	code = projection_load(snap.db, f->identity, &f->arena, &f->row, err);
	if (code == ERR_NOT_FOUND) {
		f->row = (struct projection_row){ .identity = f->identity };
		code = ERR_OK;
	}
	/* A flip that waits again looks for itself. */
	if (code == ERR_OK && !f->row.waiting)
		code = load_keepers(f, snap.db, err);
	snap_end(&snap);
	if (code || f->row.waiting)
		return code;
	f->repeat = true;
	code = unbind_old(f, err);
	return code ? code : store_write(f->rs->store, sweep_note_fn, f, err);
}

enum err_code flip_sweep(struct reset *rs, const char *identity, int64_t flipped_ms, struct err *err)
{
	return rs->registrar ? with_identity(rs, identity, sweep, flipped_ms, err) : ERR_OK;
}

/* ---- the whole table ---- */

static bool stands_already(
	const struct projection_row *row, const struct credential_list *there, const char *user, const char *domain)
{
	size_t i;

	for (i = 0; row->wanted_revision && i < there->n; i++)
		if (strcmp(there->v[i].user, user) == 0 && strcmp(there->v[i].domain, domain) == 0)
			return secret_eq(&there->v[i].ha1, &row->wanted_ha1);
	return false;
}

static enum err_code wanted_list(struct reset *rs, struct arena *a, struct credential_list *out, struct err *err)
{
	struct credential_list there;
	struct projection_row *rows;
	struct snap snap;
	size_t n, i;
	enum err_code code = registrar_all(rs->registrar, a, &there, err);

	if (code == ERR_OK)
		code = store_snap(rs->store, &snap, err);
	if (code)
		return code;
	code = projection_list(snap.db, false, (struct page){ 0, 0 }, a, &rows, &n, err);
	snap_end(&snap);
	if (code)
		return code;
	out->v = arena_alloc(a, (n + 1) * sizeof(*out->v));
	if (out->v == NULL)
		return err_set(err, ERR_NOMEM, "There is no memory to compare the registrar with the store.");
	for (i = 0; i < n; i++) {
		struct credential *c = &out->v[out->n];

		if (!identity_split(rows[i].identity, a, &c->user, &c->domain))
			continue;
		c->realm = rows[i].realm;
		if (rows[i].waiting && stands_already(&rows[i], &there, c->user, c->domain)) {
			c->ha1 = rows[i].wanted_ha1;
			c->revision = rows[i].wanted_revision;
		} else {
			c->ha1 = rows[i].ha1;
			c->revision = rows[i].revision;
		}
		out->n += secret_set(&c->ha1);
	}
	return ERR_OK;
}

enum err_code flip_compare_all(struct reset *rs, unsigned *mended, struct err *err)
{
	struct credential_list wanted = { 0 };
	struct registrar_sync sync = { 0 };
	struct arena a;
	enum err_code code;

	*mended = 0;
	if (rs->registrar == NULL)
		return ERR_OK;
	arena_init(&a, 0);
	code = wanted_list(rs, &a, &wanted, err);
	if (code == ERR_OK)
		code = registrar_sync(rs->registrar, &wanted, &sync, err);
	arena_release(&a);
	*mended = (unsigned)(sync.added + sync.changed + sync.removed);
	if (*mended)
		log_event(LOG_LEVEL_WARN, "registrar-mended", "why", "its table differed from the store", NULL);
	return code;
}
