#include "provisioning/store/device.h"

#include "provisioning/store/db.h"

enum { DEVICE_PASSWORD_LEN = 16 };

const char *const device_kind_words[DEVICE_KIND_COUNT] = {
	[DEVICE_DESK] = "desk",
	[DEVICE_MOBILE] = "mobile",
	[DEVICE_WEB] = "web",
	[DEVICE_SOFTPHONE] = "softphone",
	[DEVICE_IDLE] = "idle",
};

static const char *kind_word(unsigned i)
{
	return i < DEVICE_KIND_COUNT ? device_kind_words[i] : NULL;
}

static const struct col device_cols[] = {
	COL(device_row, COL_INT, id),
	COL(device_row, COL_INT, domain_id),
	COL(device_row, COL_REF, user_id),
	COL(device_row, COL_REF, phone_id),
	COL(device_row, COL_TEXT, name),
	COL_ENUM(device_row, kind, kind_word),
	COL(device_row, COL_SECRET, password),
	COL(device_row, COL_INT, revision),
	COL(device_row, COL_TEXT, allowed_user_agent),
	COL(device_row, COL_BOOL, push_enabled),
	COL(device_row, COL_TEXT, extra),
	COL(device_row, COL_INT, created_ms),
	COL(device_row, COL_INT, modified_ms),
	COL(device_row, COL_TEXT, domain),
	COL(device_row, COL_TEXT, realm),
	COL(device_row, COL_TEXT, ext),
};
static const struct rowmap device_map = ROWMAP(device_row, "devices", device_cols, 1);

enum err_code device_load(
	struct db *db, int64_t domain_id, const char *name, struct arena *a, struct device_row *out, struct err *err)
{
	return err_say(db_get(db, "device_load", ARGS(A_INT("domain_id", domain_id), A_TEXT("name", name)), &device_map,
			       a, out, err),
		ERR_NOT_FOUND, err, "there is no device %s in this domain", name);
}

enum err_code device_by_id(struct db *db, int64_t id, struct arena *a, struct device_row *out, struct err *err)
{
	return err_say(db_get(db, "device_by_id", ARGS(A_INT("id", id)), &device_map, a, out, err), ERR_NOT_FOUND, err,
		"there is no such device");
}

enum err_code device_newest(struct db *db, struct arena *a, struct device_row *out, struct err *err)
{
	return err_say(db_get(db, "device_newest", NO_ARGS, &device_map, a, out, err), ERR_NOT_FOUND, err,
		"there is no device yet");
}

enum err_code device_list_user(
	struct db *db, int64_t user_id, struct arena *a, struct device_row **out, size_t *n, struct err *err)
{
	return db_list(db, "device_list_user", ARGS(A_INT("user_id", user_id)), &device_map, a, (void **)out, n, err);
}

enum err_code device_list(struct db *db, int64_t domain_id, struct page page, struct arena *a, struct device_row **out,
	size_t *n, struct err *err)
{
	return db_list(db, "device_list", ARGS(A_INT("domain_id", domain_id), A_PAGE(page)), &device_map, a,
		(void **)out, n, err);
}

enum err_code device_idle_of(struct db *db, int64_t phone_id, struct arena *a, struct device_row *out, struct err *err)
{
	return err_say(db_get(db, "device_idle_of", ARGS(A_INT("phone_id", phone_id)), &device_map, a, out, err),
		ERR_NOT_FOUND, err, "this phone has no idle line");
}

enum err_code device_realm_taken(struct db *db, int64_t domain_id, const char *name, bool *taken, struct err *err)
{
	int64_t n = 0;
	enum err_code code =
		db_int(db, "device_realm_taken", ARGS(A_INT("domain_id", domain_id), A_TEXT("name", name)), &n, err);

	*taken = n > 0;
	return code;
}

enum err_code device_add(struct db *db, struct device_row *row, struct err *err)
{
	enum err_code code;

	if (!secret_set(&row->password))
		return err_set(err, ERR_INPUT, "the device %s needs a password", row->name);
	code = db_id(db, &row->id, err);
	row->created_ms = row->modified_ms = db_now_ms(db);
	if (row->revision == 0)
		row->revision = 1;
	if (code == ERR_OK)
		code = db_run(db, "device_add", NO_ARGS, &device_map, row, NULL, err);
	return err_say(
		code, ERR_CONFLICT, err, "the device %s exists already, or its domain or user does not", row->name);
}

enum err_code device_save(struct db *db, struct device_row *row, struct err *err)
{
	if (!secret_set(&row->password))
		return err_set(err, ERR_INPUT, "the device %s needs a password", row->name);
	row->modified_ms = db_now_ms(db);
	return err_say(db_change(db, "device_save", NO_ARGS, &device_map, row, "there is no such device", err),
		ERR_CONFLICT, err, "the device %s exists already, or its domain or user does not", row->name);
}

enum err_code device_rekey(struct db *db, struct device_row *row, struct arena *a, struct err *err)
{
	enum err_code code = random_password(a, DEVICE_PASSWORD_LEN, &row->password, err);

	if (code != ERR_OK)
		return code;
	row->revision++;
	row->modified_ms = db_now_ms(db);
	return db_change(db, "device_rekey", NO_ARGS, &device_map, row, "there is no such device", err);
}

enum err_code device_delete(struct db *db, int64_t id, struct err *err)
{
	return db_change(db, "device_delete", ARGS(A_INT("id", id)), NULL, NULL, "there is no such device", err);
}
