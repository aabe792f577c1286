#include "provisioning/store/store.h"

#include <stdio.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "provisioning/store/device.h"
#include "provisioning/store/inside.h"

/* With the key file of another database every phone would be refused, one by one; better said at once. What else may be
 * wrong with one row is no matter here. */
static enum err_code check_key(struct store *st, const char *key_file, struct err *err)
{
	struct device_row row;
	struct arena a;
	struct err why = { 0 };
	enum err_code code;

	arena_init(&a, 0);
	code = device_newest(st->db, &a, &row, &why);
	arena_release(&a);
	if (code != ERR_CONFLICT)
		return ERR_OK;
	return err_set(
		err, ERR_INPUT, "the key file %s does not fit the database %s: %s", key_file, st->path, why.text);
}

static enum err_code open_parts(struct store *st, const struct store_conf *conf, struct err *err)
{
	enum err_code code = keyfile_load(conf->key_file, &st->sealer, err);

	st->path = mem_strdup(conf->path);
	if (code == ERR_OK && st->path == NULL)
		code = err_set(err, ERR_NOMEM, "no memory to open the database %s", conf->path);
	if (code == ERR_OK)
		code = db_open(
			st->ops, conf->path, conf->create ? CONN_CREATE : CONN_WRITE, st->sealer, st, &st->db, err);
	if (code != ERR_OK)
		return code;
	code = db_migrate(st->db, conf->create, err);
	if (code != ERR_OK)
		err_prefix(err, "%s", conf->path);
	if (code == ERR_OK)
		code = check_key(st, conf->key_file, err);
	if (code == ERR_OK)
		mark_open(st);
	return code == ERR_OK ? writer_start(st, err) : code;
}

enum err_code store_open(const struct store_conf *conf, struct store **out, struct err *err)
{
	struct store *st = mem_zalloc(sizeof(*st));
	enum err_code code;

	if (st == NULL)
		return err_set(err, ERR_NOMEM, "no memory to open the database %s", conf->path);
	st->ops = &sqlite_ops;
	st->group_max = conf->group_max && conf->group_max < GROUP_MAX ? conf->group_max : GROUP_MAX;
	st->group_ms = conf->group_ms ? conf->group_ms : 50;
	st->idle_ms = conf->idle_ms ? conf->idle_ms : 5000;
	st->readers_max = conf->readers_max ? conf->readers_max : 64;
	pthread_mutex_init(&st->lock, NULL);
	pthread_cond_init(&st->queued, NULL);
	pthread_mutex_init(&st->readers_lock, NULL);
	code = open_parts(st, conf, err);
	if (code == ERR_OK)
		*out = st;
	else
		store_close(st);
	return code;
}

void store_close(struct store *st)
{
	size_t i;

	if (st == NULL)
		return;
	writer_stop(st);
	for (i = 0; i < st->nidle; i++)
		db_close(st->idle[i]);
	mem_free(st->idle);
	db_close(st->db);
	sealer_free(st->sealer);
	pthread_mutex_destroy(&st->readers_lock);
	pthread_cond_destroy(&st->queued);
	pthread_mutex_destroy(&st->lock);
	mem_free(st->path);
	mem_free(st);
}

/* ---- reading ---- */

/* An idle connection, or NULL with the right to open a new one. */
static enum err_code reader_take(struct store *st, struct db **out, struct err *err)
{
	enum err_code code = ERR_OK;

	*out = NULL;
	pthread_mutex_lock(&st->readers_lock);
	if (st->idle == NULL)
		st->idle = mem_zalloc(sizeof(struct db *) * st->readers_max);
	if (st->idle == NULL)
		code = err_set(err, ERR_NOMEM, "no memory to read the database");
	else if (st->nidle > 0)
		*out = st->idle[--st->nidle];
	else if (st->nreaders < st->readers_max)
		st->nreaders++;
	else
		code = err_set(err, ERR_BUSY, "all %u readers of the database are in use; try again", st->readers_max);
	pthread_mutex_unlock(&st->readers_lock);
	return code;
}

static void reader_put(struct store *st, struct db *db)
{
	pthread_mutex_lock(&st->readers_lock);
	if (db != NULL)
		st->idle[st->nidle++] = db;
	else
		st->nreaders--;
	pthread_mutex_unlock(&st->readers_lock);
}

enum err_code store_snap(struct store *st, struct snap *out, struct err *err)
{
	struct db *db = NULL;
	int64_t pin;
	enum err_code code = reader_take(st, &db, err);

	out->db = NULL;
	out->st = st;
	if (code != ERR_OK)
		return code;
	if (db == NULL)
		code = db_open(st->ops, st->path, CONN_READ, st->sealer, st, &db, err);
	if (code == ERR_OK)
		code = db_begin(db, false, err);
	if (code == ERR_OK)
		code = db_int(db, "snap_pin", NO_ARGS, &pin, err);
	if (code == ERR_OK) {
		out->db = db;
		return ERR_OK;
	}
	if (db != NULL)
		db_rollback(db);
	reader_put(st, db);
	return code;
}

void snap_end(struct snap *s)
{
	if (s->db == NULL)
		return;
	db_rollback(s->db);
	reader_put(s->st, s->db);
	s->db = NULL;
}

/* ---- care ---- */

void store_on_work(struct store *st, void (*fn)(void *), void *arg)
{
	pthread_mutex_lock(&st->lock);
	st->work_fn = fn;
	st->work_arg = arg;
	pthread_mutex_unlock(&st->lock);
}

enum err_code store_backup(struct store *st, const char *to, struct err *err)
{
	struct snap s;
	enum err_code code = store_snap(st, &s, err);

	if (code != ERR_OK)
		return code;
	db_rollback(s.db); /* the copy begins its own */
	code = s.db->ops->backup(s.db->conn, to, err);
	snap_end(&s);
	return code;
}
