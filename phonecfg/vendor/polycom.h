/* The two halves of Polycom's way of writing: polycom.c lines, keys and time, polycom_settings.c the neutral settings.
 */
#ifndef PHONECFG_VENDOR_POLYCOM_H
#define PHONECFG_VENDOR_POLYCOM_H

#include "phonecfg/vendor/view.h"

/* Adds sound, DTMF, SRTP, TLS, polling, language, directory, firmware and provisioning to the data of the templates. */
void polycom_settings(struct arena *a, const struct phone *ph, struct tval *root);

#endif
