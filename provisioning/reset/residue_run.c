#include "provisioning/reset/residue_run.h"

#include <string.h>

enum { STATUS_OK = 200, STATUS_NOT_FOUND = 404, STATUS_BROKEN = 500 };

/* Who answers the simulated phone, and with what. */
struct server {
	const struct residue_order *order;
	const struct phone *phone;
	bool uploads; /* what it sent is still kept */
	/* What was rendered once: every reading pulls the same bytes. */
	struct rendered {
		bool known;
		struct buf body;
	} rendered[FILE_KIND_COUNT];
};

static void server_end(struct server *s)
{
	size_t i;

	for (i = 0; i < FILE_KIND_COUNT; i++)
		if (s->rendered[i].known)
			buf_release(&s->rendered[i].body);
}

static struct slice last_segment(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slice_str(slash ? slash + 1 : name);
}

static const struct residue_upload *uploaded(const struct server *s, const struct vendor_file *file)
{
	size_t i;

	for (i = 0; s->uploads && i < s->order->nuploads; i++)
		if (strcmp(s->order->uploads[i].name, file->name) == 0)
			return &s->order->uploads[i];
	return NULL;
}

static int serve(struct server *s, enum file_kind kind, struct buf *body)
{
	struct rendered *r = &s->rendered[kind];
	struct vendor_left left;
	enum err_code code;

	if (r->known) {
		buf_slice(body, buf_view(&r->body));
		return STATUS_OK;
	}
	code = vendor_serve(s->order->renderer, s->order->profile, s->phone, kind, body, &left, NULL);
	if (code)
		return code == ERR_NOT_FOUND ? STATUS_NOT_FOUND : STATUS_BROKEN;
	buf_init(&r->body, body->max);
	buf_slice(&r->body, buf_view(body));
	r->known = r->body.failed == ERR_OK;
	if (!r->known)
		buf_release(&r->body);
	return STATUS_OK;
}

static int fetch(void *arg, const char *method, const char *name, struct buf *body)
{
	struct server *s = arg;
	const struct vendor_file *file;
	const struct residue_upload *up;
	struct file_request rq;

	(void)method;
	if (s->order->profile->softphone)
		rq.kind = FILE_SOFTPHONE; /* one file, behind whatever address it was given */
	else if (!vendor_parse_file(last_segment(name), &rq))
		return STATUS_NOT_FOUND;
	file = vendor_file(s->order->profile->vendor, rq.kind);
	if (file == NULL || file->answer == ANSWER_NOT_FOUND)
		return STATUS_NOT_FOUND;
	up = file->answer == ANSWER_UPLOADED ? uploaded(s, file) : NULL;
	if (up) {
		buf_slice(body, up->body);
		return STATUS_OK;
	}
	return serve(s, rq.kind, body);
}

static enum err_code pull(struct handset *hs, void *arg, struct err *err)
{
	return handset_pull(hs, fetch, arg, err);
}

/* ---- what the new model itself holds ---- */

struct kept {
	const char **v;
	size_t n, cap;
	struct arena *arena;
};

static void keep(struct kept *k, const char *text)
{
	const char **slot;

	if (text == NULL || *text == '\0')
		return;
	slot = arena_push(k->arena, (void **)&k->v, &k->n, &k->cap, sizeof(*slot));
	if (slot)
		*slot = text;
}

static void keep_phone(struct kept *k, const struct phone *ph)
{
	size_t i;

	for (i = 0; i < ph->naccounts; i++) {
		keep(k, ph->accounts[i].label);
		keep(k, ph->accounts[i].display_name);
		keep(k, ph->accounts[i].user);
		keep(k, ph->accounts[i].auth_user);
		keep(k, ph->accounts[i].password.bytes);
		keep(k, ph->accounts[i].voicemail);
	}
	for (i = 0; i < ph->nkeys; i++) {
		keep(k, ph->keys[i].label);
		keep(k, ph->keys[i].value);
		keep(k, ph->keys[i].pickup);
	}
	for (i = 0; i < ph->noverrides; i++)
		keep(k, ph->overrides[i].value);
	keep(k, ph->domain);
	keep(k, ph->prov.url);
	keep(k, ph->prov.user);
	keep(k, ph->prov.password.bytes);
	keep(k, ph->ca_url);
	keep(k, ph->ntp);
	keep(k, ph->timezone);
	keep(k, ph->language);
	keep(k, ph->admin_password.bytes);
	keep(k, ph->user_password.bytes);
}

/* ---- what was taken away ---- */

static void take(struct arena *a, struct residue_query *q, size_t *cap, struct residue_place place)
{
	struct residue_place *p = arena_push(a, (void **)(uintptr_t)&q->taken, &q->ntaken, cap, sizeof(*p));

	if (p)
		*p = place;
}

