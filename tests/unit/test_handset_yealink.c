/* One test per rule of the Yealink phone. Expected values are those of the vendor's guides. */
#include "tests/unit/handset_help.h"

#define HEAD "#!version:1.0.0.1\n"
#define CFG MAC ".cfg"
#define BOOT MAC ".boot"

static const struct handset_model t46u = { .kind = HANDSET_YEALINK,
	.id = "yealink-t46u",
	.common = "y000000000108.cfg",
	.token = "T46U",
	.accounts = 16,
	.keys = 27 };

/* Pulls with <mac>.cfg alone. */
static void pull_cfg(struct handset *hs, const char *text)
{
	const struct served files[] = { { CFG, text, 0, 0 }, { 0 } };

	pull(hs, files, "");
}

/* Pulls by a boot file with overwrite_mode = 1 that includes <mac>.cfg. */
static void pull_overwriting(struct handset *hs, const char *text)
{
	const struct served files[] = { { BOOT, HEAD "overwrite_mode = 1\ninclude:config <" CFG ">\n", 0, 0 },
		{ CFG, text, 0, 0 }, { 0 } };

	pull(hs, files, "");
}

static void test_order_without_boot_file(void **state)
{
	struct handset *hs = new_phone(t46u);

	(void)state;
	pull(hs, NULL, BOOT " y000000000000.boot y000000000108.cfg " CFG " ");
	handset_free(hs);
}

static void test_own_boot_file_stops_the_search(void **state)
{
	const struct served files[] = { { BOOT, HEAD "include:config <a.cfg>\ninclude:config \"b.cfg\"\n", 0, 0 },
		{ "a.cfg", HEAD "x.y = 1\nx.z = 1\n", 0, 0 }, { "b.cfg", HEAD "x.y = 2\n", 0, 0 },
		{ CFG, HEAD "x.y = 3\n", 0, 0 }, { 0 } };
	struct handset *hs = new_phone(t46u);

	(void)state;
	pull(hs, files, BOOT " a.cfg b.cfg ");
	assert_value(hs, "x.y", "2"); /* top to bottom, the later value wins */
	assert_value(hs, "x.z", "1");
	handset_free(hs);
}

static void test_common_boot_file(void **state)
{
	const struct served files[] = { { "y000000000000.boot", HEAD "include:config <a.cfg>\n", 0, 0 },
		{ "a.cfg", HEAD "x.y = 1\n", 0, 0 }, { 0 } };
	struct handset *hs = new_phone(t46u);

	(void)state;
	pull(hs, files, BOOT " y000000000000.boot a.cfg ");
	assert_value(hs, "x.y", "1");
	handset_free(hs);
}

static void test_boot_file_filters_by_model(void **state)
{
	const struct served files[] = { { BOOT,
						HEAD "[T46S,T23G]include:config <no.cfg>\n[T23G, T46U]include:config "
						     "<yes.cfg>\ninclude:config <all.cfg>\ninclude:config <not.txt>\n",
						0, 0 },
		{ 0 } };
	const struct served excluded[] = {
		{ BOOT,
			HEAD
			"specific_model.excluded_mode = 1\n[T46U]include:config <yes.cfg>\ninclude:config <all.cfg>\n",
			0, 0 },
		{ 0 }
	};
	struct handset *hs = new_phone(t46u);

	(void)state;
	pull(hs, files, BOOT " yes.cfg all.cfg ");
	pull(hs, excluded, BOOT " yes.cfg ");
	handset_free(hs);
}

static void test_first_line_decides(void **state)
{
	static const char *const bodies[] = { "x.y = 1\n", "#!version:1.0.0.2\nx.y = 1\n", "\n" HEAD "x.y = 1\n",
		"<html><body>#!version:1.0.0.1\nx.y = 1</body></html>", "" };
	struct handset *hs = new_phone(t46u);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		pull_cfg(hs, bodies[i]);
		assert_value(hs, "x.y", "");
		assert_int_equal(step_of(hs, CFG), HANDSET_REFUSED);
	}
	handset_free(hs);
}

