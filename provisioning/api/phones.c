/* Phones: list, read, add, change, delete; and what can be asked of one. */
#include <stdio.h>
#include <string.h>

#include "provisioning/api/ask.h"
#include "provisioning/api/calls.h"
#include "provisioning/api/move_parts.h"
#include "provisioning/api/patch.h"
#include "provisioning/api/phone_parts.h"
#include "provisioning/outbox/outbox.h"
#include "provisioning/reset/filekey.h"
#include "provisioning/store/line.h"
#include "provisioning/store/timeline.h"

static const struct patch_field fields[] = {
	{ "notes", JSON_TEXT, offsetof(struct phone_row, notes), 500, false },
	{ "device-provisioning-sip-transport-protocol", JSON_TEXT, offsetof(struct phone_row, transport), 8, false },
};
enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

enum { SEARCH_MAX = 200 };

/* ---- reading ---- */

static enum err_code filter_of(struct call *c, struct phone_filter *f, struct err *err)
{
	const char *state = request_query(c->rq, "state");
	const char *model = request_query(c->rq, "model");
	enum err_code e = call_domain(c, err);

	if (e)
		return e;
	*f = (struct phone_filter){ .domain_id = c->domain.id, .model = model };
	if ((e = call_site_asked(c, &f->site_id, err)))
		return e;
	if (state == NULL || *state == '\0')
		return ERR_OK;
	f->by_state = true;
	for (f->state = 0; f->state < PHONE_STATE_COUNT; f->state++)
		if (strcmp(phone_state_words[f->state], state) == 0)
			return ERR_OK;
	return err_set(err, ERR_INPUT, "state must be assigned, shared, vacant, unclaimed or retired");
}

/* search, sort, order, handovers=open: what a person looks for. */
static enum err_code search_of(struct call *c, struct phone_search *by, struct err *err)
{
	static const char *const sorts[PHONE_SORTS] = { "device-provisioning-mac-address", "device-models-model",
		"site", "state", "firmware", "device-provisioning-last-retrieved-datetime" };
	static const char *const orders[] = { "asc", "desc" }, *const opens[] = { "any", "open" };
	const char *text = request_query(c->rq, "search");
	size_t sort, down, open;
	enum err_code e;

	if ((e = ask_word(c, "sort", sorts, PHONE_SORTS, &sort, err)) ||
		(e = ask_word(c, "order", orders, 2, &down, err)) ||
		(e = ask_word(c, "handovers", opens, 2, &open, err)))
		return e;
	if (text && strlen(text) > SEARCH_MAX)
		return err_set(err, ERR_INPUT, "search takes at most %d bytes", SEARCH_MAX);
	*by = (struct phone_search){ text ? text : "", open == 1, (enum phone_sort)sort, down == 1 };
	return ERR_OK;
}

static bool searched(const struct phone_search *by)
{
	return *by->text || by->open || by->sort || by->down;
}

static enum err_code list_of(struct call *c, const struct phone_filter *f, const struct phone_search *by,
	const struct domain_row *domain, json_t *out, struct page page, struct err *err)
{
	struct phone_row *rows;
	struct db *db;
	size_t i, n;
	enum err_code e = call_db(c, &db, err);

	if (e == ERR_OK)
		e = searched(by) ? phone_find(db, f, by, page, c->a, &rows, &n, err)
				 : phone_list(db, f, page, c->a, &rows, &n, err);
	if (e)
		return e;
	for (i = 0; e == ERR_OK && i < n; i++) {
		json_t *v = phone_shape(c, db, domain, &rows[i], err);

		e = v ? ERR_OK : err->code;
		if (v)
			json_array_append_new(out, v);
	}
	return e;
}

enum err_code phones_list(struct call *c, struct err *err)
{
	struct phone_filter f;
	struct phone_search by;
	struct page page;
	json_t *out;
	enum err_code e = call_page(c, &page, err);

