/* Linphone (liblinphone 5.1): from its source and from runs of the program. Names here are "section/entry". */
#include <stdio.h>
#include <string.h>

#include "phonecfg/handset/internal.h"

enum { AUTH_MAX = 64 };

static const char *value(const struct handset *hs, const char *name)
{
	const char *v = hs_get(hs, HANDSET_FILE, name);

	return v ? v : "";
}

static bool has_section(const struct handset *hs, const char *section, unsigned n)
{
	const struct map *m = &hs->layers[HANDSET_FILE];
	char prefix[32];
	size_t i;

	snprintf(prefix, sizeof(prefix), "%s_%u/", section, n);
	for (i = 0; i < m->count; i++)
		if (slice_starts(slice_str(m->entries[i].key), prefix) &&
			((struct hs_value *)m->entries[i].value)->text)
			return true;
	return false;
}

/* ---- a file ---- */

/* Since 2024-11 every auth_info section, counted on from 0, goes before a file is applied; proxy sections never do. */
static void prune_auth(struct handset *hs)
{
	const struct map *m = &hs->layers[HANDSET_FILE];
	char prefix[32];
	unsigned n;
	size_t i;

	for (n = 0; n < AUTH_MAX && has_section(hs, "auth_info", n); n++) {
		snprintf(prefix, sizeof(prefix), "auth_info_%u/", n);
		for (i = 0; i < m->count; i++)
			if (slice_starts(slice_str(m->entries[i].key), prefix))
				hs_drop(hs, HANDSET_FILE, m->entries[i].key);
	}
}

/* Taken when the key is absent, or when the entry itself says overwrite="true". An empty text deletes the key. */
static enum err_code take_entry(
	struct handset *hs, const char *file, const char *section, xmlNode *entry, struct err *err)
{
	const char *name = hs_xml_attr(&hs->arena, entry, "name"), *text = hs_xml_text(&hs->arena, entry);
	const char *overwrite = hs_xml_attr(&hs->arena, entry, "overwrite");
	char key[HS_NAME_MAX];

	if (!name || !text)
		return arena_failed(&hs->arena) ? err_set(err, ERR_NOMEM, "no memory left for a softphone's file")
						: ERR_OK;
	snprintf(key, sizeof(key), "%s/%s", section, name);
	if (hs_get(hs, HANDSET_FILE, key) && !(overwrite && strcmp(overwrite, "true") == 0))
		return ERR_OK;
	if (*text)
		return hs_put(hs, HANDSET_FILE, slice_str(key), slice_str(text), file, err);
	hs_drop(hs, HANDSET_FILE, key);
	return ERR_OK;
}

static enum err_code take_config(struct handset *hs, const char *file, xmlNode *root, struct err *err)
{
	xmlNode *section, *entry;
	enum err_code rc = ERR_OK;
	const char *name;

	if (hs->rules.linphone_prunes_auth)
		prune_auth(hs);
	for (section = xmlFirstElementChild(root); section; section = xmlNextElementSibling(section)) {
		name = hs_xml_attr(&hs->arena, section, "name");
		if (!name)
			continue;
		for (entry = xmlFirstElementChild(section); entry && !rc; entry = xmlNextElementSibling(entry))
			rc = take_entry(hs, file, name, entry, err);
	}
	if (rc)
		return rc;
	/* With transient_provisioning the address is forgotten: the client never comes back. */
	if (hs_true(value(hs, "misc/transient_provisioning")))
		hs_drop(hs, HANDSET_FILE, "misc/config-uri");
	return hs_step(hs, file, 200, HANDSET_APPLIED, "", err);
}

static enum err_code apply(struct handset *hs, const char *file, struct slice body, struct err *err)
{
	xmlDoc *doc = hs_xml(body);
	xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
	enum err_code rc;

	if (!root || !hs_xml_is(root, "config"))
		rc = hs_step(hs, file, 200, HANDSET_REFUSED, "no configuration of this program", err);
	else
		rc = take_config(hs, file, root, err);
	xmlFreeDoc(doc);
	return rc;
}

/* It fetches its one address when it starts, and only a 200 counts. */
static enum err_code pull(struct handset *hs, struct hs_fetch *f, struct err *err)
{
	const char *uri = value(hs, "misc/config-uri");
	const char *file = arena_strdup(&hs->arena, *uri ? uri : "linphone.xml");
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

/* ---- lines ---- */

/* Splits "Name <sip:user@host:port;transport=tcp>" into its parts; missing ones are "". */
struct uri {
	const char *user, *host, *transport;
	unsigned port;
};

/* What follows a quoted display name, which may hold anything: `"a <sip:b" <sip:c@d>` (RFC 3261 section 25.1). */
static struct slice behind_name(struct slice s)
{
	size_t i;

