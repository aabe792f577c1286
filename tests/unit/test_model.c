#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "phonecfg/base/mem.h"
#include "phonecfg/model/model.h"
#include "phonecfg/profile/profile.h"

static struct key_block line_keys = { .name = "line", .first = 1, .max = 3, .blank = 3, .confirmed = true };
static const struct profile small = { .id = "x-y",
	.vendor = VENDOR_YEALINK,
	.model = "Y",
	.display = "X Y",
	.accounts = 2,
	.accounts_blank = 2,
	.blocks = &line_keys,
	.nblocks = 1,
	.modules = 1,
	.keys_per_module = 2 };

#define SECRET(s)                                                                                                      \
	{                                                                                                              \
		(s), sizeof(s) - 1                                                                                     \
	}

struct sample {
	struct account accounts[2];
	struct key keys[2];
	struct phone ph;
};

static void sample_init(struct sample *s)
{
	memset(s, 0, sizeof(*s));
	s->accounts[0] =
		(struct account){ .slot = 1, .use = ACCOUNT_LINE, .user = "1001", .password = SECRET("s3cret") };
	s->accounts[1] = (struct account){ .slot = 2, .use = ACCOUNT_NONE };
	s->keys[0] = (struct key){ .index = 1, .type = KEY_LINE, .slot = 1 };
	s->keys[1] = (struct key){ .module = 1, .index = 2, .type = KEY_BLF, .value = "1002", .label = "Bob" };
	s->ph = (struct phone){ .model = "x-y",
		.domain = "a.example",
		.accounts = s->accounts,
		.naccounts = 2,
		.keys = s->keys,
		.nkeys = 2 };
}

/* The check's sentence, or "" when it is content. */
static const char *said(const struct sample *s, struct err *err)
{
	memset(err, 0, sizeof(*err));
	return phone_check(&s->ph, &small, err) ? err->text : "";
}

static void good_phone(void **state)
{
	struct sample s;
	struct err err;

	(void)state;
	sample_init(&s);
	assert_string_equal(said(&s, &err), "");
	assert_false(phone_vacant(&s.ph));
	assert_ptr_equal(phone_account(&s.ph, 2), &s.accounts[1]);
	assert_null(phone_account(&s.ph, 3));
	assert_ptr_equal(phone_key(&s.ph, 1, 2), &s.keys[1]);
	assert_null(phone_key(&s.ph, 0, 2));
	s.accounts[0].use = ACCOUNT_IDLE;
	assert_true(phone_vacant(&s.ph));
}

