#include "provisioning/demo/stage.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "provisioning/core.h"
#include "provisioning/registrar/kamailio_conf.h"

#define MARK "rekey-demo" /* a file that says: this folder is a demo's, and may be emptied */

enum { START_MS = 15000, STOP_MS = 5000, LOOK_MS = 20, WALK_FDS = 16 };

const char *stage_path(struct stage *s, const char *name)
{
	return arena_printf(&s->arena, "%s/%s", s->dir, name);
}

/* ---- the folder ---- */

static const char *keep; /* the marked file, which is locked while the others go */

static int remove_fn(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	return at->level == 0 || strcmp(path, keep) == 0 ? 0 : remove(path);
}

static bool has_entries(const char *dir)
{
	return rmdir(dir) != 0 && errno == ENOTEMPTY;
}

static enum err_code make_folder(const char *dir, struct err *err)
{
	char part[PATH_MAX];
	size_t i, n = strlen(dir);

	if (n >= sizeof(part))
		return err_set(err, ERR_INPUT, "the folder's path is too long; choose another with --dir");
	for (i = 1; i <= n; i++) {
		if (dir[i] != '/' && dir[i] != '\0')
			continue;
		memcpy(part, dir, i);
		part[i] = '\0';
		if (mkdir(part, 0755) && errno != EEXIST)
			return err_set(err, ERR_IO, "cannot make the folder %s: %s; choose another with --dir", part,
				strerror(errno));
	}
	return ERR_OK;
}

static enum err_code take_folder(struct stage *s, const char *dir, struct err *err)
{
	char path[PATH_MAX];
	enum err_code rc = make_folder(dir, err);
	bool marked;

	if (rc)
		return rc;
	if (realpath(dir, path) == NULL)
		return err_set(
			err, ERR_IO, "cannot use the folder %s: %s; choose another with --dir", dir, strerror(errno));
	s->dir = arena_strdup(&s->arena, path);
	keep = stage_path(s, MARK);
	if (keep == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	marked = access(keep, F_OK) == 0;
	if (!marked && has_entries(s->dir))
		return err_set(err, ERR_CONFLICT, "%s holds other things; choose an empty folder with --dir", s->dir);
	rc = make_folder(s->dir, err);
	if (rc)
		return rc;
	s->lock = open(keep, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (s->lock < 0)
		return err_set(
			err, ERR_IO, "cannot write %s: %s; choose another folder with --dir", keep, strerror(errno));
	if (flock(s->lock, LOCK_EX | LOCK_NB))
		return err_set(err, ERR_CONFLICT,
			"a demo runs in %s already; end it, or choose another folder with --dir", s->dir);
	if (nftw(s->dir, remove_fn, WALK_FDS, FTW_DEPTH | FTW_PHYS))
		return err_set(
			err, ERR_IO, "cannot empty %s: %s; choose another folder with --dir", s->dir, strerror(errno));
	return ERR_OK;
}

/* ---- ports ---- */

static int bind_port(int type, uint16_t port, uint16_t *got)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };
	socklen_t n = sizeof(at);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0), on = 1;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (type == SOCK_STREAM)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, n) || getsockname(fd, (struct sockaddr *)&at, &n)) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	*got = ntohs(at.sin_port);
	return fd;
}

/* A port that is free for TCP and UDP: the wanted one, or any. */
static bool take_port(uint16_t wanted, uint16_t *out)
{
	uint16_t port = 0, same;
	int tcp, udp, tries;
	bool good = false;

	for (tries = 0; !good && tries < 50; tries++) {
		tcp = bind_port(SOCK_STREAM, tries ? 0 : wanted, &port);
		udp = tcp < 0 ? -1 : bind_port(SOCK_DGRAM, port, &same);
		good = udp >= 0;
		if (tcp >= 0)
			close(tcp);
		if (udp >= 0)
			close(udp);
	}
	*out = port;
	return good;
}

static enum err_code take_ports(struct stage *s, bool usual, struct err *err)
{
	struct {
		uint16_t wanted, *out;
	} ports[] = { { 8443, &s->phones_port }, { 9443, &s->admin_port }, { 5060, &s->sip_port },
		{ 5065, &s->rpc_port }, { 5066, &s->events_port } };
	size_t i;

	for (i = 0; i < sizeof(ports) / sizeof(*ports); i++)
		if (!take_port(usual ? ports[i].wanted : 0, ports[i].out))
			return err_set(err, ERR_IO, "no free port on 127.0.0.1; end some other program");
	return ERR_OK;
}

/* ---- settings ---- */

static enum err_code settle(struct stage *s, const char *share, struct err *err)
{
	const struct init_order order = {
		.dir = s->dir, .names = "localhost,127.0.0.1", .domain = STAGE_DOMAIN, .admin = "1000"
	};
	struct settings *c = &s->settings;
	struct arena *a = &s->arena;

	settings_default(c, a);
	if (share)
		c->share = share;
	c->phones_address = c->admin_address = c->sip_address = "127.0.0.1";
	c->phones_port = s->phones_port;
	c->admin_port = s->admin_port;
	c->phones_url = arena_printf(a, "https://127.0.0.1:%u", s->phones_port);
	c->sip_proxy = arena_printf(a, "127.0.0.1:%u;transport=udp", s->sip_port);
	c->registrar = "kamailio";
	c->registrar_rpc = arena_printf(a, "http://127.0.0.1:%u/RPC", s->rpc_port);
	c->registrar_events = arena_printf(a, "127.0.0.1:%u", s->events_port);
	/* The waits of a demo; what they are otherwise, rekeyd check-conf says. */
	c->sip_t1_ms = 100;
	c->grace_ms = 1500;
	c->longest_wait_ms = 20000;
	c->sweep_ms = 500;
	s->ca = stage_path(s, "ca.crt");
	if (arena_failed(a))
		return err_set(err, ERR_NOMEM, "out of memory");
	return init_make(&order, c, a, &s->init, err);
}

