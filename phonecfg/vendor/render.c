/* Templates compiled at start, and one file made from them. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "phonecfg/model/words.h"
#include "phonecfg/template/template.h"
#include "phonecfg/vendor/crypt.h"
#include "phonecfg/vendor/guard.h"
#include "phonecfg/vendor/view.h"

enum { DATA_MAX = 32 << 20, SMALL_FILE_MAX = 64 * 1024, PATH_LEN = 1024 };

struct compiled {
	enum vendor_id vendor;
	enum file_kind kind;
	struct template *tmpl;
};

struct renderer {
	const struct catalog *catalog;
	const char *dir;
	struct arena arena;
	struct compiled *files;
	size_t nfiles, cap;
	const char **guarded[VENDOR_COUNT]; /* parameter patterns that no override may name */
	size_t nguarded[VENDOR_COUNT];
};

/* ---- the data ---- */

static const char *without_scheme(struct arena *a, const char *url)
{
	const char *p = url ? strstr(url, "://") : NULL;
	struct slice s = slice_str(p ? p + 3 : "");

	while (s.n && s.p[s.n - 1] == '/')
		s.n--;
	return arena_slice(a, s);
}

static struct tval *prov(struct arena *a, const struct phone *ph)
{
	struct tval *o = tval_object(a);
	char mac[MAC_TEXT];

	tval_put_str(o, "url", ph->prov.url ? ph->prov.url : "");
	tval_put_str(o, "path", without_scheme(a, ph->prov.url));
	tval_put_str(o, "user", ph->prov.user && *ph->prov.user ? ph->prov.user : mac_text(&ph->mac, mac));
	/* Without a password the server does not know the phone's login: then it leaves what the phone has. */
	tval_put_bool(o, "known", secret_set(&ph->prov.password));
	tval_put(o, "password", tval_secret(a, &ph->prov.password));
	return o;
}

/* The key for the files to come, in this one. Empty: the phone is given none. */
static void put_file_key(struct arena *a, const struct profile *pf, const struct phone *ph, struct tval *root)
{
	const struct secret *key = secret_set(&ph->file_key_next) ? &ph->file_key_next : &ph->file_key;
	struct secret none = { NULL, 0 };

	if (!vendor_can_encrypt(pf->vendor))
		key = &none;
	tval_put(root, "file_key", tval_secret(a, key));
	tval_put_bool(root, "file_key_long", key->n > 16);
}

/* Whatever the case: not every firmware is particular about it. */
static bool matches(const char *pattern, const char *name)
{
	for (; *pattern; pattern++, name++) {
		if (*pattern == '*') {
			do {
				if (matches(pattern + 1, name))
					return true;
			} while (*name++);
			return false;
		}
		if (tolower((unsigned char)*pattern) != tolower((unsigned char)*name))
			return false;
	}
	return *name == 0;
}

static const char *guard_of(const struct renderer *r, enum vendor_id vendor, const char *name)
{
	for (size_t i = 0; r && i < r->nguarded[vendor]; i++) {
		if (matches(r->guarded[vendor][i], name))
			return r->guarded[vendor][i];
	}
	return NULL;
}

/* The digits of "P271", which Grandstream's version 1 writes as an element of that name; "" for any other name. */
static const char *number_of(const char *name)
{
	size_t n = name[0] == 'P' ? strspn(name + 1, "0123456789") : 0;

	return n && !name[n + 1] ? name + 1 : "";
}

static enum err_code put_overrides(const struct renderer *r, struct arena *a, const struct profile *pf,
	const struct phone *ph, struct tval *root, struct err *err)
{
	struct tval *list = tval_list(a);
	struct override *kept;
	size_t n, used = 0;
	enum err_code rc = override_merge(ph->overrides, ph->noverrides, a, &kept, &n, err);

	for (size_t i = 0; !rc && i < n; i++) {
		struct tval *o = tval_object(a);
		if (guard_of(r, pf->vendor, kept[i].name) || word_find(kept[i].name) || override_check(&kept[i], NULL))
			continue;
		tval_put_str(o, "name", kept[i].name);
		tval_put_str(o, "number", number_of(kept[i].name));
		tval_put_str(o, "value", kept[i].value);
		tval_push(list, o);
		used++;
	}
	tval_put(root, "overrides", list);
	tval_put_bool(root, "has_overrides", used > 0);
	return rc;
}

