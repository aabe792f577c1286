/* Acrobits and Zoiper: one reply at one address is one configuration (vendor documentation, vendor's provisioning
 * example). What they do with a node that a later reply leaves out or empties is not published: see the switches. Names
 * here are "account/title" and, by an account's identifier, "accounts/rekey-1/username". */
#include <stdio.h>
#include <string.h>

#include "phonecfg/handset/internal.h"

static const char *value(const struct handset *hs, const char *name)
{
	const char *v = hs_get(hs, HANDSET_FILE, name);

	return v ? v : "";
}

/* ---- one account ---- */

struct taking {
	const char *file;
	bool omission_keeps, empty_keeps;
};

static bool named_below(const char *key, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(key, prefix, n) == 0 && strchr(key + n, '/') == NULL;
}

static bool has_node(xmlNode *account, const char *name)
{
	for (xmlNode *e = xmlFirstElementChild(account); e; e = xmlNextElementSibling(e))
		if (hs_xml_is(e, name))
			return true;
	return false;
}

static enum err_code take_node(
	struct handset *hs, const struct taking *t, const char *prefix, xmlNode *node, struct err *err)
{
	const char *text = hs_xml_text(&hs->arena, node);
	char key[HS_NAME_MAX];

	if (!text)
		return err_set(err, ERR_NOMEM, "no memory left for a softphone's file");
	snprintf(key, sizeof(key), "%s%s", prefix, (const char *)node->name);
	if (*text)
		return hs_put(hs, HANDSET_FILE, slice_str(key), slice_str(text), t->file, err);
	if (!t->empty_keeps)
		hs_drop(hs, HANDSET_FILE, key);
	return ERR_OK;
}

/* Nodes that have nodes of their own (codecs, STUN) carry no person and are not kept here. */
static enum err_code take_account(
	struct handset *hs, const struct taking *t, const char *prefix, xmlNode *account, struct err *err)
{
	const struct map *m = &hs->layers[HANDSET_FILE];
	enum err_code rc = ERR_OK;

	for (size_t i = 0; !t->omission_keeps && i < m->count; i++) {
		const char *key = m->entries[i].key;
		if (named_below(key, prefix) && !has_node(account, key + strlen(prefix)))
			hs_drop(hs, HANDSET_FILE, key);
	}
	for (xmlNode *e = xmlFirstElementChild(account); e && !rc; e = xmlNextElementSibling(e)) {
		if (!xmlFirstElementChild(e))
			rc = take_node(hs, t, prefix, e, err);
	}
	return rc;
}

/* ---- what both have ---- */

/* Its one address, and only a 2xx counts; the rest stops with an error. */
static enum err_code pull_one(struct handset *hs, struct hs_fetch *f, const char *at,
	enum err_code (*apply)(struct handset *, const char *, struct slice, struct err *), struct err *err)
{
	const char *file = arena_strdup(&hs->arena, at);
	enum err_code rc = ERR_OK;

	if (!file)
		return err_set(err, ERR_NOMEM, "no memory left for a softphone's address");
	if (hs_fetch(hs, f, file, &rc, err))
		rc = apply(hs, file, buf_view(&f->body), err);
	return rc;
}

static enum err_code end(struct handset *hs, struct err *err)
{
	(void)hs;
	(void)err;
	return ERR_OK;
}

static enum err_code set_local(struct handset *hs, const char *name, const char *v, bool web, struct err *err)
{
	(void)web;
	return hs_put(hs, HANDSET_FILE, slice_str(name), slice_str(v), NULL, err);
}

static bool keys(const struct handset *hs, struct arena *a, struct handset_key **v, size_t *n, size_t *cap)
{
	(void)hs;
	(void)a;
	(void)v;
	(void)n;
	(void)cap;
	return true;
}

/* No handling of a NOTIFY is documented; a client that knows no such package says 489 (RFC 6665 section 4.2.1.1). */
static void notify(const struct handset *hs, struct slice package, struct slice params, struct handset_reaction *out)
{
	(void)hs;
	(void)package;
	(void)params;
	out->status = 489;
}

