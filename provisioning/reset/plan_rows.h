/* The rows that a plan is made of. Between plan_load(), which reads them, and plan_make(), which is pure. */
#ifndef PROVISIONING_RESET_PLAN_ROWS_H
#define PROVISIONING_RESET_PLAN_ROWS_H

#include "phonecfg/profile/profile.h"
#include "provisioning/reset/plan.h"
#include "provisioning/store/belongings.h"
#include "provisioning/store/device.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/key.h"
#include "provisioning/store/line.h"
#include "provisioning/store/number.h"
#include "provisioning/store/override.h"
#include "provisioning/store/phone.h"
#include "provisioning/store/softphone.h"
#include "provisioning/store/user.h"

/* Why a phone is looked at at all. The first that fits. */
enum desk_why {
	DESK_OWN,    /* it carries a line of the user */
	DESK_TARGET, /* the recycle form names it */
	DESK_SHARER, /* it carries a device that gets a new secret on another phone */
	DESK_SHOWS   /* a key of it shows the user, or is the user's own */
};

/* One phone with all that stands on it. */
struct plan_desk {
	enum desk_why why;
	struct phone_row phone;
	const struct profile *profile; /* NULL: the model is not known to this version */
	struct line_row *lines;
	size_t nlines;
	struct key_row *keys;
	size_t nkeys;
	struct override_row *overrides; /* set by hand on this phone; read for the review alone */
	size_t noverrides;
};

struct plan_device {
	struct device_row row;
	bool primary;
	struct softphone_row *soft; /* its addresses that still give an account */
	size_t nsoft;
};

struct plan_rows {
	struct domain_row domain;
	struct user_row user;
	struct plan_device *devices;
	size_t ndevices;
	struct plan_desk *desks; /* each phone once */
	size_t ndesks;
	struct plan_desk *target;   /* the recycle form's phone, one of desks; NULL = none */
	struct number_row *numbers; /* phone numbers that lead to the user, or to the mailbox */
	size_t nnumbers;
	size_t uploads;        /* files that phones sent for the person */
	struct belongings has; /* rows that an option clears */
};

/* Everything that plan_make needs to know about one user, in the arena. Devices, phones and lines come without their
 * secrets. */
enum err_code plan_rows_load(struct db *db, const struct catalog *catalog, const struct plan_request *rq,
	struct arena *a, struct plan_rows *out, struct err *err);

/* Pure. Texts of the plan point into the rows, the request or the arena. */
enum err_code plan_make(const struct plan_rows *rows, const struct reset_conf *conf, const struct plan_request *rq,
	struct arena *a, struct plan **out, struct err *err);

/* Fills plan->outside. */
enum err_code plan_outside_load(
	struct db *db, const struct plan_rows *rows, struct arena *a, struct plan *plan, struct err *err);

/* Can this upload hold something of a person? kind is the pattern of the vendor's file table ("<mac>-phone.cfg"); what
 * is not known there counts as personal. */
bool upload_is_personal(const struct profile *pf, const char *kind);

#endif
