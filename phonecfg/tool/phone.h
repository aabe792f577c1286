/* PHONE.json -> struct phone, for the commands that render. The format stands in README.md. */
#ifndef PHONECFG_TOOL_PHONE_H
#define PHONECFG_TOOL_PHONE_H

#include "phonecfg/model/model.h"
#include "phonecfg/profile/profile.h"
#include "phonecfg/template/tval.h"

/* Errors name the file and the member ("phone.json: accounts[0].port must be a number"). All text in the arena. */
enum err_code phone_from_tval(
	const struct tval *doc, const char *file, struct arena *a, struct phone *out, struct err *err);

#endif
