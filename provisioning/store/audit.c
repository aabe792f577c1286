#include "provisioning/store/audit.h"

#include "provisioning/store/db.h"

static const struct col audit_cols[] = {
	COL(audit_row, COL_INT, id),
	COL(audit_row, COL_INT, at_ms),
	COL(audit_row, COL_TEXT, who),
	COL_AS(audit_row, COL_TEXT, from, "address"),
	COL(audit_row, COL_TEXT, client),
	COL(audit_row, COL_TEXT, who_domain),
	COL(audit_row, COL_TEXT, action),
	COL(audit_row, COL_TEXT, domain),
	COL_AS(audit_row, COL_TEXT, user, "target_user"),
	COL(audit_row, COL_TEXT, object),
	COL(audit_row, COL_TEXT, before),
	COL(audit_row, COL_TEXT, after),
	COL(audit_row, COL_TEXT, detail),
};
static const struct rowmap audit_map = ROWMAP(audit_row, "audit", audit_cols, 1);

enum err_code audit_add(struct db *db, struct audit_row *row, struct err *err)
{
	enum err_code code = db_id(db, &row->id, err);

	if (row->at_ms == 0)
		row->at_ms = db_now_ms(db);
	return code == ERR_OK ? db_run(db, "audit_add", NO_ARGS, &audit_map, row, NULL, err) : code;
}

#define FILTER(f)                                                                                                      \
	A_TEXT("domain", (f)->domain), A_TEXT("target_user", (f)->user), A_TEXT("who", (f)->who),                      \
		A_TEXT("action", (f)->action), A_TEXT("object", (f)->object), A_TEXT("client", (f)->client),           \
		A_TEXT("who_domain", (f)->who_domain), A_TEXT("address", (f)->from), A_INT("from_ms", (f)->from_ms),   \
		A_INT("to_ms", (f)->to_ms ? (f)->to_ms : INT64_MAX),                                                   \
		A_INT("before_id", (f)->before_id ? (f)->before_id : INT64_MAX)

static bool of_domain(const struct audit_filter *f)
{
	return f->domain != NULL && *f->domain != '\0';
}

enum err_code audit_list(struct db *db, const struct audit_filter *f, struct page page, struct arena *a,
	struct audit_row **out, size_t *n, struct err *err)
{
	return db_list(db, of_domain(f) ? "audit_list_domain" : "audit_list", ARGS(FILTER(f), A_PAGE(page)), &audit_map,
		a, (void **)out, n, err);
}

enum err_code audit_count(struct db *db, const struct audit_filter *f, int64_t *out, struct err *err)
{
	return db_int(db, of_domain(f) ? "audit_count_domain" : "audit_count", ARGS(FILTER(f)), out, err);
}
