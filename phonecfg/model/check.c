/* What every phone must satisfy, whatever its vendor. */
#include "phonecfg/model/model.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "phonecfg/base/text.h"
#include "phonecfg/model/words.h"
#include "phonecfg/profile/profile.h"

/* One text field: where it is, whether it may be missing. */
static enum err_code field(
	const char *where, const char *name, const char *value, size_t max, bool needed, struct err *err)
{
	char label[96];

	if (!value || !*value) {
		if (needed)
			return err_set(err, ERR_INPUT, "%s: %s is missing; give one", where, name);
		return ERR_OK;
	}
	if (strlen(value) <= max && !(text_classes(slice_str(value)) & (TEXT_CONTROL | TEXT_HIGH)))
		return ERR_OK;
	snprintf(label, sizeof(label), "%s: %s", where, name);
	return text_check(label, slice_str(value), max, err);
}

/* Host names and addresses: what cannot be anything else in a URI, a header or a config line. */
static enum err_code host(const char *where, const char *name, const char *value, bool needed, struct err *err)
{
	enum err_code rc = field(where, name, value, MODEL_HOST_MAX, needed, err);

	for (const char *p = value; !rc && p && *p; p++) {
		bool ok = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
			  *p == '.' || *p == '-' || *p == '_' || *p == ':' || *p == '[' || *p == ']';
		if (!ok)
			return err_set(err, ERR_INPUT,
				"%s: %s has a character that no host name or address has; give a host name or an address",
				where, name);
	}
	return rc;
}

/* User parts and numbers end up in SIP URIs: letters, digits and the unreserved marks of RFC 3261 §25.1, and what
 * dialling needs. */
static enum err_code user_part(
	const char *where, const char *name, const char *value, size_t max, bool needed, struct err *err)
{
	enum err_code rc = field(where, name, value, max, needed, err);

	for (const char *p = value; !rc && p && *p; p++) {
		if (*p <= 32 || *p > 126 || *p == '<' || *p == '>' || *p == '"' || *p == '\\')
			return err_set(err, ERR_INPUT,
				"%s: %s has a blank, a quote or a letter outside ASCII; a SIP "
				"user or number may not",
				where, name);
	}
	return rc;
}

static enum err_code secret(
	const char *where, const char *name, const struct secret *s, size_t max, bool needed, struct err *err)
{
	struct slice v = secret_reveal(s);
	bool bad = false;

	if (!secret_set(s) || v.n == 0)
		return needed ? err_set(err, ERR_INPUT, "%s: %s is missing; give one", where, name) : ERR_OK;
	for (size_t i = 0; i < v.n; i++)
		bad = bad || (unsigned char)v.p[i] <= 32 || (unsigned char)v.p[i] > 126;
	if (bad || v.n > max)
		return err_set(
			err, ERR_INPUT, "%s: %s must be 1 to %zu ASCII characters without blanks", where, name, max);
	return ERR_OK;
}

/* A phone is checked before each of its files: where something stands is written only when there is an error to say it
 * in, and the loops ask again with one. */
static void account_name(const struct account *ac, const struct err *err, char *out, size_t size)
{
	out[0] = 0;
	if (err)
		snprintf(out, size, "account %u", ac->slot);
}

static void key_name(const struct key *k, const struct err *err, char *out, size_t size)
{
	out[0] = 0;
	if (err && k->module)
		snprintf(out, size, "key %u of module %u", k->index, k->module);
	else if (err)
		snprintf(out, size, "key %u", k->index);
}

static enum err_code check_account(const struct phone *ph, const struct profile *pf, size_t i, struct err *err)
{
	const struct account *ac = &ph->accounts[i];
	bool used = ac->use != ACCOUNT_NONE;
	char where[40];
	enum err_code rc;