	if (!s.n || *s.p != '"')
		return s;
	for (i = 1; i < s.n && s.p[i] != '"'; i++)
		if (s.p[i] == '\\')
			i++;
	return i < s.n ? (struct slice){ s.p + i + 1, s.n - i - 1 } : (struct slice){ s.p, 0 };
}

static bool parse_uri(struct arena *a, const char *text, struct uri *out)
{
	struct slice s = behind_name(slice_trim(slice_str(text))), user, hostport, param;
	ptrdiff_t at = slice_find(s, SLICE_LIT("sip:"));

	*out = (struct uri){ "", "", "", 0 };
	if (at < 0)
		at = slice_find(s, SLICE_LIT("sips:"));
	if (at < 0)
		return false;
	s = (struct slice){ s.p + at, s.n - (size_t)at };
	slice_cut(&s, ':');
	s = slice_cut(&s, '>');
	hostport = slice_cut(&s, ';');
	if (slice_find(hostport, SLICE_LIT("@")) >= 0) {
		user = slice_cut(&hostport, '@');
		out->user = arena_slice(a, user);
	}
	if (hostport.n && *hostport.p == '[') {
		param = slice_cut(&hostport, ']');
		out->host = arena_printf(a, "%.*s]", SLICE_ARG(param));
		slice_cut(&hostport, ':');
	} else {
		out->host = arena_slice(a, slice_cut(&hostport, ':'));
	}
	out->port = hs_unsigned(arena_slice(a, hostport) ? arena_slice(a, hostport) : "", 0, 65535);
	while (s.n) {
		param = slice_cut(&s, ';');
		if (slice_starts(param, "transport="))
			out->transport = arena_slice(a, (struct slice){ param.p + 10, param.n - 10 });
	}
	return out->user && out->host && out->transport;
}

static void credentials_of(const struct handset *hs, struct handset_line *out)
{
	const char *ha1;
	unsigned n;

	out->secret.bytes = "";
	for (n = 0; n < AUTH_MAX; n++) {
		if (strcmp(hs_valuef(hs, "auth_info_%u/username", n), out->user) != 0)
			continue;
		out->auth_user = hs_valuef(hs, "auth_info_%u/userid", n);
		ha1 = hs_valuef(hs, "auth_info_%u/ha1", n);
		/* Seen: a ha1 that stayed behind is used although a new password came. */
		out->secret_is_ha1 = *ha1 != '\0';
		out->secret.bytes = *ha1 ? ha1 : hs_valuef(hs, "auth_info_%u/passwd", n);
		if (*ha1)
			out->password_beside.bytes = hs_valuef(hs, "auth_info_%u/passwd", n);
		break;
	}
	out->secret.n = strlen(out->secret.bytes);
	if (out->password_beside.bytes)
		out->password_beside.n = strlen(out->password_beside.bytes);
}

static enum handset_transport transport_of(const struct uri *uri)
{
	if (strcmp(uri->transport, "tls") == 0)
		return HANDSET_TLS;
	return strcmp(uri->transport, "tcp") == 0 ? HANDSET_TCP : HANDSET_UDP;
}

/* proxy_N counts from 0 and loading stops at the first section that is missing. A REGISTER goes to reg_proxy; reg_route
 * is for calls alone (observed on 5.1.65). */
static bool line(const struct handset *hs, unsigned slot, struct arena *a, struct handset_line *out)
{
	struct uri identity, server;
	unsigned n;

	for (n = 0; n < slot; n++)
		if (!has_section(hs, "proxy", n))
			return false;
	n = slot - 1;
	if (!parse_uri(a, hs_valuef(hs, "proxy_%u/reg_identity", n), &identity) || !*identity.user ||
		strcmp(hs_valuef(hs, "proxy_%u/reg_sendregister", n), "0") == 0)
		return false;
	out->user = identity.user;
	out->domain = identity.host;
	out->server = identity.host;
	if (parse_uri(a, hs_valuef(hs, "proxy_%u/reg_proxy", n), &server) && *server.host) {
		out->server = server.host;
		out->port = server.port;
		out->transport = transport_of(&server);
	}
	out->expires_s = hs_unsigned(hs_valuef(hs, "proxy_%u/reg_expires", n), 3600, 2147483647);
	credentials_of(hs, out);
	return true;
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

/* "401 digest: answered with the SIP account's own credentials." */
static void credentials(const struct handset *hs, struct handset_credentials *out)
{
	out->url = value(hs, "misc/config-uri");
	out->user = value(hs, "auth_info_0/username");
	out->password.bytes = value(hs, "auth_info_0/passwd");
	out->password.n = strlen(out->password.bytes);
}

/* "A 200 is no evidence": every NOTIFY is answered 200 and none makes it fetch. */
static void notify(const struct handset *hs, struct slice package, struct slice params, struct handset_reaction *out)
{
	(void)hs;
	(void)package;
	(void)params;
	out->status = 200;
}

const struct hs_ops hs_linphone = { pull, apply, end, NULL, value, set_local, NULL, line, keys, credentials, notify };
