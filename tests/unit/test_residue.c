/* What counts as residue, and what does not. */
#include "tests/unit/handset_help.h"

#include "phonecfg/handset/residue.h"

#define HEAD "#!version:1.0.0.1\n"
#define CFG MAC ".cfg"

static const struct handset_model t46u = { .kind = HANDSET_YEALINK,
	.id = "yealink-t46u",
	.common = "y000000000108.cfg",
	.token = "T46U",
	.accounts = 16,
	.keys = 27 };
static const struct handset_model gxp2170 = { .kind = HANDSET_GRANDSTREAM,
	.id = "grandstream-gxp2170",
	.common = "cfggxp2170.xml",
	.token = "gxp2170",
	.accounts = 12,
	.keys = 48,
	.fixed_keys = 12 };

struct found {
	struct arena arena;
	struct residue_list list;
	char text[1024]; /* "parameter " of each */
};

static void print(struct found *f)
{
	size_t i;

	f->text[0] = '\0';
	for (i = 0; i < f->list.n; i++)
		snprintf(f->text + strlen(f->text), sizeof(f->text) - strlen(f->text), "%s%s%s ",
			f->list.v[i].parameter, f->list.v[i].rule ? "?" : "",
			f->list.v[i].rule ? f->list.v[i].rule : "");
}

static void find(
	struct found *f, const struct handset *before, const struct handset *after, const struct residue_query *q)
{
	assert_int_equal(residue_find(before, after, q, &f->arena, &f->list, NULL), ERR_OK);
	print(f);
}

static struct handset *yealink(const char *text)
{
	const struct served files[] = { { CFG, text, 0, 0 }, { 0 } };
	struct handset *hs = new_phone(t46u);

	pull(hs, files, "");
	pull(hs, NULL, ""); /* so that nothing of it counts as written by the last files */
	return hs;
}

/* Looks for one word on a phone that holds text. */
static const char *look(struct found *f, const char *text, enum residue_word_kind kind, const char *word)
{
	struct residue_word w = { kind, word };
	struct residue_query q = { .words = &w, .nwords = 1 };
	struct handset *hs = yealink(text);

	find(f, NULL, hs, &q);
	handset_free(hs);
	return f->text;
}

