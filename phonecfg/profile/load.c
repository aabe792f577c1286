#include "phonecfg/profile/load.h"

#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/relaxng.h>
#include <libxml/xmlerror.h>

#include "phonecfg/base/mem.h"

struct profile_schema {
	xmlRelaxNGPtr rng;
};

/* The first complaint of libxml2, with its place. */
struct complaint {
	const char *file;
	bool set;
	struct err *err;
};

static void on_error(void *arg, xmlErrorPtr e)
{
	struct complaint *c = arg;
	size_t n = e->message ? strlen(e->message) : 0;

	while (n && (e->message[n - 1] == '\n' || e->message[n - 1] == ' '))
		n--;
	if (!c->set)
		err_set(c->err, ERR_INPUT, "%s:%d: %.*s", c->file, e->line, (int)n, e->message ? e->message : "");
	c->set = true;
}

/* libxml2 2.9 takes the structured handler without const, later versions with it. */
#define HANDLER ((xmlStructuredErrorFunc)(void (*)(void))on_error)

enum err_code profile_schema_open(const char *path, struct profile_schema **out, struct err *err)
{
	struct complaint c = { path, false, err };
	xmlRelaxNGParserCtxtPtr ctx;
	struct profile_schema *s = mem_zalloc(sizeof(*s));

	*out = NULL;
	if (!s)
		return err_set(err, ERR_NOMEM, "no memory for %s", path);
	xmlInitParser();
	ctx = xmlRelaxNGNewParserCtxt(path);
	if (ctx) {
		/* The reader of the schema's own XML reports by the thread's handler, the schema's parser by its own.
		 */
		xmlSetStructuredErrorFunc(&c, HANDLER);
		xmlRelaxNGSetParserStructuredErrors(ctx, HANDLER, &c);
		s->rng = xmlRelaxNGParse(ctx);
		xmlSetStructuredErrorFunc(NULL, NULL);
		xmlRelaxNGFreeParserCtxt(ctx);
	}
	if (!s->rng) {
		mem_free(s);
		return c.set ? ERR_INPUT : err_set(err, ERR_IO, "%s cannot be read; is the directory right?", path);
	}
	*out = s;
	return ERR_OK;
}

void profile_schema_free(struct profile_schema *s)
{
	if (!s)
		return;
	xmlRelaxNGFree(s->rng);
	mem_free(s);
}

/* ---- reading a validated document ---- */

struct reader {
	const char *file;
	struct arena *arena;
	struct profile *pf;
	size_t cap_blocks, cap_lists, cap_tokens, cap_macs, cap_syntaxes;
	size_t inherited; /* lists that came from the vendor and may be replaced */
	struct err *err;
};

static const char *text(struct reader *r, xmlNodePtr node, const char *name)
{
	xmlChar *v = xmlGetNoNsProp(node, (const xmlChar *)name);
	const char *copy = v ? arena_strdup(r->arena, (const char *)v) : NULL;

	xmlFree(v);
	return copy;
}

/* The schema has already seen to it that these are small numbers. */
static unsigned number(struct reader *r, xmlNodePtr node, const char *name, unsigned missing)
{
	const char *v = text(r, node, name);

	return v ? (unsigned)strtoul(v, NULL, 10) : missing;
}

static bool fact(struct reader *r, xmlNodePtr node)
{
	const char *v = text(r, node, "mark");
	bool yes = v && strcmp(v, "confirmed") == 0;

	if (yes)
		r->pf->confirmed++;
	else
		r->pf->unsure++;
	return yes;
}

static enum err_code too_small(struct reader *r, xmlNodePtr node, const char *what)
{
	return err_set(r->err, ERR_INPUT, "%s:%ld: %s", r->file, xmlGetLineNo(node), what);
}

