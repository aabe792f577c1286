/* The verbs of every family: what is saved comes back, what must be unique is, what expires does. In one open
 * transaction on the test's own thread. */
#include "tests/unit/store_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "provisioning/store/apikey.h"
#include "provisioning/store/audit.h"
#include "provisioning/store/db.h"
#include "provisioning/store/device.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/generation.h"
#include "provisioning/store/idempotency.h"
#include "provisioning/store/job.h"
#include "provisioning/store/key.h"
#include "provisioning/store/line.h"
#include "provisioning/store/override.h"
#include "provisioning/store/phone.h"
#include "provisioning/store/projection.h"
#include "provisioning/store/record.h"
#include "provisioning/store/served.h"
#include "provisioning/store/session.h"
#include "provisioning/store/snapshot.h"
#include "provisioning/store/softphone.h"
#include "provisioning/store/timeline.h"
#include "provisioning/store/token.h"
#include "provisioning/store/unclaimed.h"
#include "provisioning/store/upload.h"
#include "provisioning/store/user.h"

struct world {
	void *f;
	struct arena *a;
	struct sealer *s;
	struct db *db;
	struct err err;
	struct domain_row domain;
	struct site_row site;
	struct user_row ann, bob;
	struct phone_row phone;
	struct device_row ann_line, bob_line;
};

/* A call that must succeed, and one that must end so. */
#define OK(call) must_be(call, ERR_OK, w, __LINE__)
#define IS(code, call) must_be(call, code, w, __LINE__)
static const struct page all = { 0, 0 };

static void must_be(enum err_code got, enum err_code want, struct world *w, int line)
{
	if (got != want)
		fail_msg("line %d: %s instead of %s: %s", line, err_word(got), err_word(want), w->err.text);
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct fixture *f;

	fixture_open(&w->f);
	f = w->f;
	w->a = &f->a;
	OK(keyfile_load(f->key, &w->s, &w->err));
	OK(db_open(&sqlite_ops, f->db, CONN_WRITE, w->s, f->st, &w->db, &w->err));
	OK(db_begin(w->db, true, &w->err));
	w->domain = (struct domain_row){ .name = "example.test", .realm = "example.test", .timezone = "Europe/Berlin" };
	OK(domain_add(w->db, &w->domain, &w->err));
	w->site = (struct site_row){
		.domain_id = w->domain.id, .name = "Berlin", .quiet_from_min = 120, .quiet_to_min = 300
	};
	OK(site_add(w->db, &w->site, &w->err));
	w->ann = (struct user_row){ .domain_id = w->domain.id,
		.site_id = w->site.id,
		.ext = "1001",
		.first_name = "Ann",
		.last_name = "Lee",
		.login = "Ann.Lee",
		.voicemail_pin = { "4711", 4 },
		.scope = "Basic User",
		.dnd = true };
	OK(user_add(w->db, &w->ann, &w->err));
	w->bob = (struct user_row){
		.domain_id = w->domain.id, .ext = "1002", .first_name = "Bob", .status = USER_RESET
	};
	OK(user_add(w->db, &w->bob, &w->err));
	w->phone = (struct phone_row){ .mac = { { 0x00, 0x15, 0x65, 0xab, 0xcd, 0xef } },
		.domain_id = w->domain.id,
		.site_id = w->site.id,
		.brand = "yealink",
		.model = "yealink-t46u",
		.state = PHONE_SHARED,
		.prov_password = { "prov-secret", 11 } };
	OK(phone_add(w->db, &w->phone, &w->err));
	w->ann_line = (struct device_row){
		.domain_id = w->domain.id, .user_id = w->ann.id, .name = "1001", .password = { "sip-ann", 7 }
	};
	w->bob_line = (struct device_row){
		.domain_id = w->domain.id, .user_id = w->bob.id, .name = "1002", .password = { "sip-bob", 7 }
	};
	OK(device_add(w->db, &w->ann_line, &w->err));
	OK(device_add(w->db, &w->bob_line, &w->err));
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	db_rollback(w->db);
	db_close(w->db);
	sealer_free(w->s);
	fixture_close(&w->f);
	free(w);
	return 0;
}

static void domains_and_sites(void **state)
{
	struct world *w = *state;
	struct domain_row d = { .name = "example.test" }, *list;
	struct site_row s = { .domain_id = w->domain.id, .name = "Berlin" }, *sites;
	size_t n;
	int64_t count;

	IS(ERR_CONFLICT, domain_add(w->db, &d, &w->err));
	d = (struct domain_row){ .name = "another.test", .reseller = "R" };
	OK(domain_add(w->db, &d, &w->err));
	OK(domain_list(w->db, "", all, w->a, &list, &n, &w->err));
	assert_int_equal(n, 2);
	assert_string_equal(list[0].name, "another.test");
	OK(domain_list(w->db, "", (struct page){ 1, 1 }, w->a, &list, &n, &w->err));
	assert_int_equal(n, 1);
	assert_string_equal(list[0].timezone, "Europe/Berlin");
	OK(domain_count(w->db, "R", &count, &w->err));
	assert_int_equal(count, 1);
	w->domain.proxy = "sbc.example.test";
	OK(domain_save(w->db, &w->domain, &w->err));
	OK(domain_by_name(w->db, "example.test", w->a, &d, &w->err));
	assert_string_equal(d.proxy, "sbc.example.test");
	IS(ERR_CONFLICT, site_add(w->db, &s, &w->err));
	OK(site_list(w->db, w->domain.id, w->a, &sites, &n, &w->err));
	assert_int_equal(n, 1);
	assert_int_equal(sites[0].quiet_to_min, 300);
	OK(site_by_name(w->db, w->domain.id, "Berlin", w->a, &s, &w->err));
	OK(site_delete(w->db, s.id, &w->err));
	IS(ERR_NOT_FOUND, site_delete(w->db, s.id, &w->err));
	OK(user_by_id(w->db, w->ann.id, w->a, &w->ann, &w->err));
	assert_int_equal(w->ann.site_id, 0);
	OK(domain_delete(w->db, w->domain.id, &w->err));
	IS(ERR_NOT_FOUND, user_by_id(w->db, w->ann.id, w->a, &w->ann, &w->err));
	IS(ERR_NOT_FOUND, phone_load(w->db, &w->phone.mac, w->a, &w->phone, &w->err));
}

