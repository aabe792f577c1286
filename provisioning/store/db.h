/* The inside of the store: one connection, named statements, and rows described by tables. For the verbs alone.
 *
 * A verb is a block of SQL and, where rows go in or come out, a struct rowmap. Parameters and columns find their member
 * by word, so a column is added in a migration, in the struct and in its map, and nowhere else. */
#ifndef PROVISIONING_STORE_DB_H
#define PROVISIONING_STORE_DB_H

#include "phonecfg/base/secret.h"
#include "phonecfg/base/slice.h"
#include "provisioning/store/ops.h"
#include "provisioning/store/seal.h"
#include "provisioning/store/store.h"

/* ---- rows ---- */

enum col_kind {
	COL_INT,    /* int64_t */
	COL_REF,    /* int64_t, 0 <-> NULL */
	COL_BOOL,   /* bool */
	COL_TEXT,   /* const char *, NULL -> "" */
	COL_WORD,   /* an enum, stored as its word */
	COL_MAC,    /* struct mac, stored as 12 digits */
	COL_SECRET, /* struct secret, sealed; none <-> NULL */
	COL_SEALED  /* struct slice, sealed; p NULL <-> NULL */
};

/* The word of an enum value, NULL beyond the last. */
typedef const char *col_word_fn(unsigned value);

struct col {
	const char *name;
	enum col_kind kind;
	size_t at; /* offset in the row */
	col_word_fn *word;
};

struct rowmap {
	const char *table; /* part of what a sealed value is bound to */
	size_t size;
	const struct col *cols;
	size_t ncols;
	size_t nkey; /* the first nkey columns name the row for ever: the other part */
};

#define COL(type, kind, member)                                                                                        \
	{                                                                                                              \
#member, kind, offsetof(struct type, member), NULL                                                     \
	}
#define COL_AS(type, kind, member, column)                                                                             \
	{                                                                                                              \
		column, kind, offsetof(struct type, member), NULL                                                      \
	}
#define COL_ENUM(type, member, fn)                                                                                     \
	{                                                                                                              \
#member, COL_WORD, offsetof(struct type, member), fn                                                   \
	}
#define ROWMAP(type, table_, cols_, nkey_)                                                                             \
	{                                                                                                              \
		.table = table_, .size = sizeof(struct type), .cols = cols_,                                           \
		.ncols = sizeof(cols_) / sizeof((cols_)[0]), .nkey = nkey_                                             \
	}

/* ---- arguments beside a row ---- */

enum arg_kind { ARG_INT, ARG_TEXT, ARG_BLOB };

struct arg {
	const char *name;
	enum arg_kind kind;
	int64_t i;
	struct slice s;
};

#define A_INT(n, v) ((struct arg){ .name = (n), .kind = ARG_INT, .i = (v) })
#define A_TEXT(n, v) ((struct arg){ .name = (n), .kind = ARG_TEXT, .s = slice_str(v) })
#define A_SLICE(n, v) ((struct arg){ .name = (n), .kind = ARG_TEXT, .s = (v) })
#define A_BLOB(n, v) ((struct arg){ .name = (n), .kind = ARG_BLOB, .s = (v) })
#define A_PAGE(page) A_INT("start", (page).start), A_INT("limit", (page).limit > 0 ? (page).limit : INT64_MAX)
/* A token as its table keeps it. */
struct hashed {
	uint8_t bytes[TOKEN_HASH];
};
#define A_HASH(n, h) A_BLOB(n, ((struct slice){ (const char *)(h).bytes, TOKEN_HASH }))
struct hashed token_hashed(struct slice token);
/* A new random token and its hash. */
enum err_code token_make(struct arena *a, struct secret *token, struct hashed *hash, struct err *err);

/* Two arguments at once: the array and its length. */
#define ARGS(...) (const struct arg[]){ __VA_ARGS__ }, sizeof((const struct arg[]){ __VA_ARGS__ }) / sizeof(struct arg)
#define NO_ARGS NULL, 0

/* ---- statements ---- */

/* One row into *row. ERR_NOT_FOUND when there is none. */
enum err_code db_get(struct db *db, const char *block, const struct arg *args, size_t nargs, const struct rowmap *map,
	struct arena *a, void *row, struct err *err);
/* All rows as an array in the arena. */
enum err_code db_list(struct db *db, const char *block, const struct arg *args, size_t nargs, const struct rowmap *map,
	struct arena *a, void **rows, size_t *n, struct err *err);
/* The first column of the first row. ERR_NOT_FOUND when there is none. */
enum err_code db_int(
	struct db *db, const char *block, const struct arg *args, size_t nargs, int64_t *out, struct err *err);
/* A change. map and row may be NULL; *n (may be NULL): rows changed. */
enum err_code db_run(struct db *db, const char *block, const struct arg *args, size_t nargs, const struct rowmap *map,
	const void *row, int64_t *n, struct err *err);
/* As db_run, ERR_NOT_FOUND with this sentence when no row was changed. */
enum err_code db_change(struct db *db, const char *block, const struct arg *args, size_t nargs,
	const struct rowmap *map, const void *row, const char *missing, struct err *err);

/* A new id. */
enum err_code db_id(struct db *db, int64_t *out, struct err *err);
/* n of them that follow one another; *first is the first. */
enum err_code db_ids(struct db *db, int64_t n, int64_t *first, struct err *err);
/* Replaces the sentence when code is which. Returns code. */
enum err_code err_say(enum err_code code, enum err_code which, struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* ---- the connection ---- */

struct hook {
	txn_hook_fn *fn;
	void *arg;
};

/* A prepared block, and where its parameters and columns stand in the one rowmap that it is used with. */
struct prepared {
	struct stmt *stmt;
	const struct rowmap *bound, *read; /* the maps that were looked up; NULL = not yet */
	const struct col **params, **cols; /* by parameter and by column; NULL = none of the map's */
};

struct db {
	bool leave_sealed; /* store.h: db_leave_sealed() */
	const struct store_ops *ops;
	struct conn *conn;
	struct store *st;
	const struct sealer *sealer;
	struct prepared *prepared; /* by block */
	bool write;                /* in a writing transaction */
	bool soft;                 /* an operation of this transaction failed softly */
	bool quiet, loud;          /* the piece of work that runs, the transaction: see txn_quiet() */
	bool work_put;             /* outbox rows were added: wake its workers after the commit */
	int64_t now_ms;
	int64_t id_next, id_end; /* ids reserved by this connection */
	struct hook *hooks;
	size_t nhooks, hooks_cap;
};

enum err_code db_open(const struct store_ops *ops, const char *path, enum conn_mode mode, const struct sealer *sealer,
	struct store *st, struct db **out, struct err *err);
void db_close(struct db *db);

/* The frame of a transaction, counted and failed on demand; see store_fail_from. */
enum err_code db_begin(struct db *db, bool write, struct err *err);
enum err_code db_savepoint(struct db *db, struct err *err);
enum err_code db_release(struct db *db, struct err *err);
void db_rollback_to(struct db *db);
enum err_code db_commit(struct db *db, struct err *err);
void db_rollback(struct db *db);

/* Brings the tables to the newest version; the connection must be a writing one. */
/* create: a file without any table is a new database; without it, it is an error. */
enum err_code db_migrate(struct db *db, bool create, struct err *err);

/* The one listener for new outbox rows; called on the writer thread after a commit that put some. */
void store_on_work(struct store *st, void (*fn)(void *), void *arg);

/* Has this thread to fail the operation that it is about to do? */
enum err_code db_op(struct db *db, struct err *err);

#endif
