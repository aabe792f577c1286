#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "phonecfg/base/mem.h"
#include "phonecfg/model/words.h"

static void the_table_is_in_order_and_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < word_count(); i++) {
		const struct word *w = word_at(i);
		char type[200], one[300], other[300];
		struct err err;
		assert_ptr_equal(word_find(w->name), w);
		assert_true(i == 0 || strcmp(word_at(i - 1)->name, w->name) < 0);
		assert_non_null(w->help);
		assert_non_null(w->def);
		word_type(w, type, sizeof(type));
		assert_true(strlen(type) > 5);
		assert_null(strstr(w->name, "password"));
		assert_true(word_sample(w, 1, one, sizeof(one)));
		for (size_t k = 0; word_sample(w, k, one, sizeof(one)); k++) {
			if (word_check(w, one, &err))
				fail_msg("%s", err.text);
			for (size_t m = 0; m < k; m++) {
				word_sample(w, m, other, sizeof(other));
				assert_string_not_equal(one, other);
			}
		}
	}
	assert_null(word_at(word_count()));
	assert_null(word_find("password"));
	assert_null(word_find(""));
}

/* Limits from both sides. */
static void values_in_and_out_of_range(void **state)
{
	static const struct {
		const char *word, *value;
		bool fine;
	} cases[] = {
		{ "expires", "60", true },
		{ "expires", "59", false },
		{ "expires", "604800", true },
		{ "expires", "604801", false },
		{ "expires", "99999999999", false },
		{ "expires", "-60", false },
		{ "expires", "60 ", false },
		{ "expires", "1e3", false },
		{ "expires", "", true },
		{ "keepalive-seconds", "10", true },
		{ "keepalive-seconds", "9", false },
		{ "keepalive-seconds", "3600", true },
		{ "keepalive-seconds", "3601", false },
		{ "poll-minutes", "1", true },
		{ "poll-minutes", "0", false },
		{ "poll-minutes", "43200", true },
		{ "poll-minutes", "43201", false },
		{ "port", "0", false },
		{ "port", "65535", true },
		{ "port", "65536", false },
		{ "srtp", "required", true },
		{ "srtp", "Required", false },
		{ "srtp", "off|optional", false },
		{ "srtp", "op", false },
		{ "tls-minimum", "1.2", true },
		{ "tls-minimum", "1.4", false },
		{ "keep-logs", "true", true },
		{ "keep-logs", "off", true },
		{ "keep-logs", "2", false },
		{ "codecs", "g722", true },
		{ "codecs", "g722,pcma, pcmu", true },
		{ "codecs", "g722 g722", false },
		{ "codecs", "g723", false },
		{ "codecs", " ", false },
		{ "codecs", "pcmu pcma g722 g729 opus ilbc g726-32", true },
		{ "codecs", "pcmu pcma g722 g729 opus ilbc g726-32 pcmu", false },
		{ "poll-window", "22:00-06:00", true },
		{ "poll-window", "00:00-23:59", true },
		{ "poll-window", "24:00-06:00", false },
		{ "poll-window", "22:60-06:00", false },
		{ "poll-window", "22:00-22:00", false },
		{ "poll-window", "22:00-06:00 ", false },
		{ "poll-window", "22:00", false },
		{ "poll-window", "2200-0600", false },
		{ "tone", "DE", true },
		{ "tone", "de", false },
		{ "tone", "DEU", false },
		{ "language", "pt-br", true },
		{ "language", "D", false },
		{ "language", "deutsch-deutsch-x", false },
		{ "ntp", "2.pool.ntp.org", true },
		{ "ntp", "[2001:db8::1]", true },
		{ "ntp", "a b", false },
		{ "ntp", "a\nb", false },
		{ "ntp", "a;b", false },
		{ "phonebook-url", "https://x.example/book.xml?a=1&b=2", true },
		{ "phonebook-url", "ftp://x.example/", false },
		{ "phonebook-url", "ldap://x.example:389/dc=x", true },
		{ "firmware-url", "ldap://x.example/", false },
		{ "phonebook-url", "https://", false },
		{ "phonebook-url", "https://x.example/a b", false },
		{ "phonebook-url", "https://x.example/\"", false },
		{ "timezone", "America/Argentina/Buenos_Aires", true },
		{ "timezone", "Etc/GMT+5", true },
		{ "timezone", "Europe/Berlin\n", false },
		{ "voicemail", "*97", true },
		{ "voicemail", "*9 7", false },
		{ "voicemail", "<97>", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct err err = { 0 };
		enum err_code rc = word_check(word_find(cases[i].word), cases[i].value, &err);
		if ((rc == ERR_OK) != cases[i].fine)
			fail_msg("%s \"%s\": %s", cases[i].word, cases[i].value, rc ? err.text : "taken");
		if (rc)
			assert_int_equal(strncmp(err.text, cases[i].word, strlen(cases[i].word)), 0);
	}
}

static void lengths_of_text(void **state)
{
	char url[300], host[300];

	(void)state;
	memset(url, 'a', sizeof(url));
	memcpy(url, "https://", 8);
	url[255] = 0;
	assert_int_equal(word_check(word_find("phonebook-url"), url, NULL), ERR_OK);
	url[255] = 'a';
	url[256] = 0;
	assert_int_equal(word_check(word_find("phonebook-url"), url, NULL), ERR_INPUT);
	memset(host, 'a', sizeof(host));
	host[253] = 0;
	assert_int_equal(word_check(word_find("proxy"), host, NULL), ERR_OK);
	host[253] = 'a';
	host[254] = 0;
	assert_int_equal(word_check(word_find("proxy"), host, NULL), ERR_INPUT);
}

static void sentences(void **state)
{
	struct err err;

	(void)state;
	word_check(word_find("expires"), "5", &err);
	assert_string_equal(err.text, "expires must be a whole number from 60 to 604800 s");
	word_check(word_find("srtp"), "yes", &err);
	assert_string_equal(err.text, "srtp must be one of off|optional|required");
	word_check(word_find("tone"), "Germany", &err);
	assert_string_equal(err.text, "tone must be a country of two capital letters such as DE");
}

static struct account accounts[3];
static struct phone base;

static void fresh(struct override *overrides, size_t n)
{
	accounts[0] = (struct account){ .slot = 1, .use = ACCOUNT_LINE, .user = "1", .expires_s = 1800 };
	accounts[1] = (struct account){ .slot = 2, .use = ACCOUNT_NONE, .expires_s = 1800 };
	accounts[2] = (struct account){ .slot = 3, .use = ACCOUNT_IDLE, .user = "3" };
	base = (struct phone){
		.timezone = "UTC", .accounts = accounts, .naccounts = 3, .overrides = overrides, .noverrides = n
	};
}

static void apply(struct arena *a, struct phone *out, struct word_source **from, size_t *n)
{
	struct err err;

	if (phone_apply_words(&base, a, out, from, n, &err))
		fail_msg("%s", err.text);
}

static void a_later_layer_wins(void **state)
{
	static struct override overrides[] = {
		{ LAYER_PHONE, "srtp", "required" },
		{ LAYER_BRAND, "srtp", "off" },
		{ LAYER_SITE, "timezone", "Europe/Berlin" },
		{ LAYER_DOMAIN, "timezone", "Asia/Kolkata" },
		{ LAYER_MODEL, "x.y", "1" },
		{ LAYER_BRAND, "x.y", "2" },
		{ LAYER_BRAND, "expires", "600" },
		{ LAYER_DOMAIN, "transport", "tls" },
		{ LAYER_BRAND, "codecs", "g729,pcma" },
		{ LAYER_SITE, "keep-logs", "yes" },
	};
	struct word_source *from;
	struct phone out;
	struct arena a;
	size_t n;

	(void)state;
	arena_init(&a, 0);
	fresh(overrides, sizeof(overrides) / sizeof(*overrides));
	apply(&a, &out, &from, &n);
	assert_int_equal(out.set.srtp, SRTP_REQUIRED);
	assert_string_equal(out.timezone, "Europe/Berlin");
	assert_int_equal(out.set.ncodecs, 2);
	assert_int_equal(out.set.codecs[0], CODEC_G729);
	assert_int_equal(out.set.codecs[1], CODEC_PCMA);
	assert_true(out.set.keep_logs);
	assert_int_equal(out.accounts[0].expires_s, 600);
	assert_int_equal(out.accounts[0].transport, TRANSPORT_TLS);
	assert_int_equal(out.accounts[1].expires_s, 1800);
	assert_int_equal(out.accounts[1].transport, TRANSPORT_UDP);
	assert_int_equal(out.accounts[2].expires_s, 600);
	assert_int_equal(out.noverrides, 1);
	assert_string_equal(out.overrides[0].name, "x.y");
	assert_string_equal(out.overrides[0].value, "1");
	assert_int_equal(out.overrides[0].layer, LAYER_MODEL);
	assert_int_equal(n, 6);
	assert_string_equal(from[3].word->name, "srtp");
	assert_int_equal(from[3].layer, LAYER_PHONE);
	assert_string_equal(from[4].word->name, "timezone");
	assert_int_equal(from[4].layer, LAYER_SITE);
	/* What came in is as it was. */
	assert_int_equal(accounts[0].expires_s, 1800);
	assert_string_equal(base.timezone, "UTC");
	assert_int_equal(base.noverrides, 10);
	arena_release(&a);
}

static void window_and_minutes_exclude_each_other(void **state)
{
	static struct override later_minutes[] = { { LAYER_BRAND, "poll-window", "22:00-06:00" },
		{ LAYER_PHONE, "poll-minutes", "5" } };
	static struct override later_window[] = { { LAYER_PHONE, "poll-window", "22:00-06:30" },
		{ LAYER_BRAND, "poll-minutes", "5" } };
	static struct override both[] = { { LAYER_SITE, "poll-window", "22:00-06:30" },
		{ LAYER_SITE, "poll-minutes", "5" } };
	struct phone out;
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	fresh(later_minutes, 2);
	apply(&a, &out, NULL, NULL);
	assert_false(out.set.poll_windowed);
	assert_int_equal(out.poll_minutes, 5);
	fresh(later_window, 2);
	apply(&a, &out, NULL, NULL);
	assert_true(out.set.poll_windowed);
	assert_int_equal(out.set.poll_from, 22 * 60);
	assert_int_equal(out.set.poll_to, 6 * 60 + 30);
	fresh(both, 2);
	apply(&a, &out, NULL, NULL);
	assert_true(out.set.poll_windowed);
	arena_release(&a);
}

static void empty_sets_the_default_again(void **state)
{
	static struct override overrides[] = { { LAYER_PHONE, "timezone", "" },
		{ LAYER_BRAND, "timezone", "Asia/Tokyo" }, { LAYER_BRAND, "expires", "" },
		{ LAYER_BRAND, "transport", "" }, { LAYER_BRAND, "codecs", "" }, { LAYER_BRAND, "poll-window", "" },
		{ LAYER_BRAND, "keep-contacts", "" } };
	struct phone out;
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	fresh(overrides, sizeof(overrides) / sizeof(*overrides));
	base.set.ncodecs = 2;
	base.set.poll_windowed = true;
	base.set.keep_contacts = true;
	accounts[0].transport = TRANSPORT_TLS;
	apply(&a, &out, NULL, NULL);
	assert_null(out.timezone);
	assert_int_equal(out.accounts[0].expires_s, 0);
	assert_int_equal(out.accounts[0].transport, TRANSPORT_UDP);
	assert_int_equal(out.set.ncodecs, 0);
	assert_false(out.set.poll_windowed);
	assert_false(out.set.keep_contacts);
	arena_release(&a);
}

/* What should never have been kept does no harm: the layer below it stands. */
static void bad_ones_are_left_out(void **state)
{
	static struct override overrides[] = { { LAYER_PHONE, "srtp", "perhaps" }, { LAYER_BRAND, "srtp", "optional" },
		{ LAYER_PHONE, "x\ny", "1" }, { LAYER_PHONE, "x.y", "a\nz = 1" }, { LAYER_PHONE, "ok.1", "b" },
		{ LAYER_PHONE, NULL, "b" }, { LAYER_PHONE, "no.value", NULL } };
	struct phone out;
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	fresh(overrides, sizeof(overrides) / sizeof(*overrides));
	apply(&a, &out, NULL, NULL);
	assert_int_equal(out.set.srtp, SRTP_OPTIONAL);
	assert_int_equal(out.noverrides, 1);
	assert_string_equal(out.overrides[0].name, "ok.1");
	arena_release(&a);
}

static void refused_overrides(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(override_check(&(struct override){ LAYER_SITE, "srtp", "maybe" }, &err), ERR_INPUT);
	assert_string_equal(err.text, "override: srtp must be one of off|optional|required");
	assert_int_equal(override_check(&(struct override){ LAYER_SITE, "srtp", "off" }, &err), ERR_OK);
	assert_int_equal(override_check(&(struct override){ LAYER_SITE, "a.b", "x\ny = 1" }, &err), ERR_INPUT);
	assert_int_equal(override_check(&(struct override){ LAYER_SITE, "a b", "x" }, &err), ERR_INPUT);
	assert_int_equal(override_check(&(struct override){ LAYER_SITE, "a.b", "" }, &err), ERR_OK);
}

static void memory_that_runs_out(void **state)
{
	static struct override overrides[] = { { LAYER_PHONE, "proxy", "p.example" },
		{ LAYER_BRAND, "ntp", "n.example" }, { LAYER_BRAND, "x.y", "2" } };

	(void)state;
	for (unsigned long n = 1; n < 12; n++) {
		struct phone out;
		struct arena a;
		enum err_code rc;
		arena_init(&a, 0);
		fresh(overrides, 3);
		mem_fail_from(n);
		rc = phone_apply_words(&base, &a, &out, NULL, NULL, NULL);
		mem_fail_from(0);
		assert_true(rc == ERR_OK || rc == ERR_NOMEM);
		arena_release(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_in_order_and_whole),
		cmocka_unit_test(values_in_and_out_of_range),
		cmocka_unit_test(lengths_of_text),
		cmocka_unit_test(sentences),
		cmocka_unit_test(a_later_layer_wins),
		cmocka_unit_test(window_and_minutes_exclude_each_other),
		cmocka_unit_test(empty_sets_the_default_again),
		cmocka_unit_test(bad_ones_are_left_out),
		cmocka_unit_test(refused_overrides),
		cmocka_unit_test(memory_that_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
