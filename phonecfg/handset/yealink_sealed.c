/* Yealink: files that are encrypted with a key that the phone holds. */
#include <string.h>

#include "phonecfg/handset/yealink.h"
#include "phonecfg/vendor/crypt.h"

/* "aes_key_16.mac for <mac>.cfg, aes_key_16.com for the model-wide file; V84 and later aes_key.mac and aes_key.com, of
 * 16 or 32 characters". The longer name is looked at first; no file of ours gives the two different keys. */
static struct secret key_for(const struct handset *hs, const char *file)
{
	static const char *const names[2][2] = {
		{ "auto_provision.aes_key.com", "auto_provision.aes_key_16.com" },
		{ "auto_provision.aes_key.mac", "auto_provision.aes_key_16.mac" },
	};
	const char *const *pair = names[strncmp(file, hs->mac_digits, MAC_TEXT - 1) == 0];
	const char *v = hs_yealink_static(hs, pair[0]);

	if (!*v)
		v = hs_yealink_static(hs, pair[1]);
	return (struct secret){ v, strlen(v) };
}

void hs_yealink_unseal(
	const struct handset *hs, const char *file, struct slice body, struct buf *plain, const char **why)
{
	struct secret key = key_for(hs, file);
	struct err err;

	if (!body.n || body.n % 16 || !key.n)
		return; /* no encrypted file, or no key: it is like any other file with a wrong first line */
	/* "aes_key_in_file = 1: the key comes in a file of its own", under a key that is public: none of ours. */
	if (hs_yealink_static_on(hs, "auto_provision.aes_key_in_file")) {
		*why = "it looks for the key in a file of its own";
		return;
	}
	*why = "its key does not open the file";
	if (vendor_decrypt(VENDOR_YEALINK, &key, body, plain, &err))
		buf_reset(plain);
}