static void test_lines_of_a_file(void **state)
{
	struct handset *hs = new_phone(t46u);

	(void)state;
	pull_cfg(hs,
		"#!version:1.0.0.1\r\na=1\r\n  b =  two words  \r\n#c = 3\r\nd = #4\r\ne = f = g\r\nh\r\na = 2\r\n");
	assert_value(hs, "a", "2"); /* the last one wins */
	assert_value(hs, "b", "two words");
	assert_value(hs, "c", "");
	assert_value(hs, "d", "#4"); /* a comment only at the start of a line */
	assert_value(hs, "e", "f = g");
	handset_free(hs);
}

static void test_user_password_stands_once_per_role(void **state)
{
	struct handset *hs = new_phone(t46u);

	(void)state;
	pull_cfg(hs, HEAD "static.security.user_password = user:one\nstatic.security.user_password = admin:two\n");
	assert_value(hs, "static.security.user_password.user", "user:one");
	assert_value(hs, "static.security.user_password.admin", "admin:two");
	handset_free(hs);
}

static void test_omitted(void **state)
{
	struct handset *hs = new_phone(t46u);

	(void)state;
	pull_cfg(hs, HEAD "x.y = 1\nstatic.x = 1\n");
	pull_cfg(hs, HEAD "x.z = 1\n");
	assert_value(hs, "x.y", "1"); /* mode 0: kept */
	pull_overwriting(hs, HEAD "x.z = 2\n");
	assert_value(hs, "x.y", "");       /* mode 1: factory default */
	assert_value(hs, "static.x", "1"); /* but static.* is not reset */
	handset_free(hs);
}

static void test_blank(void **state)
{
	struct handset *hs = new_phone(t46u);

	(void)state;
	pull_cfg(hs, HEAD "x.y = 1\nstatic.x = 1\n");
	pull_cfg(hs, HEAD "x.y =\nstatic.x =\n");
	assert_value(hs, "x.y", "1"); /* mode 0: blank is not a clear */
	assert_value(hs, "static.x", "1");
	pull_overwriting(hs, HEAD "x.y = \nstatic.x = \n");
	assert_value(hs, "x.y", "");
	assert_value(hs, "static.x", "");
	handset_free(hs);
}

static void test_null(void **state)
{
	struct handset *hs = new_phone(t46u);

	(void)state;
	pull_cfg(hs, HEAD "x.y = 1\nlinekey.2.type = 16\nlinekey.2.line = 1\nlinekey.20.type = 16\n");
	assert_value(hs, "linekey.2.type", "16");
	pull_cfg(hs, HEAD "x.y = %NULL%\nlinekey.2.type = %NULL%\nlinekey.2.line = %NULL%\nlinekey.20.type = %NULL%\n");
	assert_value(hs, "x.y", "");
	/* The default is Line on the first keys, one per account, and nothing above. */
	assert_value(hs, "linekey.2.type", "15");
	assert_value(hs, "linekey.2.line", "2");
	assert_value(hs, "linekey.16.type", "15");
	assert_value(hs, "linekey.20.type", "0");
	handset_free(hs);
}

static void test_identical_bytes_are_not_applied_again(void **state)
{
	struct handset *hs = new_phone(t46u);

	(void)state;
	pull_cfg(hs, HEAD "x.y = 1\n");
	put_local(hs, "x.y", "mine", false);
	pull_cfg(hs, HEAD "x.y = 1\n");
	assert_value(hs, "x.y", "mine");
	assert_int_equal(step_of(hs, CFG), HANDSET_UNCHANGED);
	pull_cfg(hs, HEAD "# generation 2\nx.y = 1\n");
	assert_value(hs, "x.y", "1");
	handset_free(hs);
}

