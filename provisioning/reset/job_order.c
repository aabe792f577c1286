#include "provisioning/reset/job_order.h"

#include <string.h>

#include "phonecfg/base/map.h"
#include "phonecfg/base/text.h"
#include "provisioning/mail/address.h"
#include "provisioning/reset/reset.h"

enum { NAME_MAX_CHARS = 60, EMAIL_MAX_CHARS = 254 };

static enum err_code no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "There is no memory for so many users; give fewer at a time.");
}

static enum err_code find_kind(const struct job_order *o, const struct job_kind **out, struct err *err)
{
	const char *word = o->kind ? o->kind : o->nusers ? "reset" : "recycle";

	*out = job_kind_find(word);
	if (*out == NULL)
		return err_set(err, ERR_INPUT, "\"%.60s\" is nothing that can be done with many users.", word);
	if ((*out)->bulk && (o->nrecycles || o->options))
		return err_set(err, ERR_INPUT, "\"%s\" takes users alone, neither options nor recycle forms.", word);
	return ERR_OK;
}

static enum err_code check_whom(const struct job_order *o, struct err *err)
{
	if (o->nusers == 0 && o->nrecycles == 0)
		return err_set(err, ERR_INPUT, "Nobody is named; give at least one user to reset or to recycle.");
	if (o->send_welcome_email && o->nrecycles == 0)
		return err_set(err, ERR_INPUT,
			"The welcome mail goes to the next person, and no recycle names one; leave send-welcome-email out.");
	if (o->nusers > JOB_USERS_MAX || o->nrecycles > JOB_USERS_MAX)
		return err_set(err, ERR_LIMIT, "One order takes at most %d users; give them in several orders.",
			JOB_USERS_MAX);
	return ERR_OK;
}

static enum err_code check_form(const char *user, const struct recycle_form *f, struct err *err)
{
	const struct {
		const char *field, *value;
		size_t max;
	} rows[] = { { "name-first-name", f->first_name, NAME_MAX_CHARS },
		{ "name-last-name", f->last_name, NAME_MAX_CHARS }, { "email-address", f->email, EMAIL_MAX_CHARS } };
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].value && text_check(rows[i].field, slice_str(rows[i].value), rows[i].max, err))
			return err_prefix(err, "The recycle of %s", user);
	if (f->email && *f->email && address_check("email-address", f->email, err))
		return err_prefix(err, "The recycle of %s", user);
	return ERR_OK;
}

/* The part of this user, made when it is not there yet; NULL when memory ran out. */
static struct job_part *part_of(struct job_parts *parts, struct map *seen, struct arena *a, const char *user)
{
	size_t *at = map_get(seen, user);
	struct job_part *p;

	if (at)
		return &parts->v[*at];
	at = arena_alloc(a, sizeof(*at));
	p = at ? arena_push(a, (void **)&parts->v, &parts->n, &parts->cap, sizeof(*p)) : NULL;
	if (p == NULL)
		return NULL;
	*at = parts->n - 1;
	p->user = user;
	return map_put(seen, user, at) ? p : NULL;
}

static enum err_code add_users(
	const struct job_order *o, struct job_parts *out, struct map *seen, struct arena *a, struct err *err)
{
	size_t i;

	for (i = 0; i < o->nusers; i++) {
		struct job_part *p = part_of(out, seen, a, o->users[i]);

		if (p == NULL)
			return no_memory(err);
		if (p->form.reset)
			return err_set(
				err, ERR_INPUT, "User %s is named twice in one order; name each user once.", p->user);
		p->form.reset = true;
	}
	return ERR_OK;
}

static enum err_code add_forms(
	const struct job_order *o, struct job_parts *out, struct map *seen, struct arena *a, struct err *err)
{
	enum err_code code;
	size_t i;

	for (i = 0; i < o->nrecycles; i++) {
		const struct recycle_form *f = &o->recycles[i];
		struct job_part *p = part_of(out, seen, a, o->recycle_users[i]);

		if (p == NULL)
			return no_memory(err);
		if (p->form.recycle || p->form.later)
			return err_set(
				err, ERR_INPUT, "%s is recycled twice in one order; name each user once.", p->user);
		if (f->later && !p->form.reset)
			return err_set(err, ERR_INPUT,
				"The recycle of %s is left for later, but %s is not among the users to reset.", p->user,
				p->user);
		p->form.recycle = !f->later;
		p->form.later = f->later;
		p->form.next = *f;
		p->form.next.welcome |= o->send_welcome_email;
		if ((code = check_form(p->user, f, err)))
			return code;
	}
	return ERR_OK;
}

enum err_code job_split(
	const struct reset *rs, const struct job_order *order, struct arena *a, struct job_parts *out, struct err *err)
{
	struct map seen;
	enum err_code code;

	map_init(&seen, a);
	*out = (struct job_parts){ 0 };
	if ((code = find_kind(order, &out->kind, err)) || (code = check_whom(order, err)) ||
		(code = reset_options_check(&rs->conf, order->options, err)) ||
		(code = add_users(order, out, &seen, a, err)) || (code = add_forms(order, out, &seen, a, err)))
		return code;
	return arena_failed(a) ? no_memory(err) : ERR_OK;
}