	if (e || (e = filter_of(c, &f, err)) || (e = search_of(c, &by, err)))
		return e;
	out = json_array();
	e = list_of(c, &f, &by, &c->domain, out, page, err);
	if (e == ERR_OK)
		return call_ok(c, out, err);
	json_decref(out);
	return e;
}

/* A reseller's phones: domain by domain, the page over all of them. */
enum err_code phones_list_all(struct call *c, struct err *err)
{
	const char *reseller = c->who->scope == SCOPE_SUPER ? NULL : c->who->reseller;
	struct domain_row *domains;
	struct page page;
	struct db *db;
	size_t i, n;
	json_t *out;
	enum err_code e = call_page(c, &page, err);

	if (e || (e = call_db(c, &db, err)))
		return e;
	if (c->who->scope != SCOPE_SUPER && *c->who->reseller == '\0')
		return err_set(
			err, ERR_FORBIDDEN, "Your login belongs to no reseller; ask for the phones of your domain.");
	if (c->who->key_id && c->who->domain_id)
		return err_set(
			err, ERR_FORBIDDEN, "This key is bound to one domain; ask for the phones of that domain.");
	e = domain_list(db, reseller, (struct page){ 0, 0 }, c->a, &domains, &n, err);
	out = json_array();
	for (i = 0; e == ERR_OK && i < n && page.limit > 0; i++) {
		struct phone_filter f = { .domain_id = domains[i].id };
		int64_t count = 0;
		size_t had = json_array_size(out);

		e = phone_count(db, &f, &count, err);
		if (e == ERR_OK && page.start < count)
			e = list_of(c, &f, &(struct phone_search){ .text = "" }, &domains[i], out, page, err);
		page.start = page.start > count ? page.start - count : 0;
		page.limit -= (int64_t)(json_array_size(out) - had);
	}
	if (e == ERR_OK)
		return call_ok(c, out, err);
	json_decref(out);
	return e;
}

enum err_code phones_count(struct call *c, struct err *err)
{
	struct phone_filter f;
	struct phone_search by;
	struct db *db;
	int64_t n;
	enum err_code e = filter_of(c, &f, err);

	if (e || (e = search_of(c, &by, err)) || (e = call_db(c, &db, err)))
		return e;
	e = searched(&by) ? phone_find_count(db, &f, &by, c->a, &n, err) : phone_count(db, &f, &n, err);
	return e ? e : call_count(c, n, err);
}

enum err_code phones_get(struct call *c, struct err *err)
{
	struct phone_row row;
	struct db *db;
	enum err_code e = call_phone(c, &row, err);

	if (e || (e = call_db(c, &db, err)))
		return e;
	return call_ok(c, phone_shape(c, db, &c->domain, &row, err), err);
}

/* ---- writing ---- */

struct change {
	struct call *call;
	struct phone_row row, before;
	struct phone_lines lines;
	bool set_lines, want_token, want_pair;
	const json_t *encrypt; /* NULL: as it is */
	const char *was;       /* for the audit log */
	struct phone_access access;
};

/* What the audit log keeps of a phone: what an admin sets, its lines among it. */
static const char *audit_of(struct call *c, struct db *db, const struct mac *mac)
{
	struct phone_row row;
	struct line_row *lines;
	size_t n, i;
	json_t *v, *list;

	if (phone_load(db, mac, c->a, &row, NULL) || line_list(db, row.id, c->a, &lines, &n, NULL))
		return "";
	list = json_array();
	for (i = 0; i < n; i++)
		json_array_append_new(list, json_pack("{s:I, s:s, s:b}", "slot", (json_int_t)lines[i].slot, "device",
						    lines[i].device, "shared", (int)lines[i].shared));
	v = json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:o}", "device-models-model", row.model, "site", row.site,
		"notes", row.notes, "device-provisioning-sip-transport-protocol", row.transport, "state",
		phone_state_words[row.state], "encrypt-files", (int)secret_set(&row.file_key), "lines", list);
	return call_text(c, v);
}

