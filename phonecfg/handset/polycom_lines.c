/* Polycom phones on UC Software: lines, keys and NOTIFY. From the vendor's administrator guides and parameter schema.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "phonecfg/handset/polycom.h"

enum { RESOURCES = 136, VALIDATIONS = 20 };

static const struct {
	const char *word;
	enum handset_transport transport;
} transports[] = {
	{ "UDPOnly", HANDSET_UDP },
	{ "TCPOnly", HANDSET_TCP },
	{ "TCPpreferred", HANDSET_TCP },
	{ "TLS", HANDSET_TLS },
};

/* "Global fallbacks" have the same names behind voIpProt. */
static const char *server_value(const struct handset *hs, unsigned slot, const char *what)
{
	const char *v = hs_valuef(hs, "reg.%u.server.1.address", slot);

	if (*v)
		return hs_valuef(hs, "reg.%u.server.1.%s", slot, what);
	return hs_valuef(hs, "voIpProt.server.1.%s", what);
}

static enum handset_transport transport_of(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(transports) / sizeof(transports[0]); i++)
		if (strcasecmp(word, transports[i].word) == 0)
			return transports[i].transport;
	return HANDSET_NAPTR;
}

/* A registration with an empty address is none; the address may be "user" or "user@domain". */
bool hs_polycom_line(const struct handset *hs, unsigned slot, struct arena *a, struct handset_line *out)
{
	struct slice domain = slice_str(hs_valuef(hs, "reg.%u.address", slot)), user = slice_cut(&domain, '@');

	out->server = server_value(hs, slot, "address");
	if (user.n == 0 || !*out->server || strcmp(server_value(hs, slot, "register"), "0") == 0)
		return false;
	out->user = arena_slice(a, user);
	out->domain = arena_slice(a, domain);
	out->label = hs_valuef(hs, "reg.%u.label", slot);
	out->display_name = hs_valuef(hs, "reg.%u.displayName", slot);
	out->auth_user = hs_valuef(hs, "reg.%u.auth.userId", slot);
	out->secret.bytes = hs_valuef(hs, "reg.%u.auth.password", slot);
	out->secret.n = strlen(out->secret.bytes);
	out->port = hs_unsigned(server_value(hs, slot, "port"), 0, 65535);
	out->transport = transport_of(server_value(hs, slot, "transport"));
	out->expires_s = hs_unsigned(server_value(hs, slot, "expires"), 3600, 2147483647);
	out->proxy = hs_valuef(hs, "reg.%u.outboundProxy.address", slot);
	if (!*out->proxy)
		out->proxy = handset_value(hs, "voIpProt.SIP.outboundProxy.address");
	out->proxy_port = hs_unsigned(hs_valuef(hs, "reg.%u.outboundProxy.port", slot), 0, 65535);
	return out->user && out->domain;
}

/* ---- keys ---- */

struct key_list {
	const struct handset *hs;
	struct arena *a;
	struct handset_key **v;
	size_t *n, *cap;
	unsigned next;     /* key that is filled next */
	unsigned resource; /* last entry of the resource list that a key took */
	bool ok;
};

static struct handset_key *add(struct key_list *l, const char *kind)
{
	struct handset_key *k = arena_push(l->a, (void **)l->v, l->n, l->cap, sizeof(*k));
	unsigned own = l->hs->model.keys, each = l->hs->model.module_keys ? l->hs->model.module_keys : 1;

	if (!k) {
		l->ok = false;
		return NULL;
	}
	k->kind = kind;
	k->label = k->value = k->parameter = "";
	/* The keys of the modules count on behind the phone's own. */
	k->module = l->next <= own ? 0 : (l->next - own - 1) / each + 1;
	k->index = l->next <= own ? l->next : (l->next - own - 1) % each + 1;
	return k;
}

static void add_line(struct key_list *l, unsigned slot)
{
	const char *label = hs_valuef(l->hs, "reg.%u.label", slot), *address = hs_valuef(l->hs, "reg.%u.address", slot);
	struct handset_key *k;

	if (!*address)
		return;
	k = add(l, "line");
	if (!k)
		return;
	k->slot = slot;
	k->label = *label ? label : address;
	k->value = address;
	k->parameter = arena_printf(l->a, "reg.%u.label", slot);
}

static void add_resource(struct key_list *l, unsigned entry)
{
	const char *address = hs_valuef(l->hs, "attendant.resourceList.%u.address", entry);
	const char *label = hs_valuef(l->hs, "attendant.resourceList.%u.label", entry);
	struct handset_key *k;

	if (!*address)
		return;
	k = add(l, "blf");
	if (!k)
		return;
	k->label = *label ? label : address;
	k->value = address;
	k->parameter = arena_printf(l->a, "attendant.resourceList.%u.label", entry);
}

