/* Telling a phone: one NOTIFY with an Event such as "check-sync" per job, by libre in a thread of its own.
 *
 * sipd_submit() may be called from any thread. The answer comes to the result function, which runs in the SIP thread
 * and must neither block nor call back into sipd_stop(). Which phone, when, and whether to tell it again is decided
 * elsewhere; here one job is one NOTIFY with its retransmissions (RFC 3261 §17.1.2) and its digest rounds. */
#ifndef PROVISIONING_SIP_NOTIFY_H
#define PROVISIONING_SIP_NOTIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "phonecfg/base/err.h"
#include "phonecfg/base/secret.h"

enum {
	NOTIFY_SECRETS_MAX = 8,
	NOTIFY_REASON_MAX = 128,
	NOTIFY_WINDOW = 64,       /* measured: beyond it UDP answers are lost and TLS writes fail */
	NOTIFY_SILENT_MAX = 4096, /* jobs of phones that were silent for 4 T1: they make room for others */
	NOTIFY_HELD_MAX = 2048,   /* waiting and in flight: sipd_room() lets no more come in */
	NOTIFY_T1_MS = 500,       /* RFC 3261 §17.1.1.1; T2 = 8 T1, T4 = 10 T1, timer F = 64 T1 */
	NOTIFY_DEADLINE_MS = 40000,
};

struct sipd;

/* Texts need to live during sipd_start() only. 0 or NULL takes the value in brackets. */
struct sipd_conf {
	const char *local_address; /* a concrete address such as "192.0.2.7" or "127.0.0.1"; never 0.0.0.0 */
	uint16_t local_port;       /* of UDP; connections leave from any [any free port] */
	const char *proxy;         /* "sip:registrar.example:5060;transport=tcp" or "sips:…" [none: only direct] */
	const char *proxy_user;    /* answers the proxy's own 407 [none] */
	struct secret proxy_secret;
	const char *tls_ca;     /* file of trusted certificates in PEM [the system's] */
	const char *dns_server; /* "192.0.2.53" or "192.0.2.53:53" [/etc/resolv.conf] */
	const char *user_agent; /* ["Rekey"] */
	unsigned t1_ms;         /* [NOTIFY_T1_MS] */
	unsigned window;        /* jobs that an answer may come to soon; cut to NOTIFY_WINDOW [NOTIFY_WINDOW] */
	unsigned rate;          /* first sendings in any second, over all [no limit] */
	unsigned rate_source;   /* the same per struct notify.source [no limit] */
	/* How far those who will be told are behind, such as handshakes that wait; from any thread, must not block.
	 * Beyond bears the overall rate falls in proportion. [NULL: no pressure] */
	unsigned (*pressure)(void *arg);
	void *pressure_arg;
	unsigned bears;
	size_t queue_max; /* jobs waiting [100000] */
};

/* All texts are copied by sipd_submit(). */
struct notify {
	uint64_t id;             /* the caller's; comes back in the result */
	const char *request_uri; /* the contact as the registrar names it */
	const char *to_uri;      /* the address of record, "sip:1001@example.test" [request_uri] */
	const char *from_uri;    /* [to_uri] */
	const char *event;       /* value of the Event header: "check-sync;reboot=false", "resync", … */
	bool direct;             /* true: straight to the contact; false: Route = proxy (the rule) */
	const char *proxy;       /* another proxy for this job [that of sipd_conf] */
	const char *source;      /* address that the phone comes from; rate limit and fairness [host of request_uri] */
	const char *auth_user;   /* for a 401 (or a 407 that is not the proxy's) [user of to_uri] */
	struct secret secrets[NOTIFY_SECRETS_MAX]; /* tried in this order, one per challenge */
	size_t nsecrets;
	unsigned deadline_ms; /* from the first sending, DNS included; waiting in the queue is not counted
			       * [NOTIFY_DEADLINE_MS] */
};

/* On the way through the proxy an answer may be the proxy's own: 404 = this contact is not registered, 408 = the phone
 * was silent for the proxy's timer, 430, 477, 478 or 500 = its connection is gone. Any other final answer is the
 * phone's.
 *
 * Valid during the call. Exactly one result with late == false per submitted job; at most one more with late == true,
 * when a final answer came after the job had timed out (kept in mind for another 64 T1, at least 32 s). */
struct notify_result {
	uint64_t id;
	int status;                     /* the final SIP status, or 0: no answer, error says why */
	char reason[NOTIFY_REASON_MAX]; /* reason phrase of the answer */
	enum err_code error;            /* ERR_OK exactly when status != 0 */
	char error_text[256];           /* one sentence */
	bool timed_out;                 /* status 0 because timer F or the deadline ran out */
	bool late;
	int challenged;     /* 0, or the last challenge answered or refused: 401 or 407 */
	int secret;         /* index of the secret that the last request carried, -1: none */
	unsigned rounds;    /* requests with an own CSeq */
	unsigned datagrams; /* requests given to the wire, retransmissions counted */
	unsigned queued_ms; /* from submission to the first sending */
	unsigned ms;        /* from the first sending to the answer */
};

typedef void notify_result_fn(const struct notify_result *r, void *arg);

struct sipd_counts {
	uint64_t submitted, settled, datagrams, late;
	unsigned queued, in_flight, in_flight_peak; /* the peak without the silent ones */
	unsigned silent;
	uint64_t put_off;    /* sipd_room() said later */
	unsigned pressure;   /* now */
	bool slowed;         /* the rate is below its setting by it */
	uint64_t answers[7]; /* final answers by class: [2] = 200 to 299 …; [0] = none came */
	uint64_t rate_waits; /* times that a rate, overall or of a source, made the sender wait */
	uint64_t queued_ms;  /* from submission to the first sending, all together */
};

/* Starts the thread. ERR_INPUT: a setting is wrong; ERR_IO: the address or port cannot be taken. */
enum err_code sipd_start(
	const struct sipd_conf *conf, notify_result_fn *fn, void *arg, struct sipd **out, struct err *err);
/* Gives every unsettled job its result (ERR_BUSY, "stopped"), ends the thread and frees all. NULL is allowed. */
void sipd_stop(struct sipd *d);

/* Thread-safe, never blocks on the network. ERR_INPUT: a URI or the event is malformed, or there is no proxy;
 * ERR_LIMIT: the queue is full; ERR_BUSY: stopping. After ERR_OK the result will come. */
enum err_code sipd_submit(struct sipd *d, const struct notify *n, struct err *err);
/* Whether a NOTIFY for a phone at this source can be of use in the queue now. False: it would only wait; come again in
 * *wait_ms, when a place is kept for this id. A caller who comes all the same is not refused. */
bool sipd_room(struct sipd *d, uint64_t id, const char *source, int64_t *wait_ms);
void sipd_counts(struct sipd *d, struct sipd_counts *out);

#endif
