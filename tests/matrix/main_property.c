/* Properties, on models made by chance: property VENDOR [SEED [COUNT]]. A seed gives the same models again.
 *
 * 1. COUNT random models of each model within its limits render, check clean, apply, and read back equal.
 * 2. Random text in every field that a person fills in never adds, removes or changes another parameter: it is refused
 * by name, or arrives whole, or the number stands in its place. */
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phonecfg/base/map.h"
#include "phonecfg/base/share.h"
#include "phonecfg/vendor/book.h"
#include "phonecfg/vendor/params.h"
#include "tests/matrix/expect.h"
#include "tests/matrix/run.h"

struct chance {
	uint64_t state;
};

/* xorshift64*; the same on every machine. */
static unsigned upto(struct chance *c, unsigned n)
{
	c->state ^= c->state >> 12;
	c->state ^= c->state << 25;
	c->state ^= c->state >> 27;
	return n ? (unsigned)((c->state * 2685821657736338717u) >> 33) % n : 0;
}

struct trial {
	const struct world *w;
	const struct profile *pf;
	struct param_book *book;
	struct chance c;
	struct arena *a;
	struct err err;
};

/* ---- a random model ---- */

static const char *word(struct trial *t, const char *letters, unsigned least, unsigned most)
{
	unsigned n = least + upto(&t->c, most - least + 1);
	char *out = arena_alloc(t->a, n + 1);

	for (unsigned i = 0; i < n; i++)
		out[i] = letters[upto(&t->c, (unsigned)strlen(letters))];
	return out;
}

/* What every vendor's phones show: printable ASCII that is no name of nothing, without blanks at its ends. */
static const char *name(struct trial *t)
{
	static const char all[] =
		"abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0123456789 .,-_+*/()'\"<>&=#;:!?%@[]{}|~^$";

	return arena_printf(t->a, "%s%s%s", word(t, "ABCDEFG", 1, 1), word(t, all, 0, 20), word(t, "xyz", 1, 1));
}

static struct secret secret(struct trial *t, unsigned most)
{
	const char *s = word(t, "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", 6, most);

	return (struct secret){ s, strlen(s) };
}

static void random_account(struct trial *t, unsigned slot, struct account *ac)
{
	*ac = (struct account){ .slot = slot, .use = ACCOUNT_LINE, .password = secret(t, 24) };
	ac->user = word(t, "0123456789", 3, 12);
	ac->auth_user = upto(&t->c, 3) ? NULL : word(t, "abcdef0123456789", 4, 20);
	ac->label = upto(&t->c, 4) ? name(t) : NULL;
	ac->display_name = upto(&t->c, 4) ? name(t) : NULL;
	ac->domain = upto(&t->c, 3) ? NULL : arena_printf(t->a, "%s.test", word(t, "abcdef", 3, 10));
	ac->server = upto(&t->c, 4) ? NULL : arena_printf(t->a, "sip.%s.test", word(t, "abcdef", 3, 10));
	ac->proxy = upto(&t->c, 4) ? NULL : arena_printf(t->a, "proxy.%s.test", word(t, "abcdef", 3, 10));
	ac->transport = (enum transport)upto(&t->c, TRANSPORT_COUNT);
	ac->expires_s = upto(&t->c, 3) ? 60 * (1 + upto(&t->c, 200)) : 0;
	ac->voicemail = upto(&t->c, 2) ? word(t, "*0123456789", 2, 8) : NULL;
	ac->shared = upto(&t->c, 5) == 0;
}

static void random_key(struct trial *t, const struct phone *ph, unsigned module, unsigned index, struct key *k)
{
	*k = (struct key){ .module = module, .index = index };
	k->type = (enum key_type)(1 + upto(&t->c, KEY_TYPE_COUNT - 1));
	k->owner = (enum key_owner)upto(&t->c, KEY_OWNER_COUNT);
	k->slot = ph->accounts[upto(&t->c, (unsigned)ph->naccounts)].slot;
	k->label = upto(&t->c, 3) ? name(t) : NULL;
	if (!vendor_key_fits(t->pf, module, index, k->type))
		k->type = KEY_BLF;
	if (k->type == KEY_LINE || k->type == KEY_SHARED_LINE)
		return;
	k->value = word(t, "0123456789", 2, 15);
	if (k->type == KEY_BLF && upto(&t->c, 2))
		k->pickup = "**";
}

