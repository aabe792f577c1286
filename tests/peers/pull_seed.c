/* Fills the database of a rekeyd that is stopped with phones to pull: pull_seed FOLDER COUNT yealink|polycom. Each has
 * a person, a line and six keys; all have the same login, which is known to be on them. The MAC is 0015 or 0004 and the
 * number. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "provisioning/store/device.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/key.h"
#include "provisioning/store/line.h"
#include "provisioning/store/phone.h"
#include "provisioning/store/user.h"

enum { BATCH = 500, KEYS = 6 };

static const char *brand;

struct desk {
	int64_t domain;
	int n;
};

static void die(const struct err *err)
{
	fprintf(stderr, "pull_seed: %s\n", err->text);
	exit(1);
}

static enum err_code make_domain(struct txn *t, void *arg, struct err *err)
{
	struct domain_row d = { .name = "bench.test", .realm = "bench.test", .sip_server = "sip.bench.test" };
	struct arena a;
	enum err_code code;

	arena_init(&a, 0);
	code = domain_by_name(t->db, d.name, &a, &d, NULL);
	if (code == ERR_NOT_FOUND) {
		d = (struct domain_row){ .name = "bench.test", .realm = "bench.test", .sip_server = "sip.bench.test" };
		code = domain_add(t->db, &d, err);
	}
	*(int64_t *)arg = d.id;
	arena_release(&a);
	return code;
}

static enum err_code make_keys(struct db *db, int64_t phone, struct err *err)
{
	enum err_code code = ERR_OK;
	int i;

	for (i = 2; i < 2 + KEYS && code == ERR_OK; i++) {
		struct key_row key = { .phone_id = phone,
			.place = i,
			.type = KEY_SPEED_DIAL,
			.value = "+49301234567",
			.label = "Front desk",
			.owner = KEY_OWNER_DESK };

		code = key_add(db, &key, err);
	}
	return code;
}

static enum err_code make_desk(struct txn *t, void *arg, struct err *err)
{
	const struct desk *k = arg;
	char ext[16], last[32];
	struct user_row u = { .domain_id = k->domain, .ext = ext, .first_name = "Ann", .last_name = last };
	bool polycom = strcmp(brand, "polycom") == 0;
	struct phone_row p = { .mac = { { 0, polycom ? 0x04 : 0x15, (uint8_t)(k->n >> 24), (uint8_t)(k->n >> 16),
				       (uint8_t)(k->n >> 8), (uint8_t)k->n } },
		.domain_id = k->domain,
		.brand = brand,
		.model = polycom ? "polycom-vvx450" : "yealink-t46u",
		.state = PHONE_ASSIGNED,
		.prov_password = { "0123456789abcdef", 16 },
		.prov_password_seen_ms = 1 };
	struct device_row d = { .domain_id = k->domain, .name = ext, .password = { "0123456789abcdef", 16 } };
	struct line_row l = { .slot = 1 };
	enum err_code code;

	snprintf(ext, sizeof(ext), "%d", 1000000 + k->n);
	snprintf(last, sizeof(last), "Lee %d", k->n);
	code = user_add(t->db, &u, err);
	d.user_id = u.id;
	if (code == ERR_OK)
		code = phone_add(t->db, &p, err);
	if (code == ERR_OK)
		code = phone_contacts_since(t->db, p.id, 1, err);
	if (code == ERR_OK)
		code = device_add(t->db, &d, err);
	l.phone_id = p.id;
	l.device_id = d.id;
	if (code == ERR_OK)
		code = line_add(t->db, &l, err);
	return code == ERR_OK ? make_keys(t->db, p.id, err) : code;
}

static void make_all(struct store *st, int64_t domain, int n)
{
	static struct write w[BATCH];
	static struct desk desks[BATCH];
	int i, j, m;

	for (i = 0; i < n; i += m) {
		m = n - i < BATCH ? n - i : BATCH;
		for (j = 0; j < m; j++) {
			desks[j] = (struct desk){ .domain = domain, .n = i + j };
			w[j] = (struct write){ .fn = make_desk, .arg = &desks[j] };
		}
		if (store_write_many(st, w, (size_t)m) == ERR_OK)
			continue;
		for (j = 0; j < m; j++)
			if (w[j].code != ERR_OK)
				die(&w[j].err);
	}
}

int main(int argc, char **argv)
{
	char db[512], key[512];
	struct store_conf conf = { .path = db, .key_file = key };
	struct store *st;
	struct err err = { 0 };
	int64_t domain;

	if (argc != 4) {
		fprintf(stderr, "usage: pull_seed FOLDER COUNT yealink|polycom\n");
		return 2;
	}
	brand = argv[3];
	snprintf(db, sizeof(db), "%s/rekey.db", argv[1]);
	snprintf(key, sizeof(key), "%s/rekey.key", argv[1]);
	if (store_open(&conf, &st, &err) != ERR_OK || store_write(st, make_domain, &domain, &err) != ERR_OK)
		die(&err);
	make_all(st, domain, atoi(argv[2]));
	if (store_checkpoint(st, 1000, &err) != ERR_OK)
		die(&err);
	store_close(st);
	return 0;
}
