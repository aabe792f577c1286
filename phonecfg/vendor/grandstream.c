/* How Grandstream writes values. Two generations: names with words (version 2 of the file), and numbers that differ by
 * account, key and series (version 1; vendor templates). An ATA reads numbers alone, and a table of its own. Where it
 * is not known which of the two a phone reads, its file says everything both ways: the older ones pass names over
 * without a word (observed), and would keep the old person. */
#include <string.h>

#include "phonecfg/vendor/view.h"

enum { NUMBERED_ACCOUNTS = 6, NUMBERED_VPK = 48, NUMBERED_MPK = 24, NUMBERED_EXT = 160, CODEC_CHOICES = 8 };

/* What one file is written in. */
struct style {
	struct arena *a;
	const struct profile *pf;
	const struct phone *ph;
	bool names, numbers; /* which of the two it is written in, or both */
	bool words;          /* values by words, which only names take */
	bool example;        /* of all names that templates use */
	bool line_modes;     /* the fixed keys of this series count their modes from "line" (scheme A) */
};

static const char *const transports[TRANSPORT_COUNT] = { "UDP", "TCP", "TlsOrTcp" };

/* Numbers of the modes: of the fixed keys of GXP phones, and of every other key (vendor templates; mixing them up gives
 * a key another function). */
static const struct {
	const char *word;
	int fixed, other;
} modes[KEY_TYPE_COUNT] = {
	[KEY_NONE] = { "None", -1, -1 },
	[KEY_LINE] = { "Line", 0, 31 },
	[KEY_SHARED_LINE] = { "SharedLine", 1, 32 },
	[KEY_BLF] = { "BLF", 11, 1 },
	[KEY_SPEED_DIAL] = { "SpeedDial", 10, 0 },
	[KEY_PARK] = { "MonitoredCallPark", 26, 16 },
	[KEY_INTERCOM] = { "Intercom", 20, 10 },
	[KEY_VOICEMAIL] = { "VoiceMail", 16, 6 },
	[KEY_PAGE] = { "SpeedDial", 10, 0 },
};

/* Opus: the vendor's template names it 125 in the list of choices and 123 in a default; 123 is its payload type. */
static const char *const codecs[CODEC_COUNT] = {
	[CODEC_PCMU] = "0",
	[CODEC_PCMA] = "8",
	[CODEC_G722] = "9",
	[CODEC_G729] = "18",
	[CODEC_OPUS] = "123",
	[CODEC_ILBC] = "98",
	[CODEC_G726_32] = "2",
};

static const struct {
	const char *word, *number;
} srtp_modes[SRTP_COUNT] = {
	[SRTP_OFF] = { "Disabled", "0" },
	[SRTP_OPTIONAL] = { "EnabledButNotForced", "1" },
	[SRTP_REQUIRED] = { "EnabledAndForced", "2" },
};

/* Nothing above 1.2 is known to these phones. */
static const char *const tls_versions[TLS_VERSION_COUNT] = {
	[TLS_DEFAULT] = "TLS_1_2",
	[TLS_1_0] = "TLS_1_0",
	[TLS_1_1] = "TLS_1_1",
	[TLS_1_2] = "TLS_1_2",
	[TLS_1_3] = "TLS_1_2",
};

static const char *yes(const struct style *st, bool v)
{
	if (!st->words)
		return v ? "1" : "0";
	return v ? "Yes" : "No";
}

