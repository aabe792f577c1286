#include "phonecfg/profile/profile.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/file.h"
#include "phonecfg/base/mem.h"
#include "phonecfg/profile/load.h"

enum { PROFILE_FILE_MAX = 256 * 1024, PROFILES_MAX = 1000, PATH_MAX_HERE = 1024 };

struct catalog {
	struct arena arena;
	const char *dir;
	struct profile *profiles;
	size_t count, cap;
};

static const char *const vendor_words[VENDOR_COUNT] = { "none", "yealink", "polycom", "grandstream", "linphone",
	"acrobits", "zoiper", "sheet" };

const char *vendor_word(enum vendor_id v)
{
	return (unsigned)v < VENDOR_COUNT ? vendor_words[v] : "none";
}

bool vendor_word_parse(const char *s, enum vendor_id *out)
{
	for (size_t i = 1; s && i < VENDOR_COUNT; i++) {
		if (strcmp(vendor_words[i], s) == 0) {
			*out = (enum vendor_id)i;
			return true;
		}
	}
	return false;
}

static enum err_code add(struct catalog *c, const struct profile_schema *schema, const char *path, const char *folder,
	const struct profile *base, struct err *err)
{
	struct buf text;
	struct profile pf;
	struct profile *slot;
	enum err_code rc;

	buf_init(&text, PROFILE_FILE_MAX);
	rc = file_read(path, &text, err);
	if (!rc)
		rc = profile_load(schema, buf_view(&text), path, base, &c->arena, &pf, err);
	buf_release(&text);
	if (rc)
		return rc;
	if (strcmp(folder, vendor_word(pf.vendor)) != 0)
		return err_set(err, ERR_INPUT, "%s:1: vendor %s does not belong in the folder %s; move the file", path,
			vendor_word(pf.vendor), folder);
	if (catalog_find(c, pf.id))
		return err_set(
			err, ERR_INPUT, "%s:1: the id %s is there twice; give each profile its own", path, pf.id);
	slot = arena_push(&c->arena, (void **)&c->profiles, &c->count, &c->cap, sizeof(*slot));
	if (!slot)
		return err_set(err, ERR_NOMEM, "no memory for %s", path);
	*slot = pf;
	return ERR_OK;
}

static int not_hidden(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

static const char vendor_xml[] = "vendor.xml";

static int is_model(const struct dirent *e)
{
	return e->d_name[0] != '.' && slice_ends(slice_str(e->d_name), ".xml") && strcmp(e->d_name, vendor_xml) != 0;
}

/* A folder without vendor.xml is fine: its models say everything themselves. */
static enum err_code read_base(struct catalog *c, const struct profile_schema *schema, const char *dir,
	const char *folder, struct profile *base, struct err *err)
{
	char path[PATH_MAX_HERE];
	struct buf text;
	enum err_code rc;

	memset(base, 0, sizeof(*base));
	if (snprintf(path, sizeof(path), "%s/%s/%s", dir, folder, vendor_xml) >= (int)sizeof(path))
		return err_set(err, ERR_LIMIT, "the path of the firmware profiles is too long");
	if (access(path, F_OK) != 0)
		return ERR_OK;
	buf_init(&text, PROFILE_FILE_MAX);
	rc = file_read(path, &text, err);
	if (!rc)
		rc = profile_load_vendor(schema, buf_view(&text), path, &c->arena, base, err);
	buf_release(&text);
	return rc;
}

static void free_list(struct dirent **v, int n)
{
	for (int i = 0; i < n; i++)
		(free)(v[i]); /* scandir's own memory */
	(free)(v);
}

static enum err_code read_folder(
	struct catalog *c, const struct profile_schema *schema, const char *dir, const char *folder, struct err *err)
{
	char path[PATH_MAX_HERE];
	struct dirent **files = NULL;
	struct profile base;
	enum err_code rc;
	int n;

	if (snprintf(path, sizeof(path), "%s/%s", dir, folder) >= (int)sizeof(path))
		return err_set(err, ERR_LIMIT, "the path of the firmware profiles is too long");
	rc = read_base(c, schema, dir, folder, &base, err);
	n = rc ? 0 : scandir(path, &files, is_model, alphasort);
	for (int i = 0; !rc && i < n; i++) {
		if (c->count >= PROFILES_MAX)
			rc = err_set(err, ERR_LIMIT, "more than %d firmware profiles", PROFILES_MAX);
		else if (snprintf(path, sizeof(path), "%s/%s/%s", dir, folder, files[i]->d_name) >= (int)sizeof(path))
			rc = err_set(err, ERR_LIMIT, "the path of the firmware profiles is too long");
		else
			rc = add(c, schema, path, folder, &base, err);
	}
	free_list(files, n);
	return rc;
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct profile *)a)->id, ((const struct profile *)b)->id);
}

static enum err_code read_all(struct catalog *c, const char *dir, struct err *err)
{
	char path[PATH_MAX_HERE];
	struct profile_schema *schema = NULL;
	struct dirent **folders = NULL;
	enum err_code rc;
	int n;

