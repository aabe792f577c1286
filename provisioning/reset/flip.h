/* The flip: the moment in which the registrar starts to know a line's new secret and forgets the old one.
 *
 * The store holds what the registrar shall know of each identity (wanted) and what was read back from it (in force).
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

/* Rule (a). Whether something must happen before this phone's file leaves: the registrar does not know a secret of it
 * yet, or the generation was never prepared (secret history, snapshot, residue check). A few reads. */
bool flip_wanted_before_serving(struct db *db, const struct mac *mac);
/* Rule (a), to be called on a worker before the first byte of such a file leaves. An error means: answer 503, never the
 * file, else the phone would hold a secret that nobody accepts. */
enum err_code flip_before_serving(struct reset *rs, const struct mac *mac, struct err *err);

/* Flips one identity ("1001@example.test"), removes the bindings that it leaves behind and asks for the second look.
 * Nothing happens when it is flipped already. Rules (b), (c), (d). */
enum err_code flip_identity(struct reset *rs, const char *identity, struct err *err);

/* The second look, conf.sweep_ms later: bindings that were last refreshed before flipped_ms go. */
enum err_code flip_sweep(struct reset *rs, const char *identity, int64_t flipped_ms, struct err *err);

/* At start: brings the registrar's whole table to what the store knows to be in force, without flipping what still
 * waits and without undoing a flip whose note a crash took. *mended counts the rows that differed. */
enum err_code flip_compare_all(struct reset *rs, unsigned *mended, struct err *err);

#endif
