/* The greetings of one mailbox in memory. For greeting.c and greeting_put.c. */
#ifndef PROVISIONING_VOICEMAIL_SHELF_H
#define PROVISIONING_VOICEMAIL_SHELF_H

#include "provisioning/voicemail/greeting.h"

/* Where the files of one number lie, and which they are. */
struct shelf {
	struct mailbox_dir box;
	int timeframes; /* -1: not there */
	struct greeting *v;
	size_t n, cap;
	struct arena *a;
};

/* make: mailbox and folder too, for a greeting that is to come. ERR_NOT_FOUND: there is no such mailbox. */
enum err_code shelf_open(const struct voicemail *vm, const struct mailbox *box, bool make, struct arena *a,
	struct shelf *s, struct err *err);
/* Again, when others may have changed it. */
enum err_code shelf_read(struct shelf *s, struct err *err);
void shelf_close(struct shelf *s);
/* ERR_NOT_FOUND. */
enum err_code shelf_find(struct shelf *s, unsigned index, struct greeting **out, struct err *err);
/* The folder of that number. */
int shelf_dir(const struct shelf *s, unsigned index);
/* The name of its files without their extension; NULL when it would be too long, or memory ran out. */
const char *shelf_stem(struct shelf *s, const struct greeting *g);
/* Which number a file belongs to; 0 = none. timed: it lies in the folder of time frames. */
unsigned shelf_index(
	struct shelf *s, const char *name, bool timed, char **time_frame, const char **rest, const char **kind);
enum err_code shelf_no_memory(struct err *err);
enum err_code shelf_none(unsigned index, struct err *err);

#endif
