/* What a handset keeps, and the life of a handset. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "phonecfg/handset/internal.h"

static enum err_code no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "no memory left for the state of a phone");
}

static bool copy_model(struct handset *hs, const struct handset_model *m)
{
	hs->model = *m;
	hs->model.id = arena_strdup(&hs->arena, m->id ? m->id : "");
	hs->model.common = arena_strdup(&hs->arena, m->common);
	hs->model.part = arena_strdup(&hs->arena, m->part);
	return !arena_failed(&hs->arena);
}

static void open_layers(struct handset *hs)
{
	size_t i;

	for (i = 0; i < HANDSET_LAYERS; i++)
		map_init(&hs->layers[i], &hs->arena);
	hs->stored = 0;
}

struct handset *handset_new(const struct handset_model *model, const struct mac *mac, struct err *err)
{
	struct handset *hs;
	unsigned i;

	if (model->kind >= HANDSET_KINDS) {
		err_set(err, ERR_UNSUPPORTED, "%s is of no vendor whose rules are known here", model->id);
		return NULL;
	}
	hs = mem_zalloc(sizeof(*hs));
	if (!hs) {
		no_memory(err);
		return NULL;
	}
	arena_init(&hs->arena, 0);
	open_layers(hs);
	hs->mac = *mac;
	mac_text(mac, hs->mac_digits);
	for (i = 0; i < HS_NUMBERS; i++)
		snprintf(hs->numbers[i], sizeof(hs->numbers[i]), "%u", i);
	if (!copy_model(hs, model)) {
		handset_free(hs);
		no_memory(err);
		return NULL;
	}
	return hs;
}

void handset_free(struct handset *hs)
{
	if (!hs)
		return;
	arena_release(&hs->arena);
	mem_free(hs);
}

/* One file writes many values in a row: they share its name. */
static const char *source_of(struct handset *hs, const char *source)
{
	if (!hs->last_source || strcmp(hs->last_source, source) != 0)
		hs->last_source = arena_strdup(&hs->arena, source);
	return hs->last_source;
}

/* Puts the values of from, with their pass numbers, into the empty store of to. */
static enum err_code copy_values(struct handset *to, const struct handset *from, struct err *err)
{
	const struct map_entry *e;
	const struct hs_value *v;
	struct hs_value *made;
	const char *key;
	size_t i, k;

	for (i = 0; i < HANDSET_LAYERS; i++) {
		for (k = 0; k < from->layers[i].count; k++) {
			e = &from->layers[i].entries[k];
			v = e->value;
			if (!v->text)
				continue;
			made = arena_alloc(&to->arena, sizeof(*made));
			key = arena_strdup(&to->arena, e->key);
			if (!made || !key || !map_append(&to->layers[i], e, key, made))
				return no_memory(err);
			made->text = arena_strdup(&to->arena, v->text);
			made->source = source_of(to, v->source);
			made->pass = v->pass;
			to->stored += strlen(key) + (made->text ? strlen(made->text) : 0);
		}
	}
	return arena_failed(&to->arena) ? no_memory(err) : ERR_OK;
}

struct handset *handset_clone(const struct handset *hs, struct err *err)
{
	struct handset *c = handset_new(&hs->model, &hs->mac, err);

	if (!c)
		return NULL;
	c->rules = hs->rules;
	c->pass_number = hs->pass_number;
	if (copy_values(c, hs, err)) {
		handset_free(c);
		return NULL;
	}
	return c;
}

static bool share_values(struct map *to, struct arena *a, const struct map *from)
{
	struct hs_value *v = arena_alloc(a, from->count * sizeof(*v));
	size_t i;

	if (v == NULL || !map_copy(to, a, from))
		return false;
	for (i = 0; i < to->count; i++) {
		v[i] = *(const struct hs_value *)to->entries[i].value;
		to->entries[i].value = &v[i];
	}
	return true;
}

struct handset *handset_fork(const struct handset *hs, struct err *err)
{
	struct handset *c = handset_new(&hs->model, &hs->mac, err);
	size_t i;