static enum err_code build(const struct renderer *r, struct arena *a, const struct profile *pf, const struct phone *ph,
	struct tval **out, struct err *err)
{
	struct tval *root = tval_object(a), *lists = tval_object(a);
	char mac[MAC_TEXT];
	enum err_code rc;

	tval_put_str(root, "mac", mac_text(&ph->mac, mac));
	tval_put_str(root, "model", pf->model);
	tval_put_str(root, "display", pf->display);
	tval_put_str(root, "generation", arena_printf(a, "%" PRIu64, ph->generation));
	tval_put_str(root, "common_file", pf->common_file ? pf->common_file : "");
	tval_put_str(root, "ntp", ph->ntp && *ph->ntp ? ph->ntp : "pool.ntp.org");
	tval_put_str(root, "ca_url", ph->ca_url ? ph->ca_url : "");
	tval_put_int(root, "poll_minutes", view_poll(ph, pf->vendor));
	tval_put(root, "prov", prov(a, ph));
	tval_put(root, "admin_password", view_password(a, ph, &ph->admin_password, "admin"));
	tval_put(root, "user_password", view_password(a, ph, &ph->user_password, "user"));
	put_file_key(a, pf, ph, root);
	tval_put(root, "var_password", view_password(a, ph, NULL, "var"));
	for (size_t i = 0; i < pf->nlists; i++)
		tval_put(lists, pf->lists[i].name, list_numbers(a, pf->lists[i].first, pf->lists[i].max));
	tval_put(root, "list", lists);
	dialect_of(pf->vendor)->build(a, pf, ph, root);
	rc = put_overrides(r, a, pf, ph, root, err);
	if (!rc && arena_failed(a))
		rc = err_set(err, ERR_NOMEM, "no memory for the files of %s", mac);
	*out = root;
	return rc;
}

/* ---- opening ---- */

static enum err_code slurp(const char *dir, const char *name, const char *suffix, struct buf *out, struct err *err)
{
	char path[PATH_LEN], chunk[4096];
	size_t n;
	FILE *f;
	bool bad;

	if (snprintf(path, sizeof(path), "%s/%s%s", dir, name, suffix) >= (int)sizeof(path))
		return err_set(err, ERR_LIMIT, "the path of the templates is too long");
	f = fopen(path, "rb");
	if (!f)
		return err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO,
			"%s cannot be opened: %s; is the templates directory right?", path, strerror(errno));
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(out, chunk, n);
	bad = ferror(f);
	fclose(f);
	return bad ? err_set(err, ERR_IO, "%s cannot be read", path) : buf_check(out, path, err);
}

static enum err_code partial(void *arg, const char *name, struct buf *text, struct err *err)
{
	const struct renderer *r = arg;

