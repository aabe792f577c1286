#include "tests/unit/reset_fixture.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "provisioning/outbox/outbox.h"
#include "provisioning/reset/flip.h"
#include "provisioning/reset/identity.h"
#include "provisioning/store/answerrule.h"
#include "provisioning/store/contact.h"
#include "provisioning/store/device.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/key.h"
#include "provisioning/store/line.h"
#include "provisioning/store/phone.h"
#include "provisioning/store/seal.h"
#include "provisioning/store/softphone.h"
#include "provisioning/store/timeframe.h"
#include "provisioning/store/user.h"

/* ---- the registrar in memory ---- */

static enum err_code down(struct fake_registrar *f, struct err *err)
{
	return f->down ? err_set(err, ERR_IO, "the registrar is down") : ERR_OK;
}

static int cred_at(struct fake_registrar *f, const char *user, const char *domain)
{
	int i;

	for (i = 0; i < FAKE_MAX; i++)
		if (f->creds[i].there && strcmp(f->creds[i].user, user) == 0 && strcmp(f->creds[i].domain, domain) == 0)
			return i;
	return -1;
}

static enum err_code fake_bindings(
	struct registrar *r, const char *aor, struct arena *a, struct binding_list *out, struct err *err)
{
	struct fake_registrar *f = (struct fake_registrar *)r;
	int i;

	if (f->fail_list)
		return err_set(err, ERR_IO, "the registrar does not answer");
	if (f->last_call)
		store_fail_from(1);
	out->n = 0;
	out->v = arena_alloc(a, FAKE_MAX * sizeof(*out->v));
	if (out->v == NULL)
		return err_set(err, ERR_NOMEM, "no memory");
	for (i = 0; i < FAKE_MAX; i++)
		if (f->bindings[i].there && strcmp(f->bindings[i].aor, aor) == 0)
			out->v[out->n++] = (struct binding){ .contact = f->bindings[i].contact,
				.user_agent = f->bindings[i].user_agent,
				.source = f->bindings[i].source,
				.expires_s = 3600,
				.refreshed = f->bindings[i].refreshed };
	return down(f, err);
}

static enum err_code fake_unbind(struct registrar *r, const char *aor, const char *contact, struct err *err)
{
	struct fake_registrar *f = (struct fake_registrar *)r;
	int i;

	for (i = 0; i < FAKE_MAX; i++)
		if (f->bindings[i].there && strcmp(f->bindings[i].aor, aor) == 0 &&
			strcmp(f->bindings[i].contact, contact) == 0) {
			f->bindings[i].there = false;
			f->unbinds++;
		}
	return down(f, err);
}

static enum err_code fake_set(struct registrar *r, const struct credential *c, struct err *err)
{
	struct fake_registrar *f = (struct fake_registrar *)r;
	int i = cred_at(f, c->user, c->domain);

	if (f->down)
		return down(f, err);
	for (i = i < 0 ? 0 : i; f->creds[i].there && strcmp(f->creds[i].user, c->user) != 0; i++)
		assert_true(i < FAKE_MAX - 1);
	if (f->creds[i].there && f->creds[i].revision > c->revision)
		return err_set(err, ERR_CONFLICT, "a newer one stands there");
	f->creds[i].there = true;
	f->creds[i].revision = c->revision;
	snprintf(f->creds[i].user, sizeof(f->creds[i].user), "%s", c->user);
	snprintf(f->creds[i].domain, sizeof(f->creds[i].domain), "%s", c->domain);
	snprintf(f->creds[i].ha1, sizeof(f->creds[i].ha1), "%s", secret_reveal(&c->ha1).p);
	f->sets++;
	return ERR_OK;
}

static enum err_code fake_get(struct registrar *r, const char *user, const char *domain, struct arena *a,
	struct credential *out, struct err *err)
{
	struct fake_registrar *f = (struct fake_registrar *)r;
	int i = cred_at(f, user, domain);

