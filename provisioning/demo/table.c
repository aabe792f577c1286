#include <stdio.h>
#include <string.h>

#include "phonecfg/base/text.h"
#include "provisioning/demo/company.h"
#include "provisioning/demo/story.h"

enum { CELL_MAX = 96, COLUMNS = 10, PATH_LEN_MAX = 256 };

static const char *text_of(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s ? s : "";
}

/* "" -> user -> "First Last", or the extension of one who has no name. */
static enum err_code add_names(struct story *s, json_t *snapshot, struct err *err)
{
	json_t *users = NULL, *user, *names = json_object();
	enum err_code rc =
		client_call(s->stage->client, "GET", "/domains/" STAGE_DOMAIN "/users", NULL, NULL, &users, err);
	size_t i;

	json_array_foreach (users, i, user) {
		const char *ext = text_of(user, "user"), *first = text_of(user, "name-first-name");

		json_object_set_new(names, ext,
			first[0] ? json_sprintf("%s %s", first, text_of(user, "name-last-name")) : json_string(ext));
	}
	json_decref(users);
	json_object_set_new(snapshot, "", names);
	return rc;
}

enum err_code table_snapshot(struct story *s, json_t **out, struct err *err)
{
	json_t *phones = NULL, *keys = NULL, *phone;
	enum err_code rc =
		client_call(s->stage->client, "GET", "/domains/" STAGE_DOMAIN "/phones", NULL, NULL, &phones, err);
	char path[PATH_LEN_MAX];
	size_t i;

	*out = json_object();
	json_array_foreach (phones, i, phone) {
		const char *mac = json_string_value(json_object_get(phone, "device-provisioning-mac-address"));

		if (rc || mac == NULL)
			break;
		snprintf(path, sizeof(path), "/domains/" STAGE_DOMAIN "/phones/%s/keys", mac);
		rc = client_call(s->stage->client, "GET", path, NULL, NULL, &keys, err);
		json_object_set_new(*out, mac,
			json_pack("{s:O s:o}", "lines", json_object_get(phone, "lines"), "keys",
				keys ? keys : json_array()));
		keys = NULL;
	}
	json_decref(phones);
	if (rc == ERR_OK)
		rc = add_names(s, *out, err);
	if (rc) {
		json_decref(*out);
		*out = NULL;
	}
	return rc;
}

static long long number_of(const json_t *o, const char *name)
{
	return json_integer_value(json_object_get(o, name));
}

/* "1001 Ann Archer", "idle" or "-". */
static void line_cell(const json_t *snapshot, const char *mac, long long slot, char out[CELL_MAX])
{
	const json_t *line, *lines = json_object_get(json_object_get(snapshot, mac), "lines");
	size_t i;

	snprintf(out, CELL_MAX, "-");
	json_array_foreach (lines, i, line) {
		if (number_of(line, "slot") != slot)
			continue;
		if (strcmp(text_of(line, "use"), "idle") == 0)
			snprintf(out, CELL_MAX, "idle");
		else
			snprintf(out, CELL_MAX, "%s %s %s", text_of(line, "device"), text_of(line, "name-first-name"),
				text_of(line, "name-last-name"));
	}
	for (i = strlen(out); i && out[i - 1] == ' '; i--)
		out[i - 1] = '\0';
}

/* The key that shows the leaver: by its own label, else by the user's name. */
static void key_cell(const json_t *snapshot, const char *mac, const char *user, char out[CELL_MAX])
{
	const json_t *key, *keys = json_object_get(json_object_get(snapshot, mac), "keys");
	size_t i;

	snprintf(out, CELL_MAX, "-");
	json_array_foreach (keys, i, key) {
		const char *label = text_of(key, "label");

		if (strcmp(text_of(key, "value"), user) == 0)
			snprintf(out, CELL_MAX, "key %s",
				label[0] ? label : text_of(json_object_get(snapshot, ""), user));
	}
}

