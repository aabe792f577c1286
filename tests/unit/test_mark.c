/* store_mark(): another number after every commit that may matter, of this process and of another one. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "provisioning/store/domain.h"
#include "provisioning/store/inside.h"
#include "tests/unit/store_fixture.h"

static uint64_t in_hook;
static char names[4][8] = { "a.test", "b.test", "c.test", "d.test" };

static void hook(void *arg)
{
	in_hook = store_mark(arg);
}

static enum err_code add(struct txn *t, void *arg, struct err *err)
{
	struct domain_row d = { .name = arg, .realm = arg };

	return domain_add(t->db, &d, err);
}

static enum err_code add_quietly(struct txn *t, void *arg, struct err *err)
{
	txn_quiet(t);
	return add(t, arg, err);
}

static enum err_code add_and_hook(struct txn *t, void *arg, struct err *err)
{
	struct domain_row d = { .name = "hook.test", .realm = "hook.test" };
	enum err_code code = txn_after_commit(t, hook, arg, err);

	return code ? code : domain_add(t->db, &d, err);
}

static void ours(void **state)
{
	struct fixture *f = *state;
	struct write two[2] = { { .fn = add_quietly, .arg = names[2] }, { .fn = add, .arg = names[3] } };
	uint64_t a, b;

	store_mark(f->st); /* what was made before is told once */
	a = store_mark(f->st);
	assert_int_not_equal(a, 0);
	assert_int_equal(store_mark(f->st), a);
	assert_int_equal(store_write(f->st, add, names[0], NULL), ERR_OK);
	b = store_mark(f->st);
	assert_int_not_equal(b, a);
	assert_int_equal(store_write(f->st, add_quietly, names[1], NULL), ERR_OK);
	assert_int_equal(store_mark(f->st), b);
	assert_int_equal(store_write_many(f->st, two, 2), ERR_OK); /* one that is not quiet among others */
	a = store_mark(f->st);
	assert_int_not_equal(a, b);
	assert_int_equal(store_write(f->st, add_and_hook, f->st, NULL), ERR_OK);
	assert_int_not_equal(in_hook, a);
	assert_int_equal(store_mark(f->st), in_hook);
	assert_int_equal(store_write(f->st, add, names[0], NULL), ERR_CONFLICT); /* undone: nothing changed */
	assert_int_equal(store_mark(f->st), in_hook);
}

/* Another connection stands for another process: what it calls quiet is nothing that we know of. */
static void anothers(void **state)
{
	struct fixture *f = *state;
	struct store_conf conf = { .path = f->db, .key_file = f->key };
	struct store *other;
	uint64_t a, b;
	int i;

	assert_int_equal(store_open(&conf, &other, NULL), ERR_OK);
	for (i = 0; i < 20; i++) {
		char name[20], mine[20];

		snprintf(name, sizeof(name), "o%d.test", i);
		snprintf(mine, sizeof(mine), "m%d.test", i);
		store_mark(f->st);
		a = store_mark(f->st);
		assert_int_equal(store_write(other, add_quietly, name, NULL), ERR_OK);
		b = store_mark(f->st);
		assert_int_not_equal(b, a);
		assert_int_equal(store_mark(f->st), b);
		/* with a quiet one of ours behind it, before anybody looked */
		assert_int_equal(store_write(other, add, mine, NULL), ERR_OK);
		mine[0] = 'q';
		assert_int_equal(store_write(f->st, add_quietly, mine, NULL), ERR_OK);
		assert_int_not_equal(store_mark(f->st), b);
	}
	store_close(other);
}

/* ---- between a commit of ours and its count: there the store asks the engine whether others have committed ---- */

static struct {
	struct fixture *f;
	const struct store_ops *engine;
	struct store *other; /* commits there, where it is set */
	uint64_t mark;       /* seen there */
	int times;
} window;

/* The writer's thread must not wait for a writer. */
static void *commit_on(void *arg)
{
	assert_int_equal(store_write(arg, add, names[0], NULL), ERR_OK);
	return NULL;
}

static void commit_apart(void)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, commit_on, window.other), 0);
	pthread_join(thread, NULL);
}

static enum err_code in_window(struct conn *conn, int64_t *out, struct err *err)
{
	if (window.other)
		commit_apart();
	window.mark = store_mark(window.f->st);
	window.times++;
	return window.engine->others(conn, out, err);
}

static enum err_code nothing_quietly(struct txn *t, void *arg, struct err *err)
{
	(void)arg;
	(void)err;
	txn_quiet(t);
	return ERR_OK;
}

static void between(void **state)
{
	static char own[3][8] = { "x.test", "y.test", "z.test" };
	struct fixture *f = *state;
	struct store_conf conf = { .path = f->db, .key_file = f->key };
	struct store_ops watched = *f->st->ops;
	struct store *other;
	uint64_t a;

	assert_int_equal(store_open(&conf, &other, NULL), ERR_OK);
	store_mark(f->st);
	a = store_mark(f->st);
	memset(&window, 0, sizeof(window));
	window.f = f;
	window.engine = f->st->ops;
	watched.others = in_window;
	f->st->ops = &watched;
	/* a quiet one of ours is no news, not even there */
	assert_int_equal(store_write(f->st, add_quietly, own[0], NULL), ERR_OK);
	assert_int_equal(window.mark, a);
	assert_int_equal(store_mark(f->st), a);
	/* another one's before it, at which nobody has looked yet */
	assert_int_equal(store_write(other, add, own[1], NULL), ERR_OK);
	assert_int_equal(store_write(f->st, add_quietly, own[2], NULL), ERR_OK);
	assert_int_not_equal(window.mark, a);
	/* another one's behind one that changed nothing */
	a = store_mark(f->st);
	window.other = other;
	assert_int_equal(store_write(f->st, nothing_quietly, NULL, NULL), ERR_OK);
	assert_int_not_equal(window.mark, a);
	assert_int_equal(window.times, 3);
	f->st->ops = window.engine;
	store_close(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ours, fixture_open, fixture_close),
		cmocka_unit_test_setup_teardown(anothers, fixture_open, fixture_close),
		cmocka_unit_test_setup_teardown(between, fixture_open, fixture_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
