#include "provisioning/reset/plan_rows.h"

#include <string.h>

#include "phonecfg/vendor/vendor.h"
#include "provisioning/store/upload.h"

struct loader {
	struct db *db;
	const struct catalog *catalog;
	const struct plan_request *rq;
	struct arena *arena;
	struct plan_rows *rows;
	size_t devices_cap, desks_cap;
};

static bool have_desk(const struct plan_rows *rows, int64_t phone_id)
{
	size_t i;

	for (i = 0; i < rows->ndesks; i++)
		if (rows->desks[i].phone.id == phone_id)
			return true;
	return false;
}

/* row: the phone where it has been read already; NULL otherwise. */
static enum err_code add_desk(
	struct loader *l, int64_t phone_id, const struct phone_row *row, enum desk_why why, struct err *err)
{
	struct plan_desk *d;
	enum err_code code = ERR_OK;

	if (have_desk(l->rows, phone_id))
		return ERR_OK;
	d = arena_push(l->arena, (void **)&l->rows->desks, &l->rows->ndesks, &l->desks_cap, sizeof(*d));
	if (d == NULL)
		return err_set(err, ERR_NOMEM, "There is no memory to plan the reset of %s.", l->rq->user);
	d->why = why;
	if (row)
		d->phone = *row;
	else
		code = phone_by_id(l->db, phone_id, l->arena, &d->phone, err);
	if (code || (code = line_list(l->db, phone_id, l->arena, &d->lines, &d->nlines, err)) ||
		(code = key_list(l->db, phone_id, l->arena, &d->keys, &d->nkeys, err)))
		return code;
	d->profile = l->catalog ? catalog_find(l->catalog, d->phone.model) : NULL;
	return ERR_OK;
}

static enum err_code load_soft(struct loader *l, struct plan_device *d, struct err *err)
{
	struct softphone_row *all;
	size_t n, i;
	enum err_code code = softphone_list_device(l->db, d->row.id, l->arena, &all, &n, err);

	if (code)
		return code;
	d->soft = all;
	for (i = 0; i < n; i++)
		if (!all[i].blanked)
			all[d->nsoft++] = all[i];
	return ERR_OK;
}

static enum err_code load_devices(struct loader *l, struct err *err)
{
	struct device_row *all;
	size_t n, i;
	enum err_code code = device_list_user(l->db, l->rows->user.id, l->arena, &all, &n, err);

	for (i = 0; code == ERR_OK && i < n; i++) {
		struct plan_device *d = arena_push(
			l->arena, (void **)&l->rows->devices, &l->rows->ndevices, &l->devices_cap, sizeof(*d));

		if (d == NULL)
			return err_set(err, ERR_NOMEM, "There is no memory to plan the reset of %s.", l->rq->user);
		d->row = all[i];
		d->primary = strcmp(all[i].name, l->rows->user.ext) == 0;
		code = load_soft(l, d, err);
	}
	return code;
}

static enum err_code load_own(struct loader *l, struct err *err)
{
	struct phone_row *all;
	size_t n, i;
	enum err_code code = phone_list_user(l->db, l->rows->user.id, l->arena, &all, &n, err);

	for (i = 0; code == ERR_OK && i < n; i++)
		code = add_desk(l, all[i].id, &all[i], DESK_OWN, err);
	return code;
}

static enum err_code find_target(struct loader *l, int64_t *phone_id, struct err *err)
{
	const char *text = l->rq->recycle ? l->rq->recycle->phone : NULL;
	struct phone_row row;
	struct mac mac;
	enum err_code code;

	*phone_id = 0;
	if (text == NULL || *text == '\0')
		return ERR_OK;
	if (!mac_parse(slice_str(text), &mac))
		return err_set(err, ERR_INPUT, "\"%s\" is no MAC address; write its 12 hexadecimal digits.", text);
	code = phone_load(l->db, &mac, l->arena, &row, err);
	if (code && code != ERR_NOT_FOUND)
		return code;
	if (code || row.domain_id != l->rows->domain.id) /* another's and none are one answer */
		return err_set(err, ERR_NOT_FOUND, "There is no phone %s in %s.", text, l->rows->domain.name);
	if (row.state == PHONE_RETIRED || row.state == PHONE_UNCLAIMED)
		return err_set(err, ERR_CONFLICT, "Phone %s is %s; claim it for this domain first.", text,
			phone_state_words[row.state]);
	*phone_id = row.id;
	return ERR_OK;
}

static enum err_code load_target(struct loader *l, struct err *err)
{
	int64_t id;
	size_t i;
	enum err_code code = find_target(l, &id, err);

	if (code || id == 0)
		return code;
	code = add_desk(l, id, NULL, DESK_TARGET, err);
	for (i = 0; i < l->rows->ndesks; i++)
		if (l->rows->desks[i].phone.id == id)
			l->rows->target = &l->rows->desks[i];
	return code;
}

/* Devices of the phones so far may stand on further ones. */
static enum err_code load_sharers(struct loader *l, struct err *err)
{
	size_t ndesks = l->rows->ndesks, i, k, j, n;
	struct line_row *lines;
	enum err_code code;