/* "host:port" -> its parts. */
static const char *host_of(struct arena *a, const char *text, unsigned *port)
{
	struct slice s = slice_str(text), host;

	*port = 0;
	if (s.n && *s.p == '[') {
		host = slice_cut(&s, ']');
		host.n = (size_t)(host.p - text) + host.n + 1;
		slice_cut(&s, ':');
	} else {
		host = slice_cut(&s, ':');
	}
	if (s.n)
		*port = hs_unsigned(s.p, 0, 65535);
	return arena_slice(a, host);
}

/* RFC 6761 section 6.4: no name below .invalid resolves, so nothing is ever sent there. */
static bool leads_nowhere(const char *host)
{
	return !*host || slice_ends(slice_str(host), ".invalid");
}

static bool fill_line(struct handset_line *out, struct arena *a, const char *user, const char *auth_user,
	const char *password, const char *host, const char *proxy)
{
	if (!*user || leads_nowhere(host_of(a, host, &out->port)))
		return false;
	out->user = user;
	out->auth_user = auth_user;
	out->domain = out->server = host_of(a, host, &out->port);
	out->secret = (struct secret){ password, strlen(password) };
	if (*proxy)
		out->proxy = host_of(a, proxy, &out->proxy_port);
	return !arena_failed(a);
}

/* ---- Acrobits ---- */

/* "make sure it's not empty, otherwise the account validation will fail and the account won't be saved" */
static bool title_is_empty(struct handset *hs, xmlNode *root)
{
	for (xmlNode *e = xmlFirstElementChild(root); e; e = xmlNextElementSibling(e)) {
		const char *text = hs_xml_is(e, "title") ? hs_xml_text(&hs->arena, e) : NULL;
		if (text && !*text)
			return true;
	}
	return false;
}

static enum err_code acrobits_apply(struct handset *hs, const char *file, struct slice body, struct err *err)
{
	const struct taking t = { file, hs->rules.acrobits_omission_keeps, hs->rules.acrobits_empty_keeps };
	xmlDoc *doc = hs_xml(body);
	xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
	enum err_code rc;

	if (!root || !hs_xml_is(root, "account"))
		rc = hs_step(hs, file, 200, HANDSET_REFUSED, "no account of this program", err);
	else if (title_is_empty(hs, root))
		rc = hs_step(hs, file, 200, HANDSET_REFUSED, "an account without a title is not saved", err);
	else if ((rc = take_account(hs, &t, "account/", root, err)) == ERR_OK)
		rc = hs_step(hs, file, 200, HANDSET_APPLIED, "", err);
	xmlFreeDoc(doc);
	return rc;
}

/* The address that an account names stands over the one of the app's own build. */
static enum err_code acrobits_pull(struct handset *hs, struct hs_fetch *f, struct err *err)
{
	const char *url = value(hs, "account/extProvUrl");

	return pull_one(hs, f, *url ? url : "acrobits.xml", acrobits_apply, err);
}

static bool acrobits_line(const struct handset *hs, unsigned slot, struct arena *a, struct handset_line *out)
{
	const char *transport = value(hs, "account/transport");

	if (slot != 1 || !fill_line(out, a, value(hs, "account/username"), value(hs, "account/authUsername"),
				 value(hs, "account/password"), value(hs, "account/host"), value(hs, "account/proxy")))
		return false;
	out->label = value(hs, "account/title");
	out->display_name = value(hs, "account/userDisplayName");
	out->transport = strncmp(transport, "tls", 3) == 0 ? HANDSET_TLS
			 : strcmp(transport, "tcp") == 0   ? HANDSET_TCP
							   : HANDSET_UDP;
	out->expires_s = hs_unsigned(value(hs, "account/expires"), 600, 2147483647);
	return true;
}

static void acrobits_credentials(const struct handset *hs, struct handset_credentials *out)
{
	out->url = value(hs, "account/extProvUrl");
}

/* ---- Zoiper ---- */

/* Accounts that the reply does not name go, by the plain reading: "accounts" holds each provisioned one. */
static void drop_others(struct handset *hs, xmlNode *accounts)
{
	const struct map *m = &hs->layers[HANDSET_FILE];
	char prefix[HS_NAME_MAX];
	size_t i;

	for (i = 0; i < m->count; i++) {
		bool named = false;
		for (xmlNode *e = xmlFirstElementChild(accounts); e && !named; e = xmlNextElementSibling(e)) {
			for (xmlNode *id = xmlFirstElementChild(e); id; id = xmlNextElementSibling(id)) {
				const char *text = hs_xml_is(id, "ident") ? hs_xml_text(&hs->arena, id) : NULL;
				snprintf(prefix, sizeof(prefix), "accounts/%s/", text ? text : "");
				named = named || (text && named_below(m->entries[i].key, prefix));
			}
		}
		if (!named)
			hs_drop(hs, HANDSET_FILE, m->entries[i].key);
	}
}

