/* Files in XML: Polycom's, Grandstream's, and those of softphones and contacts. */
#include <limits.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "phonecfg/vendor/params_parts.h"

struct xml {
	struct scan *s;
	size_t at;     /* how far lines of attributes were counted */
	unsigned line; /* of at */
	bool lost;     /* an attribute was not found in the text: lines of elements from now on */
	bool complained;
};

/* Roots that say whose file it is; any other root is Polycom's, whose elements have free names (vendor guide). */
static const struct {
	const char *name;
	enum vendor_id vendor;
	enum params_form form;
} roots[] = {
	{ "gs_provision", VENDOR_GRANDSTREAM, FORM_NUMBERS },
	{ "AddressBook", VENDOR_GRANDSTREAM, FORM_CONTACTS },
	{ "config", VENDOR_LINPHONE, FORM_APP },
	{ "account", VENDOR_ACROBITS, FORM_APP },
	{ "options", VENDOR_ZOIPER, FORM_APP },
	{ "APPLICATION", VENDOR_POLYCOM, FORM_MASTER },
	{ "directory", VENDOR_POLYCOM, FORM_CONTACTS },
	{ "callList", VENDOR_POLYCOM, FORM_CONTACTS },
	{ "contactData", VENDOR_YEALINK, FORM_CONTACTS },
	{ "vp_contact", VENDOR_YEALINK, FORM_CONTACTS },
	{ "root_call_log", VENDOR_YEALINK, FORM_CONTACTS },
};

static void on_error(void *arg, xmlErrorPtr e)
{
	struct xml *x = arg;
	size_t n = e->message ? strlen(e->message) : 0;

	while (n && (e->message[n - 1] == '\n' || e->message[n - 1] == ' '))
		n--;
	if (e->level >= XML_ERR_ERROR && !x->complained) {
		findings_add(x->s->found, FINDING_SYNTAX, e->line > 0 ? (unsigned)e->line : 1,
			"no well-formed XML: %.*s", (int)n, e->message ? e->message : "");
		x->complained = true;
	}
}

static unsigned line_of_node(xmlNodePtr node)
{
	long line = xmlGetLineNo(node);

	return line > 0 ? (unsigned)line : 1;
}

/* libxml2 keeps lines of elements only: looks for the attribute's own, from where the last one was found. */
static unsigned line_of(struct xml *x, const char *name, xmlNodePtr node)
{
	struct slice text = x->s->text;
	size_t n = strlen(name);
	unsigned line = x->line;

	for (size_t i = x->at; !x->lost && i + n + 1 < text.n; i++) {
		if (text.p[i] == '\n')
			line++;
		if (!strchr(" \t\r\n", text.p[i]) || memcmp(text.p + i + 1, name, n) != 0 ||
			!strchr("= \t\r\n", text.p[i + 1 + n]))
			continue;
		x->at = i + 1;
		x->line = line;
		return line;
	}
	x->lost = true;
	return line_of_node(node);
}

static const char *copy(struct xml *x, xmlChar *v)
{
	const char *s = arena_strdup(x->s->a, v ? (const char *)v : "");

	xmlFree(v);
	return s;
}

