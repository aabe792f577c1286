/* PUT and POST: what a phone sends. The vendor's table says which kinds are kept. */
#include <string.h>

#include "provisioning/conf/log.h"
#include "provisioning/phones/local.h"
#include "provisioning/reset/evidence.h"
#include "provisioning/store/upload.h"

enum { LOG_BYTES_MAX = 512 * 1024 }; /* as the phones' own limit for an appended log */

struct keep {
	struct upload_row row;
	struct mac mac;
	bool append, kept;
	struct arena *arena;
};

/* Appended behind what is there; a log that would grow beyond the limit starts anew. */
static enum err_code append(struct db *db, struct keep *k, struct slice *body, struct err *err)
{
	struct upload_row had;
	struct buf b;
	enum err_code e = upload_load(db, k->row.phone_id, k->row.kind, k->arena, &had, NULL);

	if (e != ERR_OK || had.body.n + k->row.body.n > LOG_BYTES_MAX)
		return ERR_OK;
	buf_init(&b, LOG_BYTES_MAX);
	buf_slice(&b, had.body);
	buf_slice(&b, k->row.body);
	e = buf_check(&b, "the log of a phone", err);
	if (e == ERR_OK)
		*body = (struct slice){ arena_strndup(k->arena, b.data, b.len), b.len };
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

static enum err_code keep(struct request *rq, const struct target *t, struct err *err)
{
	struct phones *ph = rq->ctx;
	struct keep k = {
		.row = { .phone_id = t->row.id, .kind = t->file->name, .body = rq->body, .generation = t->row.acked },
		.mac = t->row.mac,
		.append = t->file->upload == UPLOAD_APPEND,
		.arena = &rq->arena
	};
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
