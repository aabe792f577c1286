/* Every model's file of parameters, made the two ways that there are: render_try. Prints
 *   file MODEL STATE program|template BYTES same|other     one per phone: how vendor_render makes it, and whether a
 *                                                          template alone makes the same bytes
 *   limit MODEL CASE made|refused|broken SENTENCE          a phone at its limits: vendor_check takes it and it is made,
 *                                                          vendor_check refuses it, or it is taken and cannot be made
 *   names VENDOR bound N free N                            values of the templates by whether a row is known
 *   free VENDOR NAME                                       one per name without a row
 *   name VENDOR limits|text|untyped NAME                   one per name that a template writes: whether its row has
 *                                                          limits or words, is text without a known limit, or no type
 *   memory BYTES                                           what is kept prepared at the end */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phonecfg/base/map.h"
#include "phonecfg/base/share.h"
#include "phonecfg/model/words.h"
#include "phonecfg/vendor/renderer.h"
#include "phonecfg/vendor/view.h"

enum { ACCOUNTS_MAX = 256, KEYS_MAX = 2048, NAMES_MAX = 4096 };

static struct err err;

struct desk {
	struct phone phone;
	struct account accounts[ACCOUNTS_MAX];
	struct key keys[KEYS_MAX];
};

static void die(const char *what)
{
	fprintf(stderr, "render_try: %s: %s\n", what, err.text);
	exit(1);
}

/* ---- phones ---- */

static struct account line_of(unsigned slot)
{
	return (struct account){ .slot = slot,
		.use = ACCOUNT_LINE,
		.label = "Alice",
		.display_name = "Alice Example",
		.user = "1001",
		.auth_user = "a1001",
		.password = { "s3cret", 6 },
		.proxy = "proxy.example",
		.voicemail = "*97",
		.shared = slot == 2 };
}

static void add_key(struct desk *d, unsigned module, unsigned index)
{
	static const enum key_type types[] = { KEY_BLF, KEY_SPEED_DIAL, KEY_PARK, KEY_VOICEMAIL, KEY_INTERCOM };

	d->keys[d->phone.nkeys++] = (struct key){ .module = module,
		.index = index,
		.type = types[index % 5],
		.slot = 1,
		.value = "1002",
		.label = "Bob & Co",
		.pickup = "**" };
}

/* full: every slot and key; half: every other one; one: a line; vacant: a line that only registers; bare: nothing. */
static void furnish(struct desk *d, const struct profile *pf, const char *state)
{
	unsigned step = strcmp(state, "half") == 0 ? 2 : 1;
	bool all = strcmp(state, "full") == 0 || step == 2;

	memset(d, 0, sizeof(*d));
	d->phone = (struct phone){ .mac = { { 0, 1, 2, 3, 4, 5 } },
		.model = pf->id,
		.generation = 7,
		.domain = "a.example",
		.timezone = "Europe/Berlin",
		.prov = { .url = "https://rekey.example/cfg/", .password = { "secret", 6 } },
		.filler = { "key", 3 },
		.accounts = d->accounts,
		.keys = d->keys };
	for (unsigned slot = 1; slot <= (all ? pf->accounts : 1) && slot < ACCOUNTS_MAX; slot += step)
		d->accounts[d->phone.naccounts++] = line_of(slot);
	if (strcmp(state, "vacant") == 0)
		d->accounts[0].use = ACCOUNT_IDLE;
	if (strcmp(state, "bare") == 0)
		d->phone.naccounts = 0;
	for (unsigned m = 0; all && m <= pf->modules; m++) {
		for (unsigned i = 1; i <= profile_keys(pf, m) && d->phone.nkeys < KEYS_MAX; i += step)
			add_key(d, m, i);
	}
}

/* ---- the two ways ---- */

static void compare(
	const struct renderer *r, const struct compiled *c, const struct profile *pf, const char *state, struct desk *d)
{
	const struct template_program *program;
	struct prepared *prepared;
	struct buf one, other;
	struct tval *root;
	struct arena a;
	bool fits = false;

	furnish(d, pf, state);
	arena_init(&a, RENDER_DATA_MAX);
	buf_init(&one, VENDOR_RENDER_MAX);
	buf_init(&other, VENDOR_RENDER_MAX);
	if (vendor_render(r, pf, &d->phone, c->kind, &one, &err) ||
		prepared_take(r, pf, NULL, c, &prepared, &program, &err) ||
		data_build(r, &a, pf, &d->phone, prepared_lists(prepared), &root, &err) ||
		template_render(c->tmpl, root, &other, &err))
		die(pf->id);
	if (program) {
		struct buf again;
		buf_init(&again, VENDOR_RENDER_MAX);
		if (template_program_run(program, root, &again, &fits, &err))
			die(pf->id);
		buf_release(&again);
	}
	printf("file %s %s %s %zu %s\n", pf->id, state, fits ? "program" : "template", one.len,
		slice_eq(buf_view(&one), buf_view(&other)) ? "same" : "other");
	prepared_drop(r, prepared);
	buf_release(&one);
	buf_release(&other);
	arena_release(&a);
}

