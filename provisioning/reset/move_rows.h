/* The rows that a move is planned from. Between move_load.c, which reads them, and move_make.c, which is pure. */
#ifndef PROVISIONING_RESET_MOVE_ROWS_H
#define PROVISIONING_RESET_MOVE_ROWS_H

#include "phonecfg/profile/profile.h"
#include "provisioning/reset/move.h"
#include "provisioning/reset/reset.h"
#include "provisioning/store/device.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/key.h"
#include "provisioning/store/line.h"
#include "provisioning/store/override.h"
#include "provisioning/store/phone.h"
#include "provisioning/store/user.h"

/* One phone with all that stands on it. */
struct move_desk {
	struct phone_row phone;
	const struct profile *profile; /* NULL: a model that this version does not know */
	struct line_row *lines;
	size_t nlines;
	struct key_row *keys;
	size_t nkeys;
	struct override_row *overrides; /* of the phone's own layer */
	size_t noverrides;
	size_t uploads; /* files that it sent for a person */
};

/* Another phone that carries one of the lines. */
struct move_sharer {
	struct phone_row phone;
	const struct profile *profile;
	struct line_row line;
};

struct move_rows {
	struct domain_row domain, to_domain; /* the same, unless it moves */
	struct move_desk desk;
	struct user_row *users; /* who has lines on it */
	size_t nusers;
	int64_t open_records;
	int64_t scheduled_job; /* that holds one of its users, for later; 0 = none */
	int64_t site_after;
	const char *site_name_after;
	bool has_user; /* somebody is to get a line */
	struct user_row user;
	struct device_row device; /* the primary one of that user */
	/* swap */
	bool target_known;
	struct move_desk target; /* the new MAC; when it is not known, phone.mac and phone.model alone */
	bool knocked;            /* it stands on the list of unclaimed phones */
	/* of the lines on desk and of device */
	struct move_sharer *sharers;
	size_t nsharers;
};

enum err_code move_rows_load(struct reset *rs, struct db *db, const struct move_request *rq, struct arena *a,
	struct move_rows *out, struct err *err);

/* Pure. Texts of the plan point into the rows, the request or the arena. */
enum err_code move_make(const struct move_rows *rows, const struct reset_conf *conf, const struct move_request *rq,
	struct arena *a, struct move_plan **out, struct err *err);

/* Does this line of the phone go? Pure. */
bool move_line_goes(const struct move_rows *rows, const struct move_request *rq, const struct line_row *line);

/* ---- move_fit.c: what another model can take over. Pure. ---- */

/* NULL = it fits; else why not, in the arena. */
const char *move_fit_line(const struct profile *pf, int64_t slot, struct arena *a);
const char *move_fit_key(const struct profile *pf, const struct key_row *key, struct arena *a);
const char *move_fit_override(
	const struct profile *from, const struct profile *to, const struct override_row *row, struct arena *a);

#endif
