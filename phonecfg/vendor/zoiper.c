/* Zoiper's provisioning XML (the vendor's provisioning example of 2016, with its list of values).
 *
 * What a reply without an account does to one that is stored is not published. So an account that was taken away is
 * written over under the same identifier, with values that say nothing and lead nowhere, and does not register. */
#include <string.h>

#include "phonecfg/vendor/view.h"

/* RFC 6761 section 6.4: no name below .invalid ever resolves. */
static const char nowhere[] = "removed.invalid", nobody[] = "removed";

static const char *const transports[TRANSPORT_COUNT] = { "UDP", "TCP", "TLS" };
static const char *const dtmf[DTMF_COUNT] = {
	[DTMF_RFC4733] = "rfc_2833",
	[DTMF_INFO] = "SIP_info_numeric",
	[DTMF_INBAND] = "inband",
};
/* The vendor's own codec numbers. */
static const int codec_ids[CODEC_COUNT] = {
	[CODEC_PCMU] = 0,
	[CODEC_PCMA] = 6,
	[CODEC_G722] = 7,
	[CODEC_G729] = 16,
	[CODEC_OPUS] = 37,
	[CODEC_ILBC] = 27,
	[CODEC_G726_32] = 29,
};

static struct tval *codec(struct arena *a, enum codec c, unsigned rank, bool on)
{
	struct tval *o = tval_object(a);

	tval_put_int(o, "id", codec_ids[c]);
	tval_put_int(o, "rank", rank);
	tval_put_str(o, "on", on ? "true" : "false");
	return o;
}

static struct tval *codecs(struct arena *a, const struct phone *ph)
{
	struct tval *list = tval_list(a);
	unsigned rank = 0;

	if (ph->set.ncodecs == 0)
		return list;
	for (size_t i = 0; i < ph->set.ncodecs; i++)
		tval_push(list, codec(a, ph->set.codecs[i], rank++, true));
	for (int c = 0; c < CODEC_COUNT; c++) {
		if (!view_codec(ph, (enum codec)c))
			tval_push(list, codec(a, (enum codec)c, rank++, false));
	}
	return list;
}

/* What a line does not have gets the value that means as much, for an empty one may leave what was there before: the
 * proxy is the server itself, the name is the number, and a line without voicemail calls itself. */
static void put_line(struct arena *a, const struct line_view *line, struct tval *o)
{
	const char *host = view_host_port(a, line->domain, line->port);

	tval_put_str(o, "name", line->label);
	tval_put_str(o, "user", line->user);
	tval_put_str(o, "auth_user", line->auth_user);
	tval_put(o, "password", tval_secret(a, line->password));
	tval_put_str(o, "domain", host);
	tval_put_str(o, "proxy", line->proxy ? view_host_port(a, line->proxy, line->proxy_port) : host);
	tval_put_str(o, "display_name", line->display_name[0] ? line->display_name : line->user);
	tval_put_str(o, "voicemail", line->voicemail[0] ? line->voicemail : line->user);
}

static void put_nobody(struct arena *a, const struct phone *ph, struct tval *o)
{
	static const char *const names[] = { "user", "auth_user", "display_name" };

	tval_put_str(o, "name", "Removed");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		tval_put_str(o, names[i], nobody);
	tval_put(o, "password", view_filler(a, ph, false));
	tval_put_str(o, "domain", nowhere);
	tval_put_str(o, "proxy", nowhere);
	tval_put_str(o, "voicemail", "0");
}

static struct tval *account(struct arena *a, const struct phone *ph, unsigned slot)
{
	struct tval *o = tval_object(a);
	struct line_view line;

	view_line(ph, VENDOR_ZOIPER, slot, &line);
	tval_put_int(o, "slot", slot);
	if (line.used)
		put_line(a, &line, o);
	else
		put_nobody(a, ph, o);
	tval_put_str(o, "registers", line.used ? "true" : "false");
	tval_put_str(o, "proxied", !line.used || line.proxy ? "true" : "false");
	tval_put_str(o, "transport", transports[line.transport]);
	tval_put_int(o, "expires", line.expires_s);
	return o;
}

static void build(struct arena *a, const struct profile *pf, const struct phone *ph, struct tval *root)
{
	struct tval *accounts = tval_list(a);

	for (unsigned s = 1; s <= pf->accounts_blank; s++)
		tval_push(accounts, account(a, ph, s));
	tval_put(root, "accounts", accounts);
	tval_put_str(root, "srtp", ph->set.srtp == SRTP_OFF ? "none" : "SDES");
	tval_put_str(root, "dtmf", dtmf[ph->set.dtmf]);
	tval_put_int(root, "keepalive", ph->set.keepalive_s ? ph->set.keepalive_s : 30);
	tval_put(root, "codecs", codecs(a, ph));
	tval_put_bool(root, "has_codecs", ph->set.ncodecs > 0);
}

const struct dialect zoiper_dialect = {
	.label = { 128, false, NULL },
	.display_name = { 128, false, NULL },
	.key_label = { 128, false, NULL },
	.user_max = 120,
	.secret_max = 120,
	.host_max = 255,
	.value_max = 255,
	.login_max = 64,
	.admin_max = 64,
	.shortest_min = 60,
	.build = build,
};
