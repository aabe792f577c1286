#include "phonecfg/vendor/crypt.h"

#include <string.h>
#include <sys/random.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

enum { BLOCK = 16, SALT = 8, KEY_BYTES = 32 };

static const char salted[SALT + 1] = "Salted__";

#define LETTERS "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

struct scheme {
	size_t lengths[2];       /* 0 = no further one; the first is the one that every firmware takes */
	bool any_length;         /* 1 to lengths[0] */
	const char *alphabet;    /* what a phone takes; NULL = ASCII 33 to 126 */
	const char *letters;     /* what a new key is made of */
	const char *since_long;  /* firmware that takes lengths[1] */
	bool salt;               /* key and IV are derived from a password; CBC */
	enum file_kind kinds[2]; /* encrypted files */
};

/* Yealink: alphabet and lengths from the vendor guide. Grandstream's own table allows 40 of ASCII 33 to 126 (observed
 * on HT802 firmware 1.0.10.6); letters and digits are enough of them. */
static const struct scheme schemes[VENDOR_COUNT] = {
	[VENDOR_YEALINK] = { .lengths = { 16, 32 },
		.alphabet = LETTERS "#$%*+,-.:=?@[]^_{}~",
		.letters = LETTERS "#$%*+,-.:=?@[]^_{}~",
		.since_long = "0.84.0.0",
		.kinds = { FILE_MAC_CFG, FILE_LOCAL_CFG } },
	[VENDOR_GRANDSTREAM] = { .lengths = { 40 },
		.any_length = true,
		.letters = LETTERS,
		.salt = true,
		.kinds = { FILE_GS_XML } },
};

static const struct scheme *scheme_of(enum vendor_id vendor)
{
	return (unsigned)vendor < VENDOR_COUNT && schemes[vendor].lengths[0] ? &schemes[vendor] : NULL;
}

static enum err_code unsupported(enum vendor_id vendor, struct err *err)
{
	const struct vendor *v = vendor_get(vendor);

	return err_set(err, ERR_UNSUPPORTED, "%s phones read no encrypted files; remove the phone's file key",
		v ? v->name : "these");
}

bool vendor_can_encrypt(enum vendor_id vendor)
{
	return scheme_of(vendor) != NULL;
}

bool vendor_encrypts(enum vendor_id vendor, enum file_kind kind)
{
	const struct scheme *s = scheme_of(vendor);

	return s && kind != FILE_UNKNOWN && (s->kinds[0] == kind || s->kinds[1] == kind);
}

/* n letters, each as likely as any other: bytes beyond the last full run of the alphabet are thrown away. */
static enum err_code random_letters(const char *letters, char *out, size_t n, struct err *err)
{
	size_t base = strlen(letters), have = 0;
	unsigned char raw[64];

	while (have < n) {
		if (getrandom(raw, sizeof(raw), 0) != (ssize_t)sizeof(raw))
			return err_set(err, ERR_IO, "the system gives no random bytes for a file key; try again");
		for (size_t i = 0; i < sizeof(raw) && have < n; i++) {
			if (raw[i] < 256 / base * base)
				out[have++] = letters[raw[i] % base];
		}
	}
	out[n] = 0;
	explicit_bzero(raw, sizeof(raw));
	return ERR_OK;
}

enum err_code vendor_make_file_key(
	const struct profile *pf, const char *firmware, struct arena *a, struct secret *out, struct err *err)
{
	const struct scheme *s = scheme_of(pf->vendor);
	char made[VENDOR_FILE_KEY_MAX + 1];
	enum err_code rc;
	size_t n;

	if (!s)
		return unsupported(pf->vendor, err);
	n = s->lengths[0];
	if (s->lengths[1] && firmware && firmware_compare(pf->vendor, firmware, s->since_long) >= 0)
		n = s->lengths[1];
	rc = random_letters(s->letters, made, n, err);
	if (!rc)
		*out = secret_copy(a, (struct slice){ made, n });
	explicit_bzero(made, sizeof(made));
	if (!rc && !out->bytes)
		return err_set(err, ERR_NOMEM, "no memory for a file key");
	return rc;
}

enum err_code vendor_check_file_key(enum vendor_id vendor, const struct secret *key, struct err *err)
{
	const struct scheme *s = scheme_of(vendor);
	struct slice v = secret_reveal(key);
	bool fits;

	if (!s)
		return unsupported(vendor, err);
	fits = s->any_length ? v.n >= 1 && v.n <= s->lengths[0] : v.n == s->lengths[0] || v.n == s->lengths[1];
	for (size_t i = 0; fits && i < v.n; i++)
		fits = s->alphabet ? v.p[i] && strchr(s->alphabet, v.p[i]) : v.p[i] > 32 && v.p[i] < 127;
	if (fits)
		return ERR_OK;
	if (s->any_length)
		return err_set(err, ERR_INPUT, "phone: file key must be 1 to %zu ASCII characters without blanks",
			s->lengths[0]);
	return err_set(err, ERR_INPUT, "phone: file key must be %zu or %zu characters of 0-9 A-Z a-z and %s",
		s->lengths[0], s->lengths[1], s->alphabet + strlen(LETTERS));
}

