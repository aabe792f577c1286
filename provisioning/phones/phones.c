#include "provisioning/phones/phones.h"

#include <string.h>

#include "phonecfg/base/mem.h"
#include "provisioning/conf/clock.h"
#include "provisioning/phones/local.h"
#include "provisioning/reset/pair.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/seal.h"

enum {
	UPLOAD_BYTES = 1024 * 1024,
	LOG_BYTES = 512 * 1024,
	UPLOADS = 32,
	UPLOADS_OF_ONE = 2,
	CACHE_BYTES = 128 * 1024 * 1024,
	UNCLAIMED = 1000
};

static const struct route routes[PHONES_ROUTES] = {
	{ HTTP_GET, "/cfg/{file}", phones_get_fn, ON_EDGE, FORM_OWN, 0, 0 },
	{ HTTP_PUT, "/cfg/{file}", phones_put_fn, WORKER, FORM_OWN, 0, 0 },
	{ HTTP_POST, "/cfg/{file}", phones_put_fn, WORKER, FORM_OWN, 0, 0 },
	{ HTTP_GET, "/cfg/{token}/{file}", phones_get_fn, ON_EDGE, FORM_TOKEN, 0, 0 },
	{ HTTP_PUT, "/cfg/{token}/{file}", phones_put_fn, WORKER, FORM_TOKEN, 0, 0 },
	{ HTTP_POST, "/cfg/{token}/{file}", phones_put_fn, WORKER, FORM_TOKEN, 0, 0 },
	{ HTTP_GET, "/soft/{token}", phones_soft_fn, WORKER, FORM_SOFT, 0, 0 },
};

static void make_login(const struct phones *ph, const struct phone_row *row, struct login *out)
{
	login_make(ph->logins, &row->mac, row->id, &row->prov_password, &row->prov_password_previous,
		row->prov_password_seen_ms != 0, out);
	out->domain_id = row->domain_id;
	out->ways = pair_ways(ph->conf.reset, row->ways_off);
	out->profile = catalog_find(ph->conf.catalog, row->model);
	out->pair_until_ms = row->pair_until_ms;
	out->paired = row->paired_ms != 0;
	out->given = row->given != 0;
}

enum { INDEX_AT_ONCE = 1000 };

/* One piece of the phones by id; *after goes on to its last one. */
static enum err_code index_some(struct phones *ph, struct db *db, int64_t *after, size_t *n, struct err *err)
{
	struct arena a;
	struct phone_row *rows = NULL;
	struct login login;
	size_t i;
	enum err_code e;

	arena_init(&a, 0);
	e = phone_list_logins(db, *after, INDEX_AT_ONCE, &a, &rows, n, err);
	for (i = 0; e == ERR_OK && i < *n; i++) {
		make_login(ph, &rows[i], &login);
		e = logins_put(ph->logins, &login, err);
		*after = rows[i].id;
	}
	explicit_bzero(&login, sizeof(login));
	arena_release(&a);
	return e;
}

static enum err_code index_all(struct phones *ph, struct err *err)
{
	struct snap snap;
	int64_t after = 0;
	size_t n = INDEX_AT_ONCE;
	enum err_code e = store_snap(ph->conf.store, &snap, err);

	if (e)
		return e;
	while (e == ERR_OK && n == INDEX_AT_ONCE)
		e = index_some(ph, snap.db, &after, &n, err);
	snap_end(&snap);
	return e;
}

static size_t or_default(size_t v, size_t d)
{
	return v ? v : d;
}

/* The table of routes with this server's limit for bodies. */
static void set_limits(struct phones *ph)
{
	struct phones_conf *c = &ph->conf;
	size_t i;

	c->upload_bytes = or_default(c->upload_bytes, UPLOAD_BYTES);
	c->log_bytes = or_default(c->log_bytes, LOG_BYTES);
	c->uploads_most = (unsigned)or_default(c->uploads_most, UPLOADS);
	c->uploads_each = (unsigned)or_default(c->uploads_each, UPLOADS_OF_ONE);
	memcpy(ph->routes, routes, sizeof(routes));
	for (i = 0; i < PHONES_ROUTES; i++)
		if (ph->routes[i].handler == phones_put_fn)
			ph->routes[i].body_max = c->upload_bytes;
	ph->mount = (struct mount){ "", ph->routes, PHONES_ROUTES };
}

static enum err_code set_up(struct phones *ph, const struct phones_conf *conf, struct err *err)
{
	enum err_code e = ERR_OK;

	ph->conf = *conf;
	ph->realm = mem_strdup(conf->realm ? conf->realm : "rekey");
	ph->logins = ph->realm ? logins_new(ph->realm) : NULL;
	ph->cache = cache_new(conf->cache_bytes ? conf->cache_bytes : CACHE_BYTES);
	ph->notes = notes_new(conf->store, ph->logins, UNCLAIMED, phones_changed, ph);
	ph->strangers = strangers_new(&conf->strangers);
	ph->ready = ready_new();
	if (ph->logins == NULL || ph->cache == NULL || ph->notes == NULL || ph->strangers == NULL || ph->ready == NULL)
		return err_set(err, ERR_NOMEM, "out of memory for the phone plane");
	set_limits(ph);
	ph->running = uploads_new(ph->conf.uploads_most, ph->conf.uploads_each);
	if (ph->running == NULL)
		return err_set(err, ERR_NOMEM, "out of memory for the phone plane");
	ph->digest.realm = ph->realm;
	ph->digest.listener = "phones";
	e = random_bytes(ph->digest.key, DIGEST_KEY, err);
	return e ? e : index_all(ph, err);
}

