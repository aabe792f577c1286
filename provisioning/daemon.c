#include "provisioning/daemon.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "provisioning/api/api.h"
#include "provisioning/build_mark.h"
#include "provisioning/conf/log.h"
#include "provisioning/conf/role.h"
#include "provisioning/core.h"
#include "provisioning/http/forwarded.h"
#include "provisioning/listeners.h"
#include "provisioning/metrics.h"
#include "provisioning/outbox/outbox.h"
#include "provisioning/outbox/pool.h"
#include "provisioning/phones/phones.h"
#include "provisioning/registrar/events.h"
#include "provisioning/registrar/registrar.h"
#include "provisioning/reset/aliases.h"
#include "provisioning/reset/evidence.h"
#include "provisioning/reset/flip.h"
#include "provisioning/reset/kinds.h"
#include "provisioning/reset/post.h"
#include "provisioning/reset/sounds.h"
#include "provisioning/reset/overdue.h"
#include "provisioning/reset/tell.h"
#include "provisioning/sip/notify.h"
#include "provisioning/store/generation.h"
#include "provisioning/webhook/webhook.h"

struct daemon {
	const struct settings *settings;
	struct core core;
	struct secret registrar_key;
	struct pool *pool;
	struct registrar_events *events;
	struct webhooks *webhooks;
	struct outbox_kind kinds[RESET_KINDS_MAX + 2];
	struct outbox *outbox;
	pthread_mutex_t plane_lock; /* phones comes and goes while the outbox runs */
	struct phones *phones;
	struct api *api;
	struct metrics *metrics;
	struct http_trust phones_trust, admin_trust;
	struct http *phones_http, *admin_http;
	struct listeners listeners;
	struct edge_queue handshakes; /* of the phones' listener */
	size_t started;               /* rows of the table that run */
};

/* ---- the rows of the table ---- */

static enum err_code core_up(struct daemon *d, struct err *err)
{
	return core_open(&d->core, d->settings, err);
}

static void core_down(struct daemon *d)
{
	core_close(&d->core);
}

static enum err_code pool_up(struct daemon *d, struct err *err)
{
	return pool_open((unsigned)d->settings->workers, &d->pool, err);
}

static void pool_down(struct daemon *d)
{
	pool_close(d->pool);
}

static bool post_worker(void *workers, void (*fn)(void *arg), void *arg)
{
	return pool_post(workers, fn, arg);
}

struct mark {
	char text[BUILD_MARK_TEXT];
	bool changed;
};

static enum err_code mark_fn(struct txn *t, void *arg, struct err *err)
{
	struct mark *m = arg;

	return generation_build(t->db, m->text, &m->changed, err);
}

/* Other templates or profiles than last time: every phone's file may have changed, so every phone is behind. */
static enum err_code build_up(struct daemon *d, struct err *err)
{
	struct mark m = { .changed = false };
	enum err_code e = build_mark(d->settings->share, m.text, err);

	if (e == ERR_OK)
		e = store_write(d->core.store, mark_fn, &m, err);
	if (e == ERR_OK && m.changed)
		log_event(LOG_LEVEL_INFO, "build", "templates", "changed", "mark", m.text, NULL);
	return e;
}

static enum err_code registrar_up(struct daemon *d, struct err *err)
{
	struct registrar_conf conf = { .db_path = d->settings->registrar_db, .rpc_url = d->settings->registrar_rpc };
	enum err_code e;

	if (!core_has_registrar(d->settings))
		return ERR_OK;
	e = core_registrar_key(d->settings, &d->core.arena, &d->registrar_key, err);
	if (e)
		return e;
	conf.rpc_key = conf.notify_secret = d->registrar_key;
	conf.notify_user = d->settings->sip_user;
	conf.notify_realm = d->settings->sip_realm;
	return registrar_open(d->settings->registrar, &conf, NULL, &d->core.reset.registrar, err);
}

static void registrar_down(struct daemon *d)
{
	registrar_close(d->core.reset.registrar);
	d->core.reset.registrar = NULL;
}

static unsigned handshakes_waiting(void *arg)
{
	return edge_queue_length(arg);
}

