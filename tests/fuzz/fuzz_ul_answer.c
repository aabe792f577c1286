/* Answers of Kamailio's JSON-RPC. */
#include <stdint.h>

#include "provisioning/registrar/ul_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice body = { (const char *)data, size };
	struct binding_list l;
	struct arena a;
	struct err err;

	arena_init(&a, 1 << 20);
	if (ul_lookup_answer(body, &a, &l, &err) == ERR_OK)
		for (size_t i = 0; i < l.n; i++)
			if (!l.v[i].contact || !l.v[i].source)
				__builtin_trap();
	arena_release(&a);
	(void)ul_rm_answer(body, &err);
	return 0;
}
