/* How fast the store is: bench_store FOLDER [USERS]. Prints `name value unit` lines. Every user gets a phone, a line,
 * six keys and a session; then each is reset by the verbs that a reset uses, one savepoint per user. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "phonecfg/base/mem.h"
#include "provisioning/outbox/outbox.h"
#include "provisioning/store/audit.h"
#include "provisioning/store/device.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/key.h"
#include "provisioning/store/line.h"
#include "provisioning/store/phone.h"
#include "provisioning/store/projection.h"
#include "provisioning/store/record.h"
#include "provisioning/store/seal.h"
#include "provisioning/store/session.h"
#include "provisioning/store/timeline.h"
#include "provisioning/store/user.h"

enum { BATCH = 500, KEYS = 6, READS = 20000 };

struct desk {
	int64_t domain, user, phone, device;
	int n;
};

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Of the whole process: what the machine's other work does not change. */
static double cpu_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void die(const struct err *err)
{
	fprintf(stderr, "bench_store: %s\n", err->text);
	exit(1);
}

static enum err_code make_domain(struct txn *t, void *arg, struct err *err)
{
	struct domain_row d = { .name = "bench.test", .realm = "bench.test" };
	enum err_code code = domain_add(t->db, &d, err);

	*(int64_t *)arg = d.id;
	return code;
}

static enum err_code make_keys(struct txn *t, struct desk *k, struct err *err)
{
	enum err_code code = ERR_OK;
	int i;

	for (i = 1; i <= KEYS && code == ERR_OK; i++) {
		struct key_row key = { .phone_id = k->phone,
			.place = i,
			.type = KEY_SPEED_DIAL,
			.value = "+49301234567",
			.label = "Somebody",
			.owner = i % 2 ? KEY_OWNER_PERSON : KEY_OWNER_DESK,
			.user_id = i % 2 ? k->user : 0 };

		code = key_add(t->db, &key, err);
	}
	return code;
}

static enum err_code make_desk(struct txn *t, void *arg, struct err *err)
{
	struct desk *k = arg;
	char ext[16];
	struct user_row u = {
		.domain_id = k->domain, .ext = ext, .first_name = "Ann", .last_name = "Lee", .email = "ann@lee.test"
	};
	struct phone_row p = { .mac = { { 0, 0x15, (uint8_t)(k->n >> 24), (uint8_t)(k->n >> 16), (uint8_t)(k->n >> 8),
				       (uint8_t)k->n } },
		.domain_id = k->domain,
		.brand = "yealink",
		.model = "yealink-t46u",
		.prov_password = { "0123456789abcdef", 16 } };
	struct device_row d = { .domain_id = k->domain, .name = ext, .password = { "0123456789abcdef", 16 } };
	struct line_row l = { .slot = 1 };
	struct session_row s = { .expires_ms = INT64_MAX };
	struct secret token;
	struct arena a;
	enum err_code code;

	arena_init(&a, 0);
	snprintf(ext, sizeof(ext), "%d", 10000 + k->n);
	code = user_add(t->db, &u, err);
	k->user = d.user_id = s.user_id = u.id;
	if (code == ERR_OK)
		code = phone_add(t->db, &p, err);
	k->phone = l.phone_id = p.id;
	if (code == ERR_OK)
		code = device_add(t->db, &d, err);
	k->device = l.device_id = d.id;
	if (code == ERR_OK)
		code = line_add(t->db, &l, err);
	if (code == ERR_OK)
		code = make_keys(t, k, err);
	if (code == ERR_OK)
		code = session_add(t->db, &s, &a, &token, err);
	arena_release(&a);
	return code;
}

static enum err_code clear_person(struct txn *t, struct desk *k, struct arena *a, struct err *err)
{
	struct user_row u;
	enum err_code code = user_by_id(t->db, k->user, a, &u, err);

	u.first_name = u.last_name = u.email = u.password_hash = "";
	u.status = USER_RESET;
	if (code == ERR_OK)
		code = user_save(t->db, &u, err);
	if (code == ERR_OK)
		code = session_delete_user(t->db, k->user, err);
	if (code == ERR_OK)
		code = link_delete_user(t->db, k->user, err);
	return code == ERR_OK ? key_delete_person(t->db, k->user, NULL, err) : code;
}

static enum err_code note_reset(
	struct txn *t, struct desk *k, const struct device_row *d, int64_t generation, struct err *err)
{
	struct record_row r = { .kind = "rekeyed",
		.domain_id = k->domain,
		.user_id = k->user,
		.phone_id = k->phone,
		.device_id = k->device,
		.mac = "001500000000",
		.slot = 1,
		.device = d->name,
		.ext = d->name,
		.generation_after = generation,
		.state = "open",
		.open = true };
	struct audit_row audit = {
		.who = "admin@bench.test", .action = "reset", .domain = "bench.test", .user = d->name
	};
	struct timeline_row line = { .phone_id = k->phone, .event = "reset", .generation = generation };
	struct projection_row p = { .identity = d->name,
		.realm = "bench.test",
		.wanted_ha1 = { "0123456789abcdef0123456789abcdef", 32 },
		.wanted_revision = d->revision };
	char key[32];
	enum err_code code = record_add(t->db, &r, err);

