#include "tests/matrix/expect.h"

#include <openssl/evp.h>
#include <string.h>

#include "phonecfg/base/hex.h"

/* ---- lines ---- */

static const char *text(const char *s)
{
	return s ? s : "";
}

static bool same(const char *a, const char *b)
{
	return strcmp(text(a), text(b)) == 0;
}

/* Where requests are sent when not to the domain itself. */
static const char *hop_of(const struct phone *ph, const struct account *ac)
{
	const char *domain = ac->domain ? ac->domain : ph->domain;

	if (ac->proxy && *ac->proxy)
		return ac->proxy;
	return ac->server && *ac->server && strcmp(ac->server, domain) != 0 ? ac->server : "";
}

static const enum handset_transport transports[] = { HANDSET_UDP, HANDSET_TCP, HANDSET_TLS };

/* Linphone sends to its server whatever stands there, has no label and no proxy of its own. The apps have a field for
 * the proxy; without one the server itself may stand there, which comes to the same. */
static const char *softphone_line(const struct phone *ph, const struct account *ac, const struct handset_line *l)
{
	const char *domain = ac->domain ? ac->domain : ph->domain;
	const char *hop = hop_of(ph, ac);

	if (!*hop && same(l->server, domain) && same(l->proxy, domain))
		return NULL;
	if (!same(l->server, *hop ? hop : domain) && !(same(l->server, domain) && same(l->proxy, hop)))
		return "server";
	return NULL;
}

/* A box for telephones without a screen; its second port has no numbers that we know for transport and expiry. */
static bool is_ata(const struct profile *pf)
{
	return strncmp(pf->model, "HT", 2) == 0;
}

static const char *desk_line(
	const struct profile *pf, const struct phone *ph, const struct account *ac, const struct handset_line *l)
{
	bool idle = ac->use == ACCOUNT_IDLE;
	const char *domain = ac->domain ? ac->domain : ph->domain;

	if (!same(l->server, domain))
		return "server";
	if (!same(l->proxy, hop_of(ph, ac)))
		return "proxy";
	if (!is_ata(pf) && !same(l->label, ac->label ? ac->label : ac->user))
		return "label";
	if (!same(l->display_name, idle ? NULL : ac->display_name))
		return "display name";
	return NULL;
}

static const char *auth_user(const struct account *ac)
{
	return ac->auth_user && *ac->auth_user ? ac->auth_user : ac->user;
}

const char *expect_secret(const struct profile *pf, const struct phone *ph, const struct account *ac, struct arena *a)
{
	const char *password = secret_reveal(&ac->password).p;
	const char *whole = arena_printf(a, "%s:%s:%s", auth_user(ac), ac->domain ? ac->domain : ph->domain, password);
	unsigned char digest[EVP_MAX_MD_SIZE];
	char *out = arena_alloc(a, 2 * EVP_MAX_MD_SIZE + 1);
	unsigned n = 0;

	if (pf->vendor != VENDOR_LINPHONE)
		return password;
	EVP_Digest(whole, strlen(whole), digest, &n, EVP_md5(), NULL);
	hex_write(digest, n, out);
	return out;
}

static const char *line_differs(const struct profile *pf, const struct phone *ph, const struct account *ac,
	const struct handset_line *l, struct arena *a)
{
	bool further = is_ata(pf) && ac->slot > 1;

	if (!same(l->user, ac->user))
		return "user";
	if (!same(l->auth_user, auth_user(ac)))
		return "auth user";
	if (!same(l->secret.bytes, expect_secret(pf, ph, ac, a)))
		return "secret";
	if (!same(l->domain, ac->domain ? ac->domain : ph->domain))
		return "domain";
	if (!further && l->transport != transports[ac->transport])
		return "transport";
	if (!further && l->expires_s != (ac->expires_s ? ac->expires_s : 3600))
		return "expiry";
	return pf->softphone ? softphone_line(ph, ac, l) : desk_line(pf, ph, ac, l);
}

static const struct handset_line *line_at(const struct handset_line *v, size_t n, unsigned slot)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].slot == slot)
			return &v[i];
	return NULL;
}