	if (!c)
		return NULL;
	c->rules = hs->rules;
	c->pass_number = hs->pass_number;
	c->stored = hs->stored;
	c->forked = true;
	for (i = 0; i < HANDSET_LAYERS; i++) {
		if (share_values(&c->layers[i], &c->arena, &hs->layers[i]))
			continue;
		handset_free(c);
		no_memory(err);
		return NULL;
	}
	return c;
}

/* Old values, secrets among them, leave memory: what is live moves to a new arena and the old one is wiped. */
static enum err_code compact(struct handset *hs, struct err *err)
{
	struct handset *c = handset_clone(hs, err);
	struct arena old;
	enum err_code rc;
	size_t i;

	if (!c)
		return ERR_NOMEM;
	for (i = 0; i < hs->nsteps; i++) {
		rc = hs_step(c, hs->steps[i].file, hs->steps[i].status, hs->steps[i].what, hs->steps[i].why, err);
		if (rc) {
			handset_free(c);
			return rc;
		}
	}
	old = hs->arena;
	*hs = *c;
	for (i = 0; i < HANDSET_LAYERS; i++)
		hs->layers[i].arena = &hs->arena;
	arena_release(&old);
	mem_free(c);
	return ERR_OK;
}

const struct handset_model *handset_model(const struct handset *hs)
{
	return &hs->model;
}

const struct mac *handset_mac(const struct handset *hs)
{
	return &hs->mac;
}

struct handset_rules *handset_rules(struct handset *hs)
{
	return &hs->rules;
}

/* ---- values ---- */

enum err_code hs_put(struct handset *hs, enum handset_layer layer, struct slice name, struct slice value,
	const char *source, struct err *err)
{
	struct map *m = &hs->layers[layer];
	char key[HS_NAME_MAX];
	struct hs_value *v = NULL;
	bool held = false;

	if (hs->stored + name.n + value.n > HS_STORE_MAX)
		return err_set(err, ERR_LIMIT,
			"the phone %s holds more than %d bytes of settings; its files cannot be right", hs->mac_digits,
			HS_STORE_MAX);
	if (name.n < sizeof(key)) {
		memcpy(key, name.p, name.n);
		key[name.n] = '\0';
		v = map_get(m, key);
		held = v != NULL;
	} else {
		return ERR_OK; /* no vendor has names of that length: ignored like any unknown name */
	}
	if (!v)
		v = arena_alloc(&hs->arena, sizeof(*v));
	if (!v)
		return no_memory(err);
	v->text = arena_slice(&hs->arena, value);
	v->source = source_of(hs, source ? source : "");
	v->pass = source ? hs->pass_number : 0;
	hs->stored += name.n + value.n;
	if (arena_failed(&hs->arena))
		return no_memory(err);
	if (!held && !map_put(m, arena_strdup(&hs->arena, key), v))
		return no_memory(err);
	return arena_failed(&hs->arena) ? no_memory(err) : ERR_OK;
}

void hs_drop(struct handset *hs, enum handset_layer layer, const char *name)
{
	struct hs_value *v = map_get(&hs->layers[layer], name);

	if (v)
		v->text = NULL;
}

void hs_drop_all(struct handset *hs, enum handset_layer layer)
{
	struct map *m = &hs->layers[layer];
	size_t i;

	for (i = 0; i < m->count; i++)
		((struct hs_value *)m->entries[i].value)->text = NULL;
}

const char *hs_get(const struct handset *hs, enum handset_layer layer, const char *name)
{
	const struct hs_value *v = map_get(&hs->layers[layer], name);

	return v ? v->text : NULL;
}

