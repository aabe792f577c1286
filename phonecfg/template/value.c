/* One value to bytes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phonecfg/template/ops.h"

static struct slice integer_text(long long v, char scratch[VALUE_TEXT_MAX])
{
	unsigned long long n = v < 0 ? 0 - (unsigned long long)v : (unsigned long long)v;
	size_t at = VALUE_TEXT_MAX;

	do
		scratch[--at] = (char)('0' + n % 10);
	while (n /= 10);
	if (v < 0)
		scratch[--at] = '-';
	return (struct slice){ &scratch[at], VALUE_TEXT_MAX - at };
}

/* The shortest spelling that reads back as the same number: 1.21 and not 1.2099999999999999. */
static struct slice number_text(double v, char scratch[VALUE_TEXT_MAX])
{
	int digits;

	for (digits = 15; digits <= 17; digits++) {
		snprintf(scratch, VALUE_TEXT_MAX, "%.*g", digits, v);
		if (!(strtod(scratch, NULL) < v) && !(strtod(scratch, NULL) > v))
			break;
	}
	return slice_str(scratch);
}

enum err_code template_value_text(
	const struct node *n, const struct tval *v, char scratch[VALUE_TEXT_MAX], struct slice *out, struct err *err)
{
	*out = (struct slice){ "", 0 };
	switch (v->kind) {
	case TVAL_TEXT:
		*out = v->as.text;
		break;
	case TVAL_BOOL:
		*out = slice_str(v->as.truth ? "true" : "false");
		break;
	case TVAL_INT:
		*out = integer_text(v->as.integer, scratch);
		break;
	case TVAL_NUMBER:
		*out = number_text(v->as.number, scratch);
		break;
	case TVAL_LIST:
	case TVAL_OBJECT:
		return place_err(err, ERR_INPUT, &n->at, "'%s' is %s, which cannot be printed; open it with {{#%s}}",
			n->name.full, v->kind == TVAL_LIST ? "a list" : "an object", n->name.full);
	case TVAL_NULL:
		break;
	}
	return ERR_OK;
}

enum err_code template_value_add(const struct template *t, const struct node *n, const struct tval *v,
	struct slice text, unsigned classes, struct buf *out, struct err *err)
{
	char field[TEMPLATE_NAME_MAX + 32];
	enum err_code rc;

	if (n->kind == TOKEN_RAW || escape_plain(t->escape, text, classes)) {
		buf_slice(out, text);
		return ERR_OK;
	}
	/* A file has thousands of values: the sentence is made when one is refused, by asking again. */
	rc = escape_add(out, t->escape, text, v->secret, "", NULL);
	if (rc == ERR_OK)
		return ERR_OK;
	snprintf(field, sizeof(field), "the value of '%s'", n->name.full);
	rc = escape_add(out, t->escape, text, v->secret, field, err);
	if (rc)
		err_prefix(err, "%s:%u:%u", n->at.file, n->at.line, n->at.column);
	return rc;
}