static enum err_code read_model(struct call *c, json_t *body, struct phone_row *row, struct err *err)
{
	const struct profile *pf;
	const char *text;
	enum err_code e = patch_text(body, "device-models-brand-and-model", 64, c->a, &text, err);

	if (e == ERR_OK && text == NULL)
		e = patch_text(body, "device-models-model", 64, c->a, &text, err);
	if (e || text == NULL)
		return e;
	pf = phone_model_of(c->api->conf.catalog, text);
	if (pf == NULL || pf->softphone)
		return err_set(err, ERR_INPUT,
			"\"%.60s\" is no phone model that this version knows; GET /phones/models lists them", text);
	if (row->id && strcmp(row->model, pf->id) != 0)
		return err_set(
			err, ERR_CONFLICT, "The model of a phone does not change; another phone has another MAC.");
	row->model = pf->id;
	return ERR_OK;
}

/* Everything but the MAC. What is read-only in the answers may come back unchanged: it is not looked at. */
static enum err_code read_body(struct call *c, json_t *body, struct change *ch, struct err *err)
{
	json_t *mine = json_object(), *v;
	enum transport transport;
	size_t i;
	enum err_code e = phone_lines_read(c, body, ch->row.id, &ch->lines, &ch->set_lines, err);

	if (e == ERR_OK)
		e = phone_lines_may(c, ch->row.id, &ch->lines, err);
	ch->encrypt = json_object_get(body, "encrypt-files");
	if (e == ERR_OK && ch->encrypt && !json_is_boolean(ch->encrypt))
		e = err_set(err, ERR_INPUT, "encrypt-files must be true or false");
	for (i = 0; e == ERR_OK && i < FIELDS; i++)
		if ((v = json_object_get(body, fields[i].name)))
			json_object_set(mine, fields[i].name, v);
	if (e == ERR_OK)
		e = patch_row(mine, fields, FIELDS, c->a, &ch->row, err);
	json_decref(mine);
	if (e || (e = read_model(c, body, &ch->row, err)) || (e = call_site_given(c, body, &ch->row.site_id, err)))
		return e;
	if (ch->row.transport && *ch->row.transport && !transport_parse(ch->row.transport, &transport))
		return err_set(err, ERR_INPUT, "device-provisioning-sip-transport-protocol must be udp, tcp or tls");
	return ERR_OK;
}

/* Encrypted files on or off, in the transaction. The generation that follows is the first whose file carries the key.
 */
static enum err_code switch_encryption(struct change *ch, struct inventory *in, const struct mac *mac, struct err *err)
{
	struct phone_row row;
	enum err_code e;

	if (ch->encrypt == NULL)
		return ERR_OK;
	if ((e = phone_load(in->db, mac, in->arena, &row, err)))
		return e;
	return json_is_true(ch->encrypt) ? filekey_on(in, &row, err) : filekey_off(in, &row, err);
}

static enum err_code add_fn(struct txn *t, void *arg, struct err *err)
{
	struct change *ch = arg;
	struct call *c = ch->call;
	struct inventory in = call_inventory(c, t->db, "add");
	struct phone_row row = ch->row;
	char mac[MAC_TEXT];
	enum err_code e = inventory_phone_add(&in, &row, ch->lines.lines, ch->lines.n, err);

	if (e == ERR_OK)
		e = switch_encryption(ch, &in, &row.mac, err);
	if (e == ERR_OK)
		e = filekey_since(&in, &row.mac, err);
	if (e == ERR_OK && (ch->want_token || ch->want_pair))
		e = phone_access_open(c, t->db, &row.mac, ch->want_token, ch->want_pair, &ch->access, err);
	return e ? e
		 : call_audit(
			   c, t->db, "phone-add", "", mac_text(&row.mac, mac), NULL, audit_of(c, t->db, &row.mac), err);
}

static enum err_code reload(struct call *c, struct change *ch, json_t **out, struct err *err)
{
	struct db *db;
	enum err_code e = call_db(c, &db, err);

