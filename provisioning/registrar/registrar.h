/* The registrar of the users, as far as Rekey needs it: which secret it accepts, who is registered where, and the
 * removal of one binding. One file implements it for one product (kamailio.c).
 *
 * All calls may block for a bounded time (conf.timeout_ms) and may be made from any worker thread, never from an edge
 * thread. An address of record is "user@domain". */
#ifndef PROVISIONING_REGISTRAR_REGISTRAR_H
#define PROVISIONING_REGISTRAR_REGISTRAR_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/err.h"
#include "phonecfg/base/secret.h"

struct registrar_sync {
	size_t added, changed, removed, same;
};

enum { REGISTRAR_HA1_TEXT = 33 }; /* 32 hexadecimal digits and NUL */

/* What the registrar accepts from one SIP identity. ha1 is MD5(user:realm:password) in 32 lower-case digits, and as
 * good as the password: never logged. */
struct credential {
	const char *user;   /* "1001", "1001b", "idle-001565abcdef"; also the name in the digest */
	const char *domain; /* "example.test" */
	const char *realm;  /* usually the domain; (user, realm) is unique */
	struct secret ha1;
	int64_t revision; /* grows with every new secret of this identity, from 1 */
};

struct credential_list {
	struct credential *v;
	size_t n;
};

struct binding {
	const char *contact; /* exactly as the registrar holds it: what unbind() and a NOTIFY's Request-URI take */
	const char
		*received;  /* "sip:192.0.2.9:40112;transport=tcp" where the packet came from; NULL: same as contact */
	const char *source; /* host of received, else of contact */
	const char *path;   /* NULL: none */
	const char *user_agent, *call_id, *socket, *instance; /* NULL: none */
	int64_t expires_s;                                    /* seconds left */
	int64_t refreshed; /* Unix time of the last REGISTER that was accepted for this contact */
};

struct binding_list {
	struct binding *v;
	size_t n; /* 0: not registered */
};

/* What a call to a name rings. One name may ring several devices. */
struct alias {
	const char *name;   /* "15551230001", or an extension that has several devices */
	bool number;        /* a number is known in every domain, an extension in its own */
	const char *domain; /* of the device */
	const char *device; /* the SIP user that rings */
	const char *owner;  /* the user that both belong to, "1001@example.test" */
};

struct alias_list {
	struct alias *v; /* by owner, extensions before numbers, then name, domain, device (bytes) */
	size_t n;
};

struct registrar;

struct registrar_ops {
	const char *name;
	enum err_code (*bindings)(
		struct registrar *r, const char *aor, struct arena *a, struct binding_list *out, struct err *err);
	enum err_code (*unbind)(struct registrar *r, const char *aor, const char *contact, struct err *err);
	enum err_code (*set)(struct registrar *r, const struct credential *c, struct err *err);
	enum err_code (*get)(struct registrar *r, const char *user, const char *domain, struct arena *a,
		struct credential *out, struct err *err);
	enum err_code (*remove)(
		struct registrar *r, const char *user, const char *domain, int64_t revision, struct err *err);
	enum err_code (*all)(struct registrar *r, struct arena *a, struct credential_list *out, struct err *err);
	enum err_code (*sync)(
		struct registrar *r, const struct credential_list *wanted, struct registrar_sync *out, struct err *err);
	/* NULL: calls are routed by somebody else */
	enum err_code (*aliases)(
		struct registrar *r, const char *owner, const struct alias_list *wanted, struct err *err);
	enum err_code (*aliases_sync)(
		struct registrar *r, const struct alias_list *wanted, bool *differed, struct err *err);
	void (*close)(struct registrar *r);
};

/* An implementation has one of these first, of zeros but for ops. */
struct registrar {
	const struct registrar_ops *ops;
	atomic_uint_fast64_t asked, failed;
	atomic_int_fast64_t quiet_until_ms; /* clock_steady_ms() */
	atomic_bool down;
};

