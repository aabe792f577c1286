#include "provisioning/webhook/sign.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/base64.h"
#include "phonecfg/base/buf.h"
#include "provisioning/store/seal.h"

#define PREFIX "whsec_"
/* Standard Webhooks: keys have 24 to 64 bytes. */
enum { KEY_LEAST = 24, KEY_MOST = 64, SIGNED_MAX = 256 * 1024, PREFIX_LEN = sizeof(PREFIX) - 1, HMAC_LEN = 32 };

enum err_code sign_secret(struct arena *a, struct secret *out, struct err *err)
{
	uint8_t key[SIGN_KEY];
	char text[PREFIX_LEN + BASE64_LEN(SIGN_KEY) + 1] = PREFIX;
	enum err_code code = random_bytes(key, sizeof(key), err);

	if (code == ERR_OK) {
		base64_write(key, sizeof(key), text + PREFIX_LEN);
		*out = secret_copy(a, slice_str(text));
	}
	explicit_bzero(key, sizeof(key));
	explicit_bzero(text, sizeof(text));
	if (code == ERR_OK && !secret_set(out))
		return err_set(err, ERR_NOMEM, "there is no memory for a secret");
	return code;
}

static enum err_code mac(struct slice key, struct slice text, char out[SIGN_TEXT], struct err *err)
{
	unsigned char hmac[HMAC_LEN];
	unsigned n = sizeof(hmac);

	if (HMAC(EVP_sha256(), key.p, (int)key.n, (const unsigned char *)text.p, text.n, hmac, &n) == NULL ||
		n != sizeof(hmac))
		return err_set(err, ERR_NOMEM, "there is no memory to sign a call");
	memcpy(out, "v1,", 3);
	base64_write(hmac, sizeof(hmac), out + 3);
	return ERR_OK;
}

enum err_code sign(const struct secret *secret, const char *id, int64_t timestamp, struct slice body,
	char out[SIGN_TEXT], struct err *err)
{
	struct slice text = secret_reveal(secret);
	char key[BASE64_LEN(KEY_MOST)];
	size_t n = 0;
	struct buf b;
	enum err_code code = ERR_OK;

	if (text.n < PREFIX_LEN || text.n - PREFIX_LEN > sizeof(key) || memcmp(text.p, PREFIX, PREFIX_LEN) != 0 ||
		!base64_read((struct slice){ text.p + PREFIX_LEN, text.n - PREFIX_LEN }, key, &n) || n < KEY_LEAST ||
		n > KEY_MOST)
		code = err_set(err, ERR_INPUT, "a webhook's secret is malformed; make a new one");
	buf_init(&b, SIGNED_MAX);
	buf_printf(&b, "%s.%" PRId64 ".", id, timestamp);
	buf_slice(&b, body);
	if (code == ERR_OK)
		code = buf_check(&b, "a webhook's call", err);
	if (code == ERR_OK)
		code = mac((struct slice){ key, n }, buf_view(&b), out, err);
	buf_release(&b);
	explicit_bzero(key, sizeof(key));
	return code;
}
