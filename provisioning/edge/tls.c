#include "provisioning/edge/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <string.h>
#include <unistd.h>

#include "phonecfg/base/mem.h"
#include "provisioning/edge/certname.h"
#include "provisioning/edge/vouch.h"

/* No DHE: old Polycom firmware breaks off when it is offered. RSA key exchange stands last, for phones that know
 * nothing else; whoever can do better does, because the server's order counts. */
static const char ciphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES:RSA+AESGCM:RSA+AES:!aNULL:!eNULL:!PSK:!SRP";

static enum err_code tls_error(struct err *err, const char *file, const char *what)
{
	unsigned long e = ERR_peek_last_error();
	const char *reason = e ? ERR_reason_error_string(e) : NULL;

	ERR_clear_error();
	if (access(file, R_OK))
		return err_set(err, ERR_INPUT, "cannot read %s: %s; name the right file, rekeyd init makes new ones",
			file, strerror(errno));
	return err_set(err, ERR_INPUT, "%s %s (%s)", file, what, reason ? reason : "no reason given");
}

static enum err_code load_pair(SSL_CTX *ctx, const struct edge_cert *c, int type, struct err *err)
{
	if (c->chain == NULL || *c->chain == '\0')
		return ERR_OK;
	if (c->key == NULL || *c->key == '\0')
		return err_set(err, ERR_INPUT, "%s has no key beside it; name the key's file", c->chain);
	if (SSL_CTX_use_certificate_chain_file(ctx, c->chain) != 1)
		return tls_error(err, c->chain, "is no certificate in PEM; name one, rekeyd init makes new ones");
	if (SSL_CTX_use_PrivateKey_file(ctx, c->key, SSL_FILETYPE_PEM) != 1)
		return tls_error(
			err, c->key, "is no key in PEM that fits the certificate; name the key that it was made with");
	if (EVP_PKEY_get_base_id(SSL_CTX_get0_privatekey(ctx)) != type)
		return err_set(err, ERR_INPUT, "%s holds %s key; name it under the other setting", c->key,
			type == EVP_PKEY_RSA ? "no RSA" : "no ECDSA");
	return ERR_OK;
}

/* With its place: the same file as another maker's bundle is another one. */
static bool digest_bundle(EVP_MD_CTX *md, unsigned place, const char *file)
{
	FILE *f = file ? fopen(file, "rb") : NULL;
	char piece[4096];
	size_t got;
	bool ok = EVP_DigestUpdate(md, &place, sizeof(place));

	while (ok && f && (got = fread(piece, 1, sizeof(piece), f)) > 0)
		ok = EVP_DigestUpdate(md, piece, got);
	if (f)
		fclose(f);
	return ok;
}

/* Which bundle vouched for a client is part of the session's context: a session from another listener, or from before
 * the bundle changed, must not bring its certificate along (and without a context every resumption with one dies). */
static enum err_code set_context(struct tls *t, SSL_CTX *ctx, struct err *err)
{
	unsigned char id[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned i;
	bool ok = md && EVP_DigestInit_ex(md, EVP_sha256(), NULL) &&
		  EVP_DigestUpdate(md, t->listener, strlen(t->listener) + 1);

	for (i = 0; ok && i < EDGE_BUNDLES; i++)
		ok = digest_bundle(md, i, t->conf->client_ca[i]);
	ok = ok && EVP_DigestFinal_ex(md, id, &n) &&
	     SSL_CTX_set_session_id_context(ctx, id, SSL_MAX_SID_CTX_LENGTH) == 1;
	EVP_MD_CTX_free(md);
	return ok ? ERR_OK : err_set(err, ERR_NOMEM, "no memory for the TLS session context");
}

static enum err_code load_clients(struct tls *t, SSL_CTX *ctx, struct err *err)
{
	unsigned i;

	for (i = 0; i < EDGE_BUNDLES; i++) {
		const char *file = t->conf->client_ca[i];

		if (file && !vouch_add(ctx, i, file))
			return tls_error(
				err, file, "is no bundle of certificates in PEM; name one, or leave the setting empty");
	}
	return ERR_OK;
}

static int choose_protocol(
	SSL *ssl, const unsigned char **out, unsigned char *out_n, const unsigned char *in, unsigned in_n, void *arg)
{
	static const unsigned char http11[] = "\x08http/1.1";

	(void)ssl;
	(void)arg;
	if (SSL_select_next_proto((unsigned char **)out, out_n, http11, sizeof(http11) - 1, in, in_n) !=
		OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_NOACK;
	return SSL_TLSEXT_ERR_OK;
}

static void set_options(struct tls *t, SSL_CTX *ctx)
{
	SSL_CTX_set_min_proto_version(ctx, t->conf->tls_old ? TLS1_VERSION : TLS1_2_VERSION);
	if (t->conf->tls_old)
		SSL_CTX_set_security_level(ctx, 0);
	SSL_CTX_set_options(ctx, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
					 SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_PRIORITIZE_CHACHA);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(ctx, 1);
	SSL_CTX_set_tlsext_ticket_keys(ctx, t->tickets, sizeof(t->tickets));
	SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, NULL);
}

static enum err_code build(struct tls *t, SSL_CTX **out, struct err *err)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	enum err_code code = ERR_OK;

