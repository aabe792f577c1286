/* How Grandstream writes values in its named language: words where numbers differ between series (vendor templates). */
#include <string.h>

#include "phonecfg/vendor/view.h"

static const char *const transports[TRANSPORT_COUNT] = { "UDP", "TCP", "TlsOrTcp" };

static const char *const modes[KEY_TYPE_COUNT] = {
	[KEY_NONE] = "None",
	[KEY_LINE] = "Line",
	[KEY_SHARED_LINE] = "SharedLine",
	[KEY_BLF] = "BLF",
	[KEY_SPEED_DIAL] = "SpeedDial",
	[KEY_PARK] = "MonitoredCallPark",
	[KEY_INTERCOM] = "Intercom",
	[KEY_VOICEMAIL] = "VoiceMail",
	[KEY_PAGE] = "SpeedDial",
};

static const char *yes(bool v)
{
	return v ? "Yes" : "No";
}

static const char *host_port(struct arena *a, const char *host, unsigned port)
{
	bool v6 = strchr(host, ':') && host[0] != '[';

	if (!*host)
		return "";
	if (v6)
		return port ? arena_printf(a, "[%s]:%u", host, port) : arena_printf(a, "[%s]", host);
	return port ? arena_printf(a, "%s:%u", host, port) : host;
}

static struct tval *account(struct arena *a, const struct phone *ph, unsigned slot)
{
	struct tval *o = tval_object(a);
	struct line_view line;

	view_line(ph, VENDOR_GRANDSTREAM, slot, &line);
	tval_put_int(o, "slot", slot);
	tval_put_str(o, "enable", yes(line.used));
	tval_put_str(o, "label", line.label);
	tval_put_str(o, "display_name", line.display_name);
	tval_put_str(o, "user", line.user);
	tval_put_str(o, "auth_user", line.auth_user);
	/* A password may not be empty: the phone would keep the old one in silence. */
	tval_put(o, "password", line.used ? tval_secret(a, line.password) : view_filler(a, ph, false));
	tval_put_str(o, "server", host_port(a, line.domain, line.port));
	tval_put_str(o, "proxy", line.proxy ? host_port(a, line.proxy, line.proxy_port) : "");
	tval_put_str(o, "transport", transports[line.transport]);
	/* Minutes; less than one would become 0. */
	tval_put_int(o, "expires_min", line.expires_s < 60 ? 1 : line.expires_s / 60);
	tval_put_str(o, "voicemail", line.voicemail);
	tval_put_str(o, "mwi", yes(line.voicemail[0] != 0));
	tval_put_str(o, "shared", yes(line.shared));
	return o;
}

/* number: the key's own in its block. by_number: line keys name their account 0, 1, …; the others Account1, Account2, …
 */
static struct tval *key(struct arena *a, const struct key_view *k, unsigned number, bool by_number, bool fixed)
{
	struct tval *o = tval_object(a);
	bool none = k->type == KEY_NONE;

	tval_put_int(o, "index", number);
	/* The first keys cannot be taken away: they show a line, without a label. */
	tval_put_str(o, "mode", none && fixed ? "Line" : modes[k->type]);
	tval_put_str(
		o, "account", by_number ? arena_printf(a, "%u", k->slot - 1) : arena_printf(a, "Account%u", k->slot));
	tval_put_str(o, "label", k->label);
	tval_put_str(o, "value", k->value);
	return o;
}

static struct tval *block(
	struct arena *a, const struct profile *pf, const struct phone *ph, const char *name, bool by_number)
{
	struct tval *list = tval_list(a);

	for (size_t b = 0; b < pf->nblocks; b++) {
		const struct key_block *kb = &pf->blocks[b];
		for (unsigned i = 1; strcmp(kb->name, name) == 0 && i <= kb->blank; i++) {
			struct key_view k = { .type = KEY_NONE, .slot = 1, .value = "", .label = "", .pickup = "" };
			if (i <= kb->max)
				view_key(ph, pf, 0, kb->first + i - 1, &k);
			tval_push(list, key(a, &k, i, by_number, i <= kb->fixed));
		}
	}
	return list;
}

/* Keys of all modules are numbered through. */
static struct tval *modules(struct arena *a, const struct profile *pf, const struct phone *ph)
{
	const struct slot_list *list = profile_list(pf, "ext");
	struct tval *out = tval_list(a);
	unsigned number = 0;
	struct key_view k;

	for (unsigned m = 1; m <= pf->modules; m++) {
		for (unsigned i = 1; i <= pf->keys_per_module; i++) {
			view_key(ph, pf, m, i, &k);
			tval_push(out, key(a, &k, ++number, false, false));
		}
	}
	k = (struct key_view){ .type = KEY_NONE, .slot = 1, .value = "", .label = "", .pickup = "" };
	while (list && number < list->max)
		tval_push(out, key(a, &k, ++number, false, false));
	return out;
}

static struct tval *clock_of(struct arena *a, const char *timezone)
{
	struct tval *o = tval_object(a);
	char posix[96];
	struct zone z;

	if (!zone_find(timezone, &z))
		zone_find(NULL, &z);
	zone_posix(&z, posix, sizeof(posix));
	tval_put_str(o, "posix", posix);
	return o;
}

static void build(struct arena *a, const struct profile *pf, const struct phone *ph, struct tval *root)
{
	struct tval *accounts = tval_list(a), *prov = tval_get(root, "prov");
	bool https = ph->prov.url && strncmp(ph->prov.url, "https:", 6) == 0;

	for (unsigned s = 1; s <= pf->accounts_blank; s++)
		tval_push(accounts, account(a, ph, s));
	tval_put(root, "accounts", accounts);
	tval_put(root, "vpk", block(a, pf, ph, "vpk", true));
	tval_put(root, "mpk", block(a, pf, ph, "mpk", false));
	tval_put(root, "ext", modules(a, pf, ph));
	tval_put(root, "time", clock_of(a, ph->timezone));
	tval_put_str(root, "language", ph->language && *ph->language ? ph->language : "en");
	tval_put(root, "filler", view_filler(a, ph, false));
	tval_put(root, "filler_digits", view_filler(a, ph, true));
	tval_put_str(prov, "protocol", https ? "2" : "1");
}

/* Limits: the vendor's own value table as observed on HT802 firmware. A value over its limit, or with a letter outside
 * ASCII, is dropped in silence and the old one stays: therefore it is never sent. */
const struct dialect grandstream_dialect = {
	.label = { 32, true, NULL },
	.display_name = { 60, true, NULL },
	.key_label = { 32, true, NULL },
	.user_max = 64,
	.secret_max = 64,
	.host_max = 200,
	.value_max = 64,
	.login_max = 40,
	.admin_max = 30,
	.admin_alnum = true,
	.shortest_min = 60,
	.build = build,
};
