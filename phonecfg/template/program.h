/* A template made straight for data of one shape: what can be known before any phone asks is already written out.
 *
 * A phone's file repeats some thousand lines that depend only on its model. A program is made once from a template and
 * a sample of the data: the loops over what the sample's lists hold are unrolled, everything fixed is text, names are
 * places in objects. Running it copies that text and puts the values in between.
 *
 * What is taken for fixed: values with tval.fixed, which the data at run time must hold as the very same value, and
 * plain values whose name stands in `constants` (a list's own numbers, a null token), which must be equal at run time.
 * Whether that holds, and whether objects have the sample's members in the sample's order, is looked at in every run;
 * data that does not fit is left to template_render, so that the bytes are the same either way. */
#ifndef PHONECFG_TEMPLATE_PROGRAM_H
#define PHONECFG_TEMPLATE_PROGRAM_H

#include "phonecfg/template/template.h"

struct template_program;

/* One line of the output, as far as it is known when a program is made. */
struct template_line {
	struct slice text;   /* without its line break; values that are not known yet are left out of it */
	const size_t *holes; /* where in text they stand, rising */
	size_t nholes;
};

enum template_verdict {
	TEMPLATE_FREE,  /* nothing to be looked at */
	TEMPLATE_VALUE, /* the one value that is not known has the rule *rule */
	TEMPLATE_WHOLE  /* the line must be looked at when it is whole */
};

/* Who knows the language of the output says here what a value must satisfy. All may be called by several threads. */
struct template_rules {
	const void *arg;
	/* A line, when a program is made. An error refuses the template; its place is put before the sentence. */
	enum err_code (*line)(const void *arg, const struct template_line *line, enum template_verdict *verdict,
		const void **rule, struct err *err);
	/* A value before it is escaped; before: the output of its line up to it, classes: text_classes(value). */
	enum err_code (*value)(const void *arg, const void *rule, struct slice before, struct slice value,
		unsigned classes, struct err *err);
	/* A whole line of output. */
	enum err_code (*whole)(const void *arg, struct slice line, struct err *err);
};

/* sample: what template_render would be given; constants: NULL-terminated, or NULL; rules: NULL = none, else copied. t
 * and the sample's values with tval.fixed must outlive the program, the sample itself need not. ERR_UNSUPPORTED: this
 * template with this sample is no program (a lenient one, names too deep, too large); template_render does it.
 * ERR_INPUT: a rule or the escaper refuses what stands fixed in it. */
enum err_code template_program_make(const struct template *t, const struct tval *sample, const char *const *constants,
	const struct template_rules *rules, struct template_program **out, struct err *err);
void template_program_free(struct template_program *p);         /* NULL is allowed */
size_t template_program_size(const struct template_program *p); /* bytes of memory */

/* Appends to out as template_render does. *fits false: the data is of another shape, out is as it was. */
enum err_code template_program_run(
	const struct template_program *p, const struct tval *data, struct buf *out, bool *fits, struct err *err);

/* Looks at every line of text as rules->whole does, for what was made without a program. */
enum err_code template_rules_text(const struct template_rules *rules, struct slice text, struct err *err);

#endif
