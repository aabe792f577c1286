/* What the parts of one plan of a move share: move_make.c (the steps) and move_review.c (what a person reads). */
#ifndef PROVISIONING_RESET_MOVE_MAKER_H
#define PROVISIONING_RESET_MOVE_MAKER_H

#include "provisioning/reset/move_rows.h"

struct mover {
	const struct move_rows *rows;
	const struct reset_conf *conf;
	const struct move_request *rq;
	struct arena *arena;
	struct move_plan *plan;
	size_t steps_cap, phones_cap, records_cap, misfits_cap, notes_cap;
	size_t people, gone; /* people's lines on the phone, and those of them that go */
	bool had_idle;
	bool stands;            /* the user who is to get a line has one there, and it stays */
	int slot;               /* of the line that the user gets; 0 = none */
	struct move_step spare; /* where goes what found no memory; asked once at the end */
};

void move_add_record(struct mover *m, enum record_kind kind, const struct phone_row *phone, int64_t slot,
	const char *device, const char *user);
bool move_key_goes(const struct mover *m, const struct key_row *key);

/* Adds the phones, a record for one whose file changes without a line, and the notes. */
void move_review(struct mover *m);

#endif