	if (f->down)
		return down(f, err);
	if (i < 0)
		return err_set(err, ERR_NOT_FOUND, "not there");
	*out = (struct credential){ .user = f->creds[i].user,
		.domain = f->creds[i].domain,
		.realm = f->creds[i].domain,
		.ha1 = secret_copy(a, slice_str(f->creds[i].ha1)),
		.revision = f->creds[i].revision };
	return ERR_OK;
}

static enum err_code fake_remove(
	struct registrar *r, const char *user, const char *domain, int64_t revision, struct err *err)
{
	struct fake_registrar *f = (struct fake_registrar *)r;
	int i = cred_at(f, user, domain);

	if (f->down)
		return down(f, err);
	if (i >= 0 && f->creds[i].revision > revision)
		return err_set(err, ERR_CONFLICT, "a newer one stands there");
	if (i >= 0) {
		f->creds[i].there = false;
		f->removes++;
	}
	return ERR_OK;
}

static enum err_code fake_all(struct registrar *r, struct arena *a, struct credential_list *out, struct err *err)
{
	struct fake_registrar *f = (struct fake_registrar *)r;
	int i;

	out->n = 0;
	out->v = arena_alloc(a, FAKE_MAX * sizeof(*out->v));
	for (i = 0; i < FAKE_MAX; i++)
		if (f->creds[i].there)
			fake_get(r, f->creds[i].user, f->creds[i].domain, a, &out->v[out->n++], err);
	return down(f, err);
}

static bool in_list(const struct credential_list *list, const char *user, const char *domain)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (strcmp(list->v[i].user, user) == 0 && strcmp(list->v[i].domain, domain) == 0)
			return true;
	return false;
}

static enum err_code fake_sync(
	struct registrar *r, const struct credential_list *wanted, struct registrar_sync *out, struct err *err)
{
	struct fake_registrar *f = (struct fake_registrar *)r;
	size_t i;

	*out = (struct registrar_sync){ 0 };
	for (i = 0; i < FAKE_MAX; i++)
		if (f->creds[i].there && !in_list(wanted, f->creds[i].user, f->creds[i].domain)) {
			f->creds[i].there = false;
			out->removed++;
		}
	for (i = 0; i < wanted->n; i++) {
		const struct credential *c = &wanted->v[i];
		int at = cred_at(f, c->user, c->domain);

		if (at < 0)
			out->added++;
		else if (strcmp(f->creds[at].ha1, secret_reveal(&c->ha1).p) == 0)
			continue;
		else
			out->changed++;
		if (at >= 0)
			f->creds[at].revision = 0;
		fake_set(r, c, err);
	}
	return down(f, err);
}

/* Flips run in several worker threads at once. */
static pthread_mutex_t fake_lock = PTHREAD_MUTEX_INITIALIZER;

#define LOCKED(call)                                                                                                   \
	enum err_code code;                                                                                            \
                                                                                                                       \
	pthread_mutex_lock(&fake_lock);                                                                                \
	code = call;                                                                                                   \
	pthread_mutex_unlock(&fake_lock);                                                                              \
	return code

static enum err_code op_bindings(
	struct registrar *r, const char *aor, struct arena *a, struct binding_list *out, struct err *err)
{
	LOCKED(fake_bindings(r, aor, a, out, err));
}

static enum err_code op_unbind(struct registrar *r, const char *aor, const char *contact, struct err *err)
{
	LOCKED(fake_unbind(r, aor, contact, err));
}

static enum err_code op_set(struct registrar *r, const struct credential *c, struct err *err)
{
	LOCKED(fake_set(r, c, err));
}

static enum err_code op_get(struct registrar *r, const char *user, const char *domain, struct arena *a,
	struct credential *out, struct err *err)
{
	LOCKED(fake_get(r, user, domain, a, out, err));
}

static enum err_code op_remove(
	struct registrar *r, const char *user, const char *domain, int64_t revision, struct err *err)
{
	LOCKED(fake_remove(r, user, domain, revision, err));
}

