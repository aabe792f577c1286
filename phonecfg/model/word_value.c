#include "phonecfg/model/word_value.h"

#include <stdio.h>
#include <string.h>

#include "phonecfg/base/slice.h"

_Static_assert(sizeof(enum srtp) == sizeof(unsigned) && sizeof(enum transport) == sizeof(unsigned) &&
		       sizeof(enum dtmf) == sizeof(unsigned) && sizeof(enum tls_version) == sizeof(unsigned) &&
		       sizeof(enum codec) == sizeof(unsigned),
	"a choice is written as an unsigned number");

bool word_choice(const char *choices, size_t i, char *out, size_t size)
{
	struct slice rest = slice_str(choices);

	while (rest.n) {
		struct slice one = slice_cut(&rest, '|');
		if (i-- == 0) {
			snprintf(out, size, "%.*s", SLICE_ARG(one));
			return true;
		}
	}
	return false;
}

static bool choose(const char *choices, struct slice text, unsigned *out)
{
	struct slice rest = slice_str(choices);

	for (unsigned i = 0; rest.n; i++) {
		struct slice one = slice_cut(&rest, '|');
		if (slice_eq(one, text)) {
			*out = i;
			return true;
		}
	}
	return false;
}

static bool read_bool(const char *text, bool *out)
{
	static const char *const yes[] = { "true", "1", "yes", "on" }, *const no[] = { "false", "0", "no", "off" };

	for (size_t i = 0; i < 4; i++) {
		if (strcmp(text, yes[i]) == 0 || strcmp(text, no[i]) == 0) {
			*out = strcmp(text, yes[i]) == 0;
			return true;
		}
	}
	return false;
}

static bool read_number(const char *text, long long min, long long max, unsigned *out)
{
	size_t n = strspn(text, "0123456789");
	long long v = 0;

	if (!n || n > 10 || text[n])
		return false;
	for (size_t i = 0; i < n; i++)
		v = v * 10 + (text[i] - '0');
	*out = (unsigned)v;
	return v >= min && v <= max;
}

struct codecs {
	enum codec v[CODEC_COUNT];
	size_t n;
};

static bool read_codecs(const char *choices, const char *text, struct codecs *out)
{
	unsigned seen = 0;

	out->n = 0;
	while (*text) {
		size_t len = strcspn(text, " ,");
		unsigned codec;
		if (len) {
			if (!choose(choices, (struct slice){ text, len }, &codec) || (seen & 1u << codec))
				return false;
			seen |= 1u << codec;
			out->v[out->n++] = (enum codec)codec;
		}
		text += len + (text[len] ? 1 : 0);
	}
	return out->n > 0;
}

static bool read_time(const char *text, unsigned *out)
{
	bool shape = strlen(text) >= 5 && strspn(text, "0123456789") == 2 && text[2] == ':' &&
		     strspn(text + 3, "0123456789") == 2;
	unsigned h, m;

	if (!shape)
		return false;
	h = (unsigned)(text[0] - '0') * 10 + (unsigned)(text[1] - '0');
	m = (unsigned)(text[3] - '0') * 10 + (unsigned)(text[4] - '0');
	*out = h * 60 + m;
	return h < 24 && m < 60;
}

static bool read_window(const char *text, unsigned *from, unsigned *to)
{
	return strlen(text) == 11 && text[5] == '-' && read_time(text, from) && read_time(text + 6, to) && *from != *to;
}

static bool all_of(const char *text, const char *marks, size_t max)
{
	size_t n = 0;

	for (; text[n]; n++) {
		char c = text[n];
		bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		if (!alnum && !strchr(marks, c))
			return false;
	}
	return n > 0 && n <= max;
}

static bool is_url(const struct word *w, const char *text)
{
	static const char *const schemes[] = { "http://", "https://", "ldap://", "ldaps://" };
	size_t n = strlen(text), last = w->choices ? 4 : 2, i = 0;

	while (i < last && strncmp(text, schemes[i], strlen(schemes[i])) != 0)
		i++;
	if (i == last)
		return false;
	for (const char *p = text; *p; p++) {
		if (*p <= 32 || *p > 126 || strchr("<>\"\\`{}|^", *p))
			return false;
	}
	return n > strlen(schemes[i]) && n <= MODEL_URL_MAX;
}

