#include "provisioning/api/voice.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "provisioning/reset/sounds.h"

enum { KB = 1024 };

static enum err_code box_of(struct call *c, const char *ext, struct mailbox *out, struct err *err)
{
	const struct voicemail *vm = c->api->conf.reset->conf.voicemail;

	if (vm == NULL)
		return err_set(err, ERR_UNSUPPORTED,
			"Voicemail is not set up on this server: [voicemail] root in rekeyd.conf is empty.");
	return names_mailbox(vm->names, c->domain.name, ext, out, err);
}

enum err_code voice_open(struct call *c, bool change, struct voice *out, struct err *err)
{
	const char *why;
	struct db *db;
	enum err_code e = call_user(c, &out->user, err);

	if (e)
		return e;
	/* One's own may be heard; that of a higher scope is out of reach. */
	why = c->who->user_id == out->user.id ? NULL : scope_refusal(c->who, 0, out->user.scope);
	if (why)
		return err_set(err, ERR_FORBIDDEN, "%s", why);
	if ((e = box_of(c, out->user.ext, &out->box, err)) || (e = call_db(c, &db, err)))
		return e;
	if (change)
		e = sounds_free(c->api->conf.reset, db, c->domain.name, out->user.ext, c->a, err);
	call_stop_reading(c);
	out->vm = c->api->conf.reset->conf.voicemail;
	out->base = arena_printf(c->a, "%s/domains/%s/users/%s", c->rq->prefix, c->domain.name, out->user.ext);
	return e || out->base ? e : call_no_memory(err);
}

enum err_code voice_other(struct call *c, const char *ext, struct mailbox *out, struct err *err)
{
	struct user_row row;
	struct db *db;
	enum err_code e = call_db(c, &db, err);

	if (e || (e = user_load(db, c->domain.id, ext, c->a, &row, err)) ||
		(e = sounds_free(c->api->conf.reset, db, c->domain.name, row.ext, c->a, err)))
		return e;
	call_stop_reading(c);
	return box_of(c, row.ext, out, err);
}

enum err_code voice_folder(struct call *c, enum folder *out, struct err *err)
{
	if (folder_read(request_param(c->rq, "folder"), out))
		return ERR_OK;
	return err_set(err, ERR_NOT_FOUND,
		"There is no such folder; they are new, saved, trash, urgent, work, family, friends and cust1 to cust5.");
}

struct noting {
	struct call *call;
	const char *action, *user, *object, *before, *after;
};

static enum err_code audit_fn(struct txn *t, void *arg, struct err *err)
{
	struct noting *n = arg;

	return call_audit(n->call, t->db, n->action, n->user, n->object, n->before, n->after, err);
}

enum err_code voice_audit(struct call *c, const struct voice *v, const char *action, const char *object, json_t *before,
	json_t *after, struct err *err)
{
	struct noting n = { c, action, v->user.ext, object, call_text(c, before), call_text(c, after) };

	return call_write(c, audit_fn, &n, err);
}

enum err_code voice_play(struct call *c, const struct voice *v, const char *what, int fd, const struct stat *st,
	const struct sound_format *f, struct err *err)
{
	const char *name = arena_printf(c->a, "attachment; filename=\"%s.%s\"", what, f->ext);
	enum err_code e = name ? ERR_OK : call_no_memory(err);

	if (e == ERR_OK && c->who->user_id != v->user.id)
		e = voice_audit(c, v, "voicemail-listen", what, NULL, NULL, err);
	if (e) {
		close(fd);
		return e;
	}
	response_file(c->rs, f->type, fd, 0, (uint64_t)st->st_size);
	response_header(c->rs, "Content-Disposition", name);
	c->written = true;
	return ERR_OK;
}

json_t *voice_shape(struct call *c, const char *filename, size_t order, int64_t length_ms, uint64_t size,
	int64_t modified_s, const char *url)
{
	const char *kb = arena_printf(c->a, "%llu", (unsigned long long)((size + KB - 1) / KB));

	return json_pack("{s:s, s:I, s:I, s:s?, s:o, s:s?}", "filename", filename, "ordinal-order", (json_int_t)order,
		"file-duration-seconds", (json_int_t)((length_ms + 500) / 1000), "file-size-kilobytes", kb,
		"created-datetime", shape_time(modified_s * 1000), "file-access-url", url);
}
