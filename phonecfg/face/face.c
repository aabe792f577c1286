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
			profile_place(f->pf, m, i, &k.place);
			k.type = v.type;
			k.slot = v.slot;
			k.label = v.label;
			k.value = v.value;
			if (v.type == KEY_LINE || v.type == KEY_SHARED_LINE)
				put_line(ph, f->pf->vendor, &k);
			rc = add(f, a, cap, &k, err);
		}
	}
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
	return profile_keys(pf, 0) ? add_keys(out, ph, a, &cap, err) : add_lines(out, ph, a, &cap, err);
}