static void users(void **state)
{
	struct world *w = *state;
	struct user_filter in = { .domain_id = w->domain.id };
	struct user_row u, *list;
	size_t n;
	int64_t count;

	OK(user_load(w->db, w->domain.id, "1001", w->a, &u, &w->err));
	assert_string_equal(u.first_name, "Ann");
	assert_string_equal(u.email, "");
	assert_true(u.dnd && !u.voicemail_enabled);
	assert_int_equal(u.status, USER_STANDARD);
	assert_true(slice_eq_str(secret_reveal(&u.voicemail_pin), "4711"));
	IS(ERR_NOT_FOUND, user_load(w->db, w->domain.id, "9", w->a, &u, &w->err));
	assert_non_null(strstr(w->err.text, "9"));
	OK(user_by_login(w->db, "ann.LEE", w->a, &u, &w->err));
	assert_int_equal(u.id, w->ann.id);
	OK(user_by_login(w->db, "1002@EXAMPLE.test", w->a, &u, &w->err));
	assert_int_equal(u.id, w->bob.id);
	IS(ERR_NOT_FOUND,
		user_by_login(w->db, "1001@example.test", w->a, &u, &w->err)); /* she has a login of her own */
	IS(ERR_NOT_FOUND, user_by_login(w->db, "", w->a, &u, &w->err));
	u = (struct user_row){ .domain_id = w->domain.id, .ext = "1003", .login = "ANN.lee" };
	IS(ERR_CONFLICT, user_add(w->db, &u, &w->err));
	u = (struct user_row){ .domain_id = w->domain.id, .ext = "1001" };
	IS(ERR_CONFLICT, user_add(w->db, &u, &w->err));
	OK(user_list(w->db, &in, all, w->a, &list, &n, &w->err));
	assert_int_equal(n, 2);
	assert_string_equal(list[0].ext, "1001");
	in.by_status = true;
	in.status = USER_RESET;
	OK(user_list(w->db, &in, all, w->a, &list, &n, &w->err));
	assert_int_equal(n, 1);
	assert_string_equal(list[0].ext, "1002");
	in = (struct user_filter){ .site_id = w->site.id };
	OK(user_count(w->db, &in, &count, &w->err));
	assert_int_equal(count, 1);
	OK(user_list(w->db, &in, all, w->a, &list, &n, &w->err));
	assert_int_equal(n, 1);
	w->ann.voicemail_pin = (struct secret){ NULL, 0 };
	w->ann.status = USER_PWD_RESET;
	OK(user_save(w->db, &w->ann, &w->err));
	OK(user_by_id(w->db, w->ann.id, w->a, &u, &w->err));
	assert_false(secret_set(&u.voicemail_pin));
	assert_int_equal(u.status, USER_PWD_RESET);
}

static void devices(void **state)
{
	struct world *w = *state;
	struct device_row d, *list,
		idle = { .domain_id = w->domain.id,
			.phone_id = w->phone.id,
			.name = "idle-001565abcdef",
			.kind = DEVICE_IDLE,
			.password = { "idle", 4 } };
	size_t n;

	OK(device_load(w->db, w->domain.id, "1001", w->a, &d, &w->err));
	assert_true(slice_eq_str(secret_reveal(&d.password), "sip-ann"));
	assert_int_equal(d.revision, 1);
	assert_string_equal(d.domain, "example.test");
	assert_string_equal(d.realm, "example.test");
	assert_string_equal(d.ext, "1001");
	OK(device_rekey(w->db, &d, w->a, &w->err));
	OK(device_by_id(w->db, d.id, w->a, &d, &w->err));
	assert_int_equal(d.revision, 2);
	assert_int_equal(d.password.n, 16);
	assert_false(slice_eq_str(secret_reveal(&d.password), "sip-ann"));
	d.password = (struct secret){ NULL, 0 };
	IS(ERR_INPUT, device_save(w->db, &d, &w->err));
	IS(ERR_CONFLICT, device_add(w->db, &w->bob_line, &w->err));
	d = (struct device_row){
		.domain_id = w->domain.id, .user_id = w->ann.id, .name = "1001b", .password = { "x", 1 }
	};
	OK(device_add(w->db, &d, &w->err));
	OK(device_list_user(w->db, w->ann.id, w->a, &list, &n, &w->err));
	assert_int_equal(n, 2);
	assert_string_equal(list[0].name, "1001");
	OK(device_add(w->db, &idle, &w->err));
	OK(device_idle_of(w->db, w->phone.id, w->a, &d, &w->err));
	assert_string_equal(d.ext, "");
	OK(device_list(w->db, w->domain.id, all, w->a, &list, &n, &w->err));
	assert_int_equal(n, 4);
	OK(user_delete(w->db, w->ann.id, &w->err));
	OK(device_list(w->db, 0, all, w->a, &list, &n, &w->err));
	assert_int_equal(n, 2);
}

