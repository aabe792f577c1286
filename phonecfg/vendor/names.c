/* File names from the wire -> an enum and a MAC, and back. Pure: no allocation, no file system. */
#include "phonecfg/vendor/vendor.h"

#include <stdio.h>
#include <string.h>

#include "phonecfg/base/hex.h"

enum { HEX_DIGITS = 12, NAME_MAX_HERE = 63 };

/* Reads a MAC at the start of s: 12 digits, bare or with one kind of separator between pairs (':' '-') or groups of
 * four
 * ('.'). Returns how many characters it took, 0 when there is none. */
static size_t take_mac(struct slice s, struct mac *out)
{
	char digits[HEX_DIGITS];
	size_t n = 0, i = 0;
	char sep = 0;
	size_t group = 0;

	while (i < s.n && n < HEX_DIGITS) {
		char c = s.p[i];
		if (hex_digit(c) >= 0) {
			digits[n++] = c;
			i++;
			continue;
		}
		if (c != ':' && c != '-' && c != '.')
			return 0;
		if (!sep) {
			sep = c;
			group = c == '.' ? 4 : 2;
		}
		if (c != sep || n == 0 || n % group != 0 || hex_digit(s.p[i - 1]) < 0)
			return 0;
		i++;
	}
	if (n < HEX_DIGITS)
		return 0;
	/* With separators each group must have been closed by one: as many as there are groups, less one. */
	if (sep && i != HEX_DIGITS + HEX_DIGITS / group - 1)
		return 0;
	return mac_parse((struct slice){ digits, HEX_DIGITS }, out) ? i : 0;
}

static bool all_zero(const struct mac *m)
{
	static const struct mac zero;

	return mac_eq(m, &zero);
}

/* What may stand behind a MAC at the start. zero: the same with twelve zeros for a MAC, UNKNOWN = not a file. */
static const struct {
	const char *rest;
	enum file_kind kind, zero;
	enum vendor_id vendor;
} suffixes[] = {
	{ ".cfg", FILE_MAC_CFG, FILE_ZERO_CFG, VENDOR_NONE },
	{ ".boot", FILE_MAC_BOOT, FILE_UNKNOWN, VENDOR_YEALINK },
	{ "-local.cfg", FILE_LOCAL_CFG, FILE_UNKNOWN, VENDOR_YEALINK },
	{ "-later.cfg", FILE_LATER_CFG, FILE_UNKNOWN, VENDOR_YEALINK },
	{ "-contact.xml", FILE_CONTACT_XML, FILE_UNKNOWN, VENDOR_YEALINK },
	{ "-calllog.xml", FILE_CALLLOG_XML, FILE_UNKNOWN, VENDOR_YEALINK },
	{ "-sys.log", FILE_LOG, FILE_UNKNOWN, VENDOR_YEALINK },
	{ "-boot.log", FILE_LOG, FILE_UNKNOWN, VENDOR_NONE },
	{ "-app.log", FILE_LOG, FILE_UNKNOWN, VENDOR_POLYCOM },
	{ "-lines.cfg", FILE_LINES_CFG, FILE_UNKNOWN, VENDOR_POLYCOM },
	{ "-phone.cfg", FILE_PHONE_CFG, FILE_UNKNOWN, VENDOR_POLYCOM },
	{ "-web.cfg", FILE_WEB_CFG, FILE_UNKNOWN, VENDOR_POLYCOM },
	{ "-directory.xml", FILE_DIRECTORY_XML, FILE_ZERO_DIRECTORY_XML, VENDOR_POLYCOM },
	{ "-calls.xml", FILE_CALLS_XML, FILE_UNKNOWN, VENDOR_POLYCOM },
	{ "-license.cfg", FILE_LICENSE_CFG, FILE_LICENSE_CFG, VENDOR_POLYCOM },
};

static bool begins_with_mac(struct slice s, struct file_request *out)
{
	size_t n = take_mac(s, &out->mac);
	struct slice rest = { s.p + n, s.n - n };
	bool zero;

	if (!n)
		return false;
	zero = all_zero(&out->mac);
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		if (!slice_eq_str(rest, suffixes[i].rest))
			continue;
		out->kind = zero ? suffixes[i].zero : suffixes[i].kind;
		out->vendor = zero ? VENDOR_POLYCOM : suffixes[i].vendor;
		out->has_mac = !zero;
		return out->kind != FILE_UNKNOWN;
	}
	/* Crash dumps carry the image's name and a number: <mac>-<...>core<...>. */
	if (!zero && rest.n > 1 && rest.p[0] == '-' && slice_find(rest, SLICE_LIT("core")) >= 0) {
		out->kind = FILE_CORE;
		out->vendor = VENDOR_POLYCOM;
		out->has_mac = true;
		return true;
	}
	return false;
}

