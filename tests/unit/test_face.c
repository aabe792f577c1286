/* The face of a phone: what it says is what the phone shows that has pulled the files, on every model; and the picture
 * is one that any reader can take. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libxml/parser.h>

#include "phonecfg/base/mem.h"
#include "phonecfg/face/face.h"
#include "phonecfg/face/svg.h"
#include "phonecfg/handset/handset.h"
#include "phonecfg/vendor/vendor.h"
#include "tests/unit/pace.h"

static struct catalog *catalog;
static struct renderer *renderer;

static int open_all(void **state)
{
	struct err err;

	(void)state;
	catalog = catalog_open("firmware-profiles", &err);
	if (!catalog || renderer_open("templates", catalog, &renderer, &err)) {
		print_error("%s\n", err.text);
		return -1;
	}
	return 0;
}

static int close_all(void **state)
{
	(void)state;
	renderer_close(renderer);
	catalog_close(catalog);
	xmlCleanupParser();
	return 0;
}

/* ---- phones ---- */

static struct phone bare(const struct profile *pf)
{
	static const struct secret secret = { "probe0000probe00", 16 };

	return (struct phone){ .mac = { { 0x00, 0x15, 0x65, 0xab, 0xcd, 0xef } },
		.model = pf->id,
		.generation = 1,
		.domain = "example.test",
		.prov = { .url = "https://rekey.example.test:8443/cfg/", .password = secret },
		.admin_password = secret,
		.user_password = secret,
		.filler = secret };
}

static void add_accounts(struct phone *ph, unsigned n, struct arena *a)
{
	ph->accounts = arena_alloc(a, n * sizeof(*ph->accounts));
	ph->naccounts = n;
	for (unsigned i = 0; i < n; i++)
		ph->accounts[i] = (struct account){ .slot = i + 1,
			.use = ACCOUNT_LINE,
			.user = arena_printf(a, "10%02u", i),
			.label = i % 3 ? arena_printf(a, "Person %u", i) : NULL,
			.shared = i % 4 == 3,
			.password = { "lineSecret1", 11 } };
}

static void add_key(struct phone *ph, unsigned module, unsigned index, struct arena *a)
{
	unsigned n = (unsigned)ph->nkeys, line = n % (unsigned)ph->naccounts + 1;
	enum key_type type = (enum key_type)(n % KEY_TYPE_COUNT);
	bool is_line = type == KEY_LINE || type == KEY_SHARED_LINE;

	if (is_line)
		type = ph->accounts[line - 1].shared ? KEY_SHARED_LINE : KEY_LINE;
	ph->keys[ph->nkeys++] = (struct key){ .module = module,
		.index = index,
		.type = type,
		.slot = is_line ? line : 1,
		.value = is_line || type == KEY_NONE ? NULL : arena_printf(a, "2%03u", n),
		.label = n % 5 ? arena_printf(a, "Key %u of %u", index, module) : NULL,
		.owner = KEY_OWNER_DESK };
}

/* Every account and every key in use, each kind of key in turn. */
static struct phone full(const struct profile *pf, struct arena *a)
{
	struct phone ph = bare(pf);
	size_t most = 1;

	for (unsigned m = 0; m <= pf->modules; m++)
		most += profile_keys(pf, m);
	add_accounts(&ph, pf->accounts, a);
	ph.keys = arena_alloc(a, most * sizeof(*ph.keys));
	for (unsigned m = 0; m <= pf->modules; m++) {
		for (unsigned i = 1; i <= profile_keys(pf, m); i++)
			add_key(&ph, m, i, a);
	}
	return ph;
}

static struct phone vacant(const struct profile *pf, struct arena *a)
{
	struct phone ph = full(pf, a);

	ph.accounts[0] = (struct account){
		.slot = 1, .use = ACCOUNT_IDLE, .user = "idle77", .label = "Free", .password = { "idleSecret1", 11 }
	};
	ph.naccounts = 1;
	return ph;
}

static struct phone one_line(const struct profile *pf, struct arena *a)
{
	struct phone ph = bare(pf);

	add_accounts(&ph, 1, a);
	return ph;
}

/* ---- face and handset agree ---- */

struct server {
	const struct profile *pf;
	const struct phone *ph;
};

