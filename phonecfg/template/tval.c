#include "phonecfg/template/tval.h"

static struct tval *make(struct arena *a, enum tval_kind kind)
{
	struct tval *v = arena_alloc(a, sizeof(*v));

	if (v)
		v->kind = kind;
	return v;
}

struct tval *tval_null(struct arena *a)
{
	return make(a, TVAL_NULL);
}

struct tval *tval_bool(struct arena *a, bool v)
{
	struct tval *t = make(a, TVAL_BOOL);

	if (t)
		t->as.truth = v;
	return t;
}

struct tval *tval_int(struct arena *a, long long v)
{
	struct tval *t = make(a, TVAL_INT);

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

struct tval *tval_text(struct arena *a, struct slice v)
{
	struct tval *t = make(a, TVAL_TEXT);
	const char *p = arena_slice(a, v);

	if (t == NULL || p == NULL)
		return NULL;
	t->as.text = (struct slice){ p, v.n };
	return t;
}

/* NULL gives a null value. */
static struct tval *tval_str(struct arena *a, const char *v)
{
	return v ? tval_text(a, slice_str(v)) : tval_null(a);
}

struct tval *tval_secret(struct arena *a, const struct secret *v)
{
	struct tval *t = tval_text(a, secret_reveal(v));

	if (t)
		t->secret = true;
	return t;
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
		map_init(&t->as.object, a);
	return t;
}

void tval_put(struct tval *object, const char *name, struct tval *v)
{
	const char *own;

	if (object == NULL || object->kind != TVAL_OBJECT || v == NULL)
		return;
	own = arena_strdup(object->as.object.arena, name);
	if (own)
		map_put(&object->as.object, own, v);
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
	return object && object->kind == TVAL_OBJECT ? map_get(&object->as.object, name) : NULL;
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
