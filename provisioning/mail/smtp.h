/* Mail to one SMTP server, by libcurl: STARTTLS or TLS from the first byte, and a login. One connection is kept from
 * mail to mail as long as the server lets it. */
#ifndef PROVISIONING_MAIL_SMTP_H
#define PROVISIONING_MAIL_SMTP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "phonecfg/base/err.h"
#include "phonecfg/base/secret.h"
#include "provisioning/mail/verdict.h"

enum smtp_tls {
	SMTP_STARTTLS, /* demanded: nothing is sent without it */
	SMTP_TLS,      /* from the first byte (RFC 8314) */
	SMTP_PLAIN     /* none: for a relay on this machine */
};

struct smtp_conf {
	const char *host;
	unsigned port;
	enum smtp_tls tls;
	const char *ca;   /* PEM file; "" = the system's */
	const char *user; /* "" = no login */
	struct secret password;
	const char *hello;       /* the name by which we greet; "" = this machine's */
	int64_t timeout_ms;      /* for a connection, and for one mail */
	bool public_only;        /* not to loopback, private or link-local addresses */
	const atomic_bool *stop; /* when it becomes true, what is going on ends within a second; may be NULL */
};

struct smtp;

/* *conf must outlive it. Connects at the first mail. */
enum err_code smtp_open(const struct smtp_conf *conf, struct smtp **out, struct err *err);
/* Says QUIT. NULL is allowed. */
void smtp_close(struct smtp *s);

/* Waits, at most conf.timeout_ms. Addresses are checked ones; what became of it is in *out. When the server has ended
 * the connection of the mail before, it is tried once more over a new one. */
void smtp_send(struct smtp *s, const char *from, const char *to, struct slice message, struct smtp_report *out);

#endif
