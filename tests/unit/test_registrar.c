/* The credential file, the events, Kamailio's answers and its configuration: what needs no Kamailio. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <pthread.h>
#include <sys/stat.h>

#include "phonecfg/base/mem.h"
#include "provisioning/registrar/events.h"
#include "provisioning/registrar/kamailio_conf.h"
#include "provisioning/registrar/registrar.h"
#include "provisioning/registrar/ul_answer.h"

static char dir[] = "/tmp/registrar-XXXXXX";
static char path[64];

static struct secret secret_of(const char *s)
{
	return (struct secret){ s, strlen(s) };
}

static struct registrar *open_registrar(bool *rebuilt)
{
	struct registrar_conf c = { .db_path = path,
		.rpc_url = "http://127.0.0.1:1/RPC",
		.rpc_key = secret_of("k"),
		.notify_user = "rekeyd",
		.notify_realm = "e.test",
		.notify_secret = secret_of("tell") };
	struct registrar *r = NULL;
	struct err err = { 0 };

	if (kamailio_open(&c, rebuilt, &r, &err))
		fail_msg("%s", err.text);
	return r;
}

static void remove_file(void)
{
	static const char *const tails[] = { "", "-wal", "-shm", ".broken", ".broken-wal", ".broken-shm" };
	char p[96];

	for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
		(void)snprintf(p, sizeof p, "%s%s", path, tails[i]);
		(void)unlink(p);
	}
}

static int fresh_file(void **state)
{
	(void)state;
	remove_file();
	return 0;
}

static struct credential cred(const char *user, const char *password, int64_t revision, char ha1[REGISTRAR_HA1_TEXT])
{
	struct secret p = secret_of(password);

	registrar_ha1(user, "e.test", &p, ha1);
	return (struct credential){ user, "e.test", "e.test", secret_of(ha1), revision };
}

/* md5 of "Mufasa:http-auth@example.org:Circle of Life", RFC 7616 3.9.1 */
static void ha1(void **state)
{
	struct secret p = secret_of("Circle of Life");
	char out[REGISTRAR_HA1_TEXT];

	(void)state;
	registrar_ha1("Mufasa", "http-auth@example.org", &p, out);
	assert_string_equal(out, "3d78807defe7de2157e2b0b6573a855f");
}

static void set_get_remove(void **state)
{
	char h1[REGISTRAR_HA1_TEXT], h2[REGISTRAR_HA1_TEXT];
	struct credential one = cred("1001", "a", 1, h1), two = cred("1001", "b", 2, h2), got;
	struct registrar *r = open_registrar(NULL);
	struct err err = { 0 };
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	assert_int_equal(registrar_get(r, "1001", "e.test", &a, &got, &err), ERR_NOT_FOUND);
	assert_int_equal(registrar_set(r, &one, &err), ERR_OK);
	assert_int_equal(registrar_set(r, &two, &err), ERR_OK);
	assert_int_equal(registrar_set(r, &one, &err), ERR_CONFLICT);
	assert_non_null(strstr(err.text, "newer"));
	assert_null(strstr(err.text, h2));
	assert_int_equal(registrar_get(r, "1001", "e.test", &a, &got, &err), ERR_OK);
	assert_true(secret_eq(&got.ha1, &two.ha1));
	assert_int_equal(got.revision, 2);
	assert_int_equal(registrar_remove(r, "1001", "e.test", 1, &err), ERR_CONFLICT);
	assert_int_equal(registrar_remove(r, "1001", "e.test", 2, &err), ERR_OK);
	assert_int_equal(registrar_remove(r, "1001", "e.test", 2, &err), ERR_OK);
	assert_int_equal(registrar_get(r, "1001", "e.test", &a, &got, &err), ERR_NOT_FOUND);
	arena_release(&a);
	registrar_close(r);
}

static void bad_credentials(void **state)
{
	char h[REGISTRAR_HA1_TEXT];
	struct credential c = cred("1001", "a", 1, h);
	struct registrar *r = open_registrar(NULL);
	struct err err = { 0 };

	(void)state;
	c.ha1 = secret_of("a");
	assert_int_equal(registrar_set(r, &c, &err), ERR_INPUT);
	c.ha1 = secret_of("3D78807DEFE7DE2157E2B0B6573A855F");
	assert_int_equal(registrar_set(r, &c, &err), ERR_INPUT);
	assert_null(strstr(err.text, "3D78"));
	c = cred("", "a", 1, h);
	assert_int_equal(registrar_set(r, &c, &err), ERR_INPUT);
	registrar_close(r);
}

