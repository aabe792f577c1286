#include "provisioning/reset/tell.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "phonecfg/vendor/vendor.h"
#include "provisioning/conf/fault.h"
#include "provisioning/conf/log.h"
#include "provisioning/reset/contact.h"
#include "provisioning/reset/identity.h"
#include "provisioning/reset/payload.h"
#include "provisioning/reset/record.h"
#include "provisioning/reset/reset.h"
#include "provisioning/reset/serving.h"
#include "provisioning/reset/watch.h"
#include "provisioning/store/line.h"
#include "provisioning/store/projection.h"
#include "provisioning/store/record.h"
#include "provisioning/store/served.h"
#include "provisioning/store/timeline.h"

enum { TRIES_MAX = 6, RETELL_DOUBLINGS = 5, CONTACT_LIFE_MS = 3600 * 1000 };

enum told told_by_answer(int status, const char *text)
{
	if (status == 0 || status == 408 || status == 477 || status == 478 || status == 503)
		return TOLD_NOT_ANSWERED;
	if (status == 404 && strstr(text, "Not Registered"))
		return TOLD_NOT_ANSWERED;
	return status >= 200 && status < 300 ? TOLD_RECEIVED : TOLD_REFUSED;
}

enum err_code tell_phone(struct db *db, const struct mac *mac, bool force, int64_t due_ms, struct err *err)
{
	char text[MAC_TEXT];

	return outbox_put_once(db, "notify", mac_text(mac, text), force ? "{\"force\":1}" : "{}", due_ms, NULL, err);
}

/* ---- the message ---- */

struct telling {
	struct reset *rs;
	struct arena *arena;
	struct phone_row phone;
	const struct profile *profile;
	struct served_row *served; /* newest generation first */
	size_t nserved;
	const char *device, *domain; /* the line that was chosen; of the phone's domain before, if it moved */
	const struct binding *binding;
	struct notify msg;
};

/* The line stood in the generation that the phone holds. A phone that never acknowledged one may hold any. */
static bool holds(const struct telling *t, const struct served_row *s)
{
	if (t->phone.acked == 0)
		return true;
	return s->generation_first <= t->phone.acked && t->phone.acked <= s->generation_last;
}

static enum err_code load(struct telling *t, const char *mac_word, struct err *err)
{
	struct mac mac;
	struct snap snap;
	enum err_code code;

	if (!mac_parse(slice_str(mac_word), &mac))
		return err_set(err, ERR_BUG, "\"%s\" in the outbox is no MAC address.", mac_word);
	code = store_snap(t->rs->store, &snap, err);
	if (code)
		return code;
	code = phone_load(snap.db, &mac, t->arena, &t->phone, err);
	if (code == ERR_OK)
		code = served_list(snap.db, t->phone.id, 0, t->arena, &t->served, &t->nserved, err);
	snap_end(&snap);
	t->profile = t->rs->catalog ? catalog_find(t->rs->catalog, t->phone.model) : NULL;
	return code;
}

static bool stands_elsewhere(const struct telling *t, int64_t device_id)
{
	struct line_row *lines;
	struct snap snap;
	size_t n = 0, i;
	bool other = false;

	if (store_snap(t->rs->store, &snap, NULL))
		return true;
	if (line_list_device(snap.db, device_id, t->arena, &lines, &n, NULL) == ERR_OK)
		for (i = 0; i < n; i++)
			other |= lines[i].phone_id != t->phone.id;
	snap_end(&snap);
	return other;
}

/* A line whose secret died at the commit has no binding any more, but the phone still listens where it last registered.
 */
static void choose_last_seen(struct telling *t)
{
	struct binding *b;
	size_t i;

	if (strcmp(t->phone.contact_state, "registered") != 0 ||
		t->phone.contact_ms + CONTACT_LIFE_MS < t->rs->now_ms())
		return;
	b = arena_alloc(t->arena, sizeof(*b));
	for (i = 0; b && i < t->nserved && t->binding == NULL; i++)
		if (holds(t, &t->served[i]) && secret_set(&t->served[i].password)) {
			b->contact = t->phone.contact;
			t->device = t->served[i].device;
			t->domain = t->served[i].domain;
			t->binding = b;
		}
}

/* By the first line that the phone holds and that is bound. */
static enum err_code choose(struct telling *t, struct err *err)
{
	size_t i;

