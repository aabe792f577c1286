/* Which parameters a neutral word changes, found out by making the file with several values of it. Private to vendor/.
 */
#ifndef PHONECFG_VENDOR_CARRIERS_H
#define PHONECFG_VENDOR_CARRIERS_H

#include "phonecfg/base/map.h"
#include "phonecfg/model/words.h"
#include "phonecfg/vendor/vendor.h"

/* Adds to names (key and value: the name as in the file, in names' arena) what differs between the samples of w in one
 * file of ph, whose overrides hold no word. A sample that the model cannot carry is skipped, a file without parameters
 * adds nothing. ERR_NOMEM, or what vendor_render says when no sample can be made. */
enum err_code word_carriers(const struct renderer *r, const struct profile *pf, const struct phone *ph,
	enum file_kind kind, const struct word *w, struct map *names, struct err *err);

#endif
