/* Grandstream phones (GXP, GRP): files. From the vendor's provisioning guide and configuration templates; the XML
 * dialect and the rules for a whole file were observed on the vendor's own programs of the HT802 ATA. */
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/hex.h"
#include "phonecfg/handset/grandstream.h"
#include "phonecfg/handset/grandstream_store.h"
#include "phonecfg/vendor/crypt.h"

enum { KEYS_MAX = 256 };

#define PROTECT "provisioning.userProtect.enable"

static const char *value(const struct handset *hs, const char *name)
{
	char canonical[HS_NAME_MAX];
	const char *v = hs_get(hs, HANDSET_FILE, gs_canonical(&hs->model, name, canonical));

	return v ? v : "";
}

/* The ATA's table of values has no such switch. */
static bool protects(const struct handset *hs)
{
	return !hs->model.ata && hs_true(value(hs, PROTECT));
}

/* ---- the text of a file ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Without a declaration the vendor's parser fails; the encoding must be UTF-8 or not named. Returns why not, or NULL.
 */
static const char *check_declaration(struct slice *body)
{
	struct slice head = *body, declaration;
	ptrdiff_t at;
	char quote;

	if (slice_starts(head, "\xef\xbb\xbf"))
		head = (struct slice){ head.p + 3, head.n - 3 };
	while (head.n && is_blank(*head.p))
		head = (struct slice){ head.p + 1, head.n - 1 };
	at = slice_find(head, SLICE_LIT("?>"));
	if (!slice_starts(head, "<?xml") || at < 0)
		return "no XML declaration";
	*body = head;
	declaration = (struct slice){ head.p, (size_t)at };
	at = slice_find(declaration, SLICE_LIT("encoding"));
	if (at < 0)
		return NULL;
	declaration = (struct slice){ declaration.p + at, declaration.n - (size_t)at };
	slice_cut(&declaration, '=');
	declaration = slice_trim(declaration);
	if (declaration.n == 0)
		return "the encoding is not UTF-8";
	quote = *declaration.p;
	slice_cut(&declaration, quote);
	return slice_ieq_str(slice_cut(&declaration, quote), "utf-8") ? NULL : "the encoding is not UTF-8";
}

