/* Numbers as Prometheus reads them: names, labels, escapes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "provisioning/conf/metric.h"

static void families(void **state)
{
	const struct metric_label odd[] = { { "a", "q\"b\\n\nx" }, { "b", "" }, { NULL, NULL } },
				  none[] = { { NULL, NULL } };
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	metric_family(&out, "x_total", METRIC_COUNTER, "How many.");
	metric_sample(&out, "x_total", odd, UINT64_MAX);
	metric_sample(&out, "x_total", none, 0);
	metric_family(&out, "y", METRIC_GAUGE, "How long.");
	metric_seconds(&out, "y", NULL, 1005);
	metric_seconds(&out, "y", NULL, -1);
	metric_one(&out, "z", METRIC_GAUGE, "Now.", 7);
	assert_string_equal(out.data,
		"# HELP rekey_x_total How many.\n# TYPE rekey_x_total counter\n"
		"rekey_x_total{a=\"q\\\"b\\\\n\\nx\",b=\"\"} 18446744073709551615\nrekey_x_total 0\n"
		"# HELP rekey_y How long.\n# TYPE rekey_y gauge\nrekey_y 1.005\nrekey_y 0.000\n"
		"# HELP rekey_z Now.\n# TYPE rekey_z gauge\nrekey_z 7\n");
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(families) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
