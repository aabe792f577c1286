#include "provisioning/api/report_page.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/file.h"
#include "phonecfg/base/mem.h"
#include "phonecfg/template/template.h"
#include "provisioning/api/report_words.h"

enum { FILE_MAX = 64 * 1024, PATH_LEN = 1024, NAME_ROOM = 32 };

static const char *const files[REPORT_PART_COUNT] = { "head", "open-head", "open", "users-head", "users", "phones-head",
	"phones", "proofs-head", "proofs", "written-head", "written", "section-end", "foot" };

struct report_page {
	struct template *parts[REPORT_PART_COUNT];
};

/* ---- rows as values ---- */

static void put(struct tval *v, const char *name, struct arena *a, const char *text)
{
	tval_put_str(v, name, report_text(a, text));
}

static const char *some_users(int64_t n, const char *what, struct arena *a)
{
	return n ? arena_printf(a, "%lld %s %s", (long long)n, n == 1 ? "user" : "users", what) : "";
}

static struct tval *head_value(const struct report_head *h, struct arena *a)
{
	struct tval *v = tval_object(a), *options = tval_list(a);
	size_t i;

	put(v, "version", a, REKEY_VERSION);
	put(v, "title", a, h->title);
	put(v, "domain", a, h->domain);
	put(v, "state", a, h->state);
	put(v, "who", a, h->who);
	put(v, "from", a, h->from);
	put(v, "zone", a, h->zone);
	put(v, "viewer", a, h->viewer);
	put(v, "now", a, h->now);
	put(v, "ordered", a, h->ordered);
	put(v, "scheduled", a, h->scheduled);
	put(v, "started", a, h->started);
	put(v, "ended", a, h->ended);
	tval_put_int(v, "job", h->job);
	tval_put_int(v, "users", h->users);
	tval_put_int(v, "users_done", h->users_done);
	put(v, "failed", a, some_users(h->users_failed, "failed", a));
	put(v, "cancelled", a, some_users(h->users_cancelled, "cancelled", a));
	tval_put_int(v, "handovers", h->handovers);
	tval_put_int(v, "confirmed", h->confirmed);
	tval_put_int(v, "open", h->open);
	tval_put_int(v, "written_off", h->written_off);
	tval_put_bool(v, "cut_off", h->cut_off);
	for (i = 0; i < h->noptions; i++)
		tval_push(options, tval_text(a, slice_str(h->options[i])));
	tval_put(v, "options", options);
	return v;
}

static struct tval *frame_value(int64_t n, bool registrar, struct arena *a)
{
	struct tval *v = tval_object(a);

	tval_put_bool(v, "no_registrar", !registrar);
	tval_put_int(v, "open", n);
	tval_put_bool(v, "table", n != 0);
	return v;
}

static void put_facts(struct tval *v, const struct record_row *r, const char *zone, struct arena *a)
{
	struct tval *list = tval_list(a);
	const char *at = "", *reason = "";
	size_t i;

	for (i = 0; i < r->nfacts; i++) {
		const struct fact_row *f = &r->facts[i];
		const char *text = report_fact(r, f->fact);
		struct tval *one;

		if (strcmp(f->fact, record_fact_word(FACT_WRITTEN_OFF)) == 0) {
			at = report_time(a, f->at_ms, zone);
			reason = f->evidence;
		}
		if (text == NULL)
			continue;
		one = tval_object(a);
		put(one, "fact", a, text);
		put(one, "at", a, report_time(a, f->at_ms, zone));
		put(one, "evidence", a, f->evidence);
		tval_push(list, one);
	}
	tval_put(v, "facts", list);
	put(v, "at", a, at);
	put(v, "reason", a, reason);
}

/* A sentence each; the page says once that there is no registrar. */
static struct tval *missing_value(const struct record_row *r, const struct report_view *view, struct arena *a)
{
	const struct facts facts = record_facts(r, view->registrar);
	struct slice rest = slice_str(record_missing(&facts, a));
	struct tval *list = tval_list(a);

