/* Domains and their sites. */
#include <string.h>

#include "phonecfg/model/model.h"
#include "provisioning/api/calls.h"
#include "provisioning/api/patch.h"
#include "provisioning/reset/inventory.h"
#include "provisioning/store/number.h"

#define TEXT(name, member, max)                                                                                        \
	{                                                                                                              \
		name, JSON_TEXT, offsetof(struct domain_row, member), max, false                                       \
	}
#define SKIP(name)                                                                                                     \
	{                                                                                                              \
		name, JSON_TEXT, 0, 0, true                                                                            \
	}

static const struct patch_field fields[] = {
	TEXT("reseller", reseller, 64),
	TEXT("description", description, 255),
	TEXT("time-zone", timezone, 64),
	TEXT("language-token", language, 16),
	TEXT("caller-id-name", caller_id_name, 60),
	TEXT("caller-id-number", caller_id_number, 32),
	TEXT("sip-server", sip_server, 253),
	TEXT("sip-realm", realm, 253),
	TEXT("sip-proxy", proxy, 253),
	TEXT("device-provisioning-sip-transport-protocol", transport, 8),
	TEXT("voicemail-number", voicemail_number, 32),
	{ "sip-port", JSON_INT, offsetof(struct domain_row, sip_port), 65535, false },
	SKIP("domain"),
	SKIP("created-datetime"),
	SKIP("last-modified-datetime"),
};
enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

static const struct patch_field site_fields[] = {
	{ "site", JSON_TEXT, offsetof(struct site_row, name), 64, false },
	{ "time-zone", JSON_TEXT, offsetof(struct site_row, timezone), 64, false },
	{ "quiet-from-minutes", JSON_INT, offsetof(struct site_row, quiet_from_min), 1439, false },
	{ "quiet-to-minutes", JSON_INT, offsetof(struct site_row, quiet_to_min), 1439, false },
};
enum { SITE_FIELDS = sizeof(site_fields) / sizeof(site_fields[0]) };

/* ---- domains ---- */

static bool sees(const struct principal *p, const struct domain_row *d)
{
	if (p->scope == SCOPE_SUPER && !principal_bound(p))
		return true;
	if (p->domain_id == d->id)
		return true;
	return p->scope == SCOPE_RESELLER && !principal_bound(p) && *p->reseller &&
	       strcmp(p->reseller, d->reseller) == 0;
}

/* All that the caller sees; the store pages by reseller alone, so the caller's page is cut here. */
static enum err_code visible(struct call *c, struct domain_row **rows, size_t *n, struct err *err)
{
	struct db *db;
	size_t i, k = 0;
	enum err_code e = call_db(c, &db, err);

	if (e == ERR_OK)
		e = domain_list(db, NULL, (struct page){ 0, 0 }, c->a, rows, n, err);
	for (i = 0; e == ERR_OK && i < *n; i++)
		if (sees(c->who, &(*rows)[i]))
			(*rows)[k++] = (*rows)[i];
	*n = k;
	return e;
}

enum err_code domains_list(struct call *c, struct err *err)
{
	struct domain_row *rows;
	struct page page;
	size_t i, n;
	json_t *out;
	enum err_code e = call_page(c, &page, err);

	if (e || (e = visible(c, &rows, &n, err)))
		return e;
	out = json_array();
	for (i = (size_t)page.start; i < n && i < (size_t)(page.start + page.limit); i++)
		json_array_append_new(out, shape_domain(&rows[i]));
	return call_ok(c, out, err);
}

enum err_code domains_count(struct call *c, struct err *err)
{
	struct domain_row *rows;
	size_t n;
	enum err_code e = visible(c, &rows, &n, err);

	return e ? e : call_count(c, (int64_t)n, err);
}

enum err_code domains_get(struct call *c, struct err *err)
{
	enum err_code e = call_domain(c, err);

	return e ? e : call_ok(c, shape_domain(&c->domain), err);
}

/* Whose a domain is decides who reaches it: that is not for those inside. had: "" for a new domain. */
static enum err_code check_reseller(struct call *c, const struct domain_row *row, const char *had, struct err *err)
{
	const struct principal *p = c->who;

	if (p->scope == SCOPE_RESELLER && (*p->reseller == '\0' || strcmp(row->reseller, p->reseller) != 0))
		return err_set(err, ERR_FORBIDDEN, "A reseller's domains carry his own name as reseller.");
	if (strcmp(row->reseller, had) == 0 || (p->scope == SCOPE_SUPER && !principal_bound(p)))
		return ERR_OK;
	return p->scope == SCOPE_RESELLER && *had == '\0'
		       ? ERR_OK
		       : err_set(err, ERR_FORBIDDEN, "Only a Super User gives a domain to another reseller.");
}

