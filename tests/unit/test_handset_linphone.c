/* One test per rule of Linphone 5.1. Expected values were observed by running the program. */
#include "tests/unit/handset_help.h"

#define FILE_NAME "linphone.xml"
#define OPEN "<?xml version=\"1.0\" encoding=\"UTF-8\"?><config xmlns=\"http://www.linphone.org/xsds/lpconfig.xsd\">"
#define CLOSE "</config>"
#define PROXY(n, user)                                                                                                 \
	"<section name=\"proxy_" #n "\"><entry name=\"reg_identity\" overwrite=\"true\">sip:" user                     \
	"@example.test</entry><entry name=\"reg_proxy\" overwrite=\"true\">&lt;sip:pbx:5070;transport=tcp&gt;</entry>" \
	"<entry name=\"reg_expires\" overwrite=\"true\">60</entry></section>"
#define AUTH(n, user, key, secret)                                                                                     \
	"<section name=\"auth_info_" #n "\"><entry name=\"username\" overwrite=\"true\">" user                         \
	"</entry><entry name=\"" key "\" overwrite=\"true\">" secret "</entry></section>"
#define BLANK_PROXY(n) "<section name=\"proxy_" #n "\"><entry name=\"reg_identity\" overwrite=\"true\"/></section>"

static const struct handset_model linphone = {
	.kind = HANDSET_LINPHONE, .id = "linphone", .token = "x", .accounts = 8
};

static void pull_xml(struct handset *hs, const char *body)
{
	const struct served files[] = { { FILE_NAME, body, 0, 0 }, { 0 } };

	pull(hs, files, FILE_NAME " ");
}

static void test_only_200_with_a_config_counts(void **state)
{
	const struct served gone[] = { { FILE_NAME, OPEN CLOSE, 204, 0 }, { 0 } };
	struct handset *hs = new_phone(linphone);

	(void)state;
	pull_xml(hs, OPEN PROXY(0, "1001") AUTH(0, "1001", "passwd", "p") CLOSE);
	assert_string_equal(lines_text(hs), "1:1001:p@pbx:5070/tcp/60 ");
	pull_xml(hs, OPEN CLOSE); /* an empty config removes nothing */
	pull_xml(hs, "");
	pull_xml(hs, "<html/>");
	pull_xml(hs, OPEN "<section");
	pull(hs, gone, "");
	pull(hs, NULL, "");
	assert_string_equal(lines_text(hs), "1:1001:p@pbx:5070/tcp/60 ");
	handset_free(hs);
}

static void test_overwrite_stands_on_the_entry(void **state)
{
	struct handset *hs = new_phone(linphone);

	(void)state;
	pull_xml(hs, OPEN "<section name=\"a\"><entry name=\"k\">1</entry></section>" CLOSE);
	assert_value(hs, "a/k", "1"); /* absent: taken */
	pull_xml(hs, OPEN "<section name=\"a\" overwrite=\"true\"><entry name=\"k\">2</entry></section>" CLOSE);
	assert_value(hs, "a/k", "1");
	pull_xml(hs, OPEN "<section name=\"a\"><entry name=\"k\" overwrite=\"true\">3</entry></section>" CLOSE);
	assert_value(hs, "a/k", "3");
	pull_xml(hs, OPEN "<section name=\"a\"><entry name=\"k\" overwrite=\"true\"></entry></section>" CLOSE);
	assert_null(stored(hs, HANDSET_FILE, "a/k"));
	handset_free(hs);
}

static void test_accounts_are_never_pruned(void **state)
{
	struct handset *hs = new_phone(linphone);

	(void)state;
	pull_xml(hs, OPEN PROXY(0, "1001") PROXY(1, "1002") AUTH(0, "1001", "passwd", "p")
			     AUTH(1, "1002", "passwd", "q") CLOSE);
	pull_xml(hs, OPEN PROXY(0, "1001") AUTH(0, "1001", "passwd", "p") CLOSE);
	assert_string_equal(lines_text(hs), "1:1001:p@pbx:5070/tcp/60 2:1002:q@pbx:5070/tcp/60 ");
	pull_xml(hs, OPEN BLANK_PROXY(0) CLOSE); /* blanking one leaves the other */
	assert_string_equal(lines_text(hs), "2:1002:q@pbx:5070/tcp/60 ");
	pull_xml(hs, OPEN BLANK_PROXY(1) CLOSE);
	assert_string_equal(lines_text(hs), "");
	pull_xml(hs, OPEN PROXY(0, "1003") AUTH(0, "1003", "passwd", "r") CLOSE);
	assert_string_equal(lines_text(hs), "1:1003:r@pbx:5070/tcp/60 ");
	handset_free(hs);
}

static void test_loading_stops_at_the_first_gap(void **state)
{
	struct handset *hs = new_phone(linphone);

	(void)state;
	pull_xml(hs, OPEN PROXY(1, "1002") AUTH(0, "1002", "passwd", "q") CLOSE);
	assert_string_equal(lines_text(hs), "");
	handset_free(hs);
}