static enum err_code read_layout(struct reader *r, xmlNodePtr parent, struct layout *out)
{
	for (xmlNodePtr node = parent->children; node; node = node->next) {
		const char *paging;
		if (node->type != XML_ELEMENT_NODE)
			continue;
		paging = text(r, node, "paging");
		out->left = number(r, node, "left", 0);
		out->right = number(r, node, "right", 0);
		out->pages = number(r, node, "pages", 1);
		out->paging = paging && strcmp(paging, "yes") == 0;
		out->confirmed = fact(r, node);
		if (out->pages < 1 || out->left + out->right <= out->paging)
			return too_small(r, node, "layout: give it a page, and a key that does not turn the page");
	}
	return ERR_OK;
}

static enum err_code read_syntax(struct reader *r, xmlNodePtr node)
{
	struct profile *pf = r->pf;
	struct syntax *s =
		arena_push(r->arena, (void **)&pf->syntaxes, &pf->nsyntaxes, &r->cap_syntaxes, sizeof(*pf->syntaxes));

	if (!s)
		return ERR_OK; /* the caller asks the arena */
	s->name = text(r, node, "name");
	s->since = text(r, node, "since");
	if (!s->since)
		s->since = "";
	s->confirmed = fact(r, node);
	if (pf->nsyntaxes > 1 && firmware_compare(pf->vendor, s[-1].since, s->since) >= 0)
		return too_small(r, node, "syntax: the oldest comes first, and each later one says since when");
	return ERR_OK;
}

static enum err_code read_firmware(struct reader *r, xmlNodePtr node)
{
	r->pf->firmware_line = text(r, node, "line");
	r->pf->firmware_min = text(r, node, "minimum");
	r->pf->firmware = text(r, node, "newest");
	fact(r, node);
	return ERR_OK;
}

static enum err_code read_accounts(struct reader *r, xmlNodePtr node)
{
	r->pf->accounts = number(r, node, "max", 0);
	r->pf->accounts_blank = number(r, node, "blank", r->pf->accounts);
	r->pf->accounts_confirmed = fact(r, node);
	if (r->pf->accounts < 1 || r->pf->accounts_blank < r->pf->accounts)
		return too_small(r, node, "accounts: max must be at least 1, and blank at least max");
	return ERR_OK;
}

static enum err_code read_keys(struct reader *r, xmlNodePtr node)
{
	struct profile *pf = r->pf;
	struct key_block *b =
		arena_push(r->arena, (void **)&pf->blocks, &pf->nblocks, &r->cap_blocks, sizeof(*pf->blocks));

	if (!b)
		return ERR_OK; /* the caller asks the arena */
	b->name = text(r, node, "name");
	b->max = number(r, node, "max", 0);
	b->blank = number(r, node, "blank", b->max);
	b->fixed = number(r, node, "fixed", 0);
	b->confirmed = fact(r, node);
	if (b->blank < b->max || b->fixed > b->max)
		return too_small(r, node, "keys: blank must be at least max, and fixed at most max");
	return read_layout(r, node, &b->layout);
}

static enum err_code read_modules(struct reader *r, xmlNodePtr node)
{
	r->pf->module_name = text(r, node, "name");
	r->pf->modules = number(r, node, "count", 0);
	r->pf->keys_per_module = number(r, node, "keys", 0);
	r->pf->modules_confirmed = fact(r, node);
	return read_layout(r, node, &r->pf->module_layout);
}

/* The vendor's list of that name is replaced once; a second one of the model's is a mistake. */
static struct slot_list *place_for(struct reader *r, const char *name, bool *twice)
{
	struct profile *pf = r->pf;

	for (size_t i = 0; name && i < pf->nlists; i++) {
		if (strcmp(name, pf->lists[i].name) != 0)
			continue;
		*twice = i >= r->inherited;
		if (!*twice) { /* from now on it is the model's own */
			struct slot_list last = pf->lists[--r->inherited];
			pf->lists[r->inherited] = pf->lists[i];
			pf->lists[i] = last;
		}
		return &pf->lists[r->inherited];
	}
	return arena_push(r->arena, (void **)&pf->lists, &pf->nlists, &r->cap_lists, sizeof(*pf->lists));
}

