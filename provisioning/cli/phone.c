#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "provisioning/cli/work.h"
#include "provisioning/store/line.h"
#include "provisioning/store/phone.h"
#include "provisioning/store/record.h"

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
	return ERR_OK;
}

static enum err_code print_records(struct db *db, const struct mac *mac, struct arena *a, struct err *err)
{
	char text[MAC_TEXT], at[32];
	const struct record_filter f = { .mac = mac_text(mac, text), .newest_first = true };
	struct record_row *rows;
	size_t i, k, n;
	enum err_code e = record_list(db, &f, (struct page){ 0, RECORDS_SHOWN }, a, &rows, &n, err);

	for (i = 0; e == ERR_OK && i < n; i++) {
		printf("%s  %-10s %s  %s", when(rows[i].created_ms, at), rows[i].kind, rows[i].device, rows[i].state);
		for (k = 0; k < rows[i].nfacts; k++)
			printf("%s%s", k ? ", " : "  (", rows[i].facts[k].fact);
		printf("%s\n", rows[i].nfacts ? ")" : "");
	}
	return e;
}

static int phone_fn(struct core *c, struct arena *a, void *arg, struct err *err)
{
	const struct mac *mac = arg;
	struct snap snap;
	enum err_code e = store_snap(c->store, &snap, err);

	if (e)
		return 1;
	e = print_phone(snap.db, mac, a, err);
	if (e == ERR_OK)
		e = print_records(snap.db, mac, a, err);
	snap_end(&snap);
	return e ? 1 : 0;
}

int cmd_phone(int argc, char **argv)
{
	const char *conf = NULL;
	const struct cli_option options[] = { { "--conf", &conf, NULL } };
	struct mac mac;
	int rest;

	if (!cli_options("phone", argc, argv, options, 1, &rest))
		return EXIT_USE;
	if (rest != 1 || !mac_parse(slice_str(argv[0]), &mac))
		return cli_misuse("phone", "it takes one MAC address, such as 001565abcdef");
	return cli_work(conf, phone_fn, &mac);
}
