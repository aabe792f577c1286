#include "phonecfg/profile/place.h"

const char *key_side_word(enum key_side side)
{
	static const char *const words[SIDE_COUNT] = { "left", "right", "" };

	return (unsigned)side < SIDE_COUNT ? words[side] : "";
}

static unsigned per_page(const struct layout *l)
{
	unsigned keys = l->left + l->right;

	return keys > l->paging ? keys - l->paging : 0;
}

static void put(const struct layout *l, unsigned i, struct key_place *out)
{
	unsigned per = per_page(l), at;

	out->known = per > 0;
	out->confirmed = out->known && l->confirmed;
	if (!per)
		per = PLACE_COLUMN;
	out->page = i / per + 1;
	at = i % per;
	out->side = !out->known ? SIDE_COLUMN : at < l->left ? SIDE_LEFT : SIDE_RIGHT;
	out->row = out->side == SIDE_RIGHT ? at - l->left + 1 : at + 1;
}

bool profile_place(const struct profile *pf, unsigned module, unsigned index, struct key_place *out)
{
	const struct key_block *b;

	*out = (struct key_place){ 0 };
	if (module) {
		if (module > pf->modules || index < 1 || index > pf->keys_per_module)
			return false;
		put(&pf->module_layout, index - 1, out);
		return true;
	}
	b = profile_block(pf, index);
	if (!b)
		return false;
	out->block = (unsigned)(b - pf->blocks);
	put(&b->layout, index - b->first, out);
	return true;
}

bool profile_shape(const struct profile *pf, unsigned module, unsigned block, struct key_shape *out)
{
	const struct layout *l;
	unsigned keys, per;

	*out = (struct key_shape){ 0 };
	if (module ? module > pf->modules : block >= pf->nblocks)
		return false;
	keys = module ? pf->keys_per_module : pf->blocks[block].max;
	l = module ? &pf->module_layout : &pf->blocks[block].layout;
	per = per_page(l);
	if (per) {
		out->left = l->left;
		out->right = l->right;
		out->page_key = l->paging;
	} else {
		per = out->column = keys < PLACE_COLUMN ? keys : PLACE_COLUMN;
	}
	out->pages = per ? (keys + per - 1) / per : 0;
	return true;
}
