/* Reads what a move is planned from, and refuses what no plan can be made for. */
#include "provisioning/reset/move_rows.h"

#include <inttypes.h>
#include <string.h>

#include "provisioning/reset/plan_rows.h"
#include "provisioning/store/job.h"
#include "provisioning/store/record.h"
#include "provisioning/store/transfer.h"
#include "provisioning/store/unclaimed.h"
#include "provisioning/store/upload.h"

struct loader {
	struct reset *rs;
	struct db *db;
	const struct move_request *rq;
	struct arena *arena;
	struct move_rows *rows;
	size_t users_cap, sharers_cap;
};

static enum err_code no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "There is no memory to plan this move; nothing was changed.");
}

/* ---- a phone with all that stands on it ---- */

static enum err_code count_uploads(struct loader *l, struct move_desk *d, struct err *err)
{
	struct upload_row *up;
	size_t n, i;
	enum err_code e = upload_list(l->db, d->phone.id, l->arena, &up, &n, err);

	for (i = 0; e == ERR_OK && i < n; i++)
		d->uploads += upload_is_personal(d->profile, up[i].kind);
	return e;
}

static enum err_code fill_desk(struct loader *l, struct move_desk *d, struct err *err)
{
	int64_t id = d->phone.id;
	const char *target = override_target(l->arena, id);
	enum err_code e;

	if (target == NULL)
		return no_memory(err);
	d->profile = l->rs->catalog ? catalog_find(l->rs->catalog, d->phone.model) : NULL;
	if ((e = line_list(l->db, id, l->arena, &d->lines, &d->nlines, err)) ||
		(e = key_list(l->db, id, l->arena, &d->keys, &d->nkeys, err)) ||
		(e = override_list(l->db, LAYER_PHONE, target, l->arena, &d->overrides, &d->noverrides, err)))
		return e;
	return count_uploads(l, d, err);
}

/* Another's phone and none are one answer. */
static enum err_code load_desk(struct loader *l, struct err *err)
{
	struct record_filter open = { .open_only = true };
	struct move_desk *d = &l->rows->desk;
	char text[MAC_TEXT];
	enum err_code e = phone_load(l->db, &l->rq->mac, l->arena, &d->phone, err);

	mac_text(&l->rq->mac, text);
	if (e == ERR_NOT_FOUND || (e == ERR_OK && d->phone.domain_id != l->rows->domain.id))
		return err_set(err, ERR_NOT_FOUND, "There is no phone %s in %s.", text, l->rows->domain.name);
	if (e == ERR_OK)
		e = fill_desk(l, d, err);
	open.phone_id = d->phone.id;
	return e ? e : record_count(l->db, &open, &l->rows->open_records, err);
}

/* ---- who has lines on it ---- */

static enum err_code add_user(struct loader *l, int64_t id, struct err *err)
{
	struct user_row *u;
	size_t i;

	for (i = 0; i < l->rows->nusers; i++)
		if (l->rows->users[i].id == id)
			return ERR_OK;
	u = arena_push(l->arena, (void **)&l->rows->users, &l->rows->nusers, &l->users_cap, sizeof(*u));
	return u ? user_by_id(l->db, id, l->arena, u, err) : no_memory(err);
}

static enum err_code load_users(struct loader *l, struct err *err)
{
	const struct move_desk *d = &l->rows->desk;
	enum err_code e = ERR_OK;
	size_t i;

	for (i = 0; e == ERR_OK && i < d->nlines; i++)
		if (d->lines[i].user_id)
			e = add_user(l, d->lines[i].user_id, err);
	return e;
}

/* ---- where it goes ---- */

static enum err_code load_place(struct loader *l, struct err *err)
{
	const struct move_request *rq = l->rq;
	struct site_row site;
	bool away = rq->to_domain && strcmp(rq->to_domain, l->rows->domain.name) != 0;
	enum err_code e = ERR_OK;

	l->rows->to_domain = l->rows->domain;
	l->rows->site_after = away ? 0 : l->rows->desk.phone.site_id;
	l->rows->site_name_after = away ? "" : l->rows->desk.phone.site;
	if (away)
		e = domain_by_name(l->db, rq->to_domain, l->arena, &l->rows->to_domain, err);
	if (e || rq->to_site == NULL)
		return e;
	l->rows->site_after = 0;
	l->rows->site_name_after = "";
	if (*rq->to_site == '\0')
		return ERR_OK;
	e = site_by_name(l->db, l->rows->to_domain.id, rq->to_site, l->arena, &site, err);
	if (e == ERR_NOT_FOUND)
		return err_set(err, ERR_NOT_FOUND, "There is no site \"%.60s\" in %s; add it first.", rq->to_site,
			l->rows->to_domain.name);
	l->rows->site_after = site.id;
	l->rows->site_name_after = site.name;
	return e;
}