static void lines(void **state)
{
	struct world *w = *state;
	struct line_row a = { .phone_id = w->phone.id, .slot = 1, .device_id = w->ann_line.id };
	struct line_row b = { .phone_id = w->phone.id, .slot = 2, .device_id = w->bob_line.id, .shared = true };
	struct line_row *list;
	struct phone_row *phones;
	int64_t nlines, nusers;
	size_t n;

	OK(line_add(w->db, &a, &w->err));
	b.slot = 1;
	IS(ERR_CONFLICT, line_add(w->db, &b, &w->err));
	b.slot = 2;
	OK(line_add(w->db, &b, &w->err));
	OK(line_list(w->db, w->phone.id, w->a, &list, &n, &w->err));
	assert_int_equal(n, 2);
	assert_string_equal(list[0].device, "1001");
	assert_string_equal(list[0].last_name, "Lee");
	assert_true(slice_eq_str(secret_reveal(&list[0].password), "sip-ann"));
	assert_true(slice_eq_str(secret_reveal(&list[1].password), "sip-bob"));
	assert_true(list[1].shared && mac_eq(&list[1].mac, &w->phone.mac));
	OK(line_count_people(w->db, w->phone.id, &nlines, &nusers, &w->err));
	assert_int_equal(nlines, 2);
	assert_int_equal(nusers, 2);
	OK(phone_list_user(w->db, w->bob.id, w->a, &phones, &n, &w->err));
	assert_int_equal(n, 1);
	OK(line_list_user(w->db, w->bob.id, w->a, &list, &n, &w->err));
	assert_int_equal(n, 1);
	OK(line_list_device(w->db, w->ann_line.id, w->a, &list, &n, &w->err));
	assert_int_equal(n, 1);
	list[0].label = "Front";
	OK(line_save(w->db, &list[0], &w->err));
	OK(line_delete(w->db, b.id, &w->err));
	OK(line_list(w->db, w->phone.id, w->a, &list, &n, &w->err));
	assert_int_equal(n, 1);
	assert_string_equal(list[0].label, "Front");
	OK(device_delete(w->db, w->ann_line.id, &w->err));
	OK(line_list(w->db, w->phone.id, w->a, &list, &n, &w->err));
	assert_int_equal(n, 0);
}

static int64_t wanted(struct world *w)
{
	OK(phone_load(w->db, &w->phone.mac, w->a, &w->phone, &w->err));
	return w->phone.wanted;
}

static void generations(void **state)
{
	struct world *w = *state;
	int64_t g, last = 0;
	bool changed;

	assert_int_equal(wanted(w), 0);
	OK(phone_bump(w->db, w->phone.id, &g, &w->err));
	assert_int_equal(wanted(w), g);
	OK(generation_bump(w->db, GENERATION_SITE, w->site.id, NULL, &g, &w->err));
	assert_int_equal(wanted(w), g);
	OK(generation_bump(w->db, GENERATION_DOMAIN, w->domain.id, NULL, &g, &w->err));
	assert_int_equal(wanted(w), g);
	OK(generation_bump(w->db, GENERATION_BRAND, 0, "yealink", &g, &w->err));
	assert_int_equal(wanted(w), g);
	OK(generation_bump(w->db, GENERATION_MODEL, 0, "yealink-t46u", &g, &w->err));
	assert_int_equal(wanted(w), g);
	OK(generation_bump(w->db, GENERATION_MODEL, 0, "another", &last, &w->err));
	assert_true(last > g && wanted(w) == g);
	OK(generation_build(w->db, "hash-1", &changed, &w->err));
	assert_true(changed);
	g = wanted(w);
	OK(generation_last(w->db, &last, &w->err));
	assert_int_equal(g, last);
	OK(generation_build(w->db, "hash-1", &changed, &w->err));
	assert_true(!changed && wanted(w) == g);
	OK(generation_build(w->db, "hash-2", &changed, &w->err));
	assert_true(changed && wanted(w) > g);
}

static void phones(void **state)
{
	struct world *w = *state;
	struct phone_filter f = { .by_state = true, .state = PHONE_SHARED };
	struct phone_row p, *list;
	struct phone_file_row *files;
	struct token_row t = { .phone_id = w->phone.id, .expires_ms = INT64_MAX };
	struct secret token;
	int64_t g, count;
	bool changed;
	size_t n;

	OK(phone_load(w->db, &w->phone.mac, w->a, &p, &w->err));
	assert_string_equal(p.domain, "example.test");
	assert_string_equal(p.site, "Berlin");
	assert_true(slice_eq_str(secret_reveal(&p.prov_password), "prov-secret"));
	assert_false(secret_set(&p.admin_password));
	OK(phone_count(w->db, &f, &count, &w->err));
	assert_int_equal(count, 1);
	OK(phone_set_state(w->db, p.id, PHONE_VACANT, &w->err));
	OK(phone_count(w->db, &f, &count, &w->err));
	assert_int_equal(count, 0);

	OK(phone_bump(w->db, p.id, &g, &w->err));
	f = (struct phone_filter){ .domain_id = w->domain.id, .behind = true };
	OK(phone_list(w->db, &f, all, w->a, &list, &n, &w->err));
	assert_int_equal(n, 1);
	OK(phone_ack(w->db, p.id, g, &changed, &w->err));
	assert_true(changed);
	OK(phone_ack(w->db, p.id, g - 1, &changed, &w->err));
	assert_false(changed);
	OK(phone_list(w->db, &f, all, w->a, &list, &n, &w->err));
	assert_int_equal(n, 0);

	OK(phone_seen(w->db, p.id, "Yealink SIP-T46U", "108.86.0.20", "192.0.2.7", &w->err));
	OK(phone_save(w->db, &p, &w->err)); /* an older view: what was seen and acknowledged stays */
	OK(phone_load(w->db, &p.mac, w->a, &p, &w->err));
	assert_string_equal(p.firmware, "108.86.0.20");
	assert_int_equal(p.acked, g);
	assert_int_equal(p.generation, g);

	OK(token_add(w->db, &t, w->a, &token, &w->err));
	OK(phone_rekey(w->db, &p, w->a, &w->err));
	OK(phone_by_id(w->db, p.id, w->a, &p, &w->err));
	assert_true(slice_eq_str(secret_reveal(&p.prov_password_previous), "prov-secret"));
	assert_int_equal(p.prov_password.n, 16);
	OK(phone_password_seen(w->db, p.id, &changed, &w->err));
	assert_true(changed);
	OK(phone_password_seen(w->db, p.id, &changed, &w->err));
	assert_false(changed);
	IS(ERR_NOT_FOUND, token_by_token(w->db, secret_reveal(&token), w->a, &t, &w->err));
	OK(phone_list_logins(w->db, w->a, &list, &n, &w->err));
	assert_int_equal(n, 1);
	assert_false(secret_set(&list[0].prov_password_previous));
	assert_int_equal(list[0].prov_password.n, 16);
	assert_string_equal(list[0].model, "");

	OK(phone_file_note(w->db, p.id, "web", true, &w->err));
	OK(phone_file_delivered(w->db, p.id, "web", 7, "aa", "\"7\"", &w->err));
	OK(phone_file_delivered(w->db, p.id, "web", 6, "bb", "\"6\"", &w->err));
	OK(phone_file_note(w->db, p.id, "web", false, &w->err));
	OK(phone_file_list(w->db, p.id, w->a, &files, &n, &w->err));
	assert_int_equal(n, 1);
	assert_true(files[0].sent);
	assert_int_equal(files[0].delivered, 7);
	assert_string_equal(files[0].hash, "aa");
	IS(ERR_CONFLICT, phone_add(w->db, &w->phone, &w->err));
	OK(phone_delete(w->db, p.id, &w->err));
	IS(ERR_NOT_FOUND, phone_bump(w->db, p.id, &g, &w->err));
}

