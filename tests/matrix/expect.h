/* What a phone must show and register after its files: from the model alone. */
#ifndef TESTS_MATRIX_EXPECT_H
#define TESTS_MATRIX_EXPECT_H

#include "phonecfg/handset/handset.h"
#include "phonecfg/model/model.h"
#include "phonecfg/profile/profile.h"

/* The secret as the phone holds it: the password, or MD5(user:realm:password) of RFC 2617 section 3.2.2.2 where it
 * holds that instead. */
const char *expect_secret(const struct profile *pf, const struct phone *ph, const struct account *ac, struct arena *a);

/* Each returns NULL when the handset is exactly so, else the first difference, in the arena. */
const char *expect_lines(const struct handset *hs, const struct profile *pf, const struct phone *ph, struct arena *a);
const char *expect_keys(const struct handset *hs, const struct profile *pf, const struct phone *ph, struct arena *a);
const char *expect_settings(
	const struct handset *hs, const struct profile *pf, const struct phone *ph, struct arena *a);

/* The key that must stand there: type none where none does. A vacant phone shows line keys alone; a used slot that no
 * key shows has the key of its own number if that is free. */
struct key expect_key(const struct phone *ph, unsigned module, unsigned index);

#endif
