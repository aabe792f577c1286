/* One user's part of a job as the bytes that the store seals: whether to reset, and the next person. */
#ifndef PROVISIONING_RESET_FORM_H
#define PROVISIONING_RESET_FORM_H

#include "phonecfg/base/buf.h"
#include "provisioning/reset/plan.h"

struct job_form {
	bool reset;
	bool recycle;
	bool later; /* the form is to be filled in when the reset is done; next has what is known so far */
	struct recycle_form next;
};

enum err_code form_pack(const struct job_form *form, struct buf *out, struct err *err);
enum err_code form_unpack(struct slice bytes, struct arena *a, struct job_form *out, struct err *err);

#endif