	while (rest.n) {
		struct slice one = slice_trim(slice_cut(&rest, ';'));

		if (!slice_eq_str(one, RECORD_NO_REGISTRAR))
			tval_push(list, tval_text(a, one));
	}
	return list;
}

static struct tval *record_value(const struct record_row *r, const struct report_view *view, struct arena *a)
{
	struct tval *v = tval_object(a);

	tval_put_int(v, "id", r->id);
	put(v, "mac", a, r->mac);
	tval_put_int(v, "line", *r->mac ? r->slot : 0);
	put(v, "device", a, r->device);
	put(v, "user", a, r->ext);
	put(v, "kind", a, report_kind(r->kind));
	put(v, "state", a, report_state(a, r->state));
	put(v, "look", a, report_look(r->state));
	put(v, "by", a, r->closed_by);
	tval_put(v, "missing", missing_value(r, view, a));
	put_facts(v, r, view->zone, a);
	return v;
}

/* {"lines-removed": 1, …} as sentences. */
static struct tval *steps_value(const char *text, struct arena *a)
{
	struct tval *list = tval_list(a);
	json_t *steps = *text ? json_loads(text, 0, NULL) : NULL, *n;
	const char *word;

	json_object_foreach (steps, word, n) {
		const char *sentence = report_step(a, word, json_integer_value(n));

		if (sentence)
			tval_push(list, tval_text(a, slice_str(report_text(a, sentence))));
	}
	json_decref(steps);
	return list;
}

static struct tval *user_value(const struct job_user_row *u, const struct report_view *view, struct arena *a)
{
	struct tval *v = tval_object(a);

	put(v, "user", a, u->ext);
	put(v, "state", a, report_state(a, u->state));
	put(v, "look", a, report_look(u->state));
	put(v, "ended", a, report_time(a, u->ended_ms, view->zone));
	put(v, "error", a, u->error);
	tval_put(v, "steps", steps_value(u->steps, a));
	return v;
}

static struct tval *phone_value(const struct report_phone *p, struct arena *a)
{
	struct tval *v = tval_object(a);

	put(v, "mac", a, p->mac);
	put(v, "model", a, p->model);
	put(v, "site", a, p->site);
	put(v, "reach", a, p->reach);
	return v;
}

/* ---- filling ---- */

static enum err_code fill(const struct report_page *p, enum report_part part, struct tval *v, struct arena *a,
	struct buf *out, struct err *err)
{
	if (arena_failed(a))
		return err_set(err, ERR_NOMEM, "there is no memory for the report");
	return template_render(p->parts[part], v, out, err);
}

enum err_code report_head(
	const struct report_page *p, const struct report_head *h, struct arena *a, struct buf *out, struct err *err)
{
	return fill(p, REPORT_HEAD, head_value(h, a), a, out, err);
}

enum err_code report_frame(const struct report_page *p, enum report_part part, int64_t n, bool registrar,
	struct arena *a, struct buf *out, struct err *err)
{
	return fill(p, part, frame_value(n, registrar, a), a, out, err);
}

enum err_code report_records(const struct report_page *p, enum report_part part, const struct report_view *view,
	const struct record_row *rows, size_t n, struct arena *a, struct buf *out, struct err *err)
{
	struct tval *v = tval_object(a), *list = tval_list(a);
	size_t i;

	for (i = 0; i < n; i++)
		tval_push(list, record_value(&rows[i], view, a));
	tval_put(v, "records", list);
	return fill(p, part, v, a, out, err);
}

enum err_code report_users(const struct report_page *p, const struct report_view *view, const struct job_user_row *rows,
	size_t n, struct arena *a, struct buf *out, struct err *err)
{
	struct tval *v = tval_object(a), *list = tval_list(a);
	size_t i;

	for (i = 0; i < n; i++)
		tval_push(list, user_value(&rows[i], view, a));
	tval_put(v, "users", list);
	return fill(p, REPORT_USERS, v, a, out, err);
}

