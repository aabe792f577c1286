/* The verbs of what stands on a desk: domains, sites, users, devices, phones, lines, keys, overrides, generations. */
#include "tests/unit/store_world.h"

#include <string.h>

#include "provisioning/store/generation.h"
#include "provisioning/store/key.h"
#include "provisioning/store/line.h"
#include "provisioning/store/override.h"
#include "provisioning/store/token.h"

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
	IS(ERR_NOT_FOUND, token_open(w->db, secret_reveal(&token), w->a, &t, &w->err));
	OK(token_load(w->db, t.id, w->a, &t, &w->err));
	assert_true(t.dead_ms != 0);
	OK(phone_list_logins(w->db, 0, 1000, w->a, &list, &n, &w->err));
	assert_int_equal(n, 1);
	assert_false(secret_set(&list[0].prov_password_previous));
	assert_int_equal(list[0].prov_password.n, 16);
	assert_string_equal(list[0].model, "yealink-t46u");
	assert_string_equal(list[0].notes, "");

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

static void a_pairing_window_ends_by_its_time(void **state)
{
	struct world *w = *state;
	int64_t now = db_now_ms(w->db);
	struct phone_row p;
	bool first;

	OK(phone_pair(w->db, w->phone.id, now, &w->err));
	OK(phone_pair_used(w->db, w->phone.id, "192.0.2.7", &first, &w->err));
	assert_false(first);
	OK(phone_by_id(w->db, w->phone.id, w->a, &p, &w->err));
	assert_int_equal(p.paired_ms, 0);
	assert_string_equal(p.paired_from, "");
	OK(phone_pair(w->db, w->phone.id, now + 1, &w->err));
	OK(phone_pair_used(w->db, w->phone.id, "192.0.2.7", &first, &w->err));
	assert_true(first);
	OK(phone_pair_used(w->db, w->phone.id, "192.0.2.8", &first, &w->err));
	assert_false(first);
	OK(phone_by_id(w->db, w->phone.id, w->a, &p, &w->err));
	assert_int_equal(p.paired_ms, now);
	assert_string_equal(p.paired_from, "192.0.2.7");
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
	OK(key_list_labelled(w->db, w->domain.id, "de Mum-1", w->a, &list, &n, &w->err)); /* by the longest word */
	assert_int_equal(n, 1);
	OK(key_list_labelled(w->db, w->domain.id, "mu", w->a, &list, &n, &w->err)); /* whole words */
	assert_int_equal(n, 0);
	OK(key_list_labelled(w->db, w->domain.id, "%_", w->a, &list, &n, &w->err)); /* no word at all */
	assert_int_equal(n, 0);
	dial.label = "D\303\251d\303\251 O'Neil";
	OK(key_save(w->db, &dial, &w->err));
	OK(key_list_labelled(w->db, w->domain.id, "MUM", w->a, &list, &n, &w->err)); /* another label, other words */
	assert_int_equal(n, 0);
	OK(key_list_labelled(w->db, w->domain.id, "o'neil", w->a, &list, &n, &w->err));
	assert_int_equal(n, 1);
	OK(key_list_labelled(w->db, w->domain.id, "d\303\251d\303\251", w->a, &list, &n, &w->err));
	assert_int_equal(n, 1);
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

#define T(fn) cmocka_unit_test_setup_teardown(fn, world_open, world_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(domains_and_sites),
		T(users),
		T(devices),
		T(lines),
		T(generations),
		T(phones),
		T(a_pairing_window_ends_by_its_time),
		T(keys),
		T(overrides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
