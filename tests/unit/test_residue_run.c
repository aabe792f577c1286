/* The residue check with the real templates on every phone that we know: no handover that is right raises an alarm, by
 * any reading of the vendors' rules, and one that is wrong does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "provisioning/reset/residue_run.h"
#include "tests/unit/pace.h"

static struct catalog *catalog;
static struct renderer *renderer;

static int open_all(void **state)
{
	struct err err;

	(void)state;
	catalog = catalog_open("firmware-profiles", &err);
	if (!catalog || renderer_open("templates", catalog, &renderer, &err)) {
		print_error("%s\n", err.text);
		return -1;
	}
	return 0;
}

static int close_all(void **state)
{
	(void)state;
	renderer_close(renderer);
	catalog_close(catalog);
	return 0;
}

#define SECRET(s)                                                                                                      \
	{                                                                                                              \
		(s), sizeof(s) - 1                                                                                     \
	}

/* The leaver has names that are words of the vendors' languages too. */
static const struct residue_word words[] = { { RESIDUE_NAME, "Line" }, { RESIDUE_NAME, "English" },
	{ RESIDUE_NAME, "Line English" }, { RESIDUE_EMAIL, "line@example.test" }, { RESIDUE_NUMBER, "5551234567" },
	{ RESIDUE_EXTENSION, "1001" } };

static struct account leaver[] = { { .slot = 1,
					   .use = ACCOUNT_LINE,
					   .label = "1001",
					   .display_name = "Line English",
					   .user = "1001",
					   .password = SECRET("oldSecret1"),
					   .server = "sip.example.test",
					   .transport = TRANSPORT_TLS,
					   .voicemail = "*97" },
	{ .slot = 2,
		.use = ACCOUNT_LINE,
		.display_name = "Other Person",
		.user = "1002",
		.password = SECRET("otherSecret1"),
		.server = "sip.example.test" } };
static struct account renewed[] = { { .slot = 1,
					    .use = ACCOUNT_LINE,
					    .label = "1001",
					    .user = "1001",
					    .password = SECRET("newSecret1"),
					    .server = "sip.example.test",
					    .transport = TRANSPORT_TLS,
					    .voicemail = "*97" },
	{ .slot = 2,
		.use = ACCOUNT_LINE,
		.display_name = "Other Person",
		.user = "1002",
		.password = SECRET("newSecret2"),
		.server = "sip.example.test" } };
static struct account recycled[] = { { .slot = 1,
	.use = ACCOUNT_LINE,
	.label = "1001",
	.display_name = "New Person",
	.user = "1001",
	.password = SECRET("newSecret3"),
	.server = "sip.example.test" } };
static struct account idle[] = { { .slot = 1,
	.use = ACCOUNT_IDLE,
	.user = "idle-001565abcdef",
	.password = SECRET("idleSecret"),
	.server = "sip.example.test" } };
static struct key keys[] = {
	{ .index = 1, .type = KEY_LINE, .slot = 1, .owner = KEY_OWNER_LINE },
	{ .index = 2, .type = KEY_SPEED_DIAL, .value = "5551234567", .label = "Line home", .owner = KEY_OWNER_PERSON }
};
static struct key no_name[] = { { .index = 1, .type = KEY_LINE, .slot = 1, .owner = KEY_OWNER_LINE } };

static struct phone make(
	const struct profile *pf, uint64_t generation, struct account *accounts, size_t n, struct key *k, size_t nkeys)
{
	struct phone ph = { .mac = { { 0x00, 0x15, 0x65, 0xab, 0xcd, 0xef } },
		.model = pf->id,
		.generation = generation,
		.domain = "example.test",
		.language = "en",
		.prov = { .url = "https://rekey.example.test:8443/cfg/", .password = SECRET("provision1") },
		.admin_password = SECRET("Admin1Pass"),
		.user_password = SECRET("User1Pass"),
		.filler = SECRET("filler"),
		.accounts = accounts,
		.naccounts = n,
		.keys = k,
		.nkeys = nkeys };

	return ph;
}

static size_t run(const struct profile *pf, const struct phone *before, const struct phone *after, bool expect)
{
	struct residue_order order = { .renderer = renderer,
		.profile = pf,
		.before = before,
		.after = after,
		.words = words,
		.nwords = sizeof(words) / sizeof(words[0]) };
	struct residue_list list;
	char sentence[300];
	struct arena a;
	struct err err;
	size_t i, n;

	arena_init(&a, 0);
	if (residue_run(&order, &a, &list, &err))
		fail_msg("%s: %s", pf->id, err.text);
	for (i = 0; i < list.n && !expect; i++)
		print_error("%s: %s\n", pf->id, residue_sentence(&list.v[i], sentence, sizeof(sentence)));
	n = list.n;
	arena_release(&a);
	return n;
}

