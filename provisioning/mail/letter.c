#include "provisioning/mail/letter.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "phonecfg/base/text.h"
#include "phonecfg/template/template.h"
#include "provisioning/mail/header.h"

enum { SUBJECT, TEXT, HTML, PARTS };

static const char *const part_words[PARTS] = { "subject", "text", "html" };
static const char *const part_files[PARTS] = { "subject", "txt", "html" };
static const char *const words[LETTER_COUNT] = { "welcome", "password-reset" };

struct letter {
	struct template *parts[PARTS];
};

const struct letter_data letter_sample = { "Anna", "Berg", "Anna Berg", "1001", "example.com", "Example & Sons",
	"1001@example.com", "https://portal.example.com/set-password/SAMPLE-LINK", 48 };

const char *letter_word(enum letter_kind kind)
{
	return words[kind];
}

bool letter_read(const char *word, enum letter_kind *out)
{
	unsigned i;

	for (i = 0; i < LETTER_COUNT; i++)
		if (strcmp(words[i], word) == 0) {
			*out = (enum letter_kind)i;
			return true;
		}
	return false;
}

static const char *part_of(const struct letter_text *t, int part)
{
	return part == SUBJECT ? t->subject : part == TEXT ? t->text : t->html;
}

static struct tval *values(const struct letter_data *d, struct arena *a)
{
	const struct {
		const char *name, *value;
	} texts[] = { { "first_name", d->first_name }, { "last_name", d->last_name }, { "name", d->name },
		{ "user", d->user }, { "domain", d->domain }, { "company", d->company }, { "login", d->login },
		{ "link", d->link } };
	struct tval *v = tval_object(a);
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		tval_put_str(v, texts[i].name, texts[i].value);
	tval_put_int(v, "hours", d->hours);
	return v;
}

static enum err_code no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "There is no memory for this letter.");
}

enum err_code letter_compile(
	enum letter_kind kind, const struct letter_text *source, struct letter **out, struct err *err)
{
	struct template_options options = { .no_raw = true };
	struct letter *l = mem_zalloc(sizeof(*l));
	struct arena a;
	char name[64];
	enum err_code code = ERR_OK;
	int i;

	*out = NULL;
	if (l == NULL)
		return no_memory(err);
	arena_init(&a, 0);
	options.schema = values(&letter_sample, &a);
	if (arena_failed(&a))
		code = no_memory(err);
	for (i = 0; code == ERR_OK && i < PARTS; i++) {
		options.escape = i == HTML ? ESCAPE_HTML : ESCAPE_NONE;
		snprintf(name, sizeof(name), "%s.%s", words[kind], part_words[i]);
		code = template_compile(slice_str(part_of(source, i)), name, &options, &l->parts[i], err);
	}
	arena_release(&a);
	if (code) {
		letter_free(l);
		return code;
	}
	*out = l;
	return ERR_OK;
}

void letter_free(struct letter *l)
{
	int i;

	if (l == NULL)
		return;
	for (i = 0; i < PARTS; i++)
		template_free(l->parts[i]);
	mem_free(l);
}

static enum err_code render_part(
	const struct template *t, const struct tval *v, struct arena *a, const char **out, struct err *err)
{
	struct buf b;
	enum err_code code;

	buf_init(&b, LETTER_OUT_MAX);
	code = template_render(t, v, &b, err);
	*out = code == ERR_OK ? arena_slice(a, buf_view(&b)) : NULL;
	buf_release(&b);
	return code || *out ? code : no_memory(err);
}

enum err_code letter_render(const struct letter *l, const struct letter_data *data, struct arena *a,
	struct letter_text *out, struct err *err)
{
	const struct tval *v = values(data, a);
	enum err_code code = arena_failed(a) ? no_memory(err) : ERR_OK;