	for (i = 0; i < t->nserved; i++) {
		const struct served_row *s = &t->served[i];
		const char *aor = arena_printf(t->arena, "%s@%s", s->device, s->domain);
		struct binding_list list;
		enum err_code code;

		if (!holds(t, s) || !secret_set(&s->password))
			continue;
		if (aor == NULL)
			return err_set(err, ERR_NOMEM, "There is no memory to tell a phone.");
		code = registrar_bindings(t->rs->registrar, aor, t->arena, &list, err);
		if (code)
			return code;
		t->binding = contact_choose(&list, &t->phone, t->rs->catalog, !stands_elsewhere(t, s->device_id));
		t->device = s->device;
		t->domain = s->domain;
		if (t->binding)
			return ERR_OK;
	}
	choose_last_seen(t);
	return ERR_OK;
}

/* First the secret of the generation that it holds, then those that were served since: it may hold more than it showed.
 */
static void add_secrets(struct telling *t)
{
	size_t round, i;

	for (round = 0; round < 2; round++)
		for (i = 0; i < t->nserved; i++) {
			const struct served_row *s = &t->served[i];
			bool now = holds(t, s);

			if (strcmp(s->device, t->device) != 0 || strcmp(s->domain, t->domain) != 0 ||
				now != (round == 0) || (!now && s->generation_first < t->phone.acked) ||
				t->msg.nsecrets == NOTIFY_SECRETS_MAX)
				continue;
			t->msg.secrets[t->msg.nsecrets++] = s->password;
		}
}

static void build(struct telling *t, int64_t id)
{
	const struct vendor *vendor = t->profile ? vendor_get(t->profile->vendor) : NULL;

	t->msg.id = (uint64_t)id;
	t->msg.request_uri = t->binding->contact;
	t->msg.to_uri = arena_printf(t->arena, "sip:%s@%s", t->device, t->domain);
	t->msg.event = vendor && vendor->notify_event ? vendor->notify_event : "check-sync";
	t->msg.direct = t->rs->conf.straight_to_contact;
	t->msg.proxy = t->rs->conf.proxy;
	t->msg.source = t->binding->source;
	t->msg.auth_user = t->device;
	t->msg.deadline_ms = (unsigned)t->rs->conf.notify_deadline_ms;
	add_secrets(t);
}

/* ---- late answers ---- */

/* A final answer may come after the row is settled; then its phone is looked up here. */
enum { LATE_MAX = 1024 };
static struct {
	uint64_t id;
	struct mac mac;
} late[LATE_MAX];
static size_t late_next;
static pthread_mutex_t late_lock = PTHREAD_MUTEX_INITIALIZER;

static void remember(uint64_t id, const struct mac *mac)
{
	pthread_mutex_lock(&late_lock);
	late[late_next % LATE_MAX].id = id;
	late[late_next++ % LATE_MAX].mac = *mac;
	pthread_mutex_unlock(&late_lock);
}

static bool remembered(uint64_t id, struct mac *mac)
{
	size_t i;
	bool found = false;

	pthread_mutex_lock(&late_lock);
	for (i = 0; i < LATE_MAX && !found; i++)
		if (late[i].id == id) {
			*mac = late[i].mac;
			found = true;
		}
	pthread_mutex_unlock(&late_lock);
	return found;
}

/* ---- deliver ---- */

static enum outbox_result untold(struct outbox_job *job, const char *why)
{
	job->note = why;
	return OUTBOX_DONE;
}

/* Its turn is near. If it is not, the row comes again when it is. */
static bool has_room(const struct telling *t, struct outbox_job *job)
{
	const char *source = t->binding->source ? t->binding->source : t->binding->contact;
	int64_t wait_ms;

	if (sipd_room(t->rs->sipd, (uint64_t)job->id, source, &wait_ms))
		return true;
	job->again_ms = t->rs->now_ms() + wait_ms;
	return false;
}

/* Many may wait for an answer at once: what was needed to ask is not kept until it comes. */
static enum outbox_result tell(struct outbox_job *job, struct reset *rs, struct arena *scratch, struct err *err)
{
	struct telling t = { .rs = rs, .arena = scratch };
	enum err_code code = load(&t, job->key, err);

