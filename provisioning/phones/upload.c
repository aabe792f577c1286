/* PUT and POST: what a phone sends. The vendor's table says which kinds are kept. */
#include <string.h>

#include "phonecfg/vendor/contacts.h"
#include "provisioning/conf/log.h"
#include "provisioning/phones/local.h"
#include "provisioning/reset/evidence.h"
#include "provisioning/store/upload.h"

enum { CONTACTS_MAX = 2 * 1024 * 1024 };

struct keep {
	struct upload_row row;
	struct mac mac;
	size_t log_bytes;
	bool append, kept;
	struct arena *arena;
};

/* Appended behind what is there; a log that would grow beyond the limit starts anew, with the end of what has come. */
static enum err_code append(struct db *db, struct keep *k, struct slice *body, struct err *err)
{
	struct upload_row had;
	struct buf b;
	enum err_code e = upload_load(db, k->row.phone_id, k->row.kind, k->arena, &had, NULL);

	if (body->n > k->log_bytes)
		*body = (struct slice){ body->p + body->n - k->log_bytes, k->log_bytes };
	if (e != ERR_OK || had.body.n + k->row.body.n > k->log_bytes)
		return ERR_OK;
	buf_init(&b, k->log_bytes);
	buf_slice(&b, had.body);
	buf_slice(&b, k->row.body);
	e = buf_check(&b, "the log of a phone", err);
	if (e == ERR_OK) {
		*body = (struct slice){ arena_strndup(k->arena, b.data, b.len), b.len };
		if (body->p == NULL)
			e = err_set(err, ERR_NOMEM, "out of memory for a phone's log");
	}
	buf_release(&b);
	return e;
}

static enum err_code keep_fn(struct txn *t, void *arg, struct err *err)
{
	struct keep *k = arg;
	struct upload_row row = k->row;
	enum err_code e = ERR_OK;

	k->kept = k->append || evidence_upload_kept(t->db, &k->mac);
	if (!k->kept)
		return ERR_OK;
	if (k->append)
		e = append(t->db, k, &row.body, err);
	return e ? e : upload_put(t->db, &row, err);
}

/* Of Polycom's contacts only what the person put in: the rest is made anew each time, from the keys as they are then. A
 * phone whose upload is kept has what would be made now. What is no such file is kept as it came. */
static struct slice own_part(struct request *rq, const struct target *t)
{
	struct phones *ph = rq->ctx;
	struct slice out = rq->body;
	struct phone phone;
	struct buf made, own;
	struct snap snap;

	if (t->request.kind != FILE_DIRECTORY_XML || store_snap(ph->conf.store, &snap, NULL))
		return out;
	buf_init(&made, CONTACTS_MAX);
	buf_init(&own, CONTACTS_MAX);
	if (desk_load(snap.db, ph->conf.desk, &t->row.mac, &rq->arena, &phone, NULL) == ERR_OK &&
		vendor_render(ph->conf.renderer, t->profile, &phone, t->request.kind, &made, NULL) == ERR_OK &&
		contacts_own(buf_view(&made), rq->body, &own, NULL) == ERR_OK)
		out = (struct slice){ arena_strndup(&rq->arena, own.data, own.len), own.len };
	snap_end(&snap);
	buf_release(&made);
	buf_release(&own);
	return out.p ? out : rq->body;
}

static enum err_code keep(struct request *rq, const struct target *t, struct err *err)
{
	struct phones *ph = rq->ctx;
	struct keep k = { .row = { .phone_id = t->row.id,
				  .kind = t->file->name,
				  .body = own_part(rq, t),
				  .generation = t->row.acked },
		.mac = t->row.mac,
		.log_bytes = ph->conf.log_bytes,
		.append = t->file->upload == UPLOAD_APPEND,
		.arena = &rq->arena };
	char mac[MAC_TEXT];
	enum err_code e = store_write(ph->conf.store, keep_fn, &k, err);

	if (e == ERR_OK && !k.kept) {
		atomic_fetch_add(&ph->uploads_dropped, 1);
		log_event(
			LOG_LEVEL_INFO, "late-upload-dropped", "mac", mac_text(&k.mac, mac), "file", k.row.kind, NULL);
	}
	return e;
}

static enum handled done(struct response *rs)
{
	response_body(rs, "text/plain; charset=utf-8", 16);
	return HANDLED;
}

static enum handled refused(struct response *rs)
{
	problem_status(rs, 405, "method", "This file is not taken.");
	response_header(rs, "Allow", "GET, HEAD");
	return HANDLED;
}

enum handled phones_put_fn(struct request *rq, struct response *rs)
{
	struct phones *ph = rq->ctx;
	const struct caller *c = request_caller(rq);
	struct target t;
	struct snap snap;
	struct err err;
	enum err_code e = store_snap(ph->conf.store, &snap, &err);

	if (e == ERR_OK) {
		e = target_load(snap.db, rq, &t, &err);
		snap_end(&snap);
	}
	if (e == ERR_NOT_FOUND)
		return plain_not_found(rs);
	if (e)
		return problem(rs, &err);
	atomic_fetch_add(&ph->uploads, 1);
	notes_pull(ph->notes, &c->mac, c->phone_id, &c->claim, c->user_agent, rq->peer->text);
	if (t.file == NULL || t.file->upload == UPLOAD_REFUSED)
		return refused(rs);
	if (t.file->per_phone)
		e = evidence_asked(ph->conf.reset, &c->mac, t.request.kind, store_clock_ms(), &err);
	/* Whoever came by a token has taken no file yet: what it sends is from before. */
	if (e == ERR_OK && t.file->upload != UPLOAD_DISCARD && c->proof != PROOF_TOKEN)
		e = keep(rq, &t, &err);
	return e ? problem(rs, &err) : done(rs);
}
