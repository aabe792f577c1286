#include "provisioning/cli/init.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "provisioning/cli/certs.h"
#include "provisioning/cli/cli.h"
#include "provisioning/cli/own_cert.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/seal.h"
#include "provisioning/store/store.h"
#include "provisioning/store/user.h"

enum { PASSWORD_CHARS = 16, KEY_CHARS = 32 };

static enum err_code make_dir(const char *dir, struct arena *a, const char **absolute, struct err *err)
{
	char path[PATH_MAX];
	struct stat st;

	if (mkdir(dir, 0700) && errno != EEXIST)
		return err_set(err, ERR_IO,
			"cannot make the folder %s: %s; give a --dir in a folder that exists and is yours", dir,
			strerror(errno));
	if (stat(dir, &st) == 0 && !S_ISDIR(st.st_mode))
		return err_set(err, ERR_IO, "%s is no folder; give another --dir", dir);
	if (realpath(dir, path) == NULL || access(path, W_OK | X_OK))
		return err_set(err, ERR_IO, "cannot use the folder %s: %s; make it writable or give another --dir", dir,
			strerror(errno));
	*absolute = arena_strdup(a, path);
	return *absolute ? ERR_OK : err_set(err, ERR_NOMEM, "out of memory");
}

/* Files named by a relative path stand in the new folder. */
static void place(const char **path, const char *dir, struct arena *a)
{
	if (**path && **path != '/')
		*path = arena_printf(a, "%s/%s", dir, *path);
}

static void place_all(struct settings *s, const char *dir, struct arena *a)
{
	place(&s->database, dir, a);
	place(&s->key_file, dir, a);
	place(&s->phones_cert, dir, a);
	place(&s->phones_key, dir, a);
	place(&s->phones_ecdsa_cert, dir, a);
	place(&s->phones_ecdsa_key, dir, a);
	place(&s->phones_ca_file, dir, a);
	place(&s->admin_cert, dir, a);
	place(&s->admin_key, dir, a);
	place(&s->registrar_db, dir, a);
	place(&s->registrar_key, dir, a);
}

static enum err_code write_private(const char *path, struct slice text, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ssize_t n;

	if (fd < 0)
		return err_set(err, ERR_IO, "cannot write %s: %s", path, strerror(errno));
	n = write(fd, text.p, text.n);
	if (close(fd) || n != (ssize_t)text.n)
		return err_set(err, ERR_IO, "cannot write %s; is the disk full?", path);
	return ERR_OK;
}

static enum err_code make_keys(const struct settings *s, struct arena *a, struct err *err)
{
	struct secret word;
	enum err_code e = keyfile_create(s->key_file, err);

	if (e == ERR_OK)
		e = random_password(a, KEY_CHARS, &word, err);
	return e ? e : write_private(s->registrar_key, secret_reveal(&word), err);
}

/* What the operator has takes its place in the settings. Beside it no other certificate is shown: a client might choose
 * the one that it has no reason to trust. */
static enum err_code take_own(
	const struct init_order *o, struct settings *s, struct arena *a, struct init_result *out, struct err *err)
{
	struct own_cert own;
	enum err_code e = ERR_OK;

	if (!o->cert != !o->key || !o->admin_cert != !o->admin_key)
		return err_set(err, ERR_INPUT, "a certificate needs its key, and a key its certificate; give both");
	if (o->cert) {
		e = own_cert_read(o->cert, o->key, s->phones_url, a, &own, err);
		if (e)
			return e;
		s->phones_cert = own.kind == CERT_RSA ? own.chain : "";
		s->phones_key = own.kind == CERT_RSA ? own.key : "";
		s->phones_ecdsa_cert = own.kind == CERT_ECDSA ? own.chain : "";
		s->phones_ecdsa_key = own.kind == CERT_ECDSA ? own.key : "";
		s->phones_ca_file = ""; /* ours did not sign it */
		out->notes[0] = own.note;
	} else if (*s->phones_ecdsa_cert == '\0') {
		s->phones_ecdsa_cert = "phones-ecdsa.crt";
		s->phones_ecdsa_key = "phones-ecdsa.key";
	}
	if (o->admin_cert) {
		e = own_cert_read(o->admin_cert, o->admin_key, s->admin_url, a, &own, err);
		if (e)
			return e;
		s->admin_cert = own.chain;
		s->admin_key = own.key;
		out->notes[1] = own.note;
	}
	return ERR_OK;
}

static enum err_code make_certs(const struct init_order *o, const char *dir, struct err *err)
{
	struct cert_ca *ca = NULL;
	enum err_code e;

	if (o->cert && o->admin_cert)
		return ERR_OK;
	e = cert_ca_open(dir, &ca, err);
	if (e == ERR_OK && o->cert == NULL)
		e = cert_issue(ca, CERT_RSA, dir, "phones", o->names, err);
	if (e == ERR_OK && o->cert == NULL)
		e = cert_issue(ca, CERT_ECDSA, dir, "phones-ecdsa", o->names, err);
	if (e == ERR_OK && o->admin_cert == NULL)
		e = cert_issue(ca, CERT_ECDSA, dir, "admin", o->names, err);
	cert_ca_close(ca);
	return e;
}

