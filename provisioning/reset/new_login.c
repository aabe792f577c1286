#include "provisioning/reset/new_login.h"

#include "provisioning/outbox/outbox.h"
#include "provisioning/store/timeline.h"

bool new_login_due(const struct phone_row *row, const struct profile *pf)
{
	return row->prov_password_seen_ms && pf && (pf->vendor == VENDOR_YEALINK || pf->vendor == VENDOR_GRANDSTREAM);
}

enum err_code new_login_give(struct db *db, int64_t phone_id, const char *why, struct arena *a, struct err *err)
{
	struct timeline_row note = { .phone_id = phone_id, .event = "new-login", .detail = why };
	struct phone_row row;
	char mac[MAC_TEXT];
	enum err_code e = phone_by_id(db, phone_id, a, &row, err);

	if (e || secret_set(&row.prov_password_previous))
		return e;
	note.mac = row.mac;
	if ((e = phone_rekey(db, &row, a, err)) || (e = timeline_add(db, &note, err)))
		return e;
	return outbox_put_once(db, "logins", mac_text(&row.mac, mac), "{}", 0, NULL, err);
}

static enum err_code allowed(const struct phone_row *row, const char *mac, struct err *err)
{
	if (row->state == PHONE_RETIRED)
		return err_set(
			err, ERR_CONFLICT, "Phone %s is retired: it is given blanks by its own login alone.", mac);
	if (row->prov_password_seen_ms == 0)
		return err_set(err, ERR_CONFLICT,
			"Phone %s has not used its newest login yet; it gets another one when it has come with that one.",
			mac);
	return ERR_OK;
}

enum err_code new_login_order(struct db *db, const struct mac *mac, struct arena *a, struct err *err)
{
	char text[MAC_TEXT];
	struct phone_row row;
	int64_t generation;
	enum err_code e = phone_load(db, mac, a, &row, err);

	mac_text(mac, text);
	if (e || (e = allowed(&row, text, err)) || (e = new_login_give(db, row.id, "on request", a, err)) ||
		(e = phone_bump(db, row.id, &generation, err)))
		return e;
	return outbox_put_once(db, "notify", text, "{}", 0, NULL, err);
}
