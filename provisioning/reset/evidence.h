/* Evidence comes in here: the phone plane reports what was delivered, the registrar who registered. Records collect
 * their facts from it. Not from an edge thread (it writes): post it to a worker. */
#ifndef PROVISIONING_RESET_EVIDENCE_H
#define PROVISIONING_RESET_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "phonecfg/base/err.h"
#include "phonecfg/base/mac.h"
#include "phonecfg/vendor/vendor.h"

struct reset;
struct db;

/* A file that reached the phone whole: 200 with every byte acknowledged and the connection ended or used again by the
 * phone, or a 304 to the ETag of that generation. Authenticated as that phone. */
struct file_delivery {
	struct mac mac;
	enum file_kind file;
	uint64_t generation;    /* of the bytes that were delivered, or that the ETag named */
	bool not_modified;      /* it was a 304 */
	const char *hash;       /* SHA-256 of the bytes in hexadecimal, or the ETag; for the timeline */
	const char *from;       /* the phone's address, for the timeline */
	const char *user_agent; /* NULL = not sent */
	bool certificate;       /* the phone showed one: it never uses its login, so this says that it has it */
	int64_t at_ms;
};
enum err_code evidence_delivered(struct reset *rs, const struct file_delivery *d, struct err *err);

/* Would evidence_delivered() of it change nothing but a time? By what this snapshot shows. */
bool evidence_no_news(const struct reset *rs, struct db *db, const struct file_delivery *d, struct arena *a);

/* The phone asked for or sent this file: from now on it counts (Polycom's -phone.cfg and its like). Call it for every
 * authorised request, found or not. Writes only the first time. */
enum err_code evidence_asked(
	struct reset *rs, const struct mac *mac, enum file_kind file, int64_t at_ms, struct err *err);

/* A softphone took what stands at its address. generation as it was served. */
struct soft_delivery {
	int64_t softphone_id; /* the row stays when its address is turned into blanks */
	uint64_t generation;
	bool blanks; /* what it took were the blanks */
	const char *from, *user_agent;
	int64_t at_ms;
};
enum err_code evidence_soft_delivered(struct reset *rs, const struct soft_delivery *d, struct err *err);

/* A REGISTER as the registrar judged it. */
struct register_seen {
	const char *identity; /* "1001@example.test" */
	const char *contact;
	bool accepted;    /* false: refused for its secret */
	bool removal;     /* Expires: 0 */
	int64_t revision; /* of the secret that was accepted; 0 = refused, or not known */
	const char *user_agent;
	const char *from;
	int64_t at_ms;
};
enum err_code evidence_register(struct reset *rs, const struct register_seen *seen, struct err *err);

struct registration_event;
/* The same as the registrar's listener calls it (registration_fn, with the struct reset as argument): never waits, an
 * event that says nothing new is not written. */
void evidence_registration(const struct registration_event *e, void *arg);

/* Whether a file that this phone uploads is kept: false while its acknowledged generation is below the wanted one (it
 * would bring the last person back). The answer to the phone is 200 either way. */
bool evidence_upload_kept(struct db *db, const struct mac *mac);

#endif
