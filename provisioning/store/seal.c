#include "provisioning/store/seal.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <string.h>

#include "phonecfg/base/base64.h"
#include "phonecfg/base/buf.h"
#include "provisioning/store/keyfile.h"

enum { SEAL_VERSION = 1, NONCE_AT = 5, NONCE_LEN = 12, TAG_AT = 17, TAG_LEN = 16, AAD_MAX = 4096 };

/* version, key id, nonce, tag, ciphertext */
_Static_assert(TAG_AT + TAG_LEN == SEAL_OVERHEAD, "the layout of a sealed value");

static void put_id(unsigned char *p, uint32_t id)
{
	p[0] = (unsigned char)(id >> 24);
	p[1] = (unsigned char)(id >> 16);
	p[2] = (unsigned char)(id >> 8);
	p[3] = (unsigned char)id;
}

static uint32_t get_id(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* The additional data: table, column and row with their lengths, so that no two places look alike. */
static enum err_code place_bytes(const struct seal_place *at, struct buf *out, struct err *err)
{
	buf_printf(out, "%zu:%s,%zu:%s,%zu:", strlen(at->table), at->table, strlen(at->column), at->column, at->row.n);
	buf_slice(out, at->row);
	return buf_check(out, "the place of a secret", err);
}

/* Fetched once: OpenSSL 3 looks a cipher up anew at every use of EVP_aes_256_gcm(). */
static EVP_CIPHER *gcm;
static pthread_once_t gcm_once = PTHREAD_ONCE_INIT;

static void gcm_fetch(void)
{
	gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
}

static const EVP_CIPHER *cipher(void)
{
	pthread_once(&gcm_once, gcm_fetch);
	return gcm;
}

static bool gcm_seal(const struct seal_key *key, const struct buf *aad, struct slice plain, unsigned char *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	unsigned char *body = out + SEAL_OVERHEAD;
	int n = 0;
	bool ok =
		ctx != NULL && plain.n <= INT32_MAX &&
		EVP_EncryptInit_ex(ctx, cipher(), NULL, key->bytes, out + NONCE_AT) == 1 &&
		EVP_EncryptUpdate(ctx, NULL, &n, (const unsigned char *)aad->data, (int)aad->len) == 1 &&
		(plain.n == 0 || EVP_EncryptUpdate(ctx, body, &n, (const unsigned char *)plain.p, (int)plain.n) == 1) &&
		EVP_EncryptFinal_ex(ctx, body + plain.n, &n) == 1 &&
		EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG_LEN, out + TAG_AT) == 1;

	EVP_CIPHER_CTX_free(ctx);
	return ok;
}

static bool gcm_open(const struct seal_key *key, const struct buf *aad, const unsigned char *in, size_t n, char *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	unsigned char tag[TAG_LEN];
	int len = 0;
	bool ok;

	memcpy(tag, in + TAG_AT, TAG_LEN);
	ok = ctx != NULL && cipher() != NULL && n <= INT32_MAX &&
	     EVP_DecryptInit_ex(ctx, cipher(), NULL, key->bytes, in + NONCE_AT) == 1 &&
	     EVP_DecryptUpdate(ctx, NULL, &len, (const unsigned char *)aad->data, (int)aad->len) == 1 &&
	     (n == 0 || EVP_DecryptUpdate(ctx, (unsigned char *)out, &len, in + SEAL_OVERHEAD, (int)n) == 1) &&
	     EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG_LEN, tag) == 1 &&
	     EVP_DecryptFinal_ex(ctx, (unsigned char *)out + n, &len) == 1;
	EVP_CIPHER_CTX_free(ctx);
	return ok;
}

enum err_code seal_put(const struct sealer *s, const struct seal_place *at, struct slice plain, struct arena *a,
	struct slice *out, struct err *err)
{
	const struct seal_key *key = sealer_key(s);
	unsigned char *bytes = arena_alloc(a, plain.n + SEAL_OVERHEAD);
	struct buf aad;
	enum err_code code;