/* ---- limits: what vendor_check takes can be made ---- */

static char filled[2][4 * 512 + 1]; /* 'a'…, 'ü'… */

/* n characters, plain or not; in the arena. */
static const char *text_of(struct arena *a, size_t n, bool plain)
{
	return arena_strndup(a, filled[!plain], plain ? n : 2 * n);
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void stretch(struct desk *d, struct arena *a, const struct dialect *v, bool plain)
{
	size_t secret = least(v->secret_max, MODEL_SECRET_MAX), user = least(v->user_max, MODEL_USER_MAX);
	size_t host = least(v->host_max, MODEL_HOST_MAX), admin = least(v->admin_max, MODEL_SECRET_MAX);
	size_t login = least(v->login_max, MODEL_USER_MAX);

	for (size_t i = 0; i < d->phone.naccounts; i++) {
		struct account *ac = &d->accounts[i];
		ac->label = text_of(a, least(v->label.max, MODEL_NAME_MAX), plain || v->label.ascii);
		ac->display_name =
			text_of(a, least(v->display_name.max, MODEL_NAME_MAX), plain || v->display_name.ascii);
		ac->user = ac->auth_user = ac->voicemail = text_of(a, user, true);
		ac->password = (struct secret){ text_of(a, secret, true), secret };
		ac->domain = ac->server = ac->proxy = text_of(a, host, true);
		ac->port = ac->proxy_port = 65535;
		ac->expires_s = plain ? 604800 : 60;
	}
	for (size_t i = 0; i < d->phone.nkeys; i++) {
		d->keys[i].label = text_of(a, least(v->key_label.max, MODEL_NAME_MAX), plain || v->key_label.ascii);
		d->keys[i].value = text_of(a, least(v->value_max, MODEL_VALUE_MAX), true);
		d->keys[i].pickup = text_of(a, v->pickup_max ? v->pickup_max : 32, true);
	}
	d->phone.ntp = text_of(a, MODEL_HOST_MAX, true);
	d->phone.poll_minutes = plain ? 43200 : 1;
	d->phone.prov.url = arena_printf(a, "https://%s/", text_of(a, MODEL_URL_MAX - 9, true));
	d->phone.ca_url = arena_printf(a, "https://%s", text_of(a, MODEL_URL_MAX - 8, true));
	d->phone.prov.user = text_of(a, login, true);
	d->phone.prov.password = (struct secret){ text_of(a, login, true), login };
	d->phone.admin_password = d->phone.user_password = (struct secret){ text_of(a, admin, true), admin };
}

static void judge_one(const struct renderer *r, const struct profile *pf, const struct phone *ph, const char *name)
{
	struct buf out;

	err.text[0] = 0;
	if (vendor_check(pf, ph, &err)) {
		printf("limit %s %s refused %s\n", pf->id, name, err.text);
		return;
	}
	buf_init(&out, VENDOR_RENDER_MAX);
	for (size_t f = 0; f < r->nfiles; f++) {
		enum err_code rc = ERR_OK;
		buf_reset(&out);
		if (r->files[f].vendor == pf->vendor)
			rc = vendor_render(r, pf, ph, r->files[f].kind, &out, &err);
		if (rc && rc != ERR_NOT_FOUND) { /* this phone needs none */
			printf("limit %s %s broken %s\n", pf->id, name, err.text);
			buf_release(&out);
			return;
		}
	}
	printf("limit %s %s made\n", pf->id, name);
	buf_release(&out);
}

static void judge_words(const struct renderer *r, const struct profile *pf, struct desk *d)
{
	for (size_t i = 0; i < word_count(); i++) {
		const struct word *w = word_at(i);
		struct override ov = { LAYER_PHONE, w->name, NULL };
		char value[512], name[600];
		for (size_t k = 0; k < 40; k++) {
			if (w->kind == WORD_NUMBER && k < 2)
				snprintf(value, sizeof(value), "%lld", k ? w->max : w->min);
			else if (w->kind == WORD_NUMBER || !word_sample(w, k, value, sizeof(value)))
				break;
			ov.value = value;
			d->phone.overrides = &ov;
			d->phone.noverrides = 1;
			snprintf(name, sizeof(name), "%s=%.60s", w->name, value);
			for (char *p = name; *p; p++)
				*p = *p == ' ' ? '_' : *p;
			judge_one(r, pf, &d->phone, name);
		}
	}
}

static void judge_limits(const struct renderer *r, const struct profile *pf, struct desk *d)
{
	struct arena a;

	arena_init(&a, 0);
	for (int plain = 0; plain < 2; plain++) {
		furnish(d, pf, "full");
		stretch(d, &a, dialect_of(pf->vendor), plain);
		judge_one(r, pf, &d->phone, plain ? "longest" : "longest-accents");
	}
	furnish(d, pf, "full");
	judge_words(r, pf, d);
	arena_release(&a);
}

/* ---- names ---- */

struct census {
	const struct template_rules *rules;
	const struct param_book *book;
	struct arena arena;
	struct map free, names;
	unsigned long bound, unbound;
};

static void note_name(struct census *c, const char *pattern)
{
	char *text = map_has(&c->names, pattern) ? NULL : arena_strdup(&c->arena, pattern);

	if (text)
		map_put(&c->names, text, (void *)(uintptr_t)bind_row(c->book, slice_str(pattern)));
}

static void print_name(enum vendor_id vendor, const char *name, const struct param_row *row)
{
	enum param_type type = !row ? PARAM_ANY : row->type == PARAM_ANY && row->same ? row->same->type : row->type;

	printf("name %s %s %s\n", vendor_word(vendor),
		type == PARAM_ANY      ? "untyped"
		: type == PARAM_STRING ? "text"
				       : "limits",
		row ? row->name : name);
}

static enum err_code count_line(const void *arg, const struct template_line *line, enum template_verdict *verdict,
	const void **rule, struct err *e)
{
	struct census *c = (struct census *)(uintptr_t)arg;
	enum err_code rc = c->rules->line(c->rules->arg, line, verdict, rule, e);
	char pattern[PARAM_NAME_MAX], *text;
	struct slice name, value;
	size_t inside;

	if (!bind_pattern(param_book_vendor(c->book), line, pattern, &inside, &name, &value))
		return rc;
	note_name(c, pattern);
	if (bind_row(c->book, slice_str(pattern)) || param_book_number(c->book, pattern)) {
		c->bound++;
		return rc;
	}
	c->unbound++;
	text = arena_strdup(&c->arena, pattern);
	if (text)
		map_put(&c->free, text, c);
	return rc;
}

static enum err_code count_value(
	const void *arg, const void *rule, struct slice before, struct slice value, unsigned classes, struct err *e)
{
	const struct census *c = arg;

	return c->rules->value(c->rules->arg, rule, before, value, classes, e);
}

static enum err_code count_whole(const void *arg, struct slice line, struct err *e)
{
	const struct census *c = arg;

	return c->rules->whole(c->rules->arg, line, e);
}

static void census(const struct renderer *r, enum vendor_id vendor)
{
	struct census c = { .book = r->books[vendor] };
	struct tval *schema;

	arena_init(&c.arena, 0);
	map_init(&c.free, &c.arena);
	map_init(&c.names, &c.arena);
	if (example_schema(r, vendor, &c.arena, &schema, &err))
		die(vendor_word(vendor));
	for (size_t i = 0; i < r->nfiles; i++) {
		struct template_rules rules = { &c, count_line, count_value, count_whole };
		struct template_program *p;
		c.rules = &r->files[i].rules;
		if (r->files[i].vendor != vendor || !c.rules->line)
			continue;
		if (template_program_make(r->files[i].tmpl, schema, prepared_constants, &rules, &p, &err))
			die(vendor_word(vendor));
		template_program_free(p);
	}
	printf("names %s bound %lu free %lu\n", vendor_word(vendor), c.bound, c.unbound);
	for (size_t i = 0; i < c.free.count; i++)
		printf("free %s %s\n", vendor_word(vendor), c.free.entries[i].key);
	for (size_t i = 0; i < c.names.count; i++)
		print_name(vendor, c.names.entries[i].key, c.names.entries[i].value);
	arena_release(&c.arena);
}

int main(void)
{
	static const char *const states[] = { "full", "half", "one", "vacant", "bare" };
	static struct desk desk;
	struct catalog *c = catalog_open(share_profiles_dir, &err);
	struct renderer *r = NULL;

	if (!c || renderer_open(share_templates_dir, c, &r, &err))
		die("start");
	for (size_t i = 0; i < catalog_count(c); i++) {
		const struct profile *pf = catalog_at(c, i);
		for (size_t f = 0; f < r->nfiles; f++) {
			const struct vendor_file *file = vendor_file(pf->vendor, r->files[f].kind);
			for (size_t s = 0;
				r->files[f].vendor == pf->vendor && file->evidence == EVIDENCE_ALWAYS && s < 5; s++)
				compare(r, &r->files[f], pf, states[s], &desk);
		}
	}
	for (int v = VENDOR_NONE + 1; v < VENDOR_COUNT; v++) {
		if (r->books[v])
			census(r, (enum vendor_id)v);
	}
	for (size_t i = 0; i < 2 * 512; i++) {
		filled[0][2 * i] = filled[0][2 * i + 1] = 'a';
		memcpy(filled[1] + 2 * i, "ü", 2);
	}
	for (size_t i = 0; i < catalog_count(c); i++)
		judge_limits(r, catalog_at(c, i), &desk);
	printf("memory %zu\n", prepared_size(r));
	renderer_close(r);
	catalog_close(c);
	return 0;
}