static void sync_makes_it_whole(void **state)
{
	char h[4][REGISTRAR_HA1_TEXT];
	struct credential v[3] = { cred("1001", "a", 9, h[0]), cred("1002", "b", 1, h[1]), cred("1003", "c", 1, h[2]) };
	struct credential_list want = { v, 2 }, got;
	struct credential newer = cred("1001", "z", 50, h[3]);
	struct registrar *r = open_registrar(NULL);
	struct registrar_sync s;
	struct err err = { 0 };
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	assert_int_equal(registrar_sync(r, &want, &s, &err), ERR_OK);
	assert_int_equal(s.added, 2);
	assert_int_equal(registrar_set(r, &newer, &err), ERR_OK);
	want = (struct credential_list){ v, 3 };
	assert_int_equal(registrar_sync(r, &want, &s, &err), ERR_OK); /* the list wins over a newer revision */
	assert_int_equal(s.added, 1);
	assert_int_equal(s.changed, 1);
	assert_int_equal(s.same, 1);
	assert_int_equal(registrar_all(r, &a, &got, &err), ERR_OK);
	assert_int_equal(got.n, 3); /* and not the service row */
	assert_string_equal(got.v[0].user, "1001");
	assert_true(secret_eq(&got.v[0].ha1, &v[0].ha1));
	v[2].ha1 = secret_of("broken");
	assert_int_equal(registrar_sync(r, &want, &s, &err), ERR_INPUT);
	assert_int_equal(registrar_all(r, &a, &got, &err), ERR_OK);
	assert_int_equal(got.n, 3); /* all or nothing */
	arena_release(&a);
	registrar_close(r);
}

static void lost_and_broken_files(void **state)
{
	char h[REGISTRAR_HA1_TEXT], broken[96];
	struct credential c = cred("1001", "a", 1, h), got;
	bool rebuilt = false;
	struct registrar *r = open_registrar(&rebuilt);
	struct err err = { 0 };
	struct stat st;
	struct arena a;
	FILE *f;

	(void)state;
	arena_init(&a, 0);
	assert_true(rebuilt);
	assert_int_equal(registrar_set(r, &c, &err), ERR_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	remove_file(); /* under our feet */
	assert_int_equal(registrar_get(r, "1001", "e.test", &a, &got, &err), ERR_IO);
	assert_int_equal(registrar_set(r, &c, &err), ERR_IO);
	registrar_close(r);
	r = open_registrar(&rebuilt);
	assert_true(rebuilt);
	assert_int_equal(registrar_set(r, &c, &err), ERR_OK);
	registrar_close(r);
	r = open_registrar(&rebuilt);
	assert_false(rebuilt);
	registrar_close(r);
	remove_file();
	f = fopen(path, "w");
	assert_non_null(f);
	for (int i = 0; i < 1000; i++)
		(void)fputs("this is no database\n", f);
	(void)fclose(f);
	r = open_registrar(&rebuilt);
	assert_true(rebuilt);
	(void)snprintf(broken, sizeof broken, "%s.broken", path);
	assert_int_equal(access(broken, F_OK), 0);
	registrar_close(r);
	arena_release(&a);
}

static void no_place(void **state)
{
	struct registrar_conf c = { .db_path = "/nonexistent/dir/x.db", .rpc_url = "http://127.0.0.1:1/RPC" };
	struct registrar *r = NULL;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(kamailio_open(&c, NULL, &r, &err), ERR_IO);
	assert_non_null(strstr(err.text, "/nonexistent/dir/x.db"));
	c.db_path = path;
	c.rpc_url = NULL;
	assert_int_equal(kamailio_open(&c, NULL, &r, &err), ERR_INPUT);
}

static void *writer(void *arg)
{
	char h[REGISTRAR_HA1_TEXT];

	for (int i = 1; i <= 50; i++) {
		char user[16];
		struct credential c;

		(void)snprintf(user, sizeof user, "2%03d", i);
		c = cred(user, "x", 1, h);
		if (registrar_set(arg, &c, NULL))
			return arg;
	}
	return NULL;
}

static void several_workers(void **state)
{
	struct registrar *r = open_registrar(NULL);
	struct credential_list l;
	pthread_t t[4];
	struct arena a;
	void *bad;

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&t[i], NULL, writer, r), 0);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(t[i], &bad), 0);
		assert_null(bad);
	}
	arena_init(&a, 0);
	assert_int_equal(registrar_all(r, &a, &l, NULL), ERR_OK);
	assert_int_equal(l.n, 50);
	arena_release(&a);
	registrar_close(r);
}

