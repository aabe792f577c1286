/* The TLS side of one plane: certificates, tickets, what the handshake told. */
#ifndef PROVISIONING_EDGE_TLS_H
#define PROVISIONING_EDGE_TLS_H

#include <openssl/ssl.h>
#include <pthread.h>

#include "provisioning/edge/edge.h"
#include "provisioning/edge/tls_files.h"
#include "provisioning/edge/tls_keys.h"

struct tls {
	const struct edge_conf *conf;
	const char *listener;
	pthread_mutex_t lock; /* of ctx */
	SSL_CTX *ctx;
	struct tls_keys keys;
	struct tls_files files;
};

/* conf and listener must outlive it. Errors name the file and say what is wrong with it. */
enum err_code tls_open(struct tls *t, const struct edge_conf *conf, const char *listener, struct err *err);
void tls_close(struct tls *t);
/* Reads the files again; on an error the old ones stay. */
enum err_code tls_reload(struct tls *t, struct err *err);
/* For a clock that ticks every few seconds: turns the ticket keys, and reads the files again when they have changed.
 * *taken = it has. */
enum err_code tls_tick(struct tls *t, bool *taken, struct err *err);
/* A server object for an accepted socket, or NULL. Any thread. */
SSL *tls_accept(struct tls *t, int fd);
/* After the handshake: what it said about the client. */
void tls_peer(SSL *ssl, struct http_peer *out);

#endif