	account_name(ac, err, where, sizeof(where));
	if (ac->slot < 1 || ac->slot > pf->accounts)
		return err_set(
			err, ERR_INPUT, "account slot %u: a %s has slots 1 to %u", ac->slot, pf->display, pf->accounts);
	for (size_t k = 0; k < i; k++) {
		if (ph->accounts[k].slot == ac->slot)
			return err_set(err, ERR_INPUT, "%s is given twice", where);
	}
	if (!used)
		return ERR_OK;
	if (ac->port > 65535 || ac->proxy_port > 65535)
		return err_set(err, ERR_INPUT, "%s: port must be 0 to 65535", where);
	if (ac->transport >= TRANSPORT_COUNT)
		return err_set(err, ERR_INPUT, "%s: transport is unknown", where);
	if (ac->expires_s && (ac->expires_s < 60 || ac->expires_s > 604800))
		return err_set(
			err, ERR_INPUT, "%s: expiry must be 60 to 604800 seconds, or 0 for the usual 3600", where);
	if ((rc = user_part(where, "user", ac->user, MODEL_USER_MAX, true, err)) ||
		(rc = user_part(where, "auth user", ac->auth_user, MODEL_USER_MAX, false, err)) ||
		(rc = secret(where, "password", &ac->password, MODEL_SECRET_MAX, true, err)) ||
		(rc = host(where, "domain", ac->domain ? ac->domain : ph->domain, true, err)) ||
		(rc = host(where, "server", ac->server, false, err)) ||
		(rc = host(where, "proxy", ac->proxy, false, err)) ||
		(rc = user_part(where, "voicemail number", ac->voicemail, MODEL_USER_MAX, false, err)))
		return rc;
	return ERR_OK;
}

static enum err_code check_key(const struct phone *ph, const struct profile *pf, size_t i, struct err *err)
{
	const struct key *k = &ph->keys[i];
	unsigned max = profile_keys(pf, k->module);
	bool line = k->type == KEY_LINE || k->type == KEY_SHARED_LINE;
	char where[48];
	enum err_code rc;

	key_name(k, err, where, sizeof(where));
	if (k->module > pf->modules)
		return err_set(err, ERR_INPUT, "%s: a %s takes %u expansion modules", where, pf->display, pf->modules);
	if (k->index < 1 || k->index > max)
		return err_set(err, ERR_INPUT, "%s: there are keys 1 to %u%s", where, max,
			k->module ? " on that module" : " on the phone");
	if (k->type >= KEY_TYPE_COUNT || k->owner >= KEY_OWNER_COUNT)
		return err_set(err, ERR_INPUT, "%s: type or owner is unknown", where);
	if (k->slot > pf->accounts)
		return err_set(err, ERR_INPUT, "%s: account slot %u: a %s has slots 1 to %u", where, k->slot,
			pf->display, pf->accounts);
	if (k->type == KEY_NONE)
		return ERR_OK;
	if ((rc = user_part(where, "value", k->value, MODEL_VALUE_MAX, !line, err)) ||
		(rc = user_part(where, "pickup code", k->pickup, 32, false, err)))
		return rc;
	return ERR_OK;
}

static bool earlier(const struct phone *ph, size_t i)
{
	for (size_t j = 0; j < i; j++) {
		if (ph->keys[j].module == ph->keys[i].module && ph->keys[j].index == ph->keys[i].index)
			return true;
	}
	return false;
}

/* No key twice. Keys are marked in a field of bits; one outside of it is looked for among the others. */
static enum err_code check_twice(const struct phone *ph, struct err *err)
{
	enum { MODULES = 8, KEYS = 512 };
	uint64_t seen[MODULES * KEYS / 64] = { 0 };
	char where[48];

	for (size_t i = 0; i < ph->nkeys; i++) {
		const struct key *k = &ph->keys[i];
		size_t at = (size_t)k->module * KEYS + k->index;
		bool inside = k->module < MODULES && k->index < KEYS;
		uint64_t bit = (uint64_t)1 << (at & 63);
		if (inside ? !(seen[at / 64] & bit) : !earlier(ph, i)) {
			if (inside)
				seen[at / 64] |= bit;
			continue;
		}
		key_name(k, err, where, sizeof(where));
		return err_set(err, ERR_INPUT, "%s is given twice", where);
	}
	return ERR_OK;
}

static enum err_code check_settings(const struct phone *ph, struct err *err)
{
	enum err_code rc;

