#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "provisioning/cli/phone_move.h"
#include "provisioning/conf/ways.h"
#include "provisioning/reset/filekey.h"
#include "provisioning/reset/pair.h"
#include "provisioning/reset/record.h"
#include "provisioning/store/audit.h"
#include "provisioning/store/line.h"
#include "provisioning/store/phone.h"
#include "provisioning/store/record.h"
#include "provisioning/store/token.h"

enum { RECORDS_SHOWN = 20 };

static const char *when(int64_t ms, char out[32])
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;

	if (ms == 0)
		return "never";
	gmtime_r(&t, &tm);
	strftime(out, 32, "%Y-%m-%d %H:%M:%SZ", &tm);
	return out;
}

static enum err_code print_phone(struct db *db, const struct mac *mac, struct arena *a, struct err *err)
{
	struct phone_row ph;
	struct line_row *lines;
	size_t i, n;
	char text[MAC_TEXT], at[32];
	enum err_code e = phone_load(db, mac, a, &ph, err);

	if (e == ERR_OK)
		e = line_list(db, ph.id, a, &lines, &n, err);
	if (e)
		return e;
	printf("%s  %s  %s  %s%s%s\n", mac_text(mac, text), ph.model, phone_state_words[ph.state],
		*ph.domain ? ph.domain : "no domain", *ph.site ? " / " : "", ph.site);
	printf("generation wanted %" PRId64 ", on the phone %" PRId64 "; last pull %s\n", ph.wanted, ph.acked,
		when(ph.last_pull_ms, at));
	for (i = 0; i < n; i++)
		printf("line %" PRId64 "  %s\n", lines[i].slot, lines[i].device);
	if (ph.pair_until_ms > db_now_ms(db) && ph.paired_ms == 0)
		printf("its pairing window is open until %s\n", when(ph.pair_until_ms, at));
	if (*ph.after_drop)
		printf("when its handovers have ended: %s\n", ph.after_drop);
	return ERR_OK;
}

static enum err_code print_records(
	struct db *db, const struct mac *mac, bool registrar, struct arena *a, struct err *err)
{
	char text[MAC_TEXT], at[32];
	const struct record_filter f = { .mac = mac_text(mac, text), .newest_first = true };
	struct record_row *rows;
	struct facts facts;
	const char *missing;
	size_t i, k, n;
	enum err_code e = record_list(db, &f, (struct page){ 0, RECORDS_SHOWN }, a, &rows, &n, err);

	for (i = 0; e == ERR_OK && i < n; i++) {
		printf("%s  %-10s %s  %s", when(rows[i].created_ms, at), rows[i].kind, rows[i].device, rows[i].state);
		for (k = 0; k < rows[i].nfacts; k++)
			printf("%s%s", k ? ", " : "  (", rows[i].facts[k].fact);
		printf("%s\n", rows[i].nfacts ? ")" : "");
		facts = record_facts(&rows[i], registrar);
		missing = record_missing(&facts, a);
		if (missing && *missing)
			printf("    missing: %s\n", missing);
	}
	return e;
}

struct order {
	struct mac mac;
	const struct reset *reset;
	int64_t token_hours;
	const struct catalog *catalog;
	struct arena *arena;
	struct secret token;
	const char *warning;
};

static enum err_code address_fn(struct txn *t, void *arg, struct err *err)
{
	struct order *o = arg;
	struct token_row token = { .expires_ms = db_now_ms(t->db) + o->token_hours * 3600 * 1000 };
	char mac[MAC_TEXT];
	struct phone_row ph;
	enum err_code e = phone_load(t->db, &o->mac, o->arena, &ph, err);
	struct audit_row audit = {
		.who = "command line", .client = "cli", .action = "phone-token", .object = mac_text(&o->mac, mac)
	};

	if (e || (e = pair_allowed(o->reset, &ph, WAY_TOKEN, err)))
		return e;
	audit.domain = ph.domain;
	token.phone_id = ph.id;
	o->warning = filekey_first_access(&ph, o->catalog);
	e = token_add(t->db, &token, o->arena, &o->token, err);
	return e ? e : audit_add(t->db, &audit, err);
}

/* What somebody types into the phone, or hands out as DHCP option 66. */
static enum err_code print_address(struct core *c, struct order *o, struct err *err)
{
	enum err_code e;

	o->token_hours = c->settings->token_hours;
	o->catalog = c->catalog;
	o->reset = &c->reset;
	e = store_write(c->store, address_fn, o, err);
	if (e == ERR_OK)
		printf("%s/cfg/%.*s/\nfor this phone alone, until it has used its own password, at most %" PRId64
		       " hours\n",
			c->settings->phones_url, SLICE_ARG(secret_reveal(&o->token)), o->token_hours);
	if (e == ERR_OK && o->warning)
		printf("%s\n", o->warning);
	return e;
}

static int address_of(struct core *c, struct arena *a, void *arg, struct err *err)
{
	const struct phone_options *po = arg;
	struct order o = { .mac = po->mac, .arena = a };

	return print_address(c, &o, err) ? 1 : 0;
}

static int phone_fn(struct core *c, struct arena *a, void *arg, struct err *err)
{
	const struct phone_options *o = arg;
	struct snap snap;
	enum err_code e = store_snap(c->store, &snap, err);

	if (e)
		return 1;
	e = print_phone(snap.db, &o->mac, a, err);
	if (e == ERR_OK)
		e = print_records(snap.db, &o->mac, core_has_registrar(c->settings), a, err);
	snap_end(&snap);
	return e ? 1 : 0;
}

int cmd_phone(int argc, char **argv)
{
	const char *conf = NULL;
	struct phone_options o = { .address = false };
	const struct cli_option options[] = { { "--conf", &conf, NULL }, { "--address", NULL, &o.address },
		{ "--pair", NULL, &o.pair }, { "--minutes", &o.minutes, NULL }, { "--unpair", NULL, &o.unpair },
		{ "--new-login", NULL, &o.new_login }, { "--user", &o.user, NULL },
		{ "--from-user", &o.from_user, NULL }, { "--site", &o.site, NULL }, { "--domain", &o.domain, NULL },
		{ "--swap", &o.swap, NULL }, { "--model", &o.model, NULL }, { "--old-phone", &o.old_phone, NULL },
		{ "--leave-behind", NULL, &o.leave_behind }, { "--retire", NULL, &o.retire },
		{ "--delete", NULL, &o.remove }, { "--cut-off", NULL, &o.cut_off }, { "--dry-run", NULL, &o.dry_run } };
	int rest;

	if (!cli_options("phone", argc, argv, options, sizeof(options) / sizeof(options[0]), &rest))
		return EXIT_USE;
	if (rest != 1 || !mac_parse(slice_str(argv[0]), &o.mac))
		return cli_misuse("phone", "it takes one MAC address, such as 001565abcdef");
	if (!phone_options_check(&o))
		return EXIT_USE;
	return cli_work(conf,
		phone_moves(&o)      ? phone_move_fn
		: o.pair || o.unpair ? phone_pair_fn
		: o.new_login        ? phone_login_fn
		: o.address          ? address_of
				     : phone_fn,
		&o);
}
