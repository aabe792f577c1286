/* One registration of a simulated phone: REGISTER with digest, refresh at half time, try again after a failure,
 * un-REGISTER. Private to ua.c; everything here runs in the phone's SIP thread. */
#ifndef PROVISIONING_DEMO_UA_REG_H
#define PROVISIONING_DEMO_UA_REG_H

#include <re/re.h>
#include <pthread.h>

#include "provisioning/demo/ua.h"

struct reg;
struct ua_command;

struct reg_line {
	char user[UA_TEXT_MAX], auth_user[UA_TEXT_MAX], secret[UA_TEXT_MAX], domain[UA_TEXT_MAX];
	char display[UA_TEXT_MAX], server[UA_TEXT_MAX], tls_name[UA_TEXT_MAX];
	enum ua_transport transport;
	uint16_t port;
	unsigned expires_s;
};

struct ua {
	struct ua_conf conf;
	char address[UA_TEXT_MAX], agent[UA_TEXT_MAX], ca[UA_TEXT_MAX], realm[UA_TEXT_MAX];
	struct sip_loop *loop;
	pthread_mutex_t lock; /* guards the next two lines */
	struct ua_command *first, *last;
	int status[UA_LINES_MAX + 1];
	bool polite; /* written before the thread is told to stop */
	/* of the SIP thread */
	struct reg *line[UA_LINES_MAX + 1];
	struct list regs; /* every struct reg, those that are leaving too */
	struct sip *sip;
	struct sip_lsnr *listener;
	struct tls *tls;
	struct tmr timer;
	bool stopping;
};

typedef void reg_status_fn(const struct reg *r, int status, unsigned expires_s, void *ua);

struct reg *reg_new(struct ua *ua, unsigned slot, const struct reg_line *line, reg_status_fn *fn); /* NULL: no memory */
void reg_refresh(struct reg *r);
/* The registration ends and frees itself: at once, or when its un-REGISTER was answered. */
void reg_leave(struct reg *r, bool polite);
void reg_drop_all(struct ua *ua);

unsigned reg_slot(const struct reg *r);
const char *reg_domain(const struct reg *r);
bool reg_same(const struct reg *r, const struct reg_line *line);
bool reg_same_identity(const struct reg *r, const struct reg_line *line);
bool reg_has_contact_user(const struct reg *r, const struct pl *user);
/* Digest of requests that reach the phone: a nonce for the next challenge, and the check of an answer to it. */
const char *reg_new_nonce(struct reg *r);
bool reg_check(struct reg *r, const struct sip_msg *msg, const char *realm);

void ua_check_gone(struct ua *ua); /* called by ua_reg.c when a registration has left */

#endif
