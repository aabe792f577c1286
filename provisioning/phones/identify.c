#include "provisioning/phones/identify.h"

#include <string.h>

void identify(struct slice name, const char *user_agent, const struct http_peer *peer, struct claim *out)
{
	memset(out, 0, sizeof(*out));
	if (!vendor_parse_file(name, &out->file)) {
		memset(&out->file, 0, sizeof(out->file));
		out->file.kind = FILE_UNKNOWN;
	}
	out->has_ua = user_agent && vendor_parse_ua(slice_str(user_agent), &out->ua);
	if (peer && peer->tls && peer->cert && peer->has_mac) {
		out->has_cert = true;
		out->cert = peer->mac;
		out->bundles = peer->bundles;
	}
}

const struct mac *claim_mac(const struct claim *c)
{
	if (c->file.has_mac)
		return &c->file.mac;
	return c->has_cert ? &c->cert : NULL;
}
