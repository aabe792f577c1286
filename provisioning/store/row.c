#include "provisioning/store/row.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/buf.h"
#include "phonecfg/base/mac.h"
#include "phonecfg/base/mem.h"

static void *member(const void *row, const struct col *c)
{
	return (char *)row + c->at;
}

static const struct col *find_col(const struct rowmap *map, const char *name)
{
	size_t i;

	for (i = 0; map != NULL && i < map->ncols; i++)
		if (strcmp(map->cols[i].name, name) == 0)
			return &map->cols[i];
	return NULL;
}

/* What a sealed value is bound to beside table and column: the key columns, US (0x1f) between them. */
static enum err_code row_place(const struct rowmap *map, const void *row, struct buf *out, struct err *err)
{
	char mac[MAC_TEXT];
	size_t i;

	for (i = 0; i < map->nkey; i++) {
		const struct col *c = &map->cols[i];
		const void *m = member(row, c);

		if (c->kind == COL_INT || c->kind == COL_REF)
			buf_printf(out, "%" PRId64, *(const int64_t *)m);
		else if (c->kind == COL_MAC)
			buf_str(out, mac_text(m, mac));
		else if (c->kind == COL_TEXT)
			buf_str(out, *(const char *const *)m ? *(const char *const *)m : "");
		else
			return err_set(err, ERR_BUG, "%s.%s cannot be part of a key", map->table, c->name);
		buf_char(out, '\x1f');
	}
	return buf_check(out, "the key of a row", err);
}

enum { PLACE_MAX = 1024 };

static enum err_code bind_sealed(struct db *db, struct stmt *s, unsigned n, const struct rowmap *map,
	const struct col *c, const void *row, struct slice plain, struct arena *tmp, struct err *err)
{
	struct seal_place at = { .table = map->table, .column = c->name };
	struct slice sealed;
	struct buf key;
	enum err_code code;

	buf_init(&key, PLACE_MAX);
	code = row_place(map, row, &key, err);
	at.row = buf_view(&key);
	if (code == ERR_OK)
		code = seal_put(db->sealer, &at, plain, tmp, &sealed, err);
	if (code == ERR_OK)
		code = db->ops->bind_blob(s, n, sealed);
	buf_release(&key);
	return code;
}

static enum err_code bind_col(struct db *db, struct stmt *s, unsigned n, const struct rowmap *map, const struct col *c,
	const void *row, struct arena *tmp, struct err *err)
{
	const void *m = member(row, c);
	const struct secret *secret;
	const struct slice *blob;
	const char *text;
	char *mac;

	switch (c->kind) {
	case COL_INT:
		return db->ops->bind_int(s, n, *(const int64_t *)m);
	case COL_REF:
		return *(const int64_t *)m != 0 ? db->ops->bind_int(s, n, *(const int64_t *)m)
						: db->ops->bind_null(s, n);
	case COL_BOOL:
		return db->ops->bind_int(s, n, *(const bool *)m);
	case COL_TEXT:
		return db->ops->bind_text(s, n, slice_str(*(const char *const *)m));
	case COL_WORD:
		text = c->word(*(const unsigned *)m);
		if (text == NULL)
			return err_set(
				err, ERR_BUG, "%s.%s has no word for %u", map->table, c->name, *(const unsigned *)m);
		return db->ops->bind_text(s, n, slice_str(text));
	case COL_MAC:
		mac = arena_alloc(tmp, MAC_TEXT);
		if (mac == NULL)
			return err_set(err, ERR_NOMEM, "no memory to write %s", map->table);
		return db->ops->bind_text(s, n, slice_str(mac_text(m, mac)));
	case COL_SECRET:
		secret = m;
		if (!secret_set(secret))
			return db->ops->bind_null(s, n);
		return bind_sealed(db, s, n, map, c, row, secret_reveal(secret), tmp, err);
	case COL_SEALED:
		blob = m;
		if (blob->p == NULL)
			return db->ops->bind_null(s, n);
		return bind_sealed(db, s, n, map, c, row, *blob, tmp, err);
	}
	return ERR_BUG;
}

static enum err_code bind_arg(struct db *db, struct stmt *s, unsigned n, const struct arg *arg)
{
	switch (arg->kind) {
	case ARG_INT:
		return db->ops->bind_int(s, n, arg->i);
	case ARG_TEXT:
		return db->ops->bind_text(s, n, arg->s);
	case ARG_BLOB:
		return db->ops->bind_blob(s, n, arg->s);
	}
	return ERR_BUG;
}

static const struct arg *find_arg(const struct arg *args, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(args[i].name, name) == 0)
			return &args[i];
	return NULL;
}

/* Looks the names up once per statement: a list of n columns of the map in *out. */
static enum err_code learn(const struct rowmap *map, unsigned n, const char *(*name)(const void *from, unsigned i),
	const void *from, const struct col ***out, struct err *err)
{
	const struct col **cols = mem_realloc(*out, (n + 1) * sizeof(struct col *));
	unsigned i;

	if (cols == NULL)
		return err_set(err, ERR_NOMEM, "no memory to prepare a statement for %s", map->table);
	*out = cols;
	for (i = 0; i < n; i++)
		cols[i] = find_col(map, name(from, i));
	return ERR_OK;
}

static const char *param_name(const void *from, unsigned i)
{
	const struct sql_block *block = from;

	return block->params[i];
}

