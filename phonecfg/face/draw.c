/* A face as SVG: screens with keys beside them, page by page; two states in two columns of the same picture. */
#include <stdio.h>
#include <string.h>

#include "phonecfg/face/face.h"
#include "phonecfg/face/look.h"
#include "phonecfg/face/svg.h"

enum { EDGE = 8, PAD = 6, GAP = 5, HEAD = 50, BODY_MAX = FACE_SVG_MAX, TITLE = 40 };

enum fate { FATE_PLAIN, FATE_STAYS, FATE_GOES, FATE_COMES };
static const struct {
	const char *box, *text, *mark, *word;
} fates[] = {
	[FATE_PLAIN] = { "ky", "tx", "", "" },
	[FATE_STAYS] = { "ky", "tx", "=", "stays" },
	[FATE_GOES] = { "go", "gt sk", "\xe2\x88\x92", "goes" }, /* a minus sign */
	[FATE_COMES] = { "co", "ct", "+", "comes" },
};

/* One state, drawn from the top of its column to the bottom. */
struct pen {
	struct buf *b;
	const struct face *face, *other; /* other NULL: no comparison */
	bool after;
	double x, y, width;
	bool unknown, unsure, skipped; /* of the places: to be said below */
	unsigned count[4];             /* keys by fate */
};

/* A block of the phone, or a module. */
struct section {
	unsigned module, block, first, keys; /* index of the first key, and how many */
	struct key_shape shape;
};

static bool next_section(const struct face *f, unsigned *at, struct section *s)
{
	const struct profile *pf = f->pf;
	unsigned blocks = profile_keys(pf, 0) ? (unsigned)pf->nblocks : 1, i = (*at)++;

	*s = (struct section){ .module = i < blocks ? 0 : i - blocks + 1, .block = i < blocks ? i : 0, .first = 1 };
	if (s->module > pf->modules)
		return false;
	if (!profile_keys(pf, 0) && !s->module) { /* lines instead of keys */
		s->keys = pf->accounts;
		s->shape = (struct key_shape){ .column = s->keys < PLACE_COLUMN ? s->keys : PLACE_COLUMN,
			.pages = (s->keys + PLACE_COLUMN - 1) / PLACE_COLUMN };
		return true;
	}
	s->keys = s->module ? pf->keys_per_module : pf->blocks[i].max;
	s->first = s->module ? 1 : pf->blocks[i].first;
	profile_shape(pf, s->module, s->block, &s->shape);
	return true;
}

static void place_of(const struct face *f, const struct section *s, unsigned index, struct key_place *out)
{
	if (profile_place(f->pf, s->module, index, out))
		return;
	*out = (struct key_place){ .page = (index - 1) / PLACE_COLUMN + 1,
		.side = SIDE_COLUMN,
		.row = (index - 1) % PLACE_COLUMN + 1,
		.known = true };
}

static bool comparable(const struct face *a, const struct face *b)
{
	return b && strcmp(a->pf->id, b->pf->id) == 0;
}

static bool on_section(const struct face_key *k, const struct section *s)
{
	return k->module == s->module && (s->module || k->place.block == s->block);
}

static bool page_used(const struct face *f, const struct section *s, unsigned page)
{
	for (size_t i = 0; i < f->n; i++) {
		if (f->keys[i].place.page == page && on_section(&f->keys[i], s))
			return true;
	}
	return false;
}

static enum fate fate_of(const struct pen *p, const struct face_key *k)
{
	const struct face_key *there;

	if (!p->other)
		return FATE_PLAIN;
	there = comparable(p->face, p->other) ? face_key(p->other, k->module, k->index) : NULL;
	if (there && face_same(there, k))
		return FATE_STAYS;
	return p->after ? FATE_COMES : FATE_GOES;
}

/* ---- what is said ---- */

/* A vendor's short word is an abbreviation: "MPK", but "Memory". */
static const char *block_title(const struct key_block *block, char out[TITLE])
{
	size_t n = strlen(block->name);

	snprintf(out, TITLE, "%s", block->name);
	for (size_t i = 0; i < n && i < (n > 3 ? 1 : 3); i++)
		out[i] = out[i] >= 'a' && out[i] <= 'z' ? (char)(out[i] - 'a' + 'A') : out[i];
	return out;
}

