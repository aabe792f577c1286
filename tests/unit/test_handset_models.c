/* The nine desk phones and the softphone as a handset sees their profiles: names that they write into requests, and
 * counts. Expected values are those of the vendors' model tables. */
#include "tests/unit/handset_help.h"

#include "phonecfg/profile/profile.h"

static const struct {
	const char *id, *token, *common, *part;
	enum handset_kind kind;
	unsigned accounts, keys, fixed;
} rows[] = {
	{ "yealink-t46u", "T46U", "y000000000108.cfg", NULL, HANDSET_YEALINK, 16, 27, 0 },
	{ "yealink-t54w", "T54W", "y000000000096.cfg", NULL, HANDSET_YEALINK, 16, 27, 0 },
	{ "yealink-t31p", "T31P", "y000000000123.cfg", NULL, HANDSET_YEALINK, 2, 2, 0 },
	{ "polycom-vvx250", "VVX250", NULL, "3111-48820-001", HANDSET_POLYCOM, 4, 4, 0 },
	{ "polycom-vvx450", "VVX450", NULL, "3111-48840-001", HANDSET_POLYCOM, 12, 12, 0 },
	{ "polycom-ip331", "SPIP331", NULL, "2345-12365-001", HANDSET_POLYCOM, 2, 2, 0 },
	{ "grandstream-gxp2170", "gxp2170", "cfggxp2170.xml", NULL, HANDSET_GRANDSTREAM, 12, 48, 12 },
	{ "grandstream-grp2614", "grp2614", "cfggrp2614.xml", NULL, HANDSET_GRANDSTREAM, 8, 16, 6 },
	{ "grandstream-gxp1628", "gxp1628", "cfggxp1628.xml", NULL, HANDSET_GRANDSTREAM, 2, 2, 2 },
	{ "linphone", NULL, NULL, NULL, HANDSET_LINPHONE, 2, 0, 0 },
	{ "acrobits", NULL, NULL, NULL, HANDSET_ACROBITS, 1, 0, 0 },
	{ "zoiper", NULL, NULL, NULL, HANDSET_ZOIPER, 1, 0, 0 },
};

static void same(const char *got, const char *want)
{
	if (want)
		assert_string_equal(got, want);
	else
		assert_null(got);
}

static void test_profiles(void **state)
{
	struct handset_model m;
	const struct profile *pf;
	struct catalog *cat;
	struct err err;
	size_t i;

	(void)state;
	cat = catalog_open("firmware-profiles", &err);
	assert_non_null(cat);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		pf = catalog_find(cat, rows[i].id);
		assert_non_null(pf);
		assert_true(handset_model_of(pf, &m));
		assert_string_equal(m.id, rows[i].id);
		assert_int_equal(m.kind, rows[i].kind);
		if (rows[i].token)
			assert_string_equal(m.token, rows[i].token);
		same(m.common, rows[i].common);
		same(m.part, rows[i].part);
		assert_int_equal(m.accounts, rows[i].accounts);
		assert_int_equal(m.keys, rows[i].keys);
		assert_int_equal(m.fixed_keys, rows[i].fixed);
	}
	catalog_close(cat);
}

/* Modules: a VVX takes three of 40 keys, a SoundPoint 650 three of 14 (6 + 42 = 48 line keys, vendor guide SIP 3.1).
 * The last firmware of a SoundPoint 430 is 3.2, of a VVX 1500 it is 5.9. */
static void test_polycom_modules_and_generations(void **state)
{
	static const struct {
		const char *id, *token;
		unsigned modules, module_keys;
		bool lines_first;
	} wanted[] = {
		{ "polycom-vvx601", "VVX601", 3, 40, false },
		{ "polycom-vvx350", "VVX350", 0, 0, false },
		{ "polycom-vvx1500", "VVX1500", 0, 0, false },
		{ "polycom-ip650", "SPIP650", 3, 14, false },
		{ "polycom-ip601", "SPIP601", 3, 14, true },
		{ "polycom-ip430", "SPIP430", 0, 0, true },
		{ "polycom-ssip6000", "SSIP6000", 0, 0, false },
		{ "polycom-edge-e350", "EdgeE350", 0, 0, false },
		{ "polycom-ccx600", "CCX600", 0, 0, false },
	};
	struct err err;
	struct catalog *cat = catalog_open("firmware-profiles", &err);
	struct handset_model m;

	(void)state;
	assert_non_null(cat);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		assert_true(handset_model_of(catalog_find(cat, wanted[i].id), &m));
		assert_string_equal(m.token, wanted[i].token);
		assert_int_equal(m.modules, wanted[i].modules);
		assert_int_equal(m.module_keys, wanted[i].module_keys);
		assert_int_equal(m.lines_first, wanted[i].lines_first);
	}
	catalog_close(cat);
}

