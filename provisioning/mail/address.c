#include "provisioning/mail/address.h"

#include <idn2.h>
#include <stdbool.h>
#include <string.h>

#include "phonecfg/base/text.h"

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

static bool high(char c)
{
	return (unsigned char)c >= 0x80;
}

/* RFC 5321 §4.1.2: atoms with single dots between them. */
static bool local_fits(struct slice s)
{
	size_t i;

	if (s.n == 0 || s.n > ADDRESS_LOCAL_MAX || s.p[0] == '.' || s.p[s.n - 1] == '.')
		return false;
	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '.' && s.p[i - 1] == '.')
			return false;
		if (!high(s.p[i]) && s.p[i] != '.' && strchr(letters, s.p[i]) == NULL &&
			strchr("!#$%&'*+-/=?^_`{|}~", s.p[i]) == NULL)
			return false;
	}
	return true;
}

static bool label_fits(struct slice s)
{
	size_t i;

	if (s.n == 0 || s.n > ADDRESS_LABEL_MAX || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (i = 0; i < s.n; i++)
		if (!high(s.p[i]) && s.p[i] != '-' && strchr(letters, s.p[i]) == NULL)
			return false;
	return true;
}

static bool plain(const char *text)
{
	while (*text && !high(*text))
		text++;
	return *text == '\0';
}

static bool to_ascii(const char *domain, char **out)
{
	return idn2_to_ascii_8z(domain, out, IDN2_NONTRANSITIONAL) == IDN2_OK;
}

static bool labels_fit(struct slice s)
{
	bool fits = s.n > 0 && s.p[s.n - 1] != '.';

	while (fits && s.n)
		fits = label_fits(slice_cut(&s, '.'));
	return fits;
}

/* text: the domain, which ends with the text. In ASCII it is looked at again: letters of full width become others
 * there. */
static bool domain_fits(const char *text)
{
	char *ascii = NULL;
	bool fits = labels_fit(slice_str(text));

	if (!fits || plain(text))
		return fits;
	fits = to_ascii(text, &ascii) && plain(ascii) && labels_fit(slice_str(ascii));
	idn2_free(ascii);
	return fits;
}

/* Marks that turn the direction of writing around: they make an address look like another one. */
static bool turns_around(struct slice s)
{
	uint32_t letter;
	size_t size;

	for (; (size = text_letter(s, &letter)) != 0; s.p += size, s.n -= size)
		if (letter == 0x200e || letter == 0x200f || (letter >= 0x202a && letter <= 0x202e) ||
			(letter >= 0x2066 && letter <= 0x2069))
			return true;
	return false;
}

enum err_code address_check(const char *field, const char *text, struct err *err)
{
	struct slice whole = slice_str(text), domain = whole, local;

	if (strpbrk(text, ",; "))
		return err_set(err, ERR_INPUT, "%s must be one address without blanks; \"%.60s\" is not", field, text);
	local = slice_cut(&domain, '@');
	if (whole.n > ADDRESS_MAX || !text_is_utf8(whole) || text_has_control(whole) || turns_around(whole) ||
		!local_fits(local) || !domain_fits(domain.p))
		return err_set(
			err, ERR_INPUT, "%s \"%.60s\" is no address; write it like anna@example.com", field, text);
	return ERR_OK;
}

const char *address_wire(struct arena *a, const char *text)
{
	const char *domain = address_domain(text), *out;
	char *ascii = NULL;

	if (plain(domain))
		return arena_strdup(a, text);
	if (!to_ascii(domain, &ascii))
		return NULL;
	out = arena_printf(a, "%.*s%s", (int)(domain - text), text, ascii);
	idn2_free(ascii);
	return out;
}

const char *address_domain(const char *text)
{
	const char *at = strrchr(text, '@');

	return at ? at + 1 : text;
}