	if (code || (code = render_part(l->parts[SUBJECT], v, a, &out->subject, err)) ||
		(code = render_part(l->parts[TEXT], v, a, &out->text, err)) ||
		(code = render_part(l->parts[HTML], v, a, &out->html, err)))
		return code;
	out->subject = header_tidy(a, slice_str(out->subject));
	return out->subject ? ERR_OK : no_memory(err);
}

/* Line breaks and tabs are what text is made of; other controls are not. */
static bool has_odd_control(const char *text)
{
	struct slice s = slice_str(text);
	uint32_t letter;
	size_t size;

	for (; (size = text_letter(s, &letter)) != 0; s.p += size, s.n -= size)
		if (letter != '\n' && letter != '\r' && letter != '\t' && text_letter_is_control(letter))
			return true;
	return s.n != 0;
}

static enum err_code check_part(const struct letter_text *source, int part, struct err *err)
{
	const char *text = part_of(source, part);
	size_t max = part == SUBJECT ? LETTER_SUBJECT_MAX : LETTER_PART_MAX;

	if (strlen(text) > max)
		return err_set(err, ERR_LIMIT, "%s is longer than %zu bytes; make it shorter", part_words[part], max);
	if (part == SUBJECT && strpbrk(text, "\r\n"))
		return err_set(err, ERR_INPUT, "subject must be one line");
	if (has_odd_control(text))
		return err_set(
			err, ERR_INPUT, "%s holds a control character, or is no UTF-8; take it out", part_words[part]);
	return ERR_OK;
}

static enum err_code check_rendered(const struct letter_text *r, struct err *err)
{
	int i;

	if (*r->subject == '\0')
		return err_set(err, ERR_INPUT, "subject is empty; say what the mail is about");
	for (i = TEXT; i < PARTS; i++)
		if (strstr(part_of(r, i), letter_sample.link) == NULL)
			return err_set(err, ERR_INPUT,
				"%s does not show the link; without {{link}} nobody can set a password", part_words[i]);
	return ERR_OK;
}

enum err_code letter_check(enum letter_kind kind, const struct letter_text *source, struct err *err)
{
	struct letter_text rendered;
	struct letter *l;
	struct arena a;
	enum err_code code = ERR_OK;
	int i;

	for (i = 0; code == ERR_OK && i < PARTS; i++)
		code = check_part(source, i, err);
	if (code == ERR_OK)
		code = letter_compile(kind, source, &l, err);
	if (code)
		return code;
	arena_init(&a, 0);
	code = letter_render(l, &letter_sample, &a, &rendered, err);
	if (code == ERR_OK)
		code = check_rendered(&rendered, err);
	arena_release(&a);
	letter_free(l);
	return code;
}

static enum err_code load_part(
	const char *dir, enum letter_kind kind, int part, struct arena *a, const char **out, struct err *err)
{
	const char *path = arena_printf(a, "%s/%s.%s", dir, words[kind], part_files[part]);
	char *text = arena_alloc(a, LETTER_PART_MAX + 1);
	FILE *f;
	size_t n;

	if (path == NULL || text == NULL)
		return no_memory(err);
	f = fopen(path, "re");
	if (f == NULL)
		return err_set(err, ERR_IO, "cannot read %s: %s", path, strerror(errno));
	n = fread(text, 1, LETTER_PART_MAX + 1, f);
	fclose(f);
	if (n > LETTER_PART_MAX || memchr(text, '\0', n))
		return err_set(err, ERR_INPUT, "%s is longer than %d bytes, or no text", path, LETTER_PART_MAX);
	while (part == SUBJECT && n && text[n - 1] == '\n')
		n--;
	text[n] = '\0';
	*out = text;
	return ERR_OK;
}

enum err_code letter_load(
	const char *dir, enum letter_kind kind, struct arena *a, struct letter_text *out, struct err *err)
{
	enum err_code code;

	if ((code = load_part(dir, kind, SUBJECT, a, &out->subject, err)) ||
		(code = load_part(dir, kind, TEXT, a, &out->text, err)))
		return code;
	return load_part(dir, kind, HTML, a, &out->html, err);
}
