#include "phonecfg/face/face.h"

#include <string.h>

#include "phonecfg/vendor/view.h"

const char *face_word(const struct face_key *k)
{
	static const char *const words[KEY_TYPE_COUNT] = {
		[KEY_NONE] = "",
		[KEY_LINE] = "Line",
		[KEY_SHARED_LINE] = "Shared line",
		[KEY_BLF] = "BLF",
		[KEY_SPEED_DIAL] = "Speed dial",
		[KEY_PARK] = "Park",
		[KEY_INTERCOM] = "Intercom",
		[KEY_VOICEMAIL] = "Voicemail",
		[KEY_PAGE] = "Page",
	};

	return k->idle ? "Idle line" : (unsigned)k->type < KEY_TYPE_COUNT ? words[k->type] : "";
}

const struct face_key *face_key(const struct face *f, unsigned module, unsigned index)
{
	for (size_t i = 0; i < f->n; i++) {
		if (f->keys[i].module == module && f->keys[i].index == index)
			return &f->keys[i];
	}
	return NULL;
}

bool face_same(const struct face_key *a, const struct face_key *b)
{
	return a->type == b->type && a->idle == b->idle && strcmp(a->label, b->label) == 0 &&
	       strcmp(a->value, b->value) == 0;
}

/* Whose line is it: of an idle one nothing is told but that it is there. */
static void put_line(const struct phone *ph, enum vendor_id vendor, struct face_key *k)
{
	const struct account *ac = phone_account(ph, k->slot);
	struct line_view line;

	view_line(ph, vendor, k->slot, &line);
	k->idle = ac && ac->use == ACCOUNT_IDLE;
	k->value = k->idle ? "" : line.user;
	if (line.shared)
		k->type = KEY_SHARED_LINE;
}

static enum err_code add(struct face *f, struct arena *a, size_t *cap, const struct face_key *k, struct err *err)
{
	struct face_key *slot = arena_push(a, (void **)&f->keys, &f->n, cap, sizeof(*slot));

	if (!slot)
		return err_set(err, ERR_NOMEM, "no memory for the picture of a phone");
	*slot = *k;
	return ERR_OK;
}

static void put_view(const struct phone *ph, const struct profile *pf, const struct key_view *v, struct face_key *k)
{
	k->type = v->type;
	k->slot = v->slot;
	k->label = v->label;
	k->value = v->value;
	profile_place(pf, k->module, k->index, &k->place);
	if (v->type == KEY_LINE || v->type == KEY_SHARED_LINE)
		put_line(ph, pf->vendor, k);
}

static enum err_code add_keys(struct face *f, const struct phone *ph, struct arena *a, size_t *cap, struct err *err)
{
	enum err_code rc = ERR_OK;

	for (unsigned m = 0; !rc && m <= f->pf->modules; m++) {
		for (unsigned i = 1; !rc && i <= profile_keys(f->pf, m); i++) {
			struct face_key k = { .module = m, .index = i };
			struct key_view v;

			view_shown(ph, f->pf, m, i, &v);
			if (v.type == KEY_NONE)
				continue;
			put_view(ph, f->pf, &v, &k);
			rc = add(f, a, cap, &k, err);
		}
	}
	return rc;
}

/* ---- phones that fill their keys in an order of their own ---- */

/* Polycom firmware of before 4.0 has no place for a key: lines come first, each as often as keys ask for it and at
 * least once, then what is watched, then the contacts (vendor guide). */
static bool fills_up(const struct profile *pf, const struct phone *ph)
{
	return pf->vendor == VENDOR_POLYCOM && !profile_speaks(pf, ph->firmware, "polycom-4");
}

/* In which of the three runs it stands, or 3: nowhere. */
static unsigned run_of(enum key_type type)
{
	switch (type) {
	case KEY_LINE:
	case KEY_SHARED_LINE:
		return 0;
	case KEY_BLF:
	case KEY_PARK:
		return 1;
	case KEY_NONE:
		return 3;
	default:
		return 2;
	}
}

struct filling {
	struct face *f;
	const struct phone *ph;
	struct arena *a;
	size_t *cap;
	unsigned module, index; /* of the next key */
};

static enum err_code fill(struct filling *w, const struct key_view *v, struct err *err)
{
	struct face_key k = { .module = w->module, .index = w->index };

	if (w->module > w->f->pf->modules)
		return ERR_OK; /* no key is left */
	put_view(w->ph, w->f->pf, v, &k);
	if (++w->index > profile_keys(w->f->pf, w->module)) {
		w->index = 1;
		w->module++;
	}
	return add(w->f, w->a, w->cap, &k, err);
}

/* One run; of lines those of that slot. *n counts. */
static enum err_code fill_run(struct filling *w, unsigned run, unsigned slot, unsigned *n, struct err *err)
{
	enum err_code rc = ERR_OK;

	for (unsigned m = 0; !rc && m <= w->f->pf->modules; m++) {
		for (unsigned i = 1; !rc && i <= profile_keys(w->f->pf, m); i++) {
			struct key_view v;

			view_shown(w->ph, w->f->pf, m, i, &v);
			if (run_of(v.type) != run || (run == 0 && v.slot != slot))
				continue;
			rc = fill(w, &v, err);
			++*n;
		}
	}
	return rc;
}

static enum err_code fill_keys(struct face *f, const struct phone *ph, struct arena *a, size_t *cap, struct err *err)
{
	struct filling w = { f, ph, a, cap, 0, 1 };
	enum err_code rc = ERR_OK;

	for (unsigned s = 1; !rc && s <= f->pf->accounts; s++) {
		struct line_view line;
		unsigned n = 0;

		rc = fill_run(&w, 0, s, &n, err);
		view_line(ph, f->pf->vendor, s, &line);
		if (!rc && !n && line.used)
			rc = fill(&w, &(struct key_view){ KEY_LINE, s, "", line.label, "" }, err);
	}
	for (unsigned run = 1; !rc && run <= 2; run++)
		rc = fill_run(&w, run, 0, &(unsigned){ 0 }, err);
	return rc;
}

/* No key to show them on: the lines themselves, one below the other. */
static enum err_code add_lines(struct face *f, const struct phone *ph, struct arena *a, size_t *cap, struct err *err)
{
	enum err_code rc = ERR_OK;

	for (unsigned s = 1; !rc && s <= f->pf->accounts; s++) {
		struct face_key k = { .index = s, .slot = s, .type = KEY_LINE };
		struct line_view line;

		view_line(ph, f->pf->vendor, s, &line);
		if (!line.used)
			continue;
		k.place = (struct key_place){ .page = (s - 1) / PLACE_COLUMN + 1,
			.side = SIDE_COLUMN,
			.row = (s - 1) % PLACE_COLUMN + 1,
			.known = true };
		k.label = line.label;
		put_line(ph, f->pf->vendor, &k);
		rc = add(f, a, cap, &k, err);
	}
	return rc;
}

enum err_code face_of(
	const struct phone *ph, const struct profile *pf, struct arena *a, struct face *out, struct err *err)
{
	size_t cap = 0;

	*out = (struct face){ .pf = pf, .mac = ph->mac, .vacant = phone_vacant(ph) };
	if (!profile_keys(pf, 0))
		return add_lines(out, ph, a, &cap, err);
	return fills_up(pf, ph) ? fill_keys(out, ph, a, &cap, err) : add_keys(out, ph, a, &cap, err);
}
