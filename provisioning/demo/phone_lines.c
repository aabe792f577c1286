#include <re/re.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phonecfg/base/hex.h"
#include "provisioning/demo/phone.h"
#include "provisioning/demo/ua.h"

static const enum ua_transport transports[] = {
	[HANDSET_UDP] = UA_UDP,
	[HANDSET_TCP] = UA_TCP,
	[HANDSET_TLS] = UA_TLS,
	[HANDSET_NAPTR] = UA_UDP,
};

/* "host", "host:port" or "[v6]:port", with a port beside it or not. */
static void split_host(struct arena *a, const char *text, unsigned port, const char **host, uint16_t *out)
{
	const char *colon = strrchr(text, ':');

	*out = (uint16_t)port;
	*host = text;
	if (colon == NULL || (text[0] != '[' && strchr(text, ':') != colon))
		return;
	*host = arena_strndup(a, text, (size_t)(colon - text));
	if (port == 0)
		*out = (uint16_t)strtoul(colon + 1, NULL, 10);
}

/* Is the hash that beats the password beside it that of this very password? A stale one is not. */
static bool stands_for(const struct handset_line *l)
{
	uint8_t digest[MD5_SIZE];
	char hex[2 * MD5_SIZE + 1];

	if (!secret_set(&l->password_beside) ||
		md5_printf(digest, "%s:%s:%s", l->auth_user, l->domain, secret_reveal(&l->password_beside).p) != 0)
		return false;
	return strcmp(hex_write(digest, sizeof(digest), hex), secret_reveal(&l->secret).p) == 0;
}

static enum err_code apply_line(struct ua *ua, const struct handset_line *l, struct arena *a, struct err *err)
{
	bool proxy = l->proxy && l->proxy[0];
	struct ua_line line = {
		.user = l->user,
		.auth_user = l->auth_user,
		.secret = l->secret,
		.domain = l->domain,
		.display = l->display_name,
		.transport = transports[l->transport],
		.expires_s = l->expires_s,
	};

	if (l->secret_is_ha1) {
		if (!stands_for(l))
			return err_set(err, ERR_UNSUPPORTED,
				"the simulated phone registers with a password, and was given the hash of another");
		line.secret = l->password_beside;
	}
	split_host(a, proxy ? l->proxy : l->server, proxy ? l->proxy_port : l->port, &line.server, &line.port);
	if (arena_failed(a))
		return err_set(err, ERR_NOMEM, "out of memory in a simulated phone");
	return ua_set_line(ua, l->slot, &line, err);
}

enum err_code phone_lines_apply(struct ua *ua, const struct handset *hs, struct err *err)
{
	bool used[UA_LINES_MAX + 1] = { false };
	struct handset_line *v = NULL;
	enum err_code rc;
	struct arena a;
	size_t i, n = 0;
	unsigned slot;

	arena_init(&a, 0);
	rc = handset_lines(hs, &a, &v, &n, err);
	for (i = 0; i < n; i++)
		if (v[i].slot <= UA_LINES_MAX)
			used[v[i].slot] = true;
	for (slot = 1; rc == ERR_OK && slot <= UA_LINES_MAX; slot++)
		if (!used[slot])
			ua_clear_line(ua, slot);
	for (i = 0; rc == ERR_OK && i < n; i++)
		rc = apply_line(ua, &v[i], &a, err);
	arena_release(&a);
	return rc;
}