/* ---- answers of JSON-RPC, as Kamailio 5.6 was seen to write them ---- */

static void lookup_answers(void **state)
{
	static const char two[] =
		"{\"jsonrpc\":\"2.0\",\"result\":{\"AoR\":\"1001@e.test\",\"Contacts\":[{\"Contact\":{\"Address\":"
		"\"sip:1001@192.168.7.7:5060;transport=tcp\",\"Expires\":599,\"Q\":-1,\"Call-ID\":\"c1\",\"CSeq\":2,\"User-Agent\":\"UA\","
		"\"Received\":\"sip:[2001:db8::1]:40112;transport=tcp\",\"Path\":\"[not set]\",\"State\":\"CS_NEW\",\"Socket\":\"tcp:1.2.3.4:5060\","
		"\"Instance\":\"<urn:uuid:1>\",\"Last-Modified\":1795399432}},{\"Contact\":{\"Address\":\"sip:1001@10.0.0.9:5062\","
		"\"Expires\":12,\"Received\":\"[not set]\",\"Last-Modified\":1795399400}},{\"Contact\":{\"Address\":\"sip:gone@1.1.1.1\","
		"\"Expires\":\"expired\"}}]},\"id\":1}";
	struct binding_list l;
	struct err err = { 0 };
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	assert_int_equal(ul_lookup_answer(slice_str(two), &a, &l, &err), ERR_OK);
	assert_int_equal(l.n, 2);
	assert_string_equal(l.v[0].contact, "sip:1001@10.0.0.9:5062");
	assert_string_equal(l.v[0].source, "10.0.0.9");
	assert_null(l.v[0].received);
	assert_int_equal(l.v[0].expires_s, 12);
	assert_string_equal(l.v[1].source, "2001:db8::1");
	assert_string_equal(l.v[1].received, "sip:[2001:db8::1]:40112;transport=tcp");
	assert_string_equal(l.v[1].instance, "<urn:uuid:1>");
	assert_null(l.v[1].path);
	assert_int_equal(l.v[1].refreshed, 1795399432);
	arena_release(&a);
}

static void absent_and_broken_answers(void **state)
{
	static const struct {
		const char *body;
		enum err_code lookup, rm;
	} cases[] = {
		{ "{\"error\":{\"code\":500,\"message\":\"AOR not found in location table\"},\"id\":1}", ERR_OK,
			ERR_OK },
		{ "{\"error\":{\"code\":500,\"message\":\"AOR has no contacts\"},\"id\":1}", ERR_OK, ERR_OK },
		{ "{\"error\":{\"code\":404,\"message\":\"Contact not found\"},\"id\":1}", ERR_OK, ERR_OK },
		{ "{\"error\":{\"code\":500,\"message\":\"Location table not found\"},\"id\":1}", ERR_IO, ERR_IO },
		{ "{\"error\":{}}", ERR_IO, ERR_IO },
		{ "{\"result\":{}}", ERR_IO, ERR_OK },
		{ "{\"result\":{\"Contacts\":[{},{\"Contact\":{}},{\"Contact\":{\"Address\":7}}]}}", ERR_OK, ERR_OK },
		{ "[]", ERR_IO, ERR_IO },
		{ "", ERR_IO, ERR_IO },
		{ "{\"result\":", ERR_IO, ERR_IO },
		{ "<html>", ERR_IO, ERR_IO },
	};
	struct binding_list l;
	struct err err;
	struct arena a;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		arena_init(&a, 0);
		if (ul_lookup_answer(slice_str(cases[i].body), &a, &l, &err) != cases[i].lookup ||
			ul_rm_answer(slice_str(cases[i].body), &err) != cases[i].rm || l.n)
			fail_msg("%s", cases[i].body);
		arena_release(&a);
	}
}

