/* Who registered, and with which secret. */
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "provisioning/alert/alert.h"
#include "provisioning/conf/log.h"
#include "provisioning/outbox/outbox.h"
#include "provisioning/registrar/events.h"
#include "provisioning/reset/contact.h"
#include "provisioning/reset/evidence.h"
#include "provisioning/reset/identity.h"
#include "provisioning/reset/record.h"
#include "provisioning/reset/reset.h"
#include "provisioning/reset/tell.h"
#include "provisioning/store/device.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/line.h"
#include "provisioning/store/projection.h"
#include "provisioning/store/record.h"
#include "provisioning/store/served.h"

enum { SECOND_MS = 1000, RECORDS_MAX = 200, CONTACT_FRESH_MS = 600 * 1000 };

struct registered {
	struct reset *rs;
	const struct register_seen *seen;
	struct db *db;
	struct arena arena;
	const char *user;
	struct domain_row domain;
	struct projection_row known; /* revision 0: the registrar shall not know it */
	bool forgotten;              /* the registrar shall not know it at all */
	int64_t revision;            /* of the secret that was used; 0 = refused */
};

static struct contact_seen as_contact(const struct register_seen *seen)
{
	return (struct contact_seen){ seen->contact, NULL, seen->user_agent, seen->from };
}

/* ---- accepted ---- */

/* The phone on which this device stands and that the REGISTER fits best. */
static enum err_code find_phone(struct registered *v, struct phone_row *out, bool *found, struct err *err)
{
	struct contact_seen seen = as_contact(v->seen);
	struct device_row device;
	struct line_row *lines;
	size_t n = 0, i;
	int best;
	enum err_code code = device_load(v->db, v->domain.id, v->user, &v->arena, &device, err);

	*found = false;
	if (code)
		return code == ERR_NOT_FOUND ? ERR_OK : code;
	code = line_list_device(v->db, device.id, &v->arena, &lines, &n, err);
	best = n == 1 ? -1 : 0; /* alone, nothing need speak for it */
	for (i = 0; code == ERR_OK && i < n; i++) {
		struct phone_row phone;
		int score;

		code = phone_by_id(v->db, lines[i].phone_id, &v->arena, &phone, err);
		score = code ? -1 : contact_score(&seen, &phone, v->rs->catalog);
		if (code || score <= best)
			continue;
		best = score;
		*out = phone;
		*found = true;
	}
	return code;
}

static enum err_code note_contact(struct registered *v, const struct phone_row *phone, struct err *err)
{
	const char *state = v->seen->removal ? "expired" : "registered";
	struct contact_seen seen = as_contact(v->seen);

	/* A second client on the same address of record must not become the phone. */
	if (*phone->contact && strcmp(phone->contact, v->seen->contact) != 0 &&
		!contact_names(&seen, phone, v->rs->catalog))
		return ERR_OK;
	if (strcmp(phone->contact, v->seen->contact) == 0 && strcmp(phone->contact_state, state) == 0 &&
		phone->contact_ms + CONTACT_FRESH_MS > v->seen->at_ms)
		return ERR_OK;
	return phone_contact(v->db, phone->id, v->seen->contact, state, err);
}

/* The first generation of this phone in which the secret stood; INT64_MAX when it never did. */
static enum err_code stood_since(struct registered *v, const struct phone_row *phone, int64_t *out, struct err *err)
{
	struct served_row *rows;
	size_t n, i;
	enum err_code code = served_list(v->db, phone->id, 0, &v->arena, &rows, &n, err);

	*out = 0;
	for (i = 0; code == ERR_OK && i < n; i++)
		if (rows[i].revision == v->revision && strcmp(rows[i].device, v->user) == 0 &&
			strcmp(rows[i].domain, v->domain.name) == 0)
			*out = rows[i].generation_first;
	return code;
}

/* The secret stood in no file before the record's generation, so the phone has taken that file. */
static enum err_code note_applied(struct registered *v, const struct phone_row *phone, struct err *err)
{
	struct record_filter filter = { .phone_id = phone->id, .open_only = true };
	struct record_row *r;
	size_t n, i;
	int64_t since;
	const char *evidence =
		arena_printf(&v->arena, "%s registered with secret %lld", v->user, (long long)v->revision);
	enum err_code code = stood_since(v, phone, &since, err);

