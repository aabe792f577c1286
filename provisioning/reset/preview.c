#include "provisioning/reset/preview.h"

#include "provisioning/reset/apply.h"
#include "provisioning/reset/desk.h"
#include "provisioning/reset/inventory.h"

struct preview {
	struct reset *rs;
	const struct plan_request *request;
	const struct mac *mac;
	struct arena *arena;
	struct phone *now, *out;
	bool done;
};

static enum err_code change(struct preview *p, struct db *db, struct err *err)
{
	struct inventory in = { p->rs, db, p->arena, "", "", "preview" };
	struct phone_row row;
	enum err_code code;

	if (p->request) {
		struct apply_order order = { .request = *p->request, .who = "", .from = "", .why = "preview" };
		return apply_user(p->rs, db, &order, p->arena, NULL, err);
	}
	code = phone_load(db, p->mac, p->arena, &row, err);
	return code ? code : inventory_phone_lines(&in, &row, NULL, 0, err);
}

static enum err_code preview_fn(struct txn *t, void *arg, struct err *err)
{
	struct preview *p = arg;
	enum err_code code;

	p->done = false;
	if ((code = desk_load(t->db, p->rs->desk, p->mac, p->arena, p->now, err)) || (code = change(p, t->db, err)) ||
		(code = desk_load(t->db, p->rs->desk, p->mac, p->arena, p->out, err)))
		return code;
	p->done = true;
	return err_set(err, ERR_CONFLICT, "a preview"); /* undoes it all */
}

enum err_code preview_phone(struct reset *rs, const struct plan_request *request, const struct mac *mac,
	struct arena *a, struct phone *now, struct phone *out, struct err *err)
{
	struct preview p = { rs, request, mac, a, now, out, false };
	struct err why = { 0 };
	enum err_code code = store_write(rs->store, preview_fn, &p, &why);

	if (p.done && code == ERR_CONFLICT)
		return ERR_OK;
	return err_set(err, code ? code : ERR_BUG, "%s", why.text);
}
