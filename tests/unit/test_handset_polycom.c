/* One test per rule of the Polycom phone. Expected values are those of the vendor's guides and of its parameter schema.
 */
#include "tests/unit/handset_help.h"

#define CFG MAC ".cfg"
#define ZERO "000000000000.cfg"
#define LINES MAC "-lines.cfg"
#define MASTER "<APPLICATION CONFIG_FILES=\"[PHONE_MAC_ADDRESS]-lines.cfg, site.cfg\"/>"
#define OTHERS                                                                                                         \
	MAC "-phone.cfg " MAC "-web.cfg " MAC "-license.cfg " MAC "-directory.xml 000000000000-directory.xml " MAC     \
	    "-calls.xml "

static const struct handset_model vvx450 = { .kind = HANDSET_POLYCOM,
	.id = "polycom-vvx450",
	.part = "3111-48840-001",
	.token = "VVX450",
	.accounts = 12,
	.keys = 12,
	.modules = 3,
	.module_keys = 40 };

/* Pulls a master file that lists <mac>-lines.cfg and site.cfg; NULL = 404. */
static void pull_two(struct handset *hs, const char *lines, const char *site)
{
	const struct served files[] = { { CFG, MASTER, 0, 0 }, { LINES, lines ? lines : "", lines ? 0 : 404, 0 },
		{ "site.cfg", site ? site : "", site ? 0 : 404, 0 }, { 0 } };

	pull(hs, files, CFG " " LINES " site.cfg " OTHERS);
}

static void pull_more(struct handset *hs, const char *lines, const char *name, const char *body)
{
	const struct served files[] = { { CFG, MASTER, 0, 0 }, { LINES, lines, 0, 0 }, { name, body, 0, 0 }, { 0 } };

	pull(hs, files, "");
}

static void test_master_file_order(void **state)
{
	const struct served zero[] = { { ZERO, "<APPLICATION CONFIG_FILES=\"a.cfg\"/>", 0, 0 },
		{ "a.cfg", "<x x.y=\"1\"/>", 0, 0 }, { 0 } };
	struct handset *hs = new_phone(vvx450);

	(void)state;
	pull(hs, NULL, CFG " " ZERO " "); /* no master: nothing else is asked for */
	pull(hs, zero, CFG " " ZERO " a.cfg " OTHERS);
	assert_value(hs, "x.y", "1");
	pull(hs, NULL, "");
	assert_value(hs, "x.y", "1"); /* and it runs on its cache */
	handset_free(hs);
}

static void test_names_in_the_master_file(void **state)
{
	const struct served files[] = {
		{ CFG,
			"<APPLICATION CONFIG_FILES=\"no.cfg\" OVERRIDES_DIRECTORY=\"over\" CONTACTS_DIRECTORY=\"http://0.0.0.0\" "
			"CALL_LISTS_DIRECTORY=\"calls/[PHONE_MAC_ADDRESS]/\">"
			"<APPLICATION_VVX450 CONFIG_FILES_VVX450=\"[PHONE_MODEL]-[PHONE_MAC_ADDRESS].cfg,[PHONE_PART_NUMBER].cfg\"/>"
			"</APPLICATION>",
			0, 0 },
		{ 0 }
	};
	struct handset *hs = new_phone(vvx450);

	(void)state;
	pull(hs, files,
		CFG " VVX450-" MAC ".cfg 3111-48840-001.cfg over/" MAC "-phone.cfg over/" MAC "-web.cfg " MAC
		    "-license.cfg calls/" MAC "/" MAC "-calls.xml ");
	handset_free(hs);
}

static void test_first_file_wins(void **state)
{
	struct handset *hs = new_phone(vvx450);

	(void)state;
	pull_two(hs, "<a x.y=\"own\"><b x.z=\"1\"/><c x.z=\"2\"/></a>", "<a x.y=\"site\" x.w=\"site\"/>");
	assert_value(hs, "x.y", "own");
	assert_value(hs, "x.z", "1");
	assert_value(hs, "x.w", "site");
	handset_free(hs);
}

