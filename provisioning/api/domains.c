/* Domains. */
#include <string.h>

#include "phonecfg/model/model.h"
#include "provisioning/alert/alert.h"
#include "provisioning/api/calls.h"
#include "provisioning/api/domain_mail.h"
#include "provisioning/api/extra.h"
#include "provisioning/api/patch.h"
#include "provisioning/conf/ways.h"
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
	{ "caller-id-number", JSON_TEXT, offsetof(struct domain_row, caller_id_number), 32, false, true },
	TEXT("sip-server", sip_server, 253),
	TEXT("sip-realm", realm, 253),
	TEXT("sip-proxy", proxy, 253),
	TEXT("device-provisioning-sip-transport-protocol", transport, 8),
	TEXT("voicemail-number", voicemail_number, 32),
	{ "sip-port", JSON_INT, offsetof(struct domain_row, sip_port), 65535, false },
	SKIP("first-access-ways"),
	SKIP("domain"),
	SKIP("created-datetime"),
	SKIP("last-modified-datetime"),
};
enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

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
	struct domain_mail_row mail;
	struct db *db;
	enum err_code e = call_domain(c, err);

	if (e || (e = call_db(c, &db, err)) || (e = domain_mail_load(db, c->domain.id, c->a, &mail, err)))
		return e;
	return call_ok(c, domain_mail_shape(shape_domain(&c->domain), &mail), err);
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
	if ((e = call_zone_check(row->timezone, err)))
		return e;
	e = inventory_domain_check(c->api->conf.reset, row, err);
	return e ? e : check_reseller(c, row, had, err);
}

/* The ways that are on; the row has those that are off. */
static enum err_code read_ways(json_t *list, struct domain_row *row, struct err *err)
{
	unsigned on = 0;
	size_t i;
	json_t *v;

	if (list == NULL)
		return ERR_OK;
	if (!json_is_array(list))
		return err_set(err, ERR_INPUT,
			"first-access-ways must be a list of the words certificate, token and pairing; [] = none of them");
	json_array_foreach (list, i, v) {
		const char *word = json_is_string(v) ? json_string_value(v) : "";
		unsigned way = way_parse(slice_str(word));

		if (way == 0)
			return err_set(err, ERR_INPUT,
				"first-access-ways: \"%.40s\" is no way of first access; they are certificate, token and pairing",
				word);
		on |= way;
	}
	row->ways_off = WAYS_ALL & ~on;
	return ERR_OK;
}

static enum err_code read_body(struct call *c, json_t *body, struct domain_row *row, struct err *err)
{
	enum err_code e = extra_take(c, body, &extra_domain, &row->extra, err);

	if (e == ERR_OK)
		e = read_ways(json_object_get(body, "first-access-ways"), row, err);
	return e ? e : patch_row(body, fields, FIELDS, c->a, row, err);
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

struct change {
	struct call *call;
	struct domain_row row;
	struct domain_mail_row mail;
	bool mail_changed;
};

static enum err_code save_mail(struct change *ch, struct db *db, struct err *err)
{
	if (!ch->mail_changed)
		return ERR_OK;
	ch->mail.domain_id = ch->row.id;
	return domain_mail_save(ch->call, db, &ch->mail, err);
}

static const char *text_of(struct change *ch, const struct domain_row *row)
{
	return call_text(ch->call, shape_domain(row));
}

/* What the audit log keeps; without where mails go out unless that changes. */
static const char *audit_of(struct change *ch, const struct domain_row *row, const struct domain_mail_row *mail,
	const struct domain_mail_row *mail_before)
{
	return ch->mail_changed ? call_text(ch->call, domain_mail_audit(shape_domain(row), mail, mail_before))
				: text_of(ch, row);
}

static enum err_code add_fn(struct txn *t, void *arg, struct err *err)
{
	struct change *ch = arg;
	struct call *c = ch->call;
	struct domain_row row = ch->row;
	enum err_code e;

	row.id = 0;
	e = domain_add(t->db, &row, err);
	if (e == ERR_OK)
		e = domain_load(t->db, row.id, c->a, &row, err);
	if (e)
		return e;
	ch->row = c->domain = row;
	e = save_mail(ch, t->db, err);
	return e ? e : call_audit(c, t->db, "domain-add", "", row.name, NULL, audit_of(ch, &row, &ch->mail, NULL), err);
}

static enum err_code add_answer(struct call *c, void *arg, struct err *err)
{
	struct change *ch = arg;