/* ---- events ---- */

static const struct secret key = { "0123456789abcdefgh", 18 };

static void event_fields(void **state)
{
	/* 1001, example.test, "A" <sip:1001@10.0.0.9>;expires=60, no Expires, id@x, UA with a line break */
	static const char good[] =
		"rekey1 0123456789abcdefgh accepted - 7 1795399432 tcp 10.0.0.9 40112 31303031 6578616d706c652e74657374 "
		"224122203c7369703a313030314031302e302e302e393e3b657870697265733d3630 <null> 69644078 5541200a78";
	struct registration_event e;

	(void)state;
	assert_true(registration_parse(slice_str(good), &key, &e));
	assert_int_equal(e.kind, REGISTRATION_ACCEPTED);
	assert_string_equal(e.user, "1001");
	assert_string_equal(e.domain, "example.test");
	assert_string_equal(e.contact, "sip:1001@10.0.0.9");
	assert_string_equal(e.call_id, "id@x");
	assert_string_equal(e.user_agent, "UA ?x");
	assert_string_equal(e.source, "10.0.0.9");
	assert_string_equal(e.transport, "tcp");
	assert_int_equal(e.port, 40112);
	assert_int_equal(e.revision, 7);
	assert_int_equal(e.expires_s, 60);
	assert_int_equal(e.time, 1795399432);
}

static void events_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"rekey1",
		"rekey2 0123456789abcdefgh accepted - 7 1 tcp 10.0.0.9 1 31 31 31 31 31 31",
		"rekey1 0123456789abcdefgx accepted - 7 1 tcp 10.0.0.9 1 31 31 31 31 31 31",
		"rekey1 0123456789abcdefg accepted - 7 1 tcp 10.0.0.9 1 31 31 31 31 31 31",
		"rekey1  accepted - 7 1 tcp 10.0.0.9 1 31 31 31 31 31 31",
		"rekey1 0123456789abcdefgh adopted - 7 1 tcp 10.0.0.9 1 31 31 31 31 31 31",
		"rekey1 0123456789abcdefgh accepted - -7 1 tcp 10.0.0.9 1 31 31 31 31 31 31",
		"rekey1 0123456789abcdefgh accepted - 9999999999999999999 1 tcp 10.0.0.9 1 31 31 31 31 31 31",
		"rekey1 0123456789abcdefgh accepted - 7 1 tcp 10.0.0.9 65536 31 31 31 31 31 31",
		"rekey1 0123456789abcdefgh accepted - 7 1 tcpudptls 10.0.0.9 1 31 31 31 31 31 31",
		"rekey1 0123456789abcdefgh accepted - 7 1 tcp 10.0.0.9 1 3 31 31 31 31 31",
		"rekey1 0123456789abcdefgh accepted - 7 1 tcp 10.0.0.9 1 3g 31 31 31 31 31",
		"rekey1 0123456789abcdefgh accepted - 7 1 tcp 10.0.0.9 1 <null> 31 31 31 31 31",
		"rekey1 0123456789abcdefgh accepted - 7 1 tcp 10.0.0.9 1 31 31 31 31 31 31 31",
	};
	struct registration_event e;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (registration_parse(slice_str(bad[i]), &key, &e))
			fail_msg("%s", bad[i]);
	assert_true(registration_parse(
		SLICE_LIT("rekey1 0123456789abcdefgh refused password 0 1 udp ::1 1 31 31 <null> 3330 <null> <null>"),
		&key, &e));
	assert_int_equal(e.kind, REGISTRATION_REFUSED);
	assert_string_equal(e.reason, "password");
	assert_int_equal(e.expires_s, 30);
}

static void short_key(void **state)
{
	struct registrar_events *e = NULL;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(registrar_events_open("127.0.0.1", 0, secret_of("short"), NULL, NULL, &e, &err), ERR_INPUT);
	assert_int_equal(registrar_events_open("127.0.0.1", 0, secret_of("0123456789abcdef g"), NULL, NULL, &e, &err),
		ERR_INPUT);
	assert_int_equal(registrar_events_open("localhost", 0, key, NULL, NULL, &e, &err), ERR_INPUT);
	assert_int_equal(registrar_events_open("192.0.2.1", 0, key, NULL, NULL, &e, &err), ERR_IO);
}

