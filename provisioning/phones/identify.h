/* Which phone a request says it is from: path, User-Agent and certificate. Pure; a claim is not a proof. */
#ifndef PROVISIONING_PHONES_IDENTIFY_H
#define PROVISIONING_PHONES_IDENTIFY_H

#include "phonecfg/vendor/vendor.h"
#include "provisioning/http/http.h"

struct claim {
	struct file_request file; /* kind FILE_UNKNOWN: the name is no file of any vendor */
	bool has_ua;
	struct ua_info ua; /* a hint */
	bool has_cert;     /* a client certificate that somebody vouches for and that names one MAC */
	struct mac cert;
	unsigned bundles; /* who: bit n for vendor n */
};

/* What a caller says of itself, as rows keep it. */
struct said {
	enum vendor_id vendor; /* of the file that it asks for, else of its User-Agent */
	char model[32], firmware[40], user_agent[160], from[HTTP_ADDRESS_TEXT];
};

/* name: the last segment of the path, decoded. user_agent may be NULL. A certificate that names no phone is one that
 * a whole model shares and says nothing. */
void identify(struct slice name, const char *user_agent, const struct http_peer *peer, struct claim *out);

void claim_said(const struct claim *c, const char *user_agent, const char *from, struct said *out);

/* The MAC that the path names, else the certificate's; NULL when neither names one. */
const struct mac *claim_mac(const struct claim *c);

#endif
