/* Recycle forms that wait: a reset was ordered with "recycle later", and nobody has filled the form in yet. They
 * survive a closed browser, with what was typed so far. */
#include "provisioning/api/calls.h"
#include "provisioning/api/order_parts.h"
#include "provisioning/reset/form.h"
#include "provisioning/store/job.h"

enum { FORM_MAX = 2048 };

static json_t *shape_form(struct call *c, const struct job_user_row *row, struct err *err)
{
	struct job_form form;
	json_t *v;

	if (form_unpack(row->form, c->a, &form, err))
		return NULL;
	v = json_pack("{s:s, s:I, s:o, s:s, s:s, s:s, s:s?, s:b}", "user", row->ext, "reset", (json_int_t)row->job_id,
		"since-datetime", shape_time(row->ended_ms), "name-first-name", form.next.first_name, "name-last-name",
		form.next.last_name, "email-address", form.next.email, "phone", form.next.phone, "send-welcome-email",
		(int)form.next.welcome);
	if (v == NULL)
		call_no_memory(err);
	return v;
}

enum err_code recycles_list(struct call *c, struct err *err)
{
	struct job_user_row *rows;
	struct page page;
	struct db *db;
	size_t i, n;
	json_t *out, *v;
	enum err_code e = call_page(c, &page, err);

	if (e || (e = call_domain(c, err)) || (e = call_db(c, &db, err)) ||
		(e = job_form_list(db, c->domain.id, page, c->a, &rows, &n, err)))
		return e;
	out = json_array();
	for (i = 0; i < n; i++) {
		v = shape_form(c, &rows[i], err);
		if (v == NULL) {
			json_decref(out);
			return err->code;
		}
		json_array_append_new(out, v);
	}
	return call_ok(c, out, err);
}

enum err_code recycles_count(struct call *c, struct err *err)
{
	struct db *db;
	int64_t n;
	enum err_code e = call_domain(c, err);

	if (e || (e = call_db(c, &db, err)) || (e = job_form_count(db, c->domain.id, &n, err)))
		return e;
	return call_count(c, n, err);
}

/* The form of {user}, by one who may touch that user. */
static enum err_code find(struct call *c, struct user_row *user, struct job_user_row *out, struct err *err)
{
	struct db *db;
	enum err_code e = call_user(c, user, err);

	if (e || (e = call_db(c, &db, err)) || (e = order_may_touch(c, db, user->ext, err)))
		return e;
	return job_form_load(db, user->id, c->a, out, err);
}

enum err_code recycles_get(struct call *c, struct err *err)
{
	struct user_row user;
	struct job_user_row row;
	enum err_code e = find(c, &user, &row, err);
	json_t *v = e ? NULL : shape_form(c, &row, err);

	return e ? e : v ? call_ok(c, v, err) : err->code;
}

struct saving {
	struct call *call;
	int64_t user_id;
	const struct job_form *form; /* NULL: it is dropped */
	struct job_user_row row;
};

static enum err_code save_fn(struct txn *t, void *arg, struct err *err)
{
	struct saving *s = arg;
	struct call *c = s->call;
	struct buf b;
	enum err_code e = job_form_load(t->db, s->user_id, c->a, &s->row, err);

	if (e)
		return e;
	if (s->form == NULL) {
		e = job_form_clear(t->db, s->user_id, err);
		return e ? e : call_audit(c, t->db, "recycle-form-drop", s->row.ext, "", NULL, NULL, err);
	}
	buf_init(&b, FORM_MAX);
	e = form_pack(s->form, &b, err);
	s->row.form = buf_view(&b);
	if (e == ERR_OK)
		e = job_user_save(t->db, &s->row, err);
	s->row.form = (struct slice){ arena_slice(c->a, s->row.form), s->row.form.n };
	buf_release(&b);
	/* Who is to come is sealed in the form, and forgotten with it. */
	return e ? e : call_audit(c, t->db, "recycle-form-save", s->row.ext, "", NULL, NULL, err);
}

/* What has been typed so far; it need not be whole. */
enum err_code recycles_set(struct call *c, struct err *err)
{
	struct user_row user;
	struct job_user_row row;
	struct order_form one;
	struct job_form form = { .reset = true, .later = true };
	struct saving s = { .call = c, .form = &form };
	json_t *body, *v;
	enum err_code e = call_body(c, &body, err);

	if (e || (e = find(c, &user, &row, err)))
		return e;
	json_object_set_new(body, "later", json_true());
	if ((e = order_read_form(c, body, user.ext, &one, err)))
		return e;
	form.next = one.form;
	s.user_id = user.id;
	e = call_write(c, save_fn, &s, err);
	v = e ? NULL : shape_form(c, &s.row, err);
	return e ? e : v ? call_changed(c, v, err) : err->code;
}

enum err_code recycles_delete(struct call *c, struct err *err)
{
	struct user_row user;
	struct job_user_row row;
	struct saving s = { .call = c };
	enum err_code e = find(c, &user, &row, err);

	s.user_id = user.id;
	if (e == ERR_OK)
		e = call_write(c, save_fn, &s, err);
	return e ? e : call_deleted(c, err);
}
