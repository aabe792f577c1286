/* Grandstream phones: lines, keys and NOTIFY. From the vendor's configuration templates, admin guides and strings of
 * its ATA firmware. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "phonecfg/handset/grandstream.h"

enum { MPK_MAX = 64, EXT_MAX = 160 };

/* "host", "host:port" or "[v6]:port". */
static unsigned split_port(struct arena *a, const char *address, const char **host)
{
	const char *colon = strrchr(address, ':'), *bracket = strrchr(address, ']');

	if (!colon || (bracket && bracket > colon) || (!bracket && strchr(address, ':') != colon)) {
		*host = address;
		return 0;
	}
	*host = arena_strndup(a, address, (size_t)(colon - address));
	if (!*host)
		*host = "";
	return hs_unsigned(colon + 1, 0, 65535);
}

static enum handset_transport transport_of(const char *word)
{
	if (strcasecmp(word, "TCP") == 0 || strcmp(word, "1") == 0)
		return HANDSET_TCP;
	if (strcasecmp(word, "TlsOrTcp") == 0 || strcasecmp(word, "TLS") == 0 || strcmp(word, "2") == 0)
		return HANDSET_TLS;
	return HANDSET_UDP;
}

bool hs_grandstream_line(const struct handset *hs, unsigned slot, struct arena *a, struct handset_line *out)
{
	const char *server = hs_valuef(hs, "account.%u.sip.server.1.address", slot);
	const char *registers = hs_valuef(hs, "account.%u.sip.registration", slot);

	out->user = hs_valuef(hs, "account.%u.sip.userid", slot);
	if (!hs_true(hs_valuef(hs, "account.%u.enable", slot)) || !*out->user || !*server ||
		(*registers && !hs_true(registers)))
		return false;
	out->port = split_port(a, server, &out->server);
	out->label = hs_valuef(hs, "account.%u.name", slot);
	out->display_name = hs_valuef(hs, "account.%u.sip.subscriber.name", slot);
	out->auth_user = hs_valuef(hs, "account.%u.sip.subscriber.userid", slot);
	out->secret.bytes = hs_valuef(hs, "account.%u.sip.subscriber.password", slot);
	out->secret.n = strlen(out->secret.bytes);
	out->transport = transport_of(hs_valuef(hs, "account.%u.sip.transport", slot));
	out->proxy_port = split_port(a, hs_valuef(hs, "account.%u.sip.outboundProxy.1.address", slot), &out->proxy);
	/* In minutes. */
	out->expires_s = 60 * hs_unsigned(hs_valuef(hs, "account.%u.sip.registerExpiration", slot), 60, 64800);
	return true;
}

/* ---- keys ---- */

/* Modes by word (in either case), and by number: of the fixed keys of GXP phones, and of all other keys. "Mixed up, a
 * key does something else." (vendor templates) */
static const struct {
	const char *mode;
	int fixed, other;
	const char *kind;
} modes[] = {
	{ "None", -1, -1, NULL },
	{ "Line", 0, 31, "line" },
	{ "default", 0, 31, "line" },
	{ "SharedLine", 1, 32, "line" },
	{ "BLF", 11, 1, "blf" },
	{ "SpeedDial", 10, 0, "speed-dial" },
	{ "SpeedDialViaActiveAccount", 14, 4, "speed-dial" },
};

/* NULL: the key is not used. */
static const char *kind_of(const char *mode, bool fixed)
{
	bool number = *mode && strspn(mode, "-0123456789") == strlen(mode);

	if (!*mode)
		return NULL;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (number ? strtol(mode, NULL, 10) == (fixed ? modes[i].fixed : modes[i].other)
			   : strcasecmp(mode, modes[i].mode) == 0)
			return modes[i].kind;
	}
	return "other";
}

/* In vpk the account is a number from 0, elsewhere the word "Account1". */
static unsigned account_of(const char *v)
{
	unsigned n;

	if (hs_glob("Account#", v, &n, 1))
		return n;
	return hs_unsigned(v, 0, 99) + 1;
}

static bool one_key(const struct handset *hs, struct arena *a, const char *block, unsigned number,
	struct handset_key place, struct handset_key **v, size_t *n, size_t *cap)
{
	bool vpk = strcmp(block, "vpk") == 0, gxp = strncmp(hs->model.token, "gxp", 3) == 0;
	const char *kind = kind_of(
		hs_valuef(hs, "pks.%s.%u.keyMode", block, number), vpk && gxp && number <= hs->model.fixed_keys);
	struct handset_key *k;

