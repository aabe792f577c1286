#include "phonecfg/model/words.h"

#include <stdio.h>
#include <string.h>

#include "phonecfg/model/word_value.h"

#define SET(m) offsetof(struct phone, set.m)
#define OWN(m) offsetof(struct phone, m)
#define ACC(m) offsetof(struct account, m)

/* In the order of the alphabet. Choices stand in the order of their enum. */
static const struct word words[] = {
	{ "ca-url", WORD_OF_PHONE, WORD_URL, .def = "the phone's built-in list",
		.help = "Where the phone finds the CA certificate that it is to trust.", .offset = OWN(ca_url) },
	{ "codecs", WORD_OF_PHONE, WORD_CODECS, .choices = "pcmu|pcma|g722|g729|opus|ilbc|g726-32",
		.def = "g722 pcma pcmu", .samples = "pcmu|g722 pcma|g729 opus ilbc g726-32 pcmu|pcma g729",
		.help = "Codecs that are offered, best first; all others are off.", .offset = SET(codecs) },
	{ "directory", WORD_OF_PHONE, WORD_BOOL, .def = "false; a server that keeps one switches it on",
		.help = "The people of the domain as a phone book (Yealink, Grandstream).", .offset = SET(directory) },
	{ "dtmf", WORD_OF_PHONE, WORD_CHOICE, .choices = "rfc4733|info|inband", .def = "rfc4733",
		.help = "How keys pressed in a call are sent: as RTP events, in SIP INFO, or as sound.",
		.offset = SET(dtmf) },
	{ "expires", WORD_OF_ACCOUNTS, WORD_NUMBER, 60, 604800, "s", .def = "3600",
		.help = "How long a registration holds.", .offset = ACC(expires_s) },
	{ "firmware-url", WORD_OF_PHONE, WORD_URL, .def = "the firmware is left alone",
		.help = "Where the phone looks for firmware.", .offset = SET(firmware_url) },
	{ "keep-contacts", WORD_OF_PHONE, WORD_BOOL, .def = "false",
		.help = "Contacts made on the phone are not sent to the server.", .offset = SET(keep_contacts) },
	{ "keep-logs", WORD_OF_PHONE, WORD_BOOL, .def = "false", .help = "The phone's logs are not sent to the server.",
		.offset = SET(keep_logs) },
	{ "keepalive-seconds", WORD_OF_PHONE, WORD_NUMBER, 10, 3600, "s", .def = "30",
		.help = "How often a packet keeps the way through a NAT open.", .offset = SET(keepalive_s) },
	{ "language", WORD_OF_PHONE, WORD_LANGUAGE, .def = "en", .samples = "en|de|fr|es",
		.help = "Language of the phone's menus.", .offset = OWN(language) },
	{ "ntp", WORD_OF_PHONE, WORD_HOST, .def = "pool.ntp.org", .help = "Where the phone gets the time.",
		.offset = OWN(ntp) },
	{ "phonebook-url", WORD_OF_PHONE, WORD_URL, .choices = "ldap|ldaps", .def = "none",
		.samples = "https://one.example/a|http://two.example/b/",
		.help = "A shared directory that the phone shows: a file, or (Polycom) an LDAP server and its base.",
		.offset = SET(phonebook_url) },
	{ "poll-minutes", WORD_OF_PHONE, WORD_NUMBER, 1, 43200, "min", .def = "1440",
		.help = "How often the phone asks for its files by itself.", .offset = OWN(poll_minutes) },
	{ "poll-window", WORD_OF_PHONE, WORD_WINDOW, .def = "none: by poll-minutes",
		.samples = "22:00-06:00|01:30-04:45",
		.help = "The phone asks for its files once a day between these two times, instead of every poll-minutes.",
		.offset = SET(poll_windowed) },
	{ "port", WORD_OF_ACCOUNTS, WORD_NUMBER, 1, 65535, .def = "the transport's own, or DNS",
		.help = "Port of the registrar.", .offset = ACC(port) },
	{ "proxy", WORD_OF_ACCOUNTS, WORD_HOST, .def = "none", .help = "Outbound proxy through which requests go.",
		.offset = ACC(proxy) },
	{ "proxy-port", WORD_OF_ACCOUNTS, WORD_NUMBER, 1, 65535, .def = "the transport's own",
		.help = "Port of the outbound proxy.", .offset = ACC(proxy_port) },
	{ "server", WORD_OF_ACCOUNTS, WORD_HOST, .def = "the SIP domain",
		.help = "Host or address of the registrar, where it is not the domain itself.", .offset = ACC(server) },
	{ "srtp", WORD_OF_PHONE, WORD_CHOICE, .choices = "off|optional|required", .def = "off",
		.help = "Whether sound is encrypted.", .offset = SET(srtp) },
	{ "timezone", WORD_OF_PHONE, WORD_ZONE, .def = "UTC",
		.samples = "UTC|Europe/Berlin|America/New_York|Asia/Kolkata",
		.help = "Where the phone's clock is, with daylight saving.", .offset = OWN(timezone) },
	{ "tls-any-server", WORD_OF_PHONE, WORD_BOOL, .def = "false",
		.help = "The server's certificate is not checked: for the first access in a closed network only.",
		.offset = SET(tls_any_server) },
	{ "tls-minimum", WORD_OF_PHONE, WORD_CHOICE, .choices = "default|1.0|1.1|1.2|1.3",
		.def = "default: 1.2 where the phone can", .help = "Oldest TLS that the phone speaks.",
		.offset = SET(tls_min) },
	{ "tone", WORD_OF_PHONE, WORD_COUNTRY, .def = "the phone's own", .samples = "DE|US|FR|GB",
		.help = "Country of the call-progress tones.", .offset = SET(tone) },
	{ "transport", WORD_OF_ACCOUNTS, WORD_CHOICE, .choices = "udp|tcp|tls", .def = "udp",
		.help = "How SIP travels.", .offset = ACC(transport) },
	{ "voicemail", WORD_OF_ACCOUNTS, WORD_USER, .def = "none", .samples = "*97|5000",
		.help = "Number that the messages key dials.", .offset = ACC(voicemail) },
};

