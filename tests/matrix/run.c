#include "tests/matrix/run.h"

#include <string.h>

#include "phonecfg/base/map.h"
#include "phonecfg/handset/residue_fields.h"
#include "tests/matrix/expect.h"
#include "tests/matrix/feed.h"

/* One combination while it runs. */
struct run {
	const struct combo *c;
	struct tally *t;
	struct arena *a;
	struct err err;
};

static const char *said(struct run *r, const char *where)
{
	return arena_printf(r->a, "%s: %s", where, r->err.text);
}

/* ---- a state is what the model says ---- */

static const char *is_model(struct run *r, const struct handset *hs, const struct scene *s, const char *where)
{
	const char *wrong = expect_lines(hs, s->pf, &s->ph, r->a);

	if (!wrong)
		wrong = expect_keys(hs, s->pf, &s->ph, r->a);
	if (!wrong)
		wrong = expect_settings(hs, s->pf, &s->ph, r->a);
	return wrong ? arena_printf(r->a, "%s: %s", where, wrong) : NULL;
}

static const char *pull_scene(
	struct run *r, struct handset *hs, const struct scene *s, const char *const *words, const char *where)
{
	struct files f;
	const char *wrong = NULL;

	if (files_render(words ? r->c->w->after : r->c->w->r, s->pf, &s->ph, &f, &r->err) || desk_pull(hs, &f, &r->err))
		wrong = said(r, where);
	r->t->pulls++;
	if (!wrong && r->c->feed)
		feed_pull(r->c->feed, &f, hs, words, s, r->a);
	files_release(&f);
	return wrong ? wrong : is_model(r, hs, s, where);
}

/* ---- a person at the desk changes things ---- */

static const struct {
	const char *protect;  /* what makes local changes win, or NULL where they always do */
	const char *extra[4]; /* what no file of ours ever had a value for */
	const char *lists[2]; /* what he wrote into the phone's own lists */
} desks[HANDSET_KINDS] = {
	[HANDSET_YEALINK] = { "static.auto_provision.custom.protect",
		{ "forward.always.target", "linekey.2.label", "memorykey.1.label" },
		{ "contact.1.display_name", "call.1.remote_display_name" } },
	[HANDSET_POLYCOM] = { NULL, { "divert.1.contact", "up.idleDisplay.home" },
		{ "directory.9.fn", "calls.9.number" } },
	[HANDSET_GRANDSTREAM] = { "provisioning.userProtect.enable",
		{ "account.1.featureCodes.callForwardUnconditionallyTarget", "pks.vpk.2.description" },
		{ "contacts.1.FirstName" } },
	[HANDSET_LINPHONE] = { NULL, { NULL } },
};

static const char *change(struct run *r, struct handset *hs, const char *name, unsigned n, bool web)
{
	const char *value = arena_printf(r->a, MARK " local %u", n);

	if (handset_set_local(hs, name, value, web, &r->err))
		return said(r, name);
	if (r->c->feed)
		feed_local(r->c->feed, name, value, web);
	return NULL;
}

/* Lists that no file reaches, of which the review says what clears them: a Yealink's calls, unless it is free and runs
 * V81 or later; its contacts before V81, unless it is free. An ATA has none. */
static bool reached(const struct run *r, const struct handset_model *m, const char *list)
{
	bool old = m->old_names || m->either, freed = r->c->operation == RESET_LINES;

	if (m->kind != HANDSET_YEALINK)
		return !m->ata;
	return freed ? !old || strncmp(list, "contact.", 8) == 0 : !old && strncmp(list, "call.", 5) != 0;
}

static const char *write_lists(struct run *r, struct handset *hs)
{
	const struct handset_model *m = handset_model(hs);
	const char *value = MARK " listed";

	for (size_t i = 0; i < 2 && desks[m->kind].lists[i]; i++) {
		const char *list = desks[m->kind].lists[i];
		if (!reached(r, m, list))
			continue;
		if (handset_restore(hs, HANDSET_DATA, list, value, NULL, &r->err))
			return said(r, list);
		if (r->c->feed)
			feed_stored(r->c->feed, HANDSET_DATA, list, value);
	}
	return NULL;
}

