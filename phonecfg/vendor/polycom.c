/* How Polycom writes values. What is empty is stated as empty; numbers have their factory value (vendor schema). */
#include <string.h>

#include "phonecfg/vendor/view.h"

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

static struct tval *account(struct arena *a, const struct phone *ph, unsigned slot)
{
	struct tval *o = tval_object(a);
	struct line_view line;
	const char *aor;

	view_line(ph, VENDOR_POLYCOM, slot, &line);
	aor = line.used ? arena_printf(a, "%s@%s", line.user, line.domain) : "";
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

struct faces {
	struct arena *a;
	const struct profile *pf;
	const struct phone *ph;
	struct tval *keys, *resources, *directory;
	unsigned nresources, ndirectory;
};

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
		break;
	case SHOWN_WATCHED: /* 0: the next one of the list, which is in the order of the keys */
		category = "BLF";
		add_resource(f, k.value, k.label, types[k.type].resource);
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

/* Line keys count on from the phone over its modules; the schema's further numbers are blanked too. */
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

static struct tval *clock_of(struct arena *a, const char *timezone)
{
	struct tval *o = tval_object(a);
	struct zone z;

	if (!zone_find(timezone, &z))
		zone_find(NULL, &z);
	tval_put_int(o, "offset_s", z.offset_s);
	tval_put_int(o, "summer", z.summer);
	tval_put(o, "start", change(a, &z, &z.start));
	tval_put(o, "end", change(a, &z, &z.end));
	return o;
}

static void build(struct arena *a, const struct profile *pf, const struct phone *ph, struct tval *root)
{
	struct faces f = { a, pf, ph, tval_list(a), tval_list(a), tval_list(a), 0, 0 };
	struct tval *accounts = tval_list(a);
	bool https = ph->prov.url && strncmp(ph->prov.url, "https:", 6) == 0;

	for (unsigned s = 1; s <= pf->accounts_blank; s++)
		tval_push(accounts, account(a, ph, s));
	add_keys(&f);
	tval_put(root, "accounts", accounts);
	tval_put(root, "keys", f.keys);
	tval_put(root, "resources", f.resources);
	tval_put(root, "directory", f.directory);
	tval_put(root, "time", clock_of(a, ph->timezone));
	tval_put_str(root, "language", ""); /* English; further languages are files that a site has to carry */
	tval_put_int(root, "poll_s", (long long)view_poll(ph, VENDOR_POLYCOM) * 60);
	tval_put_bool(root, "write_login", ph->prov.write_login && ph->prov.url && secret_set(&ph->prov.password));

	tval_put_str(tval_get(root, "prov"), "type", https ? "HTTPS" : "HTTP");
}

const struct dialect polycom_dialect = {
	.label = { 128, false, NULL },
	.display_name = { 128, false, NULL },
	.key_label = { 128, false, NULL },
	.user_max = 120,
	.secret_max = 255,
	.host_max = 255,
	.value_max = 255,
	.login_max = 64,
	.admin_max = 32,
	.shortest_min = 60,
	.build = build,
};
