/* The Yealink phone before V81, with encrypted files, and with contacts of its own. Expected values are those of the
 * vendor's guides and of public template sets. */
#include "tests/unit/handset_help.h"

#include "phonecfg/handset/residue.h"
#include "phonecfg/profile/profile.h"
#include "phonecfg/vendor/crypt.h"

#define HEAD "#!version:1.0.0.1\n"
#define CFG MAC ".cfg"
#define BOOT MAC ".boot"

static const struct handset_model v81 = { .kind = HANDSET_YEALINK,
	.id = "yealink-t46g",
	.common = "y000000000028.cfg",
	.token = "T46G",
	.accounts = 16,
	.keys = 27 };

static struct handset_model v80(void)
{
	struct handset_model m = v81;

	m.old_names = true;
	return m;
}

static void pull_cfg(struct handset *hs, const char *text)
{
	const struct served files[] = { { CFG, text, 0, 0 }, { 0 } };

	pull(hs, files, "");
}

static void test_which_generation(void **state)
{
	struct catalog *cat = catalog_open("firmware-profiles", NULL);
	const struct profile *t46g, *t46u, *t28p;
	struct handset_model m;

	(void)state;
	assert_non_null(cat);
	t46g = catalog_find(cat, "yealink-t46g");
	t46u = catalog_find(cat, "yealink-t46u");
	t28p = catalog_find(cat, "yealink-t28p");
	assert_true(handset_model_of(t46g, &m));
	assert_true(m.either && !m.old_names);
	handset_model_runs(&m, t46g, "28.80.0.130");
	assert_true(m.old_names && !m.either);
	handset_model_runs(&m, t46g, "28.81.0.25");
	assert_true(!m.old_names && !m.either);
	assert_true(handset_model_of(t46u, &m));
	assert_true(!m.old_names && !m.either);
	assert_true(handset_model_of(t28p, &m));
	assert_true(m.old_names && !m.either);
	catalog_close(cat);
}

static void test_old_firmware_asks_for_no_boot_file(void **state)
{
	const struct served files[] = { { BOOT, HEAD "overwrite_mode = 1\ninclude:config <a.cfg>\n", 0, 0 },
		{ CFG, HEAD "x.y = 1\n", 0, 0 }, { 0 } };
	struct handset *hs = new_phone(v80());

	(void)state;
	pull(hs, files, "y000000000028.cfg " CFG " ");
	assert_value(hs, "x.y", "1");
	pull_cfg(hs, HEAD "x.z = 1\n");
	assert_value(hs, "x.y", "1"); /* nothing resets what a file leaves out */
	handset_free(hs);
}

/* Where the spelling decides: the login for the next pull, and protection of local changes. */
static void test_spelling(void **state)
{
	static const char both[] =
		HEAD "static.auto_provision.server.username = new\nauto_provision.server.username = old\n"
		     "static.auto_provision.custom.protect = 1\n";
	struct handset *now = new_phone(v81), *old = new_phone(v80());
	struct handset_credentials c;

	(void)state;
	pull_cfg(now, both);
	pull_cfg(old, both);
	handset_credentials(now, &c);
	assert_string_equal(c.user, "new");
	handset_credentials(old, &c);
	assert_string_equal(c.user, "old");
	put_local(now, "x.y", "mine", false);
	put_local(old, "x.y", "mine", false);
	pull_cfg(now, HEAD "x.y = server\n");
	pull_cfg(old, HEAD "x.y = server\n");
	assert_value(now, "x.y", "mine");
	assert_value(old, "x.y", "server"); /* it never heard of static.* */
	handset_rules(old)->yealink_both_spellings = true;
	put_local(old, "x.y", "mine", false);
	pull_cfg(old, HEAD "x.y = server again\n");
	assert_value(old, "x.y", "mine");
	handset_free(now);
	handset_free(old);
}

static void test_old_names_of_an_account(void **state)
{
	struct handset *hs = new_phone(v80()), *now = new_phone(v81);
	static const char cfg[] = HEAD "account.1.enable = 1\naccount.1.user_name = 1001\naccount.1.password = s\n"
				       "account.1.sip_server_host = sip.test\naccount.1.sip_server_port = 5070\n"
				       "account.1.transport = 2\naccount.1.expires = 600\nmemorykey.2.type = 16\n"
				       "memorykey.2.label = Bob\n";

	(void)state;
	pull_cfg(hs, cfg);
	assert_string_equal(lines_text(hs), "1:1001:s@sip.test:5070/tls/600 ");
	assert_non_null(strstr(keys_text(hs), "0.29:blf=Bob "));
	pull_cfg(now, cfg);
	assert_string_equal(lines_text(now), "");
	assert_null(strstr(keys_text(now), "Bob"));
	handset_free(hs);
	handset_free(now);
}

