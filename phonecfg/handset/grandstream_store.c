/* What a Grandstream phone's store takes. The rules of the store (mandatory, limits, ranges) were observed on the
 * vendor's own programs of the HT802 ATA, which carry them as a table of values; names and P-numbers are those of the
 * vendor's configuration templates for phones, key lengths too. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phonecfg/handset/grandstream_store.h"

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
	{ "provisioning.config.filePrefix", 32, 33, 126, false },
	{ "provisioning.config.filePostfix", 32, 33, 126, false },
	{ "provisioning.firmware.filePrefix", 32, 33, 126, false },
	{ "provisioning.firmware.filePostfix", 32, 33, 126, false },
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
	bool ata; /* a phone takes words as well */
} ranges[] = {
	{ "account.#.sip.registerExpiration", 1, 64800, false },
	{ "provisioning.auto.minute", 30, 5256000, false },
	{ "account.#.enable", 0, 1, true },
	{ "account.#.sip.registration", 0, 1, true },
};

static bool is_mandatory(const struct handset *hs, const char *name)
{
	size_t i;

	if (hs->rules.gs_mandatory_free && !hs->model.ata)
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
	if (!limits[i].high || (limits[i].ata && !hs->rules.gs_ascii_only && !hs->model.ata))
		return true;
	for (k = 0; k < v.n; k++) {
		c = (unsigned char)v.p[k];
		if (c < limits[i].low || c > limits[i].high)
			return false;
	}
	return true;
}

static bool within_range(const struct handset *hs, const char *name, struct slice v)
{
	unsigned long n = 0;
	size_t i, k;

	for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (!hs_glob(ranges[i].pattern, name, NULL, 0) || (ranges[i].ata && !hs->model.ata))
			continue;
		k = v.n && *v.p == '+';
		if (k == v.n || v.n > 10 || (v.p[k] == '0' && v.n > k + 1))
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
	/* Only blanks is empty; otherwise blanks at the ends are kept by the ATA, and by phones as far as we know. */
	if (slice_trim(v).n == 0)
		v.n = 0;
	if (hs->rules.gs_trims && !hs->model.ata)
		v = slice_trim(v);
	if (v.n == 0 && is_mandatory(hs, name))
		return ERR_OK;
	if (!within_limits(hs, name, v) || (v.n && !within_range(hs, name, v)))
		return ERR_OK;
	return hs_put(hs, HANDSET_FILE, slice_str(name), v, source, err);
}
