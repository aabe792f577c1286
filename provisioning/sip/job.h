/* One NOTIFY from its turn in the queue to its result: where to send, digest rounds, deadline. Private to the folder;
 * only in the SIP thread but for job_new(). */
#ifndef PROVISIONING_SIP_JOB_H
#define PROVISIONING_SIP_JOB_H

#include "provisioning/sip/notify.h"
#include "provisioning/sip/pace.h"
#include "provisioning/sip/target.h"
#include "provisioning/sip/txn.h"

struct flight;

struct job {
	struct pace_item item; /* first: the queue hands it back */
	struct job *next;      /* inbox */
	struct notify n;       /* texts stand behind the struct */
	struct flight *flight; /* NULL while it waits */
	struct le fresh;       /* sipd's list of those that were sent lately */
	int64_t begun_us;
	size_t size;
	char text[];
};

struct job_env { /* what all jobs share */
	struct txn_layer *txns;
	struct resolver *resolver;
	char proxy[512], proxy_user[128], proxy_secret[128], user_agent[128];
	struct list flights;
	/* The job is over: count it, tell, and free it by job_free(). */
	void (*settled)(struct job *j, const struct notify_result *r, void *arg);
	void (*datagram)(struct job *j, bool first, void *arg);
	void *arg;
};

/* A checked copy. default_proxy: "" when there is none. ERR_INPUT says what is malformed. */
enum err_code job_new(const struct notify *n, const char *default_proxy, struct job **out, struct err *err);
void job_free(struct job *j); /* wipes */

void job_begin(struct job_env *env, struct job *j);
/* Settles with ERR_BUSY: the daemon stops. */
void job_abort(struct job_env *env, struct job *j);
void job_abort_all(struct job_env *env); /* those in flight */

bool job_write(struct mbuf *line, struct mbuf *rest, const struct sa *local, enum sip_transp tp, void *arg);
void job_ended(enum txn_end end, const struct sip_msg *msg, const char *why, void *arg);
void job_sent(void *arg);

/* A URI that may stand in a header between < and >: sip or sips, with a host, no blanks, quotes or controls. */
enum err_code job_check_uri(const char *what, const char *uri, struct err *err);
void job_reason(const struct sip_msg *msg, char out[NOTIFY_REASON_MAX]);

#endif