static enum err_code op_all(struct registrar *r, struct arena *a, struct credential_list *out, struct err *err)
{
	LOCKED(fake_all(r, a, out, err));
}

static enum err_code op_sync(
	struct registrar *r, const struct credential_list *wanted, struct registrar_sync *out, struct err *err)
{
	LOCKED(fake_sync(r, wanted, out, err));
}

static const struct registrar_ops fake_ops = { "fake", op_bindings, op_unbind, op_set, op_get, op_remove, op_all,
	op_sync, NULL };

/* ---- the office ---- */

struct mac office_mac(const char *text)
{
	struct mac mac;

	assert_true(mac_parse(slice_str(text), &mac));
	return mac;
}

static enum err_code add_phone(struct db *db, struct arena *a, int64_t domain_id, const char *mac, const char *model,
	enum phone_state state, int64_t *id, struct err *err)
{
	struct phone_row p = { .mac = office_mac(mac), .domain_id = domain_id, .model = model, .state = state };
	int64_t generation;
	enum err_code code;

	p.brand = arena_strndup(a, model, strcspn(model, "-"));
	if ((code = random_password(a, 16, &p.prov_password, err)) || (code = phone_add(db, &p, err)))
		return code;
	*id = p.id;
	return phone_bump(db, p.id, &generation, err);
}

static enum err_code add_device(struct db *db, struct arena *a, int64_t domain_id, int64_t user_id, const char *name,
	enum device_kind kind, int64_t *id, struct err *err)
{
	struct device_row d = { .domain_id = domain_id, .user_id = user_id, .name = name, .kind = kind, .revision = 1 };
	enum err_code code;

	if ((code = random_password(a, 16, &d.password, err)) || (code = device_add(db, &d, err)) ||
		(code = device_by_id(db, d.id, a, &d, err)))
		return code;
	*id = d.id;
	return identity_want(db, &d, a, err);
}

static enum err_code add_line(struct db *db, int64_t phone, int64_t slot, int64_t device, struct err *err)
{
	struct line_row l = { .phone_id = phone, .slot = slot, .device_id = device };
	struct key_row k = {
		.phone_id = phone, .place = slot, .type = KEY_LINE, .slot = slot, .owner = KEY_OWNER_LINE
	};
	enum err_code code = line_add(db, &l, err);

	return code ? code : key_add(db, &k, err);
}

static enum err_code add_user(struct db *db, int64_t domain_id, const char *ext, const char *first, const char *last,
	const char *email, int64_t *id, struct err *err)
{
	struct user_row u = { .domain_id = domain_id,
		.ext = ext,
		.first_name = first,
		.last_name = last,
		.email = email,
		.scope = "Basic User",
		.status = USER_STANDARD,
		.caller_id_name = first };
	enum err_code code = user_add(db, &u, err);

	*id = u.id;
	return code;
}

struct ids {
	int64_t domain, anna, ben, carla, desk, shared, colleague, spare;
	int64_t d1001, d1001b, d1001m, d1002, d1003, idle;
};

static enum err_code add_rule(
	struct db *db, const struct ids *i, int64_t user, int64_t frame, const char *number, struct err *err)
{
	struct rule_row rule = { .domain_id = i->domain,
		.user_id = user,
		.timeframe_id = frame,
		.enabled = true,
		.position = 1,
		.body = "{}" };
	const struct rule_number rings = { number, true };
	enum err_code code = rule_add(db, &rule, err);

	return code ? code : rule_set_numbers(db, &rule, &rings, number != NULL, err);
}

/* Anna: two rules, a time frame and three contacts of her own; what rings her mobile and her home; and what others
 * have. */
