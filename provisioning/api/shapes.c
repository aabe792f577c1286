/* Rows as JSON. Names and words are those of NetSapiens' API v2 wherever it has the thing. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "provisioning/api/extra.h"
#include "provisioning/api/local.h"
#include "provisioning/conf/ways.h"

json_t *shape_time(int64_t ms)
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;
	char text[32];

	if (ms == 0 || gmtime_r(&t, &tm) == NULL || strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return json_null();
	return json_string(text);
}

json_t *shape_time_text(int64_t ms)
{
	return ms ? shape_time(ms) : json_string("");
}

json_t *shape_yes(bool yes)
{
	return json_string(yes ? "yes" : "no");
}

/* NULL when memory ran out. */
static json_t *with_extra(json_t *v, const struct extra_table *t, const char *text)
{
	if (v && extra_give(v, t, text))
		return v;
	json_decref(v);
	return NULL;
}

static json_t *shape_ways(int64_t off)
{
	json_t *list = json_array();
	unsigned n;

	for (n = 0; n < WAYS; n++)
		if ((off >> n & 1) == 0)
			json_array_append_new(list, json_string(way_word(n)));
	return list;
}

json_t *shape_domain(const struct domain_row *r)
{
	json_t *v = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:o, s:o, s:o}",
		"domain", r->name, "reseller", r->reseller, "description", r->description, "time-zone", r->timezone,
		"language-token", r->language, "caller-id-name", r->caller_id_name, "caller-id-number",
		r->caller_id_number, "sip-server", r->sip_server, "sip-port", (json_int_t)r->sip_port, "sip-realm",
		r->realm, "sip-proxy", r->proxy, "device-provisioning-sip-transport-protocol", r->transport,
		"voicemail-number", r->voicemail_number, "first-access-ways", shape_ways(r->ways_off),
		"created-datetime", shape_time(r->created_ms), "last-modified-datetime", shape_time(r->modified_ms));

	return with_extra(v, &extra_domain, r->extra);
}

json_t *shape_user(const struct user_row *u, const char *domain, const char *site)
{
	json_t *v = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "domain", domain, "user",
		u->ext, "name-first-name", u->first_name, "name-last-name", u->last_name, "login-username", u->login,
		"email-address", u->email, "user-scope", u->scope, "department", u->department, "site", site,
		"time-zone", u->timezone, "language-token", u->language, "account-status",
		user_status_words[u->status]);
	json_t *more = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:s, s:s, s:o, s:o}", "dial-plan",
		u->dial_plan, "dial-policy", u->dial_policy, "caller-id-number", u->caller_id_number, "caller-id-name",
		u->caller_id_name, "caller-id-number-emergency", u->emergency_number, "emergency-address-id",
		u->emergency_address, "voicemail-enabled", shape_yes(u->voicemail_enabled),
		"directory-name-visible-in-list-enabled", shape_yes(u->directory_visible), "voicemail-login-pin-set",
		shape_yes(secret_set(&u->voicemail_pin)), "email-send-alert-new-voicemail-behavior",
		*u->voicemail_email ? u->voicemail_email : "no", "email-send-alert-new-voicemail-cc-list-csv",
		u->voicemail_email_cc, "created-datetime", shape_time(u->created_ms), "last-modified-datetime",
		shape_time(u->modified_ms));

	if (v == NULL || more == NULL || json_object_update(v, more)) {
		json_decref(v);
		v = NULL;
	}
	json_decref(more);
	return with_extra(with_extra(v, &extra_user, u->extra), &extra_person, u->extra_person);
}

static const char *id_text(int64_t id, char out[24])
{
	snprintf(out, 24, "%lld", (long long)id);
	return out;
}

json_t *shape_sites(struct call *c, struct db *db, struct err *err)
{
	struct site_row *rows;
	size_t i, n;
	char id[24];
	json_t *v;

	if (site_list(db, c->domain.id, c->a, &rows, &n, err))
		return NULL;
	v = json_object();
	for (i = 0; v && i < n; i++)
		if (json_object_set_new(v, id_text(rows[i].id, id), json_string(rows[i].name))) {
			json_decref(v);
			v = NULL;
		}
	if (v == NULL)
		call_no_memory(err);
	return v;
}

const char *site_name(const json_t *sites, int64_t id)
{
	char text[24];
	const char *name = json_string_value(json_object_get(sites, id_text(id, text)));

	return name ? name : "";
}
