/* One number for "nothing has changed": counted up by each commit of this process that may matter, and by whoever first
 * sees that another process has committed.
 *
 * `commits` is shared memory that every commit of any process changes; `announced` is its value up to which all is
 * counted. Where they differ, there is a commit that is not: another process's, or one of ours on its way here. Of a
 * quiet one of ours that would be said in vain, so its value is `expected` as long as nobody else can commit. */
#include "provisioning/store/inside.h"

void mark_open(struct store *st)
{
	if (st->ops->others(st->db->conn, &st->others, NULL) != ERR_OK)
		return;
	st->commits = st->ops->commits(st->db->conn);
	atomic_store(&st->mark, 1);
}

static uint32_t commits(const struct store *st)
{
	return __atomic_load_n(st->commits, __ATOMIC_SEQ_CST);
}

/* Nobody else can commit from here on; what they did before is counted first, or our own would be expected in its
 * place. */
void mark_begin(struct store *st)
{
	(void)store_mark(st);
	st->changed = st->ops->changed(st->db->conn);
}

/* One that changed no row would not count in `commits`, and the next one of somebody else would pass for it. */
void mark_expect(struct store *st)
{
	if (st->commits && st->ops->changed(st->db->conn) != st->changed)
		atomic_store(&st->expected, commits(st) + 1);
}

void mark_unexpect(struct store *st)
{
	atomic_store(&st->expected, atomic_load(&st->announced));
}

/* After a commit and before anybody hears of it. Only what the engine says is our own is announced as counted: the
 * value was read before it was asked. */
void mark_commit(struct store *st, bool quiet)
{
	int64_t others;
	uint32_t now;

	if (st->commits == NULL)
		return;
	now = commits(st);
	if (st->ops->others(st->db->conn, &others, NULL) != ERR_OK)
		others = st->others + 1;
	if (!quiet || others != st->others)
		atomic_fetch_add(&st->mark, 1);
	st->others = others;
	atomic_store(&st->announced, now);
	atomic_store(&st->expected, now);
}

uint64_t store_mark(struct store *st)
{
	uint32_t now, announced;

	if (st->commits == NULL)
		return 0;
	announced = atomic_load(&st->announced);
	now = commits(st);
	if (now != announced && now != atomic_load(&st->expected)) {
		atomic_fetch_add(&st->mark, 1);
		atomic_compare_exchange_strong(&st->announced, &announced, now);
	}
	return atomic_load(&st->mark);
}

void txn_quiet(struct txn *t)
{
	t->db->quiet = true;
}
