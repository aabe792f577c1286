#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "phonecfg/base/mem.h"
#include "phonecfg/profile/load.h"
#include "phonecfg/profile/profile.h"
#include "tests/unit/pace.h"

static const char good[] =
	"<profile id=\"yealink-x\" vendor=\"yealink\" model=\"X\" display=\"Yealink X\">\n"
	"\t<accounts max=\"2\" blank=\"3\" mark=\"unsure\"/>\n"
	"\t<keys name=\"line\" max=\"4\" fixed=\"1\" mark=\"confirmed\"/>\n"
	"\t<keys name=\"side\" max=\"6\" mark=\"confirmed\"/>\n"
	"\t<list name=\"small\" max=\"5\" mark=\"confirmed\"/>\n"
	"\t<syntax name=\"yealink-old\" mark=\"confirmed\"/><syntax name=\"yealink\" since=\"0.81.0.0\" mark=\"unsure\"/>\n"
	"</profile>\n";

static void load(const char *text, struct arena *a, struct profile *pf, enum err_code *rc, struct err *err)
{
	struct profile_schema *schema;

	assert_int_equal(profile_schema_open("firmware-profiles/profile.rng", &schema, err), ERR_OK);
	*rc = profile_load(schema, slice_str(text), "x.xml", NULL, a, pf, err);
	profile_schema_free(schema);
}

static void reads_all(void **state)
{
	struct profile pf;
	enum err_code rc;
	struct arena a;
	struct err err;

	(void)state;
	arena_init(&a, 0);
	load(good, &a, &pf, &rc, &err);
	assert_int_equal(rc, ERR_OK);
	assert_int_equal(pf.accounts, 2);
	assert_int_equal(pf.accounts_blank, 3);
	assert_false(pf.accounts_confirmed);
	assert_int_equal(profile_keys(&pf, 0), 10);
	assert_int_equal(profile_keys(&pf, 1), 0);
	assert_string_equal(profile_block(&pf, 4)->name, "line");
	assert_string_equal(profile_block(&pf, 5)->name, "side");
	assert_int_equal(profile_block(&pf, 5)->first, 5);
	assert_null(profile_block(&pf, 11));
	assert_null(profile_block(&pf, 0));
	assert_int_equal(profile_list(&pf, "small")->max, 5);
	assert_null(profile_list(&pf, "large"));
	assert_int_equal(pf.confirmed, 4);
	assert_int_equal(pf.unsure, 2);
	arena_release(&a);
}

static void the_syntax_follows_the_firmware(void **state)
{
	struct profile pf;
	enum err_code rc;
	struct arena a;
	struct err err;

	(void)state;
	arena_init(&a, 0);
	load(good, &a, &pf, &rc, &err);
	assert_int_equal(rc, ERR_OK);
	assert_true(profile_speaks(&pf, NULL, "yealink-old"));
	assert_true(profile_speaks(&pf, NULL, "yealink"));
	assert_false(profile_speaks(&pf, NULL, "polycom-4"));
	assert_true(profile_speaks(&pf, "28.80.0.130", "yealink-old"));
	assert_false(profile_speaks(&pf, "28.80.0.130", "yealink"));
	assert_true(profile_speaks(&pf, "28.81.0.0", "yealink"));
	assert_false(profile_speaks(&pf, "28.81.0.0", "yealink-old"));
	assert_string_equal(profile_syntax(&pf, "108.86.0.90")->name, "yealink");
	assert_string_equal(profile_syntax(&pf, "9.72.0.30")->name, "yealink-old");
	assert_string_equal(profile_syntax(&pf, NULL)->name, "yealink");
	pf.firmware_min = "0.81.0.0";
	assert_false(profile_speaks(&pf, NULL, "yealink-old"));
	arena_release(&a);
}

static void versions_compare_by_number(void **state)
{
	(void)state;
	assert_true(firmware_compare(VENDOR_POLYCOM, "5.9.1.0615", "5.10.0") < 0);
	assert_true(firmware_compare(VENDOR_POLYCOM, "3.3.5.0247", "4") < 0);
	assert_int_equal(firmware_compare(VENDOR_GRANDSTREAM, "1.0.11.85", "1.0.11.85"), 0);
	assert_true(firmware_compare(VENDOR_YEALINK, "124.86.0.75", "28.87.0.1") < 0);
	assert_true(firmware_compare(VENDOR_GRANDSTREAM, "2.0.0.1", "1.9.0.1") > 0);
}

