/* All models x situations x what happens to the person, on phonecfg/handset. TAP: one line a model, and at the end how
 * many combinations ran. matrix VENDOR [--after TEMPLATES] [--only MODEL] [--feed] [--all]
 *
 * Without --all a named firmware is walked in one situation a model and the other emulator is fed one handover a
 * model, by turns; with it, everything. --after: other templates for the files after the handover. */
#include <malloc.h>
#include <string.h>

#include "phonecfg/base/share.h"
#include "tests/matrix/run.h"

struct options {
	const char *after, *only;
	bool feed, all;
	enum vendor_id vendor;
};

struct counts {
	unsigned want, ran, failed, models, impossible;
	struct tally tally;
};

enum { SYNTAXES_MAX = 4, SAID_MAX = 3 };

/* Versions among which one is found for each way of writing; a Yealink's first number is its hardware and does not
 * count.
 */
static const char *const versions[] = { "1.0.0.1", "1.70.0.1", "1.73.0.50", "1.80.0.20", "1.81.0.70", "1.86.0.20",
	"3.2.7", "3.3.5.0247", "4.0.15", "5.9.7", "6.4.3", "1.0.4.1", "1.0.11.85", "1.0.20.1", "2.0.0.1", "0.0.0.1" };

static const char *firmware_for(const struct profile *pf, const struct syntax *sx)
{
	const size_t n = sizeof(versions) / sizeof(versions[0]);

	if (*sx->since && profile_syntax(pf, sx->since) == sx)
		return sx->since;
	for (size_t i = 0; i < n; i++)
		if (profile_syntax(pf, versions[i]) == sx &&
			(!pf->firmware_min || firmware_compare(pf->vendor, versions[i], pf->firmware_min) >= 0))
			return versions[i];
	return NULL;
}

/* One situation of those that this model can be in. */
static bool is_turn(unsigned turn, const struct combo *c)
{
	const char *why;
	unsigned can = 0, before = 0;

	for (int s = 0; s < SITUATIONS; s++) {
		before += s < (int)c->situation && scene_possible(c->pf, (enum situation)s, &why);
		can += scene_possible(c->pf, (enum situation)s, &why);
	}
	return turn % can == before;
}

/* What the other emulator is fed without --all: one handover a model and way of writing, by turns, and of the unknown
 * firmware one situation. Softphones are few: all. */
static bool is_fed(unsigned turn, const struct combo *c)
{
	return c->pf->softphone ||
	       (turn % OPERATIONS == (unsigned)c->operation && (c->firmware || is_turn(turn / OPERATIONS, c)));
}

static void one(const struct options *o, struct combo *c, struct counts *n, unsigned *said)
{
	const char *why = NULL, *wrong;
	struct arena a;

	if (!scene_possible(c->pf, c->situation, &why)) {
		n->impossible++;
		return;
	}
	n->want++;
	c->all = o->all;
	c->births = o->all || is_turn(n->models, c);
	c->feed = o->feed && (o->all || is_fed(n->models, c)) ? stderr : NULL;
	arena_init(&a, 0);
	wrong = combo_run(c, &n->tally, &a);
	if (wrong)
		n->failed++;
	else
		n->ran++;
	if (wrong && (*said)++ < SAID_MAX)
		printf("# %s %s %s %s: %s\n", c->pf->id, c->syntax, situation_word(c->situation),
			operation_word(c->operation), wrong);
	arena_release(&a);
}

static void all_of(const struct options *o, struct combo c, struct counts *n, unsigned *said)
{
	for (int s = 0; s < SITUATIONS; s++) {
		for (int op = 0; op < OPERATIONS; op++) {
			c.situation = (enum situation)s;
			c.operation = (enum operation)op;
			if (o->all || !c.firmware || is_turn(n->models, &c))
				one(o, &c, n, said);
		}
	}
}

static void one_model(const struct options *o, struct combo c, struct counts *n, unsigned *number)
{
	unsigned said = 0, ran = n->ran, want = n->want, pulls = n->tally.pulls;

	c.syntax = "unknown";
	all_of(o, c, n, &said);
	for (size_t i = 0; c.pf->nsyntaxes > 1 && i < c.pf->nsyntaxes; i++) {
		c.syntax = c.pf->syntaxes[i].name;
		c.firmware = firmware_for(c.pf, &c.pf->syntaxes[i]);
		if (!c.firmware) {
			printf("# %s: no firmware is known that reads %s\n", c.pf->id, c.syntax);
			n->want++;
			continue;
		}
		all_of(o, c, n, &said);
	}
	n->models++;
	printf("%sok %u - %s: %u of %u combinations clean, %u pulls\n", n->ran - ran == n->want - want ? "" : "not ",
		++*number, c.pf->id, n->ran - ran, n->want - want, n->tally.pulls - pulls);
	fflush(stdout);
}

static int run(const struct options *o, const struct world *w)
{
	struct counts n = { 0 };
	unsigned number = 0;

	for (size_t i = 0; i < catalog_count(w->cat); i++) {
		struct combo c = { .w = w, .pf = catalog_at(w->cat, i) };

		if (c.pf->vendor == o->vendor && (!o->only || strcmp(o->only, c.pf->id) == 0))
			one_model(o, c, &n, &number);
	}
	printf("%sok %u - %s: %u models, %u combinations ran of %u; %u pulls, %u more with an open rule turned; %u walked again "
	       "by the other phone that it may be; %u situations cannot be\n",
		n.models && n.ran == n.want ? "" : "not ", ++number, vendor_word(o->vendor), n.models, n.ran, n.want,
		n.tally.pulls, n.tally.readings, n.tally.births, n.impossible / OPERATIONS);
	printf("1..%u\n", number);
	return n.models && n.ran == n.want ? 0 : 1;
}

static bool options_of(int argc, char **argv, struct options *o)
{
	bool good = argc > 1 && vendor_word_parse(argv[1], &o->vendor);

	for (int i = 2; good && i < argc; i++) {
		bool more = i + 1 < argc;

		if (strcmp(argv[i], "--feed") == 0)
			o->feed = true;
		else if (strcmp(argv[i], "--all") == 0)
			o->all = true;
		else if (more && strcmp(argv[i], "--after") == 0)
			o->after = argv[++i];
		else if (more && strcmp(argv[i], "--only") == 0)
			o->only = argv[++i];
		else
			good = false;
	}
	return good;
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	struct err err = { 0 };
	struct world w = { 0 };
	int code;

	/* Phones come and go by the thousand: their memory is not given back to the kernel each time. */
	mallopt(M_MMAP_THRESHOLD, 1 << 30);
	mallopt(M_TRIM_THRESHOLD, 1 << 30);
	if (!options_of(argc, argv, &o)) {
		fputs("usage: matrix VENDOR [--after TEMPLATES] [--only MODEL] [--feed] [--all]\n", stderr);
		return 2;
	}
	if (o.feed)
		setvbuf(stderr, NULL, _IOFBF, 1 << 16); /* the steps go there, by the megabyte */
	w.cat = catalog_open(share_profiles_dir, &err);
	if (!w.cat || renderer_open(share_templates_dir, w.cat, &w.r, &err) ||
		renderer_open(o.after ? o.after : share_templates_dir, w.cat, &w.after, &err)) {
		printf("Bail out! %s\n", err.text);
		return 1;
	}
	code = run(&o, &w);
	renderer_close(w.after);
	renderer_close(w.r);
	catalog_close(w.cat);
	return code;
}
