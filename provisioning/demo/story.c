#include "provisioning/demo/story.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "provisioning/conf/clock.h"
#include "provisioning/demo/company.h"

enum {
	LOOK_MS = 100,
	REGISTER_MS = 30000, /* for the whole fleet to come up */
	ACT_MS = 30000,      /* for the records of one act */
	PATH_LEN_MAX = 256,
};

#define DOMAIN_PATH "/domains/" STAGE_DOMAIN

/* "  12.3 s  what happens". */
static void __attribute__((format(printf, 2, 3))) story_say(const struct story *s, const char *fmt, ...)
{
	va_list ap;

	printf("%6.1f s  ", (double)(clock_steady_ms() - s->began_ms) / 1000);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
}

/* A thing that did not end as it should. */
static void __attribute__((format(printf, 2, 3))) story_wrong(struct story *s, const char *fmt, ...)
{
	va_list ap;

	s->wrong++;
	printf("  WRONG   ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
}

enum err_code story_wait(struct story *s, unsigned ms, story_look_fn *look, void *arg, bool *seen, struct err *err)
{
	long long end = clock_steady_ms() + ms;
	struct pollfd fd = { s->signals, POLLIN, 0 };
	struct err why = { .code = ERR_OK };
	enum err_code rc;

	for (*seen = false; !*seen;) {
		fleet_listen(s->fleet, LOOK_MS);
		if (poll(&fd, 1, 0) > 0) {
			s->interrupted = true;
			return err_set(err, ERR_BUSY, "interrupted");
		}
		rc = stage_check(s->stage, err);
		if (rc)
			return rc;
		*seen = look(s, arg, &why);
		if (why.code) {
			if (err)
				*err = why;
			return why.code;
		}
		if (clock_steady_ms() > end)
			break;
	}
	return ERR_OK;
}

/* ---- looks ---- */

/* Is each line that this phone shows registered, and is there at least one? */
static bool is_up(const struct fleet_phone *p)
{
	const json_t *line;
	size_t i;

	json_array_foreach (json_object_get(p->face, "lines"), i, line) {
		long long slot = json_integer_value(json_object_get(line, "slot"));

		if (slot < 1 || slot > FLEET_SLOTS || p->status[slot] != 200)
			return false;
	}
	return i > 0;
}

static bool all_up(struct story *s, void *arg, struct err *err)
{
	size_t i;

	(void)arg;
	(void)err;
	for (i = 0; i < s->fleet->n; i++)
		if (fleet_is_on(&s->fleet->phones[i]) && !is_up(&s->fleet->phones[i]))
			return false;
	return true;
}

/* Does the server know that every phone that is on has what is wanted? */
static bool all_acknowledged(struct story *s, void *arg, struct err *err)
{
	json_t *phones = NULL, *one;
	const char **missing = arg; /* gets the MAC of one that is missing */
	bool all = true;
	size_t i;

	if (client_call(s->stage->client, "GET", DOMAIN_PATH "/phones", NULL, NULL, &phones, err))
		return false;
	json_array_foreach (phones, i, one) {
		const char *mac = json_string_value(json_object_get(one, "device-provisioning-mac-address"));
		struct fleet_phone *p = mac ? fleet_find(s->fleet, mac) : NULL;

		if (p && fleet_is_on(p) &&
			json_integer_value(json_object_get(one, "generation-acknowledged")) <
				json_integer_value(json_object_get(one, "generation-wanted"))) {
			*missing = p->order.mac;
			all = false;
		}
	}
	json_decref(phones);
	return all;
}

struct expectation {
	char job[64];
	const char *off;   /* MAC of a phone that is off, or NULL: its records must be cut off */
	bool app_cut_off;  /* so must the softphone's */
	json_t *handovers; /* as last seen */
};

static const char *text_of(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s ? s : "";
}

static const char *wanted_state(const struct expectation *e, const json_t *record)
{
	const char *mac = text_of(record, "device-provisioning-mac-address");

	if (e->off && strcmp(mac, e->off) == 0)
		return "cut-off";
	if (e->app_cut_off && mac[0] == '\0')
		return "cut-off";
	return "confirmed";
}

static bool as_expected(struct story *s, void *arg, struct err *err)
{
	struct expectation *e = arg;
	char path[PATH_LEN_MAX];
	json_t *job = NULL, *record;
	bool good;
	size_t i;

	snprintf(path, sizeof(path), DOMAIN_PATH "/resets/%s", e->job);
	if (client_call(s->stage->client, "GET", path, NULL, NULL, &job, err))
		return false;
	json_decref(e->handovers);
	e->handovers = json_incref(json_object_get(job, "handovers"));
	good = strcmp(text_of(job, "state"), "done") == 0;
	json_array_foreach (e->handovers, i, record) {
		good = good && strcmp(text_of(record, "state"), wanted_state(e, record)) == 0;
	}
	json_decref(job);
	return good;
}

/* ---- acts ---- */

static void explain(struct story *s, const struct expectation *e)
{
	const json_t *record;
	size_t i;

	if (json_array_size(e->handovers) == 0)
		story_wrong(s, "reset %s has no record at all", e->job);
	json_array_foreach (e->handovers, i, record) {
		const char *mac = text_of(record, "device-provisioning-mac-address");
		struct fleet_phone *p = fleet_find(s->fleet, mac[0] ? mac : COMPANY_APP);

		if (strcmp(text_of(record, "state"), wanted_state(e, record)) == 0)
			continue;
		story_wrong(s, "%s (%s), line %lld, %s: %s instead of %s%s%s", mac[0] ? mac : "softphone",
			p ? p->order.name : "?",
			json_integer_value(json_object_get(record, "device-provisioning-line")),
			text_of(record, "kind"), text_of(record, "state"), wanted_state(e, record),
			p && p->broken[0] ? "; the phone says: " : "", p ? p->broken : "");
	}
}

static enum err_code order_reset(
	struct story *s, const char *user, bool phone_lines, struct expectation *e, struct err *err)
{
	json_t *answer = NULL;
	enum err_code rc = client_call(s->stage->client, "POST", DOMAIN_PATH "/resets",
		json_pack("{s:[s] s:{s:b}}", "users", user, "options", "phone-lines", phone_lines), NULL, &answer, err);

	snprintf(e->job, sizeof(e->job), "%s", text_of(answer, "reset"));
	json_decref(answer);
	return rc;
}

static enum err_code watch(struct story *s, struct expectation *e, struct err *err)
{
	enum err_code rc;
	bool seen;

	rc = story_wait(s, ACT_MS, as_expected, e, &seen, err);
	if (rc == ERR_OK && !seen)
		explain(s, e);
	return rc;
}

static enum err_code show(struct story *s, struct expectation *e, json_t *before, struct err *err)
{
	json_t *after = NULL;
	enum err_code rc = table_snapshot(s, &after, err);

	if (rc == ERR_OK)
		table_print(s, e->handovers, before, after);
	json_decref(after);
	return rc;
}

static enum err_code switch_on(struct story *s, struct err *err)
{
	const char *missing = "";
	enum err_code rc = ERR_OK;
	bool seen = false;
	size_t i;

	for (i = 0; rc == ERR_OK && i < s->fleet->n; i++)
		rc = fleet_on(s->fleet, &s->fleet->phones[i], err);
	if (rc == ERR_OK)
		rc = story_wait(s, REGISTER_MS, all_up, NULL, &seen, err);
	for (i = 0; rc == ERR_OK && !seen && i < s->fleet->n; i++)
		if (!is_up(&s->fleet->phones[i]))
			story_wrong(s, "%s (%s) did not register; %s", s->fleet->phones[i].order.mac,
				s->fleet->phones[i].order.name,
				s->fleet->phones[i].broken[0] ? s->fleet->phones[i].broken : "it says nothing");
	if (rc == ERR_OK && seen)
		rc = story_wait(s, REGISTER_MS, all_acknowledged, &missing, &seen, err);
	if (rc == ERR_OK && !seen && s->wrong == 0)
		story_wrong(s, "the server did not learn that %s has its file", missing);
	return rc;
}

/* The first person leaves, with phone-lines. */
static enum err_code act_leave(struct story *s, struct expectation *e, json_t *before, struct err *err)
{
	enum err_code rc;

	story_say(s, "%s is switched off. Ann Archer (%s) leaves: reset with phone-lines", COMPANY_OFF, COMPANY_LEAVER);
	fleet_power_cut(fleet_find(s->fleet, COMPANY_OFF));
	e->off = COMPANY_OFF;
	e->app_cut_off = true;
	rc = order_reset(s, COMPANY_LEAVER, true, e, err);
	if (rc == ERR_OK)
		rc = watch(s, e, err);
	return rc ? rc : show(s, e, before, err);
}

/* What could not be told comes back by itself. */
static enum err_code act_return(struct story *s, struct expectation *e, json_t *before, struct err *err)
{
	struct fleet_phone *app = fleet_find(s->fleet, COMPANY_APP);
	enum err_code rc;

	story_say(s, "%s is switched on again, and Ann's app is started once more", COMPANY_OFF);
	e->off = NULL;
	e->app_cut_off = false;
	fleet_quit(app);
	rc = fleet_on(s->fleet, fleet_find(s->fleet, COMPANY_OFF), err);
	if (rc == ERR_OK)
		rc = fleet_on(s->fleet, app, err);
	if (rc == ERR_OK)
		rc = watch(s, e, err);
	return rc ? rc : show(s, e, before, err);
}

static bool has_new_line(struct story *s, void *arg, struct err *err)
{
	struct fleet_phone *p = arg;

	(void)s;
	(void)err;
	return strcmp(fleet_user(p, 1), COMPANY_LEAVER) == 0 && p->status[1] == 200;
}

static enum err_code act_recycle(struct story *s, json_t *before, struct err *err)
{
	struct fleet_phone *desk = fleet_find(s->fleet, COMPANY_DESK);
	struct expectation e = { .off = NULL };
	unsigned boots = desk->boots, told = desk->told;
	json_t *answer = NULL;
	bool seen = false;
	enum err_code rc;

	story_say(s, "Olivia Osei takes over %s and the vacant phone on Ann's desk", COMPANY_LEAVER);
	rc = client_call(s->stage->client, "POST", DOMAIN_PATH "/users/" COMPANY_LEAVER "/recycle",
		json_pack("{s:s s:s s:s s:s}", "name-first-name", "Olivia", "name-last-name", "Osei", "email-address",
			"olivia.osei@harbor.test", "phone", COMPANY_DESK),
		NULL, &answer, err);
	snprintf(e.job, sizeof(e.job), "%s", text_of(answer, "reset"));
	json_decref(answer);
	if (rc == ERR_OK)
		rc = story_wait(s, ACT_MS, has_new_line, desk, &seen, err);
	if (rc == ERR_OK && !seen)
		story_wrong(s, "%s (%s) did not register %s for the new person", COMPANY_DESK, desk->order.name,
			COMPANY_LEAVER);
	if (rc == ERR_OK && (desk->boots != boots || desk->told == told))
		story_wrong(s, "%s took the new line by %s", COMPANY_DESK,
			desk->boots != boots ? "a power cycle" : "chance");
	if (rc == ERR_OK)
		rc = story_wait(s, ACT_MS, as_expected, &e, &seen, err);
	if (rc == ERR_OK && !seen)
		explain(s, &e);
	if (rc == ERR_OK && seen)
		story_say(s, "%s shows \"%s\" and has registered it: told, without a power cycle", COMPANY_DESK,
			fleet_line(desk, 1));
	if (rc == ERR_OK && json_array_size(e.handovers))
		rc = show(s, &e, before, err);
	json_decref(e.handovers);
	return rc;
}

/* The second person leaves, the line stays. */
static enum err_code act_second(struct story *s, struct expectation *e, json_t *before, struct err *err)
{
	struct fleet_phone *p = fleet_find(s->fleet, COMPANY_CHALLENGES);
	enum err_code rc;

	story_say(
		s, "Dia Lindqvist (%s) leaves: reset without phone-lines; her Grandstream challenges", COMPANY_SECOND);
	rc = order_reset(s, COMPANY_SECOND, false, e, err);
	if (rc == ERR_OK)
		rc = watch(s, e, err);
	if (rc == ERR_OK && !p->proved)
		story_wrong(s, "%s was told without an answer to its challenge", COMPANY_CHALLENGES);
	if (rc == ERR_OK && strcmp(fleet_user(p, 1), COMPANY_SECOND) != 0)
		story_wrong(s, "%s lost its line, which should have stayed", COMPANY_CHALLENGES);
	return rc ? rc : show(s, e, before, err);
}

static bool all_polled(struct story *s, void *arg, struct err *err)
{
	const unsigned *pulls = arg;
	size_t i;

	(void)err;
	for (i = 0; i < s->fleet->n; i++)
		if (fleet_is_on(&s->fleet->phones[i]) && s->fleet->phones[i].pulls == pulls[i])
			return false;
	return true;
}

/* Who left may stand in the phone book of a colleague that nobody had a reason to tell, until it is fetched again. */
static enum err_code act_hour(struct story *s, struct err *err)
{
	unsigned pulls[FLEET_MAX];
	enum err_code rc;
	bool seen;
	size_t i;

	story_say(s, "an hour later: each phone fetches its files and its phone book by its own clock");
	for (i = 0; i < s->fleet->n; i++) {
		pulls[i] = s->fleet->phones[i].pulls;
		if (fleet_is_on(&s->fleet->phones[i]))
			fleet_poll(&s->fleet->phones[i]);
	}
	rc = story_wait(s, ACT_MS, all_polled, pulls, &seen, err);
	if (rc == ERR_OK && !seen)
		story_wrong(s, "not every phone fetched its files by its own clock");
	return rc;
}

/* What no server can see: the whole memory of every phone. */
static enum err_code look_for_residue(struct story *s, bool both, struct err *err)
{
	static const char *const second[] = { "Lindqvist", NULL };
	const char *const *const lists[] = { company_leaver_words, both ? second : NULL };
	enum err_code rc = ERR_OK;
	unsigned found = 0;
	size_t i, k, w;
	char where[256];
	bool holds;

	for (i = 0; i < s->fleet->n; i++)
		for (k = 0; k < sizeof(lists) / sizeof(*lists); k++)
			for (w = 0; rc == ERR_OK && lists[k] && lists[k][w]; w++) {
				const struct fleet_phone *p = &s->fleet->phones[i];

				rc = fleet_holds(s->fleet, p, lists[k][w], where, &holds, err);
				if (rc || !holds)
					continue;
				found++;
				story_wrong(s, "%s (%s) still holds \"%s\" in %s", p->order.mac, p->order.name,
					lists[k][w], where);
			}
	if (rc == ERR_OK && found == 0)
		story_say(s, "no phone holds anything of Ann Archer%s", both ? " or Dia Lindqvist" : "");
	return rc;
}

/* A record that was reopened or found a residue later than its act looked. */
static enum err_code look_at_all(struct story *s, struct err *err)
{
	json_t *all = NULL, *record;
	enum err_code rc =
		client_call(s->stage->client, "GET", DOMAIN_PATH "/handovers?limit=1000", NULL, NULL, &all, err);
	size_t i;

	json_array_foreach (all, i, record) {
		const char *mac = text_of(record, "device-provisioning-mac-address");

		if (strcmp(text_of(record, "state"), "confirmed") != 0)
			story_wrong(s, "in the end %s, line %lld, is %s instead of confirmed",
				mac[0] ? mac : "the softphone",
				json_integer_value(json_object_get(record, "device-provisioning-line")),
				text_of(record, "state"));
		if (json_object_get(json_object_get(record, "facts"), "residue"))
			story_wrong(s, "the server found a residue on %s", mac[0] ? mac : "the softphone");
	}
	if (rc == ERR_OK && s->wrong == 0)
		story_say(s, "%zu records, each confirmed", json_array_size(all));
	json_decref(all);
	return rc;
}

/* Each act compares with what stood before it; after one that went wrong the next would only repeat it. */
static enum err_code play_acts(struct story *s, struct err *err)
{
	struct expectation first = { .off = NULL }, second = { .off = NULL };
	json_t *before = NULL;
	enum err_code rc = table_snapshot(s, &before, err);

	if (rc == ERR_OK)
		rc = act_leave(s, &first, before, err);
	if (rc == ERR_OK && s->wrong == 0)
		rc = act_return(s, &first, before, err);
	json_decref(before);
	before = NULL;
	if (rc == ERR_OK && s->wrong == 0)
		rc = table_snapshot(s, &before, err);
	if (rc == ERR_OK && s->wrong == 0)
		rc = act_recycle(s, before, err);
	if (rc == ERR_OK && s->wrong == 0)
		rc = act_second(s, &second, before, err);
	if (rc == ERR_OK && s->wrong == 0)
		rc = act_hour(s, err);
	if (rc == ERR_OK)
		rc = look_for_residue(s, second.handovers != NULL, err);
	if (rc == ERR_OK && s->wrong == 0)
		rc = look_at_all(s, err);
	json_decref(before);
	json_decref(first.handovers);
	json_decref(second.handovers);
	return rc;
}

enum err_code story_begin(struct story *s, struct err *err)
{
	enum err_code rc;

	story_say(s, "rekeyd and Kamailio run; %zu phones and softphones are switched on", s->fleet->n);
	rc = switch_on(s, err);
	if (rc || s->wrong)
		return rc;
	if (s->fleet->no_namespace)
		story_say(
			s, "this machine gives no network namespace: %s speaks TCP but is not behind NAT", COMPANY_NAT);
	story_say(s, "every phone has pulled its files and registered its lines");
	return ERR_OK;
}

enum err_code story_play(struct story *s, struct err *err)
{
	enum err_code rc = fleet_keep(s->fleet, err);

	return rc ? rc : play_acts(s, err);
}

static bool never(struct story *s, void *arg, struct err *err)
{
	(void)s;
	(void)arg;
	(void)err;
	return false;
}

enum err_code story_serve(struct story *s, struct err *err)
{
	enum err_code rc = ERR_OK;
	bool seen;

	while (rc == ERR_OK)
		rc = story_wait(s, 3600 * 1000, never, NULL, &seen, err);
	return s->interrupted ? ERR_OK : rc;
}
