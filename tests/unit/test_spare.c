/* Whatever is stored, a waiting phone gets its file: without what cannot be written, and with the sentence that says
 * so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "phonecfg/base/mem.h"
#include "phonecfg/vendor/renderer.h"
#include "tests/unit/pace.h"

#define BAD "BADBAD"

struct world {
	struct catalog *catalog;
	struct renderer *renderer;
};

static int open_world(void **state)
{
	struct world *w = mem_zalloc(sizeof(*w));
	struct err err;

	w->catalog = catalog_open("firmware-profiles", &err);
	if (!w->catalog || renderer_open("templates", w->catalog, &w->renderer, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	*state = w;
	return 0;
}

static int close_world(void **state)
{
	struct world *w = *state;

	renderer_close(w->renderer);
	catalog_close(w->catalog);
	mem_free(w);
	return 0;
}

/* ---- a phone of two people, and what can be wrong with it ---- */

struct desk {
	struct phone phone;
	struct account accounts[3];
	struct key keys[3];
	struct override overrides[2];
};

static void furnish(struct desk *d, const struct profile *pf)
{
	*d = (struct desk){ .accounts = { { .slot = 1,
						  .use = ACCOUNT_LINE,
						  .user = "1001",
						  .label = "Anna",
						  .display_name = "Anna A",
						  .password = { "s3cretOne", 9 } },
				    { .slot = 2,
					    .use = ACCOUNT_LINE,
					    .user = "1002",
					    .label = "Bert",
					    .display_name = "Bert B",
					    .password = { "s3cretTwo", 9 } } },
		.keys = { { .index = 1, .type = KEY_LINE, .slot = 1 },
			{ .index = 2, .type = KEY_BLF, .slot = 1, .value = "1003", .label = "Carl" } },
		.overrides = { { LAYER_SITE, "ntp", "good.example" } } };
	d->phone = (struct phone){ .mac = { { 0, 0x15, 0x65, 1, 2, 3 } },
		.model = pf->id,
		.generation = 7,
		.domain = "pbx.example",
		.timezone = "Europe/Berlin",
		.ntp = "ntp.example",
		.language = "de",
		.set = { .srtp = SRTP_REQUIRED },
		.prov = { .url = "https://p.example/cfg/", .user = "login1", .password = { "pr0vPassword", 12 } },
		.admin_password = { "adm1nPassw0rd", 13 },
		.user_password = { "us3rPassw0rd", 12 },
		.filler = { "f1llerfillerfil", 15 },
		.accounts = d->accounts,
		.naccounts = pf->accounts > 1 ? 2 : 1,
		.keys = d->keys,
		.nkeys = profile_keys(pf, 0) > 1 ? 2 : 0,
		.overrides = d->overrides,
		.noverrides = 1 };
}

enum part { PART_SETTING, PART_ACCOUNT, PART_KEY, PART_OVERRIDE };
static char long_text[600];

