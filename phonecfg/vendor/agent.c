/* What a phone's HTTP User-Agent says of itself. A hint for choosing among files, never a proof. */
#include "phonecfg/vendor/vendor.h"

#include <string.h>

static void copy(char *out, size_t size, struct slice s)
{
	size_t n = s.n < size ? s.n : 0; /* a token that is too long is none */

	memcpy(out, s.p ? s.p : "", n);
	out[n] = 0;
}

static bool has_version(struct slice s)
{
	return s.n > 0 && s.p[0] >= '0' && s.p[0] <= '9';
}

/* The next word of *rest, blanks skipped (some phones send two). */
static struct slice word(struct slice *rest)
{
	while (rest->n && rest->p[0] == ' ') {
		rest->p++;
		rest->n--;
	}
	return slice_cut(rest, ' ');
}

static void take_mac(struct ua_info *out, struct slice s)
{
	if (!out->has_mac && mac_parse(s, &out->mac))
		out->has_mac = true;
}

static bool token_ok(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
			    c == '-'))
			return false;
	}
	return s.n > 0 && s.n < sizeof(((struct ua_info *)0)->model);
}

/* "Yealink SIP-T46U 108.87.14.1 24:9a:d8:6e:9d:88", "yealink W70B 146.87.0.15", "Yealink SIP VP-T49G 51.80.0.10 ...",
 * "VP530P 23.70.0.10 ...". */
static bool yealink(struct slice ua, struct ua_info *out)
{
	struct slice rest = ua, first = word(&rest), model = first;

	if (slice_ieq_str(first, "yealink")) {
		model = word(&rest);
		if (slice_ieq_str(model, "SIP"))
			model = word(&rest);
	} else if (!slice_starts(first, "VP530")) {
		return false;
	}
	if (!token_ok(model))
		return false;
	out->vendor = VENDOR_YEALINK;
	copy(out->model, sizeof(out->model), model);
	for (struct slice w = word(&rest); w.n; w = word(&rest)) {
		struct mac probe;
		if (mac_parse(w, &probe))
			take_mac(out, w);
		else if (!out->firmware[0] && has_version(w))
			copy(out->firmware, sizeof(out->firmware), w);
	}
	return true;
}

/* "FileTransport PolycomVVX-VVX_450-UA/5.9.1.0615 (SN:0004f2e765da) Type/Application",
 * "PolyEdge-Edge_E350-UA/8.3.1_<mac>". */
static bool polycom(struct slice ua, struct ua_info *out)
{
	struct slice rest = ua, w = word(&rest), model, version;
	ptrdiff_t at;

	if (slice_eq_str(w, "FileTransport"))
		w = word(&rest);
	if (!slice_starts(w, "Poly"))
		return false;
	at = slice_find(w, SLICE_LIT("-UA/"));
	if (at < 0)
		return false;
	model = (struct slice){ w.p, (size_t)at };
	version = (struct slice){ w.p + at + 4, w.n - (size_t)at - 4 };
	at = slice_find(model, SLICE_LIT("-"));
	if (at < 0)
		return false;
	model = (struct slice){ model.p + at + 1, model.n - (size_t)at - 1 };
	if (!token_ok(model))
		return false;
	out->vendor = VENDOR_POLYCOM;
	copy(out->model, sizeof(out->model), model);
	copy(out->firmware, sizeof(out->firmware), slice_cut(&version, '_'));
	take_mac(out, version);
	for (w = word(&rest); w.n; w = word(&rest)) {
		if (slice_starts(w, "(SN:") && slice_ends(w, ")"))
			take_mac(out, (struct slice){ w.p + 4, w.n - 5 });
		else if (slice_eq_str(w, "Type/Updater"))
			out->updater = true;
	}
	return true;
}

/* "Grandstream Model HW GXV3240 V1.6B SW 1.0.1.27 DevId 000b82632815"; older and SIP: "Grandstream GXP2170 1.0.11.79",
 * "Grandstream GXP2000 (gxp2000e.bin:1.2.5.3/...) DevId 000b822726c8". */
static bool grandstream(struct slice ua, struct ua_info *out)
{
	struct slice rest = ua, model;

	if (!slice_ieq_str(word(&rest), "grandstream"))
		return false;
	model = word(&rest);
	if (slice_eq_str(model, "Model")) {
		if (!slice_eq_str(word(&rest), "HW"))
			return false;
		model = word(&rest);
	}
	if (!token_ok(model))
		return false;
	out->vendor = VENDOR_GRANDSTREAM;
	copy(out->model, sizeof(out->model), model);
	for (struct slice w = word(&rest); w.n; w = word(&rest)) {
		if (slice_eq_str(w, "DevId"))
			take_mac(out, word(&rest));
		else if (slice_eq_str(w, "SW"))
			copy(out->firmware, sizeof(out->firmware), word(&rest));
		else if (!out->firmware[0] && has_version(w))
			copy(out->firmware, sizeof(out->firmware), w);
	}
	return true;
}

/* "CloudSoftphone/1.5.6": the vendor's own example. */
static bool acrobits(struct slice ua, struct ua_info *out)
{
	struct slice version = ua, name = slice_cut(&version, '/');

	if (!slice_eq_str(name, "CloudSoftphone"))
		return false;
	out->vendor = VENDOR_ACROBITS;
	copy(out->model, sizeof(out->model), name);
	copy(out->firmware, sizeof(out->firmware), slice_cut(&version, ' '));
	return true;
}

/* "Linphonec/5.1.65", "LinphoneAndroid/5.2.5 (...)". The first start sends "Unknown", which says nothing. */
static bool linphone(struct slice ua, struct ua_info *out)
{
	struct slice version = ua, name;

	if (!slice_starts(ua, "Linphone"))
		return false;
	name = slice_cut(&version, '/');
	if (!token_ok(name))
		return false;
	out->vendor = VENDOR_LINPHONE;
	copy(out->model, sizeof(out->model), name);
	copy(out->firmware, sizeof(out->firmware), slice_cut(&version, ' '));
	return true;
}

bool vendor_parse_ua(struct slice ua, struct ua_info *out)
{
	static bool (*const forms[])(
		struct slice, struct ua_info *) = { yealink, polycom, grandstream, linphone, acrobits };

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		memset(out, 0, sizeof(*out));
		if (ua.n < 512 && forms[i](ua, out))
			return true;
	}
	memset(out, 0, sizeof(*out));
	return false;
}