static void test_protect_puts_local_changes_on_top(void **state)
{
	struct handset *hs = new_phone(t46u);

	(void)state;
	put_local(hs, "before", "mine", false); /* not recorded: protection was off */
	pull_cfg(hs, HEAD "static.auto_provision.custom.protect = 1\n");
	put_local(hs, "x.y", "mine", false);
	put_local(hs, "static.x", "mine", false); /* never recorded */
	pull_cfg(hs, HEAD "x.y = 2\nstatic.x = 2\nbefore = 2\n");
	assert_value(hs, "x.y", "mine");
	assert_value(hs, "static.x", "2");
	assert_value(hs, "before", "2");
	pull_cfg(hs, HEAD "x.y = 3\nstatic.auto_provision.custom.protect = 0\n");
	assert_value(hs, "x.y", "3");
	assert_null(stored(hs, HANDSET_LOCAL, "x.y"));
	handset_free(hs);
}

static void test_a_local_change_stays_until_a_file_writes_it(void **state)
{
	struct handset *hs = new_phone(t46u);

	(void)state;
	pull_cfg(hs, HEAD "static.auto_provision.custom.protect = 1\n");
	put_local(hs, "x.y", "mine", false);
	pull_cfg(hs, HEAD "static.auto_provision.custom.protect = 0\n");
	assert_value(hs, "x.y", "mine");
	pull_cfg(hs, HEAD "static.auto_provision.custom.protect = 0\nx.y = %NULL%\n");
	assert_value(hs, "x.y", "");
	handset_free(hs);
}

static void test_open_rules_of_protection(void **state)
{
	struct handset *hs = new_phone(t46u);

	(void)state;
	handset_rules(hs)->protect_late = true;
	pull_cfg(hs, HEAD "static.auto_provision.custom.protect = 1\n");
	put_local(hs, "x.y", "mine", false);
	pull_cfg(hs, HEAD "static.auto_provision.custom.protect = 0\nx.y = 2\n");
	assert_value(hs, "x.y", "mine");
	pull_cfg(hs, HEAD "static.auto_provision.custom.protect = 0\nx.y = 3\n");
	assert_value(hs, "x.y", "3");
	handset_rules(hs)->protect_late = false;
	handset_rules(hs)->yealink_local_dormant = true;
	pull_cfg(hs, HEAD "static.auto_provision.custom.protect = 1\n");
	put_local(hs, "x.y", "mine", false);
	pull_cfg(hs, HEAD "static.auto_provision.custom.protect = 0\nx.y = 4\n");
	assert_value(hs, "x.y", "4");
	assert_string_equal(stored(hs, HANDSET_LOCAL, "x.y"), "mine");
	pull_cfg(hs, HEAD "static.auto_provision.custom.protect = 1\nx.y = 5\n");
	assert_value(hs, "x.y", "mine");
	handset_free(hs);
}

struct sent {
	char name[64], body[512];
	int n;
};

static int put_fn(void *arg, const char *method, const char *file, struct slice body)
{
	struct sent *s = arg;

	assert_string_equal(method, "PUT");
	snprintf(s->name, sizeof(s->name), "%s", file);
	snprintf(s->body, sizeof(s->body), "%.*s", SLICE_ARG(body));
	s->n++;
	return 200;
}

static void test_sync_sends_and_fetches_the_record(void **state)
{
	const struct served files[] = { { CFG,
						HEAD "static.auto_provision.custom.protect = 1\n"
						     "static.auto_provision.custom.sync = 1\nx.y = 1\n",
						0, 0 },
		{ MAC "-local.cfg", HEAD, 404, 0 }, { 0 } };
	const struct served emptied[] = { { CFG, HEAD "x.y = 2\n", 0, 0 }, { MAC "-local.cfg", HEAD, 0, 0 }, { 0 } };
	struct handset *hs = new_phone(t46u);
	struct sent s = { 0 };

	(void)state;
	pull(hs, files, BOOT " y000000000000.boot y000000000108.cfg " CFG " " MAC "-local.cfg ");
	put_local(hs, "x.y", "mine", false);
	assert_int_equal(handset_uploads(hs, put_fn, &s, NULL), ERR_OK);
	assert_string_equal(s.name, MAC "-local.cfg");
	assert_string_equal(s.body, HEAD "x.y = mine\n");
	pull(hs, emptied, ""); /* a header alone empties the record */
	assert_value(hs, "x.y", "2");
	assert_null(stored(hs, HANDSET_LOCAL, "x.y"));
	handset_free(hs);
}

