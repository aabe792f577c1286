/* How Yealink writes values. A clear is %NULL%, an empty key is type 0 (vendor guides). */
#include <stdio.h>
#include <string.h>

#include "phonecfg/vendor/view.h"

static const char null_token[] = "%NULL%";
/* Both are read as "nothing" by the phone, so nobody may be called so. */
static const char *const reserved[] = { "%NULL%", "%EMPTY%", NULL };

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

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
/* Turns the page of a module; on EXP39 it is key 1 and key 21 (vendor template), which would be lost as type 0. */
enum { TYPE_PAGE_SWITCH = 37 };

/* Names of languages and of tone plans, as public template sets write them. */
struct word {
	const char *code, *name;
};
static const struct word languages[] = {
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
static const struct word tones[] = {
	{ "CA", "Canada" },
	{ "DE", "Germany" },
	{ "ES", "Spain" },
	{ "FR", "France" },
	{ "IT", "Italy" },
	{ "RU", "Russia" },
	{ "US", "United States" },
};

static const char *word_of(const struct word *table, size_t n, const char *code, const char *otherwise)
{
	for (size_t i = 0; code && i < n; i++) {
		if (strncasecmp(code, table[i].code, 2) == 0)
			return table[i].name;
	}
	return otherwise;
}

static void put(struct tval *o, const char *name, const char *value)
{
	tval_put_str(o, name, value && *value ? value : null_token);
}

/* ---- accounts ---- */

static struct tval *account(struct arena *a, unsigned slot, const struct line_view *line)
{
	static const int transports[TRANSPORT_COUNT] = { 0, 1, 2 };
	struct tval *o = tval_object(a);

	tval_put_int(o, "slot", slot);
	put(o, "label", line->label);
	put(o, "display_name", line->display_name);
	put(o, "user", line->user);
	put(o, "auth_user", line->auth_user);
	tval_put(o, "password", tval_secret(a, line->password));
	put(o, "server", line->domain);
	tval_put_int(o, "port", line->port ? line->port : transport_port(line->transport));
	tval_put_int(o, "transport", transports[line->transport]);
	tval_put_int(o, "expires", line->expires_s);
	tval_put_int(o, "proxy_enable", line->proxy != NULL);
	put(o, "proxy", line->proxy);
	tval_put_int(o, "proxy_port", line->proxy_port ? line->proxy_port : transport_port(line->transport));
	put(o, "voicemail", line->voicemail);
	tval_put_int(o, "mwi", line->voicemail[0] != 0);
	tval_put_int(o, "shared", line->shared);
	return o;
}

static struct tval *number(struct arena *a, const char *name, unsigned n)
{
	struct tval *o = tval_object(a);

	tval_put_int(o, name, n);
	return o;
}

/* accounts: those with a line; unused.accounts: the other slots; slots: all of them. */
static void put_accounts(
	struct arena *a, const struct profile *pf, const struct phone *ph, struct tval *root, struct tval *unused)
{
	struct tval *accounts = tval_list(a), *rest = tval_list(a), *slots = tval_list(a);

	for (unsigned s = 1; s <= pf->accounts_blank; s++) {
		struct line_view line;
		view_line(ph, VENDOR_YEALINK, s, &line);
		if (line.used)
			tval_push(accounts, account(a, s, &line));
		else
			tval_push(rest, number(a, "slot", s));
		tval_push(slots, number(a, "slot", s));
	}
	tval_put(root, "accounts", accounts);
	tval_put(root, "slots", slots);
	tval_put(unused, "accounts", rest);
}

/* ---- keys ---- */

/* On these the line of a BLF key counts from 0 (public template set). */
static bool blf_from_zero(const struct profile *pf)
{
	return strcmp(pf->id, "yealink-t32g") == 0 || strcmp(pf->id, "yealink-t38g") == 0;
}

static bool is_page_switch(const struct profile *pf, unsigned module, unsigned index)
{
	return module && pf->module_name && strcmp(pf->module_name, "EXP39") == 0 && (index == 1 || index == 21);
}

/* Puts one key into the list of the used or of the unused ones. index is what struct key calls it, shown what the
 * file calls it. */
static void push_key(struct arena *a, const struct profile *pf, const struct phone *ph, unsigned module, unsigned index,
	unsigned shown, struct tval *used, struct tval *unused)
{
	bool old = profile_speaks(pf, ph->firmware, "yealink-old");
	struct tval *o = number(a, "index", shown);
	struct key_view k;
	unsigned line;

	view_key(ph, pf, module, index, &k);
	if (module)
		tval_put_int(o, "module", module);
	if (k.type == KEY_NONE && !is_page_switch(pf, module, index)) {
		tval_push(unused, o);
		return;
	}
	line = k.type == KEY_NONE ? 0 : k.slot;
	if (k.type == KEY_BLF && blf_from_zero(pf))
		line--;
	tval_put_int(o, "type", k.type == KEY_NONE ? TYPE_PAGE_SWITCH : types[k.type]);
	tval_put_int(o, "line", line);
	put(o, "value", k.value);
	put(o, "label", k.label);
	/* The pickup code is the extension from V80 on, and before it the pickup value (public template sets). */
	put(o, "pickup", k.pickup);
	put(o, "old_pickup", old ? k.pickup : NULL);
	tval_push(used, o);
}

/* The keys of one block of the phone, and numbers behind them up to at_least. */
static void put_block(struct arena *a, const struct profile *pf, const struct phone *ph, const char *block,
	const char *name, unsigned at_least, struct tval *root, struct tval *unused)
{
	struct tval *keys = tval_list(a), *rest = tval_list(a);
	const struct key_block *b = NULL;
	unsigned n = 0;

	for (size_t i = 0; !b && i < pf->nblocks; i++)
		b = strcmp(pf->blocks[i].name, block) == 0 ? &pf->blocks[i] : NULL;
	for (; b && n < b->blank; n++) {
		if (n < b->max)
			push_key(a, pf, ph, 0, b->first + n, n + 1, keys, rest);
		else
			tval_push(rest, number(a, "index", n + 1));
	}
	for (; n < at_least; n++)
		tval_push(rest, number(a, "index", n + 1));
	tval_put(root, name, keys);
	tval_put(unused, name, rest);
}

static unsigned list_max(const struct profile *pf, const char *name)
{
	const struct slot_list *l = profile_list(pf, name);

	return l ? l->max : 0;
}

static void put_modules(
	struct arena *a, const struct profile *pf, const struct phone *ph, struct tval *root, struct tval *unused)
{
	struct tval *keys = tval_list(a), *rest = tval_list(a), *old = tval_list(a), *old_rest = tval_list(a);
	unsigned most = list_max(pf, "old_expansion");

	for (unsigned m = 1; m <= pf->modules; m++) {
		for (unsigned i = 1; i <= pf->keys_per_module; i++)
			push_key(a, pf, ph, m, i, i, keys, rest);
	}
	for (unsigned i = 1; profile_speaks(pf, ph->firmware, "yealink-old") && i <= most; i++) {
		if (pf->modules && i <= pf->keys_per_module)
			push_key(a, pf, ph, 1, i, i, old, old_rest);
		else
			tval_push(old_rest, number(a, "index", i));
	}
	tval_put(root, "modules", keys);
	tval_put(unused, "modules", rest);
	tval_put(root, "old_module", old);
	tval_put(unused, "old_module", old_rest);
}

/* ---- settings ---- */

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

/* The two generations number SRTP differently (vendor template V7x; public template sets V8x). later: what V81 and
 * later read in a file of their own, while it is not known which one the phone runs. */
static int srtp_number(const struct profile *pf, const struct phone *ph, bool later)
{
	static const int unknown[SRTP_COUNT] = { 0, 0, 1 }, v7x[SRTP_COUNT] = { 0, 2, 1 },
			 v8x[SRTP_COUNT] = { 0, 1, 2 };

	if (later)
		return v8x[ph->set.srtp];
	if (ph->firmware && *ph->firmware)
		return (firmware_compare(VENDOR_YEALINK, ph->firmware, "0.80.0.0") < 0 ? v7x : v8x)[ph->set.srtp];
	if (!profile_speaks(pf, NULL, "yealink-old"))
		return v8x[ph->set.srtp];
	return (profile_speaks(pf, NULL, "yealink") ? unknown : v7x)[ph->set.srtp];
}

/* Does V81 want something said another way than <mac>.cfg says it? */
static bool needs_later(const struct profile *pf, const struct phone *ph)
{
	return profile_speaks(pf, ph->firmware, "yealink-old") && profile_speaks(pf, ph->firmware, "yealink") &&
	       srtp_number(pf, ph, true) != srtp_number(pf, ph, false);
}

/* The empty list of calls is for a free phone: it would cost anybody else his own. */
static bool has(const struct profile *pf, const struct phone *ph, enum file_kind kind)
{
	if (kind == FILE_CALLLOG_XML)
		return phone_vacant(ph) && profile_speaks(pf, ph->firmware, "yealink");
	return kind != FILE_LATER_CFG || needs_later(pf, ph);
}

static struct tval *sound(struct arena *a, const struct profile *pf, const struct phone *ph)
{
	/* RFC 2833 is what the phone calls RFC 4733; 0 = in the voice, 2 = SIP INFO (vendor template). */
	static const int dtmf[DTMF_COUNT] = { [DTMF_RFC4733] = 1, [DTMF_INFO] = 2, [DTMF_INBAND] = 0 };
	struct tval *o = tval_object(a);

	tval_put_int(o, "srtp", srtp_number(pf, ph, false));
	tval_put_int(o, "srtp_later", srtp_number(pf, ph, true));
	put(o, "srtp_suite", ph->set.srtp == SRTP_OFF ? NULL : "AES_CM_128_HMAC_SHA1_80");
	tval_put_int(o, "dtmf", dtmf[ph->set.dtmf]);
	tval_put_int(o, "keepalive", ph->set.keepalive_s ? ph->set.keepalive_s : 30);
	return o;
}

/* Per codec: on (0 or 1), priority (from 1, the best; null while off) and order (the same, 0 while off). */
static struct tval *codecs(struct arena *a, const struct phone *ph)
{
	static const char *const names[CODEC_COUNT] = { [CODEC_PCMU] = "pcmu",
		[CODEC_PCMA] = "pcma",
		[CODEC_G722] = "g722",
		[CODEC_G729] = "g729",
		[CODEC_OPUS] = "opus",
		[CODEC_ILBC] = "ilbc",
		[CODEC_G726_32] = "g726_32" };
	static const enum codec usual[] = { CODEC_G722, CODEC_PCMA, CODEC_PCMU };
	const enum codec *wanted = ph->set.ncodecs ? ph->set.codecs : usual;
	size_t n = ph->set.ncodecs ? ph->set.ncodecs : COUNT(usual);
	struct tval *all = tval_object(a);

	for (size_t c = 0; c < CODEC_COUNT; c++) {
		struct tval *o = tval_object(a);
		size_t place = 0;
		while (place < n && (size_t)wanted[place] != c)
			place++;
		place = place < n ? place + 1 : 0;
		tval_put_int(o, "on", place > 0);
		tval_put_int(o, "order", (long long)place);
		if (place)
			tval_put_int(o, "priority", (long long)place);
		else
			put(o, "priority", NULL);
		tval_put(all, names[c], o);
	}
	return all;
}

static bool has_line(const struct phone *ph)
{
	for (size_t i = 0; i < ph->naccounts; i++) {
		if (ph->accounts[i].use != ACCOUNT_NONE)
			return true;
	}
	return false;
}

/* Every so many minutes, or once a day between two times; a phone that nobody can tell anything comes often instead. */
static struct tval *poll_of(struct arena *a, const struct phone *ph)
{
	const struct phone_settings *set = &ph->set;
	bool windowed = set->poll_windowed && has_line(ph);
	unsigned minutes = view_poll(ph, VENDOR_YEALINK);
	struct tval *o = tval_object(a);

	tval_put_int(o, "repeat", !windowed);
	tval_put_int(o, "minutes", minutes > 43200 ? 43200 : minutes);
	tval_put_int(o, "windowed", windowed);
	tval_put_str(o, "days", "0123456");
	put(o, "from", windowed ? arena_printf(a, "%02u:%02u", set->poll_from / 60, set->poll_from % 60) : NULL);
	put(o, "to", windowed ? arena_printf(a, "%02u:%02u", set->poll_to / 60, set->poll_to % 60) : NULL);
	return o;
}

/* Methods: 0 TLS 1.0, 3 whatever both sides can, 4 TLS 1.1, 5 TLS 1.2 (vendor guide). There is none for 1.3, so that
 * 1.2 is the highest floor. What firmware before V84 makes of 5 no source says; unasked it keeps 3. */
static struct tval *tls(struct arena *a, const struct profile *pf, const struct phone *ph)
{
	static const int methods[TLS_VERSION_COUNT] = {
		[TLS_DEFAULT] = 3,
		[TLS_1_0] = 3,
		[TLS_1_1] = 4,
		[TLS_1_2] = 5,
		[TLS_1_3] = 5,
	};
	bool known = ph->firmware && *ph->firmware;
	bool modern = known ? firmware_compare(VENDOR_YEALINK, ph->firmware, "0.84.0.0") >= 0
			    : !profile_speaks(pf, NULL, "yealink-old");
	struct tval *o = tval_object(a);

	tval_put_int(o, "trust", !ph->set.tls_any_server);
	tval_put_int(o, "method", ph->set.tls_min == TLS_DEFAULT && modern ? 5 : methods[ph->set.tls_min]);
	return o;
}

/* A key of 16 characters goes by both names, one of 32 by the one that V84 has (vendor guide). */
static struct tval *file_key(struct arena *a, const struct phone *ph)
{
	const struct secret *key = secret_set(&ph->file_key_next) ? &ph->file_key_next : &ph->file_key;
	struct tval *o = tval_object(a);

	put(o, "short", NULL);
	put(o, "any", NULL);
	if (secret_set(key) && key->n <= 16)
		tval_put(o, "short", tval_secret(a, key));
	if (secret_set(key))
		tval_put(o, "any", tval_secret(a, key));
	return o;
}

/* A file by HTTP or HTTPS; an LDAP directory has settings of its own and is no phone book here. Without one the list
 * that this server keeps, where somebody sits: it answers nobody without a login. */
static struct tval *phonebook(struct arena *a, const struct phone *ph, struct tval *root)
{
	const char *url = ph->set.phonebook_url;
	bool given = url && *url, file = given && strncasecmp(url, "http", 4) == 0;
	bool own = !given && ph->set.directory && ph->prov.url && secret_set(&ph->prov.password) && !phone_vacant(ph);
	struct tval *o = tval_object(a), *prov = tval_get(root, "prov");

	put(o, "url", own ? arena_printf(a, "%sphonebook.xml", ph->prov.url) : file ? url : NULL);
	put(o, "name", own ? "Directory" : file ? "Phone book" : NULL);
	put(o, "user", NULL);
	put(o, "password", NULL);
	if (own) {
		tval_put(o, "user", tval_get(prov, "user"));
		tval_put(o, "password", tval_get(prov, "password"));
	}
	return o;
}

static struct tval *syntax(struct arena *a, const struct profile *pf, const struct phone *ph)
{
	struct tval *o = tval_object(a);
	unsigned lines = 0;

	for (size_t i = 0; i < pf->nblocks; i++)
		lines += strcmp(pf->blocks[i].name, "line") == 0 ? pf->blocks[i].max : 0;
	tval_put_bool(o, "old", profile_speaks(pf, ph->firmware, "yealink-old"));
	tval_put_bool(o, "static", profile_speaks(pf, ph->firmware, "yealink"));
	/* Memory keys went with the phones of before V81; a CP960 has no others. */
	tval_put_bool(o, "memory", profile_speaks(pf, ph->firmware, "yealink-old") || profile_keys(pf, 0) > lines);
	return o;
}

/* x and y of the numbered families that have two numbers, as one list. */
static struct tval *pairs(struct arena *a, unsigned max)
{
	struct tval *grid = tval_object(a), *list = tval_list(a);

	for (unsigned x = 1; x <= max; x++) {
		for (unsigned y = 1; y <= max; y++) {
			struct tval *o = number(a, "x", x);
			tval_put_int(o, "y", y);
			tval_push(list, o);
		}
	}
	tval_put(grid, "pairs", list);
	return grid;
}

/* Before V81 a phone keeps its contacts to itself, but loads a list in their place when it is told where one is: a free
 * one the empty list of this server. While somebody sits there it would cost him his own at every pull. */
static const char *contacts_url(struct arena *a, const struct profile *pf, const struct phone *ph)
{
	char mac[MAC_TEXT];

	if (!phone_vacant(ph) || !ph->prov.url || !profile_speaks(pf, ph->firmware, "yealink-old"))
		return NULL;
	return arena_printf(a, "%s%s-contact.xml", ph->prov.url, mac_text(&ph->mac, mac));
}

static void build(struct arena *a, const struct profile *pf, const struct phone *ph, struct tval *root)
{
	struct tval *unused = tval_object(a), *spare = tval_object(a);

	tval_put_str(root, "null", null_token);
	tval_put(root, "syntax", syntax(a, pf, ph));
	put_accounts(a, pf, ph, root, unused);
	put_block(a, pf, ph, "line", "keys", 0, root, unused);
	put_block(a, pf, ph, "memory", "memory", list_max(pf, "memory"), root, unused);
	put_modules(a, pf, ph, root, unused);
	tval_put(root, "unused", unused);
	tval_put(root, "grid", pairs(a, list_max(pf, "pairs")));
	tval_put(spare, "phonebooks", list_numbers(a, 2, list_max(pf, "phonebooks")));
	tval_put(root, "spare", spare);
	tval_put(root, "time", clock_of(a, ph->timezone));
	tval_put_str(root, "language", word_of(languages, COUNT(languages), ph->language, "English"));
	put(root, "tone", word_of(tones, COUNT(tones), ph->set.tone, NULL));
	tval_put(root, "sound", sound(a, pf, ph));
	tval_put_bool(root, "later", needs_later(pf, ph));
	tval_put(root, "codec", codecs(a, ph));
	tval_put(root, "poll", poll_of(a, ph));
	tval_put(root, "tls", tls(a, pf, ph));
	tval_put(root, "key", file_key(a, ph));
	tval_put(root, "phonebook", phonebook(a, ph, root));
	tval_put_str(root, "firmware_url", ph->set.firmware_url ? ph->set.firmware_url : "");
	tval_put_int(root, "send_contacts", phone_vacant(ph) || !ph->set.keep_contacts);
	tval_put_int(root, "take_calls", phone_vacant(ph));
	put(root, "contacts_url", contacts_url(a, pf, ph));
	tval_put_int(root, "send_logs", !ph->set.keep_logs);
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
	.has = has,
	.build = build,
};
