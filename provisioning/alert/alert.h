/* Alerts: what a person should look at. One function raises them, whoever finds the fault; the same fault is one alert
 * as long as it lasts, and its end clears it. Each step is an event: in the log, in the portal's feed, in /metrics, and
 * for the webhooks that asked for it. */
#ifndef PROVISIONING_ALERT_ALERT_H
#define PROVISIONING_ALERT_ALERT_H

#include <stdbool.h>
#include <stdint.h>

#include "phonecfg/base/err.h"

struct db;

enum alert_kind {
	ALERT_UNCONFIRMED,         /* a handover is without its proof for too long */
	ALERT_RESIDUE,             /* a phone would still hold something of the person before */
	ALERT_REOPENED,            /* the old identity registered again */
	ALERT_SECOND_FIRST_ACCESS, /* a first-access address was used by somebody else too */
	ALERT_REGISTRAR_DOWN,      /* the registrar does not answer: nothing can be flipped or proved */
	ALERT_LEFT_OUT,            /* a file had to do without something that cannot be written */
	ALERT_MAIL_FAILED,         /* mails were not delivered and will not be */
	ALERT_MAIL_SERVER,         /* the mail server takes nothing: mails wait */
	ALERT_VOICEMAIL,           /* a person's voicemail cannot be moved away or deleted */
	ALERT_WEBHOOK_DISABLED,    /* a webhook failed for days and is not called any more */
	ALERT_SCAN,                /* somebody tried to pass for many phones */
	ALERT_KIND_COUNT
};

/* "second-first-access". */
const char *alert_kind_word(enum alert_kind kind);
bool alert_kind_read(const char *word, enum alert_kind *out);
/* One line for people: what such an alert is about. */
const char *alert_kind_title(enum alert_kind kind);
/* False: nothing will show that it is over, so whoever acknowledges it clears it. */
bool alert_ends_by_itself(enum alert_kind kind);

/* What an alert is about. Together with the kind it tells one alert from another, so give the same to raise and end. */
struct alert_about {
	int64_t domain_id, phone_id, record_id; /* 0 = not about one; without a domain it concerns the whole server */
	const char *subject;                    /* whatever else tells two apart; NULL = nothing. No name, no secret */
};

enum { ALERT_TEXT_MAX = 500, ALERT_SUBJECT_MAX = 200 };

/* In a transaction. text: one sentence without a person's name and without a secret, for it outlives both; it is cut at
 * ALERT_TEXT_MAX. While the same alert is uncleared it is counted and nobody is told again; *raised (may be NULL): it
 * is new. */
enum err_code alert_raise(struct db *db, enum alert_kind kind, const struct alert_about *about, const char *text,
	bool *raised, struct err *err);
/* In a transaction: the fault is over. ERR_OK when there was none. */
enum err_code alert_end(
	struct db *db, enum alert_kind kind, const struct alert_about *about, const char *why, struct err *err);
/* In a transaction: all of this kind are over. */
enum err_code alert_end_kind(struct db *db, enum alert_kind kind, const char *why, struct err *err);
/* In a transaction: all about this record that end by themselves are over. */
enum err_code alert_end_record(struct db *db, int64_t record_id, const char *why, struct err *err);

/* In a transaction: nothing of this domain is of any concern any more. */
enum err_code alert_end_domain(struct db *db, int64_t domain_id, const char *why, struct err *err);

/* In a transaction: a person has seen it, and why nothing more need be done or what is being done. ERR_CONFLICT when
 * somebody was there before. */
enum err_code alert_acknowledge(struct db *db, int64_t id, const char *who, const char *why, struct err *err);
/* In a transaction: a person says that it is over. ERR_CONFLICT when it is. */
enum err_code alert_clear(struct db *db, int64_t id, const char *who, const char *why, struct err *err);

#endif