/* What vendor.xml says holds for every model, but for what a model says itself. */
static void models_inherit(void **state)
{
	static const char vendor[] = "<vendor id=\"yealink\"><list name=\"small\" max=\"9\" mark=\"unsure\"/>"
				     "<list name=\"codes\" max=\"8\" mark=\"unsure\"/>"
				     "<mac prefix=\"001565\" mark=\"confirmed\"/></vendor>";
	struct profile_schema *schema;
	struct profile base, pf;
	struct err err = { 0 };
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	assert_int_equal(profile_schema_open("firmware-profiles/profile.rng", &schema, &err), ERR_OK);
	assert_int_equal(profile_load_vendor(schema, slice_str(vendor), "vendor.xml", &a, &base, &err), ERR_OK);
	assert_int_equal(profile_load(schema, slice_str(good), "x.xml", &base, &a, &pf, &err), ERR_OK);
	assert_int_equal(pf.nlists, 2);
	assert_int_equal(profile_list(&pf, "small")->max, 5);
	assert_int_equal(profile_list(&pf, "codes")->max, 8);
	assert_int_equal(profile_list(&base, "small")->max, 9);
	assert_int_equal(pf.nmac_prefixes, 1);
	assert_int_equal(profile_load(schema, slice_str(vendor), "y.xml", NULL, &a, &pf, &err), ERR_INPUT);
	assert_int_equal(profile_load_vendor(schema, slice_str(good), "z.xml", &a, &pf, &err), ERR_INPUT);
	profile_schema_free(schema);
	arena_release(&a);
}

/* good with one thing changed: the error must begin with the file and the line. */
static void bad(const char *from, const char *to, const char *place)
{
	char text[2048];
	const char *at = strstr(good, from);
	struct profile pf;
	enum err_code rc;
	struct arena a;
	struct err err = { 0 };

	assert_non_null(at);
	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - good), good, to, at + strlen(from));
	arena_init(&a, 0);
	load(text, &a, &pf, &rc, &err);
	if (rc != ERR_INPUT || strncmp(err.text, place, strlen(place)) != 0)
		fail_msg("%s -> %s: %d \"%s\", wanted \"%s…\"", from, to, rc, rc ? err.text : "", place);
	arena_release(&a);
}

static void errors_have_a_place(void **state)
{
	(void)state;
	bad("max=\"2\"", "max=\"two\"", "x.xml:2:");
	bad("max=\"2\"", "max=\"-2\"", "x.xml:2:");
	bad("max=\"2\"", "max=\"0\"", "x.xml:2:");
	bad("max=\"2\"", "max=\"100000\"", "x.xml:2:");
	bad("blank=\"3\"", "blank=\"1\"", "x.xml:2:");
	bad("mark=\"unsure\"", "mark=\"maybe\"", "x.xml:2:");
	bad("mark=\"unsure\"", "", "x.xml:2:");
	bad("fixed=\"1\"", "fixed=\"5\"", "x.xml:3:");
	bad("<keys name=\"side\"", "<kees name=\"side\"", "x.xml:");
	bad("<keys name=\"side\" max=\"6\" mark=\"confirmed\"/>", "<list name=\"small\" max=\"5\" mark=\"confirmed\"/>",
		"x.xml:5:");
	bad("max=\"5\"", "first=\"6\" max=\"5\"", "x.xml:5:");
	bad("vendor=\"yealink\"", "vendor=\"snom\"", "x.xml:1:");
	bad("id=\"yealink-x\"", "id=\"../x\"", "x.xml:1:");
	bad("</profile>", "", "x.xml:"); /* not well formed */
	bad("<list", "<list <", "x.xml:5:");
	bad("<profile", "<!DOCTYPE profile [<!ENTITY e \"x\">]><profile", "x.xml:1: a document type");
	bad("</profile>", "</profile><profile/>", "x.xml:7:");
}

