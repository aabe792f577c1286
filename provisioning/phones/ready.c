#include "provisioning/phones/ready.h"

#include <pthread.h>
#include <string.h>

#include "phonecfg/base/mem.h"

/* Memory is touched only where a phone is kept. */
enum { SETS = 65536, WAYS = 4, LOCKS = 256 };

struct ready_index {
	pthread_mutex_t locks[LOCKS];
	unsigned char turn[SETS];
	struct ready slots[SETS][WAYS];
};

struct ready_index *ready_new(void)
{
	struct ready_index *ix = mem_zalloc(sizeof(*ix));
	size_t i;

	for (i = 0; ix && i < LOCKS; i++)
		pthread_mutex_init(&ix->locks[i], NULL);
	return ix;
}

void ready_free(struct ready_index *ix)
{
	size_t i;

	for (i = 0; ix && i < LOCKS; i++)
		pthread_mutex_destroy(&ix->locks[i]);
	mem_free(ix);
}

static size_t set_of(const struct mac *m)
{
	uint64_t h = 0;
	size_t i;

	for (i = 0; i < sizeof(m->b); i++)
		h = h << 8 | m->b[i];
	return (size_t)((h * 0x9e3779b97f4a7c15u) >> 48) % SETS;
}

static struct ready *find(struct ready_index *ix, size_t set, const struct mac *mac)
{
	size_t i;

	for (i = 0; i < WAYS; i++)
		if (ix->slots[set][i].mark && mac_eq(&ix->slots[set][i].mac, mac))
			return &ix->slots[set][i];
	return NULL;
}

bool ready_get(struct ready_index *ix, const struct mac *mac, uint64_t mark, struct ready *out)
{
	size_t set = set_of(mac);
	struct ready *r;
	bool there;

	pthread_mutex_lock(&ix->locks[set % LOCKS]);
	r = find(ix, set, mac);
	there = r && mark && r->mark == mark;
	if (there)
		*out = *r;
	pthread_mutex_unlock(&ix->locks[set % LOCKS]);
	return there;
}

static uint32_t tag_of(const char *hash)
{
	uint32_t h = 2166136261u; /* FNV-1a */

	for (; *hash; hash++)
		h = (h ^ (unsigned char)*hash) * 16777619u;
	return h | 1;
}

static void tell(struct ready *r, uint32_t kind, uint32_t tag)
{
	size_t i;

	for (i = 0; i + 1 < READY_FILES && r->told[i].tag && r->told[i].kind != kind; i++)
		;
	r->told[i].kind = kind;
	r->told[i].tag = tag;
}

void ready_tell(struct ready *r, unsigned kind, const char *hash)
{
	tell(r, kind, tag_of(hash));
}

bool ready_told(const struct ready *r, unsigned kind, const char *hash)
{
	uint32_t tag = tag_of(hash);
	size_t i;

	for (i = 0; i < READY_FILES; i++)
		if (r->told[i].tag == tag && r->told[i].kind == kind)
			return true;
	return false;
}

void ready_put(struct ready_index *ix, const struct ready *new)
{
	size_t set = set_of(&new->mac);
	struct ready *r;
	size_t i;

	if (new->mark == 0)
		return;
	pthread_mutex_lock(&ix->locks[set % LOCKS]);
	r = find(ix, set, &new->mac);
	if (r && r->mark == new->mark && r->generation == new->generation && r->phone_id == new->phone_id) {
		r->prepared |= new->prepared;
		r->tell_login = new->tell_login;
		for (i = 0; i < READY_FILES && new->told[i].tag; i++)
			tell(r, new->told[i].kind, new->told[i].tag);
	} else if (r == NULL || r->mark <= new->mark) { /* marks only grow */
		r = r ? r : &ix->slots[set][ix->turn[set]++ % WAYS];
		*r = *new;
	}
	pthread_mutex_unlock(&ix->locks[set % LOCKS]);
}
