/* What the plane keeps of phones: files as differences of one another, and what the next pull needs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "phonecfg/base/mem.h"
#include "provisioning/phones/cache.h"
#include "provisioning/phones/delta.h"
#include "provisioning/phones/ready.h"

enum { LINES = 400, TEXT = 64 * 1024 };

/* A file as phones have them: most lines alike; some hold what is this phone's alone, some are missing or new. */
static size_t make_text(unsigned phone, unsigned odd, char *out)
{
	size_t n = 0;
	unsigned i;

	srand(phone);
	for (i = 0; i < LINES; i++) {
		if (odd && rand() % 100 < (int)odd)
			continue;
		if (i % 50 == 7)
			n += (size_t)sprintf(out + n, "account.%u.password = secret-of-%u-%u\n", i, phone, i);
		else
			n += (size_t)sprintf(out + n, "some.parameter.%u = %u\n", i, i * 7);
		if (odd && rand() % 100 < (int)odd)
			n += (size_t)sprintf(out + n, "linekey.%u.label = %d\n", i, rand() % 3);
	}
	return n;
}

static void rebuild(struct slice base, struct slice text)
{
	static char out[TEXT];
	struct delta d;
	size_t i, n = 0;

	if (!delta_make(base, text, &d))
		return;
	for (i = 0; i < d.n; i++) {
		struct slice from = d.v[i].own ? text : base;

		assert_true(d.v[i].off + d.v[i].n <= from.n);
		memcpy(out + n, from.p + d.v[i].off, d.v[i].n);
		n += d.v[i].n;
	}
	assert_int_equal(n, text.n);
	assert_memory_equal(out, text.p, n);
}

static void pieces_make_the_text(void **state)
{
	static char a[TEXT], b[TEXT];
	struct delta d;
	unsigned i;
	size_t na, nb;

	(void)state;
	for (i = 0; i < 300; i++) {
		na = make_text(i, i % 7, a);
		nb = make_text(i + 1, i % 5, b);
		rebuild((struct slice){ a, na }, (struct slice){ b, nb });
		rebuild((struct slice){ a, na }, (struct slice){ b, nb / 3 });
		rebuild((struct slice){ a, na / 3 }, (struct slice){ b, nb });
	}
	rebuild((struct slice){ a, 0 }, (struct slice){ b, nb });
	rebuild((struct slice){ a, na }, (struct slice){ b, 0 });
	rebuild(slice_str("no line end"), slice_str("no line end either"));
	na = make_text(1, 0, a);
	nb = make_text(2, 0, b);
	assert_true(delta_make((struct slice){ a, na }, (struct slice){ b, nb }, &d));
	assert_true(d.own < 300); /* eight lines of 400 */
}

static bool holds(struct slice s, const char *what)
{
	return memmem(s.p, s.n, what, strlen(what)) != NULL;
}

static void files_share_what_is_nobodys(void **state)
{
	static char text[TEXT];
	struct cache *c = cache_new(1024 * 1024);
	struct cache_counts counts;
	struct cache_key key = { 0 };
	const struct cached *f;
	unsigned phone, i;
	size_t n, whole = 0;

	(void)state;
	for (phone = 1; phone <= 500; phone++) {
		n = make_text(phone, 0, text);
		key = (struct cache_key){ .who = phone, .generation = 3, .kind = 1, .sort = c };
		f = cache_put(c, &key, (struct slice){ text, n });
		assert_true(cached_is(f, (struct slice){ text, n }));
		if (phone > 2) /* what only the first two had is in nobody's pieces */
			for (i = 0; i < cache_pieces(f); i++) {
				assert_false(holds(cache_piece(f, i), "secret-of-1-"));
				assert_false(holds(cache_piece(f, i), "secret-of-2-"));
			}
		cache_release((void *)(uintptr_t)f);
		whole += n;
	}
	/* The first one's file again, for another phone: its secrets are its own, because nobody else has them. */
	n = make_text(1, 0, text);
	key.who = 1000;
	f = cache_put(c, &key, (struct slice){ text, n });
	assert_true(cache_pieces(f) > LINES / 50);
	cache_release((void *)(uintptr_t)f);
	cache_counts(c, &counts);
	assert_true(counts.bytes < whole / 10);
	for (phone = 1; phone <= 500; phone++) {
		n = make_text(phone, 0, text);
		key.who = phone;
		f = cache_get(c, &key);
		assert_non_null(f);
		assert_true(cached_is(f, (struct slice){ text, n }));
		text[n / 2]++;
		assert_false(cached_is(f, (struct slice){ text, n }));
		cache_release((void *)(uintptr_t)f);
	}
	cache_free(c);
}

