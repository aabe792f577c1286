/* The client's half of digest access authentication (RFC 7616, RFC 8760 for SIP): read a challenge, write the answer.
 * libre 1.1 knows MD5 only and refuses an answer when the first of several challenges is of another kind. Pure. */
#ifndef PROVISIONING_SIP_DIGEST_H
#define PROVISIONING_SIP_DIGEST_H

#include <stdbool.h>
#include <stdint.h>

#include "phonecfg/base/buf.h"
#include "phonecfg/base/secret.h"
#include "phonecfg/base/slice.h"

enum sip_digest_algorithm { SIP_DIGEST_MD5, SIP_DIGEST_SHA256 };
enum { SIP_DIGEST_TEXT_MAX = 512 };

struct sip_challenge {
	char realm[SIP_DIGEST_TEXT_MAX], nonce[SIP_DIGEST_TEXT_MAX], opaque[SIP_DIGEST_TEXT_MAX];
	bool has_opaque, qop, stale;
	enum sip_digest_algorithm algorithm;
	uint32_t nc; /* answers given to this nonce */
};

/* The value of a WWW- or Proxy-Authenticate header. False: not Digest, malformed, or an algorithm or qop that is not
 * ours; then look at the next header. */
bool sip_digest_read(struct slice value, struct sip_challenge *out);

/* Appends "Digest username=…" for method and uri; counts c->nc up. cnonce: random text of the caller. False: user or
 * uri holds a quote or a control character. */
bool sip_digest_write(struct sip_challenge *c, const char *user, const struct secret *password, const char *method,
	const char *uri, const char *cnonce, struct buf *out);

#endif