static void find_taken(const struct residue_order *o, struct arena *a, struct residue_query *q)
{
	size_t cap = 0, i;

	for (i = 0; o->before && i < o->before->naccounts; i++) {
		const struct account *was = &o->before->accounts[i], *is = phone_account(o->after, was->slot);

		if (was->use == ACCOUNT_LINE && (is == NULL || is->use == ACCOUNT_NONE || strcmp(is->user, was->user)))
			take(a, q, &cap, (struct residue_place){ .index = was->slot });
	}
	for (i = 0; o->before && i < o->before->nkeys; i++) {
		const struct key *was = &o->before->keys[i];

		if (phone_key(o->after, was->module, was->index) == NULL)
			take(a, q, &cap, (struct residue_place){ true, was->module, was->index });
	}
}

/* The secrets that the phone held join the words of the person. */
static const struct residue_word *all_words(const struct residue_order *o, struct arena *a, size_t *n)
{
	size_t most = o->nwords + (o->before ? o->before->naccounts : 0), i;
	struct residue_word *w = arena_alloc(a, (most + 1) * sizeof(*w));

	*n = 0;
	if (w == NULL)
		return NULL;
	for (i = 0; i < o->nwords; i++)
		w[(*n)++] = o->words[i];
	for (i = 0; o->before && i < o->before->naccounts; i++)
		if (secret_set(&o->before->accounts[i].password))
			w[(*n)++] = (struct residue_word){ RESIDUE_SECRET,
				secret_reveal(&o->before->accounts[i].password).p };
	return w;
}

static enum err_code simulate(
	const struct residue_order *o, struct handset *hs, struct arena *a, struct residue_list *out, struct err *err)
{
	struct server old = { .order = o, .phone = o->before, .uploads = true };
	struct server now = { .order = o, .phone = o->after };
	struct residue_query q = { 0 };
	struct kept kept = { .arena = a };
	enum err_code code = o->before ? handset_pull(hs, fetch, &old, err) : ERR_OK;

	server_end(&old);
	if (code)
		return code;
	keep_phone(&kept, o->after);
	find_taken(o, a, &q);
	q.words = all_words(o, a, &q.nwords);
	q.kept = kept.v;
	q.nkept = kept.n;
	if (arena_failed(a))
		return err_set(err, ERR_NOMEM, "There is no memory to look for what a person left behind.");
	code = residue_check(hs, pull, &now, &q, a, out, err);
	server_end(&now);
	return code;
}

/* What one more phone would keep that those before it do not. */
static enum err_code add_new(
	struct residue_list *out, const struct residue_list *found, const char *birth, struct arena *a, struct err *err)
{
	for (size_t i = 0; i < found->n; i++) {
		struct residue *slot;
		size_t k = 0;

		while (k < out->n && (out->v[k].layer != found->v[i].layer ||
					     strcmp(out->v[k].parameter, found->v[i].parameter) != 0))
			k++;
		if (k < out->n)
			continue;
		slot = arena_push(a, (void **)&out->v, &out->n, &out->cap, sizeof(*slot));
		if (slot == NULL)
			return err_set(err, ERR_NOMEM, "There is no memory to look for what a person left behind.");
		*slot = found->v[i];
		slot->rule = slot->rule ? slot->rule : birth;
	}
	return ERR_OK;
}

/* A phone from its first file on; birth: what it may be, NULL = what the better source says. */
static enum err_code one_life(const struct residue_order *order, const struct handset_model *model,
	const struct handset_rule_name *birth, struct arena *a, struct residue_list *out, struct err *err)
{
	struct handset *hs = handset_new(model, &order->after->mac, err);
	struct residue_list found;
	enum err_code code;

	if (hs == NULL)
		return ERR_NOMEM;
	if (birth)
		*(bool *)((char *)handset_rules(hs) + birth->offset) = true;
	code = simulate(order, hs, a, &found, err);
	handset_free(hs);
	return code ? code : add_new(out, &found, birth ? birth->name : NULL, a, err);
}

enum err_code residue_run(const struct residue_order *order, struct arena *a, struct residue_list *out, struct err *err)
{
	const struct handset_rule_name *r = handset_rule_names();
	struct handset_model model;
	enum err_code code;

	*out = (struct residue_list){ 0 };
	if (!handset_model_of(order->profile, &model))
		return ERR_OK;
	handset_model_runs(&model, order->profile, order->after->firmware);
	code = one_life(order, &model, NULL, a, out, err);
	for (; code == ERR_OK && model.either && r->name; r++)
		if (r->from_birth && r->kind == model.kind)
			code = one_life(order, &model, r, a, out, err);
	return code;
}