static enum err_code add_belongings(struct db *db, const struct ids *i, struct err *err)
{
	struct timeframe_row hours = { .domain_id = i->domain, .user_id = i->anna, .name = "Hours", .type = "always" };
	struct timeframe_row shared = { .domain_id = i->domain, .name = "Holidays", .type = "holiday" };
	struct contact_row contacts[] = { { .user_id = i->anna, .last_name = "Privat", .cell = "0171 1" },
		{ .user_id = i->anna, .last_name = "Zahnarzt" }, { .user_id = i->anna, .last_name = "Kita" },
		{ .user_id = i->ben, .last_name = "Bens" }, { .last_name = "Taxi" },
		{ .first_name = "Anna", .last_name = "Smith", .home = "+49 30 9876543" } };
	enum err_code code;
	size_t k;

	if ((code = timeframe_add(db, &hours, err)) || (code = timeframe_add(db, &shared, err)) ||
		(code = add_rule(db, i, i->anna, 0, "172111222", err)) ||
		(code = add_rule(db, i, i->anna, hours.id, NULL, err)) ||
		(code = add_rule(db, i, i->ben, 0, "172111222", err)) ||
		(code = add_rule(db, i, i->ben, shared.id, "309876543", err)) ||
		(code = add_rule(db, i, i->carla, 0, "711234567", err)))
		return code;
	for (k = 0; code == ERR_OK && k < sizeof(contacts) / sizeof(contacts[0]); k++) {
		contacts[k].domain_id = i->domain;
		code = contact_add(db, &contacts[k], err);
	}
	return code;
}

static enum err_code add_people(struct db *db, struct arena *a, struct ids *i, struct err *err)
{
	enum err_code code;

	if ((code = add_user(db, i->domain, "1001", "Anna", "Smith", "anna@example.test", &i->anna, err)) ||
		(code = add_user(db, i->domain, "1002", "Ben", "Jones", "ben@example.test", &i->ben, err)) ||
		(code = add_user(db, i->domain, "1003", "Carla", "Diaz", "carla@example.test", &i->carla, err)) ||
		(code = add_device(db, a, i->domain, i->anna, "1001", DEVICE_DESK, &i->d1001, err)) ||
		(code = add_device(db, a, i->domain, i->anna, "1001b", DEVICE_DESK, &i->d1001b, err)) ||
		(code = add_device(db, a, i->domain, i->anna, "1001m", DEVICE_MOBILE, &i->d1001m, err)) ||
		(code = add_device(db, a, i->domain, i->ben, "1002", DEVICE_DESK, &i->d1002, err)))
		return code;
	return add_device(db, a, i->domain, i->carla, "1003", DEVICE_DESK, &i->d1003, err);
}

static enum err_code add_idle(struct db *db, struct arena *a, struct ids *i, struct err *err)
{
	struct device_row d = {
		.domain_id = i->domain, .phone_id = i->spare, .name = "idle-" SPARE, .kind = DEVICE_IDLE, .revision = 1
	};
	struct line_row l = { .phone_id = i->spare, .slot = 1 };
	enum err_code code;

	if ((code = random_password(a, 16, &d.password, err)) || (code = device_add(db, &d, err)) ||
		(code = device_by_id(db, d.id, a, &d, err)) || (code = identity_want(db, &d, a, err)))
		return code;
	l.device_id = d.id;
	return line_add(db, &l, err);
}

static enum err_code add_phones(struct db *db, struct arena *a, struct ids *i, struct err *err)
{
	struct softphone_row soft = {
		.domain_id = i->domain, .user_id = i->anna, .device_id = i->d1001m, .kind = "linphone", .slots_ever = 1
	};
	struct secret token;
	enum err_code code;

