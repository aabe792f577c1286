/* How Yealink writes values. A clear is %NULL%, an empty key is type 0 (vendor guides). */
#include <stdio.h>
#include <string.h>

#include "phonecfg/vendor/view.h"

static const char null_token[] = "%NULL%";
/* Both are read as "nothing" by the phone, so nobody may be called so. */
static const char *const reserved[] = { "%NULL%", "%EMPTY%", NULL };

/* DSS key types (vendor guide). */
static const int types[KEY_TYPE_COUNT] = {
	[KEY_NONE] = 0,
	[KEY_LINE] = 15,
	[KEY_SHARED_LINE] = 15,
	[KEY_BLF] = 16,
	[KEY_SPEED_DIAL] = 13,
	[KEY_PARK] = 10,
	[KEY_INTERCOM] = 14,
	[KEY_VOICEMAIL] = 12,
	[KEY_PAGE] = 13,
};

static const struct {
	const char *code, *name;
} languages[] = {
	{ "de", "German" },
	{ "en", "English" },
	{ "es", "Spanish" },
	{ "fr", "French" },
	{ "it", "Italian" },
	{ "pl", "Polish" },
	{ "pt", "Portuguese" },
	{ "ru", "Russian" },
	{ "tr", "Turkish" },
};

static void put(struct tval *o, const char *name, const char *value)
{
	tval_put_str(o, name, value && *value ? value : null_token);
}

static struct tval *account(struct arena *a, const struct phone *ph, unsigned slot)
{
	static const int transports[TRANSPORT_COUNT] = { 0, 1, 2 };
	struct tval *o = tval_object(a);
	struct line_view line;

	view_line(ph, VENDOR_YEALINK, slot, &line);
	tval_put_int(o, "slot", slot);
	tval_put_int(o, "enable", line.used);
	put(o, "label", line.label);
	put(o, "display_name", line.display_name);
	put(o, "user", line.user);
	put(o, "auth_user", line.auth_user);
	if (line.used)
		tval_put(o, "password", tval_secret(a, line.password));
	else
		put(o, "password", NULL);
	put(o, "server", line.domain);
	tval_put_int(o, "port", line.port ? line.port : transport_port(line.transport));
	tval_put_int(o, "transport", transports[line.transport]);
	tval_put_int(o, "expires", line.expires_s);
	tval_put_int(o, "proxy_enable", line.proxy != NULL);
	put(o, "proxy", line.proxy);
	tval_put_int(o, "proxy_port", line.proxy_port ? line.proxy_port : transport_port(line.transport));
	put(o, "voicemail", line.voicemail);
	tval_put_int(o, "mwi", line.voicemail[0] != 0);
	tval_put_int(o, "shared", line.shared);
	return o;
}

static struct tval *key(
	struct arena *a, const struct profile *pf, const struct phone *ph, unsigned module, unsigned index)
{
	struct tval *o = tval_object(a);
	struct key_view k;

	view_key(ph, pf, module, index, &k);
	tval_put_int(o, "index", index);
	tval_put_int(o, "type", types[k.type]);
	tval_put_int(o, "line", k.type == KEY_NONE ? 0 : k.slot);
	put(o, "value", k.value);
	put(o, "label", k.label);
	put(o, "extension", k.pickup);
	return o;
}

static struct tval *keys(struct arena *a, const struct profile *pf, const struct phone *ph, unsigned module)
{
	struct tval *list = tval_list(a);
	unsigned last = profile_keys(pf, module);

	for (unsigned i = 0; module == 0 && i < pf->nblocks; i++) {
		if (pf->blocks[i].blank > last)
			last = pf->blocks[i].blank;
	}
	for (unsigned i = 1; i <= last; i++)
		tval_push(list, key(a, pf, ph, module, i));
	return list;
}

/* month/week/weekday/hour, Monday = 1, week 5 = the last (vendor guide, DST by week). */
static void put_change(
	struct arena *a, struct tval *o, const char *name, const struct zone *z, const struct zone_change *c)
{
	if (z->summer)
		tval_put_str(o, name,
			arena_printf(a, "%u/%u/%u/%u", c->month, c->week, c->weekday ? c->weekday : 7, c->hour));
	else
		put(o, name, NULL);
}

static struct tval *clock_of(struct arena *a, const char *timezone)
{
	struct tval *o = tval_object(a);
	struct zone z;
	unsigned minutes;

	if (!zone_find(timezone, &z))
		zone_find(NULL, &z);
	minutes = (unsigned)(z.offset_s < 0 ? -z.offset_s : z.offset_s) / 60;
	tval_put_str(o, "offset",
		minutes % 60 ? arena_printf(a, "%c%u:%02u", z.offset_s < 0 ? '-' : '+', minutes / 60, minutes % 60)
			     : arena_printf(a, "%c%u", z.offset_s < 0 ? '-' : '+', minutes / 60));
	tval_put_int(o, "summer", z.summer);
	tval_put_int(o, "shift", z.summer ? z.shift_s / 60 : 60);
	put_change(a, o, "start", &z, &z.start);
	put_change(a, o, "end", &z, &z.end);
	return o;
}

static const char *language(const char *code)
{
	for (size_t i = 0; code && i < sizeof(languages) / sizeof(languages[0]); i++) {
		if (strncmp(code, languages[i].code, 2) == 0)
			return languages[i].name;
	}
	return "English";
}

static void build(struct arena *a, const struct profile *pf, const struct phone *ph, struct tval *root)
{
	struct tval *accounts = tval_list(a), *modules = tval_list(a), *pairs = tval_list(a), *grid = tval_object(a);
	const struct slot_list *side = profile_list(pf, "pairs");

	for (unsigned s = 1; s <= pf->accounts_blank; s++)
		tval_push(accounts, account(a, ph, s));
	for (unsigned m = 1; m <= pf->modules; m++) {
		struct tval *o = tval_object(a);
		tval_put_int(o, "module", m);
		tval_put(o, "keys", keys(a, pf, ph, m));
		tval_push(modules, o);
	}
	for (unsigned x = 1; side && x <= side->max; x++) {
		for (unsigned y = 1; y <= side->max; y++) {
			struct tval *o = tval_object(a);
			tval_put_int(o, "x", x);
			tval_put_int(o, "y", y);
			tval_push(pairs, o);
		}
	}
	tval_put(grid, "pairs", pairs);
	tval_put_str(root, "null", null_token);
	tval_put(root, "accounts", accounts);
	tval_put(root, "keys", keys(a, pf, ph, 0));
	tval_put(root, "modules", modules);
	tval_put(root, "grid", grid);
	tval_put(root, "time", clock_of(a, ph->timezone));
	tval_put_str(root, "language", language(ph->language));
}

const struct dialect yealink_dialect = {
	.label = { 99, false, reserved },
	.display_name = { 99, false, reserved },
	.key_label = { 99, false, reserved },
	.user_max = 99,
	.secret_max = 99,
	.host_max = 256,
	.value_max = 256,
	.login_max = 64,
	.admin_max = 32,
	.shortest_min = 1,
	.build = build,
};
