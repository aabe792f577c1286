/* The demo company: people, devices, phones and keys, made by calls of the public API. */
#ifndef PROVISIONING_DEMO_COMPANY_H
#define PROVISIONING_DEMO_COMPANY_H

#include "provisioning/demo/fleet.h"

/* Who leaves first (with phone-lines), and who second (without). */
#define COMPANY_LEAVER "1001"
#define COMPANY_SECOND "1004"
/* The leaver's desk phone, which the next person gets; and the other parts of the story. */
#define COMPANY_DESK "001565aa0101"
#define COMPANY_SHARED "805ec0aa0102"
#define COMPANY_OFF "64167faa0105"
#define COMPANY_CHALLENGES "c074adaa0106"
#define COMPANY_NAT "000b82aa0108"
#define COMPANY_APP "0200000a0109" /* the leaver's softphone; the number is for our own files only */

/* What of the leaver must not be on any phone afterwards. */
extern const char *const company_leaver_words[];

/* Makes the company and adds its phones to the fleet, switched off. */
enum err_code company_make(struct stage *s, struct fleet *f, struct err *err);

#endif
