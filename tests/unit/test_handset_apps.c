/* One test per rule of Acrobits and Zoiper. Expected values: vendor documentation ("Account XML"), the vendor's
 * provisioning example; what neither says is tried both ways. */
#include "tests/unit/handset_help.h"

static const struct handset_model acrobits = { .kind = HANDSET_ACROBITS, .id = "acrobits", .accounts = 1 };
static const struct handset_model zoiper = { .kind = HANDSET_ZOIPER, .id = "zoiper", .accounts = 1 };

#define ACCOUNT(user, host, more)                                                                                      \
	"<account><title>T</title><username>" user "</username><password>p</password><host>" host "</host>" more       \
	"</account>"
#define ZOIPER(ident, user, domain, more)                                                                              \
	"<account><ident>" ident "</ident><username>" user "</username><password>p</password><SIP_domain>" domain      \
	"</SIP_domain>" more "</account>"
#define OPTIONS(accounts) "<options><accounts>" accounts "</accounts></options>"

static void pull_app(struct handset *hs, const char *body)
{
	const struct served files[] = { { "acrobits.xml", body, 0, 0 }, { "zoiper.xml", body, 0, 0 }, { 0 } };

	pull(hs, files, "");
}

static void acrobits_reads_an_account(void **state)
{
	struct handset *hs = new_phone(acrobits);

	(void)state;
	pull_app(hs, ACCOUNT("1001", "example.test:5070", "<transport>tcp</transport><expires>60</expires>"));
	assert_string_equal(lines_text(hs), "1:1001:p@example.test:5070/tcp/60 ");
	pull_app(hs, ACCOUNT("1001", "[::1]:5070", "<transport>tls+sip:</transport>"));
	assert_string_equal(lines_text(hs), "1:1001:p@[::1]:5070/tls/600 "); /* 600 is the app's own */
	handset_free(hs);
}

static void only_200_with_an_account_counts(void **state)
{
	const struct served gone[] = { { "acrobits.xml", ACCOUNT("1002", "b", ""), 404, 0 }, { 0 } };
	struct handset *hs = new_phone(acrobits);

	(void)state;
	pull_app(hs, ACCOUNT("1001", "example.test", ""));
	pull_app(hs, "");
	pull_app(hs, "<message>no</message>");
	pull_app(hs, "<account><username>1002</username>");
	pull(hs, gone, "acrobits.xml ");
	pull_app(hs, "<account><title></title><username>1002</username></account>"); /* is not saved */
	assert_string_equal(lines_text(hs), "1:1001:p@example.test:0/udp/600 ");
	handset_free(hs);
}

static void the_address_of_the_account_counts(void **state)
{
	const struct served files[] = {
		{ "acrobits.xml", ACCOUNT("1001", "a.test", "<extProvUrl>https://x/t</extProvUrl>"), 0, 0 },
		{ "https://x/t", ACCOUNT("1002", "a.test", ""), 0, 0 }, { 0 }
	};
	struct handset_credentials c;
	struct handset *hs = new_phone(acrobits);

	(void)state;
	pull(hs, files, "acrobits.xml ");
	handset_credentials(hs, &c);
	assert_string_equal(c.url, "https://x/t");
	pull(hs, files, "https://x/t ");
	assert_string_equal(lines_text(hs), "1:1002:p@a.test:0/udp/600 ");
	handset_free(hs);
}

/* RFC 6761 section 6.4 */
static void an_account_that_leads_nowhere_is_no_line(void **state)
{
	struct handset *hs = new_phone(acrobits);

	(void)state;
	pull_app(hs, ACCOUNT("removed", "removed.invalid", ""));
	assert_string_equal(lines_text(hs), "");
	pull_app(hs, ACCOUNT("1001", "", ""));
	assert_string_equal(lines_text(hs), "");
	handset_free(hs);
}

