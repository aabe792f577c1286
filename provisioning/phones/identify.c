#include "provisioning/phones/identify.h"

#include <stdio.h>
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

void claim_said(const struct claim *c, const char *user_agent, const char *from, struct said *out)
{
	*out = (struct said){ .vendor = c->file.vendor };
	snprintf(out->user_agent, sizeof(out->user_agent), "%s", user_agent);
	snprintf(out->from, sizeof(out->from), "%s", from);
	if (!c->has_ua)
		return;
	if (out->vendor == VENDOR_NONE)
		out->vendor = c->ua.vendor;
	snprintf(out->model, sizeof(out->model), "%s", c->ua.model);
	if (!c->ua.updater) /* the updater names its own version, not the phone's */
		snprintf(out->firmware, sizeof(out->firmware), "%s", c->ua.firmware);
}

const struct mac *claim_mac(const struct claim *c)
{
	if (c->file.has_mac)
		return &c->file.mac;
	return c->has_cert ? &c->cert : NULL;
}