static enum err_code sip_up(struct daemon *d, struct err *err)
{
	const struct settings *s = d->settings;
	const struct sipd_conf conf = {
		.local_address = s->sip_address,
		.local_port = (uint16_t)s->sip_port,
		.proxy = d->core.reset.conf.proxy,
		.proxy_user = s->sip_user,
		.proxy_secret = d->registrar_key,
		.tls_ca = *s->sip_tls_ca ? s->sip_tls_ca : NULL,
		.user_agent = "Rekey/" REKEY_VERSION,
		.t1_ms = (unsigned)s->sip_t1_ms,
		.rate = (unsigned)s->notify_per_second,
		.rate_source = (unsigned)s->notify_per_source,
		.pressure = handshakes_waiting,
		.pressure_arg = &d->handshakes,
		.bears = (unsigned)s->notify_slow_at,
	};

	return sipd_start(&conf, tell_result, &d->core.reset, &d->core.reset.sipd, err);
}

static void sip_down(struct daemon *d)
{
	sipd_stop(d->core.reset.sipd);
	d->core.reset.sipd = NULL;
}

/* The plane's index of who may pull is behind a change that another process made, or this one's outbox. */
static enum outbox_result logins_deliver(struct outbox_job *job, void *arg, struct err *err)
{
	struct daemon *d = arg;
	struct mac mac;

	(void)err;
	if (!mac_parse(slice_str(job->key), &mac))
		return OUTBOX_DONE;
	pthread_mutex_lock(&d->plane_lock);
	if (d->phones) /* else it is not up yet, and reads all there is when it is */
		phones_changed(d->phones, &mac);
	pthread_mutex_unlock(&d->plane_lock);
	return OUTBOX_DONE;
}

static enum err_code webhooks_up(struct daemon *d, struct err *err)
{
	const struct settings *s = d->settings;
	const struct webhooks_conf conf = {
		.store = d->core.store,
		.sender = { .plain = s->webhook_http,
			.private = s->webhook_private,
			.ca = *s->webhook_ca ? s->webhook_ca : NULL,
			.timeout_ms = (long)s->webhook_timeout_ms },
		.retry_ms = (unsigned)s->webhook_retry_ms,
		.days_ms = s->webhook_days * 24 * 3600 * 1000,
	};

	return webhooks_open(&conf, &d->webhooks, err);
}

static void webhooks_down(struct daemon *d)
{
	webhooks_close(d->webhooks);
	d->webhooks = NULL;
}

static enum err_code outbox_up(struct daemon *d, struct err *err)
{
	size_t n;
	enum err_code e;

	reset_kinds(&d->core.reset, d->kinds, &n);
	d->kinds[n++] = (struct outbox_kind){
		.name = "logins", .deliver = logins_deliver, .arg = d, .first_ms = 200, .cap_ms = 2000
	};
	d->kinds[n++] = webhooks_kind(d->webhooks);
	e = outbox_open(d->core.store, d->kinds, n, (unsigned)d->settings->workers, &d->outbox, err);

	if (e)
		return e;
	d->core.reset.outbox = d->outbox;
	webhooks_attach(d->webhooks, d->outbox);
	e = overdue_begin(&d->core.reset, err);
	return e ? e : outbox_start(d->outbox, err);
}

static void outbox_down(struct daemon *d)
{
	outbox_stop(d->outbox);
}

static void outbox_gone(struct daemon *d)
{
	d->core.reset.outbox = NULL;
	outbox_close(d->outbox);
}

/* Before the workers of the outbox are waited for: a slow mail server would hold them. */
static void mail_down(struct daemon *d)
{
	mail_stop(d->core.mail);
}

static enum err_code sweep_fn(struct txn *t, void *arg, struct err *err)
{
	(void)arg;
	return sounds_sweep(t->db, err);
}

/* On a worker, when it comes to it: a big spool must not hold the start up. */
static enum err_code sweep_up(struct daemon *d, struct err *err)
{
	return d->core.voicemail ? store_write(d->core.store, sweep_fn, NULL, err) : ERR_OK;
}

static enum err_code nothing_up(struct daemon *d, struct err *err)
{
	(void)d;
	(void)err;
	return ERR_OK;
}

static enum err_code events_up(struct daemon *d, struct err *err)
{
	const char *where = d->settings->registrar_events;
	const char *colon = strrchr(where, ':');
	char address[64];
	long port = colon ? strtol(colon + 1, NULL, 10) : 0;

	if (!core_has_registrar(d->settings))
		return ERR_OK;
	if (colon == NULL || (size_t)(colon - where) >= sizeof(address) || port < 0 || port > 65535)
		return err_set(err, ERR_INPUT, "[registrar] events is \"%s\"; it must be address:port", where);
	snprintf(address, sizeof(address), "%.*s", (int)(colon - where), where);
	return registrar_events_open(
		address, (uint16_t)port, d->registrar_key, evidence_registration, &d->core.reset, &d->events, err);
}

