/* What follows from a change of lines or labels outside of a reset: new secrets for the lines of a touched phone, a new
 * generation for each phone however many reasons there are, records, who is told and when.
 *
 * The caller changes the rows and names what it touched; touch_carry_out() does the rest, once. All of it works inside
 * the caller's write transaction. */
#ifndef PROVISIONING_RESET_TOUCH_H
#define PROVISIONING_RESET_TOUCH_H

#include "provisioning/reset/record.h"
#include "provisioning/reset/reset.h"
#include "provisioning/store/device.h"
#include "provisioning/store/line.h"
#include "provisioning/store/phone.h"
#include "provisioning/store/user.h"

/* An identity that gets a new secret. */
struct touch_device {
	struct device_row row; /* as it was; with the new secret afterwards */
	int64_t revision_before;
	bool goes; /* the registrar forgets it; the caller deletes the row */
};

/* A phone whose file changes. */
struct touch_phone {
	struct phone_row row;            /* as it was */
	bool quiet;                      /* every reason so far may wait for the site's quiet window */
	bool label_only;                 /* every reason so far is a label */
	bool retired;                    /* its state is not to be derived from its lines */
	bool changes_hands;              /* whoever had it may know its login */
	const char *detail;              /* of the first reason, for the timeline */
	const struct user_row **leavers; /* whose line it loses: nothing of them may be left on it */
	size_t nleavers, leavers_cap;
	int64_t generation; /* out */
};

struct touch_record {
	enum record_kind kind;
	int64_t phone_id;
	int64_t slot;
	int64_t device_id; /* 0 = none */
	bool keeps_line;
	const char *ext;
	int64_t user_id;
};

struct touch {
	struct reset *rs;
	struct db *db;
	struct arena *arena;
	const char *who;
	const char *why; /* word for records and timeline: "edit", "rehome" */
	bool at_once;    /* the old secrets die at the commit: it was asked for, or no phone holds them */
	struct touch_device *devices;
	size_t ndevices, devices_cap;
	struct touch_phone *phones;
	size_t nphones, phones_cap;
	struct touch_record *records;
	size_t nrecords, records_cap;
};

/* The phone as it was before the first change. What is given back is good until the next phone is touched. */
enum err_code touch_phone(
	struct touch *t, const struct phone_row *before, const char *detail, struct touch_phone **out, struct err *err);
/* It only shows another label: told without haste where it would restart. */
enum err_code touch_label(struct touch *t, const struct phone_row *before, const char *detail, struct err *err);
/* Of a phone that was touched: this person's line leaves it. */
enum err_code touch_leaver(struct touch *t, int64_t phone_id, const struct user_row *user, struct err *err);
/* A new secret for this identity, and so a new file for every phone that carries it now, with a record of each. */
enum err_code touch_device(struct touch *t, int64_t device_id, struct err *err);
/* This identity goes. The caller has taken its lines off their phones. */
enum err_code touch_goodbye(struct touch *t, int64_t device_id, struct err *err);
enum err_code touch_record(struct touch *t, const struct touch_record *record, struct err *err);

/* Secrets, states, generations, records, outbox. ERR_INPUT when a phone could not be given its file. */
enum err_code touch_carry_out(struct touch *t, struct err *err);

/* The file that this phone would get: what no file can be made without, and every text well formed. Letters that one
 * vendor cannot show are no reason to refuse: its file then has the number in place of the name. */
enum err_code touch_check_file(
	struct reset *rs, struct db *db, const struct mac *mac, struct arena *a, struct err *err);

#endif