static void keys(void **state)
{
	struct world *w = *state;
	struct key_row blf = { .phone_id = w->phone.id,
		.place = 2,
		.type = KEY_BLF,
		.value = "1001",
		.label = "Ann Lee",
		.owner = KEY_OWNER_DESK,
		.ref_user_id = w->ann.id };
	struct key_row dial = { .phone_id = w->phone.id,
		.place = 1,
		.type = KEY_SPEED_DIAL,
		.value = "0301",
		.label = "100%_Mum",
		.owner = KEY_OWNER_PERSON,
		.user_id = w->bob.id };
	struct key_row line = {
		.phone_id = w->phone.id, .module = 1, .place = 1, .type = KEY_LINE, .slot = 2, .owner = KEY_OWNER_LINE
	};
	struct key_row again, *list;
	int64_t deleted;
	size_t n;

	OK(key_add(w->db, &blf, &w->err));
	again = blf;
	IS(ERR_CONFLICT, key_add(w->db, &again, &w->err));
	OK(key_add(w->db, &dial, &w->err));
	OK(key_add(w->db, &line, &w->err));
	OK(key_list(w->db, w->phone.id, w->a, &list, &n, &w->err));
	assert_int_equal(n, 3);
	assert_int_equal(list[0].type, KEY_SPEED_DIAL);
	assert_int_equal(list[2].module, 1);
	assert_int_equal(list[1].domain_id, w->domain.id);
	OK(key_list_showing(w->db, w->ann.id, w->a, &list, &n, &w->err));
	assert_int_equal(n, 1);
	assert_true(mac_eq(&list[0].mac, &w->phone.mac));
	OK(key_list_person(w->db, w->bob.id, w->a, &list, &n, &w->err));
	assert_int_equal(n, 1);
	OK(key_list_labelled(w->db, w->domain.id, "MUM", w->a, &list, &n, &w->err));
	assert_int_equal(n, 1);
	OK(key_list_labelled(w->db, w->domain.id, "%_", w->a, &list, &n, &w->err)); /* no wildcards */
	assert_int_equal(n, 1);
	OK(key_list_labelled(w->db, w->domain.id, "1%M", w->a, &list, &n, &w->err));
	assert_int_equal(n, 0);
	OK(key_list_labelled(w->db, w->domain.id, "ann", w->a, &list, &n, &w->err)); /* it shows a user of ours */
	assert_int_equal(n, 0);
	blf.label = "Bob";
	OK(key_save(w->db, &blf, &w->err));
	OK(key_delete_person(w->db, w->bob.id, &deleted, &w->err));
	assert_int_equal(deleted, 1);
	OK(key_delete_line(w->db, w->phone.id, 2, &w->err));
	OK(key_list(w->db, w->phone.id, w->a, &list, &n, &w->err));
	assert_int_equal(n, 1);
	assert_string_equal(list[0].label, "Bob");
	OK(user_delete(w->db, w->ann.id, &w->err));
	OK(key_list(w->db, w->phone.id, w->a, &list, &n, &w->err));
	assert_int_equal(list[0].ref_user_id, 0);
	OK(key_delete(w->db, blf.id, &w->err));
}

static void overrides(void **state)
{
	struct world *w = *state;
	const char *site = override_target(w->a, w->site.id), *phone = override_target(w->a, w->phone.id);
	struct override_place at = { "yealink", "yealink-t46u", w->domain.id, w->site.id, w->phone.id };
	struct override_row rows[] = { { .layer = LAYER_PHONE, .target = phone, .name = "b", .value = "5" },
		{ .layer = LAYER_BRAND, .target = "yealink", .name = "a", .value = "1" },
		{ .layer = LAYER_SITE, .target = site, .name = "a", .value = "3" },
		{ .layer = LAYER_MODEL, .target = "yealink-t46u", .name = "z", .value = "2" },
		{ .layer = LAYER_PHONE, .target = phone, .name = "a", .value = "4" },
		{ .layer = LAYER_MODEL, .target = "another", .name = "a", .value = "9" } };
	struct override_row *list;
	size_t n, i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		OK(override_put(w->db, &rows[i], &w->err));
	rows[0].value = "6";
	OK(override_put(w->db, &rows[0], &w->err));
	OK(override_list_phone(w->db, &at, w->a, &list, &n, &w->err));
	assert_int_equal(n, 5);
	assert_string_equal(list[0].value, "1");
	assert_string_equal(list[1].value, "2");
	assert_string_equal(list[2].value, "3");
	assert_string_equal(list[3].value, "4");
	assert_string_equal(list[4].value, "6");
	OK(override_delete(w->db, LAYER_PHONE, phone, "a", &w->err));
	IS(ERR_NOT_FOUND, override_delete(w->db, LAYER_PHONE, phone, "a", &w->err));
	OK(override_clear(w->db, LAYER_PHONE, phone, &w->err));
	OK(override_list(w->db, LAYER_PHONE, phone, w->a, &list, &n, &w->err));
	assert_int_equal(n, 0);
}

