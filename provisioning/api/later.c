/* What the interface names and this version does not do: said in a sentence, never silence. */
#include "provisioning/api/calls.h"

static enum err_code later(struct err *err, const char *what)
{
	return err_set(err, ERR_UNSUPPORTED, "%s not part of this version yet.", what);
}

enum err_code later_move(struct call *c, struct err *err)
{
	(void)c;
	return later(err, "Moving a phone to another domain in one step is");
}

enum err_code later_swap(struct call *c, struct err *err)
{
	(void)c;
	return later(err, "Replacing a phone by another MAC in one step is");
}

enum err_code later_retire(struct call *c, struct err *err)
{
	(void)c;
	return later(err, "Retiring a phone is");
}

enum err_code later_pair(struct call *c, struct err *err)
{
	(void)c;
	return later(err, "The pairing window (use a first-access address: POST .../token) is");
}
