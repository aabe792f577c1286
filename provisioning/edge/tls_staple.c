#include "provisioning/edge/tls_staple.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { RESPONSE_MAX = 64 * 1024 };

static enum err_code read_file(const char *file, unsigned char *out, size_t *n, struct err *err)
{
	FILE *f = fopen(file, "rbe");

	if (f == NULL)
		return err_set(
			err, ERR_INPUT, "cannot read %s: %s; is what fetches it at work?", file, strerror(errno));
	*n = fread(out, 1, RESPONSE_MAX, f);
	fclose(f);
	return *n > 0 && *n < RESPONSE_MAX
		       ? ERR_OK
		       : err_set(err, ERR_INPUT, "%s is empty or too large for an OCSP response", file);
}

/* The authority writes its names by a hash of its own choice. */
static bool names(const OCSP_CERTID *id, X509 *leaf, X509 *issuer)
{
	ASN1_OBJECT *hash;
	const EVP_MD *md;
	OCSP_CERTID *own;
	bool same;

	if (OCSP_id_get0_info(NULL, &hash, NULL, NULL, (OCSP_CERTID *)(uintptr_t)id) != 1 ||
		(md = EVP_get_digestbyobj(hash)) == NULL || (own = OCSP_cert_to_id(md, leaf, issuer)) == NULL)
		return false;
	same = OCSP_id_cmp(own, id) == 0;
	OCSP_CERTID_free(own);
	return same;
}

static bool signed_by(OCSP_BASICRESP *said, X509 *issuer, STACK_OF(X509) * chain)
{
	X509_STORE *store = X509_STORE_new();
	bool good = store && X509_STORE_add_cert(store, issuer) == 1 &&
		    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN) == 1 &&
		    OCSP_basic_verify(said, chain, store, 0) == 1;

	X509_STORE_free(store);
	ERR_clear_error();
	return good;
}

static bool time_of(const ASN1_GENERALIZEDTIME *at, time_t *out)
{
	struct tm tm;

	if (at == NULL || ASN1_TIME_to_tm(at, &tm) != 1)
		return false;
	*out = timegm(&tm);
	return true;
}

static enum err_code check(
	struct staple *s, OCSP_BASICRESP *said, X509 *issuer, STACK_OF(X509) * chain, const char *file, struct err *err)
{
	ASN1_GENERALIZEDTIME *from = NULL, *until = NULL;
	OCSP_SINGLERESP *one = NULL;
	int i, n = OCSP_resp_count(said), status;
	time_t now = time(NULL);

	for (i = 0; i < n && one == NULL; i++)
		if (names(OCSP_SINGLERESP_get0_id(OCSP_resp_get0(said, i)), s->leaf, issuer))
			one = OCSP_resp_get0(said, i);
	if (one == NULL)
		return err_set(err, ERR_INPUT, "%s says nothing about this certificate; fetch it anew", file);
	if (!signed_by(said, issuer, chain))
		return err_set(err, ERR_INPUT, "%s is not signed by the certificate's issuer; fetch it anew", file);
	status = OCSP_single_get0_status(one, NULL, NULL, &from, &until);
	if (status != V_OCSP_CERTSTATUS_GOOD)
		return err_set(err, ERR_INPUT, "%s says that the certificate is %s; get another one", file,
			OCSP_cert_status_str(status));
	if (!time_of(from, &s->from) || !time_of(until, &s->until))
		return err_set(err, ERR_INPUT, "%s has no date until which it holds; fetch another", file);
	if (now >= s->until)
		return err_set(err, ERR_INPUT, "%s has expired; is what fetches it at work?", file);
	return ERR_OK;
}

enum err_code staple_load(struct staple *s, SSL_CTX *ctx, const char *file, struct err *err)
{
	unsigned char der[RESPONSE_MAX];
	const unsigned char *at = der;
	STACK_OF(X509) *chain = NULL;
	OCSP_RESPONSE *response;
	OCSP_BASICRESP *said;
	X509 *issuer;
	size_t n = 0;
	enum err_code e;

	*s = (struct staple){ .leaf = SSL_CTX_get0_certificate(ctx) };
	X509_up_ref(s->leaf);
	e = read_file(file, der, &n, err);
	if (e)
		return e;
	SSL_CTX_get0_chain_certs(ctx, &chain);
	issuer = sk_X509_num(chain) > 0 ? sk_X509_value(chain, 0) : s->leaf;
	if (X509_check_issued(issuer, s->leaf) != X509_V_OK)
		return err_set(err, ERR_INPUT,
			"%s cannot be checked: put the issuer behind the certificate in its file", file);
	response = d2i_OCSP_RESPONSE(NULL, &at, (long)n);
	said = response && OCSP_response_status(response) == OCSP_RESPONSE_STATUS_SUCCESSFUL
		       ? OCSP_response_get1_basic(response)
		       : NULL;
	e = said && at == der + n ? check(s, said, issuer, chain, file, err)
				  : err_set(err, ERR_INPUT,
					    "%s is no OCSP response in DER, or one of a failure; fetch it anew", file);
	OCSP_BASICRESP_free(said);
	OCSP_RESPONSE_free(response);
	ERR_clear_error();
	if (e == ERR_OK && (s->der = OPENSSL_memdup(der, n)) == NULL)
		e = err_set(err, ERR_NOMEM, "no memory for an OCSP response");
	s->n = (int)n;
	return e;
}

void staple_copy(struct staple *s, const struct staple *former)
{
	if (s->der || former->der == NULL || s->leaf == NULL || X509_cmp(s->leaf, former->leaf) != 0)
		return;
	s->der = OPENSSL_memdup(former->der, (size_t)former->n);
	s->n = former->n;
	s->from = former->from;
	s->until = former->until;
}

void staple_free(struct staple *s)
{
	X509_free(s->leaf);
	OPENSSL_free(s->der);
	*s = (struct staple){ 0 };
}

int staple_give(const struct staple *s, size_t n, SSL *ssl)
{
	const X509 *leaf = SSL_get_certificate(ssl);
	time_t now = time(NULL);
	unsigned char *copy;
	size_t i;

	for (i = 0; i < n; i++) {
		if (s[i].der == NULL || leaf == NULL || X509_cmp(s[i].leaf, leaf) != 0 || now < s[i].from ||
			now >= s[i].until)
			continue;
		copy = OPENSSL_memdup(s[i].der, (size_t)s[i].n);
		if (copy == NULL || SSL_set_tlsext_status_ocsp_resp(ssl, copy, s[i].n) != 1)
			break;
		return SSL_TLSEXT_ERR_OK;
	}
	return SSL_TLSEXT_ERR_NOACK;
}
