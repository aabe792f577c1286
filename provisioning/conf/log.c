#include "provisioning/conf/log.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 2048 };

static enum log_level least = LOG_LEVEL_INFO;

void log_set_level(enum log_level level)
{
	least = level;
}

struct line {
	char text[LINE_MAX_BYTES];
	size_t n;
};

static void put(struct line *l, const char *s, size_t n)
{
	size_t room = sizeof(l->text) - 2 - l->n;

	if (n > room)
		n = room;
	memcpy(l->text + l->n, s, n);
	l->n += n;
}

static bool plain(const char *v)
{
	if (*v == '\0')
		return false;
	for (; *v; v++)
		if ((unsigned char)*v <= ' ' || *v == '"' || *v == '\\' || *v == '=' || *v == 0x7f)
			return false;
	return true;
}

static void put_value(struct line *l, const char *v)
{
	char esc[8];

	if (plain(v)) {
		put(l, v, strlen(v));
		return;
	}
	put(l, "\"", 1);
	for (; *v; v++) {
		unsigned char c = (unsigned char)*v;

		if (c < ' ' || c == 0x7f)
			put(l, esc, (size_t)snprintf(esc, sizeof(esc), "\\x%02x", c));
		else if (c == '"' || c == '\\')
			put(l, esc, (size_t)snprintf(esc, sizeof(esc), "\\%c", c));
		else
			put(l, v, 1);
	}
	put(l, "\"", 1);
}

void log_event(enum log_level level, const char *event, ...)
{
	static const char *const names[] = { "debug", "info", "warn", "error" };
	struct line l = { .n = 0 };
	struct timespec now;
	struct tm tm;
	char stamp[40];
	const char *key;
	va_list ap;

	if (level < least)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm);
	put(&l, stamp, strlen(stamp));
	snprintf(stamp, sizeof(stamp), ".%03ldZ %s ", now.tv_nsec / 1000000, names[level]);
	put(&l, stamp, strlen(stamp));
	put(&l, event, strlen(event));
	va_start(ap, event);
	while ((key = va_arg(ap, const char *)) != NULL) {
		const char *value = va_arg(ap, const char *);

		put(&l, " ", 1);
		put(&l, key, strlen(key));
		put(&l, "=", 1);
		put_value(&l, value ? value : "-");
	}
	va_end(ap);
	l.text[l.n++] = '\n';
	/* One write, so that lines of several threads do not mix. Nothing can be done when stderr is gone. */
	if (write(STDERR_FILENO, l.text, l.n) < 0)
		return;
}
