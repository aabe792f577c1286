#include "provisioning/reset/consent.h"

#include <inttypes.h>
#include <string.h>

#include "provisioning/reset/move_rows.h"
#include "provisioning/store/audit.h"
#include "provisioning/store/transfer.h"

static enum err_code audit(struct db *db, const struct consent_by *by, const char *action, const char *domain,
	const struct transfer_row *tr, enum transfer_state after, struct arena *a, struct err *err)
{
	char mac[MAC_TEXT];
	struct audit_row row = { .who = by->who,
		.from = by->from,
		.client = by->client,
		.action = action,
		.domain = domain,
		.object = mac_text(&tr->mac, mac),
		.before = after == TRANSFER_WAITING ? "" : transfer_state_words[TRANSFER_WAITING],
		.after = transfer_state_words[after],
		.detail = arena_printf(a, "transfer %" PRId64 ", %s -> %s", tr->id, tr->domain, tr->to_domain) };

	return audit_add(db, &row, err);
}

enum err_code consent_offer(struct reset *rs, struct db *db, const struct consent_by *by, const struct mac *mac,
	const char *to_domain, struct arena *a, int64_t *transfer, struct err *err)
{
	struct move_request rq = { .kind = MOVE_REHOME, .domain = by->domain, .mac = *mac, .offered = true };
	struct transfer_row tr = {
		.mac = *mac, .domain = by->domain, .to_domain = to_domain, .who = by->who, .from = by->from
	};
	struct move_rows rows;
	enum err_code e;

	if (strcmp(by->domain, to_domain) == 0)
		return err_set(err, ERR_INPUT, "The phone is in %s already.", to_domain);
	if ((e = transfer_expire(db, err)) || (e = move_rows_load(rs, db, &rq, a, &rows, err)))
		return e;
	tr.phone_id = rows.desk.phone.id;
	tr.model = rows.desk.phone.model;
	tr.domain_id = rows.domain.id;
	tr.expires_ms = db_now_ms(db) + rs->conf.transfer_ms;
	if ((e = transfer_add(db, &tr, err)))
		return e;
	*transfer = tr.id;
	return audit(db, by, "transfer-offer", by->domain, &tr, TRANSFER_WAITING, a, err);
}

static enum err_code none(const struct consent_by *by, int64_t id, struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "There is no transfer %" PRId64 " in %s.", id, by->domain);
}

/* One that waits, if it concerns that domain: the giving one (mine) or the other. */
static enum err_code waiting(struct db *db, const struct consent_by *by, int64_t id, struct arena *a,
	struct transfer_row *out, bool *mine, struct err *err)
{
	enum err_code e = transfer_load(db, id, a, out, err);

	if (e)
		return e == ERR_NOT_FOUND ? none(by, id, err) : e;
	*mine = strcmp(out->domain, by->domain) == 0;
	if (!*mine && strcmp(out->to_domain, by->domain) != 0)
		return none(by, id, err);
	if (out->state == TRANSFER_WAITING && out->expires_ms <= db_now_ms(db))
		out->state = TRANSFER_EXPIRED;
	if (out->state == TRANSFER_WAITING)
		return ERR_OK;
	return err_set(err, ERR_CONFLICT, "Transfer %" PRId64 " does not wait any more: it is %s.", id,
		transfer_state_words[out->state]);
}

enum err_code consent_order(struct db *db, const struct consent_by *by, int64_t transfer, const char *site,
	const char *user, struct arena *a, struct move_order *out, struct err *err)
{
	struct transfer_row tr;
	bool mine;
	enum err_code e = waiting(db, by, transfer, a, &tr, &mine, err);

	if (e)
		return e;
	if (mine)
		return none(by, transfer, err); /* nobody accepts what he offers */
	*out = (struct move_order){ .request = { .kind = MOVE_REHOME,
					    .domain = tr.domain,
					    .mac = tr.mac,
					    .to_domain = by->domain,
					    .to_site = site,
					    .to_user = user,
					    .transfer = transfer },
		.who = by->who,
		.from = by->from,
		.client = by->client };
	return ERR_OK;
}

enum err_code consent_accept(struct reset *rs, struct db *db, const struct consent_by *by, int64_t transfer,
	const char *site, const char *user, struct arena *a, struct move_plan **out, struct err *err)
{
	struct move_order order;
	enum err_code e = consent_order(db, by, transfer, site, user, a, &order, err);

	if (e == ERR_OK)
		e = move_apply(rs, db, &order, a, out, err);
	return e ? e : transfer_end(db, transfer, TRANSFER_ACCEPTED, by->who, err);
}

enum err_code consent_refuse(
	struct db *db, const struct consent_by *by, int64_t transfer, struct arena *a, struct err *err)
{
	struct transfer_row tr;
	enum transfer_state end;
	bool mine;
	enum err_code e = waiting(db, by, transfer, a, &tr, &mine, err);

	if (e)
		return e;
	end = mine ? TRANSFER_WITHDRAWN : TRANSFER_DECLINED;
	e = transfer_end(db, transfer, end, by->who, err);
	if (e == ERR_OK)
		e = audit(db, by, mine ? "transfer-withdraw" : "transfer-decline", by->domain, &tr, end, a, err);
	return e || mine ? e : audit(db, by, "transfer-decline", tr.domain, &tr, end, a, err);
}
