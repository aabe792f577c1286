/* What a Polycom phone uploads: its own changes, contacts and calls, as it writes them. */
#include <stdio.h>
#include <string.h>

#include "phonecfg/handset/polycom.h"

static void write_xml_value(struct buf *b, const char *s)
{
	for (; *s; s++) {
		switch (*s) {
		case '&':
			buf_str(b, "&amp;");
			break;
		case '<':
			buf_str(b, "&lt;");
			break;
		case '>':
			buf_str(b, "&gt;");
			break;
		case '"':
			buf_str(b, "&quot;");
			break;
		default:
			buf_char(b, *s);
		}
	}
}

enum err_code hs_polycom_send_layer(const struct handset *hs, enum handset_layer layer, const char *suffix,
	handset_put_fn *put, void *arg, struct err *err)
{
	const struct map *m = &hs->layers[layer];
	const struct hs_value *v;
	enum err_code rc;
	char name[64];
	struct buf b;
	size_t i, n = 0;

	buf_init(&b, HS_BODY_MAX);
	buf_str(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<PHONE_CONFIG>\n\t<OVERRIDES");
	for (i = 0; i < m->count; i++) {
		v = m->entries[i].value;
		if (!v->text)
			continue;
		n++;
		buf_printf(&b, "\n\t\t%s=\"", m->entries[i].key);
		write_xml_value(&b, v->text);
		buf_str(&b, "\"");
	}
	buf_str(&b, "/>\n</PHONE_CONFIG>\n");
	snprintf(name, sizeof(name), "%s%s", hs->mac_digits, suffix);
	rc = buf_check(&b, "the phone's own changes", err);
	if (!rc && n)
		put(arg, "PUT", name, buf_view(&b));
	buf_release(&b);
	return rc;
}

enum err_code hs_polycom_send_data(
	const struct handset *hs, const char *data, const char *suffix, handset_put_fn *put, void *arg, struct err *err)
{
	const struct map *m = &hs->layers[HANDSET_DATA];
	const struct hs_value *v;
	unsigned entry = 0, at[1];
	char pattern[32], name[64];
	enum err_code rc;
	const char *tag;
	struct buf b;
	size_t i;

	snprintf(pattern, sizeof(pattern), "%s.#.*", data);
	buf_init(&b, HS_BODY_MAX);
	buf_printf(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<%s>\n<item_list>\n", data);
	for (i = 0; i < m->count; i++) {
		v = m->entries[i].value;
		if (!v->text || !hs_glob(pattern, m->entries[i].key, at, 1))
			continue;
		if (at[0] != entry)
			buf_str(&b, entry ? "</item>\n<item>\n" : "<item>\n");
		entry = at[0];
		tag = strrchr(m->entries[i].key, '.') + 1;
		buf_printf(&b, "<%s>", tag);
		write_xml_value(&b, v->text);
		buf_printf(&b, "</%s>\n", tag);
	}
	buf_printf(&b, "</item>\n</item_list>\n</%s>\n", data);
	snprintf(name, sizeof(name), "%s%s", hs->mac_digits, suffix);
	rc = buf_check(&b, "the phone's lists", err);
	if (!rc && entry)
		put(arg, "PUT", name, buf_view(&b));
	buf_release(&b);
	return rc;
}
