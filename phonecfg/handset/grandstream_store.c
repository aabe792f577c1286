/* What a Grandstream phone's store takes. The rules of the store (mandatory, limits, ranges) were observed on the
 * vendor's own programs of the HT802 ATA, which carry them as a table of values; names and P-numbers are those of the
 * vendor's configuration templates for phones, key lengths too. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phonecfg/handset/grandstream_store.h"

/* P-numbers of accounts 1 to 6 (vendor templates GRP26xx and GXP21xx). */
static const struct {
	const char *name;
	unsigned p[6];
} account_numbers[] = {
	{ "enable", { 271, 401, 501, 601, 1701, 1801 } },
	{ "name", { 270, 417, 517, 617, 1717, 1817 } },
	{ "sip.server.1.address", { 47, 402, 502, 602, 1702, 1802 } },
	{ "sip.server.2.address", { 2312, 2412, 2512, 2612, 2712, 2812 } },
	{ "sip.outboundProxy.1.address", { 48, 403, 503, 603, 1703, 1803 } },
	{ "sip.userid", { 35, 404, 504, 604, 1704, 1804 } },
	{ "sip.subscriber.userid", { 36, 405, 505, 605, 1705, 1805 } },
	{ "sip.subscriber.password", { 34, 406, 506, 606, 1706, 1806 } },
	{ "sip.subscriber.name", { 3, 407, 507, 607, 1707, 1807 } },
	{ "sip.voicemail.number", { 33, 426, 526, 626, 1726, 1826 } },
	{ "sip.registration", { 31, 410, 510, 610, 1710, 1810 } },
	{ "sip.registerExpiration", { 32, 412, 512, 612, 1712, 1812 } },
	{ "sip.localPort", { 40, 413, 513, 613, 1713, 1813 } },
	{ "sip.transport", { 130, 448, 548, 648, 1748, 1848 } },
	{ "network.dnsMode", { 103, 408, 508, 608, 1708, 1808 } },
	{ "network.natTraversal", { 52, 414, 514, 614, 1714, 1814 } },
	{ "audio.srtpMode", { 183, 443, 543, 643, 1743, 1843 } },
};

/* sip.notify.challenge is not here: its number means the opposite. */
static const struct {
	unsigned p;
	const char *name;
} system_numbers[] = {
	{ 2, "users.admin.password" },
	{ 64, "dateTime.timezone" },
	{ 196, "users.user.password" },
	{ 212, "provisioning.config.protocol" },
	{ 237, "provisioning.config.serverPath" },
	{ 240, "provisioning.config.authenticateFile" },
	{ 246, "dateTime.timezone.custom" },
	{ 1359, "provisioning.config.filePassword" },
	{ 1360, "provisioning.config.username" },
	{ 1361, "provisioning.config.password" },
	{ 8467, "provisioning.config.processAll.enable" },
	{ 9996, "provisioning.userProtect.enable" },
};

/* An empty element does not empty these: the old value is kept without a word. */
static const char *const mandatory[] = { "account.#.sip.subscriber.password", "account.#.enable",
	"account.#.sip.registration", "account.#.sip.registerExpiration", "account.#.sip.localPort",
	"account.#.sip.transport", "account.#.network.dnsMode", "account.#.network.natTraversal",
	"account.#.audio.srtpMode", "users.admin.password", "users.user.password", "provisioning.config.filePassword",
	"provisioning.config.password", "provisioning.config.protocol", "dateTime.timezone", "P734", "P83" };

/* Over the limit a value is refused whole, not cut. low..high: allowed bytes; 0..0 = any; `ata` = the range was seen on
 * the ATA alone, so for phones it is an open rule. */
