#include "provisioning/reset/import.h"

#include <stdlib.h>
#include <string.h>

#include "phonecfg/base/text.h"
#include "provisioning/reset/csv.h"
#include "provisioning/reset/inventory.h"
#include "provisioning/store/line.h"
#include "provisioning/store/store.h"

enum { IMPORT_TEXT_MAX = 256 };

/* One import while it runs. */
struct import {
	struct inventory in;
	struct domain_row domain;
	const char *domain_name;
	const struct csv_row *head, *rows; /* rows[0..n) are the data */
	size_t n;
	struct import_report *report;
	const struct import_kind *kind;
	bool dry_run;
};

struct import_kind {
	const char *what;
	const char *const *columns; /* the first one is the key; ended by NULL */
	size_t required;            /* so many of them must be there */
	/* Rows from first on; *used says how many belonged together. *result gets a word. */
	enum err_code (*take)(struct import *im, size_t first, size_t *used, const char **result, struct err *err);
};

/* The cell of a column, or NULL when the file has no such column. */
static const char *cell(const struct import *im, size_t row, const char *column)
{
	size_t i;

	for (i = 0; i < im->head->n; i++)
		if (strcmp(im->head->cells[i], column) == 0)
			return i < im->rows[row].n ? im->rows[row].cells[i] : "";
	return NULL;
}

static const char *cell_or(const struct import *im, size_t row, const char *column, const char *other)
{
	const char *v = cell(im, row, column);

	return v ? v : other;
}

/* Puts a cell over *field and notes whether that changed anything. A column that is not there changes nothing. */
static enum err_code put(
	const struct import *im, size_t row, const char *column, const char **field, bool *changed, struct err *err)
{
	const char *v = cell(im, row, column);
	enum err_code e;

	if (v == NULL)
		return ERR_OK;
	e = text_check(column, slice_str(v), IMPORT_TEXT_MAX, err);
	if (e == ERR_OK && strcmp(*field ? *field : "", v) != 0) {
		*field = v;
		*changed = true;
	}
	return e;
}

static enum err_code put_site(const struct import *im, size_t row, int64_t *site_id, bool *changed, struct err *err)
{
	const char *name = cell(im, row, "site");
	struct site_row site = { 0 };
	enum err_code e;

	if (name == NULL)
		return ERR_OK;
	e = *name ? site_by_name(im->in.db, im->domain.id, name, im->in.arena, &site, err) : ERR_OK;
	if (e == ERR_OK && *site_id != site.id) {
		*site_id = site.id;
		*changed = true;
	}
	return e;
}

/* ---- users ---- */

static const char *const user_columns[] = { "user", "name-first-name", "name-last-name", "email-address", "user-scope",
	"department", "site", "voicemail-login-pin", NULL };

static enum err_code put_user(struct import *im, size_t row, struct user_row *u, bool *changed, struct err *err)
{
	const char *pin = cell(im, row, "voicemail-login-pin");
	enum err_code e = put(im, row, "name-first-name", &u->first_name, changed, err);

	if (e == ERR_OK)
		e = put(im, row, "name-last-name", &u->last_name, changed, err);
	if (e == ERR_OK)
		e = put(im, row, "email-address", &u->email, changed, err);
	if (e == ERR_OK)
		e = put(im, row, "user-scope", &u->scope, changed, err);
	if (e == ERR_OK)
		e = put(im, row, "department", &u->department, changed, err);
	if (e == ERR_OK)
		e = put_site(im, row, &u->site_id, changed, err);
	if (e == ERR_OK && pin && *pin && !slice_eq(secret_reveal(&u->voicemail_pin), slice_str(pin))) {
		u->voicemail_pin = secret_copy(im->in.arena, slice_str(pin));
		*changed = true;
	}
	return e;
}

static enum err_code scope_check(const char *scope, struct err *err)
{
	static const char *const known[] = { "Super User", "Reseller", "Office Manager", "Site Manager",
		"Field Technician", "Call Center Supervisor", "Call Center Agent", "Advanced User", "Basic User",
		"Simple User", "No Portal" };
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(scope, known[i]) == 0)
			return ERR_OK;
	return err_set(err, ERR_INPUT, "user-scope \"%s\" is not known; \"Basic User\" is the usual one", scope);
}