	if ((code = add_phone(db, a, i->domain, DESK, "yealink-t46u", PHONE_ASSIGNED, &i->desk, err)) ||
		(code = add_phone(db, a, i->domain, SHARED, "polycom-vvx450", PHONE_SHARED, &i->shared, err)) ||
		(code = add_phone(
			 db, a, i->domain, COLLEAGUE, "grandstream-gxp2170", PHONE_ASSIGNED, &i->colleague, err)) ||
		(code = add_phone(db, a, i->domain, SPARE, "yealink-t46u", PHONE_VACANT, &i->spare, err)) ||
		(code = add_line(db, i->desk, 1, i->d1001, err)) ||
		(code = add_line(db, i->shared, 1, i->d1002, err)) ||
		(code = add_line(db, i->shared, 2, i->d1001b, err)) ||
		(code = add_line(db, i->colleague, 1, i->d1003, err)) || (code = add_idle(db, a, i, err)))
		return code;
	return softphone_add(db, &soft, a, &token, err);
}

static enum err_code add_keys(struct db *db, struct ids *i, struct err *err)
{
	struct key_row keys[] = {
		{ .phone_id = i->desk,
			.place = 5,
			.type = KEY_PARK,
			.value = "700",
			.label = "Park",
			.owner = KEY_OWNER_DESK },
		{ .phone_id = i->desk,
			.place = 6,
			.type = KEY_SPEED_DIAL,
			.value = "0301234567",
			.label = "Mum",
			.owner = KEY_OWNER_PERSON,
			.user_id = i->anna },
		{ .phone_id = i->colleague,
			.place = 5,
			.type = KEY_BLF,
			.value = "1001",
			.label = "",
			.owner = KEY_OWNER_DESK,
			.ref_user_id = i->anna },
		{ .phone_id = i->shared,
			.place = 5,
			.type = KEY_SPEED_DIAL,
			.value = "01711234567",
			.label = "Anna Smith mobile",
			.own_label = true,
			.owner = KEY_OWNER_PERSON,
			.user_id = i->ben },
	};
	enum err_code code = ERR_OK;
	size_t k;

	for (k = 0; code == ERR_OK && k < sizeof(keys) / sizeof(keys[0]); k++)
		code = key_add(db, &keys[k], err);
	return code;
}

static enum err_code build_fn(struct txn *t, void *arg, struct err *err)
{
	struct domain_row d = { .name = DOMAIN, .realm = DOMAIN, .timezone = "Europe/Berlin", .transport = "udp" };
	struct ids ids = { 0 };
	struct arena a;
	enum err_code code = domain_add(t->db, &d, err);

	(void)arg;
	arena_init(&a, 0);
	ids.domain = d.id;
	if (code == ERR_OK)
		code = add_people(t->db, &a, &ids, err);
	if (code == ERR_OK)
		code = add_phones(t->db, &a, &ids, err);
	if (code == ERR_OK)
		code = add_keys(t->db, &ids, err);
	if (code == ERR_OK)
		code = add_belongings(t->db, &ids, err);
	arena_release(&a);
	return code;
}

/* Only read, so one for all tests of a program. */
static struct catalog *catalog;
static struct renderer *renderer;

static void close_templates(void)
{
	renderer_close(renderer);
	catalog_close(catalog);
}

static void open_templates(void)
{
	struct err err = { 0 };

	if (catalog)
		return;
	catalog = catalog_open("firmware-profiles", &err);
	if (catalog == NULL || renderer_open("templates", catalog, &renderer, &err))
		fail_msg("%s", err.text);
	atexit(close_templates);
}

int office_open(void **state)
{
	struct office *o = calloc(1, sizeof(*o));
	void *fixture = NULL;

	fixture_open(&fixture);
	o->store = *(struct fixture *)fixture;
	free(fixture);
	o->registrar.base.ops = &fake_ops;
	open_templates();
	o->catalog = catalog;
	o->renderer = renderer;
	o->desk = (struct desk_conf){ .prov_url = "https://prov.example.test:8443/cfg", .poll_minutes = 1440 };
	o->rs = (struct reset){ .store = o->store.st,
		.registrar = &o->registrar.base,
		.catalog = o->catalog,
		.renderer = o->renderer,
		.desk = &o->desk,
		.now_ms = store_clock_ms };
	reset_conf_default(&o->rs.conf);
	must_write(&o->store, build_fn, NULL);
	*state = o;
	return 0;
}

