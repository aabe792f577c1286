#include "provisioning/outbox/entry.h"

#include "phonecfg/base/mem.h"

struct entry *entry_new(const struct outbox_entry_row *row)
{
	struct entry *e = mem_zalloc(sizeof(*e));

	if (e == NULL)
		return NULL;
	arena_init(&e->arena, 0);
	e->job = (struct outbox_job){ .id = row->id,
		.kind = arena_strdup(&e->arena, row->kind),
		.key = arena_strdup(&e->arena, row->key),
		.payload = arena_strdup(&e->arena, row->payload),
		.due_ms = row->due_ms,
		.attempt = (unsigned)row->attempts,
		.arena = &e->arena };
	if (!arena_failed(&e->arena))
		return e;
	entry_free(e);
	return NULL;
}

void entry_free(struct entry *e)
{
	if (e == NULL)
		return;
	arena_release(&e->arena);
	mem_free(e->early_note);
	mem_free(e);
}

void entry_put(struct entry_list *l, struct entry *e)
{
	struct entry **at = &l->head;

	while (*at != NULL)
		at = &(*at)->next;
	e->next = NULL;
	*at = e;
	l->n++;
}

struct entry *entry_take(struct entry_list *l)
{
	struct entry *e = l->head;

	if (e != NULL)
		entry_remove(l, e);
	return e;
}

struct entry *entry_find(const struct entry_list *l, int64_t id)
{
	struct entry *e = l->head;

	while (e != NULL && e->job.id != id)
		e = e->next;
	return e;
}

void entry_remove(struct entry_list *l, struct entry *e)
{
	struct entry **at = &l->head;

	while (*at != NULL && *at != e)
		at = &(*at)->next;
	if (*at == NULL)
		return;
	*at = e->next;
	e->next = NULL;
	l->n--;
}
