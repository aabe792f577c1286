#include "provisioning/api/domain_mail.h"

#include <stdlib.h>
#include <string.h>

#include "provisioning/api/patch.h"
#include "provisioning/mail/address.h"
#include "provisioning/mail/mail.h"
#include "provisioning/reset/welcome.h"

#define MASK "***"

enum { HOST_MAX = 253, LOGIN_MAX = 254, PASSWORD_MAX = 255, PORT_MAX = 65535, PORT_TEXT_MAX = 8 };

static const char *const names[] = { "email-send-from-address", "email-send-smtp-hostname", "email-send-smtp-port",
	"email-send-smtp-username", "email-send-smtp-password" };
enum { FROM, HOST, PORT, LOGIN, PASSWORD, MEMBERS };

static enum err_code read_port(struct call *c, json_t *body, int64_t *port, struct err *err)
{
	json_t *v = json_object_get(body, names[PORT]);
	const char *text;
	enum err_code e;

	if (json_is_integer(v)) {
		*port = json_integer_value(v);
	} else {
		e = patch_text(body, names[PORT], PORT_TEXT_MAX, c->a, &text, err);
		if (e || text == NULL)
			return e;
		*port = 0;
		if (*text && (e = call_number(names[PORT], text, port, err)))
			return e;
	}
	return *port >= 0 && *port <= PORT_MAX
		       ? ERR_OK
		       : err_set(err, ERR_INPUT, "%s must be from 1 to %d", names[PORT], PORT_MAX);
}

static enum err_code read_members(struct call *c, json_t *body, struct domain_mail_row *row, struct err *err)
{
	const char *from, *host, *login, *password;
	enum err_code e;

	if ((e = patch_text(body, names[FROM], ADDRESS_MAX, c->a, &from, err)) ||
		(e = patch_text(body, names[HOST], HOST_MAX, c->a, &host, err)) ||
		(e = read_port(c, body, &row->port, err)) ||
		(e = patch_text(body, names[LOGIN], LOGIN_MAX, c->a, &login, err)) ||
		(e = patch_text(body, names[PASSWORD], PASSWORD_MAX, c->a, &password, err)))
		return e;
	row->from_address = from ? from : row->from_address;
	row->host = host ? host : row->host;
	row->login = login ? login : row->login;
	if (password && strcmp(password, MASK) != 0)
		row->password = *password ? secret_copy(c->a, slice_str(password)) : (struct secret){ 0 };
	else if (password && !secret_set(&row->password))
		return err_set(err, ERR_INPUT, "%s is " MASK ", and there is none that could stay", names[PASSWORD]);
	return ERR_OK;
}

static bool same_password(const struct domain_mail_row *a, const struct domain_mail_row *b)
{
	return secret_set(&a->password) == secret_set(&b->password) &&
	       (!secret_set(&a->password) || secret_eq(&a->password, &b->password));
}

static bool same(const struct domain_mail_row *a, const struct domain_mail_row *b)
{
	return same_password(a, b) && a->port == b->port && strcmp(a->from_address, b->from_address) == 0 &&
	       strcmp(a->host, b->host) == 0 && strcmp(a->login, b->login) == 0;
}

static bool host_fits(const char *host)
{
	return strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:") == strlen(host) &&
	       *host != '-';
}

/* Who may let this server talk to another one, and in whose name mails go out: that is not for those inside a domain.
 */
static enum err_code check(
	struct call *c, const struct domain_mail_row *had, const struct domain_mail_row *row, struct err *err)
{
	const struct mail_conf *conf = mail_conf(c->api->conf.reset->mail);
	enum err_code e;

	if (!(c->who->scope & SCOPE_ADMINS))
		return err_set(err, ERR_FORBIDDEN, "Only a Reseller sets where a domain's mails come from and go out.");
	if (*row->from_address && (e = address_check(names[FROM], row->from_address, err)))
		return e;
	if (!host_fits(row->host))
		return err_set(err, ERR_INPUT, "%s \"%.60s\" is no host name", names[HOST], row->host);
	if (*row->host && strcmp(had->host, row->host) != 0 && conf->domain_servers == DOMAIN_SERVERS_NONE)
		return err_set(err, ERR_FORBIDDEN,
			"This server sends all mail by its own mail server; its operator can allow others with [mail] "
			"domain-servers.");
	if (*row->host && *row->from_address == '\0' && *conf->from == '\0')
		return err_set(err, ERR_INPUT, "%s is missing: nobody knows whom the mails come from", names[FROM]);
	if (*row->login && !secret_set(&row->password))
		return err_set(err, ERR_INPUT, "%s is missing beside %s", names[PASSWORD], names[LOGIN]);
	return ERR_OK;
}

enum err_code domain_mail_read(
	struct call *c, json_t *body, struct domain_mail_row *row, bool *changed, struct err *err)
{
	struct domain_mail_row had = { 0 };
	struct db *db;
	size_t i;
	enum err_code e = call_db(c, &db, err);

	if (e == ERR_OK)
		e = domain_mail_load(db, c->domain.id, c->a, &had, err);
	*row = had;
	if (e || (e = read_members(c, body, row, err)))
		return e;
	for (i = 0; i < MEMBERS; i++)
		json_object_del(body, names[i]);
	*changed = !same(&had, row);
	return *changed ? check(c, &had, row, err) : ERR_OK;
}

enum err_code domain_mail_save(struct call *c, struct db *db, const struct domain_mail_row *row, struct err *err)
{
	struct way_out way;
	enum err_code e = domain_mail_put(db, row, err);

	if (e == ERR_OK)
		e = way_out_of(c->api->conf.reset, db, row->domain_id, c->a, &way, err);
	return e ? e : way_out_take(db, row->domain_id, way.lane, c->a, err);
}

void domain_mail_saved(struct call *c, int64_t domain_id)
{
	mail_lane_works(c->api->conf.reset->mail, domain_id);
}

json_t *domain_mail_shape(json_t *domain, const struct domain_mail_row *row)
{
	json_t *more = json_pack("{s:s, s:s, s:o, s:s, s:s}", names[FROM], row->from_address, names[HOST], row->host,
		names[PORT], row->port ? json_sprintf("%lld", (long long)row->port) : json_string(""), names[LOGIN],
		row->login, names[PASSWORD], secret_set(&row->password) ? MASK : "");

	if (domain == NULL || more == NULL || json_object_update(domain, more)) {
		json_decref(domain);
		domain = NULL;
	}
	json_decref(more);
	return domain;
}

json_t *domain_mail_audit(json_t *domain, const struct domain_mail_row *row, const struct domain_mail_row *before)
{
	json_t *v = domain_mail_shape(domain, row);

	if (before && secret_set(&row->password) && !same_password(row, before))
		json_object_set_new(v, names[PASSWORD], json_string("another one"));
	return v;
}