	if (c->api->conf.changed)
		c->api->conf.changed(c->api->conf.changed_arg, &ch->row.mac);
	if (e || (e = phone_load(db, &ch->row.mac, c->a, &ch->row, err)))
		return e;
	*out = phone_shape(c, db, &c->domain, &ch->row, err);
	return *out ? ERR_OK : err->code;
}

enum err_code phone_add_body(struct call *c, json_t *body, struct err *err)
{
	struct change ch = { .call = c, .row = { .notes = "", .transport = "", .extra = "" } };
	const char *text;
	char mac[MAC_TEXT];
	json_t *out;
	enum err_code e = *request_param(c->rq, "domain") ? call_domain(c, err) : call_domain_given(c, body, err);

	if (e || (e = phone_fields_take(c, body, &ch.row.extra, err)) ||
		(e = patch_text(body, "device-provisioning-mac-address", 20, c->a, &text, err)))
		return e;
	if (text == NULL || !mac_parse(slice_str(text), &ch.row.mac))
		return err_set(err, ERR_INPUT, "device-provisioning-mac-address must be 12 hexadecimal digits");
	ch.row.domain_id = c->domain.id;
	if (c->who->scope & (SCOPE_SITE | SCOPE_FIELD))
		ch.row.site_id = principal_own_site(c->who);
	ch.want_pair = json_is_true(json_object_get(body, "pair"));
	/* Asked for, it is refused where it is off; not asked for, it is left out. */
	ch.want_token = json_is_true(json_object_get(body, "token")) ||
			((ch.want_pair || !json_is_false(json_object_get(body, "token"))) && phone_address_on(c));
	if ((e = read_body(c, body, &ch, err)))
		return e;
	if (ch.row.model == NULL)
		return err_set(err, ERR_INPUT, "\"device-models-brand-and-model\" is missing");
	if ((e = call_write(c, add_fn, &ch, err)) || (e = reload(c, &ch, &out, err)))
		return e;
	if (ch.want_token || ch.want_pair)
		json_object_set_new(out, "first-access", phone_access_shape(c, &ch.access));
	return call_created(c,
		arena_printf(
			c->a, "%s/domains/%s/phones/%s", c->rq->prefix, c->domain.name, mac_text(&ch.row.mac, mac)),
		out, err);
}

enum err_code phones_add(struct call *c, struct err *err)
{
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	return e ? e : phone_add_body(c, body, err);
}

/* Notes and the fields of API clients stand in no file: nobody's phone is told for them. */
static bool file_changes(const struct change *ch)
{
	return (ch->encrypt && json_is_true(ch->encrypt) != secret_set(&ch->before.file_key)) ||
	       ch->row.site_id != ch->before.site_id || strcmp(ch->row.transport, ch->before.transport) != 0;
}

/* The phone as it is by now, with what was asked for: a reset or a move may have come in between. */
static enum err_code save_row(struct db *db, const struct change *ch, struct phone_row *row, struct err *err)
{
	enum err_code e = phone_by_id(db, ch->row.id, ch->call->a, row, err);

	if (e)
		return e;
	if (row->domain_id != ch->before.domain_id)
		return err_set(err, ERR_CONFLICT, "The phone has been moved meanwhile. Read it again.");
	if (strcmp(ch->row.notes, ch->before.notes) != 0)
		row->notes = ch->row.notes;
	if (strcmp(ch->row.transport, ch->before.transport) != 0)
		row->transport = ch->row.transport;
	if (strcmp(ch->row.extra, ch->before.extra) != 0)
		row->extra = ch->row.extra;
	if (ch->row.site_id != ch->before.site_id)
		row->site_id = ch->row.site_id;
	return phone_save(db, row, err);
}