/* ---- the configuration ---- */

static struct kamailio_run run_values(void)
{
	return (struct kamailio_run){ .cfg = "/x/kamailio.cfg",
		.dir = dir,
		.address = "127.0.0.1",
		.port = 5060,
		.rpc_port = 5062,
		.db_path = "/x/r.db",
		.events_address = "127.0.0.1",
		.events_port = 9,
		.events_key = secret_of("abcdefgh"),
		.rpc_key = secret_of("ijklmnop"),
		.notify_user = "rekeyd",
		.notify_realm = "e.test" };
}

static void configuration(void **state)
{
	struct kamailio_run r = run_values();
	struct err err = { 0 };
	char file[96], text[8192];
	struct stat st;
	FILE *f;
	size_t n;

	(void)state;
	(void)snprintf(file, sizeof file, "%s/kamailio.cfg", dir);
	assert_int_equal(kamailio_conf_write(&r, &err), ERR_OK);
	assert_int_equal(kamailio_conf_write(&r, &err), ERR_OK);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	f = fopen(file, "r");
	assert_non_null(f);
	n = fread(text, 1, sizeof text - 1, f);
	(void)fclose(f);
	text[n] = 0;
	assert_non_null(strstr(text, "#!define LISTEN_UDP udp:127.0.0.1:5060\n"));
	assert_non_null(strstr(text, "#!define DB_URL \"sqlite:////x/r.db\"\n"));
	assert_non_null(strstr(text, "#!define RPC_AUTHORIZATION \"Bearer ijklmnop\"\n"));
	assert_non_null(strstr(text, "include_file \"/x/kamailio.cfg\"\n"));
	assert_non_null(strstr(text, "#!define TRUNK_FROM \"-\"\n")); /* no address: nobody calls without a digest */
	assert_non_null(strstr(text, "#!define CALLED_REALM $rd\n"));
	assert_null(strstr(text, "WITH_TLS"));
	(void)unlink(file);
}

static void configuration_refuses(void **state)
{
	struct kamailio_run r = run_values();
	struct err err = { 0 };

	(void)state;
	r.db_path = "/x/\"\n#!define";
	assert_int_equal(kamailio_conf_write(&r, &err), ERR_INPUT);
	r = run_values();
	r.rpc_key = secret_of("a\"b");
	assert_int_equal(kamailio_conf_write(&r, &err), ERR_INPUT);
	assert_null(strstr(err.text, "a\"b"));
	r = run_values();
	r.events_key = secret_of("");
	assert_int_equal(kamailio_conf_write(&r, &err), ERR_INPUT);
	r = run_values();
	r.trunk_from = "127.0.0.1\"\n";
	assert_int_equal(kamailio_conf_write(&r, &err), ERR_INPUT);
	r = run_values();
	r.tls_port = 5061;
	assert_int_equal(kamailio_conf_write(&r, &err), ERR_INPUT);
	r = run_values();
	r.dir = "/nonexistent";
	assert_int_equal(kamailio_conf_write(&r, &err), ERR_IO);
}

/* Each allocation in turn fails: an error, never a crash or a half-written row. */
static void no_memory(void **state)
{
	struct registrar_conf c = { .db_path = path, .rpc_url = "http://127.0.0.1:1/RPC" };
	struct registrar *r;
	struct err err;

	(void)state;
	for (unsigned long i = 1; i < 50; i++) {
		r = NULL;
		mem_fail_from(i);
		enum err_code rc = kamailio_open(&c, NULL, &r, &err);

		mem_fail_from(0);
		if (rc == ERR_OK) {
			registrar_close(r);
			return;
		}
		assert_int_equal(rc, ERR_NOMEM);
	}
	fail();
}

/* One that waits in vain for 80 ms, or refuses at once. */
struct slow {
	struct registrar base;
	unsigned asked, wait_ms;
	bool answers;
};

static enum err_code slow_bindings(
	struct registrar *r, const char *aor, struct arena *a, struct binding_list *out, struct err *err)
{
	struct slow *s = (struct slow *)r;
	struct timespec t = { 0, (long)s->wait_ms * 1000000 };