	for (const char *p = name; *p; p++) {
		bool ok = (*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '-' || (*p == '/' && p > name);
		if (!ok)
			return err_set(err, ERR_NOT_FOUND, "a partial's name is of small letters, digits, '-' and '/'");
	}
	return slurp(r->dir, name, ".mustache", text, err);
}

/* An example of every name: a made-up model that has one used and one unused of everything that any model of the
 * vendor has. */
static enum err_code example(
	const struct renderer *r, enum vendor_id vendor, struct arena *a, struct tval **out, struct err *err)
{
	static struct key_block blocks[] = {
		{ .name = "line", .first = 1, .max = 2, .blank = 2, .confirmed = true },
		{ .name = "memory", .first = 3, .max = 1, .blank = 1, .confirmed = true },
		{ .name = "vpk", .first = 4, .max = 1, .blank = 1, .confirmed = true },
		{ .name = "mpk", .first = 5, .max = 1, .blank = 1, .confirmed = true },
	};
	static struct syntax syntax = { "yealink-old", "", true };
	static struct account account = { .slot = 1, .use = ACCOUNT_LINE, .user = "1", .domain = "d", .proxy = "p" };
	static struct override override = { LAYER_PHONE, "name", "value" };
	static struct key keys[] = {
		{ .index = 1, .type = KEY_SPEED_DIAL, .value = "1", .slot = 1 },
		{ .index = 3, .type = KEY_SPEED_DIAL, .value = "1", .slot = 1 },
		{ .module = 1, .index = 1, .type = KEY_SPEED_DIAL, .value = "1", .slot = 1 },
	};
	struct profile pf = { .id = "x",
		.vendor = vendor,
		.model = "x",
		.display = "x",
		.accounts = 1,
		.accounts_blank = 2,
		.blocks = blocks,
		.nblocks = 4,
		.syntaxes = &syntax,
		.nsyntaxes = 1,
		.modules = 1,
		.keys_per_module = 2 };
	struct phone ph = { .prov = { .url = "https://x/" },
		.set = { .codecs = { CODEC_PCMU }, .ncodecs = 1 },
		.accounts = &account,
		.naccounts = 1,
		.keys = keys,
		.nkeys = 3,
		.overrides = &override,
		.noverrides = 1 };
	size_t cap = 0;

	for (size_t i = 0; i < catalog_count(r->catalog); i++) {
		const struct profile *p = catalog_at(r->catalog, i);
		for (size_t k = 0; p->vendor == vendor && k < p->nlists; k++) {
			struct slot_list *l;
			if (profile_list(&pf, p->lists[k].name))
				continue;
			l = arena_push(a, (void **)&pf.lists, &pf.nlists, &cap, sizeof(*pf.lists));
			if (!l)
				return err_set(err, ERR_NOMEM, "no memory for the templates");
			*l = (struct slot_list){ p->lists[k].name, 1, 2, true };
		}
	}
	return build(NULL, a, &pf, &ph, out, err);
}

static enum err_code compile_file(struct renderer *r, enum vendor_id vendor, const struct vendor_file *f,
	const struct tval *schema, struct err *err)
{
	struct template_options options = { .escape = vendor == VENDOR_YEALINK && f->mime[0] == 't' ? ESCAPE_INI
												    : ESCAPE_XML,
		.schema = schema,
		.partial = partial,
		.partial_arg = r,
		.no_raw = true };
	struct compiled *c = arena_push(&r->arena, (void **)&r->files, &r->nfiles, &r->cap, sizeof(*c));
	char name[80];
	struct buf text;
	enum err_code rc;

	if (!c)
		return err_set(err, ERR_NOMEM, "no memory for the templates");
	c->vendor = vendor;
	c->kind = f->kind;
	buf_init(&text, SMALL_FILE_MAX);
	rc = slurp(r->dir, f->tmpl, ".mustache", &text, err);
	snprintf(name, sizeof(name), "%s.mustache", f->tmpl);
	if (!rc)
		rc = template_compile(buf_view(&text), name, &options, &c->tmpl, err);
	buf_release(&text);
	return rc;
}

static enum err_code read_guards(struct renderer *r, enum vendor_id vendor, struct err *err)
{
	struct slice rest, line;
	size_t cap = 0;
	char name[40];
	struct buf text;
	enum err_code rc;

