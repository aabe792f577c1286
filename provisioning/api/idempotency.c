/* Idempotency-Key on every POST: the same key with the same request gets the same answer, and the work is done once. */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phonecfg/base/hex.h"
#include "phonecfg/base/text.h"
#include "provisioning/api/local.h"
#include "provisioning/conf/log.h"
#include "provisioning/store/idempotency.h"

enum { KEY_MAX = 128 };

/* As long as a program may still repeat a POST: a day. */
enum { KEEP_MS = 24 * 3600 * 1000 };

struct take {
	struct idempotency_row row;
	struct arena *arena;
	bool found;
};

static enum err_code take_fn(struct txn *t, void *arg, struct err *err)
{
	struct take *k = arg;
	enum err_code e = idempotency_expire(t->db, db_now_ms(t->db) - KEEP_MS, err);

	if (e)
		return e;
	return idempotency_take(t->db, &k->row, k->arena, &k->found, err);
}

static enum err_code finish_fn(struct txn *t, void *arg, struct err *err)
{
	return idempotency_finish(t->db, arg, err);
}

static enum err_code drop_fn(struct txn *t, void *arg, struct err *err)
{
	const struct idempotency_row *row = arg;

	return idempotency_drop(t->db, row->principal, row->key, err);
}

static const char *hash_of(struct call *c)
{
	unsigned char md[EVP_MAX_MD_SIZE] = { 0 };
	char *hex = arena_alloc(c->a, 65);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	const struct request *rq = c->rq;

	if (hex && ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 &&
		EVP_DigestUpdate(ctx, rq->target.p, rq->target.n) == 1 && EVP_DigestUpdate(ctx, "\n", 1) == 1 &&
		EVP_DigestUpdate(ctx, rq->body.p ? rq->body.p : "", rq->body.n) == 1)
		EVP_DigestFinal_ex(ctx, md, NULL);
	EVP_MD_CTX_free(ctx);
	return hex ? hex_write(md, 32, hex) : NULL;
}

static bool wanted(const struct call *c, const char **key)
{
	*key = request_header(c->rq, "Idempotency-Key");
	return c->rq->method == HTTP_POST && c->who && *key && c->rq->run == 0;
}

/* Who asks and with which key: names the row. */
static void fill(struct call *c, const char *key, struct idempotency_row *row)
{
	char id[32];

	memset(row, 0, sizeof(*row));
	row->principal = arena_strdup(c->a, principal_id(c->who, id));
	row->key = key;
	row->request = hash_of(c);
}

static enum err_code replay(struct call *c, const struct idempotency_row *row, struct err *err)
{
	struct buf *b;

	if (row->status == 0)
		return err_set(err, ERR_CONFLICT,
			"The first request with this Idempotency-Key is still being worked on; ask again later.");
	response_status(c->rs, (unsigned)row->status);
	b = response_body(c->rs, "application/json", row->body.n + 1);
	buf_slice(b, row->body);
	response_header(c->rs, "Idempotency-Replayed", "true");
	if (row->location && *row->location)
		c->location = row->location;
	c->written = true;
	return ERR_OK;
}

enum err_code idempotency_begin(struct call *c, bool *done, struct err *err)
{
	struct take k = { .arena = c->a };
	const char *key;
	enum err_code e;

	if (!wanted(c, &key))
		return ERR_OK;
	e = text_check("Idempotency-Key", slice_str(key), KEY_MAX, err);
	if (e || *key == '\0')
		return e ? e : err_set(err, ERR_INPUT, "Idempotency-Key is empty; leave it out or send a random text");
	fill(c, key, &k.row);
	e = store_write(c->api->conf.store, take_fn, &k, err);
	if (e || !k.found)
		return e;
	*done = true;
	return replay(c, &k.row, err);
}

void idempotency_end(struct call *c, enum err_code result)
{
	struct idempotency_row row;
	const char *key;
	char *text = NULL;
	struct err err;
	enum err_code e;

	if (!wanted(c, &key))
		return;
	fill(c, key, &row);
	if (result == ERR_OK && !c->written && !c->later) {
		text = json_dumps(c->out, JSON_COMPACT);
		row.status = c->status;
		row.location = c->location ? c->location : "";
		row.body = slice_str(text);
		e = store_write(c->api->conf.store, finish_fn, &row, &err);
	} else {
		e = store_write(c->api->conf.store, drop_fn, &row, &err);
	}
	if (text)
		explicit_bzero(text, strlen(text));
	json_free_text(text);
	if (e)
		log_event(LOG_LEVEL_ERROR, "idempotency-lost", "why", err.text, NULL);
}
