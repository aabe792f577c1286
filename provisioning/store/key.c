#include "provisioning/store/key.h"

#include "phonecfg/base/text.h"
#include "provisioning/store/db.h"

static const char *type_word(unsigned i)
{
	return i < KEY_TYPE_COUNT ? key_type_word((enum key_type)i) : NULL;
}

static const char *owner_word(unsigned i)
{
	return i < KEY_OWNER_COUNT ? key_owner_word((enum key_owner)i) : NULL;
}

static const struct col key_cols[] = {
	COL(key_row, COL_INT, id),
	COL(key_row, COL_INT, phone_id),
	COL(key_row, COL_INT, module),
	COL(key_row, COL_INT, place),
	COL_ENUM(key_row, type, type_word),
	COL(key_row, COL_INT, slot),
	COL(key_row, COL_TEXT, value),
	COL(key_row, COL_TEXT, label),
	COL(key_row, COL_TEXT, pickup),
	COL_ENUM(key_row, owner, owner_word),
	COL(key_row, COL_REF, user_id),
	COL(key_row, COL_REF, ref_user_id),
	COL(key_row, COL_BOOL, own_label),
	COL(key_row, COL_INT, created_ms),
	COL(key_row, COL_MAC, mac),
	COL(key_row, COL_REF, domain_id),
};
static const struct rowmap key_map = ROWMAP(key_row, "pkeys", key_cols, 1);

enum err_code key_list(
	struct db *db, int64_t phone_id, struct arena *a, struct key_row **out, size_t *n, struct err *err)
{
	return db_list(db, "key_list", ARGS(A_INT("phone_id", phone_id)), &key_map, a, (void **)out, n, err);
}

enum err_code key_list_showing(
	struct db *db, int64_t ref_user_id, struct arena *a, struct key_row **out, size_t *n, struct err *err)
{
	return db_list(
		db, "key_list_showing", ARGS(A_INT("ref_user_id", ref_user_id)), &key_map, a, (void **)out, n, err);
}

/* In lower case (ASCII), as the table of words has them. */
static const char *lowered(struct arena *a, struct slice word)
{
	char *out = arena_slice(a, word), *p;

	for (p = out; p && *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return out;
}

enum err_code key_list_labelled(struct db *db, int64_t domain_id, const char *name, struct arena *a,
	struct key_row **out, size_t *n, struct err *err)
{
	struct slice rest = slice_str(name), word, longest = { "", 0 };
	const char *lower;

	while ((word = text_cut_word(&rest)).n > 0)
		if (word.n > longest.n)
			longest = word;
	*n = 0;
	if (longest.n == 0)
		return ERR_OK;
	lower = lowered(a, longest);
	if (lower == NULL)
		return err_set(err, ERR_NOMEM, "no memory to look for a name in labels");
	return db_list(db, "key_list_labelled", ARGS(A_INT("domain_id", domain_id), A_TEXT("word", lower)), &key_map, a,
		(void **)out, n, err);
}

enum err_code key_list_value(struct db *db, int64_t domain_id, const char *value, struct arena *a, struct key_row **out,
	size_t *n, struct err *err)
{
	return db_list(db, "key_list_value", ARGS(A_INT("domain_id", domain_id), A_TEXT("value", value)), &key_map, a,
		(void **)out, n, err);
}

enum err_code key_list_person(
	struct db *db, int64_t user_id, struct arena *a, struct key_row **out, size_t *n, struct err *err)
{
	return db_list(db, "key_list_person", ARGS(A_INT("user_id", user_id)), &key_map, a, (void **)out, n, err);
}

/* The words of a label that names no user of ours. */
static enum err_code words_add(struct db *db, const struct key_row *row, struct err *err)
{
	struct slice rest = slice_str(row->label), word;
	struct arena a;
	enum err_code code = ERR_OK;

	if (row->ref_user_id != 0)
		return ERR_OK;
	arena_init(&a, 0);
	while (code == ERR_OK && (word = text_cut_word(&rest)).n > 0) {
		const char *lower = lowered(&a, word);

		code = lower ? db_run(db, "key_word_add", ARGS(A_TEXT("word", lower), A_INT("key_id", row->id)), NULL,
				       NULL, NULL, err)
			     : err_set(err, ERR_NOMEM, "no memory for the words of a label");
	}
	arena_release(&a);
	return code;
}

enum err_code key_add(struct db *db, struct key_row *row, struct err *err)
{
	enum err_code code = db_id(db, &row->id, err);

	row->created_ms = db_now_ms(db);
	if (code == ERR_OK)
		code = db_run(db, "key_add", NO_ARGS, &key_map, row, NULL, err);
	if (code == ERR_OK)
		code = words_add(db, row, err);
	return err_say(code, ERR_CONFLICT, err, "key %lld of module %lld is taken, or phone or user does not exist",
		(long long)row->place, (long long)row->module);
}

enum err_code key_save(struct db *db, struct key_row *row, struct err *err)
{
	enum err_code code = db_change(db, "key_save", NO_ARGS, &key_map, row, "there is no such key", err);

	if (code == ERR_OK)
		code = db_run(db, "key_words_drop", ARGS(A_INT("key_id", row->id)), NULL, NULL, NULL, err);
	if (code == ERR_OK)
		code = words_add(db, row, err);
	return err_say(code, ERR_CONFLICT, err, "key %lld of module %lld is taken, or the user does not exist",
		(long long)row->place, (long long)row->module);
}

enum err_code key_delete(struct db *db, int64_t id, struct err *err)
{
	return db_change(db, "key_delete", ARGS(A_INT("id", id)), NULL, NULL, "there is no such key", err);
}

enum err_code key_delete_line(struct db *db, int64_t phone_id, int64_t slot, struct err *err)
{
	return db_run(
		db, "key_delete_line", ARGS(A_INT("phone_id", phone_id), A_INT("slot", slot)), NULL, NULL, NULL, err);
}

enum err_code key_delete_person(struct db *db, int64_t user_id, int64_t *n, struct err *err)
{
	return db_run(db, "key_delete_person", ARGS(A_INT("user_id", user_id)), NULL, NULL, n, err);
}