static void events_down(struct daemon *d)
{
	registrar_events_close(d->events);
	d->events = NULL;
}

/* The registrar may have lost its file, or may start later than this: what differs is mended, and a failure is not
 * fatal. */
static enum err_code compare_up(struct daemon *d, struct err *err)
{
	unsigned mended = 0;
	bool calls;
	struct err why = { 0 };
	char n[16];

	(void)err;
	if (!core_has_registrar(d->settings))
		return ERR_OK;
	if (flip_compare_all(&d->core.reset, &mended, &why) || aliases_compare_all(&d->core.reset, &calls, &why)) {
		log_event(LOG_LEVEL_WARN, "registrar-compare", "error", why.text, NULL);
		return ERR_OK;
	}
	snprintf(n, sizeof(n), "%u", mended);
	log_event(LOG_LEVEL_INFO, "registrar-compare", "mended", n, NULL);
	return ERR_OK;
}

static enum err_code trust(
	const char *section, const char *proxies, int64_t hops, struct http_trust *out, struct err *err)
{
	struct err why = { 0 };

	out->hops = (unsigned)hops;
	if (net_list_read(proxies, &out->proxies, &why))
		return err_set(err, ERR_INPUT, "[%s] trusted-proxies %s", section, why.text);
	return ERR_OK;
}

static enum err_code phones_up(struct daemon *d, struct err *err)
{
	const struct settings *s = d->settings;
	const struct phones_conf conf = {
		.store = d->core.store,
		.reset = &d->core.reset,
		.catalog = d->core.catalog,
		.renderer = d->core.renderer,
		.desk = &d->core.desk,
		.upload_bytes = (size_t)s->upload_bytes,
		.log_bytes = (size_t)s->log_bytes,
		.uploads_most = (unsigned)s->uploads,
		.uploads_each = (unsigned)s->uploads_each,
		.head_bytes = (size_t)s->head_bytes,
		.requests_max = (unsigned)s->requests_each,
		.post_worker = post_worker,
		.workers = d->pool,
		.cache_bytes = (size_t)d->settings->cache_mb * 1024 * 1024,
		.strangers = { .per_address = (unsigned)s->failures_per_address,
			.per_network = (unsigned)s->failures_per_network,
			.total = (unsigned)s->failures_total,
			.ban_ms = s->ban_seconds * 1000 },
	};
	struct http_conf plane = { .post_worker = post_worker, .workers = d->pool, .trust = &d->phones_trust };
	enum err_code e = trust("phones", s->phones_proxies, s->phones_proxy_hops, &d->phones_trust, err);

	if (e)
		return e;
	pthread_mutex_lock(&d->plane_lock);
	e = phones_open(&conf, &d->phones, err);
	pthread_mutex_unlock(&d->plane_lock);
	if (e)
		return e;
	phones_plane(d->phones, &plane);
	return http_open(&plane, &d->phones_http, err);
}

static void phones_down(struct daemon *d)
{
	struct phones *ph;

	pthread_mutex_lock(&d->plane_lock);
	ph = d->phones;
	d->phones = NULL;
	pthread_mutex_unlock(&d->plane_lock);
	http_close(d->phones_http);
	phones_close(ph);
	d->phones_http = NULL;
}

static void metrics(void *arg, struct buf *out)
{
	struct daemon *d = arg;
	const struct metrics_sources from = { .store = d->core.store,
		.outbox = d->outbox,
		.sipd = d->core.reset.sipd,
		.notify_per_second = (uint64_t)d->settings->notify_per_second,
		.notify_per_source = (uint64_t)d->settings->notify_per_source,
		.registrar = d->core.reset.registrar,
		.mail = d->core.reset.mail,
		.handshakes = &d->handshakes,
		.phones = d->phones,
		.pool = d->pool,
		.phones_edge = d->listeners.edges[LISTEN_PHONES],
		.old_edge = d->listeners.edges[LISTEN_OLD],
		.admin_edge = d->listeners.edges[LISTEN_ADMIN],
		.phones_http = d->phones_http,
		.admin_http = d->admin_http };

	metrics_write(d->metrics, &from, out);
}

static enum err_code metrics_up(struct daemon *d, struct err *err)
{
	return metrics_open(&d->metrics, err);
}