static void random_settings(struct trial *t, struct phone *ph)
{
	static const char *const zones[] = { "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Sydney",
		"UTC" };
	static const char *const languages[] = { "en", "de", "fr", "es" };

	ph->domain = "random.test";
	ph->timezone = zones[upto(&t->c, 5)];
	ph->language = languages[upto(&t->c, 4)];
	ph->ntp = "ntp.random.test";
	ph->prov.url = "https://rekey.example.test:8443/cfg/";
	ph->prov.user = "0015650a0b0c";
	ph->prov.password = secret(t, 20);
	ph->prov.write_login = true;
	ph->admin_password = secret(t, 16);
	ph->user_password = secret(t, 16);
	ph->filler = secret(t, 16);
	ph->poll_minutes = 60 + upto(&t->c, 2000);
	ph->set.srtp = (enum srtp)upto(&t->c, SRTP_COUNT);
	ph->set.dtmf = (enum dtmf)upto(&t->c, DTMF_COUNT);
	ph->set.keepalive_s = 15 + upto(&t->c, 100);
}

static void random_phone(struct trial *t, const char *firmware, struct phone *ph)
{
	unsigned density = 1 + upto(&t->c, 10);

	*ph = (struct phone){ .mac = { { 0, 0x15, 0x65, 0x0a, 0x0b, 0x0c } }, .model = t->pf->id };
	ph->generation = 1 + upto(&t->c, 100000);
	random_settings(t, ph);
	ph->accounts = arena_alloc(t->a, t->pf->accounts * sizeof(*ph->accounts));
	for (unsigned slot = 1; slot <= vendor_accounts(t->pf, firmware); slot++)
		if (slot == 1 || upto(&t->c, 10) < density)
			random_account(t, slot, &ph->accounts[ph->naccounts++]);
	ph->keys = arena_alloc(
		t->a, (profile_keys(t->pf, 0) + t->pf->modules * t->pf->keys_per_module + 1) * sizeof(*ph->keys));
	for (unsigned m = 0; m <= t->pf->modules; m++)
		for (unsigned i = 1; i <= profile_keys(t->pf, m); i++)
			if (upto(&t->c, 10) < density)
				random_key(t, ph, m, i, &ph->keys[ph->nkeys++]);
}

/* ---- it checks clean ---- */

static const char *one_file(struct trial *t, const char *file, struct slice text)
{
	char why[PARAM_WHY_MAX];
	struct params p;
	struct map seen;

	if (!t->book || slice_find(text, SLICE_LIT("<APPLICATION")) >= 0 ||
		slice_find(text, SLICE_LIT("<directory")) >= 0 || slice_find(text, SLICE_LIT("<AddressBook")) >= 0 ||
		slice_find(text, SLICE_LIT("<callList")) >= 0 || slice_find(text, SLICE_LIT("include:config")) >= 0)
		return NULL;
	if (params_read(text, file, t->a, &p, &t->err))
		return arena_printf(t->a, "%s", t->err.text);
	map_init(&seen, t->a);
	for (size_t i = 0; i < p.n; i++) {
		const struct param_row *row = NULL;

		if (param_judge(t->book, p.v[i].name, slice_str(p.v[i].value), &row, why) != PARAM_FINE)
			return arena_printf(t->a, "%s:%u: %s %s", file, p.v[i].line, p.v[i].name, why);
		if (map_has(&seen, p.v[i].name) && !(row && row->flags & PARAM_REPEATS))
			return arena_printf(t->a, "%s:%u: %s stands twice", file, p.v[i].line, p.v[i].name);
		map_put(&seen, p.v[i].name, &p.v[i]);
	}
	return NULL;
}

static const char *clean(struct trial *t, const struct files *f)
{
	const char *wrong = NULL;

	for (size_t i = 0; i < f->n && !wrong; i++)
		wrong = one_file(t, f->v[i].name, buf_view(&f->v[i].body));
	return wrong;
}

static const char *random_model(struct trial *t, const char *firmware)
{
	struct files f = { .n = 0 };
	const char *wrong = NULL;
	struct handset *hs;
	struct phone ph;

	random_phone(t, firmware, &ph);
	ph.firmware = firmware;
	hs = desk_new(t->pf, firmware, &ph.mac, &t->err);
	if (!hs || files_render(t->w->r, t->pf, &ph, &f, &t->err) || desk_pull(hs, &f, &t->err))
		wrong = arena_printf(t->a, "%s", t->err.text);
	if (!wrong)
		wrong = clean(t, &f);
	if (!wrong)
		wrong = expect_lines(hs, t->pf, &ph, t->a);
	if (!wrong)
		wrong = expect_keys(hs, t->pf, &ph, t->a);
	if (!wrong)
		wrong = expect_settings(hs, t->pf, &ph, t->a);
	files_release(&f);
	handset_free(hs);
	return wrong;
}