static void test_a_handset_outlives_its_model(void **state)
{
	char id[] = "yealink-t46u", common[] = "y000000000108.cfg";
	struct handset_model m = { .kind = HANDSET_YEALINK, .id = id, .common = common, .accounts = 1 };
	struct handset *hs = new_phone(m);

	(void)state;
	memset(id, 'x', sizeof(id) - 1);
	memset(common, 'x', sizeof(common) - 1);
	assert_string_equal(handset_model(hs)->id, "yealink-t46u");
	pull(hs, NULL, MAC ".boot y000000000000.boot y000000000108.cfg " MAC ".cfg ");
	assert_string_equal(handset_model(hs)->id, "yealink-t46u");
	handset_free(hs);
}

static void test_unknown_kind(void **state)
{
	struct handset_model m = { .kind = HANDSET_KINDS, .id = "tin-can" };
	struct mac mac = { { 0 } };
	struct err err;

	(void)state;
	assert_null(handset_new(&m, &mac, &err));
	assert_int_equal(err.code, ERR_UNSUPPORTED);
}

static void test_state_is_put_back(void **state)
{
	const struct handset_model m = {
		.kind = HANDSET_POLYCOM, .id = "p", .token = "VVX450", .accounts = 12, .keys = 12
	};
	struct handset *hs = new_phone(m), *copy;
	enum handset_layer layer;
	size_t i;

	(void)state;
	for (i = 0; i < HANDSET_LAYERS; i++) {
		assert_true(handset_layer_parse(handset_layer_name((enum handset_layer)i), &layer));
		assert_int_equal(layer, i);
		assert_int_equal(handset_restore(hs, layer, "x.y", handset_layer_name(layer), "f.cfg", NULL), ERR_OK);
	}
	assert_false(handset_layer_parse("attic", &layer));
	copy = handset_clone(hs, NULL);
	for (i = 0; i < HANDSET_LAYERS; i++)
		assert_string_equal(
			stored(copy, (enum handset_layer)i, "x.y"), handset_layer_name((enum handset_layer)i));
	handset_free(copy);
	handset_free(hs);
}

static void test_a_fork_leaves_the_first_as_it_was(void **state)
{
	const struct handset_model m = {
		.kind = HANDSET_POLYCOM, .id = "p", .token = "VVX450", .accounts = 12, .keys = 12
	};
	struct handset *hs = new_phone(m), *fork;

	(void)state;
	assert_int_equal(handset_restore(hs, HANDSET_FILE, "reg.1.label", "old", "f.cfg", NULL), ERR_OK);
	assert_int_equal(handset_restore(hs, HANDSET_FILE, "reg.2.label", "gone", "f.cfg", NULL), ERR_OK);
	fork = handset_fork(hs, NULL);
	assert_string_equal(stored(fork, HANDSET_FILE, "reg.1.label"), "old");
	assert_int_equal(handset_restore(fork, HANDSET_FILE, "reg.1.label", "new", "f.cfg", NULL), ERR_OK);
	assert_int_equal(handset_restore(fork, HANDSET_FILE, "reg.3.label", "more", "f.cfg", NULL), ERR_OK);
	handset_rules(fork)->polycom_web_wins = true;
	assert_string_equal(stored(hs, HANDSET_FILE, "reg.1.label"), "old");
	assert_null(stored(hs, HANDSET_FILE, "reg.3.label"));
	assert_false(handset_rules(hs)->polycom_web_wins);
	assert_int_equal(handset_begin(fork, NULL), ERR_OK);
	assert_int_equal(
		handset_apply(fork, "000000000000.cfg", slice_str("<a reg.1.label=\"taken\"/>"), NULL), ERR_OK);
	assert_int_equal(handset_end(fork, NULL), ERR_OK);
	assert_string_equal(stored(fork, HANDSET_FILE, "reg.1.label"), "taken");
	assert_null(stored(fork, HANDSET_FILE, "reg.2.label"));
	assert_string_equal(stored(hs, HANDSET_FILE, "reg.2.label"), "gone");
	handset_free(fork);
	assert_string_equal(stored(hs, HANDSET_FILE, "reg.1.label"), "old");
	handset_free(hs);
}

static void test_every_rule_has_a_name(void **state)
{
	const struct handset_rule_name *r;
	struct handset_rules rules = { 0 };
	size_t n = 0, i;

	(void)state;
	for (r = handset_rule_names(); r->name; r++, n++)
		*(bool *)((char *)&rules + r->offset) = true;
	assert_int_equal(n, sizeof(rules) / sizeof(bool));
	for (i = 0; i < sizeof(rules) / sizeof(bool); i++)
		assert_true(((bool *)&rules)[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_profiles),
		cmocka_unit_test(test_polycom_modules_and_generations),
		cmocka_unit_test(test_a_handset_outlives_its_model),
		cmocka_unit_test(test_unknown_kind),
		cmocka_unit_test(test_state_is_put_back),
		cmocka_unit_test(test_a_fork_leaves_the_first_as_it_was),
		cmocka_unit_test(test_every_rule_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
