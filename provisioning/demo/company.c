#include "provisioning/demo/company.h"

#include <stdio.h>
#include <string.h>

enum { PATH_LEN_MAX = 256 };

#define DOMAIN_PATH "/domains/" STAGE_DOMAIN

const char *const company_leaver_words[] = { "Archer", "ann.archer@harbor.test", NULL };

struct person {
	const char *user, *first, *last, *email;
};

static const struct person people[] = {
	{ "1001", "Ann", "Archer", "ann.archer@harbor.test" },
	{ "1002", "Ben", "Barlow", "ben.barlow@harbor.test" },
	{ "1003", "Cem", "Demir", "cem.demir@harbor.test" },
	{ "1004", "Dia", "Lindqvist", "dia.lindqvist@harbor.test" },
	{ "1005", "Emil", "Fischer", "emil.fischer@harbor.test" },
	{ "1006", "Fay", "O'Neill", "fay.oneill@harbor.test" },
	{ "1007", "Gus", "Marino", "gus.marino@harbor.test" },
	{ "1008", "Hana", "Sato", "hana.sato@harbor.test" },
};

struct device {
	const char *user, *device, *kind;
};

static const struct device devices[] = {
	{ "1001", "1001b", "desk" },
	{ "1001", "1001c", "desk" },
	{ "1001", "1001e", "desk" },
	{ "1001", "1001m", "mobile" },
	{ "1008", "1008m", "mobile" },
};

struct desk {
	struct fleet_order order;
	const char *lines[2]; /* devices in slots 1 and 2 */
};

static const struct desk desks[] = {
	{ { .name = "Ann's desk", .model = "yealink-t46u", .mac = COMPANY_DESK }, { "1001" } },
	{ { .name = "the laboratory, two persons", .model = "yealink-t54w", .mac = COMPANY_SHARED },
		{ "1002", "1001b" } },
	{ { .name = "Emil's desk", .model = "yealink-t31p", .mac = "805ec0aa0103" }, { "1005" } },
	{ { .name = "Cem's desk", .model = "polycom-vvx450", .mac = "64167faa0104" }, { "1003" } },
	{ { .name = "the meeting room, off", .model = "polycom-vvx250", .mac = COMPANY_OFF }, { "1001c" } },
	{ { .name = "Dia's desk, challenges", .model = "grandstream-grp2614", .mac = COMPANY_CHALLENGES }, { "1004" } },
	{ { .name = "Fay's desk", .model = "grandstream-gxp2170", .mac = "000b82aa0107" }, { "1006" } },
	{ { .name = "Ann's home, behind NAT", .model = "grandstream-gxp1628", .mac = COMPANY_NAT, .behind_nat = true },
		{ "1001e" } },
};

struct soft {
	struct fleet_order order;
	const char *user, *device;
};

static const struct soft softphones[] = {
	{ { .name = "Ann's app, cannot be told", .model = "linphone", .mac = COMPANY_APP, .refuses = true }, "1001",
		"1001m" },
	{ { .name = "Hana's app", .model = "linphone", .mac = "0200000a0110" }, "1008", "1008m" },
};

/* Colleagues' keys that show the leaver. */
struct key {
	const char *mac;
	int index;
	const char *type;
};