/* Blanks at the ends are kept by the phone and would become part of a user's name. */
static const char *trimmed(struct arena *a, const char *s)
{
	return arena_slice(a, slice_trim(slice_str(s)));
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

/* ---- accounts ---- */

/* The phone has one pickup code for all watched numbers of an account. */
static const char *pickup_of(const struct phone *ph, unsigned slot)
{
	for (size_t i = 0; i < ph->nkeys; i++) {
		const struct key *k = &ph->keys[i];
		if (k->type == KEY_BLF && (k->slot ? k->slot : 1) == slot && k->pickup && *k->pickup &&
			!phone_vacant(ph))
			return k->pickup;
	}
	return "";
}

/* Minutes, rounded up: less than one would become 0. */
static unsigned minutes(unsigned seconds)
{
	unsigned m = seconds / 60 + (seconds % 60 ? 1 : 0);

	return m < 1 ? 1 : m > 64800 ? 64800 : m;
}

static struct tval *account(const struct style *st, unsigned slot)
{
	struct tval *o = tval_object(st->a);
	struct arena *a = st->a;
	struct line_view line;

	view_line(st->ph, VENDOR_GRANDSTREAM, slot, &line);
	tval_put_int(o, "slot", slot);
	tval_put_str(o, "enable", yes(st, line.used));
	tval_put_str(o, "label", trimmed(a, line.label));
	tval_put_str(o, "display_name", trimmed(a, line.display_name));
	tval_put_str(o, "user", trimmed(a, line.user));
	tval_put_str(o, "auth_user", trimmed(a, line.auth_user));
	/* A password may not be empty: the phone would keep the old one in silence. */
	tval_put(o, "password", line.used ? tval_secret(a, line.password) : view_filler(a, st->ph, false));
	tval_put_str(o, "server", host_port(a, line.domain, line.port));
	tval_put_str(o, "proxy", line.proxy ? host_port(a, line.proxy, line.proxy_port) : "");
	if (st->words)
		tval_put_str(o, "transport", transports[line.transport]);
	else
		tval_put_int(o, "transport", line.transport);
	tval_put_int(o, "expires_min", minutes(line.expires_s));
	tval_put_str(o, "voicemail", trimmed(a, line.voicemail));
	tval_put_str(o, "mwi", yes(st, line.voicemail[0] != 0));
	tval_put_str(o, "shared", yes(st, line.shared));
	tval_put_str(o, "pickup", line.used ? trimmed(a, pickup_of(st->ph, slot)) : "");
	return o;
}

/* By name all accounts; by number the first six, each with numbers of its own. */
static void accounts(const struct style *st, struct tval *root)
{
	struct tval *named = tval_list(st->a), *numbered = tval_object(st->a);
	unsigned n = st->pf->accounts_blank;

	for (unsigned s = 1; s <= n && st->names; s++)
		tval_push(named, account(st, s));
	for (unsigned s = 1; s <= NUMBERED_ACCOUNTS && st->numbers; s++) {
		const char *name = arena_printf(st->a, "a%u", s);
		bool has = s <= n || st->example;
		tval_put(numbered, name ? name : "", has ? account(st, s) : tval_bool(st->a, false));
	}
	tval_put(root, "accounts", named);
	tval_put(root, "p_account", numbered);
}

/* ---- keys ---- */

enum place { PLACE_VPK, PLACE_MPK, PLACE_EXT };

/* number: the key's own in its block; word: by name, else by number, whose modes differ by series and kind of key. Line
 * keys are on programmable keys only (public template set). */
static struct tval *key(
	const struct style *st, const struct key_view *k, unsigned number, enum place place, bool fixed, bool word)
{
	struct tval *o = tval_object(st->a);
	enum key_type type = k->type;
	bool line = type == KEY_LINE || type == KEY_SHARED_LINE, scheme_a;
	bool none = type == KEY_NONE || (line && place != PLACE_VPK);

	/* The first keys cannot be taken away: they show a line, without a label. */
	if (none)
		type = fixed ? KEY_LINE : KEY_NONE;
	scheme_a = fixed && st->line_modes;
	tval_put_int(o, "index", number);
	if (word)
		tval_put_str(o, "mode", modes[type].word);
	else
		tval_put_int(o, "mode", scheme_a ? modes[type].fixed : modes[type].other);
	/* Keys of the phone name their account 0, 1, ...; the others Account1, Account2, ... */
	if (word && place != PLACE_VPK)
		tval_put_str(o, "account", arena_printf(st->a, "Account%u", k->slot));
	else
		tval_put_int(o, "account", k->slot - 1);
	tval_put_str(o, "label", none ? "" : trimmed(st->a, k->label));
	tval_put_str(o, "value", none ? "" : trimmed(st->a, k->value));
	return o;
}

/* Puts keys into the list of names, and into an object k1, k2, ... of as many as there are numbers. */
struct keys {
	struct tval *named, *numbered;
	unsigned count, numbers;
	enum place place;
};

static void keys_open(const struct style *st, struct keys *ks, unsigned numbers, enum place place)
{
	*ks = (struct keys){ tval_list(st->a), tval_object(st->a), 0, numbers, place };
}

static void keys_put(const struct style *st, struct keys *ks, const struct key_view *k, bool fixed)
{
	const char *name = arena_printf(st->a, "k%u", ++ks->count);

	if (st->names)
		tval_push(ks->named, key(st, k, ks->count, ks->place, fixed, true));
	if (st->numbers && ks->count <= ks->numbers)
		tval_put(ks->numbered, name ? name : "", key(st, k, ks->count, ks->place, fixed, false));
}

static void keys_close(const struct style *st, struct keys *ks, struct tval *root, const char *list, const char *object)
{
	while (st->numbers && ks->count < ks->numbers) {
		const char *name = arena_printf(st->a, "k%u", ++ks->count);
		tval_put(ks->numbered, name ? name : "", tval_bool(st->a, false));
	}
	tval_put(root, list, ks->named);
	tval_put(root, object, ks->numbered);
}

static const struct key_view no_key = { .type = KEY_NONE, .slot = 1, .value = "", .label = "", .pickup = "" };

static void block(const struct style *st, struct tval *root, const char *name, const char *object, enum place place)
{
	unsigned numbers = place == PLACE_VPK ? NUMBERED_VPK : NUMBERED_MPK;
	struct keys ks;

	keys_open(st, &ks, numbers, place);
	for (size_t b = 0; b < st->pf->nblocks; b++) {
		const struct key_block *kb = &st->pf->blocks[b];
		unsigned last = st->example ? numbers : kb->blank;
		for (unsigned i = 1; strcmp(kb->name, name) == 0 && i <= last; i++) {
			struct key_view k = no_key;
			if (i <= kb->max)
				view_key(st->ph, st->pf, 0, kb->first + i - 1, &k);
			keys_put(st, &ks, &k, i <= kb->fixed);
		}
	}
	keys_close(st, &ks, root, name, object);
}

/* Keys of all modules are numbered through. */
static void modules(const struct style *st, struct tval *root)
{
	const struct slot_list *list = profile_list(st->pf, "ext");
	unsigned last = st->example ? NUMBERED_EXT : list ? list->max : 0;
	struct key_view k;
	struct keys ks;

	keys_open(st, &ks, NUMBERED_EXT, PLACE_EXT);
	for (unsigned m = 1; m <= st->pf->modules; m++) {
		for (unsigned i = 1; i <= st->pf->keys_per_module; i++) {
			view_key(st->ph, st->pf, m, i, &k);
			keys_put(st, &ks, &k, false);
		}
	}
	while (ks.count < last)
		keys_put(st, &ks, &no_key, false);
	keys_close(st, &ks, root, "ext", "ek");
}

/* ---- settings ---- */

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

/* All eight choices must be something: the last wanted codec fills up. */
static struct tval *codec_choices(struct arena *a, const struct phone_settings *set)
{
	static const enum codec usual[] = { CODEC_G722, CODEC_PCMA, CODEC_PCMU };
	const enum codec *want = set->ncodecs ? set->codecs : usual;
	size_t n = set->ncodecs ? set->ncodecs : 3;
	struct tval *o = tval_object(a);

	for (size_t i = 0; i < CODEC_CHOICES; i++) {
		const char *name = arena_printf(a, "c%zu", i + 1);
		tval_put_str(o, name ? name : "", codecs[want[i < n ? i : n - 1]]);
	}
	return o;
}

static struct tval *media(const struct style *st)
{
	const struct phone_settings *set = &st->ph->set;
	struct tval *o = tval_object(st->a);

	tval_put_str(o, "srtp", st->words ? srtp_modes[set->srtp].word : srtp_modes[set->srtp].number);
	tval_put_str(o, "dtmf_audio", yes(st, set->dtmf == DTMF_INBAND));
	tval_put_str(o, "dtmf_rtp", yes(st, set->dtmf == DTMF_RFC4733));
	tval_put_str(o, "dtmf_sip", yes(st, set->dtmf == DTMF_INFO));
	/* 2: keep-alive. */
	tval_put_str(o, "nat", "2");
	tval_put_int(o, "keepalive", set->keepalive_s ? set->keepalive_s : 30);
	return o;
}

/* A whole hour at each end, the later one rounded up. */
static struct tval *poll_of(const struct style *st)
{
	const struct phone_settings *set = &st->ph->set;
	unsigned from = set->poll_from / 60, to = (set->poll_to + 59) / 60;
	struct tval *o = tval_object(st->a);

	tval_put_bool(o, "windowed", set->poll_windowed);
	tval_put_str(o, "mode", set->poll_windowed ? "2" : "1");
	tval_put_int(o, "from", from > 23 ? 23 : from);
	tval_put_int(o, "to", to > 23 ? 23 : to);
	return o;
}

/* host/path without the scheme, as these phones want addresses; file at the end is taken off. */
static const char *bare(struct arena *a, const char *url, const char *file)
{
	const char *p = strstr(url, "://");
	struct slice s = slice_str(p ? p + 3 : url);

	if (file && slice_ends(s, file))
		s.n -= strlen(file);
	while (s.n && s.p[s.n - 1] == '/')
		s.n--;
	return arena_slice(a, s);
}

static bool scheme(const char *url, const char *s)
{
	return strncmp(url, s, strlen(s)) == 0;
}

/* 0 TFTP, 1 HTTP, 2 HTTPS, 3 FTP, 4 FTPS. */
static const char *protocol(const char *url)
{
	return scheme(url, "tftp:")    ? "0"
	       : scheme(url, "https:") ? "2"
	       : scheme(url, "ftp:")   ? "3"
	       : scheme(url, "ftps:")  ? "4"
				       : "1";
}

static struct tval *firmware(const struct style *st)
{
	const char *url = st->ph->set.firmware_url ? st->ph->set.firmware_url : "";
	struct tval *o = tval_object(st->a);

	tval_put_str(o, "url", url);
	tval_put_str(o, "protocol", protocol(url));
	tval_put_str(o, "path", bare(st->a, url, NULL));
	return o;
}

/* What a person entered on the phone is never sent anywhere: it goes when the shared list, or the server's own, is
 * loaded, until nobody's can be left there but who sits there now. A line that keeps its contacts on the phone is
 * spared. */
static struct tval *phonebook(const struct style *st, struct tval *root)
{
	bool spare = st->ph->set.keep_contacts && !phone_vacant(st->ph);
	const char *url = st->ph->set.phonebook_url;
	struct tval *o = tval_object(st->a), *prov = tval_get(root, "prov");
	bool own = (!url || !*url) && st->ph->prov.url && !spare && secret_set(&st->ph->prov.password);

	if (!url || !*url)
		url = st->ph->prov.url && !spare ? st->ph->prov.url : "";
	/* 0 off, 1 HTTP, 2 TFTP, 3 HTTPS. */
	tval_put_str(o, "mode", !*url ? "0" : scheme(url, "https:") ? "3" : scheme(url, "tftp:") ? "2" : "1");
	tval_put_str(o, "path", bare(st->a, url, "/phonebook.xml"));
	tval_put_str(o, "remove", yes(st, !spare && (!st->ph->settled || phone_vacant(st->ph))));
	/* This server answers nobody without a login: without it the empty list never arrives, and the entries stay. */
	tval_put(o, "user", own ? tval_get(prov, "user") : tval_text(st->a, slice_str("")));
	tval_put(o, "password", own ? tval_get(prov, "password") : view_filler(st->a, st->ph, false));
	return o;
}

/* These phones cannot fetch a certificate from an address: with one of the server's own they can only trust anybody. */
static struct tval *tls(const struct style *st)
{
	const struct phone *ph = st->ph;
	bool https = ph->prov.url && scheme(ph->prov.url, "https:");
	struct tval *o = tval_object(st->a);

	tval_put_str(o, "validate", yes(st, https && !ph->set.tls_any_server && !(ph->ca_url && *ph->ca_url)));
	tval_put_str(o, "minimum", tls_versions[ph->set.tls_min]);
	return o;
}

/* "de" of "de-AT": the phone's menus know no regions. */
static const char *language(struct arena *a, const char *word)
{
	struct slice s = slice_str(word && *word ? word : "en");

	return arena_slice(a, slice_cut(&s, '-'));
}

static void build(struct arena *a, const struct profile *pf, const struct phone *ph, struct tval *root)
{
	/* The example that templates are checked against speaks no language of this vendor, and has every name. */
	bool example = strncmp(profile_syntax(pf, ph->firmware)->name, "grandstream", 11) != 0;
	bool ata = strncmp(pf->model, "HT", 2) == 0;
	struct style st = { .a = a, .pf = pf, .ph = ph, .example = example };
	struct tval *prov = tval_get(root, "prov");

	st.names = example || profile_speaks(pf, ph->firmware, "grandstream");
	st.numbers = example || profile_speaks(pf, ph->firmware, "grandstream-p");
	st.words = st.names && !st.numbers;
	st.line_modes = strncmp(pf->model, "GXP", 3) == 0;
	tval_put_bool(root, "names", st.names && !example);
	tval_put_bool(root, "numbers", st.numbers && !ata);
	tval_put_bool(root, "ata", ata);
	accounts(&st, root);
	block(&st, root, "vpk", "vk", PLACE_VPK);
	block(&st, root, "mpk", "mk", PLACE_MPK);
	modules(&st, root);
	tval_put(root, "codec", codec_choices(a, &ph->set));
	tval_put(root, "set", media(&st));
	tval_put(root, "poll", poll_of(&st));
	tval_put(root, "firmware", firmware(&st));
	tval_put(root, "book", phonebook(&st, root));
	tval_put(root, "tls", tls(&st));
	tval_put(root, "time", clock_of(a, ph->timezone));
	tval_put_str(root, "language", language(a, ph->language));
	tval_put(root, "filler", view_filler(a, ph, false));
	tval_put(root, "filler_digits", view_filler(a, ph, true));
	tval_put_str(prov, "protocol", ph->prov.url ? protocol(ph->prov.url) : "");
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
	.line_block = "vpk",
	.numbered_accounts = NUMBERED_ACCOUNTS,
	.build = build,
};
