/* What the interface names and this version does not do: said in a sentence, never silence. */
#include "provisioning/api/calls.h"

static enum err_code later(struct err *err, const char *what)
{
	return err_set(err, ERR_UNSUPPORTED, "%s not part of this version yet.", what);
}

enum err_code later_bulk(struct call *c, struct err *err)
{
	(void)c;
	return later(err, "Bulk actions other than resets and recycles are");
}

enum err_code later_voicemail(struct call *c, struct err *err)
{
	(void)c;
	return later(err, "Voicemail, greetings, answering rules and contacts are");
}
