/* The settings table: defaults, both sides of each range, and errors that say file:line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "provisioning/conf/settings.h"
#include "provisioning/conf/ways.h"

static enum err_code load(const char *text, struct settings *s, struct arena *a, struct err *err)
{
	char path[] = "/tmp/settings-XXXXXX";
	int fd = mkstemp(path);
	enum err_code e;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	settings_default(s, a);
	e = settings_load(s, path, a, err);
	unlink(path);
	return e;
}

static void good(void **state)
{
	struct arena a;
	struct settings s;
	struct err err;

	(void)state;
	arena_init(&a, 0);
	assert_int_equal(load("[server]\ndatabase = x/y.db\n[phones]\nport = 0\nidle-line = no\n[mail]\ntls = tls\n",
				 &s, &a, &err),
		ERR_OK);
	assert_string_equal(s.mail_tls, "tls"); /* though starttls, which stands before it, ends so */
	assert_string_equal(s.database, "/tmp/x/y.db");
	assert_int_equal(s.phones_port, 0);
	assert_false(s.idle_line);
	assert_int_equal(s.sip_t1_ms, 500);
	arena_release(&a);
}

static void ways(void **state)
{
	static const struct {
		const char *text;
		unsigned ways;
	} cases[] = {
		{ "[phones]\n", WAYS_ALL },
		{ "[phones]\nfirst-access-ways =\n", 0 },
		{ "[phones]\nfirst-access-ways = token\n", WAY_TOKEN },
		{ "[phones]\nfirst-access-ways = pairing certificate\n", WAY_PAIRING | WAY_CERTIFICATE },
		{ "[phones]\nfirst-access-ways = token token\n", WAY_TOKEN },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena a;
		struct settings s;
		struct err err = { 0 };

		arena_init(&a, 0);
		assert_int_equal(load(cases[i].text, &s, &a, &err), ERR_OK);
		assert_int_equal(ways_parse(s.first_access_ways), cases[i].ways);
		arena_release(&a);
	}
}

static void refused(void **state)
{
	static const struct {
		const char *text, *at, *says;
	} cases[] = {
		{ "[phones]\nport = 65536\n", ":2:", "from 0 to 65535" },
		{ "[phones]\nport = -1\n", ":2:", "from 0 to 65535" },
		{ "[phones]\n\nport = 12x\n", ":3:", "must be a number" },
		{ "[phones]\nprot = 1\n", ":2:", "did you mean port" },
		{ "[phone]\nport = 1\n", ":2:", "did you mean port in [phones]" },
		{ "[phones]\nport = 1\nport = 2\n", ":3:", "twice" },
		{ "[phones]\nidle-line = maybe\n", ":2:", "yes or no" },
		{ "[mail]\ntls = start\n", ":2:", "one of: starttls tls none" },
		{ "[phones]\ntrusted-proxies = 10.0.0.0/8 proxy1\n", ":2:", "trusted-proxies has \"proxy1\"" },
		{ "[phones]\nfailures-per-address = 4\n", ":2:", "from 5 to 500" },
		{ "[phones]\nfailures-per-address = 501\n", ":2:", "from 5 to 500" },
		{ "[phones]\nfailures-per-network = 801\n", ":2:", "from 5 to 800" },
		{ "[phones]\nfailures-total = 0\n", ":2:", "from 1 to 100000" },
		{ "[phones]\nban-seconds = 0\n", ":2:", "from 1 to 86400" },
		{ "[phones]\nban-seconds = 86401\n", ":2:", "from 1 to 86400" },
		{ "[phones]\nhttp-port = 65536\n", ":2:", "from 0 to 65535" },
		{ "[admin]\nproxy-hops = 0\n", ":2:", "from 1 to 8" },
		{ "[admin]\nproxy-hops = 9\n", ":2:", "from 1 to 8" },
		{ "[mail]\ntls = starttls tls\n", ":2:", "one of" },
		{ "[mail]\ntls =\n", ":2:", "one of" },
		{ "[phones]\nfirst-access-ways = smoke\n", ":2:", "these words" },
		{ "[phones]\nfirst-access-ways = token smoke\n", ":2:", "certificate token pairing" },
		{ "[phones]\nfirst-access-ways = token  pairing\n", ":2:", "one blank" },
		{ "[phones]\nfirst-access-ways = certificate token smoke\n", ":2:", "these words" },
		{ "[phones]\nfirst-access-ways = certificate token pairin\n", ":2:", "these words" },
		{ "[phones\n", ":1:", "neither" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena a;
		struct settings s;
		struct err err = { 0 };

		arena_init(&a, 0);
		assert_int_equal(load(cases[i].text, &s, &a, &err), ERR_INPUT);
		assert_non_null(strstr(err.text, cases[i].at));
		assert_non_null(strstr(err.text, cases[i].says));
		arena_release(&a);
	}
}

static void printed_reads_back(void **state)
{
	char path[] = "/tmp/settings-XXXXXX";
	struct settings s, t;
	struct arena a;
	struct err err = { 0 };
	FILE *f;

	(void)state;
	arena_init(&a, 0);
	settings_default(&s, &a);
	s.phones_port = 1234;
	s.idle_line = false;
	s.realm = "example.test";
	f = fdopen(mkstemp(path), "w");
	settings_print(&s, f);
	fclose(f);
	settings_default(&t, &a);
	assert_int_equal(settings_load(&t, path, &a, &err), ERR_OK);
	unlink(path);
	assert_int_equal(t.phones_port, 1234);
	assert_false(t.idle_line);
	assert_string_equal(t.realm, "example.test");
	arena_release(&a);
}

static void missing_file(void **state)
{
	struct arena a;
	struct settings s;
	struct err err = { 0 };

	(void)state;
	arena_init(&a, 0);
	settings_default(&s, &a);
	assert_int_equal(settings_load(&s, "/nonexistent/rekeyd.conf", &a, &err), ERR_IO);
	assert_non_null(strstr(err.text, "rekeyd init"));
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(ways),
		cmocka_unit_test(refused),
		cmocka_unit_test(printed_reads_back),
		cmocka_unit_test(missing_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
