/* Phones that one domain offers to another. */
#include <string.h>

#include "provisioning/api/calls.h"
#include "provisioning/reset/consent.h"
#include "provisioning/store/transfer.h"

/* The other side sees the hardware and who offers it, nobody's name and no line. */
static json_t *shape(struct call *c, const struct transfer_row *tr)
{
	bool mine = tr->domain_id == c->domain.id;
	char mac[MAC_TEXT];

	return json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "transfer", (json_int_t)tr->id,
		"direction", mine ? "out" : "in", "device-provisioning-mac-address", mac_text(&tr->mac, mac),
		"device-models-model", tr->model, "from-domain", tr->domain, "to-domain", tr->to_domain, "state",
		transfer_state_words[tr->state], "by-user", mine ? tr->who : "", "created-datetime",
		shape_time(tr->created_ms), "expires-datetime", shape_time(tr->expires_ms), "ended-datetime",
		shape_time(tr->ended_ms));
}

enum err_code transfers_list(struct call *c, struct err *err)
{
	struct transfer_row *rows;
	struct page page;
	struct db *db;
	size_t i, n;
	json_t *out;
	enum err_code e = call_page(c, &page, err);

	if (e || (e = call_domain(c, err)) || (e = call_db(c, &db, err)) ||
		(e = transfer_list(db, c->domain.id, c->domain.name, page, c->a, &rows, &n, err)))
		return e;
	out = json_array();
	for (i = 0; i < n; i++) {
		if (rows[i].state == TRANSFER_WAITING && rows[i].expires_ms <= db_now_ms(db))
			rows[i].state = TRANSFER_EXPIRED;
		json_array_append_new(out, shape(c, &rows[i]));
	}
	return call_ok(c, out, err);
}

struct answer_in {
	bool unused, dry_run;
	const char *site, *user;
};

static const struct json_input answer_fields[] = {
	{ "site", JSON_TEXT, false, offsetof(struct answer_in, site), 0, 64 },
	{ "user", JSON_TEXT, false, offsetof(struct answer_in, user), 0, 64 },
	{ "dry-run", JSON_BOOL, false, offsetof(struct answer_in, dry_run), 0, 0 },
};

struct answering {
	struct call *call;
	int64_t id;
	struct answer_in in;
	struct move_plan *plan;
};

static struct consent_by by_of(struct call *c)
{
	return (struct consent_by){ c->domain.name, c->who->who, c->rq->peer->text, c->who->client };
}

static enum err_code read_id(struct call *c, struct answering *an, struct err *err)
{
	enum err_code e = call_domain(c, err);

	*an = (struct answering){ .call = c };
	return e ? e : call_number("the transfer's id", request_param(c->rq, "id"), &an->id, err);
}

static enum err_code accept_fn(struct txn *t, void *arg, struct err *err)
{
	struct answering *an = arg;
	struct call *c = an->call;
	const struct consent_by by = by_of(c);

	return consent_accept(c->api->conf.reset, t->db, &by, an->id, an->in.site, an->in.user, c->a, &an->plan, err);
}

/* What was on the phone is the other domain's; how much of it goes is all that is said. */
static json_t *shape_taken(const struct answering *an)
{
	const struct move_plan *p = an->plan;
	char mac[MAC_TEXT];

	return json_pack("{s:b, s:s, s:s, s:s, s:s, s:s?, s:s, s:I, s:I}", "dry-run", (int)an->in.dry_run,
		"device-provisioning-mac-address", mac_text(&p->mac, mac), "device-models-model", p->model, "domain",
		p->domain_after, "site", p->site_after, "user", p->user_after, "state", p->state_after,
		"lines-taken-away", (json_int_t)move_count(p, MOVE_STEP_UNASSIGN_LINE), "keys-removed",
		(json_int_t)move_count(p, MOVE_STEP_STRIP_KEY));
}

static enum err_code look(struct answering *an, struct err *err)
{
	struct call *c = an->call;
	const struct consent_by by = by_of(c);
	struct move_order order;
	struct db *db;
	enum err_code e = call_db(c, &db, err);

	if (e || (e = consent_order(db, &by, an->id, an->in.site, an->in.user, c->a, &order, err)))
		return e;
	return move_load(c->api->conf.reset, db, &order.request, c->a, &an->plan, err);
}

enum err_code transfers_accept(struct call *c, struct err *err)
{
	struct answering an;
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	if (e || (e = read_id(c, &an, err)) ||
		(e = json_inputs(body, answer_fields, sizeof(answer_fields) / sizeof(answer_fields[0]), c->a, &an.in,
			 sizeof(an.in), err)))
		return e;
	e = an.in.dry_run ? look(&an, err) : call_write(c, accept_fn, &an, err);
	if (e)
		return e;
	if (!an.in.dry_run && c->api->conf.changed)
		c->api->conf.changed(c->api->conf.changed_arg, &an.plan->mac);
	return call_ok(c, shape_taken(&an), err);
}

static enum err_code refuse_fn(struct txn *t, void *arg, struct err *err)
{
	struct answering *an = arg;
	const struct consent_by by = by_of(an->call);

	return consent_refuse(t->db, &by, an->id, an->call->a, err);
}

static enum err_code refuse(struct call *c, struct err *err)
{
	struct answering an;
	enum err_code e = read_id(c, &an, err);

	return e ? e : call_write(c, refuse_fn, &an, err);
}

enum err_code transfers_decline(struct call *c, struct err *err)
{
	enum err_code e = refuse(c, err);

	return e ? e : call_ok(c, json_pack("{s:i, s:s}", "code", 200, "message", "Declined"), err);
}

enum err_code transfers_withdraw(struct call *c, struct err *err)
{
	enum err_code e = refuse(c, err);

	return e ? e : call_deleted(c, err);
}
