#include "provisioning/store/db.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "phonecfg/base/mem.h"
#include "provisioning/store/row.h"
#include "provisioning/store/sql_text.h"

/* ---- failing on demand ---- */

static atomic_ulong op_count, fail_from, fail_at, soft_at;

static void fail_on_demand(unsigned long from, unsigned long at, unsigned long soft)
{
	atomic_store(&op_count, 0);
	atomic_store(&fail_from, from);
	atomic_store(&fail_at, at);
	atomic_store(&soft_at, soft);
}

void store_fail_from(unsigned long n)
{
	fail_on_demand(n, 0, 0);
}

void store_fail_at(unsigned long n)
{
	fail_on_demand(0, n, 0);
}

void store_soft_fail_at(unsigned long n)
{
	fail_on_demand(0, 0, n);
}

unsigned long store_op_count(void)
{
	return atomic_load(&op_count);
}

enum err_code db_op(struct db *db, struct err *err)
{
	unsigned long n = atomic_fetch_add_explicit(&op_count, 1, memory_order_relaxed) + 1;
	unsigned long from = atomic_load_explicit(&fail_from, memory_order_relaxed);

	if ((from != 0 && n >= from) || n == atomic_load_explicit(&fail_at, memory_order_relaxed))
		return err_set(err, ERR_IO, "the database failed (on demand of a test)");
	if (n == atomic_load_explicit(&soft_at, memory_order_relaxed)) {
		db->soft = true;
		return err_set(err, ERR_BUSY, "the database was busy (on demand of a test)");
	}
	return ERR_OK;
}

/* Notes a soft failure, so that the writer repeats the commit whatever the verb makes of the code. */
static enum err_code noted(struct db *db, enum err_code code)
{
	if (code == ERR_BUSY)
		db->soft = true;
	return code;
}

enum err_code err_say(enum err_code code, enum err_code which, struct err *err, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	if (code != which)
		return code;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(err, code, "%s", text);
}

/* ---- the connection ---- */

enum err_code db_open(const struct store_ops *ops, const char *path, enum conn_mode mode, const struct sealer *sealer,
	struct store *st, struct db **out, struct err *err)
{
	struct db *db = mem_zalloc(sizeof(*db));
	enum err_code code = ERR_NOMEM;

	if (db != NULL) {
		db->ops = ops;
		db->sealer = sealer;
		db->st = st;
		db->prepared = mem_zalloc(sizeof(struct prepared) * (sql_block_count + 1));
	}
	if (db == NULL || db->prepared == NULL)
		err_set(err, code, "no memory to open the database %s", path);
	else
		code = ops->open(path, mode, &db->conn, err);
	if (code == ERR_OK)
		*out = db;
	else
		db_close(db);
	return code;
}

void db_close(struct db *db)
{
	size_t i;

	if (db == NULL)
		return;
	for (i = 0; db->prepared != NULL && i < sql_block_count; i++) {
		struct prepared *p = &db->prepared[i];

		if (p->stmt != NULL)
			db->ops->finalize(p->stmt);
		mem_free(p->params);
		mem_free(p->cols);
	}
	if (db->conn != NULL)
		db->ops->close(db->conn);
	mem_free(db->prepared);
	mem_free(db->hooks);
	mem_free(db);
}

int64_t db_now_ms(const struct db *db)
{
	return db->now_ms;
}

bool db_leave_sealed(struct db *db, bool leave)
{
	bool before = db->leave_sealed;

	db->leave_sealed = leave;
	return before;
}

int64_t store_clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

enum err_code db_begin(struct db *db, bool write, struct err *err)
{
	enum err_code code = db_op(db, err);

	db->soft = false;
	db->leave_sealed = false;
	db->work_put = false;
	db->nhooks = 0;
	db->now_ms = store_clock_ms();
	if (code == ERR_OK)
		code = noted(db, db->ops->begin(db->conn, write, err));
	else if (code == ERR_BUSY)
		db->soft = true;
	db->write = code == ERR_OK && write;
	return code;
}

