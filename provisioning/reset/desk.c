#include "provisioning/reset/desk.h"

#include <stdlib.h>
#include <string.h>

#include "provisioning/reset/desk_parts.h"
#include "provisioning/reset/person.h"
#include "provisioning/reset/plan_rows.h"
#include "provisioning/store/override.h"

/* What a vacant phone's idle line shows: nobody's name, and no number that anybody could dial. */
#define IDLE_LABEL "Free"

const char *desk_text(const char *s)
{
	return s && *s ? s : NULL;
}

void desk_fill_server(const struct domain_row *dom, const char *transport, struct arena *a, struct account *acc)
{
	const char *colon = *dom->proxy == '[' ? strstr(dom->proxy, "]:") : strchr(dom->proxy, ':');

	if (colon && *colon == ']')
		colon++;
	acc->domain = dom->name;
	acc->server = desk_text(dom->sip_server);
	acc->port = (unsigned)dom->sip_port;
	if (!transport_parse(desk_text(transport) ? transport : dom->transport, &acc->transport))
		acc->transport = TRANSPORT_UDP;
	acc->voicemail = desk_text(dom->voicemail_number);
	acc->proxy = desk_text(dom->proxy);
	if (acc->proxy && colon) {
		acc->proxy = arena_strndup(a, dom->proxy, (size_t)(colon - dom->proxy));
		acc->proxy_port = (unsigned)strtoul(colon + 1, NULL, 10);
	}
}

static void fill_account(const struct line_row *line, const struct phone_row *row, const struct domain_row *dom,
	struct arena *a, struct account *acc)
{
	const char *name = person_name(a, line->first_name, line->last_name);
	bool idle = line->kind == DEVICE_IDLE;

	acc->slot = (unsigned)line->slot;
	acc->use = idle ? ACCOUNT_IDLE : ACCOUNT_LINE;
	acc->user = line->device;
	acc->password = line->password;
	acc->shared = line->shared;
	desk_fill_server(dom, row->transport, a, acc);
	if (idle) {
		acc->label = IDLE_LABEL;
		acc->voicemail = NULL;
		return;
	}
	acc->display_name = desk_text(name);
	acc->label = desk_text(line->label);
	if (acc->label == NULL)
		acc->label = acc->display_name ? acc->display_name : line->ext;
}

static enum err_code load_accounts(struct db *db, const struct phone_row *row, const struct domain_row *dom,
	struct arena *a, struct phone *out, struct err *err)
{
	struct line_row *lines;
	size_t n, i;
	enum err_code code = line_list(db, row->id, a, &lines, &n, err);

	if (code || row->state == PHONE_RETIRED)
		return code;
	out->accounts = arena_alloc(a, (n + 1) * sizeof(*out->accounts));
	if (out->accounts == NULL)
		return err_set(err, ERR_NOMEM, "There is no memory for the lines of a phone.");
	for (i = 0; i < n; i++)
		fill_account(&lines[i], row, dom, a, &out->accounts[i]);
	out->naccounts = n;
	return ERR_OK;
}

/* The label of a key that shows a user is made from his name each time, so it never outlives him. */
static enum err_code key_label(
	struct db *db, const struct key_row *row, struct arena *a, const char **out, struct err *err)
{
	struct user_row user;
	enum err_code code;

	*out = desk_text(row->label);
	if (row->own_label || row->ref_user_id == 0)
		return ERR_OK;
	code = user_by_id(db, row->ref_user_id, a, &user, err);
	if (code)
		return code;
	*out = desk_text(person_name(a, user.first_name, user.last_name));
	if (*out == NULL)
		*out = user.ext;
	return ERR_OK;
}

static enum err_code load_keys(
	struct db *db, const struct phone_row *row, struct arena *a, struct phone *out, struct err *err)
{
	struct key_row *keys;
	size_t n, i;
	enum err_code code = key_list(db, row->id, a, &keys, &n, err);