static const struct {
	const char *what;
	enum part part;
	size_t at; /* in struct phone, account or key */
	const char *value;
} broken[] = {
	{ "domain", PART_SETTING, offsetof(struct phone, domain), BAD "/../x" },
	{ "time zone", PART_SETTING, offsetof(struct phone, timezone), BAD "/City" },
	{ "NTP server", PART_SETTING, offsetof(struct phone, ntp), BAD " x" },
	{ "language", PART_SETTING, offsetof(struct phone, language), BAD "\nx" },
	{ "address", PART_SETTING, offsetof(struct phone, prov.url), "ftp://" BAD },
	{ "address with a line break", PART_SETTING, offsetof(struct phone, prov.url), "https://" BAD "\nx" },
	{ "login", PART_SETTING, offsetof(struct phone, prov.user), BAD "\"x" },
	{ "CA", PART_SETTING, offsetof(struct phone, ca_url), long_text },
	{ "user", PART_ACCOUNT, offsetof(struct account, user), BAD " x" },
	{ "user with a line break", PART_ACCOUNT, offsetof(struct account, user), "1\nlinekey.1.label = " BAD },
	{ "no user", PART_ACCOUNT, offsetof(struct account, user), "" },
	{ "auth user", PART_ACCOUNT, offsetof(struct account, auth_user), long_text },
	{ "server", PART_ACCOUNT, offsetof(struct account, server), BAD "<x" },
	{ "proxy", PART_ACCOUNT, offsetof(struct account, proxy), BAD ";x" },
	{ "voicemail", PART_ACCOUNT, offsetof(struct account, voicemail), BAD "\x01" },
	{ "not UTF-8", PART_ACCOUNT, offsetof(struct account, voicemail), BAD "\xff" },
	{ "value", PART_KEY, offsetof(struct key, value), BAD "\nx" },
	{ "long value", PART_KEY, offsetof(struct key, value), long_text },
	{ "pickup code", PART_KEY, offsetof(struct key, pickup), long_text },
	{ "override's name", PART_OVERRIDE, 0, "x y" },
	{ "override's value", PART_OVERRIDE, 0, "phone.x" },
};

static void break_it(struct desk *d, size_t i)
{
	char *where = broken[i].part == PART_SETTING   ? (char *)&d->phone
		      : broken[i].part == PART_ACCOUNT ? (char *)&d->accounts[d->phone.naccounts - 1]
						       : (char *)&d->keys[1];

	if (broken[i].part == PART_OVERRIDE) {
		d->overrides[1] = d->overrides[0]; /* the good one behind it must not fall with it */
		d->overrides[0] = (struct override){ LAYER_PHONE, broken[i].value, BAD "\nx" };
		d->phone.noverrides = 2;
	} else {
		*(const char **)(void *)(where + broken[i].at) = broken[i].value;
	}
}

/* The same phone as if the broken thing had never been there. */
static void leave_out(struct desk *d, size_t i)
{
	switch (broken[i].part) {
	case PART_SETTING:
		*(const char **)(void *)((char *)&d->phone + broken[i].at) = NULL;
		if (broken[i].at == offsetof(struct phone, domain))
			d->phone.naccounts = 0; /* none without a domain of its own can be told whose it is */
		break;
	case PART_ACCOUNT:
		d->phone.naccounts--;
		break;
	case PART_KEY:
		d->phone.nkeys--;
		break;
	case PART_OVERRIDE:
		break;
	}
}

/* ---- what is served ---- */

static void same_file(struct world *w, const struct profile *pf, size_t i, const struct vendor_file *f)
{
	struct buf got, want;
	struct vendor_left left;
	struct err err = { .code = ERR_OK };
	struct desk d;

	buf_init(&got, VENDOR_RENDER_MAX);
	buf_init(&want, VENDOR_RENDER_MAX);
	furnish(&d, pf);
	break_it(&d, i);
	if (vendor_serve(w->renderer, pf, &d.phone, f->kind, &got, &left, &err))
		fail_msg("%s %s, %s: %s", pf->id, f->tmpl, broken[i].what, err.text);
	assert_int_equal(err.code, ERR_OK);
	furnish(&d, pf);
	leave_out(&d, i);
	if (vendor_render(w->renderer, pf, &d.phone, f->kind, &want, &err))
		fail_msg("%s %s: %s", pf->id, f->tmpl, err.text);
	if (!slice_eq(buf_view(&got), buf_view(&want)))
		fail_msg("%s %s, %s: not what a phone without it is given\n%s", pf->id, f->tmpl, broken[i].what,
			got.data);
	if (slice_find(buf_view(&got), SLICE_LIT(BAD)) >= 0 || strstr(left.first, BAD "\n"))
		fail_msg("%s %s, %s: it stands in the file", pf->id, f->tmpl, broken[i].what);
	buf_release(&got);
	buf_release(&want);
}

