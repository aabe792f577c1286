#include "provisioning/store/line.h"

#include "provisioning/store/db.h"

static const char *kind_word(unsigned i)
{
	return i < DEVICE_KIND_COUNT ? device_kind_words[i] : NULL;
}

/* The password is the device's: sealed to its table and id, so the map names those. */
static const struct col line_cols[] = {
	COL(line_row, COL_INT, device_id),
	COL(line_row, COL_SECRET, password),
	COL(line_row, COL_INT, id),
	COL(line_row, COL_INT, phone_id),
	COL(line_row, COL_INT, slot),
	COL(line_row, COL_BOOL, shared),
	COL(line_row, COL_TEXT, label),
	COL(line_row, COL_INT, created_ms),
	COL(line_row, COL_TEXT, device),
	COL_ENUM(line_row, kind, kind_word),
	COL(line_row, COL_INT, revision),
	COL(line_row, COL_INT, domain_id),
	COL(line_row, COL_REF, user_id),
	COL(line_row, COL_TEXT, ext),
	COL(line_row, COL_TEXT, first_name),
	COL(line_row, COL_TEXT, last_name),
	COL(line_row, COL_MAC, mac),
};
static const struct rowmap line_map = ROWMAP(line_row, "devices", line_cols, 1);

enum err_code line_list(
	struct db *db, int64_t phone_id, struct arena *a, struct line_row **out, size_t *n, struct err *err)
{
	return db_list(db, "line_list", ARGS(A_INT("phone_id", phone_id)), &line_map, a, (void **)out, n, err);
}

enum err_code line_list_user(
	struct db *db, int64_t user_id, struct arena *a, struct line_row **out, size_t *n, struct err *err)
{
	return db_list(db, "line_list_user", ARGS(A_INT("user_id", user_id)), &line_map, a, (void **)out, n, err);
}

enum err_code line_list_device(
	struct db *db, int64_t device_id, struct arena *a, struct line_row **out, size_t *n, struct err *err)
{
	return db_list(db, "line_list_device", ARGS(A_INT("device_id", device_id)), &line_map, a, (void **)out, n, err);
}

struct people_row {
	int64_t lines, users;
};

static const struct col people_cols[] = { COL(people_row, COL_INT, lines), COL(people_row, COL_INT, users) };
static const struct rowmap people_map = ROWMAP(people_row, "lines", people_cols, 0);

enum err_code line_count_people(struct db *db, int64_t phone_id, int64_t *lines, int64_t *users, struct err *err)
{
	struct people_row row;
	enum err_code code =
		db_get(db, "line_count_people", ARGS(A_INT("phone_id", phone_id)), &people_map, NULL, &row, err);

	if (code == ERR_OK) {
		*lines = row.lines;
		*users = row.users;
	}
	return code;
}

enum err_code line_add(struct db *db, struct line_row *row, struct err *err)
{
	enum err_code code = db_id(db, &row->id, err);

	row->created_ms = db_now_ms(db);
	if (code == ERR_OK)
		code = db_run(db, "line_add", NO_ARGS, &line_map, row, NULL, err);
	return err_say(code, ERR_CONFLICT, err, "line %lld of this phone is taken, or phone or device does not exist",
		(long long)row->slot);
}

enum err_code line_save(struct db *db, struct line_row *row, struct err *err)
{
	return err_say(db_change(db, "line_save", NO_ARGS, &line_map, row, "there is no such line", err), ERR_CONFLICT,
		err, "line %lld of this phone is taken, or the device does not exist", (long long)row->slot);
}

enum err_code line_delete(struct db *db, int64_t id, struct err *err)
{
	return db_change(db, "line_delete", ARGS(A_INT("id", id)), NULL, NULL, "there is no such line", err);
}