static const struct {
	const char *pattern;
	size_t max;
	unsigned char low, high;
	bool ata;
} limits[] = {
	{ "account.#.sip.userid", 64, 0, 127, true },
	{ "account.#.sip.subscriber.userid", 96, 0, 127, true },
	{ "account.#.sip.subscriber.password", 64, 0, 127, true },
	{ "account.#.sip.subscriber.name", 60, 0, 127, true },
	{ "account.#.sip.server.1.address", 4096, 0, 127, true },
	{ "users.admin.password", 30, 33, 126, false },
	{ "users.user.password", 30, 33, 126, false },
	{ "provisioning.config.username", 40, 33, 126, false },
	{ "provisioning.config.password", 40, 33, 126, false },
	{ "provisioning.config.filePassword", 40, 33, 126, false },
	{ "dateTime.timezone", 64, 0, 0, false },
	{ "dateTime.timezone.custom", 64, 0, 0, false },
	{ "pks.vpk.#.description", 32, 0, 0, false },
	{ "pks.mpk.#.description", 32, 0, 0, false },
	{ "pks.vpk.#.value", 64, 0, 0, false },
	{ "pks.mpk.#.value", 64, 0, 0, false },
};

/* Decimal numbers only: no blank, no hexadecimal, a '+' is let through. */
static const struct {
	const char *pattern;
	unsigned low, high;
} ranges[] = {
	{ "account.#.sip.registerExpiration", 1, 64800 },
};

const char *gs_canonical(const char *name, char out[HS_NAME_MAX])
{
	unsigned p, n;
	size_t i;

	snprintf(out, HS_NAME_MAX, "%s", name);
	if (!hs_glob("P#", name, &p, 1) || name[1] == '0')
		return out;
	for (i = 0; i < sizeof(system_numbers) / sizeof(system_numbers[0]); i++)
		if (system_numbers[i].p == p)
			snprintf(out, HS_NAME_MAX, "%s", system_numbers[i].name);
	for (i = 0; i < sizeof(account_numbers) / sizeof(account_numbers[0]); i++)
		for (n = 0; n < 6; n++)
			if (account_numbers[i].p[n] == p)
				snprintf(out, HS_NAME_MAX, "account.%u.%s", n + 1, account_numbers[i].name);
	return out;
}

static bool is_mandatory(const struct handset *hs, const char *name)
{
	size_t i;

	if (hs->rules.gs_mandatory_free)
		return false;
	for (i = 0; i < sizeof(mandatory) / sizeof(mandatory[0]); i++)
		if (hs_glob(mandatory[i], name, NULL, 0))
			return true;
	return false;
}

static bool within_limits(const struct handset *hs, const char *name, struct slice v)
{
	unsigned char c;
	size_t i, k;

	for (i = 0; i < sizeof(limits) / sizeof(limits[0]) && !hs_glob(limits[i].pattern, name, NULL, 0); i++)
		;
	if (i == sizeof(limits) / sizeof(limits[0]))
		return true;
	if (v.n > limits[i].max)
		return false;
	if (!limits[i].high || (limits[i].ata && !hs->rules.gs_ascii_only))
		return true;
	for (k = 0; k < v.n; k++) {
		c = (unsigned char)v.p[k];
		if (c < limits[i].low || c > limits[i].high)
			return false;
	}
	return true;
}

static bool within_range(const char *name, struct slice v)
{
	unsigned long n = 0;
	size_t i, k;

	for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (!hs_glob(ranges[i].pattern, name, NULL, 0))
			continue;
		k = v.n && *v.p == '+';
		if (k == v.n || v.n > 10 || v.p[k] == '0')
			return false;
		for (; k < v.n; k++) {
			if (v.p[k] < '0' || v.p[k] > '9')
				return false;
			n = n * 10 + (unsigned long)(v.p[k] - '0');
		}
		return n >= ranges[i].low && n <= ranges[i].high;
	}
	return true;
}

enum err_code gs_store_put(struct handset *hs, const char *name, struct slice v, const char *source, struct err *err)
{
	if (slice_trim(v).n == 0) /* only blanks is empty; otherwise blanks at the ends are kept */
		v.n = 0;
	if (v.n == 0 && is_mandatory(hs, name))
		return ERR_OK;
	if (!within_limits(hs, name, v) || (v.n && !within_range(name, v)))
		return ERR_OK;
	return hs_put(hs, HANDSET_FILE, slice_str(name), v, source, err);
}