/* Every value that carries a person, of the line, of the keys and of what lies around, by turns on the phone and on its
 * web page. */
static const char *change_all(struct run *r, struct handset *hs, bool protect)
{
	enum handset_kind kind = handset_model(hs)->kind;
	struct handset_entry *v;
	const char *wrong = NULL;
	size_t n;

	if (protect && desks[kind].protect) {
		if (handset_restore(hs, HANDSET_FILE, desks[kind].protect, "1", NULL, &r->err))
			return said(r, "protection");
		if (r->c->feed)
			feed_stored(r->c->feed, HANDSET_FILE, desks[kind].protect, "1");
	}
	if (handset_entries(hs, r->a, &v, &n, &r->err))
		return said(r, "entries");
	for (size_t i = 0; !wrong && i < n; i++)
		if (v[i].layer == HANDSET_FILE && (strcasestr(v[i].value, MARK) || strcmp(v[i].value, LEAVER) == 0) &&
			residue_carries_person(kind, v[i].name))
			wrong = change(r, hs, v[i].name, (unsigned)i, i % 2);
	for (size_t i = 0; !wrong && desks[kind].extra[i]; i++) {
		bool memory = strncmp(desks[kind].extra[i], "memorykey", 9) == 0;
		struct residue_place p;

		/* Memory keys are the only ones of a phone without line keys. */
		if (residue_place_of(handset_model(hs), desks[kind].extra[i], &p) && p.key &&
			(p.index > handset_model(hs)->keys) != (memory && handset_model(hs)->keys == 0))
			continue; /* the phone has no such key */
		wrong = change(r, hs, desks[kind].extra[i], 9000 + (unsigned)i, i % 2);
	}
	return wrong;
}

/* ---- other people ---- */

/* May this stored value of before not be another one now? */
static bool is_others(const struct scene *s, const struct handset_model *m, const char *parameter)
{
	struct residue_place p;

	if (!residue_place_of(m, parameter, &p) || p.index == 0)
		return false;
	/* A Polycom's keys point into lists whose numbers follow the keys: looked at as keys, not as numbers. */
	if (p.key && m->kind == HANDSET_POLYCOM)
		return false;
	for (size_t i = 0; !p.key && i < s->ph.naccounts; i++)
		if (s->ph.accounts[i].slot == p.index)
			return s->account_of[i] == OTHERS;
	for (size_t i = 0; p.key && i < s->ph.nkeys; i++)
		if (s->ph.keys[i].module == p.module && s->ph.keys[i].index == p.index)
			return (s->key_of[i] == OTHERS || s->key_of[i] == DESKS) && !s->names_him[i];
	return false;
}

static bool is_secret_of(const struct scene *s, const char *value)
{
	for (size_t i = 0; i < s->ph.naccounts; i++)
		if (strcmp(secret_reveal(&s->ph.accounts[i].password).p, value) == 0)
			return true;
	return false;
}

/* Meaningless values that stand in for emptiness where a phone refuses it, another one in each generation. */
static bool is_filler(const char *parameter)
{
	return strstr(parameter, ".ucmapi.password") != NULL;
}

/* Byte by byte as before, but for the secret of the line, which is renewed, and what the leaver changed on the phone.
 * While the phone is vacant the desk's keys sleep. */
static const char *others_stand(struct run *r, const struct handset *before, const struct scene *old,
	const struct handset *after, const struct scene *new)
{
	struct handset_entry *was, *is;
	const char *now;
	struct map m;
	size_t n, k;

	if (phone_vacant(&old->ph) || phone_vacant(&new->ph))
		return NULL;
	map_init(&m, r->a);
	if (handset_entries(before, r->a, &was, &n, &r->err) || handset_entries(after, r->a, &is, &k, &r->err))
		return said(r, "entries");
	for (size_t i = 0; i < k; i++)
		if (is[i].layer == HANDSET_FILE)
			map_put(&m, is[i].name, &is[i]);
	for (size_t i = 0; i < n; i++) {
		if (was[i].layer != HANDSET_FILE || !is_others(old, handset_model(before), was[i].name) ||
			strcasestr(was[i].value, MARK " local") || is_filler(was[i].name))
			continue;
		now = map_get(&m, was[i].name) ? ((struct handset_entry *)map_get(&m, was[i].name))->value
					       : "(nothing)";
		if (strcmp(now, was[i].value) != 0 && !(is_secret_of(old, was[i].value) && is_secret_of(new, now)))
			return arena_printf(
				r->a, "%s of somebody else was \"%s\" and is \"%s\"", was[i].name, was[i].value, now);
	}
	return NULL;
}

