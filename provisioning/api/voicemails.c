/* Voicemail: listed, heard, deleted, moved, given to somebody else. */
#include <string.h>

#include "provisioning/api/calls.h"
#include "provisioning/api/patch.h"
#include "provisioning/api/voice.h"
#include "provisioning/voicemail/box.h"
#include "provisioning/voicemail/tree.h"

enum { FOLDER_WORD_MAX = 16, EXT_MAX = 32, FORMAT_MAX = 16 };

static json_t *shape(struct call *c, const struct voice *v, const struct message *m, size_t order)
{
	const struct envelope *e = &m->envelope;
	const char *name = arena_printf(c->a, "%s.%s", m->id, m->format ? m->format->ext : "wav");
	const char *url = arena_printf(c->a, "%s/voicemails/%s/%s/sound", v->base, folder_word(m->folder), m->id);
	json_t *out;

	if (name == NULL || url == NULL)
		return NULL;
	out = voice_shape(c, name, order, m->length_ms ? m->length_ms : e->duration_s * 1000, m->size, m->modified_s,
		m->format ? url : NULL);
	if (out) {
		json_object_set_new(out, "folder", json_string(folder_word(m->folder)));
		json_object_set_new(out, "FromName", json_string(e->caller_name));
		json_object_set_new(out, "FromUser", json_string(e->caller_number));
		json_object_set_new(out, "FromHost", json_string(""));
		json_object_set_new(out, "NmsAni", json_string(e->caller_number));
		json_object_set_new(out, "recorded-datetime", shape_time(e->origtime_s * 1000));
		json_object_set_new(out, "file-source", json_string("voicemail"));
		json_object_set_new(out, "file-script-text", json_string(""));
		json_object_set_new(out, "transcription", json_string(""));
	}
	return out;
}

enum err_code voicemails_folders(struct call *c, struct err *err)
{
	struct box_counts n;
	struct voice v;
	json_t *out;
	unsigned f;
	enum err_code e = voice_open(c, false, &v, err);

	if (e == ERR_OK)
		e = box_count(v.vm, &v.box, &n, err);
	if (e)
		return e;
	n.messages[FOLDER_NEW] += n.messages[FOLDER_URGENT];
	out = json_object();
	for (f = 0; f < FOLDER_COUNT; f++)
		json_object_set_new(out, folder_word((enum folder)f), json_integer((json_int_t)n.messages[f]));
	json_object_set_new(out, "greetings", json_integer((json_int_t)(n.greetings + n.timeframes)));
	return call_ok(c, out, err);
}

enum err_code voicemails_list(struct call *c, struct err *err)
{
	struct message *m;
	enum folder folder;
	struct page page;
	struct voice v;
	json_t *out;
	size_t i, n, total;
	enum err_code e = call_page(c, &page, err);

	if (e || (e = voice_folder(c, &folder, err)) || (e = voice_open(c, false, &v, err)) ||
		(e = box_list(v.vm, &v.box, folder, (size_t)page.start, (size_t)page.limit, c->a, &m, &n, &total, err)))
		return e;
	out = json_array();
	for (i = 0; i < n; i++)
		json_array_append_new(out, shape(c, &v, &m[i], (size_t)page.start + i));
	return call_ok(c, out, err);
}

enum err_code voicemails_count(struct call *c, struct err *err)
{
	struct box_counts n;
	enum folder folder;
	struct voice v;
	enum err_code e = voice_folder(c, &folder, err);

	if (e || (e = voice_open(c, false, &v, err)) || (e = box_count(v.vm, &v.box, &n, err)))
		return e;
	if (folder == FOLDER_NEW)
		n.messages[FOLDER_NEW] += n.messages[FOLDER_URGENT];
	return call_count(c, (int64_t)n.messages[folder], err);
}

/* What the path names. */
struct named {
	struct voice v;
	enum folder folder;
	const char *id;
};

static enum err_code name_it(struct call *c, bool change, struct named *n, struct err *err)
{
	enum err_code e = voice_folder(c, &n->folder, err);