/* One wrong thing each; the sentence must name it. */
static void each_field_is_named(void **state)
{
	char longer[MODEL_NAME_MAX + 2];
	struct sample s;
	struct err err;

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = 0;
#define WRONG(change, words)                                                                                           \
	do {                                                                                                           \
		sample_init(&s);                                                                                       \
		change;                                                                                                \
		if (!strstr(said(&s, &err), words))                                                                    \
			fail_msg("%s: said \"%s\"", #change, err.text);                                                \
	} while (0)
	WRONG(s.accounts[0].slot = 3, "slots 1 to 2");
	WRONG(s.accounts[0].slot = 0, "slots 1 to 2");
	WRONG(s.accounts[1].slot = 1, "given twice");
	WRONG(s.accounts[0].user = NULL, "account 1: user is missing");
	WRONG(s.accounts[0].user = "", "account 1: user is missing");
	WRONG(s.accounts[0].user = "10 01", "account 1: user");
	WRONG(s.accounts[0].user = "\xc3\xbc", "account 1: user");
	WRONG(s.accounts[0].password = (struct secret){ 0 }, "account 1: password is missing");
	WRONG(s.accounts[0].password = ((struct secret)SECRET("a\nb")), "account 1: password");
	WRONG(s.accounts[0].label = longer, "account 1: label");
	WRONG(s.accounts[0].display_name = "a\r\nb", "account 1: display name");
	WRONG(s.accounts[0].display_name = "\xff\xfe", "account 1: display name");
	WRONG(s.accounts[0].server = "a b", "account 1: server");
	WRONG(s.accounts[0].proxy = "p/q", "account 1: proxy");
	WRONG(s.accounts[0].port = 65536, "port");
	WRONG(s.accounts[0].expires_s = 59, "expiry");
	WRONG(s.accounts[0].expires_s = 604801, "expiry");
	WRONG(s.ph.domain = NULL, "account 1: domain is missing");
	WRONG(s.keys[0].index = 4, "key 4: there are keys 1 to 3 on the phone");
	WRONG(s.keys[0].index = 0, "key 0");
	WRONG(s.keys[1].module = 2, "key 2 of module 2");
	WRONG(s.keys[1].index = 3, "key 3 of module 1");
	WRONG(s.keys[1] = s.keys[0], "given twice");
	WRONG(s.keys[1].value = NULL, "key 2 of module 1: value is missing");
	WRONG(s.keys[1].value = "1 2", "key 2 of module 1: value");
	WRONG(s.keys[1].label = "\x07", "key 2 of module 1: label");
	WRONG(s.keys[1].slot = 3, "account slot 3");
	WRONG(s.ph.prov.url = "ftp://x/", "https://");
	WRONG(s.ph.poll_minutes = 43201, "poll");
	WRONG((s.ph.overrides = &(struct override){ LAYER_SITE, "a b", "1" }, s.ph.noverrides = 1), "parameter name");
	WRONG((s.ph.overrides = &(struct override){ LAYER_SITE, "a", "1\n2" }, s.ph.noverrides = 1), "override a");
#undef WRONG
}

static void limits_from_both_sides(void **state)
{
	char name[MODEL_NAME_MAX * 2 + 1];
	struct sample s;
	struct err err;

	(void)state;
	for (size_t i = 0; i < MODEL_NAME_MAX; i++)
		memcpy(name + 2 * i, "\xc3\xbc", 2); /* two bytes, one character */
	name[MODEL_NAME_MAX * 2] = 0;
	sample_init(&s);
	s.accounts[0].display_name = name;
	assert_string_equal(said(&s, &err), "");
	s.accounts[0].expires_s = 60;
	s.accounts[0].port = 65535;
	s.ph.poll_minutes = 43200;
	assert_string_equal(said(&s, &err), "");
	/* What no file needs does not keep a phone from its file. */
	s.accounts[0].display_name = "a\nb";
	assert_int_equal(phone_check_core(&s.ph, &small, &err), ERR_OK);
	assert_int_equal(phone_check(&s.ph, &small, &err), ERR_INPUT);
	/* An account that is not used may hold anything: it is blanked. */
	sample_init(&s);
	s.accounts[1].user = "\n";
	assert_string_equal(said(&s, &err), "");
}

static void overrides_merge(void **state)
{
	static const struct override in[] = {
		{ LAYER_PHONE, "b", "phone" },
		{ LAYER_BRAND, "a", "brand" },
		{ LAYER_SITE, "b", "site" },
		{ LAYER_DOMAIN, "a", "domain" },
		{ LAYER_DOMAIN, "a", "domain again" },
		{ LAYER_MODEL, "B", "model" },
	};
	struct override *out;
	struct arena a;
	struct err err;
	size_t n;

	(void)state;
	arena_init(&a, 0);
	assert_int_equal(override_merge(in, 6, &a, &out, &n, &err), ERR_OK);
	assert_int_equal(n, 3);
	assert_string_equal(out[0].name, "B"); /* order of bytes */
	assert_string_equal(out[1].value, "domain again");
	assert_string_equal(out[2].value, "phone");
	assert_int_equal(override_merge(NULL, 0, &a, &out, &n, &err), ERR_OK);
	assert_int_equal(n, 0);
	arena_release(&a);
	arena_init(&a, 8);
	assert_int_equal(override_merge(in, 6, &a, &out, &n, &err), ERR_NOMEM);
	arena_release(&a);
}

static void words(void **state)
{
	(void)state;
	for (int i = 0; i < KEY_TYPE_COUNT; i++) {
		enum key_type t = KEY_TYPE_COUNT;
		assert_true(key_type_parse(key_type_word((enum key_type)i), &t));
		assert_int_equal(t, i);
	}
	for (int i = 0; i < ACCOUNT_USE_COUNT; i++) {
		enum account_use u = ACCOUNT_USE_COUNT;
		assert_true(account_use_parse(account_use_word((enum account_use)i), &u));
		assert_int_equal(u, i);
	}
	assert_string_equal(transport_word(TRANSPORT_TLS), "tls");
	assert_string_equal(key_owner_word(KEY_OWNER_PERSON), "person");
	assert_string_equal(override_layer_word(LAYER_PHONE), "phone");
	assert_string_equal(key_type_word((enum key_type)99), "?");
	enum transport t;
	assert_false(transport_parse("TLS", &t));
	assert_false(transport_parse(NULL, &t));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_phone),
		cmocka_unit_test(each_field_is_named),
		cmocka_unit_test(limits_from_both_sides),
		cmocka_unit_test(overrides_merge),
		cmocka_unit_test(words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