static void left_out_and_empty_both_ways(void **state)
{
	static const struct {
		bool omission, empty;
		const char *left_out, *emptied;
	} rows[] = {
		{ false, false, NULL, NULL },
		{ true, false, "Ann", NULL },
		{ false, true, NULL, "Ann" },
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct handset *a = new_phone(acrobits), *z = new_phone(zoiper);
		handset_rules(a)->acrobits_omission_keeps = handset_rules(z)->zoiper_omission_keeps = rows[i].omission;
		handset_rules(a)->acrobits_empty_keeps = handset_rules(z)->zoiper_empty_keeps = rows[i].empty;
		pull_app(
			a, ACCOUNT("1", "a", "<userDisplayName>Ann</userDisplayName><userCallerId>Ann</userCallerId>"));
		pull_app(a, ACCOUNT("1", "a", "<userCallerId></userCallerId>"));
		pull_app(z, OPTIONS(ZOIPER("rekey-1", "1", "a", "<name>Ann</name><SIP_callerId>Ann</SIP_callerId>")));
		pull_app(z, OPTIONS(ZOIPER("rekey-1", "1", "a", "<SIP_callerId/>")));
		assert_value(a, "account/userDisplayName", rows[i].left_out ? rows[i].left_out : "");
		assert_value(a, "account/userCallerId", rows[i].emptied ? rows[i].emptied : "");
		assert_value(z, "accounts/rekey-1/name", rows[i].left_out ? rows[i].left_out : "");
		assert_value(z, "accounts/rekey-1/SIP_callerId", rows[i].emptied ? rows[i].emptied : "");
		handset_free(a);
		handset_free(z);
	}
}

static void zoiper_reads_accounts(void **state)
{
	struct handset *hs = new_phone(zoiper);

	(void)state;
	pull_app(hs, OPTIONS(ZOIPER("rekey-1", "1001", "a.test", "<SIP_transport_type>TLS</SIP_transport_type>")));
	assert_string_equal(lines_text(hs), "1:1001:p@a.test:0/tls/600 ");
	pull_app(hs, "<options/>");
	pull_app(hs, "<html/>");
	pull_app(hs, "");
	assert_string_equal(lines_text(hs), "1:1001:p@a.test:0/tls/600 ");
	pull_app(hs, OPTIONS(ZOIPER("rekey-1", "1001", "a.test", "<register_on_startup>false</register_on_startup>")));
	assert_string_equal(lines_text(hs), "");
	handset_free(hs);
}

static void zoiper_accounts_that_are_not_named_both_ways(void **state)
{
	(void)state;
	for (int stay = 0; stay < 2; stay++) {
		struct handset *hs = new_phone(zoiper);
		handset_rules(hs)->zoiper_others_stay = stay;
		pull_app(hs, OPTIONS(ZOIPER("rekey-1", "1001", "a.test", "")));
		pull_app(hs, OPTIONS(ZOIPER("other", "1002", "b.test", "")));
		assert_value(hs, "accounts/rekey-1/username", stay ? "1001" : "");
		assert_value(hs, "accounts/other/username", "1002");
		handset_free(hs);
	}
}

static void nothing_makes_them_fetch(void **state)
{
	static const struct handset_model *const both[] = { &acrobits, &zoiper };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct handset *hs = new_phone(*both[i]);
		assert_int_equal(notify(hs, "check-sync;reboot=true").action, HANDSET_IGNORE);
		handset_free(hs);
	}
}

static void out_of_memory(void **state)
{
	const struct served a[] = { { "acrobits.xml", ACCOUNT("1", "a", ""), 0, 0 }, { 0 } };
	const struct served z[] = { { "zoiper.xml", OPTIONS(ZOIPER("rekey-1", "1", "a", "")), 0, 0 }, { 0 } };

	(void)state;
	starve(acrobits, a);
	starve(zoiper, z);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(acrobits_reads_an_account),
		cmocka_unit_test(only_200_with_an_account_counts),
		cmocka_unit_test(the_address_of_the_account_counts),
		cmocka_unit_test(an_account_that_leads_nowhere_is_no_line),
		cmocka_unit_test(left_out_and_empty_both_ways),
		cmocka_unit_test(zoiper_reads_accounts),
		cmocka_unit_test(zoiper_accounts_that_are_not_named_both_ways),
		cmocka_unit_test(nothing_makes_them_fetch),
		cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
