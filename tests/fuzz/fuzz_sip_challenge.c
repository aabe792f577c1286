/* WWW-Authenticate as a phone, or whoever sits in between, may write it; and the answer to it: one header line. */
#include <stdint.h>
#include <string.h>

#include "provisioning/sip/digest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct secret secret = { "secret", 6 };
	struct sip_challenge c;
	struct buf b;

	if (!sip_digest_read((struct slice){ (const char *)data, size }, &c))
		return 0;
	buf_init(&b, 8192);
	if (sip_digest_write(&c, "1001", &secret, "NOTIFY", "sip:1001@192.0.2.1", "0123", &b) &&
		(b.failed || strpbrk(b.data, "\r\n")))
		__builtin_trap();
	buf_release(&b);
	return 0;
}
