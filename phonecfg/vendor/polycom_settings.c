/* The neutral settings in Polycom's words. Values from the vendor schema 4.0.15 unless said. */
#include <string.h>

#include "phonecfg/vendor/polycom.h"

static const enum codec usual[] = { CODEC_G722, CODEC_PCMA, CODEC_PCMU };
enum { USUAL = sizeof(usual) / sizeof(usual[0]) };

/* Rank of each codec: 1 is the best, 0 is off. "old" is the same among the three that 3.x knows by its own names, where
 * nothing means off (vendor guide SIP 1.4: null, 1 to 3). The schema has no OPUS and no G.726. */
static struct tval *codecs(struct arena *a, const struct phone_settings *set)
{
	static const char *const names[CODEC_COUNT] = { "pcmu", "pcma", "g722", "g729", "opus", "ilbc", "g726" };
	const enum codec *wanted = set->ncodecs ? set->codecs : usual;
	size_t n = set->ncodecs ? set->ncodecs : (size_t)USUAL;
	unsigned rank[CODEC_COUNT] = { 0 }, old_rank[CODEC_COUNT] = { 0 }, next = 0, next_old = 0;
	struct tval *o = tval_object(a), *old = tval_object(a);

	for (size_t i = 0; i < n; i++) {
		enum codec c = wanted[i];
		if ((unsigned)c >= CODEC_COUNT || c == CODEC_OPUS || c == CODEC_G726_32 || rank[c])
			continue;
		rank[c] = ++next;
		if (c == CODEC_PCMU || c == CODEC_PCMA || c == CODEC_G729)
			old_rank[c] = ++next_old;
	}
	for (unsigned c = 0; c < CODEC_COUNT; c++) {
		tval_put_int(o, names[c], rank[c]);
		tval_put_str(old, names[c], old_rank[c] ? arena_printf(a, "%u", old_rank[c]) : "");
	}
	tval_put(o, "old", old);
	return o;
}

/* "In the RTP stream, or else by signalling where the protocol offers it; masking belongs to the latter" (vendor guides
 * SIP 1.4 to 3.1); in-band without the offer of telephone events, as a public template set has it. */
static struct tval *dtmf(struct arena *a, enum dtmf how)
{
	struct tval *o = tval_object(a);

	tval_put_int(o, "rtp", how != DTMF_INFO);
	tval_put_int(o, "events", how == DTMF_RFC4733);
	tval_put_int(o, "info", how == DTMF_INFO);
	return o;
}

/* "disabled: 0 0 0, preferred: 1 1 0, required: 1 1 1" (public template set). */
static struct tval *srtp(struct arena *a, enum srtp how)
{
	struct tval *o = tval_object(a);

	tval_put_int(o, "enable", how != SRTP_OFF);
	tval_put_int(o, "offer", how != SRTP_OFF);
	tval_put_int(o, "require", how == SRTP_REQUIRED);
	return o;
}

/* The lowest version that is spoken; the schema ends with 1.2. Unsaid: 1.2 where the phone says that it runs 5.9 or
 * later (5.5 and older are known to fail against servers of today), else the factory's 1.0. */
static struct tval *tls(struct arena *a, const struct phone *ph)
{
	static const char *const words[TLS_VERSION_COUNT] = { "TLSv1_0", "TLSv1_0", "TLSv1_1", "TLSv1_2", "TLSv1_2" };
	enum tls_version min = ph->set.tls_min;
	bool able = ph->firmware && firmware_compare(VENDOR_POLYCOM, ph->firmware, "5.9") >= 0;
	struct tval *o = tval_object(a);

	if ((unsigned)min >= TLS_VERSION_COUNT)
		min = TLS_DEFAULT;
	tval_put_str(o, "min", words[min == TLS_DEFAULT && able ? TLS_1_2 : min]);
	tval_put_bool(o, "said", min != TLS_DEFAULT);
	tval_put_bool(o, "any", ph->set.tls_any_server);
	tval_put_int(o, "strict", !ph->set.tls_any_server);
	return o;
}

static const char *hhmm(struct arena *a, unsigned minutes)
{
	return arena_printf(a, "%02u:%02u", minutes / 60 % 24, minutes % 60);
}

/* A window: once a day at a time between the two that the phone draws by lot; else every so many seconds. A phone that
 * nobody can tell anything does not wait for a window. */
