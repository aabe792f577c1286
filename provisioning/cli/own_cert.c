#include "provisioning/cli/own_cert.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "phonecfg/base/buf.h"
#include "provisioning/conf/net.h"

enum { RSA_BITS_MIN = 2048, NAMES_MAX = 300 };

struct pair {
	X509 *leaf;
	EVP_PKEY *key;
	bool alone; /* no further certificate stands behind it */
};

static FILE *open_file(const char *path, const char *what, struct err *err)
{
	FILE *f = fopen(path, "re");

	if (f == NULL)
		err_set(err, ERR_INPUT, "cannot read %s: %s; give the %s in PEM", path, strerror(errno), what);
	return f;
}

static enum err_code read_chain(const char *path, struct pair *p, struct err *err)
{
	FILE *f = open_file(path, "certificate's file", err);
	X509 *next;

	if (f == NULL)
		return ERR_INPUT;
	p->leaf = PEM_read_X509(f, NULL, NULL, NULL);
	next = p->leaf ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;
	p->alone = next == NULL;
	X509_free(next);
	fclose(f);
	ERR_clear_error();
	if (p->leaf == NULL)
		return err_set(err, ERR_INPUT,
			"%s holds no certificate in PEM; give the chain, the server's own certificate first", path);
	return ERR_OK;
}

static int no_password(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	*(bool *)arg = true;
	return -1;
}

static enum err_code read_key(const char *path, struct pair *p, struct err *err)
{
	FILE *f = open_file(path, "key's file", err);
	bool locked = false;

	if (f == NULL)
		return ERR_INPUT;
	p->key = PEM_read_PrivateKey(f, NULL, no_password, &locked);
	fclose(f);
	ERR_clear_error();
	if (locked)
		return err_set(err, ERR_INPUT,
			"the key in %s is locked by a password, which nobody types when the server starts; take it off: openssl pkey",
			path);
	if (p->key == NULL)
		return err_set(err, ERR_INPUT, "%s holds no private key in PEM; give the key of the certificate", path);
	return ERR_OK;
}

static const char *day(const ASN1_TIME *t, char out[16])
{
	struct tm tm = { 0 };

	ASN1_TIME_to_tm(t, &tm);
	strftime(out, 16, "%Y-%m-%d", &tm);
	return out;
}

static enum err_code check(
	const char *chain, const char *key, const struct pair *p, struct own_cert *out, struct err *err)
{
	EVP_PKEY *public = X509_get0_pubkey(p->leaf);
	int type = public ? EVP_PKEY_get_base_id(public) : EVP_PKEY_NONE;
	char on[16];

	if (type != EVP_PKEY_RSA && type != EVP_PKEY_EC)
		return err_set(err, ERR_INPUT,
			"the certificate in %s is neither RSA nor ECDSA, which is all that phones know; get one of these",
			chain);
	if (type == EVP_PKEY_RSA && EVP_PKEY_get_bits(public) < RSA_BITS_MIN)
		return err_set(err, ERR_INPUT, "the RSA key of %s has %d bits; get a certificate for %d or more", chain,
			EVP_PKEY_get_bits(public), RSA_BITS_MIN);
	if (X509_check_private_key(p->leaf, p->key) != 1) {
		ERR_clear_error();
		return err_set(err, ERR_INPUT,
			"%s is not the key of the certificate in %s; give the one that it was made with, and the server's own "
			"certificate first in its file",
			key, chain);
	}
	if (X509_cmp_current_time(X509_get0_notAfter(p->leaf)) < 0)
		return err_set(err, ERR_INPUT, "the certificate in %s expired on %s; renew it first", chain,
			day(X509_get0_notAfter(p->leaf), on));
	if (X509_cmp_current_time(X509_get0_notBefore(p->leaf)) > 0)
		return err_set(err, ERR_INPUT,
			"the certificate in %s is not valid before %s; is this machine's clock right?", chain,
			day(X509_get0_notBefore(p->leaf), on));
	out->kind = type == EVP_PKEY_RSA ? CERT_RSA : CERT_ECDSA;
	return ERR_OK;
}

/* ---- what is worth knowing ---- */

/* As far as they are words of a host's name. */
static void names_of(X509 *leaf, struct buf *out)
{
	GENERAL_NAMES *all = X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
	int i;

	for (i = 0; all && i < sk_GENERAL_NAME_num(all); i++) {
		const GENERAL_NAME *one = sk_GENERAL_NAME_value(all, i);
		const ASN1_IA5STRING *dns = one->type == GEN_DNS ? one->d.dNSName : NULL;
		struct slice s = dns ? (struct slice){ (const char *)ASN1_STRING_get0_data(dns),
			(size_t)ASN1_STRING_length(dns) }
				     : (struct slice){ NULL, 0 };
		size_t k = 0;

		while (k < s.n && s.p[k] > ' ' && s.p[k] < 0x7f)
			k++;
		if (s.n && k == s.n) {
			buf_str(out, out->len ? ", " : "");
			buf_slice(out, s);
		}
	}
	GENERAL_NAMES_free(all);
}

static const char *note(const char *chain, const struct pair *p, const char *url, struct arena *a)
{
	struct slice at = net_url_host(url);
	const char *host = arena_strndup(a, at.p, at.n), *out = NULL;
	struct buf names;

	if (host == NULL)
		return NULL;
	if (X509_check_host(p->leaf, host, 0, 0, NULL) != 1 && X509_check_ip_asc(p->leaf, host, 0) != 1) {
		buf_init(&names, NAMES_MAX);
		names_of(p->leaf, &names);
		out = arena_printf(a, "%s names %s, and not %s: set the url to a name that it holds", chain,
			names.len && names.failed == ERR_OK ? names.data : "other hosts", host);
		buf_release(&names);
	} else if (p->alone && X509_check_issued(p->leaf, p->leaf) != X509_V_OK) {
		out = arena_printf(a,
			"%s holds the server's own certificate alone: add those of its issuers, or clients that do not "
			"know them refuse it",
			chain);
	}
	ERR_clear_error();
	return out;
}

static const char *absolute(const char *path, struct arena *a)
{
	char full[PATH_MAX];

	return realpath(path, full) ? arena_strdup(a, full) : NULL;
}

enum err_code own_cert_read(
	const char *chain, const char *key, const char *url, struct arena *a, struct own_cert *out, struct err *err)
{
	struct pair p = { NULL, NULL, false };
	enum err_code e = read_chain(chain, &p, err);

	if (e == ERR_OK)
		e = read_key(key, &p, err);
	if (e == ERR_OK)
		e = check(chain, key, &p, out, err);
	if (e == ERR_OK) {
		out->chain = absolute(chain, a);
		out->key = absolute(key, a);
		out->note = note(chain, &p, url, a);
		if (out->chain == NULL || out->key == NULL)
			e = err_set(err, ERR_IO, "cannot tell where %s stands; give its whole path", chain);
	}
	X509_free(p.leaf);
	EVP_PKEY_free(p.key);
	return e;
}
