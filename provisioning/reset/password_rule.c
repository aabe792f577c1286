#include "provisioning/reset/password_rule.h"

#include <string.h>
#include <strings.h>

#include "phonecfg/base/text.h"

enum { PART_LEAST = 3 };

void password_rule_default(struct password_rule *rule)
{
	*rule = (struct password_rule){
		.length = 8, .capital = true, .digit = true, .pin = PIN_OPTIONAL, .pin_length = 4, .pin_weak = ""
	};
}

/* ASCII, and the capitals of Latin-1, Greek and Cyrillic, which stand together in Unicode. */
static bool is_capital(uint32_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7) || (c >= 0x391 && c <= 0x3a9) ||
	       (c >= 0x400 && c <= 0x42f);
}

static bool contains(struct slice text, const char *part)
{
	size_t n = strlen(part), i;

	if (text_length((struct slice){ part, n }) < PART_LEAST)
		return false;
	for (i = 0; i + n <= text.n; i++)
		if (strncasecmp(text.p + i, part, n) == 0)
			return true;
	return false;
}

/* The whole of it, or what stands before its @. */
static bool contains_login(struct slice text, const char *login, const char *ext)
{
	char front[64];
	size_t n = strcspn(login, "@");

	if (n == 0 || n >= sizeof(front))
		return contains(text, login);
	memcpy(front, login, n);
	front[n] = '\0';
	return contains(text, front) && strcasecmp(front, ext) != 0;
}

unsigned password_faults(const struct password_rule *rule, const struct password_about *about, struct slice password)
{
	size_t letters = text_length(password), size;
	bool capital = false, digit = false;
	struct slice rest = password;
	unsigned f = 0;
	uint32_t c;

	if (!text_is_utf8(password) || text_has_control(password))
		return 1u << PASSWORD_ODD;
	for (; (size = text_letter(rest, &c)) != 0; rest.p += size, rest.n -= size) {
		capital |= is_capital(c);
		digit |= c >= '0' && c <= '9';
	}
	f |= (unsigned)((int64_t)letters < rule->length) << PASSWORD_SHORT;
	f |= (unsigned)(letters > PASSWORD_LETTERS_MAX) << PASSWORD_LONG;
	f |= (unsigned)(rule->capital && !capital) << PASSWORD_NO_CAPITAL;
	f |= (unsigned)(rule->digit && !digit) << PASSWORD_NO_DIGIT;
	f |= (unsigned)contains(password, about->ext) << PASSWORD_HAS_EXT;
	f |= (unsigned)(contains(password, about->first_name) || contains(password, about->last_name))
	     << PASSWORD_HAS_NAME;
	f |= (unsigned)contains_login(password, about->login, about->ext) << PASSWORD_HAS_LOGIN;
	return f;
}

/* ---- PIN ---- */

/* Each digit is the one before plus step, around the ten. */
static bool steps(struct slice pin, int step)
{
	size_t i;

	for (i = 1; i < pin.n; i++)
		if ((pin.p[i - 1] - '0' + step + 10) % 10 != pin.p[i] - '0')
			return false;
	return true;
}

static bool pairs(struct slice pin)
{
	size_t i;

	for (i = 2; i < pin.n; i++)
		if (pin.p[i] != pin.p[i - 2])
			return false;
	return pin.n >= 4 && pin.n % 2 == 0;
}

static bool listed(const char *list, struct slice pin)
{
	struct slice rest = slice_str(list);

	while (rest.n)
		if (slice_eq(slice_cut(&rest, ' '), pin))
			return true;
	return false;
}

unsigned pin_faults(const struct password_rule *rule, const struct password_about *about, struct slice pin)
{
	unsigned f = 0;
	size_t i;

	if (pin.n == 0)
		return (unsigned)(rule->pin == PIN_REQUIRED) << PIN_MISSING;
	for (i = 0; i < pin.n; i++)
		if (pin.p[i] < '0' || pin.p[i] > '9')
			return 1u << PIN_NOT_DIGITS;
	f |= (unsigned)((int64_t)pin.n < rule->pin_length) << PIN_SHORT;
	f |= (unsigned)(pin.n > PIN_DIGITS_MAX) << PIN_LONG;
	f |= (unsigned)steps(pin, 0) << PIN_SAME;
	f |= (unsigned)(steps(pin, 1) || steps(pin, -1)) << PIN_SEQUENCE;
	f |= (unsigned)(pairs(pin) && !steps(pin, 0)) << PIN_PAIRS;
	f |= (unsigned)slice_eq_str(pin, about->ext) << PIN_IS_EXT;
	f |= (unsigned)listed(rule->pin_weak, pin) << PIN_WEAK;
	return f;
}

/* ---- words ---- */

const char *password_fault_sentence(const struct password_rule *rule, enum password_fault fault, struct arena *a)
{
	static const char *const fixed[PASSWORD_FAULTS] = {
		[PASSWORD_NO_CAPITAL] = "The password needs a capital letter.",
		[PASSWORD_NO_DIGIT] = "The password needs a digit.",
		[PASSWORD_HAS_EXT] = "The password must not contain the extension.",
		[PASSWORD_HAS_NAME] = "The password must not contain the first or last name.",
		[PASSWORD_HAS_LOGIN] = "The password must not contain the login name.",
		[PASSWORD_ODD] = "The password must not contain control characters.",
		[PIN_MISSING] = "A voicemail PIN is needed.",
		[PIN_NOT_DIGITS] = "The voicemail PIN must be digits alone.",
		[PIN_SAME] = "The voicemail PIN must not be one digit repeated.",
		[PIN_SEQUENCE] = "The voicemail PIN must not be digits in a row, such as 2345 or 5432.",
		[PIN_PAIRS] = "The voicemail PIN must not be two digits repeated, such as 1212.",
		[PIN_IS_EXT] = "The voicemail PIN must not be the extension.",
		[PIN_WEAK] = "This voicemail PIN is too easy to guess; choose another one.",
	};

	switch (fault) {
	case PASSWORD_SHORT:
		return arena_printf(a, "The password needs at least %d characters.", (int)rule->length);
	case PASSWORD_LONG:
		return arena_printf(a, "The password may have at most %d characters.", PASSWORD_LETTERS_MAX);
	case PIN_SHORT:
		return arena_printf(a, "The voicemail PIN needs at least %d digits.", (int)rule->pin_length);
	case PIN_LONG:
		return arena_printf(a, "The voicemail PIN may have at most %d digits.", PIN_DIGITS_MAX);
	default:
		return fixed[fault];
	}
}

const char *password_faults_text(const struct password_rule *rule, unsigned faults, struct arena *a)
{
	const char *text = "";
	unsigned i;

	for (i = 0; text && i < PASSWORD_FAULTS; i++) {
		const char *one = faults & 1u << i ? password_fault_sentence(rule, (enum password_fault)i, a) : "";

		if (one && *one)
			text = arena_printf(a, "%s%s%s", text, *text ? " " : "", one);
	}
	return text;
}

const char *password_rule_sentence(const struct password_rule *rule, struct arena *a)
{
	return arena_printf(a, "At least %d characters%s%s%s; not the extension, your name or the login name.",
		(int)rule->length, rule->capital || rule->digit ? " with " : "",
		rule->capital ? (rule->digit ? "a capital letter and " : "a capital letter") : "",
		rule->digit ? "a digit" : "");
}

const char *pin_rule_sentence(const struct password_rule *rule, struct arena *a)
{
	return arena_printf(a, "%d to %d digits; not the extension, not digits in a row, not one digit repeated.",
		(int)rule->pin_length, PIN_DIGITS_MAX);
}
