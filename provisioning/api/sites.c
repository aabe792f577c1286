/* Sites of a domain. */
#include <string.h>

#include "provisioning/api/calls.h"
#include "provisioning/api/patch.h"
#include "provisioning/store/override.h"

enum { QUIET_FROM_MIN = 120, QUIET_TO_MIN = 300 };

static const struct patch_field fields[] = {
	{ "site", JSON_TEXT, offsetof(struct site_row, name), 64, false },
	{ "time-zone", JSON_TEXT, offsetof(struct site_row, timezone), 64, false },
	{ "quiet-from-minutes", JSON_INT, offsetof(struct site_row, quiet_from_min), 1439, false },
	{ "quiet-to-minutes", JSON_INT, offsetof(struct site_row, quiet_to_min), 1439, false },
	{ "domain", JSON_TEXT, 0, 0, true },
	{ "created-datetime", JSON_TEXT, 0, 0, true },
	{ "last-modified-datetime", JSON_TEXT, 0, 0, true },
};
enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

/* ---- reading ---- */

static json_t *shape(struct call *c, const struct site_row *s)
{
	return json_pack("{s:s, s:s, s:s, s:I, s:I, s:o, s:o}", "site", s->name, "domain", c->domain.name, "time-zone",
		s->timezone, "quiet-from-minutes", (json_int_t)s->quiet_from_min, "quiet-to-minutes",
		(json_int_t)s->quiet_to_min, "created-datetime", shape_time(s->created_ms), "last-modified-datetime",
		shape_time(s->modified_ms));
}

/* Those that the caller may see. */
static enum err_code visible(struct call *c, struct site_row **rows, size_t *n, struct err *err)
{
	struct db *db;
	size_t i, k = 0;
	enum err_code e = call_domain(c, err);

	*n = 0;
	if (e || (e = call_db(c, &db, err)) || (e = site_list(db, c->domain.id, c->a, rows, n, err)))
		return e;
	for (i = 0; i < *n; i++)
		if (principal_site(c->who, (*rows)[i].id))
			(*rows)[k++] = (*rows)[i];
	*n = k;
	return ERR_OK;
}

enum err_code sites_list(struct call *c, struct err *err)
{
	struct site_row *rows;
	struct page page;
	size_t i, n;
	json_t *out;
	enum err_code e = call_page(c, &page, err);

	if (e || (e = visible(c, &rows, &n, err)))
		return e;
	out = json_array();
	for (i = (size_t)page.start; i < n && i < (size_t)(page.start + page.limit); i++)
		json_array_append_new(out, shape(c, &rows[i]));
	return call_ok(c, out, err);
}

enum err_code sites_count(struct call *c, struct err *err)
{
	struct site_row *rows;
	size_t n;
	enum err_code e = visible(c, &rows, &n, err);

	return e ? e : call_count(c, (int64_t)n, err);
}

static enum err_code load(struct call *c, struct site_row *row, struct err *err)
{
	struct db *db;
	enum err_code e = call_domain(c, err);

	if (e == ERR_OK)
		e = call_db(c, &db, err);
	if (e == ERR_OK)
		e = site_by_name(db, c->domain.id, request_param(c->rq, "site"), c->a, row, err);
	if (e == ERR_OK && !principal_site(c->who, row->id))
		return err_set(err, ERR_FORBIDDEN, "This site is outside of what your login may see.");
	return e;
}

enum err_code sites_get(struct call *c, struct err *err)
{
	struct site_row row;
	enum err_code e = load(c, &row, err);

	return e ? e : call_ok(c, shape(c, &row), err);
}

/* ---- writing ---- */

struct change {
	struct call *call;
	struct site_row row, before;
};

static enum err_code read_body(struct call *c, struct site_row *row, struct err *err)
{
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	if (e == ERR_OK)
		e = patch_row(body, fields, FIELDS, c->a, row, err);
	if (e == ERR_OK && (row->name == NULL || *row->name == '\0' || strcmp(row->name, "count") == 0))
		return err_set(err, ERR_INPUT, "site must have a name, and another one than \"count\"");
	return e ? e : call_zone_check(row->timezone, err);
}

