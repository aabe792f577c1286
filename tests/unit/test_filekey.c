/* Encrypted files: which file of which request is plain. A look ahead leaves nothing behind. What a User-Agent says is
 * believed only where it fits. */
#include "tests/unit/reset_fixture.h"

#include <string.h>

#include "phonecfg/base/mem.h"
#include "provisioning/reset/filekey.h"
#include "provisioning/reset/preview.h"

#define KEY                                                                                                            \
	{                                                                                                              \
		"0123456789abcdef", 16                                                                                 \
	}

/* README of provisioning/phones, "Encrypted files". */
static void who_gets_an_encrypted_file(void **state)
{
	static const struct {
		bool key, seen, delivered;
		enum filekey_proof proof;
		bool sealed;
	} rows[] = {
		{ false, false, true, FILEKEY_BY_LOGIN, false },
		{ true, false, true, FILEKEY_BY_LOGIN, false },    /* the former login */
		{ true, false, true, FILEKEY_BY_NEW_LOGIN, true }, /* the login that came with the key */
		{ true, false, false, FILEKEY_BY_NEW_LOGIN, true },
		{ true, false, false, FILEKEY_BY_CERTIFICATE, false },
		{ true, false, true, FILEKEY_BY_CERTIFICATE, true },
		{ true, true, true, FILEKEY_BY_LOGIN, true },
		{ true, true, false, FILEKEY_BY_CERTIFICATE, true }, /* a new generation is not delivered yet */
		{ true, true, true, FILEKEY_BY_TOKEN, false },       /* a factory reset */
		{ true, false, true, FILEKEY_BY_TOKEN, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct phone_row row = { .file_key_generation = 5, .acked = rows[i].delivered ? 5 : 4 };
		struct phone ph = { 0 };

		if (rows[i].key)
			row.file_key = (struct secret)KEY;
		row.file_key_seen_ms = rows[i].seen;
		assert_int_equal(filekey_put(&row, rows[i].proof, &ph), rows[i].sealed);
		assert_int_equal(secret_set(&ph.file_key), rows[i].sealed);
		assert_int_equal(secret_set(&ph.file_key_next), rows[i].key); /* every file carries it */
	}
}

static void believes_what_fits(void **state)
{
	static const struct {
		const char *model, *ua, *want;
	} rows[] = {
		{ "yealink-t46u", "Yealink SIP-T46U 108.86.0.90 00:15:65:ab:cd:ef", "108.86.0.90" },
		{ "yealink-t46u", "Yealink SIP-T46S 108.86.0.90", NULL },
		{ "yealink-t46u", "Yealink SIP-T46U 66.86.0.15", NULL }, /* another hardware's */
		{ "yealink-t46u", "Yealink SIP-T46U 108.86", NULL },
		{ "yealink-t46u", "Yealink SIP-T46U 108.86.0.90beta", NULL },
		{ "yealink-t46u", "Yealink SIP-T46U 108.86.0.999999", NULL },
		{ "yealink-t46u", "Yealink SIP-T46U", NULL },
		{ "polycom-vvx450", "FileTransport PolycomVVX-VVX_450-UA/5.9.1.0615 Type/Application", "5.9.1.0615" },
		{ "polycom-vvx450", "FileTransport PolycomVVX-VVX_450-UA/5.9.1.0615 Type/Updater", NULL },
		{ "grandstream-gxp2170", "Grandstream Model HW GXP2170 SW 1.0.11.79 DevId 000b82aabb03", "1.0.11.79" },
		{ "grandstream-gxp2170", "Yealink SIP-T46U 108.86.0.90", NULL },
	};
	struct office *o = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ua_info ua;
		const char *got = NULL;

		if (vendor_parse_ua(slice_str(rows[i].ua), &ua))
			got = vendor_running(o->catalog, catalog_find(o->catalog, rows[i].model), &ua);
		if (rows[i].want)
			assert_string_equal(got, rows[i].want);
		else
			assert_null(got);
	}
}

/* ---- on and off ---- */

struct turn {
	struct office *o;
	const char *mac;
	bool on;
};

static enum err_code turn_fn(struct txn *t, void *arg, struct err *err)
{
	struct turn *w = arg;
	struct inventory in = { &w->o->rs, t->db, &w->o->store.a, "admin", "", "edit" };
	struct mac mac = office_mac(w->mac);
	struct phone_row row;
	enum err_code e = phone_load(t->db, &mac, in.arena, &row, err);