enum { NWORDS = sizeof(words) / sizeof(*words), WHY_MAX = 200 };

size_t word_count(void)
{
	return NWORDS;
}

const struct word *word_at(size_t i)
{
	return i < NWORDS ? &words[i] : NULL;
}

const struct word *word_find(const char *name)
{
	for (size_t i = 0; i < NWORDS; i++) {
		if (strcmp(words[i].name, name) == 0)
			return &words[i];
	}
	return NULL;
}

void word_type(const struct word *w, char *out, size_t size)
{
	static const char *const kinds[WORD_KIND_COUNT] = {
		[WORD_BOOL] = "true or false",
		[WORD_WINDOW] = "two times of a day: 22:00-06:00",
		[WORD_HOST] = "a host name or an address",
		[WORD_URL] = "an address with http:// or https://",
		[WORD_USER] = "a number, or the user part of an address",
		[WORD_ZONE] = "an IANA time zone: Europe/Berlin",
		[WORD_LANGUAGE] = "a language: de, pt-br",
		[WORD_COUNTRY] = "a country of two capital letters: DE",
	};

	if (w->kind == WORD_NUMBER)
		snprintf(out, size, "a number from %lld to %lld%s%s", w->min, w->max, w->unit ? " " : "",
			w->unit ? w->unit : "");
	else if (w->kind == WORD_CHOICE)
		snprintf(out, size, "one of %s", w->choices);
	else if (w->kind == WORD_CODECS)
		snprintf(out, size, "a list, best first, of %s", w->choices);
	else if (w->kind == WORD_URL && w->choices)
		snprintf(out, size, "%s, ldap:// or ldaps://", kinds[w->kind]);
	else
		snprintf(out, size, "%s", kinds[w->kind]);
}

bool word_sample(const struct word *w, size_t i, char *out, size_t size)
{
	static const char *const by_kind[WORD_KIND_COUNT] = {
		[WORD_BOOL] = "true|false",
		[WORD_HOST] = "one.example|two.example",
		[WORD_URL] = "https://one.example/a|http://two.example/b/",
	};
	long long span = w->max - w->min;

	if (w->kind == WORD_NUMBER) {
		snprintf(out, size, "%lld", i == 0 ? w->min : i == 1 ? w->max : w->min + span / 3);
		return i < 3;
	}
	return word_choice(w->samples ? w->samples : w->choices ? w->choices : by_kind[w->kind], i, out, size);
}