static bool known_entity(struct slice at)
{
	static const char *const names[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&apos;" };
	size_t i, end;

	for (i = 0; i < 5; i++)
		if (slice_starts(at, names[i]))
			return true;
	if (!slice_starts(at, "&#"))
		return false;
	for (end = 2; end < at.n && end < 12 && at.p[end] != ';'; end++)
		if (!strchr("xXabcdefABCDEF0123456789", at.p[end]))
			return false;
	return end > 2 && end < at.n && at.p[end] == ';';
}

/* A bare '&' is tolerated and kept; a CDATA section loses what it holds. */
static void tolerate(struct slice body, struct buf *out)
{
	struct slice rest;
	ptrdiff_t close;
	size_t i, plain;

	for (i = 0; i < body.n; i++) {
		for (plain = i; i < body.n && body.p[i] != '&' && body.p[i] != '<'; i++)
			;
		buf_add(out, body.p + plain, i - plain);
		if (i == body.n)
			break;
		rest = (struct slice){ body.p + i, body.n - i };
		if (*rest.p == '&' && !known_entity(rest)) {
			buf_str(out, "&amp;");
		} else if (*rest.p == '<' && slice_starts(rest, "<![CDATA[") &&
			   (close = slice_find(rest, SLICE_LIT("]]>"))) >= 0) {
			i += (size_t)close + 2;
		} else {
			buf_char(out, *rest.p);
		}
	}
}

/* ---- the tree of a file ---- */

/* The root, <mac> before <config> (12 digits in either case, nothing around them), one <config>. */
static const char *find_config(const struct handset *hs, struct arena *a, xmlNode *root, xmlNode **config)
{
	xmlNode *node;
	const char *text;

	if (!root || !hs_xml_is(root, "gs_provision"))
		return "no gs_provision element";
	if (!hs_xml_attr(a, root, "version"))
		return "gs_provision has no version";
	node = xmlFirstElementChild(root);
	if (node && hs_xml_is(node, "mac")) {
		text = hs_xml_text(a, node);
		if (!text || !slice_ieq_str(slice_str(text), hs->mac_digits))
			return "the file is for another MAC";
		node = xmlNextElementSibling(node);
	}
	if (!node || !hs_xml_is(node, "config"))
		return "no config element";
	*config = node;
	return NULL;
}

/* "The first one wins", even when it was refused; observed on the ATA, unknown for phones. */
static enum err_code take_once(struct handset *hs, struct slice name, struct slice text, struct err *err)
{
	bool last = hs->rules.gs_last_wins && !hs->model.ata;
	struct hs_value *v;
	const char *key;

	if (name.n >= HS_NAME_MAX)
		return ERR_OK;
	key = arena_slice(&hs->arena, name);
	v = arena_alloc(&hs->arena, sizeof(*v));
	if (key && v && !last && map_has(&hs->pass.present, key))
		return ERR_OK;
	if (v)
		v->text = arena_slice(&hs->arena, text);
	if (!key || !v || !v->text || !map_put(&hs->pass.present, key, v))
		return err_set(err, ERR_NOMEM, "no memory left for the values in a phone's file");
	return ERR_OK;
}

/* A line break cuts the value, and what follows is read as further settings ("35=9999" sets P35). */
static enum err_code take_number(struct handset *hs, const char *name, const char *text, struct err *err)
{
	struct slice rest = slice_str(text), line = slice_cut(&rest, '\n'), number;
	enum err_code rc = take_once(hs, slice_str(name), line, err);
	char key[HS_NAME_MAX];

	while (rest.n && !rc) {
		line = slice_cut(&rest, '\n');
		number = slice_cut(&line, '=');
		snprintf(key, sizeof(key), "P%.*s", number.n < 12 ? (int)number.n : 0, number.p);
		if (hs_glob("P#", key, NULL, 0))
			rc = take_once(hs, slice_str(key), line, err);
	}
	return rc;
}

/* The parser of version 1: P elements right below; "everything else is passed over in silence, also what is inside". */
static enum err_code collect_numbers(struct handset *hs, xmlNode *config, struct err *err)
{
	enum err_code rc = ERR_OK;
	const char *text;

	for (xmlNode *node = xmlFirstElementChild(config); node && !rc; node = xmlNextElementSibling(node)) {
		if (!hs_glob("P#", (const char *)node->name, NULL, 0))
			continue;
		text = hs_xml_text(&hs->arena, node);
		if (!text)
			return err_set(err, ERR_NOMEM, "no memory left for the values in a phone's file");
		rc = take_number(hs, (const char *)node->name, text, err);
	}
	return rc;
}

/* P elements, and items with a name; everything else is passed over. The version of <config> is not looked at. */
static enum err_code collect(struct handset *hs, xmlNode *config, struct err *err)
{
	const char *name, *text;
	enum err_code rc = ERR_OK;
	xmlNode *node;

	for (node = hs_xml_next(config, config); node && !rc; node = hs_xml_next(config, node)) {
		if (xmlFirstElementChild(node))
			continue;
		text = hs_xml_text(&hs->arena, node);
		if (!text)
			return err_set(err, ERR_NOMEM, "no memory left for the values in a phone's file");
		if (hs_glob("P#", (const char *)node->name, NULL, 0)) {
			rc = take_number(hs, (const char *)node->name, text, err);
		} else if (hs_xml_is(node, "item")) {
			name = hs_xml_attr(&hs->arena, node, "name");
			if (name && *name)
				rc = take_once(hs, slice_str(name), slice_str(text), err);
		}
	}
	return rc;
}

/* "Old series and ATAs: version 1 only" (vendor templates; observed). Both readings of a phone whose firmware nobody
 * knows are looked at. */
static bool by_numbers(const struct handset *hs)
{
	return hs->model.numbers_only || (hs->model.either && hs->rules.gs_numbers_only);
}

static const char *collected(const struct handset *hs, const char *name)
{
	const struct hs_value *v = map_get(&hs->pass.present, name);

	return v ? v->text : NULL;
}

/* ---- what a file does ---- */

/* "Dynamic programmable keys must be listed in sequence: leaving one out removes every one after it." */
static void truncate_keys(struct handset *hs, const bool listed[KEYS_MAX])
{
	const struct map *m = &hs->layers[HANDSET_FILE];
	bool any = hs->rules.gs_truncates_always;
	unsigned k, gap;
	size_t i;

	for (k = hs->model.fixed_keys + 1; k < KEYS_MAX; k++)
		any |= listed[k];
	for (gap = hs->model.fixed_keys + 1; gap < KEYS_MAX && listed[gap]; gap++)
		;
	for (i = 0; any && i < m->count; i++)
		if (hs_glob("pks.vpk.#.*", m->entries[i].key, &k, 1) && k > gap)
			hs_drop(hs, HANDSET_FILE, m->entries[i].key);
}

static enum err_code put_all(struct handset *hs, const char *file, struct err *err)
{
	const struct map *in = &hs->pass.present;
	bool listed[KEYS_MAX] = { false };
	const struct hs_value *v;
	char name[HS_NAME_MAX];
	enum err_code rc = ERR_OK;
	unsigned k;
	size_t i;

	for (i = 0; i < in->count && !rc; i++) {
		v = in->entries[i].value;
		gs_canonical(&hs->model, in->entries[i].key, name);
		if (hs_glob("pks.vpk.#.*", name, &k, 1) && k < KEYS_MAX)
			listed[k] = true;
		rc = gs_store_put(hs, name, slice_str(v->text), file, err);
	}
	if (!rc)
		truncate_keys(hs, listed);
	return rc;
}

/* "Authenticate config file": taken only when it carries the current admin password, in P1. */
static bool authentic(const struct handset *hs)
{
	const char *given = collected(hs, "P1"), *own = value(hs, "users.admin.password");

	return !hs_true(value(hs, "provisioning.config.authenticateFile")) ||
	       (given && *own && strcmp(given, own) == 0);
}

static enum err_code take_doc(struct handset *hs, const char *file, xmlDoc *doc, bool *taken, struct err *err)
{
	const char *why;
	xmlNode *config = NULL;
	enum err_code rc;

	why = find_config(hs, &hs->arena, doc ? xmlDocGetRootElement(doc) : NULL, &config);
	if (!doc)
		why = "not well-formed";
	map_init(&hs->pass.present, &hs->arena);
	if (!why) {
		rc = by_numbers(hs) ? collect_numbers(hs, config, err) : collect(hs, config, err);
		if (rc)
			return rc;
		if (!authentic(hs))
			why = "it does not carry the admin password";
	}
	if (why)
		return hs_step(hs, file, 200, HANDSET_REFUSED, why, err);
	rc = put_all(hs, file, err);
	if (rc)
		return rc;
	*taken = true;
	return hs_step(hs, file, 200, HANDSET_APPLIED, "", err);
}

static enum err_code take_plain(struct handset *hs, const char *file, struct slice body, bool *taken, struct err *err)
{
	const char *why = check_declaration(&body);
	enum err_code rc;
	struct buf b;
	xmlDoc *doc;

	if (why)
		return hs_step(hs, file, 200, HANDSET_REFUSED, why, err);
	buf_init(&b, HS_BODY_MAX);
	tolerate(body, &b);
	rc = buf_check(&b, "a phone's file", err);
	if (!rc) {
		doc = hs_xml(buf_view(&b));
		rc = take_doc(hs, file, doc, taken, err);
		xmlFreeDoc(doc);
	}
	buf_release(&b);
	return rc;
}

/* "With a file password each file is decrypted, whatever it is; what comes out of a plain one is no XML." AES-256-CBC,
 * key and vector by MD5 in one round, with salt or without (observed on the ATA; the vendor guide names the command).
 */
static enum err_code take_xml(struct handset *hs, const char *file, struct slice body, bool *taken, struct err *err)
{
	const char *password = value(hs, "provisioning.config.filePassword");
	bool plain = hs->rules.gs_plain_taken && !hs->model.ata && slice_starts(slice_trim(body), "<");
	struct secret key = { password, strlen(password) };
	enum err_code rc;
	struct buf b;

	*taken = false;
	if (!*password || plain)
		return take_plain(hs, file, body, taken, err);
	buf_init(&b, HS_BODY_MAX);
	rc = vendor_decrypt(VENDOR_GRANDSTREAM, &key, body, &b, NULL);
	if (rc == ERR_NOMEM)
		err_set(err, ERR_NOMEM, "no memory to decrypt a phone's file");
	else if (rc)
		rc = hs_step(hs, file, 200, HANDSET_REFUSED, "the phone's file password does not open it", err);
	else
		rc = take_plain(hs, file, buf_view(&b), taken, err);
	buf_release(&b);
	return rc;
}

/* ---- the binary file ---- */

static enum err_code take_pair(struct handset *hs, struct slice pair, const char *file, struct err *err)
{
	struct slice name = slice_cut(&pair, '=');
	char key[HS_NAME_MAX], plain[HS_NAME_MAX];
	enum err_code rc;
	struct buf b;
	size_t i;

	snprintf(plain, sizeof(plain), "%.*s", name.n < sizeof(plain) ? (int)name.n : 0, name.p);
	if (!hs_glob("P#", plain, NULL, 0))
		return ERR_OK;
	buf_init(&b, HS_BODY_MAX);
	for (i = 0; i < pair.n; i++) {
		if (pair.p[i] == '%' && i + 2 < pair.n && hex_digit(pair.p[i + 1]) >= 0 &&
			hex_digit(pair.p[i + 2]) >= 0) {
			buf_char(&b, (char)(hex_digit(pair.p[i + 1]) * 16 + hex_digit(pair.p[i + 2])));
			i += 2;
		} else {
			buf_char(&b, pair.p[i] == '+' ? ' ' : pair.p[i]);
		}
	}
	rc = buf_check(&b, "a value of a binary file", err);
	if (!rc)
		rc = gs_store_put(hs, gs_canonical(&hs->model, plain, key), buf_view(&b), file, err);
	buf_release(&b);
	return rc;
}

/* 16 bytes: two of zero, half the total length, a sum over all 16-bit words that makes zero, the MAC, CR LF CR LF. */
static bool binary_header(const struct handset *hs, struct slice body)
{
	const unsigned char *p = (const unsigned char *)body.p;
	unsigned sum = 0;
	size_t i;

	if (body.n < 16 || body.n % 2 || p[0] || p[1] || memcmp(p + 12, "\r\n\r\n", 4) != 0 ||
		memcmp(p + 6, hs->mac.b, 6) != 0 || (size_t)(p[2] << 8 | p[3]) * 2 != body.n)
		return false;
	for (i = 0; i < body.n; i += 2)
		sum += (unsigned)(p[i] << 8 | p[i + 1]);
	return (sum & 0xffff) == 0;
}

static enum err_code take_binary(struct handset *hs, const char *file, struct slice body, struct err *err)
{
	enum err_code rc = ERR_OK;
	struct slice rest;

	if (!binary_header(hs, body))
		return hs_step(hs, file, 200, HANDSET_REFUSED, "no binary configuration of this phone", err);
	rest = (struct slice){ body.p + 16, strnlen(body.p + 16, body.n - 16) };
	while (rest.n && !rc)
		rc = take_pair(hs, slice_cut(&rest, '&'), file, err);
	return rc ? rc : hs_step(hs, file, 200, HANDSET_APPLIED, "", err);
}

static enum err_code apply(struct handset *hs, const char *file, struct slice body, struct err *err)
{
	bool taken;

	if (slice_ends(slice_str(file), ".bin") || (body.n > 2 && body.p[0] == '\0'))
		return take_binary(hs, file, body, err);
	return take_xml(hs, file, body, &taken, err);
}

/* ---- the list of contacts ---- */

/* Entries of the loaded list are shared.N.*, those that a person made on the phone contacts.N.*. */
static enum err_code take_book(struct handset *hs, const char *file, xmlNode *root, struct err *err)
{
	bool remove = hs_true(value(hs, "phonebook.download.removeEditedEntries"));
	const struct map *m = &hs->layers[HANDSET_DATA];
	enum err_code rc = ERR_OK;
	char name[HS_NAME_MAX];
	unsigned n = 0;

	for (size_t i = 0; i < m->count; i++) {
		const char *key = m->entries[i].key;
		if (hs_glob("shared.#.*", key, NULL, 0) || (remove && hs_glob("contacts.#.*", key, NULL, 0)))
			hs_drop(hs, HANDSET_DATA, key);
	}
	for (xmlNode *c = xmlFirstElementChild(root); c && !rc; c = xmlNextElementSibling(c)) {
		if (!hs_xml_is(c, "Contact"))
			continue;
		n++;
		for (xmlNode *f = hs_xml_next(c, c); f && !rc; f = hs_xml_next(c, f)) {
			const char *text = xmlFirstElementChild(f) ? NULL : hs_xml_text(&hs->arena, f);
			if (!text || !*text)
				continue;
			snprintf(name, sizeof(name), "shared.%u.%.60s", n, (const char *)f->name);
			rc = hs_put(hs, HANDSET_DATA, slice_str(name), slice_str(text), file, err);
		}
	}
	return rc;
}

/* Modes 1 HTTP, 2 TFTP, 3 HTTPS load phonebook.xml below the given path (vendor templates). */
static enum err_code load_book(struct handset *hs, struct hs_fetch *f, struct err *err)
{
	static const char *const schemes[] = { NULL, "http", "tftp", "https" };
	unsigned mode = hs_unsigned(value(hs, "phonebook.download.mode"), 0, 3);
	const char *server = value(hs, "phonebook.download.server");
	enum err_code rc = ERR_OK;
	const char *file;
	xmlDoc *doc;

	if (hs->model.ata || !schemes[mode] || !*server)
		return ERR_OK;
	file = arena_printf(&hs->arena, "%s://%s/phonebook.xml", schemes[mode], server);
	if (!file)
		return err_set(err, ERR_NOMEM, "no memory for the address of a phonebook");
	if (!hs_fetch(hs, f, file, &rc, err))
		return rc;
	doc = hs_xml(buf_view(&f->body));
	if (doc && hs_xml_is(xmlDocGetRootElement(doc), "AddressBook")) {
		rc = take_book(hs, file, xmlDocGetRootElement(doc), err);
		if (!rc)
			rc = hs_step(hs, file, 200, HANDSET_APPLIED, "", err);
	} else {
		rc = hs_step(hs, file, 200, HANDSET_REFUSED, "no AddressBook", err);
	}
	xmlFreeDoc(doc);
	return rc;
}

/* ---- the order ---- */

static enum err_code ask_binary(struct handset *hs, struct hs_fetch *f, struct err *err)
{
	/* Newer series ask for it with its ending (vendor guide). */
	bool older = strncmp(hs->model.token, "gxp", 3) == 0 || hs->model.ata;
	enum err_code rc = ERR_OK;
	char name[32];

	snprintf(name, sizeof(name), "cfg%s%s", hs->mac_digits, older ? "" : ".bin");
	if (hs_fetch(hs, f, name, &rc, err))
		rc = take_binary(hs, name, buf_view(&f->body), err);
	return rc;
}

/* "File order by generation": the binary file, cfg<mac>.xml, cfg<model>.xml, cfg.xml; it stops after the first XML that
 * succeeds unless processAll is on. A GRP2612W was seen to ask for the binary file last. */
static enum err_code pull(struct handset *hs, struct hs_fetch *f, struct err *err)
{
	bool taken = false, last = hs->rules.gs_binary_last && !hs->model.ata;
	const char *files[3];
	enum err_code rc = ERR_OK;
	char own[32];
	size_t i;

	snprintf(own, sizeof(own), "cfg%s.xml", hs->mac_digits);
	files[0] = own;
	files[1] = hs->model.common;
	files[2] = "cfg.xml";
	if (!last)
		rc = ask_binary(hs, f, err);
	for (i = 0; i < 3 && !rc; i++) {
		if (!files[i] || !hs_fetch(hs, f, files[i], &rc, err))
			continue;
		rc = take_xml(hs, files[i], buf_view(&f->body), &taken, err);
		if (taken && !hs_true(value(hs, "provisioning.config.processAll.enable")))
			break;
	}
	if (!rc && last)
		rc = ask_binary(hs, f, err);
	return rc ? rc : load_book(hs, f, err);
}

/* "userProtect": what the person changed on the phone survives provisioning. */
static enum err_code end(struct handset *hs, struct err *err)
{
	const struct map *m = &hs->layers[HANDSET_LOCAL];
	const struct hs_value *v;
	enum err_code rc = ERR_OK;
	size_t i;

	if (!protects(hs) && !(hs->rules.protect_late && hs->pass.protect_before)) {
		hs_drop_all(hs, HANDSET_LOCAL);
		return ERR_OK;
	}
	for (i = 0; i < m->count && !rc; i++) {
		v = m->entries[i].value;
		if (v->text)
			rc = hs_put(hs, HANDSET_FILE, slice_str(m->entries[i].key), slice_str(v->text), NULL, err);
	}
	return rc;
}

/* ---- a person at the desk ---- */

/* What can be changed on the phone itself: no key that it does not have, and on an ATA nothing but what its own table
 * of values holds (observed). */
static bool has(const struct handset *hs, const char *name)
{
	static const char *const ata[] = { "account.#.enable", "account.#.sip.*", "account.#.network.*",
		"provisioning.*", "users.*", "dateTime.*", "P#" };
	unsigned n;

	if (hs_glob("pks.vpk.#.*", name, &n, 1))
		return n <= hs->model.keys;
	for (size_t i = 0; hs->model.ata && i < sizeof(ata) / sizeof(ata[0]); i++)
		if (hs_glob(ata[i], name, NULL, 0))
			return true;
	return !hs->model.ata;
}

static enum err_code set_local(struct handset *hs, const char *name, const char *v, bool web, struct err *err)
{
	char canonical[HS_NAME_MAX];
	enum err_code rc;

	(void)web; /* menu and web page are one here */
	if (hs_glob("contacts.#.*", name, NULL, 0))
		return hs_put(hs, HANDSET_DATA, slice_str(name), slice_str(v), NULL, err);
	gs_canonical(&hs->model, name, canonical);
	if (!has(hs, canonical))
		return ERR_OK;
	rc = hs_put(hs, HANDSET_FILE, slice_str(canonical), slice_str(v), NULL, err);
	if (rc || !protects(hs))
		return rc;
	return hs_put(hs, HANDSET_LOCAL, slice_str(canonical), slice_str(v), NULL, err);
}

/* No uploads: "HTTP client: GET only; no PUT upload in these generations." */
const struct hs_ops hs_grandstream = { pull, apply, end, protects, value, set_local, NULL, hs_grandstream_line,
	hs_grandstream_keys, hs_grandstream_credentials, hs_grandstream_notify };