enum err_code phones_open(const struct phones_conf *conf, struct phones **out, struct err *err)
{
	struct phones *ph = mem_zalloc(sizeof(*ph));
	enum err_code e;

	if (ph == NULL)
		return err_set(err, ERR_NOMEM, "out of memory for the phone plane");
	pthread_mutex_init(&ph->lock, NULL);
	pthread_mutex_init(&ph->index_lock, NULL);
	pthread_cond_init(&ph->idle, NULL);
	e = set_up(ph, conf, err);
	if (e) {
		phones_close(ph);
		return e;
	}
	*out = ph;
	return ERR_OK;
}

void phones_close(struct phones *ph)
{
	if (ph == NULL)
		return;
	pthread_mutex_lock(&ph->lock);
	while (ph->posted)
		pthread_cond_wait(&ph->idle, &ph->lock);
	pthread_mutex_unlock(&ph->lock);
	strangers_free(ph->strangers);
	notes_free(ph->notes);
	pthread_cond_destroy(&ph->idle);
	pthread_mutex_destroy(&ph->lock);
	pthread_mutex_destroy(&ph->index_lock);
	uploads_free(ph->running);
	cache_free(ph->cache);
	ready_free(ph->ready);
	logins_free(ph->logins);
	mem_free(ph->realm);
	explicit_bzero(ph, sizeof(*ph));
	mem_free(ph);
}

bool phones_post(struct phones *ph, void (*fn)(void *arg), void *arg)
{
	pthread_mutex_lock(&ph->lock);
	ph->posted++;
	pthread_mutex_unlock(&ph->lock);
	if (ph->conf.post_worker(ph->conf.workers, fn, arg))
		return true;
	phones_done(ph);
	return false;
}

void phones_done(struct phones *ph)
{
	pthread_mutex_lock(&ph->lock);
	if (--ph->posted == 0)
		pthread_cond_broadcast(&ph->idle);
	pthread_mutex_unlock(&ph->lock);
}

void phones_plane(struct phones *ph, struct http_conf *out)
{
	out->name = "phones";
	out->mounts = &ph->mount;
	out->nmounts = 1;
	out->head_max = ph->conf.head_bytes;
	out->requests_max = ph->conf.requests_max;
	out->auth = phones_auth;
	out->ctx = ph;
	out->plain = true;
}

void phones_changed(void *phones, const struct mac *mac)
{
	struct phones *ph = phones;
	struct arena a;
	struct phone_row row;
	struct snap snap;
	struct login login;
	enum err_code e;

	/* Whoever comes later has seen what is newer. */
	pthread_mutex_lock(&ph->index_lock);
	if (store_snap(ph->conf.store, &snap, NULL)) {
		pthread_mutex_unlock(&ph->index_lock);
		return;
	}
	arena_init(&a, 0);
	e = phone_load(snap.db, mac, &a, &row, NULL);
	if (e == ERR_OK) {
		make_login(ph, &row, &login);
		logins_put(ph->logins, &login, NULL);
		explicit_bzero(&login, sizeof(login));
	} else if (e == ERR_NOT_FOUND) {
		logins_remove(ph->logins, mac);
	}
	snap_end(&snap);
	pthread_mutex_unlock(&ph->index_lock);
	arena_release(&a);
}

void phones_domain_changed(void *phones, int64_t domain_id)
{
	struct phones *ph = phones;
	struct arena a;
	struct domain_row row;
	struct snap snap;

	pthread_mutex_lock(&ph->index_lock);
	if (store_snap(ph->conf.store, &snap, NULL)) {
		pthread_mutex_unlock(&ph->index_lock);
		return;
	}
	arena_init(&a, 0);
	if (domain_load(snap.db, domain_id, &a, &row, NULL) == ERR_OK)
		logins_set_ways(ph->logins, domain_id, pair_ways(ph->conf.reset, row.ways_off));
	snap_end(&snap);
	pthread_mutex_unlock(&ph->index_lock);
	arena_release(&a);
}

void phones_stats(struct phones *ph, struct phones_stats *out)
{
	struct cache_counts cache;

	cache_counts(ph->cache, &cache);
	*out = (struct phones_stats){ .pulls = atomic_load(&ph->pulls),
		.not_modified = atomic_load(&ph->not_modified),
		.refused = atomic_load(&ph->refused),
		.uploads = atomic_load(&ph->uploads),
		.uploads_dropped = atomic_load(&ph->uploads_dropped),
		.pairings = atomic_load(&ph->pairings),
		.cache_hits = cache.hits,
		.cache_misses = cache.misses,
		.cache_bytes = cache.bytes,
		.known = logins_count(ph->logins) };
	strangers_stats(ph->strangers, clock_steady_ms(), &out->strangers);
}
