#include "provisioning/sip/digest.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/hex.h"

enum { HEX_MAX = 2 * 32 + 1 };

/* One name=value of the list; quoted values lose their quotes. A backslash is malformed: some peers hash it, others
 * what it stands for. False at the end or when malformed. */
static bool next_param(struct slice *s, struct slice *name, char *value, size_t size, bool *bad)
{
	size_t n = 0, i = 0;

	while (s->n && (s->p[0] == ',' || s->p[0] == ' ' || s->p[0] == '\t' || s->p[0] == '\r' || s->p[0] == '\n'))
		*s = (struct slice){ s->p + 1, s->n - 1 };
	if (!s->n)
		return false;
	if (!memchr(s->p, '=', s->n)) {
		*bad = true;
		return false;
	}
	*name = slice_trim(slice_cut(s, '='));
	*s = slice_trim(*s);
	if (s->n && s->p[0] == '"') {
		for (i = 1; i < s->n && s->p[i] != '"'; i++) {
			if (n + 1 < size && s->p[i] != '\\')
				value[n++] = s->p[i];
			else
				*bad = true;
		}
		if (i >= s->n)
			*bad = true;
		else
			i++;
	} else {
		for (; i < s->n && s->p[i] != ',' && s->p[i] != ' ' && s->p[i] != '\t'; i++)
			if (n + 1 < size)
				value[n++] = s->p[i];
			else
				*bad = true;
	}
	value[n] = 0;
	*s = (struct slice){ s->p + i, s->n - i };
	return !*bad;
}

static bool clean(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f || *s == '"' || *s == '\\')
			return false;
	return true;
}

/* "auth,auth-int": ours is auth. */
static bool offers_auth(const char *list)
{
	struct slice rest = slice_str(list);

	while (rest.n)
		if (slice_ieq_str(slice_trim(slice_cut(&rest, ',')), "auth"))
			return true;
	return false;
}

bool sip_digest_read(struct slice value, struct sip_challenge *out)
{
	struct slice s = slice_trim(value), name;
	char v[SIP_DIGEST_TEXT_MAX];
	bool bad = false, known = true;

	memset(out, 0, sizeof *out);
	if (s.n < 7 || !slice_ieq_str((struct slice){ s.p, 6 }, "Digest") || (s.p[6] != ' ' && s.p[6] != '\t'))
		return false;
	s = (struct slice){ s.p + 7, s.n - 7 };
	while (next_param(&s, &name, v, sizeof v, &bad)) {
		if (slice_ieq_str(name, "realm")) {
			memcpy(out->realm, v, sizeof v);
		} else if (slice_ieq_str(name, "nonce")) {
			memcpy(out->nonce, v, sizeof v);
		} else if (slice_ieq_str(name, "opaque")) {
			memcpy(out->opaque, v, sizeof v);
			out->has_opaque = true;
		} else if (slice_ieq_str(name, "stale")) {
			out->stale = slice_ieq_str(slice_str(v), "true");
		} else if (slice_ieq_str(name, "qop")) {
			out->qop = offers_auth(v);
			known = known && (out->qop || !v[0]);
		} else if (slice_ieq_str(name, "algorithm")) {
			out->algorithm = slice_ieq_str(slice_str(v), "SHA-256") ? SIP_DIGEST_SHA256 : SIP_DIGEST_MD5;
			known = known && (out->algorithm == SIP_DIGEST_SHA256 || slice_ieq_str(slice_str(v), "MD5"));
		}
	}
	return !bad && known && out->nonce[0] && clean(out->realm) && clean(out->nonce) && clean(out->opaque);
}

/* Hash of the parts joined by ':'; ends with a part whose p is NULL. */
static bool hash_parts(enum sip_digest_algorithm a, char out[HEX_MAX], const struct slice *parts)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	bool good = c && EVP_DigestInit_ex(c, a == SIP_DIGEST_MD5 ? EVP_md5() : EVP_sha256(), NULL);

	for (size_t i = 0; good && parts[i].p; i++) {
		if (i)
			good = EVP_DigestUpdate(c, ":", 1);
		good = good && EVP_DigestUpdate(c, parts[i].p, parts[i].n);
	}
	good = good && EVP_DigestFinal_ex(c, md, &n);
	EVP_MD_CTX_free(c);
	if (good)
		hex_write(md, n, out);
	return good;
}

bool sip_digest_write(struct sip_challenge *c, const char *user, const struct secret *password, const char *method,
	const char *uri, const char *cnonce, struct buf *out)
{
	struct slice secret = secret_reveal(password), end = { NULL, 0 };
	char ha1[HEX_MAX], ha2[HEX_MAX], response[HEX_MAX], nc[9];
	const char *name = c->algorithm == SIP_DIGEST_MD5 ? "MD5" : "SHA-256";
	bool good;

	if (!clean(user) || !clean(uri) || !clean(cnonce))
		return false;
	if (!secret.p)
		secret = SLICE_LIT("");
	(void)snprintf(nc, sizeof nc, "%08x", ++c->nc);
	good = hash_parts(c->algorithm, ha1, (struct slice[]){ slice_str(user), slice_str(c->realm), secret, end }) &&
	       hash_parts(c->algorithm, ha2, (struct slice[]){ slice_str(method), slice_str(uri), end });
	if (good && c->qop)
		good = hash_parts(c->algorithm, response,
			(struct slice[]){ slice_str(ha1), slice_str(c->nonce), slice_str(nc), slice_str(cnonce),
				SLICE_LIT("auth"), slice_str(ha2), end });
	else if (good)
		good = hash_parts(c->algorithm, response,
			(struct slice[]){ slice_str(ha1), slice_str(c->nonce), slice_str(ha2), end });
	explicit_bzero(ha1, sizeof ha1);
	if (!good)
		return false;
	buf_printf(out, "Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", uri=\"%s\", response=\"%s\", algorithm=%s",
		user, c->realm, c->nonce, uri, response, name);
	if (c->has_opaque)
		buf_printf(out, ", opaque=\"%s\"", c->opaque);
	if (c->qop)
		buf_printf(out, ", qop=auth, nc=%s, cnonce=\"%s\"", nc, cnonce);
	return true;
}