	snprintf(name, sizeof(name), "%s/protected", vendor_word(vendor));
	buf_init(&text, SMALL_FILE_MAX);
	rc = slurp(r->dir, name, "", &text, err);
	for (rest = buf_view(&text); !rc && rest.n;) {
		const char **slot;
		line = slice_trim(slice_cut(&rest, '\n'));
		if (!line.n || line.p[0] == '#')
			continue;
		slot = arena_push(&r->arena, (void **)&r->guarded[vendor], &r->nguarded[vendor], &cap, sizeof(*slot));
		if (slot)
			*slot = arena_slice(&r->arena, line);
	}
	buf_release(&text);
	return rc;
}

static enum err_code open_vendor(struct renderer *r, enum vendor_id id, struct err *err)
{
	const struct vendor *v = vendor_get(id);
	struct tval *schema = NULL;
	struct arena a;
	enum err_code rc;

	arena_init(&a, DATA_MAX);
	rc = example(r, id, &a, &schema, err);
	for (size_t i = 0; !rc && i < v->nfiles; i++) {
		if (v->files[i].tmpl)
			rc = compile_file(r, id, &v->files[i], schema, err);
	}
	if (!rc)
		rc = read_guards(r, id, err);
	arena_release(&a);
	return rc;
}

enum err_code renderer_open(
	const char *templates_dir, const struct catalog *cat, struct renderer **out, struct err *err)
{
	struct renderer *r = mem_zalloc(sizeof(*r));
	enum err_code rc = ERR_OK;

	*out = NULL;
	if (!r)
		return err_set(err, ERR_NOMEM, "no memory for the templates");
	arena_init(&r->arena, 0);
	r->catalog = cat;
	r->dir = arena_strdup(&r->arena, templates_dir);
	for (int id = VENDOR_NONE + 1; !rc && id < VENDOR_COUNT; id++)
		rc = open_vendor(r, (enum vendor_id)id, err);
	if (!rc && arena_failed(&r->arena))
		rc = err_set(err, ERR_NOMEM, "no memory for the templates");
	if (rc) {
		renderer_close(r);
		return rc;
	}
	*out = r;
	return ERR_OK;
}

void renderer_close(struct renderer *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->nfiles; i++)
		template_free(r->files[i].tmpl);
	arena_release(&r->arena);
	mem_free(r);
}

/* ---- rendering ---- */

enum err_code renderer_check_overrides(
	const struct renderer *r, const struct profile *pf, const struct phone *ph, struct err *err)
{
	for (size_t i = 0; i < ph->noverrides; i++) {
		/* A neutral word is no parameter: where all of those are our own, a word may still be said. */
		if (!word_find(ph->overrides[i].name) && guard_of(r, pf->vendor, ph->overrides[i].name))
			return err_set(err, ERR_INPUT,
				"override %s: this parameter is set from lines, keys and settings; change those",
				ph->overrides[i].name);
	}
	return ERR_OK;
}

/* The parameter that a line of a file sets, or nothing. Templates write one a line. */
static struct slice line_name(enum vendor_id vendor, struct slice line)
{
	static const struct slice item = SLICE_LIT("<item name=\"");
	struct slice none = { "", 0 };
	char end = '=';

	line = slice_trim(line);
	if (vendor == VENDOR_GRANDSTREAM && slice_starts(line, "<P")) {
		line = (struct slice){ line.p + 1, line.n - 1 };
		return slice_cut(&line, '>');
	}
	if (vendor == VENDOR_GRANDSTREAM) {
		if (!slice_starts(line, item.p))
			return none;
		line = (struct slice){ line.p + item.n, line.n - item.n };
		end = '"';
	}
	if (!line.n || line.p[0] == '#' || line.p[0] == '<' || slice_find(line, (struct slice){ &end, 1 }) < 0)
		return none;
	return slice_trim(slice_cut(&line, end));
}

/* Overrides stand at the end; what the template said of the same parameter goes, so that each stands once whichever
 * occurrence a phone believes. */
static void add_without_overridden(
	enum vendor_id vendor, struct slice text, const struct tval *overrides, struct buf *out)
{
	size_t n = overrides->as.list.count;