static void records(void **state)
{
	struct world *w = *state;
	struct record_row a = { .job_id = 5,
		.kind = "unassigned",
		.domain_id = w->domain.id,
		.phone_id = w->phone.id,
		.mac = "001565abcdef",
		.slot = 1,
		.device = "1001",
		.ext = "1001",
		.state = "open",
		.open = true };
	struct record_row b = { .job_id = 5,
		.kind = "rekeyed",
		.domain_id = w->domain.id,
		.device_id = w->bob_line.id,
		.device = "1002",
		.ext = "1002",
		.state = "open",
		.open = true };
	const struct {
		struct record_filter f;
		size_t n;
	} find[] = {
		{ { .domain_id = w->domain.id }, 2 },
		{ { .domain_id = w->domain.id + 1 }, 0 },
		{ { .job_id = 5 }, 2 },
		{ { .job_id = 6 }, 0 },
		{ { .phone_id = w->phone.id }, 1 },
		{ { .device_id = w->bob_line.id }, 1 },
		{ { .softphone_id = 1 }, 0 },
		{ { .ext = "1001" }, 1 },
		{ { .mac = "001565abcdef" }, 1 },
		{ { .device = "1002" }, 1 },
		{ { .kind = "rekeyed" }, 1 },
		{ { .state = "open" }, 1 },
		{ { .open_only = true }, 1 },
		{ { .domain_id = w->domain.id, .newest_first = true }, 2 },
		{ { .newest_first = true }, 2 },
		{ { .to_ms = 1 }, 0 },
		{ { .from_ms = 1 }, 2 },
		{ { .job_id = 5, .domain_id = w->domain.id, .open_only = true }, 1 },
	};
	struct record_row r, *list;
	int64_t count;
	bool set;
	size_t n, i;

	OK(record_add(w->db, &a, &w->err));
	OK(record_add(w->db, &b, &w->err));
	OK(record_fact_set(w->db, a.id, "told", 20, "200 OK", &set, &w->err));
	assert_true(set);
	OK(record_fact_set(w->db, a.id, "told", 30, "404", &set, &w->err));
	assert_false(set);
	OK(record_fact_set(w->db, a.id, "fetched", 10, "hash", NULL, &w->err));
	IS(ERR_CONFLICT, record_fact_set(w->db, 12345, "told", 1, "", NULL, &w->err));
	OK(record_load(w->db, a.id, w->a, &r, &w->err));
	assert_int_equal(r.nfacts, 2);
	assert_string_equal(r.facts[0].fact, "fetched");
	assert_string_equal(r.facts[1].evidence, "200 OK");
	assert_int_equal(r.facts[1].at_ms, 20);
	OK(record_fact_clear(w->db, a.id, "told", &w->err));
	OK(record_fact_clear(w->db, a.id, "told", &w->err));
	OK(record_set_state(w->db, b.id, "confirmed", false, &w->err));
	OK(record_set_generation(w->db, b.id, 99, &w->err));
	OK(record_load(w->db, b.id, w->a, &r, &w->err));
	assert_true(!r.open && r.closed_ms > 0 && r.generation_after == 99 && r.nfacts == 0);
	for (i = 0; i < sizeof(find) / sizeof(find[0]); i++) {
		OK(record_list(w->db, &find[i].f, all, w->a, &list, &n, &w->err));
		if (n != find[i].n)
			fail_msg("filter %zu lists %zu", i, n);
		OK(record_count(w->db, &find[i].f, &count, &w->err));
		if (count != (int64_t)find[i].n)
			fail_msg("filter %zu counts %d", i, (int)count);
	}
	OK(record_list(w->db, &find[13].f, all, w->a, &list, &n, &w->err));
	assert_int_equal(list[0].id, b.id);
	assert_int_equal(list[1].nfacts, 1);
	OK(domain_delete(w->db, w->domain.id, &w->err)); /* a record outlives what it is about */
	OK(record_load(w->db, a.id, w->a, &r, &w->err));
}

static void jobs(void **state)
{
	struct world *w = *state;
	struct job_row a = {
		.domain_id = w->domain.id, .kind = "reset", .state = "queued", .payload = SLICE_LIT("who comes")
	};
	struct job_row b = { .domain_id = w->domain.id, .kind = "reset", .state = "queued" }, *list, j;
	struct job_user_row u = { .domain_id = w->domain.id, .user_id = w->ann.id, .ext = "1001", .state = "waiting" };
	struct job_user_row v = u, *users;
	int64_t holder, cancelled;
	size_t n;

	OK(job_row_add(w->db, &a, &w->err));
	OK(job_row_add(w->db, &b, &w->err));
	OK(job_row_load(w->db, a.id, w->a, &j, &w->err));
	assert_true(slice_eq_str(j.payload, "who comes"));
	u.job_id = a.id;
	u.form = SLICE_LIT("the form");
	OK(job_user_add(w->db, &u, &holder, &w->err));
	v.job_id = b.id;
	IS(ERR_CONFLICT, job_user_add(w->db, &v, &holder, &w->err));
	assert_int_equal(holder, a.id);
	assert_non_null(strstr(w->err.text, override_target(w->a, a.id)));
	v.user_id = w->bob.id;
	OK(job_user_add(w->db, &v, &holder, &w->err));
	OK(job_user_next(w->db, a.id, 10, w->a, &users, &n, &w->err));
	assert_int_equal(n, 1);
	assert_true(slice_eq_str(users[0].form, "the form"));
	u.state = "done";
	u.ended_ms = 1;
	u.form_pending = true;
	OK(job_user_save(w->db, &u, &w->err));
	OK(job_user_next(w->db, a.id, 10, w->a, &users, &n, &w->err));
	assert_int_equal(n, 0);
	OK(job_user_holder(w->db, w->ann.id, &holder, &w->err));
	assert_int_equal(holder, 0);
	OK(job_user_load(w->db, a.id, w->ann.id, w->a, &u, &w->err));
	assert_true(slice_eq_str(u.form, "the form")); /* it waits for an admin */
	u.form_pending = false;
	OK(job_user_save(w->db, &u, &w->err));
	OK(job_user_load(w->db, a.id, w->ann.id, w->a, &u, &w->err));
	assert_null(u.form.p);

	OK(job_row_state(w->db, a.id, "running", false, &w->err));
	OK(job_row_list_open(w->db, w->a, &list, &n, &w->err));
	assert_int_equal(n, 2);
	assert_true(list[0].started_ms > 0 && list[0].users == 1 && list[0].done == 1);
	OK(job_row_state(w->db, a.id, "done", true, &w->err));
	OK(job_row_load(w->db, a.id, w->a, &j, &w->err));
	assert_true(j.payload.p == NULL && j.ended_ms > 0);
	OK(job_cancel_waiting(w->db, b.id, &cancelled, &w->err));
	assert_int_equal(cancelled, 1);
	OK(job_row_list(w->db, w->domain.id, all, w->a, &list, &n, &w->err));
	assert_int_equal(list[0].id, b.id);
	IS(ERR_NOT_FOUND, job_row_load(w->db, 12345, w->a, &j, &w->err));
	OK(user_delete(w->db, w->ann.id, &w->err));
	OK(job_user_list(w->db, a.id, all, w->a, &users, &n, &w->err));
	assert_true(n == 1 && users[0].user_id == 0);
	assert_string_equal(users[0].ext, "1001");
}