static int setup(void **state)
{
	struct found *f = calloc(1, sizeof(*f));

	arena_init(&f->arena, 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct found *f = *state;

	arena_release(&f->arena);
	free(f);
	return 0;
}

static void test_words_anywhere(void **state)
{
	struct found *f = *state;

	assert_string_equal(look(f, HEAD "a = Bob Smith\n", RESIDUE_NAME, "smith"), "a ");
	assert_string_equal(look(f, HEAD "a = Call (Smith)\n", RESIDUE_NAME, "Smith"), "a ");
	assert_string_equal(look(f, HEAD "a = Smithers\n", RESIDUE_NAME, "Smith"), "");
	assert_string_equal(look(f, HEAD "a = Smith\xc3\xa9\n", RESIDUE_NAME, "Smith"), "");
	assert_string_equal(look(f, HEAD "a = always\nb = Al\n", RESIDUE_NAME, "Al"), "b "); /* short: whole values */
	assert_string_equal(look(f, HEAD "a = x bob@example.test\n", RESIDUE_EMAIL, "Bob@example.test"), "a ");
	assert_string_equal(look(f, HEAD "a = 5551234567\n", RESIDUE_NUMBER, "5551234567"), "a ");
	assert_string_equal(look(f, HEAD "a = 15551234567\n", RESIDUE_NUMBER, "5551234567"), "");
	assert_string_equal(look(f, HEAD "a = xS3cretx\n", RESIDUE_SECRET, "S3cret"), "a ");
	assert_string_equal(look(f, HEAD "a = xs3cretx\n", RESIDUE_SECRET, "S3cret"), "");
	assert_string_equal(look(f, HEAD "a = xs3cretx\n", RESIDUE_ANY, "S3CRET"), "a ");
	assert_string_equal(look(f, HEAD "a = b\n", RESIDUE_ANY, ""), "");
}

static void test_what_the_new_model_holds_is_none(void **state)
{
	static const char *const kept[] = { "Ann Smith" };
	struct residue_word w = { RESIDUE_NAME, "Smith" };
	struct residue_query q = { .words = &w, .nwords = 1, .kept = kept, .nkept = 1 };
	struct handset *hs = yealink(HEAD "a = Ann Smith\nb = Bob Smith\n");
	struct found *f = *state;

	find(f, NULL, hs, &q);
	assert_string_equal(f->text, "b ");
	handset_free(hs);
}

static void test_settings_of_the_new_files_are_none(void **state)
{
	const struct served files[] = {
		{ CFG, HEAD "lang.gui = English\naccount.1.label = English\naccount.1.sip_server.1.port = 5060\n", 0,
			0 },
		{ 0 }
	};
	const struct residue_place taken[] = { { false, 0, 1 } };
	struct residue_word w[] = { { RESIDUE_NAME, "English" }, { RESIDUE_EXTENSION, "5060" } };
	struct residue_query q = { .words = w, .nwords = 2, .taken = taken, .ntaken = 1 };
	struct handset *hs = new_phone(t46u);
	struct found *f = *state;

	pull(hs, files, "");
	find(f, NULL, hs, &q);
	assert_string_equal(f->text, "account.1.label ");
	pull(hs, NULL, ""); /* from older files it is one */
	find(f, NULL, hs, &q);
	assert_string_equal(f->text, "lang.gui account.1.label account.1.sip_server.1.port ");
	handset_free(hs);
}

static void test_extension_only_in_places_taken_away(void **state)
{
	const struct residue_place taken[] = { { false, 0, 2 }, { true, 0, 5 }, { true, 1, 3 } };
	struct residue_word w = { RESIDUE_EXTENSION, "1001" };
	struct residue_query q = { .words = &w, .nwords = 1, .taken = taken, .ntaken = 3 };
	struct handset *hs =
		yealink(HEAD "account.1.user_name = 1001\naccount.2.user_name = 1001\nvoice_mail.number.2 = *1001\n"
			     "linekey.5.value = sip:1001@x\nlinekey.6.value = 1001\nlinekey.5.label = 10012\n"
			     "expansion_module.1.key.3.value = 1001\nexpansion_module.2.key.3.value = 1001\n");
	struct found *f = *state;

	find(f, NULL, hs, &q);
	assert_string_equal(
		f->text, "account.2.user_name voice_mail.number.2 linekey.5.value expansion_module.1.key.3.value ");
	assert_int_equal(f->list.v[0].why, RESIDUE_PLACE);
	handset_free(hs);
}

static void test_untouched_person_fields(void **state)
{
	const struct served files[] = {
		{ CFG, HEAD "account.1.label = New\naccount.2.label = Old\nsip.trust_ctrl = 1\n", 0, 0 }, { 0 }
	};
	struct residue_query q = { 0 };
	struct handset *before = yealink(HEAD "account.1.label = Old\naccount.2.label = Old\naccount.3.label = Old\n"
					      "sip.trust_ctrl = 1\nsip.other = x\n");
	struct handset *after = handset_clone(before, NULL);
	struct found *f = *state;

	pull(after, files, "");
	find(f, before, after, &q);
	/* Written again is no residue, and neither is what carries no person. */
	assert_string_equal(f->text, "account.3.label ");
	assert_int_equal(f->list.v[0].why, RESIDUE_UNTOUCHED);
	handset_free(after);
	handset_free(before);
}

static enum err_code pull_strip(struct handset *hs, void *arg, struct err *err)
{
	struct server s = { arg, "" };

	return handset_pull(hs, fetch, &s, err);
}

static void test_open_rules_are_tried_both_ways(void **state)
{
	struct served files[] = { { "cfg" MAC ".xml",
					  "<?xml version=\"1.0\"?><gs_provision version=\"1\"><config>"
					  "<item name=\"provisioning.userProtect.enable\">No</item>"
					  "<item name=\"account.1.name\"/></config></gs_provision>",
					  0, 0 },
		{ 0 } };
	struct residue_word w = { RESIDUE_NAME, "Smith" };
	struct residue_query q = { .words = &w, .nwords = 1 };
	struct handset *before = new_phone(gxp2170);
	struct found *f = *state;

	put_local(before, "provisioning.userProtect.enable", "Yes", false);
	put_local(before, "account.1.name", "Bob Smith", false);
	assert_int_equal(residue_check(before, pull_strip, files, &q, &f->arena, &f->list, NULL), ERR_OK);
	print(f);
	assert_string_equal(f->text, "account.1.name?protect_late account.1.name?protect_late ");
	assert_string_equal(
		stored(before, HANDSET_FILE, "account.1.name"), "Bob Smith"); /* the phone asked is as it was */
	handset_free(before);
}

static void test_a_sure_residue_is_named_once(void **state)
{
	struct served files[] = { { CFG, HEAD "x = 1\n", 0, 0 }, { 0 } };
	struct residue_word w = { RESIDUE_SECRET, "S3cret" };
	struct residue_query q = { .words = &w, .nwords = 1 };
	struct handset *before = yealink(HEAD "account.1.password = S3cret\n");
	struct found *f = *state;
	char sentence[200];

	assert_int_equal(residue_check(before, pull_strip, files, &q, &f->arena, &f->list, NULL), ERR_OK);
	print(f);
	assert_string_equal(f->text, "account.1.password ");
	residue_sentence(&f->list.v[0], sentence, sizeof(sentence));
	assert_string_equal(sentence, "account.1.password still holds a secret \"***\" of the person before (file)");
	handset_free(before);
}

static void test_fields_of_each_vendor(void **state)
{
	static const struct {
		enum handset_kind kind;
		const char *name;
		bool person;
	} rows[] = {
		{ HANDSET_YEALINK, "account.16.display_name", true },
		{ HANDSET_YEALINK, "expansion_module.3.key.60.value", true },
		{ HANDSET_YEALINK, "account.1.sip_server.1.port", false },
		{ HANDSET_YEALINK, "static.auto_provision.server.password", false },
		{ HANDSET_POLYCOM, "reg.34.auth.password", true },
		{ HANDSET_POLYCOM, "attendant.resourceList.48.label", true },
		{ HANDSET_POLYCOM, "device.prov.password", false },
		{ HANDSET_GRANDSTREAM, "account.12.sip.subscriber.name", true },
		{ HANDSET_GRANDSTREAM, "pks.mpk.24.description", true },
		{ HANDSET_GRANDSTREAM, "provisioning.config.password", false },
		{ HANDSET_LINPHONE, "auth_info_0/ha1", true },
		{ HANDSET_LINPHONE, "sip/media_encryption", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(residue_carries_person(rows[i].kind, rows[i].name), rows[i].person);
}

/* Every parameter that the strip matrix marks is a field of a person for the residue check too. */
static void check_list(const char *path, enum handset_kind kind)
{
	char line[256], name[256];
	FILE *f = fopen(path, "r");
	const char *from;
	size_t n, rows = 0;

	if (!f)
		fail_msg("%s cannot be read; run from the top of the repository", path);
	while (fgets(line, sizeof(line), f)) {
		if (*line == '#' || *line == '\n')
			continue;
		for (n = 0, from = line; *from && *from != '\n'; from++) {
			name[n++] = *from == '{' ? '1' : *from;
			if (*from == '{')
				from = strchr(from, '}');
		}
		name[n] = '\0';
		rows++;
		if (!residue_carries_person(kind, name))
			print_error("%s: %s carries no person?\n", path, name);
		assert_true(residue_carries_person(kind, name));
	}
	fclose(f);
	assert_true(rows > 50);
}

static void test_lists_of_personal_parameters(void **state)
{
	(void)state;
	check_list("tests/golden/params/personal-yealink.txt", HANDSET_YEALINK);
	check_list("tests/golden/params/personal-polycom.txt", HANDSET_POLYCOM);
	check_list("tests/golden/params/personal-grandstream.txt", HANDSET_GRANDSTREAM);
}

static void test_out_of_memory(void **state)
{
	struct served files[] = { { CFG, HEAD "x = 1\n", 0, 0 }, { 0 } };
	struct residue_word w = { RESIDUE_NAME, "Smith" };
	struct residue_query q = { .words = &w, .nwords = 1 };
	struct handset *before = yealink(HEAD "account.1.label = Bob Smith\n");
	enum err_code rc = ERR_NOMEM;
	struct residue_list list;
	struct arena a;
	unsigned long n;

	(void)state;
	for (n = 1; rc == ERR_NOMEM && n < 2000; n++) {
		arena_init(&a, 0);
		mem_fail_from(n);
		rc = residue_check(before, pull_strip, files, &q, &a, &list, NULL);
		mem_fail_from(0);
		arena_release(&a);
	}
	assert_int_equal(rc, ERR_OK);
	handset_free(before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_words_anywhere, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_the_new_model_holds_is_none, setup, teardown),
		cmocka_unit_test_setup_teardown(test_settings_of_the_new_files_are_none, setup, teardown),
		cmocka_unit_test_setup_teardown(test_extension_only_in_places_taken_away, setup, teardown),
		cmocka_unit_test_setup_teardown(test_untouched_person_fields, setup, teardown),
		cmocka_unit_test_setup_teardown(test_open_rules_are_tried_both_ways, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_sure_residue_is_named_once, setup, teardown),
		cmocka_unit_test(test_fields_of_each_vendor),
		cmocka_unit_test(test_lists_of_personal_parameters),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