/* ---- nothing of the person ---- */

/* The leaver's own additional devices, names, secrets and numbers: nowhere. His domain: nowhere when the phone left it.
 */
static size_t words_of(const struct scene *old, const struct scene *new, const char *words[8])
{
	size_t n = 0;

	words[n++] = MARK;
	words[n++] = OWN_NUMBER;
	words[n++] = LEAVER "b";
	if (!strstr(new->ph.domain, OLD_DOMAIN) || new->ph.naccounts == 0)
		words[n++] = OLD_DOMAIN;
	words[n] = NULL;
	(void)old;
	return n;
}

static const char *words_left(struct run *r, const struct handset *hs, const char *const *words)
{
	struct handset_entry *v;
	size_t n;

	if (handset_entries(hs, r->a, &v, &n, &r->err))
		return said(r, "entries");
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; words[k]; k++)
			if (v[i].layer != HANDSET_SEEN && strcasestr(v[i].value, words[k]))
				return arena_printf(r->a, "%s (%s) holds \"%s\"", v[i].name,
					handset_layer_name(v[i].layer), v[i].value);
	return NULL;
}

struct query {
	struct residue_query q;
	struct residue_word words[16];
	struct residue_place *taken;
	const char **kept;
};

static void take(struct query *q, bool key, unsigned module, unsigned index)
{
	q->taken[q->q.ntaken++] = (struct residue_place){ .key = key, .module = module, .index = index };
}

static void query_make(
	struct run *r, const struct scene *old, const struct scene *new, const char *const *words, struct query *q)
{
	memset(q, 0, sizeof(*q));
	q->taken = arena_alloc(r->a, (old->ph.naccounts + old->ph.nkeys + 1) * sizeof(*q->taken));
	for (size_t i = 0; words[i]; i++)
		q->words[q->q.nwords++] = (struct residue_word){ RESIDUE_ANY, words[i] };
	q->words[q->q.nwords++] = (struct residue_word){ RESIDUE_EXTENSION, LEAVER };
	for (size_t i = 0; i < old->ph.naccounts; i++)
		if (!phone_account(&new->ph, old->ph.accounts[i].slot))
			take(q, false, 0, old->ph.accounts[i].slot);
	for (size_t i = 0; i < old->ph.nkeys; i++)
		if (!phone_key(&new->ph, old->ph.keys[i].module, old->ph.keys[i].index))
			take(q, true, old->ph.keys[i].module, old->ph.keys[i].index);
	/* A desk's key that watches the extension stays, and holds it by right. */
	q->kept = arena_alloc(r->a, (new->ph.nkeys + 1) * sizeof(*q->kept));
	for (size_t i = 0; i < new->ph.nkeys && !phone_vacant(&new->ph); i++) {
		if (new->ph.keys[i].value)
			q->kept[q->q.nkept++] = new->ph.keys[i].value;
	}
	q->q.words = q->words;
	q->q.taken = q->taken;
	q->q.kept = q->kept;
}

struct twice {
	struct run *r;
	struct files first, second;
	bool again; /* the phone comes twice: for the reading in which protection ends one pull late */
};

static enum err_code pull_twice(struct handset *hs, void *arg, struct err *err)
{
	struct twice *t = arg;
	enum err_code rc = desk_pull(hs, &t->first, err);

	t->r->t->readings++;
	return !rc && t->again ? desk_pull(hs, &t->second, err) : rc;
}

static unsigned rules_of(enum handset_kind kind, const struct handset_rule_name **nth, unsigned wanted)
{
	unsigned n = 0;

	for (const struct handset_rule_name *r = handset_rule_names(); r->name; r++) {
		if (r->from_birth || (r->kind != kind && r->kind != HANDSET_KINDS))
			continue;
		if (n++ == wanted)
			*nth = r;
	}
	return n;
}

