#include "provisioning/store/answerrule.h"

#include "provisioning/store/db.h"

static const struct col rule_cols[] = {
	COL(rule_row, COL_INT, id),
	COL(rule_row, COL_INT, domain_id),
	COL(rule_row, COL_INT, user_id),
	COL(rule_row, COL_REF, timeframe_id),
	COL(rule_row, COL_BOOL, enabled),
	COL(rule_row, COL_INT, position),
	COL(rule_row, COL_TEXT, body),
	COL(rule_row, COL_INT, created_ms),
	COL(rule_row, COL_INT, modified_ms),
	COL(rule_row, COL_TEXT, timeframe),
};
static const struct rowmap rule_map = ROWMAP(rule_row, "answer_rules", rule_cols, 1);

static const struct col number_cols[] = {
	COL(rule_number, COL_TEXT, number),
	COL(rule_number, COL_BOOL, rings),
};
static const struct rowmap number_map = ROWMAP(rule_number, "answer_numbers", number_cols, 1);

static const struct col ringing_cols[] = {
	COL(rule_ringing, COL_TEXT, ext),
	COL(rule_ringing, COL_TEXT, timeframe),
	COL(rule_ringing, COL_TEXT, number),
};
static const struct rowmap ringing_map = ROWMAP(rule_ringing, "answer_numbers", ringing_cols, 1);

enum err_code rule_list(
	struct db *db, int64_t user_id, struct arena *a, struct rule_row **out, size_t *n, struct err *err)
{
	return db_list(db, "rule_list", ARGS(A_INT("user_id", user_id)), &rule_map, a, (void **)out, n, err);
}

enum err_code rule_load(
	struct db *db, int64_t user_id, const char *timeframe, struct arena *a, struct rule_row *out, struct err *err)
{
	return err_say(db_get(db, "rule_load", ARGS(A_INT("user_id", user_id), A_TEXT("timeframe", timeframe)),
			       &rule_map, a, out, err),
		ERR_NOT_FOUND, err, "there is no answering rule for \"%s\"", timeframe);
}

enum err_code rule_add(struct db *db, struct rule_row *row, struct err *err)
{
	int64_t n = 0;
	enum err_code code = db_int(db, "rule_count", ARGS(A_INT("user_id", row->user_id)), &n, err);

	if (code == ERR_OK && n >= RULES_MAX)
		return err_set(err, ERR_CONFLICT,
			"there are %d answering rules already, which is the most; delete one first", RULES_MAX);
	if (code == ERR_OK)
		code = db_id(db, &row->id, err);
	row->created_ms = row->modified_ms = db_now_ms(db);
	if (code == ERR_OK)
		code = db_run(db, "rule_add", NO_ARGS, &rule_map, row, NULL, err);
	return err_say(code, ERR_CONFLICT, err, "this time frame has an answering rule already");
}

enum err_code rule_save(struct db *db, struct rule_row *row, struct err *err)
{
	row->modified_ms = db_now_ms(db);
	return db_change(db, "rule_save", NO_ARGS, &rule_map, row, "there is no such answering rule", err);
}

enum err_code rule_delete(struct db *db, int64_t id, struct err *err)
{
	return db_change(db, "rule_delete", ARGS(A_INT("id", id)), NULL, NULL, "there is no such answering rule", err);
}

enum err_code rule_delete_user(struct db *db, int64_t user_id, int64_t *n, struct err *err)
{
	return db_run(db, "rule_delete_user", ARGS(A_INT("user_id", user_id)), NULL, NULL, n, err);
}

enum err_code rule_set_numbers(
	struct db *db, const struct rule_row *row, const struct rule_number *numbers, size_t n, struct err *err)
{
	enum err_code code = db_run(db, "rule_number_clear", ARGS(A_INT("rule_id", row->id)), NULL, NULL, NULL, err);
	size_t i;

	for (i = 0; code == ERR_OK && i < n; i++)
		code = db_run(db, "rule_number_add",
			ARGS(A_INT("rule_id", row->id), A_INT("domain_id", row->domain_id),
				A_INT("user_id", row->user_id)),
			&number_map, &numbers[i], NULL, err);
	return code;
}

enum err_code rule_list_numbers(
	struct db *db, int64_t user_id, struct arena *a, struct rule_number **out, size_t *n, struct err *err)
{
	return db_list(db, "rule_number_list", ARGS(A_INT("user_id", user_id)), &number_map, a, (void **)out, n, err);
}

enum err_code rule_list_ringing(struct db *db, int64_t domain_id, int64_t user_id, const char *number, struct arena *a,
	struct rule_ringing **out, size_t *n, struct err *err)
{
	return db_list(db, "rule_ringing",
		ARGS(A_INT("domain_id", domain_id), A_INT("user_id", user_id), A_TEXT("number", number)), &ringing_map,
		a, (void **)out, n, err);
}