	snprintf(key, sizeof(key), "phone:%d", k->n);
	if (code == ERR_OK)
		code = audit_add(t->db, &audit, err);
	if (code == ERR_OK)
		code = timeline_add(t->db, &line, err);
	if (code == ERR_OK)
		code = projection_want(t->db, &p, err);
	if (code == ERR_OK)
		code = outbox_put_once(t->db, "notify", key, "{}", 0, NULL, err);
	return code == ERR_OK ? outbox_put(t->db, "flip", key, "{}", 0, NULL, err) : code;
}

static enum err_code reset_desk(struct txn *t, void *arg, struct err *err)
{
	struct desk *k = arg;
	struct device_row d;
	struct arena a;
	int64_t generation;
	enum err_code code;

	arena_init(&a, 0);
	code = clear_person(t, k, &a, err);
	if (code == ERR_OK)
		code = device_by_id(t->db, k->device, &a, &d, err);
	if (code == ERR_OK)
		code = device_rekey(t->db, &d, &a, err);
	if (code == ERR_OK)
		code = phone_bump(t->db, k->phone, &generation, err);
	if (code == ERR_OK)
		code = note_reset(t, k, &d, generation, err);
	arena_release(&a);
	return code;
}

static void all_desks(struct store *st, struct desk *desks, int n, txn_fn *fn, const char *name)
{
	static struct write w[BATCH];
	double t0 = now_s(), c0 = cpu_s();
	int i, j, m;

	for (i = 0; i < n; i += m) {
		m = n - i < BATCH ? n - i : BATCH;
		for (j = 0; j < m; j++)
			w[j] = (struct write){ .fn = fn, .arg = &desks[i + j] };
		if (store_write_many(st, w, (size_t)m) != ERR_OK)
			for (j = 0; j < m; j++)
				if (w[j].code != ERR_OK)
					die(&w[j].err);
	}
	printf("%s %.3f s\n%s-cpu %.3f s\n", name, now_s() - t0, name, cpu_s() - c0);
}

/* One pull: a snapshot, and the phone by its MAC. */
static double reads(struct store *st, int n)
{
	double t0 = now_s();
	struct err err = { 0 };
	int i;

	for (i = 0; i < READS; i++) {
		int k = (int)((unsigned)i * 7919u % (unsigned)n);
		struct mac mac = { { 0, 0x15, (uint8_t)(k >> 24), (uint8_t)(k >> 16), (uint8_t)(k >> 8), (uint8_t)k } };
		struct phone_row p;
		struct line_row *lines;
		struct arena a;
		struct snap s;
		size_t nlines;

		arena_init(&a, 0);
		if (store_snap(st, &s, &err) != ERR_OK || phone_load(s.db, &mac, &a, &p, &err) != ERR_OK ||
			line_list(s.db, p.id, &a, &lines, &nlines, &err) != ERR_OK)
			die(&err);
		snap_end(&s);
		arena_release(&a);
	}
	return now_s() - t0;
}

int main(int argc, char **argv)
{
	int n = argc > 2 ? atoi(argv[2]) : 10000, i;
	char db[512], key[512];
	struct store_conf conf = { .path = db, .key_file = key, .create = true };
	struct store *st;
	struct store_stats stats;
	struct desk *desks;
	struct err err = { 0 };
	int64_t domain;
	double t0;

	if (argc < 2 || n < 1) {
		fprintf(stderr, "usage: bench_store FOLDER [USERS]\n");
		return 2;
	}
	snprintf(db, sizeof(db), "%s/bench.db", argv[1]);
	snprintf(key, sizeof(key), "%s/bench.key", argv[1]);
	if (keyfile_create(key, &err) != ERR_OK || store_open(&conf, &st, &err) != ERR_OK ||
		store_write(st, make_domain, &domain, &err) != ERR_OK)
		die(&err);
	desks = calloc((size_t)n, sizeof(*desks));
	for (i = 0; i < n; i++)
		desks[i] = (struct desk){ .domain = domain, .n = i };
	printf("users %d -\n", n);
	all_desks(st, desks, n, make_desk, "add");
	all_desks(st, desks, n, reset_desk, "reset");
	store_stats(st, &stats);
	printf("commits %llu -\n", (unsigned long long)stats.commits);
	t0 = now_s();
	if (store_checkpoint(st, 1000, &err) != ERR_OK)
		die(&err);
	printf("checkpoint %.3f s\n", now_s() - t0);
	printf("pull-read %.1f us\n", reads(st, n) / READS * 1e6);
	store_close(st);
	free(desks);
	return 0;
}
