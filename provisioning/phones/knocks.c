#include "provisioning/phones/knocks.h"

#include <pthread.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "provisioning/phones/access.h"

enum { PLACES = 4 * KNOCKS_MAX };

struct heap {
	struct knock knock[KNOCKS_MAX];
	size_t n;
	uint16_t places[PLACES]; /* of each: its index in knock + 1 */
};

struct knocks {
	pthread_mutex_t lock;
	struct heap heap[2];
	unsigned fresh; /* which of them is filled; the other one is looked at */
};

struct knocks *knocks_new(void)
{
	struct knocks *k = mem_zalloc(sizeof(*k));

	if (k && pthread_mutex_init(&k->lock, NULL)) {
		mem_free(k);
		return NULL;
	}
	return k;
}

void knocks_free(struct knocks *k)
{
	if (k == NULL)
		return;
	pthread_mutex_destroy(&k->lock);
	mem_free(k);
}

/* Of an address that was given to one it matters who has it. */
static bool same(const struct knock *a, const struct knock *b)
{
	return mac_eq(&a->mac, &b->mac) && memcmp(a->hash, b->hash, sizeof(a->hash)) == 0 &&
	       (!a->token || access_same_network(a->said.from, b->said.from));
}

/* Where that one waits or may wait. */
static uint16_t *place_of(struct heap *h, const struct knock *k)
{
	uint64_t key = 0, hash;
	uint16_t *at;

	memcpy(&key, k->mac.b, sizeof(k->mac.b));
	memcpy(&hash, k->hash, sizeof(hash));
	at = &h->places[((key ^ hash) * 0x9e3779b97f4a7c15u >> 40) % PLACES];
	while (*at && !same(&h->knock[*at - 1], k))
		if (++at == h->places + PLACES)
			at = h->places;
	return at;
}

static void join(struct knock *had, const struct knock *more)
{
	bool login = had->login || more->login;

	if (!had->named && more->named)
		*had = *more;
	had->login = login;
}

bool knocks_put(struct knocks *k, const struct knock *knock)
{
	struct heap *h;
	uint16_t *at;
	bool room;

	pthread_mutex_lock(&k->lock);
	h = &k->heap[k->fresh];
	at = place_of(h, knock);
	room = *at || h->n < KNOCKS_MAX;
	if (*at == 0 && room) {
		h->knock[h->n++] = *knock;
		*at = (uint16_t)h->n;
	} else if (*at) {
		join(&h->knock[*at - 1], knock);
	}
	pthread_mutex_unlock(&k->lock);
	return room;
}

bool knocks_wait(struct knocks *k)
{
	bool any;

	pthread_mutex_lock(&k->lock);
	any = k->heap[0].n || k->heap[1].n;
	pthread_mutex_unlock(&k->lock);
	return any;
}

size_t knocks_ripe(struct knocks *k, const struct knock **out)
{
	const struct heap *h = &k->heap[!k->fresh];

	*out = h->knock;
	return h->n;
}

void knocks_turn(struct knocks *k)
{
	struct heap *h = &k->heap[!k->fresh];

	h->n = 0;
	memset(h->places, 0, sizeof(h->places));
	pthread_mutex_lock(&k->lock);
	k->fresh = !k->fresh;
	pthread_mutex_unlock(&k->lock);
}
