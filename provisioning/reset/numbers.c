#include "provisioning/reset/numbers.h"

#include <string.h>

#include "provisioning/outbox/outbox.h"
#include "provisioning/reset/aliases.h"
#include "provisioning/reset/inventory_parts.h"

const struct number_application number_applications[] = {
	{ NUMBER_AVAILABLE, NUMBER_FREE },
	{ "to-user", NUMBER_USER },
	{ "to-user-residential", NUMBER_USER },
	{ "to-single-device", NUMBER_DEVICE },
	{ "to-voicemail", NUMBER_MAILBOX },
	{ "to-voicemail-residential", NUMBER_MAILBOX },
	{ "to-callqueue", NUMBER_ELSEWHERE },
	{ "to-callqueue-announce-count-callers-ahead", NUMBER_ELSEWHERE },
	{ "to-callqueue-announce-expected-wait-time", NUMBER_ELSEWHERE },
	{ "to-connection", NUMBER_ELSEWHERE },
	{ "to-connection-block-caller-id", NUMBER_ELSEWHERE },
	{ "to-connection-no-timeout", NUMBER_ELSEWHERE },
	{ "to-connection-or-user-no-failover", NUMBER_ELSEWHERE },
	{ "spam-screening", NUMBER_ELSEWHERE },
	{ NULL, NUMBER_ELSEWHERE },
};

const struct number_application *number_application(const char *word)
{
	const struct number_application *a = number_applications;

	while (a->word && strcmp(a->word, word) != 0)
		a++;
	return a->word ? a : NULL;
}

/* No country code begins with 0. */
enum err_code number_read(const char *text, struct arena *a, const char **out, struct err *err)
{
	const char *digits = text && *text == '+' ? text + 1 : text;
	size_t n = digits ? strlen(digits) : 0;

	if (n < NUMBER_DIGITS_MIN || n > NUMBER_DIGITS_MAX || strspn(digits, "0123456789") != n || *digits == '0')
		return err_set(err, ERR_INPUT,
			"phonenumber must be %d to %d digits with the country code first, such as 15551230001; \"%.40s\" "
			"is not",
			NUMBER_DIGITS_MIN, NUMBER_DIGITS_MAX, text ? text : "");
	*out = arena_strdup(a, digits);
	return *out ? ERR_OK : inventory_no_memory(err);
}

/* ---- where it leads ---- */

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

static void lead_nowhere(struct number_row *row)
{
	row->user_id = 0;
	row->straight = false;
	row->device = "";
}

static void lead_to(struct number_row *row, int64_t user_id, const char *device, bool straight)
{
	row->user_id = user_id;
	row->device = device;
	row->straight = straight;
}

static enum err_code find_user(
	struct inventory *in, const struct domain_row *dom, struct number_row *row, bool straight, struct err *err)
{
	struct user_row user;
	enum err_code e = user_load(in->db, dom->id, row->destination_user, in->arena, &user, err);

	if (e == ERR_NOT_FOUND)
		return err_set(err, ERR_INPUT,
			"dial-rule-translation-destination-user: there is no user \"%.40s\" in %s",
			row->destination_user, dom->name);
	if (e == ERR_OK)
		lead_to(row, user.id, "", straight);
	return e;
}

static enum err_code find_device(
	struct inventory *in, const struct domain_row *dom, struct number_row *row, struct err *err)
{
	struct device_row device;
	enum err_code e = device_load(in->db, dom->id, row->destination_user, in->arena, &device, err);

	if (e == ERR_NOT_FOUND || (e == ERR_OK && device.user_id == 0))
		return err_set(err, ERR_INPUT,
			"dial-rule-translation-destination-user: there is no device \"%.40s\" in %s; to-single-device "
			"takes a device, such as 1001 or 1001b",
			row->destination_user, dom->name);
	if (e == ERR_OK)
		lead_to(row, device.user_id, device.name, true);
	return e;
}