/* EVP_BytesToKey with MD5 and one round: 32 bytes of key, then the 16 of the IV. */
static bool derive(
	struct slice password, const unsigned char *salt, unsigned char key[KEY_BYTES], unsigned char iv[BLOCK])
{
	return EVP_BytesToKey(EVP_aes_256_cbc(), EVP_md5(), salt, (const unsigned char *)password.p, (int)password.n, 1,
		       key, iv) == KEY_BYTES;
}

/* One pass of a cipher over in, behind what out holds. */
static bool pass(const EVP_CIPHER *cipher, const unsigned char *key, const unsigned char *iv, bool encrypt,
	struct slice in, struct buf *out)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	unsigned char piece[4096 + BLOCK];
	int n = 0;
	bool ok = c && EVP_CipherInit_ex(c, cipher, NULL, key, iv, encrypt) == 1;

	for (size_t at = 0; ok && at < in.n; at += 4096) {
		size_t some = in.n - at < 4096 ? in.n - at : 4096;
		ok = EVP_CipherUpdate(c, piece, &n, (const unsigned char *)in.p + at, (int)some) == 1;
		buf_add(out, (const char *)piece, ok ? (size_t)n : 0);
	}
	ok = ok && EVP_CipherFinal_ex(c, piece, &n) == 1;
	buf_add(out, (const char *)piece, ok ? (size_t)n : 0);
	explicit_bzero(piece, sizeof(piece));
	EVP_CIPHER_CTX_free(c);
	return ok;
}

/* Which cipher a scheme and a key make; for a salted one the key and IV are derived from salt. */
static const EVP_CIPHER *choose(const struct scheme *s, struct slice secret, const unsigned char *salt,
	unsigned char key[KEY_BYTES], unsigned char iv[BLOCK])
{
	if (s->salt)
		return derive(secret, salt, key, iv) ? EVP_aes_256_cbc() : NULL;
	memcpy(key, secret.p, secret.n);
	return secret.n == KEY_BYTES ? EVP_aes_256_ecb() : EVP_aes_128_ecb();
}

static bool make_salt(struct slice secret, struct slice plain, unsigned char salt[SALT])
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (!HMAC(EVP_sha256(), secret.p, (int)secret.n, (const unsigned char *)plain.p, plain.n, mac, &n) || n < SALT)
		return false;
	memcpy(salt, mac, SALT);
	return true;
}

enum err_code vendor_encrypt(
	enum vendor_id vendor, const struct secret *key, struct slice plain, struct buf *out, struct err *err)
{
	const struct scheme *s = scheme_of(vendor);
	unsigned char raw[KEY_BYTES], iv[BLOCK] = { 0 }, salt[SALT];
	struct slice secret = secret_reveal(key);
	const EVP_CIPHER *cipher;
	enum err_code rc = vendor_check_file_key(vendor, key, err);
	bool ok;

	if (rc)
		return rc;
	ok = !s->salt || make_salt(secret, plain, salt);
	if (ok && s->salt) {
		buf_add(out, salted, SALT);
		buf_add(out, (const char *)salt, SALT);
	}
	cipher = ok ? choose(s, secret, salt, raw, iv) : NULL;
	ok = cipher && pass(cipher, raw, iv, true, plain, out);
	explicit_bzero(raw, sizeof(raw));
	if (!ok)
		return err_set(err, ERR_NOMEM, "no memory to encrypt a file");
	return buf_check(out, "the encrypted file", err);
}

enum err_code vendor_decrypt(
	enum vendor_id vendor, const struct secret *key, struct slice sealed, struct buf *out, struct err *err)
{
	const struct scheme *s = scheme_of(vendor);
	unsigned char raw[KEY_BYTES], iv[BLOCK] = { 0 };
	const unsigned char *salt = NULL;
	const EVP_CIPHER *cipher;
	enum err_code rc = vendor_check_file_key(vendor, key, err);
	bool ok;

	if (rc)
		return rc;
	if (s->salt && slice_starts(sealed, salted) && sealed.n >= 2 * SALT) {
		salt = (const unsigned char *)sealed.p + SALT;
		sealed = (struct slice){ sealed.p + 2 * (size_t)SALT, sealed.n - 2 * (size_t)SALT };
	}
	if (!sealed.n || sealed.n % BLOCK)
		return err_set(err, ERR_INPUT, "this is no encrypted file: %zu bytes are not whole blocks of %d",
			sealed.n, BLOCK);
	cipher = choose(s, secret_reveal(key), salt, raw, iv);
	ok = cipher && pass(cipher, raw, iv, false, sealed, out);
	explicit_bzero(raw, sizeof(raw));
	if (!ok)
		return err_set(err, ERR_INPUT, "the file cannot be decrypted with this key");
	return buf_check(out, "the decrypted file", err);
}