/* "Key 3", "MPK key 3", "EXP43 2, key 3"; of a model without keys "Line 3". */
static void say_number(struct buf *b, const struct face *f, unsigned module, unsigned index)
{
	const struct key_block *block = module ? NULL : profile_block(f->pf, index);
	char title[TITLE];

	if (module) {
		svg_escape(b, slice_str(f->pf->module_name ? f->pf->module_name : "Module"));
		buf_printf(b, " %u, key %u", module, index);
	} else if (!block) {
		buf_printf(b, "Line %u", index);
	} else if (block == f->pf->blocks) {
		buf_printf(b, "Key %u", index);
	} else {
		buf_printf(b, "%s key %u", block_title(block, title), index - block->first + 1);
	}
}

/* "Key 3, page 1 left: BLF Anna Berg 1002" */
static void say_key(struct buf *b, const struct face *f, const struct face_key *k, enum fate fate)
{
	const char *side = key_side_word(k->place.side);

	say_number(b, f, k->module, k->index);
	if (k->place.known && profile_keys(f->pf, k->module))
		buf_printf(b, ", page %u%s%s", k->place.page, *side ? " " : "", side);
	buf_printf(b, ": %s", face_word(k));
	if (*k->label && strcmp(k->label, face_word(k)) != 0) {
		buf_char(b, ' ');
		svg_escape(b, slice_str(k->label));
	}
	if (*k->value && strcmp(k->value, k->label) != 0) {
		buf_char(b, ' ');
		svg_escape(b, slice_str(k->value));
	}
	if (fate != FATE_PLAIN)
		buf_printf(b, ", %s", fates[fate].word);
}

static void say_all(struct pen *p)
{
	for (size_t i = 0; i < p->face->n; i++) {
		const struct face_key *k = &p->face->keys[i];
		enum fate fate = fate_of(p, k);
		p->count[fate]++;
		say_key(p->b, p->face, k, fate);
		buf_str(p->b, ". ");
	}
	if (!p->face->n)
		buf_str(p->b, "No key shows anything. ");
}

/* ---- one key ---- */

static void icon(struct buf *b, const char *path, double x, double y)
{
	buf_printf(b, "<path class=\"ic\" transform=\"translate(%.1f %.1f)\" d=\"%s\"/>", x, y, path);
}

static void word_and_value(const struct face_key *k, struct buf *out)
{
	buf_str(out, face_word(k));
	if (*k->value && strcmp(k->value, k->label) != 0) {
		buf_char(out, ' ');
		buf_str(out, k->value);
	}
}

static void draw_mark(struct pen *p, enum fate fate, double x)
{
	if (fate == FATE_GOES || fate == FATE_COMES)
		buf_printf(p->b, "<text class=\"%s\" x=\"%.1f\" y=\"17\" font-size=\"15\">%s</text>",
			fate == FATE_GOES ? "gt" : "ct", x, fates[fate].mark);
}

/* One of two columns in one of two states: the label has two lines. */
static void draw_narrow(struct pen *p, const struct face_key *k, enum fate fate, double w)
{
	const struct svg_text label = { fates[fate].text, 6, 32, 12, w - 10, 2, 15, false };

	icon(p->b, face_icon(k), 6, 4);
	draw_mark(p, fate, 26);
	svg_text(p->b, &label, slice_str(*k->label ? k->label : k->value));
}

static void draw_wide(struct pen *p, const struct face_key *k, enum fate fate, double w, double h)
{
	const struct svg_text label = { fates[fate].text, 29, 17, 13, w - 33 - (p->other ? 40 : 20), 1, 0, false };
	const struct svg_text below = { "mu", 29, 33, 11, w - 33, 1, 0, false };
	struct buf line;

	icon(p->b, face_icon(k), 6, h / 2 - 8);
	draw_mark(p, fate, w - 40);
	svg_text(p->b, &label, slice_str(*k->label ? k->label : k->value));
	buf_init(&line, 4096);
	word_and_value(k, &line);
	svg_text(p->b, &below, buf_view(&line));
	if (line.failed)
		p->b->failed = line.failed;
	buf_release(&line);
}