/* Is this phone given such a file at all? */
static bool wanted(struct world *w, const struct profile *pf, const struct vendor_file *f)
{
	enum err_code rc;
	struct desk d;
	struct buf b;

	if (!f->tmpl || f->answer == ANSWER_NOT_FOUND || !f->per_phone)
		return false;
	furnish(&d, pf);
	buf_init(&b, VENDOR_RENDER_MAX);
	rc = vendor_render(w->renderer, pf, &d.phone, f->kind, &b, NULL);
	buf_release(&b);
	return rc != ERR_NOT_FOUND;
}

static void whatever_is_stored(void **state)
{
	static const char *const models[] = { "yealink-t46u", "yealink-t46g", "yealink-t28p", "polycom-vvx450",
		"polycom-ip650", "grandstream-gxp2170", "grandstream-gxp1160", "grandstream-ht802", "linphone",
		"acrobits", "zoiper", "sheet" };
	struct world *w = *state;

	memset(long_text, 'x', sizeof(long_text) - 1);
	for (size_t m = 0; m < sizeof(models) / sizeof(models[0]); m++) {
		const struct profile *pf = catalog_find(w->catalog, models[m]);
		const struct vendor *v = vendor_get(pf->vendor);
		for (size_t k = 0; k < v->nfiles; k++) {
			if (!wanted(w, pf, &v->files[k]))
				continue;
			for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
				if ((i + m) % pace_step() == 0 &&
					(broken[i].part != PART_KEY || profile_keys(pf, 0) > 1))
					same_file(w, pf, i, &v->files[k]);
		}
	}
}

/* All of it at once, and things given twice. */
static void all_at_once(void **state)
{
	struct world *w = *state;
	const struct profile *pf = catalog_find(w->catalog, "yealink-t46u");
	struct vendor_left left;
	struct err err;
	struct desk d;
	struct buf b;

	buf_init(&b, VENDOR_RENDER_MAX);
	furnish(&d, pf);
	assert_int_equal(vendor_serve(w->renderer, pf, &d.phone, FILE_MAC_CFG, &b, &left, &err), ERR_OK);
	assert_int_equal(left.n, 0);
	d.accounts[2] = d.accounts[0];
	d.phone.naccounts = 3;
	d.keys[2] = d.keys[1];
	d.phone.nkeys = 3;
	d.phone.timezone = "Nowhere/At/All";
	d.phone.poll_minutes = 1000000;
	d.phone.user_password = (struct secret){ "with a blank", 12 };
	d.keys[0].slot = 99;
	buf_reset(&b);
	assert_int_equal(vendor_serve(w->renderer, pf, &d.phone, FILE_MAC_CFG, &b, &left, &err), ERR_OK);
	assert_int_equal(left.n, 6);
	assert_non_null(strstr(left.first, "time zone"));
	assert_true(slice_find(buf_view(&b), SLICE_LIT("account.1.user_name = 1001")) >= 0);
	assert_true(slice_find(buf_view(&b), SLICE_LIT("account.2.user_name = 1002")) >= 0);
	assert_true(slice_find(buf_view(&b), SLICE_LIT("linekey.2.value = 1003")) >= 0);
	/* A file key that is none would send the file in the clear: rather none. */
	d.phone.file_key = (struct secret){ "short", 5 };
	buf_reset(&b);
	assert_int_equal(vendor_serve(w->renderer, pf, &d.phone, FILE_MAC_CFG, &b, &left, &err), ERR_INPUT);
	assert_int_equal(b.len, 0);
	buf_release(&b);
}

/* Without memory it is an error, never half a file. */
static void memory_that_runs_out(void **state)
{
	struct world *w = *state;
	const struct profile *pf = catalog_find(w->catalog, "linphone");
	enum err_code rc = ERR_NOMEM;
	struct vendor_left left;
	struct err err;
	struct desk d;
	struct buf b;

	furnish(&d, pf);
	d.phone.timezone = "Nowhere/At/All";
	for (unsigned long n = 1; n < 400 && rc; n++) {
		buf_init(&b, VENDOR_RENDER_MAX);
		mem_fail_from(n);
		rc = vendor_serve(w->renderer, pf, &d.phone, FILE_SOFTPHONE, &b, &left, &err);
		mem_fail_from(0);
		if (rc != ERR_OK && rc != ERR_NOMEM)
			fail_msg("allocation %lu: %s", n, err.text);
		buf_release(&b);
	}
	assert_int_equal(rc, ERR_OK);
}