static void test_right_handovers_are_quiet(void **state)
{
	struct phone before, after[4];
	const struct profile *pf;
	size_t i, wrong = 0;

	(void)state;
	for (i = 0; i < catalog_count(catalog); i += pace_step()) {
		pf = catalog_at(catalog, i);
		before = make(pf, 7, leaver, 2, keys, pf->softphone ? 0 : 2);
		after[0] = make(pf, 8, NULL, 0, NULL, 0);
		after[1] = make(pf, 8, idle, pf->softphone ? 0 : 1, NULL, 0);
		after[2] = make(pf, 8, renewed, 2, no_name, pf->softphone ? 0 : 1);
		after[3] = make(pf, 8, recycled, 1, no_name, pf->softphone ? 0 : 1);
		/* In turn; tests/golden/strip-matrix.t has them all. The few softphones have no desk and get each here.
		 */
		for (size_t k = 0; k < 4; k++)
			if (pf->softphone || k == i % 4)
				wrong += run(pf, &before, &after[k], false);
	}
	assert_int_equal(wrong, 0);
}

/* A copy of the templates that states a field only while it has a value: the stripping is broken as in many a template
 * that writes configured lines alone. */
static struct renderer *broken(const char *file, const char *pattern, const char *field, char dir[64])
{
	struct renderer *out = NULL;
	char command[512];
	struct err err;

	snprintf(dir, 64, "/tmp/residue-run-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(command, sizeof(command), "cp -R templates/. %s && sed -i 's/^.*%s.*$/{{#%s}}&{{\\/%s}}/' %s/%s", dir,
		pattern, field, field, dir, file);
	assert_int_equal(system(command), 0);
	if (renderer_open(dir, catalog, &out, &err))
		fail_msg("%s", err.text);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	assert_int_equal(system(command), 0);
	return out;
}

static void test_broken_stripping_is_seen(void **state)
{
	static const struct {
		const char *model, *file, *pattern, *field, *parameter, *rule, *firmware;
	} rows[] = {
		{ "grandstream-gxp2170", "grandstream/accounts.mustache", "sip.subscriber.name", "display_name",
			"account.1.sip.subscriber.name", NULL, "1.0.11.85" },
		/* Nobody knows what it runs: a phone that reads numbers alone has read numbers all its life. */
		{ "grandstream-gxp2170", "grandstream/p-account-1.mustache", "<P3>", "display_name",
			"account.1.sip.subscriber.name", "gs_numbers_only", NULL },
		/* By one reading of the vendor's guide what is left out stays: seen because both are looked at. */
		{ "polycom-vvx450", "polycom/lines-accounts.mustache", "displayName", "display_name",
			"reg.1.displayName", "polycom_omission_keeps" },
		{ "linphone", "linphone/account.mustache", "name=.username.", "user", "auth_info_0/username", NULL },
	};
	struct phone before, after;
	const struct profile *pf;
	struct renderer *good = renderer;
	struct residue_order order;
	struct residue_list list;
	struct arena a;
	char dir[64];
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		pf = catalog_find(catalog, rows[i].model);
		before = make(pf, 7, leaver, 2, keys, pf->softphone ? 0 : 2);
		after = make(pf, 8, NULL, 0, NULL, 0);
		before.firmware = after.firmware = rows[i].firmware;
		renderer = broken(rows[i].file, rows[i].pattern, rows[i].field, dir);
		arena_init(&a, 0);
		order = (struct residue_order){ .renderer = renderer,
			.profile = pf,
			.before = &before,
			.after = &after,
			.words = words,
			.nwords = sizeof(words) / sizeof(words[0]) };
		assert_int_equal(residue_run(&order, &a, &list, NULL), ERR_OK);
		for (k = 0; k < list.n && strcmp(list.v[k].parameter, rows[i].parameter) != 0; k++)
			;
		if (k == list.n)
			fail_msg("%s: %s is not seen", rows[i].model, rows[i].parameter);
		if (rows[i].rule)
			assert_string_equal(list.v[k].rule, rows[i].rule);
		else
			assert_null(list.v[k].rule);
		arena_release(&a);
		renderer_close(renderer);
		renderer = good;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_right_handovers_are_quiet),
		cmocka_unit_test(test_broken_stripping_is_seen),
	};

	return cmocka_run_group_tests(tests, open_all, close_all);
}