static void test_sendregister_0(void **state)
{
	struct handset *hs = new_phone(linphone);

	(void)state;
	pull_xml(hs, OPEN PROXY(0, "1001") AUTH(0, "1001", "passwd", "p") CLOSE);
	pull_xml(hs, OPEN
		"<section name=\"proxy_0\"><entry name=\"reg_sendregister\" overwrite=\"true\">0</entry></section>" CLOSE);
	assert_string_equal(lines_text(hs), "");
	assert_value(hs, "auth_info_0/passwd", "p"); /* the credentials stay */
	handset_free(hs);
}

/* RFC 3261 section 25.1: between the quotes stands a name, whatever it looks like. */
static void test_a_name_like_an_address(void **state)
{
	struct handset *hs = new_phone(linphone);

	(void)state;
	pull_xml(hs, OPEN PROXY(0, "1001") AUTH(0, "1001", "passwd", "p") CLOSE);
	pull_xml(hs,
		OPEN "<section name=\"proxy_0\"><entry name=\"reg_identity\" overwrite=\"true\">"
		     "\"Ext: a\\\" &lt;sip:6666@evil.test\" &lt;sip:1001@example.test&gt;</entry></section>" CLOSE);
	assert_string_equal(lines_text(hs), "1:1001:p@pbx:5070/tcp/60 ");
	handset_free(hs);
}

static void test_a_stale_ha1_beats_a_new_password(void **state)
{
	struct handset *hs = new_phone(linphone);

	(void)state;
	pull_xml(hs, OPEN PROXY(0, "1001") AUTH(0, "1001", "ha1", "aaaa") CLOSE);
	pull_xml(hs, OPEN PROXY(0, "1002") AUTH(0, "1002", "passwd", "new") CLOSE);
	assert_string_equal(lines_text(hs), "1:1002:aaaa@pbx:5070/tcp/60 ");
	pull_xml(hs, OPEN "<section name=\"auth_info_0\"><entry name=\"ha1\" overwrite=\"true\"/></section>" CLOSE);
	assert_string_equal(lines_text(hs), "1:1002:new@pbx:5070/tcp/60 ");
	handset_free(hs);
}

static void test_newer_versions_drop_credentials_first(void **state)
{
	struct handset *hs = new_phone(linphone);

	(void)state;
	handset_rules(hs)->linphone_prunes_auth = true;
	pull_xml(hs, OPEN PROXY(0, "1001") AUTH(0, "1001", "ha1", "aaaa") CLOSE);
	pull_xml(hs, OPEN PROXY(0, "1002") AUTH(0, "1002", "passwd", "new") CLOSE);
	assert_string_equal(lines_text(hs), "1:1002:new@pbx:5070/tcp/60 ");
	pull_xml(hs, OPEN CLOSE);
	assert_value(hs, "auth_info_0/passwd", "");
	assert_value(hs, "proxy_0/reg_identity", "sip:1002@example.test"); /* proxies are still never pruned */
	handset_free(hs);
}

static void test_transient_provisioning_forgets_the_address(void **state)
{
	const struct served files[] = {
		{ "https://x/soft/t",
			OPEN "<section name=\"misc\"><entry name=\"transient_provisioning\">1</entry></section>" CLOSE,
			0, 0 },
		{ 0 }
	};
	struct handset *hs = new_phone(linphone);

	(void)state;
	put_local(hs, "misc/config-uri", "https://x/soft/t", false);
	pull(hs, files, "https://x/soft/t ");
	assert_value(hs, "misc/config-uri", "");
	handset_free(hs);
}

static void test_notify_is_answered_and_ignored(void **state)
{
	static const char *const events[] = { "check-sync", "check-sync;reboot=true", "resync", "anything" };
	struct handset *hs = new_phone(linphone);
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		assert_int_equal(notify(hs, events[i]).status, 200);
		assert_int_equal(notify(hs, events[i]).action, HANDSET_IGNORE);
	}
	handset_free(hs);
}

static void test_credentials_are_those_of_the_account(void **state)
{
	struct handset *hs = new_phone(linphone);
	struct handset_credentials c;

	(void)state;
	pull_xml(hs, OPEN PROXY(0, "1001") AUTH(0, "1001", "passwd", "p") CLOSE);
	handset_credentials(hs, &c);
	assert_string_equal(c.user, "1001");
	handset_free(hs);
}

static void test_out_of_memory(void **state)
{
	const struct served files[] = { { FILE_NAME, OPEN PROXY(0, "1001") AUTH(0, "1001", "passwd", "p") CLOSE, 0, 0 },
		{ 0 } };

	(void)state;
	starve(linphone, files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_200_with_a_config_counts),
		cmocka_unit_test(test_overwrite_stands_on_the_entry),
		cmocka_unit_test(test_accounts_are_never_pruned),
		cmocka_unit_test(test_loading_stops_at_the_first_gap),
		cmocka_unit_test(test_sendregister_0),
		cmocka_unit_test(test_a_name_like_an_address),
		cmocka_unit_test(test_a_stale_ha1_beats_a_new_password),
		cmocka_unit_test(test_newer_versions_drop_credentials_first),
		cmocka_unit_test(test_transient_provisioning_forgets_the_address),
		cmocka_unit_test(test_notify_is_answered_and_ignored),
		cmocka_unit_test(test_credentials_are_those_of_the_account),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
