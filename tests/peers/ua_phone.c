/* A phone made of provisioning/demo/ua.h, driven by lines on its input:
 *   line SLOT TRANSPORT SERVER PORT USER DOMAIN SECRET [EXPIRES [TLSNAME]]
 *   clear SLOT | forget SLOT | refresh SLOT | answer STATUS | quit | die
 * and telling on its output: "registered SLOT STATUS EXPIRES", "notify SLOT EVENT authorized|plain".
 * Arguments: local address, then optionally a file of trusted certificates. answer 401 challenges until the digest is
 * right and then says 200. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "provisioning/demo/ua.h"

static atomic_int answer = 200;

static void registered(unsigned slot, int status, unsigned expires_s, void *arg)
{
	(void)arg;
	printf("registered %u %d %u\n", slot, status, expires_s);
	fflush(stdout);
}

static int notified(const struct ua_notify *n, void *arg)
{
	int status = atomic_load(&answer);

	(void)arg;
	printf("notify %u %s %s\n", n->slot, n->event, n->authorized ? "authorized" : "plain");
	fflush(stdout);
	return status == 401 && n->authorized ? 200 : status;
}

static void set_line(struct ua *ua, char *words[10], int n)
{
	static const char *const names[] = { "udp", "tcp", "tls" };
	struct err err = { 0 };
	struct ua_line l = {
		.server = words[3],
		.port = (uint16_t)strtoul(words[4], NULL, 10),
		.user = words[5],
		.domain = words[6],
		.secret = { words[7], strlen(words[7]) },
		.expires_s = n > 8 ? (unsigned)strtoul(words[8], NULL, 10) : 0,
		.tls_name = n > 9 ? words[9] : NULL,
	};

	for (int i = 0; i < 3; i++)
		if (strcmp(words[2], names[i]) == 0)
			l.transport = (enum ua_transport)i;
	if (ua_set_line(ua, (unsigned)strtoul(words[1], NULL, 10), &l, &err))
		printf("error %s\n", err.text);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct ua_conf conf = { .local_address = argc > 1 ? argv[1] : "127.0.0.1",
		.user_agent = "Rekey test phone",
		.tls_ca = argc > 2 ? argv[2] : NULL,
		.registered = registered,
		.notified = notified };
	char line[1024], *words[10], *save;
	struct err err = { 0 };
	bool polite = true;
	struct ua *ua;
	int n;

	if (ua_start(&conf, &ua, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	while (fgets(line, sizeof line, stdin)) {
		n = 0;
		for (char *w = strtok_r(line, " \n", &save); w && n < 10; w = strtok_r(NULL, " \n", &save))
			words[n++] = w;
		if (n >= 8 && strcmp(words[0], "line") == 0)
			set_line(ua, words, n);
		else if (n == 2 && strcmp(words[0], "clear") == 0)
			ua_clear_line(ua, (unsigned)strtoul(words[1], NULL, 10));
		else if (n == 2 && strcmp(words[0], "forget") == 0)
			ua_forget_line(ua, (unsigned)strtoul(words[1], NULL, 10));
		else if (n == 2 && strcmp(words[0], "refresh") == 0)
			ua_refresh_line(ua, (unsigned)strtoul(words[1], NULL, 10));
		else if (n == 2 && strcmp(words[0], "answer") == 0)
			atomic_store(&answer, (int)strtol(words[1], NULL, 10));
		else if (n == 1 && strcmp(words[0], "die") == 0)
			polite = false;
		if (n == 1)
			break;
	}
	ua_stop(ua, polite);
	puts("stopped");
	return 0;
}