static void test_auto_linekeys_refill_stripped_keys(void **state)
{
	struct handset *hs = new_phone(t46u);
	char text[2048] =
		HEAD "features.auto_linekeys.enable = 1\naccount.3.enable = 1\naccount.3.number_of_linekey = 2\n";
	int i;

	(void)state;
	for (i = 1; i <= 27; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "linekey.%d.type = 0\n", i);
	pull_cfg(hs, text);
	assert_value(hs, "linekey.1.type", "15");
	assert_value(hs, "linekey.1.line", "3");
	assert_value(hs, "linekey.2.type", "15");
	assert_value(hs, "linekey.3.type", "0");
	handset_free(hs);
}

static void test_lines(void **state)
{
	struct handset *hs = new_phone(t46u);

	(void)state;
	pull_cfg(hs, HEAD
		"account.1.enable = 1\naccount.1.user_name = 1001\naccount.1.auth_name = a1001\naccount.1.password = p\n"
		"account.1.sip_server.1.address = pbx\naccount.1.sip_server.1.port = 5062\n"
		"account.1.sip_server.1.transport_type = 2\naccount.1.sip_server.1.expires = 120\n"
		"account.2.enable = 0\naccount.2.user_name = 1002\naccount.2.sip_server.1.address = pbx\n"
		"account.3.enable = 1\naccount.3.sip_server.1.address = pbx\n"
		"account.17.enable = 1\naccount.17.user_name = 1017\naccount.17.sip_server.1.address = pbx\n"
		"account.4.enable = 1\naccount.4.user_name = 1004\naccount.4.sip_server.1.address = pbx\n");
	assert_string_equal(lines_text(hs), "1:a1001:p@pbx:5062/tls/120 4:1004:@pbx:5060/udp/3600 ");
	handset_free(hs);
}

static void test_keys(void **state)
{
	struct handset *hs = new_phone(t46u);
	char text[1024] =
		HEAD "account.1.enable = 1\naccount.1.user_name = 1001\naccount.1.label = Bob\n"
		     "linekey.2.type = 16\nlinekey.2.label = Carol\nlinekey.3.type = 13\nlinekey.3.label = Mum\n"
		     "expansion_module.2.key.5.type = 16\nexpansion_module.2.key.5.label = Dave\n";
	int i;

	(void)state;
	for (i = 4; i <= 16; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "linekey.%d.type = 0\n", i);
	pull_cfg(hs, text);
	assert_string_equal(keys_text(hs), "0.1:line=Bob 0.2:blf=Carol 0.3:speed-dial=Mum 2.5:blf=Dave ");
	handset_free(hs);
}

static void test_credentials_come_from_its_own_files(void **state)
{
	struct handset *hs = new_phone(t46u);
	struct handset_credentials c;

	(void)state;
	handset_credentials(hs, &c);
	assert_string_equal(c.user, "");
	pull_cfg(hs, HEAD "static.auto_provision.server.url = https://x/\nstatic.auto_provision.server.username = " MAC
			  "\nstatic.auto_provision.server.password = secret\n");
	handset_credentials(hs, &c);
	assert_string_equal(c.user, MAC);
	assert_true(slice_eq_str(secret_reveal(&c.password), "secret"));
	handset_free(hs);
}

