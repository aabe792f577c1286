#include "provisioning/http/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/base64.h"
#include "phonecfg/base/hex.h"

enum { RANDOM_BYTES = 12, MAC_BYTES = 32, NONCE_BYTES = 8 + RANDOM_BYTES + MAC_BYTES, NONCE_TEXT = 71, HASH_MAX = 32 };

static const struct {
	const char *name;
	size_t bytes;
	const EVP_MD *(*md)(void);
} algs[] = {
	[DIGEST_MD5] = { "MD5", 16, EVP_md5 },
	[DIGEST_SHA256] = { "SHA-256", 32, EVP_sha256 },
};

/* ---- hashes ---- */

/* H(a:b:c…) over n pieces. */
static bool hash_join(enum digest_alg alg, const struct slice *pieces, size_t n, unsigned char out[HASH_MAX])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx && EVP_DigestInit_ex(ctx, algs[alg].md(), NULL) == 1;
	size_t i;

	for (i = 0; ok && i < n; i++)
		ok = (i == 0 || EVP_DigestUpdate(ctx, ":", 1) == 1) &&
		     EVP_DigestUpdate(ctx, pieces[i].p, pieces[i].n) == 1;
	ok = ok && EVP_DigestFinal_ex(ctx, out, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	return ok;
}

void digest_ha1(
	enum digest_alg alg, struct slice user, struct slice realm, struct slice password, unsigned char ha1[32])
{
	struct slice pieces[] = { user, realm, password };

	if (!hash_join(alg, pieces, 3, ha1))
		memset(ha1, 0, HASH_MAX);
}

/* ---- nonces ---- */

static bool nonce_mac(const struct digest *d, const unsigned char head[8 + RANDOM_BYTES], unsigned char out[MAC_BYTES])
{
	unsigned char text[128 + 8 + RANDOM_BYTES];
	size_t n = strlen(d->listener);
	unsigned out_n;

	if (n >= 128)
		return false;
	/* The NUL ends the name, so that no name can run into the time. */
	memcpy(text, d->listener, n + 1);
	memcpy(text + n + 1, head, 8 + RANDOM_BYTES);
	return HMAC(EVP_sha256(), d->key, DIGEST_KEY, text, n + 1 + 8 + RANDOM_BYTES, out, &out_n) != NULL;
}

static bool make_nonce(const struct digest *d, int64_t now_ms, char out[NONCE_TEXT])
{
	unsigned char raw[NONCE_BYTES];
	int i;

	for (i = 0; i < 8; i++)
		raw[i] = (unsigned char)((uint64_t)now_ms >> (56 - 8 * i));
	if (RAND_bytes(raw + 8, RANDOM_BYTES) != 1 || !nonce_mac(d, raw, raw + 8 + RANDOM_BYTES))
		return false;
	base64url_write(raw, NONCE_BYTES, out);
	return true;
}

enum nonce { NONCE_GOOD, NONCE_OLD, NONCE_FOREIGN };

static enum nonce check_nonce(const struct digest *d, struct slice text, int64_t now_ms)
{
	unsigned char raw[NONCE_BYTES], mac[MAC_BYTES];
	uint64_t at = 0;
	int i;

	if (!base64url_read(text, raw, NONCE_BYTES) || !nonce_mac(d, raw, mac) ||
		CRYPTO_memcmp(mac, raw + 8 + RANDOM_BYTES, MAC_BYTES) != 0)
		return NONCE_FOREIGN;
	for (i = 0; i < 8; i++)
		at = at << 8 | raw[i];
	/* A clock that was set back makes nonces of the future; they are ours and merely stale. */
	return (int64_t)at > now_ms + 1000 || now_ms - (int64_t)at > DIGEST_NONCE_MS ? NONCE_OLD : NONCE_GOOD;
}

enum err_code digest_challenge(const struct digest *d, enum digest_alg alg, bool stale, int64_t now_ms,
	char out[DIGEST_HEADER_MAX], struct err *err)
{
	char nonce[NONCE_TEXT];
	int n;

	if (!make_nonce(d, now_ms, nonce))
		return err_set(err, ERR_IO, "the system gives no random numbers for a nonce");
	n = snprintf(out, DIGEST_HEADER_MAX, "Digest realm=\"%s\", qop=\"auth\", algorithm=%s, nonce=\"%s\"%s",
		d->realm, algs[alg].name, nonce, stale ? ", stale=true" : "");
	if (n < 0 || n >= DIGEST_HEADER_MAX || strpbrk(d->realm, "\"\\\r\n"))
		return err_set(
			err, ERR_INPUT, "the realm cannot stand in a challenge; choose a short one without quotes");
	return ERR_OK;
}

