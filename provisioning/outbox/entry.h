/* One claimed piece of work on its way through memory, and lists of them. For outbox.c alone. */
#ifndef PROVISIONING_OUTBOX_ENTRY_H
#define PROVISIONING_OUTBOX_ENTRY_H

#include "provisioning/outbox/outbox.h"
#include "provisioning/outbox/rows.h"

struct entry {
	struct entry *next;
	struct arena arena; /* the row's text, what deliver needs, the note */
	struct outbox_job job;
	const struct outbox_kind *kind; /* NULL: nobody's */
	enum outbox_result result;
	struct err why;
	bool finished;    /* outbox_finish came before deliver returned … */
	char *early_note; /* … with this note, on the heap: the arena is deliver's until then */
};

/* First in, first out. */
struct entry_list {
	struct entry *head;
	size_t n;
};

/* NULL when memory ran out. */
struct entry *entry_new(const struct outbox_entry_row *row);
void entry_free(struct entry *e);
void entry_put(struct entry_list *l, struct entry *e);
struct entry *entry_take(struct entry_list *l);
struct entry *entry_find(const struct entry_list *l, int64_t id);
void entry_remove(struct entry_list *l, struct entry *e);

#endif
