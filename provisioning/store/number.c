#include "provisioning/store/number.h"

#include "provisioning/store/db.h"

static const struct col number_cols[] = {
	COL(number_row, COL_INT, id),
	COL(number_row, COL_TEXT, number),
	COL(number_row, COL_INT, domain_id),
	COL(number_row, COL_BOOL, enabled),
	COL(number_row, COL_TEXT, application),
	COL(number_row, COL_REF, user_id),
	COL(number_row, COL_BOOL, straight),
	COL(number_row, COL_TEXT, device),
	COL(number_row, COL_TEXT, destination_user),
	COL(number_row, COL_TEXT, destination_host),
	COL(number_row, COL_TEXT, parameter),
	COL(number_row, COL_TEXT, source_name),
	COL(number_row, COL_TEXT, description),
	COL(number_row, COL_TEXT, extra),
	COL(number_row, COL_INT, created_ms),
	COL(number_row, COL_INT, modified_ms),
	COL(number_row, COL_TEXT, domain),
	COL(number_row, COL_TEXT, ext),
};
static const struct rowmap number_map = ROWMAP(number_row, "numbers", number_cols, 1);

static const struct col alias_cols[] = {
	COL(alias_row, COL_BOOL, number),
	COL(alias_row, COL_TEXT, name),
	COL(alias_row, COL_TEXT, domain),
	COL(alias_row, COL_TEXT, device),
	COL(alias_row, COL_TEXT, ext),
};
static const struct rowmap alias_map = ROWMAP(alias_row, "numbers", alias_cols, 1);

#define FILTER(f)                                                                                                      \
	A_INT("domain_id", (f)->domain_id), A_INT("user_id", (f)->user_id), A_INT("site_id", (f)->site_id),            \
		A_TEXT("application", (f)->application ? (f)->application : ""),                                       \
		A_TEXT("unlike", (f)->unlike ? (f)->unlike : "")

enum err_code number_load(struct db *db, const char *number, struct arena *a, struct number_row *out, struct err *err)
{
	return err_say(db_get(db, "number_load", ARGS(A_TEXT("number", number)), &number_map, a, out, err),
		ERR_NOT_FOUND, err, "there is no phone number %s", number);
}

enum err_code number_list(struct db *db, const struct number_filter *f, struct page page, struct arena *a,
	struct number_row **out, size_t *n, struct err *err)
{
	return db_list(db, "number_list", ARGS(FILTER(f), A_PAGE(page)), &number_map, a, (void **)out, n, err);
}

enum err_code number_count(struct db *db, const struct number_filter *f, int64_t *out, struct err *err)
{
	return db_int(db, "number_count", ARGS(FILTER(f)), out, err);
}

enum err_code number_list_user(
	struct db *db, int64_t user_id, struct arena *a, struct number_row **out, size_t *n, struct err *err)
{
	return db_list(db, "number_list_user", ARGS(A_INT("user_id", user_id)), &number_map, a, (void **)out, n, err);
}

enum err_code number_add(struct db *db, struct number_row *row, struct err *err)
{
	enum err_code code = db_id(db, &row->id, err);

	row->created_ms = row->modified_ms = db_now_ms(db);
	if (code == ERR_OK)
		code = db_run(db, "number_add", NO_ARGS, &number_map, row, NULL, err);
	return err_say(
		code, ERR_CONFLICT, err, "the phone number %s is taken, or its domain does not exist", row->number);
}

enum err_code number_save(struct db *db, struct number_row *row, struct err *err)
{
	row->modified_ms = db_now_ms(db);
	return db_change(db, "number_save", NO_ARGS, &number_map, row, "there is no such phone number", err);
}

enum err_code number_free_user(struct db *db, int64_t user_id, bool everything, int64_t *n, struct err *err)
{
	return db_run(db, "number_free_user",
		ARGS(A_INT("user_id", user_id), A_INT("everything", everything), A_INT("now_ms", db_now_ms(db))), NULL,
		NULL, n, err);
}

enum err_code number_delete(struct db *db, int64_t id, struct err *err)
{
	return db_change(db, "number_delete", ARGS(A_INT("id", id)), NULL, NULL, "there is no such phone number", err);
}

enum err_code alias_list_user(
	struct db *db, int64_t user_id, struct arena *a, struct alias_row **out, size_t *n, struct err *err)
{
	return db_list(db, "alias_list_user", ARGS(A_INT("user_id", user_id)), &alias_map, a, (void **)out, n, err);
}

enum err_code alias_list_all(struct db *db, struct arena *a, struct alias_row **out, size_t *n, struct err *err)
{
	return db_list(db, "alias_list", NO_ARGS, &alias_map, a, (void **)out, n, err);
}
