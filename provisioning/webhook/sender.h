/* One thread that makes the calls: many at once, each bounded in time and size, none of them holding up anything else.
 */
#ifndef PROVISIONING_WEBHOOK_SENDER_H
#define PROVISIONING_WEBHOOK_SENDER_H

#include <stdbool.h>
#include <stdint.h>

#include "phonecfg/base/err.h"
#include "phonecfg/base/slice.h"

enum { SENDER_CALLS_MAX = 32, SENDER_HEADERS = 3, SENDER_ANSWER_MAX = 64 * 1024, SENDER_WHY = 200 };

struct sender_conf {
	bool plain;     /* http:// too */
	bool private;   /* addresses that are not of the public internet too */
	const char *ca; /* PEM file; NULL = the system's */
	long timeout_ms;
};

/* Copied. */
struct sender_call {
	int64_t tag, about; /* the caller's; they come back in the result */
	const char *url;
	const char *headers[SENDER_HEADERS]; /* "name: value"; NULL = none */
	struct slice body;                   /* JSON */
};

struct sender_result {
	int64_t tag, about;
	long status;          /* of the answer; 0 = none came */
	char why[SENDER_WHY]; /* a sentence where it is no 2xx, without the address */
	int64_t took_ms;
};

/* On the sender's thread; must not block. */
typedef void sender_result_fn(const struct sender_result *r, void *arg);

struct sender;

/* *conf and its texts are copied. Not while other threads run curl for the first time. */
enum err_code sender_open(
	const struct sender_conf *conf, sender_result_fn *fn, void *arg, struct sender **out, struct err *err);
/* Any thread. ERR_BUSY when SENDER_CALLS_MAX are under way. After ERR_OK one result will come. */
enum err_code sender_post(struct sender *s, const struct sender_call *call, struct err *err);
/* Calls that are under way get no result. NULL is allowed. */
void sender_close(struct sender *s);

#endif