const char *hs_valuef(const struct handset *hs, const char *fmt, ...)
{
	char name[HS_NAME_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	return handset_value(hs, name);
}

const char *hs_number(const struct handset *hs, unsigned n)
{
	return n < HS_NUMBERS ? hs->numbers[n] : "";
}

static const char *const layer_names[HANDSET_LAYERS] = {
	[HANDSET_FILE] = "file",
	[HANDSET_LOCAL] = "local",
	[HANDSET_WEB] = "web",
	[HANDSET_FLASH] = "flash",
	[HANDSET_DATA] = "data",
	[HANDSET_SEEN] = "seen",
};

const char *handset_layer_name(enum handset_layer layer)
{
	return layer < HANDSET_LAYERS ? layer_names[layer] : "";
}

bool handset_layer_parse(const char *s, enum handset_layer *out)
{
	size_t i;

	for (i = 0; i < HANDSET_LAYERS; i++) {
		if (strcmp(s, layer_names[i]) == 0) {
			*out = (enum handset_layer)i;
			return true;
		}
	}
	return false;
}

bool hs_entry(const struct handset *hs, enum handset_layer layer, size_t i, struct handset_entry *out)
{
	const struct map_entry *e = &hs->layers[layer].entries[i];
	const struct hs_value *v = e->value;

	*out = (struct handset_entry){ layer, e->key, v->text, v->source, v->pass && v->pass == hs->pass_number };
	return v->text != NULL;
}

enum err_code handset_entries(
	const struct handset *hs, struct arena *a, struct handset_entry **v, size_t *n, struct err *err)
{
	size_t i, k, cap = 0;
	struct handset_entry held, *e;

	*v = NULL;
	*n = 0;
	for (i = 0; i < HANDSET_LAYERS; i++) {
		for (k = 0; k < hs->layers[i].count; k++) {
			if (!hs_entry(hs, (enum handset_layer)i, k, &held))
				continue;
			e = arena_push(a, (void **)v, n, &cap, sizeof(*e));
			if (!e)
				return no_memory(err);
			*e = held;
			e->name = arena_strdup(a, held.name);
			e->value = arena_strdup(a, held.value);
			e->source = arena_strdup(a, held.source);
		}
	}
	return arena_failed(a) ? no_memory(err) : ERR_OK;
}

enum err_code handset_restore(struct handset *hs, enum handset_layer layer, const char *name, const char *value,
	const char *source, struct err *err)
{
	struct hs_value *v;
	enum err_code rc = hs_put(hs, layer, slice_str(name), slice_str(value), source, err);

	if (rc)
		return rc;
	v = map_get(&hs->layers[layer], name);
	if (v)
		v->pass = 0;
	return ERR_OK;
}

enum err_code handset_factory_reset(struct handset *hs, struct err *err)
{
	size_t i;

	for (i = 0; i < HANDSET_LAYERS; i++)
		hs_drop_all(hs, (enum handset_layer)i);
	hs->nsteps = 0;
	return compact(hs, err);
}

/* ---- a pass ---- */

enum err_code hs_step(
	struct handset *hs, const char *file, int status, enum handset_step_kind what, const char *why, struct err *err)
{
	struct handset_step *s = arena_push(&hs->arena, (void **)&hs->steps, &hs->nsteps, &hs->cap_steps, sizeof(*s));

	if (!s)
		return no_memory(err);
	s->file = arena_strdup(&hs->arena, file);
	s->status = status;
	s->what = what;
	s->why = why;
	if (s->file)
		return ERR_OK;
	hs->nsteps--;
	return no_memory(err);
}

const struct handset_step *handset_steps(const struct handset *hs, size_t *n)
{
	*n = hs->nsteps;
	return hs->steps;
}

static const struct hs_ops *const ops[HANDSET_KINDS] = {
	[HANDSET_YEALINK] = &hs_yealink,
	[HANDSET_POLYCOM] = &hs_polycom,
	[HANDSET_GRANDSTREAM] = &hs_grandstream,
	[HANDSET_LINPHONE] = &hs_linphone,
	[HANDSET_ACROBITS] = &hs_acrobits,
	[HANDSET_ZOIPER] = &hs_zoiper,
};

enum err_code handset_begin(struct handset *hs, struct err *err)
{
	const struct hs_ops *o = ops[hs->model.kind];

	if (hs->pass.open)
		return err_set(err, ERR_BUG, "this phone is applying files already; end that first");
	memset(&hs->pass, 0, sizeof(hs->pass));
	hs->nsteps = 0;
	hs->pass_number++;
	hs->pass.open = true;
	hs->pass.protect_before = o->protects && o->protects(hs);
	map_init(&hs->pass.present, &hs->arena);
	return ERR_OK;
}

enum err_code handset_apply(struct handset *hs, const char *file, struct slice body, struct err *err)
{
	if (!hs->pass.open)
		return err_set(err, ERR_BUG, "files are applied between begin and end");
	if (body.n > HS_BODY_MAX)
		return hs_step(hs, file, 200, HANDSET_REFUSED, "larger than 1 MB", err);
	return ops[hs->model.kind]->apply(hs, file, body, err);
}

enum err_code handset_end(struct handset *hs, struct err *err)
{
	enum err_code rc;

	if (!hs->pass.open)
		return err_set(err, ERR_BUG, "there is nothing to end; begin first");
	rc = ops[hs->model.kind]->end(hs, err);
	memset(&hs->pass, 0, sizeof(hs->pass));
	return rc || hs->forked ? rc : compact(hs, err);
}

bool hs_fetch(struct handset *hs, struct hs_fetch *f, const char *file, enum err_code *code, struct err *err)
{
	int status;

	buf_reset(&f->body);
	f->body.failed = ERR_OK;
	status = f->fn(f->arg, "GET", file, &f->body);
	if (f->body.failed == ERR_NOMEM) {
		*code = no_memory(err);
		return false;
	}
	if (f->body.failed) {
		*code = hs_step(hs, file, status, HANDSET_REFUSED, "larger than 1 MB", err);
		return false;
	}
	if (status == 200)
		return true;
	*code = hs_step(hs, file, status, HANDSET_ABSENT, "", err);
	return false;
}

enum err_code handset_pull(struct handset *hs, handset_fetch_fn *fetch, void *arg, struct err *err)
{
	struct hs_fetch f = { fetch, arg, { 0 } };
	enum err_code rc, rc_end;

	rc = handset_begin(hs, err);
	if (rc)
		return rc;
	buf_init(&f.body, HS_BODY_MAX);
	rc = ops[hs->model.kind]->pull(hs, &f, err);
	buf_release(&f.body);
	rc_end = handset_end(hs, rc ? NULL : err);
	return rc ? rc : rc_end;
}

/* ---- the vendor's part ---- */

const char *handset_value(const struct handset *hs, const char *name)
{
	return ops[hs->model.kind]->value(hs, name);
}

enum err_code handset_set_local(struct handset *hs, const char *name, const char *value, bool web, struct err *err)
{
	return ops[hs->model.kind]->set_local(hs, name, value, web, err);
}

enum err_code handset_uploads(const struct handset *hs, handset_put_fn *put, void *arg, struct err *err)
{
	const struct hs_ops *op = ops[hs->model.kind];

	return op->uploads ? op->uploads(hs, put, arg, err) : ERR_OK;
}

enum err_code handset_lines(
	const struct handset *hs, struct arena *a, struct handset_line **v, size_t *n, struct err *err)
{
	struct handset_line line, *out;
	unsigned slot;
	size_t cap = 0;

	*v = NULL;
	*n = 0;
	for (slot = 1; slot <= hs->model.accounts; slot++) {
		memset(&line, 0, sizeof(line));
		line.slot = slot;
		line.label = line.display_name = line.user = line.domain = line.auth_user = line.server = line.proxy =
			"";
		if (!ops[hs->model.kind]->line(hs, slot, a, &line))
			continue;
		out = arena_push(a, (void **)v, n, &cap, sizeof(*out));
		if (!out)
			return no_memory(err);
		*out = line;
		if (!*out->auth_user)
			out->auth_user = out->user;
		if (!*out->domain)
			out->domain = out->server;
	}
	return arena_failed(a) ? no_memory(err) : ERR_OK;
}

enum err_code handset_keys(
	const struct handset *hs, struct arena *a, struct handset_key **v, size_t *n, struct err *err)
{
	size_t cap = 0;

	*v = NULL;
	*n = 0;
	if (ops[hs->model.kind]->keys(hs, a, v, n, &cap) && !arena_failed(a))
		return ERR_OK;
	return no_memory(err);
}

void handset_credentials(const struct handset *hs, struct handset_credentials *out)
{
	out->url = out->user = "";
	out->password = (struct secret){ NULL, 0 };
	ops[hs->model.kind]->credentials(hs, out);
}

void handset_notify(const struct handset *hs, struct slice event, struct handset_reaction *out)
{
	struct slice params = event, package = slice_trim(slice_cut(&params, ';'));

	memset(out, 0, sizeof(*out));
	out->realm = "";
	out->status = 489;
	ops[hs->model.kind]->notify(hs, package, params, out);
}
