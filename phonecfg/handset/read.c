/* Small readers that the vendors share. */
#include <libxml/parser.h>
#include <string.h>

#include "phonecfg/handset/internal.h"

bool hs_true(const char *value)
{
	static const char *const words[] = { "1", "yes", "on", "true" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (slice_ieq_str(slice_str(value), words[i]))
			return true;
	return false;
}

unsigned hs_unsigned(const char *value, unsigned otherwise, unsigned max)
{
	unsigned n = 0;

	if (!*value)
		return otherwise;
	for (; *value; value++) {
		if (*value < '0' || *value > '9')
			return otherwise;
		n = n * 10 + (unsigned)(*value - '0');
		if (n > max)
			return otherwise;
	}
	return n;
}

bool hs_glob(const char *pattern, const char *name, unsigned *numbers, size_t n)
{
	unsigned value;

	for (; *pattern; pattern++) {
		if (*pattern == '*') {
			for (;; name++) {
				if (hs_glob(pattern + 1, name, numbers, n))
					return true;
				if (!*name)
					return false;
			}
		}
		if (*pattern == '#') {
			if (*name < '0' || *name > '9')
				return false;
			for (value = 0; *name >= '0' && *name <= '9'; name++)
				value = value > 99999 ? value : value * 10 + (unsigned)(*name - '0');
			if (n) {
				*numbers++ = value;
				n--;
			}
			continue;
		}
		if (*pattern != *name)
			return false;
		name++;
	}
	return !*name;
}

xmlDoc *hs_xml(struct slice body)
{
	xmlDoc *doc;

	if (body.n == 0 || body.n > HS_BODY_MAX)
		return NULL;
	doc = xmlReadMemory(
		body.p, (int)body.n, "file", NULL, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	/* Entities of its own would let a small file grow; no vendor's file has any. */
	if (doc && doc->intSubset && doc->intSubset->entities) {
		xmlFreeDoc(doc);
		return NULL;
	}
	return doc;
}

/* The text of a lone text node: no copy of it to be made and wiped. */
static const char *lone_text(const xmlNode *children)
{
	if (!children)
		return "";
	return !children->next && children->type == XML_TEXT_NODE ? (const char *)children->content : NULL;
}

const char *hs_xml_text(struct arena *a, xmlNode *node)
{
	const char *out = lone_text(node->children);
	xmlChar *s;

	if (out)
		return arena_strdup(a, out);
	s = xmlNodeGetContent(node);
	out = arena_strdup(a, s ? (const char *)s : "");
	if (s)
		explicit_bzero(s, strlen((char *)s));
	xmlFree(s);
	return out;
}

const char *hs_xml_attr(struct arena *a, xmlNode *node, const char *name)
{
	xmlChar *s = xmlGetNoNsProp(node, (const xmlChar *)name);
	const char *out = arena_strdup(a, (const char *)s);

	xmlFree(s);
	return out;
}

const char *hs_xml_attr_text(struct arena *a, const xmlAttr *at)
{
	const char *out = lone_text(at->children);
	xmlChar *s;

	if (out)
		return arena_strdup(a, out);
	s = xmlNodeListGetString(at->doc, at->children, 1);
	out = arena_strdup(a, s ? (const char *)s : "");
	xmlFree(s);
	return out;
}

xmlNode *hs_xml_next(xmlNode *root, xmlNode *node)
{
	xmlNode *n = xmlFirstElementChild(node);

	while (!n && node != root) {
		n = xmlNextElementSibling(node);
		node = node->parent;
	}
	return n;
}

bool hs_xml_is(const xmlNode *node, const char *name)
{
	return strcmp((const char *)node->name, name) == 0;
}
