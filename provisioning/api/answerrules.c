/* Answering rules of a user, one per time frame. Of the default rule ("*") a row stands only when somebody changed it:
 * every user has it, also a new one and one whose rules a reset deleted. */
#include <string.h>

#include "provisioning/api/calls.h"
#include "provisioning/api/rule_parts.h"
#include "provisioning/api/timeframe_now.h"
#include "provisioning/reset/quiet.h"
#include "provisioning/store/timeframe.h"

#define DEFAULT_RULE "*"

static const char *name_of(const struct rule_row *r)
{
	return r->timeframe_id ? r->timeframe : DEFAULT_RULE;
}

static const struct timeframe_row *frame_of(const struct rules *rs, int64_t id)
{
	size_t i, k;

	for (k = 0; k < 2; k++)
		for (i = 0; i < rs->nframes[k]; i++)
			if (rs->frames[k][i].id == id)
				return &rs->frames[k][i];
	return NULL;
}

/* The default rule joins the list where its order puts it, when no row of its own does. */
static enum err_code add_default(struct rules *rs, const struct rule_row *rows, size_t n, struct err *err)
{
	struct rule_row unchanged = { .domain_id = rs->user.domain_id,
		.user_id = rs->user.id,
		.enabled = true,
		.position = RULE_ORDER_DEFAULT,
		.body = "",
		.timeframe = "" };
	bool placed = false;
	size_t i;

	rs->rows = arena_alloc(rs->call->a, (n + 1) * sizeof(*rs->rows));
	if (rs->rows == NULL)
		return call_no_memory(err);
	for (i = 0; i < n; i++)
		placed |= rows[i].timeframe_id == 0;
	for (i = 0; i < n; i++) {
		if (!placed && rows[i].position > unchanged.position) {
			rs->rows[rs->n++] = unchanged;
			placed = true;
		}
		rs->rows[rs->n++] = rows[i];
	}
	if (!placed)
		rs->rows[rs->n++] = unchanged;
	return ERR_OK;
}

enum err_code rules_load(struct rules *rs, struct db *db, struct err *err)
{
	struct rule_row *rows;
	size_t n;
	enum err_code e = rule_list(db, rs->user.id, rs->call->a, &rows, &n, err);

	rs->n = 0;
	return e ? e : add_default(rs, rows, n, err);
}

/* The zone of the user, else of his site, else of the domain. */
static enum err_code local_now(struct rules *rs, struct db *db, struct local_time *out, struct err *err)
{
	struct site_row site = { .timezone = "" };
	const char *zone = rs->user.timezone;
	enum err_code e = ERR_OK;

	if (*zone == '\0' && rs->user.site_id)
		e = site_load(db, rs->user.site_id, rs->call->a, &site, err);
	if (*zone == '\0')
		zone = *site.timezone ? site.timezone : rs->call->domain.timezone;
	*out = local_time_of(db_now_ms(db), zone_offset_s(zone, db_now_ms(db) / 1000));
	return e;
}

static enum err_code find_active(struct rules *rs, struct db *db, struct err *err)
{
	const struct page all = { 0, 0 };
	struct local_time now;
	size_t i;
	enum err_code e = local_now(rs, db, &now, err);

	if (e == ERR_OK)
		e = timeframe_list(
			db, rs->user.domain_id, rs->user.id, all, rs->call->a, &rs->frames[0], &rs->nframes[0], err);
	if (e == ERR_OK)
		e = timeframe_list(db, rs->user.domain_id, 0, all, rs->call->a, &rs->frames[1], &rs->nframes[1], err);
	for (i = 0; e == ERR_OK && rs->active == NULL && i < rs->n; i++) {
		const struct timeframe_row *f = frame_of(rs, rs->rows[i].timeframe_id);
		json_t *body = json_kept(f ? f->body : "");

		if (rs->rows[i].enabled &&
			(rs->rows[i].timeframe_id == 0 || (f && timeframe_holds(f->type, body, &now))))
			rs->active = &rs->rows[i];
		if (body == NULL)
			e = call_no_memory(err);
		json_decref(body);
	}
	return e;
}

/* All of its entries, whichever array they stand in. */
static json_t *shape_frame(const struct timeframe_row *f)
{
	json_t *out = json_array(), *body = json_kept(f ? f->body : ""), *list;
	const char *name;

	json_object_foreach (body, name, list)
		json_array_extend(out, list);
	if (body == NULL) {
		json_decref(out);
		out = NULL;
	}
	json_decref(body);
	return out;
}

json_t *rules_shape(const struct rules *rs, const struct rule_row *r)
{
	json_t *v = json_pack("{s:s, s:s, s:s, s:o, s:b, s:I, s:o}", "domain", rs->call->domain.name, "user",
		rs->user.ext, "time-frame", name_of(r), "enabled", shape_yes(r->enabled), "is-active",
		(int)(r == rs->active), "order", (json_int_t)r->position, "time_range_data",
		shape_frame(frame_of(rs, r->timeframe_id)));

	if (v && rule_give(v, r->body, r->timeframe_id == 0))
		return v;
	json_decref(v);
	return NULL;
}

enum err_code rules_load_now(struct rules *rs, struct err *err)
{
	struct db *db;
	enum err_code e = call_db(rs->call, &db, err);

	if (e == ERR_OK)
		e = rules_load(rs, db, err);
	return e ? e : find_active(rs, db, err);
}

enum err_code rules_list(struct call *c, struct err *err)
{
	struct rules rs = { .call = c };
	struct page page;
	json_t *out;
	size_t i;
	enum err_code e = call_page(c, &page, err);

	if (e || (e = call_user(c, &rs.user, err)) || (e = rules_load_now(&rs, err)))
		return e;
	out = json_array();
	for (i = (size_t)page.start; i < rs.n && i < (size_t)(page.start + page.limit); i++)
		json_array_append_new(out, rules_shape(&rs, &rs.rows[i]));
	return call_ok(c, out, err);
}

enum err_code rules_count(struct call *c, struct err *err)
{
	struct rules rs = { .call = c };
	enum err_code e = call_user(c, &rs.user, err);

	if (e == ERR_OK)
		e = rules_load_now(&rs, err);
	return e ? e : call_count(c, (int64_t)rs.n, err);
}

/* {timeframe} of the path among the rules. */
enum err_code rules_find(const struct rules *rs, const char *name, const struct rule_row **out, struct err *err)
{
	size_t i;

	for (i = 0; i < rs->n; i++)
		if (strcmp(name_of(&rs->rows[i]), name) == 0) {
			*out = &rs->rows[i];
			return ERR_OK;
		}
	return err_set(
		err, ERR_NOT_FOUND, "User %s has no answering rule for the time frame \"%.64s\".", rs->user.ext, name);
}

enum err_code rules_get(struct call *c, struct err *err)
{
	struct rules rs = { .call = c };
	const struct rule_row *row;
	enum err_code e = call_user(c, &rs.user, err);

	if (e || (e = rules_load_now(&rs, err)) || (e = rules_find(&rs, request_param(c->rq, "timeframe"), &row, err)))
		return e;
	return call_ok(c, rules_shape(&rs, row), err);
}
