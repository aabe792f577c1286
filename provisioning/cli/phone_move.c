#include "provisioning/cli/phone_move.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phonecfg/profile/profile.h"
#include "provisioning/reset/filekey.h"
#include "provisioning/reset/move.h"
#include "provisioning/reset/new_login.h"
#include "provisioning/reset/pair.h"
#include "provisioning/store/audit.h"

enum { PLAN_TEXT_MAX = 1 << 20, MINUTES_MAX = 1440, MINUTE_MS = 60000 };

#define WHO "command line"

static bool rehomes(const struct phone_options *o)
{
	return o->user || o->site || o->domain;
}

bool phone_moves(const struct phone_options *o)
{
	return rehomes(o) || o->swap || o->retire || o->remove;
}

static bool number(const char *text, long *out)
{
	char *end;

	*out = strtol(text, &end, 10);
	return *text && *end == '\0' && *out >= 1 && *out <= MINUTES_MAX;
}

bool phone_options_check(const struct phone_options *o)
{
	int what = o->address + o->pair + o->unpair + o->new_login + o->retire + o->remove + (o->swap != NULL) +
		   rehomes(o);
	struct mac other;
	long n;

	if (what > 1)
		cli_misuse("phone",
			"one thing at a time: --address, --pair, --unpair, --new-login, --swap, --retire, --delete, or "
			"where it goes");
	else if (o->minutes && (!o->pair || !number(o->minutes, &n)))
		cli_misuse("phone", "--minutes goes with --pair and is 1 to %d", MINUTES_MAX);
	else if (o->swap && !mac_parse(slice_str(o->swap), &other))
		cli_misuse("phone", "--swap takes the MAC address of the new phone");
	else if ((o->model || o->old_phone || o->leave_behind) && !o->swap)
		cli_misuse("phone", "--model, --old-phone and --leave-behind go with --swap");
	else if (o->from_user && !o->user)
		cli_misuse("phone", "--from-user goes with --user");
	else if ((o->dry_run || o->cut_off) && !phone_moves(o))
		cli_misuse("phone", "--dry-run and --cut-off go with what moves a phone");
	else
		return true;
	return false;
}

/* ---- moves ---- */

struct moving {
	struct core *core;
	const struct phone_options *options;
	struct arena *arena;
	struct move_order order;
	struct move_plan *plan;
};

static enum err_code fill(struct moving *m, struct db *db, struct err *err)
{
	const struct phone_options *o = m->options;
	struct move_request *rq = &m->order.request;
	struct phone_row row;
	enum err_code e = phone_load(db, &o->mac, m->arena, &row, err);

	m->order.who = WHO;
	m->order.from = "";
	m->order.client = "cli";
	*rq = (struct move_request){ .kind = o->swap     ? MOVE_SWAP
					     : o->retire ? MOVE_RETIRE
					     : o->remove ? MOVE_DELETE
							 : MOVE_REHOME,
		.domain = row.domain,
		.mac = o->mac,
		.to_domain = o->domain,
		.to_site = o->site,
		.to_user = o->user,
		.from_user = o->from_user,
		.to_model = o->model,
		.then = o->old_phone,
		.cut_off = o->cut_off };
	if (o->swap)
		mac_parse(slice_str(o->swap), &rq->to_mac);
	return e;
}

static enum err_code load(struct moving *m, struct err *err)
{
	struct snap snap;
	enum err_code e = store_snap(m->core->store, &snap, err);

	if (e)
		return e;
	e = fill(m, snap.db, err);
	if (e == ERR_OK)
		e = move_load(&m->core->reset, snap.db, &m->order.request, m->arena, &m->plan, err);
	snap_end(&snap);
	return e;
}

/* --leave-behind agrees to what this plan lists, and to nothing that comes in between. */
static enum err_code agree(struct moving *m, struct err *err)
{
	const char **names = arena_alloc(m->arena, (m->plan->nmisfits + 1) * sizeof(*names));
	size_t i;

	if (names == NULL)
		return err_set(err, ERR_NOMEM, "There is no memory for this move.");
	for (i = 0; m->options->leave_behind && i < m->plan->nmisfits; i++)
		names[m->order.request.nleave_behind++] = m->plan->misfits[i].what;
	m->order.request.leave_behind = names;
	return ERR_OK;
}