	/* "Keys beside the programmable ones cannot be lines" (public template set). */
	if (!kind || (!vpk && strcmp(kind, "line") == 0))
		return true;
	k = arena_push(a, (void **)v, n, cap, sizeof(*k));
	if (!k)
		return false;
	*k = place;
	k->kind = kind;
	k->slot = account_of(hs_valuef(hs, "pks.%s.%u.account", block, number));
	k->label = hs_valuef(hs, "pks.%s.%u.description", block, number);
	k->value = hs_valuef(hs, "pks.%s.%u.value", block, number);
	k->parameter = arena_printf(a, "pks.%s.%u.description", block, number);
	if (*k->label || strcmp(k->kind, "line") != 0 || !hs_true(hs_valuef(hs, "account.%u.enable", k->slot)))
		return true;
	k->label = hs_valuef(hs, "account.%u.name", k->slot);
	return true;
}

/* With automatic provisioning of an event list the phone fills keys from it by itself: what was blanked comes back. The
 * list is the server's; what shows is its address. (vendor templates: 0 off, 1 watched lines, 2 presence) */
static bool refilled(const struct handset *hs, struct arena *a, struct handset_key **v, size_t *n, size_t *cap)
{
	for (unsigned i = 1; i <= hs->model.accounts; i++) {
		const char *uri = hs_valuef(hs, "account.%u.sip.blf.eventlist.uri", i);
		const char *on = hs_valuef(hs, "account.%u.sip.blf.eventlist.autoProvision", i);
		struct handset_key *k;
		if (!*uri || !*on || strcmp(on, "0") == 0 || strcasecmp(on, "No") == 0 ||
			!hs_true(hs_valuef(hs, "account.%u.enable", i)))
			continue;
		k = arena_push(a, (void **)v, n, cap, sizeof(*k));
		if (!k)
			return false;
		*k = (struct handset_key){ .kind = "blf", .label = uri, .value = uri, .slot = i };
		k->parameter = arena_printf(a, "account.%u.sip.blf.eventlist.uri", i);
	}
	return true;
}

bool hs_grandstream_keys(const struct handset *hs, struct arena *a, struct handset_key **v, size_t *n, size_t *cap)
{
	struct handset_key place = { 0 };
	unsigned i;

	for (i = 1; i <= hs->model.keys; i++) {
		place.index = i;
		if (!one_key(hs, a, "vpk", i, place, v, n, cap))
			return false;
	}
	for (i = 1; i <= MPK_MAX; i++) {
		place.index = hs->model.keys + i;
		if (!one_key(hs, a, "mpk", i, place, v, n, cap))
			return false;
	}
	for (i = 1; i <= EXT_MAX; i++) {
		place.module = (i - 1) / 40 + 1;
		place.index = (i - 1) % 40 + 1;
		if (!one_key(hs, a, "ext", i, place, v, n, cap))
			return false;
	}
	return refilled(hs, a, v, n, cap);
}

void hs_grandstream_credentials(const struct handset *hs, struct handset_credentials *out)
{
	out->url = handset_value(hs, "provisioning.config.serverPath");
	out->user = handset_value(hs, "provisioning.config.username");
	out->password.bytes = handset_value(hs, "provisioning.config.password");
	out->password.n = strlen(out->password.bytes);
}

/* "NOTIFY authentication" covers check-sync, resync and reboot and is on unless sip.notify.challenge says No (its
 * number, P4428 = 1, means the same: no challenge). The realm is the server's. resync fetches without a restart;
 * check-sync with reboot=true restarts; plain check-sync differs by firmware (the ATA's treats it as resync). Others:
 * 481. */
void hs_grandstream_notify(
	const struct handset *hs, struct slice package, struct slice params, struct handset_reaction *out)
{
	bool check = slice_ieq_str(package, "check-sync");
	const char *challenge = handset_value(hs, "sip.notify.challenge");

	out->status = 481;
	if (!check && !slice_ieq_str(package, "resync") && !slice_ieq_str(package, "reboot"))
		return;
	out->status = 200;
	out->challenges = (!*challenge || hs_true(challenge)) && strcmp(handset_value(hs, "P4428"), "1") != 0;
	out->realm = out->challenges ? "grandstream.com" : "";
	out->action = HANDSET_RESYNC;
	if (slice_ieq_str(package, "reboot") || (check && slice_find(params, SLICE_LIT("reboot=true")) >= 0) ||
		(check && hs->rules.gs_check_sync_reboots))
		out->action = HANDSET_REBOOT;
}
