/* The seam between the store and a database engine.
 *
 * One connection is used by one thread at a time. Results are classes of enum err_code: ERR_OK; ERR_CONFLICT (a unique
 * or foreign key stands against it); ERR_BUSY (soft: the same transaction may succeed when repeated); ERR_NOMEM;
 * anything else is hard. Sentences never hold values. */
#ifndef PROVISIONING_STORE_OPS_H
#define PROVISIONING_STORE_OPS_H

#include <stdbool.h>
#include <stdint.h>

#include "phonecfg/base/err.h"
#include "phonecfg/base/slice.h"

struct conn;
struct stmt;

enum conn_mode { CONN_READ, CONN_WRITE, CONN_CREATE };

struct store_ops {
	const char *name;     /* as in `-- engine: name` */
	const char *key_type; /* what @KEY@ stands for */

	enum err_code (*open)(const char *path, enum conn_mode mode, struct conn **out, struct err *err);
	void (*close)(struct conn *c); /* all statements finalized before */

	/* Several statements without parameters: migrations. */
	enum err_code (*exec)(struct conn *c, const char *text, struct err *err);

	enum err_code (*prepare)(struct conn *c, const char *text, struct stmt **out, struct err *err);
	void (*finalize)(struct stmt *s);
	/* Parameter $n. Bytes must live until reset. */
	enum err_code (*bind_int)(struct stmt *s, unsigned n, int64_t v);
	enum err_code (*bind_text)(struct stmt *s, unsigned n, struct slice v);
	enum err_code (*bind_blob)(struct stmt *s, unsigned n, struct slice v);
	enum err_code (*bind_null)(struct stmt *s, unsigned n);
	/* ERR_OK with *row = is there one. */
	enum err_code (*step)(struct stmt *s, bool *row, struct err *err);
	void (*reset)(struct stmt *s); /* forgets the bound values too */
	unsigned (*columns)(struct stmt *s);
	const char *(*column_name)(struct stmt *s, unsigned i);
	bool (*column_null)(struct stmt *s, unsigned i);
	int64_t (*column_int)(struct stmt *s, unsigned i);
	/* Text or bytes; good until the next step. */
	struct slice (*column_bytes)(struct stmt *s, unsigned i);
	int64_t (*changes)(struct conn *c); /* rows of the last statement */
	int64_t (*changed)(struct conn *c); /* rows of all statements so far */

	enum err_code (*begin)(struct conn *c, bool write, struct err *err);
	enum err_code (*savepoint)(struct conn *c, struct err *err); /* nests */
	enum err_code (*release)(struct conn *c, struct err *err);
	void (*rollback_to)(struct conn *c); /* the innermost savepoint, and ends it */
	enum err_code (*commit)(struct conn *c, struct err *err);
	void (*rollback)(struct conn *c);
	bool (*in_transaction)(struct conn *c); /* false after the engine gave the transaction up by itself */

	/* A word of shared memory that changes with every commit of any process, good until close; NULL = there is
	 * none. */
	const uint32_t *(*commits)(struct conn *c);
	/* *out is another number when somebody else has committed since the last call on this connection. */
	enum err_code (*others)(struct conn *c, int64_t *out, struct err *err);

	/* See store.h. One try; ERR_BUSY when readers are in the way. */
	enum err_code (*checkpoint)(struct conn *c, struct err *err);
	enum err_code (*backup)(struct conn *c, const char *to, struct err *err);
};

extern const struct store_ops sqlite_ops;

#endif