/* Two users of one job, one running at the end of the job: it is cancelled and free. */
static void the_end_of_a_job_frees_its_users(void **state)
{
	struct world *w = *state;
	struct job_row a = { .domain_id = w->domain.id, .kind = "reset", .state = "running" };
	struct job_user_row u = { .domain_id = w->domain.id, .user_id = w->ann.id, .ext = "1001", .state = "running" };
	int64_t holder;

	OK(job_row_add(w->db, &a, &w->err));
	u.job_id = a.id;
	OK(job_user_add(w->db, &u, NULL, &w->err));
	OK(job_row_state(w->db, a.id, "cancelled", true, &w->err));
	OK(job_user_holder(w->db, w->ann.id, &holder, &w->err));
	assert_int_equal(holder, 0);
	OK(job_user_load(w->db, a.id, w->ann.id, w->a, &u, &w->err));
	assert_string_equal(u.state, "cancelled");
}

static void sessions_links_and_api_keys(void **state)
{
	struct world *w = *state;
	int64_t now = db_now_ms(w->db);
	struct session_row s = { .user_id = w->ann.id, .expires_ms = now + 1000 };
	struct link_row l = { .user_id = w->ann.id, .purpose = "set-password", .expires_ms = now + 1000 };
	struct apikey_row k = { .name = "crm", .scope = "Office Manager", .domain_id = w->domain.id }, *list;
	struct secret token, link, key;
	size_t n;

	OK(session_add(w->db, &s, w->a, &token, &w->err));
	OK(session_by_token(w->db, secret_reveal(&token), w->a, &s, &w->err));
	assert_int_equal(s.user_id, w->ann.id);
	IS(ERR_UNAUTHORIZED, session_by_token(w->db, SLICE_LIT("guess"), w->a, &s, &w->err));
	OK(session_touch(w->db, s.id, now, &w->err)); /* expired */
	IS(ERR_UNAUTHORIZED, session_by_token(w->db, secret_reveal(&token), w->a, &s, &w->err));
	OK(session_expire(w->db, &w->err));
	OK(session_delete_user(w->db, w->ann.id, &w->err));

	OK(link_add(w->db, &l, w->a, &link, &w->err));
	IS(ERR_NOT_FOUND, link_by_token(w->db, secret_reveal(&link), "other", w->a, &l, &w->err));
	OK(link_by_token(w->db, secret_reveal(&link), "set-password", w->a, &l, &w->err));
	OK(link_use(w->db, l.id, &w->err));
	IS(ERR_CONFLICT, link_use(w->db, l.id, &w->err));
	IS(ERR_NOT_FOUND, link_by_token(w->db, secret_reveal(&link), "set-password", w->a, &l, &w->err));

	OK(apikey_add(w->db, &k, w->a, &key, &w->err));
	OK(apikey_by_key(w->db, secret_reveal(&key), w->a, &k, &w->err));
	assert_int_equal(strncmp(k.prefix, key.bytes, 8), 0);
	assert_int_equal(strlen(k.prefix), 8);
	OK(apikey_touch(w->db, k.id, &w->err));
	OK(apikey_revoke(w->db, k.id, &w->err));
	IS(ERR_NOT_FOUND, apikey_revoke(w->db, k.id, &w->err));
	IS(ERR_UNAUTHORIZED, apikey_by_key(w->db, secret_reveal(&key), w->a, &k, &w->err));
	OK(apikey_list(w->db, w->domain.id, all, w->a, &list, &n, &w->err));
	assert_true(n == 1 && list[0].used_ms > 0 && list[0].revoked_ms > 0);
}

static void tokens(void **state)
{
	struct world *w = *state;
	struct token_row t = { .phone_id = w->phone.id, .expires_ms = db_now_ms(w->db) + 1000 }, *list;
	struct token_row old = { .phone_id = w->phone.id, .expires_ms = db_now_ms(w->db) };
	struct secret token, gone;
	size_t n;

	OK(token_add(w->db, &t, w->a, &token, &w->err));
	OK(token_add(w->db, &old, w->a, &gone, &w->err));
	OK(token_by_token(w->db, secret_reveal(&token), w->a, &t, &w->err));
	OK(token_used(w->db, t.id, &w->err));
	OK(token_used(w->db, t.id, &w->err));
	IS(ERR_NOT_FOUND, token_by_token(w->db, secret_reveal(&gone), w->a, &t, &w->err));
	OK(token_expire(w->db, &w->err));
	OK(token_list(w->db, w->phone.id, w->a, &list, &n, &w->err));
	assert_true(n == 1 && list[0].uses == 2);
	OK(token_kill(w->db, w->phone.id, &w->err));
	IS(ERR_NOT_FOUND, token_by_token(w->db, secret_reveal(&token), w->a, &t, &w->err));
}