int office_close(void **state)
{
	struct office *o = *state;
	struct fixture *f = malloc(sizeof(*f));
	void *fixture = f;

	*f = o->store;
	free(o);
	return fixture_close(&fixture);
}

void office_crash(struct office *o)
{
	fixture_reopen(&o->store);
	o->rs.store = o->store.st;
}

/* ---- the registrar as a test sees it ---- */

void office_bind(struct office *o, const char *aor, const char *contact, const char *ua, const char *source, int ago_s)
{
	struct fake_registrar *f = &o->registrar;
	int i = 0;

	while (f->bindings[i].there && strcmp(f->bindings[i].contact, contact) != 0)
		i++;
	assert_true(i < FAKE_MAX);
	f->bindings[i].there = true;
	f->bindings[i].refreshed = store_clock_ms() / 1000 - ago_s;
	snprintf(f->bindings[i].aor, sizeof(f->bindings[i].aor), "%s", aor);
	snprintf(f->bindings[i].contact, sizeof(f->bindings[i].contact), "%s", contact);
	snprintf(f->bindings[i].user_agent, sizeof(f->bindings[i].user_agent), "%s", ua);
	snprintf(f->bindings[i].source, sizeof(f->bindings[i].source), "%s", source);
}

int office_bound(struct office *o, const char *aor)
{
	int i, n = 0;

	pthread_mutex_lock(&fake_lock);
	for (i = 0; i < FAKE_MAX; i++)
		n += o->registrar.bindings[i].there && strcmp(o->registrar.bindings[i].aor, aor) == 0;
	pthread_mutex_unlock(&fake_lock);
	return n;
}

bool office_has_contact(struct office *o, const char *aor, const char *contact)
{
	int i;

	for (i = 0; i < FAKE_MAX; i++)
		if (o->registrar.bindings[i].there && strcmp(o->registrar.bindings[i].aor, aor) == 0 &&
			strcmp(o->registrar.bindings[i].contact, contact) == 0)
			return true;
	return false;
}

static struct device_row device_of(struct office *o, struct snap *s, const char *name)
{
	struct domain_row domain;
	struct device_row d;

	assert_int_equal(domain_by_name(s->db, DOMAIN, &o->store.a, &domain, NULL), ERR_OK);
	assert_int_equal(device_load(s->db, domain.id, name, &o->store.a, &d, NULL), ERR_OK);
	return d;
}

bool office_accepts(struct office *o, const char *device)
{
	struct snap s = must_snap(&o->store);
	struct device_row d = device_of(o, &s, device);
	char ha1[REGISTRAR_HA1_TEXT];
	int i = cred_at(&o->registrar, device, DOMAIN);

	snap_end(&s);
	registrar_ha1(device, DOMAIN, &d.password, ha1);
	return i >= 0 && strcmp(o->registrar.creds[i].ha1, ha1) == 0;
}

/* ---- phones ---- */

struct phone_row office_phone(struct office *o, const char *mac)
{
	struct snap s = must_snap(&o->store);
	struct mac m = office_mac(mac);
	struct phone_row p;

	assert_int_equal(phone_load(s.db, &m, &o->store.a, &p, NULL), ERR_OK);
	snap_end(&s);
	return p;
}

struct user_row office_user(struct office *o, const char *ext)
{
	struct snap s = must_snap(&o->store);
	struct domain_row d;
	struct user_row u;

	assert_int_equal(domain_by_name(s.db, DOMAIN, &o->store.a, &d, NULL), ERR_OK);
	assert_int_equal(user_load(s.db, d.id, ext, &o->store.a, &u, NULL), ERR_OK);
	snap_end(&s);
	return u;
}

int64_t office_wanted(struct office *o, const char *mac)
{
	return office_phone(o, mac).wanted;
}