/* Puts a phone's file and gives back in how many pieces it is kept. */
static size_t put(struct cache *c, unsigned phone, uint64_t generation, const void *sort)
{
	static char text[TEXT];
	size_t n = make_text(phone, 0, text), pieces;
	struct cache_key key = { .who = phone, .generation = generation, .sort = sort };
	const struct cached *f = cache_put(c, &key, (struct slice){ text, n });

	assert_true(cached_is(f, (struct slice){ text, n }));
	pieces = cache_pieces(f);
	cache_release((void *)(uintptr_t)f);
	return pieces;
}

static void one_phones_changes_push_nobody_out(void **state)
{
	struct cache *c = cache_new(64 * 1024 * 1024);
	struct cache_counts counts;
	uint64_t i;
	int sort, lone;

	(void)state;
	put(c, 1, 1, &sort);
	assert_true(put(c, 2, 1, &sort) > 1);
	for (i = 1; i <= 100; i++)
		assert_int_equal(put(c, 500, i, &lone), 1); /* nobody else has one like it */
	assert_true(put(c, 3, 1, &sort) > 1);
	for (i = 1; i <= 100; i++)
		assert_int_equal(put(c, (unsigned)(600 + i), 1, NULL), 1); /* alike, and said not to be */
	assert_true(put(c, 4, 1, &sort) > 1);
	cache_free(c);
	c = cache_new(30 * 1024); /* no room for a seed: nothing is shared, and all that is held counts */
	for (i = 1; i <= 20; i++) {
		assert_int_equal(put(c, (unsigned)i, 1, &sort), 1);
		cache_counts(c, &counts);
		assert_true(counts.bytes <= 30 * 1024);
	}
	cache_free(c);
}

static void memory_that_runs_out_loses_no_file(void **state)
{
	static char text[TEXT];
	unsigned fail, phone;

	(void)state;
	for (fail = 1; fail < 12; fail++) {
		struct cache *c = cache_new(1024 * 1024);

		mem_fail_from(fail);
		for (phone = 1; phone <= 4; phone++) {
			size_t n = make_text(phone, 0, text);
			struct cache_key key = { .who = phone, .generation = 3, .sort = c };
			const struct cached *f = cache_put(c, &key, (struct slice){ text, n });

			assert_true(f == NULL || cached_is(f, (struct slice){ text, n }));
			cache_release((void *)(uintptr_t)f);
		}
		mem_fail_from(0);
		cache_free(c);
	}
}

static void a_mark_is_all_it_holds_for(void **state)
{
	struct ready_index *ix = ready_new();
	struct ready r = { .mark = 5, .phone_id = 7, .generation = 3, .mac = { { 1, 2, 3, 4, 5, 6 } } }, got;
	unsigned i;

	(void)state;
	ready_put(ix, &r);
	assert_false(ready_get(ix, &r.mac, 4, &got));
	assert_false(ready_get(ix, &r.mac, 6, &got));
	assert_false(ready_get(ix, &r.mac, 0, &got));
	assert_true(ready_get(ix, &r.mac, 5, &got));
	assert_false(got.prepared);
	r.prepared = true;
	ready_tell(&r, 2, "abc");
	ready_put(ix, &r);
	memset(r.told, 0, sizeof(r.told));
	r.prepared = false;
	ready_put(ix, &r); /* adds, takes nothing away */
	assert_true(ready_get(ix, &r.mac, 5, &got));
	assert_true(got.prepared && ready_told(&got, 2, "abc"));
	assert_false(ready_told(&got, 2, "abd"));
	assert_false(ready_told(&got, 3, "abc"));
	r.mark = 4; /* somebody was slow */
	ready_put(ix, &r);
	assert_true(ready_get(ix, &r.mac, 5, &got));
	r.mark = 6;
	ready_put(ix, &r);
	assert_false(ready_get(ix, &r.mac, 5, &got));
	assert_true(ready_get(ix, &r.mac, 6, &got));
	assert_false(got.prepared || ready_told(&got, 2, "abc"));
	r.mark = 0;
	ready_put(ix, &r);
	for (i = 0; i < 600000; i++) { /* more than there is room for */
		memcpy(r.mac.b + 2, &i, sizeof(i));
		r.mark = 9;
		ready_put(ix, &r);
		assert_true(ready_get(ix, &r.mac, 9, &got));
	}
	ready_free(ix);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_make_the_text),
		cmocka_unit_test(files_share_what_is_nobodys),
		cmocka_unit_test(one_phones_changes_push_nobody_out),
		cmocka_unit_test(memory_that_runs_out_loses_no_file),
		cmocka_unit_test(a_mark_is_all_it_holds_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
