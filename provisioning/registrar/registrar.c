#include "provisioning/registrar/registrar.h"

#include <openssl/evp.h>
#include <string.h>

#include "phonecfg/base/hex.h"

enum err_code registrar_bindings(
	struct registrar *r, const char *aor, struct arena *a, struct binding_list *out, struct err *err)
{
	return r->ops->bindings(r, aor, a, out, err);
}

enum err_code registrar_unbind(struct registrar *r, const char *aor, const char *contact, struct err *err)
{
	return r->ops->unbind(r, aor, contact, err);
}

enum err_code registrar_set(struct registrar *r, const struct credential *c, struct err *err)
{
	return r->ops->set(r, c, err);
}

enum err_code registrar_get(struct registrar *r, const char *user, const char *domain, struct arena *a,
	struct credential *out, struct err *err)
{
	return r->ops->get(r, user, domain, a, out, err);
}

enum err_code registrar_remove(
	struct registrar *r, const char *user, const char *domain, int64_t revision, struct err *err)
{
	return r->ops->remove(r, user, domain, revision, err);
}

enum err_code registrar_all(struct registrar *r, struct arena *a, struct credential_list *out, struct err *err)
{
	return r->ops->all(r, a, out, err);
}

enum err_code registrar_sync(
	struct registrar *r, const struct credential_list *wanted, struct registrar_sync *out, struct err *err)
{
	return r->ops->sync(r, wanted, out, err);
}

enum err_code registrar_aliases(
	struct registrar *r, const char *owner, const struct alias_list *wanted, struct err *err)
{
	return r->ops->aliases ? r->ops->aliases(r, owner, wanted, err) : ERR_OK;
}

enum err_code registrar_aliases_sync(
	struct registrar *r, const struct alias_list *wanted, bool *differed, struct err *err)
{
	*differed = false;
	return r->ops->aliases_sync ? r->ops->aliases_sync(r, wanted, differed, err) : ERR_OK;
}

void registrar_close(struct registrar *r)
{
	if (r)
		r->ops->close(r);
}

void registrar_ha1(const char *user, const char *realm, const struct secret *password, char out[REGISTRAR_HA1_TEXT])
{
	struct slice p = secret_reveal(password);
	unsigned char md[EVP_MAX_MD_SIZE] = { 0 };
	unsigned n = 0;
	EVP_MD_CTX *c = EVP_MD_CTX_new();

	if (c && EVP_DigestInit_ex(c, EVP_md5(), NULL)) {
		(void)EVP_DigestUpdate(c, user, strlen(user));
		(void)EVP_DigestUpdate(c, ":", 1);
		(void)EVP_DigestUpdate(c, realm, strlen(realm));
		(void)EVP_DigestUpdate(c, ":", 1);
		(void)EVP_DigestUpdate(c, p.p ? p.p : "", p.n);
		(void)EVP_DigestFinal_ex(c, md, &n);
	}
	EVP_MD_CTX_free(c);
	hex_write(md, n, out); /* no digest, n = 0, no ha1: set() refuses it */
}
