/* What a password and a PIN must be like: each rule from both sides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "provisioning/reset/password_rule.h"

static const struct password_about anna = { "1001", "Anna", "Li", "anna.berg@example.test" };

#define BIT(f) (1u << (f))

static void test_passwords(void **state)
{
	static const struct {
		const char *text;
		unsigned want;
	} cases[] = {
		{ "Zebra77x", 0 },
		{ "Zebra77", BIT(PASSWORD_SHORT) },
		{ "", BIT(PASSWORD_SHORT) | BIT(PASSWORD_NO_CAPITAL) | BIT(PASSWORD_NO_DIGIT) },
		{ "zebra77x", BIT(PASSWORD_NO_CAPITAL) },
		{ "Zebraaaa", BIT(PASSWORD_NO_DIGIT) },
		{ "\xc3\x84pfel 77 x", 0 }, /* a capital beyond ASCII */
		{ "\xc3\xa4pfel 77 x", BIT(PASSWORD_NO_CAPITAL) },
		{ "\xc3\x97pfel 77 x", BIT(PASSWORD_NO_CAPITAL) }, /* the sign for times */
		{ "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82 77", 0 },
		{ "\xce\xa9mega 77 x", 0 },
		{ "\xc3\x84\xc3\x84\xc3\x84\xc3\x84\xc3\x84\xc3\x84"
		  "7",
			BIT(PASSWORD_SHORT) }, /* letters count, not bytes */
		{ "Zebra1001x", BIT(PASSWORD_HAS_EXT) },
		{ "Zebra10x01", 0 },
		{ "xANNAx77x", BIT(PASSWORD_HAS_NAME) },
		{ "Liebling77", 0 }, /* a name of two letters stands in too much */
		{ "77Anna.Berg", BIT(PASSWORD_HAS_NAME) | BIT(PASSWORD_HAS_LOGIN) },
		{ "Zebra77x\n", BIT(PASSWORD_ODD) },
		{ "Zebra77x\xff", BIT(PASSWORD_ODD) },
	};
	struct password_rule rule;
	char text[PASSWORD_LETTERS_MAX + 2];
	size_t i;

	(void)state;
	password_rule_default(&rule);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (password_faults(&rule, &anna, slice_str(cases[i].text)) != cases[i].want)
			fail_msg("%s: %x, not %x", cases[i].text,
				password_faults(&rule, &anna, slice_str(cases[i].text)), cases[i].want);
	memset(text, 'Z', sizeof(text));
	text[0] = '7';
	assert_int_equal(password_faults(&rule, &anna, (struct slice){ text, PASSWORD_LETTERS_MAX }), 0);
	assert_int_equal(
		password_faults(&rule, &anna, (struct slice){ text, PASSWORD_LETTERS_MAX + 1 }), BIT(PASSWORD_LONG));
	rule.capital = rule.digit = false;
	rule.length = 12;
	assert_int_equal(password_faults(&rule, &anna, SLICE_LIT("zebrazebraz")), BIT(PASSWORD_SHORT));
	assert_int_equal(password_faults(&rule, &anna, SLICE_LIT("zebrazebraze")), 0);
}

/* The login of most people is ext@domain: the extension says it already. */
static void test_the_usual_login(void **state)
{
	const struct password_about about = { "1001", "", "", "1001@example.test" };
	const struct password_about plain = { "1001", "", "", "kanzlei" };
	struct password_rule rule;

	(void)state;
	password_rule_default(&rule);
	assert_int_equal(password_faults(&rule, &about, SLICE_LIT("Zebra1001")), BIT(PASSWORD_HAS_EXT));
	assert_int_equal(password_faults(&rule, &plain, SLICE_LIT("KanzleiX7")), BIT(PASSWORD_HAS_LOGIN));
}

static void test_pins(void **state)
{
	static const struct {
		const char *text;
		unsigned want;
	} cases[] = {
		{ "8264", 0 },
		{ "826", BIT(PIN_SHORT) },
		{ "826417350284", 0 },
		{ "8264173502841", BIT(PIN_LONG) },
		{ "82a4", BIT(PIN_NOT_DIGITS) },
		{ "82 4", BIT(PIN_NOT_DIGITS) },
		{ "7777", BIT(PIN_SAME) },
		{ "2345", BIT(PIN_SEQUENCE) },
		{ "5432", BIT(PIN_SEQUENCE) },
		{ "7890", BIT(PIN_SEQUENCE) },
		{ "1098", BIT(PIN_SEQUENCE) },
		{ "2346", 0 },
		{ "1212", BIT(PIN_PAIRS) },
		{ "12121", 0 },
		{ "1001", BIT(PIN_IS_EXT) },
		{ "1002", 0 },
		{ "4711", BIT(PIN_WEAK) },
		{ "0815", BIT(PIN_WEAK) },
		{ "47110", 0 },
		{ "", 0 },
	};
	struct password_rule rule;
	size_t i;

	(void)state;
	password_rule_default(&rule);
	rule.pin_weak = "4711 0815";
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (pin_faults(&rule, &anna, slice_str(cases[i].text)) != cases[i].want)
			fail_msg("%s: %x, not %x", cases[i].text, pin_faults(&rule, &anna, slice_str(cases[i].text)),
				cases[i].want);
	rule.pin = PIN_REQUIRED;
	assert_int_equal(pin_faults(&rule, &anna, SLICE_LIT("")), BIT(PIN_MISSING));
	rule.pin_length = 6;
	assert_int_equal(pin_faults(&rule, &anna, SLICE_LIT("82641")), BIT(PIN_SHORT));
	assert_int_equal(pin_faults(&rule, &anna, SLICE_LIT("826417")), 0);
}

/* Every fault has a sentence of its own, and says something of the matter. */
static void test_sentences(void **state)
{
	struct password_rule rule;
	struct arena a;
	unsigned i, k;

	(void)state;
	arena_init(&a, 0);
	password_rule_default(&rule);
	for (i = 0; i < PASSWORD_FAULTS; i++) {
		const char *s = password_fault_sentence(&rule, (enum password_fault)i, &a);

		assert_non_null(s);
		assert_non_null(strstr(s, i < PIN_MISSING ? "password" : "PIN"));
		for (k = 0; k < i; k++)
			assert_string_not_equal(s, password_fault_sentence(&rule, (enum password_fault)k, &a));
	}
	assert_string_equal(password_faults_text(&rule, BIT(PASSWORD_SHORT) | BIT(PIN_SAME), &a),
		"The password needs at least 8 characters. The voicemail PIN must not be one digit repeated.");
	assert_string_equal(password_rule_sentence(&rule, &a),
		"At least 8 characters with a capital letter and a digit; not the extension, your name or the login name.");
	rule.digit = false;
	assert_non_null(strstr(password_rule_sentence(&rule, &a), "with a capital letter;"));
	rule.capital = false;
	assert_non_null(strstr(password_rule_sentence(&rule, &a), "8 characters;"));
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_passwords), cmocka_unit_test(test_the_usual_login),
		cmocka_unit_test(test_pins), cmocka_unit_test(test_sentences) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