static void the_catalog(void **state)
{
	struct mac mac = { { 0x00, 0x04, 0xf2, 1, 2, 3 } };
	const struct profile *pf;
	struct err err = { 0 };
	struct catalog *c = catalog_open("firmware-profiles", &err);

	(void)state;
	if (!c)
		fail_msg("%s", err.text);
	assert_true(catalog_count(c) >= 75);
	for (size_t i = 1; i < catalog_count(c); i++)
		assert_true(strcmp(catalog_at(c, i - 1)->id, catalog_at(c, i)->id) < 0);
	assert_null(catalog_at(c, catalog_count(c)));
	assert_null(catalog_find(c, "yealink-t99"));
	assert_null(catalog_find(c, NULL));
	pf = catalog_find(c, "yealink-t46u");
	assert_int_equal(pf->accounts, 16);
	assert_int_equal(profile_keys(pf, 0), 27);
	assert_int_equal(profile_keys(pf, 3), 60);
	assert_int_equal(profile_keys(pf, 4), 0);
	pf = catalog_by_ua_token(c, VENDOR_YEALINK, SLICE_LIT("sip-t31p"));
	assert_string_equal(pf->common_file, "y000000000123.cfg");
	assert_ptr_equal(catalog_by_ua_token(c, VENDOR_YEALINK, SLICE_LIT("T31P")), pf);
	assert_string_equal(catalog_by_ua_token(c, VENDOR_YEALINK, SLICE_LIT("VP-T49G"))->id, "yealink-t49g");
	assert_string_equal(catalog_by_ua_token(c, VENDOR_YEALINK, SLICE_LIT("SIP-T19P_E2"))->id, "yealink-t19p-e2");
	assert_string_equal(catalog_by_ua_token(c, VENDOR_YEALINK, SLICE_LIT("W70B"))->id, "yealink-w70b");
	assert_string_equal(catalog_by_ua_token(c, VENDOR_YEALINK, SLICE_LIT("SIP-W52P"))->id, "yealink-w52p");
	assert_string_equal(catalog_by_common_file(c, SLICE_LIT("y000000000000.cfg"))->id, "yealink-t28p");
	pf = catalog_by_ua_token(c, VENDOR_POLYCOM, SLICE_LIT("VVX450"));
	assert_string_equal(pf->part, "3111-48840-001");
	assert_null(catalog_by_ua_token(c, VENDOR_GRANDSTREAM, SLICE_LIT("VVX_450")));
	assert_null(catalog_by_ua_token(c, VENDOR_POLYCOM, SLICE_LIT("")));
	pf = catalog_by_common_file(c, SLICE_LIT("CFGGRP2614.xml"));
	assert_string_equal(pf->id, "grandstream-grp2614");
	assert_null(catalog_by_common_file(c, SLICE_LIT("cfg.xml")));
	assert_int_equal(catalog_vendor_of_mac(c, &mac), VENDOR_POLYCOM);
	mac.b[2] = 0xf3;
	assert_int_equal(catalog_vendor_of_mac(c, &mac), VENDOR_NONE);
	catalog_close(c);
	catalog_close(NULL);
}

static void put(const char *dir, const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void expect(const char *dir, const char *words)
{
	struct err err = { 0 };

	assert_null(catalog_open(dir, &err));
	if (!strstr(err.text, words))
		fail_msg("\"%s\" lacks \"%s\"", err.text, words);
}

static void directories(void **state)
{
	char dir[] = "/tmp/profiles-XXXXXX", sub[64], command[256], rng[65536];
	FILE *f = fopen("firmware-profiles/profile.rng", "r");
	size_t n = fread(rng, 1, sizeof(rng) - 1, f);

	(void)state;
	rng[n] = 0;
	fclose(f);
	expect("/nonexistent", "/nonexistent");
	assert_non_null(mkdtemp(dir));
	expect(dir, "profile.rng");
	put(dir, "profile.rng", "<grammar");
	expect(dir, "profile.rng:1:");
	put(dir, "profile.rng", rng);
	expect(dir, "no firmware profile");
	snprintf(sub, sizeof(sub), "%s/yealink", dir);
	assert_int_equal(mkdir(sub, 0700), 0);
	put(sub, "x.xml", "<profile>");
	expect(dir, "yealink/x.xml:1:");
	put(sub, "x.xml", good);
	put(sub, "y.xml", good);
	expect(dir, "y.xml:1: the id yealink-x is there twice");
	snprintf(command, sizeof(command), "%s/y.xml", sub);
	unlink(command);
	snprintf(command, sizeof(command), "%s/polycom", dir);
	assert_int_equal(mkdir(command, 0700), 0);
	put(command, "z.xml", good);
	expect(dir, "does not belong in the folder polycom");
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	assert_int_equal(system(command), 0);
}

/* Memory that runs out anywhere gives an error, never a crash and never half a catalog. */
static void memory_runs_out(void **state)
{
	unsigned long all;
	struct catalog *c;
	struct err err;

	(void)state;
	mem_fail_from(0);
	c = catalog_open("firmware-profiles", &err);
	all = mem_count();
	catalog_close(c);
	for (unsigned long n = 1; n <= all; n += pace_step()) {
		mem_fail_from(n);
		c = catalog_open("firmware-profiles", &err);
		mem_fail_from(0);
		assert_null(c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_all),
		cmocka_unit_test(the_syntax_follows_the_firmware),
		cmocka_unit_test(versions_compare_by_number),
		cmocka_unit_test(models_inherit),
		cmocka_unit_test(errors_have_a_place),
		cmocka_unit_test(the_catalog),
		cmocka_unit_test(directories),
		cmocka_unit_test(memory_runs_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