	if (ph->prov.url && (rc = field("phone", "provisioning address", ph->prov.url, MODEL_URL_MAX, false, err)))
		return rc;
	if (ph->prov.url && !slice_starts(slice_str(ph->prov.url), "https://") &&
		!slice_starts(slice_str(ph->prov.url), "http://"))
		return err_set(err, ERR_INPUT, "phone: the provisioning address must begin with https://");
	if (ph->poll_minutes > 43200)
		return err_set(err, ERR_INPUT, "phone: poll minutes must be 0 to 43200");
	if ((rc = host("phone", "domain", ph->domain, false, err)) ||
		(rc = host("phone", "NTP server", ph->ntp, false, err)) ||
		(rc = field("phone", "language", ph->language, 16, false, err)) ||
		(rc = field("phone", "CA address", ph->ca_url, MODEL_URL_MAX, false, err)) ||
		(rc = user_part("phone", "provisioning user", ph->prov.user, MODEL_USER_MAX, false, err)) ||
		(rc = secret("phone", "provisioning password", &ph->prov.password, MODEL_SECRET_MAX, false, err)) ||
		(rc = secret("phone", "admin password", &ph->admin_password, MODEL_SECRET_MAX, false, err)) ||
		(rc = secret("phone", "user password", &ph->user_password, MODEL_SECRET_MAX, false, err)))
		return rc;
	return ERR_OK;
}

/* A name that the files of all vendors can carry: also one in XML, which begins with a letter and not with "xml"
 * (XML 1.0 §2.3): one name that is none, and a phone throws its whole file away. */
static enum err_code check_name(const char *name, struct err *err)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char others[] = "0123456789._-";
	size_t n = 0;

	if (!name || !*name)
		return err_set(err, ERR_INPUT, "an override has no parameter name");
	while (name[n] && (strchr(letters, name[n]) || (n && strchr(others, name[n]))))
		n++;
	if (name[n] || n > MODEL_PARAMETER_MAX || strncasecmp(name, "xml", 3) == 0)
		return err_set(err, ERR_INPUT,
			"an override's parameter name begins with a letter, not with xml, and may have up to %d letters, "
			"digits, '.', '_' and '-'; \"%.60s\" is none",
			MODEL_PARAMETER_MAX, name);
	return ERR_OK;
}

enum err_code override_check(const struct override *ov, struct err *err)
{
	const struct word *w = ov->name ? word_find(ov->name) : NULL;
	char where[MODEL_PARAMETER_MAX + 16];
	enum err_code rc = check_name(ov->name, err);

	if (rc)
		return rc;
	snprintf(where, sizeof(where), "override %s", ov->name);
	if (!ov->value)
		return err_set(err, ERR_INPUT, "%s has no value; give one, empty if need be", where);
	if (w) {
		rc = word_check(w, ov->value, err);
		return rc ? err_prefix(err, "override") : ERR_OK;
	}
	return *ov->value ? text_check(where, slice_str(ov->value), MODEL_OVERRIDE_MAX, err) : ERR_OK;
}

enum err_code phone_check_core(const struct phone *ph, const struct profile *pf, struct err *err)
{
	enum err_code rc = check_settings(ph, err);

	for (size_t i = 0; !rc && i < ph->naccounts; i++) {
		if (check_account(ph, pf, i, NULL))
			rc = check_account(ph, pf, i, err);
	}
	for (size_t i = 0; !rc && i < ph->nkeys; i++) {
		if (check_key(ph, pf, i, NULL))
			rc = check_key(ph, pf, i, err);
	}
	return rc ? rc : check_twice(ph, err);
}

enum err_code phone_check(const struct phone *ph, const struct profile *pf, struct err *err)
{
	enum err_code rc = phone_check_core(ph, pf, err);
	char where[48];

	for (size_t i = 0; !rc && i < ph->noverrides; i++)
		rc = override_check(&ph->overrides[i], err);
	for (size_t i = 0; !rc && i < ph->naccounts; i++) {
		const struct account *ac = &ph->accounts[i];
		snprintf(where, sizeof(where), "account %u", ac->slot);
		(void)((rc = field(where, "label", ac->label, MODEL_NAME_MAX, false, err)) ||
			(rc = field(where, "display name", ac->display_name, MODEL_NAME_MAX, false, err)));
	}
	for (size_t i = 0; !rc && i < ph->nkeys; i++) {
		key_name(&ph->keys[i], err, where, sizeof(where));
		rc = field(where, "label", ph->keys[i].label, MODEL_NAME_MAX, false, err);
	}
	return rc;
}