static enum err_code check_row(struct call *c, const struct domain_row *row, const char *had, struct err *err)
{
	enum transport t;
	enum err_code e;

	if (!transport_parse(row->transport, &t))
		return err_set(err, ERR_INPUT, "device-provisioning-sip-transport-protocol must be udp, tcp or tls");
	e = inventory_domain_check(c->api->conf.reset, row, err);
	return e ? e : check_reseller(c, row, had, err);
}

static enum err_code check_name(const char *name, struct err *err)
{
	size_t n = name ? strlen(name) : 0;

	if (n == 0 || n > 253 || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-") != n || name[0] == '.' ||
		name[0] == '-' || strcmp(name, "count") == 0)
		return err_set(
			err, ERR_INPUT, "domain must be a host name in small letters, for example \"example.test\"");
	return ERR_OK;
}

static enum err_code add_fn(struct txn *t, void *arg, struct err *err)
{
	struct call *c = arg;
	struct domain_row row = c->domain;
	enum err_code e;

	row.id = 0;
	e = domain_add(t->db, &row, err);
	if (e == ERR_OK)
		e = domain_load(t->db, row.id, c->a, &row, err);
	if (e)
		return e;
	c->domain = row;
	return call_audit(c, t->db, "domain-add", "", row.name, NULL, call_text(c, shape_domain(&row)), err);
}

static enum err_code add_answer(struct call *c, void *arg, struct err *err)
{
	(void)arg;
	return call_created(
		c, arena_printf(c->a, "%s/domains/%s", c->rq->prefix, c->domain.name), shape_domain(&c->domain), err);
}

enum err_code domains_add(struct call *c, struct err *err)
{
	struct domain_row *row = &c->domain;
	const char *name;
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	*row = (struct domain_row){ .transport = "udp", .timezone = "UTC", .reseller = c->who->reseller };
	if (e || (e = patch_text(body, "domain", 253, c->a, &name, err)) || (e = check_name(name, err)) ||
		(e = patch_row(body, fields, FIELDS, c->a, row, err)))
		return e;
	row->name = name;
	if (row->realm == NULL || *row->realm == '\0')
		row->realm = c->api->conf.realm && *c->api->conf.realm ? c->api->conf.realm : name;
	e = check_row(c, row, "", err);
	return e ? e : call_write_answer(c, add_fn, add_answer, c, err);
}

struct change {
	struct call *call;
	struct domain_row row;
};

static enum err_code save_fn(struct txn *t, void *arg, struct err *err)
{
	struct change *ch = arg;
	struct call *c = ch->call;
	struct inventory in = { c->api->conf.reset, t->db, c->a, c->who->who, c->rq->peer->text, "edit" };
	enum err_code e = domain_save(t->db, &ch->row, err);

	if (e == ERR_OK)
		e = inventory_domain_changed(&in, ch->row.id, err);
	return e ? e
		 : call_audit(c, t->db, "domain-change", "", ch->row.name, call_text(c, shape_domain(&c->domain)),
			   call_text(c, shape_domain(&ch->row)), err);
}

enum err_code domains_set(struct call *c, struct err *err)
{
	struct change ch = { .call = c };
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	if (e || (e = call_domain(c, err)))
		return e;
	ch.row = c->domain;
	if ((e = patch_row(body, fields, FIELDS, c->a, &ch.row, err)) ||
		(e = check_row(c, &ch.row, c->domain.reseller, err)))
		return e;
	if (strcmp(ch.row.realm, c->domain.realm) != 0)
		return err_set(err, ERR_UNSUPPORTED,
			"The realm of a domain with devices cannot be changed in this version: every secret hangs on it.");
	e = call_write(c, save_fn, &ch, err);
	return e ? e : call_changed(c, shape_domain(&ch.row), err);
}

static enum err_code delete_fn(struct txn *t, void *arg, struct err *err)
{
	struct call *c = arg;
	const struct user_filter users = { .domain_id = c->domain.id };
	const struct phone_filter phones = { .domain_id = c->domain.id };
	const struct number_filter numbers = { .domain_id = c->domain.id };
	int64_t nusers, nphones, nnumbers;
	enum err_code e = user_count(t->db, &users, &nusers, err);

