/* How long one phone's file takes: bench_render [ROUNDS [MODEL]]. Prints one line per phone,
 *   NAME bytes N us X memcpy-us Y
 * X is the processor time of one vendor_render into a fresh buffer, Y that of a memcpy of as many bytes into another
 * fresh piece of memory; both are the middle one of several batches. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "phonecfg/base/share.h"
#include "phonecfg/vendor/vendor.h"

static const char *only; /* this model, or NULL for all */

enum { BATCHES = 9, ACCOUNTS_MAX = 64, KEYS_MAX = 1024 };

struct desk {
	struct phone phone;
	struct account accounts[ACCOUNTS_MAX];
	struct key keys[KEYS_MAX];
	struct arena arena;
};

static double cpu_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static struct secret secret_of(struct desk *d, const char *text)
{
	return secret_copy(&d->arena, slice_str(text));
}

static void add_account(struct desk *d, unsigned slot)
{
	d->accounts[d->phone.naccounts++] = (struct account){ .slot = slot,
		.use = ACCOUNT_LINE,
		.label = arena_printf(&d->arena, "Line %u of Alice", slot),
		.display_name = "Alice Example",
		.user = arena_printf(&d->arena, "10%02u", slot),
		.auth_user = arena_printf(&d->arena, "auth-10%02u", slot),
		.password = secret_of(d, "correct-horse-battery"),
		.domain = "sip.demo.example",
		.transport = TRANSPORT_TLS,
		.proxy = "proxy.demo.example",
		.proxy_port = 5061,
		.expires_s = 600,
		.voicemail = "*97" };
}

static void add_key(struct desk *d, unsigned module, unsigned index)
{
	d->keys[d->phone.nkeys++] = (struct key){ .module = module,
		.index = index,
		.type = KEY_BLF,
		.slot = 1,
		.value = arena_printf(&d->arena, "%u%03u", module + 2, index),
		.label = arena_printf(&d->arena, "Colleague %u", index),
		.pickup = "**",
		.owner = KEY_OWNER_DESK };
}

/* Every account and every key used, or only one that registers. */
static void furnish(struct desk *d, const struct profile *pf, bool full)
{
	memset(d, 0, sizeof(*d));
	arena_init(&d->arena, 0);
	d->phone = (struct phone){ .mac = { { 0, 0x15, 0x65, 1, 2, 3 } },
		.model = pf->id,
		.generation = 41,
		.domain = "sip.demo.example",
		.timezone = "Europe/Berlin",
		.prov = { .url = "https://rekey.demo.example:8443/cfg/", .password = secret_of(d, "prov-Secret-1") },
		.filler = secret_of(d, "bench"),
		.accounts = d->accounts,
		.keys = d->keys };
	for (unsigned slot = 1; slot <= (full ? pf->accounts : 1); slot++)
		add_account(d, slot);
	if (!full)
		d->accounts[0].use = ACCOUNT_IDLE;
	for (unsigned m = 0; full && m <= pf->modules; m++) {
		for (unsigned i = 1; i <= profile_keys(pf, m) && d->phone.nkeys < KEYS_MAX; i++)
			add_key(d, m, i);
	}
}

static void render(const struct renderer *r, const struct profile *pf, const struct phone *ph, enum file_kind kind,
	struct buf *out)
{
	struct err err;

	if (vendor_render(r, pf, ph, kind, out, &err)) {
		fprintf(stderr, "bench_render: %s: %s\n", pf->id, err.text);
		exit(1);
	}
}

static double time_render(
	const struct renderer *r, const struct profile *pf, const struct phone *ph, enum file_kind kind, int rounds)
{
	double all[BATCHES];

	for (int b = 0; b < BATCHES; b++) {
		double start = cpu_us();
		for (int i = 0; i < rounds; i++) {
			struct buf out;
			buf_init(&out, VENDOR_RENDER_MAX);
			render(r, pf, ph, kind, &out);
			buf_release(&out);
		}
		all[b] = (cpu_us() - start) / rounds;
	}
	qsort(all, BATCHES, sizeof(*all), by_size);
	return all[BATCHES / 2];
}

static double time_memcpy(struct slice text, int rounds)
{
	double all[BATCHES];

	for (int b = 0; b < BATCHES; b++) {
		double start = cpu_us();
		for (int i = 0; i < rounds; i++) {
			volatile char *copy = malloc(text.n);
			memcpy((char *)copy, text.p, text.n);
			copy[0] = copy[text.n - 1];
			free((char *)copy);
		}
		all[b] = (cpu_us() - start) / rounds;
	}
	qsort(all, BATCHES, sizeof(*all), by_size);
	return all[BATCHES / 2];
}

static void bench(const struct renderer *r, const struct catalog *c, const char *id, const char *firmware,
	enum file_kind kind, bool full, int rounds)
{
	const struct profile *pf = catalog_find(c, id);
	static struct desk desk;
	struct buf out;
	bool both;

	if (only && strcmp(only, id) != 0)
		return;
	if (!pf) {
		fprintf(stderr, "bench_render: there is no model %s\n", id);
		exit(1);
	}
	furnish(&desk, pf, full);
	desk.phone.firmware = firmware;
	both = !firmware && pf->nsyntaxes > 1; /* written in both of the ways that it may read */
	buf_init(&out, VENDOR_RENDER_MAX);
	render(r, pf, &desk.phone, kind, &out);
	printf("%s%s%s bytes %zu us %.1f memcpy-us %.1f\n", id, full ? "" : ".vacant", both ? ".either" : "", out.len,
		time_render(r, pf, &desk.phone, kind, rounds), time_memcpy(buf_view(&out), rounds));
	buf_release(&out);
	arena_release(&desk.arena);
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 200;
	struct err err = { 0 };
	struct catalog *c = catalog_open(share_profiles_dir, &err);
	struct renderer *r = NULL;
	double start = cpu_us();

	only = argc > 2 ? argv[2] : NULL;
	if (!c || renderer_open(share_templates_dir, c, &r, &err)) {
		fprintf(stderr, "bench_render: %s\n", err.text);
		return 1;
	}
	printf("open us %.1f\n", cpu_us() - start);
	bench(r, c, "yealink-t46u", NULL, FILE_MAC_CFG, true, rounds);
	bench(r, c, "yealink-t46u", NULL, FILE_MAC_CFG, false, rounds);
	bench(r, c, "polycom-vvx450", NULL, FILE_LINES_CFG, true, rounds);
	bench(r, c, "grandstream-gxp2170", "1.0.11.85", FILE_GS_XML, true, rounds);
	bench(r, c, "grandstream-gxp2170", NULL, FILE_GS_XML, true, rounds);
	renderer_close(r);
	catalog_close(c);
	return 0;
}
