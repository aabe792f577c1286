/* The checks without which no file is made. */
#ifndef PHONECFG_VENDOR_GUARD_H
#define PHONECFG_VENDOR_GUARD_H

#include "phonecfg/vendor/vendor.h"

/* vendor_check without names and labels: those are replaced by the number in the file, because a phone that gets no
 * file keeps the old person's. */
enum err_code vendor_check_core(const struct profile *pf, const struct phone *ph, struct err *err);

#endif
