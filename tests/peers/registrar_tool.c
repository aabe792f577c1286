/* Drives provisioning/registrar from a test:
 *   registrar_tool conf DIR KEY=VALUE…                 writes DIR/kamailio.cfg
 *   registrar_tool set DB USER DOMAIN REALM PASSWORD REVISION
 *   registrar_tool get DB USER DOMAIN                  "ha1 revision"
 *   registrar_tool remove DB USER DOMAIN REVISION
 *   registrar_tool sync DB [USER DOMAIN REALM PASSWORD REVISION]…   "added changed removed same"
 *   registrar_tool all DB
 *   registrar_tool aliases DB OWNER [NAME number|extension DOMAIN DEVICE]…
 *   registrar_tool bindings DB URL KEY AOR             one line per contact, fields divided by tabs
 *   registrar_tool unbind DB URL KEY AOR CONTACT
 *   registrar_tool events ADDRESS PORT KEY             prints "port N", then one line per event until its input ends
 *   registrar_tool hold DB                             keeps the file open until its input ends
 * Exit 0, or 1 with one sentence on stderr. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "provisioning/registrar/events.h"
#include "provisioning/registrar/kamailio_conf.h"
#include "provisioning/registrar/registrar.h"

static struct secret secret_of(const char *s)
{
	return (struct secret){ s, s ? strlen(s) : 0 };
}

static int done(enum err_code rc, const struct err *err)
{
	if (rc)
		fprintf(stderr, "%s: %s\n", err_word(rc), err->text);
	return rc ? 1 : 0;
}

static const char *value(int argc, char **argv, const char *name)
{
	size_t n = strlen(name);

	for (int i = 0; i < argc; i++)
		if (strncmp(argv[i], name, n) == 0 && argv[i][n] == '=')
			return argv[i] + n + 1;
	return NULL;
}

static uint16_t port_value(int argc, char **argv, const char *name)
{
	const char *v = value(argc, argv, name);

	return v ? (uint16_t)strtoul(v, NULL, 10) : 0;
}

static int conf(const char *dir, int argc, char **argv)
{
	const char *timer = value(argc, argv, "timer_ms");
	struct err err = { 0 };
	struct kamailio_run r = {
		.cfg = "templates/kamailio/kamailio.cfg",
		.dir = dir,
		.address = value(argc, argv, "address"),
		.address2 = value(argc, argv, "address2"),
		.port = port_value(argc, argv, "port"),
		.tls_port = port_value(argc, argv, "tls_port"),
		.rpc_port = port_value(argc, argv, "rpc_port"),
		.tls_cert = value(argc, argv, "tls_cert"),
		.tls_key = value(argc, argv, "tls_key"),
		.db_path = value(argc, argv, "db"),
		.events_address = value(argc, argv, "events_address"),
		.events_port = port_value(argc, argv, "events_port"),
		.events_key = secret_of(value(argc, argv, "events_key")),
		.rpc_key = secret_of(value(argc, argv, "rpc_key")),
		.notify_user = value(argc, argv, "notify_user"),
		.notify_realm = value(argc, argv, "notify_realm"),
		.notify_from = value(argc, argv, "notify_from"),
		.trunk_from = value(argc, argv, "trunk_from"),
		.realm = value(argc, argv, "realm"),
		.timer_ms = timer ? (unsigned)strtoul(timer, NULL, 10) : 0,
		.verbose = value(argc, argv, "verbose") != NULL,
	};
	char full[1024];

	if (realpath(r.cfg, full))
		r.cfg = full;
	return done(kamailio_conf_write(&r, &err), &err);
}

static void print_event(const struct registration_event *e, void *arg)
{
	static const char *const kinds[] = { "accepted", "removed", "refused" };

	(void)arg;
	printf("%s\t%s@%s\t%s\t%s\t%lld\t%lld\t%s:%s:%u\t%s\n", kinds[e->kind], e->user, e->domain, e->contact,
		e->reason, (long long)e->revision, (long long)e->expires_s, e->transport, e->source, e->port,
		e->user_agent);
	fflush(stdout);
}

static void wait_for_end_of_input(void)
{
	char c;

	while (read(0, &c, 1) > 0)
		;
}

static int events(const char *address, const char *port, const char *key)
{
	struct registrar_events *e;
	struct err err = { 0 };
	enum err_code rc = registrar_events_open(
		address, (uint16_t)strtoul(port, NULL, 10), secret_of(key), print_event, NULL, &e, &err);

	if (rc)
		return done(rc, &err);
	printf("port %u\n", registrar_events_port(e));
	fflush(stdout);
	wait_for_end_of_input();
	printf("dropped %llu\n", (unsigned long long)registrar_events_dropped(e));
	registrar_events_close(e);
	return 0;
}

static void print_credential(const struct credential *c)
{
	struct slice h = secret_reveal(&c->ha1);

	printf("%s@%s %s %.*s %lld\n", c->user, c->domain, c->realm, SLICE_ARG(h), (long long)c->revision);
}

static struct credential credential(char **v, struct arena *a)
{
	char *ha1 = arena_alloc(a, REGISTRAR_HA1_TEXT);
	struct secret password = secret_of(v[3]);

	registrar_ha1(v[0], v[2], &password, ha1);
	return (struct credential){ v[0], v[1], v[2], secret_of(ha1), strtoll(v[4], NULL, 10) };
}

static enum err_code sync_all(struct registrar *r, int n, char **v, struct arena *a, struct err *err)
{
	struct credential_list list = { arena_alloc(a, (size_t)n * sizeof(struct credential) + 1), 0 };
	struct registrar_sync s;
	enum err_code rc;

	for (int i = 0; i + 4 < n; i += 5)
		list.v[list.n++] = credential(v + i, a);
	rc = registrar_sync(r, &list, &s, err);
	if (!rc)
		printf("%zu %zu %zu %zu\n", s.added, s.changed, s.removed, s.same);
	return rc;
}

static enum err_code set_aliases(
	struct registrar *r, const char *owner, int n, char **v, struct arena *a, struct err *err)
{
	struct alias_list list = { arena_alloc(a, (size_t)n * sizeof(struct alias) + 1), 0 };

	for (int i = 0; i + 3 < n; i += 4)
		list.v[list.n++] = (struct alias){ v[i], strcmp(v[i + 1], "number") == 0, v[i + 2], v[i + 3], owner };
	return registrar_aliases(r, owner, &list, err);
}

static const char *or_dash(const char *s)
{
	return s ? s : "-";
}

static enum err_code print_bindings(struct registrar *r, const char *aor, struct arena *a, struct err *err)
{
	struct binding_list l;
	enum err_code rc = registrar_bindings(r, aor, a, &l, err);

	for (size_t i = 0; !rc && i < l.n; i++)
		printf("%s\t%s\t%s\t%lld\t%lld\t%s\t%s\n", l.v[i].contact, or_dash(l.v[i].received), l.v[i].source,
			(long long)l.v[i].expires_s, (long long)l.v[i].refreshed, or_dash(l.v[i].user_agent),
			or_dash(l.v[i].call_id));
	return rc;
}

static enum err_code print_all(struct registrar *r, struct arena *a, struct err *err)
{
	struct credential_list l;
	enum err_code rc = registrar_all(r, a, &l, err);

	for (size_t i = 0; !rc && i < l.n; i++)
		print_credential(&l.v[i]);
	return rc;
}

static enum err_code act(struct registrar *r, int argc, char **argv, struct arena *a, struct err *err)
{
	const char *verb = argv[1];
	struct credential c;
	enum err_code rc;

	if (strcmp(verb, "set") == 0 && argc == 8) {
		c = credential(argv + 3, a);
		return registrar_set(r, &c, err);
	}
	if (strcmp(verb, "get") == 0 && argc == 5) {
		rc = registrar_get(r, argv[3], argv[4], a, &c, err);
		if (!rc)
			print_credential(&c);
		return rc;
	}
	if (strcmp(verb, "remove") == 0 && argc == 6)
		return registrar_remove(r, argv[3], argv[4], strtoll(argv[5], NULL, 10), err);
	if (strcmp(verb, "sync") == 0)
		return sync_all(r, argc - 3, argv + 3, a, err);
	if (strcmp(verb, "all") == 0)
		return print_all(r, a, err);
	if (strcmp(verb, "aliases") == 0 && argc >= 4)
		return set_aliases(r, argv[3], argc - 4, argv + 4, a, err);
	if (strcmp(verb, "bindings") == 0 && argc == 6)
		return print_bindings(r, argv[5], a, err);
	if (strcmp(verb, "unbind") == 0 && argc == 7)
		return registrar_unbind(r, argv[5], argv[6], err);
	if (strcmp(verb, "hold") == 0) {
		puts("held");
		fflush(stdout);
		wait_for_end_of_input();
		return ERR_OK;
	}
	return err_set(err, ERR_INPUT, "unknown verb or wrong number of arguments");
}

int main(int argc, char **argv)
{
	struct registrar_conf kc = { .rpc_url = "http://127.0.0.1:1/RPC" };
	const char *notify = getenv("NOTIFY_CREDENTIAL"); /* USER:REALM:PASSWORD */
	char copy[256], *save = NULL;
	struct err err = { 0 };
	struct registrar *r;
	struct arena a;
	enum err_code rc;

	if (argc >= 3 && strcmp(argv[1], "conf") == 0)
		return conf(argv[2], argc - 3, argv + 3);
	if (argc == 5 && strcmp(argv[1], "events") == 0)
		return events(argv[2], argv[3], argv[4]);
	if (argc < 3)
		return done(err_set(&err, ERR_INPUT, "usage: registrar_tool VERB DB …"), &err);
	kc.db_path = argv[2];
	if (argc >= 6 && (strcmp(argv[1], "bindings") == 0 || strcmp(argv[1], "unbind") == 0)) {
		kc.rpc_url = argv[3];
		kc.rpc_key = secret_of(argv[4]);
	}
	if (notify) {
		snprintf(copy, sizeof copy, "%s", notify);
		kc.notify_user = strtok_r(copy, ":", &save);
		kc.notify_realm = strtok_r(NULL, ":", &save);
		kc.notify_secret = secret_of(strtok_r(NULL, ":", &save));
	}
	rc = kamailio_open(&kc, NULL, &r, &err);
	if (rc)
		return done(rc, &err);
	arena_init(&a, 0);
	rc = act(r, argc, argv, &a, &err);
	arena_release(&a);
	registrar_close(r);
	return done(rc, &err);
}
