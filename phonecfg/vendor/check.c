/* What a vendor's language cannot carry is refused before it is stored, with the field's name. */
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/text.h"
#include "phonecfg/model/words.h"
#include "phonecfg/vendor/crypt.h"
#include "phonecfg/vendor/guard.h"
#include "phonecfg/vendor/view.h"

struct judge {
	const struct profile *pf;
	const struct dialect *d;
	const char *vendor;
	struct err *err;
};

static enum err_code too_long(struct judge *j, const char *where, const char *field, size_t max)
{
	return err_set(j->err, ERR_INPUT, "%s: %s may have at most %zu characters on a %s; shorten it", where, field,
		max, j->pf->display);
}

static enum err_code cosmetic(
	struct judge *j, const char *where, const char *field, const struct text_rule *rule, const char *text)
{
	struct slice s = slice_str(text);

	if (!s.n || text_fits(rule, text))
		return ERR_OK;
	if (text_length(s) > rule->max)
		return too_long(j, where, field, rule->max);
	for (const char *const *r = rule->reserved; r && *r; r++) {
		if (slice_ieq_str(slice_trim(s), *r))
			return err_set(j->err, ERR_INPUT, "%s: %s is %s, which %s phones read as nothing; take another",
				where, field, *r, j->vendor);
	}
	return err_set(j->err, ERR_INPUT,
		"%s: %s has letters that %s phones drop in silence; use letters without accents", where, field,
		j->vendor);
}

static enum err_code limit(struct judge *j, const char *where, const char *field, const char *text, size_t max)
{
	const char *const *reserved = j->d->label.reserved;

	if (!text)
		return ERR_OK;
	if (strlen(text) > max)
		return too_long(j, where, field, max);
	for (; reserved && *reserved; reserved++) {
		if (slice_ieq_str(slice_str(text), *reserved))
			return err_set(j->err, ERR_INPUT, "%s: %s is %s, which %s phones read as nothing; take another",
				where, field, *reserved, j->vendor);
	}
	return ERR_OK;
}

static enum err_code secret(
	struct judge *j, const char *where, const char *field, const struct secret *s, size_t max, bool alnum)
{
	struct slice v = secret_reveal(s);
	enum err_code rc;

	if (!secret_set(s))
		return ERR_OK;
	rc = limit(j, where, field, v.p, max);
	for (size_t i = 0; !rc && alnum && i < v.n; i++) {
		char c = v.p[i];
		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z'))
			rc = err_set(j->err, ERR_INPUT, "%s: %s may hold letters and digits only on a %s", where, field,
				j->pf->display);
	}
	return rc;
}

static enum err_code account(struct judge *j, const struct account *ac)
{
	const struct dialect *d = j->d;
	char where[40] = "";
	enum err_code rc;

	if (j->err)
		snprintf(where, sizeof(where), "account %u", ac->slot);
	if (ac->use == ACCOUNT_NONE)
		return ERR_OK;
	if ((rc = limit(j, where, "user", ac->user, d->user_max)) ||
		(rc = limit(j, where, "auth user", ac->auth_user, d->user_max)) ||
		(rc = limit(j, where, "domain", ac->domain, d->host_max)) ||
		(rc = limit(j, where, "server", ac->server, d->host_max)) ||
		(rc = limit(j, where, "proxy", ac->proxy, d->host_max)) ||
		(rc = limit(j, where, "voicemail number", ac->voicemail, d->user_max)) ||
		(rc = secret(j, where, "password", &ac->password, d->secret_max, false)))
		return rc;
	return ERR_OK;
}

static const char *key_name(const struct key *k, char *out, size_t size)
{
	if (k->module)
		snprintf(out, size, "key %u of module %u", k->index, k->module);
	else
		snprintf(out, size, "key %u", k->index);
	return out;
}

static enum err_code key(struct judge *j, const struct key *k)
{
	char where[48] = "";
	enum err_code rc;

	if (j->err)
		key_name(k, where, sizeof(where));
	rc = limit(j, where, "value", k->value, j->d->value_max);
	return rc ? rc : limit(j, where, "pickup code", k->pickup, 32);
}

/* A phone that reads no encrypted files gets plain ones, whatever its key: without any it would keep the old person's.
 */
static enum err_code file_keys(const struct profile *pf, const struct phone *ph, struct err *err)
{
	enum err_code rc = ERR_OK;

	if (secret_set(&ph->file_key) && vendor_can_encrypt(pf->vendor))
		rc = vendor_check_file_key(pf->vendor, &ph->file_key, err);
	if (!rc && secret_set(&ph->file_key_next) && vendor_can_encrypt(pf->vendor))
		rc = vendor_check_file_key(pf->vendor, &ph->file_key_next, err);
	return rc;
}

