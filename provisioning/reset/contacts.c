#include "provisioning/reset/contacts.h"

#include "provisioning/reset/touch.h"

enum err_code contacts_settle(
	struct reset *rs, struct db *db, const struct phone_row *phone, struct arena *a, struct err *err)
{
	struct touch t = { .rs = rs, .db = db, .arena = a, .who = "rekeyd", .why = "settled" };
	enum err_code e = phone_contacts_since(db, phone->id, 0, err);

	/* A vacant phone's file says what it said before. */
	if (e || phone->state == PHONE_VACANT || phone->state == PHONE_RETIRED)
		return e;
	e = touch_label(&t, phone, "contacts made on it may stay", err);
	return e ? e : touch_carry_out(&t, err);
}
