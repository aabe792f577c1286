#include "provisioning/edge/vouch.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <pthread.h>

#include "phonecfg/base/mem.h"
#include "provisioning/edge/edge.h"

/* As strong as the listener asks of itself (level 2 as a rule: 2048 bits and SHA-256), and at least this much on the
 * one for old phones: 1024 bits. */
enum { LEVEL_LEAST = 1 };

struct bundles {
	X509_STORE *store[EDGE_BUNDLES]; /* NULL = none at this place */
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int place = -1; /* of struct bundles in an SSL_CTX, which outlives a reload in its connections */

static void free_bundles(void *parent, void *p, CRYPTO_EX_DATA *data, int at, long argl, void *argp)
{
	struct bundles *b = p;
	size_t i;

	(void)parent;
	(void)data;
	(void)at;
	(void)argl;
	(void)argp;
	for (i = 0; b && i < EDGE_BUNDLES; i++)
		X509_STORE_free(b->store[i]);
	mem_free(b);
}

static void make_place(void)
{
	place = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, free_bundles);
}

/* Each bundle by itself, so that no CA of one maker helps a chain of another's. */
static bool vouches(X509_STORE *store, SSL *ssl, X509_STORE_CTX *asked)
{
	X509_STORE_CTX *own = X509_STORE_CTX_new();
	int level = SSL_get_security_level(ssl);
	bool ok = own &&
		  X509_STORE_CTX_init(
			  own, store, X509_STORE_CTX_get0_cert(asked), X509_STORE_CTX_get0_untrusted(asked)) == 1 &&
		  X509_STORE_CTX_set_default(own, "ssl_client") == 1;

	if (ok) {
		X509_VERIFY_PARAM_set_auth_level(
			X509_STORE_CTX_get0_param(own), level > LEVEL_LEAST ? level : LEVEL_LEAST);
		ok = X509_verify_cert(own) == 1;
	}
	X509_STORE_CTX_free(own);
	return ok;
}

/* A certificate that nobody vouches for is as good as none: the phone may still prove itself by its password. What was
 * found is kept in the session itself, since a resumed one brings the certificate along but not its chain. */
static int verify(X509_STORE_CTX *asked, void *arg)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(asked, SSL_get_ex_data_X509_STORE_CTX_idx());
	const struct bundles *b = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), place);
	unsigned char found = 0;
	size_t i;

	(void)arg;
	ERR_set_mark();
	for (i = 0; b && i < EDGE_BUNDLES; i++)
		if (b->store[i] && vouches(b->store[i], ssl, asked))
			found |= (unsigned char)(1U << i);
	ERR_pop_to_mark();
	X509_STORE_CTX_set_error(asked, found ? X509_V_OK : X509_V_ERR_CERT_UNTRUSTED);
	return SSL_SESSION_set1_ticket_appdata(SSL_get_session(ssl), &found, sizeof(found));
}

static struct bundles *bundles_of(SSL_CTX *ctx)
{
	struct bundles *b;

	pthread_once(&once, make_place);
	b = place >= 0 ? SSL_CTX_get_ex_data(ctx, place) : NULL;
	if (b || place < 0 || (b = mem_zalloc(sizeof(*b))) == NULL)
		return b;
	if (SSL_CTX_set_ex_data(ctx, place, b) == 1)
		return b;
	mem_free(b);
	return NULL;
}

/* The names of all bundles: a client chooses its certificate by them. */
static bool add_names(SSL_CTX *ctx, const char *file)
{
	STACK_OF(X509_NAME) *all = SSL_CTX_get_client_CA_list(ctx);

	if (all)
		return SSL_add_file_cert_subjects_to_stack(all, file) == 1;
	all = SSL_load_client_CA_file(file);
	if (all)
		SSL_CTX_set_client_CA_list(ctx, all);
	return all != NULL;
}

bool vouch_add(SSL_CTX *ctx, unsigned n, const char *file)
{
	struct bundles *b = bundles_of(ctx);

	if (b == NULL || (b->store[n] = X509_STORE_new()) == NULL || X509_STORE_load_file(b->store[n], file) != 1 ||
		!add_names(ctx, file))
		return false;
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(ctx, verify, NULL);
	return true;
}

unsigned vouch_by(SSL *ssl)
{
	X509 *cert = SSL_get0_peer_certificate(ssl);
	void *found = NULL;
	size_t n = 0;

	if (cert == NULL || SSL_SESSION_get0_ticket_appdata(SSL_get_session(ssl), &found, &n) != 1 || n != 1)
		return 0;
	/* A session may outlast the certificate that it was made with. */
	if (X509_cmp_current_time(X509_get0_notAfter(cert)) <= 0)
		return 0;
	return *(const unsigned char *)found;
}
