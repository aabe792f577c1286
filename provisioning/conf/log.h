/* The log: one event a line, `time level event key=value …`, to stderr. Values with blanks or quotes are quoted,
 * control characters are escaped, so that one event can never look like two. Secrets never come here: there is no way
 * to print one. */
#ifndef PROVISIONING_CONF_LOG_H
#define PROVISIONING_CONF_LOG_H

#include <stdarg.h>

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

/* Lines below this level are not written. Set once at start, before threads. Default INFO. */
void log_set_level(enum log_level level);

/* log_event(LOG_LEVEL_INFO, "pull", "mac", mac, "file", name, NULL): pairs of key and value, ended by NULL. A NULL
 * value prints as -. */
void log_event(enum log_level level, const char *event, ...) __attribute__((sentinel));

#endif