/* ---- lines against rows that a program of another version learnt ---- */

static void lines_are_mended(void **state)
{
	static const struct {
		enum vendor_id vendor;
		const char *rows, *text, *want;
		size_t left;
	} cases[] = {
		{ VENDOR_YEALINK, "a.{}.label\t-\ttext 0 3\nb\t-\tint 1 9",
			"#!version:1.0.0.1\na.1.label = abcd\nb = 10\na.2.label = abc\n",
			"#!version:1.0.0.1\na.1.label = %NULL%\nb = %NULL%\na.2.label = abc\n", 2 },
		{ VENDOR_YEALINK, "a\t-\ttext 0 3", "a = abcd", "a = %NULL%", 1 },
		{ VENDOR_POLYCOM, "a\t-\ttext 0 3\nb\t-\tint 1 9\t-\t5\nc\t-\tint 1 9\nd\t-\tword x|y\ne\t-\tint 0 9",
			"<p\n\ta=\"abcd\"\n\tb=\"10\"\n\tc=\"10\"\n\td=\"z\"\n\te=\"10\"\n\tf=\"any\"\n/>\n",
			"<p\n\ta=\"\"\n\tb=\"5\"\n\te=\"0\"\n\tf=\"any\"\n/>\n", 5 },
		{ VENDOR_POLYCOM, "a\t-\ttext 0 3", "\ta=\"&lt;&amp;&gt;\"\n\ta=\"&lt;&amp;&gt;x\"\n",
			"\ta=\"&lt;&amp;&gt;\"\n\ta=\"\"\n", 1 },
		{ VENDOR_GRANDSTREAM,
			"a\t-\tbytes 0 16\tmandatory\nP2\t-\t-\talias=a\nb\t-\tword Yes|No\t-\tNo\nc\t-\tint 4 20000000\t-\t-",
			"<item name=\"a\"></item>\n<P2></P2>\n<item name=\"b\">Perhaps</item>\n<item name=\"c\">x</item>\n",
			"<item name=\"a\">0</item>\n<P2>0</P2>\n<item name=\"b\">No</item>\n<item name=\"c\">12345678</item>\n",
			4 },
		{ VENDOR_LINPHONE, "proxy_{}/reg_expires\t-\tint 1 9",
			"<entry name=\"reg_expires\" overwrite=\"true\">10</entry>\n", "", 1 },
		{ VENDOR_ZOIPER, "account/username\t-\ttext 0 3", "<username>abcd</username>\n<password>x</password>\n",
			"<username></username>\n<password>x</password>\n", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mender m = { cases[i].vendor, NULL, "fillerfillerfill", "12345678" };
		struct vendor_left left = { 0 };
		struct param_book *book;
		struct err err;
		struct buf out;
		if (param_book_read(slice_str(cases[i].rows), "rows", cases[i].vendor, &book, &err))
			fail_msg("%zu: %s", i, err.text);
		m.book = book;
		buf_init(&out, 4096);
		mend_text(&m, slice_str(cases[i].text), &out, &left);
		if (strcmp(out.data, cases[i].want) != 0 || left.n != cases[i].left)
			fail_msg("%zu: %zu left out, and\n%s", i, left.n, out.data);
		buf_release(&out);
		param_book_free(book);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(whatever_is_stored), cmocka_unit_test(all_at_once),
		cmocka_unit_test(memory_that_runs_out), cmocka_unit_test(lines_are_mended) };

	return cmocka_run_group_tests(tests, open_world, close_world);
}
