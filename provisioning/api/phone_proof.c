/* What whoever stands at a phone may know: its records, and itself with them as server-sent events. */
#include <stdio.h>
#include <string.h>

#include "provisioning/api/calls.h"
#include "provisioning/api/phone_parts.h"
#include "provisioning/api/record_parts.h"

enum { EVENT_WAIT_MS = 25 * 1000, EVENT_POLL_MS = 500, RETRY_MS = 1000, RECORDS_SHOWN = 20 };

/* Of this phone while it is this domain's: what was before is another's. */
static json_t *records_of(struct call *c, struct db *db, const struct phone_row *row, struct page page, struct err *err)
{
	struct record_filter f = { .phone_id = row->id, .domain_id = c->domain.id, .newest_first = true };

	return record_shapes(c, db, &f, page, err);
}

enum err_code phones_handovers(struct call *c, struct err *err)
{
	struct phone_row row;
	struct page page;
	struct db *db;
	json_t *out;
	enum err_code e = call_page(c, &page, err);

	if (e || (e = call_phone(c, &row, err)) || (e = call_db(c, &db, err)))
		return e;
	out = records_of(c, db, &row, page, err);
	return out ? call_ok(c, out, err) : err->code;
}

static enum err_code view(struct call *c, json_t **out, struct err *err)
{
	struct phone_row row;
	struct db *db;
	json_t *records, *phone;
	enum err_code e = call_phone(c, &row, err);

	if (e || (e = call_db(c, &db, err)))
		return e;
	records = records_of(c, db, &row, (struct page){ 0, RECORDS_SHOWN }, err);
	phone = records ? phone_shape(c, db, &c->domain, &row, err) : NULL;
	if (phone == NULL) {
		json_decref(records);
		return err->code;
	}
	*out = json_pack(
		"{s:o, s:o, s:o}", "phone", phone, "handovers", records, "cannot-be-proved", shape_unproved(c));
	return *out ? ERR_OK : call_no_memory(err);
}

/* An event is the whole view; its id is made from its bytes (FNV-1a), so that a repetition can tell whether anything is
 * new. */
static const char *id_of(const char *text, char out[20])
{
	uint64_t h = 14695981039346656037u;

	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 1099511628211u;
	snprintf(out, 20, "%016llx", (unsigned long long)h);
	return out;
}

enum err_code phones_events(struct call *c, struct err *err)
{
	const char *last = request_header(c->rq, "Last-Event-ID"), *text;
	char id[20];
	bool same;
	struct buf *b;
	json_t *out;
	enum err_code e = view(c, &out, err);

	if (e)
		return e;
	text = call_text_whole(c, out);
	same = last && strcmp(last, id_of(text, id)) == 0;
	c->written = true;
	if (same && request_age_ms(c->rq) < EVENT_WAIT_MS && !c->rq->stopping) {
		c->later = true;
		request_later(c->rq, EVENT_POLL_MS);
		return ERR_OK;
	}
	b = response_events(c->rs, RETRY_MS);
	if (!same) /* nothing new: the browser comes again */
		event_add(b, id_of(text, id), "phone", slice_str(text));
	return ERR_OK;
}
