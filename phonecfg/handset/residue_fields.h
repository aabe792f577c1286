/* Which parameters belong to which slot or key. */
#ifndef PHONECFG_HANDSET_RESIDUE_FIELDS_H
#define PHONECFG_HANDSET_RESIDUE_FIELDS_H

#include "phonecfg/handset/residue.h"

/* The account slot or key that a parameter belongs to (index 0: some key, its number is no position); false when to
 * none. */
bool residue_place_of(const struct handset_model *model, const char *parameter, struct residue_place *out);

#endif
