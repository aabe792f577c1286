/* Where a called number or extension leads: the part of the registrar's file that Kamailio's alias_db reads. */
#ifndef PROVISIONING_REGISTRAR_ALIASES_H
#define PROVISIONING_REGISTRAR_ALIASES_H

#include <stdbool.h>

#include "provisioning/registrar/registrar.h"

struct file;

/* Thread-safe; the meanings are those of registrar_aliases() and registrar_aliases_sync(). */
enum err_code aliases_set(struct file *f, const char *owner, const struct alias_list *wanted, struct err *err);
enum err_code aliases_sync(struct file *f, const struct alias_list *wanted, bool *differed, struct err *err);

#endif
