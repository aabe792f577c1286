/* Yealink desk phones: lines, keys and NOTIFY. From the vendor's administrator guides and its configuration templates.
 */
#include <stdio.h>
#include <string.h>

#include "phonecfg/handset/yealink.h"

enum { MODULES = 6, MODULE_KEYS = 80, MEMORY_KEYS = 30 };

/* ---- looking ---- */

/* "account.X.transport, expires, sip_server_host: older, per account" (vendor templates V70 to V73). */
static const char *of_server(const struct handset *hs, unsigned slot, const char *name, const char *old)
{
	const char *v = hs_yealink_old(hs) ? hs_valuef(hs, "account.%u.%s", slot, old) : "";

	return *v ? v : hs_valuef(hs, "account.%u.%s", slot, name);
}

bool hs_yealink_line(const struct handset *hs, unsigned slot, struct arena *a, struct handset_line *out)
{
	static const enum handset_transport transports[] = { HANDSET_UDP, HANDSET_TCP, HANDSET_TLS, HANDSET_NAPTR };

	(void)a;
	out->user = hs_valuef(hs, "account.%u.user_name", slot);
	out->server = hs_valuef(hs, "account.%u.sip_server.1.address", slot);
	if (!*out->server && hs_yealink_old(hs))
		out->server = hs_valuef(hs, "account.%u.sip_server_host", slot);
	if (strcmp(hs_valuef(hs, "account.%u.enable", slot), "1") != 0 || !*out->user || !*out->server)
		return false;
	out->label = hs_valuef(hs, "account.%u.label", slot);
	out->display_name = hs_valuef(hs, "account.%u.display_name", slot);
	out->auth_user = hs_valuef(hs, "account.%u.auth_name", slot);
	out->secret.bytes = hs_valuef(hs, "account.%u.password", slot);
	out->secret.n = strlen(out->secret.bytes);
	out->port = hs_unsigned(of_server(hs, slot, "sip_server.1.port", "sip_server_port"), 5060, 65535);
	out->transport = transports[hs_unsigned(of_server(hs, slot, "sip_server.1.transport_type", "transport"), 0, 3)];
	out->expires_s = hs_unsigned(of_server(hs, slot, "sip_server.1.expires", "expires"), 3600, 2147483647);
	if (strcmp(hs_valuef(hs, "account.%u.outbound_proxy_enable", slot), "1") == 0) {
		out->proxy = hs_valuef(hs, "account.%u.outbound_proxy.1.address", slot);
		out->proxy_port = hs_unsigned(hs_valuef(hs, "account.%u.outbound_proxy.1.port", slot), 5060, 65535);
	}
	return true;
}

static const char *account_label(const struct handset *hs, unsigned account)
{
	const char *label = hs_valuef(hs, "account.%u.label", account);

	if (strcmp(hs_valuef(hs, "account.%u.enable", account), "1") != 0)
		return "";
	return *label ? label : hs_valuef(hs, "account.%u.user_name", account);
}

static bool one_key(const struct handset *hs, struct arena *a, const char *prefix, struct handset_key k,
	struct handset_key **v, size_t *n, size_t *cap)
{
	unsigned type = hs_unsigned(hs_valuef(hs, "%s.type", prefix), 0, 999);
	struct handset_key *out;

	if (type == TYPE_NONE || type == TYPE_PAGE_SWITCH) /* the latter turns a module's page and is nobody's */
		return true;
	out = arena_push(a, (void **)v, n, cap, sizeof(*out));
	if (!out)
		return false;
	*out = k;
	out->kind = type == TYPE_LINE         ? "line"
		    : type == TYPE_BLF        ? "blf"
		    : type == TYPE_SPEED_DIAL ? "speed-dial"
					      : "other";
	out->slot = hs_unsigned(hs_valuef(hs, "%s.line", prefix), 0, 999);
	/* "T32G and T38G count the line of a BLF key from 0" (public template set). */
	if (type == TYPE_BLF && (strcmp(hs->model.token, "T32G") == 0 || strcmp(hs->model.token, "T38G") == 0))
		out->slot++;
	out->label = hs_valuef(hs, "%s.label", prefix);
	out->value = hs_valuef(hs, "%s.value", prefix);
	out->parameter = arena_printf(a, "%s.label", prefix);
	if (type == TYPE_LINE && !*out->label)
		out->label = account_label(hs, out->slot);
	return true;
}

bool hs_yealink_keys(const struct handset *hs, struct arena *a, struct handset_key **v, size_t *n, size_t *cap)
{
	struct handset_key k = { 0 };
	char prefix[40];

	for (k.index = 1; k.index <= hs->model.keys; k.index++) {
		snprintf(prefix, sizeof(prefix), "linekey.%u", k.index);
		if (!one_key(hs, a, prefix, k, v, n, cap))
			return false;
	}
	/* Memory keys: beside the screen of old phones, behind the line keys in struct key's order; and all that a
	 * CP960 has. */
	for (; (hs_yealink_old(hs) || hs->model.keys == 0) && k.index <= hs->model.keys + MEMORY_KEYS; k.index++) {
		snprintf(prefix, sizeof(prefix), "memorykey.%u", k.index - hs->model.keys);
		if (!one_key(hs, a, prefix, k, v, n, cap))
			return false;
	}
	for (k.module = 1; k.module <= MODULES; k.module++) {
		for (k.index = 1; k.index <= MODULE_KEYS; k.index++) {
			snprintf(prefix, sizeof(prefix), "expansion_module.%u.key.%u", k.module, k.index);
			if (!one_key(hs, a, prefix, k, v, n, cap))
				return false;
		}
	}
	return true;
}

void hs_yealink_credentials(const struct handset *hs, struct handset_credentials *out)
{
	out->url = hs_yealink_static(hs, "auto_provision.server.url");
	out->user = hs_yealink_static(hs, "auto_provision.server.username");
	out->password.bytes = hs_yealink_static(hs, "auto_provision.server.password");
	out->password.n = strlen(out->password.bytes);
}

/* ---- NOTIFY ---- */

static bool listed(const char *list, const char *word)
{
	struct slice rest = slice_str(list);

	while (rest.n)
		if (slice_ieq_str(slice_trim(slice_cut(&rest, ',')), word))
			return true;
	return false;
}

/* "sip.notify_reboot_enable": 1 (the default) always restarts on check-sync, 0 fetches and restarts only with
 * reboot=true, 2 ignores it. No challenge unless request validation asks for one. */
void hs_yealink_notify(
	const struct handset *hs, struct slice package, struct slice params, struct handset_reaction *out)
{
	unsigned mode = hs_unsigned(handset_value(hs, "sip.notify_reboot_enable"), 1, 2);

	if (!slice_ieq_str(package, "check-sync"))
		return;
	out->status = 200;
	if (listed(handset_value(hs, "sip.request_validation.digest.list"), "NOTIFY") &&
		listed(handset_value(hs, "sip.request_validation.event"), "check-sync")) {
		out->challenges = true;
		out->realm = handset_value(hs, "sip.request_validation.digest.realm");
		if (!*out->realm)
			out->realm = "YealinkSPIP";
	}
	if (mode == 2)
		return;
	out->action = mode == 1 || slice_find(params, SLICE_LIT("reboot=true")) >= 0 ? HANDSET_REBOOT : HANDSET_RESYNC;
}
