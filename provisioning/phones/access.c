#include "provisioning/phones/access.h"

#include <inttypes.h>
#include <string.h>

#include "provisioning/alert/alert.h"
#include "provisioning/conf/net.h"
#include "provisioning/store/phone.h"
#include "provisioning/store/token.h"

static bool host_of(const char *from, char out[NET_TEXT])
{
	struct net_addr addr;

	if (!net_addr_read(slice_str(from), &addr))
		return false;
	net_addr_text(&addr, out);
	return true;
}

bool access_same_network(const char *one, const char *two)
{
	struct net_addr addr[2];
	struct net net[2];
	size_t i;

	if (!net_addr_read(slice_str(one), &addr[0]) || !net_addr_read(slice_str(two), &addr[1]))
		return false;
	for (i = 0; i < 2; i++)
		net[i] = net_around(&addr[i], 24, 64);
	return net[0].bits == net[1].bits && net_addr_eq(&net[0].addr, &net[1].addr);
}

static enum err_code raise(struct db *db, const struct token_row *token, const struct phone_row *phone,
	const char *host, struct arena *a, struct err *err)
{
	struct alert_about about = { .phone_id = phone->id, .domain_id = phone->domain_id };
	char first[NET_TEXT] = "", mac[MAC_TEXT];

	host_of(token->first_address, first);
	about.subject = arena_printf(a, "token %" PRId64 " from %s", token->id, host);
	return alert_raise(db, ALERT_SECOND_FIRST_ACCESS, &about,
		arena_printf(a, "phone %s: its first-access address was used from %s, and before that from %s%s",
			mac_text(&phone->mac, mac), host, first,
			token->dead_ms ? "; it gave nothing any more"
				       : "; whoever that was has its files. Make a new login by resetting it"),
		NULL, err);
}

enum err_code access_note(
	struct db *db, int64_t token_id, const struct mac *named, const char *from, struct arena *a, struct err *err)
{
	struct token_row token;
	struct phone_row phone;
	char host[NET_TEXT];
	enum err_code code = token_load(db, token_id, a, &token, err);

	if (code == ERR_OK)
		code = phone_by_id(db, token.phone_id, a, &phone, err);
	if (code || !host_of(from, host) || (named && !mac_eq(named, &phone.mac)))
		return code;
	if (token.dead_ms == 0 && (code = token_used(db, token_id, host, err)))
		return code;
	if (*token.first_address == '\0' || access_same_network(token.first_address, host))
		return ERR_OK;
	return raise(db, &token, &phone, host, a, err);
}
