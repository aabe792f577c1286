#include "provisioning/api/ask.h"

#include <string.h>

#include "provisioning/http/accept.h"

static enum err_code milliseconds(struct call *c, const char *name, int64_t *out, struct err *err)
{
	const char *text = request_query(c->rq, name);

	return text && *text ? call_number(name, text, out, err) : ERR_OK;
}

enum err_code ask_range(struct call *c, int64_t *from_ms, int64_t *to_ms, struct err *err)
{
	enum err_code e;

	if ((e = call_time("datetime-start", request_query(c->rq, "datetime-start"), from_ms, err)) ||
		(e = call_time("datetime-end", request_query(c->rq, "datetime-end"), to_ms, err)) ||
		(e = milliseconds(c, "from-ms", from_ms, err)) || (e = milliseconds(c, "to-ms", to_ms, err)))
		return e;
	if (*to_ms && *from_ms > *to_ms)
		return err_set(err, ERR_INPUT, "The time range ends before it begins.");
	return ERR_OK;
}

enum err_code ask_word(
	struct call *c, const char *name, const char *const *words, size_t n, size_t *out, struct err *err)
{
	const char *text = request_query(c->rq, name), *list = words[0];

	for (*out = 0; text && *text && *out < n; (*out)++)
		if (strcmp(words[*out], text) == 0)
			return ERR_OK;
	if (text == NULL || *text == '\0') {
		*out = 0;
		return ERR_OK;
	}
	for (*out = 1; list && *out < n; (*out)++)
		list = arena_printf(c->a, "%s%s%s", list, *out + 1 < n ? ", " : " or ", words[*out]);
	return list ? err_set(err, ERR_INPUT, "%s must be %s", name, list) : call_no_memory(err);
}

bool ask_sees(struct call *c, struct db *db, int64_t phone_id, int64_t user_id)
{
	struct phone_row phone;
	struct user_row user;

	if (!principal_sited(c->who))
		return true;
	if (phone_id && phone_by_id(db, phone_id, c->a, &phone, NULL) == ERR_OK &&
		principal_site(c->who, phone.site_id))
		return true;
	return user_id && user_by_id(db, user_id, c->a, &user, NULL) == ERR_OK && principal_site(c->who, user.site_id);
}

enum err_code ask_domain(struct call *c, struct err *err)
{
	return *request_param(c->rq, "domain") ? call_domain(c, err) : ERR_OK;
}

enum err_code ask_form(struct call *c, bool html, enum form *out, struct err *err)
{
	static const char *const words[] = { "json", "csv", "html" };
	static const char *const types[] = { "application/json", "text/csv", "text/html" };
	const char *text = request_query(c->rq, "format");
	size_t n = html ? 3 : 2, i;
	enum err_code e = ERR_OK;

	/* The first that nothing speaks against: a browser that asks for anything gets the page. */
	if (text && *text)
		e = ask_word(c, "format", words, n, &i, err);
	else if (html)
		i = 2 - accept_best(request_header(c->rq, "Accept"),
				(const char *const[]){ types[2], types[1], types[0] }, 3);
	else
		i = accept_best(request_header(c->rq, "Accept"), types, 2);
	if (e)
		return e;
	response_header(c->rs, "Vary", "Accept");
	*out = (enum form)i;
	return ERR_OK;
}
