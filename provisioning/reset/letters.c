#include "provisioning/reset/letters.h"

#include "provisioning/conf/log.h"
#include "provisioning/mail/mail.h"
#include "provisioning/reset/person.h"
#include "provisioning/reset/welcome.h"
#include "provisioning/store/mail.h"

enum { HOUR_MS = 3600 * 1000 };

const char *letters_url(const struct reset *rs, struct arena *a, struct slice secret)
{
	return arena_printf(a, "%s/set-password/%.*s", mail_conf(rs->mail)->portal_url, SLICE_ARG(secret));
}

static void fill(const struct reset *rs, const struct domain_row *domain, const struct user_row *user,
	struct slice secret, struct arena *a, struct letter_data *d)
{
	const char *name = person_name(a, user->first_name, user->last_name);

	*d = (struct letter_data){ .first_name = user->first_name,
		.last_name = user->last_name,
		.name = name && *name ? name : user->ext,
		.user = user->ext,
		.domain = domain->name,
		.company = *domain->description ? domain->description : domain->name,
		.login = welcome_login(a, user, domain->name),
		.link = letters_url(rs, a, secret),
		.hours = rs->conf.link_ms >= HOUR_MS ? rs->conf.link_ms / HOUR_MS : 1 };
}

/* Theirs, compiled; NULL when they have none, or none that still works. */
static enum err_code theirs(struct db *db, const struct domain_row *domain, enum letter_kind kind, struct arena *a,
	struct letter **out, struct err *err)
{
	struct letter_row row;
	struct letter_text source;
	struct err why = { 0 };
	enum err_code code = letter_row_find(db, domain->id, domain->reseller, letter_word(kind), a, &row, err);

	*out = NULL;
	if (code)
		return code == ERR_NOT_FOUND ? ERR_OK : code;
	source = (struct letter_text){ row.subject, row.body_text, row.body_html };
	if (letter_compile(kind, &source, out, &why))
		log_event(LOG_LEVEL_WARN, "letter", "domain", domain->name, "name", letter_word(kind), "error",
			why.text, NULL);
	return ERR_OK;
}

enum err_code letters_write(const struct reset *rs, struct db *db, const struct domain_row *domain,
	const struct user_row *user, enum letter_kind kind, struct slice secret, struct arena *a,
	struct letter_text *out, struct err *err)
{
	struct letter_data data;
	struct letter *own;
	struct err why = { 0 };
	enum err_code code = theirs(db, domain, kind, a, &own, err);

	if (code)
		return code;
	fill(rs, domain, user, secret, a, &data);
	if (arena_failed(a))
		code = err_set(err, ERR_NOMEM, "There is no memory for this letter.");
	else if (own == NULL || letter_render(own, &data, a, out, &why))
		code = letter_render(mail_letter(rs->mail, kind), &data, a, out, err);
	if (why.code)
		log_event(LOG_LEVEL_WARN, "letter", "domain", domain->name, "name", letter_word(kind), "error",
			why.text, NULL);
	letter_free(own);
	return code;
}
