#include "provisioning/store/contact.h"

#include "provisioning/store/db.h"

static const struct col contact_cols[] = {
	COL(contact_row, COL_INT, id),
	COL(contact_row, COL_INT, domain_id),
	COL(contact_row, COL_REF, user_id),
	COL(contact_row, COL_TEXT, first_name),
	COL(contact_row, COL_TEXT, middle_name),
	COL(contact_row, COL_TEXT, last_name),
	COL(contact_row, COL_TEXT, email),
	COL(contact_row, COL_TEXT, company),
	COL(contact_row, COL_TEXT, work),
	COL(contact_row, COL_TEXT, cell),
	COL(contact_row, COL_TEXT, fax),
	COL(contact_row, COL_TEXT, home),
	COL(contact_row, COL_TEXT, tags),
	COL(contact_row, COL_INT, created_ms),
	COL(contact_row, COL_INT, modified_ms),
};
static const struct rowmap contact_map = ROWMAP(contact_row, "contacts", contact_cols, 1);

enum err_code contact_list(struct db *db, const struct contact_filter *f, struct page page, struct arena *a,
	struct contact_row **out, size_t *n, struct err *err)
{
	const char *block = f->user_id == 0 ? "contact_list_shared" : f->shared ? "contact_list_both" : "contact_list";

	return db_list(db, block, ARGS(A_INT("domain_id", f->domain_id), A_INT("user_id", f->user_id), A_PAGE(page)),
		&contact_map, a, (void **)out, n, err);
}

enum err_code contact_count(struct db *db, const struct contact_filter *f, int64_t *out, struct err *err)
{
	int64_t own = 0, shared = 0;
	enum err_code code = ERR_OK;

	if (f->user_id)
		code = db_int(db, "contact_count", ARGS(A_INT("user_id", f->user_id)), &own, err);
	if (code == ERR_OK && (f->shared || f->user_id == 0))
		code = db_int(db, "contact_count_shared", ARGS(A_INT("domain_id", f->domain_id)), &shared, err);
	*out = own + shared;
	return code;
}

enum err_code contact_list_named(struct db *db, int64_t domain_id, const char *first_name, const char *last_name,
	struct arena *a, struct contact_row **out, size_t *n, struct err *err)
{
	return db_list(db, "contact_named",
		ARGS(A_INT("domain_id", domain_id), A_TEXT("first_name", first_name), A_TEXT("last_name", last_name)),
		&contact_map, a, (void **)out, n, err);
}

enum err_code contact_load(struct db *db, int64_t id, struct arena *a, struct contact_row *out, struct err *err)
{
	return err_say(db_get(db, "contact_load", ARGS(A_INT("id", id)), &contact_map, a, out, err), ERR_NOT_FOUND, err,
		"there is no such contact");
}

enum err_code contact_add(struct db *db, struct contact_row *row, struct err *err)
{
	const struct contact_filter all = { .domain_id = row->domain_id, .user_id = row->user_id };
	int64_t n = 0, max = row->user_id ? CONTACTS_MAX : CONTACTS_SHARED_MAX;
	enum err_code code = contact_count(db, &all, &n, err);

	if (code == ERR_OK && n >= max)
		return err_set(err, ERR_CONFLICT,
			"there are %lld contacts already, which is the most; delete one first", (long long)max);
	if (code == ERR_OK)
		code = db_id(db, &row->id, err);
	row->created_ms = row->modified_ms = db_now_ms(db);
	if (code == ERR_OK)
		code = db_run(db, "contact_add", NO_ARGS, &contact_map, row, NULL, err);
	return err_say(code, ERR_CONFLICT, err, "the domain or user of this contact does not exist");
}

enum err_code contact_save(struct db *db, struct contact_row *row, struct err *err)
{
	row->modified_ms = db_now_ms(db);
	return db_change(db, "contact_save", NO_ARGS, &contact_map, row, "there is no such contact", err);
}

enum err_code contact_delete(struct db *db, int64_t id, struct err *err)
{
	return db_change(db, "contact_delete", ARGS(A_INT("id", id)), NULL, NULL, "there is no such contact", err);
}

enum err_code contact_delete_user(struct db *db, int64_t user_id, int64_t *n, struct err *err)
{
	return db_run(db, "contact_delete_user", ARGS(A_INT("user_id", user_id)), NULL, NULL, n, err);
}