	(void)aor;
	(void)a;
	(void)out;
	s->asked++;
	(void)nanosleep(&t, NULL);
	return s->answers ? ERR_OK : err_set(err, ERR_IO, "no answer");
}

static enum err_code slow_unbind(struct registrar *r, const char *aor, const char *contact, struct err *err)
{
	struct binding_list list;

	return slow_bindings(r, aor, (struct arena *)(uintptr_t)contact, &list, err);
}

static const struct registrar_ops slow_ops = { .name = "slow", .bindings = slow_bindings, .unbind = slow_unbind };

static void one_that_hangs_is_not_asked_again_at_once(void **state)
{
	struct slow s = { .base.ops = &slow_ops, .wait_ms = 80 };
	struct registrar_health h;
	struct binding_list list;
	struct err err = { 0 };
	struct timespec later = { 0, 900 * 1000000 };

	(void)state;
	registrar_health(&s.base, &h);
	assert_false(h.down);
	assert_int_equal(registrar_bindings(&s.base, "a@b", NULL, &list, &err), ERR_IO);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(registrar_bindings(&s.base, "a@b", NULL, &list, &err), ERR_IO);
		assert_int_equal(registrar_unbind(&s.base, "a@b", "c", &err), ERR_IO);
		assert_non_null(strstr(err.text, "a moment ago"));
	}
	assert_int_equal(s.asked, 1);
	registrar_health(&s.base, &h);
	assert_true(h.down && h.asked == 1 && h.failed == 1);
	(void)nanosleep(&later, NULL); /* four times as long as it took, and more */
	s.answers = true;
	assert_int_equal(registrar_bindings(&s.base, "a@b", NULL, &list, &err), ERR_OK);
	assert_int_equal(registrar_unbind(&s.base, "a@b", "c", &err), ERR_OK);
	assert_int_equal(s.asked, 3);
	registrar_health(&s.base, &h);
	assert_true(!h.down && h.asked == 3 && h.failed == 1);
}

static void one_that_refuses_at_once_is_asked_each_time(void **state)
{
	struct slow s = { .base.ops = &slow_ops };
	struct binding_list list;
	struct err err = { 0 };

	(void)state;
	for (int i = 0; i < 5; i++) {
		struct timespec later = { 0, 20 * 1000000 };

		assert_int_equal(registrar_bindings(&s.base, "a@b", NULL, &list, &err), ERR_IO);
		(void)nanosleep(&later, NULL);
	}
	assert_int_equal(s.asked, 5);
}

static void a_kind_that_is_none_is_said(void **state)
{
	struct registrar_conf conf = {
		.db_path = path, .rpc_url = "http://127.0.0.1:1/RPC", .rpc_key = secret_of("k")
	};
	struct registrar *r = NULL;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(registrar_open("asterisk", &conf, NULL, &r, &err), ERR_INPUT);
	assert_non_null(strstr(err.text, "kamailio or none"));
	assert_int_equal(registrar_open("kamailio", &conf, NULL, &r, &err), ERR_OK);
	registrar_close(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ha1),
		cmocka_unit_test_setup(set_get_remove, fresh_file),
		cmocka_unit_test_setup(bad_credentials, fresh_file),
		cmocka_unit_test_setup(sync_makes_it_whole, fresh_file),
		cmocka_unit_test_setup(lost_and_broken_files, fresh_file),
		cmocka_unit_test_setup(no_place, fresh_file),
		cmocka_unit_test_setup(several_workers, fresh_file),
		cmocka_unit_test(lookup_answers),
		cmocka_unit_test(absent_and_broken_answers),
		cmocka_unit_test(event_fields),
		cmocka_unit_test(events_refused),
		cmocka_unit_test(short_key),
		cmocka_unit_test(configuration),
		cmocka_unit_test(configuration_refuses),
		cmocka_unit_test_setup(no_memory, fresh_file),
		cmocka_unit_test(one_that_hangs_is_not_asked_again_at_once),
		cmocka_unit_test(one_that_refuses_at_once_is_asked_each_time),
		cmocka_unit_test_setup(a_kind_that_is_none_is_said, fresh_file),
	};
	int failed;

	if (!mkdtemp(dir))
		return 1;
	(void)snprintf(path, sizeof path, "%s/r.db", dir);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	remove_file();
	(void)rmdir(dir);
	return failed;
}
