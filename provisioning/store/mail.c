#include "provisioning/store/mail.h"

#include "provisioning/store/db.h"
#include "provisioning/store/job.h"

enum { MAILS_KEPT = 20 };

const char *const mail_state_words[MAIL_STATE_COUNT] = {
	[MAIL_WAITING] = "waiting",
	[MAIL_SENT] = "sent",
	[MAIL_FAILED] = "failed",
	[MAIL_CANCELLED] = "cancelled",
	[MAIL_REPLACED] = "replaced",
	[MAIL_LINK] = "link",
	[MAIL_SHOWN] = "shown",
};

static const char *state_word(unsigned i)
{
	return i < MAIL_STATE_COUNT ? mail_state_words[i] : NULL;
}

static const struct col mail_cols[] = {
	COL(mail_row, COL_INT, id),
	COL(mail_row, COL_INT, domain_id),
	COL(mail_row, COL_INT, user_id),
	COL(mail_row, COL_REF, job_id),
	COL(mail_row, COL_INT, lane),
	COL(mail_row, COL_TEXT, letter),
	COL(mail_row, COL_TEXT, subject),
	COL_ENUM(mail_row, state, state_word),
	COL(mail_row, COL_INT, link_id),
	COL(mail_row, COL_SECRET, link),
	COL(mail_row, COL_TEXT, who),
	COL(mail_row, COL_INT, attempts),
	COL(mail_row, COL_INT, due_ms),
	COL(mail_row, COL_INT, code),
	COL(mail_row, COL_TEXT, error),
	COL(mail_row, COL_INT, created_ms),
	COL(mail_row, COL_INT, ended_ms),
	COL(mail_row, COL_TEXT, ext),
};
static const struct rowmap mail_map = ROWMAP(mail_row, "mails", mail_cols, 1);

static const struct col letter_cols[] = {
	COL(letter_row, COL_INT, id),
	COL(letter_row, COL_REF, domain_id),
	COL(letter_row, COL_TEXT, reseller),
	COL(letter_row, COL_TEXT, name),
	COL(letter_row, COL_TEXT, subject),
	COL(letter_row, COL_TEXT, body_text),
	COL(letter_row, COL_TEXT, body_html),
	COL(letter_row, COL_TEXT, who),
	COL(letter_row, COL_INT, modified_ms),
};
static const struct rowmap letter_map = ROWMAP(letter_row, "letters", letter_cols, 1);

static const struct col domain_mail_cols[] = {
	COL(domain_mail_row, COL_INT, domain_id),
	COL(domain_mail_row, COL_TEXT, from_address),
	COL(domain_mail_row, COL_TEXT, host),
	COL(domain_mail_row, COL_INT, port),
	COL(domain_mail_row, COL_TEXT, login),
	COL(domain_mail_row, COL_SECRET, password),
};
static const struct rowmap domain_mail_map = ROWMAP(domain_mail_row, "domain_mail", domain_mail_cols, 1);

struct id_row {
	int64_t id;
};
static const struct col id_cols[] = { COL(id_row, COL_INT, id) };
static const struct rowmap id_map = ROWMAP(id_row, "mails", id_cols, 1);

/* ---- mails ---- */

enum err_code mail_end_user(struct db *db, int64_t user_id, enum mail_state state, const char *error, struct err *err)
{
	return db_run(db, "mail_end_user",
		ARGS(A_INT("user_id", user_id), A_TEXT("state", mail_state_words[state]), A_TEXT("error", error),
			A_INT("now_ms", db_now_ms(db))),
		NULL, NULL, NULL, err);
}

static enum err_code make_room(struct db *db, int64_t user_id, struct err *err)
{
	enum err_code code = mail_end_user(db, user_id, MAIL_REPLACED, "", err);

	if (code == ERR_OK)
		code = db_run(db, "mail_replace_failed", ARGS(A_INT("user_id", user_id)), NULL, NULL, NULL, err);
	return code ? code
		    : db_run(db, "mail_trim", ARGS(A_INT("user_id", user_id), A_INT("keep", MAILS_KEPT - 1)), NULL,
			      NULL, NULL, err);
}

enum err_code mail_add(struct db *db, struct mail_row *row, struct err *err)
{
	enum err_code code = make_room(db, row->user_id, err);

	if (code == ERR_OK)
		code = db_id(db, &row->id, err);
	row->created_ms = db_now_ms(db);
	if (code == ERR_OK)
		code = db_run(db, "mail_add", NO_ARGS, &mail_map, row, NULL, err);
	return err_say(code, ERR_CONFLICT, err, "the user of this mail does not exist");
}

enum err_code mail_load(struct db *db, int64_t id, struct arena *a, struct mail_row *out, struct err *err)
{
	return err_say(db_get(db, "mail_load", ARGS(A_INT("id", id)), &mail_map, a, out, err), ERR_NOT_FOUND, err,
		"there is no such mail");
}

enum err_code mail_save(struct db *db, const struct mail_row *row, struct err *err)
{
	enum err_code code = db_change(db, "mail_save", NO_ARGS, &mail_map, row, "there is no such mail", err);