/* ---- processes ---- */

static enum err_code start_rekeyd(struct stage *s, struct err *err)
{
	char *argv[] = { (char *)s->exe, (char *)"run", (char *)"--conf", (char *)s->init.conf, NULL };
	const struct proc_spec spec = { .name = "rekeyd", .argv = argv, .log = stage_path(s, "rekeyd.log") };
	const char *base = arena_printf(&s->arena, "https://127.0.0.1:%u/api/v1", s->admin_port);
	enum err_code rc = proc_start(&spec, &s->rekeyd, err);

	if (rc == ERR_OK)
		rc = client_new(base, s->ca, &s->client, err);
	if (rc == ERR_OK && client_wait(s->client, &s->rekeyd, START_MS, err))
		rc = err_set(err, ERR_IO, "rekeyd did not start; the last lines of %s say why", spec.log);
	return rc;
}

static bool answers(uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool good;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	good = fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0;
	if (fd >= 0)
		close(fd);
	return good;
}

static enum err_code write_kamailio(struct stage *s, struct err *err)
{
	struct kamailio_run run = {
		.cfg = arena_printf(&s->arena, "%s/templates/kamailio/kamailio.cfg", s->settings.share),
		.dir = stage_path(s, "kamailio"),
		.address = "127.0.0.1",
		.port = s->sip_port,
		.rpc_port = s->rpc_port,
		.db_path = s->settings.registrar_db,
		.events_address = "127.0.0.1",
		.events_port = s->events_port,
		.notify_user = s->settings.sip_user,
		.notify_realm = s->settings.sip_realm,
		.timer_ms = 1000,
	};
	enum err_code rc = core_registrar_key(&s->settings, &s->arena, &run.rpc_key, err);

	run.events_key = run.rpc_key;
	if (rc == ERR_OK && mkdir(run.dir, 0700))
		rc = err_set(err, ERR_IO, "cannot make %s: %s", run.dir, strerror(errno));
	return rc ? rc : kamailio_conf_write(&run, err);
}

static enum err_code start_kamailio(struct stage *s, struct err *err)
{
	const char *dir = stage_path(s, "kamailio"), *cfg = stage_path(s, "kamailio/kamailio.cfg");
	const char *pid = stage_path(s, "kamailio/kamailio.pid"), *log = stage_path(s, "kamailio.log");
	char *argv[] = { (char *)"kamailio", (char *)"-f", (char *)cfg, (char *)"-DD", (char *)"-E", (char *)"-m",
		(char *)"64", (char *)"-M", (char *)"8", (char *)"-P", (char *)pid, (char *)"-Y", (char *)dir, NULL };
	const struct proc_spec spec = { .name = "kamailio", .argv = argv, .log = log };
	enum err_code rc = write_kamailio(s, err);
	unsigned waited;

	if (rc == ERR_OK)
		rc = proc_start(&spec, &s->kamailio, err);
	for (waited = 0; rc == ERR_OK && !answers(s->sip_port); waited += LOOK_MS) {
		if (proc_ended(&s->kamailio) || waited > START_MS)
			rc = err_set(err, ERR_IO,
				"Kamailio did not start; the last lines of %s say why (packages: kamailio kamailio-sqlite-modules)",
				log);
		poll(NULL, 0, LOOK_MS);
	}
	return rc;
}

static const char *own_path(struct arena *a)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n < 0)
		return NULL;
	path[n] = '\0';
	return arena_strdup(a, path);
}

enum err_code stage_open(struct stage *s, const struct stage_order *order, struct err *err)
{
	enum err_code rc;

	*s = (struct stage){ .lock = -1, .rekeyd = { .in = -1, .out = -1 }, .kamailio = { .in = -1, .out = -1 } };
	arena_init(&s->arena, 0);
	s->exe = own_path(&s->arena);
	if (s->exe == NULL)
		return err_set(err, ERR_IO, "cannot find this program under /proc; mount it");
	rc = take_folder(s, order->dir, err);
	if (rc == ERR_OK)
		rc = take_ports(s, order->usual_ports, err);
	if (rc == ERR_OK)
		rc = settle(s, order->share, err);
	if (rc == ERR_OK)
		rc = start_rekeyd(s, err);
	if (rc == ERR_OK)
		rc = start_kamailio(s, err);
	if (rc == ERR_OK)
		rc = client_login(s->client, s->init.login, secret_reveal(&s->init.password).p, err);
	return rc;
}

enum err_code stage_check(struct stage *s, struct err *err)
{
	struct proc *procs[] = { &s->rekeyd, &s->kamailio };
	size_t i;

	for (i = 0; i < sizeof(procs) / sizeof(*procs); i++)
		if (proc_ended(procs[i]))
			return err_set(err, ERR_IO, "%s has ended; the last lines of %s/%s.log say why", procs[i]->name,
				s->dir, procs[i]->name);
	return ERR_OK;
}

void stage_close(struct stage *s)
{
	client_free(s->client);
	proc_stop(&s->kamailio, STOP_MS);
	proc_stop(&s->rekeyd, STOP_MS);
	if (s->lock >= 0)
		close(s->lock);
	arena_release(&s->arena);
}