/* Seals text with key and pulls it as <mac>.cfg. */
static void pull_sealed(struct handset *hs, const char *key, const char *text)
{
	struct secret k = { key, strlen(key) };
	struct served files[] = { { CFG, NULL, 0, 0 }, { 0 } };
	struct err err;
	struct buf b;

	buf_init(&b, 4096);
	assert_int_equal(vendor_encrypt(VENDOR_YEALINK, &k, slice_str(text), &b, &err), ERR_OK);
	files[0].body = b.data;
	files[0].n = b.len;
	pull(hs, files, "");
	buf_release(&b);
}

static void test_encrypted_files(void **state)
{
	struct handset *hs = new_phone(v81);

	(void)state;
	pull_sealed(hs, "0123456789abcdef", HEAD "x.y = 1\n"); /* it holds no key yet */
	assert_int_equal(step_of(hs, CFG), HANDSET_REFUSED);
	pull_cfg(hs, HEAD "static.auto_provision.aes_key_16.mac = 0123456789abcdef\n");
	pull_sealed(hs, "0123456789abcdef", HEAD "x.y = 1\n");
	assert_int_equal(step_of(hs, CFG), HANDSET_APPLIED);
	assert_value(hs, "x.y", "1");
	pull_sealed(hs, "0123456789abcdef", HEAD "x.y = 1\n");
	assert_int_equal(step_of(hs, CFG), HANDSET_UNCHANGED);
	pull_sealed(hs, "another-key-here", HEAD "x.y = 2\n");
	assert_int_equal(step_of(hs, CFG), HANDSET_REFUSED);
	pull_cfg(hs, HEAD "x.y = 3\nstatic.auto_provision.aes_key.mac = 0123456789abcdef0123456789abcdef\n");
	assert_value(hs, "x.y", "3"); /* a plain file is taken as before */
	pull_sealed(hs, "0123456789abcdef0123456789abcdef", HEAD "static.auto_provision.update_file_mode = 1\n");
	assert_int_equal(step_of(hs, CFG), HANDSET_APPLIED);
	pull_cfg(hs, HEAD "x.y = 4\n"); /* until it is told to take encrypted ones only */
	assert_int_equal(step_of(hs, CFG), HANDSET_REFUSED);
	assert_value(hs, "x.y", "3");
	handset_free(hs);
}

static void test_key_in_a_file(void **state)
{
	struct handset *hs = new_phone(v81);

	(void)state;
	pull_cfg(hs, HEAD "static.auto_provision.aes_key_16.mac = 0123456789abcdef\n"
			  "static.auto_provision.aes_key_in_file = 1\n");
	pull_sealed(hs, "0123456789abcdef", HEAD "x.y = 1\n");
	assert_int_equal(step_of(hs, CFG), HANDSET_REFUSED);
	handset_free(hs);
}

#define CONTACTS MAC "-contact.xml"

static int keep_put(void *arg, const char *method, const char *file, struct slice body)
{
	assert_string_equal(method, "PUT");
	assert_string_equal(file, CONTACTS);
	snprintf(arg, 512, "%.*s", SLICE_ARG(body));
	return 200;
}

