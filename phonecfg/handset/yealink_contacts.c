/* Yealink: the contacts that a person made on the phone, and its list of calls. */
#include <stdio.h>
#include <string.h>

#include "phonecfg/handset/yealink.h"

/* "local_contact.backup.enable": the phone keeps its contacts on the server, as <mac>-contact.xml. No list of names has
 * it without static. */
bool hs_yealink_shares_contacts(const struct handset *hs)
{
	return !hs_yealink_old(hs) && hs_yealink_static_on(hs, "auto_provision.local_contact.backup.enable");
}

/* The call list likewise, as <mac>-calllog.xml (vendor templates; off unless a file says otherwise). */
static bool shares_calls(const struct handset *hs)
{
	return !hs_yealink_old(hs) && hs_yealink_static_on(hs, "auto_provision.local_calllog.backup.enable");
}

/* The lists of a phone stand side by side in one file, without an element around them (guides V72 to V84, local
 * directory): no document to a strict reader. Here they get one. */
static xmlDoc *lists(struct slice body)
{
	ssize_t end = slice_find(body, SLICE_LIT("?>"));
	struct buf b;
	xmlDoc *doc;

	if (end >= 0)
		body = (struct slice){ body.p + end + 2, body.n - (size_t)end - 2 };
	buf_init(&b, HS_BODY_MAX);
	buf_str(&b, "<lists>");
	buf_slice(&b, body);
	buf_str(&b, "</lists>");
	doc = buf_check(&b, "lists", NULL) ? NULL : hs_xml(buf_view(&b));
	buf_release(&b);
	return doc;
}

static xmlNode *child(xmlNode *node, const char *name)
{
	node = node ? xmlFirstElementChild(node) : NULL;
	while (node && !hs_xml_is(node, name))
		node = xmlNextElementSibling(node);
	return node;
}

/* Where this phone looks for contacts. */
static xmlNode *contacts_in(const struct handset *hs, xmlNode *lists)
{
	if (!hs->rules.yealink_other_list)
		return child(lists, "root_contact");
	/* "Type <contactData> to indicate the start" (T2xP guide, V70); converters of public sets write vp_contact. */
	return hs_yealink_old(hs) ? child(lists, "contactData") : child(child(lists, "vp_contact"), "root_contact");
}

/* Which attributes an entry has differs by model: each is kept as it is, as contact.<n>.<attribute>. */
static enum err_code take_entry(
	struct handset *hs, const char *kind, unsigned n, const xmlNode *node, const char *file, struct err *err)
{
	char name[HS_NAME_MAX];
	enum err_code rc = ERR_OK;
	const char *value;

	for (const xmlAttr *at = node->properties; at && !rc; at = at->next) {
		snprintf(name, sizeof(name), "%s.%u.%s", kind, n, (const char *)at->name);
		value = hs_xml_attr_text(&hs->arena, at);
		rc = value ? hs_put(hs, HANDSET_DATA, slice_str(name), slice_str(value), file, err)
			   : err_set(err, ERR_NOMEM, "no memory left for the lists of a phone");
	}
	return rc;
}

/* What the file holds takes the place of what the phone had of that kind. */
static enum err_code take_list(
	struct handset *hs, const char *kind, const char *element, const char *file, xmlNode *root, struct err *err)
{
	const struct map *m = &hs->layers[HANDSET_DATA];
	enum err_code rc = ERR_OK;
	size_t length = strlen(kind);
	unsigned n = 0;

	if (!root)
		return hs_step(hs, file, 200, HANDSET_REFUSED, "no such list", err);
	for (size_t i = 0; i < m->count; i++)
		if (strncmp(m->entries[i].key, kind, length) == 0 && m->entries[i].key[length] == '.')
			hs_drop(hs, HANDSET_DATA, m->entries[i].key);
	for (xmlNode *e = hs_xml_next(root, root); e && !rc; e = hs_xml_next(root, e))
		if (hs_xml_is(e, element))
			rc = take_entry(hs, kind, ++n, e, file, err);
	return rc ? rc : hs_step(hs, file, 200, HANDSET_APPLIED, "", err);
}

enum err_code hs_yealink_take_contacts(struct handset *hs, const char *file, struct slice body, struct err *err)
{
	xmlDoc *doc = lists(body);
	enum err_code rc =
		take_list(hs, "contact", "contact", file, doc ? contacts_in(hs, xmlDocGetRootElement(doc)) : NULL, err);

	xmlFreeDoc(doc);
	return rc;
}

enum err_code hs_yealink_take_calls(struct handset *hs, const char *file, struct slice body, struct err *err)
{
	xmlDoc *doc = lists(body);
	/* The name of the root stands in public code alone. */
	enum err_code rc = take_list(
		hs, "call", "item", file, doc ? child(xmlDocGetRootElement(doc), "root_call_log") : NULL, err);

	xmlFreeDoc(doc);
	return rc;
}

/* "The existing local contacts will be overridden by the downloaded ones" (administrator's guide, V80, local
 * directory); from V81 on the address counts while the phone does not keep its contacts on the server (T54S guide,
 * V84). */
enum err_code hs_yealink_pull_lists(struct handset *hs, struct hs_fetch *f, struct err *err)
{
	const char *calls = arena_printf(&hs->arena, "%s-calllog.xml", hs->mac_digits);
	const char *contacts = hs_yealink_shares_contacts(hs)
				       ? arena_printf(&hs->arena, "%s-contact.xml", hs->mac_digits)
				       : arena_strdup(&hs->arena, handset_value(hs, "local_contact.data.url"));
	enum err_code rc = ERR_OK;

	if (!calls || !contacts)
		return err_set(err, ERR_NOMEM, "no memory left for the address of a phone's lists");
	if (*contacts && hs_fetch(hs, f, contacts, &rc, err))
		rc = hs_yealink_take_contacts(hs, contacts, buf_view(&f->body), err);
	if (!rc && shares_calls(hs) && hs_fetch(hs, f, calls, &rc, err))
		rc = hs_yealink_take_calls(hs, calls, buf_view(&f->body), err);
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
	buf_str(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<root_group>\n</root_group>\n<root_contact>\n");
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
	buf_printf(&b, "%s</root_contact>\n", last ? "/>\n" : "");
	snprintf(name, sizeof(name), "%s-contact.xml", hs->mac_digits);
	rc = buf_check(&b, "the contacts", err);
	if (!rc && last)
		put(arg, "PUT", name, buf_view(&b));
	buf_release(&b);
	return rc;
}