/* Small letters, or two capitals for a country. */
static bool is_code(const struct word *w, const char *text)
{
	size_t n = strlen(text);

	if (w->kind == WORD_COUNTRY)
		return n == 2 && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 2;
	return strspn(text, "abcdefghijklmnopqrstuvwxyz") >= 2 && strspn(text, "abcdefghijklmnopqrstuvwxyz-") == n &&
	       n <= 16;
}

static const struct {
	const char *marks; /* beside letters and digits */
	size_t max;
	const char *must;
} texts[WORD_KIND_COUNT] = {
	[WORD_HOST] = { ".-_:[]", MODEL_HOST_MAX, "must be a host name or an address" },
	[WORD_USER] = { "*#+-_.~!$&'(),;=@:%/?", MODEL_USER_MAX, "must be a number or the user part of an address" },
	[WORD_ZONE] = { "/_+-", 64, "must be an IANA time zone such as Europe/Berlin" },
};

static bool keep(const char *text, struct arena *a, const char **at)
{
	if (at)
		*at = arena_strdup(a, text);
	return true;
}

static bool say(bool fine, char *why, size_t size, const char *must, const char *more)
{
	if (!fine)
		snprintf(why, size, "%s%s", must, more);
	return fine;
}

static bool read_table(const struct word *w, const char *text, void *at, char *why, size_t size)
{
	unsigned from = 0, to = 0;
	bool truth = false, fine;
	struct codecs list;

	switch (w->kind) {
	case WORD_BOOL:
		fine = say(read_bool(text, &truth), why, size, "must be true or false", "");
		if (fine && at)
			*(bool *)at = truth;
		return fine;
	case WORD_NUMBER:
		fine = read_number(text, w->min, w->max, &from);
		if (!fine)
			snprintf(why, size, "must be a whole number from %lld to %lld%s%s", w->min, w->max,
				w->unit ? " " : "", w->unit ? w->unit : "");
		break;
	case WORD_CHOICE:
		fine = say(choose(w->choices, slice_str(text), &from), why, size, "must be one of ", w->choices);
		break;
	case WORD_CODECS:
		fine = say(read_codecs(w->choices, text, &list), why, size,
			"must be a list of codecs, each once, best first, of ", w->choices);
		if (fine && at) {
			struct phone_settings *set =
				(struct phone_settings *)((char *)at - offsetof(struct phone_settings, codecs));
			memcpy(set->codecs, list.v, list.n * sizeof(list.v[0]));
			set->ncodecs = list.n;
		}
		return fine;
	default:
		fine = say(
			read_window(text, &from, &to), why, size, "must be two times of a day such as 22:00-06:00", "");
		if (fine && at) {
			struct phone_settings *set =
				(struct phone_settings *)((char *)at - offsetof(struct phone_settings, poll_windowed));
			set->poll_windowed = true;
			set->poll_from = from;
			set->poll_to = to;
		}
		return fine;
	}
	if (fine && at)
		*(unsigned *)at = from;
	return fine;
}

bool word_read(const struct word *w, const char *text, struct arena *a, void *at, char *why, size_t size)
{
	switch (w->kind) {
	case WORD_HOST:
	case WORD_USER:
	case WORD_ZONE:
		return say(all_of(text, texts[w->kind].marks, texts[w->kind].max), why, size, texts[w->kind].must,
			       "") &&
		       keep(text, a, at);
	case WORD_URL:
		return say(is_url(w, text), why, size,
			       w->choices
				       ? "must be an address that begins with http://, https://, ldap:// or ldaps://, ASCII, "
					 "at most 255"
				       : "must be an address that begins with http:// or https://, ASCII, at most 255",
			       " characters") &&
		       keep(text, a, at);
	case WORD_LANGUAGE:
		return say(is_code(w, text), why, size, "must be a language such as de or pt-br", "") &&
		       keep(text, a, at);
	case WORD_COUNTRY:
		return say(is_code(w, text), why, size, "must be a country of two capital letters such as DE", "") &&
		       keep(text, a, at);
	default:
		return read_table(w, text, at, why, size);
	}
}

void word_clear(const struct word *w, void *at)
{
	switch (w->kind) {
	case WORD_BOOL:
	case WORD_WINDOW:
		*(bool *)at = false;
		break;
	case WORD_NUMBER:
	case WORD_CHOICE:
		*(unsigned *)at = 0;
		break;
	case WORD_CODECS:
		((struct phone_settings *)((char *)at - offsetof(struct phone_settings, codecs)))->ncodecs = 0;
		break;
	default:
		*(const char **)at = NULL;
		break;
	}
}