static void test_contacts(void **state)
{
	static const char list[] =
		"<?xml version=\"1.0\"?>\n<root_group><group display_name=\"All Contacts\"/></root_group>"
		"<root_contact><contact name=\"Bob &amp; &lt;Co&gt;\" office=\"2002\"/>"
		"<contact name=\"Carol\"/></root_contact>";
	const struct served on[] = { { CFG, HEAD "static.auto_provision.local_contact.backup.enable = 1\n", 0, 0 },
		{ CONTACTS, list, 0, 0 }, { 0 } };
	const struct served empty[] = { { CONTACTS, "<root_contact>\n</root_contact>\n", 0, 0 }, { 0 } };
	const struct served broken[] = { { CONTACTS, "<root_contact>", 0, 0 }, { 0 } };
	struct handset *hs = new_phone(v81);
	char sent[512] = "";

	(void)state;
	pull(hs, on, BOOT " y000000000000.boot y000000000028.cfg " CFG " " CONTACTS " ");
	assert_string_equal(stored(hs, HANDSET_DATA, "contact.1.name"), "Bob & <Co>");
	assert_string_equal(stored(hs, HANDSET_DATA, "contact.2.name"), "Carol");
	assert_int_equal(handset_uploads(hs, keep_put, sent, NULL), ERR_OK);
	assert_non_null(
		strstr(sent, "<contact name=\"Bob &amp; &lt;Co>\" office=\"2002\"/>\n<contact name=\"Carol\"/>"));
	pull(hs, broken, "");
	assert_string_equal(stored(hs, HANDSET_DATA, "contact.2.name"), "Carol");
	pull(hs, empty, "");
	assert_null(stored(hs, HANDSET_DATA, "contact.1.name"));
	sent[0] = '\0';
	assert_int_equal(handset_uploads(hs, keep_put, sent, NULL), ERR_OK);
	assert_string_equal(sent, "");
	handset_free(hs);
}

/* "The existing local contacts will be overridden" (administrator's guide V80): by the list whose address is given,
 * unless the phone keeps its contacts on the server (guide V84). */
static void test_contacts_by_address(void **state)
{
#define LIST "https://rekey.example.test/cfg/list.xml"
	const struct served told[] = { { CFG, HEAD "local_contact.data.url = " LIST "\n", 0, 0 },
		{ LIST, "<root_contact/>", 0, 0 }, { 0 } };
	const struct served shares[] = { { CFG,
						 HEAD "static.auto_provision.local_contact.backup.enable = 1\n"
						      "local_contact.data.url = " LIST "\n",
						 0, 0 },
		{ LIST, "<root_contact/>", 0, 0 }, { 0 } };
	const struct handset_model old = v80();
	struct handset *hs = new_phone(old);

	(void)state;
	assert_int_equal(handset_restore(hs, HANDSET_DATA, "contact.1.name", "Carol", NULL, NULL), ERR_OK);
	pull_cfg(hs, HEAD "local_contact.data.url = %NULL%\n");
	assert_string_equal(stored(hs, HANDSET_DATA, "contact.1.name"), "Carol");
	pull(hs, told, "y000000000028.cfg " CFG " " LIST " ");
	assert_null(stored(hs, HANDSET_DATA, "contact.1.name"));
	handset_free(hs);
	hs = new_phone(v81);
	assert_int_equal(handset_restore(hs, HANDSET_DATA, "contact.1.name", "Carol", NULL, NULL), ERR_OK);
	pull(hs, shares, BOOT " y000000000000.boot y000000000028.cfg " CFG " " CONTACTS " ");
	assert_string_equal(stored(hs, HANDSET_DATA, "contact.1.name"), "Carol");
	handset_free(hs);
}

/* Which element holds the contacts is known of most phones only: by the other reading the rest of the file is nothing.
 */
static void test_where_contacts_stand(void **state)
{
	static const struct {
		bool old, other;
		const char *list;
		bool empties;
	} rows[] = {
		{ false, false, "<root_contact/>", true },
		{ false, false, "<contactData/>", false },
		{ false, false, "<vp_contact><root_contact/></vp_contact>", false },
		{ false, true, "<root_contact/>", false },
		{ false, true, "<vp_contact><root_contact/></vp_contact>", true },
		{ false, true, "<root_group/><root_contact/><vp_contact><root_contact/></vp_contact>", true },
		{ true, false, "<root_group/><root_contact/><contactData/>", true },
		{ true, true, "<root_contact/>", false },
		{ true, true, "<root_group/><root_contact/><contactData/>", true },
		{ false, false, "<root_contact>", false },
		{ false, false, "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct served files[] = { { CFG, HEAD "local_contact.data.url = list.xml\n", 0, 0 },
			{ "list.xml", rows[i].list, 0, 0 }, { 0 } };
		struct handset *hs = new_phone(rows[i].old ? v80() : v81);

		handset_rules(hs)->yealink_other_list = rows[i].other;
		assert_int_equal(handset_restore(hs, HANDSET_DATA, "contact.1.name", "Carol", NULL, NULL), ERR_OK);
		assert_int_equal(handset_restore(hs, HANDSET_DATA, "call.1.name", "Dora", NULL, NULL), ERR_OK);
		pull(hs, files, "");
		if (!stored(hs, HANDSET_DATA, "contact.1.name") != rows[i].empties)
			fail_msg("row %zu", i);
		assert_string_equal(stored(hs, HANDSET_DATA, "call.1.name"), "Dora");
		handset_free(hs);
	}
}

