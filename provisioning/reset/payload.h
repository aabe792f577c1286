/* The little that an outbox row of this folder carries beside its key: numbers in a flat JSON object. */
#ifndef PROVISIONING_RESET_PAYLOAD_H
#define PROVISIONING_RESET_PAYLOAD_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The number behind "name":, or 0. */
static inline int64_t payload_number(const char *payload, const char *name)
{
	const char *p = payload ? strstr(payload, name) : NULL;

	if (p == NULL || p[strlen(name)] != '"' || p[strlen(name) + 1] != ':')
		return 0;
	return strtoll(p + strlen(name) + 2, NULL, 10);
}

#endif
