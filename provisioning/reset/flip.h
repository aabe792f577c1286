/* The flip: the moment in which the registrar starts to know a line's new secret and forgets the old one.
 *
 * The store holds what the registrar should know of each identity (wanted) and what was read back from it (flipped).
 * Every function here is safe to repeat: what is flipped already is left alone, and bindings are removed by contact and
 * only when they were last refreshed before the flip. None of them may run on an edge thread: the registrar is asked.
 */
#ifndef PROVISIONING_RESET_FLIP_H
#define PROVISIONING_RESET_FLIP_H

#include <stdbool.h>
#include <stdint.h>

#include "phonecfg/base/err.h"
#include "phonecfg/base/mac.h"

struct reset;
struct db;

/* Rule (a). Whether the file of this phone carries a secret that the registrar does not know yet. Cheap: one read. */
bool flip_wanted_before_serving(struct db *db, const struct mac *mac);
/* Rule (a), to be called on a worker before the first byte of such a file leaves. An error means: answer 503, never the
 * file, else the phone would hold a secret that nobody accepts. */
enum err_code flip_before_serving(struct reset *rs, const struct mac *mac, struct err *err);

/* Flips one identity ("1001@example.test") and removes its superseded bindings. at rule (b), (c), (d). */
enum err_code flip_identity(struct reset *rs, const char *identity, struct err *err);

/* The second look, conf.sweep_ms later. */
enum err_code flip_sweep(struct reset *rs, const char *identity, struct err *err);

/* At start: brings the registrar's whole table to what the store wants it to be, without flipping what still waits for
 * its phone. *mended counts the rows that differed. */
enum err_code flip_compare_all(struct reset *rs, unsigned *mended, struct err *err);

#endif
