/* A fresh store in a folder of its own, for the tests of the store and of what stands on it. */
#ifndef TESTS_UNIT_STORE_FIXTURE_H
#define TESTS_UNIT_STORE_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "provisioning/store/store.h"

struct fixture {
	char dir[64];
	char db[96], key[96];
	struct store *st;
	struct arena a;
};

/* cmocka setup and teardown: *state is a struct fixture. */
int fixture_open(void **state);
int fixture_close(void **state);
/* Closes and opens the same files again. */
void fixture_reopen(struct fixture *f);

/* Runs fn and fails the test when it does not succeed. */
void must_write(struct fixture *f, txn_fn *fn, void *arg);
/* A snapshot that must succeed. */
struct snap must_snap(struct fixture *f);

/* Counts the files of the store (database, log) that hold these bytes. */
int files_with(struct fixture *f, const char *bytes);

#endif