	if (code == ERR_NOT_FOUND)
		return untold(job, "{\"unneeded\":1}"); /* the phone was deleted */
	if (code)
		return OUTBOX_RETRY;
	/* A Yealink would restart for it (vendor guide: check-sync). */
	if (t.phone.acked >= t.phone.wanted && !payload_number(job->payload, "force"))
		return untold(job, "{\"unneeded\":1}");
	if (t.rs->sipd && t.rs->registrar) {
		code = choose(&t, err);
		watch_registrar(t.rs, t.phone.domain, err);
		if (code)
			return OUTBOX_RETRY;
	}
	if (t.binding && !has_room(&t, job))
		return OUTBOX_AGAIN;
	if (t.rs->renderer && serving_prepare(t.rs, &t.phone.mac, err))
		return OUTBOX_RETRY;
	if (t.rs->sipd == NULL || t.rs->registrar == NULL)
		return untold(job, "{\"status\":0} this server sends no NOTIFY");
	if (t.binding == NULL)
		return untold(job, "{\"status\":0} no line of this phone is registered");
	build(&t, job->id);
	remember(t.msg.id, &t.phone.mac);
	fault_point("before-notify");
	if (sipd_submit(t.rs->sipd, &t.msg, err))
		return OUTBOX_RETRY;
	return OUTBOX_PENDING;
}

enum outbox_result tell_deliver(struct outbox_job *job, void *arg, struct err *err)
{
	enum outbox_result result;
	struct arena scratch;

	arena_init(&scratch, 0);
	result = tell(job, arg, &scratch, err);
	arena_release(&scratch);
	return result;
}

/* ---- what the answer means ---- */

static enum err_code note_told(struct txn *t, struct reset *rs, const struct phone_row *phone, int status,
	const char *evidence, struct arena *a, struct err *err)
{
	struct record_filter filter = { .phone_id = phone->id, .open_only = true };
	enum told told = told_by_answer(status, evidence);
	bool registrar = rs->registrar != NULL;
	struct record_row *r;
	int64_t now_ms = rs->now_ms();
	size_t n, i;
	enum err_code code = record_list(t->db, &filter, (struct page){ 0, 0 }, a, &r, &n, err);

	for (i = 0; code == ERR_OK && i < n; i++) {
		/* What is noted of an earlier, failed NOTIFY is not what this one proves. */
		if (told == TOLD_RECEIVED && (record_facts(&r[i], registrar).has & FACT_TOLD_FAILED))
			code = record_take_back(t->db, r[i].id, FACT_TOLD | FACT_TOLD_FAILED, registrar, a, err);
		if (code == ERR_OK && told != TOLD_NOT_ANSWERED)
			code = record_note(t->db, r[i].id, FACT_TOLD, now_ms, evidence, registrar, a, NULL, err);
		if (code == ERR_OK && told != TOLD_RECEIVED)
			code = record_note(t->db, r[i].id, FACT_TOLD_FAILED, now_ms, evidence, registrar, a, NULL, err);
	}
	return code;
}

/* Rule (c): where no phone comes, its lines flip a while after the answer: those that it holds, and those that it lost.
 * One that it is only to get is another phone's until then, and waits for that one. */
static enum err_code flips_follow(
	struct txn *t, struct reset *rs, const struct phone_row *phone, struct arena *a, struct err *err)
{
	int64_t due_ms = rs->now_ms() + rs->conf.grace_ms;
	struct served_row *served;
	size_t n, i;
	enum err_code code = served_list(t->db, phone->id, 0, a, &served, &n, err);

	for (i = 0; code == ERR_OK && i < n; i++)
		if (served[i].generation_first < phone->wanted)
			code = serving_flip_waiting(t->db, served[i].device, served[i].domain, due_ms, a, err);
	return code;
}

static enum err_code tell_again(struct txn *t, struct reset *rs, const struct outbox_job *job, struct err *err)
{
	int64_t tries = payload_number(job->payload, "tries") + 1;
	int64_t pause = rs->conf.retell_ms << (tries < RETELL_DOUBLINGS ? tries - 1 : RETELL_DOUBLINGS);
	char payload[64];

	if (tries >= TRIES_MAX)
		return ERR_OK;
	snprintf(payload, sizeof(payload), "{\"tries\":%lld,\"force\":%lld}", (long long)tries,
		(long long)payload_number(job->payload, "force"));
	return outbox_put_once(t->db, "notify", job->key, payload, rs->now_ms() + pause, NULL, err);
}

