/* How Polycom writes values. What is empty is stated as empty; numbers have their factory value (vendor schema 4.0.15).
 */
#include <string.h>

#include "phonecfg/base/text.h"
#include "phonecfg/vendor/polycom.h"

enum {
	ADDRESS_MAX = 256, /* of a registration; vendor schema */
	PICKUP_MAX = 10,   /* of the pickup code; vendor schema */
	SLOTS = 35         /* registrations 1..34; vendor schema */
};

static const char *const transports[TRANSPORT_COUNT] = { "UDPOnly", "TCPOnly", "TLS" };

/* How a key is shown: by a registration, by an entry of the watched list, or by an entry of the directory. */
enum shown { SHOWN_NOT, SHOWN_LINE, SHOWN_WATCHED, SHOWN_DIRECTORY };
static const struct {
	enum shown how;
	const char *resource; /* type in the watched list */
} types[KEY_TYPE_COUNT] = {
	[KEY_NONE] = { SHOWN_NOT, "" },
	[KEY_LINE] = { SHOWN_LINE, "" },
	[KEY_SHARED_LINE] = { SHOWN_LINE, "" },
	[KEY_BLF] = { SHOWN_WATCHED, "normal" },
	[KEY_SPEED_DIAL] = { SHOWN_DIRECTORY, "" },
	[KEY_PARK] = { SHOWN_WATCHED, "automata" },
	[KEY_INTERCOM] = { SHOWN_DIRECTORY, "" },
	[KEY_VOICEMAIL] = { SHOWN_DIRECTORY, "" },
	[KEY_PAGE] = { SHOWN_DIRECTORY, "" },
};

/* What the keys of a phone come to. */
struct faces {
	struct arena *a;
	const struct profile *pf;
	const struct phone *ph;
	struct tval *keys, *resources, *directory;
	unsigned nresources, ndirectory;
	unsigned line_keys[SLOTS]; /* keys that show each registration */
	unsigned watcher;          /* registration of the first watched key, 0 = there is none */
	const char *pickup;        /* the first code given, NULL = none */
};

/* ---- registrations ---- */

static struct tval *account(struct faces *f, unsigned slot, bool old)
{
	struct arena *a = f->a;
	struct tval *o = tval_object(a);
	struct line_view line;
	const char *aor;

	view_line(f->ph, VENDOR_POLYCOM, slot, &line);
	aor = line.used ? arena_printf(a, "%s@%s", line.user, line.domain) : "";
	/* "The user part, or user and host of the address" (vendor guide SIP 3.1): both are taken. */
	if (aor && text_length(slice_str(aor)) > ADDRESS_MAX)
		aor = line.user;
	/* 3.x wants a port with the proxy (1..65535, factory 5060; vendor guide SIP 3.1), later 0 = by DNS. */
	if (!line.proxy_port && old)
		line.proxy_port = transport_port(line.proxy ? line.transport : TRANSPORT_UDP);
	tval_put_int(o, "slot", slot);
	tval_put_str(o, "type", line.shared ? "shared" : "private");
	tval_put_str(o, "address", aor);
	tval_put_str(o, "third_party", line.shared ? aor : "");
	tval_put_str(o, "label", line.label);
	tval_put_str(o, "display_name", line.display_name);
	tval_put_str(o, "auth_user", line.auth_user);
	if (line.used)
		tval_put(o, "password", tval_secret(a, line.password));
	else
		tval_put_str(o, "password", "");
	tval_put_int(o, "line_keys", slot < SLOTS && f->line_keys[slot] ? f->line_keys[slot] : 1);
	tval_put_str(o, "server", line.domain);
	tval_put_int(o, "port", line.port);
	tval_put_str(o, "transport", line.used ? transports[line.transport] : "DNSnaptr");
	tval_put_int(o, "expires", line.expires_s);
	tval_put_int(o, "register", line.used);
	tval_put_str(o, "proxy", line.proxy ? line.proxy : "");
	tval_put_int(o, "proxy_port", line.proxy_port);
	tval_put_str(o, "proxy_transport", line.proxy ? transports[line.transport] : "DNSnaptr");
	tval_put_str(o, "voicemail", line.voicemail);
	tval_put_str(o, "mwi_mode", line.voicemail[0] ? "contact" : "registration");
	tval_put_str(o, "mwi_subscribe", line.voicemail[0] ? line.user : "");
	return o;
}

/* ---- keys ---- */

static void add_resource(struct faces *f, const char *address, const char *label, const char *type)
{
	struct tval *o = tval_object(f->a);

	tval_put_int(o, "index", ++f->nresources);
	tval_put_str(o, "address", address);
	tval_put_str(o, "label", label);
	tval_put_str(o, "type", type);
	tval_push(f->resources, o);
}

static void add_contact(struct faces *f, const char *number, const char *label)
{
	struct tval *o = tval_object(f->a);

	tval_put_int(o, "index", ++f->ndirectory);
	tval_put_str(o, "value", number);
	tval_put_str(o, "label", label);
	tval_push(f->directory, o);
}

/* The phone watches by one registration and has one pickup code for all: those of the first key that has one. */
static void watch(struct faces *f, const struct key_view *k)
{
	add_resource(f, k->value, k->label, types[k->type].resource);
	if (!f->watcher)
		f->watcher = k->slot;
	if (!f->pickup && k->pickup[0] && strlen(k->pickup) <= PICKUP_MAX)
		f->pickup = k->pickup;
}

