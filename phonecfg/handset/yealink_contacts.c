/* Yealink: the contacts that a person made on the phone. */
#include <stdio.h>
#include <string.h>

#include "phonecfg/handset/yealink.h"

/* "local_contact.backup.enable": the phone keeps its contacts on the server, as <mac>-contact.xml. No list of names has
 * it without static. */
bool hs_yealink_shares_contacts(const struct handset *hs)
{
	return !hs_yealink_old(hs) && hs_yealink_static_on(hs, "auto_provision.local_contact.backup.enable");
}

/* Which attributes a contact has differs by model: each is kept as it is, as contact.<n>.<attribute>. */
static enum err_code take_contact(
	struct handset *hs, unsigned n, const xmlNode *node, const char *file, struct err *err)
{
	char name[HS_NAME_MAX];
	enum err_code rc = ERR_OK;
	const char *value;

	for (const xmlAttr *at = node->properties; at && !rc; at = at->next) {
		snprintf(name, sizeof(name), "contact.%u.%s", n, (const char *)at->name);
		value = hs_xml_attr_text(&hs->arena, at);
		rc = value ? hs_put(hs, HANDSET_DATA, slice_str(name), slice_str(value), file, err)
			   : err_set(err, ERR_NOMEM, "no memory left for the contacts of a phone");
	}
	return rc;
}

enum err_code hs_yealink_take_contacts(struct handset *hs, const char *file, struct slice body, struct err *err)
{
	enum err_code rc = ERR_OK;
	xmlDoc *doc = hs_xml(body);
	xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
	unsigned n = 0;

	if (!root) {
		xmlFreeDoc(doc);
		return hs_step(hs, file, 200, HANDSET_REFUSED, "no XML", err);
	}
	hs_drop_all(hs, HANDSET_DATA);
	for (xmlNode *e = hs_xml_next(root, root); e && !rc; e = hs_xml_next(root, e))
		if (hs_xml_is(e, "contact"))
			rc = take_contact(hs, ++n, e, file, err);
	xmlFreeDoc(doc);
	return rc ? rc : hs_step(hs, file, 200, HANDSET_APPLIED, "", err);
}

/* "The existing local contacts will be overridden by the downloaded ones" (administrator's guide, V80, local
 * directory); from V81 on the address counts while the phone does not keep its contacts on the server (T54S guide,
 * V84). */
enum err_code hs_yealink_pull_contacts(struct handset *hs, struct hs_fetch *f, struct err *err)
{
	const char *name = hs_yealink_shares_contacts(hs)
				   ? arena_printf(&hs->arena, "%s-contact.xml", hs->mac_digits)
				   : arena_strdup(&hs->arena, handset_value(hs, "local_contact.data.url"));
	enum err_code rc = ERR_OK;

	if (!name)
		return err_set(err, ERR_NOMEM, "no memory left for the address of a phone's contacts");
	if (*name && hs_fetch(hs, f, name, &rc, err))
		rc = hs_yealink_take_contacts(hs, name, buf_view(&f->body), err);
	return rc;
}

static void add_escaped(struct buf *b, const char *s)
{
	for (; *s; s++) {
		if (*s == '&')
			buf_str(b, "&amp;");
		else if (*s == '<')
			buf_str(b, "&lt;");
		else if (*s == '"')
			buf_str(b, "&quot;");
		else
			buf_char(b, *s);
	}
}

enum err_code hs_yealink_put_contacts(const struct handset *hs, handset_put_fn *put, void *arg, struct err *err)
{
	const struct map *m = &hs->layers[HANDSET_DATA];
	const struct hs_value *v;
	unsigned n = 0, last = 0;
	enum err_code rc;
	char name[40];
	struct buf b;

	if (!hs_yealink_shares_contacts(hs))
		return ERR_OK;
	buf_init(&b, HS_BODY_MAX);
	buf_str(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<contactData>\n");
	for (size_t i = 0; i < m->count; i++) {
		v = m->entries[i].value;
		if (!v->text || !hs_glob("contact.#.*", m->entries[i].key, &n, 1))
			continue;
		if (n != last)
			buf_printf(&b, "%s<contact", last ? "/>\n" : "");
		last = n;
		buf_printf(&b, " %s=\"", strchr(m->entries[i].key + strlen("contact."), '.') + 1);
		add_escaped(&b, v->text);
		buf_char(&b, '"');
	}
	buf_printf(&b, "%s</contactData>\n", last ? "/>\n" : "");
	snprintf(name, sizeof(name), "%s-contact.xml", hs->mac_digits);
	rc = buf_check(&b, "the contacts", err);
	if (!rc && last)
		put(arg, "PUT", name, buf_view(&b));
	buf_release(&b);
	return rc;
}
