/* A small company in one open transaction on the test's own thread, for the tests of the verbs. */
#ifndef TESTS_UNIT_STORE_WORLD_H
#define TESTS_UNIT_STORE_WORLD_H

#include "tests/unit/store_fixture.h"

#include "provisioning/store/db.h"
#include "provisioning/store/device.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/phone.h"
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

int world_open(void **state);
int world_close(void **state);

/* A call that must succeed, and one that must end so. */
#define OK(call) must_be(call, ERR_OK, w, __LINE__)
#define IS(code, call) must_be(call, code, w, __LINE__)
void must_be(enum err_code got, enum err_code want, struct world *w, int line);

/* The whole of a list. */
extern const struct page all;

#endif