int64_t office_acked(struct office *o, const char *mac)
{
	return office_phone(o, mac).acked;
}

void office_deliver(struct office *o, const char *mac, enum file_kind file, int64_t generation)
{
	struct file_delivery d = { .mac = office_mac(mac),
		.file = file,
		.generation = (uint64_t)generation,
		.hash = "00",
		.from = "192.0.2.10",
		.at_ms = store_clock_ms() };
	struct err err = { 0 };

	if (evidence_delivered(&o->rs, &d, &err))
		fail_msg("%s", err.text);
}

void office_pull(struct office *o, const char *mac)
{
	struct mac m = office_mac(mac);
	struct phone_row p;
	const struct vendor *v;
	struct err err = { 0 };
	size_t i;

	if (flip_before_serving(&o->rs, &m, &err))
		fail_msg("%s", err.text);
	p = office_phone(o, mac);
	v = vendor_get(catalog_find(o->catalog, p.model)->vendor);
	for (i = 0; i < v->nfiles; i++)
		if (v->files[i].evidence == EVIDENCE_ALWAYS)
			office_deliver(o, mac, v->files[i].kind, p.wanted);
}

void office_register(struct office *o, const char *device, const char *contact, const char *ua, const char *source)
{
	struct snap s = must_snap(&o->store);
	struct device_row d = device_of(o, &s, device);
	char identity[128];
	struct register_seen seen = { .identity = identity,
		.contact = contact,
		.accepted = true,
		.revision = d.revision,
		.user_agent = ua,
		.from = source,
		.at_ms = store_clock_ms() };
	struct err err = { 0 };

	snap_end(&s);
	snprintf(identity, sizeof(identity), "%s@" DOMAIN, device);
	office_bind(o, identity, contact, ua, source, 0);
	if (evidence_register(&o->rs, &seen, &err))
		fail_msg("%s", err.text);
}

void office_settle(struct office *o)
{
	static const char *const macs[] = { DESK, SHARED, COLLEAGUE, SPARE };
	static const struct {
		const char *identity, *contact, *ua, *source;
	} lines[] = {
		{ "1001@" DOMAIN, "sip:1001@192.0.2.1:5060", "Yealink SIP-T46U 108.86.0.20", "192.0.2.1" },
		{ "1001b@" DOMAIN, "sip:1001b@192.0.2.2:5060", "PolycomVVX-VVX_450-UA/6.4.0.1", "192.0.2.2" },
		{ "1002@" DOMAIN, "sip:1002@192.0.2.2:5060", "PolycomVVX-VVX_450-UA/6.4.0.1", "192.0.2.2" },
		{ "1003@" DOMAIN, "sip:1003@192.0.2.3:5060", "Grandstream GXP2170 1.0.11.79", "192.0.2.3" },
		{ "1001m@" DOMAIN, "sip:1001m@192.0.2.9:49152", "LinphoneiOS/5.0", "192.0.2.9" },
		{ "idle-" SPARE "@" DOMAIN, "sip:idle-" SPARE "@192.0.2.4:5060", "Yealink SIP-T46U 108.86.0.20",
			"192.0.2.4" },
	};
	struct err err = { 0 };
	size_t i;

	for (i = 0; i < sizeof(macs) / sizeof(macs[0]); i++)
		office_pull(o, macs[i]);
	if (flip_identity(&o->rs, "1001m@" DOMAIN, &err))
		fail_msg("%s", err.text);
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		office_bind(o, lines[i].identity, lines[i].contact, lines[i].ua, lines[i].source, 100);
	o->registrar.sets = o->registrar.unbinds = o->registrar.removes = 0;
}

/* ---- jobs ---- */

static int64_t run_order(struct office *o, const struct job_order *order)
{
	char id[JOB_ID_TEXT];
	struct err err = { 0 };
	int64_t number;

	if (job_create(&o->rs, order, id, &err) || job_run(&o->rs, id, &err))
		fail_msg("%s", err.text);
	assert_true(job_id_read(id, &number));
	return number;
}

