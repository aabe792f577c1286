/* Counts failures by who caused them, in a window of time. Bounded in memory: of many callers the ones that were quiet
 * longest are forgotten. Any thread. */
#ifndef PROVISIONING_API_THROTTLE_H
#define PROVISIONING_API_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

#include "phonecfg/base/err.h"
#include "provisioning/http/http.h"

enum { THROTTLE_WINDOW_MS = 10 * 60 * 1000, THROTTLE_KNOWN = 1024 };

struct throttle;

enum err_code throttle_open(struct throttle **out, struct err *err);
void throttle_close(struct throttle *t); /* NULL is allowed */

/* An IPv4 address, or the /64 of an IPv6 one: whoever has one of those has them all. */
uint64_t throttle_peer(const struct http_peer *peer);
uint64_t throttle_user(int64_t user_id);

/* most or more within the window? now_ms: the steady clock. */
bool throttle_full(struct throttle *t, uint64_t who, unsigned most, int64_t now_ms);
void throttle_note(struct throttle *t, uint64_t who, int64_t now_ms);

#endif
