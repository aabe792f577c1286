/* Sends NOTIFYs by provisioning/sip/notify.h and prints one line per result:
 *   ID STATUS CHALLENGED SECRET ROUNDS DATAGRAMS MS timed-out|late|- "REASON" "ERROR"
 * then "counts SUBMITTED SETTLED DATAGRAMS LATE PEAK".
 *
 *   notify_once [OPTION VALUE]… [direct] URI… | file FILE (a URI a line)
 *   local, port, proxy, proxy-user, proxy-secret, t1, ca, dns, window, rate, rate-source, queue-max
 *   to, event, user, secret (may stand several times), source, deadline, count (how often each URI), threads,
 *   pressure (as if so many were behind), bears,
 *   linger (ms to wait for late answers), stop-after (ms: stops with jobs under way) */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "provisioning/sip/notify.h"

enum { URIS_MAX = 20000, SOURCES_MAX = 256, FILE_MAX = 4 << 20 };

struct run {
	struct sipd_conf conf;
	struct notify n;
	const char *uris[URIS_MAX], *sources[SOURCES_MAX];
	size_t nuris, nsources;
	unsigned count, threads, linger_ms, stop_after_ms, pressure;
	struct sipd *d;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static unsigned settled;

static void on_result(const struct notify_result *r, void *arg)
{
	(void)arg;
	(void)pthread_mutex_lock(&lock);
	printf("%llu %d %d %d %u %u %u %s \"%s\" \"%s\"\n", (unsigned long long)r->id, r->status, r->challenged,
		r->secret, r->rounds, r->datagrams, r->ms,
		r->late        ? "late"
		: r->timed_out ? "timed-out"
			       : "-",
		r->reason, r->error_text);
	fflush(stdout);
	if (!r->late)
		settled++;
	(void)pthread_cond_signal(&changed);
	(void)pthread_mutex_unlock(&lock);
}

static struct secret secret_of(const char *s)
{
	return (struct secret){ s, strlen(s) };
}

static unsigned number(const char *s)
{
	return (unsigned)strtoul(s, NULL, 10);
}

static unsigned pressure_of(void *arg)
{
	return ((const struct run *)arg)->pressure;
}

/* The text stays for as long as the program runs. */
static bool read_uris(struct run *r, const char *path)
{
	static char text[FILE_MAX];
	FILE *f = fopen(path, "re");
	size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
	char *save, *line;

	if (f)
		fclose(f);
	text[n] = '\0';
	for (line = strtok_r(text, "\n", &save); line && r->nuris < URIS_MAX; line = strtok_r(NULL, "\n", &save))
		r->uris[r->nuris++] = line;
	return n > 0;
}

static bool option(struct run *r, const char *name, const char *v)
{
	struct {
		const char *name, **text;
		unsigned *number;
	} plain[] = {
		{ "local", &r->conf.local_address, NULL },
		{ "proxy", &r->conf.proxy, NULL },
		{ "proxy-user", &r->conf.proxy_user, NULL },
		{ "ca", &r->conf.tls_ca, NULL },
		{ "dns", &r->conf.dns_server, NULL },
		{ "to", &r->n.to_uri, NULL },
		{ "event", &r->n.event, NULL },
		{ "user", &r->n.auth_user, NULL },
		{ "t1", NULL, &r->conf.t1_ms },
		{ "window", NULL, &r->conf.window },
		{ "rate", NULL, &r->conf.rate },
		{ "rate-source", NULL, &r->conf.rate_source },
		{ "deadline", NULL, &r->n.deadline_ms },
		{ "count", NULL, &r->count },
		{ "threads", NULL, &r->threads },
		{ "pressure", NULL, &r->pressure },
		{ "bears", NULL, &r->conf.bears },
		{ "linger", NULL, &r->linger_ms },
		{ "stop-after", NULL, &r->stop_after_ms },
	};

	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		if (strcmp(name, plain[i].name) == 0) {
			if (plain[i].text)
				*plain[i].text = v;
			else
				*plain[i].number = number(v);
			return true;
		}
	if (strcmp(name, "port") == 0)
		r->conf.local_port = (uint16_t)number(v);
	else if (strcmp(name, "queue-max") == 0)
		r->conf.queue_max = number(v);
	else if (strcmp(name, "proxy-secret") == 0)
		r->conf.proxy_secret = secret_of(v);
	else if (strcmp(name, "secret") == 0 && r->n.nsecrets < NOTIFY_SECRETS_MAX)
		r->n.secrets[r->n.nsecrets++] = secret_of(v);
	else if (strcmp(name, "file") == 0)
		return read_uris(r, v);
	else if (strcmp(name, "source") == 0 && r->nsources < SOURCES_MAX)
		r->sources[r->nsources++] = v;
	else
		return false;
	return true;
}

static void read_arguments(struct run *r, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "direct") == 0)
			r->n.direct = true;
		else if (i + 1 < argc && option(r, argv[i], argv[i + 1]))
			i++;
		else if (r->nuris < URIS_MAX)
			r->uris[r->nuris++] = argv[i];
	}
}

static atomic_uint next_id, refused;

static void *submit_share(void *arg)
{
	struct run *r = arg;
	unsigned total = r->count * (unsigned)r->nuris;
	struct err err = { 0 };

	for (;;) {
		unsigned id = atomic_fetch_add(&next_id, 1);
		struct notify n = r->n;

		if (id >= total)
			return NULL;
		n.id = id;
		n.request_uri = r->uris[id % r->nuris];
		if (r->nsources)
			n.source = r->sources[id % r->nsources];
		if (sipd_submit(r->d, &n, &err)) {
			fprintf(stderr, "%s: %s\n", err_word(err.code), err.text);
			atomic_fetch_add(&refused, 1);
		}
	}
}

static void submit_all(struct run *r)
{
	pthread_t t[16];
	unsigned n = r->threads < 16 ? r->threads : 16;

	for (unsigned i = 0; i < n; i++)
		(void)pthread_create(&t[i], NULL, submit_share, r);
	for (unsigned i = 0; i < n; i++)
		(void)pthread_join(t[i], NULL);
}

static void wait_settled(unsigned total)
{
	(void)pthread_mutex_lock(&lock);
	while (settled < total)
		(void)pthread_cond_wait(&changed, &lock);
	(void)pthread_mutex_unlock(&lock);
}

static void pause_ms(unsigned ms)
{
	struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

	(void)nanosleep(&t, NULL);
}

int main(int argc, char **argv)
{
	static struct run r = { .conf.local_address = "127.0.0.1", .n.event = "check-sync", .count = 1, .threads = 1 };
	struct sipd_counts c;
	struct err err = { 0 };

	read_arguments(&r, argc, argv);
	r.conf.pressure = pressure_of;
	r.conf.pressure_arg = &r;
	if (sipd_start(&r.conf, on_result, NULL, &r.d, &err)) {
		fprintf(stderr, "%s: %s\n", err_word(err.code), err.text);
		return 1;
	}
	submit_all(&r);
	if (r.stop_after_ms)
		pause_ms(r.stop_after_ms);
	else
		wait_settled(r.count * (unsigned)r.nuris - atomic_load(&refused));
	pause_ms(r.linger_ms);
	sipd_counts(r.d, &c);
	sipd_stop(r.d);
	printf("counts %llu %llu %llu %llu %u\n", (unsigned long long)c.submitted, (unsigned long long)c.settled,
		(unsigned long long)c.datagrams, (unsigned long long)c.late, c.in_flight_peak);
	return atomic_load(&refused) ? 1 : 0;
}
