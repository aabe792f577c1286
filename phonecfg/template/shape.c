/* What data must look like for a program to run on it. */
#include <string.h>

#include "phonecfg/template/ops.h"

bool shape_fixed(const struct tval_member *m, const char *const *constants)
{
	if (m->value->fixed)
		return true;
	if (m->value->kind == TVAL_LIST || m->value->kind == TVAL_OBJECT || m->value->secret)
		return false;
	for (; constants && *constants; constants++) {
		if (strcmp(m->key, *constants) == 0)
			return true;
	}
	return false;
}

/* The sample does not live as long as the shape; what it shares with every tree does. */
static const struct tval *keep(struct arena *a, const struct tval *v)
{
	struct tval *copy;

	if (v->fixed)
		return v;
	copy = arena_alloc(a, sizeof(*copy));
	if (!copy)
		return NULL;
	*copy = *v;
	if (v->kind == TVAL_TEXT)
		copy->as.text.p = arena_slice(a, v->as.text);
	return copy;
}

static bool make_members(
	struct arena *a, struct shape *s, const struct tval_member *members, const char *const *constants)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct tval *v = members[i].value;
		if (shape_fixed(&members[i], constants)) {
			s->fixed[s->nfixed].at = i;
			s->fixed[s->nfixed].value = keep(a, v);
			if (!s->fixed[s->nfixed++].value || arena_failed(a))
				return false;
		} else if (v->kind == TVAL_OBJECT) {
			const struct shape *inner = shape_make(a, v, constants, NULL);
			if (!inner)
				return false;
			s->objects[s->nobjects].at = i;
			s->objects[s->nobjects++].shape = inner;
		}
	}
	return true;
}

/* Those of like where they are the same, else copies. */
static const char *const *make_names(struct arena *a, const struct tval *sample, const struct shape *like)
{
	const struct tval_member *m = sample->as.object.entries;
	size_t n = sample->as.object.count, i = 0;
	const char **names;

	while (like && like->n == n && i < n && strcmp(like->names[i], m[i].key) == 0)
		i++;
	if (like && like->n == n && i == n)
		return like->names;
	names = arena_alloc(a, n * sizeof(*names));
	for (i = 0; names && i < n; i++)
		names[i] = arena_strdup(a, m[i].key);
	return names;
}

struct shape *shape_make(
	struct arena *a, const struct tval *sample, const char *const *constants, const struct shape *like)
{
	struct shape *s = arena_alloc(a, sizeof(*s));
	size_t n = sample->as.object.count;

	if (!s)
		return NULL;
	s->n = n;
	s->names = make_names(a, sample, like);
	s->fixed = arena_alloc(a, n * sizeof(*s->fixed));
	s->objects = arena_alloc(a, n * sizeof(*s->objects));
	if (!s->names || !s->fixed || !s->objects || !make_members(a, s, sample->as.object.entries, constants) ||
		arena_failed(a))
		return NULL;
	return s;
}

/* The very same, or plain values that print the same. */
static bool same(const struct tval *a, const struct tval *b)
{
	if (a == b)
		return true;
	if (a->kind != b->kind || a->secret != b->secret)
		return false;
	switch (a->kind) {
	case TVAL_NULL:
		return true;
	case TVAL_BOOL:
		return a->as.truth == b->as.truth;
	case TVAL_INT:
		return a->as.integer == b->as.integer;
	case TVAL_NUMBER:
		return memcmp(&a->as.number, &b->as.number, sizeof(a->as.number)) == 0;
	case TVAL_TEXT:
		return slice_eq(a->as.text, b->as.text);
	default:
		return false;
	}
}

/* Objects that one piece of code builds have the very same names: after the first only addresses are compared. */
static bool names_fit(const struct shape *shape, const struct tval_member *m, struct likeness *like)
{
	bool alike = like && like->names == shape->names;

	for (size_t i = 0; i < shape->n; i++) {
		if ((!alike || m[i].key != like->members[i].key) && strcmp(m[i].key, shape->names[i]) != 0)
			return false;
	}
	if (like)
		*like = (struct likeness){ shape->names, m };
	return true;
}

bool shape_fits(const struct shape *shape, const struct tval *v, struct likeness *like)
{
	const struct tval_member *m;

	if (!shape || v->kind != TVAL_OBJECT)
		return !shape && v->kind != TVAL_OBJECT && v->kind != TVAL_LIST;
	if (v->as.object.count != shape->n)
		return false;
	m = v->as.object.entries;
	if (!names_fit(shape, m, like))
		return false;
	for (size_t i = 0; i < shape->nfixed; i++) {
		if (!same(m[shape->fixed[i].at].value, shape->fixed[i].value))
			return false;
	}
	for (size_t i = 0; i < shape->nobjects; i++) {
		if (!shape_fits(shape->objects[i].shape, m[shape->objects[i].at].value, NULL))
			return false;
	}
	return true;
}