struct first {
	const struct init_order *order;
	const char *hash;
};

static enum err_code first_fn(struct txn *t, void *arg, struct err *err)
{
	const struct first *f = arg;
	struct domain_row d = {
		.name = f->order->domain, .realm = f->order->domain, .transport = "udp", .timezone = "UTC"
	};
	struct user_row u = { .ext = f->order->admin,
		.first_name = "First",
		.last_name = "Admin",
		.scope = "Super User",
		.password_hash = f->hash,
		.status = USER_STANDARD };
	enum err_code e = domain_add(t->db, &d, err);

	u.domain_id = d.id;
	return e ? e : user_add(t->db, &u, err);
}

static enum err_code make_database(const struct init_order *order, const struct settings *s, struct arena *a,
	struct init_result *out, struct err *err)
{
	const struct store_conf conf = { .path = s->database, .key_file = s->key_file, .create = true };
	struct first first = { order, NULL };
	struct store *st = NULL;
	enum err_code e = random_password(a, PASSWORD_CHARS, &out->password, err);

	if (e == ERR_OK)
		e = scrypt_hash(&out->password, NULL, a, &first.hash, err);
	if (e == ERR_OK)
		e = store_open(&conf, &st, err);
	if (e == ERR_OK)
		e = store_write(st, first_fn, &first, err);
	store_close(st);
	out->login = arena_printf(a, "%s@%s", order->admin, order->domain);
	return e;
}

static enum err_code make_conf(const struct settings *s, const char *path, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	if (f == NULL)
		return err_set(err, ERR_IO, "cannot write %s: %s", path, strerror(errno));
	settings_print(s, f);
	if (fclose(f))
		return err_set(err, ERR_IO, "cannot write %s; is the disk full?", path);
	return ERR_OK;
}

static bool is_plain(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n <= 64 &&
	       name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_")] == '\0';
}

enum err_code init_make(const struct init_order *order, struct settings *settings, struct arena *a,
	struct init_result *out, struct err *err)
{
	const char *dir;
	enum err_code e;

	if (!is_plain(order->admin) || !is_plain(order->domain))
		return err_set(err, ERR_INPUT,
			"\"%s\" is no login of letters, digits, dots and dashes; give another --admin or --domain",
			is_plain(order->admin) ? order->domain : order->admin);
	e = take_own(order, settings, a, out, err);
	if (e == ERR_OK)
		e = make_dir(order->dir, a, &dir, err);
	if (e)
		return e;
	place_all(settings, dir, a);
	out->conf = arena_printf(a, "%s/rekeyd.conf", dir);
	if (arena_failed(a))
		return err_set(err, ERR_NOMEM, "out of memory");
	if (access(settings->database, F_OK) == 0 || access(out->conf, F_OK) == 0)
		return err_set(err, ERR_CONFLICT,
			"%s has been set up already; use another folder with --dir, or start it with rekeyd run --conf %s",
			dir, out->conf);
	e = make_certs(order, dir, err);
	if (e == ERR_OK)
		e = make_keys(settings, a, err);
	if (e == ERR_OK)
		e = make_database(order, settings, a, out, err);
	return e ? e : make_conf(settings, out->conf, err);
}

int cmd_init(int argc, char **argv)
{
	struct init_order order = {
		.dir = "rekey", .names = "localhost,127.0.0.1,::1", .domain = "local", .admin = "admin"
	};
	const struct cli_option options[] = { { "--dir", &order.dir, NULL }, { "--names", &order.names, NULL },
		{ "--domain", &order.domain, NULL }, { "--admin", &order.admin, NULL },
		{ "--certificate", &order.cert, NULL }, { "--key", &order.key, NULL },
		{ "--admin-certificate", &order.admin_cert, NULL }, { "--admin-key", &order.admin_key, NULL } };
	struct init_result made = { 0 };
	struct settings s;
	struct arena a;
	struct err err = { 0 };
	enum err_code e;
	size_t i;
	int rest;

	if (!cli_options("init", argc, argv, options, sizeof(options) / sizeof(options[0]), &rest))
		return EXIT_USE;
	if (rest)
		return cli_misuse("init", "\"%s\" is one word too many", argv[0]);
	arena_init(&a, 0);
	settings_default(&s, &a);
	e = init_make(&order, &s, &a, &made, &err);
	if (e == ERR_OK)
		printf("made %s\nadmin login: %s\npassword:    %.*s   (shown this once)\nstart with:  rekeyd run --conf %s\n",
			made.conf, made.login, SLICE_ARG(secret_reveal(&made.password)), made.conf);
	for (i = 0; e == ERR_OK && i < 2; i++)
		if (made.notes[i])
			printf("note:        %s\n", made.notes[i]);
	arena_release(&a);
	return e ? cli_fail(&err) : 0;
}