static enum err_code add_fn(struct txn *t, void *arg, struct err *err)
{
	struct change *ch = arg;
	struct site_row row = ch->row;
	enum err_code e = site_add(t->db, &row, err);

	ch->before = row; /* as it stands */
	return e ? e
		 : call_audit(ch->call, t->db, "site-add", "", row.name, NULL,
			   call_text(ch->call, shape(ch->call, &row)), err);
}

static enum err_code add_answer(struct call *c, void *arg, struct err *err)
{
	struct change *ch = arg;

	return call_created(c,
		arena_printf(
			c->a, "%s/domains/%s/sites/%s", c->rq->prefix, c->domain.name, call_segment(c, ch->row.name)),
		shape(c, &ch->before), err);
}

enum err_code sites_add(struct call *c, struct err *err)
{
	struct change ch = { .call = c,
		.row = { .timezone = "", .quiet_from_min = QUIET_FROM_MIN, .quiet_to_min = QUIET_TO_MIN } };
	enum err_code e = call_domain(c, err);

	ch.row.domain_id = c->domain.id;
	if (e == ERR_OK)
		e = read_body(c, &ch.row, err);
	return e ? e : call_write_answer(c, add_fn, add_answer, &ch, err);
}

/* Another zone stands in the files of the site's phones. */
static enum err_code save_fn(struct txn *t, void *arg, struct err *err)
{
	struct change *ch = arg;
	struct call *c = ch->call;
	struct inventory in = call_inventory(c, t->db, "edit");
	struct site_row row = ch->row;
	enum err_code e = site_save(t->db, &row, err);

	if (e == ERR_OK && strcmp(row.timezone, ch->before.timezone) != 0)
		e = inventory_layer_changed(&in, LAYER_SITE, row.id, NULL, err);
	return e ? e
		 : call_audit(c, t->db, "site-change", "", row.name, call_text(c, shape(c, &ch->before)),
			   call_text(c, shape(c, &row)), err);
}

enum err_code sites_set(struct call *c, struct err *err)
{
	struct change ch = { .call = c };
	enum err_code e = load(c, &ch.before, err);

	ch.row = ch.before;
	if (e || (e = read_body(c, &ch.row, err)) || (e = call_write(c, save_fn, &ch, err)))
		return e;
	return call_changed(c, shape(c, &ch.row), err);
}

/* People and phones of a site that goes would be without their zone, their overrides and their manager. */
static enum err_code delete_fn(struct txn *t, void *arg, struct err *err)
{
	struct change *ch = arg;
	struct call *c = ch->call;
	const struct user_filter users = { .domain_id = c->domain.id, .site_id = ch->row.id };
	const struct phone_filter phones = { .domain_id = c->domain.id, .site_id = ch->row.id };
	int64_t nusers, nphones;
	enum err_code e = user_count(t->db, &users, &nusers, err);

	if (e == ERR_OK)
		e = phone_count(t->db, &phones, &nphones, err);
	if (e == ERR_OK && (nusers || nphones))
		return err_set(err, ERR_CONFLICT,
			"%s still has %lld users and %lld phones; give them another site first", ch->row.name,
			(long long)nusers, (long long)nphones);
	if (e == ERR_OK)
		e = override_clear(t->db, LAYER_SITE, override_target(c->a, ch->row.id), err);
	if (e == ERR_OK)
		e = site_delete(t->db, ch->row.id, err);
	return e ? e
		 : call_audit(c, t->db, "site-delete", "", ch->row.name, call_text(c, shape(c, &ch->row)), NULL, err);
}

enum err_code sites_delete(struct call *c, struct err *err)
{
	struct change ch = { .call = c };
	enum err_code e = load(c, &ch.row, err);

	if (e == ERR_OK)
		e = call_write(c, delete_fn, &ch, err);
	return e ? e : call_deleted(c, err);
}