static int fetch(void *arg, const char *method, const char *name, struct buf *body)
{
	const struct server *s = arg;
	const char *slash = strrchr(name, '/');
	const struct vendor_file *file;
	struct file_request rq;
	struct err err;
	enum err_code rc;

	(void)method;
	if (!vendor_parse_file(slice_str(slash ? slash + 1 : name), &rq))
		return 404;
	file = vendor_file(s->pf->vendor, rq.kind);
	if (!file || file->answer == ANSWER_NOT_FOUND)
		return 404;
	rc = vendor_render(renderer, s->pf, s->ph, rq.kind, body, &err);
	if (rc && rc != ERR_NOT_FOUND)
		print_error("%s %s: %s\n", s->pf->id, name, err.text);
	assert_true(rc == ERR_OK || rc == ERR_NOT_FOUND);
	return rc ? 404 : 200;
}

static const char *kind_of(const struct profile *pf, const struct face_key *k)
{
	switch (k->type) {
	case KEY_LINE:
	case KEY_SHARED_LINE:
		return "line";
	case KEY_BLF:
		return "blf";
	case KEY_PARK: /* Polycom watches a park slot as it watches a person */
		return pf->vendor == VENDOR_POLYCOM ? "blf" : "";
	case KEY_SPEED_DIAL:
		return "speed-dial";
	default: /* what a vendor has no kind of its own for */
		return "";
	}
}

static unsigned differ; /* keys, over all models */

static void same_key(const struct profile *pf, const struct face_key *f, const struct handset_key *h)
{
	const char *kind = kind_of(pf, f);

	bool line = strcmp(kind, "line") == 0;

	if (strcmp(f->label, h->label) == 0 && (!*kind || strcmp(kind, h->kind) == 0) &&
		(line ? f->slot == h->slot : strcmp(f->value, h->value) == 0))
		return;
	if (differ++ < 40)
		print_error("%s %u.%u: the face says %s \"%s\", the phone %s \"%s\"\n", pf->id, f->module, f->index,
			face_word(f), f->label, h->kind, h->label);
}

static size_t agree(const struct profile *pf, const struct phone *ph)
{
	struct server server = { pf, ph };
	struct handset_model model;
	struct handset_key *keys;
	struct handset *hs;
	struct face face;
	struct arena a;
	struct err err;
	size_t n, beyond = 0;

	if (!handset_model_of(pf, &model) || pf->softphone)
		return 0;
	arena_init(&a, 0);
	hs = handset_new(&model, &ph->mac, &err);
	assert_non_null(hs);
	assert_int_equal(handset_pull(hs, fetch, &server, &err), ERR_OK);
	assert_int_equal(handset_keys(hs, &a, &keys, &n, &err), ERR_OK);
	assert_int_equal(face_of(ph, pf, &a, &face, &err), ERR_OK);
	if (profile_keys(pf, 0)) { /* else the face shows lines */
		for (size_t i = 0; i < n; i++) {
			const struct face_key *k = face_key(&face, keys[i].module, keys[i].index);
			if (keys[i].module > pf->modules) { /* more than it has keys for: nobody sees those */
				beyond++;
				continue;
			}
			if (k)
				same_key(pf, k, &keys[i]);
			else if (differ++ < 40)
				print_error("%s: the phone shows %u.%u %s \"%s\", the face nothing\n", pf->id,
					keys[i].module, keys[i].index, keys[i].kind, keys[i].label);
		}
		if (n - beyond < face.n && differ++ < 40)
			print_error("%s: %zu keys on the phone, %zu in its face\n", pf->id, n, face.n);
	}
	handset_free(hs);
	arena_release(&a);
	return n - beyond;
}

static void the_face_is_what_the_phone_shows(void **state)
{
	size_t keys = 0, models = 0;

	(void)state;
	for (size_t i = 0; i < catalog_count(catalog); i += pace_step()) {
		const struct profile *pf = catalog_at(catalog, i);
		struct phone ph;
		struct arena a;

		arena_init(&a, 0);
		ph = full(pf, &a);
		keys += agree(pf, &ph);
		ph = one_line(pf, &a);
		keys += agree(pf, &ph);
		ph = vacant(pf, &a);
		keys += agree(pf, &ph);
		arena_release(&a);
		models++;
	}
	print_message("%zu models, %zu keys\n", models, keys);
	assert_int_equal(differ, 0);
	assert_true(models > 9);
}

/* ---- the picture ---- */