	if (code == ERR_OK)
		code = record_list(v->db, &filter, (struct page){ 0, 0 }, &v->arena, &r, &n, err);
	for (i = 0; code == ERR_OK && since && i < n; i++)
		if (r[i].generation_after <= since && strcmp(r[i].kind, record_kind_word(RECORD_RELABELLED)) != 0)
			code = record_note(
				v->db, r[i].id, FACT_APPLIED, v->seen->at_ms, evidence, true, &v->arena, NULL, err);
	return code;
}

static enum err_code accepted(struct registered *v, struct err *err)
{
	struct phone_row phone;
	bool found;
	enum err_code code = find_phone(v, &phone, &found, err);

	if (code || !found)
		return code;
	code = note_contact(v, &phone, err);
	if (code || v->seen->removal)
		return code;
	code = note_applied(v, &phone, err);
	/* It was not there when it was to be told. */
	if (code == ERR_OK && phone.acked < phone.wanted && strcmp(phone.contact_state, "registered") != 0)
		code = tell_phone(v->db, &phone.mac, false, 0, err);
	return code;
}

/* ---- the old identity ---- */

static bool fits(struct registered *v, const struct record_row *r)
{
	struct contact_seen seen = as_contact(v->seen);
	struct phone_row phone;
	int score;

	if (r->phone_id == 0)
		return strcmp(r->kind, record_kind_word(RECORD_SOFTPHONE)) == 0;
	if (phone_by_id(v->db, r->phone_id, &v->arena, &phone, NULL))
		return false;
	score = contact_score(&seen, &phone, v->rs->catalog);
	/* Anybody can fail at a password; the record is only touched by one who looks like that phone. */
	return score > 0 || (score == 0 && *phone.address == '\0');
}

static enum err_code reopen(struct registered *v, const struct record_row *r, struct err *err)
{
	const struct alert_about about = { .domain_id = v->domain.id, .phone_id = r->phone_id, .record_id = r->id };
	const char *text = arena_printf(&v->arena, "%s registered again with what it was taken from%s%s",
		v->seen->identity, *r->mac ? ": phone " : "", r->mac);
	unsigned facts = FACT_TOLD | FACT_TOLD_FAILED | FACT_FETCHED | FACT_APPLIED | FACT_WRITTEN_OFF;
	const char *evidence = arena_printf(&v->arena, "%s REGISTER from %s",
		v->seen->accepted ? "accepted" : "refused", v->seen->from ? v->seen->from : "?");
	struct mac mac;
	enum err_code code;

	if (v->seen->accepted)
		facts |= FACT_UNBOUND;
	if ((code = record_take_back(v->db, r->id, facts, true, &v->arena, err)) ||
		(code = record_note(
			 v->db, r->id, FACT_REOPENED, v->seen->at_ms, evidence, true, &v->arena, NULL, err)) ||
		(code = alert_raise(v->db, ALERT_REOPENED, &about, text, NULL, err)))
		return code;
	return mac_parse(slice_str(r->mac), &mac) ? tell_phone(v->db, &mac, true, 0, err) : ERR_OK;
}

/* No line is left on the phone, so its silence counts; it was not silent. */
static enum err_code not_silent(struct registered *v, const struct record_row *r, struct err *err)
{
	int64_t dropped = 0;
	enum err_code code = *r->mac ? outbox_cancel(v->db, "silence", r->mac, &dropped, err) : ERR_OK;

	if (code || dropped == 0)
		return code;
	return outbox_put_once(v->db, "silence", r->mac, "{}", v->seen->at_ms + v->rs->conf.silence_ms, NULL, err);
}

static bool newer_there(const struct record_row *r, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++) /* newest first */
		if (r[k].phone_id == r[i].phone_id && r[k].softphone_id == r[i].softphone_id)
			return true;
	return false;
}

/* A REGISTER that was accepted before the flip, and is only heard of now. The registrar counts seconds. */
static bool before_the_flip(const struct registered *v)
{
	return v->seen->accepted && v->known.flipped_ms && v->seen->at_ms + SECOND_MS <= v->known.flipped_ms;
}

/* It slipped in while the secret was changing: this one contact goes, unless its phone keeps the line and will refresh
 * it with the new secret. */
