#include "provisioning/store/domain.h"

#include "provisioning/store/db.h"

static const struct col domain_cols[] = {
	COL(domain_row, COL_INT, id),
	COL(domain_row, COL_TEXT, name),
	COL(domain_row, COL_TEXT, realm),
	COL(domain_row, COL_TEXT, reseller),
	COL(domain_row, COL_TEXT, description),
	COL(domain_row, COL_TEXT, sip_server),
	COL(domain_row, COL_INT, sip_port),
	COL(domain_row, COL_TEXT, transport),
	COL(domain_row, COL_TEXT, proxy),
	COL(domain_row, COL_TEXT, timezone),
	COL(domain_row, COL_TEXT, language),
	COL(domain_row, COL_TEXT, ntp),
	COL(domain_row, COL_TEXT, voicemail_number),
	COL(domain_row, COL_TEXT, caller_id_name),
	COL(domain_row, COL_TEXT, caller_id_number),
	COL(domain_row, COL_TEXT, extra),
	COL(domain_row, COL_INT, ways_off),
	COL(domain_row, COL_INT, generation),
	COL(domain_row, COL_INT, created_ms),
	COL(domain_row, COL_INT, modified_ms),
};
static const struct rowmap domain_map = ROWMAP(domain_row, "domains", domain_cols, 1);

static const struct col site_cols[] = {
	COL(site_row, COL_INT, id),
	COL(site_row, COL_INT, domain_id),
	COL(site_row, COL_TEXT, name),
	COL(site_row, COL_TEXT, timezone),
	COL(site_row, COL_INT, quiet_from_min),
	COL(site_row, COL_INT, quiet_to_min),
	COL(site_row, COL_INT, generation),
	COL(site_row, COL_INT, created_ms),
	COL(site_row, COL_INT, modified_ms),
};
static const struct rowmap site_map = ROWMAP(site_row, "sites", site_cols, 1);

enum err_code domain_load(struct db *db, int64_t id, struct arena *a, struct domain_row *out, struct err *err)
{
	return err_say(db_get(db, "domain_load", ARGS(A_INT("id", id)), &domain_map, a, out, err), ERR_NOT_FOUND, err,
		"there is no such domain");
}

enum err_code domain_by_name(struct db *db, const char *name, struct arena *a, struct domain_row *out, struct err *err)
{
	return err_say(db_get(db, "domain_by_name", ARGS(A_TEXT("name", name)), &domain_map, a, out, err),
		ERR_NOT_FOUND, err, "there is no domain %s", name);
}

enum err_code domain_list(struct db *db, const char *reseller, struct page page, struct arena *a,
	struct domain_row **out, size_t *n, struct err *err)
{
	return db_list(db, "domain_list", ARGS(A_TEXT("reseller", reseller), A_PAGE(page)), &domain_map, a,
		(void **)out, n, err);
}

enum err_code domain_count(struct db *db, const char *reseller, int64_t *out, struct err *err)
{
	return db_int(db, "domain_count", ARGS(A_TEXT("reseller", reseller)), out, err);
}

enum err_code domain_add(struct db *db, struct domain_row *row, struct err *err)
{
	enum err_code code = db_id(db, &row->id, err);

	row->created_ms = row->modified_ms = db_now_ms(db);
	if (code == ERR_OK)
		code = db_run(db, "domain_add", NO_ARGS, &domain_map, row, NULL, err);
	return err_say(code, ERR_CONFLICT, err, "the domain %s exists already", row->name);
}

enum err_code domain_save(struct db *db, struct domain_row *row, struct err *err)
{
	row->modified_ms = db_now_ms(db);
	return err_say(db_change(db, "domain_save", NO_ARGS, &domain_map, row, "there is no such domain", err),
		ERR_CONFLICT, err, "the domain %s exists already", row->name);
}

enum err_code domain_delete(struct db *db, int64_t id, struct err *err)
{
	return db_change(db, "domain_delete", ARGS(A_INT("id", id)), NULL, NULL, "there is no such domain", err);
}

enum err_code site_load(struct db *db, int64_t id, struct arena *a, struct site_row *out, struct err *err)
{
	return err_say(db_get(db, "site_load", ARGS(A_INT("id", id)), &site_map, a, out, err), ERR_NOT_FOUND, err,
		"there is no such site");
}

enum err_code site_by_name(
	struct db *db, int64_t domain_id, const char *name, struct arena *a, struct site_row *out, struct err *err)
{
	return err_say(db_get(db, "site_by_name", ARGS(A_INT("domain_id", domain_id), A_TEXT("name", name)), &site_map,
			       a, out, err),
		ERR_NOT_FOUND, err, "there is no site %s in this domain", name);
}

enum err_code site_list(
	struct db *db, int64_t domain_id, struct arena *a, struct site_row **out, size_t *n, struct err *err)
{
	return db_list(db, "site_list", ARGS(A_INT("domain_id", domain_id)), &site_map, a, (void **)out, n, err);
}

enum err_code site_add(struct db *db, struct site_row *row, struct err *err)
{
	enum err_code code = db_id(db, &row->id, err);

	row->created_ms = row->modified_ms = db_now_ms(db);
	if (code == ERR_OK)
		code = db_run(db, "site_add", NO_ARGS, &site_map, row, NULL, err);
	return err_say(code, ERR_CONFLICT, err, "the site %s exists already, or its domain does not", row->name);
}

enum err_code site_save(struct db *db, struct site_row *row, struct err *err)
{
	row->modified_ms = db_now_ms(db);
	return err_say(db_change(db, "site_save", NO_ARGS, &site_map, row, "there is no such site", err), ERR_CONFLICT,
		err, "the site %s exists already", row->name);
}

enum err_code site_delete(struct db *db, int64_t id, struct err *err)
{
	return db_change(db, "site_delete", ARGS(A_INT("id", id)), NULL, NULL, "there is no such site", err);
}
