/* What a webhook is told: one JSON object. Made of what does not change any more, so that a call that is repeated says
 * the same. */
#ifndef PROVISIONING_WEBHOOK_BODY_H
#define PROVISIONING_WEBHOOK_BODY_H

#include <stdint.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/err.h"
#include "phonecfg/base/slice.h"

struct alert_row;
struct alert_event_row;
struct webhook_row;

enum err_code body_of_event(const struct alert_event_row *event, const struct alert_row *alert, struct arena *a,
	struct slice *out, struct err *err);
enum err_code body_of_test(
	const struct webhook_row *hook, int64_t at_ms, struct arena *a, struct slice *out, struct err *err);

#endif