/* Blank: this kind of record does not ask for the fact (provisioning/reset/README.md). */
static bool asked(const char *kind, const char *fact)
{
	static const char *const not_asked[][2] = {
		{ "rekeyed", "unbound" },
		{ "relabelled", "flipped" },
		{ "relabelled", "unbound" },
		{ "relabelled", "applied" },
		{ "softphone", "told" },
		{ "softphone", "applied" },
	};
	size_t i;

	for (i = 0; i < sizeof(not_asked) / sizeof(not_asked[0]); i++)
		if (strcmp(not_asked[i][0], kind) == 0 && strcmp(not_asked[i][1], fact) == 0)
			return false;
	return true;
}

static void fact_cell(const json_t *record, const char *fact, const char *failed, char out[CELL_MAX])
{
	const json_t *facts = json_object_get(record, "facts");

	out[0] = '\0';
	if (!asked(text_of(record, "kind"), fact))
		return;
	if (json_object_get(facts, fact))
		snprintf(out, CELL_MAX, "yes");
	else
		snprintf(out, CELL_MAX, "%s", failed && json_object_get(facts, failed) ? "failed" : "-");
}

static void fill(const struct story *s, const json_t *r, const json_t *before, const json_t *after,
	char cells[COLUMNS][CELL_MAX])
{
	const char *mac = text_of(r, "device-provisioning-mac-address"), *kind = text_of(r, "kind");
	const struct fleet_phone *p = fleet_find(s->fleet, mac[0] ? mac : COMPANY_APP);
	long long slot = number_of(r, "device-provisioning-line");
	bool key = strcmp(kind, "relabelled") == 0, soft = mac[0] == '\0';

	snprintf(cells[0], CELL_MAX, "%s %s", soft ? "softphone" : mac, p ? p->order.model : "");
	if (slot)
		snprintf(cells[1], CELL_MAX, "%lld %s", slot, kind);
	else
		snprintf(cells[1], CELL_MAX, "%s", kind);
	if (key) {
		key_cell(before, mac, text_of(r, "user"), cells[2]);
		key_cell(after, mac, text_of(r, "user"), cells[3]);
	} else if (soft) {
		snprintf(cells[2], CELL_MAX, "%s", text_of(r, "device"));
		snprintf(cells[3], CELL_MAX, "-");
	} else {
		line_cell(before, mac, slot, cells[2]);
		line_cell(after, mac, slot, cells[3]);
	}
	fact_cell(r, "told", "told-failed", cells[4]);
	fact_cell(r, "fetched", NULL, cells[5]);
	fact_cell(r, "flipped", NULL, cells[6]);
	fact_cell(r, "unbound", NULL, cells[7]);
	fact_cell(r, "applied", NULL, cells[8]);
	snprintf(cells[9], CELL_MAX, "%s%s", text_of(r, "state"),
		json_object_get(json_object_get(r, "facts"), "residue") ? " (residue)" : "");
}

static void print_row(char cells[COLUMNS][CELL_MAX], const size_t width[COLUMNS])
{
	size_t i;

	for (i = 0; i < COLUMNS; i++) {
		size_t n = text_length(slice_str(cells[i]));

		printf("%s%*s", cells[i], i + 1 < COLUMNS ? (int)(width[i] - n + 2) : 0, "");
	}
	printf("\n");
}

void table_print(const struct story *s, const json_t *handovers, const json_t *before, const json_t *after)
{
	static const char *const heads[COLUMNS] = { "phone", "line", "before", "after", "told", "fetched", "flipped",
		"unbound", "applied", "state" };
	char cells[COLUMNS][CELL_MAX];
	size_t width[COLUMNS], i, k;
	const json_t *r;

	for (k = 0; k < COLUMNS; k++)
		width[k] = strlen(heads[k]);
	json_array_foreach (handovers, i, r) {
		fill(s, r, before, after, cells);
		for (k = 0; k < COLUMNS; k++)
			if (text_length(slice_str(cells[k])) > width[k])
				width[k] = text_length(slice_str(cells[k]));
	}
	for (k = 0; k < COLUMNS; k++)
		snprintf(cells[k], CELL_MAX, "%s", heads[k]);
	printf("\n");
	print_row(cells, width);
	json_array_foreach (handovers, i, r) {
		fill(s, r, before, after, cells);
		print_row(cells, width);
	}
	printf("\n");
	fflush(stdout);
}
