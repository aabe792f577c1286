#include "provisioning/api/report_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "phonecfg/base/buf.h"
#include "phonecfg/base/text.h"
#include "provisioning/reset/quiet.h"

#define REPLACEMENT "\xef\xbf\xbd"
enum { TEXT_MAX = 4096, TIME_MAX = 64 };

/* ---- time ---- */

static bool broken_down(int64_t s, struct tm *out)
{
	time_t t = (time_t)s;

	return gmtime_r(&t, out) != NULL;
}

/* "2026-11-30 18:05:12 (19:05)"; the date too where it is another one. */
const char *report_time(struct arena *a, int64_t ms, const char *zone)
{
	char utc[TIME_MAX] = "", local[TIME_MAX] = "";
	struct tm here, there;

	if (ms == 0 || !broken_down(ms / 1000, &here))
		return "";
	strftime(utc, sizeof(utc), "%Y-%m-%d %H:%M:%S", &here);
	if (zone == NULL || *zone == '\0' || strcmp(zone, "UTC") == 0 ||
		!broken_down(ms / 1000 + zone_offset_s(zone, ms / 1000), &there))
		return arena_strdup(a, utc);
	strftime(local, sizeof(local), here.tm_mday == there.tm_mday ? "%H:%M" : "%m-%d %H:%M", &there);
	return arena_printf(a, "%s (%s)", utc, local);
}

/* ---- words ---- */

struct word {
	const char *word, *text;
};

static const char *find(const struct word *table, size_t n, const char *word)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(table[i].word, word) == 0)
			return table[i].text;
	return NULL;
}
#define FIND(table, word) find(table, sizeof(table) / sizeof((table)[0]), word)

const char *report_kind(const char *kind)
{
	static const struct word kinds[] = {
		{ "unassigned", "Line taken away" },
		{ "rekeyed", "Line with a new secret" },
		{ "relabelled", "Label renewed" },
		{ "softphone", "Softphone blanked" },
	};
	const char *text = FIND(kinds, kind);

	return text ? text : kind;
}

const char *report_state(struct arena *a, const char *state)
{
	char *text = arena_strdup(a, state);
	size_t i;

	for (i = 0; text && text[i]; i++)
		if (text[i] == '-')
			text[i] = ' ';
	if (text && text[0] >= 'a' && text[0] <= 'z')
		text[0] = (char)(text[0] - 'a' + 'A');
	return text;
}

const char *report_look(const char *state)
{
	static const struct word looks[] = {
		{ "confirmed", "good" },
		{ "done", "good" },
		{ "failed", "bad" },
		{ "done-with-errors", "bad" },
		{ "written-off", "" },
		{ "cancelled", "" },
	};
	const char *text = FIND(looks, state);

	return text ? text : "warn";
}

const char *report_fact(const struct record_row *r, const char *fact)
{
	static const struct word facts[] = {
		{ "told", "The phone answered when it was told to fetch its file" },
		{ "told-failed", "The phone could not be told" },
		{ "fetched", "The phone fetched its file" },
		{ "flipped", "The registrar has the new secret" },
		{ "unbound", "No registration of the old line is left" },
		{ "applied", "The phone works with its new file" },
		{ "residue", "The check found something of the person before" },
		{ "written-off", "Written off" },
		{ "reopened", "The old line registered again" },
	};

	if (strcmp(fact, "flipped") == 0 && r->revision_after == 0)
		return "The registrar knows the old identity no more";
	if (strcmp(fact, "fetched") == 0 && strcmp(r->kind, "softphone") == 0)
		return "The app fetched the blanks";
	return FIND(facts, fact);
}

const char *report_step(struct arena *a, const char *word, int64_t n)
{
	static const struct {
		const char *word, *one, *many;
	} steps[] = {
		{ "lines-removed", "line taken off a phone", "lines taken off phones" },
		{ "lines-rekeyed", "line got a new secret", "lines got new secrets" },
		{ "keys-removed", "key taken off a phone", "keys taken off phones" },
		{ "labels-renewed", "label renewed", "labels renewed" },
		{ "softphones-blanked", "softphone blanked", "softphones blanked" },
		{ "devices-removed", "device removed", "devices removed" },
		{ "phones", "phone changed", "phones changed" },
	};
	size_t i;

	if (n == 0)
		return NULL;
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (strcmp(steps[i].word, word) == 0)
			return arena_printf(a, "%" PRId64 " %s", n, n == 1 ? steps[i].one : steps[i].many);
	return arena_printf(a, "%" PRId64 " %s", n, report_state(a, word));
}

/* ---- what a page cannot carry ---- */

/* Bytes of the character that begins here, 0 = none does. */
static size_t character(const char *s, size_t n)
{
	size_t len;

	for (len = 1; len <= 4 && len <= n; len++)
		if (text_is_utf8((struct slice){ s, len }))
			return text_has_control((struct slice){ s, len }) ? 0 : len;
	return 0;
}

const char *report_text(struct arena *a, const char *text)
{
	struct slice s = slice_str(text);
	struct buf out;
	const char *kept;

	if (text_is_utf8(s) && !text_has_control(s))
		return text ? text : "";
	buf_init(&out, TEXT_MAX);
	while (s.n) {
		size_t n = character(s.p, s.n);

		if (n)
			buf_add(&out, s.p, n);
		else
			buf_str(&out, REPLACEMENT);
		s.p += n ? n : 1;
		s.n -= n ? n : 1;
	}
	kept = arena_slice(a, buf_view(&out));
	buf_release(&out);
	return kept ? kept : "";
}
