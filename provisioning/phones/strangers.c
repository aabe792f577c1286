#include "provisioning/phones/strangers.h"

#include <pthread.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "provisioning/store/seal.h"

enum { WAYS = 8, NAME_BITS = 1024, WORDS = NAME_BITS / 64 };

/* MACs by one bit of their hash each; where two meet they count once. */
struct names {
	uint64_t fresh[WORDS], older[WORDS], settled[WORDS];
	int64_t turned_ms;
	unsigned count; /* settled */
};

struct slot {
	struct net net;
	int64_t since_ms, last_ms; /* last 0 = free */
	int64_t until_ms;          /* of its ban; 0 = none */
	unsigned failures;
	struct names names;
};

struct table {
	struct slot *slots;
	size_t sets;
	unsigned most;
};

/* Fills up to its size within its period. */
struct bucket {
	int64_t size, left; /* in thousandths of one */
	int64_t period_ms, at_ms;
};

struct strangers {
	pthread_mutex_t lock;
	struct table addresses, networks;
	struct bucket total, lines, alerts;
	int64_t ban_ms;
	uint64_t seed;
	uint64_t failures, refused, bans;
};

static bool table_open(struct table *t, size_t slots, unsigned most)
{
	*t = (struct table){ mem_zalloc(slots * sizeof(struct slot)), slots / WAYS, most };
	return t->slots != NULL;
}

static struct bucket bucket_of(unsigned size, int64_t period_ms)
{
	return (struct bucket){ size * 1000LL, size * 1000LL, period_ms, 0 };
}

struct strangers *strangers_new(const struct strangers_conf *conf)
{
	struct strangers *s = mem_zalloc(sizeof(*s));

	if (s == NULL)
		return NULL;
	if (pthread_mutex_init(&s->lock, NULL)) {
		mem_free(s);
		return NULL;
	}
	s->total = bucket_of(conf->total, 1000);
	s->lines = bucket_of(STRANGERS_LINES, 1000);
	s->alerts = bucket_of(STRANGERS_ALERTS, STRANGERS_WINDOW_MS);
	s->ban_ms = conf->ban_ms;
	if (!table_open(&s->addresses, STRANGERS_ADDRESSES, conf->per_address) ||
		!table_open(&s->networks, STRANGERS_NETWORKS, conf->per_network) ||
		random_bytes((unsigned char *)&s->seed, sizeof(s->seed), NULL)) {
		strangers_free(s);
		return NULL;
	}
	return s;
}

void strangers_free(struct strangers *s)
{
	if (s == NULL)
		return;
	pthread_mutex_destroy(&s->lock);
	mem_free(s->addresses.slots);
	mem_free(s->networks.slots);
	mem_free(s);
}

/* FNV-1a from a seed that nobody outside knows, and mixed at the end: nobody chooses where he lands. */
static uint64_t hash(const struct strangers *s, const void *p, size_t n)
{
	const unsigned char *b = p;
	uint64_t h = 14695981039346656037u ^ s->seed;

	while (n--)
		h = (h ^ *b++) * 1099511628211u;
	h = (h ^ h >> 31 ^ s->seed) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 29;
}

static bool take(struct bucket *b, int64_t now_ms)
{
	int64_t since = now_ms - b->at_ms, gain = since < b->period_ms ? since * b->size / b->period_ms : b->size;

	b->left = b->left + gain < b->size ? b->left + gain : b->size;
	/* Less than a thousandth stays where it is, for the next one. */
	b->at_ms = gain < b->size ? b->at_ms + gain * b->period_ms / b->size : now_ms;
	if (b->left < 1000)
		return false;
	b->left -= 1000;
	return true;
}

/* ---- a slot ---- */

static void turn(struct names *n, int64_t now_ms)
{
	size_t i;

	if (n->turned_ms == 0)
		n->turned_ms = now_ms;
	while (now_ms - n->turned_ms >= STRANGERS_SETTLE_MS) {
		bool late = now_ms - n->turned_ms >= 3 * STRANGERS_SETTLE_MS; /* all of it is settled */

		n->turned_ms = late ? now_ms : n->turned_ms + STRANGERS_SETTLE_MS;
		n->count = 0;
		for (i = 0; i < WORDS; i++) {
			n->settled[i] |= n->older[i] | (late ? n->fresh[i] : 0);
			n->older[i] = late ? 0 : n->fresh[i];
			n->fresh[i] = 0;
			n->count += (unsigned)__builtin_popcountll(n->settled[i]);
		}
	}
}

static void name(struct names *n, uint64_t h)
{
	uint64_t bit = 1ull << (h & 63);
	size_t word = h >> 6 & (WORDS - 1);

	if (!((n->older[word] | n->settled[word]) & bit))
		n->fresh[word] |= bit;
}

