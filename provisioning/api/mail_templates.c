/* The letters that mails carry: those that come with the program, a reseller's, a domain's. */
#include <openssl/evp.h>
#include <string.h>

#include "phonecfg/base/hex.h"
#include "provisioning/api/calls.h"
#include "provisioning/mail/mail.h"
#include "provisioning/store/mail.h"

enum { RESELLER_MAX = 64 };

/* Whose letters a call is about: a domain's, or at the root a reseller's. */
struct place {
	struct call *call;
	enum letter_kind kind;
	int64_t domain_id; /* 0 = the reseller's */
	const char *reseller;
	struct letter_text source;
	bool gone;
};

/* A Reseller has his own; a Super User names one by ?reseller=. */
static enum err_code read_reseller(struct call *c, struct place *at, struct err *err)
{
	const char *asked = request_query(c->rq, "reseller");
	size_t n = asked ? strlen(asked) : 0;

	at->reseller = c->who->scope == SCOPE_SUPER && n ? asked : c->who->reseller;
	if (*at->reseller == '\0')
		return err_set(err, ERR_INPUT, "Say whose letters these are: ?reseller=NAME.");
	if (n > RESELLER_MAX || (n && strcmp(asked, at->reseller) != 0))
		return err_set(err, ERR_FORBIDDEN, "These are another reseller's letters.");
	return ERR_OK;
}

static enum err_code read_place(struct call *c, struct place *at, struct err *err)
{
	const char *name = request_param(c->rq, "name");
	enum err_code e;

	*at = (struct place){ .call = c, .reseller = "" };
	e = *request_param(c->rq, "domain") ? call_domain(c, err) : read_reseller(c, at, err);
	if (e)
		return e;
	at->domain_id = c->domain.id;
	if (*name && !letter_read(name, &at->kind))
		return err_set(err, ERR_NOT_FOUND, "There is no letter \"%.40s\"; there are %s and %s.", name,
			letter_word(LETTER_WELCOME), letter_word(LETTER_PASSWORD_RESET));
	return ERR_OK;
}

static json_t *shape(enum letter_kind kind, const char *set_by, const struct letter_text *t)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s}", "name", letter_word(kind), "set-by", set_by, "subject",
		t->subject, "text", t->text, "html", t->html);
}

/* The letter that is used here, and who set it. */
static enum err_code effective(struct place *at, enum letter_kind kind, json_t **out, struct err *err)
{
	struct call *c = at->call;
	const char *reseller = at->domain_id ? c->domain.reseller : at->reseller;
	struct letter_row row;
	struct letter_text source;
	struct db *db;
	enum err_code e = call_db(c, &db, err);

	if (e == ERR_OK)
		e = letter_row_find(db, at->domain_id, reseller, letter_word(kind), c->a, &row, err);
	if (e && e != ERR_NOT_FOUND)
		return e;
	source = (struct letter_text){ row.subject, row.body_text, row.body_html };
	*out = e ? shape(kind, "program", mail_letter_source(c->api->conf.reset->mail, kind))
		 : shape(kind, row.domain_id ? "domain" : "reseller", &source);
	return *out ? ERR_OK : call_no_memory(err);
}

enum err_code letters_list(struct call *c, struct err *err)
{
	struct place at;
	json_t *out, *one;
	unsigned i;
	enum err_code e = read_place(c, &at, err);

	if (e)
		return e;
	out = json_array();
	for (i = 0; e == ERR_OK && i < LETTER_COUNT; i++) {
		e = effective(&at, (enum letter_kind)i, &one, err);
		if (e == ERR_OK)
			json_array_append_new(out, one);
	}
	if (e)
		json_decref(out);
	return e ? e : call_ok(c, out, err);
}

enum err_code letters_get(struct call *c, struct err *err)
{
	struct place at;
	json_t *out;
	enum err_code e = read_place(c, &at, err);

	if (e == ERR_OK)
		e = effective(&at, at.kind, &out, err);
	return e ? e : call_ok(c, out, err);
}

/* ---- writing ---- */

/* The parts as they are: line breaks belong to them. name and set-by, which GET gave, may come back. */
static enum err_code read_source(struct place *at, bool all, struct err *err)
{
	static const char *const names[] = { "subject", "text", "html" };
	const char **const parts[] = { &at->source.subject, &at->source.text, &at->source.html };
	const char *name;
	json_t *body, *v;
	size_t i;
	enum err_code e = call_body(at->call, &body, err);