	return call_created(c, arena_printf(c->a, "%s/domains/%s", c->rq->prefix, ch->row.name),
		domain_mail_shape(shape_domain(&ch->row), &ch->mail), err);
}

enum err_code domains_add(struct call *c, struct err *err)
{
	struct change ch = { .call = c,
		.row = { .transport = "udp", .timezone = "UTC", .reseller = c->who->reseller } };
	struct domain_row *row = &ch.row;
	const char *name;
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	if (e || (e = patch_text(body, "domain", 253, c->a, &name, err)) || (e = check_name(name, err)) ||
		(e = domain_mail_read(c, body, &ch.mail, &ch.mail_changed, err)) || (e = read_body(c, body, row, err)))
		return e;
	row->name = name;
	if (row->realm == NULL || *row->realm == '\0')
		row->realm = c->api->conf.realm && *c->api->conf.realm ? c->api->conf.realm : name;
	e = check_row(c, row, "", err);
	return e ? e : call_write_answer(c, add_fn, add_answer, &ch, err);
}

/* Where mails go out, and how a phone first gets in, is nothing to one that is in. */
static bool phones_care(struct change *ch)
{
	struct domain_row row = ch->row;

	row.ways_off = ch->call->domain.ways_off;
	return strcmp(text_of(ch, &ch->call->domain), text_of(ch, &row)) != 0;
}

static bool ways_changed(const struct change *ch)
{
	return ch->row.ways_off != ch->call->domain.ways_off;
}

static enum err_code save_fn(struct txn *t, void *arg, struct err *err)
{
	struct change *ch = arg;
	struct call *c = ch->call;
	struct inventory in = { c->api->conf.reset, t->db, c->a, c->who->who, c->rq->peer->text, "edit" };
	bool care = phones_care(ch);
	struct domain_mail_row had;
	struct domain_row now = { 0 };
	enum err_code e = domain_mail_load(t->db, ch->row.id, c->a, &had, err);

	if (e == ERR_OK)
		e = domain_load(t->db, ch->row.id, c->a, &now, err);
	if (e == ERR_OK && !ways_changed(ch))
		ch->row.ways_off = now.ways_off; /* somebody else may have closed one meanwhile */
	if (e == ERR_OK && (care || ways_changed(ch)))
		e = domain_save(t->db, &ch->row, err);
	if (e == ERR_OK && care)
		e = inventory_domain_changed(&in, ch->row.id, err);
	if (e == ERR_OK)
		e = save_mail(ch, t->db, err);
	return e ? e
		 : call_audit(c, t->db, ch->mail_changed ? "domain-mail-change" : "domain-change", "", ch->row.name,
			   audit_of(ch, &c->domain, &had, NULL), audit_of(ch, &ch->row, &ch->mail, &had), err);
}

enum err_code domains_set(struct call *c, struct err *err)
{
	struct change ch = { .call = c };
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	if (e || (e = call_domain(c, err)) || (e = domain_mail_read(c, body, &ch.mail, &ch.mail_changed, err)))
		return e;
	ch.row = c->domain;
	if ((e = read_body(c, body, &ch.row, err)) || (e = check_row(c, &ch.row, c->domain.reseller, err)))
		return e;
	if (strcmp(ch.row.realm, c->domain.realm) != 0)
		return err_set(err, ERR_UNSUPPORTED,
			"The realm of a domain with devices cannot be changed in this version: every secret hangs on it.");
	e = call_write(c, save_fn, &ch, err);
	if (e)
		return e;
	if (ways_changed(&ch) && c->api->conf.domain_changed)
		c->api->conf.domain_changed(c->api->conf.changed_arg, ch.row.id);
	if (ch.mail_changed)
		domain_mail_saved(c, ch.row.id);
	return call_changed(c, domain_mail_shape(shape_domain(&ch.row), &ch.mail), err);
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
		e = phone_outlive(t->db, c->domain.id, err);
	if (e == ERR_OK)
		e = phone_count(t->db, &phones, &nphones, err);
	if (e == ERR_OK)
		e = number_count(t->db, &numbers, &nnumbers, err);
	if (e)
		return e;
	if (nusers || nphones)
		return err_set(err, ERR_CONFLICT,
			"%s still has %lld users and %lld phones; delete those first, so that every phone is blanked. A retired phone counts until its last handover has ended.",
			c->domain.name, (long long)nusers, (long long)nphones);
	if (nnumbers)
		return err_set(err, ERR_CONFLICT, "%s still has %lld phone numbers; delete those first", c->domain.name,
			(long long)nnumbers);
	e = alert_end_domain(t->db, c->domain.id, "the domain was deleted", err);
	if (e == ERR_OK)
		e = domain_delete(t->db, c->domain.id, err);
	return e ? e
		 : call_audit(c, t->db, "domain-delete", "", c->domain.name, call_text(c, shape_domain(&c->domain)),
			   NULL, err);
}

enum err_code domains_delete(struct call *c, struct err *err)
{
	enum err_code e = call_domain(c, err);

	if (e == ERR_OK)
		e = call_write(c, delete_fn, c, err);
	return e ? e : call_deleted(c, err);
}
