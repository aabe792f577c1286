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
}

static enum err_code refuse(struct call *c, const char *word, const char *text, unsigned status)
{
	c->refused_word = word;
	c->refused_text = text;
	c->status = status;
	return ERR_OK;
}

static enum err_code replay(struct call *c, const struct idempotency_row *row)
{
	struct buf *b;

	if (row->status == IDEMPOTENCY_TAKEN)
		return refuse(c, "idempotency-at-work",
			"The first request with this Idempotency-Key is still being worked on; ask again later.", 409);
	if (row->status == IDEMPOTENCY_COMMITTED)
		return refuse(c, "idempotency-answer-lost",
			"This request has been carried out, but the server stopped before its answer was kept; look at "
			"what is there before you send another one.",
			409);
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
	k.row.request = hash_of(c);
	e = store_write(c->api->conf.store, take_fn, &k, err);
	*done = e == ERR_CONFLICT || (e == ERR_OK && k.found);
	if (e == ERR_CONFLICT)
		return refuse(c, "idempotency-key-reused",
			"This Idempotency-Key was used for another request; use a new one.", 422);
	if (e || k.found)
		return e ? e : replay(c, &k.row);
	c->key = key;
	return ERR_OK;
}

enum err_code idempotency_keep(struct call *c, struct db *db, bool answered, struct err *err)
{
	struct idempotency_row row;
	char *text;
	enum err_code e;

	c->kept = false;
	if (c->key == NULL)
		return ERR_OK;
	fill(c, c->key, &row);
	if (!answered)
		return idempotency_commit(db, row.principal, row.key, err);
	text = c->out ? json_dumps(c->out, JSON_COMPACT) : NULL;
	if (text == NULL)
		return call_no_memory(err);
	row.status = c->status;
	row.location = c->location ? c->location : "";
	row.body = slice_str(text);
	e = idempotency_finish(db, &row, err);
	explicit_bzero(text, strlen(text));
	json_free_text(text);
	c->kept = e == ERR_OK;
	return e;
}

static enum err_code end_fn(struct txn *t, void *arg, struct err *err)
{
	return idempotency_keep(arg, t->db, true, err);
}

static enum err_code drop_fn(struct txn *t, void *arg, struct err *err)
{
	struct idempotency_row row;
	struct call *c = arg;

	fill(c, c->key, &row);
	return idempotency_drop(t->db, row.principal, row.key, err);
}

void idempotency_end(struct call *c, enum err_code result)
{
	bool answer = result == ERR_OK && !c->written && !c->later && c->refused_word == NULL;
	struct err err = { 0 };

	/* What failed after its commit is not to be done again. */
	if (c->key == NULL || (answer ? c->kept : c->committed))
		return;
	if (store_write(c->api->conf.store, answer ? end_fn : drop_fn, c, &err))
		log_event(LOG_LEVEL_ERROR, "idempotency-lost", "why", err.text, NULL);
}

static enum err_code recover_fn(struct txn *t, void *arg, struct err *err)
{
	(void)arg;
	return idempotency_recover(t->db, err);
}

enum err_code idempotency_open(struct store *store, struct err *err)
{
	return store_write(store, recover_fn, NULL, err);
}
