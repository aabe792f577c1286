/* Phones and the lines on them. */
#include <string.h>

#include "phonecfg/profile/profile.h"
#include "provisioning/outbox/outbox.h"
#include "provisioning/reset/inventory_parts.h"
#include "provisioning/reset/outfit.h"
#include "provisioning/store/generation.h"
#include "provisioning/store/key.h"
#include "provisioning/store/line.h"
#include "provisioning/store/seal.h"

enum { PASSWORD_CHARS = 16 };

/* ---- a new generation ---- */

struct touch inventory_touch(struct inventory *in)
{
	return (struct touch){ .rs = in->rs, .db = in->db, .arena = in->arena, .who = in->who, .why = in->why };
}

enum err_code inventory_phone_changed(struct inventory *in, const struct mac *mac, struct err *err)
{
	struct touch t = inventory_touch(in);
	struct phone_row row;
	enum err_code e = phone_load(in->db, mac, in->arena, &row, err);

	if (e == ERR_OK)
		e = touch_phone(&t, &row, "its settings changed", NULL, err);
	return e ? e : touch_carry_out(&t, err);
}

/* Those that match, and of these those of that brand (NULL = any). */
static enum err_code tell_all(struct inventory *in, const struct phone_filter *f, const char *brand, struct err *err)
{
	struct phone_row *phones;
	char mac[MAC_TEXT];
	size_t i, n = 0;
	enum err_code e = phone_list(in->db, f, (struct page){ 0, 0 }, in->arena, &phones, &n, err);

	for (i = 0; e == ERR_OK && i < n; i++)
		if (brand == NULL || strcmp(phones[i].brand, brand) == 0)
			e = outbox_put_once(in->db, "notify", mac_text(&phones[i].mac, mac), "{}", 0, NULL, err);
	return e;
}

enum err_code inventory_domain_changed(struct inventory *in, int64_t domain_id, struct err *err)
{
	return inventory_layer_changed(in, LAYER_DOMAIN, domain_id, NULL, err);
}

enum err_code inventory_layer_changed(
	struct inventory *in, enum override_layer layer, int64_t id, const char *name, struct err *err)
{
	static const enum generation_layer of[LAYER_COUNT] = { [LAYER_BRAND] = GENERATION_BRAND,
		[LAYER_MODEL] = GENERATION_MODEL,
		[LAYER_DOMAIN] = GENERATION_DOMAIN,
		[LAYER_SITE] = GENERATION_SITE };
	struct phone_filter f = { .domain_id = layer == LAYER_DOMAIN ? id : 0,
		.site_id = layer == LAYER_SITE ? id : 0,
		.model = layer == LAYER_MODEL ? name : NULL };
	struct phone_row row;
	int64_t generation;
	enum err_code e;

	if (layer == LAYER_PHONE) {
		e = phone_by_id(in->db, id, in->arena, &row, err);
		return e ? e : inventory_phone_changed(in, &row.mac, err);
	}
	e = generation_bump(in->db, of[layer], id, name, &generation, err);
	return e ? e : tell_all(in, &f, layer == LAYER_BRAND ? name : NULL, err);
}

/* ---- lines ---- */

/* A line that stood or stands on the phone. */
struct line_now {
	struct line_row row;
	bool stays;
};

struct line_change {
	struct inventory *in;
	struct phone_row *phone;
	struct line_now *now;
	size_t nnow;
	size_t gone;
};

static enum err_code load_lines(struct line_change *lc, struct err *err)
{
	struct inventory *in = lc->in;
	struct line_row *rows;
	size_t i, n;
	enum err_code e = line_list(in->db, lc->phone->id, in->arena, &rows, &n, err);

	if (e)
		return e;
	lc->now = arena_alloc(in->arena, (n + 1) * sizeof(*lc->now));
	if (lc->now == NULL)
		return inventory_no_memory(err);
	for (i = 0; i < n; i++)
		if (rows[i].kind != DEVICE_IDLE)
			lc->now[lc->nnow++].row = rows[i];
	return ERR_OK;
}

static struct line_now *standing(struct line_change *lc, const struct inventory_line *want)
{
	size_t i;

	for (i = 0; i < lc->nnow; i++)
		if (lc->now[i].row.slot == want->slot && strcmp(lc->now[i].row.device, want->device) == 0)
			return &lc->now[i];
	return NULL;
}

/* Keys that work on a line go with it. */
static enum err_code take_away(struct line_change *lc, struct err *err)
{
	struct inventory *in = lc->in;
	size_t i;
	enum err_code e = ERR_OK;

	for (i = 0; e == ERR_OK && i < lc->nnow; i++) {
		struct line_now *l = &lc->now[i];

		if (l->stays)
			continue;
		lc->gone++;
		e = line_delete(in->db, l->row.id, err);
		if (e == ERR_OK)
			e = key_delete_line(in->db, lc->phone->id, l->row.slot, err);
	}
	return e;
}

static enum err_code put_on(struct line_change *lc, const struct inventory_line *want, struct err *err)
{
	struct inventory *in = lc->in;
	struct line_row row = { .phone_id = lc->phone->id,
		.slot = want->slot,
		.shared = want->shared,
		.label = want->label ? want->label : "" };
	struct device_row dev;
	enum err_code e = device_load(in->db, lc->phone->domain_id, want->device, in->arena, &dev, err);

	if (e == ERR_NOT_FOUND)
		return err_set(err, ERR_INPUT, "there is no device %s; add the user or the device first", want->device);
	if (e == ERR_OK && dev.kind == DEVICE_IDLE)
		return err_set(
			err, ERR_INPUT, "%s is the idle line of a vacant phone and cannot be assigned", dev.name);
	row.device_id = dev.id;
	if (e == ERR_OK)
		e = line_add(in->db, &row, err);
	return e ? e : outfit_add_line_key(in->db, in->rs->catalog, lc->phone, want->slot, in->arena, err);
}