/* A file may not raise anybody: the scopes above an office manager are given one by one, by somebody who has them. */
static enum err_code take_user(struct import *im, size_t first, size_t *used, const char **result, struct err *err)
{
	struct user_row u = { .ext = cell(im, first, "user"),
		.first_name = "",
		.last_name = "",
		.email = "",
		.scope = "Basic User",
		.status = USER_NEW };
	bool changed = false, there;
	enum err_code e = user_load(im->in.db, im->domain.id, u.ext, im->in.arena, &u, NULL);

	*used = 1;
	there = e == ERR_OK;
	if (e && e != ERR_NOT_FOUND)
		return err_set(err, e, "the user could not be read");
	if (!there)
		u.domain_id = im->domain.id;
	e = put_user(im, first, &u, &changed, err);
	if (e == ERR_OK)
		e = scope_check(u.scope, err);
	if (e == ERR_OK && changed && (strcmp(u.scope, "Super User") == 0 || strcmp(u.scope, "Reseller") == 0))
		e = err_set(
			err, ERR_FORBIDDEN, "user-scope \"%s\" is not given by a file; set it on the user", u.scope);
	if (e == ERR_OK)
		e = inventory_name_check(im->in.rs, u.first_name, u.last_name, err);
	if (e)
		return e;
	*result = !there ? "created" : changed ? "changed" : "same";
	if (!there)
		return inventory_user_add(&im->in, &u, err);
	return changed ? inventory_user_save(&im->in, &im->domain, &u, err) : ERR_OK;
}

/* ---- devices ---- */

static const char *const device_columns[] = { "device", "user", "kind", NULL };

static enum err_code take_device(struct import *im, size_t first, size_t *used, const char **result, struct err *err)
{
	struct device_row d = { .name = cell(im, first, "device"), .kind = DEVICE_DESK };
	const char *kind = cell_or(im, first, "kind", "desk");
	struct user_row u;
	enum err_code e = user_load(im->in.db, im->domain.id, cell_or(im, first, "user", ""), im->in.arena, &u, err);
	struct device_row there;
	int k;

	*used = 1;
	if (e)
		return e;
	for (k = 0; k < DEVICE_IDLE; k++)
		if (strcmp(kind, device_kind_words[k]) == 0)
			break;
	if (k == DEVICE_IDLE)
		return err_set(err, ERR_INPUT, "kind \"%s\" is none of desk, mobile, web, softphone", kind);
	d.kind = (enum device_kind)k;
	if (device_load(im->in.db, im->domain.id, d.name, im->in.arena, &there, NULL) == ERR_OK) {
		if (there.user_id != u.id)
			return err_set(err, ERR_CONFLICT, "device %s belongs to extension %s", d.name, there.ext);
		*result = "same";
		return ERR_OK;
	}
	*result = "created";
	return inventory_device_add(&im->in, &u, &d, err);
}

/* ---- phones ---- */

static const char *const phone_columns[] = { "mac", "model", "site", "line", "device", NULL };

enum { LINES_MAX = 64 };

/* The lines of the rows that follow with the same MAC. */
static enum err_code gather(struct import *im, size_t first, const struct mac *mac, struct inventory_line *lines,
	size_t *n, size_t *used, struct err *err)
{
	struct mac other;
	size_t i;

	*n = 0;
	for (i = first; i < im->n && mac_parse(slice_str(cell(im, i, "mac")), &other) && mac_eq(mac, &other); i++) {
		const char *device = cell_or(im, i, "device", ""), *slot = cell_or(im, i, "line", "");
		char *end;
		long v = *slot ? strtol(slot, &end, 10) : (long)*n + 1;

		if (*device == '\0')
			continue;
		if (*n == LINES_MAX || (*slot && *end) || v < 1 || v > LINES_MAX)
			return err_set(err, ERR_INPUT, "line \"%s\" is no line of a phone; it must be 1 to %d", slot,
				LINES_MAX);
		lines[(*n)++] = (struct inventory_line){ .slot = v, .device = device };
	}
	*used = i - first;
	return ERR_OK;
}

