/* Greetings: listed, heard, uploaded, deleted; those with a time frame too. */
#include <string.h>

#include "phonecfg/base/base64.h"
#include "provisioning/api/calls.h"
#include "provisioning/api/voice.h"
#include "provisioning/voicemail/greeting.h"

/* A little more than fits, so that greeting_put() says in words of sound what is too long. */
enum { SOUND_TEXT_MAX = BASE64_LEN(GREETING_BYTES_MAX) + 512 * 1024, INDEX_MAX = 9999 };

static json_t *shape(struct call *c, const struct voice *v, const struct greeting *g)
{
	const char *url = arena_printf(c->a, "%s/greetings/%u/sound", v->base, g->index);
	json_t *out = url ? voice_shape(c, g->sound, g->index, g->length_ms, g->size, g->modified_s, url) : NULL;

	if (out) {
		json_object_set_new(out, "index", json_integer(g->index));
		json_object_set_new(out, "kind", json_string(g->kind));
		json_object_set_new(out, "time-frame", g->time_frame ? json_string(g->time_frame) : json_null());
		json_object_set_new(out, "file-script-text", json_string(g->script));
		json_object_set_new(out, "file-source", json_string("greeting"));
	}
	return out;
}

enum err_code greetings_list(struct call *c, struct err *err)
{
	struct greeting *g;
	struct page page;
	struct voice v;
	json_t *out;
	size_t i, n;
	enum err_code e = call_page(c, &page, err);

	if (e || (e = voice_open(c, false, &v, err)) || (e = greeting_list(v.vm, &v.box, c->a, &g, &n, err)))
		return e;
	out = json_array();
	for (i = (size_t)page.start; i < n && i - (size_t)page.start < (size_t)page.limit; i++)
		json_array_append_new(out, shape(c, &v, &g[i]));
	return call_ok(c, out, err);
}

enum err_code greetings_count(struct call *c, struct err *err)
{
	struct greeting *g;
	struct voice v;
	size_t n;
	enum err_code e = voice_open(c, false, &v, err);

	if (e == ERR_OK)
		e = greeting_list(v.vm, &v.box, c->a, &g, &n, err);
	return e ? e : call_count(c, (int64_t)n, err);
}

static enum err_code index_of(struct call *c, unsigned *out, struct err *err)
{
	int64_t n;
	enum err_code e = call_number("a greeting's index", request_param(c->rq, "index"), &n, err);

	if (e == ERR_OK && n > INDEX_MAX)
		return err_set(err, ERR_NOT_FOUND, "There is no such greeting.");
	*out = e ? 0 : (unsigned)n;
	return e;
}

enum err_code greetings_get(struct call *c, struct err *err)
{
	struct greeting g;
	struct voice v;
	unsigned index;
	enum err_code e = index_of(c, &index, err);

	if (e || (e = voice_open(c, false, &v, err)) || (e = greeting_find(v.vm, &v.box, index, c->a, &g, err)))
		return e;
	return call_ok(c, shape(c, &v, &g), err);
}

enum err_code greetings_sound(struct call *c, struct err *err)
{
	const struct sound_format *f;
	const char *name;
	struct voice v;
	struct stat st;
	unsigned index;
	int fd;
	enum err_code e = index_of(c, &index, err);

	if (e || (e = voice_open(c, false, &v, err)))
		return e;
	name = arena_printf(c->a, "greeting-%u", index);
	if (name == NULL)
		return call_no_memory(err);
	e = greeting_sound(v.vm, &v.box, index, c->a, &fd, &st, &f, err);
	return e ? e : voice_play(c, &v, name, fd, &st, f, err);
}

struct greeting_in {
	int64_t index;
	bool given; /* not first: json_input.seen 0 is none */
	const char *time_frame, *script, *convert, *encoding, *file, *language, *voice;
};

static const struct json_input inputs[] = {
	{ "index", JSON_INT, false, offsetof(struct greeting_in, index), offsetof(struct greeting_in, given),
		INDEX_MAX },
	{ "time-frame", JSON_TEXT, false, offsetof(struct greeting_in, time_frame), 0, TIMEFRAME_CHARS },
	{ "script", JSON_TEXT, false, offsetof(struct greeting_in, script), 0, SCRIPT_CHARS },
	{ "convert", JSON_TEXT, false, offsetof(struct greeting_in, convert), 0, 8 },
	{ "encoding", JSON_TEXT, false, offsetof(struct greeting_in, encoding), 0, 32 },
	{ "base64_file", JSON_TEXT, false, offsetof(struct greeting_in, file), 0, SOUND_TEXT_MAX },
	{ "voice_language", JSON_TEXT, false, offsetof(struct greeting_in, language), 0, 0 },
	{ "voice_id", JSON_TEXT, false, offsetof(struct greeting_in, voice), 0, 0 },
};