static void open_cell(struct pen *p, const char *cls, double x, double y, double w, double h)
{
	buf_printf(p->b,
		"<svg x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\">"
		"<rect class=\"%s\" x=\"1\" y=\"1\" width=\"%.1f\" height=\"%.1f\" rx=\"5\"/>",
		x, y, w, h, cls, w - 2, h - 2);
}

static void draw_number(struct pen *p, unsigned number, double w)
{
	const struct svg_text at = { "mu", w - 5, 14, 10, 24, 1, 0, true };
	char text[16];

	snprintf(text, sizeof(text), "%u", number);
	svg_text(p->b, &at, slice_str(text));
}

static void draw_cell(struct pen *p, const struct section *s, unsigned index, double x, double y, double w, double h)
{
	const struct face_key *k = face_key(p->face, s->module, index);
	enum fate fate = k ? fate_of(p, k) : FATE_PLAIN;

	if (k || !p->other) /* whoever shows one state may let people choose a key of it */
		buf_printf(p->b, p->other ? "<g>" : "<g data-key=\"%u.%u\">", s->module, index);
	if (k) {
		buf_str(p->b, "<title>");
		say_key(p->b, p->face, k, fate);
		buf_str(p->b, "</title>");
	}
	open_cell(p, k ? fates[fate].box : "em", x, y, w, h);
	draw_number(p, index - s->first + 1, w);
	if (k && p->other && s->shape.left && s->shape.right)
		draw_narrow(p, k, fate, w);
	else if (k)
		draw_wide(p, k, fate, w, h);
	buf_str(p->b, k || !p->other ? "</svg></g>\n" : "</svg>\n");
}

/* ---- one page ---- */

enum { ROW = 42, ROW_NARROW = 54, ROW_EMPTY = 20 };

struct grid {
	double left, right, cell_w; /* x of both sides */
	unsigned rows;
};

static void grid_of(const struct pen *p, const struct section *s, unsigned page, struct grid *g)
{
	const struct key_shape *sh = &s->shape;
	double inner = p->width - 2 * PAD;

	g->rows = sh->column ? sh->column : sh->left > sh->right ? sh->left : sh->right;
	if (sh->column && page == sh->pages) /* the last page of a column ends with its last key */
		g->rows = s->keys - (page - 1) * sh->column;
	g->cell_w = sh->left && sh->right ? (inner - GAP) / 2 : sh->column || p->other ? inner : inner * 0.6;
	g->left = p->x + PAD;
	g->right = p->x + p->width - PAD - g->cell_w;
}

static bool row_used(const struct face *f, const struct section *s, unsigned page, unsigned row)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct face_key *k = &f->keys[i];
		if (k->place.row == row && k->place.page == page && on_section(k, s))
			return true;
	}
	return false;
}

static unsigned page_key_row(const struct key_shape *sh)
{
	return !sh->page_key || sh->pages < 2 ? 0 : sh->right ? sh->right : sh->left;
}

/* Rows where nothing is shown, in neither state, are drawn low. */
static double row_height(const struct pen *p, const struct section *s, unsigned page, unsigned row)
{
	bool used = row_used(p->face, s, page, row) || page_key_row(&s->shape) == row ||
		    (comparable(p->face, p->other) && row_used(p->other, s, page, row));

	return !used ? ROW_EMPTY : p->other && s->shape.left && s->shape.right ? ROW_NARROW : ROW;
}

static double row_y(const struct pen *p, const struct section *s, unsigned page, unsigned row)
{
	double y = p->y + PAD;

	for (unsigned r = 1; r < row; r++)
		y += row_height(p, s, page, r) + GAP;
	return y;
}

static void draw_page_key(struct pen *p, const struct section *s, const struct grid *g, unsigned page)
{
	const struct key_shape *sh = &s->shape;
	unsigned row = page_key_row(sh);
	const struct svg_text at = { "mu", 29, 26, 12, g->cell_w - 33, 1, 0, false };
	char text[40];

	if (!row)
		return;
	open_cell(p, "ky", sh->right ? g->right : g->left, row_y(p, s, page, row), g->cell_w,
		row_height(p, s, page, row));
	icon(p->b, face_icon_page, 6, 13);
	snprintf(text, sizeof(text), "%u/%u", page, sh->pages);
	svg_text(p->b, &at, slice_str(text));
	buf_str(p->b, "</svg>\n");
}