static void test_check_sync(void **state)
{
	struct handset *hs = new_phone(t46u);

	(void)state;
	assert_int_equal(notify(hs, "check-sync").action, HANDSET_REBOOT);
	assert_int_equal(notify(hs, "check-sync;reboot=false").action, HANDSET_REBOOT); /* 1, the default */
	pull_cfg(hs, HEAD "sip.notify_reboot_enable = 0\n");
	assert_int_equal(notify(hs, "check-sync").action, HANDSET_RESYNC);
	assert_int_equal(notify(hs, "check-sync;reboot=false").action, HANDSET_RESYNC);
	assert_int_equal(notify(hs, "check-sync;reboot=true").action, HANDSET_REBOOT);
	assert_int_equal(notify(hs, "resync").status, 489);
	assert_false(notify(hs, "check-sync").challenges);
	pull_cfg(hs, HEAD "sip.notify_reboot_enable = 2\nsip.request_validation.digest.list = NOTIFY\n"
			  "sip.request_validation.event = check-sync\n");
	assert_int_equal(notify(hs, "check-sync").action, HANDSET_IGNORE);
	assert_int_equal(notify(hs, "check-sync").status, 200);
	assert_true(notify(hs, "check-sync").challenges);
	assert_string_equal(notify(hs, "check-sync").realm, "YealinkSPIP");
	handset_free(hs);
}

static void test_long_values_are_an_open_rule(void **state)
{
	struct handset *hs = new_phone(t46u);
	char text[400] = HEAD "account.1.label = ";

	(void)state;
	memset(text + strlen(text), 'a', 100);
	pull_cfg(hs, text);
	assert_int_equal(strlen(handset_value(hs, "account.1.label")), 100);
	handset_rules(hs)->yealink_long_refused = true;
	memset(text + strlen(HEAD "account.1.label = "), 'b', 100);
	pull_cfg(hs, text);
	assert_int_equal(handset_value(hs, "account.1.label")[0], 'a');
	handset_free(hs);
}

static void test_nothing_answers(void **state)
{
	const struct served down[] = { { BOOT, "", 503, 0 }, { CFG, "", 401, 0 }, { 0 } };
	struct handset *hs = new_phone(t46u);

	(void)state;
	pull_cfg(hs, HEAD "x.y = 1\n");
	pull(hs, down, "");
	assert_value(hs, "x.y", "1"); /* it keeps what it has */
	handset_free(hs);
}

static void test_factory_reset(void **state)
{
	struct handset *hs = new_phone(t46u);

	(void)state;
	pull_cfg(hs, HEAD "x.y = 1\n");
	assert_int_equal(handset_factory_reset(hs, NULL), ERR_OK);
	assert_value(hs, "x.y", "");
	pull_cfg(hs, HEAD "x.y = 1\n"); /* the fingerprint went too */
	assert_value(hs, "x.y", "1");
	handset_free(hs);
}

static void test_out_of_memory(void **state)
{
	const struct served files[] = { { BOOT, HEAD "overwrite_mode = 1\ninclude:config <" CFG ">\n", 0, 0 },
		{ CFG,
			HEAD
			"static.auto_provision.custom.protect = 1\nstatic.auto_provision.custom.sync = 1\nx.y = 1\n",
			0, 0 },
		{ MAC "-local.cfg", HEAD "x.y = 2\n", 0, 0 }, { 0 } };

	(void)state;
	starve(t46u, files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_without_boot_file),
		cmocka_unit_test(test_own_boot_file_stops_the_search),
		cmocka_unit_test(test_common_boot_file),
		cmocka_unit_test(test_boot_file_filters_by_model),
		cmocka_unit_test(test_first_line_decides),
		cmocka_unit_test(test_lines_of_a_file),
		cmocka_unit_test(test_user_password_stands_once_per_role),
		cmocka_unit_test(test_omitted),
		cmocka_unit_test(test_blank),
		cmocka_unit_test(test_null),
		cmocka_unit_test(test_identical_bytes_are_not_applied_again),
		cmocka_unit_test(test_protect_puts_local_changes_on_top),
		cmocka_unit_test(test_a_local_change_stays_until_a_file_writes_it),
		cmocka_unit_test(test_open_rules_of_protection),
		cmocka_unit_test(test_sync_sends_and_fetches_the_record),
		cmocka_unit_test(test_auto_linekeys_refill_stripped_keys),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_credentials_come_from_its_own_files),
		cmocka_unit_test(test_check_sync),
		cmocka_unit_test(test_long_values_are_an_open_rule),
		cmocka_unit_test(test_nothing_answers),
		cmocka_unit_test(test_factory_reset),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