static bool digits_only(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	}
	return s.n > 0;
}

static void keep_common(struct slice s, struct file_request *out)
{
	size_t n = s.n < sizeof(out->common) ? s.n : sizeof(out->common) - 1;

	memcpy(out->common, s.p, n);
	out->common[n] = 0;
}

/* y000000000000.boot and y000000000108.cfg. */
static bool yealink_common(struct slice s, struct file_request *out)
{
	struct slice number;

	if (s.n < 1 + HEX_DIGITS || s.p[0] != 'y')
		return false;
	number = (struct slice){ s.p + 1, HEX_DIGITS };
	s = (struct slice){ s.p + 1 + HEX_DIGITS, s.n - 1 - HEX_DIGITS };
	if (!digits_only(number))
		return false;
	out->vendor = VENDOR_YEALINK;
	if (slice_eq_str(s, ".boot") && slice_eq_str(number, "000000000000")) {
		out->kind = FILE_ZERO_BOOT;
		return true;
	}
	if (slice_eq_str(s, ".cfg") && slice_starts(number, "000000000")) {
		out->kind = FILE_YEALINK_COMMON;
		return true;
	}
	return false;
}

/* cfg<mac>, cfg<mac>.bin, cfg<mac>.xml, cfggxp2170.xml, cfg.xml. */
static bool grandstream(struct slice s, struct file_request *out)
{
	struct slice rest;
	size_t n;

	if (slice_eq_str(s, "phonebook.xml")) { /* Yealinks are told to ask for it too */
		out->kind = FILE_PHONEBOOK;
		return true;
	}
	if (!slice_starts(s, "cfg"))
		return false;
	out->vendor = VENDOR_GRANDSTREAM;
	rest = (struct slice){ s.p + 3, s.n - 3 };
	n = take_mac(rest, &out->mac);
	if (n) {
		struct slice end = { rest.p + n, rest.n - n };
		out->has_mac = true;
		out->kind = slice_eq_str(end, ".xml")                            ? FILE_GS_XML
			    : slice_eq_str(end, "") || slice_eq_str(end, ".bin") ? FILE_GS_BINARY
										 : FILE_UNKNOWN;
		return out->kind != FILE_UNKNOWN && !all_zero(&out->mac);
	}
	if (slice_eq_str(rest, ".xml")) {
		out->kind = FILE_GS_COMMON_XML;
		return true;
	}
	if (!slice_ends(rest, ".xml") || s.n >= sizeof(out->common))
		return false;
	for (size_t i = 0; i + 4 < rest.n; i++) {
		char c = rest.p[i];
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9'))
			return false;
	}
	out->kind = FILE_GS_MODEL_XML;
	return true;
}

bool vendor_parse_file(struct slice name, struct file_request *out)
{
	char low[NAME_MAX_HERE + 1];
	struct slice s = { low, name.n };

	memset(out, 0, sizeof(*out));
	if (name.n == 0 || name.n > NAME_MAX_HERE)
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		bool ok = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
			  c == '-' || c == '_' || c == ':';
		if (!ok || (c == '.' && i && name.p[i - 1] == '.'))
			return false;
		low[i] = c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
	}
	low[name.n] = 0;
	if (begins_with_mac(s, out) || yealink_common(s, out) || grandstream(s, out)) {
		if (out->kind == FILE_YEALINK_COMMON || out->kind == FILE_GS_MODEL_XML)
			keep_common(s, out);
		return true;
	}
	memset(out, 0, sizeof(*out));
	return false;
}

bool vendor_file_name(
	const struct profile *pf, const struct mac *mac, enum file_kind kind, char out[VENDOR_FILE_NAME_MAX])
{
	const struct vendor_file *f = vendor_file(pf->vendor, kind);
	char text[MAC_TEXT] = "";
	struct slice rest, head;
	ptrdiff_t at;

	if (!f || !f->name)
		return false;
	if (kind == FILE_YEALINK_COMMON || kind == FILE_GS_MODEL_XML) {
		if (!pf->common_file)
			return false;
		snprintf(out, VENDOR_FILE_NAME_MAX, "%s", pf->common_file);
		return true;
	}
	rest = slice_str(f->name);
	at = slice_find(rest, SLICE_LIT("<mac>"));
	if (at < 0) {
		snprintf(out, VENDOR_FILE_NAME_MAX, "%s", f->name);
		return true;
	}
	if (!mac)
		return false;
	head = (struct slice){ rest.p, (size_t)at };
	rest = (struct slice){ rest.p + at + 5, rest.n - (size_t)at - 5 };
	snprintf(out, VENDOR_FILE_NAME_MAX, "%.*s%s%.*s", SLICE_ARG(head), mac_text(mac, text), SLICE_ARG(rest));
	return true;
}