static void metrics_down(struct daemon *d)
{
	metrics_close(d->metrics);
	d->metrics = NULL;
}

static enum err_code admin_up(struct daemon *d, struct err *err)
{
	const struct api_conf conf = {
		.store = d->core.store,
		.reset = &d->core.reset,
		.catalog = d->core.catalog,
		.renderer = d->core.renderer,
		.desk = &d->core.desk,
		.phones_url = d->settings->phones_url,
		.token_hours = d->settings->token_hours,
		.realm = d->settings->realm,
		.webhooks = d->webhooks,
		.templates = d->core.templates,
		.session_idle_minutes = d->settings->session_idle_minutes,
		.session_hours = d->settings->session_hours,
		.changed = phones_changed,
		.domain_changed = phones_domain_changed,
		.changed_arg = d->phones,
		.metrics = metrics,
		.metrics_arg = d,
	};
	const struct settings *s = d->settings;
	struct http_conf plane = { .post_worker = post_worker, .workers = d->pool, .trust = &d->admin_trust };
	enum err_code e = trust("admin", s->admin_proxies, s->admin_proxy_hops, &d->admin_trust, err);

	if (e == ERR_OK)
		e = api_open(&conf, &d->api, err);
	if (e)
		return e;
	api_plane(d->api, &plane);
	return http_open(&plane, &d->admin_http, err);
}

static void admin_down(struct daemon *d)
{
	http_close(d->admin_http);
	api_close(d->api);
	d->admin_http = NULL;
	d->api = NULL;
}

static enum err_code listeners_up(struct daemon *d, struct err *err)
{
	const struct listeners_conf conf = { .settings = d->settings,
		.templates = d->core.templates,
		.phones = d->phones_http,
		.admin = d->admin_http,
		.queue = &d->handshakes };

	return listeners_open(&d->listeners, &conf, err);
}

static void listeners_down(struct daemon *d)
{
	listeners_close(&d->listeners);
}

/* In this order up, backwards down. A row whose start failed is taken down too: every down bears a part that is not
 * there. */
static const struct part {
	const char *name;
	enum err_code (*up)(struct daemon *d, struct err *err);
	void (*down)(struct daemon *d);
} parts[] = {
	{ "core", core_up, core_down },
	{ "build", build_up, NULL },
	{ "registrar", registrar_up, registrar_down },
	{ "voicemail sweep", sweep_up, NULL },
	{ "outbox rows", nothing_up, outbox_gone },
	{ "sip", sip_up, sip_down },
	{ "webhooks", webhooks_up, webhooks_down },
	{ "registrar compare", compare_up, NULL },
	{ "outbox", outbox_up, outbox_down },
	{ "mail", nothing_up, mail_down },
	{ "workers", pool_up, NULL },
	{ "registrar events", events_up, events_down },
	{ "phone plane", phones_up, phones_down },
	{ "metrics", metrics_up, metrics_down },
	{ "admin plane", admin_up, admin_down },
	{ "workers end", nothing_up, pool_down }, /* after the listeners, before what their requests work on */
	{ "listeners", listeners_up, listeners_down },
};
enum { PARTS = sizeof(parts) / sizeof(parts[0]) };

enum err_code daemon_start(const struct settings *settings, struct daemon **out, struct err *err)
{
	struct daemon *d = mem_zalloc(sizeof(*d));
	enum err_code e = ERR_OK;

	if (d == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	d->settings = settings;
	pthread_mutex_init(&d->plane_lock, NULL);
	while (e == ERR_OK && d->started < PARTS) {
		e = parts[d->started].up(d, err);
		d->started++;
	}
	if (e) {
		daemon_stop(d);
		return e;
	}
	*out = d;
	return ERR_OK;
}

void daemon_stop(struct daemon *d)
{
	if (d == NULL)
		return;
	while (d->started > 0) {
		d->started--;
		if (parts[d->started].down)
			parts[d->started].down(d);
	}
	pthread_mutex_destroy(&d->plane_lock);
	mem_free(d);
}

void daemon_reload(struct daemon *d)
{
	listeners_reload(&d->listeners);
}

void daemon_tick(struct daemon *d)
{
	listeners_tick(&d->listeners);
}

uint16_t daemon_phones_port(const struct daemon *d)
{
	return edge_port(d->listeners.edges[LISTEN_PHONES]);
}

uint16_t daemon_admin_port(const struct daemon *d)
{
	return edge_port(d->listeners.edges[LISTEN_ADMIN]);
}