static enum err_code load_user(struct loader *l, struct err *err)
{
	const char *ext = l->rq->to_user;
	enum err_code e;

	if (ext == NULL || *ext == '\0')
		return ERR_OK;
	l->rows->has_user = true;
	e = user_load(l->db, l->rows->to_domain.id, ext, l->arena, &l->rows->user, err);
	if (e)
		return e;
	e = device_load(l->db, l->rows->to_domain.id, l->rows->user.ext, l->arena, &l->rows->device, err);
	if (e == ERR_NOT_FOUND)
		return err_set(err, ERR_CONFLICT, "%s has no primary device %s; add that device first.", ext, ext);
	return e;
}

/* ---- swap: the other phone ---- */

/* As it knocked; else the same model as the old one. */
static enum err_code unknown_target(struct loader *l, struct err *err)
{
	struct phone_row *t = &l->rows->target.phone;
	const char *model = l->rq->to_model;
	struct unclaimed_row seen;
	const struct profile *pf = NULL;
	enum vendor_id vendor;
	char text[MAC_TEXT];
	enum err_code e = unclaimed_load(l->db, &l->rq->to_mac, l->arena, &seen, NULL);

	l->rows->knocked = e == ERR_OK;
	if (model == NULL && l->rows->knocked && vendor_word_parse(seen.vendor, &vendor))
		pf = catalog_by_ua_token(l->rs->catalog, vendor, slice_str(seen.model));
	if (pf == NULL)
		pf = catalog_find(l->rs->catalog, model ? model : l->rows->desk.phone.model);
	if (pf == NULL || pf->softphone)
		return err_set(err, ERR_INPUT, "The model of %s is not known; give one that GET /phones/models lists",
			mac_text(&l->rq->to_mac, text));
	*t = (struct phone_row){ .mac = l->rq->to_mac, .model = pf->id, .brand = vendor_word(pf->vendor) };
	l->rows->target.profile = pf;
	return ERR_OK;
}

static enum err_code known_target(struct loader *l, struct err *err)
{
	struct move_desk *t = &l->rows->target;
	struct record_filter open = { .phone_id = t->phone.id, .open_only = true };
	int64_t lines, users, records;
	char text[MAC_TEXT];
	enum err_code e;

	mac_text(&t->phone.mac, text);
	/* Whose it is, is none of the caller's business. */
	if (t->phone.domain_id != l->rows->domain.id)
		return err_set(err, ERR_CONFLICT, "The MAC %s is taken; it cannot be given to this desk.", text);
	if (t->phone.state == PHONE_RETIRED)
		return err_set(err, ERR_CONFLICT, "Phone %s is retired and never given out again.", text);
	if (l->rq->to_model && strcmp(l->rq->to_model, t->phone.model) != 0)
		return err_set(err, ERR_CONFLICT, "Phone %s is known here as a %s; leave the model out.", text,
			t->phone.model);
	if ((e = line_count_people(l->db, t->phone.id, &lines, &users, err)) ||
		(e = record_count(l->db, &open, &records, err)))
		return e;
	if (lines)
		return err_set(err, ERR_CONFLICT,
			"Phone %s carries %" PRId64 " lines already; take another phone, or re-home that one first.",
			text, lines);
	if (records)
		return err_set(err, ERR_CONFLICT,
			"Phone %s has open handovers (%" PRId64 "); wait for their proof or write them off first.",
			text, records);
	l->rows->target_known = true;
	return fill_desk(l, t, err);
}

static enum err_code load_target(struct loader *l, struct err *err)
{
	enum err_code e;

	if (l->rq->kind != MOVE_SWAP)
		return ERR_OK;
	if (mac_eq(&l->rq->mac, &l->rq->to_mac))
		return err_set(err, ERR_INPUT, "A phone is not swapped with itself; give the MAC of the other one.");
	e = phone_load(l->db, &l->rq->to_mac, l->arena, &l->rows->target.phone, err);
	return e == ERR_NOT_FOUND ? unknown_target(l, err) : e ? e : known_target(l, err);
}

/* ---- who else carries one of the lines ---- */

static enum err_code add_sharers(struct loader *l, int64_t device_id, struct err *err)
{
	struct line_row *lines;
	size_t n, i;
	enum err_code e = line_list_device(l->db, device_id, l->arena, &lines, &n, err);

	for (i = 0; e == ERR_OK && i < n; i++) {
		struct move_sharer *s;

		if (lines[i].phone_id == l->rows->desk.phone.id)
			continue;
		s = arena_push(l->arena, (void **)&l->rows->sharers, &l->rows->nsharers, &l->sharers_cap, sizeof(*s));
		if (s == NULL)
			return no_memory(err);
		s->line = lines[i];
		e = phone_by_id(l->db, lines[i].phone_id, l->arena, &s->phone, err);
		s->profile = e || l->rs->catalog == NULL ? NULL : catalog_find(l->rs->catalog, s->phone.model);
	}
	return e;
}

