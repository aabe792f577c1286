/* What this folder gives to the outbox: one row per kind of work. */
#ifndef PROVISIONING_RESET_KINDS_H
#define PROVISIONING_RESET_KINDS_H

#include <stddef.h>

struct outbox_kind;
struct reset;

/* The table for outbox_open(); valid as long as rs. */
const struct outbox_kind *reset_kinds(struct reset *rs, size_t *n);

#endif