static enum err_code unbind(struct registered *v, struct err *err)
{
	struct contact_seen seen = as_contact(v->seen);
	struct phone_row phone;
	bool found;
	enum err_code code = find_phone(v, &phone, &found, err);

	if (code || (found && contact_score(&seen, &phone, v->rs->catalog) > 0))
		return code;
	return outbox_put(v->db, "unbind", v->seen->identity, v->seen->contact, 0, NULL, err);
}

static enum err_code old_identity(struct registered *v, struct err *err)
{
	struct record_filter filter = { .domain_id = v->domain.id, .device = v->user, .newest_first = true };
	struct record_row *r;
	size_t n, i;
	enum err_code code;

	/* A phone that takes its leave: that is how the new file is applied. */
	if (v->seen->removal || before_the_flip(v))
		return ERR_OK;
	code = record_list(v->db, &filter, (struct page){ 0, RECORDS_MAX }, &v->arena, &r, &n, err);

	for (i = 0; code == ERR_OK && i < n; i++) {
		if (newer_there(r, i) || !fits(v, &r[i]))
			continue;
		code = r[i].open ? not_silent(v, &r[i], err) : reopen(v, &r[i], err);
	}
	return code || n == 0 || !v->seen->accepted ? code : unbind(v, err);
}

/* ---- all ---- */

static enum err_code load(struct registered *v, struct err *err)
{
	const char *domain;
	enum err_code code;

	if (!identity_split(v->seen->identity, &v->arena, &v->user, &domain))
		return err_set(err, ERR_INPUT, "\"%s\" is no identity.", v->seen->identity);
	code = domain_by_name(v->db, domain, &v->arena, &v->domain, err);
	if (code == ERR_OK)
		code = projection_load(v->db, v->seen->identity, &v->arena, &v->known, err);
	v->forgotten = code == ERR_NOT_FOUND && v->domain.id;
	if (v->forgotten) {
		v->known = (struct projection_row){ 0 };
		code = ERR_OK;
	}
	if (v->seen->accepted)
		v->revision = v->seen->revision ? v->seen->revision : v->known.revision;
	return code;
}

static enum err_code register_fn(struct txn *t, void *arg, struct err *err)
{
	struct registered *v = arg;
	enum err_code code;

	v->db = t->db;
	v->domain = (struct domain_row){ 0 };
	arena_init(&v->arena, 0);
	code = load(v, err);
	if (code == ERR_OK)
		code = v->revision && !v->forgotten && v->revision >= v->known.revision ? accepted(v, err)
											: old_identity(v, err);
	arena_release(&v->arena);
	return code == ERR_NOT_FOUND ? ERR_OK : code; /* no domain of ours */
}

enum err_code evidence_register(struct reset *rs, const struct register_seen *seen, struct err *err)
{
	struct registered v = { .rs = rs, .seen = seen };

	return store_write(rs->store, register_fn, &v, err);
}

/* ---- from the registrar's listener ---- */

struct posted {
	struct registered v;
	struct register_seen seen;
	struct registration_event event;
	char identity[2 * REGISTRATION_TEXT_MAX];
};

static void posted_done(void *arg, enum err_code code, const struct err *err)
{
	if (code)
		log_event(LOG_LEVEL_WARN, "register-lost", "why", err->text, NULL);
	mem_free(arg);
}

void evidence_registration(const struct registration_event *e, void *arg)
{
	struct posted *p = mem_zalloc(sizeof(*p));

	if (p == NULL)
		return;
	p->event = *e;
	snprintf(p->identity, sizeof(p->identity), "%s@%s", e->user, e->domain);
	p->seen = (struct register_seen){ .identity = p->identity,
		.contact = p->event.contact,
		.accepted = e->kind != REGISTRATION_REFUSED,
		.removal = e->kind == REGISTRATION_REMOVED || e->expires_s == 0,
		.revision = e->revision,
		.user_agent = p->event.user_agent,
		.from = p->event.source,
		.at_ms = e->time * 1000 };
	p->v.rs = arg;
	p->v.seen = &p->seen;
	if (store_post(p->v.rs->store, register_fn, posted_done, p, NULL)) {
		log_event(LOG_LEVEL_WARN, "register-lost", "why", "the writer's queue is full", NULL);
		mem_free(p);
	}
}