static struct tval *poll(struct arena *a, const struct phone *ph)
{
	struct tval *o = tval_object(a);
	bool windowed = false;

	for (size_t i = 0; ph->set.poll_windowed && i < ph->naccounts; i++)
		windowed = windowed || ph->accounts[i].use != ACCOUNT_NONE;
	tval_put_str(o, "mode", windowed ? "random" : "rel");
	tval_put_int(o, "period_s", windowed ? 86400 : (long long)view_poll(ph, VENDOR_POLYCOM) * 60);
	tval_put_str(o, "from", windowed ? hhmm(a, ph->set.poll_from) : "03:00");
	tval_put_str(o, "to", windowed ? hhmm(a, ph->set.poll_to) : "");
	return o;
}

/* Names of the language folders as public template sets have them; English, and what is not here, is the phone's own.
 */
static const char *language(const char *wanted)
{
	static const struct {
		const char *prefix, *folder;
	} known[] = {
		{ "en-gb", "English_United_Kingdom" },
		{ "de", "German_Germany" },
		{ "es", "Spanish_Spain" },
		{ "fr", "French_France" },
		{ "it", "Italian_Italy" },
		{ "nl", "Dutch_Netherlands" },
	};

	for (size_t i = 0; wanted && i < sizeof(known) / sizeof(known[0]); i++) {
		size_t n = strlen(known[i].prefix);
		struct slice head = { wanted, strlen(wanted) < n ? strlen(wanted) : n };
		char after = head.n == n ? wanted[n] : 'x';
		if (slice_ieq_str(head, known[i].prefix) && (!after || after == '-' || after == '_'))
			return known[i].folder;
	}
	return "";
}

/* The phone's shared directory is LDAP: ldap[s]://host[:port]/base. Another kind of address says nothing to it. */
static struct tval *directory(struct arena *a, const char *url)
{
	struct tval *o = tval_object(a);
	bool secure = url && strncmp(url, "ldaps://", 8) == 0;
	bool used = secure || (url && strncmp(url, "ldap://", 7) == 0);
	struct slice base = slice_str(used ? strstr(url, "://") + 3 : ""), port = slice_cut(&base, '/'), host;
	unsigned number = 0;

	host = slice_cut(&port, ':');
	tval_put_int(o, "used", used && host.n > 0);
	tval_put_str(o, "host", arena_slice(a, host));
	for (size_t i = 0; i < port.n && i < 5; i++)
		number = number * 10 + (unsigned)(port.p[i] - '0') % 10;
	tval_put_int(o, "port", number <= 65535 ? number : 0);
	tval_put_str(o, "transport", secure ? "TLS" : "TCP");
	tval_put_str(o, "base", arena_slice(a, base));
	return o;
}

/* A folder is asked for the image by part number, then for sip.ld. Nothing said: names that this server does not have,
 * and a phone that gets no image goes on with what it runs. */
static const char *firmware(struct arena *a, const char *url)
{
	if (!url || !*url)
		return "sip.ld";
	return url[strlen(url) - 1] == '/' ? arena_printf(a, "%ssip.ld", url) : url;
}

void polycom_settings(struct arena *a, const struct phone *ph, struct tval *root)
{
	bool https = ph->prov.url && strncmp(ph->prov.url, "https:", 6) == 0;
	unsigned keepalive = ph->set.keepalive_s ? ph->set.keepalive_s : 30;

	tval_put(root, "codec", codecs(a, &ph->set));
	tval_put(root, "dtmf", dtmf(a, ph->set.dtmf));
	tval_put(root, "srtp", srtp(a, ph->set.srtp));
	tval_put(root, "tls", tls(a, ph));
	tval_put(root, "poll", poll(a, ph));
	tval_put(root, "corporate", directory(a, ph->set.phonebook_url));
	tval_put_int(root, "keepalive_s", keepalive > 3600 ? 3600 : keepalive);
	tval_put_str(root, "language", language(ph->language));
	tval_put_str(root, "firmware", firmware(a, ph->set.firmware_url));
	tval_put_bool(root, "keep_logs", ph->set.keep_logs);
	tval_put_int(root, "readonly", ph->set.keep_contacts);
	tval_put_bool(root, "write_login", ph->prov.write_login && ph->prov.url && secret_set(&ph->prov.password));
	tval_put_str(tval_get(root, "prov"), "type", https ? "HTTPS" : "HTTP");
}
