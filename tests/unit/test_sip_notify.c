/* sipd in one process with a phone of a few lines: a result for every job, whatever fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>

#include "phonecfg/base/mem.h"
#include "provisioning/sip/notify.h"

/* ---- a phone over UDP that answers 200 to everything ---- */

static int phone_fd;
static char phone_uri[64];

/* The answer is the request with another first line: all that matters of it (Via, From, To, Call-ID, CSeq) stands
 * there. */
static void *phone_loop(void *arg)
{
	char in[4096], out[4200];
	struct sockaddr_in from;
	socklen_t n = sizeof from;
	ssize_t got;

	(void)arg;
	while ((got = recvfrom(phone_fd, in, sizeof in - 1, 0, (struct sockaddr *)&from, &n)) > 4) {
		char *rest;

		in[got] = 0;
		rest = strstr(in, "\r\n");
		if (!rest)
			continue;
		got = snprintf(out, sizeof out, "SIP/2.0 200 OK%s", rest);
		(void)sendto(phone_fd, out, (size_t)got, 0, (struct sockaddr *)&from, n);
		n = sizeof from;
	}
	return NULL;
}

static pthread_t phone_thread;

static int phone_up(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof a;

	(void)state;
	phone_fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (phone_fd < 0 || bind(phone_fd, (struct sockaddr *)&a, n) ||
		getsockname(phone_fd, (struct sockaddr *)&a, &n))
		return -1;
	(void)snprintf(phone_uri, sizeof phone_uri, "sip:1001@127.0.0.1:%u", ntohs(a.sin_port));
	return pthread_create(&phone_thread, NULL, phone_loop, NULL);
}

static int phone_down(void **state)
{
	struct sockaddr_in a;
	socklen_t n = sizeof a;

	(void)state;
	(void)getsockname(phone_fd, (struct sockaddr *)&a, &n);
	(void)sendto(phone_fd, "end", 3, 0, (struct sockaddr *)&a, n);
	(void)pthread_join(phone_thread, NULL);
	return close(phone_fd);
}

/* ---- results ---- */

struct inbox {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned count, good, late;
	struct notify_result last;
};

static void on_result(const struct notify_result *r, void *arg)
{
	struct inbox *in = arg;

	(void)pthread_mutex_lock(&in->lock);
	in->last = *r;
	in->late += r->late;
	in->count += !r->late;
	in->good += r->status == 200;
	(void)pthread_cond_signal(&in->changed);
	(void)pthread_mutex_unlock(&in->lock);
}

static void wait_for(struct inbox *in, unsigned count)
{
	(void)pthread_mutex_lock(&in->lock);
	while (in->count < count)
		(void)pthread_cond_wait(&in->changed, &in->lock);
	(void)pthread_mutex_unlock(&in->lock);
}

static struct inbox empty(void)
{
	return (struct inbox){ .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };
}

static struct notify job(void)
{
	return (struct notify){ .id = 7,
		.request_uri = phone_uri,
		.to_uri = "sip:1001@example.test",
		.event = "check-sync",
		.direct = true,
		.deadline_ms = 500 };
}

static const struct sipd_conf local = { .local_address = "127.0.0.1", .t1_ms = 20 };

static void one_job(void **state)
{
	struct inbox in = empty();
	struct notify n = job();
	struct sipd_counts c;
	struct err err = { 0 };
	struct sipd *d;

	(void)state;
	assert_int_equal(sipd_start(&local, on_result, &in, &d, &err), ERR_OK);
	assert_int_equal(sipd_submit(d, &n, &err), ERR_OK);
	wait_for(&in, 1);
	assert_int_equal(in.last.id, 7);
	assert_int_equal(in.last.status, 200);
	assert_int_equal(in.last.error, ERR_OK);
	assert_int_equal(in.last.secret, -1);
	assert_int_equal(in.last.rounds, 1);
	assert_string_equal(in.last.reason, "OK");
	sipd_stop(d);
	assert_int_equal(in.count, 1);
	assert_int_equal(sipd_start(&local, on_result, &in, &d, &err), ERR_OK); /* and again in the same process */
	sipd_counts(d, &c);
	assert_int_equal(c.submitted, 0);
	sipd_stop(d);
	sipd_stop(NULL);
}

