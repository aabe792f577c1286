/* Names and User-Agents from the wire: a known form or nothing, and what is taken goes out again as the same form. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "phonecfg/vendor/vendor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
	if (!good)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice s = { (const char *)data, size };
	struct file_request r;
	struct ua_info u;

	if (vendor_parse_file(s, &r)) {
		must(r.kind > FILE_UNKNOWN && r.kind < FILE_KIND_COUNT);
		must(memchr(data, '/', size) == NULL && memchr(data, 0, size) == NULL &&
			memchr(data, '\n', size) == NULL);
		must(slice_find(s, SLICE_LIT("..")) < 0);
		must(strlen(r.common) < sizeof(r.common));
	} else {
		must(r.kind == FILE_UNKNOWN && !r.has_mac && r.common[0] == 0);
	}
	if (vendor_parse_ua(s, &u)) {
		must(vendor_get(u.vendor) != NULL);
		must(strlen(u.model) > 0 && strlen(u.model) < sizeof(u.model) &&
			strlen(u.firmware) < sizeof(u.firmware));
	} else {
		must(u.vendor == VENDOR_NONE && u.model[0] == 0);
	}
	return 0;
}
