#include "provisioning/api/rule_parts.h"

#include <stdlib.h>
#include <string.h>

#include "phonecfg/base/text.h"
#include "provisioning/reset/outside.h"

enum { PARAMETERS_MAX = 32, PARAMETER_MAX = 128, DELAY_MAX_S = 600 };

#define OWN_DEVICES "<OwnDevices>"

/* Names and shapes of NetSapiens' API v2. */
static const struct {
	const char *name;
	bool parameters; /* a list of destinations, or of callers */
	bool rings;      /* its parameters are rung */
} features[] = {
	{ "simultaneous-ring", true, true },
	{ "do-not-disturb", false, false },
	{ "forward-always", true, true },
	{ "forward-on-active", true, true },
	{ "forward-on-busy", true, true },
	{ "forward-no-answer", true, true },
	{ "forward-when-unregistered", true, true },
	{ "forward-on-dnd", true, true },
	{ "forward-on-spam-call", true, true },
	{ "call-screening", false, false },
	{ "phone-numbers-to-allow", true, false },
	{ "phone-numbers-to-reject", true, false },
};
enum { FEATURES = sizeof(features) / sizeof(features[0]) };

bool rule_name_good(const char *name)
{
	static const char *const taken[] = { "", "*", "count", "reorder" };
	size_t i;

	for (i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		if (strcmp(taken[i], name) == 0)
			return false;
	return true;
}

/* ---- in ---- */

/* "1002", "user_1002", "vmail_1002", "confirm_+491711234567;delay=10", "anonymous", "<OwnDevices>" */
static bool parameter_good(const char *s)
{
	static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+*#._-@:?";
	size_t n = strncmp(s, OWN_DEVICES, strlen(OWN_DEVICES)) == 0 ? strlen(OWN_DEVICES) : strspn(s, letters);
	const char *delay = s + n;
	char *end;
	long v;

	if (n == 0)
		return false;
	if (*delay == '\0')
		return true;
	if (strncmp(delay, ";delay=", 7) != 0 || delay[7] < '0' || delay[7] > '9')
		return false;
	v = strtol(delay + 7, &end, 10);
	return *end == '\0' && v <= DELAY_MAX_S;
}

static enum err_code check_parameters(const char *feature, json_t *list, struct err *err)
{
	json_t *v;
	size_t i;

	if (!json_is_array(list) || json_array_size(list) > PARAMETERS_MAX)
		return err_set(err, ERR_INPUT, "\"parameters\" of \"%s\" must be a list of at most %d", feature,
			PARAMETERS_MAX);
	json_array_foreach (list, i, v) {
		struct slice s = { json_string_value(v), json_string_length(v) };

		if (json_is_integer(v) && json_integer_value(v) >= 0)
			continue;
		if (!json_is_string(v) || text_check("parameters", s, PARAMETER_MAX, err) ||
			!parameter_good(json_string_value(v)))
			return err_set(err, ERR_INPUT,
				"\"parameters\" of \"%s\" must be numbers, extensions or words such as vmail_1002, each with "
				"\";delay=\" and at most %d seconds behind it; \"%.40s\" is not",
				feature, DELAY_MAX_S, s.p ? s.p : "(no text)");
	}
	return ERR_OK;
}

/* *out: the feature as it is kept. */
static enum err_code take_feature(size_t i, json_t *v, json_t **out, struct err *err)
{
	const char *name, *on;
	json_t *enabled = json_object_get(v, "enabled"), *list = json_object_get(v, "parameters"), *one;
	enum err_code e;

	if (!json_is_object(v))
		return err_set(err, ERR_INPUT, "\"%s\" must be an object with \"enabled\"%s", features[i].name,
			features[i].parameters ? " and \"parameters\"" : "");
	json_object_foreach (v, name, one)
		if (strcmp(name, "enabled") != 0 && !(features[i].parameters && strcmp(name, "parameters") == 0))
			return err_set(err, ERR_INPUT, "\"%.60s\" is not known in \"%s\"", name, features[i].name);
	on = json_string_value(enabled);
	if (enabled && !json_is_boolean(enabled) && !(on && (strcmp(on, "yes") == 0 || strcmp(on, "no") == 0)))
		return err_set(err, ERR_INPUT, "\"enabled\" of \"%s\" must be yes or no", features[i].name);
	if (list && (e = check_parameters(features[i].name, list, err)))
		return e;
	*out = json_pack("{s:s}", "enabled", json_is_true(enabled) || (on && strcmp(on, "yes") == 0) ? "yes" : "no");
	if (*out && features[i].parameters)
		json_object_set_new(*out, "parameters", list ? json_incref(list) : json_array());
	return *out ? ERR_OK : call_no_memory(err);
}

static enum err_code take_all(json_t *body, json_t *kept, struct err *err)
{
	json_t *v, *one = NULL;
	enum err_code e = ERR_OK;
	size_t i;

	for (i = 0; e == ERR_OK && i < FEATURES; i++) {
		if ((v = json_object_get(body, features[i].name)) == NULL)
			continue;
		if (json_is_null(v))
			json_object_del(kept, features[i].name);
		else if ((e = take_feature(i, v, &one, err)) == ERR_OK &&
			 json_object_set_new(kept, features[i].name, one))
			e = call_no_memory(err);
		json_object_del(body, features[i].name);
	}
	return e;
}

enum err_code rule_take(struct call *c, json_t *body, const char **text, struct err *err)
{
	json_t *kept = json_kept(*text);
	enum err_code e = kept ? take_all(body, kept, err) : call_no_memory(err);

	if (e == ERR_OK) {
		*text = json_object_size(kept) ? call_text_whole(c, json_incref(kept)) : "";
		if (strlen(*text) > RULE_BODY_MAX)
			e = err_set(err, ERR_INPUT, "the features of the rule take more than %d bytes", RULE_BODY_MAX);
	}
	json_decref(kept);
	return e;
}

/* ---- out ---- */

/* What a feature is while nobody has set it: off; but the default rule rings all the user's phones. */
static json_t *unset(size_t i, bool by_default)
{
	if (!features[i].parameters)
		return json_pack("{s:s}", "enabled", "no");
	if (by_default && i == 0)
		return json_pack("{s:s, s:[s]}", "enabled", "yes", "parameters", OWN_DEVICES);
	return json_pack("{s:s, s:[]}", "enabled", "no", "parameters");
}

bool rule_give(json_t *v, const char *text, bool by_default)
{
	json_t *kept = json_kept(text);
	bool good = kept != NULL;
	size_t i;

	for (i = 0; good && i < FEATURES; i++) {
		json_t *one = json_incref(json_object_get(kept, features[i].name));

		good = json_object_set_new(v, features[i].name, one ? one : unset(i, by_default)) == 0;
	}
	json_decref(kept);
	return good;
}

/* ---- the outside numbers ---- */

static const char *number_of(struct call *c, const json_t *v)
{
	if (json_is_integer(v))
		return outside_number(c->a, arena_printf(c->a, "%lld", (long long)json_integer_value(v)));
	return outside_number(c->a, json_string_value(v));
}

enum err_code rule_numbers(struct call *c, const char *text, struct rule_number **out, size_t *n, struct err *err)
{
	json_t *kept = json_kept(text), *feature, *v;
	const char *number;
	size_t i, k;

	*n = 0;
	*out = arena_alloc(c->a, RULE_NUMBERS_MAX * sizeof(**out));
	for (i = 0; kept && *out && i < FEATURES; i++) {
		if (!features[i].rings)
			continue;
		feature = json_object_get(kept, features[i].name);
		json_array_foreach (json_object_get(feature, "parameters"), k, v)
			if (*n < RULE_NUMBERS_MAX && (number = number_of(c, v)))
				(*out)[(*n)++] = (struct rule_number){ number,
					strcmp(json_string_value(json_object_get(feature, "enabled")), "yes") == 0 };
	}
	json_decref(kept);
	return kept && *out ? ERR_OK : call_no_memory(err);
}
