/* Which mailbox belongs to which user: the patterns of the settings. */
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "provisioning/voicemail/names.h"

#define DOMAIN "{domain}"
#define USER "{user}"

struct names {
	struct arena arena;
	const char *domains[CONTEXTS_MAX], *contexts[CONTEXTS_MAX];
	size_t n;
	const char *others;    /* the pattern of the domains that are not listed; NULL = they have none */
	const char *mailboxes; /* pattern */
};

/* A name of a folder that no shell, no configuration file and no path can take for anything else. */
static bool fits(const char *s)
{
	size_t n = strlen(s);

	return n > 0 && n <= BOX_NAME_MAX && s[0] != '.' && s[0] != '-' &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-+@") == n;
}

/* Puts word in the place of what, which stands in the pattern once. False when it does not fit. */
static bool fill(const char *pattern, const char *what, const char *word, char out[BOX_NAME_MAX + 1])
{
	const char *at = strstr(pattern, what);
	int n = snprintf(out, BOX_NAME_MAX + 1, "%.*s%s%s", (int)(at - pattern), pattern, word, at + strlen(what));

	return n > 0 && n <= BOX_NAME_MAX && fits(out);
}

static bool good_pattern(const char *pattern, const char *what)
{
	char tried[BOX_NAME_MAX + 1];
	const char *at = strstr(pattern, what);

	return at && strstr(at + 1, what) == NULL && strlen(pattern) < BOX_NAME_MAX && fill(pattern, what, "x", tried);
}

static enum err_code add_one(struct names *n, const char *domain, const char *context, struct err *err)
{
	size_t i;

	if (n->n == CONTEXTS_MAX)
		return err_set(err, ERR_LIMIT, "[voicemail] context lists more than %d domains", CONTEXTS_MAX);
	if (*domain == '\0' || !fits(context))
		return err_set(err, ERR_INPUT,
			"[voicemail] context: \"%s=%s\" must be a domain, = and the name of a context", domain,
			context);
	for (i = 0; i < n->n; i++)
		if (strcmp(n->domains[i], domain) == 0 || strcmp(n->contexts[i], context) == 0)
			return err_set(err, ERR_INPUT,
				"[voicemail] context: %s=%s and %s=%s would share mailboxes; give each domain a context of its own",
				n->domains[i], n->contexts[i], domain, context);
	n->domains[n->n] = domain;
	n->contexts[n->n++] = context;
	return ERR_OK;
}

static enum err_code add_word(struct names *n, char *word, struct err *err)
{
	char *equals = strchr(word, '=');

	if (equals) {
		*equals = '\0';
		return add_one(n, word, equals + 1, err);
	}
	if (n->others || !good_pattern(word, DOMAIN))
		return err_set(err, ERR_INPUT,
			"[voicemail] context is \"%s\", which would be the context of every domain: write example.com=%s for "
			"one domain, or one pattern with " DOMAIN,
			word, word);
	n->others = word;
	return ERR_OK;
}

static enum err_code read_all(struct names *n, const char *contexts, const char *mailboxes, struct err *err)
{
	struct slice rest = slice_str(contexts), word;
	enum err_code code = ERR_OK;

	while (code == ERR_OK && rest.n) {
		word = slice_trim(slice_cut(&rest, ' '));
		if (word.n) {
			char *text = arena_slice(&n->arena, word);

			code = text ? add_word(n, text, err) : err_set(err, ERR_NOMEM, "out of memory");
		}
	}
	if (code == ERR_OK && n->n == 0 && n->others == NULL)
		return err_set(err, ERR_INPUT, "[voicemail] context is empty; " DOMAIN " is the usual one");
	if (code == ERR_OK && !good_pattern(mailboxes, USER))
		return err_set(err, ERR_INPUT,
			"[voicemail] mailbox is \"%s\"; it must be a name with " USER " in it once", mailboxes);
	n->mailboxes = arena_strdup(&n->arena, mailboxes);
	return code == ERR_OK && n->mailboxes == NULL ? err_set(err, ERR_NOMEM, "out of memory") : code;
}

enum err_code names_open(const char *contexts, const char *mailboxes, struct names **out, struct err *err)
{
	struct names *n = mem_zalloc(sizeof(*n));
	enum err_code code;

	if (n == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	arena_init(&n->arena, 0);
	code = read_all(n, contexts, mailboxes, err);
	if (code) {
		names_close(n);
		return code;
	}
	*out = n;
	return ERR_OK;
}

void names_close(struct names *n)
{
	if (n == NULL)
		return;
	arena_release(&n->arena);
	mem_free(n);
}

static enum err_code context_of(const struct names *n, const char *domain, char out[BOX_NAME_MAX + 1], struct err *err)
{
	size_t i;

	for (i = 0; i < n->n; i++)
		if (strcmp(n->domains[i], domain) == 0) {
			snprintf(out, BOX_NAME_MAX + 1, "%s", n->contexts[i]);
			return ERR_OK;
		}
	if (n->others == NULL)
		return err_set(err, ERR_UNSUPPORTED,
			"%s has no voicemail here: [voicemail] context in rekeyd.conf does not name it.", domain);
	if (!fill(n->others, DOMAIN, domain, out))
		return err_set(err, ERR_INPUT,
			"%s is no name for a voicemail context; write %s=… in [voicemail] context of rekeyd.conf.",
			domain, domain);
	for (i = 0; i < n->n; i++)
		if (strcmp(n->contexts[i], out) == 0)
			return err_set(err, ERR_INPUT,
				"The voicemail context %s is that of %s; give %s another one in rekeyd.conf.", out,
				n->domains[i], domain);
	return ERR_OK;
}

enum err_code names_mailbox(
	const struct names *n, const char *domain, const char *user, struct mailbox *out, struct err *err)
{
	enum err_code code = context_of(n, domain, out->context, err);

	if (code == ERR_OK && !fill(n->mailboxes, USER, user, out->name))
		return err_set(err, ERR_INPUT, "%s is no name for a mailbox.", user);
	return code;
}
