/* Phones that pull over TLS, for the benchmark: many of them, each with its own address, MAC, User-Agent and login.
 *
 *   pull_load PORT name=value…
 *     mode=full|resumed|keep   a handshake per pull, a resumed one per pull, or connections kept for `pulls` pulls
 *     tls=1.2|1.3  cert=ecdsa|rsa  auth=digest|basic|none
 *     phones=N                  how many, one after the other
 *     brand=yealink|polycom     what they call themselves
 *     seconds=S  at-once=N      how long, on how many connections
 *     pulls=N                   of one connection
 *     count=N                   stop after so many, whatever the time
 *   storm=S: instead of that, each phone comes once within S seconds and pulls all files on one connection; closed by
 * the server in between, it comes again. processes=N: each has its share of the phones, and descriptors of its own.
 * file=NAME (repeated)      %s is the MAC; default /cfg/%s.cfg
 *
 * Prints one line: pulls P errors E seconds S p50 MS p99 MS bytes B open O connections C. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/peers/pull/pull.h"

SSL_CTX *pull_ctx;
int pull_ep;
double t0;
struct seen *seen;

double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void set_up_tls(void)
{
	bool v12 = strcmp(conf.tls, "1.2") == 0, rsa = strcmp(conf.cert, "rsa") == 0;

	pull_ctx = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_min_proto_version(pull_ctx, v12 ? TLS1_2_VERSION : TLS1_3_VERSION);
	SSL_CTX_set_max_proto_version(pull_ctx, v12 ? TLS1_2_VERSION : TLS1_3_VERSION);
	SSL_CTX_set_cipher_list(pull_ctx, rsa ? "ECDHE-RSA-AES128-GCM-SHA256" : "ECDHE-ECDSA-AES128-GCM-SHA256");
	SSL_CTX_set_ciphersuites(pull_ctx, "TLS_AES_128_GCM_SHA256");
	SSL_CTX_set1_sigalgs_list(pull_ctx, rsa ? "rsa_pss_rsae_sha256:RSA+SHA256" : "ECDSA+SHA256");
	SSL_CTX_set1_groups_list(pull_ctx, "P-256");
	SSL_CTX_set_mode(pull_ctx, SSL_MODE_AUTO_RETRY);
}

static int by_size(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return x < y ? -1 : x > y;
}

static void one_process(int process, struct seen *mine)
{
	seen = mine;
	seen->last_ok = t0;
	pull_ep = epoll_create1(EPOLL_CLOEXEC);
	set_up_tls();
	if (strcmp(conf.auth, "digest") == 0)
		fetch_nonce();
	if (conf.storm > 0)
		storm(process);
	else
		steady();
	SSL_CTX_free(pull_ctx);
	close(pull_ep);
}

static void add_up(struct seen *all, const struct seen *one)
{
	long room = LATENCIES - all->pulls, n = one->pulls < room ? one->pulls : room;

	memcpy(all->latency + all->pulls, one->latency, (size_t)(n > 0 ? n : 0) * sizeof(*one->latency));
	all->pulls += one->pulls;
	all->errors += one->errors;
	all->connections += one->connections;
	all->open_max += one->open_max;
	all->bytes += one->bytes;
	if (one->last_ok > all->last_ok)
		all->last_ok = one->last_ok;
}

static bool every_process(struct seen *each)
{
	bool well = true;
	int i, status;

	for (i = 1; i < conf.processes; i++)
		if (fork() == 0) {
			one_process(i, &each[i]);
			_exit(0);
		}
	one_process(0, &each[0]);
	while (wait(&status) > 0)
		well = well && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	for (i = 1; i < conf.processes; i++)
		add_up(&each[0], &each[i]);
	return well;
}

int main(int argc, char **argv)
{
	struct rlimit files;
	struct seen *all;
	bool well;
	long n;

	if (!take_arguments(argc, argv))
		return 2;
	signal(SIGPIPE, SIG_IGN);
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	all = mmap(
		NULL, (size_t)conf.processes * sizeof(*all), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (all == MAP_FAILED)
		return 1;
	t0 = now();
	well = every_process(all);
	n = all->pulls < LATENCIES ? all->pulls : LATENCIES;
	qsort(all->latency, (size_t)n, sizeof(*all->latency), by_size);
	printf("pulls %ld errors %ld seconds %.3f p50 %.3f p99 %.3f bytes %ld open %ld connections %ld\n", all->pulls,
		all->errors, all->last_ok - t0, n ? all->latency[n / 2] * 1e3 : 0,
		n ? all->latency[n * 99 / 100] * 1e3 : 0, all->bytes, all->open_max, all->connections);
	return !well || all->errors != 0;
}