/* ---- hostile text ---- */

#define MARKER "Ma7rkEr"
enum { HOSTILE_MAX = 400 };

static const char *const hostile[] = { "say \"hi\"", "<b>&amp;</b>", "]]>", "# comment", "a = b",
	"account.2.enable = 1", "x\naccount.2.enable = 1", "x\r\nP271=1", "Bob&#10;35=77", "%NULL%", "%EMPTY%",
	" %null% ", "tab\there", "\x01\x02", "'/><reg reg.2.address='1", "\" reg.2.address=\"9",
	"</item><item name=\"account.2.sip.userid\">9", "{{mac}}", "{{{mac}}}",
	"\xd7\x90\xd7\x9c\xd7\x99\xd7\xa1 \xd8\xa3\xd9\x84\xd9\x8a\xd8\xb3", "S\xc3\xb6hne \xf0\x9f\x98\x80",
	"\xe2\x80\xa8line\xe2\x80\xa9", "\xe2\x80\xaertl", "\xff\xfe bad", "include:config <x.cfg>", "[T46U]", "%s%n%x",
	"$(reboot)", "a\\", "\\\"", "0", "-1", " ", "", "&lt;", "&#x41;", "--", "-->", "<!--", "<?xml?>",
	"<![CDATA[x]]>", "@", "sip:1@x;user=phone", "null", "None" };

static const char *hostile_text(struct trial *t)
{
	unsigned kind = upto(&t->c, 4), n;
	char *out;

	if (kind < 2)
		return hostile[upto(&t->c, sizeof(hostile) / sizeof(hostile[0]))];
	n = kind == 2 ? 1 + upto(&t->c, 24) : HOSTILE_MAX - upto(&t->c, 60);
	out = arena_alloc(t->a, n + 1);
	for (unsigned i = 0; i < n; i++)
		out[i] = (char)(1 + upto(&t->c, upto(&t->c, 3) ? 126 : 255));
	return out;
}

/* Fields that a person fills in. */
enum field { LABEL, DISPLAY_NAME, KEY_LABEL, LINE_KEY_LABEL, FIELDS };

static void person_phone(struct trial *t, enum field at, const char *text, struct phone *ph)
{
	struct chance before = t->c;

	t->c.state = 88172645463325252u; /* the same phone each time */
	random_phone(t, NULL, ph);
	t->c = before;
	ph->naccounts = 1;
	ph->nkeys = 0;
	random_account(t, 1, &ph->accounts[0]);
	t->c = before;
	ph->accounts[0] = (struct account){ .slot = 1, .use = ACCOUNT_LINE, .user = "41001", .password = ph->filler };
	ph->accounts[0].label = at == LABEL ? text : "Plain";
	ph->accounts[0].display_name = at == DISPLAY_NAME ? text : "Plain Name";
	if (profile_keys(t->pf, 0) > 0)
		ph->keys[ph->nkeys++] = (struct key){
			.index = 1, .type = KEY_LINE, .slot = 1, .label = at == LINE_KEY_LABEL ? text : "Line"
		};
	if (profile_keys(t->pf, 0) > 1)
		ph->keys[ph->nkeys++] = (struct key){ .index = 2,
			.type = KEY_SPEED_DIAL,
			.slot = 1,
			.value = "55501",
			.owner = KEY_OWNER_PERSON,
			.label = at == KEY_LABEL ? text : "Key" };
}

/* The state of a phone after the files of that person; vendor_check is not asked: a server renders whatever is stored.
 */
static struct handset *state_of(struct trial *t, const struct phone *ph)
{
	const struct vendor *v = vendor_get(t->pf->vendor);
	struct handset *hs = desk_new(t->pf, NULL, &ph->mac, &t->err);
	struct files f = { .n = 0 };
	enum err_code rc = hs ? ERR_OK : ERR_NOMEM;

