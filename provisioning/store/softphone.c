#include "provisioning/store/softphone.h"

#include "provisioning/store/db.h"
#include "provisioning/store/generation.h"

static const struct col softphone_cols[] = {
	COL(softphone_row, COL_INT, id),
	COL(softphone_row, COL_INT, domain_id),
	COL(softphone_row, COL_REF, user_id),
	COL(softphone_row, COL_REF, device_id),
	COL(softphone_row, COL_TEXT, kind),
	COL(softphone_row, COL_TEXT, label),
	COL(softphone_row, COL_BOOL, blanked),
	COL(softphone_row, COL_INT, slots_ever),
	COL(softphone_row, COL_INT, generation),
	COL(softphone_row, COL_INT, acked),
	COL(softphone_row, COL_INT, acked_ms),
	COL(softphone_row, COL_INT, created_ms),
	COL(softphone_row, COL_INT, blanked_ms),
	COL(softphone_row, COL_INT, last_pull_ms),
	COL(softphone_row, COL_TEXT, user_agent),
	COL(softphone_row, COL_TEXT, device),
	COL(softphone_row, COL_TEXT, ext),
};
static const struct rowmap softphone_map = ROWMAP(softphone_row, "softphones", softphone_cols, 1);

enum err_code softphone_add(
	struct db *db, struct softphone_row *row, struct arena *a, struct secret *token, struct err *err)
{
	struct hashed h;
	enum err_code code = token_make(a, token, &h, err);

	if (code == ERR_OK)
		code = db_id(db, &row->id, err);
	row->created_ms = db_now_ms(db);
	if (code == ERR_OK)
		code = db_run(db, "softphone_add", ARGS(A_HASH("token_hash", h)), &softphone_map, row, NULL, err);
	return err_say(code, ERR_CONFLICT, err, "the domain, user or device of this softphone does not exist");
}

enum err_code softphone_by_token(
	struct db *db, struct slice token, struct arena *a, struct softphone_row *out, struct err *err)
{
	struct hashed h = token_hashed(token);

	return err_say(db_get(db, "softphone_by_token", ARGS(A_HASH("token_hash", h)), &softphone_map, a, out, err),
		ERR_NOT_FOUND, err, "there is no such softphone address");
}

enum err_code softphone_load(struct db *db, int64_t id, struct arena *a, struct softphone_row *out, struct err *err)
{
	return err_say(db_get(db, "softphone_load", ARGS(A_INT("id", id)), &softphone_map, a, out, err), ERR_NOT_FOUND,
		err, "there is no such softphone address");
}

enum err_code softphone_list_user(
	struct db *db, int64_t user_id, struct arena *a, struct softphone_row **out, size_t *n, struct err *err)
{
	return db_list(
		db, "softphone_list_user", ARGS(A_INT("user_id", user_id)), &softphone_map, a, (void **)out, n, err);
}

enum err_code softphone_list_device(
	struct db *db, int64_t device_id, struct arena *a, struct softphone_row **out, size_t *n, struct err *err)
{
	return db_list(db, "softphone_list_device", ARGS(A_INT("device_id", device_id)), &softphone_map, a,
		(void **)out, n, err);
}

enum err_code softphone_slots(struct db *db, int64_t id, int64_t slots, struct err *err)
{
	return db_run(db, "softphone_slots", ARGS(A_INT("id", id), A_INT("slots", slots)), NULL, NULL, NULL, err);
}

enum err_code softphone_bump(struct db *db, int64_t id, int64_t *generation, struct err *err)
{
	enum err_code code = generation_next(db, generation, err);

	if (code != ERR_OK)
		return code;
	return db_change(db, "softphone_bump", ARGS(A_INT("id", id), A_INT("generation", *generation)), NULL, NULL,
		"there is no such softphone address", err);
}

enum err_code softphone_blank(struct db *db, int64_t id, int64_t *generation, struct err *err)
{
	enum err_code code = generation_next(db, generation, err);

	if (code != ERR_OK)
		return code;
	return db_change(db, "softphone_blank",
		ARGS(A_INT("id", id), A_INT("generation", *generation), A_INT("now_ms", db_now_ms(db))), NULL, NULL,
		"there is no such softphone address", err);
}

enum err_code softphone_ack(
	struct db *db, int64_t id, int64_t generation, const char *user_agent, bool *changed, struct err *err)
{
	int64_t n = 0;
	enum err_code code = db_change(db, "softphone_seen",
		ARGS(A_INT("id", id), A_TEXT("user_agent", user_agent), A_INT("now_ms", db_now_ms(db))), NULL, NULL,
		"there is no such softphone address", err);

	if (code == ERR_OK)
		code = db_run(db, "softphone_ack",
			ARGS(A_INT("id", id), A_INT("acked", generation), A_INT("now_ms", db_now_ms(db))), NULL, NULL,
			&n, err);
	if (changed != NULL)
		*changed = n > 0;
	return code;
}