/* Clients give the destination with its host, or in a field of its own; either must be this domain. */
static enum err_code own_host(
	struct inventory *in, const struct domain_row *dom, struct number_row *row, struct err *err)
{
	const char *at = strchr(row->destination_user, '@');
	const char *host = at ? at + 1 : row->destination_host;

	if (at)
		row->destination_user =
			arena_strndup(in->arena, row->destination_user, (size_t)(at - row->destination_user));
	if (row->destination_user == NULL)
		return inventory_no_memory(err);
	if (*host && strcmp(host, dom->name) != 0)
		return err_set(err, ERR_INPUT,
			"A number of %s leads to a user of %s; \"%.60s\" is another host. Leave "
			"dial-rule-translation-destination-host out.",
			dom->name, dom->name, host);
	return ERR_OK;
}

static enum err_code resolve(
	struct inventory *in, const struct domain_row *dom, struct number_row *row, struct err *err)
{
	const struct number_application *app = number_application(row->application);
	enum err_code e;

	if (app == NULL)
		return err_set(err, ERR_INPUT,
			"dial-rule-application \"%.60s\" is not known; available-number frees a number, to-user leads it "
			"to a user",
			row->application);
	row->destination_user = or_empty(row->destination_user);
	row->destination_host = or_empty(row->destination_host);
	lead_nowhere(row);
	if (app->end == NUMBER_FREE) {
		row->destination_user = row->destination_host = row->parameter = row->source_name = "";
		return ERR_OK;
	}
	if (*row->destination_user == '\0')
		return err_set(err, ERR_INPUT,
			"dial-rule-translation-destination-user is missing: where does %s lead with %s?", row->number,
			app->word);
	if (app->end == NUMBER_ELSEWHERE)
		return ERR_OK;
	e = own_host(in, dom, row, err);
	if (e)
		return e;
	return app->end == NUMBER_DEVICE ? find_device(in, dom, row, err)
					 : find_user(in, dom, row, app->end == NUMBER_USER, err);
}

/* ---- change ---- */

/* The calls of this row's user ring something else from now on. */
static enum err_code calls_change(struct inventory *in, const struct number_row *row, struct err *err)
{
	struct user_row user;
	enum err_code e;

	if (row->user_id == 0 || !row->straight)
		return ERR_OK;
	e = user_by_id(in->db, row->user_id, in->arena, &user, err);
	return e ? e : aliases_changed(in->db, user.ext, row->domain, OUTBOX_FIRST, in->arena, err);
}

enum err_code numbers_add(struct inventory *in, const struct domain_row *dom, struct number_row *row, struct err *err)
{
	struct user_row user;
	enum err_code e = user_load(in->db, dom->id, row->number, in->arena, &user, NULL);

	if (e == ERR_OK)
		return err_set(err, ERR_CONFLICT, "%s is an extension of %s already; a call to it could mean either.",
			row->number, dom->name);
	if (e != ERR_NOT_FOUND)
		return err_set(err, e, "The users of %s cannot be read.", dom->name);
	row->domain = dom->name;
	if ((e = resolve(in, dom, row, err)) || (e = number_add(in->db, row, err)))
		return e;
	return calls_change(in, row, err);
}

enum err_code numbers_save(struct inventory *in, const struct domain_row *dom, struct number_row *row, struct err *err)
{
	struct number_row before;
	enum err_code e = number_load(in->db, row->number, in->arena, &before, err);

	if (e == ERR_OK && before.domain_id != dom->id)
		return err_set(err, ERR_NOT_FOUND, "There is no phone number %s in %s.", row->number, dom->name);
	row->domain = dom->name;
	if (e || (e = resolve(in, dom, row, err)) || (e = number_save(in->db, row, err)) ||
		(e = calls_change(in, &before, err)))
		return e;
	return calls_change(in, row, err);
}

enum err_code numbers_delete(struct inventory *in, const struct number_row *row, struct err *err)
{
	enum err_code e = number_delete(in->db, row->id, err);

	return e ? e : calls_change(in, row, err);
}