static enum err_code add_note(
	struct txn *t, const struct phone_row *phone, const char *event, const char *detail, struct err *err)
{
	struct timeline_row row = {
		.phone_id = phone->id, .mac = phone->mac, .event = event, .detail = detail, .generation = phone->wanted
	};

	return timeline_add(t->db, &row, err);
}

/* Something changed while this NOTIFY was under way, and the one about that comes next: it is the one that counts. */
static enum err_code overtaken(struct txn *t, const struct outbox_job *job, bool *out, struct err *err)
{
	return outbox_waits(t->db, job->kind, job->key, out, err);
}

/* What the answer means for the phone's records, its lines and the next try. */
static enum err_code conclude(struct txn *t, struct reset *rs, const struct outbox_job *job,
	const struct phone_row *phone, int status, const char *text, struct arena *a, struct err *err)
{
	enum err_code code = note_told(t, rs, phone, status, text, a, err);

	if (code == ERR_OK)
		code = flips_follow(t, rs, phone, a, err);
	if (code == ERR_OK && told_by_answer(status, text) != TOLD_RECEIVED)
		code = tell_again(t, rs, job, err);
	return code;
}

enum err_code tell_settle(struct txn *t, const struct outbox_job *job, enum outbox_result result, const struct err *why,
	void *arg, struct err *err)
{
	struct reset *rs = arg;
	const char *note = job->note ? job->note : "{\"status\":0}", *text = strchr(note, '}');
	int status = (int)payload_number(note, "status");
	struct phone_row phone;
	struct arena a;
	struct mac mac;
	bool later = false;
	enum err_code code;

	if (payload_number(note, "unneeded") || !mac_parse(slice_str(job->key), &mac))
		return ERR_OK;
	text = text && text[1] ? text + 2 : "";
	if (result == OUTBOX_FAILED && why)
		text = why->text;
	arena_init(&a, 0);
	code = phone_load(t->db, &mac, &a, &phone, err);
	if (code == ERR_OK)
		code = overtaken(t, job, &later, err);
	if (code == ERR_OK && !later)
		code = conclude(t, rs, job, &phone, status, text, &a, err);
	if (code == ERR_OK)
		code = add_note(
			t, &phone, told_by_answer(status, text) == TOLD_RECEIVED ? "told" : "told-failed", text, err);
	arena_release(&a);
	return code == ERR_NOT_FOUND ? ERR_OK : code;
}

struct late_note {
	struct reset *rs;
	struct mac mac;
	int status;
	char text[256];
};

static enum err_code late_fn(struct txn *t, void *arg, struct err *err)
{
	struct late_note *n = arg;
	struct phone_row phone;
	struct arena a;
	enum err_code code;

	arena_init(&a, 0);
	code = phone_load(t->db, &n->mac, &a, &phone, err);
	if (code == ERR_OK)
		code = note_told(t, n->rs, &phone, n->status, n->text, &a, err);
	arena_release(&a);
	return code;
}

static void late_done(void *arg, enum err_code code, const struct err *err)
{
	if (code)
		log_event(LOG_LEVEL_WARN, "late-answer-lost", "why", err->text, NULL);
	mem_free(arg);
}

static void describe(const struct notify_result *r, char *out, size_t size)
{
	if (r->status)
		snprintf(out, size, "%d %s after %u ms%s", r->status, r->reason, r->ms,
			r->late         ? ", late"
			: r->challenged ? ", after a challenge"
					: "");
	else
		snprintf(out, size, "%s", r->error_text);
}

static void note_late(struct reset *rs, const struct notify_result *r)
{
	struct late_note *n = mem_zalloc(sizeof(*n));

	if (n == NULL || !remembered(r->id, &n->mac)) {
		mem_free(n);
		return;
	}
	n->rs = rs;
	n->status = r->status;
	describe(r, n->text, sizeof(n->text));
	if (store_post(rs->store, late_fn, late_done, n, NULL))
		mem_free(n);
}

void tell_result(const struct notify_result *r, void *arg)
{
	struct reset *rs = arg;
	char text[256], note[320];

	if (r->late) {
		note_late(rs, r);
		return;
	}
	describe(r, text, sizeof(text));
	snprintf(note, sizeof(note), "{\"status\":%d} %s", r->status, text);
	/* Stopping: the row is due again at the next start. */
	outbox_finish(rs->outbox, (int64_t)r->id, r->error == ERR_BUSY ? OUTBOX_RETRY : OUTBOX_DONE, note, NULL);
}