static void softphones(void **state)
{
	struct world *w = *state;
	struct softphone_row s = { .domain_id = w->domain.id,
		.user_id = w->ann.id,
		.device_id = w->ann_line.id,
		.kind = "linphone",
		.label = "Ann's phone" },
			     *list;
	struct secret token;
	int64_t g;
	bool changed;
	size_t n;

	OK(softphone_add(w->db, &s, w->a, &token, &w->err));
	OK(softphone_slots(w->db, s.id, 2, &w->err));
	OK(softphone_slots(w->db, s.id, 1, &w->err));
	OK(softphone_bump(w->db, s.id, &g, &w->err));
	OK(softphone_ack(w->db, s.id, g, "Linphone", &changed, &w->err));
	assert_true(changed);
	OK(softphone_list_device(w->db, w->ann_line.id, w->a, &list, &n, &w->err));
	assert_true(n == 1 && list[0].slots_ever == 2 && list[0].acked == g);
	assert_string_equal(list[0].device, "1001");
	OK(softphone_blank(w->db, s.id, &g, &w->err));
	OK(softphone_by_token(w->db, secret_reveal(&token), w->a, &s, &w->err));
	assert_true(s.blanked && s.user_id == 0 && s.device_id == 0 && s.generation == g && s.slots_ever == 2);
	assert_string_equal(s.label, "");
	OK(softphone_list_user(w->db, w->ann.id, w->a, &list, &n, &w->err));
	assert_int_equal(n, 0);
}

static void history_and_snapshots(void **state)
{
	struct world *w = *state;
	struct served_row s = { .phone_id = w->phone.id,
		.slot = 1,
		.device_id = 9,
		.device = "1001",
		.revision = 1,
		.password = { "old", 3 } },
			  *list;
	struct snapshot_row sn = { .phone_id = w->phone.id, .kind = "model", .body = SLICE_LIT("{1}") };
	struct upload_row up = { .phone_id = w->phone.id,
		.kind = "calls",
		.body = SLICE_LIT("calls"),
		.generation = 3 },
			  *ups;
	int64_t deleted;
	size_t n;

	OK(served_note(w->db, &s, 10, &w->err));
	OK(served_note(w->db, &s, 12, &w->err));
	OK(served_note(w->db, &s, 11, &w->err));
	s.revision = 2;
	s.password = (struct secret){ "new", 3 };
	OK(served_note(w->db, &s, 13, &w->err));
	OK(served_list(w->db, w->phone.id, 1, w->a, &list, &n, &w->err));
	assert_int_equal(n, 2);
	assert_true(slice_eq_str(secret_reveal(&list[0].password), "new"));
	assert_true(slice_eq_str(secret_reveal(&list[1].password), "old"));
	assert_int_equal(list[1].generation_first, 10);
	assert_int_equal(list[1].generation_last, 12);
	OK(served_prune(w->db, w->phone.id, 12, &w->err));
	OK(served_list(w->db, w->phone.id, 0, w->a, &list, &n, &w->err));
	assert_int_equal(n, 2);
	OK(served_prune(w->db, w->phone.id, 13, &w->err));
	OK(served_list(w->db, w->phone.id, 0, w->a, &list, &n, &w->err));
	assert_int_equal(n, 1);

	for (sn.generation = 10; sn.generation <= 12; sn.generation++)
		OK(snapshot_put(w->db, &sn, &w->err));
	sn.generation = 11;
	sn.body = SLICE_LIT("{2}");
	OK(snapshot_put(w->db, &sn, &w->err));
	OK(snapshot_load(w->db, w->phone.id, "model", 11, w->a, &sn, &w->err));
	assert_true(sn.generation == 11 && slice_eq_str(sn.body, "{2}"));
	IS(ERR_NOT_FOUND, snapshot_load(w->db, w->phone.id, "handset", 11, w->a, &sn, &w->err));
	OK(snapshot_prune(w->db, w->phone.id, 12, &w->err));
	IS(ERR_NOT_FOUND, snapshot_load(w->db, w->phone.id, "model", 11, w->a, &sn, &w->err));
	OK(snapshot_load(w->db, w->phone.id, "model", INT64_MAX, w->a, &sn, &w->err));

	OK(upload_put(w->db, &up, &w->err));
	up.body = SLICE_LIT("more calls");
	OK(upload_put(w->db, &up, &w->err));
	OK(upload_load(w->db, w->phone.id, "calls", w->a, &up, &w->err));
	assert_true(slice_eq_str(up.body, "more calls"));
	OK(upload_list(w->db, w->phone.id, w->a, &ups, &n, &w->err));
	assert_true(n == 1 && ups[0].body.p == NULL && ups[0].generation == 3);
	OK(upload_delete(w->db, w->phone.id, "web", &deleted, &w->err));
	assert_int_equal(deleted, 0);
	OK(upload_delete(w->db, w->phone.id, NULL, &deleted, &w->err));
	assert_int_equal(deleted, 1);
}

static void unclaimed_macs_are_bounded(void **state)
{
	struct world *w = *state;
	struct unclaimed_row u = { .vendor = "yealink", .mac = { { 1, 2, 3, 4, 5, 0 } } }, *list;
	size_t n;
	int i;

	for (i = 0; i < 10; i++) {
		u.mac.b[5] = (uint8_t)i;
		w->db->now_ms++;
		OK(unclaimed_note(w->db, &u, 4, &w->err));
	}
	OK(unclaimed_note(w->db, &u, 4, &w->err));
	OK(unclaimed_list(w->db, all, w->a, &list, &n, &w->err));
	assert_int_equal(n, 4);
	assert_int_equal(list[0].mac.b[5], 9);
	assert_int_equal(list[0].knocks, 2);
	assert_int_equal(list[3].mac.b[5], 6);
	OK(unclaimed_delete(w->db, &u.mac, &w->err));
	IS(ERR_NOT_FOUND, unclaimed_load(w->db, &u.mac, w->a, &u, &w->err));
}

static void idempotency_keys(void **state)
{
	struct world *w = *state;
	struct idempotency_row r = { .principal = "crm", .key = "k1", .request = "h1" }, again = r, other = r;
	bool found;

	OK(idempotency_take(w->db, &r, w->a, &found, &w->err));
	assert_false(found);
	OK(idempotency_take(w->db, &again, w->a, &found, &w->err));
	assert_true(found && again.status == 0);
	r.status = 202;
	r.location = "/resets/7";
	r.body = SLICE_LIT("{}");
	OK(idempotency_finish(w->db, &r, &w->err));
	OK(idempotency_take(w->db, &again, w->a, &found, &w->err));
	assert_true(found && again.status == 202 && slice_eq_str(again.body, "{}"));
	assert_string_equal(again.location, "/resets/7");
	other.request = "h2";
	IS(ERR_CONFLICT, idempotency_take(w->db, &other, w->a, &found, &w->err));
	OK(idempotency_drop(w->db, "crm", "k1", &w->err));
	OK(idempotency_take(w->db, &other, w->a, &found, &w->err));
	assert_false(found);
	OK(idempotency_expire(w->db, INT64_MAX, &w->err));
	IS(ERR_NOT_FOUND, idempotency_finish(w->db, &r, &w->err));
}

