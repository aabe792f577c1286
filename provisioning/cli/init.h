/* `rekeyd init` as a function: the demo calls it too. */
#ifndef PROVISIONING_CLI_INIT_H
#define PROVISIONING_CLI_INIT_H

#include "phonecfg/base/arena.h"
#include "phonecfg/base/err.h"
#include "phonecfg/base/secret.h"
#include "provisioning/conf/settings.h"

struct init_order {
	const char *dir;    /* made when missing */
	const char *names;  /* of the certificates: comma list of hosts and addresses */
	const char *domain; /* the first domain */
	const char *admin;  /* extension of its first user, a Super User; login admin@domain */
	/* Certificates that are there already; NULL = made. They stay where they are. */
	const char *cert, *key, *admin_cert, *admin_key;
};

struct init_result {
	const char *conf;       /* path of the settings file */
	const char *login;      /* admin@domain */
	struct secret password; /* printed once, stored nowhere */
	const char *notes[2];   /* of the operator's certificates; NULL = nothing to say */
};

/* Makes settings, database, key files, certificates and the first admin under order->dir. *settings holds what is
 * written to the settings file: the caller may change it before (relative paths are made absolute). What exists is
 * never overwritten: ERR_CONFLICT when the database is there already. */
enum err_code init_make(const struct init_order *order, struct settings *settings, struct arena *a,
	struct init_result *out, struct err *err);

#endif