	if (e)
		return e;
	at->source = *mail_letter_source(at->call->api->conf.reset->mail, at->kind);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		v = json_object_get(body, names[i]);
		if (json_is_string(v))
			*parts[i] = json_string_value(v);
		else if (v || all)
			return err_set(err, ERR_INPUT, "\"%s\" must be given, as text", names[i]);
	}
	json_object_foreach (body, name, v)
		if (strcmp(name, "name") && strcmp(name, "set-by") && strcmp(name, "subject") && strcmp(name, "text") &&
			strcmp(name, "html"))
			return err_set(err, ERR_INPUT, "\"%.60s\" is not known here", name);
	return letter_check(at->kind, &at->source, err);
}

/* What the audit log keeps of a letter: too much for the whole of it. */
static const char *audit_of(struct call *c, const char *subject, const char *text, const char *html)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	char hex[2 * EVP_MAX_MD_SIZE + 1];
	const char *whole = arena_printf(c->a, "%s\n%s\n%s", subject, text, html);
	unsigned n = 0;

	if (whole == NULL || EVP_Digest(whole, strlen(whole), md, &n, EVP_sha256(), NULL) != 1)
		n = 0;
	hex_write(md, n, hex);
	return call_text(c, json_pack("{s:s, s:I, s:I, s:s}", "subject", subject, "text-bytes",
				    (json_int_t)strlen(text), "html-bytes", (json_int_t)strlen(html), "sha256", hex));
}

static enum err_code write_fn(struct txn *t, void *arg, struct err *err)
{
	struct place *at = arg;
	struct call *c = at->call;
	const char *name = letter_word(at->kind);
	struct letter_row row = { .domain_id = at->domain_id,
		.reseller = at->reseller,
		.name = name,
		.subject = at->source.subject,
		.body_text = at->source.text,
		.body_html = at->source.html,
		.who = c->who->who };
	struct letter_row had;
	const char *before = NULL, *after = NULL;
	enum err_code e = letter_row_load(t->db, at->domain_id, at->reseller, name, c->a, &had, err);

	if (e == ERR_OK)
		before = audit_of(c, had.subject, had.body_text, had.body_html);
	else if (e != ERR_NOT_FOUND)
		return e;
	if (!at->gone)
		after = audit_of(c, row.subject, row.body_text, row.body_html);
	e = at->gone ? letter_row_delete(t->db, at->domain_id, at->reseller, name, err)
		     : letter_row_put(t->db, &row, err);

	return e ? e
		 : call_audit(c, t->db, at->gone ? "letter-delete" : "letter-set", "",
			   arena_printf(c->a, "%s%s%s", at->reseller, *at->reseller ? " " : "", name), before, after,
			   err);
}

enum err_code letters_set(struct call *c, struct err *err)
{
	struct place at;
	json_t *out;
	enum err_code e = read_place(c, &at, err);

	if (e || (e = read_source(&at, true, err)) || (e = call_write(c, write_fn, &at, err)) ||
		(e = effective(&at, at.kind, &out, err)))
		return e;
	return call_changed(c, out, err);
}

enum err_code letters_delete(struct call *c, struct err *err)
{
	struct place at;
	enum err_code e = read_place(c, &at, err);

	at.gone = true;
	if (e == ERR_OK)
		e = call_write(c, write_fn, &at, err);
	return e ? e : call_deleted(c, err);
}

/* What a mail would say to somebody who is not there. Parts that the body leaves out are those that come with the
 * program. */
enum err_code letters_preview(struct call *c, struct err *err)
{
	struct place at;
	struct letter_text text;
	struct letter *l;
	enum err_code e = read_place(c, &at, err);

	if (e || (e = read_source(&at, false, err)) || (e = letter_compile(at.kind, &at.source, &l, err)))
		return e;
	e = letter_render(l, &letter_sample, c->a, &text, err);
	letter_free(l);
	return e ? e
		 : call_ok(c,
			   json_pack("{s:s, s:s, s:s}", "subject", text.subject, "text", text.text, "html", text.html),
			   err);
}
