/* Who pulls when: phones one after the other on so many connections, or a fleet after a power cut. */
#include <stdlib.h>
#include <sys/epoll.h>

#include "tests/peers/pull/pull.h"

static void one_round(int wait)
{
	struct epoll_event ev[256];
	int i, n = epoll_wait(pull_ep, ev, 256, wait);

	for (i = 0; i < n; i++) {
		struct line *l = ev[i].data.ptr;

		if (l->ssl)
			advance(l);
	}
}

void steady(void)
{
	struct line *lines = calloc((size_t)conf.at_once, sizeof(*lines));
	int i;

	for (i = 0; i < conf.at_once; i++)
		start(&lines[i]);
	while (open_now > 0 && now() - t0 < conf.seconds + 20)
		one_round(100);
	for (i = 0; i < conf.at_once; i++)
		SSL_SESSION_free(lines[i].session);
	free(lines);
}

static int by_time(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

/* One process's share of the phones. */
void storm(int process)
{
	int n = conf.phones / conf.processes, i, come = 0, waiting = 1;
	struct line *lines = calloc((size_t)n, sizeof(*lines));
	double looked = 0;

	srand((unsigned)(7 + process));
	for (i = 0; i < n; i++) {
		lines[i].phone = process * n + i;
		lines[i].at = t0 + conf.storm * (double)rand() / RAND_MAX;
	}
	qsort(lines, (size_t)n, sizeof(*lines), by_time);
	while ((come < n || open_now > 0 || waiting > 0) && now() - t0 < conf.seconds) {
		for (; come < n && lines[come].at <= now(); come++) {
			lines[come].began = lines[come].at;
			if (!dial(&lines[come]))
				failed(&lines[come], "no socket");
		}
		one_round(2);
		if (now() - looked < 0.05)
			continue;
		looked = now();
		for (i = waiting = 0; i < come; i++) {
			waiting += lines[i].state == RETRY;
			if (lines[i].state == RETRY && lines[i].at <= looked && !dial(&lines[i]))
				failed(&lines[i], "no socket");
		}
	}
	for (i = 0; i < n; i++)
		seen->errors += i >= come || lines[i].state == RETRY || lines[i].ssl != NULL;
	free(lines);
}
