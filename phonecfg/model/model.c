#include "phonecfg/model/model.h"

#include <string.h>

static const char *const transport_words[TRANSPORT_COUNT] = { "udp", "tcp", "tls" };
static const char *const use_words[ACCOUNT_USE_COUNT] = { "none", "line", "idle" };
static const char *const key_words[KEY_TYPE_COUNT] = { "none", "line", "shared-line", "blf", "speed-dial", "park",
	"intercom", "voicemail", "page" };
static const char *const owner_words[KEY_OWNER_COUNT] = { "line", "desk", "person" };
static const char *const layer_words[LAYER_COUNT] = { "brand", "model", "domain", "site", "phone" };

static const char *word_of(const char *const *words, size_t n, size_t i)
{
	return i < n ? words[i] : "?";
}

static bool word_find(const char *const *words, size_t n, const char *s, size_t *out)
{
	for (size_t i = 0; s && i < n; i++) {
		if (strcmp(words[i], s) == 0) {
			*out = i;
			return true;
		}
	}
	return false;
}

#define WORDS(prefix, type, words, count)                                                                              \
	const char *prefix##_word(type v)                                                                              \
	{                                                                                                              \
		return word_of(words, count, (size_t)v);                                                               \
	}                                                                                                              \
	bool prefix##_parse(const char *s, type *out)                                                                  \
	{                                                                                                              \
		size_t i;                                                                                              \
		if (!word_find(words, count, s, &i))                                                                   \
			return false;                                                                                  \
		*out = (type)i;                                                                                        \
		return true;                                                                                           \
	}

WORDS(transport, enum transport, transport_words, TRANSPORT_COUNT)
WORDS(account_use, enum account_use, use_words, ACCOUNT_USE_COUNT)
WORDS(key_type, enum key_type, key_words, KEY_TYPE_COUNT)
WORDS(key_owner, enum key_owner, owner_words, KEY_OWNER_COUNT)
WORDS(override_layer, enum override_layer, layer_words, LAYER_COUNT)

bool phone_vacant(const struct phone *ph)
{
	for (size_t i = 0; i < ph->naccounts; i++) {
		if (ph->accounts[i].use == ACCOUNT_LINE)
			return false;
	}
	return true;
}

const struct account *phone_account(const struct phone *ph, unsigned slot)
{
	for (size_t i = 0; i < ph->naccounts; i++) {
		if (ph->accounts[i].slot == slot)
			return &ph->accounts[i];
	}
	return NULL;
}

enum { PLACES_MODULES = 16, PLACES_KEYS = 1024 };

/* Per module, keys by their index. */
struct key_places {
	unsigned counts[PLACES_MODULES];
	const struct key **keys[PLACES_MODULES];
};

void phone_place_keys(struct phone *ph, struct arena *a)
{
	struct key_places *p = arena_alloc(a, sizeof(*p));

	ph->places = NULL;
	for (size_t i = 0; p && i < ph->nkeys; i++) {
		const struct key *k = &ph->keys[i];
		if (k->module >= PLACES_MODULES || k->index >= PLACES_KEYS)
			return;
		if (k->index >= p->counts[k->module])
			p->counts[k->module] = k->index + 1;
	}
	for (size_t m = 0; p && m < PLACES_MODULES; m++) {
		p->keys[m] = p->counts[m] ? arena_alloc(a, p->counts[m] * sizeof(*p->keys[m])) : NULL;
		if (p->counts[m] && !p->keys[m])
			return;
	}
	if (!p)
		return;
	for (size_t i = ph->nkeys; i-- > 0;) /* of two the first stands */
		p->keys[ph->keys[i].module][ph->keys[i].index] = &ph->keys[i];
	ph->places = p;
}

const struct key *phone_key(const struct phone *ph, unsigned module, unsigned index)
{
	const struct key_places *p = ph->places;

	if (p)
		return module < PLACES_MODULES && index < p->counts[module] ? p->keys[module][index] : NULL;
	for (size_t i = 0; i < ph->nkeys; i++) {
		if (ph->keys[i].module == module && ph->keys[i].index == index)
			return &ph->keys[i];
	}
	return NULL;
}