/* One open rule turned the other way, another one each time. */
static enum err_code next_reading(
	struct run *r, const struct handset *before, struct twice *t, const struct query *q, struct residue_list *found)
{
	enum handset_kind kind = handset_model(before)->kind;
	const struct handset_rule_name *flip = NULL;
	struct handset *hs = handset_clone(before, &r->err);
	unsigned n = rules_of(kind, &flip, 0);
	enum err_code rc = hs ? ERR_OK : ERR_NOMEM;
	bool *rule;

	rules_of(kind, &flip, r->t->turn++ % n);
	if (hs) {
		rule = (bool *)((char *)handset_rules(hs) + flip->offset);
		*rule = !*rule;
		rc = pull_twice(hs, t, &r->err);
	}
	if (!rc)
		rc = residue_find(before, hs, &q->q, r->a, found, &r->err);
	for (size_t i = 0; !rc && i < found->n; i++)
		found->v[i].rule = flip->name;
	handset_free(hs);
	return rc;
}

/* By the readings of the rules that the sources leave open: all of them when all is asked for, else one by turns beside
 * the plain one, which is looked at where the phone pulls. */
static const char *residue_left(struct run *r, const struct handset *before, const struct scene *old,
	const struct scene *new, const char *const *words, bool again)
{
	struct twice t = { .r = r, .first = { .n = 0 }, .second = { .n = 0 }, .again = again };
	struct residue_list found;
	const char *wrong = NULL;
	struct scene next;
	struct query q;
	char sentence[512];

	scene_again(new, &next);
	query_make(r, old, new, words, &q);
	if (files_render(r->c->w->after, new->pf, &new->ph, &t.first, &r->err) ||
		(again && files_render(r->c->w->after, next.pf, &next.ph, &t.second, &r->err)) ||
		(r->c->all ? residue_check(before, pull_twice, &t, &q.q, r->a, &found, &r->err)
			   : next_reading(r, before, &t, &q, &found)))
		wrong = said(r, "residue");
	else if (found.n)
		wrong = arena_printf(
			r->a, "%zu residues: %s", found.n, residue_sentence(&found.v[0], sentence, sizeof(sentence)));
	files_release(&t.first);
	files_release(&t.second);
	return wrong;
}

/* By the plain reading, of the phone that pulled. */
static const char *residue_plain(struct run *r, const struct handset *before, const struct scene *old,
	const struct handset *after, const struct scene *new, const char *const *words)
{
	struct residue_list found;
	struct query q;
	char sentence[512];

	query_make(r, old, new, words, &q);
	if (residue_find(before, after, &q.q, r->a, &found, &r->err))
		return said(r, "residue");
	if (found.n)
		return arena_printf(
			r->a, "%zu residues: %s", found.n, residue_sentence(&found.v[0], sentence, sizeof(sentence)));
	return NULL;
}

/* ---- the way through ---- */

/* From before to after by one pull: nothing left by any reading, the others untouched, the state exactly the model, and
 * a second pull of the same files changes nothing. */
static const char *hand_over(struct run *r, const struct handset *before, const struct scene *old,
	const struct scene *new, bool again, struct handset **after)
{
	const char *words[8], *wrong = NULL;

	words_of(old, new, words);
	wrong = residue_left(r, before, old, new, words, again);
	*after = wrong ? NULL : handset_clone(before, &r->err);
	if (!wrong && !*after)
		wrong = said(r, "clone");
	if (!wrong)
		wrong = pull_scene(r, *after, new, words, "after");
	if (!wrong)
		wrong = residue_plain(r, before, old, *after, new, words);
	if (!wrong)
		wrong = words_left(r, *after, words);
	if (!wrong)
		wrong = others_stand(r, before, old, *after, new);
	if (!wrong)
		wrong = pull_scene(r, *after, new, words, "the same again");
	return wrong;
}