static void test_omission_returns_to_the_default(void **state)
{
	struct handset *hs = new_phone(vvx450);

	(void)state;
	pull_two(hs, "<a reg.1.address=\"1001\" reg.1.server.1.expires=\"60\"/>", "<a/>");
	pull_two(hs, "<a x.y=\"1\"/>", "<a/>");
	assert_value(hs, "reg.1.address", "");
	assert_value(hs, "reg.1.server.1.expires", "3600");
	handset_free(hs);
}

static void test_omission_is_an_open_rule(void **state)
{
	struct handset *hs = new_phone(vvx450);

	(void)state;
	handset_rules(hs)->polycom_omission_keeps = true;
	pull_two(hs, "<a reg.1.address=\"1001\" x.y=\"1\"/>", "<a/>");
	pull_two(hs, "<a x.y=\"2\"/>", "<a/>");
	assert_value(hs, "reg.1.address", "1001");
	assert_value(hs, "x.y", "2");
	pull_two(hs, "<a reg.1.address=\"\"/>", "<a/>"); /* an explicit empty clears by either reading */
	assert_value(hs, "reg.1.address", "");
	handset_free(hs);
}

static void test_a_listed_file_that_is_missing_or_broken(void **state)
{
	static const char *const broken[] = { NULL, "", "<html><br></html>", "<a x.y=\"2\" x.y=\"3\"/>",
		"<a x.y=\"2\"" };
	struct handset *hs = new_phone(vvx450);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		pull_two(hs, "<a x.y=\"1\"/>", "<a x.y=\"site\"/>");
		pull_two(hs, broken[i], "<a x.y=\"site\"/>");
		assert_value(hs, "x.y", "1"); /* its cached copy, in its own place */
	}
	handset_rules(hs)->polycom_missing_drops = true;
	pull_two(hs, NULL, "<a x.y=\"site\"/>");
	assert_value(hs, "x.y", "site");
	handset_free(hs);
}

static void test_broken_master_moves_on(void **state)
{
	const struct served files[] = { { CFG, "<!DOCTYPE html><html><p>no", 0, 0 },
		{ ZERO, "<APPLICATION CONFIG_FILES=\"\"/>", 0, 0 }, { 0 } };
	struct handset *hs = new_phone(vvx450);

	(void)state;
	pull(hs, files, CFG " " ZERO " " OTHERS);
	assert_int_equal(step_of(hs, CFG), HANDSET_REFUSED);
	handset_free(hs);
}

static void test_parameters_in_the_masters_place(void **state)
{
	const struct served files[] = { { CFG, "<PHONE><REGISTRATION reg.1.address=\"1001\"/></PHONE>", 0, 0 }, { 0 } };
	struct handset *hs = new_phone(vvx450);

	(void)state;
	pull(hs, files, CFG " " OTHERS);
	assert_value(hs, "reg.1.address", "1001");
	handset_free(hs);
}

static void test_attributes_with_a_namespace_are_no_parameters(void **state)
{
	struct handset *hs = new_phone(vvx450);

	(void)state;
	pull_two(hs,
		"<a xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:noNamespaceSchemaLocation=\"p.xsd\"/>",
		"<a/>");
	assert_value(hs, "noNamespaceSchemaLocation", "");
	handset_free(hs);
}

static void test_overrides_beat_files(void **state)
{
	struct handset *hs = new_phone(vvx450);

	(void)state;
	put_local(hs, "x.y", "phone", false);
	put_local(hs, "x.z", "web", true);
	pull_two(hs, "<a x.y=\"1\" x.z=\"1\"/>", "<a/>"); /* the override files are 404: the flash copy stands */
	assert_value(hs, "x.y", "phone");
	assert_value(hs, "x.z", "web");
	put_local(hs, "x.y", "web", true);
	assert_value(hs, "x.y", "phone");
	handset_rules(hs)->polycom_web_wins = true;
	assert_value(hs, "x.y", "web");
	handset_free(hs);
}