	for (i = 0; i < ndesks; i++)
		for (k = 0; k < l->rows->desks[i].nlines; k++) {
			if (l->rows->desks[i].lines[k].kind == DEVICE_IDLE)
				continue;
			code = line_list_device(l->db, l->rows->desks[i].lines[k].device_id, l->arena, &lines, &n, err);
			for (j = 0; code == ERR_OK && j < n; j++)
				code = add_desk(l, lines[j].phone_id, NULL, DESK_SHARER, err);
			if (code)
				return code;
		}
	return ERR_OK;
}

static enum err_code add_shows(struct loader *l, const struct key_row *keys, size_t n, struct err *err)
{
	enum err_code code = ERR_OK;
	size_t i;

	for (i = 0; code == ERR_OK && i < n; i++)
		code = add_desk(l, keys[i].phone_id, NULL, DESK_SHOWS, err);
	return code;
}

static enum err_code load_shows(struct loader *l, struct err *err)
{
	const struct user_row *u = &l->rows->user;
	struct key_row *keys;
	size_t n;
	enum err_code code = key_list_showing(l->db, u->id, l->arena, &keys, &n, err);

	if (code == ERR_OK)
		code = add_shows(l, keys, n, err);
	if (code == ERR_OK)
		code = key_list_person(l->db, u->id, l->arena, &keys, &n, err);
	if (code == ERR_OK)
		code = add_shows(l, keys, n, err);
	if (code || *u->first_name == '\0' || *u->last_name == '\0')
		return code;
	code = key_list_labelled(l->db, l->rows->domain.id, u->last_name, l->arena, &keys, &n, err);
	return code ? code : add_shows(l, keys, n, err);
}

bool upload_is_personal(const struct profile *pf, const char *kind)
{
	const struct vendor *v = pf ? vendor_get(pf->vendor) : NULL;
	size_t i;

	if (v == NULL)
		return true;
	for (i = 0; i < v->nfiles; i++)
		if (strcmp(v->files[i].name, kind) == 0)
			return v->files[i].personal;
	return true;
}

static enum err_code count_uploads(struct loader *l, struct err *err)
{
	size_t i, k, n;
	struct upload_row *up;
	enum err_code code;

	for (i = 0; i < l->rows->ndesks; i++) {
		const struct plan_desk *d = &l->rows->desks[i];

		if (d->why != DESK_OWN)
			continue;
		code = upload_list(l->db, d->phone.id, l->arena, &up, &n, err);
		if (code)
			return code;
		for (k = 0; k < n; k++)
			l->rows->uploads += upload_is_personal(d->profile, up[k].kind);
	}
	return ERR_OK;
}

/* A recycle alone gives and takes none. */
static enum err_code load_numbers(struct loader *l, struct err *err)
{
	if (!l->rq->reset)
		return ERR_OK;
	return number_list_user(l->db, l->rows->user.id, l->arena, &l->rows->numbers, &l->rows->nnumbers, err);
}

static enum err_code load_desks(struct loader *l, struct err *err)
{
	enum err_code code;

	if ((code = load_devices(l, err)) || (code = load_own(l, err)) || (code = count_uploads(l, err)) ||
		(code = belongings_count(l->db, l->rows->user.id, &l->rows->has, err)) ||
		(code = load_target(l, err)) || (code = load_numbers(l, err)) || (code = load_sharers(l, err)) ||
		(code = load_shows(l, err)))
		return code;
	if (l->rows->target) /* the list may have moved while it grew */
		return load_target(l, err);
	return ERR_OK;
}

enum err_code plan_rows_load(struct db *db, const struct catalog *catalog, const struct plan_request *rq,
	struct arena *a, struct plan_rows *out, struct err *err)
{
	struct loader l = { db, catalog, rq, a, out, 0, 0 };
	bool before;
	enum err_code code;

	*out = (struct plan_rows){ 0 };
	if ((code = domain_by_name(db, rq->domain, a, &out->domain, err)) ||
		(code = user_load(db, out->domain.id, rq->user, a, &out->user, err)))
		return code;
	before = db_leave_sealed(db, true); /* no secret of a device, a phone or a line matters to a plan */
	code = load_desks(&l, err);
	db_leave_sealed(db, before);
	return code;
}

/* They stay, whatever goes, and one may well name a person: the review lists them. */
static enum err_code load_overrides(struct db *db, struct arena *a, struct plan_rows *rows, struct err *err)
{
	enum err_code code = ERR_OK;
	size_t i;

	for (i = 0; code == ERR_OK && i < rows->ndesks; i++) {
		struct plan_desk *d = &rows->desks[i];
		const char *target = override_target(a, d->phone.id);

		if (d->why != DESK_OWN && d->why != DESK_TARGET)
			continue;
		if (target == NULL)
			return err_set(err, ERR_NOMEM, "There is no memory to plan this reset.");
		code = override_list(db, LAYER_PHONE, target, a, &d->overrides, &d->noverrides, err);
	}
	return code;
}

enum err_code plan_load(struct db *db, const struct catalog *catalog, const struct reset_conf *conf,
	const struct plan_request *rq, struct arena *a, struct plan **out, struct err *err)
{
	struct plan_rows rows;
	enum err_code code = plan_request_check(rq, err);

	if (code == ERR_OK)
		code = plan_rows_load(db, catalog, rq, a, &rows, err);
	if (code == ERR_OK)
		code = load_overrides(db, a, &rows, err);
	if (code == ERR_OK)
		code = plan_make(&rows, conf, rq, a, out, err);
	return code ? code : plan_outside_load(db, &rows, a, *out, err);
}
