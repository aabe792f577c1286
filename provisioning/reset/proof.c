#include "provisioning/reset/proof.h"

#include <string.h>

#include "provisioning/registrar/registrar.h"
#include "provisioning/reset/contact.h"
#include "provisioning/reset/record.h"
#include "provisioning/reset/reset.h"
#include "provisioning/reset/watch.h"
#include "provisioning/store/line.h"
#include "provisioning/store/phone.h"
#include "provisioning/store/projection.h"
#include "provisioning/store/record.h"
#include "provisioning/store/served.h"

enum { AGAIN_MAX_MS = 300000 };

/* One line of the phone, with what the registrar knows of it. */
struct proof_line {
	const char *device, *aor;
	int64_t flipped_ms, since; /* since: the first generation that carried the secret in force */
	bool alone;
};

struct proof {
	struct reset *rs;
	struct arena *arena;
	struct phone_row phone;
	struct proof_line *lines;
	size_t nlines;
	struct record_row *records; /* open ones that lack the fact */
	size_t nrecords;
	int64_t since; /* found: the phone holds this generation */
	const char *device;
};

static enum err_code load_line(struct proof *p, struct db *db, const struct line_row *line, struct err *err)
{
	struct proof_line *out = &p->lines[p->nlines];
	struct projection_row known;
	struct line_row *others;
	struct served_row *served;
	size_t n, i;
	enum err_code code;

	out->device = line->device;
	out->aor = arena_printf(p->arena, "%s@%s", line->device, p->phone.domain);
	if (out->aor == NULL)
		return err_set(err, ERR_NOMEM, "There is no memory to look for a phone's registration.");
	code = projection_load(db, out->aor, p->arena, &known, err);
	if (code || known.waiting || known.revision != line->revision)
		return code == ERR_NOT_FOUND ? ERR_OK : code; /* not flipped: its bindings say nothing */
	if ((code = line_list_device(db, line->device_id, p->arena, &others, &n, err)))
		return code;
	out->alone = n == 1;
	out->flipped_ms = known.flipped_ms;
	code = served_list(db, p->phone.id, line->slot, p->arena, &served, &n, err);
	for (i = 0; code == ERR_OK && i < n; i++)
		if (served[i].revision == line->revision && served[i].device_id == line->device_id)
			out->since = served[i].generation_first;
	p->nlines += out->since != 0;
	return code;
}

static enum err_code load_records(struct proof *p, struct db *db, struct err *err)
{
	struct record_filter filter = { .phone_id = p->phone.id, .open_only = true };
	size_t n, i;
	enum err_code code = record_list(db, &filter, (struct page){ 0, 0 }, p->arena, &p->records, &n, err);

	for (i = 0; code == ERR_OK && i < n; i++) {
		struct facts facts = record_facts(&p->records[i], true);

		if (facts.kind != RECORD_RELABELLED && !(facts.has & FACT_APPLIED))
			p->records[p->nrecords++] = p->records[i];
	}
	return code;
}

static enum err_code load(struct proof *p, const char *key, struct err *err)
{
	struct mac mac;
	struct line_row *lines = NULL;
	struct snap snap;
	size_t n = 0, i;
	enum err_code code;

	if (!mac_parse(slice_str(key), &mac))
		return ERR_NOT_FOUND;
	code = store_snap(p->rs->store, &snap, err);
	if (code)
		return code;
	if ((code = phone_load(snap.db, &mac, p->arena, &p->phone, err)) == ERR_OK &&
		(code = load_records(p, snap.db, err)) == ERR_OK)
		code = line_list(snap.db, p->phone.id, p->arena, &lines, &n, err);
	p->lines = arena_alloc(p->arena, (n + 1) * sizeof(*p->lines));
	for (i = 0; code == ERR_OK && p->lines && i < n; i++)
		code = load_line(p, snap.db, &lines[i], err);
	snap_end(&snap);
	return code;
}

/* A binding that was refreshed after the second of the flip was refreshed with the new secret: no other is accepted. */
static enum err_code look(struct proof *p, struct err *err)
{
	size_t i;

