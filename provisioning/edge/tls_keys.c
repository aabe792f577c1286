#include "provisioning/edge/tls_keys.h"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <stdbool.h>
#include <string.h>

#include "provisioning/conf/clock.h"

/* What OpenSSL's callback says. */
enum { TICKET_FAILED = -1, TICKET_UNKNOWN = 0, TICKET_GOOD = 1, TICKET_RENEW = 2 };

static bool make(struct tls_key *key, int64_t now_ms)
{
	key->born_ms = now_ms;
	return RAND_bytes(key->name, sizeof(key->name)) == 1 && RAND_priv_bytes(key->aes, sizeof(key->aes)) == 1 &&
	       RAND_priv_bytes(key->mac, sizeof(key->mac)) == 1;
}

enum err_code tls_keys_open(struct tls_keys *k, int64_t turn_ms, struct err *err)
{
	memset(k, 0, sizeof(*k));
	pthread_mutex_init(&k->lock, NULL);
	k->turn_ms = turn_ms;
	k->cipher = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
	if (k->cipher == NULL)
		return err_set(err, ERR_IO, "this OpenSSL has no AES-256-CBC; install the Debian one");
	if (!make(&k->key[0], clock_steady_ms()))
		return err_set(err, ERR_IO, "the system gives no random numbers");
	k->n = 1;
	return ERR_OK;
}

void tls_keys_close(struct tls_keys *k)
{
	EVP_CIPHER_free(k->cipher);
	pthread_mutex_destroy(&k->lock);
	explicit_bzero(k, sizeof(*k));
}

void tls_keys_turn(struct tls_keys *k, int64_t now_ms)
{
	struct tls_key fresh;

	pthread_mutex_lock(&k->lock);
	if (now_ms - k->key[0].born_ms >= k->turn_ms && make(&fresh, now_ms)) {
		memmove(&k->key[1], &k->key[0], (TLS_KEYS_KEPT - 1) * sizeof(k->key[0]));
		k->key[0] = fresh;
		k->n += k->n < TLS_KEYS_KEPT;
		explicit_bzero(&fresh, sizeof(fresh));
	}
	pthread_mutex_unlock(&k->lock);
}

static bool set_up(const struct tls_keys *k, const struct tls_key *key, const unsigned char *iv, EVP_CIPHER_CTX *cipher,
	EVP_MAC_CTX *mac, int seal)
{
	char digest[] = "SHA256";
	const OSSL_PARAM params[] = { OSSL_PARAM_construct_octet_string(
					      OSSL_MAC_PARAM_KEY, (void *)(uintptr_t)key->mac, sizeof(key->mac)),
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end() };

	return EVP_MAC_CTX_set_params(mac, params) == 1 &&
	       EVP_CipherInit_ex(cipher, k->cipher, NULL, key->aes, iv, seal) == 1;
}

int tls_keys_use(struct tls_keys *k, unsigned char name[TLS_KEY_NAME], unsigned char iv[EVP_MAX_IV_LENGTH],
	EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int seal)
{
	struct tls_key key;
	unsigned i = 0;
	bool known;
	int result;

	pthread_mutex_lock(&k->lock);
	if (!seal)
		while (i < k->n && memcmp(k->key[i].name, name, TLS_KEY_NAME) != 0)
			i++;
	known = i < k->n;
	if (known)
		key = k->key[i];
	pthread_mutex_unlock(&k->lock);
	if (!known)
		return TICKET_UNKNOWN;
	if (seal) {
		memcpy(name, key.name, TLS_KEY_NAME);
		if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(k->cipher)) != 1)
			return TICKET_FAILED;
	}
	result = !set_up(k, &key, iv, cipher, mac, seal) ? TICKET_FAILED : i > 0 ? TICKET_RENEW : TICKET_GOOD;
	explicit_bzero(&key, sizeof(key));
	return result;
}
