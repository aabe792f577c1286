#include "provisioning/phones/access.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "provisioning/alert/alert.h"
#include "provisioning/store/phone.h"
#include "provisioning/store/token.h"

enum { HOST_MAX = INET6_ADDRSTRLEN, V4_BYTES = 3, V6_BYTES = 8 };

/* Without the port: "192.0.2.7", "2001:db8::1". */
static bool host_of(const char *from, char out[HOST_MAX])
{
	const char *begin = from, *end = from + strlen(from), *colon = strchr(from, ':');

	if (*from == '[') {
		begin = from + 1;
		end = strchr(from, ']');
	} else if (colon && strchr(colon + 1, ':') == NULL) {
		end = colon;
	}
	if (end == NULL || end - begin >= HOST_MAX)
		return false;
	snprintf(out, HOST_MAX, "%.*s", (int)(end - begin), begin);
	return true;
}

bool access_same_network(const char *one, const char *two)
{
	char host[2][HOST_MAX];
	struct in6_addr a[2];

	if (!host_of(one, host[0]) || !host_of(two, host[1]))
		return false;
	if (inet_pton(AF_INET, host[0], &a[0]) == 1 && inet_pton(AF_INET, host[1], &a[1]) == 1)
		return memcmp(&a[0], &a[1], V4_BYTES) == 0;
	return inet_pton(AF_INET6, host[0], &a[0]) == 1 && inet_pton(AF_INET6, host[1], &a[1]) == 1 &&
	       memcmp(&a[0], &a[1], V6_BYTES) == 0;
}

static enum err_code raise(
	struct db *db, const struct token_row *token, const char *host, struct arena *a, struct err *err)
{
	struct alert_about about = { .phone_id = token->phone_id };
	char first[HOST_MAX] = "", mac[MAC_TEXT];
	struct phone_row phone;
	enum err_code code = phone_by_id(db, token->phone_id, a, &phone, err);

	if (code)
		return code;
	host_of(token->first_address, first);
	about.domain_id = phone.domain_id;
	about.subject = arena_printf(a, "token %" PRId64 " from %s", token->id, host);
	return alert_raise(db, ALERT_SECOND_FIRST_ACCESS, &about,
		arena_printf(a, "phone %s: its first-access address was used from %s, and before that from %s%s",
			mac_text(&phone.mac, mac), host, first,
			token->dead_ms ? "; it gave nothing any more"
				       : "; whoever that was has its files. Make a new login by resetting it"),
		NULL, err);
}

enum err_code access_note(struct db *db, int64_t token_id, const char *from, struct arena *a, struct err *err)
{
	struct token_row token;
	char host[HOST_MAX];
	enum err_code code = token_load(db, token_id, a, &token, err);

	if (code || !host_of(from, host))
		return code;
	if (token.dead_ms == 0 && (code = token_used(db, token_id, host, err)))
		return code;
	if (*token.first_address == '\0' || access_same_network(token.first_address, host))
		return ERR_OK;
	return raise(db, &token, host, a, err);
}