	n->id = request_param(c->rq, "filename");
	return e ? e : voice_open(c, change, &n->v, err);
}

enum err_code voicemails_get(struct call *c, struct err *err)
{
	struct message m;
	struct named n;
	enum err_code e = name_it(c, false, &n, err);

	if (e == ERR_OK)
		e = box_find(n.v.vm, &n.v.box, n.folder, n.id, c->a, &m, err);
	return e ? e : call_ok(c, shape(c, &n.v, &m, m.number), err);
}

enum err_code voicemails_sound(struct call *c, struct err *err)
{
	const char *format = request_query(c->rq, "format");
	const struct sound_format *f;
	struct message m;
	struct named n;
	struct stat st;
	int fd;
	enum err_code e = name_it(c, false, &n, err);

	if (e || (e = box_find(n.v.vm, &n.v.box, n.folder, n.id, c->a, &m, err)) ||
		(e = box_sound(
			 n.v.vm, &n.v.box, n.folder, m.id, format && *format ? format : NULL, c->a, &fd, &st, &f, err)))
		return e;
	return voice_play(c, &n.v, m.id, fd, &st, f, err);
}

/* For the audit log. */
static json_t *in_folder(enum folder f)
{
	return json_pack("{s:s}", "folder", folder_word(f));
}

enum err_code voicemails_delete(struct call *c, struct err *err)
{
	struct message m;
	struct named n;
	enum err_code e = name_it(c, true, &n, err);

	/* Its own id, not what was sent, is what the audit log shows. */
	if (e || (e = box_find(n.v.vm, &n.v.box, n.folder, n.id, c->a, &m, err)) ||
		(e = box_delete(n.v.vm, &n.v.box, n.folder, m.id, err)) ||
		(e = voice_audit(c, &n.v, "voicemail-delete", m.id, in_folder(n.folder), NULL, err)))
		return e;
	return call_deleted(c, err);
}

/* NetSapiens sends no body: into the folder saved. */
enum err_code voicemails_save(struct call *c, struct err *err)
{
	const char *word;
	enum folder to = FOLDER_SAVED;
	struct message m;
	struct named n;
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	if (e || (e = patch_text(body, "folder", FOLDER_WORD_MAX, c->a, &word, err)))
		return e;
	if (word && !folder_read(word, &to))
		return err_set(err, ERR_INPUT, "\"folder\" must be new, saved, trash or another folder of the mailbox");
	if ((e = name_it(c, true, &n, err)) || (e = box_find(n.v.vm, &n.v.box, n.folder, n.id, c->a, &m, err)) ||
		(e = box_move(n.v.vm, &n.v.box, n.folder, m.id, to, err)) ||
		(e = voice_audit(c, &n.v, "voicemail-move", m.id, in_folder(n.folder), in_folder(to), err)) ||
		(e = box_find(n.v.vm, &n.v.box, to, m.id, c->a, &m, err)))
		return e;
	return call_changed(c, shape(c, &n.v, &m, m.number), err);
}

enum err_code voicemails_forward(struct call *c, struct err *err)
{
	struct mailbox to;
	struct message m;
	const char *ext;
	struct named n;
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	if (e || (e = patch_text(body, "user", EXT_MAX, c->a, &ext, err)))
		return e;
	if (ext == NULL || *ext == '\0')
		return err_set(err, ERR_INPUT, "\"user\" is missing: the extension that the message goes to");
	if ((e = name_it(c, false, &n, err)) || (e = voice_other(c, ext, &to, err)) ||
		(e = box_find(n.v.vm, &n.v.box, n.folder, n.id, c->a, &m, err)) ||
		(e = box_forward(n.v.vm, &n.v.box, n.folder, m.id, &to, err)) ||
		(e = voice_audit(c, &n.v, "voicemail-forward", m.id, NULL, json_pack("{s:s}", "user", to.name), err)))
		return e;
	return call_changed(c, shape(c, &n.v, &m, m.number), err);
}