	if (e == ERR_OK)
		e = phone_count(t->db, &phones, &nphones, err);
	if (e == ERR_OK)
		e = number_count(t->db, &numbers, &nnumbers, err);
	if (e)
		return e;
	if (nusers || nphones)
		return err_set(err, ERR_CONFLICT,
			"%s still has %lld users and %lld phones; delete those first, so that every phone is blanked",
			c->domain.name, (long long)nusers, (long long)nphones);
	if (nnumbers)
		return err_set(err, ERR_CONFLICT, "%s still has %lld phone numbers; delete those first", c->domain.name,
			(long long)nnumbers);
	e = domain_delete(t->db, c->domain.id, err);
	return e ? e : call_audit(c, t->db, "domain-delete", "", c->domain.name, NULL, NULL, err);
}

enum err_code domains_delete(struct call *c, struct err *err)
{
	enum err_code e = call_domain(c, err);

	if (e == ERR_OK)
		e = call_write(c, delete_fn, c, err);
	return e ? e : call_deleted(c, err);
}

/* ---- sites ---- */

static json_t *shape_site(const struct site_row *s)
{
	return json_pack("{s:s, s:s, s:I, s:I, s:o}", "site", s->name, "time-zone", s->timezone, "quiet-from-minutes",
		(json_int_t)s->quiet_from_min, "quiet-to-minutes", (json_int_t)s->quiet_to_min, "created-datetime",
		shape_time(s->created_ms));
}

enum err_code sites_list(struct call *c, struct err *err)
{
	struct site_row *rows;
	struct db *db;
	size_t i, n;
	json_t *out;
	enum err_code e = call_domain(c, err);

	if (e || (e = call_db(c, &db, err)) || (e = site_list(db, c->domain.id, c->a, &rows, &n, err)))
		return e;
	out = json_array();
	for (i = 0; i < n; i++)
		if (principal_site(c->who, rows[i].id))
			json_array_append_new(out, shape_site(&rows[i]));
	return call_ok(c, out, err);
}

struct site_change {
	struct call *call;
	struct site_row row;
	bool gone;
};

static enum err_code site_fn(struct txn *t, void *arg, struct err *err)
{
	struct site_change *ch = arg;
	struct site_row row = ch->row;
	const char *action = ch->gone ? "site-delete" : row.id ? "site-change" : "site-add";
	enum err_code e = ch->gone ? site_delete(t->db, row.id, err)
			  : row.id ? site_save(t->db, &row, err)
				   : site_add(t->db, &row, err);

	return e ? e : call_audit(ch->call, t->db, action, "", row.name, NULL, NULL, err);
}

static enum err_code load_site(struct call *c, struct site_row *row, struct err *err)
{
	struct db *db;
	enum err_code e = call_domain(c, err);

	if (e == ERR_OK)
		e = call_db(c, &db, err);
	return e ? e : site_by_name(db, c->domain.id, request_param(c->rq, "site"), c->a, row, err);
}

static enum err_code read_site(struct call *c, struct site_row *row, struct err *err)
{
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	if (e == ERR_OK)
		e = patch_row(body, site_fields, SITE_FIELDS, c->a, row, err);
	if (e == ERR_OK && (row->name == NULL || *row->name == '\0'))
		return err_set(err, ERR_INPUT, "site must have a name");
	return e;
}

static enum err_code site_answer(struct call *c, void *arg, struct err *err)
{
	struct site_change *ch = arg;

	return call_created(c, NULL, shape_site(&ch->row), err);
}

enum err_code sites_add(struct call *c, struct err *err)
{
	struct site_change ch = { .call = c, .row = { .timezone = "", .quiet_from_min = 120, .quiet_to_min = 300 } };
	enum err_code e = call_domain(c, err);

	ch.row.domain_id = c->domain.id;
	if (e == ERR_OK)
		e = read_site(c, &ch.row, err);
	return e ? e : call_write_answer(c, site_fn, site_answer, &ch, err);
}

enum err_code sites_set(struct call *c, struct err *err)
{
	struct site_change ch = { .call = c };
	enum err_code e = load_site(c, &ch.row, err);

	if (e || (e = read_site(c, &ch.row, err)) || (e = call_write(c, site_fn, &ch, err)))
		return e;
	return call_changed(c, shape_site(&ch.row), err);
}

enum err_code sites_delete(struct call *c, struct err *err)
{
	struct site_change ch = { .call = c, .gone = true };
	enum err_code e = load_site(c, &ch.row, err);

	if (e == ERR_OK)
		e = call_write(c, site_fn, &ch, err);
	return e ? e : call_deleted(c, err);
}
