#include "provisioning/registrar/registrar.h"

#include <openssl/evp.h>
#include <string.h>

#include "phonecfg/base/hex.h"
#include "provisioning/conf/clock.h"

static const struct {
	const char *kind;
	registrar_open_fn *open;
} kinds[] = {
	{ "kamailio", kamailio_open },
};

enum err_code registrar_open(
	const char *kind, const struct registrar_conf *conf, bool *rebuilt, struct registrar **out, struct err *err)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kinds[i].kind, kind) == 0)
			return kinds[i].open(conf, rebuilt, out, err);
	return err_set(err, ERR_INPUT, "[registrar] kind is \"%s\"; it must be kamailio or none", kind);
}

/* One that refuses at once costs nothing: it is asked each time. */
enum { VAIN_MS = 50, QUIET_TIMES = 4, QUIET_MAX_MS = 30000 };

static enum err_code may_ask(struct registrar *r, int64_t now_ms, struct err *err)
{
	if (now_ms >= atomic_load(&r->quiet_until_ms))
		return ERR_OK;
	return err_set(err, ERR_IO, "The registrar did not answer a moment ago; it is asked again in some seconds.");
}

static enum err_code answered(struct registrar *r, int64_t began_ms, enum err_code rc)
{
	int64_t now_ms = clock_steady_ms(), took_ms = now_ms - began_ms;
	int64_t quiet_ms = took_ms < VAIN_MS ? 0 : took_ms * QUIET_TIMES;

	atomic_fetch_add(&r->asked, 1);
	atomic_store(&r->down, rc == ERR_IO);
	if (rc != ERR_IO)
		return rc;
	atomic_fetch_add(&r->failed, 1);
	atomic_store(&r->quiet_until_ms, now_ms + (quiet_ms < QUIET_MAX_MS ? quiet_ms : QUIET_MAX_MS));
	return rc;
}

enum err_code registrar_bindings(
	struct registrar *r, const char *aor, struct arena *a, struct binding_list *out, struct err *err)
{
	int64_t now_ms = clock_steady_ms();
	enum err_code rc = may_ask(r, now_ms, err);

	*out = (struct binding_list){ 0 };
	return rc ? rc : answered(r, now_ms, r->ops->bindings(r, aor, a, out, err));
}

enum err_code registrar_unbind(struct registrar *r, const char *aor, const char *contact, struct err *err)
{
	int64_t now_ms = clock_steady_ms();
	enum err_code rc = may_ask(r, now_ms, err);

	return rc ? rc : answered(r, now_ms, r->ops->unbind(r, aor, contact, err));
}

void registrar_health(const struct registrar *r, struct registrar_health *out)
{
	*out = (struct registrar_health){ atomic_load(&r->asked), atomic_load(&r->failed), atomic_load(&r->down) };
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
