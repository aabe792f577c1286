/* The address of a webhook, as an admin gives it. */
#ifndef PROVISIONING_WEBHOOK_URL_H
#define PROVISIONING_WEBHOOK_URL_H

#include <stdbool.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/err.h"

enum { URL_MAX = 1000 };

/* ERR_INPUT with a sentence: no URL, another scheme than https (http: plain allows it), a user or password in it, a
 * fragment, or an address that is refused (private allows those). Names are not looked up: where they lead is checked
 * at each call. */
enum err_code url_check(const char *url, bool plain, bool private, struct err *err);
/* What may be shown and logged: scheme and host, and *** for the rest. NULL when memory ran out. */
const char *url_masked(const char *url, struct arena *a);

#endif
