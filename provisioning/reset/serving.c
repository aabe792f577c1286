#include "provisioning/reset/serving.h"

#include <string.h>

#include "provisioning/alert/alert.h"
#include "provisioning/reset/desk.h"
#include "provisioning/reset/flip.h"
#include "provisioning/reset/identity.h"
#include "provisioning/reset/leaver.h"
#include "provisioning/reset/record.h"
#include "provisioning/reset/reset.h"
#include "provisioning/reset/residue_run.h"
#include "provisioning/store/line.h"
#include "provisioning/store/phone.h"
#include "provisioning/store/projection.h"
#include "provisioning/store/record.h"
#include "provisioning/store/served.h"
#include "provisioning/store/snapshot.h"
#include "provisioning/store/upload.h"

#define MODEL_KIND "model"
enum { MODEL_BYTES_MAX = 65536 };

struct preparation {
	struct reset *rs;
	struct arena arena;
	struct phone_row row;
	const struct profile *profile;
	struct phone phone, before;
	bool had_before;
	struct line_row *lines;
	size_t nlines;
	struct residue_word *words;
	size_t nwords;
	struct residue_upload *uploads;
	size_t nuploads;
	struct residue_list residue;
	bool looked; /* the residue check ran */
	struct buf packed;
};

static bool serving_prepared(struct db *db, int64_t phone_id, int64_t generation)
{
	struct snapshot_row row;
	struct arena a;
	bool there;

	arena_init(&a, 0);
	there = snapshot_load(db, phone_id, MODEL_KIND, generation, &a, &row, NULL) == ERR_OK &&
		row.generation == generation;
	arena_release(&a);
	return there;
}

static enum err_code load_before(struct preparation *p, struct db *db, struct err *err)
{
	struct snapshot_row row;
	enum err_code code = ERR_NOT_FOUND;

	if (p->row.acked)
		code = snapshot_load(db, p->row.id, MODEL_KIND, p->row.acked, &p->arena, &row, err);
	if (code)
		return code == ERR_NOT_FOUND ? ERR_OK : code;
	/* A snapshot of another version of the format: as if there were none. */
	p->had_before = desk_unpack(row.body, &p->arena, &p->before, NULL) == ERR_OK;
	return ERR_OK;
}

static enum err_code load_uploads(struct preparation *p, struct db *db, struct err *err)
{
	struct upload_row *list, up;
	size_t n, i;
	enum err_code code = upload_list(db, p->row.id, &p->arena, &list, &n, err);

	if (code || n == 0)
		return code;
	p->uploads = arena_alloc(&p->arena, n * sizeof(*p->uploads));
	for (i = 0; p->uploads && i < n; i++) {
		code = upload_load(db, p->row.id, list[i].kind, &p->arena, &up, err);
		if (code)
			return code == ERR_NOT_FOUND ? ERR_OK : code;
		p->uploads[p->nuploads++] = (struct residue_upload){ list[i].kind, up.body };
	}
	return ERR_OK;
}

static enum err_code load(struct preparation *p, struct db *db, const struct mac *mac, struct err *err)
{
	enum err_code code;

	if ((code = phone_load(db, mac, &p->arena, &p->row, err)) ||
		(code = desk_load(db, p->rs->desk, mac, &p->arena, &p->phone, err)) ||
		(code = line_list(db, p->row.id, &p->arena, &p->lines, &p->nlines, err)) ||
		(code = leaver_words(db, p->row.id, p->row.wanted, &p->arena, &p->words, &p->nwords, err)) ||
		(code = load_before(p, db, err)) || (code = load_uploads(p, db, err)))
		return code;
	p->profile = p->rs->catalog ? catalog_find(p->rs->catalog, p->row.model) : NULL;
	return ERR_OK;
}

/* ---- residue ---- */

static enum err_code look(struct preparation *p, struct err *err)
{
	struct residue_order order = { .renderer = p->rs->renderer,
		.profile = p->profile,
		.before = p->had_before ? &p->before : NULL,
		.after = &p->phone,
		.uploads = p->uploads,
		.nuploads = p->nuploads,
		.words = p->words,
		.nwords = p->nwords };

