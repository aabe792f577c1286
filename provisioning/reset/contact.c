#include "provisioning/reset/contact.h"

#include <string.h>
#include <strings.h>

#include "phonecfg/vendor/vendor.h"

enum { SCORE_ANOTHER = -1, SCORE_MODEL = 10, SCORE_SOURCE = 20, SCORE_CONTACT = 50, SCORE_MAC = 100 };

/* The 12 digits in text, in either case, with or without one ':', '-', '.' or "%3a" between pairs. */
static bool holds_mac(const char *text, const char mac[MAC_TEXT])
{
	const char *start;

	for (start = text; *start; start++) {
		const char *p = start;
		int i = 0;

		while (i < 12 && *p) {
			char c = *p >= 'A' && *p <= 'F' ? (char)(*p + 32) : *p;

			if (c == mac[i]) {
				i++;
				p++;
			} else if (i && i % 2 == 0 && p > start && strchr(":-.", *p) && !strchr(":-.", p[-1]))
				p++;
			else if (i && i % 2 == 0 && strncasecmp(p, "%3a", 3) == 0)
				p += 3;
			else
				break;
		}
		if (i == 12)
			return true;
	}
	return false;
}

static bool has_mac(const struct contact_seen *seen, const struct mac *mac)
{
	const char *const where[] = { seen->instance, seen->user_agent, seen->contact };
	char text[MAC_TEXT];
	size_t i;

	mac_text(mac, text);
	for (i = 0; i < sizeof(where) / sizeof(where[0]); i++)
		if (where[i] && holds_mac(where[i], text))
			return true;
	return false;
}

static int score_agent(const struct contact_seen *seen, const struct phone_row *phone, const struct catalog *catalog)
{
	const struct profile *said, *is;
	struct ua_info ua;

	if (seen->user_agent == NULL || !vendor_parse_ua(slice_str(seen->user_agent), &ua))
		return 0;
	if (ua.has_mac && !mac_eq(&ua.mac, &phone->mac))
		return SCORE_ANOTHER;
	is = catalog ? catalog_find(catalog, phone->model) : NULL;
	if (is == NULL)
		return 0;
	if (ua.vendor != is->vendor)
		return SCORE_ANOTHER;
	said = catalog_by_ua_token(catalog, ua.vendor, slice_str(ua.model));
	if (said == NULL)
		return 0;
	return said == is ? SCORE_MODEL : SCORE_ANOTHER;
}

bool contact_names(const struct contact_seen *seen, const struct phone_row *phone, const struct catalog *catalog)
{
	return has_mac(seen, &phone->mac) || score_agent(seen, phone, catalog) > 0;
}

/* A phone's last address has its port, "192.0.2.7:4711" or "[2001:db8::1]:4711"; a registration's source is the host
 * alone. */
static bool same_host(const char *source, const char *address)
{
	const char *colon = strrchr(address, ':');
	bool bracket = *address == '[';
	size_t n = colon ? (size_t)(colon - address) : strlen(address);

	if (bracket) {
		address++;
		n -= n > 1 ? 2 : 1;
	}
	if (*source == '[')
		return strncmp(source + 1, address, n) == 0 && source[n + 1] == ']';
	return n && strncmp(source, address, n) == 0 && source[n] == '\0';
}

int contact_score(const struct contact_seen *seen, const struct phone_row *phone, const struct catalog *catalog)
{
	int score;

	if (has_mac(seen, &phone->mac))
		return SCORE_MAC;
	score = score_agent(seen, phone, catalog);
	if (score < 0)
		return score;
	if (seen->contact && *phone->contact && strcmp(seen->contact, phone->contact) == 0)
		score += SCORE_CONTACT;
	if (seen->source && *phone->address && same_host(seen->source, phone->address))
		score += SCORE_SOURCE;
	return score;
}

const struct binding *contact_choose(
	const struct binding_list *list, const struct phone_row *phone, const struct catalog *catalog, bool alone)
{
	const struct binding *best = NULL;
	int best_score = alone ? 0 : 1;
	size_t i;

	for (i = 0; i < list->n; i++) {
		const struct binding *b = &list->v[i];
		struct contact_seen seen = { b->contact, b->instance, b->user_agent, b->source };
		int score = contact_score(&seen, phone, catalog);

		if (score < best_score || (best && score == best_score && b->refreshed <= best->refreshed))
			continue;
		best = b;
		best_score = score;
	}
	return best;
}