static enum err_code same_lines(struct import *im, const struct phone_row *ph, const struct inventory_line *lines,
	size_t n, bool *same, struct err *err)
{
	struct line_row *now;
	size_t i, k, nnow, people = 0;
	enum err_code e = line_list(im->in.db, ph->id, im->in.arena, &now, &nnow, err);

	*same = true;
	for (i = 0; e == ERR_OK && i < nnow; i++) {
		if (now[i].kind == DEVICE_IDLE)
			continue;
		people++;
		for (k = 0; k < n && (lines[k].slot != now[i].slot || strcmp(lines[k].device, now[i].device) != 0); k++)
			;
		*same &= k < n;
	}
	*same &= people == n;
	return e;
}

static enum err_code take_phone(struct import *im, size_t first, size_t *used, const char **result, struct err *err)
{
	const char *model = cell_or(im, first, "model", "");
	struct inventory_line lines[LINES_MAX];
	struct phone_row ph = { .domain_id = im->domain.id };
	struct mac mac;
	size_t n;
	bool there, changed = false, same = true;
	enum err_code e;

	*used = 1;
	if (!mac_parse(slice_str(cell(im, first, "mac")), &mac))
		return err_set(err, ERR_INPUT, "mac \"%s\" is no MAC address; it has 12 hexadecimal digits",
			cell(im, first, "mac"));
	e = gather(im, first, &mac, lines, &n, used, err);
	if (e)
		return e;
	there = phone_load(im->in.db, &mac, im->in.arena, &ph, NULL) == ERR_OK;
	if (there && ph.domain_id != im->domain.id)
		return err_set(err, ERR_CONFLICT, "this phone is in use elsewhere; move it with rehome");
	e = put_site(im, first, &ph.site_id, &changed, err);
	if (e)
		return e;
	if (!there) {
		*result = "created";
		ph.mac = mac;
		ph.model = model;
		return inventory_phone_add(&im->in, &ph, lines, n, err);
	}
	if (*model && strcmp(model, ph.model) != 0)
		return err_set(
			err, ERR_CONFLICT, "this phone is a %s, not a %s; swap it, or mend the row", ph.model, model);
	e = same_lines(im, &ph, lines, n, &same, err);
	*result = same && !changed ? "same" : "changed";
	if (e == ERR_OK && changed)
		e = phone_save(im->in.db, &ph, err);
	if (e == ERR_OK && changed && same)
		e = inventory_phone_changed(&im->in, &mac, err);
	return e || same ? e : inventory_phone_lines(&im->in, &ph, lines, n, err);
}