static void draw_page(struct pen *p, const struct section *s, unsigned page)
{
	struct key_place place;
	struct grid g;
	double height;

	grid_of(p, s, page, &g);
	height = row_y(p, s, page, g.rows + 1) - GAP + PAD - p->y;
	buf_printf(p->b, "<rect class=\"sc\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"8\"/>\n", p->x,
		p->y, p->width, height);
	for (unsigned i = s->first; i < s->first + s->keys; i++) {
		place_of(p->face, s, i, &place);
		if (place.page != page)
			continue;
		p->unknown = p->unknown || !place.known;
		p->unsure = p->unsure || (place.known && !place.confirmed && profile_keys(p->face->pf, 0));
		draw_cell(p, s, i, place.side == SIDE_RIGHT ? g.right : g.left, row_y(p, s, page, place.row), g.cell_w,
			row_height(p, s, page, place.row));
	}
	draw_page_key(p, s, &g, page);
	p->y += height + 8;
}

static void page_heading(struct pen *p, const struct section *s, unsigned page)
{
	const struct svg_text at = { "mu", p->x + 2, p->y + 12, 12, p->width - 4, 1, 0, false };
	const struct profile *pf = p->face->pf;
	char text[120], title[TITLE];
	int n = 0;

	if (s->module)
		n = snprintf(text, sizeof(text), "%s %u, %s", pf->module_name ? pf->module_name : "Module", s->module,
			s->shape.column ? "keys " : "");
	else if (!profile_keys(pf, 0))
		n = snprintf(text, sizeof(text), "Lines ");
	else if (s->block)
		n = snprintf(text, sizeof(text), "%s keys%s ", block_title(&pf->blocks[s->block], title),
			s->shape.column ? "" : ",");
	else if (s->shape.column)
		n = snprintf(text, sizeof(text), "Keys ");
	if (s->shape.column) {
		unsigned from = (page - 1) * s->shape.column + 1, to = from + s->shape.column - 1;
		snprintf(text + n, sizeof(text) - (size_t)n, "%u to %u", from, to < s->keys ? to : s->keys);
	} else {
		snprintf(text + n, sizeof(text) - (size_t)n, "page %u of %u", page, s->shape.pages);
	}
	if (text[0] == 'p')
		text[0] = 'P';
	svg_text(p->b, &at, slice_str(text));
	p->y += 18;
}

static void draw_state(struct pen *p)
{
	struct section s;

	if (p->other) {
		const struct svg_text at = { "tx", p->x + 2, p->y + 14, 14, p->width - 4, 1, 0, false };
		svg_text(p->b, &at, slice_str(p->after ? "After" : "Before"));
		p->y += 22;
	}
	for (unsigned at = 0; next_section(p->face, &at, &s);) {
		for (unsigned page = 1; page <= s.shape.pages; page++) {
			bool used = page_used(p->face, &s, page) ||
				    (comparable(p->face, p->other) && page_used(p->other, &s, page));
			if (!used && (s.module || s.block || page > 1)) {
				p->skipped = true;
				continue;
			}
			page_heading(p, &s, page);
			draw_page(p, &s, page);
		}
	}
}

/* ---- the whole ---- */

static void say_name(struct buf *b, const struct face *f)
{
	char mac[MAC_TEXT];

	svg_escape(b, slice_str(f->pf->display));
	buf_printf(b, " %s%s", mac_text(&f->mac, mac), f->vacant ? ", vacant" : "");
}