static enum err_code zoiper_take(struct handset *hs, const char *file, xmlNode *accounts, struct err *err)
{
	const struct taking t = { file, hs->rules.zoiper_omission_keeps, hs->rules.zoiper_empty_keeps };
	char prefix[HS_NAME_MAX];
	enum err_code rc = ERR_OK;

	if (!hs->rules.zoiper_others_stay)
		drop_others(hs, accounts);
	for (xmlNode *e = xmlFirstElementChild(accounts); e && !rc; e = xmlNextElementSibling(e)) {
		const char *ident = NULL;
		for (xmlNode *id = xmlFirstElementChild(e); id; id = xmlNextElementSibling(id))
			if (hs_xml_is(id, "ident"))
				ident = hs_xml_text(&hs->arena, id);
		if (!ident || !*ident || !hs_xml_is(e, "account"))
			continue;
		snprintf(prefix, sizeof(prefix), "accounts/%s/", ident);
		rc = take_account(hs, &t, prefix, e, err);
	}
	return rc;
}

static enum err_code zoiper_apply(struct handset *hs, const char *file, struct slice body, struct err *err)
{
	xmlDoc *doc = hs_xml(body);
	xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL, *accounts = NULL;
	enum err_code rc;

	if (root && hs_xml_is(root, "options"))
		for (accounts = xmlFirstElementChild(root); accounts && !hs_xml_is(accounts, "accounts");)
			accounts = xmlNextElementSibling(accounts);
	if (!accounts)
		rc = hs_step(hs, file, 200, HANDSET_REFUSED, "no accounts of this program", err);
	else if ((rc = zoiper_take(hs, file, accounts, err)) == ERR_OK)
		rc = hs_step(hs, file, 200, HANDSET_APPLIED, "", err);
	xmlFreeDoc(doc);
	return rc;
}

static enum err_code zoiper_pull(struct handset *hs, struct hs_fetch *f, struct err *err)
{
	return pull_one(hs, f, "zoiper.xml", zoiper_apply, err);
}

static const char *zoiper_node(const struct handset *hs, unsigned slot, const char *node)
{
	return hs_valuef(hs, "accounts/rekey-%u/%s", slot, node);
}

static bool zoiper_line(const struct handset *hs, unsigned slot, struct arena *a, struct handset_line *out)
{
	const char *transport = zoiper_node(hs, slot, "SIP_transport_type");
	bool proxied = hs_true(zoiper_node(hs, slot, "SIP_use_outbound_proxy"));

	if (strcmp(zoiper_node(hs, slot, "register_on_startup"), "false") == 0 ||
		!fill_line(out, a, zoiper_node(hs, slot, "username"), zoiper_node(hs, slot, "SIP_auth_username"),
			zoiper_node(hs, slot, "password"), zoiper_node(hs, slot, "SIP_domain"),
			proxied ? zoiper_node(hs, slot, "SIP_outbound_proxy") : ""))
		return false;
	out->label = zoiper_node(hs, slot, "name");
	out->display_name = zoiper_node(hs, slot, "SIP_callerId");
	out->transport = strcmp(transport, "TLS") == 0   ? HANDSET_TLS
			 : strcmp(transport, "TCP") == 0 ? HANDSET_TCP
							 : HANDSET_UDP;
	out->expires_s = hs_unsigned(zoiper_node(hs, slot, "reregistration_time"), 600, 2147483647);
	return true;
}

/* The provider's address is part of the app; the person's login for it is no part of the file. */
static void zoiper_credentials(const struct handset *hs, struct handset_credentials *out)
{
	(void)hs;
	(void)out;
}

const struct hs_ops hs_acrobits = { acrobits_pull, acrobits_apply, end, NULL, value, set_local, NULL, acrobits_line,
	keys, acrobits_credentials, notify };
const struct hs_ops hs_zoiper = { zoiper_pull, zoiper_apply, end, NULL, value, set_local, NULL, zoiper_line, keys,
	zoiper_credentials, notify };