static const struct import_kind kinds[] = {
	{ "phones", phone_columns, 2, take_phone },
	{ "devices", device_columns, 2, take_device },
	{ "users", user_columns, 1, take_user },
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* ---- the frame ---- */

static bool has_column(const struct csv_row *head, const char *name)
{
	size_t i;

	for (i = 0; i < head->n; i++)
		if (strcmp(head->cells[i], name) == 0)
			return true;
	return false;
}

static enum err_code find_kind(struct import *im, struct err *err)
{
	size_t k, i, j;

	for (k = 0; k < KINDS; k++) {
		for (i = 0; i < kinds[k].required && has_column(im->head, kinds[k].columns[i]); i++)
			;
		if (i == kinds[k].required)
			break;
	}
	if (k == KINDS)
		return err_set(err, ERR_INPUT,
			"line 1 must name the columns: \"user,name-first-name,…\" for users, \"user,device,kind\" for devices or "
			"\"mac,model,site,line,device\" for phones");
	im->kind = &kinds[k];
	for (i = 0; i < im->head->n; i++) {
		for (j = 0; kinds[k].columns[j] && strcmp(kinds[k].columns[j], im->head->cells[i]) != 0; j++)
			;
		if (kinds[k].columns[j] == NULL)
			return err_set(err, ERR_INPUT, "column \"%s\" is not one of %s; rename or remove it",
				im->head->cells[i], kinds[k].what);
		for (j = 0; j < i; j++)
			if (strcmp(im->head->cells[j], im->head->cells[i]) == 0)
				return err_set(
					err, ERR_INPUT, "column \"%s\" stands twice in line 1", im->head->cells[i]);
	}
	return ERR_OK;
}

struct one {
	struct import *im;
	size_t first, used;
	const char *result;
};

static enum err_code one_fn(struct txn *t, void *arg, struct err *err)
{
	struct one *o = arg;
	struct import *im = o->im;

	im->in.db = t->db;
	o->used = 1;
	if (im->rows[o->first].n > im->head->n)
		return err_set(err, ERR_INPUT,
			"it has %zu cells, line 1 names %zu columns; quote a value that holds a comma",
			im->rows[o->first].n, im->head->n);
	if (*cell(im, o->first, im->kind->columns[0]) == '\0')
		return err_set(err, ERR_INPUT, "%s is empty", im->kind->columns[0]);
	return im->kind->take(im, o->first, &o->used, &o->result, err);
}

static void report_row(struct import *im, const struct one *o, const struct err *why)
{
	size_t i;

	for (i = o->first; i < o->first + o->used; i++) {
		struct import_row *r = &im->report->rows[i];

		r->line = im->rows[i].line;
		r->key = cell(im, i, im->kind->columns[0]);
		r->result = why ? "error" : o->result;
		r->error = why ? arena_strdup(im->in.arena, why->text) : NULL;
	}
	im->report->nerrors += why ? 1 : 0;
}

/* All rows in one transaction, each in a savepoint of its own so that every fault is found; then all or nothing. */
static enum err_code import_fn(struct txn *t, void *arg, struct err *err)
{
	struct import *im = arg;
	enum err_code e = domain_by_name(t->db, im->domain_name, im->in.arena, &im->domain, err);
	size_t i;

	if (e)
		return e;
	im->report->nerrors = 0;
	for (i = 0; i < im->n;) {
		struct one o = { .im = im, .first = i };
		struct err why = { 0 };

		e = txn_nested(t, one_fn, &o, &why);
		if (e == ERR_NOMEM || e == ERR_IO || e == ERR_BUSY)
			return err_set(err, e, "%s", why.text);
		report_row(im, &o, e ? &why : NULL);
		i += o.used;
	}
	if (im->report->nerrors || im->dry_run)
		return err_set(err, ERR_CONFLICT, "nothing is written");
	return ERR_OK;
}

static enum err_code first_error(const struct import_report *r, struct err *err)
{
	size_t i;

	for (i = 0; i < r->nrows; i++)
		if (r->rows[i].error)
			break;
	if (i == r->nrows)
		return ERR_OK;
	return err_set(err, ERR_INPUT, "line %u (%s): %s; nothing was imported, %zu of %zu rows are wrong",
		r->rows[i].line, r->rows[i].key, r->rows[i].error, r->nerrors, r->nrows);
}

enum err_code import_csv(struct reset *rs, const char *domain, struct slice text, bool dry_run, const char *who,
	struct arena *a, struct import_report *out, struct err *err)
{
	struct import im = { .in = { .rs = rs, .arena = a, .who = who, .from = "", .why = "import" },
		.domain_name = domain,
		.report = out,
		.dry_run = dry_run };
	struct csv_row *rows;
	struct err why = { 0 };
	size_t n;
	enum err_code e;

	*out = (struct import_report){ 0 };
	if (!text_is_utf8(text))
		return err_set(err, ERR_INPUT, "the file is not UTF-8; save it as CSV UTF-8");
	e = csv_parse(text, a, &rows, &n, err);
	if (e)
		return e;
	if (n < 2)
		return err_set(err, ERR_INPUT, "the file has no row below its first line, which names the columns");
	im.head = &rows[0];
	im.rows = &rows[1];
	im.n = n - 1;
	e = find_kind(&im, err);
	if (e)
		return e;
	out->what = im.kind->what;
	out->rows = arena_alloc(a, im.n * sizeof(out->rows[0]));
	if (out->rows == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	e = store_write(rs->store, import_fn, &im, &why);
	if (e == ERR_OK || out->nerrors || (dry_run && e == ERR_CONFLICT)) {
		out->nrows = im.n;
		out->written = e == ERR_OK;
		return first_error(out, err);
	}
	return err_set(err, e, "%s", why.text);
}