static enum err_code save_fn(struct txn *t, void *arg, struct err *err)
{
	struct change *ch = arg;
	struct call *c = ch->call;
	struct inventory in = call_inventory(c, t->db, "edit");
	struct phone_row row;
	char mac[MAC_TEXT];
	enum err_code e = save_row(t->db, ch, &row, err);

	if (e == ERR_OK)
		e = switch_encryption(ch, &in, &row.mac, err);
	if (e == ERR_OK && ch->set_lines)
		e = inventory_phone_lines(&in, &row, ch->lines.lines, ch->lines.n, err);
	else if (e == ERR_OK && file_changes(ch))
		e = inventory_phone_changed(&in, &row.mac, err);
	if (e == ERR_OK)
		e = filekey_since(&in, &row.mac, err);
	return e ? e
		 : call_audit(c, t->db, "phone-change", "", mac_text(&row.mac, mac), ch->was,
			   audit_of(c, t->db, &row.mac), err);
}

enum err_code phones_set(struct call *c, struct err *err)
{
	struct change ch = { .call = c };
	struct db *db;
	json_t *body, *out;
	enum err_code e = call_body(c, &body, err);

	if (e || (e = call_phone_given(c, body, &ch.row, err)) || (e = call_db(c, &db, err)))
		return e;
	ch.before = ch.row;
	ch.was = audit_of(c, db, &ch.row.mac);
	if ((e = phone_fields_take(c, body, &ch.row.extra, err)) || (e = read_body(c, body, &ch, err)) ||
		(e = call_write(c, save_fn, &ch, err)) || (e = reload(c, &ch, &out, err)))
		return e;
	return call_changed(c, out, err);
}

/* ---- what can be asked of a phone ---- */

static enum err_code resync_one(struct txn *t, void *arg, struct err *err)
{
	struct change *ch = arg;
	char mac[MAC_TEXT];
	int64_t generation = 0;
	/* A phone that has acknowledged what is wanted is not told (a Yealink would restart), so what is wanted is new.
	 */
	enum err_code e = phone_bump(t->db, ch->row.id, &generation, err);

	mac_text(&ch->row.mac, mac);
	if (e == ERR_OK)
		e = outbox_put_once(t->db, "notify", mac, "{}", 0, NULL, err);
	return e ? e
		 : call_audit(ch->call, t->db, "phone-resync", "", mac, NULL,
			   call_text(ch->call, json_pack("{s:I}", "generation-wanted", (json_int_t)generation)), err);
}

static enum err_code resync_answer(struct call *c, void *arg, struct err *err)
{
	(void)arg;
	c->status = 202;
	c->out = json_pack("{s:i, s:s}", "code", 202, "message", "The phone is told.");
	return c->out ? ERR_OK : call_no_memory(err);
}

enum err_code phones_resync(struct call *c, struct err *err)
{
	struct change ch = { .call = c };
	enum err_code e = call_phone(c, &ch.row, err);

	return e ? e : call_write_answer(c, resync_one, resync_answer, &ch, err);
}

enum err_code phones_timeline(struct call *c, struct err *err)
{
	struct timeline_row *rows;
	struct phone_row row;
	struct page page;
	struct db *db;
	size_t i, n;
	json_t *out;
	enum err_code e = call_page(c, &page, err);

	if (e || (e = call_phone(c, &row, err)) || (e = call_db(c, &db, err)) ||
		(e = timeline_list(db, row.id, c->who->scope == SCOPE_SUPER ? 0 : row.domain_since_ms, page, c->a,
			 &rows, &n, err)))
		return e;
	out = json_array();
	for (i = 0; i < n; i++)
		json_array_append_new(
			out, json_pack("{s:o, s:s, s:s, s:I, s:I, s:I}", "timestamp-datetime",
				     shape_time(rows[i].at_ms), "event", rows[i].event, "detail", rows[i].detail,
				     "generation", (json_int_t)rows[i].generation, "handover",
				     (json_int_t)rows[i].record_id, "reset", (json_int_t)rows[i].job_id));
	return call_ok(c, out, err);
}
