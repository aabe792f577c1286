#include "provisioning/store/transfer.h"

#include "provisioning/store/db.h"

const char *const transfer_state_words[TRANSFER_STATE_COUNT] = {
	[TRANSFER_WAITING] = "waiting",
	[TRANSFER_ACCEPTED] = "accepted",
	[TRANSFER_DECLINED] = "declined",
	[TRANSFER_WITHDRAWN] = "withdrawn",
	[TRANSFER_EXPIRED] = "expired",
};

static const char *state_word(unsigned i)
{
	return i < TRANSFER_STATE_COUNT ? transfer_state_words[i] : NULL;
}

static const struct col transfer_cols[] = {
	COL(transfer_row, COL_INT, id),
	COL(transfer_row, COL_REF, phone_id),
	COL(transfer_row, COL_MAC, mac),
	COL(transfer_row, COL_TEXT, model),
	COL(transfer_row, COL_INT, domain_id),
	COL(transfer_row, COL_TEXT, domain),
	COL(transfer_row, COL_TEXT, to_domain),
	COL(transfer_row, COL_TEXT, who),
	COL_AS(transfer_row, COL_TEXT, from, "address"),
	COL_ENUM(transfer_row, state, state_word),
	COL(transfer_row, COL_TEXT, answered_by),
	COL(transfer_row, COL_INT, created_ms),
	COL(transfer_row, COL_INT, expires_ms),
	COL(transfer_row, COL_INT, ended_ms),
};
static const struct rowmap transfer_map = ROWMAP(transfer_row, "transfers", transfer_cols, 1);

enum err_code transfer_add(struct db *db, struct transfer_row *row, struct err *err)
{
	char text[MAC_TEXT];
	enum err_code code = db_id(db, &row->id, err);

	row->state = TRANSFER_WAITING;
	row->created_ms = db_now_ms(db);
	row->ended_ms = 0;
	if (code == ERR_OK)
		code = db_run(db, "transfer_add", NO_ARGS, &transfer_map, row, NULL, err);
	return err_say(
		code, ERR_CONFLICT, err, "phone %s is offered to another domain already", mac_text(&row->mac, text));
}

enum err_code transfer_load(struct db *db, int64_t id, struct arena *a, struct transfer_row *out, struct err *err)
{
	return err_say(db_get(db, "transfer_load", ARGS(A_INT("id", id)), &transfer_map, a, out, err), ERR_NOT_FOUND,
		err, "there is no such transfer");
}

enum err_code transfer_list(struct db *db, int64_t domain_id, const char *name, struct page page, struct arena *a,
	struct transfer_row **out, size_t *n, struct err *err)
{
	return db_list(db, "transfer_list", ARGS(A_INT("domain_id", domain_id), A_TEXT("name", name), A_PAGE(page)),
		&transfer_map, a, (void **)out, n, err);
}

enum err_code transfer_of_phone(
	struct db *db, int64_t phone_id, struct arena *a, struct transfer_row *out, struct err *err)
{
	return err_say(db_get(db, "transfer_of_phone", ARGS(A_INT("phone_id", phone_id)), &transfer_map, a, out, err),
		ERR_NOT_FOUND, err, "the phone is offered to nobody");
}

enum err_code transfer_end(
	struct db *db, int64_t id, enum transfer_state state, const char *answered_by, struct err *err)
{
	enum err_code code = db_change(db, "transfer_end",
		ARGS(A_INT("id", id), A_TEXT("state", transfer_state_words[state]), A_TEXT("answered_by", answered_by),
			A_INT("now_ms", db_now_ms(db))),
		NULL, NULL, "", err);

	return code == ERR_NOT_FOUND ? err_set(err, ERR_CONFLICT, "This transfer does not wait any more.") : code;
}

enum err_code transfer_expire(struct db *db, struct err *err)
{
	return db_run(db, "transfer_expire", ARGS(A_INT("now_ms", db_now_ms(db))), NULL, NULL, NULL, err);
}