static enum err_code apply_fn(struct txn *t, void *arg, struct err *err)
{
	struct moving *m = arg;

	return move_apply(&m->core->reset, t->db, &m->order, m->arena, &m->plan, err);
}

static void print_plan(const struct move_plan *plan)
{
	struct buf text;

	buf_init(&text, PLAN_TEXT_MAX);
	move_print(plan, &text);
	fwrite(text.data, 1, text.len, stdout);
	buf_release(&text);
}

int phone_move_fn(struct core *c, struct arena *a, void *arg, struct err *err)
{
	struct moving m = { .core = c, .options = arg, .arena = a };
	char mac[MAC_TEXT];

	if (load(&m, err) || agree(&m, err))
		return 1;
	print_plan(m.plan);
	if (m.options->dry_run)
		return 0;
	if (store_write(c->store, apply_fn, &m, err))
		return 1;
	printf("done; rekeyd run tells the phones, rekeyd phone %s shows the proof\n",
		mac_text(&m.plan->mac_after, mac));
	return 0;
}

/* ---- pairing ---- */

struct pairing {
	struct core *core;
	const struct phone_options *options;
	struct arena *arena;
	int64_t until_ms;
	const char *warning;
};

static enum err_code pair_fn(struct txn *t, void *arg, struct err *err)
{
	struct pairing *p = arg;
	const struct phone_options *o = p->options;
	char mac[MAC_TEXT];
	struct phone_row row;
	struct audit_row audit = { .who = WHO,
		.client = "cli",
		.action = o->unpair ? "phone-pair-close" : "phone-pair",
		.object = mac_text(&o->mac, mac) };
	long minutes = o->minutes ? strtol(o->minutes, NULL, 10) : 0;
	enum err_code e = phone_load(t->db, &o->mac, p->arena, &row, err);

	if (e)
		return e;
	audit.domain = row.domain;
	p->warning = filekey_first_access(&row, p->core->catalog);
	e = o->unpair ? pair_close(t->db, &o->mac, p->arena, err)
		      : pair_open(&p->core->reset, t->db, &o->mac, minutes * MINUTE_MS, p->arena, &p->until_ms, err);
	return e ? e : audit_add(t->db, &audit, err);
}

int phone_pair_fn(struct core *c, struct arena *a, void *arg, struct err *err)
{
	struct pairing p = { .core = c, .options = arg, .arena = a };
	char mac[MAC_TEXT];

	if (store_write(c->store, pair_fn, &p, err))
		return 1;
	mac_text(&p.options->mac, mac);
	if (p.options->unpair) {
		printf("the pairing window of %s is closed\n", mac);
		return 0;
	}
	printf("%s gets its first file within %" PRId64 " minutes, once, if it asks at\n%s/cfg/\n", mac,
		(p.until_ms - c->reset.now_ms() + MINUTE_MS / 2) / MINUTE_MS, c->settings->phones_url);
	if (p.warning)
		printf("%s\n", p.warning);
	return 0;
}

/* ---- a new login ---- */

static enum err_code login_fn(struct txn *t, void *arg, struct err *err)
{
	struct pairing *p = arg;
	char mac[MAC_TEXT];
	struct phone_row row;
	struct audit_row audit = {
		.who = WHO, .client = "cli", .action = "phone-login", .object = mac_text(&p->options->mac, mac)
	};
	enum err_code e = phone_load(t->db, &p->options->mac, p->arena, &row, err);

	audit.domain = row.domain;
	if (e == ERR_OK)
		e = new_login_order(t->db, &p->options->mac, p->arena, err);
	return e ? e : audit_add(t->db, &audit, err);
}

int phone_login_fn(struct core *c, struct arena *a, void *arg, struct err *err)
{
	struct pairing p = { .core = c, .options = arg, .arena = a };
	char mac[MAC_TEXT];

	if (store_write(c->store, login_fn, &p, err))
		return 1;
	printf("%s is told; its next file holds a new login, and the one that it has is good until it uses that\n",
		mac_text(&p.options->mac, mac));
	return 0;
}