static void the_projection_flips(void **state)
{
	struct world *w = *state;
	struct projection_row p = { .identity = "1001@example.test",
		.realm = "example.test",
		.wanted_ha1 = { "aaa", 3 },
		.wanted_revision = 1 },
			      *list;
	bool changed;
	size_t n;

	OK(projection_want(w->db, &p, &w->err));
	OK(projection_load(w->db, p.identity, w->a, &p, &w->err));
	assert_true(p.waiting && p.revision == 0 && !secret_set(&p.ha1));
	OK(projection_begin(w->db, p.identity, 1, p.wanted_ms + 5, &w->err));
	OK(projection_begin(w->db, p.identity, 1, p.wanted_ms + 9, &w->err)); /* a repeat */
	OK(projection_load(w->db, p.identity, w->a, &p, &w->err));
	assert_int_equal(p.flipped_ms, p.wanted_ms + 5);
	OK(projection_flipped(w->db, p.identity, 1, 77, &changed, &w->err));
	assert_true(changed);
	OK(projection_flipped(w->db, p.identity, 1, 78, &changed, &w->err));
	assert_false(changed);
	OK(projection_load(w->db, p.identity, w->a, &p, &w->err));
	assert_true(!p.waiting && p.revision == 1 && p.flipped_ms == 77 && slice_eq_str(secret_reveal(&p.ha1), "aaa"));

	p.wanted_ha1 = (struct secret){ "bbb", 3 };
	p.wanted_revision = 2;
	OK(projection_want(w->db, &p, &w->err));
	OK(projection_load(w->db, p.identity, w->a, &p, &w->err));
	assert_true(
		p.waiting && slice_eq_str(secret_reveal(&p.ha1), "aaa")); /* the old one is in force until the flip */
	IS(ERR_CONFLICT, projection_flipped(w->db, p.identity, 1, 80, &changed, &w->err));
	OK(projection_list(w->db, true, all, w->a, &list, &n, &w->err));
	assert_int_equal(n, 1);

	p.wanted_ha1 = (struct secret){ NULL, 0 };
	p.wanted_revision = 0;
	OK(projection_want(w->db, &p, &w->err));
	OK(projection_flipped(w->db, p.identity, 0, 90, &changed, &w->err));
	assert_true(changed);
	OK(projection_flipped(w->db, p.identity, 0, 91, &changed, &w->err));
	assert_false(changed);
	IS(ERR_NOT_FOUND, projection_load(w->db, p.identity, w->a, &p, &w->err));
	IS(ERR_NOT_FOUND, projection_flipped(w->db, p.identity, 3, 92, &changed, &w->err));
	OK(projection_list(w->db, false, all, w->a, &list, &n, &w->err));
	assert_int_equal(n, 0);
}

static void the_audit_log(void **state)
{
	struct world *w = *state;
	struct audit_row r = { .who = "admin",
		.from = "192.0.2.1",
		.action = "reset",
		.domain = "example.test",
		.user = "1001",
		.before = "{\"name\":\"Ann\"}" },
			 *list;
	struct audit_filter f = { .user = "1001" };
	int64_t count;
	size_t n;

	OK(audit_add(w->db, &r, &w->err));
	r.action = "recycle";
	OK(audit_add(w->db, &r, &w->err));
	OK(audit_list(w->db, &f, all, w->a, &list, &n, &w->err));
	assert_int_equal(n, 2);
	assert_string_equal(list[0].action, "recycle");
	assert_string_equal(list[0].from, "192.0.2.1");
	f.action = "reset";
	OK(audit_count(w->db, &f, &count, &w->err));
	assert_int_equal(count, 1);
	f.who = "nobody";
	OK(audit_count(w->db, &f, &count, &w->err));
	assert_int_equal(count, 0);
}

static void the_timeline_and_alerts(void **state)
{
	struct world *w = *state;
	struct timeline_row t = { .phone_id = w->phone.id, .mac = w->phone.mac, .event = "pulled", .generation = 7 },
			    *list;
	struct alert_row a = { .domain_id = w->domain.id, .phone_id = w->phone.id, .kind = "residue", .text = "x" },
			 *alerts;
	bool added;
	size_t n;
	int i;

	for (i = 0; i < 700; i++) {
		t.at_ms = 0;
		t.detail = override_target(w->a, i);
		OK(timeline_add(w->db, &t, &w->err));
	}
	OK(timeline_list(w->db, w->phone.id, all, w->a, &list, &n, &w->err));
	assert_in_range(n, 500, 564);
	assert_string_equal(list[0].detail, "699");
	assert_string_equal(list[499].detail, "200");
	OK(alert_add(w->db, &a, &added, &w->err));
	assert_true(added);
	OK(alert_add(w->db, &a, &added, &w->err));
	assert_false(added);
	a.record_id = 5;
	OK(alert_add(w->db, &a, &added, &w->err));
	assert_true(added);
	OK(alert_clear(w->db, a.id, &w->err));
	OK(alert_list(w->db, w->domain.id, true, all, w->a, &alerts, &n, &w->err));
	assert_int_equal(n, 1);
	OK(alert_list(w->db, 0, false, all, w->a, &alerts, &n, &w->err));
	assert_int_equal(n, 2);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(domains_and_sites),
		T(users),
		T(devices),
		T(lines),
		T(generations),
		T(phones),
		T(keys),
		T(overrides),
		T(records),
		T(jobs),
		T(the_end_of_a_job_frees_its_users),
		T(sessions_links_and_api_keys),
		T(tokens),
		T(softphones),
		T(history_and_snapshots),
		T(unclaimed_macs_are_bounded),
		T(idempotency_keys),
		T(the_projection_flips),
		T(the_audit_log),
		T(the_timeline_and_alerts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
