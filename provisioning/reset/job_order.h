/* An order, user by user: between job.c, which writes it down, and job_plan.c, which says what it would do. */
#ifndef PROVISIONING_RESET_JOB_ORDER_H
#define PROVISIONING_RESET_JOB_ORDER_H

#include "provisioning/reset/form.h"
#include "provisioning/reset/job.h"
#include "provisioning/reset/job_kinds.h"

/* What one user is in for. */
struct job_part {
	const char *user;
	struct job_form form;
};

struct job_parts {
	const struct job_kind *kind;
	struct job_part *v;
	size_t n, cap;
};

/* Checks the order as far as it can be checked without looking at anybody: ERR_INPUT, ERR_LIMIT, ERR_UNSUPPORTED. Parts
 * in the arena, their texts the order's. */
enum err_code job_split(
	const struct reset *rs, const struct job_order *order, struct arena *a, struct job_parts *out, struct err *err);

#endif
