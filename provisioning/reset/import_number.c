/* One row of phone numbers. */
#include <string.h>

#include "phonecfg/base/text.h"
#include "provisioning/reset/importer.h"
#include "provisioning/reset/numbers.h"

enum { N_NUMBER, N_APPLICATION, N_USER, N_DESCRIPTION, N_ENABLED, DESCRIPTION_MAX = 255 };

/* Takes the value over unless the file has no such column. */
static void lay(const struct importer *im, size_t row, size_t column, const char **field, bool *changed)
{
	const char *value = import_value(im, row, column);

	if (value == NULL || strcmp(value, *field) == 0)
		return;
	*field = value;
	*changed = true;
}

static enum err_code fill(const struct importer *im, size_t row, struct number_row *out, bool *changed, struct err *err)
{
	const char *enabled = import_value(im, row, N_ENABLED), *word = import_value(im, row, N_APPLICATION);
	const char *user = import_value(im, row, N_USER);
	enum err_code code = text_check("dial-rule-description",
		slice_str(import_value(im, row, N_DESCRIPTION) ? import_value(im, row, N_DESCRIPTION) : ""),
		DESCRIPTION_MAX, err);

	if (code)
		return code;
	if (enabled && *enabled && strcmp(enabled, "yes") != 0 && strcmp(enabled, "no") != 0)
		return err_set(err, ERR_INPUT, "enabled must be yes or no");
	lay(im, row, N_USER, &out->destination_user, changed);
	lay(im, row, N_DESCRIPTION, &out->description, changed);
	if (enabled && *enabled && (enabled[0] == 'y') != out->enabled) {
		out->enabled = !out->enabled;
		*changed = true;
	}
	if (word && *word)
		lay(im, row, N_APPLICATION, &out->application, changed);
	else if (user && *user && strcmp(out->application, NUMBER_AVAILABLE) == 0) {
		out->application = "to-user";
		*changed = true;
	}
	return ERR_OK;
}

/* Whose it is, or is to be. Nobody and somebody who does not exist are no matter of scope. */
static enum err_code check_user(const struct importer *im, const struct number_row *number, struct err *err)
{
	struct user_row user;

	if (number->user_id && user_by_id(im->in.db, number->user_id, im->in.arena, &user, NULL) == ERR_OK &&
		import_scope_check(user.scope, err))
		return ERR_INPUT;
	if (user_load(im->in.db, im->domain.id, number->destination_user, im->in.arena, &user, NULL))
		return ERR_OK;
	return import_scope_check(user.scope, err);
}

enum err_code import_number_row(struct importer *im, size_t row, enum import_result *result, struct err *err)
{
	struct number_row number;
	const char *digits;
	bool changed = false;
	enum err_code code = number_read(import_value(im, row, N_NUMBER), im->in.arena, &digits, err);

	if (code)
		return code;
	code = number_load(im->in.db, digits, im->in.arena, &number, NULL);
	if (code == ERR_OK && number.domain_id == im->domain.id) {
		code = fill(im, row, &number, &changed, err);
		if (code == ERR_OK)
			code = check_user(im, &number, err);
		*result = changed ? IMPORT_CHANGED : IMPORT_SAME;
		return code || !changed ? code : numbers_save(&im->in, &im->domain, &number, err);
	}
	if (code != ERR_OK && code != ERR_NOT_FOUND)
		return err_set(err, code, "The phone numbers cannot be read.");
	if (!im->may_add_numbers)
		return err_set(err, ERR_FORBIDDEN, "%s is not in the inventory of %s; a Reseller takes numbers in",
			digits, im->domain.name);
	number = (struct number_row){ .number = digits,
		.domain_id = im->domain.id,
		.enabled = true,
		.application = NUMBER_AVAILABLE,
		.destination_user = "",
		.destination_host = "",
		.parameter = "",
		.source_name = "",
		.description = "",
		.extra = "" };
	*result = IMPORT_CREATED;
	code = fill(im, row, &number, &changed, err);
	if (code == ERR_OK)
		code = check_user(im, &number, err);
	return code ? code : numbers_add(&im->in, &im->domain, &number, err);
}