int64_t office_reset(struct office *o, const char *user, bool phone_lines)
{
	return office_reset_with(o, user, phone_lines ? 1u << OPTION_PHONE_LINES : 0);
}

int64_t office_reset_with(struct office *o, const char *user, unsigned options)
{
	struct job_order order = { .domain = DOMAIN, .users = &user, .nusers = 1, .options = options, .who = "admin" };

	return run_order(o, &order);
}

struct belongings office_belongings(struct office *o, const char *user)
{
	struct snap s = must_snap(&o->store);
	struct belongings out;

	assert_int_equal(belongings_count(s.db, office_user(o, user).id, &out, NULL), ERR_OK);
	snap_end(&s);
	return out;
}

int64_t office_recycle(struct office *o, const char *user, const char *first, const char *last, const char *mac)
{
	struct recycle_form form = { .first_name = first, .last_name = last, .phone = mac };
	struct job_order order = {
		.domain = DOMAIN, .recycle_users = &user, .recycles = &form, .nrecycles = 1, .who = "admin"
	};

	return run_order(o, &order);
}

/* ---- records ---- */

static bool find_record(struct office *o, const char *kind, const char *mac, const char *device, struct record_row *out)
{
	struct record_filter filter = { .kind = kind, .device = device, .newest_first = true };
	struct snap s = must_snap(&o->store);
	struct record_row *r;
	size_t n, i;

	assert_int_equal(record_list(s.db, &filter, (struct page){ 0, 0 }, &o->store.a, &r, &n, NULL), ERR_OK);
	snap_end(&s);
	for (i = 0; i < n; i++)
		if (strcmp(r[i].mac, mac) == 0) {
			*out = r[i];
			return true;
		}
	return false;
}

struct record_row office_record(struct office *o, const char *kind, const char *mac, const char *device)
{
	struct record_row r = { 0 };

	if (!find_record(o, kind, mac, device, &r))
		fail_msg("there is no record %s of %s %s", kind, mac, device);
	return r;
}

bool office_has_record(struct office *o, const char *kind, const char *mac)
{
	struct record_row r;

	return find_record(o, kind, mac, "", &r);
}

enum record_state office_state(struct office *o, const char *kind, const char *mac, const char *device)
{
	struct record_row r = office_record(o, kind, mac, device);
	enum record_state state;

	assert_true(record_state_read(r.state, &state));
	return state;
}

bool office_fact(struct office *o, const char *kind, const char *mac, const char *device, enum record_fact fact)
{
	struct record_row r = office_record(o, kind, mac, device);

	return (record_facts(&r, true).has & fact) != 0;
}

int64_t office_due(struct office *o, const char *kind, const char *key)
{
	struct snap s = must_snap(&o->store);
	struct outbox_row *rows;
	size_t n, i;
	int64_t due = -1;

	assert_int_equal(outbox_list(s.db, kind, (struct page){ 0, 0 }, &o->store.a, &rows, &n, NULL), ERR_OK);
	for (i = 0; i < n; i++)
		if (strcmp(rows[i].key, key) == 0)
			due = rows[i].due_ms;
	snap_end(&s);
	return due;
}

bool office_serves(struct office *o, const char *mac, enum file_kind file, const char *text)
{
	struct mac m = office_mac(mac);
	struct snap s = must_snap(&o->store);
	struct phone phone;
	struct buf b;
	struct err err = { 0 };
	bool found;

	buf_init(&b, 1 << 20);
	if (desk_load(s.db, &o->desk, &m, &o->store.a, &phone, &err) ||
		vendor_render(o->renderer, catalog_find(o->catalog, phone.model), &phone, file, &b, &err))
		fail_msg("%s", err.text);
	snap_end(&s);
	found = slice_find(buf_view(&b), slice_str(text)) >= 0;
	buf_release(&b);
	return found;
}
