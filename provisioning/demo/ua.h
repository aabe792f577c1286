/* The SIP side of one simulated phone: registers its lines, keeps them registered, and hands every NOTIFY that arrives
 * on a registered flow to its owner, who decides the answer.
 *
 * One struct ua is one phone with a thread of its own; a process may hold many. The calls may come from any thread but
 * not from inside a callback of the same ua (the callbacks run in its SIP thread and must not block). To stand behind
 * NAT, run in a network namespace with a private address on lo as local_address: the contact names that one, the
 * connection leaves from another (tests/sip/netns.t does so). Digest is MD5. Line changes are queued and done in order.
 */
#ifndef PROVISIONING_DEMO_UA_H
#define PROVISIONING_DEMO_UA_H

#include <stdbool.h>
#include <stdint.h>

#include "phonecfg/base/err.h"
#include "phonecfg/base/secret.h"

enum { UA_LINES_MAX = 64, UA_TEXT_MAX = 256 };

enum ua_transport { UA_UDP, UA_TCP, UA_TLS };

/* A line as the served file says. Texts are copied. */
struct ua_line {
	const char *user;      /* "1001": To, From and the user of Contact */
	const char *auth_user; /* NULL: user */
	struct secret secret;
	const char *domain;  /* "example.test" */
	const char *display; /* NULL: none */
	const char *server;  /* numeric address to send to (outbound proxy or registrar), "127.0.0.1"; no DNS here */
	uint16_t port;       /* 0: 5060, TLS 5061 */
	enum ua_transport transport;
	const char *tls_name; /* name that the server's certificate must carry; NULL: server */
	unsigned expires_s;   /* 0: 600 */
};

enum { UA_SILENT = 0, UA_CHALLENGE = 401 };

struct ua_notify {
	unsigned slot;      /* line whose contact stands in the Request-URI; 0: none of ours */
	const char *event;  /* value of the Event header, "" if it lacks */
	bool authorized;    /* it carried the right digest of that line's secret to our last challenge */
	const char *source; /* "127.0.0.1:5060" */
};

struct ua_conf {
	const char *local_address; /* concrete: "127.0.0.1", or the inner address of a network namespace */
	const char *user_agent;    /* header value, such as "Yealink SIP-T46U 108.86.0.20" */
	const char *tls_ca;        /* PEM file; NULL: TLS lines cannot be used */
	/* Every outcome of a REGISTER: 200, 401 (the secret is refused), … or 0 when nobody answered. expires_s = 0: it
	 * was an un-REGISTER. Failures are tried again by the ua every 2 s at first, then slower. NULL: not wanted. */
	void (*registered)(unsigned slot, int status, unsigned expires_s, void *arg);
	/* Returns the status to answer with: 200, 481, UA_CHALLENGE (adds WWW-Authenticate with realm), or UA_SILENT.
	 */
	int (*notified)(const struct ua_notify *n, void *arg);
	const char *realm; /* of the challenge [the line's domain] */
	void *arg;
};

struct ua;

enum err_code ua_start(const struct ua_conf *conf, struct ua **out, struct err *err);
/* polite: un-REGISTERs first (waits 2 s at most); otherwise as if the power had failed. NULL is allowed. */
void ua_stop(struct ua *ua, bool polite);

/* Slots 1 … UA_LINES_MAX. The same line again changes nothing; another one in the slot un-REGISTERs the old one first.
 * ERR_INPUT: a text is too long or missing. */
enum err_code ua_set_line(struct ua *ua, unsigned slot, const struct ua_line *line, struct err *err);
void ua_clear_line(struct ua *ua, unsigned slot);
/* The line leaves without un-REGISTER, as a phone does that lost the account by a reboot. */
void ua_forget_line(struct ua *ua, unsigned slot);
/* REGISTERs this line now (a refresh), whatever its timer says. */
void ua_refresh_line(struct ua *ua, unsigned slot);

#endif
