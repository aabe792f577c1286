/* A page for people: what to type into a client that pulls nothing. It carries its own address as a QR code, so that a
 * printed one can be opened on the phone that needs it, and so that whoever opens it later sees that it is over. */
#include <string.h>

#include "phonecfg/qr/qr.h"
#include "phonecfg/vendor/view.h"

static const char *const transports[TRANSPORT_COUNT] = { "UDP", "TCP", "TLS" };
static const char *const srtp[SRTP_COUNT] = {
	[SRTP_OFF] = "off",
	[SRTP_OPTIONAL] = "SRTP where the other side can",
	[SRTP_REQUIRED] = "SRTP always",
};

static void put_line(struct arena *a, const struct phone *ph, const struct line_view *line, struct tval *o)
{
	unsigned port = line->port ? line->port : transport_port(line->transport);
	unsigned proxy_port = line->proxy_port ? line->proxy_port : transport_port(line->transport);

	tval_put_str(o, "label", line->label);
	tval_put_str(o, "display_name", line->display_name);
	tval_put_str(o, "user", line->user);
	tval_put_str(o, "auth_user", line->auth_user);
	tval_put(o, "password", tval_secret(a, line->password));
	tval_put_str(o, "domain", line->domain);
	tval_put_int(o, "port", port);
	tval_put_str(o, "proxy", line->proxy ? line->proxy : "");
	tval_put_int(o, "proxy_port", proxy_port);
	tval_put_str(o, "transport", transports[line->transport]);
	tval_put_int(o, "expires", line->expires_s);
	tval_put_str(o, "encryption", srtp[ph->set.srtp]);
	tval_put_str(o, "voicemail", line->voicemail);
}

/* Without an address, or with one that no code holds, the page has no picture. */
static struct tval *picture(struct arena *a, const char *url)
{
	struct tval *list = tval_list(a), *o;
	struct buf path;
	struct qr qr;

	if (!url || qr_make(slice_str(url), a, &qr, NULL))
		return list;
	o = tval_object(a);
	buf_init(&path, QR_SVG_MAX);
	qr_path(&qr, &path);
	tval_put_int(o, "side", qr.size + 2 * QR_QUIET);
	tval_put(o, "path", tval_text(a, buf_view(&path)));
	tval_push(list, o);
	buf_release(&path);
	return list;
}

static void build(struct arena *a, const struct profile *pf, const struct phone *ph, struct tval *root)
{
	struct tval *accounts = tval_list(a);

	for (unsigned s = 1; s <= pf->accounts; s++) {
		struct line_view line;
		struct tval *o;
		view_line(ph, VENDOR_SHEET, s, &line);
		if (!line.used)
			continue;
		o = tval_object(a);
		put_line(a, ph, &line, o);
		tval_push(accounts, o);
	}
	tval_put(root, "accounts", accounts);
	tval_put_bool(root, "vacant", phone_vacant(ph));
	tval_put(root, "qr", picture(a, phone_vacant(ph) ? NULL : ph->prov.url));
}

const struct dialect sheet_dialect = {
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