const char *expect_lines(const struct handset *hs, const struct profile *pf, const struct phone *ph, struct arena *a)
{
	struct handset_line *v;
	const char *what;
	size_t n;

	if (handset_lines(hs, a, &v, &n, NULL))
		return "the lines cannot be read";
	for (unsigned slot = 1; slot <= pf->accounts; slot++) {
		const struct account *ac = phone_account(ph, slot);
		const struct handset_line *l = line_at(v, n, slot);

		if (ac && ac->use == ACCOUNT_NONE)
			ac = NULL;
		if (!ac && l)
			return arena_printf(a, "line %u is there: %s", slot, l->user);
		if (ac && !l)
			return arena_printf(a, "line %u is not there: %s", slot, ac->user);
		what = ac ? line_differs(pf, ph, ac, l, a) : NULL;
		if (what)
			return arena_printf(a,
				"line %u: another %s: user %s, auth %s, domain %s, server %s, proxy %s, "
				"label \"%s\", name \"%s\", transport %d, expires %u",
				slot, what, l->user, l->auth_user, l->domain, l->server, l->proxy, l->label,
				l->display_name, (int)l->transport, l->expires_s);
	}
	return NULL;
}

/* ---- keys ---- */

static bool is_line(enum key_type t)
{
	return t == KEY_LINE || t == KEY_SHARED_LINE;
}

static bool slot_used(const struct phone *ph, unsigned slot)
{
	const struct account *ac = phone_account(ph, slot);

	return ac && ac->use != ACCOUNT_NONE;
}

static unsigned slot_of(const struct key *k)
{
	return k->slot ? k->slot : 1;
}

struct key expect_key(const struct phone *ph, unsigned module, unsigned index)
{
	struct key none = { .module = module, .index = index, .type = KEY_NONE };
	const struct key *k = phone_key(ph, module, index);

	if (k && k->type != KEY_NONE) {
		if (is_line(k->type) ? slot_used(ph, slot_of(k)) : !phone_vacant(ph))
			return *k;
		if (is_line(k->type))
			return none;
	}
	if (module || !slot_used(ph, index))
		return none;
	for (size_t i = 0; i < ph->nkeys; i++)
		if (is_line(ph->keys[i].type) && slot_of(&ph->keys[i]) == index)
			return none;
	none.type = KEY_LINE;
	none.slot = index;
	return none;
}

/* A Polycom's line key shows the line's label and has none of its own. */
static const char *label_of(const struct profile *pf, const struct phone *ph, const struct key *k)
{
	const struct account *ac;

	if (k->label && *k->label && !(is_line(k->type) && pf->vendor == VENDOR_POLYCOM))
		return k->label;
	if (!is_line(k->type))
		return text(k->value);
	ac = phone_account(ph, slot_of(k));
	return ac->label && *ac->label ? ac->label : text(ac->user);
}

/* A key kind that a vendor has no word for is shown by its number alone. */
static bool kind_fits(const struct key *k, const char *kind)
{
	if (is_line(k->type) || strcmp(kind, "line") == 0)
		return is_line(k->type) && strcmp(kind, "line") == 0;
	if (k->type == KEY_BLF)
		return strcmp(kind, "blf") == 0;
	if (k->type == KEY_SPEED_DIAL)
		return strcmp(kind, "speed-dial") == 0;
	return true;
}

static const char *key_differs(
	const struct profile *pf, const struct phone *ph, const struct key *want, const struct handset_key *have)
{
	if (!kind_fits(want, have->kind))
		return "kind";
	if (have->slot && have->slot != slot_of(want))
		return "account";
	if (!is_line(want->type) && !same(have->value, want->value))
		return "value";
	return same(have->label, label_of(pf, ph, want)) ? NULL : "label";
}

/* A key that cannot be taken away shows a line; it may name nobody but the account that it stands for. */
static bool harmless(const struct profile *pf, const struct phone *ph, const struct handset_key *have)
{
	const struct key_block *b = have->module ? NULL : profile_block(pf, have->index);
	const struct account *ac = phone_account(ph, have->slot);

	if (!b || have->index - b->first >= b->fixed || strcmp(have->kind, "line") != 0 || *have->value)
		return false;
	return !*have->label || (ac && ac->use != ACCOUNT_NONE && same(have->label, ac->label ? ac->label : ac->user));
}

static const struct handset_key *key_at(const struct handset_key *v, size_t n, unsigned module, unsigned index)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].module == module && v[i].index == index)
			return &v[i];
	return NULL;
}