	if (snprintf(path, sizeof(path), "%s/profile.rng", dir) >= (int)sizeof(path))
		return err_set(err, ERR_LIMIT, "the path of the firmware profiles is too long");
	n = scandir(dir, &folders, not_hidden, alphasort);
	if (n < 0)
		return err_set(err, ERR_IO, "the firmware profiles are not in %s: %s; name the right directory", dir,
			strerror(errno));
	rc = profile_schema_open(path, &schema, err);
	for (int i = 0; !rc && i < n; i++)
		rc = read_folder(c, schema, dir, folders[i]->d_name, err);
	free_list(folders, n);
	profile_schema_free(schema);
	if (!rc && c->count == 0)
		rc = err_set(err, ERR_NOT_FOUND, "there is no firmware profile in %s; name the right directory", dir);
	if (!rc)
		qsort(c->profiles, c->count, sizeof(*c->profiles), by_id);
	return rc;
}

struct catalog *catalog_open(const char *dir, struct err *err)
{
	struct catalog *c = mem_zalloc(sizeof(*c));

	if (!c) {
		err_set(err, ERR_NOMEM, "no memory for the firmware profiles");
		return NULL;
	}
	arena_init(&c->arena, 0);
	c->dir = arena_strdup(&c->arena, dir);
	if (!c->dir)
		err_set(err, ERR_NOMEM, "no memory for the firmware profiles");
	if (!c->dir || read_all(c, dir, err)) {
		catalog_close(c);
		return NULL;
	}
	return c;
}

const char *catalog_dir(const struct catalog *c)
{
	return c->dir;
}

void catalog_close(struct catalog *c)
{
	if (!c)
		return;
	arena_release(&c->arena);
	mem_free(c);
}

size_t catalog_count(const struct catalog *c)
{
	return c->count;
}

const struct profile *catalog_at(const struct catalog *c, size_t i)
{
	return i < c->count ? &c->profiles[i] : NULL;
}

const struct profile *catalog_find(const struct catalog *c, const char *id)
{
	for (size_t i = 0; id && i < c->count; i++) {
		if (strcmp(c->profiles[i].id, id) == 0)
			return &c->profiles[i];
	}
	return NULL;
}

/* "SIP-T46U", "t46u" and "VVX_450", "VVX450" are each one token. Returns its length in out. */
static size_t plain(struct slice token, char *out, size_t size)
{
	size_t n = 0;

	if (token.n > 4 && slice_ieq_str((struct slice){ token.p, 4 }, "SIP-"))
		token = (struct slice){ token.p + 4, token.n - 4 };
	for (size_t i = 0; i < token.n && n < size; i++) {
		char ch = token.p[i];
		if (ch == '_' || ch == '-')
			continue;
		out[n++] = ch >= 'A' && ch <= 'Z' ? (char)(ch + 'a' - 'A') : ch;
	}
	return n;
}

const struct profile *catalog_by_ua_token(const struct catalog *c, enum vendor_id vendor, struct slice token)
{
	char want[40], have[40];
	size_t nwant = plain(token, want, sizeof(want));

	for (size_t i = 0; nwant && i < c->count; i++) {
		const struct profile *pf = &c->profiles[i];
		for (size_t k = 0; pf->vendor == vendor && k < pf->nua_tokens; k++) {
			size_t n = plain(slice_str(pf->ua_tokens[k]), have, sizeof(have));
			if (n == nwant && memcmp(have, want, n) == 0)
				return pf;
		}
	}
	return NULL;
}

const struct profile *catalog_by_common_file(const struct catalog *c, struct slice name)
{
	for (size_t i = 0; i < c->count; i++) {
		if (c->profiles[i].common_file && slice_ieq_str(name, c->profiles[i].common_file))
			return &c->profiles[i];
	}
	return NULL;
}

enum vendor_id catalog_vendor_of_mac(const struct catalog *c, const struct mac *mac)
{
	char text[MAC_TEXT];

	mac_text(mac, text);
	for (size_t i = 0; i < c->count; i++) {
		const struct profile *pf = &c->profiles[i];
		for (size_t k = 0; k < pf->nmac_prefixes; k++) {
			if (strncmp(text, pf->mac_prefixes[k], 6) == 0)
				return pf->vendor;
		}
	}
	return VENDOR_NONE;
}

unsigned profile_keys(const struct profile *pf, unsigned module)
{
	unsigned n = 0;

	if (module)
		return module <= pf->modules ? pf->keys_per_module : 0;
	for (size_t i = 0; i < pf->nblocks; i++)
		n += pf->blocks[i].max;
	return n;
}

const struct key_block *profile_block(const struct profile *pf, unsigned index)
{
	for (size_t i = 0; i < pf->nblocks; i++) {
		if (index >= pf->blocks[i].first && index < pf->blocks[i].first + pf->blocks[i].max)
			return &pf->blocks[i];
	}
	return NULL;
}

const struct slot_list *profile_list(const struct profile *pf, const char *name)
{
	for (size_t i = 0; i < pf->nlists; i++) {
		if (strcmp(pf->lists[i].name, name) == 0)
			return &pf->lists[i];
	}
	return NULL;
}