static const struct key keys[] = {
	{ "805ec0aa0103", 2, "speed-dial" },
	{ "64167faa0104", 2, "blf" },
	{ "000b82aa0107", 2, "blf" },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static enum err_code make_domain(struct stage *s, struct err *err)
{
	enum err_code rc = client_call(s->client, "PUT", DOMAIN_PATH,
		json_pack("{s:s s:o s:s s:s}", "description", "Harbor Freight Brokers, the company of the demo",
			"sip-proxy", json_sprintf("127.0.0.1:%u", s->sip_port),
			"device-provisioning-sip-transport-protocol", "udp", "time-zone", "Europe/Helsinki"),
		NULL, NULL, err);

	if (rc)
		return rc;
	/* Any time is quiet here: a phone that must restart does so at once. */
	return client_call(s->client, "POST", DOMAIN_PATH "/sites",
		json_pack("{s:s s:s s:i s:i}", "site", "Main", "time-zone", "Europe/Helsinki", "quiet-from-minutes", 0,
			"quiet-to-minutes", 0),
		NULL, NULL, err);
}

static enum err_code make_people(struct stage *s, struct err *err)
{
	enum err_code rc = ERR_OK;
	char path[PATH_LEN_MAX];
	size_t i;

	for (i = 0; rc == ERR_OK && i < COUNT(people); i++)
		rc = client_call(s->client, "POST", DOMAIN_PATH "/users",
			json_pack("{s:s s:s s:s s:s s:s s:s}", "user", people[i].user, "name-first-name",
				people[i].first, "name-last-name", people[i].last, "email-address", people[i].email,
				"user-scope", "Basic User", "site", "Main"),
			NULL, NULL, err);
	for (i = 0; rc == ERR_OK && i < COUNT(devices); i++) {
		snprintf(path, sizeof(path), DOMAIN_PATH "/users/%s/devices", devices[i].user);
		rc = client_call(s->client, "POST", path,
			json_pack("{s:s s:s}", "device", devices[i].device, "device-kind", devices[i].kind), NULL, NULL,
			err);
	}
	return rc;
}

static json_t *line_list(const struct desk *d)
{
	json_t *out = json_array();
	size_t i;

	for (i = 0; i < COUNT(d->lines); i++)
		if (d->lines[i])
			json_array_append_new(out, json_pack("{s:i s:s}", "slot", (int)i + 1, "device", d->lines[i]));
	return out;
}

static enum err_code no_room(struct err *err)
{
	return err_set(err, ERR_LIMIT, "the demo has more phones than its fleet has places");
}

static enum err_code make_phone(struct stage *s, struct fleet *f, const struct desk *d, struct err *err)
{
	json_t *answer = NULL;
	const char *url;
	enum err_code rc = client_call(s->client, "POST", DOMAIN_PATH "/phones",
		json_pack("{s:s s:s s:s s:s s:s s:o}", "device-provisioning-mac-address", d->order.mac,
			"device-models-brand-and-model", d->order.model, "site", "Main", "notes", d->order.name,
			"device-provisioning-sip-transport-protocol", d->order.behind_nat ? "tcp" : "", "lines",
			line_list(d)),
		NULL, &answer, err);

	url = json_string_value(json_object_get(json_object_get(answer, "first-access"), "url"));
	if (rc == ERR_OK && url == NULL)
		rc = err_set(err, ERR_IO, "the API gave no first-access address for %s", d->order.mac);
	if (rc == ERR_OK && fleet_add(f, &d->order, url) == NULL)
		rc = no_room(err);
	json_decref(answer);
	return rc;
}

static enum err_code make_softphone(struct stage *s, struct fleet *f, const struct soft *p, struct err *err)
{
	char path[PATH_LEN_MAX];
	json_t *answer = NULL;
	const char *url;
	enum err_code rc;

	snprintf(path, sizeof(path), DOMAIN_PATH "/users/%s/devices/%s/enrol", p->user, p->device);
	rc = client_call(s->client, "POST", path, json_object(), NULL, &answer, err);
	url = json_string_value(json_object_get(answer, "url"));
	if (rc == ERR_OK && url == NULL)
		rc = err_set(err, ERR_IO, "the API gave no address for the softphone %s", p->device);
	if (rc == ERR_OK && fleet_add(f, &p->order, url) == NULL)
		rc = no_room(err);
	json_decref(answer);
	return rc;
}

static enum err_code make_keys(struct stage *s, struct err *err)
{
	enum err_code rc = ERR_OK;
	char path[PATH_LEN_MAX];
	size_t i;

	for (i = 0; rc == ERR_OK && i < COUNT(keys); i++) {
		snprintf(path, sizeof(path), DOMAIN_PATH "/phones/%s/keys", keys[i].mac);
		rc = client_call(s->client, "POST", path,
			json_pack("{s:i s:i s:s s:s s:s}", "module", 0, "place", keys[i].index, "type", keys[i].type,
				"value", COMPANY_LEAVER, "owner", "desk"),
			NULL, NULL, err);
	}
	return rc;
}

enum err_code company_make(struct stage *s, struct fleet *f, struct err *err)
{
	enum err_code rc = make_domain(s, err);
	size_t i;

	if (rc == ERR_OK)
		rc = make_people(s, err);
	for (i = 0; rc == ERR_OK && i < COUNT(desks); i++)
		rc = make_phone(s, f, &desks[i], err);
	for (i = 0; rc == ERR_OK && i < COUNT(softphones); i++)
		rc = make_softphone(s, f, &softphones[i], err);
	return rc ? rc : make_keys(s, err);
}