static void bad_jobs(void **state)
{
	static const char *const uris[] = { "", "x", "tel:1", "sip:", "sip:a@b\r\nX:y", "sip:a@b c", "sip:a@\"b\"",
		"<sip:a@b>" };
	struct inbox in = empty();
	struct err err;
	struct sipd *d;

	(void)state;
	assert_int_equal(sipd_start(&local, on_result, &in, &d, &err), ERR_OK);
	for (size_t i = 0; i < sizeof uris / sizeof *uris; i++) {
		struct notify n = job();

		n.request_uri = uris[i];
		assert_int_equal(sipd_submit(d, &n, &err), ERR_INPUT);
	}
	struct notify n = job();

	n.direct = false;
	assert_int_equal(sipd_submit(d, &n, &err), ERR_INPUT);
	n.direct = true;
	n.event = "a b";
	assert_int_equal(sipd_submit(d, &n, &err), ERR_INPUT);
	n.event = NULL;
	assert_int_equal(sipd_submit(d, &n, &err), ERR_INPUT);
	n = job();
	n.auth_user = "a\"b";
	assert_int_equal(sipd_submit(d, &n, &err), ERR_INPUT);
	n = job();
	n.nsecrets = NOTIFY_SECRETS_MAX + 1;
	assert_int_equal(sipd_submit(d, &n, &err), ERR_INPUT);
	sipd_stop(d);
	assert_int_equal(in.count, 0);
}

static void bad_settings(void **state)
{
	struct sipd_conf c = local;
	struct sipd *d;
	struct err err;

	(void)state;
	c.local_address = "0.0.0.0";
	assert_int_equal(sipd_start(&c, on_result, NULL, &d, &err), ERR_INPUT);
	c.local_address = NULL;
	assert_int_equal(sipd_start(&c, on_result, NULL, &d, &err), ERR_INPUT);
	c.local_address = "192.0.2.77"; /* not ours */
	assert_int_equal(sipd_start(&c, on_result, NULL, &d, &err), ERR_IO);
	c = local;
	c.proxy = "proxy";
	assert_int_equal(sipd_start(&c, on_result, NULL, &d, &err), ERR_INPUT);
	c = local;
	c.tls_ca = "/nonexistent";
	assert_int_equal(sipd_start(&c, on_result, NULL, &d, &err), ERR_INPUT);
	c = local;
	c.dns_server = "not an address";
	assert_int_equal(sipd_start(&c, on_result, NULL, &d, &err), ERR_INPUT);
}

/* From the n-th allocation on there is no memory: an error at start or submit, or a result; never silence. */
static void no_memory(void **state)
{
	bool reached_the_end = false;

	(void)state;
	for (unsigned long i = 1; i < 60 && !reached_the_end; i++) {
		struct inbox in = empty();
		struct notify n = job();
		struct sipd *d = NULL;
		struct err err;
		enum err_code rc;

		mem_fail_from(i);
		rc = sipd_start(&local, on_result, &in, &d, &err);
		if (rc == ERR_OK) {
			rc = sipd_submit(d, &n, &err);
			if (rc == ERR_OK) {
				wait_for(&in, 1);
				reached_the_end = in.good == 1;
			}
			mem_fail_from(0);
			sipd_stop(d);
			assert_int_equal(in.count, rc == ERR_OK);
		}
		mem_fail_from(0);
		assert_true(rc == ERR_OK || rc == ERR_NOMEM);
	}
	assert_true(reached_the_end);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_job),
		cmocka_unit_test(bad_jobs),
		cmocka_unit_test(bad_settings),
		cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests(tests, phone_up, phone_down);
}
