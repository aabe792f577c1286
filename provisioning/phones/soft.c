/* A softphone's address: the account while a person has it, blanks for ever after. */
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "provisioning/conf/log.h"
#include "provisioning/phones/local.h"
#include "provisioning/reset/evidence.h"
#include "provisioning/store/softphone.h"

enum { SOFT_BYTES_MAX = 256 * 1024 };

struct soft_note {
	struct phones *ph;
	struct soft_delivery d;
	char from[HTTP_ADDRESS_TEXT], user_agent[160];
};

static void write_proof(void *arg)
{
	struct soft_note *n = arg;
	struct err err;

	if (evidence_soft_delivered(n->ph->conf.reset, &n->d, &err))
		log_event(LOG_LEVEL_ERROR, "evidence-lost", "what", "softphone", "why", err.text, NULL);
	phones_done(n->ph);
	mem_free(n);
}

static void delivered_fn(void *arg, enum delivery outcome)
{
	struct soft_note *n = arg;

	n->d.at_ms = store_clock_ms();
	if (outcome != DELIVERY_LOST && phones_post(n->ph, write_proof, n))
		return;
	if (outcome != DELIVERY_LOST)
		log_event(LOG_LEVEL_ERROR, "evidence-lost", "why", "the workers' queue is full", NULL);
	mem_free(n);
}

/* Blanks count only where the delivered file is known to take the account off the client. */
static void watch(struct request *rq, struct response *rs, const struct softphone_row *row, bool proves)
{
	struct soft_note *n = mem_zalloc(sizeof(*n));

	if (n == NULL)
		return;
	n->ph = rq->ctx;
	snprintf(n->from, sizeof(n->from), "%s", rq->peer->text);
	snprintf(n->user_agent, sizeof(n->user_agent), "%s", request_caller(rq)->user_agent);
	n->d = (struct soft_delivery){ .softphone_id = row->id,
		.generation = (uint64_t)row->generation,
		.blanks = row->blanked && proves,
		.from = n->from,
		.user_agent = n->user_agent };
	response_on_delivery(rs, delivered_fn, n);
}

/* The softphone profile of that vendor. */
static const struct profile *profile_of(const struct catalog *cat, const char *kind)
{
	enum vendor_id vendor;
	size_t i;

	if (!vendor_word_parse(kind, &vendor))
		return NULL;
	for (i = 0; i < catalog_count(cat); i++) {
		const struct profile *pf = catalog_at(cat, i);

		if (pf->softphone && pf->vendor == vendor)
			return pf;
	}
	return NULL;
}

static enum err_code render(struct request *rq, struct db *db, struct response *rs, struct err *err)
{
	struct phones *ph = rq->ctx;
	struct softphone_row row;
	struct vendor_left left;
	struct phone phone;
	const struct profile *pf;
	const struct vendor_file *file;
	struct buf *body;
	enum err_code e = softphone_load(db, request_caller(rq)->softphone_id, &rq->arena, &row, err);

	if (e == ERR_OK)
		e = desk_load_soft(db, ph->conf.desk, row.id, &rq->arena, &phone, err);
	if (e)
		return e;
	pf = profile_of(ph->conf.catalog, row.kind);
	file = pf ? vendor_file(pf->vendor, FILE_SOFTPHONE) : NULL;
	if (file == NULL)
		return err_set(err, ERR_NOT_FOUND, "there is no profile for the softphone %s", row.kind);
	phone.model = pf->id;
	if (ph->conf.desk->soft_url) /* the address stands in its own answer, so that the client keeps it */
		phone.prov.url = arena_printf(&rq->arena, "%s%s", ph->conf.desk->soft_url, request_param(rq, "token"));
	body = response_body(rs, file->mime, SOFT_BYTES_MAX);
	e = vendor_serve(ph->conf.renderer, pf, &phone, FILE_SOFTPHONE, body, &left, err);
	if (e)
		return e;
	if (left.n)
		phones_left_out(
			ph, row.domain_id, 0, arena_printf(&rq->arena, "softphone %lld", (long long)row.id), &left);
	response_header(rs, "Cache-Control", "no-store");
	/* For a sheet in a browser: the address is a secret and goes to no other site, and the page runs nothing. */
	response_header(rs, "Referrer-Policy", "no-referrer");
	response_header(
		rs, "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
	response_header(rs, "X-Content-Type-Options", "nosniff");
	watch(rq, rs, &row, file->evidence != EVIDENCE_NONE);
	return ERR_OK;
}

enum handled phones_soft_fn(struct request *rq, struct response *rs)
{
	struct phones *ph = rq->ctx;
	struct snap snap;
	struct err err;
	enum err_code e;

	atomic_fetch_add(&ph->pulls, 1);
	e = store_snap(ph->conf.store, &snap, &err);
	if (e == ERR_OK) {
		e = render(rq, snap.db, rs, &err);
		snap_end(&snap);
	}
	if (e == ERR_OK)
		return HANDLED;
	log_event(LOG_LEVEL_ERROR, "soft-failed", "why", err.text, NULL);
	if (e == ERR_NOT_FOUND)
		return plain_not_found(rs);
	problem_status(rs, 503, "busy", "The account cannot be made now; it is asked for again later.");
	return HANDLED;
}
