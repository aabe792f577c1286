#include "phonecfg/vendor/params.h"

#include <limits.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/tree.h>

struct reading {
	const char *name; /* of the file */
	struct slice text;
	size_t at;     /* how far lines were counted */
	unsigned line; /* of at */
	struct arena *a;
	struct params *out;
	struct err *err;
	bool complained;
};

static void add(struct reading *r, const char *name, const char *value, unsigned line)
{
	struct param *p = arena_push(r->a, (void **)&r->out->v, &r->out->n, &r->out->cap, sizeof(*p));

	if (p)
		*p = (struct param){ name, value ? value : "", line };
}

static enum err_code read_lines(struct reading *r)
{
	struct slice rest = r->text;
	unsigned line = 0;

	while (rest.n) {
		struct slice value = slice_cut(&rest, '\n'), name;
		line++;
		if (slice_ends(value, "\r"))
			value.n--;
		value = slice_trim(value);
		if (!value.n || value.p[0] == '#' || slice_starts(value, "include:") || value.p[0] == '[')
			continue;
		if (slice_find(value, SLICE_LIT("=")) < 0)
			return err_set(r->err, ERR_INPUT, "%s:%u: there is no '=' in this line", r->name, line);
		name = slice_trim(slice_cut(&value, '='));
		if (!name.n)
			return err_set(r->err, ERR_INPUT, "%s:%u: there is no name before '='", r->name, line);
		add(r, arena_slice(r->a, name), arena_slice(r->a, slice_trim(value)), line);
	}
	return ERR_OK;
}

static void on_error(void *arg, xmlErrorPtr e)
{
	struct reading *r = arg;
	size_t n = e->message ? strlen(e->message) : 0;

	while (n && (e->message[n - 1] == '\n' || e->message[n - 1] == ' '))
		n--;
	if (!r->complained)
		err_set(r->err, ERR_INPUT, "%s:%d: %.*s", r->name, e->line, (int)n, e->message ? e->message : "");
	r->complained = true;
}

/* libxml2 keeps lines of elements only: looks for the attribute's own, from where the last one was found. */
static unsigned line_of(struct reading *r, const char *name, long element_line)
{
	size_t n = strlen(name);

	for (size_t i = r->at; i + n + 1 < r->text.n; i++) {
		if (r->text.p[i] == '\n')
			r->line++;
		if (memcmp(r->text.p + i, name, n) == 0 && (r->text.p[i + n] == '=' || r->text.p[i + n] == ' ')) {
			r->at = i;
			if (r->text.p[i] == '\n')
				r->line--;
			return r->line;
		}
	}
	return (unsigned)element_line;
}

static const char *copy(struct reading *r, xmlChar *v)
{
	const char *s = arena_strdup(r->a, v ? (const char *)v : "");

	xmlFree(v);
	return s;
}

static void read_attributes(struct reading *r, xmlNodePtr node)
{
	for (; node; node = node->next) {
		if (node->type != XML_ELEMENT_NODE)
			continue;
		for (xmlAttrPtr at = node->properties; at; at = at->next) {
			const char *name = arena_strdup(r->a, (const char *)at->name);
			size_t keep_at = r->at;
			unsigned keep_line = r->line, line = name ? line_of(r, name, xmlGetLineNo(node)) : 0;
			if (r->at == keep_at)
				r->line = keep_line;
			add(r, name, copy(r, xmlNodeListGetString(node->doc, at->children, 1)), line);
		}
		read_attributes(r, node->children);
	}
}

static bool is(xmlNodePtr node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

static void read_items(struct reading *r, xmlNodePtr node)
{
	for (; node; node = node->next) {
		if (node->type != XML_ELEMENT_NODE)
			continue;
		if (is(node, "item"))
			add(r, copy(r, xmlGetProp(node, (const xmlChar *)"name")), copy(r, xmlNodeGetContent(node)),
				(unsigned)xmlGetLineNo(node));
		else if (node->name[0] == 'P' && node->name[1] >= '0' && node->name[1] <= '9')
			add(r, arena_strdup(r->a, (const char *)node->name), copy(r, xmlNodeGetContent(node)),
				(unsigned)xmlGetLineNo(node));
		else
			read_items(r, node->children);
	}
}

static void read_entries(struct reading *r, xmlNodePtr root)
{
	for (xmlNodePtr s = root->children; s; s = s->next) {
		const char *section = is(s, "section") ? copy(r, xmlGetProp(s, (const xmlChar *)"name")) : NULL;
		for (xmlNodePtr e = section ? s->children : NULL; e; e = e->next) {
			if (!is(e, "entry"))
				continue;
			add(r, arena_printf(r->a, "%s/%s", section, copy(r, xmlGetProp(e, (const xmlChar *)"name"))),
				copy(r, xmlNodeGetContent(e)), (unsigned)xmlGetLineNo(e));
		}
	}
}

static enum err_code read_xml(struct reading *r)
{
	xmlNodePtr root;
	xmlDocPtr doc;

	if (r->text.n > INT_MAX)
		return err_set(r->err, ERR_LIMIT, "%s: is too large", r->name);
	xmlInitParser();
	xmlSetStructuredErrorFunc(r, (xmlStructuredErrorFunc)(void (*)(void))on_error);
	doc = xmlReadMemory(r->text.p, (int)r->text.n, r->name, NULL, XML_PARSE_NONET);
	xmlSetStructuredErrorFunc(NULL, NULL);
	if (!doc)
		return r->complained ? ERR_INPUT : err_set(r->err, ERR_INPUT, "%s:1: is no XML", r->name);
	root = xmlDocGetRootElement(doc);
	if (is(root, "gs_provision")) {
		r->out->vendor = VENDOR_GRANDSTREAM;
		read_items(r, root->children);
	} else if (is(root, "config")) {
		r->out->vendor = VENDOR_LINPHONE;
		read_entries(r, root);
	} else {
		r->out->vendor = VENDOR_POLYCOM;
		read_attributes(r, root);
	}
	xmlFreeDoc(doc);
	return ERR_OK;
}

enum err_code params_read(struct slice text, const char *name, struct arena *a, struct params *out, struct err *err)
{
	struct reading r = { .name = name, .text = text, .line = 1, .a = a, .out = out, .err = err };
	enum err_code rc;

	memset(out, 0, sizeof(*out));
	if (slice_starts(text, "#!version:1.0.0.1")) {
		out->vendor = VENDOR_YEALINK;
		rc = read_lines(&r);
	} else if (slice_starts(slice_trim(text), "<") || slice_starts(text, "\xef\xbb\xbf<")) {
		rc = read_xml(&r);
	} else {
		return err_set(err, ERR_INPUT,
			"%s:1: neither begins with #!version:1.0.0.1, as Yealink's files must, nor is it XML", name);
	}
	if (!rc && arena_failed(a))
		rc = err_set(err, ERR_NOMEM, "no memory to read %s", name);
	return rc;
}