static const char *one_key(const struct profile *pf, const struct phone *ph, unsigned module, unsigned index,
	const struct handset_key *have, struct arena *a)
{
	struct key want = expect_key(ph, module, index);
	const char *what = NULL;

	if (want.type == KEY_NONE && (!have || harmless(pf, ph, have)))
		return NULL;
	if (want.type == KEY_NONE)
		return arena_printf(
			a, "key %u/%u is there: %s %s \"%s\"", module, index, have->kind, have->value, have->label);
	if (!have)
		return arena_printf(
			a, "key %u/%u is not there: %s %s", module, index, key_type_word(want.type), text(want.value));
	what = key_differs(pf, ph, &want, have);
	if (!what)
		return NULL;
	return arena_printf(a,
		"key %u/%u has another %s: %s, value %s, label \"%s\", account %u; wanted %s %s \"%s\" %u", module,
		index, what, have->kind, have->value, have->label, have->slot, key_type_word(want.type),
		text(want.value), label_of(pf, ph, &want), slot_of(&want));
}

/* A phone that puts lines first, then the watched numbers, then the contacts, whatever place a key was given: every key
 * is somewhere, once, and nothing else is. */
static const char *any_place(
	const struct profile *pf, const struct phone *ph, const struct handset_key *v, size_t n, struct arena *a)
{
	bool *seen = arena_alloc(a, (n + 1) * sizeof(*seen));

	for (unsigned m = 0; m <= pf->modules; m++) {
		for (unsigned i = 1; i <= profile_keys(pf, m); i++) {
			struct key want = expect_key(ph, m, i);
			size_t k = 0;

			while (k < n && (want.type == KEY_NONE || is_line(want.type) || seen[k] ||
						key_differs(pf, ph, &want, &v[k])))
				k++;
			if (k < n)
				seen[k] = true;
			else if (want.type != KEY_NONE && !is_line(want.type))
				return arena_printf(
					a, "key %u/%u is nowhere: %s %s", m, i, key_type_word(want.type), want.value);
		}
	}
	for (size_t k = 0; k < n; k++)
		if (!seen[k] && (strcmp(v[k].kind, "line") != 0 || !slot_used(ph, v[k].slot)))
			return arena_printf(a, "a key shows %s \"%s\", and there is none", v[k].value, v[k].label);
	return NULL;
}

const char *expect_keys(const struct handset *hs, const struct profile *pf, const struct phone *ph, struct arena *a)
{
	struct handset_key *v;
	const char *wrong;
	size_t n, seen = 0;

	if (handset_keys(hs, a, &v, &n, NULL))
		return "the keys cannot be read";
	if (handset_model(hs)->kind == HANDSET_POLYCOM &&
		(handset_model(hs)->lines_first || strcmp(handset_value(hs, "lineKey.reassignment.enabled"), "1") != 0))
		return any_place(pf, ph, v, n, a);
	for (unsigned m = 0; m <= pf->modules; m++) {
		for (unsigned i = 1; i <= profile_keys(pf, m); i++) {
			const struct handset_key *have =
				key_at(v + (seen < n ? seen : 0), seen < n ? n - seen : 0, m, i);

			/* They come in the order of the phone, mostly: the search goes on where the last one stood. */
			if (!have)
				have = key_at(v, n, m, i);
			else
				seen = (size_t)(have - v);
			wrong = one_key(pf, ph, m, i, have, a);
			if (wrong)
				return wrong;
		}
	}
	for (size_t i = 0; i < n; i++)
		if (v[i].module > pf->modules || v[i].index > profile_keys(pf, v[i].module))
			return arena_printf(a, "key %u/%u is there, and the phone has none", v[i].module, v[i].index);
	return NULL;
}

/* ---- settings ---- */

const char *expect_settings(const struct handset *hs, const struct profile *pf, const struct phone *ph, struct arena *a)
{
	struct handset_credentials c = { .url = "", .user = "" };
	const char *host = strstr(text(ph->prov.url), "://");

	if (pf->softphone)
		return NULL;
	handset_credentials(hs, &c);
	host = host ? host + 3 : text(ph->prov.url);
	/* Some write the scheme elsewhere, and the slash at the end says nothing. */
	if (!strstr(text(c.url), arena_printf(a, "%.*s", (int)strcspn(host, "/"), host)))
		return arena_printf(a, "the provisioning address is %s", text(c.url));
	if (!same(c.user, ph->prov.user))
		return arena_printf(a, "the provisioning user is %s", text(c.user));
	if (!secret_eq(&c.password, &ph->prov.password))
		return "another provisioning password";
	return NULL;
}