static void add_key(struct faces *f, unsigned number, unsigned module, unsigned index)
{
	struct tval *o = tval_object(f->a);
	const char *category = "Unassigned";
	struct key_view k;
	unsigned target = 0;

	view_key(f->ph, f->pf, module, index, &k);
	switch (types[k.type].how) {
	case SHOWN_LINE:
		category = "Line";
		target = k.slot;
		if (k.slot < SLOTS)
			f->line_keys[k.slot]++;
		break;
	case SHOWN_WATCHED: /* "can only be 0" (vendor addendum 4.1.6): the next of the list, in the order of the keys
			     */
		category = "BLF";
		watch(f, &k);
		break;
	case SHOWN_DIRECTORY:
		category = "SpeedDial";
		add_contact(f, k.value, k.label);
		target = f->ndirectory;
		break;
	case SHOWN_NOT:
		break;
	}
	tval_put_int(o, "index", number);
	tval_put_str(o, "category", category);
	tval_put_int(o, "target", target);
	tval_push(f->keys, o);
}

/* Line keys count on from the phone over its modules; further numbers that a source names are blanked too. */
static void add_keys(struct faces *f)
{
	const struct slot_list *list = profile_list(f->pf, "resources");
	unsigned own = profile_keys(f->pf, 0), number = 0, blank = 0;

	for (size_t i = 0; i < f->pf->nblocks; i++)
		blank = f->pf->blocks[i].blank > blank ? f->pf->blocks[i].blank : blank;
	for (unsigned i = 1; i <= own; i++)
		add_key(f, ++number, 0, i);
	for (unsigned m = 1; m <= f->pf->modules; m++) {
		for (unsigned i = 1; i <= f->pf->keys_per_module; i++)
			add_key(f, ++number, m, i);
	}
	while (number < blank)
		add_key(f, ++number, f->pf->modules + 1, 1);
	while (list && f->nresources < list->max)
		add_resource(f, "", "", "");
}

/* ---- time ---- */

static struct tval *change(struct arena *a, const struct zone *z, const struct zone_change *c)
{
	struct tval *o = tval_object(a);

	/* "Week w is coded as date = (w - 1) * 7 + 1; the last week by its own switch" (public template sets). */
	tval_put_int(o, "month", z->summer ? c->month : 1);
	tval_put_int(o, "date", !z->summer || c->week == 5 ? 1 : (c->week - 1) * 7 + 1);
	tval_put_int(o, "weekday", z->summer ? c->weekday + 1 : 1);
	tval_put_int(o, "last", z->summer && c->week == 5);
	tval_put_int(o, "hour", z->summer ? c->hour : 2);
	return o;
}

/* What the vendor's schema lets the offset be. One zone lies beyond it (Pacific/Kiritimati, 14 hours): a clock an hour
 * late is better than a file that cannot be made, for then the old lines would stay on the phone. */
enum { GMT_OFFSET_MAX = 46800 };

static struct tval *clock_of(struct arena *a, const char *timezone)
{
	struct tval *o = tval_object(a);
	struct zone z;

	if (!zone_find(timezone, &z))
		zone_find(NULL, &z);
	tval_put_int(o, "offset_s", z.offset_s > GMT_OFFSET_MAX ? GMT_OFFSET_MAX : z.offset_s);
	tval_put_int(o, "summer", z.summer);
	tval_put(o, "start", change(a, &z, &z.start));
	tval_put(o, "end", change(a, &z, &z.end));
	return o;
}

/* ---- the whole ---- */

static void build(struct arena *a, const struct profile *pf, const struct phone *ph, struct tval *root)
{
	struct faces f = {
		.a = a, .pf = pf, .ph = ph, .keys = tval_list(a), .resources = tval_list(a), .directory = tval_list(a)
	};
	/* Known to run 3.x: what only that reads differently. Else 4.x and later, whose names 3.x leaves alone. */
	bool newer = profile_speaks(pf, ph->firmware, "polycom-4"), old = profile_speaks(pf, ph->firmware, "polycom-3");
	struct tval *accounts = tval_list(a), *syntax = tval_object(a);

	add_keys(&f);
	for (unsigned s = 1; s <= pf->accounts_blank; s++)
		tval_push(accounts, account(&f, s, old && !newer));
	tval_put(root, "accounts", accounts);
	tval_put(root, "keys", f.keys);
	tval_put(root, "resources", f.resources);
	tval_put(root, "directory", f.directory);
	tval_put(root, "time", clock_of(a, ph->timezone));
	/* Keys one by one: since 4.0, and only where there are keys. Before, lines come first, then watched numbers,
	 * then speed dials; the lists are in that order anyway. */
	tval_put_int(root, "reassign", newer && profile_keys(pf, 0) > 0);
	tval_put_int(root, "watcher", f.watcher ? f.watcher : 1);
	tval_put_str(root, "pickup", f.pickup ? f.pickup : "*97");
	tval_put_bool(syntax, "old", old);
	tval_put(root, "syntax", syntax);
	polycom_settings(a, ph, root);
}

const struct dialect polycom_dialect = {
	.label = { 128, false, NULL },
	.display_name = { 128, false, NULL },
	.key_label = { 128, false, NULL },
	.user_max = 120,
	.secret_max = 255,
	.host_max = 255,
	.value_max = 255,
	.pickup_max = PICKUP_MAX,
	.login_max = 64,
	.admin_max = 32,
	.shortest_min = 60,
	.build = build,
};