/* ---- the Authorization header, RFC 7616 §3.4 and RFC 9110 §11.4 ---- */

struct scan {
	struct slice rest;
	char *out, *out_end; /* scratch for unquoted text */
};

static void skip_blanks(struct slice *s)
{
	while (s->n > 0 && (*s->p == ' ' || *s->p == '\t')) {
		s->p++;
		s->n--;
	}
}

static bool token_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c && strchr("!#$%&'*+-.^_`|~", c));
}

static struct slice take_token(struct slice *s)
{
	struct slice t = { s->p, 0 };

	while (s->n > 0 && token_char(*s->p)) {
		s->p++;
		s->n--;
		t.n++;
	}
	return t;
}

static bool take_quoted(struct scan *sc, struct slice *out)
{
	struct slice *s = &sc->rest;

	*out = (struct slice){ sc->out, 0 };
	for (s->p++, s->n--; s->n > 0; s->p++, s->n--) {
		char c = *s->p;

		if (c == '"') {
			s->p++;
			s->n--;
			sc->out += out->n;
			return true;
		}
		if (c == '\\' && s->n > 1) {
			s->p++;
			s->n--;
			c = *s->p;
		}
		if ((unsigned char)c < ' ' || c == 0x7f || sc->out + out->n == sc->out_end)
			return false;
		sc->out[out->n++] = c;
	}
	return false;
}

enum field { USER, REALM, NONCE, URI, RESPONSE, CNONCE, NC, OPAQUE, ALGORITHM, QOP, FIELDS };
static const char *const field_names[FIELDS] = { "username", "realm", "nonce", "uri", "response", "cnonce", "nc",
	"opaque", "algorithm", "qop" };

static bool take_field(struct scan *sc, struct slice fields[FIELDS])
{
	struct slice name = take_token(&sc->rest), value;
	size_t i;

	skip_blanks(&sc->rest);
	if (name.n == 0 || sc->rest.n == 0 || *sc->rest.p != '=')
		return false;
	sc->rest.p++;
	sc->rest.n--;
	skip_blanks(&sc->rest);
	if (sc->rest.n > 0 && *sc->rest.p == '"') {
		if (!take_quoted(sc, &value))
			return false;
	} else {
		value = take_token(&sc->rest);
		if (value.n == 0)
			return false;
	}
	for (i = 0; i < FIELDS; i++)
		if (slice_ieq_str(name, field_names[i])) {
			if (fields[i].p != NULL)
				return false; /* twice: which one counts? */
			fields[i] = value;
		}
	return true;
}

static bool take_fields(struct scan *sc, struct slice fields[FIELDS])
{
	for (;;) {
		skip_blanks(&sc->rest);
		if (!take_field(sc, fields))
			return false;
		skip_blanks(&sc->rest);
		if (sc->rest.n == 0)
			return true;
		if (*sc->rest.p != ',')
			return false;
		sc->rest.p++;
		sc->rest.n--;
	}
}

bool digest_parse(struct slice header, char *scratch, size_t scratch_size, struct digest_answer *out)
{
	struct slice f[FIELDS] = { { 0 } };
	struct scan sc = { .rest = header, .out = scratch, .out_end = scratch + scratch_size };
	unsigned char bytes[HASH_MAX];
	struct slice scheme;

	skip_blanks(&sc.rest);
	scheme = take_token(&sc.rest);
	if (!slice_ieq_str(scheme, "Digest") || sc.rest.n == 0 || !take_fields(&sc, f))
		return false;
	*out = (struct digest_answer){ f[USER], f[REALM], f[NONCE], f[URI], f[RESPONSE], f[CNONCE], f[NC], f[OPAQUE],
		DIGEST_MD5, f[QOP].p != NULL };
	if (f[ALGORITHM].p && slice_ieq_str(f[ALGORITHM], "SHA-256"))
		out->alg = DIGEST_SHA256;
	else if (f[ALGORITHM].p && !slice_ieq_str(f[ALGORITHM], "MD5"))
		return false;
	if (!f[USER].p || !f[REALM].p || !f[NONCE].p || !f[URI].p || !f[RESPONSE].p)
		return false;
	if (out->qop && (!slice_ieq_str(f[QOP], "auth") || !f[CNONCE].p || !hex_read(f[NC], bytes, 4)))
		return false;
	return hex_read(out->response, bytes, algs[out->alg].bytes);
}

