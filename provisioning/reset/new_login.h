/* A phone's own login is replaced when it changes hands: whoever had the phone before may know it.
 *
 * The former one is good until the new one is used. So a phone that has not used its newest one gets no other: it may
 * still come with the former one, and the one before that would be nobody's. */
#ifndef PROVISIONING_RESET_NEW_LOGIN_H
#define PROVISIONING_RESET_NEW_LOGIN_H

#include "phonecfg/profile/profile.h"
#include "provisioning/store/phone.h"

/* At a change of owner. Pure; reads nothing of the row that is sealed. A Polycom keeps its login in its flash and may
 * restart when that is written: it is replaced at a change of domain or on request alone. */
bool new_login_due(const struct phone_row *row, const struct profile *pf);

/* Inside the caller's transaction, which also makes the phone's file a new generation. Reads the phone again: a plan's
 * rows come without their secrets. why: what happened, for the timeline, such as "reset of 1001". */
enum err_code new_login_give(struct db *db, int64_t phone_id, const char *why, struct arena *a, struct err *err);

/* Somebody asked for it, of any phone: a new login, a new file with it, and the phone is told. ERR_CONFLICT when the
 * newest one has not been used yet, or the phone is retired. */
enum err_code new_login_order(struct db *db, const struct mac *mac, struct arena *a, struct err *err);

#endif