/* Does it answer? Of bindings() and unbind(): the rest is not asked of a process. */
struct registrar_health {
	uint64_t asked, failed; /* questions, and those without an answer */
	bool down;              /* the last one had none */
};
void registrar_health(const struct registrar *r, struct registrar_health *out);

/* Who is registered under aor now, asked from the registrar itself; sorted by contact. Nobody is ERR_OK and n = 0.
 * ERR_IO: the registrar does not answer (try again later). After a question that waited in vain the next ones fail at
 * once for some times that long, so that one that hangs does not hold up every worker. */
enum err_code registrar_bindings(
	struct registrar *r, const char *aor, struct arena *a, struct binding_list *out, struct err *err);
/* Removes this one contact, never the address of record. A contact that is not there is ERR_OK. */
enum err_code registrar_unbind(struct registrar *r, const char *aor, const char *contact, struct err *err);

/* The flip: from the moment of return the registrar accepts this secret and no other. Safe to repeat.
 * ERR_CONFLICT: a newer revision stands there (nothing changed), or another domain holds (user, realm). */
enum err_code registrar_set(struct registrar *r, const struct credential *c, struct err *err);
/* What stands there now (read back, for the fact "flipped"), or ERR_NOT_FOUND. */
enum err_code registrar_get(struct registrar *r, const char *user, const char *domain, struct arena *a,
	struct credential *out, struct err *err);
/* The identity is refused from now on. Absent is ERR_OK; a revision above the given one is ERR_CONFLICT. */
enum err_code registrar_remove(
	struct registrar *r, const char *user, const char *domain, int64_t revision, struct err *err);
/* All rows, by domain and user. */
enum err_code registrar_all(struct registrar *r, struct arena *a, struct credential_list *out, struct err *err);

/* At start: makes the registrar hold exactly these identities, whatever it held (also after its file was lost).
 * Unlike registrar_set() the list wins over a newer revision there. */
enum err_code registrar_sync(
	struct registrar *r, const struct credential_list *wanted, struct registrar_sync *out, struct err *err);

/* From the moment of return calls go exactly these ways for this owner's names; a number of his that belonged to
 * another owner leaves that one. Safe to repeat. */
enum err_code registrar_aliases(
	struct registrar *r, const char *owner, const struct alias_list *wanted, struct err *err);
/* At start: these and no others, whatever stood there. */
enum err_code registrar_aliases_sync(
	struct registrar *r, const struct alias_list *wanted, bool *differed, struct err *err);

void registrar_close(struct registrar *r); /* NULL is allowed */

/* MD5(user:realm:password) (RFC 7616 §3.4.2). */
void registrar_ha1(const char *user, const char *realm, const struct secret *password, char out[REGISTRAR_HA1_TEXT]);

/* What an implementation is told. */
struct registrar_conf {
	const char *db_path;   /* SQLite file of ours that the registrar reads; made (0640, WAL) when missing */
	const char *rpc_url;   /* "http://127.0.0.1:5082/RPC" */
	struct secret rpc_key; /* Bearer key that the configuration asks for */
	const char *table;     /* [location] */
	unsigned timeout_ms;   /* per call [2000] */
	/* Rekey's own name in the digest of a NOTIFY (kamailio_run.notify_user); not among all() and sync(). */
	const char *notify_user, *notify_realm;
	struct secret notify_secret;
};

/* One product's door. An implementation is one file with a table of operations, and one row in registrar.c. */
typedef enum err_code registrar_open_fn(
	const struct registrar_conf *conf, bool *rebuilt, struct registrar **out, struct err *err);

/* By the word of the setting, such as "kamailio". ERR_INPUT names those that there are. *rebuilt may be NULL. */
enum err_code registrar_open(
	const char *kind, const struct registrar_conf *conf, bool *rebuilt, struct registrar **out, struct err *err);

/* Opens and checks the file, keeps it open (a reader would race with the recovery of the log otherwise). A file that
 * is not a database is set aside as PATH.broken and made anew; *rebuilt says that it was empty or new. The RPC is not
 * tried here: Kamailio may start later. */
registrar_open_fn kamailio_open;

#endif
