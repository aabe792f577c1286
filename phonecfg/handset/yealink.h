/* The two halves of the Yealink handset: yealink.c is what files do, yealink_lines.c what the phone does with its
 * values. */
#ifndef PHONECFG_HANDSET_YEALINK_H
#define PHONECFG_HANDSET_YEALINK_H

#include "phonecfg/handset/internal.h"

/* Key types by number (vendor templates). */
enum { TYPE_NONE = 0, TYPE_SPEED_DIAL = 13, TYPE_LINE = 15, TYPE_BLF = 16, TYPE_PAGE_SWITCH = 37 };

#define HS_YEALINK_HEADER "#!version:1.0.0.1"

/* Does it run firmware of before V81: no boot file, names without static.? */
bool hs_yealink_old(const struct handset *hs);
/* The value in effect of a setting that has static. before its name from V81 on; name is without it. */
const char *hs_yealink_static(const struct handset *hs, const char *name);
bool hs_yealink_static_on(const struct handset *hs, const char *name);

/* An encrypted file in the clear, by the key that the phone holds for files of that name. *plain stays empty when it
 * holds none that opens it; then *why may say more than it did. */
void hs_yealink_unseal(
	const struct handset *hs, const char *file, struct slice body, struct buf *plain, const char **why);

/* A list of contacts, of calls: what it holds takes the place of those of the phone. */
enum err_code hs_yealink_take_contacts(struct handset *hs, const char *file, struct slice body, struct err *err);
enum err_code hs_yealink_take_calls(struct handset *hs, const char *file, struct slice body, struct err *err);
/* Fetches the lists that the phone's values name. */
enum err_code hs_yealink_pull_lists(struct handset *hs, struct hs_fetch *f, struct err *err);
/* Does this phone send its contacts, and fetch them again with its files? */
bool hs_yealink_shares_contacts(const struct handset *hs);
enum err_code hs_yealink_put_contacts(const struct handset *hs, handset_put_fn *put, void *arg, struct err *err);

bool hs_yealink_line(const struct handset *hs, unsigned slot, struct arena *a, struct handset_line *out);
bool hs_yealink_keys(const struct handset *hs, struct arena *a, struct handset_key **v, size_t *n, size_t *cap);
void hs_yealink_credentials(const struct handset *hs, struct handset_credentials *out);
void hs_yealink_notify(
	const struct handset *hs, struct slice package, struct slice params, struct handset_reaction *out);

#endif