	if (e == ERR_OK)
		e = w->on ? filekey_on(&in, &row, err) : filekey_off(&in, &row, err);
	if (e == ERR_OK)
		e = inventory_phone_changed(&in, &mac, err);
	return e ? e : filekey_since(&in, &mac, err);
}

static enum err_code turn(struct office *o, const char *mac, bool on, struct err *err)
{
	struct turn w = { o, mac, on };

	return store_write(o->store.st, turn_fn, &w, err);
}

static void the_key_comes_with_a_new_login(void **state)
{
	struct office *o = *state;
	struct phone_row before, after;
	struct err err;

	office_settle(o);
	before = office_phone(o, DESK);
	assert_int_equal(turn(o, DESK, true, &err), ERR_OK);
	after = office_phone(o, DESK);
	assert_int_equal(filekey_state(&after), FILEKEY_WAITING);
	assert_false(slice_eq(secret_reveal(&before.prov_password), secret_reveal(&after.prov_password)));
	assert_true(slice_eq(secret_reveal(&before.prov_password), secret_reveal(&after.prov_password_previous)));
	assert_int_equal(after.file_key_generation, after.wanted);
	assert_true(after.wanted > before.wanted);
	assert_int_equal(turn(o, DESK, false, &err), ERR_OK);
	after = office_phone(o, DESK);
	assert_int_equal(filekey_state(&after), FILEKEY_NONE);
	assert_int_equal(turn(o, SHARED, true, &err), ERR_INPUT); /* Polycom */
	assert_non_null(strstr(err.text, "Polycom"));
}

static void each_failing_store_call_makes_no_key(void **state)
{
	struct office *o = *state;
	struct phone_row row;
	unsigned failed = 0, n;

	for (n = 1; n < 300; n++) {
		enum err_code e;

		store_fail_from(n);
		e = turn(o, DESK, true, NULL);
		store_fail_from(0);
		row = office_phone(o, DESK);
		if (e == ERR_OK)
			break;
		failed++;
		assert_int_equal(filekey_state(&row), FILEKEY_NONE);
		assert_false(secret_set(&row.prov_password_previous));
	}
	assert_true(failed > 3 && n < 300);
	assert_int_equal(filekey_state(&row), FILEKEY_WAITING);
}

/* ---- a look ahead ---- */

static void a_preview_changes_nothing(void **state)
{
	const struct plan_request request = {
		.domain = DOMAIN, .user = "1001", .reset = true, .options = 1u << OPTION_PHONE_LINES
	};
	struct office *o = *state;
	struct mac mac = office_mac(DESK);
	struct phone_row before, after;
	struct phone now, then;
	struct err err;

	office_settle(o);
	before = office_phone(o, DESK);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
			preview_phone(&o->rs, i ? &request : NULL, &mac, &o->store.a, &now, &then, &err), ERR_OK);
		assert_false(phone_vacant(&now));
		assert_true(phone_vacant(&then));
	}
	after = office_phone(o, DESK);
	assert_int_equal(before.wanted, after.wanted);
	assert_string_equal(office_user(o, "1001").first_name, "Anna");
	assert_true(office_accepts(o, "1001"));
}

static void a_failing_preview_says_so(void **state)
{
	const struct plan_request nobody = { .domain = DOMAIN, .user = "9999", .reset = true };
	struct office *o = *state;
	struct mac mac = office_mac(DESK);
	struct phone now, then;
	struct err err;
	unsigned n, failed = 0;

	assert_int_equal(preview_phone(&o->rs, &nobody, &mac, &o->store.a, &now, &then, &err), ERR_NOT_FOUND);
	for (n = 1; n < 400; n += 7) {
		enum err_code e;

		store_fail_from(n);
		e = preview_phone(&o->rs, NULL, &mac, &o->store.a, &now, &then, &err);
		store_fail_from(0);
		failed += e != ERR_OK;
		assert_true(e == ERR_OK || e == ERR_IO);
	}
	assert_true(failed > 3);
	assert_int_equal(preview_phone(&o->rs, NULL, &mac, &o->store.a, &now, &then, &err), ERR_OK);
}

#define OFFICE(test) cmocka_unit_test_setup_teardown(test, office_open, office_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_gets_an_encrypted_file),
		OFFICE(believes_what_fits),
		OFFICE(the_key_comes_with_a_new_login),
		OFFICE(each_failing_store_call_makes_no_key),
		OFFICE(a_preview_changes_nothing),
		OFFICE(a_failing_preview_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
