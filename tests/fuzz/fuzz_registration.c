/* A datagram on the registrar's event socket: one event or nothing. */
#include <stdint.h>
#include <string.h>

#include "provisioning/registrar/events.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct secret key = { "0123456789abcdef", 16 };
	struct registration_event e;

	if (registration_parse((struct slice){ (const char *)data, size }, &key, &e) &&
		(!memchr(e.user, 0, sizeof e.user) || !memchr(e.contact, 0, sizeof e.contact) || !e.user[0] ||
			e.kind > REGISTRATION_REFUSED))
		__builtin_trap();
	return 0;
}
