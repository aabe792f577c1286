#include "provisioning/reset/form.h"

#include <string.h>

/* "RN" and four lines; '-' where there is none. No value holds a line break (text_check at the write). */
static const char next_letters[2][3] = { "NW", "LM" }; /* now or later; without and with the welcome mail */

enum err_code form_pack(const struct job_form *form, struct buf *out, struct err *err)
{
	const char *const v[] = { form->next.first_name, form->next.last_name, form->next.email, form->next.phone };
	size_t i;

	buf_char(out, form->reset ? 'R' : '-');
	buf_char(out, form->recycle || form->later ? next_letters[form->later][form->next.welcome] : '-');
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		if (v[i] && strchr(v[i], '\n'))
			return err_set(err, ERR_INPUT, "A value of the recycle form holds a line break; take it out.");
		buf_str(out, (form->recycle || form->later) && v[i] ? v[i] : "");
		buf_char(out, '\n');
	}
	return buf_check(out, "the recycle form", err);
}

enum err_code form_unpack(struct slice bytes, struct arena *a, struct job_form *out, struct err *err)
{
	const char **const v[] = { &out->next.first_name, &out->next.last_name, &out->next.email, &out->next.phone };
	struct slice rest;
	size_t i;

	*out = (struct job_form){ 0 };
	if (bytes.n < 2)
		return err_set(err, ERR_BUG, "A user of the job has no form.");
	out->reset = bytes.p[0] == 'R';
	out->later = bytes.p[1] == 'L' || bytes.p[1] == 'M';
	out->recycle = bytes.p[1] == 'N' || bytes.p[1] == 'W';
	out->next.welcome = bytes.p[1] == 'W' || bytes.p[1] == 'M';
	rest = (struct slice){ bytes.p + 2, bytes.n - 2 };
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		*v[i] = arena_slice(a, slice_cut(&rest, '\n'));
		if (*v[i] == NULL)
			return err_set(err, ERR_NOMEM, "There is no memory for the recycle form.");
	}
	if (*out->next.phone == '\0')
		out->next.phone = NULL;
	return ERR_OK;
}