	if (bytes == NULL)
		return err_set(err, ERR_NOMEM, "no memory to seal a secret");
	buf_init(&aad, AAD_MAX);
	code = place_bytes(at, &aad, err);
	bytes[0] = SEAL_VERSION;
	put_id(bytes + 1, key->id);
	if (code == ERR_OK)
		code = random_bytes(bytes + NONCE_AT, NONCE_LEN, err);
	if (code == ERR_OK && !gcm_seal(key, &aad, plain, bytes))
		code = err_set(err, ERR_BUG, "a secret of %s.%s cannot be sealed", at->table, at->column);
	buf_release(&aad);
	if (code == ERR_OK)
		*out = (struct slice){ (const char *)bytes, plain.n + SEAL_OVERHEAD };
	return code;
}

enum err_code seal_open(const struct sealer *s, const struct seal_place *at, struct slice sealed, struct arena *a,
	struct slice *out, struct err *err)
{
	const unsigned char *in = (const unsigned char *)sealed.p;
	const struct seal_key *key;
	struct buf aad;
	char *plain;
	enum err_code code;

	if (sealed.n < SEAL_OVERHEAD || in[0] != SEAL_VERSION)
		return err_set(err, ERR_INPUT, "%s.%s holds something that was not sealed here", at->table, at->column);
	key = sealer_find(s, get_id(in + 1));
	if (key == NULL)
		return err_set(err, ERR_CONFLICT,
			"%s.%s was sealed with key %08x, which the key file does not have; use the key file of this database",
			at->table, at->column, get_id(in + 1));
	plain = arena_alloc(a, sealed.n - SEAL_OVERHEAD + 1);
	if (plain == NULL)
		return err_set(err, ERR_NOMEM, "no memory to open a secret");
	buf_init(&aad, AAD_MAX);
	code = place_bytes(at, &aad, err);
	if (code == ERR_OK && !gcm_open(key, &aad, in, sealed.n - SEAL_OVERHEAD, plain))
		code = err_set(err, ERR_INPUT, "%s.%s was changed or moved outside of rekeyd", at->table, at->column);
	buf_release(&aad);
	if (code == ERR_OK)
		*out = (struct slice){ plain, sealed.n - SEAL_OVERHEAD };
	return code;
}

enum err_code random_bytes(void *out, size_t n, struct err *err)
{
	if (n > INT32_MAX || RAND_bytes(out, (int)n) != 1)
		return err_set(err, ERR_IO, "the system gives no random numbers");
	return ERR_OK;
}

enum err_code random_password(struct arena *a, size_t n, struct secret *out, struct err *err)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	unsigned char pool[64];
	size_t have = 0, i = 0;
	char *text = arena_alloc(a, n + 1);
	enum err_code code = ERR_OK;

	if (text == NULL)
		return err_set(err, ERR_NOMEM, "no memory for a password");
	while (i < n && code == ERR_OK) {
		if (have == 0) {
			code = random_bytes(pool, sizeof(pool), err);
			have = sizeof(pool);
		}
		have--;
		if (pool[have] < 248) /* 4 * 62: above it the first letters would be likelier */
			text[i++] = letters[pool[have] % 62];
	}
	OPENSSL_cleanse(pool, sizeof(pool));
	if (code == ERR_OK)
		*out = (struct secret){ text, n };
	return code;
}

enum err_code random_token(struct arena *a, struct secret *out, struct err *err)
{
	unsigned char bytes[32];
	char *text = arena_alloc(a, BASE64URL_LEN(sizeof(bytes)) + 1);
	enum err_code code = random_bytes(bytes, sizeof(bytes), err);

	if (text == NULL)
		return err_set(err, ERR_NOMEM, "no memory for a token");
	if (code == ERR_OK)
		*out = (struct secret){ text, base64url_write(bytes, sizeof(bytes), text) };
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return code;
}

void token_hash(struct slice token, uint8_t out[TOKEN_HASH])
{
	SHA256((const unsigned char *)token.p, token.n, out);
}
