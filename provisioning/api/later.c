/* What the interface names and this version does not do: said in a sentence, never silence. */
#include "provisioning/api/calls.h"

enum err_code later_bulk(struct call *c, struct err *err)
{
	(void)c;
	return err_set(err, ERR_UNSUPPORTED,
		"Bulk actions other than resets and recycles are not part of this version yet.");
}
