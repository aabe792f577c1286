#include <re/re.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdio.h>

#include "provisioning/sip/tls.h"

/* The name of the next connection hangs on the context; OpenSSL frees it with the context. */
static int name_index = -1;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void drop_name(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx, long argl, void *argp)
{
	(void)parent;
	(void)ad;
	(void)idx;
	(void)argl;
	(void)argp;
	OPENSSL_free(ptr);
}

static void make_index(void)
{
	name_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, drop_name);
}

/* libre gives no access to the SSL object before the handshake; its start is the place to set the server name. */
static void at_info(const SSL *ssl, int where, int ret)
{
	const char *name;

	(void)ret;
	if (!(where & SSL_CB_HANDSHAKE_START) || SSL_is_server(ssl))
		return;
	name = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), name_index);
	if (name && !SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name))
		(void)SSL_set_tlsext_host_name((SSL *)(uintptr_t)ssl, name);
}

/* libre prints and forgets OpenSSL's errors; the reason why a certificate failed is kept here, for the thread. */
static _Thread_local int verify_error;

static int at_verify(int good, X509_STORE_CTX *x)
{
	if (!good)
		verify_error = X509_STORE_CTX_get_error(x);
	return good;
}

enum err_code sip_tls_new(const char *ca, struct tls **out, struct err *err)
{
	struct tls *t = NULL;
	SSL_CTX *ctx;

	(void)pthread_once(&once, make_index);
	if (tls_alloc(&t, TLS_METHOD_SSLV23, NULL, NULL) != 0)
		return err_set(err, ERR_NOMEM, "Out of memory while preparing SIP over TLS.");
	ctx = tls_openssl_context(t);
	ERR_clear_error();
	if (ca ? SSL_CTX_load_verify_locations(ctx, ca, NULL) != 1 : SSL_CTX_set_default_verify_paths(ctx) != 1) {
		ERR_clear_error();
		mem_deref(t);
		return err_set(err, ERR_INPUT,
			"%s holds no certificate in PEM that SIP over TLS could trust; name the proxy's CA.",
			ca ? ca : "The system's certificate store");
	}
	(void)SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, at_verify);
	SSL_CTX_set_info_callback(ctx, at_info);
	*out = t;
	return ERR_OK;
}

bool sip_tls_expect(struct tls *t, const char *host)
{
	SSL_CTX *ctx = tls_openssl_context(t);
	X509_VERIFY_PARAM *p = SSL_CTX_get0_param(ctx);
	struct sa sa;
	bool address = sa_set_str(&sa, host, 0) == 0;
	char *name = address ? NULL : OPENSSL_strdup(host);

	OPENSSL_free(SSL_CTX_get_ex_data(ctx, name_index));
	(void)SSL_CTX_set_ex_data(ctx, name_index, name);
	if (address)
		return X509_VERIFY_PARAM_set1_host(p, NULL, 0) && X509_VERIFY_PARAM_set1_ip_asc(p, host);
	X509_VERIFY_PARAM_set_hostflags(p, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return name && X509_VERIFY_PARAM_set1_ip(p, NULL, 0) && X509_VERIFY_PARAM_set1_host(p, host, 0);
}

void sip_tls_why(char *out, size_t size)
{
	(void)snprintf(out, size, "%s", verify_error ? X509_verify_cert_error_string(verify_error) : "");
	verify_error = 0;
	ERR_clear_error();
}
