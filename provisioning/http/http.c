#include "provisioning/http/http.h"

#include <string.h>
#include <time.h>

#include "phonecfg/base/mem.h"
#include "provisioning/conf/clock.h"
#include "provisioning/http/exchange.h"
#include "provisioning/http/json.h"

enum { HTTP_CLOSE_MS = 30000 };

enum err_code http_open(const struct http_conf *conf, struct http **out, struct err *err)
{
	struct http *h = mem_zalloc(sizeof(*h));
	enum err_code code;

	if (h == NULL)
		return err_set(err, ERR_NOMEM, "no memory for the plane %s", conf->name);
	json_prepare();
	h->conf = *conf;
	code = router_init(&h->router, conf->mounts, conf->nmounts, err);
	if (code != ERR_OK) {
		http_close(h);
		return code;
	}
	*out = h;
	return ERR_OK;
}

/* A worker may still have a request in hand whose connection a stop has cut. */
static bool all_gone(const struct http *h)
{
	const struct timespec step = { .tv_nsec = 1000000 };
	int64_t until = clock_steady_ms() + HTTP_CLOSE_MS;

	while (atomic_load(&h->live) > 0 && clock_steady_ms() < until)
		nanosleep(&step, NULL);
	return atomic_load(&h->live) == 0;
}

void http_close(struct http *h)
{
	if (h == NULL || !all_gone(h)) /* rather a leak at the end than a worker on freed memory */
		return;
	router_release(&h->router);
	mem_free(h);
}

const char *http_name(const struct http *h)
{
	return h->conf.name;
}

void http_count(struct http *h, enum delivery outcome)
{
	atomic_fetch_add(outcome == DELIVERY_DONE ? &h->delivered : &h->lost, 1);
}

void http_stopping(struct http *h)
{
	atomic_store(&h->stopping, true);
}

void http_stats(const struct http *h, struct http_stats *out)
{
	size_t i;

	*out = (struct http_stats){ .requests = atomic_load(&h->requests),
		.delivered = atomic_load(&h->delivered),
		.lost = atomic_load(&h->lost),
		.suspended_now = atomic_load(&h->suspended) };
	for (i = 0; i < sizeof(out->by_class) / sizeof(out->by_class[0]); i++)
		out->by_class[i] = atomic_load(&h->by_class[i]);
}
