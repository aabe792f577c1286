/* The keys that seal session tickets: a new one every so often, the former ones open what they sealed and no more. */
#ifndef PROVISIONING_EDGE_TLS_KEYS_H
#define PROVISIONING_EDGE_TLS_KEYS_H

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdint.h>

#include "phonecfg/base/err.h"

enum { TLS_KEYS_KEPT = 3, TLS_KEY_NAME = 16, TLS_KEY_BYTES = 32 };

struct tls_key {
	unsigned char name[TLS_KEY_NAME], aes[TLS_KEY_BYTES], mac[TLS_KEY_BYTES];
	int64_t born_ms;
};

/* One for all threads of a listener, and kept over a reload. */
struct tls_keys {
	pthread_mutex_t lock;
	EVP_CIPHER *cipher;
	int64_t turn_ms;
	unsigned n;
	struct tls_key key[TLS_KEYS_KEPT]; /* the present one first */
};

enum err_code tls_keys_open(struct tls_keys *k, int64_t turn_ms, struct err *err);
void tls_keys_close(struct tls_keys *k);
/* Makes a new key when it is time, and forgets the oldest. For a clock that ticks every few seconds. */
void tls_keys_turn(struct tls_keys *k, int64_t now_ms);
/* OpenSSL's callback, once it is known whose keys these are. */
int tls_keys_use(struct tls_keys *k, unsigned char name[TLS_KEY_NAME], unsigned char iv[EVP_MAX_IV_LENGTH],
	EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int seal);

#endif