static void test_empty_override_files_clear(void **state)
{
	const char *empty = "<PHONE_CONFIG><OVERRIDES/></PHONE_CONFIG>";
	struct handset *hs = new_phone(vvx450);

	(void)state;
	put_local(hs, "x.y", "phone", false);
	put_local(hs, "x.z", "web", true);
	pull_more(hs, "<a x.y=\"1\" x.z=\"1\"/>", MAC "-phone.cfg", empty);
	assert_value(hs, "x.y", "1");
	assert_value(hs, "x.z", "web");
	pull_more(hs, "<a x.y=\"1\" x.z=\"1\"/>", MAC "-web.cfg", empty);
	assert_value(hs, "x.z", "1");
	pull_more(hs, "<a/>", MAC "-phone.cfg", "<PHONE_CONFIG><OVERRIDES x.y=\"again\"/></PHONE_CONFIG>");
	assert_value(hs, "x.y", "again");
	pull_more(hs, "<a/>", MAC "-phone.cfg", "<html/>"); /* no overrides: nothing applied */
	assert_value(hs, "x.y", "again");
	handset_rules(hs)->polycom_override_404 = true;
	pull_two(hs, "<a/>", "<a/>");
	assert_value(hs, "x.y", "");
	handset_free(hs);
}

static void test_device_needs_both_flags_and_survives(void **state)
{
	struct handset *hs = new_phone(vvx450);
	struct handset_credentials c;

	(void)state;
	pull_two(hs, "<a device.prov.user=\"u\"/>", "<a/>");
	assert_value(hs, "device.prov.user", "");
	pull_two(hs, "<a device.prov.user=\"u\" device.prov.user.set=\"1\"/>", "<a/>");
	assert_value(hs, "device.prov.user", "");
	pull_two(hs, "<a device.prov.user=\"u\" device.set=\"1\"/>", "<a/>");
	assert_value(hs, "device.prov.user", "");
	pull_two(hs,
		"<a device.set=\"1\" device.prov.user=\"u\" device.prov.user.set=\"1\" device.prov.password=\"p\" "
		"device.prov.password.set=\"1\" device.net.vlanId=\"7\" device.net.vlanId.set=\"1\"/>",
		"<a/>");
	pull_two(hs, "<a/>", "<a/>");
	handset_credentials(hs, &c);
	assert_string_equal(c.user, "u");
	assert_true(slice_eq_str(secret_reveal(&c.password), "p"));
	pull_two(hs,
		"<a device.set=\"1\" device.prov.user=\"\" device.prov.user.set=\"1\" device.net.vlanId=\"\" "
		"device.net.vlanId.set=\"1\"/>",
		"<a/>");
	assert_value(hs, "device.prov.user", "");
	assert_value(hs, "device.net.vlanId", "7"); /* integer or empty: empty leaves it */
	handset_free(hs);
}

static void test_directory_and_calls_are_replaced(void **state)
{
	struct handset *hs = new_phone(vvx450);

	(void)state;
	pull_more(hs, "<a/>", MAC "-directory.xml",
		"<directory><item_list><item><ln>Smith</ln><fn>Bob</fn><ct>1001</ct><sd>1</sd></item></item_list></directory>");
	assert_string_equal(stored(hs, HANDSET_DATA, "directory.1.ln"), "Smith");
	assert_string_equal(keys_text(hs), "0.1:speed-dial=Bob ");
	pull_more(hs, "<a/>", MAC "-calls.xml", "<calls><item><number>1001</number></item></calls>");
	assert_string_equal(stored(hs, HANDSET_DATA, "calls.1.number"), "1001");
	assert_string_equal(stored(hs, HANDSET_DATA, "directory.1.ln"), "Smith");
	pull_more(hs, "<a/>", MAC "-directory.xml", "<directory><item_list/></directory>");
	assert_null(stored(hs, HANDSET_DATA, "directory.1.ln"));
	assert_string_equal(stored(hs, HANDSET_DATA, "calls.1.number"), "1001");
	handset_free(hs);
}