	for (size_t i = 0; !rc && i < v->nfiles; i++) {
		if (v->files[i].answer == ANSWER_NOT_FOUND)
			continue;
		if (!vendor_file_name(t->pf, &ph->mac, v->files[i].kind, f.v[f.n].name))
			f.v[f.n].name[0] = '\0';
		buf_init(&f.v[f.n].body, VENDOR_RENDER_MAX);
		rc = vendor_render(t->w->r, t->pf, ph, v->files[i].kind, &f.v[f.n++].body, &t->err);
		rc = rc == ERR_NOT_FOUND ? ERR_OK : rc; /* this phone needs none, and none asks for it */
	}
	if (!rc)
		rc = desk_pull(hs, &f, &t->err);
	files_release(&f);
	if (rc) {
		handset_free(hs);
		return NULL;
	}
	return hs;
}

static const char *with_text(struct trial *t, const char *value, const char *text)
{
	const char *at = strstr(value, MARKER);

	return at ? arena_printf(t->a, "%.*s%s%s", (int)(at - value), value, text, at + strlen(MARKER)) : value;
}

static const char *trimmed(struct trial *t, const char *s)
{
	size_t n;

	s += strspn(s, " \t\r\n");
	for (n = strlen(s); n && strchr(" \t\r\n", s[n - 1]); n--)
		;
	return arena_strndup(t->a, s, n);
}

/* A SIP quoted-string has its quotes and backslashes escaped. */
static const char *escaped(struct trial *t, const char *s)
{
	char *out = arena_alloc(t->a, 2 * strlen(s) + 1);
	size_t n = 0;

	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			out[n++] = '\\';
		out[n++] = *s;
	}
	return out;
}

/* Is `is` what stood there with the text, or its documented replacement (a number, the line's own name, nothing), in
 * place of the marker? */
static bool arrived(struct trial *t, const char *was, const char *is, const char *text)
{
	static const char *const instead[] = { "41001", "55501", "Plain", "Plain Name", "" };

	is = trimmed(t, is);
	if (strcmp(trimmed(t, with_text(t, was, text)), is) == 0 ||
		strcmp(trimmed(t, with_text(t, was, escaped(t, text))), is) == 0)
		return true;
	for (size_t i = 0; i < sizeof(instead) / sizeof(instead[0]); i++)
		if (strcmp(trimmed(t, with_text(t, was, instead[i])), is) == 0)
			return true;
	return strstr(was, "<sip:") != NULL &&
	       strstr(is, "sip:41001@") == is; /* an address without a name has no brackets */
}

static const char *compare(struct trial *t, const struct handset *plain, const struct handset *odd, const char *text)
{
	struct handset_entry *was, *is, *e;
	struct map m;
	size_t n, k;

	map_init(&m, t->a);
	if (handset_entries(plain, t->a, &was, &n, &t->err) || handset_entries(odd, t->a, &is, &k, &t->err))
		return "the entries cannot be read";
	for (size_t i = 0; i < k; i++)
		if (is[i].layer != HANDSET_SEEN)
			map_put(&m, arena_printf(t->a, "%d %s", (int)is[i].layer, is[i].name), &is[i]);
	for (size_t i = 0; i < n; i++) {
		bool marked = strstr(was[i].value, MARKER) != NULL;

		if (was[i].layer == HANDSET_SEEN)
			continue;
		e = map_get(&m, arena_printf(t->a, "%d %s", (int)was[i].layer, was[i].name));
		if (marked ? !arrived(t, was[i].value, e ? e->value : "", text)
			   : (!e || strcmp(e->value, was[i].value) != 0))
			return arena_printf(t->a, "%s was \"%s\" and is \"%s\"", was[i].name, was[i].value,
				e ? e->value : "(gone)");
		if (e)
			e->source = NULL;
	}
	for (size_t i = 0; i < k; i++)
		if (is[i].layer != HANDSET_SEEN && is[i].source)
			return arena_printf(t->a, "%s came into being: \"%s\"", is[i].name, is[i].value);
	return NULL;
}

static const char *shown(struct trial *t, const char *text)
{
	char *out = arena_alloc(t->a, 4 * strlen(text) + 1);
	size_t n = 0;

	for (; *text; text++) {
		if (*text >= 32 && *text < 127)
			out[n++] = *text;
		else
			n += (size_t)sprintf(out + n, "\\x%02x", (unsigned char)*text);
	}
	return out;
}

