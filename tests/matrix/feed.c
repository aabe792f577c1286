#include "tests/matrix/feed.h"

#include "tests/matrix/expect.h"

/* Values may hold any byte but NUL; what is no ASCII goes through as it is, and is UTF-8. */
static void string(FILE *f, const char *s, size_t n)
{
	putc('"', f);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else if (c < 32)
			fprintf(f, "\\u%04x", c);
		else
			putc(c, f);
	}
	putc('"', f);
}

static void text(FILE *f, const char *s)
{
	struct slice v = slice_str(s);

	string(f, v.p, v.n);
}

void feed_begin(FILE *f, const char *name, const struct scene *s, const char *birth)
{
	char mac[MAC_TEXT];

	fputs("{\"name\":", f);
	text(f, name);
	fprintf(f, ",\"model\":\"%s\",\"mac\":\"%s\",\"firmware\":", s->pf->id, mac_text(&s->ph.mac, mac));
	text(f, s->ph.firmware);
	fprintf(f, ",\"birth\":\"%s\"", birth ? birth : "");
	fputs(",\"steps\":[", f);
}

void feed_stored(FILE *f, enum handset_layer layer, const char *name, const char *value)
{
	fprintf(f, "{\"do\":\"stored\",\"layer\":\"%s\",\"name\":", handset_layer_name(layer));
	text(f, name);
	fputs(",\"value\":", f);
	text(f, value);
	fputs("},", f);
}

void feed_local(FILE *f, const char *name, const char *value, bool web)
{
	fprintf(f, "{\"do\":\"local\",\"web\":%s,\"name\":", web ? "true" : "false");
	text(f, name);
	fputs(",\"value\":", f);
	text(f, value);
	fputs("},", f);
}

static void put_files(FILE *f, const struct files *files)
{
	fputs("\"files\":{", f);
	for (size_t i = 0; i < files->n; i++) {
		struct slice body = buf_view(&files->v[i].body);

		if (i)
			putc(',', f);
		text(f, files->v[i].name);
		putc(':', f);
		string(f, body.p, body.n);
	}
	putc('}', f);
}

static void put_lines(FILE *f, const struct scene *s, struct arena *a)
{
	const struct phone *ph = &s->ph;
	bool first = true;

	fputs(",\"lines\":[", f);
	for (unsigned slot = 1; slot <= 512; slot++) {
		const struct account *ac = phone_account(ph, slot);

		if (!ac || ac->use == ACCOUNT_NONE)
			continue;
		fprintf(f, "%s[%u,", first ? "" : ",", slot);
		text(f, ac->user);
		putc(',', f);
		text(f, ac->auth_user && *ac->auth_user ? ac->auth_user : ac->user);
		putc(',', f);
		text(f, expect_secret(s->pf, ph, ac, a));
		putc(']', f);
		first = false;
	}
	putc(']', f);
}

static void put_values(FILE *f, const struct handset *hs, struct arena *a)
{
	struct handset_entry *v;
	bool first = true;
	size_t n;

	fputs(",\"values\":{", f);
	if (handset_entries(hs, a, &v, &n, NULL))
		n = 0;
	for (size_t i = 0; i < n; i++) {
		if (v[i].layer == HANDSET_SEEN)
			continue;
		if (!first)
			putc(',', f);
		first = false;
		fprintf(f, "\"%s ", handset_layer_name(v[i].layer));
		fprintf(f, "%s\":", v[i].name);
		text(f, v[i].value);
	}
	putc('}', f);
}

/* The slots of other people, whose values stay as they are. */
static void put_others(FILE *f, const struct scene *s)
{
	bool first = true;

	fputs(",\"others\":[", f);
	for (size_t i = 0; i < s->ph.naccounts; i++) {
		if (s->account_of[i] != OTHERS)
			continue;
		fprintf(f, "%s%u", first ? "" : ",", s->ph.accounts[i].slot);
		first = false;
	}
	putc(']', f);
}

void feed_pull(FILE *f, const struct files *files, const struct handset *after, const char *const *words,
	const struct scene *scene, struct arena *a)
{
	fputs("{\"do\":\"pull\",", f);
	put_files(f, files);
	put_lines(f, scene, a);
	put_others(f, scene);
	fputs(",\"words\":[", f);
	for (size_t i = 0; words && words[i]; i++) {
		if (i)
			putc(',', f);
		text(f, words[i]);
	}
	putc(']', f);
	put_values(f, after, a);
	fputs("},", f);
}

void feed_fork(FILE *f, bool back)
{
	fprintf(f, "{\"do\":\"%s\"},", back ? "back" : "keep");
}

void feed_end(FILE *f)
{
	fputs("{\"do\":\"end\"}]}\n", f);
}