static void test_lines(void **state)
{
	struct handset *hs = new_phone(vvx450);

	(void)state;
	pull_two(hs,
		"<a reg.1.address=\"1001@example.test\" reg.1.auth.userId=\"a1001\" reg.1.auth.password=\"p\" "
		"reg.1.server.1.address=\"pbx\" reg.1.server.1.port=\"5062\" reg.1.server.1.transport=\"TCPOnly\" "
		"reg.1.server.1.expires=\"120\" reg.2.server.1.address=\"pbx\" reg.3.address=\"1003\" "
		"reg.3.server.1.register=\"0\" reg.3.server.1.address=\"pbx\" reg.4.address=\"1004\" "
		"voIpProt.server.1.address=\"fallback\" reg.13.address=\"1013\"/>",
		"<a/>");
	assert_string_equal(lines_text(hs), "1:a1001:p@pbx:5062/tcp/120 4:1004:@fallback:0/naptr/3600 ");
	handset_free(hs);
}

static void test_keys_in_order(void **state)
{
	struct handset *hs = new_phone(vvx450);

	(void)state;
	pull_more(hs,
		"<a reg.1.address=\"1001\" reg.1.label=\"Bob\" reg.1.lineKeys=\"2\" reg.2.address=\"1002\" "
		"attendant.resourceList.1.address=\"1003\" attendant.resourceList.1.label=\"Carol\"/>",
		MAC "-directory.xml",
		"<directory><item_list><item><fn>Mum</fn><sd>1</sd></item></item_list></directory>");
	assert_string_equal(keys_text(hs), "0.1:line=Bob 0.2:line=Bob 0.3:line=1002 0.4:blf=Carol 0.5:speed-dial=Mum ");
	handset_free(hs);
}

static void test_keys_assigned(void **state)
{
	struct handset *hs = new_phone(vvx450);

	(void)state;
	pull_two(hs,
		"<a lineKey.reassignment.enabled=\"1\" lineKey.2.category=\"Line\" lineKey.2.index=\"1\" "
		"lineKey.13.category=\"BLF\" lineKey.13.index=\"0\" lineKey.3.category=\"Unassigned\" reg.1.address=\"1001\" "
		"attendant.resourceList.1.address=\"1003\"/>",
		"<a/>");
	assert_string_equal(keys_text(hs), "0.2:line=1001 1.1:blf=1003 ");
	handset_free(hs);
}

/* "If the address itself ends in the name of a .cfg file, that one is tried first; if it cannot be had, go on." */
static void test_an_address_that_names_the_master(void **state)
{
	const struct served files[] = { { "site-7.CFG", "<APPLICATION CONFIG_FILES=\"a.cfg\"/>", 0, 0 },
		{ "a.cfg", "<x x.y=\"1\"/>", 0, 0 }, { 0 } };
	static const char *const plain[] = { "boot.example/cfg/", "boot.example", "boot.example/.cfg", "boot.cfg" };
	struct handset *hs = new_phone(vvx450);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		assert_int_equal(
			handset_restore(hs, HANDSET_FLASH, "device.prov.serverName", plain[i], NULL, NULL), ERR_OK);
		pull(hs, NULL, CFG " " ZERO " ");
	}
	assert_int_equal(
		handset_restore(hs, HANDSET_FLASH, "device.prov.serverName", "boot.example/cfg/site-7.CFG", NULL, NULL),
		ERR_OK);
	pull(hs, files, "site-7.CFG a.cfg " OTHERS);
	assert_value(hs, "x.y", "1");
	pull(hs, NULL, "site-7.CFG " CFG " " ZERO " ");
	handset_free(hs);
}

