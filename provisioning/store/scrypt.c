/* Passwords that people type: scrypt (RFC 7914) in a string that carries its own parameters. */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/base64.h"
#include "provisioning/conf/role.h"
#include "provisioning/store/seal.h"

enum { SALT_LEN = 16, HASH_LEN = 32, COST_LOG_N_MAX = 20, COST_R_MAX = 32, COST_P_MAX = 16 };

const struct scrypt_cost scrypt_default = { .log_n = 15, .r = 8, .p = 3 };

struct parsed {
	struct scrypt_cost cost;
	unsigned char salt[SALT_LEN], hash[HASH_LEN];
};

static bool derive(const struct secret *password, const struct scrypt_cost *c, const unsigned char *salt,
	unsigned char out[HASH_LEN])
{
	struct slice pass = secret_reveal(password);
	uint64_t n = (uint64_t)1 << c->log_n;

	role_forbid(ROLE_EDGE | ROLE_SIP | ROLE_WRITER, "derive a key from a password");
	/* 128 * r * (N + p) bytes and a little; OpenSSL's own limit of 32 MB is too low by that little. */
	return EVP_PBE_scrypt(pass.p, pass.n, salt, SALT_LEN, n, c->r, c->p, 128 * c->r * (n + c->p + 4) + (1 << 20),
		       out, HASH_LEN) == 1;
}

static bool cost_ok(const struct scrypt_cost *c)
{
	return c->log_n >= 1 && c->log_n <= COST_LOG_N_MAX && c->r >= 1 && c->r <= COST_R_MAX && c->p >= 1 &&
	       c->p <= COST_P_MAX;
}

static bool parse(const char *stored, struct parsed *out)
{
	struct slice rest;
	int at = 0;

	if (sscanf(stored, "$scrypt$ln=%2u,r=%2u,p=%2u$%n", &out->cost.log_n, &out->cost.r, &out->cost.p, &at) != 3 ||
		at == 0 || !cost_ok(&out->cost))
		return false;
	rest = slice_str(stored + at);
	return base64url_read(slice_cut(&rest, '$'), out->salt, SALT_LEN) && base64url_read(rest, out->hash, HASH_LEN);
}

enum err_code scrypt_hash(const struct secret *password, const struct scrypt_cost *cost, struct arena *a,
	const char **out, struct err *err)
{
	const struct scrypt_cost *c = cost ? cost : &scrypt_default;
	unsigned char salt[SALT_LEN], hash[HASH_LEN];
	char salt_text[BASE64URL_LEN(SALT_LEN) + 1], hash_text[BASE64URL_LEN(HASH_LEN) + 1];
	enum err_code code = random_bytes(salt, sizeof(salt), err);

	if (code != ERR_OK)
		return code;
	if (!cost_ok(c) || !derive(password, c, salt, hash))
		return err_set(err, ERR_NOMEM, "no memory to hash a password");
	base64url_write(salt, sizeof(salt), salt_text);
	base64url_write(hash, sizeof(hash), hash_text);
	*out = arena_printf(a, "$scrypt$ln=%u,r=%u,p=%u$%s$%s", c->log_n, c->r, c->p, salt_text, hash_text);
	return *out ? ERR_OK : err_set(err, ERR_NOMEM, "no memory to hash a password");
}

enum err_code scrypt_verify(const struct secret *password, const char *stored, struct err *err)
{
	struct parsed p = { .cost = scrypt_default };
	unsigned char hash[HASH_LEN];
	bool known = stored != NULL && *stored != '\0', same;

	if (known && !parse(stored, &p))
		return err_set(err, ERR_INPUT, "the stored password is not in a form that rekeyd knows; set a new one");
	if (!derive(password, &p.cost, p.salt, hash))
		return err_set(err, ERR_NOMEM, "no memory to check a password");
	same = CRYPTO_memcmp(hash, p.hash, HASH_LEN) == 0;
	OPENSSL_cleanse(hash, sizeof(hash));
	return known && same ? ERR_OK : err_set(err, ERR_UNAUTHORIZED, "this login or password is wrong");
}

bool scrypt_outdated(const char *stored)
{
	struct parsed p;

	return !parse(stored, &p) || p.cost.log_n != scrypt_default.log_n || p.cost.r != scrypt_default.r ||
	       p.cost.p != scrypt_default.p;
}
