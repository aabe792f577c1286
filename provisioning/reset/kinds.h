/* What this folder gives to the outbox: one row per kind of work. */
#ifndef PROVISIONING_RESET_KINDS_H
#define PROVISIONING_RESET_KINDS_H

#include <stddef.h>

struct outbox_kind;
struct reset;

enum { RESET_KINDS_MAX = 32 };

/* Fills out[] (RESET_KINDS_MAX) with this folder's rows, each with rs as its argument, for outbox_open(). Returns out;
 * *n gets their number. */
const struct outbox_kind *reset_kinds(struct reset *rs, struct outbox_kind *out, size_t *n);

#endif
