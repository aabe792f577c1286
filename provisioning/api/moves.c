/* A phone is re-homed, swapped, retired or deleted: the order in, the plan or what was done out. */
#include <string.h>

#include "provisioning/api/auth.h"
#include "provisioning/api/calls.h"
#include "provisioning/api/move_parts.h"
#include "provisioning/api/patch.h"
#include "provisioning/api/record_parts.h"
#include "provisioning/reset/consent.h"

enum { LEAVE_MAX = 400, LEAVE_TEXT_MAX = 255 };

struct move_in {
	bool unused;
	const char *domain, *site, *user, *from_user, *mac, *model, *then;
	json_t *leave;
	bool dry_run, cut_off, pair;
	bool has_site, has_user;
};

#define IN(name, kind, member, has, max)                                                                               \
	{                                                                                                              \
		name, kind, false, offsetof(struct move_in, member), has, max                                          \
	}
#define DRY_RUN IN("dry-run", JSON_BOOL, dry_run, 0, 0)
#define CUT_OFF IN("cut-off", JSON_BOOL, cut_off, 0, 0)

static const struct json_input rehome_fields[] = {
	IN("domain", JSON_TEXT, domain, 0, 253),
	IN("site", JSON_TEXT, site, offsetof(struct move_in, has_site), 64),
	IN("user", JSON_TEXT, user, offsetof(struct move_in, has_user), 64),
	IN("from-user", JSON_TEXT, from_user, 0, 64),
	DRY_RUN,
	CUT_OFF,
};
static const struct json_input swap_fields[] = {
	IN("device-provisioning-mac-address", JSON_TEXT, mac, 0, 20),
	IN("device-models-brand-and-model", JSON_TEXT, model, 0, 64),
	IN("old-phone", JSON_TEXT, then, 0, 16),
	IN("leave-behind", JSON_LIST, leave, 0, LEAVE_MAX),
	IN("pair", JSON_BOOL, pair, 0, 0),
	DRY_RUN,
	CUT_OFF,
};
static const struct json_input retire_fields[] = { DRY_RUN, CUT_OFF };

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct moving {
	struct call *call;
	struct phone_row phone;
	struct move_order order;
	struct move_in in;
	struct move_plan *plan;
	struct phone_access access; /* first access of the new phone of a swap */
	bool want_access;
};

static enum err_code start(struct call *c, struct moving *m, enum move_kind kind, const struct json_input *fields,
	size_t n, struct err *err)
{
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	*m = (struct moving){ .call = c };
	if (e || (e = call_phone_given(c, body, &m->phone, err)) ||
		(fields && (e = json_inputs(body, fields, n, c->a, &m->in, sizeof(m->in), err))))
		return e;
	m->order = (struct move_order){
		.request = { .kind = kind, .domain = c->domain.name, .mac = m->phone.mac, .cut_off = m->in.cut_off },
		.who = c->who->who,
		.from = c->rq->peer->text,
		.client = c->who->client
	};
	return ERR_OK;
}

/* ---- out ---- */

static enum err_code show(struct moving *m, struct err *err)
{
	struct call *c = m->call;
	struct db *db;
	enum err_code e = call_db(c, &db, err);

	if (e == ERR_OK)
		e = move_load(c->api->conf.reset, db, &m->order.request, c->a, &m->plan, err);
	return e ? e : call_ok(c, json_pack("{s:b, s:o}", "dry-run", 1, "plan", move_shape(m->plan)), err);
}

static enum err_code apply_fn(struct txn *t, void *arg, struct err *err)
{
	struct moving *m = arg;
	struct call *c = m->call;
	enum err_code e = move_apply(c->api->conf.reset, t->db, &m->order, c->a, &m->plan, err);

	m->want_access = e == ERR_OK && m->order.request.kind == MOVE_SWAP && (m->in.pair || phone_address_on(c));
	return m->want_access ? phone_access_open(
					c, t->db, &m->plan->mac_after, phone_address_on(c), m->in.pair, &m->access, err)
			      : e;
}

static void changed(struct moving *m)
{
	const struct api_conf *conf = &m->call->api->conf;

	if (conf->changed == NULL)
		return;
	conf->changed(conf->changed_arg, &m->plan->mac);
	if (!mac_eq(&m->plan->mac, &m->plan->mac_after))
		conf->changed(conf->changed_arg, &m->plan->mac_after);
}