static void draw(const struct phone *before, const struct phone *after, struct buf *out)
{
	const struct profile *pf = catalog_find(catalog, before->model);
	struct face one, two;
	struct arena a;
	struct err err;
	xmlDocPtr doc;

	arena_init(&a, 0);
	buf_init(out, FACE_SVG_MAX);
	assert_int_equal(face_of(before, pf, &a, &one, &err), ERR_OK);
	if (after)
		assert_int_equal(face_of(after, catalog_find(catalog, after->model), &a, &two, &err), ERR_OK);
	assert_int_equal(face_svg(&one, after ? &two : NULL, out, &err), ERR_OK);
	doc = xmlReadMemory(out->data, (int)out->len, "face.svg", "UTF-8", XML_PARSE_NONET);
	assert_non_null(doc);
	assert_string_equal((const char *)xmlDocGetRootElement(doc)->name, "svg");
	xmlFreeDoc(doc);
	arena_release(&a);
}

static size_t count(const struct buf *b, const char *what)
{
	struct slice rest = buf_view(b);
	size_t n = 0;
	ptrdiff_t at;

	while ((at = slice_find(rest, slice_str(what))) >= 0) {
		rest.p += at + 1;
		rest.n -= (size_t)at + 1;
		n++;
	}
	return n;
}

static void every_model_is_drawn(void **state)
{
	(void)state;
	for (size_t i = 0; i < catalog_count(catalog); i += pace_step()) {
		const struct profile *pf = catalog_at(catalog, i);
		struct phone ph, empty;
		struct arena a;
		struct buf b;

		arena_init(&a, 0);
		ph = full(pf, &a);
		empty = vacant(pf, &a);
		draw(&ph, NULL, &b);
		assert_true(count(&b, "<title>") > (pf->softphone ? 1 : 0));
		buf_release(&b);
		draw(&ph, &empty, &b);
		assert_true(count(&b, ">After<") == 1);
		buf_release(&b);
		draw(&empty, NULL, &b);
		if (count(&b, "Person"))
			print_error("%s\n%s\n", pf->id, b.data);
		assert_int_equal(count(&b, "Person"), 0);
		assert_int_equal(count(&b, "idle77"), 0);
		assert_int_equal(count(&b, "Key 1 of"), 0);
		buf_release(&b);
		arena_release(&a);
	}
}

static void says_each_key(void **state)
{
	const struct profile *pf = catalog_find(catalog, "yealink-t46u");
	struct account ac = {
		.slot = 1, .use = ACCOUNT_LINE, .user = "1001", .label = "Max", .password = { "lineSecret1", 11 }
	};
	struct key keys[] = { { .index = 3, .type = KEY_BLF, .value = "1002", .label = "Anna Berg" },
		{ .module = 1, .index = 2, .type = KEY_PARK, .value = "701" } };
	struct phone ph = bare(pf);
	struct buf b;

	(void)state;
	ph.accounts = &ac;
	ph.naccounts = 1;
	ph.keys = keys;
	ph.nkeys = 2;
	draw(&ph, NULL, &b);
	assert_int_equal(count(&b, "<title>Key 3, page 1 left: BLF Anna Berg 1002</title>"), 1);
	assert_int_equal(count(&b, "<title>Key 1, page 1 left: Line Max 1001</title>"), 1);
	assert_int_equal(count(&b, "<title>EXP43 1, key 2, page 1 left: Park 701</title>"), 1);
	assert_int_equal(count(&b, "Key 3, page 1 left: BLF Anna Berg 1002. "), 1); /* in <desc> */
	buf_release(&b);
}

static void marks_what_changes(void **state)
{
	const struct profile *pf = catalog_find(catalog, "yealink-t46u");
	struct account ac = {
		.slot = 1, .use = ACCOUNT_LINE, .user = "1001", .label = "Max", .password = { "lineSecret1", 11 }
	};
	struct key was[] = { { .index = 2, .type = KEY_BLF, .value = "1002", .label = "Anna" },
		{ .index = 4, .type = KEY_PARK, .value = "701" } };
	struct key is[] = { { .index = 2, .type = KEY_BLF, .value = "1002", .label = "Bert" } };
	struct phone before = bare(pf), after = bare(pf);
	struct buf b;

	(void)state;
	before.accounts = after.accounts = &ac;
	before.naccounts = after.naccounts = 1;
	before.keys = was;
	before.nkeys = 2;
	after.keys = is;
	after.nkeys = 1;
	draw(&before, &after, &b);
	assert_int_equal(count(&b, "<title>Key 1, page 1 left: Line Max 1001, stays</title>"), 2);
	assert_int_equal(count(&b, "<title>Key 2, page 1 left: BLF Anna 1002, goes</title>"), 1);
	assert_int_equal(count(&b, "<title>Key 2, page 1 left: BLF Bert 1002, comes</title>"), 1);
	assert_int_equal(count(&b, "<title>Key 4, page 1 left: Park 701, goes</title>"), 1);
	assert_int_equal(count(&b, ">+</text>"), 1);
	assert_int_equal(count(&b, ">\xe2\x88\x92</text>"), 2);
	assert_int_equal(count(&b, "2 go"), 1);
	buf_release(&b);
}

