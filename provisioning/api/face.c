/* A phone's keys as a picture: as they are, or before and after what was asked. */
#include <string.h>

#include "phonecfg/face/face.h"
#include "provisioning/api/calls.h"
#include "provisioning/reset/preview.h"

/* ---- ?after= ---- */

/* "reset:1001", "reset:1001,phone-lines": the user, then options. */
static enum err_code read_reset(struct call *c, struct slice text, struct plan_request *rq, struct err *err)
{
	enum reset_option option;

	rq->reset = true;
	rq->user = arena_slice(c->a, slice_cut(&text, ','));
	while (text.n) {
		const char *name = arena_slice(c->a, slice_cut(&text, ','));

		if (name == NULL)
			return call_no_memory(err);
		if (!reset_option_read(name, &option))
			return err_set(err, ERR_INPUT, "\"%.60s\" is no option of a reset", name);
		rq->options |= 1u << option;
	}
	return ERR_OK;
}

/* "recycle:1001", with the names beside it in the query; the phone of the path takes the line. */
static enum err_code read_recycle(
	struct call *c, struct slice text, struct recycle_form *form, struct plan_request *rq, struct err *err)
{
	const char *first = request_query(c->rq, "name-first-name"), *last = request_query(c->rq, "name-last-name");
	char *mac = arena_alloc(c->a, MAC_TEXT);
	struct mac parsed;

	if (mac == NULL)
		return call_no_memory(err);
	if (first == NULL || last == NULL)
		return err_set(
			err, ERR_INPUT, "after=recycle: needs name-first-name and name-last-name in the query too");
	if (!mac_parse(slice_str(request_param(c->rq, "mac")), &parsed))
		return err_set(err, ERR_INPUT, "the path names no MAC");
	*form = (struct recycle_form){ first, last, NULL, mac_text(&parsed, mac) };
	rq->user = arena_slice(c->a, text);
	rq->recycle = form;
	return inventory_name_check(c->api->conf.reset, first, last, err);
}

static enum err_code may(struct call *c, const char *ext, struct err *err)
{
	struct user_row row;
	const char *why;
	struct db *db;
	enum err_code e;

	if (!(c->who->scope & SCOPE_OFFICES))
		return err_set(
			err, ERR_FORBIDDEN, "A reset and a recycle need Office Manager or above, their picture too.");
	if (ext == NULL)
		return call_no_memory(err);
	if ((e = call_db(c, &db, err)) || (e = user_load(db, c->domain.id, ext, c->a, &row, err)))
		return e;
	why = scope_refusal(c->who, row.id, row.scope);
	return why ? err_set(err, ERR_FORBIDDEN, "%s: %s", ext, why) : ERR_OK;
}

struct wish {
	bool given, vacant;
	struct plan_request request;
	struct recycle_form form;
};

static enum err_code read_wish(struct call *c, struct wish *w, struct err *err)
{
	const char *after = request_query(c->rq, "after");
	struct slice text = slice_str(after), word = slice_cut(&text, ':');
	enum err_code e;

	if (after == NULL || *after == '\0')
		return ERR_OK;
	w->given = true;
	w->request.domain = c->domain.name;
	if (slice_eq_str(word, "vacant") && text.n == 0) {
		w->vacant = true;
		return ERR_OK;
	}
	if (slice_eq_str(word, "reset") && text.n)
		e = read_reset(c, text, &w->request, err);
	else if (slice_eq_str(word, "recycle") && text.n)
		e = read_recycle(c, text, &w->form, &w->request, err);
	else
		return err_set(err, ERR_INPUT,
			"after must be vacant, reset:<user>[,<option>...] or recycle:<user>, not \"%.40s\"", after);
	return e ? e : may(c, w->request.user, err);
}

/* ---- the picture ---- */

static enum err_code load(struct call *c, const struct mac *mac, const struct wish *w, struct phone *now,
	struct phone *then, struct err *err)
{
	struct db *db;
	enum err_code e;

	if (!w->given)
		return (e = call_db(c, &db, err)) ? e : desk_load(db, c->api->conf.desk, mac, c->a, now, err);
	call_stop_reading(c);
	return preview_phone(c->api->conf.reset, w->vacant ? NULL : &w->request, mac, c->a, now, then, err);
}

enum err_code phones_face(struct call *c, struct err *err)
{
	struct phone now = { 0 }, then = { 0 };
	struct face before, after;
	const struct profile *pf;
	struct phone_row row;
	struct wish w = { 0 };
	enum err_code e = call_phone(c, &row, err);

	if (e || (e = read_wish(c, &w, err)))
		return e;
	pf = catalog_find(c->api->conf.catalog, row.model);
	if (pf == NULL)
		return err_set(err, ERR_UNSUPPORTED, "%s is no model that this version knows.", row.model);
	if ((e = load(c, &row.mac, &w, &now, &then, err)) || (e = face_of(&now, pf, c->a, &before, err)) ||
		(w.given && (e = face_of(&then, pf, c->a, &after, err))))
		return e;
	response_header(c->rs, "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox");
	c->written = true;
	return face_svg(&before, w.given ? &after : NULL,
		response_body(c->rs, "image/svg+xml; charset=utf-8", FACE_SVG_MAX), err);
}
