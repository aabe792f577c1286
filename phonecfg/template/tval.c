#include "phonecfg/template/tval.h"

#include <string.h>

enum { SHARED_INTS = 256 };

#define INT1(n)                                                                                                        \
	{                                                                                                              \
		.kind = TVAL_INT, .as.integer = (n)                                                                    \
	}
#define INT4(n) INT1(n), INT1((n) + 1), INT1((n) + 2), INT1((n) + 3)
#define INT16(n) INT4(n), INT4((n) + 4), INT4((n) + 8), INT4((n) + 12)
#define INT64(n) INT16(n), INT16((n) + 16), INT16((n) + 32), INT16((n) + 48)

/* Nobody writes to these; they are not const because a tree's values are not. */
static struct tval ints[SHARED_INTS] = { INT64(0), INT64(64), INT64(128), INT64(192) };
static struct tval no_value = { .kind = TVAL_NULL };
static struct tval truths[2] = { { .kind = TVAL_BOOL, .as.truth = false }, { .kind = TVAL_BOOL, .as.truth = true } };
static struct tval no_text = { .kind = TVAL_TEXT, .as.text = { "", 0 } };

static struct tval *make(struct arena *a, enum tval_kind kind)
{
	struct tval *v = arena_alloc(a, sizeof(*v));

	if (v)
		v->kind = kind;
	return v;
}

struct tval *tval_null(struct arena *a)
{
	return arena_failed(a) ? NULL : &no_value;
}

struct tval *tval_bool(struct arena *a, bool v)
{
	return arena_failed(a) ? NULL : &truths[v];
}

struct tval *tval_int(struct arena *a, long long v)
{
	struct tval *t;

	if (v >= 0 && v < SHARED_INTS)
		return arena_failed(a) ? NULL : &ints[v];
	t = make(a, TVAL_INT);
	if (t)
		t->as.integer = v;
	return t;
}

struct tval *tval_number(struct arena *a, double v)
{
	struct tval *t = make(a, TVAL_NUMBER);

	if (t)
		t->as.number = v;
	return t;
}

/* The text stands behind its value, NUL-terminated. */
static struct tval *make_text(struct arena *a, struct slice v, bool secret)
{
	struct tval *t = arena_alloc(a, sizeof(*t) + v.n + 1);

	if (!t)
		return NULL;
	t->kind = TVAL_TEXT;
	t->secret = secret;
	t->as.text = (struct slice){ v.n ? memcpy(t + 1, v.p, v.n) : (const void *)(t + 1), v.n };
	return t;
}

struct tval *tval_text(struct arena *a, struct slice v)
{
	if (!v.n)
		return arena_failed(a) ? NULL : &no_text;
	return make_text(a, v, false);
}

/* NULL gives a null value. */
static struct tval *tval_str(struct arena *a, const char *v)
{
	return v ? tval_text(a, slice_str(v)) : tval_null(a);
}

struct tval *tval_secret(struct arena *a, const struct secret *v)
{
	return make_text(a, secret_reveal(v), true);
}

struct tval *tval_list(struct arena *a)
{
	struct tval *t = make(a, TVAL_LIST);

	if (t)
		t->as.list.arena = a;
	return t;
}

struct tval *tval_object(struct arena *a)
{
	struct tval *t = make(a, TVAL_OBJECT);

	if (t)
		t->as.object.arena = a;
	return t;
}

void tval_put(struct tval *object, const char *name, struct tval *v)
{
	struct tval_member *m;

	if (object == NULL || object->kind != TVAL_OBJECT || name == NULL || v == NULL)
		return;
	m = arena_push(object->as.object.arena, (void **)&object->as.object.entries, &object->as.object.count,
		&object->as.object.cap, sizeof(*m));
	if (m)
		*m = (struct tval_member){ name, v };
}

void tval_put_bool(struct tval *object, const char *name, bool v)
{
	if (object && object->kind == TVAL_OBJECT)
		tval_put(object, name, tval_bool(object->as.object.arena, v));
}

void tval_put_int(struct tval *object, const char *name, long long v)
{
	if (object && object->kind == TVAL_OBJECT)
		tval_put(object, name, tval_int(object->as.object.arena, v));
}

void tval_put_str(struct tval *object, const char *name, const char *v)
{
	if (object && object->kind == TVAL_OBJECT)
		tval_put(object, name, tval_str(object->as.object.arena, v));
}

void tval_push(struct tval *list, struct tval *v)
{
	struct tval **slot;

	if (list == NULL || list->kind != TVAL_LIST || v == NULL)
		return;
	slot = arena_push(list->as.list.arena, (void **)&list->as.list.items, &list->as.list.count, &list->as.list.cap,
		sizeof(struct tval *));
	if (slot)
		*slot = v;
}

struct tval *tval_get(const struct tval *object, const char *name)
{
	size_t i;

	if (object == NULL || object->kind != TVAL_OBJECT)
		return NULL;
	for (i = object->as.object.count; i-- > 0;) {
		const char *key = object->as.object.entries[i].key;

		if (key == name || (key[0] == name[0] && strcmp(key, name) == 0))
			return object->as.object.entries[i].value;
	}
	return NULL;
}

bool tval_truthy(const struct tval *v)
{
	if (v == NULL)
		return false;
	switch (v->kind) {
	case TVAL_BOOL:
		return v->as.truth;
	case TVAL_INT:
		return v->as.integer != 0;
	case TVAL_NUMBER:
		return v->as.number < 0 || v->as.number > 0; /* neither zero nor not-a-number */
	case TVAL_TEXT:
		return v->as.text.n > 0;
	case TVAL_LIST:
		return v->as.list.count > 0;
	case TVAL_OBJECT:
		return true;
	case TVAL_NULL:
		break;
	}
	return false;
}