	for (struct slice rest = text; rest.n;) {
		struct slice line = slice_cut(&rest, '\n'), name = line_name(vendor, line);
		bool later = false;
		for (size_t i = 0; name.n && !later && i < n; i++) {
			const struct tval *o = overrides->as.list.items[i];
			later = slice_eq(name, tval_get(o, "name")->as.text);
		}
		if (later) { /* is it set again below? */
			struct slice below = rest;
			later = false;
			while (below.n && !later)
				later = slice_eq(name, line_name(vendor, slice_cut(&below, '\n')));
		}
		if (!later) {
			buf_slice(out, line);
			buf_char(out, '\n');
		}
	}
}

static const struct compiled *find(const struct renderer *r, enum vendor_id vendor, enum file_kind kind)
{
	for (size_t i = 0; i < r->nfiles; i++) {
		if (r->files[i].vendor == vendor && r->files[i].kind == kind)
			return &r->files[i];
	}
	return NULL;
}

static enum err_code render(const struct renderer *r, const struct template *t, const struct profile *pf,
	const struct phone *ph, struct arena *a, struct buf *out, struct err *err)
{
	struct tval *root;
	struct buf whole;
	enum err_code rc = build(r, a, pf, ph, &root, err);

	if (rc)
		return rc;
	if (!tval_truthy(tval_get(root, "has_overrides")))
		return template_render(t, root, out, err);
	buf_init(&whole, VENDOR_RENDER_MAX);
	rc = template_render(t, root, &whole, err);
	if (!rc)
		add_without_overridden(pf->vendor, buf_view(&whole), tval_get(root, "overrides"), out);
	buf_release(&whole);
	return rc;
}

static enum err_code render_sealed(const struct renderer *r, const struct template *t, const struct profile *pf,
	const struct phone *ph, struct arena *a, struct buf *out, struct err *err)
{
	struct buf plain;
	enum err_code rc;

	buf_init(&plain, VENDOR_RENDER_MAX);
	rc = render(r, t, pf, ph, a, &plain, err);
	if (!rc)
		rc = buf_check(&plain, "the file before it is encrypted", err);
	if (!rc)
		rc = vendor_encrypt(pf->vendor, &ph->file_key, buf_view(&plain), out, err);
	buf_release(&plain);
	return rc;
}

/* The phone after its neutral words. A word that this model cannot carry must not keep the phone from its file: then
 * the phone's own values stand (vendor_check refuses such a word before it is kept). */
static enum err_code settle(
	const struct profile *pf, const struct phone *ph, struct arena *a, struct phone *out, struct err *err)
{
	enum err_code rc = phone_apply_words(ph, a, out, NULL, NULL, err);

	if (rc || vendor_check_core(pf, out, NULL) == ERR_OK)
		return rc;
	*out = *ph;
	return vendor_check_core(pf, ph, err);
}

enum err_code vendor_render(const struct renderer *r, const struct profile *pf, const struct phone *ph,
	enum file_kind kind, struct buf *out, struct err *err)
{
	static const struct phone nobody;
	const struct vendor_file *f = vendor_file(pf->vendor, kind);
	const struct compiled *c = find(r, pf->vendor, kind);
	char mac[MAC_TEXT], what[64];
	struct phone settled = nobody;
	struct arena a;
	enum err_code rc;

	if (!f || !c)
		return err_set(err, ERR_NOT_FOUND, "a %s is given no such file", pf->display);
	if (!ph && f->per_phone)
		return err_set(err, ERR_BUG, "%s needs a phone", f->name);
	arena_init(&a, DATA_MAX);
	rc = ph ? settle(pf, ph, &a, &settled, err) : ERR_OK;
	ph = &settled;
	snprintf(what, sizeof(what), "the file of %s", mac_text(&ph->mac, mac));
	if (!rc)
		rc = secret_set(&ph->file_key) && vendor_encrypts(pf->vendor, kind)
			     ? render_sealed(r, c->tmpl, pf, ph, &a, out, err)
			     : render(r, c->tmpl, pf, ph, &a, out, err);
	if (!rc)
		rc = buf_check(out, what, err);
	arena_release(&a);
	return rc;
}