static enum err_code put_all(struct line_change *lc, const struct inventory_line *lines, size_t n, struct err *err)
{
	size_t i;
	enum err_code e = ERR_OK;

	for (i = 0; e == ERR_OK && i < n; i++) {
		struct line_now *l = standing(lc, &lines[i]);
		struct line_row row;

		if (l == NULL) {
			e = put_on(lc, &lines[i], err);
			continue;
		}
		row = l->row;
		row.shared = lines[i].shared;
		row.label = lines[i].label ? lines[i].label : "";
		e = line_save(lc->in->db, &row, err);
	}
	return e;
}

/* A line went: every line that was on the phone gets a new secret, which is what makes the proof possible. */
static enum err_code touch_lines(struct line_change *lc, struct touch *t, struct err *err)
{
	size_t i;
	enum err_code e = ERR_OK;

	for (i = 0; e == ERR_OK && i < lc->nnow; i++) {
		const struct line_row *line = &lc->now[i].row;
		struct touch_record rec = { .kind = lc->now[i].stays ? RECORD_REKEYED : RECORD_UNASSIGNED,
			.phone_id = lc->phone->id,
			.slot = line->slot,
			.device_id = line->device_id,
			.keeps_line = lc->now[i].stays,
			.ext = line->ext,
			.user_id = line->user_id };

		e = touch_record(t, &rec, err);
	}
	for (i = 0; e == ERR_OK && i < lc->nnow; i++)
		e = touch_device(t, lc->now[i].row.device_id, err);
	return e;
}

static enum err_code check_lines(const struct inventory_line *lines, size_t n, struct err *err)
{
	size_t i, k;

	for (i = 0; i < n; i++) {
		if (lines[i].slot < 1)
			return err_set(err, ERR_INPUT, "a line's slot counts from 1");
		for (k = 0; k < i; k++)
			if (lines[k].slot == lines[i].slot)
				return err_set(
					err, ERR_INPUT, "two lines are given for slot %lld", (long long)lines[i].slot);
	}
	return ERR_OK;
}

enum err_code inventory_phone_lines(
	struct inventory *in, struct phone_row *row, const struct inventory_line *lines, size_t n, struct err *err)
{
	struct line_change lc = { .in = in, .phone = row };
	struct touch t = inventory_touch(in);
	struct touch_phone *p;
	size_t i;
	enum err_code e = check_lines(lines, n, err);

	if (row->state == PHONE_RETIRED)
		return err_set(err, ERR_CONFLICT, "This phone is retired: it is blanked for good and takes no line.");
	if (e == ERR_OK)
		e = load_lines(&lc, err);
	for (i = 0; e == ERR_OK && i < n; i++) {
		struct line_now *l = standing(&lc, &lines[i]);

		if (l)
			l->stays = true;
	}
	if (e == ERR_OK)
		e = take_away(&lc, err);
	if (e == ERR_OK && n)
		e = outfit_drop_idle(in->db, row, in->rs->now_ms() + in->rs->conf.longest_ms, in->arena, err);
	if (e == ERR_OK)
		e = put_all(&lc, lines, n, err);
	if (e == ERR_OK)
		e = touch_phone(&t, row, lc.gone ? "a line was taken away" : "its lines were set", &p, err);
	if (e == ERR_OK)
		p->changes_hands = lc.gone || (lc.nnow == 0 && n);
	if (e == ERR_OK && lc.gone)
		e = touch_lines(&lc, &t, err);
	return e ? e : touch_carry_out(&t, err);
}

/* ---- the phone itself ---- */

enum err_code inventory_phone_passwords(struct phone_row *row, struct arena *a, struct err *err)
{
	enum err_code e = random_password(a, PASSWORD_CHARS, &row->admin_password, err);

	return e ? e : random_password(a, PASSWORD_CHARS, &row->user_password, err);
}

enum err_code inventory_phone_new(struct inventory *in, struct phone_row *row, struct err *err)
{
	const struct profile *pf = catalog_find(in->rs->catalog, row->model);
	char mac[MAC_TEXT];
	struct phone_row there;
	enum err_code e;

	if (pf == NULL || pf->softphone)
		return err_set(err, ERR_INPUT,
			"%s is no phone model that this version knows; GET /phones/models lists them", row->model);
	if (phone_load(in->db, &row->mac, in->arena, &there, NULL) == ERR_OK)
		return err_set(err, ERR_CONFLICT, "The MAC %s is taken%s.", mac_text(&row->mac, mac),
			there.state == PHONE_RETIRED && (there.domain_id == row->domain_id || there.domain_id == 0)
				? ": that phone is retired and never given out again"
				: "");
	row->brand = vendor_word(pf->vendor);
	row->state = PHONE_VACANT;
	e = random_password(in->arena, PASSWORD_CHARS, &row->prov_password, err);
	if (e == ERR_OK)
		e = inventory_phone_passwords(row, in->arena, err);
	if (e == ERR_OK)
		e = phone_add(in->db, row, err);
	if (e == ERR_OK) /* whose it was before nobody here knows */
		e = phone_contacts_since(in->db, row->id, 1, err);
	return e ? e : phone_by_id(in->db, row->id, in->arena, row, err);
}

enum err_code inventory_phone_add(
	struct inventory *in, struct phone_row *row, const struct inventory_line *lines, size_t n, struct err *err)
{
	enum err_code e = inventory_phone_new(in, row, err);

	return e ? e : inventory_phone_lines(in, row, lines, n, err);
}