static void hostile_labels(void **state)
{
	static const char *const texts[] = { "</title><script>alert(1)</script>", "\"><a href='http://evil.test'>",
		"&amp;&x;", "]]>", "<!--",
		"\xe2\x80\xae"
		"gnp.exe",
		"\xff\xfe\x80 broken", "a\x01\x1b[31mb\n", "\xef\xb7\xbd\xef\xbf\xbf",
		"\xcc\x80\xcc\x81\xcc\x82\xcc\x83" };
	const struct profile *pf = catalog_find(catalog, "yealink-t46u");

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct account ac = { .slot = 1, .use = ACCOUNT_LINE, .user = texts[i], .label = texts[i] };
		struct key key = { .index = 3, .type = KEY_BLF, .value = texts[i], .label = texts[i] };
		struct phone ph = bare(pf);
		struct buf b;

		ph.accounts = &ac;
		ph.naccounts = 1;
		ph.keys = &key;
		ph.nkeys = 1;
		draw(&ph, &ph, &b);
		assert_int_equal(count(&b, "<script"), 0);
		assert_int_equal(count(&b, "<a "), 0);
		assert_int_equal(count(&b, "href"), count(&b, "href=&#39;"));
		assert_int_equal(count(&b, "\x1b"), 0);
		assert_int_equal(count(&b, "\xe2\x80\xae"), 0);
		buf_release(&b);
	}
}

static void text_is_cut_to_its_room(void **state)
{
	static const char *const texts[] = { "WWWWWWWWWWWWWWWWWWWW", "iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii",
		"\xe6\xb8\xac\xe8\xa9\xa6\xe6\xb8\xac\xe8\xa9\xa6\xe6\xb8\xac\xe8\xa9\xa6", "short", "" };
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct slice s = slice_str(texts[i]);
		n = svg_fit(s, 10, 60);
		assert_true(svg_width((struct slice){ s.p, n }, 10) + (n < s.n ? 10 : 0) <= 60);
		assert_true(n == s.n || ((unsigned char)s.p[n] & 0xc0) != 0x80); /* between characters */
	}
	assert_int_equal(svg_fit(slice_str("short"), 10, 60), 5);
	assert_int_equal(svg_fit(slice_str("WWWW"), 10, 5), 0);
}

static void no_memory(void **state)
{
	const struct profile *pf = catalog_find(catalog, "polycom-vvx250");
	struct phone ph;
	struct arena data;
	unsigned failed = 0, at;

	(void)state;
	arena_init(&data, 0);
	ph = full(pf, &data);
	for (at = 1; at < 200; at++) {
		struct face face;
		struct arena a;
		struct buf b;
		enum err_code rc;

		arena_init(&a, 0);
		buf_init(&b, FACE_SVG_MAX);
		mem_fail_from(at);
		rc = face_of(&ph, pf, &a, &face, NULL);
		if (!rc)
			rc = face_svg(&face, &face, &b, NULL);
		mem_fail_from(0);
		failed += rc != ERR_OK;
		assert_true(rc == ERR_OK || rc == ERR_NOMEM);
		buf_release(&b);
		arena_release(&a);
	}
	assert_true(failed > 3);
	arena_release(&data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_face_is_what_the_phone_shows),
		cmocka_unit_test(every_model_is_drawn),
		cmocka_unit_test(says_each_key),
		cmocka_unit_test(marks_what_changes),
		cmocka_unit_test(hostile_labels),
		cmocka_unit_test(text_is_cut_to_its_room),
		cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests(tests, open_all, close_all);
}