enum err_code word_check(const struct word *w, const char *value, struct err *err)
{
	char why[WHY_MAX];

	if (!*value || word_read(w, value, NULL, NULL, why, sizeof(why)))
		return ERR_OK;
	return err_set(err, ERR_INPUT, "%s %s", w->name, why);
}

static void put(const struct word *w, const char *value, struct arena *a, void *at)
{
	char why[WHY_MAX];

	if (*value)
		word_read(w, value, a, at, why, sizeof(why));
	else
		word_clear(w, at);
}

enum err_code word_set(const struct word *w, const char *value, struct arena *a, struct phone *ph, struct err *err)
{
	enum err_code rc = word_check(w, value, err);

	if (rc)
		return rc;
	if (w->scope == WORD_OF_PHONE)
		put(w, value, a, (char *)ph + w->offset);
	for (size_t i = 0; w->scope == WORD_OF_ACCOUNTS && i < ph->naccounts; i++) {
		if (ph->accounts[i].use != ACCOUNT_NONE)
			put(w, value, a, (char *)&ph->accounts[i] + w->offset);
	}
	/* The two exclude each other. */
	if (w->offset == OWN(poll_minutes) && w->scope == WORD_OF_PHONE && *value)
		ph->set.poll_windowed = false;
	return arena_failed(a) ? err_set(err, ERR_NOMEM, "no memory to set %s", w->name) : ERR_OK;
}

/* The words of one layer, in the order of the table, so that poll-window comes after poll-minutes. */
static enum err_code apply_layer(const struct override *kept, size_t n, enum override_layer layer, struct arena *a,
	struct phone *out, struct err *err)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0; !rc && i < n; i++) { /* kept is ordered by name, as the table is */
		const struct word *w = kept[i].layer == layer ? word_find(kept[i].name) : NULL;
		if (w)
			rc = word_set(w, kept[i].value, a, out, err);
	}
	return rc;
}

static bool any_word(const struct phone *ph)
{
	for (size_t i = 0; i < ph->noverrides; i++) {
		if (ph->overrides[i].name && word_find(ph->overrides[i].name))
			return true;
	}
	return false;
}

static enum err_code own_accounts(const struct phone *in, struct arena *a, struct phone *out, struct err *err)
{
	if (!in->naccounts || !any_word(in))
		return ERR_OK;
	out->accounts = arena_alloc(a, in->naccounts * sizeof(*out->accounts));
	if (!out->accounts)
		return err_set(err, ERR_NOMEM, "no memory for the settings of a phone");
	memcpy(out->accounts, in->accounts, in->naccounts * sizeof(*out->accounts));
	return ERR_OK;
}

enum err_code phone_apply_words(const struct phone *in, struct arena *a, struct phone *out,
	struct word_source **sources, size_t *nsources, struct err *err)
{
	struct override *good, *kept;
	struct word_source *from;
	size_t n = 0, left = 0, found = 0;
	enum err_code rc;

	*out = *in;
	if (sources) {
		*sources = NULL;
		*nsources = 0;
	}
	if (!in->noverrides)
		return ERR_OK;
	good = arena_alloc(a, in->noverrides * sizeof(*good));
	from = arena_alloc(a, NWORDS * sizeof(*from));
	if (!good || !from)
		return err_set(err, ERR_NOMEM, "no memory for the settings of a phone");
	for (size_t i = 0; i < in->noverrides; i++) {
		if (!override_check(&in->overrides[i], NULL))
			good[n++] = in->overrides[i];
	}
	if ((rc = override_merge(good, n, a, &kept, &n, err)) || (rc = own_accounts(in, a, out, err)))
		return rc;
	for (int layer = 0; !rc && layer < LAYER_COUNT; layer++)
		rc = apply_layer(kept, n, (enum override_layer)layer, a, out, err);
	for (size_t i = 0; i < n; i++) {
		const struct word *w = word_find(kept[i].name);
		if (w)
			from[found++] = (struct word_source){ w, kept[i].layer, kept[i].value };
		else
			kept[left++] = kept[i];
	}
	out->overrides = kept;
	out->noverrides = left;
	if (sources) {
		*sources = from;
		*nsources = found;
	}
	return rc;
}
