/* A struct phone as bytes and back: fields in a fixed order, each a length and its bytes. The store seals the result,
 * so secrets stand in it as they are. */
#include "provisioning/reset/desk.h"

#include <string.h>

enum { PACK_VERSION = 1, TEXT_NONE = 0xffff };

/* One walk over the fields serves both directions, so that they cannot differ. */
struct walk {
	struct buf *out;      /* writing */
	struct slice in;      /* reading */
	struct arena *arena;  /* reading */
	bool writing, failed; /* failed: the bytes end too early, or memory ran out */
};

static void bytes(struct walk *w, void *p, size_t n)
{
	if (w->writing) {
		buf_add(w->out, p, n);
		return;
	}
	if (w->failed || w->in.n < n) {
		w->failed = true;
		memset(p, 0, n);
		return;
	}
	memcpy(p, w->in.p, n);
	w->in.p += n;
	w->in.n -= n;
}

static void number(struct walk *w, uint64_t *v)
{
	unsigned char b[8];
	int i;

	for (i = 0; i < 8; i++)
		b[i] = (unsigned char)(*v >> (56 - 8 * i));
	bytes(w, b, sizeof(b));
	for (*v = 0, i = 0; i < 8; i++)
		*v = *v << 8 | b[i];
}

static void count(struct walk *w, size_t *n)
{
	uint64_t v = *n;

	number(w, &v);
	*n = (size_t)v;
}

static void small(struct walk *w, unsigned *n)
{
	uint64_t v = *n;

	number(w, &v);
	*n = (unsigned)v;
}

static void flag(struct walk *w, bool *b)
{
	unsigned char c = *b;

	bytes(w, &c, 1);
	*b = c != 0;
}

/* Every enum of the model is small; what is out of range is refused. */
static unsigned choice(struct walk *w, unsigned value, unsigned limit)
{
	unsigned char c = (unsigned char)value;

	bytes(w, &c, 1);
	if (c < limit)
		return c;
	w->failed = true;
	return 0;
}

static void text(struct walk *w, const char **s)
{
	size_t n = *s ? strlen(*s) : TEXT_NONE;
	unsigned char b[2] = { (unsigned char)(n >> 8), (unsigned char)n };
	char *copy;

	if (w->writing && *s && n >= TEXT_NONE) {
		w->failed = true;
		return;
	}
	bytes(w, b, sizeof(b));
	n = (size_t)b[0] << 8 | b[1];
	if (n == TEXT_NONE) {
		*s = NULL;
		return;
	}
	if (w->writing) {
		buf_add(w->out, *s, n);
		return;
	}
	copy = w->failed || n > w->in.n ? NULL : arena_strndup(w->arena, w->in.p, n);
	*s = copy;
	if (copy == NULL) {
		w->failed = true;
		return;
	}
	w->in.p += n;
	w->in.n -= n;
}

static void hidden(struct walk *w, struct secret *s)
{
	const char *p = s->bytes;

	text(w, &p);
	*s = (struct secret){ p, p ? strlen(p) : 0 };
}

static void *rows(struct walk *w, void *v, size_t *n, size_t size)
{
	count(w, n);
	if (w->writing)
		return v;
	if (*n > w->in.n) /* a row takes at least one byte */
		w->failed = true;
	v = w->failed ? NULL : arena_alloc(w->arena, (*n + 1) * size);
	if (v == NULL) {
		w->failed = true;
		*n = 0;
	}
	return v;
}

static void walk_account(struct walk *w, struct account *acc)
{
	small(w, &acc->slot);
	acc->use = choice(w, acc->use, ACCOUNT_USE_COUNT);
	text(w, &acc->label);
	text(w, &acc->display_name);
	text(w, &acc->user);
	text(w, &acc->auth_user);
	hidden(w, &acc->password);
	text(w, &acc->domain);
	text(w, &acc->server);
	small(w, &acc->port);
	acc->transport = choice(w, acc->transport, TRANSPORT_COUNT);
	text(w, &acc->proxy);
	small(w, &acc->proxy_port);
	small(w, &acc->expires_s);
	text(w, &acc->voicemail);
	flag(w, &acc->shared);
}

static void walk_key(struct walk *w, struct key *k)
{
	small(w, &k->module);
	small(w, &k->index);
	k->type = choice(w, k->type, KEY_TYPE_COUNT);
	small(w, &k->slot);
	text(w, &k->value);
	text(w, &k->label);
	text(w, &k->pickup);
	k->owner = choice(w, k->owner, KEY_OWNER_COUNT);
}

static void walk_phone(struct walk *w, struct phone *ph)
{
	size_t i;

	bytes(w, ph->mac.b, sizeof(ph->mac.b));
	text(w, &ph->model);
	number(w, &ph->generation);
	text(w, &ph->domain);
	text(w, &ph->timezone);
	text(w, &ph->ntp);
	text(w, &ph->language);
	text(w, &ph->prov.url);
	text(w, &ph->prov.user);
	hidden(w, &ph->prov.password);
	flag(w, &ph->prov.write_login);
	hidden(w, &ph->admin_password);
	hidden(w, &ph->user_password);
	small(w, &ph->poll_minutes);
	text(w, &ph->ca_url);
	hidden(w, &ph->filler);
	ph->accounts = rows(w, ph->accounts, &ph->naccounts, sizeof(*ph->accounts));
	for (i = 0; i < ph->naccounts; i++)
		walk_account(w, &ph->accounts[i]);
	ph->keys = rows(w, ph->keys, &ph->nkeys, sizeof(*ph->keys));
	for (i = 0; i < ph->nkeys; i++)
		walk_key(w, &ph->keys[i]);
	ph->overrides = rows(w, ph->overrides, &ph->noverrides, sizeof(*ph->overrides));
	for (i = 0; i < ph->noverrides; i++) {
		ph->overrides[i].layer = choice(w, ph->overrides[i].layer, LAYER_COUNT);
		text(w, &ph->overrides[i].name);
		text(w, &ph->overrides[i].value);
	}
}

enum err_code desk_pack(const struct phone *phone, struct buf *out, struct err *err)
{
	struct walk w = { .out = out, .writing = true };
	struct phone copy = *phone; /* the walk writes back what it wrote out */
	unsigned version = PACK_VERSION;

	small(&w, &version);
	walk_phone(&w, &copy);
	if (w.failed)
		return err_set(err, ERR_LIMIT, "A value of the phone is too long for its snapshot.");
	return buf_check(out, "the snapshot of a phone", err);
}

enum err_code desk_unpack(struct slice in, struct arena *a, struct phone *out, struct err *err)
{
	struct walk w = { .in = in, .arena = a };
	unsigned version = 0;

	memset(out, 0, sizeof(*out));
	small(&w, &version);
	if (version != PACK_VERSION)
		return err_set(err, ERR_INPUT, "The snapshot was written by another version; it is made anew.");
	walk_phone(&w, out);
	if (w.failed)
		return err_set(err, ERR_INPUT, "The snapshot of the phone is cut short; it is made anew.");
	return ERR_OK;
}
