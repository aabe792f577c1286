#include "provisioning/registrar/kamailio_conf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "phonecfg/base/buf.h"

enum { CONF_MAX = 16384 };

/* Kamailio's lexer has quotes, escapes and its own substitutions: what may stand in a value is said by letters. */
static bool plain(const char *s)
{
	return s && *s && s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+@:[]=")] == 0;
}

struct value {
	const char *name, *text;
};

static enum err_code check_values(const struct kamailio_run *r, struct err *err)
{
	const char *ek = secret_reveal(&r->events_key).p, *rk = secret_reveal(&r->rpc_key).p;
	struct value needed[] = {
		{ "the path of kamailio.cfg", r->cfg },
		{ "the run directory", r->dir },
		{ "the address", r->address },
		{ "the path of the database", r->db_path },
		{ "the address for events", r->events_address },
		{ "the key for events", ek },
		{ "the key for JSON-RPC", rk },
		{ "the user of NOTIFY", r->notify_user },
		{ "the realm of NOTIFY", r->notify_realm },
	};
	struct value optional[] = {
		{ "the second address", r->address2 },
		{ "the certificate's path", r->tls_port ? r->tls_cert : NULL },
		{ "the private key's path", r->tls_port ? r->tls_key : NULL },
		{ "the address that NOTIFY comes from", r->notify_from },
		{ "the trunk's address", r->trunk_from },
		{ "the realm", r->realm },
	};

	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
		if (!plain(needed[i].text))
			return err_set(err, ERR_INPUT,
				"Kamailio's configuration needs %s, written with letters, digits and /._-+@:[]= only.",
				needed[i].name);
	for (size_t i = 0; i < sizeof optional / sizeof *optional; i++)
		if (optional[i].text && !plain(optional[i].text))
			return err_set(err, ERR_INPUT,
				"In Kamailio's configuration %s may hold letters, digits and /._-+@:[]= only.",
				optional[i].name);
	if (r->tls_port && (!r->tls_cert || !r->tls_key))
		return err_set(err, ERR_INPUT, "Kamailio's TLS port needs a certificate and its private key.");
	return ERR_OK;
}

static void define(struct buf *b, const char *name, const char *text)
{
	buf_printf(b, "#!define %s \"%s\"\n", name, text);
}

/* IPv6 addresses stand in brackets wherever a port follows, and in $si. */
static void listen_on(struct buf *b, const char *address, const char *suffix, const struct kamailio_run *r)
{
	buf_printf(b, "#!define LISTEN_UDP%s udp:%s:%u\n", suffix, address, r->port);
	buf_printf(b, "#!define LISTEN_TCP%s tcp:%s:%u\n", suffix, address, r->port);
	if (r->tls_port)
		buf_printf(b, "#!define LISTEN_TLS%s tls:%s:%u\n", suffix, address, r->tls_port);
}

static void compose(struct buf *b, const struct kamailio_run *r)
{
	struct slice ek = secret_reveal(&r->events_key), rk = secret_reveal(&r->rpc_key);

	buf_str(b, "#!KAMAILIO\n# Written by rekeyd at every start. It carries keys: mode 0600.\n");
	buf_printf(b, "#!define LOG_LEVEL %d\n", r->verbose ? 2 : -1);
	buf_printf(b, "#!define MULTIHOMED %d\n", r->address2 ? 1 : 0);
	listen_on(b, r->address, "", r);
	if (r->address2)
		listen_on(b, r->address2, "2", r);
	buf_printf(b, "#!define LISTEN_RPC tcp:%s:%u\n#!define RPC_PORT %u\n", r->address, r->rpc_port, r->rpc_port);
	define(b, "RPC_FROM", r->address);
	buf_printf(b, "#!define RPC_AUTHORIZATION \"Bearer %.*s\"\n", SLICE_ARG(rk));
	if (r->tls_port) {
		buf_str(b, "#!define WITH_TLS\n");
		define(b, "TLS_CERT", r->tls_cert);
		define(b, "TLS_KEY", r->tls_key);
	}
	buf_printf(b, "#!define FINAL_TIMER_MS %u\n", r->timer_ms ? r->timer_ms : 5000);
	buf_printf(b, "#!define DB_URL \"sqlite://%s%s\"\n", r->db_path[0] == '/' ? "/" : "", r->db_path);
	define(b, "REALM", r->realm ? r->realm : "$td");
	define(b, "CALL_REALM", r->realm ? r->realm : "$fd");
	if (r->realm)
		define(b, "CALLED_REALM", r->realm);
	else
		buf_str(b, "#!define CALLED_REALM $rd\n"); /* an expression, no text */
	define(b, "TRUNK_FROM", r->trunk_from ? r->trunk_from : "-");
	define(b, "NOTIFY_FROM", r->notify_from ? r->notify_from : "-");
	define(b, "NOTIFY_USER", r->notify_user);
	define(b, "NOTIFY_REALM", r->notify_realm);
	buf_printf(b, "#!define EVENTS_URI \"sip:%s:%u\"\n", r->events_address, r->events_port);
	buf_printf(b, "#!substdef \"!EVENTS_KEY!%.*s!g\"\n", SLICE_ARG(ek));
	buf_printf(b, "include_file \"%s\"\n", r->cfg);
}

enum err_code kamailio_conf_write(const struct kamailio_run *r, struct err *err)
{
	enum err_code rc = check_values(r, err);
	char path[512];
	struct buf b;
	int fd;

	if (rc)
		return rc;
	if ((size_t)snprintf(path, sizeof path, "%s/kamailio.cfg", r->dir) >= sizeof path)
		return err_set(err, ERR_INPUT, "The run directory's path is too long; take a shorter one.");
	buf_init(&b, CONF_MAX);
	compose(&b, r);
	rc = buf_check(&b, "Kamailio's configuration", err);
	if (!rc) {
		(void)unlink(path);
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0 || write(fd, b.data, b.len) != (ssize_t)b.len)
			rc = err_set(err, ERR_IO, "Cannot write %s (%s); check that its directory is writable.", path,
				strerror(errno));
		if (fd >= 0)
			close(fd);
	}
	buf_release(&b);
	return rc;
}