/* What was done, the records that wait for their proof, and how the new phone gets in. */
static enum err_code carry_out(struct moving *m, struct err *err)
{
	struct call *c = m->call;
	struct record_filter open = { .phone_id = m->phone.id, .open_only = true, .newest_first = true };
	struct db *db;
	json_t *out, *records;
	enum err_code e = call_write(c, apply_fn, m, err);

	if (e)
		return e;
	changed(m);
	if ((e = call_db(c, &db, err)))
		return e;
	records = record_shapes(c, db, &open, (struct page){ 0, 0 }, err);
	if (records == NULL)
		return err->code;
	out = json_pack("{s:b, s:o, s:o}", "dry-run", 0, "plan", move_shape(m->plan), "handovers", records);
	if (out && m->want_access)
		json_object_set_new(out, "first-access", phone_access_shape(c, &m->access));
	return call_ok(c, out, err);
}

static enum err_code go(struct moving *m, struct err *err)
{
	return m->in.dry_run ? show(m, err) : carry_out(m, err);
}

/* ---- re-home ---- */

/* Whoever is kept to sites stays inside them, with the phone and with whom it is given to. */
static enum err_code may_place(struct moving *m, struct err *err)
{
	struct call *c = m->call;
	struct user_row user;
	struct db *db;
	int64_t site = m->phone.site_id;
	enum err_code e;

	if (!principal_sited(c->who))
		return ERR_OK;
	if (m->in.has_site && (e = call_site(c, m->in.site, &site, err)))
		return e;
	if (!principal_site(c->who, site))
		return err_set(err, ERR_FORBIDDEN, "This site is outside of what your login may change.");
	if (!m->in.has_user || *m->in.user == '\0')
		return ERR_OK;
	if ((e = call_db(c, &db, err)))
		return e;
	if (user_load(db, c->domain.id, m->in.user, c->a, &user, NULL) || !principal_site(c->who, user.site_id))
		return err_set(
			err, ERR_FORBIDDEN, "%.60s is outside of what your login may put on a phone.", m->in.user);
	return ERR_OK;
}

static bool goes_away(const struct moving *m)
{
	return m->in.domain && *m->in.domain && strcmp(m->in.domain, m->call->domain.name) != 0;
}

static enum err_code offer_fn(struct txn *t, void *arg, struct err *err)
{
	struct moving *m = arg;
	struct call *c = m->call;
	const struct consent_by by = { c->domain.name, c->who->who, c->rq->peer->text, c->who->client };

	return consent_offer(
		c->api->conf.reset, t->db, &by, &m->phone.mac, m->in.domain, c->a, &m->order.request.transfer, err);
}

/* The other domain is not his: it must want the phone, too. The answer is the same whether there is such a domain. */
static enum err_code offer(struct moving *m, struct err *err)
{
	struct call *c = m->call;
	enum err_code e;

	if (!(c->who->scope & SCOPE_OFFICES))
		return err_set(err, ERR_FORBIDDEN, "Another domain takes an Office Manager or above.");
	if (m->in.has_site || m->in.has_user)
		return err_set(err, ERR_FORBIDDEN,
			"%.80s is outside of what your login may see; leave site and user out: it says them itself when it "
			"takes the phone.",
			m->in.domain);
	m->order.request.to_site = "";
	if (m->in.dry_run) {
		m->order.request.to_user = "";
		m->order.request.offered = true;
		return show(m, err);
	}
	e = call_write(c, offer_fn, m, err);
	if (e)
		return e;
	c->location = arena_printf(c->a, "%s/domains/%s/transfers/%lld", c->rq->prefix, c->domain.name,
		(long long)m->order.request.transfer);
	c->status = 202;
	c->out = json_pack("{s:I, s:s, s:s}", "transfer", (json_int_t)m->order.request.transfer, "state", "waiting",
		"message", "The phone moves when an Office Manager of the other domain accepts it.");
	return c->out ? ERR_OK : call_no_memory(err);
}

enum err_code phones_rehome(struct call *c, struct err *err)
{
	struct moving m;
	struct db *db;
	enum err_code e = start(c, &m, MOVE_REHOME, rehome_fields, COUNT(rehome_fields), err);

