/* Numbers as Prometheus reads them: the text exposition format 0.0.4.
 *
 * A family is a name with its help and type, then its samples. No label carries a person, a domain or a MAC: what may
 * stand there are words of ours, few of them. */
#ifndef PROVISIONING_CONF_METRIC_H
#define PROVISIONING_CONF_METRIC_H

#include <stdint.h>

#include "phonecfg/base/buf.h"

enum metric_type { METRIC_COUNTER, METRIC_GAUGE };

/* Begins a family, "rekey_" before its name. A counter's name ends with _total. */
void metric_family(struct buf *out, const char *name, enum metric_type type, const char *help);

struct metric_label {
	const char *name, *value;
};
/* A sample of it; labels end with a NULL name. */
void metric_sample(struct buf *out, const char *name, const struct metric_label *labels, uint64_t value);
/* The same in seconds, from milliseconds. */
void metric_seconds(struct buf *out, const char *name, const struct metric_label *labels, int64_t ms);

/* A family of one sample without labels. */
void metric_one(struct buf *out, const char *name, enum metric_type type, const char *help, uint64_t value);

#endif