	if (code)
		return code;
	out->keys = arena_alloc(a, (n + 1) * sizeof(*out->keys));
	if (out->keys == NULL)
		return err_set(err, ERR_NOMEM, "There is no memory for the keys of a phone.");
	for (i = 0; i < n; i++) {
		struct key *k = &out->keys[i];

		k->module = (unsigned)keys[i].module;
		k->index = (unsigned)keys[i].place;
		k->type = keys[i].type;
		k->slot = (unsigned)keys[i].slot;
		k->value = desk_text(keys[i].value);
		k->pickup = desk_text(keys[i].pickup);
		k->owner = keys[i].owner;
		code = key_label(db, &keys[i], a, &k->label, err);
		if (code)
			return code;
	}
	out->nkeys = n;
	return ERR_OK;
}

static enum err_code load_overrides(
	struct db *db, const struct phone_row *row, struct arena *a, struct phone *out, struct err *err)
{
	struct override_place at = { row->brand, row->model, row->domain_id, row->site_id, row->id };
	struct override_row *rows;
	size_t n, i;
	enum err_code code = override_list_phone(db, &at, a, &rows, &n, err);

	if (code)
		return code;
	out->overrides = arena_alloc(a, (n + 1) * sizeof(*out->overrides));
	if (out->overrides == NULL)
		return err_set(err, ERR_NOMEM, "There is no memory for the overrides of a phone.");
	for (i = 0; i < n; i++)
		out->overrides[i] = (struct override){ rows[i].layer, rows[i].name, rows[i].value };
	out->noverrides = n;
	return ERR_OK;
}

static const char *with_slash(const char *url, struct arena *a)
{
	size_t n = url ? strlen(url) : 0;

	return n == 0 || url[n - 1] == '/' ? url : arena_printf(a, "%s/", url);
}

static void fill_phone(const struct desk_conf *conf, const struct phone_row *row, const struct domain_row *dom,
	const char *timezone, struct arena *a, struct phone *out)
{
	char mac[MAC_TEXT];

	out->mac = row->mac;
	out->model = row->model;
	out->generation = (uint64_t)row->wanted;
	out->domain = dom->name;
	out->timezone = desk_text(timezone);
	out->ntp = desk_text(dom->ntp) ? dom->ntp : desk_text(conf->ntp);
	out->language = desk_text(dom->language) ? dom->language : desk_text(conf->language);
	out->prov.url = desk_text(with_slash(conf->prov_url, a));
	out->prov.user = arena_strdup(a, mac_text(&row->mac, mac));
	out->prov.password = row->prov_password;
	out->admin_password = row->admin_password;
	out->user_password = row->user_password;
	out->ca_url = desk_text(conf->ca_url);
	out->poll_minutes = conf->poll_minutes;
	out->filler = row->prov_password;
	out->set.directory = true; /* a word at any layer switches it off */
	out->settled = row->contacts_since == 0;
}

enum err_code desk_load(struct db *db, const struct desk_conf *conf, const struct mac *mac, struct arena *a,
	struct phone *out, struct err *err)
{
	struct phone_row row;
	struct domain_row dom = { .name = "" }; /* a retired phone may outlive its domain */
	struct site_row site = { .timezone = "" };
	enum err_code code;

	memset(out, 0, sizeof(*out));
	if ((code = phone_load(db, mac, a, &row, err)) ||
		(row.domain_id && (code = domain_load(db, row.domain_id, a, &dom, err))) ||
		(row.site_id && (code = site_load(db, row.site_id, a, &site, err))))
		return code;
	fill_phone(conf, &row, &dom, *site.timezone ? site.timezone : dom.timezone, a, out);
	if ((code = load_accounts(db, &row, &dom, a, out, err)) || (code = load_overrides(db, &row, a, out, err)))
		return code;
	if (!phone_vacant(out)) /* the desk's keys sleep while nobody sits there */
		code = load_keys(db, &row, a, out, err);
	if (code)
		return code;
	return arena_failed(a) ? err_set(err, ERR_NOMEM, "There is no memory for the file of a phone.") : ERR_OK;
}
