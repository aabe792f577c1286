/* The SQL that embed.sh put into the program. */
#ifndef PROVISIONING_STORE_SQL_TEXT_H
#define PROVISIONING_STORE_SQL_TEXT_H

#include <stddef.h>

struct sql_block {
	const char *name, *engine; /* engine "" = both */
	const char *text;          /* parameters $1, $2, … */
	const char *const *params; /* the words behind them */
	size_t nparams;
};

struct sql_migration {
	int version;
	const char *name, *text; /* @KEY@ still in it */
};

/* Ordered by name, then engine; both end with an empty one. */
extern const struct sql_block sql_blocks[];
extern const size_t sql_block_count;
extern const struct sql_migration sql_migrations[]; /* ordered by version */
extern const size_t sql_migration_count;

#endif
