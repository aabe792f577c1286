#include "phonecfg/template/escape.h"

#include <string.h>

#include "phonecfg/base/text.h"

static const char *const words[ESCAPE_COUNT] = {
	[ESCAPE_NONE] = "none",
	[ESCAPE_HTML] = "html",
	[ESCAPE_XML] = "xml",
	[ESCAPE_INI] = "ini",
	[ESCAPE_JSON] = "json",
};

bool escape_from_word(const char *word, enum escape *out)
{
	int i;

	for (i = 0; i < ESCAPE_COUNT; i++) {
		if (strcmp(word, words[i]) == 0) {
			*out = (enum escape)i;
			return true;
		}
	}
	return false;
}

struct entity {
	char c;
	const char *text;
};

static const struct entity html[] = {
	{ '&', "&amp;" },
	{ '<', "&lt;" },
	{ '>', "&gt;" },
	{ '"', "&quot;" },
	{ '\'', "&#39;" }, /* not &apos;, which HTML 4 does not know */
	{ 0 },
};

static const struct entity xml[] = {
	{ '&', "&amp;" },
	{ '<', "&lt;" },
	{ '>', "&gt;" },
	{ '"', "&quot;" },
	{ '\'', "&apos;" },
	{ 0 },
};

static void add_entities(struct buf *out, struct slice text, const struct entity *table)
{
	const struct entity *e;
	size_t i, from = 0;

	for (i = 0; i < text.n; i++) {
		for (e = table; e->c && e->c != text.p[i]; e++)
			;
		if (!e->c)
			continue;
		buf_add(out, text.p + from, i - from);
		buf_str(out, e->text);
		from = i + 1;
	}
	buf_add(out, text.p + from, text.n - from);
}

static void add_json(struct buf *out, struct slice text)
{
	static const char special[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
	size_t i, from = 0;

	for (i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		const char *s = c ? strchr(special, c) : NULL;

		if (s == NULL && c >= 0x20)
			continue;
		buf_add(out, text.p + from, i - from);
		if (s)
			buf_printf(out, "\\%c", letter[s - special]);
		else
			buf_printf(out, "\\u%04x", c);
		from = i + 1;
	}
	buf_add(out, text.p + from, text.n - from);
}

static enum err_code check_utf8(struct slice text, const char *field, struct err *err)
{
	if (!text_is_utf8(text))
		return err_set(err, ERR_INPUT, "%s is not valid UTF-8; store it as UTF-8 text", field);
	return ERR_OK;
}

static enum err_code check_line(struct slice text, const char *field, struct err *err)
{
	enum err_code rc = check_utf8(text, field, err);

	if (rc)
		return rc;
	if (text_has_control(text))
		return err_set(err, ERR_INPUT, "%s holds a line break or another control character; remove it", field);
	return ERR_OK;
}

static enum err_code add_xml(struct buf *out, struct slice text, const char *field, struct err *err)
{
	enum err_code rc = check_line(text, field, err);

	if (rc)
		return rc;
	if (slice_find(text, SLICE_LIT("\xef\xbf\xbe")) >= 0 || slice_find(text, SLICE_LIT("\xef\xbf\xbf")) >= 0)
		return err_set(err, ERR_INPUT, "%s holds U+FFFE or U+FFFF, which XML forbids; remove it", field);
	add_entities(out, text, xml);
	return ERR_OK;
}

static enum err_code add_ini(struct buf *out, struct slice text, bool exact, const char *field, struct err *err)
{
	struct slice trimmed = slice_trim(text);
	enum err_code rc = check_line(trimmed, field, err);

	if (rc)
		return rc;
	if (exact && trimmed.n != text.n)
		return err_set(err, ERR_INPUT,
			"%s begins or ends with a blank, which this file cannot carry; choose another", field);
	buf_slice(out, trimmed);
	return ERR_OK;
}

bool escape_plain(enum escape how, struct slice text, unsigned classes)
{
	static const unsigned never[ESCAPE_COUNT] = {
		[ESCAPE_HTML] = TEXT_MARKUP,
		[ESCAPE_XML] = TEXT_MARKUP | TEXT_CONTROL | TEXT_HIGH,
		[ESCAPE_INI] = TEXT_CONTROL | TEXT_HIGH,
		[ESCAPE_JSON] = TEXT_MARKUP | TEXT_CONTROL | TEXT_HIGH | TEXT_PUNCT,
	};

	if (classes & never[how])
		return false;
	return how != ESCAPE_INI || !(classes & TEXT_BLANK) || (text.p[0] != ' ' && text.p[text.n - 1] != ' ');
}

enum err_code escape_add(
	struct buf *out, enum escape how, struct slice text, bool exact, const char *field, struct err *err)
{
	enum err_code rc = ERR_OK;

	switch (how) {
	case ESCAPE_HTML:
		add_entities(out, text, html);
		break;
	case ESCAPE_XML:
		return add_xml(out, text, field, err);
	case ESCAPE_INI:
		return add_ini(out, text, exact, field, err);
	case ESCAPE_JSON:
		rc = check_utf8(text, field, err);
		if (rc == ERR_OK)
			add_json(out, text);
		break;
	default:
		buf_slice(out, text);
		break;
	}
	return rc;
}