	for (i = 0; i < p->nlines; i++) {
		const struct proof_line *line = &p->lines[i];
		const struct binding *b;
		struct binding_list list;
		enum err_code code = registrar_bindings(p->rs->registrar, line->aor, p->arena, &list, err);

		if (code)
			return code;
		b = contact_choose(&list, &p->phone, p->rs->catalog, line->alone);
		if (b && b->refreshed > line->flipped_ms / 1000 && line->since > p->since) {
			p->since = line->since;
			p->device = line->device;
		}
	}
	return ERR_OK;
}

static enum err_code note_fn(struct txn *t, void *arg, struct err *err)
{
	struct proof *p = arg;
	const char *evidence = arena_printf(p->arena, "the binding of %s was refreshed after the flip", p->device);
	enum err_code code = ERR_OK;
	size_t i;

	for (i = 0; code == ERR_OK && i < p->nrecords; i++)
		if (p->records[i].generation_after <= p->since)
			code = record_note(t->db, p->records[i].id, FACT_APPLIED, p->rs->now_ms(), evidence, true,
				p->arena, NULL, err);
	return code;
}

/* Often at first, ever more rarely: a fleet that waits for its proof must not flood the registrar. */
static int64_t pause_ms(const struct proof *p, int64_t now_ms)
{
	int64_t pause = (now_ms - p->phone.acked_ms) / 2, least = 2 * p->rs->conf.sweep_ms;

	if (pause < least)
		pause = least;
	return pause < AGAIN_MAX_MS ? pause : AGAIN_MAX_MS;
}

enum outbox_result proof_deliver(struct outbox_job *job, void *arg, struct err *err)
{
	struct proof p = { .rs = arg, .arena = job->arena };
	int64_t now_ms = p.rs->now_ms();
	enum err_code code = p.rs->registrar ? load(&p, job->key, err) : ERR_NOT_FOUND;

	if (code == ERR_OK && p.nrecords) {
		code = look(&p, err);
		watch_registrar(p.rs, p.phone.domain, err);
	}
	if (code == ERR_OK && p.since)
		code = store_write(p.rs->store, note_fn, &p, err);
	if (code)
		return code == ERR_NOT_FOUND ? OUTBOX_DONE : OUTBOX_RETRY;
	if (p.nrecords == 0 || p.since || p.phone.acked_ms + p.rs->conf.silence_ms < now_ms)
		return OUTBOX_DONE;
	job->again_ms = now_ms + pause_ms(&p, now_ms);
	return OUTBOX_AGAIN;
}

/* ---- silence ---- */

enum outbox_result silence_deliver(struct outbox_job *job, void *arg, struct err *err)
{
	(void)job;
	(void)arg;
	(void)err;
	return OUTBOX_DONE; /* what the registrar reported meanwhile has moved this row (evidence_register.c) */
}

enum err_code silence_settle(struct txn *t, const struct outbox_job *job, enum outbox_result result,
	const struct err *why, void *arg, struct err *err)
{
	struct reset *rs = arg;
	struct record_filter filter = { .open_only = true };
	struct phone_row phone;
	struct record_row *r;
	struct mac mac;
	struct arena a;
	size_t n = 0, i;
	enum err_code code;

	(void)result;
	(void)why;
	if (!mac_parse(slice_str(job->key), &mac))
		return ERR_OK;
	arena_init(&a, 0);
	code = phone_load(t->db, &mac, &a, &phone, err);
	if (code == ERR_OK) {
		filter.phone_id = phone.id;
		code = record_list(t->db, &filter, (struct page){ 0, 0 }, &a, &r, &n, err);
	}
	for (i = 0; code == ERR_OK && i < n; i++) {
		struct facts facts = record_facts(&r[i], rs->registrar != NULL);

		if (facts.kind == RECORD_UNASSIGNED && (facts.has & FACT_FETCHED))
			code = record_note(t->db, r[i].id, FACT_APPLIED, rs->now_ms(),
				"no REGISTER with the old identity for a full expiry", rs->registrar != NULL, &a, NULL,
				err);
	}
	arena_release(&a);
	return code == ERR_NOT_FOUND ? ERR_OK : code; /* the phone was deleted meanwhile */
}
