#include "provisioning/edge/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>
#include <unistd.h>

#include "phonecfg/base/mem.h"
#include "provisioning/conf/clock.h"
#include "provisioning/conf/log.h"
#include "provisioning/edge/certname.h"
#include "provisioning/edge/tls_staple.h"
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

/* What belongs to one SSL_CTX, and goes with it: connections of before a reload still use it. */
struct side {
	struct tls *tls;
	struct staple staples[2]; /* RSA, ECDSA */
};
enum { STAPLE_RSA, STAPLE_ECDSA, STAPLES };

static pthread_once_t side_once = PTHREAD_ONCE_INIT;
static int side_index = -1;

static void side_free(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int index, long argl, void *argp)
{
	struct side *s = ptr;
	size_t i;

	(void)parent, (void)ad, (void)index, (void)argl, (void)argp;
	for (i = 0; s && i < STAPLES; i++)
		staple_free(&s->staples[i]);
	mem_free(s);
}

static void side_prepare(void)
{
	side_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, side_free);
}

static struct side *side_of(const SSL_CTX *ctx)
{
	return SSL_CTX_get_ex_data(ctx, side_index);
}

static enum err_code side_add(struct tls *t, SSL_CTX *ctx, struct err *err)
{
	struct side *s = mem_zalloc(sizeof(*s));

	pthread_once(&side_once, side_prepare);
	if (s && side_index >= 0 && SSL_CTX_set_ex_data(ctx, side_index, s) == 1) {
		s->tls = t;
		return ERR_OK;
	}
	mem_free(s);
	return err_set(err, ERR_NOMEM, "no memory for a TLS context");
}

static int use_ticket_key(
	SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int seal)
{
	int good = tls_keys_use(&side_of(SSL_get_SSL_CTX(ssl))->tls->keys, name, iv, cipher, mac, seal);

	/* 2 = renewed. A ticket of TLS 1.3 is for one use (RFC 8446 §C.4), and a client that waits for our ACK before
	 * it sends its request (Nagle's algorithm) gets it with the new one, not 40 ms later. */
	return !seal && good == 1 && SSL_version(ssl) == TLS1_3_VERSION ? 2 : good;
}

static int give_staple(SSL *ssl, void *arg)
{
	(void)arg;
	return staple_give(side_of(SSL_get_SSL_CTX(ssl))->staples, STAPLES, ssl);
}

/* Whatever is wrong with the response, the certificate is used; the one before it goes on as long as it holds. */
static void load_staple(struct tls *t, SSL_CTX *ctx, int which, const struct edge_cert *c)
{
	struct staple *s = &side_of(ctx)->staples[which];
	struct err err = { 0 };

	if (c->ocsp == NULL || *c->ocsp == '\0')
		return;
	if (staple_load(s, ctx, c->ocsp, &err) == ERR_OK)
		return;
	if (t->ctx)
		staple_copy(s, &side_of(t->ctx)->staples[which]);
	log_event(LOG_LEVEL_WARN, "ocsp-response", "listener", t->listener, "error", err.text, NULL);
}

static enum err_code load_pair(struct tls *t, SSL_CTX *ctx, int which, struct err *err)
{
	const struct edge_cert *c = which == STAPLE_RSA ? &t->conf->rsa : &t->conf->ecdsa;
	int type = which == STAPLE_RSA ? EVP_PKEY_RSA : EVP_PKEY_EC;

	if (c->chain == NULL || *c->chain == '\0')
		return ERR_OK;
	if (c->key == NULL || *c->key == '\0')
		return err_set(err, ERR_INPUT, "%s has no key beside it; name the key's file", c->chain);
	if (SSL_CTX_use_certificate_chain_file(ctx, c->chain) != 1)
		return tls_error(err, c->chain, "is no certificate in PEM; name one, rekeyd init makes new ones");
	if (SSL_CTX_use_PrivateKey_file(ctx, c->key, SSL_FILETYPE_PEM) != 1)
		return tls_error(
			err, c->key, "is no key in PEM that fits the certificate; name the key that it was made with");
	if (!c->any_kind && EVP_PKEY_get_base_id(SSL_CTX_get0_privatekey(ctx)) != type)
		return err_set(err, ERR_INPUT, "%s holds %s key; name it under the other setting", c->key,
			type == EVP_PKEY_RSA ? "no RSA" : "no ECDSA");
	load_staple(t, ctx, which, c);
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
	SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, use_ticket_key);
	SSL_CTX_set_tlsext_status_cb(ctx, give_staple);
	SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, NULL);
}

static enum err_code build(struct tls *t, SSL_CTX **out, struct err *err)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	enum err_code code = ERR_OK;

	if (ctx == NULL)
		return err_set(err, ERR_NOMEM, "no memory for a TLS context");
	set_options(t, ctx);
	code = side_add(t, ctx, err);
	if (code == ERR_OK && SSL_CTX_set_cipher_list(ctx, ciphers) != 1)
		code = tls_error(err, t->listener, "the cipher list is refused by this OpenSSL");
	if (code == ERR_OK)
		code = load_pair(t, ctx, STAPLE_ECDSA, err);
	if (code == ERR_OK)
		code = load_pair(t, ctx, STAPLE_RSA, err);
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
	enum err_code code;

	memset(t, 0, sizeof(*t));
	t->conf = conf;
	t->listener = listener;
	pthread_mutex_init(&t->lock, NULL);
	code = tls_keys_open(&t->keys, conf->ticket_ms, err);
	tls_files_tried(&t->files, conf);
	return code ? code : build(t, &t->ctx, err);
}

void tls_close(struct tls *t)
{
	SSL_CTX_free(t->ctx);
	pthread_mutex_destroy(&t->lock);
	tls_keys_close(&t->keys);
	t->ctx = NULL;
}

enum err_code tls_reload(struct tls *t, struct err *err)
{
	SSL_CTX *ctx, *old;
	enum err_code code;

	tls_files_tried(&t->files, t->conf);
	code = build(t, &ctx, err);
	if (code != ERR_OK)
		return code;
	pthread_mutex_lock(&t->lock);
	old = t->ctx;
	t->ctx = ctx;
	pthread_mutex_unlock(&t->lock);
	SSL_CTX_free(old);
	return ERR_OK;
}

enum err_code tls_tick(struct tls *t, bool *taken, struct err *err)
{
	enum err_code code;

	*taken = false;
	tls_keys_turn(&t->keys, clock_steady_ms());
	if (!tls_files_changed(&t->files, t->conf))
		return ERR_OK;
	code = tls_reload(t, err);
	*taken = code == ERR_OK;
	return code;
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

void tls_peer(SSL *ssl, struct http_peer *out)
{
	out->tls = true;
	out->bundles = vouch_by(ssl);
	out->cert = out->bundles != 0;
	if (out->cert)
		out->has_mac = certname_mac(SSL_get0_peer_certificate(ssl), &out->mac);
}
