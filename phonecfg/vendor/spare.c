/* A phone without what no file can carry. What stays was put back into an empty phone one by one, and each time asked.
 */
#include <string.h>

#include "phonecfg/vendor/guard.h"
#include "phonecfg/vendor/renderer.h"

static const size_t texts[] = { offsetof(struct phone, domain), offsetof(struct phone, timezone),
	offsetof(struct phone, ntp), offsetof(struct phone, language), offsetof(struct phone, prov.url),
	offsetof(struct phone, prov.user), offsetof(struct phone, ca_url) };
static const size_t secrets[] = { offsetof(struct phone, prov.password), offsetof(struct phone, admin_password),
	offsetof(struct phone, user_password) };

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct spare {
	const struct profile *pf;
	const struct phone *in;
	struct phone *out;
	struct vendor_left *left;
};

/* Can a file be made of this? If not, it is noted. */
static bool fits(const struct spare *s, const struct phone *ph)
{
	struct err err;

	if (!vendor_check_core(s->pf, ph, &err))
		return true;
	left_note(s->left, "%s", err.text);
	return false;
}

static void settings(const struct spare *s)
{
	struct phone *out = s->out;

	for (size_t i = 0; i < COUNT(texts); i++) {
		const char **to = (const char **)(void *)((char *)out + texts[i]);
		*to = *(const char *const *)(const void *)((const char *)s->in + texts[i]);
		if (!fits(s, out))
			*to = NULL;
	}
	for (size_t i = 0; i < COUNT(secrets); i++) {
		struct secret *to = (struct secret *)(void *)((char *)out + secrets[i]);
		*to = *(const struct secret *)(const void *)((const char *)s->in + secrets[i]);
		if (!fits(s, out))
			*to = (struct secret){ NULL, 0 };
	}
	out->poll_minutes = s->in->poll_minutes;
	if (!fits(s, out))
		out->poll_minutes = 0;
}

static void accounts(const struct spare *s, struct account *v)
{
	struct phone one = *s->out;

	one.naccounts = 1;
	for (size_t i = 0; i < s->in->naccounts; i++) {
		one.accounts = &s->in->accounts[i];
		if (!fits(s, &one))
			continue;
		if (phone_account(s->out, one.accounts->slot)) {
			left_note(s->left, "account %u is given twice", one.accounts->slot);
			continue;
		}
		v[s->out->naccounts++] = *one.accounts;
		s->out->accounts = v;
	}
}

static void keys(const struct spare *s, struct key *v)
{
	struct phone one = *s->out;

	one.naccounts = 0;
	one.nkeys = 1;
	for (size_t i = 0; i < s->in->nkeys; i++) {
		one.keys = &s->in->keys[i];
		if (!fits(s, &one))
			continue;
		if (phone_key(s->out, one.keys->module, one.keys->index)) {
			left_note(s->left, "key %u of module %u is given twice", one.keys->index, one.keys->module);
			continue;
		}
		v[s->out->nkeys++] = *one.keys;
		s->out->keys = v;
	}
}

static void overrides(const struct spare *s, struct override *v)
{
	struct err err;

	for (size_t i = 0; i < s->in->noverrides; i++) {
		if (override_check(&s->in->overrides[i], &err)) {
			left_note(s->left, "%s", err.text);
			continue;
		}
		v[s->out->noverrides++] = s->in->overrides[i];
		s->out->overrides = v;
	}
}

enum err_code spare_phone(const struct profile *pf, const struct phone *ph, struct arena *a, struct phone *out,
	struct vendor_left *left, struct err *err)
{
	struct spare s = { pf, ph, out, left };
	struct account *ac = arena_alloc(a, (ph->naccounts + 1) * sizeof(*ac));
	struct key *k = arena_alloc(a, (ph->nkeys + 1) * sizeof(*k));
	struct override *ov = arena_alloc(a, (ph->noverrides + 1) * sizeof(*ov));
	enum err_code rc;

	if (!ac || !k || !ov)
		return err_set(err, ERR_NOMEM, "no memory to make a file without what it cannot carry");
	*out = *ph;
	out->domain = out->timezone = out->ntp = out->language = out->ca_url = out->prov.url = out->prov.user = NULL;
	out->prov.password = out->admin_password = out->user_password = (struct secret){ NULL, 0 };
	out->poll_minutes = 0;
	out->naccounts = out->nkeys = out->noverrides = 0;
	out->places = NULL;
	rc = vendor_check_core(pf, out, err);
	if (rc)
		return rc;
	settings(&s);
	accounts(&s, ac);
	keys(&s, k);
	overrides(&s, ov);
	return ERR_OK;
}