static enum err_code load_sharers(struct loader *l, struct err *err)
{
	const struct move_desk *d = &l->rows->desk;
	bool stands = false;
	enum err_code e = ERR_OK;
	size_t i;

	for (i = 0; e == ERR_OK && i < d->nlines; i++) {
		if (d->lines[i].kind != DEVICE_IDLE)
			e = add_sharers(l, d->lines[i].device_id, err);
		stands |= l->rows->has_user && d->lines[i].device_id == l->rows->device.id;
	}
	return e || !l->rows->has_user || stands ? e : add_sharers(l, l->rows->device.id, err);
}

/* ---- refusals that stand in rows ---- */

/* One that is scheduled for later finds the phone as it then is. */
static enum err_code held(struct loader *l, const struct user_row *u, struct err *err)
{
	struct job_row job;
	int64_t id = 0;
	enum err_code e = job_user_holder(l->db, u->id, HOLD_PROMISED, &id, err);

	if (e || id == 0 || (e = job_row_brief(l->db, id, l->arena, &job, err)))
		return e;
	if (job.at_ms > l->rs->now_ms()) {
		l->rows->scheduled_job = id;
		return ERR_OK;
	}
	return err_set(err, ERR_CONFLICT, "Job %" PRId64 " holds %s; wait for it, or cancel it first.", id, u->ext);
}

static enum err_code offered(struct loader *l, struct err *err)
{
	struct transfer_row tr;
	char text[MAC_TEXT];
	enum err_code e = transfer_of_phone(l->db, l->rows->desk.phone.id, l->arena, &tr, NULL);

	if (e || tr.id == l->rq->transfer || tr.expires_ms <= db_now_ms(l->db))
		return ERR_OK;
	return err_set(err, ERR_CONFLICT,
		"Phone %s is offered to another domain by transfer %" PRId64 "; withdraw that first.",
		mac_text(&l->rq->mac, text), tr.id);
}

static enum err_code check_state(struct loader *l, struct err *err)
{
	const struct move_desk *d = &l->rows->desk;
	char text[MAC_TEXT];

	mac_text(&d->phone.mac, text);
	if (d->phone.state == PHONE_RETIRED && strcmp(d->phone.after_drop, "delete") == 0)
		return err_set(err, ERR_CONFLICT,
			"Phone %s is being deleted: it goes when its open handovers have ended.", text);
	if (d->phone.state == PHONE_RETIRED)
		return err_set(err, ERR_CONFLICT,
			"Phone %s is retired: it is blanked for good, and its MAC is never given out again.", text);
	if (d->phone.state == PHONE_UNCLAIMED)
		return err_set(err, ERR_CONFLICT, "Phone %s is unclaimed; claim it for this domain first.", text);
	if ((l->rows->to_domain.id != l->rows->domain.id || l->rq->offered) && l->rows->open_records)
		return err_set(err, ERR_CONFLICT,
			"Phone %s has open handovers (%" PRId64
			"); it stays in %s until they are confirmed or written off.",
			text, l->rows->open_records, l->rows->domain.name);
	return ERR_OK;
}

static enum err_code check(struct loader *l, struct err *err)
{
	enum err_code e = check_state(l, err);
	size_t i;

	if (e == ERR_OK)
		e = offered(l, err);
	for (i = 0; e == ERR_OK && i < l->rows->nusers; i++)
		e = held(l, &l->rows->users[i], err);
	return e || !l->rows->has_user ? e : held(l, &l->rows->user, err);
}

enum err_code move_rows_load(struct reset *rs, struct db *db, const struct move_request *rq, struct arena *a,
	struct move_rows *out, struct err *err)
{
	struct loader l = { rs, db, rq, a, out, 0, 0 };
	enum err_code e;

	*out = (struct move_rows){ .site_name_after = "" };
	if ((e = domain_by_name(db, rq->domain, a, &out->domain, err)) || (e = load_desk(&l, err)) ||
		(e = load_users(&l, err)) || (e = load_place(&l, err)) || (e = load_user(&l, err)) ||
		(e = check(&l, err)) || (e = load_target(&l, err)))
		return e;
	return load_sharers(&l, err);
}

enum err_code move_load(struct reset *rs, struct db *db, const struct move_request *rq, struct arena *a,
	struct move_plan **out, struct err *err)
{
	struct move_rows rows;
	enum err_code e = move_rows_load(rs, db, rq, a, &rows, err);

	return e ? e : move_make(&rows, &rs->conf, rq, a, out, err);
}