static const char *one_text(struct trial *t, enum field at, const char *text, unsigned *refused)
{
	static const char *const names[] = { "label", "display name", "label", "label" };
	struct handset *plain, *odd;
	struct phone a, b;
	const char *wrong = NULL;

	person_phone(t, at, MARKER, &a);
	person_phone(t, at, text, &b);
	t->err.text[0] = '\0';
	if (vendor_check(t->pf, &b, &t->err)) {
		++*refused;
		if (!strstr(t->err.text, names[at]))
			return arena_printf(t->a, "refused without its name: %s", t->err.text);
	}
	plain = state_of(t, &a);
	odd = plain ? state_of(t, &b) : NULL;
	if (!odd)
		wrong = arena_printf(t->a, "%s", t->err.text);
	else
		wrong = compare(t, plain, odd, text);
	handset_free(plain);
	handset_free(odd);
	return wrong ? arena_printf(t->a, "%s %d = \"%s\": %s", t->pf->id, (int)at, shown(t, text), wrong) : NULL;
}

/* ---- all of it ---- */

static unsigned test_number;

static bool ok(bool good, const char *what, unsigned n, unsigned long long seed, const char *wrong)
{
	printf("%sok %u - %s: %u, seed %llu\n", good ? "" : "not ", ++test_number, what, n, seed);
	if (!good)
		printf("# %s\n", wrong);
	return good;
}

static bool models(struct trial *t, enum vendor_id vendor, unsigned long long seed, unsigned count)
{
	unsigned ran = 0;
	bool good = true;

	for (size_t i = 0; good && i < catalog_count(t->w->cat); i++) {
		const struct profile *pf = catalog_at(t->w->cat, i);

		for (unsigned k = 0; good && pf->vendor == vendor && k < count; k++) {
			struct arena a;
			const char *wrong;

			arena_init(&a, 0);
			t->a = &a;
			t->pf = pf;
			t->c.state = seed * 7919 + i * 104729 + k + 1;
			wrong = random_model(t, k % 2 && pf->nsyntaxes == 1 ? pf->firmware : NULL);
			if (wrong)
				good = ok(false, "random models read back", ran, seed,
					arena_printf(&a, "%s, the %u.: %s", pf->id, k, wrong));
			ran++;
			arena_release(&a);
		}
	}
	return good &&
	       ok(ran > 0, "random models render, check clean, apply and read back equal", ran, seed, "none ran");
}

static bool texts(struct trial *t, enum vendor_id vendor, unsigned long long seed, unsigned count)
{
	unsigned ran = 0, refused = 0;
	bool good = true;

	for (size_t i = 0; good && i < catalog_count(t->w->cat); i++) {
		const struct profile *pf = catalog_at(t->w->cat, i);

		for (unsigned k = 0; good && pf->vendor == vendor && k < count * FIELDS; k++) {
			struct arena a;
			const char *wrong;

			arena_init(&a, 0);
			t->a = &a;
			t->pf = pf;
			t->c.state = seed * 15485863 + i * 32452843 + k + 1;
			wrong = one_text(t, (enum field)(k % FIELDS), hostile_text(t), &refused);
			if (wrong)
				good = ok(false, "random text changes nothing else", ran, seed, wrong);
			ran++;
			arena_release(&a);
		}
	}
	printf("# %u of them are refused before they are stored\n", refused);
	return good && ok(ran > 0, "random text in a person's fields adds, removes and changes no other parameter", ran,
			       seed, "none ran");
}

static int run(const struct world *w, enum vendor_id vendor, unsigned long long seed, unsigned count)
{
	struct trial t = { .w = w };
	bool good;

	if (param_book_exists(share_profiles_dir, vendor) &&
		param_book_open(share_profiles_dir, vendor, &t.book, &t.err)) {
		printf("Bail out! %s\n", t.err.text);
		return 1;
	}
	good = models(&t, vendor, seed, count);
	good = texts(&t, vendor, seed, count) && good;
	param_book_free(t.book);
	printf("1..%u\n", test_number);
	return good ? 0 : 1;
}

int main(int argc, char **argv)
{
	unsigned long long seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	unsigned count = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 2;
	struct err err = { 0 };
	struct world w = { 0 };
	enum vendor_id vendor;
	int code;

	if (argc < 2 || !vendor_word_parse(argv[1], &vendor)) {
		fputs("usage: property VENDOR [SEED [COUNT]]\n", stderr);
		return 2;
	}
	mallopt(M_MMAP_THRESHOLD, 1 << 30);
	mallopt(M_TRIM_THRESHOLD, 1 << 30);
	w.cat = catalog_open(share_profiles_dir, &err);
	if (!w.cat || renderer_open(share_templates_dir, w.cat, &w.r, &err)) {
		printf("Bail out! %s\n", err.text);
		return 1;
	}
	code = run(&w, vendor, seed, count);
	renderer_close(w.r);
	catalog_close(w.cat);
	return code;
}
