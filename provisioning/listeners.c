#include "provisioning/listeners.h"

#include <string.h>
#include <unistd.h>

#include "phonecfg/vendor/vendor.h"
#include "provisioning/conf/log.h"
#include "provisioning/edge/plain.h"
#include "provisioning/phones/bootstrap.h"

enum { STOP_DEADLINE_MS = 5000, ADMIN_CONNECTIONS = 200, OLD_SHARE = 4 };

/* Of those that edge_room() gives out, three descriptors each. */
enum { PLAIN_PLACES = PLAIN_CONNECTIONS / 3 + 1 };

/* An empty name of a file means that there is none. */
static const char *or_none(const char *path)
{
	return *path ? path : NULL;
}

static struct edge_conf phones_conf(const struct settings *s, unsigned room, struct edge_queue *queue)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	return (struct edge_conf){
		.address = s->phones_address,
		.port = (uint16_t)s->phones_port,
		.rsa = { or_none(s->phones_cert), or_none(s->phones_key), s->phones_ocsp, false },
		.ecdsa = { or_none(s->phones_ecdsa_cert), or_none(s->phones_ecdsa_key), s->phones_ecdsa_ocsp, false },
		.ticket_ms = s->ticket_key_hours * 3600 * 1000,
		.client_ca = { [VENDOR_YEALINK] = or_none(s->phones_yealink_ca),
			[VENDOR_POLYCOM] = or_none(s->phones_polycom_ca),
			[VENDOR_GRANDSTREAM] = or_none(s->phones_grandstream_ca) },
		.threads = s->phones_threads ? (unsigned)s->phones_threads
			   : cores > 0       ? (unsigned)cores
					     : 1,
		.connections_max = s->connections && s->connections < room ? (unsigned)s->connections : room,
		.connections_each = (unsigned)s->connections_each,
		.handshake_ms = (unsigned)s->handshake_ms,
		.head_ms = (unsigned)s->head_ms,
		.stall_ms = (unsigned)s->stall_ms,
		.idle_ms = (unsigned)s->idle_ms,
		.queue = queue,
	};
}

static enum err_code edges_open(struct listeners *l, const struct listeners_conf *c, struct err *err)
{
	const struct settings *s = c->settings;
	unsigned plain = s->phones_http_port ? PLAIN_PLACES : 0, all = edge_room(),
		 room = all > plain ? all - plain : 1;
	/* A flood of phones must leave the admins a way in. */
	unsigned for_admins = room / 10 + 1 < ADMIN_CONNECTIONS ? room / 10 + 1 : ADMIN_CONNECTIONS;
	struct edge_conf phones = phones_conf(s, room > for_admins ? room - for_admins : 1, c->queue), old = phones;
	const struct edge_conf admin = {
		.address = s->admin_address,
		.port = (uint16_t)s->admin_port,
		.ecdsa = { s->admin_cert, s->admin_key, s->admin_ocsp, true },
		.ticket_ms = s->ticket_key_hours * 3600 * 1000,
		.threads = 1,
		.connections_max = for_admins,
	};
	enum err_code e;

	if (s->phones_old_port) {
		old.port = (uint16_t)s->phones_old_port;
		old.tls_old = true;
		old.connections_max = phones.connections_max / OLD_SHARE + 1;
		phones.connections_max -= phones.connections_max / OLD_SHARE;
	}
	e = edge_open(&phones, c->phones, &l->edges[LISTEN_PHONES], err);
	if (e == ERR_OK)
		e = edge_open(&admin, c->admin, &l->edges[LISTEN_ADMIN], err);
	if (e == ERR_OK && s->phones_old_port)
		e = edge_open(&old, c->phones, &l->edges[LISTEN_OLD], err);
	return e;
}

static enum err_code edges_start(struct listeners *l, struct err *err)
{
	enum err_code e = ERR_OK;
	size_t i;

	for (i = 0; i < LISTENERS && e == ERR_OK; i++)
		if (l->edges[i])
			e = edge_start(l->edges[i], err);
	return e;
}

static enum err_code plain_up(struct listeners *l, const struct listeners_conf *c, struct err *err)
{
	const struct settings *s = c->settings;
	const struct bootstrap_conf conf = { .url = s->phones_url,
		.ca_file = or_none(s->phones_ca_file),
		.ca_url = or_none(s->phones_ca_url),
		.http_port = (uint16_t)s->phones_http_port,
		.templates = c->templates };
	enum err_code e;

	if (s->phones_http_port == 0)
		return ERR_OK;
	e = bootstrap_open(&conf, &l->bootstrap, err);
	return e ? e
		 : plain_open(s->phones_address, (uint16_t)s->phones_http_port, bootstrap_page, l->bootstrap, &l->plain,
			   err);
}

enum err_code listeners_open(struct listeners *l, const struct listeners_conf *conf, struct err *err)
{
	enum err_code e = edges_open(l, conf, err);

	/* Whoever is told by /healthz that all is well finds every listener there. */
	if (e == ERR_OK)
		e = plain_up(l, conf, err);
	return e ? e : edges_start(l, err);
}

void listeners_close(struct listeners *l)
{
	size_t i;

	plain_close(l->plain);
	bootstrap_close(l->bootstrap);
	for (i = 0; i < LISTENERS; i++)
		if (l->edges[i])
			edge_stop(l->edges[i], STOP_DEADLINE_MS);
	for (i = 0; i < LISTENERS; i++)
		edge_close(l->edges[i]);
	memset(l, 0, sizeof(*l));
}

static void reloaded(size_t which, bool good, const struct err *err)
{
	static const char *const names[LISTENERS] = { "phones", "admin", "phones-old" };

	if (good)
		log_event(LOG_LEVEL_INFO, "reload", "listener", names[which], NULL);
	else
		log_event(LOG_LEVEL_ERROR, "reload", "listener", names[which], "error", err->text, NULL);
}

void listeners_reload(struct listeners *l)
{
	struct err err = { 0 };
	size_t i;

	for (i = 0; i < LISTENERS; i++)
		if (l->edges[i])
			reloaded(i, edge_reload(l->edges[i], &err) == ERR_OK, &err);
}

void listeners_tick(struct listeners *l)
{
	struct err err = { 0 };
	bool taken;
	size_t i;

	for (i = 0; i < LISTENERS; i++)
		if (l->edges[i] && (edge_tick(l->edges[i], &taken, &err) || taken))
			reloaded(i, taken, &err);
}
