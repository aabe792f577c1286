/* The account XML of Acrobits Softphone, Groundwire and Cloud Softphone (vendor documentation, "Account XML").
 *
 * No published reply makes the app drop an account, and an empty node may be read as "keep". So an account that was
 * taken away is written over: every field gets a value that says nothing and leads nowhere. */
#include <string.h>

#include "phonecfg/vendor/view.h"

/* RFC 6761 section 6.4: no name below .invalid ever resolves. */
static const char nowhere[] = "removed.invalid", nobody[] = "removed";
enum { POLL_S = 3600 };

/* tls would make sips: addresses of all headers; tls+sip: is TLS alone (vendor documentation). */
static const char *const transports[TRANSPORT_COUNT] = { "udp", "tcp", "tls+sip:" };

/* The numbers of RFC 3551, as the vendor's example writes them; dynamic ones mean nothing outside of a call. */
static const int payload[CODEC_COUNT] = {
	[CODEC_PCMU] = 0,
	[CODEC_PCMA] = 8,
	[CODEC_G722] = 9,
	[CODEC_G729] = 18,
	[CODEC_OPUS] = -1,
	[CODEC_ILBC] = -1,
	[CODEC_G726_32] = -1,
};

static const char *codec_order(struct arena *a, const struct phone *ph)
{
	const char *order = "";

	for (size_t i = 0; order && i < ph->set.ncodecs; i++) {
		int number = payload[ph->set.codecs[i]];
		if (number >= 0)
			order = arena_printf(a, "%s%s%d", order, *order ? "," : "", number);
	}
	return order ? order : "";
}

/* What a line does not have gets the value that means as much, for an empty one may leave what was there before: the
 * proxy is the server itself, the name is the number, and a line without voicemail calls itself. */
static void put_line(struct arena *a, const struct line_view *line, struct tval *root)
{
	const char *host = view_host_port(a, line->domain, line->port);

	tval_put_str(root, "title", line->label);
	tval_put_str(root, "user", line->user);
	tval_put_str(root, "auth_user", line->auth_user);
	tval_put(root, "password", tval_secret(a, line->password));
	tval_put_str(root, "host", host);
	tval_put_str(root, "proxy", line->proxy ? view_host_port(a, line->proxy, line->proxy_port) : host);
	tval_put_str(root, "display_name", line->display_name[0] ? line->display_name : line->user);
	tval_put_str(root, "voicemail", line->voicemail[0] ? line->voicemail : line->user);
}

static void put_nobody(struct arena *a, const struct phone *ph, struct tval *root)
{
	static const char *const names[] = { "user", "auth_user", "display_name" };

	tval_put_str(root, "title", "Removed");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		tval_put_str(root, names[i], nobody);
	tval_put(root, "password", view_filler(a, ph, false));
	tval_put_str(root, "host", nowhere);
	tval_put_str(root, "proxy", nowhere);
	tval_put_str(root, "voicemail", "0");
}

static void build(struct arena *a, const struct profile *pf, const struct phone *ph, struct tval *root)
{
	struct line_view line;

	(void)pf;
	view_line(ph, VENDOR_ACROBITS, 1, &line);
	if (line.used)
		put_line(a, &line, root);
	else
		put_nobody(a, ph, root);
	tval_put_str(root, "caller", line.used ? "" : nobody);
	tval_put_str(root, "transport", transports[line.transport]);
	tval_put_int(root, "expires", line.expires_s);
	tval_put_bool(root, "srtp", ph->set.srtp != SRTP_OFF);
	tval_put_str(root, "codec_order", codec_order(a, ph));
	tval_put_int(root, "poll_s", ph->poll_minutes ? 60LL * ph->poll_minutes : POLL_S);
}

const struct dialect acrobits_dialect = {
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