/* <mac>-calllog.xml, where the phone was told so. */
static void test_calls(void **state)
{
	const struct served on[] = { { CFG, HEAD "static.auto_provision.local_calllog.backup.enable = 1\n", 0, 0 },
		{ MAC "-calllog.xml", "<root_call_log><item number=\"1\"/><item number=\"2\"/></root_call_log>", 0, 0 },
		{ 0 } };
	const struct served empty[] = { { MAC "-calllog.xml", "<root_call_log/>", 0, 0 }, { 0 } };
	const struct served other[] = { { MAC "-calllog.xml", "<calls/>", 0, 0 }, { 0 } };
	struct handset *hs = new_phone(v81);

	(void)state;
	pull(hs, on, "");
	assert_string_equal(stored(hs, HANDSET_DATA, "call.2.number"), "2");
	pull(hs, other, "");
	assert_string_equal(stored(hs, HANDSET_DATA, "call.2.number"), "2");
	pull(hs, empty, BOOT " y000000000000.boot y000000000028.cfg " CFG " " MAC "-calllog.xml ");
	assert_null(stored(hs, HANDSET_DATA, "call.1.number"));
	handset_free(hs);
	hs = new_phone(v80());
	pull(hs, on, "y000000000028.cfg " CFG " ");
	handset_free(hs);
}

static enum err_code pull_for_residue(struct handset *hs, void *arg, struct err *err)
{
	struct server s = { arg, "" };

	return handset_pull(hs, fetch, &s, err);
}

/* A phone whose firmware nobody knows must be clean by both readings: what is blanked by a boot file's overwrite_mode
 * alone stays on firmware of before V81. */
static void test_both_generations_are_looked_at(void **state)
{
	struct served lazy[] = { { BOOT, HEAD "overwrite_mode = 1\ninclude:config <" CFG ">\n", 0, 0 },
		{ CFG, HEAD "x.y = 1\n", 0, 0 }, { 0 } };
	struct served good[] = { { CFG, HEAD "account.1.display_name = %NULL%\n", 0, 0 }, { 0 } };
	const struct residue_word word = { RESIDUE_NAME, "Leaver" };
	const struct residue_query q = { .words = &word, .nwords = 1 };
	struct handset_model m = v81;
	struct residue_list found;
	struct handset *hs;
	struct arena a;

	(void)state;
	m.either = true;
	hs = new_phone(m);
	arena_init(&a, 0);
	pull_cfg(hs, HEAD "account.1.display_name = Leaver\n");
	assert_int_equal(residue_check(hs, pull_for_residue, lazy, &q, &a, &found, NULL), ERR_OK);
	assert_int_equal(found.n, 1);
	assert_string_equal(found.v[0].rule, "yealink_old_firmware");
	assert_int_equal(residue_check(hs, pull_for_residue, good, &q, &a, &found, NULL), ERR_OK);
	assert_int_equal(found.n, 0);
	arena_release(&a);
	handset_free(hs);
}

static void test_out_of_memory(void **state)
{
	const struct served files[] = { { CFG,
						HEAD "static.auto_provision.local_contact.backup.enable = 1\n"
						     "static.auto_provision.aes_key_16.mac = 0123456789abcdef\n",
						0, 0 },
		{ "y000000000028.cfg", "sixteen bytes at", 0, 0 }, { CONTACTS, "<c><contact n=\"1\"/></c>", 0, 0 },
		{ 0 } };

	(void)state;
	starve(v81, files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_which_generation),
		cmocka_unit_test(test_old_firmware_asks_for_no_boot_file),
		cmocka_unit_test(test_spelling),
		cmocka_unit_test(test_old_names_of_an_account),
		cmocka_unit_test(test_encrypted_files),
		cmocka_unit_test(test_key_in_a_file),
		cmocka_unit_test(test_contacts),
		cmocka_unit_test(test_contacts_by_address),
		cmocka_unit_test(test_where_contacts_stand),
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_both_generations_are_looked_at),
		cmocka_unit_test(test_out_of_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
