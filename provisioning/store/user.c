#include "provisioning/store/user.h"

#include <string.h>

#include "provisioning/store/db.h"

const char *const user_status_words[USER_STATUS_COUNT] = {
	[USER_STANDARD] = "standard",
	[USER_RESET] = "reset",
	[USER_NEW] = "new",
	[USER_PWD_RESET] = "pwd reset",
};

/* Fields of the API by which a list is put in order. */
const char *const user_sort_words[USER_SORT_COUNT] = {
	[SORT_EXT] = "user",
	[SORT_NAME] = "name",
	[SORT_STATUS] = "account-status",
	[SORT_DEPARTMENT] = "department",
	[SORT_SITE] = "site",
	[SORT_SCOPE] = "user-scope",
};

static const char *status_word(unsigned i)
{
	return i < USER_STATUS_COUNT ? user_status_words[i] : NULL;
}

static const struct col user_cols[] = {
	COL(user_row, COL_INT, id),
	COL(user_row, COL_INT, domain_id),
	COL(user_row, COL_REF, site_id),
	COL(user_row, COL_TEXT, ext),
	COL(user_row, COL_TEXT, first_name),
	COL(user_row, COL_TEXT, last_name),
	COL(user_row, COL_TEXT, email),
	COL(user_row, COL_TEXT, login),
	COL(user_row, COL_TEXT, password_hash),
	COL(user_row, COL_SECRET, voicemail_pin),
	COL(user_row, COL_TEXT, caller_id_name),
	COL(user_row, COL_BOOL, dnd),
	COL(user_row, COL_TEXT, forward_always),
	COL(user_row, COL_TEXT, forward_busy),
	COL(user_row, COL_TEXT, forward_no_answer),
	COL(user_row, COL_TEXT, forward_offline),
	COL(user_row, COL_TEXT, voicemail_email),
	COL(user_row, COL_TEXT, voicemail_email_cc),
	COL(user_row, COL_TEXT, scope),
	COL_ENUM(user_row, status, status_word),
	COL(user_row, COL_TEXT, department),
	COL(user_row, COL_TEXT, timezone),
	COL(user_row, COL_TEXT, language),
	COL(user_row, COL_BOOL, voicemail_enabled),
	COL(user_row, COL_TEXT, caller_id_number),
	COL(user_row, COL_TEXT, emergency_number),
	COL(user_row, COL_TEXT, emergency_address),
	COL(user_row, COL_TEXT, dial_plan),
	COL(user_row, COL_TEXT, dial_policy),
	COL(user_row, COL_BOOL, directory_visible),
	COL(user_row, COL_TEXT, extra),
	COL(user_row, COL_TEXT, extra_person),
	COL(user_row, COL_INT, created_ms),
	COL(user_row, COL_INT, modified_ms),
	COL(user_row, COL_INT, person),
};
static const struct rowmap user_map = ROWMAP(user_row, "users", user_cols, 1);

static const struct col brief_cols[] = { COL(user_row, COL_INT, id), COL(user_row, COL_INT, person) };
static const struct rowmap brief_map = ROWMAP(user_row, "users", brief_cols, 1);

static enum err_code no_user(enum err_code code, const char *ext, struct err *err)
{
	return err_say(code, ERR_NOT_FOUND, err, "there is no user %s in this domain", ext);
}

enum err_code user_load(
	struct db *db, int64_t domain_id, const char *ext, struct arena *a, struct user_row *out, struct err *err)
{
	return no_user(db_get(db, "user_load", ARGS(A_INT("domain_id", domain_id), A_TEXT("ext", ext)), &user_map, a,
			       out, err),
		ext, err);
}

enum err_code user_by_id(struct db *db, int64_t id, struct arena *a, struct user_row *out, struct err *err)
{
	return err_say(db_get(db, "user_by_id", ARGS(A_INT("id", id)), &user_map, a, out, err), ERR_NOT_FOUND, err,
		"there is no such user");
}

enum err_code user_by_login(struct db *db, const char *login, struct arena *a, struct user_row *out, struct err *err)
{
	enum err_code code = db_get(db, "user_by_login", ARGS(A_TEXT("login", login)), &user_map, a, out, err);
	const char *at = strrchr(login, '@');
	char *ext, *domain, *p;

	if (code != ERR_NOT_FOUND || at == NULL)
		return code;
	ext = arena_strndup(a, login, (size_t)(at - login));
	domain = arena_strdup(a, at + 1);
	if (ext == NULL || domain == NULL)
		return err_set(err, ERR_NOMEM, "no memory to find a user");
	for (p = domain; *p != '\0'; p++) /* domains are stored in lower case */
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	code = db_get(
		db, "user_by_address", ARGS(A_TEXT("ext", ext), A_TEXT("domain", domain)), &user_map, a, out, err);
	return err_say(code, ERR_NOT_FOUND, err, "there is no such login");
}

