/* What this server works with, for people who ask why something is not proved or not sent. */
#include "provisioning/api/calls.h"
#include "provisioning/mail/mail.h"
#include "provisioning/registrar/registrar.h"
#include "provisioning/reset/reset.h"

static json_t *shape_registrar(const struct registrar *r)
{
	struct registrar_health health;

	if (r == NULL)
		return json_null();
	registrar_health(r, &health);
	return json_pack("{s:s, s:b, s:I, s:I}", "kind", r->ops->name, "answers", (int)!health.down, "asked",
		(json_int_t)health.asked, "failed", (json_int_t)health.failed);
}

static json_t *shape_mail(const struct mail *m)
{
	const struct mail_conf *conf = m ? mail_conf(m) : NULL;

	if (conf == NULL || conf->host == NULL || *conf->host == '\0')
		return json_null();
	return json_pack("{s:s, s:I, s:s}", "hostname", conf->host, "port", (json_int_t)conf->port, "from",
		conf->from ? conf->from : "");
}

enum err_code server_get(struct call *c, struct err *err)
{
	const struct reset *rs = c->api->conf.reset;

	return call_ok(c,
		json_pack("{s:s, s:s, s:o, s:o}", "version", REKEY_VERSION, "phones-url", c->api->conf.phones_url,
			"registrar", shape_registrar(rs->registrar), "mail", shape_mail(rs->mail)),
		err);
}