/* "data:audio/wav;base64,…" is what a browser makes of a file. */
static enum err_code decode(struct call *c, const char *file, struct slice *out, struct err *err)
{
	struct slice text = slice_str(file);
	char *bytes;
	size_t n;

	if (slice_starts(text, "data:"))
		slice_cut(&text, ',');
	bytes = arena_alloc(c->a, text.n + 1);
	if (bytes == NULL)
		return call_no_memory(err);
	if (text.n == 0 || !base64_read(text, bytes, &n))
		return err_set(err, ERR_INPUT, "\"base64_file\" must be a WAV file in base 64");
	*out = (struct slice){ bytes, n };
	return ERR_OK;
}

static enum err_code read_new(struct call *c, struct greeting_new *g, struct err *err)
{
	struct greeting_in in;
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	if (e == ERR_OK)
		e = json_inputs(body, inputs, sizeof(inputs) / sizeof(inputs[0]), c->a, &in, sizeof(in), err);
	if (e)
		return e;
	if (in.file == NULL)
		return err_set(err, ERR_UNSUPPORTED,
			"This server does not speak a text; record the greeting and send it as \"base64_file\".");
	if (in.encoding && *in.encoding && strstr(in.encoding, "wav") == NULL)
		return err_set(err, ERR_INPUT, "\"encoding\" must be wav");
	*g = (struct greeting_new){ .index = in.given ? (unsigned)in.index : 0,
		.time_frame = in.time_frame && *in.time_frame ? in.time_frame : NULL,
		.script = in.script };
	return decode(c, in.file, &g->sound, err);
}

/* For the audit log; what is said in it is the person's. */
static json_t *audit_of(const struct greeting *g)
{
	return json_pack("{s:s, s:s?, s:I, s:I}", "kind", g->kind, "time-frame", g->time_frame, "bytes",
		(json_int_t)g->size, "file-duration-ms", (json_int_t)g->length_ms);
}

static enum err_code put(
	struct call *c, const struct greeting_new *g, struct voice *v, struct greeting *out, struct err *err)
{
	struct greeting had;
	bool there = false;
	unsigned index;
	enum err_code e = voice_open(c, true, v, err);

	if (e == ERR_OK && g->index)
		there = greeting_find(v->vm, &v->box, g->index, c->a, &had, NULL) == ERR_OK;
	if (e || (e = greeting_put(v->vm, &v->box, g, &index, err)) ||
		(e = greeting_find(v->vm, &v->box, index, c->a, out, err)))
		return e;
	return voice_audit(c, v, "greeting-save", arena_printf(c->a, "greeting %u", index),
		there ? audit_of(&had) : NULL, audit_of(out), err);
}

enum err_code greetings_add(struct call *c, struct err *err)
{
	struct greeting_new g;
	struct greeting made;
	struct voice v;
	enum err_code e = read_new(c, &g, err);

	if (e)
		return e;
	if (g.index == 0 && g.time_frame == NULL)
		return err_set(err, ERR_INPUT,
			"\"index\" is missing: 1 unavailable, 2 busy, 3 temporary, 4 the recorded name; or give a \"time-frame\"");
	if ((e = put(c, &g, &v, &made, err)))
		return e;
	return call_created(c, arena_printf(c->a, "%s/greetings/%u", v.base, made.index), shape(c, &v, &made), err);
}

enum err_code greetings_set(struct call *c, struct err *err)
{
	struct greeting_new g;
	struct greeting made;
	struct voice v;
	unsigned index;
	enum err_code e = index_of(c, &index, err);

	if (e || (e = read_new(c, &g, err)))
		return e;
	if (index == 0 || (g.index && g.index != index))
		return err_set(err, ERR_INPUT, "\"index\" and the number in the path must be the same, from 1 on");
	g.index = index;
	e = put(c, &g, &v, &made, err);
	return e ? e : call_changed(c, shape(c, &v, &made), err);
}

enum err_code greetings_delete(struct call *c, struct err *err)
{
	struct greeting had;
	struct voice v;
	bool there = false;
	unsigned index;
	enum err_code e = index_of(c, &index, err);

	if (e == ERR_OK && (e = voice_open(c, true, &v, err)) == ERR_OK)
		there = greeting_find(v.vm, &v.box, index, c->a, &had, NULL) == ERR_OK;
	if (e || (e = greeting_delete(v.vm, &v.box, index, err)) ||
		(e = voice_audit(c, &v, "greeting-delete", arena_printf(c->a, "greeting %u", index),
			 there ? audit_of(&had) : NULL, NULL, err)))
		return e;
	return call_deleted(c, err);
}