	if (p->nwords == 0 || p->rs->renderer == NULL || p->profile == NULL)
		return ERR_OK;
	p->looked = true;
	return residue_run(&order, &p->arena, &p->residue, err);
}

/* NULL: nothing is left. */
static enum err_code alert(struct preparation *p, struct db *db, const char *sentence, struct err *err)
{
	const struct alert_about about = { .domain_id = p->row.domain_id, .phone_id = p->row.id };
	char mac[MAC_TEXT];

	if (sentence == NULL)
		return alert_end(db, ALERT_RESIDUE, &about, "a later check found nothing", err);
	return alert_raise(db, ALERT_RESIDUE, &about,
		arena_printf(&p->arena, "%s: %s", mac_text(&p->row.mac, mac), sentence), NULL, err);
}

/* Names the parameter, never what it holds: records and alerts outlive the person. */
static const char *sentence_of(struct preparation *p)
{
	static const char *const what[] = { [RESIDUE_NAME] = "the name",
		[RESIDUE_EMAIL] = "the email address",
		[RESIDUE_SECRET] = "a secret",
		[RESIDUE_NUMBER] = "a number",
		[RESIDUE_EXTENSION] = "the extension",
		[RESIDUE_ANY] = "a word" };
	const struct residue *r = &p->residue.v[0];

	return arena_printf(&p->arena, "%s (%s) still holds %s of the person before%s%s", r->parameter,
		handset_layer_name(r->layer), r->why == RESIDUE_UNTOUCHED ? "something" : what[r->word],
		r->rule ? ", if " : "", r->rule ? r->rule : "");
}

static enum err_code note_residue(struct preparation *p, struct db *db, struct err *err)
{
	struct record_filter filter = { .phone_id = p->row.id, .open_only = true };
	struct record_row *r;
	const char *sentence = p->residue.n ? sentence_of(p) : NULL;
	size_t n, i;
	bool registrar = p->rs->registrar != NULL;
	enum err_code code = record_list(db, &filter, (struct page){ 0, 0 }, &p->arena, &r, &n, err);

	for (i = 0; code == ERR_OK && i < n; i++)
		code = p->residue.n ? record_note(db, r[i].id, FACT_RESIDUE, p->rs->now_ms(), sentence, registrar,
					      &p->arena, NULL, err)
				    : record_take_back(db, r[i].id, FACT_RESIDUE, registrar, &p->arena, err);
	return code ? code : alert(p, db, sentence, err);
}

/* ---- the note ---- */

static enum err_code note_secrets(struct preparation *p, struct db *db, struct err *err)
{
	enum err_code code = ERR_OK;
	size_t i;

	for (i = 0; code == ERR_OK && i < p->nlines; i++) {
		struct served_row row = { .phone_id = p->row.id,
			.slot = p->lines[i].slot,
			.device_id = p->lines[i].device_id,
			.revision = p->lines[i].revision,
			.device = p->lines[i].device,
			.domain = p->row.domain,
			.password = p->lines[i].password };

		code = served_note(db, &row, p->row.wanted, err);
	}
	return code;
}

static enum err_code note_fn(struct txn *t, void *arg, struct err *err)
{
	struct preparation *p = arg;
	struct snapshot_row row = {
		.phone_id = p->row.id, .kind = MODEL_KIND, .generation = p->row.wanted, .body = buf_view(&p->packed)
	};
	enum err_code code = note_secrets(p, t->db, err);

	if (!p->looked)
		txn_quiet(t); /* this generation is prepared: nothing that anybody keeps is wrong now */
	if (code == ERR_OK)
		code = snapshot_put(t->db, &row, err);
	if (code == ERR_OK && p->looked)
		code = note_residue(p, t->db, err);
	return code;
}

static enum err_code prepare(struct preparation *p, const struct mac *mac, struct err *err)
{
	struct snap snap;
	bool done = false;
	enum err_code code = store_snap(p->rs->store, &snap, err);