	return code || row->job_id == 0 ? code : job_user_touch(db, row->job_id, row->user_id, err);
}

enum err_code mail_next(struct db *db, int64_t lane, struct arena *a, struct mail_row *out, struct err *err)
{
	return err_say(db_get(db, "mail_next", ARGS(A_INT("lane", lane)), &mail_map, a, out, err), ERR_NOT_FOUND, err,
		"no mail waits");
}

enum err_code mail_list(struct db *db, const struct mail_filter *f, struct page page, struct arena *a,
	struct mail_row **out, size_t *n, struct err *err)
{
	const char *block = f->job_id ? "mail_list_job" : f->user_id ? "mail_list_user" : "mail_list";

	return db_list(db, block,
		ARGS(A_INT("job_id", f->job_id), A_INT("user_id", f->user_id), A_INT("domain_id", f->domain_id),
			A_TEXT("state", f->by_state ? mail_state_words[f->state] : ""), A_PAGE(page)),
		&mail_map, a, (void **)out, n, err);
}

enum err_code mail_count_waiting(struct db *db, int64_t *out, struct err *err)
{
	return db_int(db, "mail_count_waiting", NO_ARGS, out, err);
}

enum err_code mail_count_failed(struct db *db, int64_t domain_id, int64_t *out, struct err *err)
{
	return db_int(db, "mail_count_failed", ARGS(A_INT("domain_id", domain_id)), out, err);
}

enum err_code mail_forget(struct db *db, int64_t user_id, struct err *err)
{
	return db_run(db, "mail_forget", ARGS(A_INT("user_id", user_id)), NULL, NULL, NULL, err);
}

/* ---- lanes ---- */

enum err_code mail_lane_error(struct db *db, int64_t lane, const char *error, struct err *err)
{
	return db_run(db, "mail_lane_error", ARGS(A_INT("lane", lane), A_TEXT("error", error)), NULL, NULL, NULL, err);
}

enum err_code mail_lane_domains(struct db *db, int64_t lane, struct arena *a, int64_t **out, size_t *n, struct err *err)
{
	return db_list(db, "mail_lane_domains", ARGS(A_INT("lane", lane)), &id_map, a, (void **)out, n, err);
}

enum err_code mail_lane_move(struct db *db, int64_t domain_id, int64_t lane, struct err *err)
{
	return db_run(
		db, "mail_lane_move", ARGS(A_INT("domain_id", domain_id), A_INT("lane", lane)), NULL, NULL, NULL, err);
}

/* ---- letters ---- */

enum err_code letter_row_load(struct db *db, int64_t domain_id, const char *reseller, const char *name, struct arena *a,
	struct letter_row *out, struct err *err)
{
	return err_say(db_get(db, domain_id ? "letter_load_domain" : "letter_load_reseller",
			       ARGS(A_INT("domain_id", domain_id), A_TEXT("reseller", reseller), A_TEXT("name", name)),
			       &letter_map, a, out, err),
		ERR_NOT_FOUND, err, "there is no letter \"%.40s\" here; the one that comes with the program is used",
		name);
}

enum err_code letter_row_find(struct db *db, int64_t domain_id, const char *reseller, const char *name, struct arena *a,
	struct letter_row *out, struct err *err)
{
	enum err_code code = letter_row_load(db, domain_id, "", name, a, out, err);

	if (code != ERR_NOT_FOUND || *reseller == '\0')
		return code;
	return letter_row_load(db, 0, reseller, name, a, out, err);
}

enum err_code letter_row_delete(
	struct db *db, int64_t domain_id, const char *reseller, const char *name, struct err *err)
{
	return db_change(db, "letter_delete",
		ARGS(A_INT("domain_id", domain_id), A_TEXT("reseller", reseller), A_TEXT("name", name)), NULL, NULL,
		"there is no such letter here; the one that comes with the program is used", err);
}

enum err_code letter_row_put(struct db *db, struct letter_row *row, struct err *err)
{
	enum err_code code = letter_row_delete(db, row->domain_id, row->reseller, row->name, err);

	if (code && code != ERR_NOT_FOUND)
		return code;
	code = db_id(db, &row->id, err);
	row->modified_ms = db_now_ms(db);
	return code ? code : db_run(db, "letter_add", NO_ARGS, &letter_map, row, NULL, err);
}

/* ---- whom a domain's mails come from ---- */

enum err_code domain_mail_load(
	struct db *db, int64_t domain_id, struct arena *a, struct domain_mail_row *out, struct err *err)
{
	enum err_code code =
		db_get(db, "domain_mail_load", ARGS(A_INT("domain_id", domain_id)), &domain_mail_map, a, out, err);

	if (code != ERR_NOT_FOUND)
		return code;
	*out = (struct domain_mail_row){ .domain_id = domain_id, .from_address = "", .host = "", .login = "" };
	return ERR_OK;
}

enum err_code domain_mail_put(struct db *db, const struct domain_mail_row *row, struct err *err)
{
	return err_say(db_run(db, "domain_mail_put", NO_ARGS, &domain_mail_map, row, NULL, err), ERR_CONFLICT, err,
		"there is no such domain");
}
