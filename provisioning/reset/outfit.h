/* What a phone carries beside people's lines, and what follows from who sits there: the idle line, the key that stands
 * for a line, the phone's state, and when it may restart. For resets and for every other change of lines. */
#ifndef PROVISIONING_RESET_OUTFIT_H
#define PROVISIONING_RESET_OUTFIT_H

#include "provisioning/reset/reset.h"
#include "provisioning/store/phone.h"

struct profile;

/* All of them work inside the caller's write transaction. */

/* The vacant phone gets a line of its own, "idle-<mac>" in slot 1, that the registrar learns at once. */
enum err_code outfit_add_idle(struct db *db, const struct phone_row *phone, struct arena *a, struct err *err);
/* It is not vacant any more: the idle line goes, and the registrar forgets it when the new file is delivered, at due_ms
 * at the latest. Nothing happens when there is none. */
enum err_code outfit_drop_idle(
	struct db *db, const struct phone_row *phone, int64_t due_ms, struct arena *a, struct err *err);

/* The key that stands for the line in this slot, where nothing else stands and the model has that key. */
enum err_code outfit_add_line_key(struct db *db, const struct catalog *catalog, const struct phone_row *phone,
	int64_t slot, struct arena *a, struct err *err);

/* Vacant, assigned or shared, by the lines that it has now. */
enum err_code outfit_set_state(struct db *db, int64_t phone_id, enum phone_state *out, struct err *err);

/* When the phone may be told of a change that nobody waits for: now, or, where it may restart for it (Polycom, for
 * every changed per-phone file; vendor guide, check-sync), in its site's quiet window. */
enum err_code outfit_quiet_due(struct reset *rs, struct db *db, const struct phone_row *phone, struct arena *a,
	int64_t *due_ms, struct err *err);
/* Whether it may restart for a changed file, so that it waits for the quiet window. */
bool outfit_restarts(const struct profile *profile);

#endif