unsigned vendor_accounts(const struct profile *pf, const char *firmware)
{
	unsigned most = dialect_of(pf->vendor)->numbered_accounts;

	if (!most || most >= pf->accounts || strcmp(profile_syntax(pf, firmware)->name, "grandstream-p") != 0)
		return pf->accounts;
	return most;
}

bool vendor_key_fits(const struct profile *pf, unsigned module, unsigned index, enum key_type type)
{
	const char *only = dialect_of(pf->vendor)->line_block;
	const struct key_block *b = module ? NULL : profile_block(pf, index);

	return !only || (type != KEY_LINE && type != KEY_SHARED_LINE) || (b && strcmp(b->name, only) == 0);
}

enum err_code vendor_check_core(const struct profile *pf, const struct phone *ph, struct err *err)
{
	struct judge j = { pf, dialect_of(pf->vendor), vendor_get(pf->vendor)->name, err };
	struct judge quiet = { pf, j.d, j.vendor, NULL };
	enum err_code rc = phone_check_core(ph, pf, err);
	struct zone z;

	if (rc)
		return rc;
	if (!zone_find(ph->timezone, &z))
		return err_set(err, ERR_INPUT,
			"phone: the time zone %.64s is unknown; give an IANA name such as "
			"Europe/Berlin",
			ph->timezone);
	if ((rc = limit(&j, "phone", "provisioning user", ph->prov.user, j.d->login_max)) ||
		(rc = secret(&j, "phone", "provisioning password", &ph->prov.password, j.d->login_max, false)) ||
		(rc = secret(&j, "phone", "admin password", &ph->admin_password, j.d->admin_max, j.d->admin_alnum)) ||
		(rc = secret(&j, "phone", "user password", &ph->user_password, j.d->admin_max, j.d->admin_alnum)) ||
		(rc = file_keys(pf, ph, err)))
		return rc;
	/* Asked again where there is something to say: see account and key. */
	for (size_t i = 0; !rc && i < ph->naccounts; i++)
		rc = account(&quiet, &ph->accounts[i]) ? account(&j, &ph->accounts[i]) : ERR_OK;
	for (size_t i = 0; !rc && i < ph->nkeys; i++)
		rc = key(&quiet, &ph->keys[i]) ? key(&j, &ph->keys[i]) : ERR_OK;
	return rc;
}

/* What the neutral words of its overrides make of it. */
static enum err_code check_words(const struct profile *pf, const struct phone *ph, struct err *err)
{
	struct word_source *words;
	struct phone settled;
	struct arena a;
	size_t n;
	enum err_code rc;

	arena_init(&a, 0);
	rc = phone_apply_words(ph, &a, &settled, &words, &n, err);
	if (!rc && n) {
		rc = vendor_check_core(pf, &settled, err);
		if (rc)
			err_prefix(err, "with its overrides");
	}
	arena_release(&a);
	return rc;
}

enum err_code vendor_check(const struct profile *pf, const struct phone *ph, struct err *err)
{
	struct judge j = { pf, dialect_of(pf->vendor), vendor_get(pf->vendor)->name, err };
	enum err_code rc;
	char where[48];

	if ((rc = phone_check(ph, pf, err)) || (rc = vendor_check_core(pf, ph, err)) || (rc = check_words(pf, ph, err)))
		return rc;
	if ((secret_set(&ph->file_key) || secret_set(&ph->file_key_next)) && !vendor_can_encrypt(pf->vendor))
		return vendor_check_file_key(pf->vendor, &ph->file_key, err);
	for (size_t i = 0; !rc && i < ph->naccounts; i++) {
		snprintf(where, sizeof(where), "account %u", ph->accounts[i].slot);
		(void)((rc = cosmetic(&j, where, "label", &j.d->label, ph->accounts[i].label)) ||
			(rc = cosmetic(&j, where, "display name", &j.d->display_name, ph->accounts[i].display_name)));
		if (!rc && ph->accounts[i].use != ACCOUNT_NONE &&
			ph->accounts[i].slot > vendor_accounts(pf, ph->firmware))
			rc = err_set(err, ERR_INPUT, "%s: with firmware %s a %s takes %u accounts; take a lower one",
				where, ph->firmware ? ph->firmware : "that is unknown", pf->display,
				vendor_accounts(pf, ph->firmware));
	}
	for (size_t i = 0; !rc && i < ph->nkeys; i++) {
		key_name(&ph->keys[i], where, sizeof(where));
		rc = cosmetic(&j, where, "label", &j.d->key_label, ph->keys[i].label);
		if (!rc && !vendor_key_fits(pf, ph->keys[i].module, ph->keys[i].index, ph->keys[i].type))
			rc = err_set(err, ERR_INPUT, "%s: this key of a %s cannot be a line; take one of its first %u",
				where, pf->display, pf->nblocks ? pf->blocks[0].max : 0);
		if (!rc && j.d->pickup_max)
			rc = limit(&j, where, "pickup code", ph->keys[i].pickup, j.d->pickup_max);
	}
	return rc;
}
