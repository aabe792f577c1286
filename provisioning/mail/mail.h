/* What this server knows about sending mail: its own way out, the letters, and which ways are blocked for now.
 *
 * A way out is called a lane: 0 is the server's own, another number is that of a domain with a mail server of its own.
 * A lane whose server fails is left alone for longer and longer, whatever mails wait for it. */
#ifndef PROVISIONING_MAIL_MAIL_H
#define PROVISIONING_MAIL_MAIL_H

#include <stdatomic.h>
#include <stdint.h>

#include "phonecfg/base/secret.h"
#include "provisioning/mail/letter.h"
#include "provisioning/mail/smtp.h"

/* Whether a domain may have a mail server of its own, and where that may be. */
enum domain_servers { DOMAIN_SERVERS_NONE, DOMAIN_SERVERS_PUBLIC, DOMAIN_SERVERS_ANY };

/* A zero takes the default. Texts must outlive the struct mail. */
struct mail_conf {
	const char *host; /* "" or NULL = this server sends no mail of its own */
	unsigned port;
	enum smtp_tls tls;
	const char *ca, *user;
	struct secret password;
	const char *from, *from_name, *reply_to;
	const char *hello;               /* how we greet a server */
	const char *letters;             /* folder of the letters that come with the program */
	const char *portal_url;          /* links begin with it; without a slash at the end */
	int64_t timeout_ms;              /* 60 s */
	int64_t retry_ms, retry_most_ms; /* 1 min, doubled up to 30 min */
	enum domain_servers domain_servers;
	unsigned lanes_max; /* lanes at work at once: 2 */
};

struct mail_counts {
	uint64_t sent, failed, put_off; /* mails */
	uint64_t server_faults;
};

struct mail;

/* ERR_INPUT with a sentence for settings that do not go together; ERR_IO, ERR_INPUT for a letter that cannot be read.
 */
enum err_code mail_open(const struct mail_conf *conf, struct mail **out, struct err *err);
/* What is being sent is broken off within a second. */
void mail_stop(struct mail *m);
void mail_close(struct mail *m); /* NULL is allowed */

const struct mail_conf *mail_conf(const struct mail *m);
const struct letter *mail_letter(const struct mail *m, enum letter_kind kind);
const struct letter_text *mail_letter_source(const struct mail *m, enum letter_kind kind);
/* Set by mail_stop(). */
const atomic_bool *mail_stopping(const struct mail *m);

/* ---- lanes; any thread ---- */

/* False: lanes_max are at work, come again later. */
bool mail_lane_enter(struct mail *m);
void mail_lane_leave(struct mail *m);
/* The lane's server failed at now_ms: until when to leave it alone. */
int64_t mail_lane_failed(struct mail *m, int64_t lane, int64_t now_ms);
/* Until when that is; 0 = it did not fail. */
int64_t mail_lane_until(struct mail *m, int64_t lane);
void mail_lane_works(struct mail *m, int64_t lane);
/* The pause after so many attempts of one mail. */
int64_t mail_pause_ms(const struct mail *m, int64_t attempts);

void mail_count(struct mail *m, enum verdict v, bool given_up);
void mail_counts(const struct mail *m, struct mail_counts *out);

#endif
