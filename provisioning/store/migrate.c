/* Numbered migrations, each applied once and never edited: its hash is kept and compared at every start. */
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/buf.h"
#include "phonecfg/base/hex.h"
#include "provisioning/store/db.h"
#include "provisioning/store/sql_text.h"

enum { MIGRATION_MAX = 1 << 20, HASH_HEX = 2 * TOKEN_HASH + 1 };

struct version_row {
	int64_t version;
	const char *name, *hash;
	int64_t at_ms;
};

static const struct col version_cols[] = {
	COL(version_row, COL_INT, version),
	COL(version_row, COL_TEXT, name),
	COL(version_row, COL_TEXT, hash),
	COL(version_row, COL_INT, at_ms),
};
static const struct rowmap version_map = ROWMAP(version_row, "versions", version_cols, 1);

static void hash_hex(const char *text, char out[HASH_HEX])
{
	uint8_t hash[TOKEN_HASH];

	token_hash(slice_str(text), hash);
	hex_write(hash, TOKEN_HASH, out);
}

/* Runs the text with @KEY@ replaced by the engine's word. */
static enum err_code run_text(struct db *db, const struct sql_migration *m, struct err *err)
{
	struct slice rest = slice_str(m->text);
	struct buf text;
	ptrdiff_t at;
	enum err_code code;

	buf_init(&text, MIGRATION_MAX);
	while ((at = slice_find(rest, SLICE_LIT("@KEY@"))) >= 0) {
		buf_add(&text, rest.p, (size_t)at);
		buf_str(&text, db->ops->key_type);
		rest.p += at + 5;
		rest.n -= (size_t)at + 5;
	}
	buf_slice(&text, rest);
	code = buf_check(&text, m->name, err);
	if (code == ERR_OK)
		code = db->ops->exec(db->conn, text.data, err);
	buf_release(&text);
	return code;
}

static enum err_code apply(struct db *db, const struct sql_migration *m, struct err *err)
{
	char hash[HASH_HEX];
	struct version_row row = { .version = m->version, .name = m->name, .hash = hash, .at_ms = db->now_ms };
	enum err_code code = run_text(db, m, err);

	hash_hex(m->text, hash);
	if (code == ERR_OK)
		code = db_run(db, "version_add", NO_ARGS, &version_map, &row, NULL, err);
	if (code != ERR_OK)
		err_prefix(err, "migration %s", m->name);
	return code;
}

/* Compares what was applied with what this program knows; *next is the first migration to apply. */
static enum err_code compare(const struct version_row *had, size_t n, size_t *next, struct err *err)
{
	char hash[HASH_HEX];
	size_t i;

	for (i = 0; i < n; i++) {
		const struct sql_migration *m = &sql_migrations[i + 1];

		if (i + 1 >= sql_migration_count || m->version != had[i].version)
			return err_set(err, ERR_UNSUPPORTED,
				"the database was written by another version of rekeyd (it holds %s); use that version",
				had[i].name);
		hash_hex(m->text, hash);
		if (strcmp(hash, had[i].hash) != 0)
			return err_set(err, ERR_UNSUPPORTED,
				"the database was made by another edition of migration %s; use that edition or a new database",
				had[i].name);
	}
	*next = n + 1;
	return ERR_OK;
}

enum err_code db_migrate(struct db *db, bool create, struct err *err)
{
	struct arena a;
	void *had = NULL;
	size_t n = 0, i = 0;
	enum err_code code;

	arena_init(&a, 0);
	code = db_begin(db, true, err);
	if (code == ERR_OK)
		code = run_text(db, &sql_migrations[0], err);
	if (code == ERR_OK)
		code = db_list(db, "version_list", NO_ARGS, &version_map, &a, &had, &n, err);
	if (code == ERR_OK && n == 0 && !create)
		code = err_set(err, ERR_INPUT, "this is no database of rekeyd; make one with `rekeyd init`");
	if (code == ERR_OK)
		code = compare(had, n, &i, err);
	for (; code == ERR_OK && i < sql_migration_count; i++)
		code = apply(db, &sql_migrations[i], err);
	if (code == ERR_OK)
		code = db_commit(db, err);
	if (code != ERR_OK)
		db_rollback(db);
	arena_release(&a);
	return code;
}