static const char *status_filter(const struct user_filter *f)
{
	return f->by_status ? user_status_words[f->status] : "";
}

/* For LIKE … ESCAPE '!'. */
static enum err_code pattern_of(const struct user_filter *f, struct arena *a, const char **out, struct err *err)
{
	const char *in = f->search ? f->search : "";
	char *p = arena_alloc(a, strlen(in) * 2 + 3);
	bool whole;

	*out = p;
	if (p == NULL)
		return err_set(err, ERR_NOMEM, "no memory to search");
	*p++ = '%';
	for (whole = *in == '\0'; *in != '\0'; in++) {
		if (strchr("%_!", *in))
			*p++ = '!';
		*p++ = *in >= 'A' && *in <= 'Z' ? (char)(*in - 'A' + 'a') : *in;
	}
	if (!whole)
		*p++ = '%';
	*p = '\0';
	return ERR_OK;
}

static enum err_code search(struct db *db, const struct user_filter *f, struct page page, struct arena *a,
	struct user_row **out, size_t *n, struct err *err)
{
	const char *pattern;
	enum err_code code = pattern_of(f, a, &pattern, err);

	return code ? code
		    : db_list(db, "user_search",
			      ARGS(A_INT("domain_id", f->domain_id), A_INT("site_id", f->site_id),
				      A_TEXT("status", status_filter(f)), A_TEXT("pattern", pattern),
				      A_TEXT("sort", user_sort_words[f->sort]), A_INT("down", f->down), A_PAGE(page)),
			      &user_map, a, (void **)out, n, err);
}

enum err_code user_list(struct db *db, const struct user_filter *f, struct page page, struct arena *a,
	struct user_row **out, size_t *n, struct err *err)
{
	if (f->domain_id && ((f->search && *f->search) || f->sort != SORT_EXT || f->down))
		return search(db, f, page, a, out, n, err);
	return db_list(db, f->domain_id ? "user_list" : "user_list_all",
		ARGS(A_INT("domain_id", f->domain_id), A_INT("site_id", f->site_id), A_TEXT("status", status_filter(f)),
			A_PAGE(page)),
		&user_map, a, (void **)out, n, err);
}

enum err_code user_directory(struct db *db, int64_t domain_id, int64_t max, struct arena *a, struct user_row **out,
	size_t *n, struct err *err)
{
	return db_list(db, "user_directory", ARGS(A_INT("domain_id", domain_id), A_INT("max", max)), &user_map, a,
		(void **)out, n, err);
}

enum err_code user_count(struct db *db, const struct user_filter *f, int64_t *out, struct err *err)
{
	const char *pattern;
	struct arena a;
	enum err_code code;

	arena_init(&a, 0);
	code = pattern_of(f, &a, &pattern, err);
	if (code == ERR_OK)
		code = db_int(db, "user_count",
			ARGS(A_INT("domain_id", f->domain_id), A_INT("site_id", f->site_id),
				A_TEXT("status", status_filter(f)), A_TEXT("pattern", pattern)),
			out, err);
	arena_release(&a);
	return code;
}

enum err_code user_add(struct db *db, struct user_row *row, struct err *err)
{
	enum err_code code = db_id(db, &row->id, err);

	row->created_ms = row->modified_ms = db_now_ms(db);
	if (code == ERR_OK)
		code = db_run(db, "user_add", NO_ARGS, &user_map, row, NULL, err);
	return err_say(code, ERR_CONFLICT, err,
		"the user %s or its login name exists already, or its domain or site does not", row->ext);
}

enum err_code user_save(struct db *db, struct user_row *row, struct err *err)
{
	row->modified_ms = db_now_ms(db);
	return err_say(db_change(db, "user_save", NO_ARGS, &user_map, row, "there is no such user", err), ERR_CONFLICT,
		err, "the login name of user %s is taken, or its site does not exist", row->ext);
}

enum err_code user_person(struct db *db, int64_t id, int64_t *out, struct err *err)
{
	return err_say(db_int(db, "user_person", ARGS(A_INT("id", id)), out, err), ERR_NOT_FOUND, err,
		"there is no such user");
}

enum err_code user_brief(struct db *db, int64_t domain_id, const char *ext, struct user_row *out, struct err *err)
{
	return no_user(db_get(db, "user_brief", ARGS(A_INT("domain_id", domain_id), A_TEXT("ext", ext)), &brief_map,
			       NULL, out, err),
		ext, err);
}

enum err_code user_next_person(struct db *db, int64_t id, struct err *err)
{
	return db_change(db, "user_next_person", ARGS(A_INT("id", id)), NULL, NULL, "there is no such user", err);
}

enum err_code user_delete(struct db *db, int64_t id, struct err *err)
{
	return db_change(db, "user_delete", ARGS(A_INT("id", id)), NULL, NULL, "there is no such user", err);
}