enum err_code report_phones(const struct report_page *p, const struct report_phone *rows, size_t n, struct arena *a,
	struct buf *out, struct err *err)
{
	struct tval *v = tval_object(a), *list = tval_list(a);
	size_t i;

	for (i = 0; i < n; i++)
		tval_push(list, phone_value(&rows[i], a));
	tval_put(v, "phones", list);
	return fill(p, REPORT_PHONES, v, a, out, err);
}

/* ---- the templates ---- */

/* Every name that a part may use, by filling one of each sort. */
static struct tval *example(enum report_part part, struct arena *a)
{
	static const char *const options[] = { "option" };
	struct fact_row facts[] = { { "told", 1, "evidence" } };
	const struct record_row record = { .kind = "unassigned",
		.mac = "001565aabb01",
		.slot = 1,
		.device = "1001",
		.ext = "1001",
		.state = "open",
		.closed_by = "",
		.facts = facts,
		.nfacts = 1 };
	const struct job_user_row user = { .ext = "1001", .state = "done", .error = "", .steps = "{\"phones\": 1}" };
	const struct report_phone phone = { "001565aabb01", "model", "site", "reach" };
	const struct report_head head = { .options = options, .noptions = 1 };
	const struct report_view view = { .registrar = true };
	struct tval *v = tval_object(a), *list = tval_list(a);

	switch (part) {
	case REPORT_HEAD:
		return head_value(&head, a);
	case REPORT_OPEN:
	case REPORT_PROOFS:
	case REPORT_WRITTEN:
		tval_push(list, record_value(&record, &view, a));
		tval_put(v, "records", list);
		return v;
	case REPORT_USERS:
		tval_push(list, user_value(&user, &view, a));
		tval_put(v, "users", list);
		return v;
	case REPORT_PHONES:
		tval_push(list, phone_value(&phone, a));
		tval_put(v, "phones", list);
		return v;
	default:
		return frame_value(1, true, a);
	}
}

static enum err_code slurp(const char *dir, const char *name, struct buf *out, struct err *err)
{
	char path[PATH_LEN + NAME_ROOM];

	snprintf(path, sizeof(path), "%s/%s.mustache", dir, name);
	return file_read(path, out, err);
}

static enum err_code compile(struct report_page *p, enum report_part part, const char *dir, struct err *err)
{
	struct template_options options = { .escape = ESCAPE_HTML, .no_raw = true };
	char name[80];
	struct arena a;
	struct buf text;
	enum err_code e;

	arena_init(&a, 0);
	buf_init(&text, FILE_MAX);
	snprintf(name, sizeof(name), "report/%s.mustache", files[part]);
	e = slurp(dir, files[part], &text, err);
	options.schema = example(part, &a);
	if (e == ERR_OK && arena_failed(&a))
		e = err_set(err, ERR_NOMEM, "there is no memory for the templates of the report");
	if (e == ERR_OK)
		e = template_compile(buf_view(&text), name, &options, &p->parts[part], err);
	buf_release(&text);
	arena_release(&a);
	return e;
}

enum err_code report_page_open(const char *templates, struct report_page **out, struct err *err)
{
	struct report_page *p = mem_zalloc(sizeof(*p));
	char dir[PATH_LEN];
	enum err_code e = ERR_OK;
	unsigned i;

	if (p == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (snprintf(dir, sizeof(dir), "%s/report", templates) >= (int)sizeof(dir) - NAME_ROOM)
		e = err_set(err, ERR_LIMIT, "the path of the templates is too long");
	for (i = 0; e == ERR_OK && i < REPORT_PART_COUNT; i++)
		e = compile(p, (enum report_part)i, dir, err);
	if (e)
		report_page_close(p);
	else
		*out = p;
	return e;
}

void report_page_close(struct report_page *p)
{
	unsigned i;

	if (p == NULL)
		return;
	for (i = 0; i < REPORT_PART_COUNT; i++)
		template_free(p->parts[i]);
	mem_free(p);
}
