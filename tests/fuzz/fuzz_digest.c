/* The Authorization header: any bytes are refused or taken apart, and what is taken apart stands in the header. A
 * forged answer is never accepted. Input: the request target, a NUL, the header. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "provisioning/http/digest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool nobody(void *arg, struct slice user, enum digest_alg alg, unsigned char ha1[32])
{
	(void)arg;
	(void)user;
	(void)alg;
	memset(ha1, 0x5a, 32);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice all = { (const char *)data, size }, target = slice_cut(&all, '\0');
	struct digest d = { .realm = "rekey", .listener = "fuzz" };
	struct digest_answer a;
	char scratch[512], *header;
	void *args[] = { NULL };
	unsigned which;

	if (digest_parse(all, scratch, sizeof(scratch), &a)) {
		if (a.user.n > all.n || a.uri.n > all.n || a.response.n != (a.alg == DIGEST_MD5 ? 32 : 64))
			abort();
		if (a.user.p < scratch || a.user.p + a.user.n > scratch + sizeof(scratch))
			if (a.user.p < all.p || a.user.p + a.user.n > all.p + all.n)
				abort();
	}
	header = strndup(all.p, all.n);
	if (header == NULL)
		return 0;
	memset(d.key, 0xa5, sizeof(d.key));
	if (digest_check(&d, header, "GET", target, 1700000000000, nobody, args, 1, &which) == DIGEST_OK)
		abort(); /* nobody can have a nonce that this key made, and the HA1 */
	free(header);
	return 0;
}
