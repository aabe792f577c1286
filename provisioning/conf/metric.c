#include "provisioning/conf/metric.h"

#include <inttypes.h>

static void text(struct buf *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '\\' || *s == '"')
			buf_char(out, '\\');
		if (*s == '\n')
			buf_str(out, "\\n");
		else
			buf_char(out, *s);
	}
}

void metric_family(struct buf *out, const char *name, enum metric_type type, const char *help)
{
	buf_printf(out, "# HELP rekey_%s %s\n", name, help);
	buf_printf(out, "# TYPE rekey_%s %s\n", name, type == METRIC_COUNTER ? "counter" : "gauge");
}

static void begin(struct buf *out, const char *name, const struct metric_label *labels)
{
	const struct metric_label *l;

	buf_printf(out, "rekey_%s", name);
	if (labels == NULL || labels->name == NULL)
		return;
	for (l = labels; l->name; l++) {
		buf_printf(out, "%c%s=\"", l == labels ? '{' : ',', l->name);
		text(out, l->value);
		buf_char(out, '"');
	}
	buf_char(out, '}');
}

void metric_sample(struct buf *out, const char *name, const struct metric_label *labels, uint64_t value)
{
	begin(out, name, labels);
	buf_printf(out, " %" PRIu64 "\n", value);
}

void metric_seconds(struct buf *out, const char *name, const struct metric_label *labels, int64_t ms)
{
	begin(out, name, labels);
	buf_printf(out, " %" PRId64 ".%03d\n", (ms > 0 ? ms : 0) / 1000, (int)((ms > 0 ? ms : 0) % 1000));
}

void metric_one(struct buf *out, const char *name, enum metric_type type, const char *help, uint64_t value)
{
	metric_family(out, name, type, help);
	metric_sample(out, name, NULL, value);
}
