/* The little that an outbox row of this folder carries beside its key: numbers in a flat JSON object. */
#ifndef PROVISIONING_RESET_PAYLOAD_H
#define PROVISIONING_RESET_PAYLOAD_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The number behind "name":, or 0. */
static inline int64_t payload_number(const char *payload, const char *name)
{
	size_t n = strlen(name);
	const char *p = payload;

	while (p && (p = strstr(p, name)) != NULL) {
		if (p > payload && p[-1] == '"' && p[n] == '"' && p[n + 1] == ':')
			return strtoll(p + n + 2, NULL, 10);
		p += n;
	}
	return 0;
}

#endif