/* The contact whose speed-dial index (sd) is this one. */
static void add_speed_dial(struct key_list *l, unsigned sd)
{
	const struct map *m = &l->hs->layers[HANDSET_DATA];
	const struct hs_value *v;
	struct handset_key *k;
	unsigned entry = 0;
	char name[64];
	size_t i;

	for (i = 0; i < m->count; i++) {
		v = m->entries[i].value;
		if (v->text && hs_glob("directory.#.sd", m->entries[i].key, &entry, 1) &&
			hs_unsigned(v->text, 0, 9999) == sd)
			break;
	}
	if (i == m->count || sd == 0)
		return;
	k = add(l, "speed-dial");
	if (!k)
		return;
	snprintf(name, sizeof(name), "directory.%u.fn", entry);
	k->parameter = arena_strdup(l->a, name);
	k->label = hs_get(l->hs, HANDSET_DATA, name) ? hs_get(l->hs, HANDSET_DATA, name) : "";
	snprintf(name, sizeof(name), "directory.%u.ct", entry);
	k->value = hs_get(l->hs, HANDSET_DATA, name) ? hs_get(l->hs, HANDSET_DATA, name) : "";
}

/* lineKey.reassignment.enabled = 1: each key says what it is. "x is the place of a physical line button", counted on
 * over the modules: 16 + 252 on a VVX 600 with three (vendor addendum for modules, 4.1.6). */
static void assigned(struct key_list *l)
{
	unsigned index, last = l->hs->model.keys + l->hs->model.modules * l->hs->model.module_keys;
	const char *category;

	for (l->next = 1; l->next <= last; l->next++) {
		category = hs_valuef(l->hs, "lineKey.%u.category", l->next);
		index = hs_unsigned(hs_valuef(l->hs, "lineKey.%u.index", l->next), 0, 9999);
		if (strcasecmp(category, "Line") == 0)
			add_line(l, index);
		else if (strcasecmp(category, "BLF") == 0)
			add_resource(l, index ? index : ++l->resource);
		else if (strcasecmp(category, "SpeedDial") == 0)
			add_speed_dial(l, index);
	}
}

/* Otherwise lines first (lineKeys of each), then the resource list, then the contacts with a speed dial. */
static void in_order(struct key_list *l)
{
	unsigned i, k, wanted;
	size_t before;

	l->next = 1;
	for (i = 1; i <= l->hs->model.accounts; i++) {
		wanted = hs_unsigned(hs_valuef(l->hs, "reg.%u.lineKeys", i), 1, 48);
		for (k = 0; k < wanted; k++) {
			before = *l->n;
			add_line(l, i);
			l->next += (unsigned)(*l->n - before);
		}
	}
	for (i = 1; i <= RESOURCES; i++) {
		before = *l->n;
		add_resource(l, i);
		l->next += (unsigned)(*l->n - before);
	}
	for (i = 1; i <= 99; i++) {
		before = *l->n;
		add_speed_dial(l, i);
		l->next += (unsigned)(*l->n - before);
	}
}

bool hs_polycom_keys(const struct handset *hs, struct arena *a, struct handset_key **v, size_t *n, size_t *cap)
{
	struct key_list l = { hs, a, v, n, cap, 1, 0, true };

	/* The schema of 4.0.15 has the switch; that 3.x does not is not written anywhere: polycom_lines_first. */
	if (!hs->model.lines_first && !hs->rules.polycom_lines_first &&
		hs_true(handset_value(hs, "lineKey.reassignment.enabled")))
		assigned(&l);
	else
		in_order(&l);
	return l.ok;
}

/* ---- provisioning server, NOTIFY ---- */

void hs_polycom_credentials(const struct handset *hs, struct handset_credentials *out)
{
	out->url = handset_value(hs, "device.prov.serverName");
	out->user = handset_value(hs, "device.prov.user");
	out->password.bytes = handset_value(hs, "device.prov.password");
	out->password.n = strlen(out->password.bytes);
}

/* "Authenticating NOTIFY": requestValidation.x.request = NOTIFY with method digest (or both, all), for this event or
 * all. */
static bool challenges(const struct handset *hs)
{
	const char *method, *event;
	unsigned x;

	for (x = 1; x <= VALIDATIONS; x++) {
		if (strcmp(hs_valuef(hs, "voIpProt.SIP.requestValidation.%u.request", x), "NOTIFY") != 0)
			continue;
		method = hs_valuef(hs, "voIpProt.SIP.requestValidation.%u.method", x);
		event = hs_valuef(hs, "voIpProt.SIP.requestValidation.%u.request.1.event", x);
		if ((strcmp(method, "digest") == 0 || strcmp(method, "both") == 0 || strcmp(method, "all") == 0) &&
			(!*event || strcmp(event, "check-sync") == 0))
			return true;
	}
	return false;
}

/* "specialEvent.checkSync.alwaysReboot": 1 restarts; 0 (the default) restarts only if a listed file has changed.
 * ACTION-URI is answered 200 by firmware that does not know it. */
void hs_polycom_notify(
	const struct handset *hs, struct slice package, struct slice params, struct handset_reaction *out)
{
	(void)params;
	if (slice_ieq_str(package, "ACTION-URI"))
		out->status = 200;
	if (!slice_ieq_str(package, "check-sync"))
		return;
	out->status = 200;
	out->challenges = challenges(hs);
	if (out->challenges)
		out->realm = handset_value(hs, "voIpProt.SIP.requestValidation.digest.realm");
	out->action = HANDSET_REBOOT;
	out->only_if_changed = !hs_true(handset_value(hs, "voIpProt.SIP.specialEvent.checkSync.alwaysReboot"));
}