static void unname(struct names *n, uint64_t h)
{
	uint64_t bit = 1ull << (h & 63);
	size_t word = h >> 6 & (WORDS - 1);

	if (n->settled[word] & bit)
		n->count--;
	n->fresh[word] &= ~bit;
	n->older[word] &= ~bit;
	n->settled[word] &= ~bit;
}

/* A window that is over begins anew, and so does a ban. */
static void age(struct slot *s, int64_t now_ms)
{
	if (s->until_ms ? now_ms >= s->until_ms : now_ms - s->since_ms >= STRANGERS_WINDOW_MS)
		*s = (struct slot){ .net = s->net, .since_ms = now_ms, .last_ms = s->last_ms };
	turn(&s->names, now_ms);
}

static struct slot *find(struct strangers *s, struct table *t, const struct net *net, struct slot **quietest)
{
	struct slot *set = &t->slots[hash(s, &net->addr, sizeof(net->addr)) % t->sets * WAYS], *best = set;
	size_t i;

	for (i = 0; i < WAYS; i++) {
		if (set[i].last_ms && net_addr_eq(&set[i].net.addr, &net->addr))
			return &set[i];
		if (set[i].last_ms < best->last_ms)
			best = &set[i];
	}
	*quietest = best;
	return NULL;
}

/* Counts in one table; h: of the MAC that was named, or NULL where a proof failed. */
static void count(struct strangers *s, struct table *t, const struct net *net, const uint64_t *h, int64_t now_ms,
	struct strangers_word *out)
{
	struct slot *fresh, *slot = find(s, t, net, &fresh);

	if (slot == NULL) {
		slot = fresh;
		*slot = (struct slot){ .net = *net, .since_ms = now_ms };
	}
	slot->last_ms = now_ms > 0 ? now_ms : 1;
	age(slot, now_ms);
	if (h)
		name(&slot->names, *h);
	else
		slot->failures++;
	if (slot->until_ms == 0 && slot->failures + slot->names.count >= t->most) {
		slot->until_ms = now_ms + s->ban_ms;
		s->bans++;
		out->begun = true;
		out->of = *net;
		out->failures = slot->failures;
		out->names = slot->names.count;
	}
	out->refused |= slot->until_ms != 0;
}

static void note(struct strangers *s, const struct net_addr *from, const struct mac *mac, int64_t now_ms,
	struct strangers_word *out)
{
	struct net address = net_caller(from), network = net_around(from, 24, 56);
	uint64_t h = mac ? hash(s, mac->b, sizeof(mac->b)) : 0;

	*out = (struct strangers_word){ .network = network };
	pthread_mutex_lock(&s->lock);
	count(s, &s->addresses, &address, mac ? &h : NULL, now_ms, out);
	count(s, &s->networks, &network, mac ? &h : NULL, now_ms, out);
	if (mac == NULL) {
		out->refused |= !take(&s->total, now_ms);
		s->failures++;
		s->refused += out->refused;
	}
	out->log = (mac == NULL || out->refused) && take(&s->lines, now_ms);
	out->alert = out->begun && take(&s->alerts, now_ms);
	pthread_mutex_unlock(&s->lock);
}

void strangers_failed(struct strangers *s, const struct net_addr *from, int64_t now_ms, struct strangers_word *out)
{
	note(s, from, NULL, now_ms, out);
}

void strangers_named(struct strangers *s, const struct net_addr *from, const struct mac *mac, int64_t now_ms,
	struct strangers_word *out)
{
	note(s, from, mac, now_ms, out);
}

void strangers_proved(struct strangers *s, const struct net_addr *from, const struct mac *mac, int64_t now_ms)
{
	struct net nets[] = { net_caller(from), net_around(from, 24, 56) };
	struct table *tables[] = { &s->addresses, &s->networks };
	uint64_t h = hash(s, mac->b, sizeof(mac->b));
	size_t i;

	pthread_mutex_lock(&s->lock);
	for (i = 0; i < 2; i++) {
		struct slot *other, *slot = find(s, tables[i], &nets[i], &other);

		if (slot == NULL)
			continue;
		age(slot, now_ms);
		unname(&slot->names, h);
	}
	pthread_mutex_unlock(&s->lock);
}

static uint64_t banned(const struct table *t, int64_t now_ms)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < t->sets * WAYS; i++)
		n += t->slots[i].last_ms && t->slots[i].until_ms > now_ms;
	return n;
}

void strangers_stats(struct strangers *s, int64_t now_ms, struct strangers_stats *out)
{
	pthread_mutex_lock(&s->lock);
	*out = (struct strangers_stats){ .failures = s->failures,
		.refused = s->refused,
		.bans = s->bans,
		.addresses = banned(&s->addresses, now_ms),
		.networks = banned(&s->networks, now_ms) };
	pthread_mutex_unlock(&s->lock);
}