static enum err_code read_list(struct reader *r, xmlNodePtr node)
{
	const char *name = text(r, node, "name");
	bool twice = false;
	struct slot_list *l = place_for(r, name, &twice);

	if (!l)
		return ERR_OK;
	if (twice)
		return too_small(r, node, "list: this name is there twice");
	l->name = name;
	l->first = number(r, node, "first", 1);
	l->max = number(r, node, "max", 0);
	l->confirmed = fact(r, node);
	if (l->max < l->first)
		return too_small(r, node, "list: max must be at least first");
	return ERR_OK;
}

static enum err_code read_file(struct reader *r, xmlNodePtr node)
{
	r->pf->common_file = text(r, node, "common");
	fact(r, node);
	return ERR_OK;
}

static enum err_code read_part(struct reader *r, xmlNodePtr node)
{
	r->pf->part = text(r, node, "number");
	fact(r, node);
	return ERR_OK;
}

static enum err_code read_agent(struct reader *r, xmlNodePtr node)
{
	const char **slot = arena_push(
		r->arena, (void **)&r->pf->ua_tokens, &r->pf->nua_tokens, &r->cap_tokens, sizeof(const char *));

	if (slot)
		*slot = text(r, node, "token");
	fact(r, node);
	return ERR_OK;
}

static enum err_code read_mac(struct reader *r, xmlNodePtr node)
{
	const char **slot = arena_push(
		r->arena, (void **)&r->pf->mac_prefixes, &r->pf->nmac_prefixes, &r->cap_macs, sizeof(const char *));

	if (slot)
		*slot = text(r, node, "prefix");
	fact(r, node);
	return ERR_OK;
}

static const struct {
	const char *name;
	enum err_code (*read)(struct reader *r, xmlNodePtr node);
} elements[] = {
	{ "syntax", read_syntax },
	{ "firmware", read_firmware },
	{ "accounts", read_accounts },
	{ "keys", read_keys },
	{ "modules", read_modules },
	{ "list", read_list },
	{ "file", read_file },
	{ "part", read_part },
	{ "agent", read_agent },
	{ "mac", read_mac },
};

static enum err_code read_elements(struct reader *r, xmlNodePtr root)
{
	for (xmlNodePtr node = root->children; node; node = node->next) {
		for (size_t i = 0; node->type == XML_ELEMENT_NODE && i < sizeof(elements) / sizeof(elements[0]); i++) {
			enum err_code rc = ERR_OK;
			if (strcmp((const char *)node->name, elements[i].name) == 0)
				rc = elements[i].read(r, node);
			if (rc)
				return rc;
		}
	}
	return arena_failed(r->arena) ? err_set(r->err, ERR_NOMEM, "no memory for %s", r->file) : ERR_OK;
}

static enum err_code inherit(struct reader *r, const struct profile *base)
{
	struct profile *pf = r->pf;

	for (size_t i = 0; base && i < base->nlists; i++) {
		struct slot_list *l =
			arena_push(r->arena, (void **)&pf->lists, &pf->nlists, &r->cap_lists, sizeof(*pf->lists));
		if (!l)
			return err_set(r->err, ERR_NOMEM, "no memory for %s", r->file);
		*l = base->lists[i];
	}
	r->inherited = pf->nlists;
	return ERR_OK;
}

static enum err_code read_profile(struct reader *r, xmlNodePtr root, const struct profile *base)
{
	struct profile *pf = r->pf;
	const char *soft = text(r, root, "softphone");
	unsigned first = 1;
	enum err_code rc;