/* "Only loaded on the first boot": not by a phone that has contacts, nor by one that has its own file. */
static void test_the_seed_of_contacts(void **state)
{
	static const char one[] = "<directory><item_list><item><fn>A</fn></item></item_list></directory>";
	const struct served seed[] = { { CFG, MASTER, 0, 0 }, { "000000000000-directory.xml", one, 0, 0 }, { 0 } };
	struct handset *hs = new_phone(vvx450);

	(void)state;
	pull(hs, seed, "");
	assert_value(hs, "x.y", "");
	assert_int_equal(step_of(hs, "000000000000-directory.xml"), HANDSET_APPLIED);
	pull(hs, seed,
		CFG " " LINES " site.cfg " MAC "-phone.cfg " MAC "-web.cfg " MAC "-license.cfg " MAC
		    "-directory.xml " MAC "-calls.xml ");
	handset_free(hs);
}

/* Without assignment one by one: known to run 3.x, or by the open rule. Modules count on in their own numbers. */
static void test_keys_of_3x(void **state)
{
	static const char file[] =
		"<a lineKey.reassignment.enabled=\"1\" lineKey.8.category=\"Line\" lineKey.8.index=\"1\" "
		"reg.1.address=\"1001\" reg.1.lineKeys=\"2\" attendant.resourceList.1.address=\"1003\"/>";
	struct handset_model ip650 = { .kind = HANDSET_POLYCOM,
		.id = "polycom-ip650",
		.token = "SPIP650",
		.accounts = 34,
		.keys = 6,
		.modules = 3,
		.module_keys = 14 };
	struct handset *hs = new_phone(ip650);

	(void)state;
	pull_two(hs, file, "<a/>");
	assert_string_equal(keys_text(hs), "1.2:line=1001 ");
	handset_rules(hs)->polycom_lines_first = true;
	assert_string_equal(keys_text(hs), "0.1:line=1001 0.2:line=1001 0.3:blf=1003 ");
	handset_free(hs);
	ip650.lines_first = true;
	hs = new_phone(ip650);
	pull_two(hs, file, "<a/>");
	assert_string_equal(keys_text(hs), "0.1:line=1001 0.2:line=1001 0.3:blf=1003 ");
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

static void test_uploads(void **state)
{
	struct handset *hs = new_phone(vvx450);
	struct sent s = { 0 };

	(void)state;
	assert_int_equal(handset_uploads(hs, put_fn, &s, NULL), ERR_OK);
	assert_int_equal(s.n, 0);
	put_local(hs, "x.y", "a \"b\" <c> & d", false);
	assert_int_equal(handset_uploads(hs, put_fn, &s, NULL), ERR_OK);
	assert_string_equal(s.name, MAC "-phone.cfg");
	assert_non_null(strstr(s.body, "x.y=\"a &quot;b&quot; &lt;c&gt; &amp; d\""));
	pull_more(hs, "<a/>", MAC "-phone.cfg", s.body); /* what it sends it can read back */
	assert_value(hs, "x.y", "a \"b\" <c> & d");
	pull_two(hs, "<a prov.autoConfigUpload.enabled=\"0\"/>", "<a/>");
	s.n = 0;
	assert_int_equal(handset_uploads(hs, put_fn, &s, NULL), ERR_OK);
	assert_int_equal(s.n, 0);
	handset_free(hs);
}

static void test_check_sync(void **state)
{
	struct handset *hs = new_phone(vvx450);
	struct handset_reaction r;

	(void)state;
	r = notify(hs, "check-sync");
	assert_int_equal(r.status, 200);
	assert_true(r.only_if_changed);
	assert_false(r.challenges);
	pull_two(hs,
		"<a voIpProt.SIP.specialEvent.checkSync.alwaysReboot=\"1\" voIpProt.SIP.requestValidation.2.request=\"NOTIFY\" "
		"voIpProt.SIP.requestValidation.2.method=\"digest\" "
		"voIpProt.SIP.requestValidation.2.request.1.event=\"check-sync\"/>",
		"<a/>");
	r = notify(hs, "check-sync");
	assert_int_equal(r.action, HANDSET_REBOOT);
	assert_false(r.only_if_changed);
	assert_true(r.challenges);
	assert_string_equal(r.realm, "PolycomSPIP");
	r = notify(hs, "ACTION-URI");
	assert_int_equal(r.status, 200);
	assert_int_equal(r.action, HANDSET_IGNORE);
	handset_free(hs);
}

static void test_offline(void **state)
{
	struct handset *hs = new_phone(vvx450);

	(void)state;
	pull_two(hs, "<a x.y=\"1\"/>", "<a/>");
	assert_int_equal(handset_begin(hs, NULL), ERR_OK);
	assert_int_equal(handset_begin(hs, NULL), ERR_BUG);
	assert_int_equal(
		handset_apply(hs, MAC "-Web.cfg", SLICE_LIT("<PHONE_CONFIG><O x.z=\"2\"/></PHONE_CONFIG>"), NULL),
		ERR_OK);
	assert_int_equal(handset_end(hs, NULL), ERR_OK);
	assert_int_equal(handset_end(hs, NULL), ERR_BUG);
	assert_value(hs, "x.y", "1"); /* an override file alone is no new configuration */
	assert_value(hs, "x.z", "2");
	handset_free(hs);
}

static void test_entities_are_refused(void **state)
{
	struct handset *hs = new_phone(vvx450);

	(void)state;
	pull_two(hs, "<!DOCTYPE a [<!ENTITY e \"eeee\">]><a x.y=\"&e;\"/>", "<a/>");
	assert_value(hs, "x.y", "");
	assert_int_equal(step_of(hs, LINES), HANDSET_REFUSED);
	handset_free(hs);
}

static void test_out_of_memory(void **state)
{
	const struct served files[] = { { CFG, MASTER, 0, 0 },
		{ LINES, "<a x.y=\"1\" device.set=\"1\" device.hostname=\"h\" device.hostname.set=\"1\"/>", 0, 0 },
		{ MAC "-phone.cfg", "<PHONE_CONFIG><OVERRIDES x.y=\"2\"/></PHONE_CONFIG>", 0, 0 },
		{ MAC "-directory.xml", "<directory><item><fn>Bob</fn></item></directory>", 0, 0 }, { 0 } };

	(void)state;
	starve(vvx450, files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_master_file_order),
		cmocka_unit_test(test_names_in_the_master_file),
		cmocka_unit_test(test_first_file_wins),
		cmocka_unit_test(test_omission_returns_to_the_default),
		cmocka_unit_test(test_omission_is_an_open_rule),
		cmocka_unit_test(test_a_listed_file_that_is_missing_or_broken),
		cmocka_unit_test(test_broken_master_moves_on),
		cmocka_unit_test(test_parameters_in_the_masters_place),
		cmocka_unit_test(test_attributes_with_a_namespace_are_no_parameters),
		cmocka_unit_test(test_overrides_beat_files),
		cmocka_unit_test(test_empty_override_files_clear),
		cmocka_unit_test(test_device_needs_both_flags_and_survives),
		cmocka_unit_test(test_directory_and_calls_are_replaced),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_keys_in_order),
		cmocka_unit_test(test_keys_assigned),
		cmocka_unit_test(test_keys_of_3x),
		cmocka_unit_test(test_an_address_that_names_the_master),
		cmocka_unit_test(test_the_seed_of_contacts),
		cmocka_unit_test(test_uploads),
		cmocka_unit_test(test_check_sync),
		cmocka_unit_test(test_offline),
		cmocka_unit_test(test_entities_are_refused),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