	if (code)
		return code;
	code = load(p, snap.db, mac, err);
	if (code == ERR_OK)
		done = serving_prepared(snap.db, p->row.id, p->row.wanted);
	snap_end(&snap);
	if (code || done)
		return code;
	if ((code = look(p, err)) || (code = desk_pack(&p->phone, &p->packed, err)))
		return code;
	return store_write(p->rs->store, note_fn, p, err);
}

enum err_code serving_prepare(struct reset *rs, const struct mac *mac, struct err *err)
{
	struct preparation p = { .rs = rs };
	enum err_code code;

	arena_init(&p.arena, 0);
	buf_init(&p.packed, MODEL_BYTES_MAX);
	code = prepare(&p, mac, err);
	buf_release(&p.packed);
	arena_release(&p.arena);
	return code;
}

struct left {
	struct alert_about about;
	const char *text;
};

static enum err_code left_fn(struct txn *t, void *arg, struct err *err)
{
	const struct left *l = arg;

	return alert_raise(t->db, ALERT_LEFT_OUT, &l->about, l->text, NULL, err);
}

enum err_code serving_note_left(
	struct reset *rs, int64_t domain_id, int64_t phone_id, const char *text, struct err *err)
{
	struct left l = { { .domain_id = domain_id, .phone_id = phone_id }, text };

	return store_write(rs->store, left_fn, &l, err);
}

/* ---- the flips of a phone ---- */

static bool waits(struct db *db, const char *device, const char *domain, struct arena *a)
{
	struct projection_row row;
	const char *identity = arena_printf(a, "%s@%s", device, domain);

	return identity && projection_load(db, identity, a, &row, NULL) == ERR_OK && row.waiting;
}

enum err_code serving_flip_waiting(
	struct db *db, const char *device, const char *domain, int64_t due_ms, struct arena *a, struct err *err)
{
	if (!waits(db, device, domain, a))
		return ERR_OK;
	return identity_flip_by(db, arena_printf(a, "%s@%s", device, domain), due_ms, err);
}

bool flip_wanted_before_serving(struct db *db, const struct mac *mac)
{
	struct phone_row phone;
	struct line_row *lines;
	struct arena a;
	size_t n = 0, i;
	bool wanted = true; /* when in doubt, the worker finds out */

	arena_init(&a, 0);
	if (phone_load(db, mac, &a, &phone, NULL) == ERR_OK &&
		line_list(db, phone.id, &a, &lines, &n, NULL) == ERR_OK) {
		wanted = !serving_prepared(db, phone.id, phone.wanted);
		for (i = 0; i < n && !wanted; i++)
			wanted = waits(db, lines[i].device, phone.domain, &a);
	}
	arena_release(&a);
	return wanted;
}

static enum err_code flip_lines(struct reset *rs, const struct mac *mac, struct arena *a, struct err *err)
{
	struct phone_row phone;
	struct line_row *lines;
	struct snap snap;
	size_t n = 0, i;
	enum err_code code = store_snap(rs->store, &snap, err);

	if (code)
		return code;
	if ((code = phone_load(snap.db, mac, a, &phone, err)) == ERR_OK)
		code = line_list(snap.db, phone.id, a, &lines, &n, err);
	snap_end(&snap);
	for (i = 0; code == ERR_OK && i < n; i++) {
		const char *identity = arena_printf(a, "%s@%s", lines[i].device, phone.domain);

		code = identity ? flip_identity(rs, identity, err)
				: err_set(err, ERR_NOMEM, "There is no memory to serve a phone.");
	}
	return code;
}

enum err_code flip_before_serving(struct reset *rs, const struct mac *mac, struct err *err)
{
	struct arena a;
	enum err_code code = serving_prepare(rs, mac, err);

	arena_init(&a, 0);
	if (code == ERR_OK)
		code = flip_lines(rs, mac, &a, err);
	arena_release(&a);
	return code;
}
