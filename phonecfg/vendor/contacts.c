#include "phonecfg/vendor/contacts.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <string.h>

/* Entities of the file's own are refused with it: whatever declares a document type is no contact file. */
static xmlDoc *read_file(struct slice bytes, xmlNode **list)
{
	xmlDoc *doc = xmlReadMemory(bytes.p ? bytes.p : "", (int)bytes.n, "contacts", NULL,
		XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	xmlNode *root = doc && !doc->intSubset ? xmlDocGetRootElement(doc) : NULL;

	*list = NULL;
	if (root && strcmp((const char *)root->name, "directory") == 0)
		for (*list = xmlFirstElementChild(root); *list; *list = xmlNextElementSibling(*list))
			if (strcmp((const char *)(*list)->name, "item_list") == 0)
				break;
	if (*list)
		return doc;
	xmlFreeDoc(doc);
	return NULL;
}

static xmlNode *member(xmlNode *item, const char *name)
{
	xmlNode *c;

	for (c = xmlFirstElementChild(item); c; c = xmlNextElementSibling(c))
		if (strcmp((const char *)c->name, name) == 0)
			return c;
	return NULL;
}

/* The text of a member that holds nothing else; "" when there is none. */
static const char *text_of(xmlNode *item, const char *name)
{
	xmlNode *c = member(item, name);
	const char *text = c && c->children && c->children->type == XML_TEXT_NODE && !c->children->next
				   ? (const char *)c->children->content
				   : "";

	return text ? text : "";
}

struct files {
	xmlDoc *made, *other;
	xmlNode *made_list, *other_list;
	unsigned long nmade; /* entries that the server made: more come behind them */
};

/* An entry that the server made with this index and, unless number is NULL, this number. */
static bool made_entry(const struct files *f, const char *index, const char *number)
{
	xmlNode *item = xmlFirstElementChild(f->made_list);

	for (unsigned long i = 0; i < f->nmade && item && *index; i++, item = xmlNextElementSibling(item))
		if (strcmp(text_of(item, "sd"), index) == 0 && (!number || strcmp(text_of(item, "ct"), number) == 0))
			return true;
	return false;
}

static enum err_code write_file(xmlDoc *doc, struct buf *out, struct err *err)
{
	xmlChar *text = NULL;
	int n = 0;

	xmlDocDumpMemory(doc, &text, &n);
	if (!text)
		return err_set(err, ERR_NOMEM, "no memory for the contacts of a phone");
	buf_add(out, (const char *)text, (size_t)n);
	xmlFree(text);
	return buf_check(out, "the contacts of a phone", err);
}

static enum err_code open_files(struct files *f, struct slice made, struct slice other, struct err *err)
{
	f->made = read_file(made, &f->made_list);
	f->other = read_file(other, &f->other_list);
	f->nmade = f->made ? xmlChildElementCount(f->made_list) : 0;
	return f->made && f->other ? ERR_OK : err_set(err, ERR_INPUT, "this is no contact file of a Polycom phone");
}

static void close_files(struct files *f)
{
	xmlFreeDoc(f->made);
	xmlFreeDoc(f->other);
}

enum err_code contacts_own(struct slice made, struct slice sent, struct buf *out, struct err *err)
{
	struct files f;
	xmlNode *item, *next;
	enum err_code rc = open_files(&f, made, sent, err);

	for (item = rc ? NULL : xmlFirstElementChild(f.other_list); item; item = next) {
		next = xmlNextElementSibling(item);
		if (!made_entry(&f, text_of(item, "sd"), text_of(item, "ct")))
			continue;
		xmlUnlinkNode(item);
		xmlFreeNode(item);
	}
	if (!rc)
		rc = write_file(f.other, out, err);
	close_files(&f);
	return rc;
}

static void drop_index(xmlNode *item)
{
	xmlNode *sd = member(item, "sd");

	xmlUnlinkNode(sd);
	xmlFreeNode(sd);
}

enum err_code contacts_join(struct slice made, struct slice own, struct buf *out, struct err *err)
{
	struct files f;
	xmlNode *item, *copy;
	enum err_code rc = open_files(&f, made, own, err);

	for (item = rc ? NULL : xmlFirstElementChild(f.other_list); item && !rc; item = xmlNextElementSibling(item)) {
		const char *index = text_of(item, "sd");
		if (made_entry(&f, index, text_of(item, "ct")))
			continue; /* from before the two were told apart */
		copy = xmlDocCopyNode(item, f.made, 1);
		if (!copy) {
			rc = err_set(err, ERR_NOMEM, "no memory for the contacts of a phone");
			break;
		}
		if (made_entry(&f, index, NULL))
			drop_index(copy);
		xmlAddChild(f.made_list, copy);
	}
	if (!rc)
		rc = write_file(f.made, out, err);
	close_files(&f);
	return rc;
}
