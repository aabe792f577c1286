#include "provisioning/phones/knocks.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "provisioning/phones/local.h"

struct knock {
	struct mac mac;
	struct claim claim;
	char user_agent[160], from[HTTP_ADDRESS_TEXT];
};

struct knocks {
	pthread_mutex_t lock;
	struct knock waiting[KNOCKS_MAX];
	size_t n;
	bool posted; /* a worker will come */
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

/* One at a time, so that an edge thread never waits for the others. False: none is left, and this worker goes. */
static bool next(struct knocks *k, struct knock *out)
{
	bool any;

	pthread_mutex_lock(&k->lock);
	any = k->n > 0;
	if (any)
		*out = k->waiting[--k->n];
	k->posted = any;
	pthread_mutex_unlock(&k->lock);
	return any;
}

static void look(void *arg)
{
	struct phones *ph = arg;
	struct knock k;
	struct login known;

	while (next(ph->knocks, &k))
		if (!logins_get(ph->logins, &k.mac, &known))
			notes_knock(ph->notes, &k.mac, &k.claim, k.user_agent, k.from);
	explicit_bzero(&known, sizeof(known));
	phones_done(ph);
}

void knocks_add(struct phones *ph, const struct mac *mac, const struct caller *c, const char *from)
{
	struct knocks *k = ph->knocks;
	bool post = false;

	pthread_mutex_lock(&k->lock);
	if (k->n < KNOCKS_MAX) {
		struct knock *at = &k->waiting[k->n++];

		at->mac = *mac;
		at->claim = c->claim;
		memcpy(at->user_agent, c->user_agent, sizeof(at->user_agent));
		snprintf(at->from, sizeof(at->from), "%s", from);
		post = !k->posted;
		k->posted = true;
	}
	pthread_mutex_unlock(&k->lock);
	if (!post || phones_post(ph, look, ph))
		return;
	pthread_mutex_lock(&k->lock);
	k->posted = false;
	pthread_mutex_unlock(&k->lock);
}