static bool is(xmlNodePtr node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

/* Every attribute of every element, in the order of the file. */
static void read_attributes(struct xml *x, xmlNodePtr node)
{
	for (; node; node = node->next) {
		if (node->type != XML_ELEMENT_NODE)
			continue;
		for (xmlAttrPtr at = node->properties; at; at = at->next) {
			const char *name = arena_strdup(x->s->a, (const char *)at->name);
			unsigned line = name ? line_of(x, name, node) : 0;
			scan_add(x->s, name, copy(x, xmlNodeListGetString(node->doc, at->children, 1)), line);
		}
		read_attributes(x, node->children);
	}
}

/* ---- Grandstream ---- */

/* What the vendor's own parser did when it was run (observed on HT802, firmware 1.0.0.24 to 1.0.10.6). */
static void check_mac(struct xml *x, xmlNodePtr node, unsigned *seen, bool after)
{
	const char *mac = copy(x, xmlNodeGetContent(node));
	size_t digits = mac ? strspn(mac, "0123456789abcdefABCDEF") : 12;

	if (mac && (digits != 12 || mac[12]))
		findings_add(x->s->found, FINDING_ERROR, line_of_node(node),
			"<mac> must be the 12 digits alone, or a phone refuses the file");
	if ((*seen)++)
		findings_add(
			x->s->found, FINDING_ERROR, line_of_node(node), "<mac> stands twice: a phone refuses the file");
	if (after)
		findings_add(x->s->found, FINDING_WARNING, line_of_node(node),
			"<mac> behind <config> is not looked at; put it before");
}

static bool has_cdata(xmlNodePtr node)
{
	for (xmlNodePtr c = node->children; c; c = c->next) {
		if (c->type == XML_CDATA_SECTION_NODE)
			return true;
	}
	return false;
}

static void add_element(struct xml *x, const char *name, xmlNodePtr node)
{
	const char *value = copy(x, xmlNodeGetContent(node));

	if (has_cdata(node))
		findings_add(x->s->found, FINDING_ERROR, line_of_node(node),
			"%s: a phone reads CDATA as nothing; write &amp; and &lt; instead", name ? name : "");
	scan_add(x->s, name, value, line_of_node(node));
}

static bool is_number(const char *name)
{
	return name[0] == 'P' && name[1] >= '0' && name[1] <= '9' && !name[1 + strspn(name + 1, "0123456789")];
}

static void read_item(struct xml *x, xmlNodePtr node, bool names)
{
	const char *name = is(node, "item") ? copy(x, xmlGetProp(node, (const xmlChar *)"name"))
					    : arena_strdup(x->s->a, (const char *)node->name);
	unsigned line = line_of_node(node);

	if (!name)
		return;
	if (is(node, "item")) {
		if (!*name)
			findings_add(x->s->found, FINDING_ERROR, line, "<item> without a name");
		else if (!names)
			findings_add(x->s->found, FINDING_ERROR, line,
				"%s: a phone ignores items in <config version=\"1\">", name);
	} else if (!is_number(name)) {
		findings_add(
			x->s->found, FINDING_WARNING, line, "<%s> is neither an item nor a P-value: ignored", name);
		return;
	} else if (name[1] == '0') {
		findings_add(x->s->found, FINDING_WARNING, line, "%s is not P%s: leave the zeros out", name,
			name + 1 + strspn(name + 1, "0"));
	}
	if (*name)
		add_element(x, name, node);
}

static void read_items(struct xml *x, xmlNodePtr node, bool names)
{
	for (; node; node = node->next) {
		if (is(node, "part"))
			read_items(x, node->children, names);
		else if (node->type == XML_ELEMENT_NODE)
			read_item(x, node, names);
	}
}

static bool version_is(struct xml *x, xmlNodePtr node, const char *want)
{
	const char *v = copy(x, xmlGetProp(node, (const xmlChar *)"version"));

	return v && strcmp(v, want) == 0;
}

static void check_declaration(struct xml *x, xmlNodePtr root)
{
	struct slice text = x->s->text;

	if (slice_starts(text, "\xef\xbb\xbf"))
		text = (struct slice){ text.p + 3, text.n - 3 };
	if (!slice_starts(text, "<?xml"))
		findings_add(x->s->found, FINDING_ERROR, 1,
			"there is no <?xml version=\"1.0\" encoding=\"UTF-8\"?>: the vendor's parser gives up");
	else if (root->doc->encoding && !slice_ieq_str(slice_str((const char *)root->doc->encoding), "utf-8"))
		findings_add(x->s->found, FINDING_ERROR, 1, "the encoding must be UTF-8, or a phone refuses the file");
	if (!xmlHasProp(root, (const xmlChar *)"version"))
		findings_add(x->s->found, FINDING_ERROR, line_of_node(root),
			"<gs_provision> must have a version, or a phone refuses the file");
}

static void read_grandstream(struct xml *x, xmlNodePtr root)
{
	unsigned macs = 0, configs = 0;

	check_declaration(x, root);
	for (xmlNodePtr node = root->children; node; node = node->next) {
		if (is(node, "mac")) {
			check_mac(x, node, &macs, configs > 0);
		} else if (is(node, "config")) {
			bool names = version_is(x, node, "2");
			if (configs++)
				findings_add(x->s->found, FINDING_ERROR, line_of_node(node),
					"a second <config>: a phone uses the first only");
			else
				x->s->out->form = names ? FORM_NAMES : FORM_NUMBERS;
			read_items(x, node->children, names);
		}
	}
	if (!configs)
		findings_add(x->s->found, FINDING_ERROR, line_of_node(root), "there is no <config> in <gs_provision>");
}

/* ---- Linphone ---- */

static void read_entry(struct xml *x, const char *section, xmlNodePtr e)
{
	const char *name = copy(x, xmlGetProp(e, (const xmlChar *)"name"));
	const char *overwrite = copy(x, xmlGetProp(e, (const xmlChar *)"overwrite"));
	struct param *p;

	if (!name || !overwrite)
		return;
	if (!*name)
		findings_add(x->s->found, FINDING_ERROR, line_of_node(e), "<entry> without a name");
	p = scan_add(
		x->s, arena_printf(x->s->a, "%s/%s", section, name), copy(x, xmlNodeGetContent(e)), line_of_node(e));
	if (p)
		p->overwrite = strcmp(overwrite, "true") == 0;
	if (p && !p->overwrite && !*p->value)
		findings_add(x->s->found, FINDING_WARNING, p->line,
			"%s is empty without overwrite=\"true\": what the client has stays", p->name);
}

/* Leaves alone: what has elements of its own (codecs, STUN) is settings of a kind that repeats. */
static void read_leaves(struct xml *x, const char *prefix, xmlNodePtr account)
{
	for (xmlNodePtr e = account->children; e; e = e->next) {
		if (e->type == XML_ELEMENT_NODE && !xmlFirstElementChild(e))
			scan_add(x->s, arena_printf(x->s->a, "%s/%s", prefix, (const char *)e->name),
				copy(x, xmlNodeGetContent(e)), line_of_node(e));
	}
}

static void read_zoiper(struct xml *x, xmlNodePtr root)
{
	unsigned n = 0;

	for (xmlNodePtr list = root->children; list; list = list->next) {
		for (xmlNodePtr e = is(list, "accounts") ? list->children : NULL; e; e = e->next) {
			if (is(e, "account"))
				read_leaves(x, arena_printf(x->s->a, "account_%u", ++n), e);
		}
	}
	if (!n)
		findings_add(x->s->found, FINDING_WARNING, line_of_node(root),
			"there is no account in it; what that does to one that the client holds is not known");
}

static void read_acrobits(struct xml *x, xmlNodePtr root)
{
	read_leaves(x, "account", root);
	for (size_t i = 0; i < x->s->out->n; i++) {
		if (strcmp(x->s->out->v[i].name, "account/title") == 0 && *x->s->out->v[i].value)
			return;
	}
	findings_add(x->s->found, FINDING_ERROR, line_of_node(root), "an account without a <title> is not saved");
}

static void read_linphone(struct xml *x, xmlNodePtr root)
{
	for (xmlNodePtr s = root->children; s; s = s->next) {
		const char *section = is(s, "section") ? copy(x, xmlGetProp(s, (const xmlChar *)"name")) : NULL;
		if (section && !*section)
			findings_add(x->s->found, FINDING_ERROR, line_of_node(s), "<section> without a name");
		for (xmlNodePtr e = section ? s->children : NULL; e; e = e->next) {
			if (is(e, "entry"))
				read_entry(x, section, e);
		}
	}
}

/* ---- Polycom's master file ---- */

enum { FILE_NAME_MAX = 255, FILE_LIST_MAX = 2047 };

/* Limits and names: vendor guide. A list that names the file into which a phone writes its own changes mixes the two.
 */
static void check_list(struct xml *x, const struct param *p)
{
	struct slice rest = slice_str(p->value);

	if (rest.n > FILE_LIST_MAX)
		findings_add(x->s->found, FINDING_ERROR, p->line, "%s may have at most %d characters", p->name,
			FILE_LIST_MAX);
	while (rest.n) {
		struct slice one = slice_trim(slice_cut(&rest, ','));
		if (!one.n)
			findings_add(x->s->found, FINDING_WARNING, p->line, "%s has an empty place", p->name);
		else if (one.n > FILE_NAME_MAX)
			findings_add(x->s->found, FINDING_ERROR, p->line,
				"%s names a file with more than %d characters", p->name, FILE_NAME_MAX);
		else if (slice_ends(one, "-phone.cfg") || slice_ends(one, "-web.cfg"))
			findings_add(x->s->found, FINDING_ERROR, p->line,
				"%s names %.*s, into which the phone writes its own changes", p->name, SLICE_ARG(one));
	}
}

static void read_master(struct xml *x, xmlNodePtr root)
{
	static const char *const known[] = { "APP_FILE_PATH", "DECT_FILE_PATH", "CONFIG_FILES", "SERVICE_FILES",
		"MISC_FILES", "LOG_FILE_DIRECTORY", "OVERRIDES_DIRECTORY", "CONTACTS_DIRECTORY", "LICENSE_DIRECTORY",
		"USER_PROFILES_DIRECTORY", "CALL_LISTS_DIRECTORY", "COREFILE_DIRECTORY", "CERTIFICATE_DIRECTORY",
		"FLK_DIRECTORY", "BOOTBLOCK_FILE_PATH" };

	read_attributes(x, root);
	for (size_t i = 0; i < x->s->out->n; i++) {
		const struct param *p = &x->s->out->v[i];
		bool fine = false;
		for (size_t k = 0; !fine && k < sizeof(known) / sizeof(*known); k++) {
			size_t n = strlen(known[k]);
			fine = strncmp(p->name, known[k], n) == 0 && (!p->name[n] || p->name[n] == '_');
		}
		if (!fine)
			findings_add(x->s->found, FINDING_WARNING, p->line, "%s is none of a master file's attributes",
				p->name);
		if (slice_starts(slice_str(p->name), "CONFIG_FILES"))
			check_list(x, p);
	}
}

/* ---- all ---- */

static void read_root(struct xml *x, xmlNodePtr root)
{
	struct params *out = x->s->out;

	out->vendor = VENDOR_POLYCOM;
	out->form = FORM_CONFIG;
	for (size_t i = 0; i < sizeof(roots) / sizeof(*roots); i++) {
		if (is(root, roots[i].name)) {
			out->vendor = roots[i].vendor;
			out->form = roots[i].form;
		}
	}
	if (slice_ieq_str(slice_str((const char *)root->name), "html")) {
		out->vendor = VENDOR_NONE;
		findings_add(x->s->found, FINDING_SYNTAX, line_of_node(root), "this is a web page, no phone's file");
	} else if (out->vendor == VENDOR_GRANDSTREAM && out->form == FORM_NUMBERS) {
		read_grandstream(x, root);
	} else if (out->vendor == VENDOR_LINPHONE) {
		read_linphone(x, root);
	} else if (out->vendor == VENDOR_ACROBITS) {
		read_acrobits(x, root);
	} else if (out->vendor == VENDOR_ZOIPER) {
		read_zoiper(x, root);
	} else if (out->form == FORM_MASTER) {
		read_master(x, root);
	} else if (out->form == FORM_CONFIG) {
		read_attributes(x, root);
	}
}

/* A Yealink's lists stand side by side without an element around them (vendor guide, local directory). With one around
 * them they can be read; lines stay what they are. */
static struct slice with_a_root(struct scan *s)
{
	struct slice rest = s->text, first;
	ssize_t end = slice_starts(rest, "<?xml") ? slice_find(rest, SLICE_LIT("?>")) : -1;
	const char *whole;

	if (end >= 0)
		rest = (struct slice){ rest.p + end + 2, rest.n - (size_t)end - 2 };
	first = rest;
	while (first.n && strchr(" \t\r\n", *first.p))
		first = (struct slice){ first.p + 1, first.n - 1 };
	if (!slice_starts(first, "<root_group>") && !slice_starts(first, "<root_contact>"))
		return s->text;
	whole = arena_printf(s->a, "<vp_contact>%.*s</vp_contact>", SLICE_ARG(rest));
	return whole ? slice_str(whole) : s->text;
}

void scan_xml(struct scan *s)
{
	struct slice text;
	struct xml x = { .s = s, .line = 1 };
	xmlDocPtr doc;

	if (s->text.n > INT_MAX) {
		findings_add(s->found, FINDING_SYNTAX, 1, "the file is too large");
		return;
	}
	text = with_a_root(s);
	xmlInitParser();
	xmlSetStructuredErrorFunc(&x, (xmlStructuredErrorFunc)(void (*)(void))on_error);
	doc = xmlReadMemory(text.p, (int)text.n, "file", NULL, XML_PARSE_NONET | XML_PARSE_BIG_LINES);
	xmlSetStructuredErrorFunc(NULL, NULL);
	if (!doc) {
		if (!x.complained)
			findings_add(s->found, FINDING_SYNTAX, 1, "no well-formed XML");
		return;
	}
	/* Entities of one's own can make a small file a huge one; no phone's file has them. */
	if (doc->intSubset && (doc->intSubset->entities || doc->intSubset->children))
		findings_add(s->found, FINDING_SYNTAX, 1, "a document type with definitions of its own; leave it out");
	else if (xmlDocGetRootElement(doc))
		read_root(&x, xmlDocGetRootElement(doc));
	xmlFreeDoc(doc);
}
