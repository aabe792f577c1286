/* Linphone's own XML. An entry replaces a stored one only with overwrite, and a slot that is not blanked stays. */
#include <string.h>

#include "phonecfg/vendor/view.h"

static const char *const transports[TRANSPORT_COUNT] = { "udp", "tcp", "tls" };

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
	tval_put_str(o, "user", line.user);
	tval_put_str(o, "auth_user", line.used && strcmp(line.auth_user, line.user) != 0 ? line.auth_user : "");
	if (line.used)
		tval_put(o, "password", tval_secret(a, line.password));
	else
		tval_put_str(o, "password", "");
	tval_put_str(o, "domain", line.domain);
	return o;
}

static void build(struct arena *a, const struct profile *pf, const struct phone *ph, struct tval *root)
{
	struct tval *accounts = tval_list(a);

	for (unsigned s = 1; s <= pf->accounts_blank; s++)
		tval_push(accounts, account(a, ph, s));
	tval_put(root, "accounts", accounts);
	tval_put_int(root, "default_account", phone_vacant(ph) ? -1 : 0);
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