/* ---- the check ---- */

bool digest_response(
	const struct digest_answer *a, const unsigned char *ha1, const char *method, char out[DIGEST_RESPONSE_TEXT])
{
	unsigned char ha2[HASH_MAX], response[HASH_MAX];
	char hex1[DIGEST_RESPONSE_TEXT], hex2[DIGEST_RESPONSE_TEXT];
	size_t n = algs[a->alg].bytes;
	struct slice request[] = { slice_str(method), a->uri };
	struct slice h1, h2;

	if (!hash_join(a->alg, request, 2, ha2))
		return false;
	h1 = slice_str(hex_write(ha1, n, hex1));
	h2 = slice_str(hex_write(ha2, n, hex2));
	if (a->qop) {
		struct slice all[] = { h1, a->nonce, a->nc, a->cnonce, SLICE_LIT("auth"), h2 };

		if (!hash_join(a->alg, all, 6, response))
			return false;
	} else {
		struct slice all[] = { h1, a->nonce, h2 };

		if (!hash_join(a->alg, all, 3, response))
			return false;
	}
	hex_write(response, n, out);
	OPENSSL_cleanse(hex1, sizeof(hex1));
	return true;
}

static bool same_hex(struct slice given, const char *want, size_t n)
{
	unsigned char diff = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		char c = given.p[i];

		if (c >= 'A' && c <= 'F')
			c = (char)(c + ('a' - 'A'));
		diff |= (unsigned char)(c ^ want[i]);
	}
	return diff == 0;
}

/* An unknown user walks the same way with a HA1 that nobody can know. */
static bool answers(const struct digest_answer *a, const char *method, const unsigned char dummy[HASH_MAX],
	digest_ha1_fn *ha1_of, void *arg)
{
	unsigned char ha1[HASH_MAX] = { 0 };
	char want[DIGEST_RESPONSE_TEXT];
	bool known = ha1_of(arg, a->user, a->alg, ha1), good;

	if (!known)
		memcpy(ha1, dummy, sizeof(ha1));
	good = digest_response(a, ha1, method, want) && same_hex(a->response, want, 2 * algs[a->alg].bytes);
	OPENSSL_cleanse(ha1, sizeof(ha1));
	OPENSSL_cleanse(want, sizeof(want));
	return good && known;
}

enum digest_result digest_check(const struct digest *d, const char *header, const char *method, struct slice target,
	int64_t now_ms, digest_ha1_fn *ha1_of, void *const *args, unsigned n, unsigned *which)
{
	char scratch[2048];
	struct digest_answer a;
	unsigned char dummy[HASH_MAX];
	struct slice s = slice_str(header);
	unsigned i, fits = n;
	enum nonce nonce;

	if (header == NULL || !slice_ieq_str((struct slice){ s.p, s.n < 6 ? s.n : 6 }, "Digest"))
		return DIGEST_NONE;
	if (!digest_parse(s, scratch, sizeof(scratch), &a) || !slice_eq_str(a.realm, d->realm) ||
		!slice_eq(a.uri, target) || (!a.qop && a.alg != DIGEST_MD5)) /* RFC 2069, as old firmware sends it */
		return DIGEST_BAD;
	nonce = check_nonce(d, a.nonce, now_ms);
	if (nonce == NONCE_FOREIGN)
		return DIGEST_BAD;
	digest_ha1(a.alg, a.user, slice_str(d->realm), (struct slice){ (const char *)d->key, DIGEST_KEY }, dummy);
	for (i = 0; i < n; i++)
		if (answers(&a, method, dummy, ha1_of, args[i]) && fits == n)
			fits = i;
	if (fits == n)
		return DIGEST_BAD;
	*which = fits;
	return nonce == NONCE_OLD ? DIGEST_STALE : DIGEST_OK;
}