	if (ctx == NULL)
		return err_set(err, ERR_NOMEM, "no memory for a TLS context");
	set_options(t, ctx);
	if (SSL_CTX_set_cipher_list(ctx, ciphers) != 1)
		code = tls_error(err, t->listener, "the cipher list is refused by this OpenSSL");
	if (code == ERR_OK)
		code = load_pair(ctx, &t->conf->ecdsa, EVP_PKEY_EC, err);
	if (code == ERR_OK)
		code = load_pair(ctx, &t->conf->rsa, EVP_PKEY_RSA, err);
	if (code == ERR_OK && SSL_CTX_get0_certificate(ctx) == NULL)
		code = err_set(err, ERR_INPUT, "the listener %s has no certificate; name one, or run `rekeyd init`",
			t->listener);
	if (code == ERR_OK)
		code = load_clients(t, ctx, err);
	if (code == ERR_OK)
		code = set_context(t, ctx, err);
	if (code == ERR_OK)
		*out = ctx;
	else
		SSL_CTX_free(ctx);
	return code;
}

enum err_code tls_open(struct tls *t, const struct edge_conf *conf, const char *listener, struct err *err)
{
	memset(t, 0, sizeof(*t));
	t->conf = conf;
	t->listener = listener;
	pthread_mutex_init(&t->lock, NULL);
	if (RAND_bytes(t->tickets, sizeof(t->tickets)) != 1)
		return err_set(err, ERR_IO, "the system gives no random numbers");
	return build(t, &t->ctx, err);
}

void tls_close(struct tls *t)
{
	SSL_CTX_free(t->ctx);
	pthread_mutex_destroy(&t->lock);
	explicit_bzero(t->tickets, sizeof(t->tickets));
	t->ctx = NULL;
}

enum err_code tls_reload(struct tls *t, struct err *err)
{
	SSL_CTX *ctx, *old;
	enum err_code code = build(t, &ctx, err);

	if (code != ERR_OK)
		return code;
	pthread_mutex_lock(&t->lock);
	old = t->ctx;
	t->ctx = ctx;
	pthread_mutex_unlock(&t->lock);
	SSL_CTX_free(old);
	return ERR_OK;
}

SSL *tls_accept(struct tls *t, int fd)
{
	SSL *ssl;

	pthread_mutex_lock(&t->lock);
	ssl = SSL_new(t->ctx);
	pthread_mutex_unlock(&t->lock);
	if (ssl && SSL_set_fd(ssl, fd) != 1) {
		SSL_free(ssl);
		return NULL;
	}
	if (ssl)
		SSL_set_accept_state(ssl);
	return ssl;
}

static void common_name(X509_NAME *name, char *out, size_t size)
{
	int i = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
	X509_NAME_ENTRY *entry = i >= 0 ? X509_NAME_get_entry(name, i) : NULL;
	unsigned char *text = NULL;
	int n = entry ? ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry)) : -1;

	out[0] = '\0';
	/* A NUL inside would make two names look like one. */
	if (n > 0 && (size_t)n < size && memchr(text, '\0', (size_t)n) == NULL) {
		memcpy(out, text, (size_t)n);
		out[n] = '\0';
	}
	OPENSSL_free(text);
}

void tls_peer(SSL *ssl, struct http_peer *out)
{
	X509 *cert = SSL_get0_peer_certificate(ssl);
	unsigned n;

	out->tls = true;
	out->bundles = vouch_by(ssl);
	out->cert = out->bundles != 0;
	if (!out->cert)
		return;
	out->has_mac = certname_mac(cert, &out->mac);
	common_name(X509_get_subject_name(cert), out->cert_cn, sizeof(out->cert_cn));
	common_name(X509_get_issuer_name(cert), out->cert_issuer_cn, sizeof(out->cert_issuer_cn));
	X509_digest(cert, EVP_sha256(), out->cert_sha256, &n);
}
