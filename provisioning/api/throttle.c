#include "provisioning/api/throttle.h"

#include <pthread.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "provisioning/conf/net.h"

struct slot {
	uint64_t who;
	int64_t since_ms, last_ms; /* last 0 = free */
	unsigned failures;
};

struct throttle {
	pthread_mutex_t lock;
	struct slot slots[THROTTLE_KNOWN];
};

enum err_code throttle_open(struct throttle **out, struct err *err)
{
	struct throttle *t = mem_zalloc(sizeof(*t));

	if (t == NULL)
		return err_set(err, ERR_NOMEM, "out of memory for the admin plane");
	pthread_mutex_init(&t->lock, NULL);
	*out = t;
	return ERR_OK;
}

void throttle_close(struct throttle *t)
{
	if (t == NULL)
		return;
	pthread_mutex_destroy(&t->lock);
	mem_free(t);
}

/* FNV-1a. Who makes two addresses meet in it is counted twice, and that is all. */
static uint64_t mix(const void *p, size_t n, uint64_t h)
{
	const unsigned char *b = p;

	while (n--)
		h = (h ^ *b++) * 1099511628211u;
	return h;
}

enum { OF_PEER = 1, OF_USER = 2 };

uint64_t throttle_peer(const struct http_peer *peer)
{
	struct net_addr addr = net_addr_of(&peer->addr);
	struct net net = net_caller(&addr);

	return mix(&net.addr, sizeof(net.addr), OF_PEER);
}

uint64_t throttle_user(int64_t user_id)
{
	return mix(&user_id, sizeof(user_id), OF_USER);
}

/* The caller's slot, or the one to give him: a free one, else the quietest. */
static struct slot *find(struct throttle *t, uint64_t who)
{
	struct slot *best = &t->slots[0];
	size_t i;

	for (i = 0; i < THROTTLE_KNOWN; i++) {
		if (t->slots[i].last_ms && t->slots[i].who == who)
			return &t->slots[i];
		if (t->slots[i].last_ms < best->last_ms)
			best = &t->slots[i];
	}
	return best;
}

static bool is_his(const struct slot *s, uint64_t who, int64_t now_ms)
{
	return s->last_ms && s->who == who && now_ms - s->since_ms < THROTTLE_WINDOW_MS;
}

bool throttle_full(struct throttle *t, uint64_t who, unsigned most, int64_t now_ms)
{
	struct slot *s;
	bool full;

	pthread_mutex_lock(&t->lock);
	s = find(t, who);
	full = is_his(s, who, now_ms) && s->failures >= most;
	pthread_mutex_unlock(&t->lock);
	return full;
}

void throttle_note(struct throttle *t, uint64_t who, int64_t now_ms)
{
	struct slot *s;

	pthread_mutex_lock(&t->lock);
	s = find(t, who);
	if (!is_his(s, who, now_ms))
		*s = (struct slot){ .who = who, .since_ms = now_ms };
	s->last_ms = now_ms > 0 ? now_ms : 1;
	s->failures++;
	pthread_mutex_unlock(&t->lock);
}
