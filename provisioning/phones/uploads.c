#include "provisioning/phones/uploads.h"

#include <pthread.h>

#include "phonecfg/base/mem.h"

struct uploads {
	pthread_mutex_t lock;
	unsigned most, of_one, n;
	int64_t phones[]; /* whose they are, in no order */
};

struct place {
	struct uploads *uploads;
	int64_t phone_id;
};

struct uploads *uploads_new(unsigned most, unsigned of_one)
{
	struct uploads *u = mem_zalloc(sizeof(*u) + most * sizeof(u->phones[0]));

	if (u) {
		pthread_mutex_init(&u->lock, NULL);
		u->most = most;
		u->of_one = of_one;
	}
	return u;
}

void uploads_free(struct uploads *u)
{
	if (u)
		pthread_mutex_destroy(&u->lock);
	mem_free(u);
}

static bool enter(struct uploads *u, int64_t phone_id)
{
	unsigned i, own = 0;
	bool room;

	pthread_mutex_lock(&u->lock);
	for (i = 0; i < u->n; i++)
		own += u->phones[i] == phone_id;
	room = u->n < u->most && own < u->of_one;
	if (room)
		u->phones[u->n++] = phone_id;
	pthread_mutex_unlock(&u->lock);
	return room;
}

static void leave(void *arg)
{
	struct place *p = arg;
	struct uploads *u = p->uploads;
	unsigned i;

	pthread_mutex_lock(&u->lock);
	for (i = 0; u->phones[i] != p->phone_id;)
		i++;
	u->phones[i] = u->phones[--u->n];
	pthread_mutex_unlock(&u->lock);
}

bool uploads_enter(struct uploads *u, int64_t phone_id, struct request *rq, struct response *rs)
{
	struct place *p = arena_alloc(&rq->arena, sizeof(*p));

	if (p && enter(u, phone_id)) {
		*p = (struct place){ u, phone_id };
		if (request_cleanup(rq, leave, p))
			return true;
	}
	problem_status(rs, 503, "busy", "too many uploads run at once; come back later");
	return false;
}