enum err_code db_savepoint(struct db *db, struct err *err)
{
	enum err_code code = db_op(db, err);

	return code == ERR_OK ? noted(db, db->ops->savepoint(db->conn, err)) : code;
}

enum err_code db_release(struct db *db, struct err *err)
{
	enum err_code code = db_op(db, err);

	return code == ERR_OK ? noted(db, db->ops->release(db->conn, err)) : code;
}

/* Ids reserved since the savepoint are given back with the counter; those reserved before are merely skipped. */
void db_rollback_to(struct db *db)
{
	db->id_next = db->id_end = 0;
	db->ops->rollback_to(db->conn);
}

enum err_code db_commit(struct db *db, struct err *err)
{
	enum err_code code = db_op(db, err);

	if (code == ERR_OK)
		code = noted(db, db->ops->commit(db->conn, err));
	if (code == ERR_OK)
		db->write = false;
	return code;
}

void db_rollback(struct db *db)
{
	db->id_next = db->id_end = 0;
	db->nhooks = 0;
	db->write = false;
	db->ops->rollback(db->conn);
}

/* ---- statements ---- */

/* The block for this engine, else the one for both. */
static const struct sql_block *find_block(const char *name, const char *engine)
{
	size_t lo = 0, hi = sql_block_count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcmp(sql_blocks[mid].name, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (hi = lo; strcmp(sql_blocks[hi].name, name) == 0; hi++)
		if (strcmp(sql_blocks[hi].engine, engine) == 0)
			return &sql_blocks[hi];
	return strcmp(sql_blocks[lo].name, name) == 0 && *sql_blocks[lo].engine == '\0' ? &sql_blocks[lo] : NULL;
}

static enum err_code statement(
	struct db *db, const char *name, const struct sql_block **block, struct prepared **out, struct err *err)
{
	const struct sql_block *b = find_block(name, db->ops->name);
	enum err_code code;
	size_t i;

	if (b == NULL)
		return err_set(err, ERR_BUG, "there is no SQL block %s for %s", name, db->ops->name);
	i = (size_t)(b - sql_blocks);
	if (db->prepared[i].stmt == NULL) {
		code = noted(db, db->ops->prepare(db->conn, b->text, &db->prepared[i].stmt, err));
		if (code != ERR_OK) {
			err_prefix(err, "%s", name);
			return code;
		}
	}
	*block = b;
	*out = &db->prepared[i];
	return ERR_OK;
}

/* A query on its way. tmp holds sealed values while they are bound. */
struct query {
	struct db *db;
	const struct sql_block *block;
	struct prepared *p;
	struct arena tmp;
};

static enum err_code query_begin(struct query *q, struct db *db, const char *name, const struct arg *args, size_t nargs,
	const struct rowmap *map, const void *row, struct err *err)
{
	enum err_code code;

	q->db = db;
	q->p = NULL;
	arena_init(&q->tmp, 0);
	code = statement(db, name, &q->block, &q->p, err);
	if (code == ERR_OK)
		code = row_bind(db, q->p, q->block, args, nargs, map, row, &q->tmp, err);
	return code;
}

static enum err_code query_step(struct query *q, bool *row, struct err *err)
{
	enum err_code code = db_op(q->db, err);

	return code == ERR_OK ? noted(q->db, q->db->ops->step(q->p->stmt, row, err)) : code;
}

static void query_end(struct query *q)
{
	if (q->p != NULL)
		q->db->ops->reset(q->p->stmt);
	arena_release(&q->tmp);
}

enum err_code db_get(struct db *db, const char *block, const struct arg *args, size_t nargs, const struct rowmap *map,
	struct arena *a, void *row, struct err *err)
{
	struct query q;
	bool there = false;
	enum err_code code = query_begin(&q, db, block, args, nargs, NULL, NULL, err);

	if (code == ERR_OK)
		code = query_step(&q, &there, err);
	if (code == ERR_OK && !there)
		code = err_set(err, ERR_NOT_FOUND, "there is no such row");
	if (code == ERR_OK) {
		memset(row, 0, map->size);
		code = row_read(db, q.p, map, a, row, err);
	}
	query_end(&q);
	return code;
}

enum err_code db_list(struct db *db, const char *block, const struct arg *args, size_t nargs, const struct rowmap *map,
	struct arena *a, void **rows, size_t *n, struct err *err)
{
	struct query q;
	size_t count = 0, cap = 0;
	void *v = NULL, *row;
	bool there;
	enum err_code code = query_begin(&q, db, block, args, nargs, NULL, NULL, err);

	while (code == ERR_OK && (code = query_step(&q, &there, err)) == ERR_OK && there) {
		row = arena_push(a, &v, &count, &cap, map->size);
		if (row == NULL)
			code = err_set(err, ERR_NOMEM, "no memory for a list of %s", map->table);
		else
			code = row_read(db, q.p, map, a, row, err);
	}
	query_end(&q);
	if (code == ERR_OK) {
		*rows = v;
		*n = count;
	}
	return code;
}

enum err_code db_int(
	struct db *db, const char *block, const struct arg *args, size_t nargs, int64_t *out, struct err *err)
{
	struct query q;
	bool there = false;
	enum err_code code = query_begin(&q, db, block, args, nargs, NULL, NULL, err);

	if (code == ERR_OK)
		code = query_step(&q, &there, err);
	if (code == ERR_OK && !there)
		code = err_set(err, ERR_NOT_FOUND, "there is no such row");
	if (code == ERR_OK)
		*out = db->ops->column_int(q.p->stmt, 0);
	query_end(&q);
	return code;
}

enum err_code db_run(struct db *db, const char *block, const struct arg *args, size_t nargs, const struct rowmap *map,
	const void *row, int64_t *n, struct err *err)
{
	struct query q;
	bool there = false;
	enum err_code code;

	if (!db->write)
		return err_set(err, ERR_BUG, "%s: a change outside a transaction; use store_write", block);
	code = query_begin(&q, db, block, args, nargs, map, row, err);
	if (code == ERR_OK)
		code = query_step(&q, &there, err);
	if (code == ERR_OK && n != NULL)
		*n = db->ops->changes(db->conn);
	query_end(&q);
	return code;
}

enum err_code db_change(struct db *db, const char *block, const struct arg *args, size_t nargs,
	const struct rowmap *map, const void *row, const char *missing, struct err *err)
{
	int64_t n = 0;
	enum err_code code = db_run(db, block, args, nargs, map, row, &n, err);

	return code == ERR_OK && n == 0 ? err_set(err, ERR_NOT_FOUND, "%s", missing) : code;
}

enum { ID_BLOCK = 64 };

/* A later number is greater than every earlier one, also where a whole run of them is taken. */
enum err_code db_ids(struct db *db, int64_t n, int64_t *first, struct err *err)
{
	enum err_code code;
	int64_t last;

	if (!db->write)
		return err_set(err, ERR_BUG, "an id is wanted outside a transaction; use store_write");
	code = db_int(db, "counter_add", ARGS(A_TEXT("name", "id"), A_INT("n", n)), &last, err);
	db->id_next = db->id_end = 0;
	if (code == ERR_OK)
		*first = last + 1 - n;
	return code;
}

/* Ids come from one counter row, a block at a time, so that an insert does not cost two writes. */
enum err_code db_id(struct db *db, int64_t *out, struct err *err)
{
	enum err_code code;
	int64_t first;

	if (db->id_next >= db->id_end) {
		code = db_ids(db, ID_BLOCK, &first, err);
		if (code != ERR_OK)
			return code;
		db->id_next = first;
		db->id_end = first + ID_BLOCK;
	}
	*out = db->id_next++;
	return ERR_OK;
}
