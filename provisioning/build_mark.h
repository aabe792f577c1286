/* What this build makes of a phone's facts, as one word: SHA-256 over every template and firmware profile. */
#ifndef PROVISIONING_BUILD_MARK_H
#define PROVISIONING_BUILD_MARK_H

#include "phonecfg/base/err.h"

enum { BUILD_MARK_TEXT = 65 };

/* Reads <share>/templates (but for what people read, mail and page) and <share>/firmware-profiles, names and bytes, in
 * the order of their names. ERR_IO names the file. */
enum err_code build_mark(const char *share, char out[BUILD_MARK_TEXT], struct err *err);

#endif
