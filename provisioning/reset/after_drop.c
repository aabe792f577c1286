#include "provisioning/reset/after_drop.h"

#include <string.h>

#include "provisioning/reset/move.h"
#include "provisioning/reset/outfit.h"
#include "provisioning/store/audit.h"
#include "provisioning/store/line.h"
#include "provisioning/store/phone.h"
#include "provisioning/store/record.h"

#define SYSTEM "rekeyd" /* who: nobody asked for it just now */

enum err_code after_drop_look(struct db *db, int64_t phone_id, struct arena *a, struct err *err)
{
	struct phone_row phone;
	char mac[MAC_TEXT];
	enum err_code e = phone_by_id(db, phone_id, a, &phone, err);

	if (e || *phone.after_drop == '\0')
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	return outbox_put_once(db, "after-drop", mac_text(&phone.mac, mac), "{}", 0, NULL, err);
}

struct ending {
	struct reset *rs;
	struct mac mac;
};

static enum err_code go(struct db *db, const struct phone_row *phone, struct arena *a, struct err *err)
{
	char mac[MAC_TEXT];
	struct audit_row audit = { .who = SYSTEM,
		.from = "",
		.client = SYSTEM,
		.action = "phone-gone",
		.domain = phone->domain,
		.object = mac_text(&phone->mac, mac),
		.detail = "its last handover has ended" };
	enum err_code e = outfit_drop_idle(db, phone, 0, a, err);

	if (e || (e = phone_delete(db, phone->id, err)) || (e = audit_add(db, &audit, err)))
		return e;
	return outbox_put_once(db, "logins", mac, "{}", 0, NULL, err);
}

static enum err_code end(struct reset *rs, struct db *db, struct phone_row *phone, struct arena *a, struct err *err)
{
	struct move_order order = { .request = { .kind = MOVE_RETIRE, .domain = phone->domain, .mac = phone->mac },
		.who = SYSTEM,
		.from = "",
		.client = SYSTEM };
	struct record_filter open = { .phone_id = phone->id, .open_only = true };
	int64_t records, lines, users;
	bool goes = strcmp(phone->after_drop, "delete") == 0;
	enum err_code e = record_count(db, &open, &records, err);

	if (e || records || *phone->after_drop == '\0' || (e = line_count_people(db, phone->id, &lines, &users, err)))
		return e;
	if (goes && lines == 0)
		return go(db, phone, a, err);
	phone->after_drop = ""; /* done with it, or somebody sits there again */
	e = phone_save(db, phone, err);
	return e || lines ? e : move_apply(rs, db, &order, a, NULL, err);
}

static enum err_code end_fn(struct txn *t, void *arg, struct err *err)
{
	struct ending *v = arg;
	struct phone_row phone;
	struct arena a;
	enum err_code e;

	arena_init(&a, 0);
	e = phone_load(t->db, &v->mac, &a, &phone, err);
	if (e == ERR_OK)
		e = end(v->rs, t->db, &phone, &a, err);
	arena_release(&a);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum outbox_result after_drop_deliver(struct outbox_job *job, void *arg, struct err *err)
{
	struct ending v = { .rs = arg };

	if (!mac_parse(slice_str(job->key), &v.mac))
		return OUTBOX_DONE;
	return store_write(v.rs->store, end_fn, &v, err) ? OUTBOX_RETRY : OUTBOX_DONE;
}