static void draw_head(struct buf *b, const struct face *f, const struct face *after)
{
	const struct svg_text title = { "tx", EDGE + 2, 22, 16, FACE_WIDTH - 2 * EDGE - 4, 1, 0, false };
	const struct svg_text sub = { "mu", EDGE + 2, 40, 12, FACE_WIDTH - 2 * EDGE - 4, 1, 0, false };
	char text[200], mac[MAC_TEXT], mac2[MAC_TEXT];

	mac_text(&f->mac, mac);
	if (after && strcmp(f->pf->id, after->pf->id) != 0)
		snprintf(text, sizeof(text), "%s, then %s", f->pf->display, after->pf->display);
	else
		snprintf(text, sizeof(text), "%s", f->pf->display);
	svg_text(b, &title, slice_str(text));
	if (after && !mac_eq(&f->mac, &after->mac))
		snprintf(text, sizeof(text), "%s, then %s", mac, mac_text(&after->mac, mac2));
	else
		snprintf(text, sizeof(text), "%s%s", mac,
			after ? (after->vacant && !f->vacant ? " \xc2\xb7 becomes vacant" : "")
			      : (f->vacant ? " \xc2\xb7 vacant" : ""));
	svg_text(b, &sub, slice_str(text));
}

static void foot_line(struct buf *b, double *y, const char *text)
{
	const struct svg_text at = { "mu", EDGE + 2, *y + 12, 11, FACE_WIDTH - 2 * EDGE - 4, 1, 0, false };

	svg_text(b, &at, slice_str(text));
	*y += 16;
}

static void draw_foot(struct buf *b, double *y, const struct pen *one, const struct pen *two)
{
	char text[120];

	if (two) {
		snprintf(text, sizeof(text), "\xe2\x88\x92 %u go \xc2\xb7 + %u come \xc2\xb7 %u stay",
			one->count[FATE_GOES], two->count[FATE_COMES], two->count[FATE_STAYS]);
		foot_line(b, y, text);
	}
	if (one->skipped || (two && two->skipped))
		foot_line(b, y, "Pages and modules without a key in use are left out.");
	if (one->unknown || (two && two->unknown))
		foot_line(b, y, "Places not known for this model: keys by number.");
	else if (one->unsure || (two && two->unsure))
		foot_line(b, y, "Places not confirmed for this model.");
	*y += EDGE;
}

/* For those who hear it: the names, then every key of every state. */
static void draw_words(struct buf *b, struct pen *one, struct pen *two)
{
	buf_str(b, "<title>Keys of ");
	say_name(b, one->face);
	if (two) {
		buf_str(b, "; after: ");
		say_name(b, two->face);
	}
	buf_str(b, "</title>\n<desc>");
	if (two)
		buf_str(b, "Before: ");
	one->b = b;
	say_all(one);
	if (two) {
		two->b = b;
		buf_str(b, "After: ");
		say_all(two);
	}
	buf_str(b, "</desc>\n");
}

enum err_code face_svg(const struct face *before, const struct face *after, struct buf *out, struct err *err)
{
	double half = (FACE_WIDTH - 2 * EDGE - 6) / 2.0, y;
	struct pen one = {
		.face = before, .other = after, .x = EDGE, .y = HEAD, .width = after ? half : FACE_WIDTH - 2 * EDGE
	};
	struct pen two = {
		.face = after, .other = before, .after = true, .x = FACE_WIDTH - EDGE - half, .y = HEAD, .width = half
	};
	struct buf words, body;
	enum err_code rc;

	buf_init(&words, BODY_MAX);
	buf_init(&body, BODY_MAX);
	draw_words(&words, &one, after ? &two : NULL);
	one.b = two.b = &body;
	draw_head(&body, before, after);
	draw_state(&one);
	if (after)
		draw_state(&two);
	y = after && two.y > one.y ? two.y : one.y;
	draw_foot(&body, &y, &one, after ? &two : NULL);
	buf_printf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%.0f\" viewBox=\"0 0 %d %.0f\" class=\"face\" role=\"img\" "
		"font-family=\"system-ui,-apple-system,Segoe UI,Roboto,DejaVu Sans,sans-serif\">\n",
		FACE_WIDTH, y, FACE_WIDTH, y);
	buf_slice(out, buf_view(&words));
	buf_printf(out, "<style>%s</style>\n<rect class=\"bg\" width=\"100%%\" height=\"100%%\"/>\n", face_style);
	buf_slice(out, buf_view(&body));
	buf_str(out, "</svg>\n");
	rc = buf_check(&words, "the picture of a phone", err);
	if (!rc)
		rc = buf_check(&body, "the picture of a phone", err);
	buf_release(&words);
	buf_release(&body);
	return rc ? rc : buf_check(out, "the picture of a phone", err);
}