	if (e || (e = call_db(c, &db, err)))
		return e;
	m.order.request.to_site = m.in.has_site ? m.in.site : NULL;
	m.order.request.to_user = m.in.has_user ? m.in.user : NULL;
	m.order.request.from_user = m.in.from_user;
	if (!goes_away(&m)) {
		e = may_place(&m, err);
		return e ? e : go(&m, err);
	}
	if (!(c->who->scope & SCOPE_ADMINS) || strcmp(m.in.domain, "~") == 0 ||
		!principal_reaches(db, c->who, m.in.domain, c->a))
		return offer(&m, err);
	m.order.request.to_domain = m.in.domain;
	return go(&m, err);
}

/* ---- swap ---- */

static enum err_code read_leave(struct moving *m, struct err *err)
{
	size_t n = json_array_size(m->in.leave), i;
	const char **list = arena_alloc(m->call->a, (n + 1) * sizeof(*list));
	json_t *v;

	if (list == NULL)
		return call_no_memory(err);
	json_array_foreach (m->in.leave, i, v) {
		list[i] = json_string_value(v);
		if (list[i] == NULL || json_string_length(v) > LEAVE_TEXT_MAX)
			return err_set(err, ERR_INPUT,
				"\"leave-behind\" is a list of what a dry run says does not fit: \"key 0.13\"");
	}
	m->order.request.leave_behind = list;
	m->order.request.nleave_behind = n;
	return ERR_OK;
}

/* A phone of another site is none that he may take. */
static enum err_code may_take(struct moving *m, struct err *err)
{
	struct call *c = m->call;
	struct phone_row other;
	struct db *db;
	enum err_code e = call_db(c, &db, err);

	if (e || phone_load(db, &m->order.request.to_mac, c->a, &other, NULL) || other.domain_id != c->domain.id ||
		principal_site(c->who, other.site_id))
		return e;
	return err_set(err, ERR_FORBIDDEN, "The other phone is outside of what your login may change.");
}

enum err_code phones_swap(struct call *c, struct err *err)
{
	struct moving m;
	const struct profile *pf;
	enum err_code e = start(c, &m, MOVE_SWAP, swap_fields, COUNT(swap_fields), err);

	if (e)
		return e;
	if (m.in.mac == NULL || !mac_parse(slice_str(m.in.mac), &m.order.request.to_mac))
		return err_set(err, ERR_INPUT,
			"device-provisioning-mac-address must be the 12 hexadecimal digits of the new phone");
	if (m.in.model && *m.in.model) {
		pf = phone_model_of(c->api->conf.catalog, m.in.model);
		if (pf == NULL || pf->softphone)
			return err_set(err, ERR_INPUT,
				"\"%.60s\" is no phone model that this version knows; GET /phones/models lists them",
				m.in.model);
		m.order.request.to_model = pf->id;
	}
	m.order.request.then = m.in.then && *m.in.then ? m.in.then : NULL;
	if ((e = read_leave(&m, err)) || (e = may_take(&m, err)))
		return e;
	return go(&m, err);
}

/* ---- retire, delete ---- */

enum err_code phones_retire(struct call *c, struct err *err)
{
	struct moving m;
	enum err_code e = start(c, &m, MOVE_RETIRE, retire_fields, COUNT(retire_fields), err);

	return e ? e : go(&m, err);
}

static bool asked(struct call *c, const char *name)
{
	const char *v = request_query(c->rq, name);

	return v && strcmp(v, "no") != 0 && strcmp(v, "false") != 0;
}

/* 200 "Deleted" when it is gone; with the plan and the records when it goes later. */
enum err_code phones_delete(struct call *c, struct err *err)
{
	struct moving m;
	enum err_code e = start(c, &m, MOVE_DELETE, NULL, 0, err);

	if (e)
		return e;
	m.order.request.cut_off = asked(c, "cut-off");
	if (asked(c, "dry-run"))
		return show(&m, err);
	e = carry_out(&m, err);
	/* NetSapiens' 202 says as much: it will go. */
	if (e || (m.plan->gone_later && (!c->netsapiens || c->synchronous)))
		return e;
	json_decref(c->out);
	c->out = NULL;
	return call_deleted(c, err);
}