	pf->id = text(r, root, "id");
	pf->model = text(r, root, "model");
	pf->display = text(r, root, "display");
	pf->softphone = soft && strcmp(soft, "yes") == 0;
	vendor_word_parse(text(r, root, "vendor"), &pf->vendor);
	rc = inherit(r, base);
	if (!rc)
		rc = read_elements(r, root);
	if (rc)
		return rc;
	if (!pf->nmac_prefixes && base) {
		pf->mac_prefixes = base->mac_prefixes;
		pf->nmac_prefixes = base->nmac_prefixes;
	}
	for (size_t i = 0; i < pf->nblocks; i++) {
		pf->blocks[i].first = first;
		first += pf->blocks[i].max;
	}
	return ERR_OK;
}

static enum err_code read_vendor(struct reader *r, xmlNodePtr root, const struct profile *base)
{
	(void)base;
	vendor_word_parse(text(r, root, "id"), &r->pf->vendor);
	return read_elements(r, root);
}

static enum err_code validate(const struct profile_schema *schema, xmlDocPtr doc, struct complaint *c)
{
	xmlRelaxNGValidCtxtPtr ctx = xmlRelaxNGNewValidCtxt(schema->rng);
	int bad;

	if (!ctx)
		return err_set(c->err, ERR_NOMEM, "no memory for %s", c->file);
	xmlRelaxNGSetValidStructuredErrors(ctx, HANDLER, c);
	bad = xmlRelaxNGValidateDoc(ctx, doc);
	xmlRelaxNGFreeValidCtxt(ctx);
	if (bad && !c->set)
		return err_set(c->err, ERR_INPUT, "%s: is not as profile.rng says", c->file);
	return bad ? ERR_INPUT : ERR_OK;
}

struct kind_of_file {
	const char *root;
	enum err_code (*read)(struct reader *r, xmlNodePtr root, const struct profile *base);
};

static enum err_code load(const struct profile_schema *schema, struct slice text_, const struct kind_of_file *kind,
	const struct profile *base, struct reader *r)
{
	const char *name = r->file;
	struct err *err = r->err;
	struct complaint c = { name, false, err };
	enum err_code rc;
	xmlNodePtr root;
	xmlDocPtr doc;

	memset(r->pf, 0, sizeof(*r->pf));
	xmlSetStructuredErrorFunc(&c, HANDLER);
	doc = xmlReadMemory(text_.p ? text_.p : "", (int)text_.n, name, NULL, XML_PARSE_NONET);
	xmlSetStructuredErrorFunc(NULL, NULL);
	if (!doc)
		return c.set ? ERR_INPUT : err_set(err, ERR_INPUT, "%s:1: is no XML", name);
	if (doc->intSubset) { /* entities are of no use here, and of use to nobody good */
		xmlFreeDoc(doc);
		return err_set(err, ERR_INPUT, "%s:1: a document type is not taken; leave it out", name);
	}
	rc = validate(schema, doc, &c);
	root = xmlDocGetRootElement(doc);
	if (!rc && strcmp((const char *)root->name, kind->root) != 0)
		rc = err_set(err, ERR_INPUT, "%s:1: <%s> is expected here, vendor.xml alone holds <vendor>", name,
			kind->root);
	if (!rc)
		rc = kind->read(r, root, base);
	xmlFreeDoc(doc);
	return rc;
}

enum err_code profile_load(const struct profile_schema *schema, struct slice text_, const char *name,
	const struct profile *base, struct arena *a, struct profile *out, struct err *err)
{
	static const struct kind_of_file model = { "profile", read_profile };
	struct reader r = { .file = name, .arena = a, .pf = out, .err = err };

	return load(schema, text_, &model, base, &r);
}

enum err_code profile_load_vendor(const struct profile_schema *schema, struct slice text_, const char *name,
	struct arena *a, struct profile *out, struct err *err)
{
	static const struct kind_of_file vendor = { "vendor", read_vendor };
	struct reader r = { .file = name, .arena = a, .pf = out, .err = err };

	return load(schema, text_, &vendor, NULL, &r);
}
