/* Linphone's own XML. An entry replaces a stored one only with overwrite, and a slot that is not blanked stays. */
#include <string.h>

#include <openssl/evp.h>

#include "phonecfg/base/hex.h"
#include "phonecfg/vendor/view.h"

static const char *const transports[TRANSPORT_COUNT] = { "udp", "tcp", "tls" };

/* As SDP calls them, with the clock rates of RFC 3551 and RFC 7587. */
struct sound {
	const char *mime;
	unsigned rate, channels;
};
static const struct sound uninvited[] = { { "speex", 16000, 1 }, { "speex", 8000, 1 }, { "speex", 32000, 1 } };
static const struct sound codecs[CODEC_COUNT] = {
	[CODEC_PCMU] = { "PCMU", 8000, 1 },
	[CODEC_PCMA] = { "PCMA", 8000, 1 },
	[CODEC_G722] = { "G722", 8000, 1 },
	[CODEC_G729] = { "G729", 8000, 1 },
	[CODEC_OPUS] = { "opus", 48000, 2 },
	[CODEC_ILBC] = { "iLBC", 8000, 1 },
	[CODEC_G726_32] = { "G726-32", 8000, 1 },
};

/* A SIP quoted-string (RFC 3261 section 25.1): quote and backslash are escaped. */
static const char *quoted(struct arena *a, const char *text)
{
	char *out = arena_alloc(a, 2 * strlen(text) + 1);
	size_t n = 0;

	for (; out && *text; text++) {
		if (*text == '"' || *text == '\\')
			out[n++] = '\\';
		out[n++] = *text;
	}
	return out ? out : "";
}

static const char *address(struct arena *a, const char *host, unsigned port, enum transport t, const char *more)
{
	return port ? arena_printf(a, "<sip:%s:%u;transport=%s%s>", host, port, transports[t], more)
		    : arena_printf(a, "<sip:%s;transport=%s%s>", host, transports[t], more);
}

/* MD5(user:realm:password), RFC 2617 section 3.2.2.2: what a registrar holds, and worth as much as the password. */
static struct tval *ha1(struct arena *a, const struct line_view *line)
{
	const char *text = arena_printf(a, "%s:%s:%s", line->auth_user, line->realm,
		secret_reveal(line->password).p ? secret_reveal(line->password).p : "");
	unsigned char digest[EVP_MAX_MD_SIZE];
	char *hex = arena_alloc(a, 2 * EVP_MAX_MD_SIZE + 1);
	unsigned n = 0;

	if (!text || !hex || EVP_Digest(text, strlen(text), digest, &n, EVP_md5(), NULL) != 1)
		return tval_text(a, slice_str(""));
	hex_write(digest, n, hex);
	explicit_bzero(digest, sizeof(digest));
	return tval_secret(a, &(struct secret){ hex, 2 * n });
}

static void credentials(struct arena *a, const struct line_view *line, struct tval *o)
{
	tval_put_str(o, "user", line->user);
	tval_put_str(o, "auth_user", line->used && strcmp(line->auth_user, line->user) != 0 ? line->auth_user : "");
	tval_put_str(o, "domain", line->domain);
	tval_put_str(o, "realm", line->realm);
	if (line->used && secret_set(line->password)) {
		tval_put(o, "password", tval_secret(a, line->password));
		tval_put(o, "ha1", ha1(a, line));
	} else {
		tval_put_str(o, "password", "");
		tval_put_str(o, "ha1", "");
	}
}

static struct tval *account(struct arena *a, const struct phone *ph, unsigned slot)
{
	struct tval *o = tval_object(a);
	struct line_view line;

	view_line(ph, VENDOR_LINPHONE, slot, &line);
	tval_put_int(o, "number", slot - 1);
	tval_put_str(o, "identity",
		!line.used ? ""
		: line.display_name[0]
			? arena_printf(a, "\"%s\" <sip:%s@%s>", quoted(a, line.display_name), line.user, line.domain)
			: arena_printf(a, "sip:%s@%s", line.user, line.domain));
	/* A REGISTER goes to reg_proxy, whatever reg_route says; calls take the route (observed on 5.1.65). */
	tval_put_str(o, "server",
		!line.used   ? ""
		: line.proxy ? address(a, line.proxy, line.proxy_port, line.transport, "")
			     : address(a, line.domain, line.port, line.transport, ""));
	tval_put_str(o, "route", line.proxy ? address(a, line.proxy, line.proxy_port, line.transport, ";lr") : "");
	tval_put_int(o, "expires", line.expires_s);
	tval_put_int(o, "register", line.used);
	credentials(a, &line, o);
	return o;
}

static struct tval *codec(struct arena *a, unsigned number, const struct sound *s, bool on)
{
	struct tval *o = tval_object(a);

	tval_put_int(o, "number", number);
	tval_put_str(o, "mime", s->mime);
	tval_put_int(o, "rate", s->rate);
	tval_put_int(o, "channels", s->channels);
	tval_put_int(o, "on", on);
	return o;
}

/* The wanted ones in their order, then the others, switched off: the program adds by itself what a list leaves out, and
 * of those it switches on Speex (observed on 5.1.65). */
static struct tval *all_codecs(struct arena *a, const struct phone *ph)
{
	struct tval *list = tval_list(a);
	unsigned n = 0;

	if (ph->set.ncodecs == 0)
		return list;
	for (size_t i = 0; i < ph->set.ncodecs; i++)
		tval_push(list, codec(a, n++, &codecs[ph->set.codecs[i]], true));
	for (int c = 0; c < CODEC_COUNT; c++) {
		if (!view_codec(ph, (enum codec)c))
			tval_push(list, codec(a, n++, &codecs[c], false));
	}
	for (size_t i = 0; i < sizeof(uninvited) / sizeof(uninvited[0]); i++)
		tval_push(list, codec(a, n++, &uninvited[i], false));
	return list;
}

static void build(struct arena *a, const struct profile *pf, const struct phone *ph, struct tval *root)
{
	struct tval *accounts = tval_list(a);

	for (unsigned s = 1; s <= pf->accounts_blank; s++)
		tval_push(accounts, account(a, ph, s));
	tval_put(root, "accounts", accounts);
	tval_put_int(root, "default_account", phone_vacant(ph) ? -1 : 0);
	tval_put_str(root, "encryption", ph->set.srtp == SRTP_OFF ? "none" : "srtp");
	tval_put_int(root, "encryption_required", ph->set.srtp == SRTP_REQUIRED);
	tval_put_int(root, "dtmf_event", ph->set.dtmf == DTMF_RFC4733);
	tval_put_int(root, "dtmf_info", ph->set.dtmf == DTMF_INFO);
	tval_put_int(root, "keepalive_ms", 1000LL * (ph->set.keepalive_s ? ph->set.keepalive_s : 30));
	tval_put_int(root, "verify", !ph->set.tls_any_server);
	tval_put(root, "codecs", all_codecs(a, ph));
}

const struct dialect linphone_dialect = {
	.label = { 128, false, NULL },
	.display_name = { 128, false, NULL },
	.key_label = { 128, false, NULL },
	.user_max = 120,
	.secret_max = 120,
	.host_max = 255,
	.value_max = 255,
	.login_max = 64,
	.admin_max = 64,
	.shortest_min = 1,
	.build = build,
};
