#include "tests/unit/store_world.h"

#include <stdlib.h>

const struct page all = { 0, 0 };

void must_be(enum err_code got, enum err_code want, struct world *w, int line)
{
	if (got != want)
		fail_msg("line %d: %s instead of %s: %s", line, err_word(got), err_word(want), w->err.text);
}

int world_open(void **state)
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

int world_close(void **state)
{
	struct world *w = *state;

	db_rollback(w->db);
	db_close(w->db);
	sealer_free(w->s);
	fixture_close(&w->f);
	free(w);
	return 0;
}