/* Recycle by way of the vacant file: the desk's keys slept, and come back to the byte. */
static const char *by_way_of_vacant(struct run *r, const struct handset *before, const struct scene *old, bool idle)
{
	struct scene vacant, new;
	struct handset *empty = NULL, *after = NULL;
	const char *wrong;

	scene_next(old, RESET_LINES, idle, r->a, &vacant);
	scene_next(old, RECYCLE, idle, r->a, &new);
	new.ph.generation = vacant.ph.generation + 1;
	wrong = hand_over(r, before, old, &vacant, false, &empty);
	if (!wrong)
		wrong = hand_over(r, empty, &vacant, &new, false, &after);
	if (!wrong)
		wrong = others_stand(r, before, old, after, &new);
	handset_free(after);
	handset_free(empty);
	return wrong;
}

static const char *one_way(struct run *r, const struct handset *before, const struct scene *old, bool idle, bool again)
{
	struct handset *after = NULL;
	struct scene new;
	const char *wrong;

	scene_next(old, r->c->operation, idle, r->a, &new);
	wrong = hand_over(r, before, old, &new, again, &after);
	handset_free(after);
	return wrong;
}

static const char *ways(struct run *r, struct handset *before, const struct scene *old, bool again)
{
	bool vacant = r->c->operation == RESET_LINES && old->situation != SHARED;
	const char *wrong;

	if (r->c->feed)
		feed_fork(r->c->feed, false);
	wrong = one_way(r, before, old, true, again);
	if (!wrong && vacant) {
		if (r->c->feed)
			feed_fork(r->c->feed, true);
		wrong = one_way(r, before, old, false, again);
	}
	if (!wrong && r->c->operation == RECYCLE && !again) {
		if (r->c->feed)
			feed_fork(r->c->feed, true);
		wrong = by_way_of_vacant(r, before, old, true);
	}
	return wrong;
}

/* The phone as the person leaves it: provisioned, and with what he changed on it. birth: what a phone whose firmware is
 * not known may be from its first file on; NULL = what the better source says. */
static const char *leave(struct run *r, const struct scene *old, bool protect, const struct handset_rule_name *birth)
{
	struct handset *hs = desk_new(old->pf, r->c->firmware, &old->ph.mac, &r->err);
	const char *wrong = NULL;

	if (!hs)
		return said(r, "a new phone");
	if (birth)
		*(bool *)((char *)handset_rules(hs) + birth->offset) = true;
	wrong = pull_scene(r, hs, old, NULL, "before");
	if (!wrong && old->situation == LOCAL_CHANGES)
		wrong = change_all(r, hs, protect);
	if (!wrong && old->situation == LOCAL_CHANGES)
		wrong = write_lists(r, hs);
	if (!wrong)
		wrong = ways(r, hs, old, protect);
	handset_free(hs);
	return wrong;
}

/* With every protection of local changes that the situation has. */
static const char *one_birth(struct run *r, const struct handset_rule_name *birth)
{
	const struct combo *c = r->c;
	struct arena *a = r->a;
	struct scene old;
	const char *wrong;

	scene_make(c->pf, c->firmware, c->situation, birth != NULL, a, &old);
	for (int protect = 0; protect < (c->situation == LOCAL_CHANGES ? 2 : 1); protect++) {
		if (c->feed)
			feed_begin(c->feed,
				arena_printf(a, "%s %s %s %s%s%s", c->pf->id, c->syntax, situation_word(c->situation),
					operation_word(c->operation), birth ? " " : "", birth ? birth->name : ""),
				&old, birth ? birth->name : NULL);
		wrong = leave(r, &old, protect, birth);
		if (c->feed)
			feed_end(c->feed);
		if (wrong)
			return arena_printf(a, "%s%s%s%s", birth ? birth->name : "", birth ? ": " : "",
				protect ? "with protection on: " : "", wrong);
	}
	return NULL;
}

const char *combo_run(const struct combo *c, struct tally *t, struct arena *a)
{
	struct run r = { .c = c, .t = t, .a = a };
	const char *wrong = one_birth(&r, NULL);
	struct handset_model m;

	if (!c->births || !handset_model_of(c->pf, &m))
		return wrong;
	handset_model_runs(&m, c->pf, c->firmware);
	for (const struct handset_rule_name *n = handset_rule_names(); !wrong && m.either && n->name; n++) {
		if (!n->from_birth || n->kind != m.kind)
			continue;
		wrong = one_birth(&r, n);
		t->births++;
	}
	return wrong;
}