enum err_code row_bind(struct db *db, struct prepared *p, const struct sql_block *block, const struct arg *args,
	size_t nargs, const struct rowmap *map, const void *row, struct arena *tmp, struct err *err)
{
	struct err why = { 0 };
	enum err_code code;
	unsigned i;

	if (map != NULL && p->bound != map) {
		code = learn(map, (unsigned)block->nparams, param_name, block, &p->params, err);
		if (code != ERR_OK)
			return code;
		p->bound = map;
	}
	for (i = 0; i < block->nparams; i++) {
		const char *name = block->params[i];
		const struct arg *arg = find_arg(args, nargs, name);
		const struct col *c = arg || !map ? NULL : p->params[i];

		if (arg == NULL && c == NULL)
			return err_set(err, ERR_BUG, "SQL block %s: nothing gives $%s", block->name, name);
		code = arg ? bind_arg(db, p->stmt, i + 1, arg) : bind_col(db, p->stmt, i + 1, map, c, row, tmp, &why);
		if (code != ERR_OK)
			return err_set(err, code, "SQL block %s: cannot give $%s%s%s", block->name, name,
				why.code != ERR_OK ? ": " : "", why.text);
	}
	return ERR_OK;
}

static enum err_code read_sealed(struct db *db, const struct rowmap *map, const struct col *c, struct slice sealed,
	struct arena *a, void *row, struct err *err)
{
	struct seal_place at = { .table = map->table, .column = c->name };
	struct slice plain;
	struct buf key;
	enum err_code code;

	buf_init(&key, PLACE_MAX);
	code = row_place(map, row, &key, err);
	at.row = buf_view(&key);
	if (code == ERR_OK)
		code = seal_open(db->sealer, &at, sealed, a, &plain, err);
	buf_release(&key);
	if (code != ERR_OK)
		return code;
	if (c->kind == COL_SECRET)
		*(struct secret *)member(row, c) = (struct secret){ plain.p, plain.n };
	else
		*(struct slice *)member(row, c) = plain;
	return ERR_OK;
}

static enum err_code read_word(
	const struct rowmap *map, const struct col *c, struct slice text, void *row, struct err *err)
{
	const char *word;
	unsigned i;

	for (i = 0; (word = c->word(i)) != NULL; i++)
		if (slice_eq_str(text, word)) {
			*(unsigned *)member(row, c) = i;
			return ERR_OK;
		}
	return err_set(err, ERR_IO, "%s.%s holds a word that this version does not know", map->table, c->name);
}

static enum err_code read_plain(struct db *db, struct stmt *s, unsigned i, const struct rowmap *map,
	const struct col *c, struct arena *a, void *row, struct err *err)
{
	struct slice text;

	switch (c->kind) {
	case COL_INT:
	case COL_REF:
		*(int64_t *)member(row, c) = db->ops->column_int(s, i); /* NULL reads as 0 */
		return ERR_OK;
	case COL_BOOL:
		*(bool *)member(row, c) = db->ops->column_int(s, i) != 0;
		return ERR_OK;
	case COL_TEXT:
		text = db->ops->column_bytes(s, i);
		*(const char **)member(row, c) = text.n ? arena_slice(a, text) : "";
		return *(const char **)member(row, c) ? ERR_OK
						      : err_set(err, ERR_NOMEM, "no memory to read %s", map->table);
	case COL_WORD:
		return read_word(map, c, db->ops->column_bytes(s, i), row, err);
	case COL_MAC:
		text = db->ops->column_bytes(s, i);
		if (text.n > 0 && !mac_parse(text, member(row, c)))
			return err_set(err, ERR_IO, "%s.%s holds something that is no MAC", map->table, c->name);
		return ERR_OK;
	default:
		return ERR_OK;
	}
}

static bool is_sealed(const struct col *c)
{
	return c->kind == COL_SECRET || c->kind == COL_SEALED;
}

struct result {
	struct db *db;
	struct stmt *stmt;
};

static const char *column_name(const void *from, unsigned i)
{
	const struct result *r = from;

	return r->db->ops->column_name(r->stmt, i);
}

static enum err_code learn_columns(
	struct db *db, struct prepared *p, const struct rowmap *map, unsigned n, struct err *err)
{
	struct result r = { db, p->stmt };
	enum err_code code;

	if (p->read == map)
		return ERR_OK;
	code = learn(map, n, column_name, &r, &p->cols, err);
	if (code == ERR_OK)
		p->read = map;
	return code;
}

/* Plain columns first: sealed ones need the key that stands among them. */
enum err_code row_read(
	struct db *db, struct prepared *p, const struct rowmap *map, struct arena *a, void *row, struct err *err)
{
	unsigned i, n = db->ops->columns(p->stmt);
	enum err_code code = learn_columns(db, p, map, n, err);

	for (i = 0; i < map->ncols; i++) /* text is never NULL, also where this block does not select it */
		if (map->cols[i].kind == COL_TEXT && *(const char **)member(row, &map->cols[i]) == NULL)
			*(const char **)member(row, &map->cols[i]) = "";
	for (i = 0; code == ERR_OK && i < n; i++)
		if (p->cols[i] != NULL && !is_sealed(p->cols[i]))
			code = read_plain(db, p->stmt, i, map, p->cols[i], a, row, err);
	for (i = 0; code == ERR_OK && !db->leave_sealed && i < n; i++)
		if (p->cols[i] != NULL && is_sealed(p->cols[i]) && !db->ops->column_null(p->stmt, i))
			code = read_sealed(db, map, p->cols[i], db->ops->column_bytes(p->stmt, i), a, row, err);
	return code;
}
