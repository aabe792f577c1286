/* What was delivered. Who registered: evidence_register.c. */
#include "provisioning/reset/evidence.h"

#include <string.h>

#include "provisioning/outbox/outbox.h"
#include "provisioning/reset/contacts.h"
#include "provisioning/reset/record.h"
#include "provisioning/reset/reset.h"
#include "provisioning/reset/serving.h"
#include "provisioning/reset/tell.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/line.h"
#include "provisioning/store/phone.h"
#include "provisioning/store/record.h"
#include "provisioning/store/served.h"
#include "provisioning/store/snapshot.h"
#include "provisioning/store/softphone.h"
#include "provisioning/store/timeline.h"

struct delivered {
	struct reset *rs;
	const struct file_delivery *d;
	struct db *db;
	struct txn *txn;
	struct arena arena;
	struct phone_row phone;
	const struct vendor *vendor;
};

static const struct vendor *vendor_of(const struct reset *rs, const struct phone_row *phone)
{
	const struct profile *pf = rs->catalog ? catalog_find(rs->catalog, phone->model) : NULL;

	return pf ? vendor_get(pf->vendor) : NULL;
}

/* ---- which generation does the phone hold? ---- */

static const struct phone_file_row *row_of(const struct phone_file_row *rows, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(rows[i].kind, name) == 0)
			return &rows[i];
	return NULL;
}

/* The smallest generation over all files that count; a file that was never delivered stands for 0. */
static enum err_code acknowledged(struct delivered *v, int64_t *out, struct err *err)
{
	struct phone_file_row *rows;
	size_t n, i;
	int64_t least = INT64_MAX;
	enum err_code code = phone_file_list(v->db, v->phone.id, &v->arena, &rows, &n, err);

	*out = 0;
	if (code || v->vendor == NULL)
		return code;
	for (i = 0; i < v->vendor->nfiles; i++) {
		const struct vendor_file *f = &v->vendor->files[i];
		const struct phone_file_row *row = row_of(rows, n, f->name);

		if (f->name == NULL || f->evidence == EVIDENCE_NONE || (f->evidence == EVIDENCE_IF_USED && row == NULL))
			continue;
		if (row == NULL || row->delivered < least)
			least = row ? row->delivered : 0;
	}
	*out = least == INT64_MAX ? 0 : least;
	return ERR_OK;
}

/* ---- what follows ---- */

static enum err_code note_fetched(struct delivered *v, int64_t acked, struct err *err)
{
	struct record_filter filter = { .phone_id = v->phone.id, .open_only = true };
	bool registrar = v->rs->registrar != NULL;
	struct record_row *r;
	size_t n, i;
	const char *evidence = arena_printf(&v->arena, "generation %lld%s, %s", (long long)acked,
		v->d->not_modified ? " (304)" : "", v->d->hash ? v->d->hash : "");
	enum err_code code = record_list(v->db, &filter, (struct page){ 0, 0 }, &v->arena, &r, &n, err);

	for (i = 0; code == ERR_OK && i < n; i++) {
		if (r[i].generation_after > acked)
			continue;
		code = record_note(
			v->db, r[i].id, FACT_FETCHED, v->d->at_ms, evidence, registrar, &v->arena, NULL, err);
		if (code == ERR_OK)
			code = record_take_back(v->db, r[i].id, FACT_REOPENED, registrar, &v->arena, err);
	}
	return code;
}

/* Another phone that held the same line has not come yet: it is to be told with the old secret first. One that only
 * gets the line has never held the old secret. */
static enum err_code others_wait(struct delivered *v, const char *device, int64_t domain_id, bool *out, struct err *err)
{
	struct record_filter filter = { .domain_id = domain_id, .device = device, .open_only = true };
	struct record_row *r;
	struct facts facts;
	size_t n, i;
	enum err_code code = record_list(v->db, &filter, (struct page){ 0, 0 }, &v->arena, &r, &n, err);

	*out = false;
	for (i = 0; code == ERR_OK && i < n; i++) {
		facts = record_facts(&r[i], true);
		if (facts.kind == RECORD_REKEYED && !r[i].keeps_line)
			continue;
		if (r[i].phone_id && r[i].phone_id != v->phone.id && !(facts.has & FACT_FETCHED))
			*out = true;
	}
	return code;
}

static enum err_code flip_when_alone(struct delivered *v, const char *device, const char *domain, struct err *err)
{
	struct domain_row dom = { .id = v->phone.domain_id };
	bool wait;
	enum err_code code = ERR_OK;

	if (strcmp(domain, v->phone.domain) != 0) /* the phone has moved since */
		code = domain_by_name(v->db, domain, &v->arena, &dom, err);
	if (code == ERR_OK)
		code = others_wait(v, device, dom.id, &wait, err);
	if (code || wait)
		return code == ERR_NOT_FOUND ? ERR_OK : code;
	return serving_flip_waiting(v->db, device, domain, v->d->at_ms, &v->arena, err);
}

/* Rule (b): the file that takes the line away has been delivered, nothing is to wait for. The records name the lines of
 * people, the history of secrets the idle line too. */
static enum err_code flip_taken(struct delivered *v, int64_t acked, struct err *err)
{
	struct record_filter filter = {
		.phone_id = v->phone.id, .open_only = true, .kind = record_kind_word(RECORD_UNASSIGNED)
	};
	struct record_row *r;
	struct served_row *served;
	size_t n, i;
	enum err_code code = record_list(v->db, &filter, (struct page){ 0, 0 }, &v->arena, &r, &n, err);

	for (i = 0; code == ERR_OK && i < n; i++)
		if (r[i].generation_after <= acked)
			code = flip_when_alone(v, r[i].device, r[i].domain, err);
	if (code == ERR_OK)
		code = served_list(v->db, v->phone.id, 0, &v->arena, &served, &n, err);
	for (i = 0; code == ERR_OK && i < n; i++)
		if (served[i].generation_last < acked) /* else it stands in the file */
			code = flip_when_alone(v, served[i].device, served[i].domain, err);
	return code;
}

/* How the last fact is looked for: by bindings where the phone has a line, by silence where it has none. */
static enum err_code look_for_proof(struct delivered *v, struct err *err)
{
	struct line_row *lines;
	char mac[MAC_TEXT];
	size_t n;
	enum err_code code = line_list(v->db, v->phone.id, &v->arena, &lines, &n, err);

	if (code || v->rs->registrar == NULL)
		return code;
	mac_text(&v->phone.mac, mac);
	return outbox_put_once(v->db, n ? "proof" : "silence", mac, "{}",
		v->d->at_ms + (n ? v->rs->conf.sweep_ms : v->rs->conf.silence_ms), NULL, err);
}

static enum err_code add_note(struct delivered *v, int64_t acked, struct err *err)
{
	struct timeline_row row = { .at_ms = v->d->at_ms,
		.phone_id = v->phone.id,
		.mac = v->phone.mac,
		.event = "fetched",
		.detail = arena_printf(&v->arena, "from %s", v->d->from ? v->d->from : "?"),
		.generation = acked };

	return timeline_add(v->db, &row, err);
}

static enum err_code came(struct delivered *v, int64_t acked, struct err *err)
{
	enum err_code code;

	if ((code = note_fetched(v, acked, err)) || (code = flip_taken(v, acked, err)) ||
		(code = look_for_proof(v, err)) || (code = add_note(v, acked, err)) ||
		(code = served_prune(v->db, v->phone.id, acked, err)) ||
		(code = snapshot_prune(v->db, v->phone.id, acked, err)))
		return code;
	/* It came for less than there is by now: told once more. */
	return acked < v->phone.wanted ? tell_phone(v->db, &v->phone.mac, false, 0, err) : ERR_OK;
}

/* A Grandstream drops what was typed in on it when it loads the phone book with the file that says so. */
static bool drops_contacts(const struct vendor *vendor, const struct vendor_file *file)
{
	return file->kind == FILE_PHONEBOOK && vendor->id == VENDOR_GRANDSTREAM;
}

/* Once nothing is waited for any more, contacts may stay on it again: another file, which it fetches without a restart.
 */
static enum err_code book_came(struct delivered *v, struct err *err)
{
	struct record_filter filter = { .phone_id = v->phone.id, .open_only = true };
	bool registrar = v->rs->registrar != NULL;
	struct record_row *r;
	size_t n, i;
	enum err_code code;

	if (v->phone.contacts_since == 0 || v->phone.acked < v->phone.contacts_since)
		return ERR_OK;
	code = record_list(v->db, &filter, (struct page){ 0, 0 }, &v->arena, &r, &n, err);
	for (i = 0; code == ERR_OK && i < n; i++)
		if (r[i].generation_after <= v->phone.acked)
			code = record_note(v->db, r[i].id, FACT_CONTACTS, v->d->at_ms, "phonebook.xml was delivered",
				registrar, &v->arena, NULL, err);
	return code || n ? code : contacts_settle(v->rs, v->db, &v->phone, &v->arena, err);
}

/* A phone that shows a certificate never uses its login. All of its newest files were delivered, and each time that a
 * phone gets a new login it gets new files: it has this one, and the former one is nobody's any more. */
static enum err_code settle_login(struct delivered *v, int64_t acked, struct err *err)
{
	char mac[MAC_TEXT];
	bool first = false;
	enum err_code code;

	if (!v->d->certificate || v->phone.prov_password_seen_ms || acked < v->phone.wanted ||
		(int64_t)v->d->generation < v->phone.wanted)
		return ERR_OK;
	code = phone_password_held(v->db, v->phone.id, &first, err);
	return code || !first ? code
			      : outbox_put_once(v->db, "logins", mac_text(&v->phone.mac, mac), "{}", 0, NULL, err);
}

static enum err_code take_in(struct delivered *v, struct err *err)
{
	const struct vendor_file *file;
	int64_t acked;
	bool rose = false;
	enum err_code code = phone_load(v->db, &v->d->mac, &v->arena, &v->phone, err);

	if (code)
		return code;
	v->vendor = vendor_of(v->rs, &v->phone);
	file = v->vendor ? vendor_file(v->vendor->id, v->d->file) : NULL;
	if (file == NULL)
		return ERR_OK; /* no file of this phone's vendor */
	/* It changes what is known of a phone, and what is to be done; what the phone is given only with its book. */
	if (file->kind != FILE_PHONEBOOK && !(v->d->certificate && v->phone.prov_password_seen_ms == 0))
		txn_quiet(v->txn);
	code = phone_file_delivered(
		v->db, v->phone.id, file->name, (int64_t)v->d->generation, v->d->hash ? v->d->hash : "", "", err);
	if (code == ERR_OK && drops_contacts(v->vendor, file))
		return book_came(v, err);
	if (code || file->evidence == EVIDENCE_NONE)
		return code;
	if ((code = acknowledged(v, &acked, err)) || (code = phone_ack(v->db, v->phone.id, acked, &rose, err)) ||
		(code = settle_login(v, acked, err)))
		return code;
	/* The same generation once more is news too where a record is open again. */
	return rose ? came(v, acked, err) : acked ? note_fetched(v, acked, err) : ERR_OK;
}

static enum err_code delivered_fn(struct txn *t, void *arg, struct err *err)
{
	struct delivered *v = arg;
	enum err_code code;

	v->db = t->db;
	v->txn = t;
	arena_init(&v->arena, 0);
	code = take_in(v, err);
	arena_release(&v->arena);
	return code == ERR_NOT_FOUND ? ERR_OK : code; /* the phone was deleted meanwhile */
}

enum err_code evidence_delivered(struct reset *rs, const struct file_delivery *d, struct err *err)
{
	struct delivered v = { .rs = rs, .d = d };

	return store_write(rs->store, delivered_fn, &v, err);
}

bool evidence_no_news(const struct reset *rs, struct db *db, const struct file_delivery *d, struct arena *a)
{
	struct record_row *records;
	struct phone_file_row *rows;
	const struct phone_file_row *row;
	const struct vendor_file *file;
	const struct vendor *vendor;
	struct phone_row phone;
	size_t n;

	/* A login that was not used yet may be settled by this delivery. */
	if (phone_load(db, &d->mac, a, &phone, NULL) || phone.prov_password_seen_ms == 0 ||
		phone.wanted != (int64_t)d->generation || phone.acked < phone.wanted)
		return false;
	vendor = vendor_of(rs, &phone);
	file = vendor ? vendor_file(vendor->id, d->file) : NULL;
	if (file == NULL || (drops_contacts(vendor, file) && phone.contacts_since) ||
		phone_file_list(db, phone.id, a, &rows, &n, NULL))
		return false;
	row = row_of(rows, n, file->name);
	if (row == NULL || row->delivered != phone.wanted || strcmp(row->hash, d->hash) != 0)
		return false;
	return record_list(db, &(struct record_filter){ .phone_id = phone.id, .open_only = true },
		       (struct page){ 0, 1 }, a, &records, &n, NULL) == ERR_OK &&
	       n == 0;
}

/* ---- asked for ---- */

struct asked {
	struct reset *rs;
	const struct mac *mac;
	enum file_kind file;
};

static enum err_code asked_fn(struct txn *t, void *arg, struct err *err)
{
	struct asked *v = arg;
	const struct vendor *vendor;
	const struct vendor_file *file;
	struct phone_row phone;
	struct arena a;
	enum err_code code;

	txn_quiet(t);
	arena_init(&a, 0);
	code = phone_load(t->db, v->mac, &a, &phone, err);
	vendor = code ? NULL : vendor_of(v->rs, &phone);
	file = vendor ? vendor_file(vendor->id, v->file) : NULL;
	if (file && file->evidence == EVIDENCE_IF_USED)
		code = phone_file_note(t->db, phone.id, file->name, false, err);
	arena_release(&a);
	return code == ERR_NOT_FOUND ? ERR_OK : code;
}

static bool noted(struct reset *rs, const struct mac *mac, enum file_kind kind)
{
	const struct vendor_file *file = NULL;
	const struct vendor *vendor;
	struct phone_file_row *rows;
	struct phone_row phone;
	struct snap snap;
	struct arena a;
	size_t n = 0;
	bool there = false;

	if (store_snap(rs->store, &snap, NULL))
		return false;
	arena_init(&a, 0);
	if (phone_load(snap.db, mac, &a, &phone, NULL) == ERR_OK) {
		vendor = vendor_of(rs, &phone);
		file = vendor ? vendor_file(vendor->id, kind) : NULL;
		there = file == NULL || file->evidence != EVIDENCE_IF_USED ||
			(phone_file_list(snap.db, phone.id, &a, &rows, &n, NULL) == ERR_OK &&
				row_of(rows, n, file->name) != NULL);
	}
	arena_release(&a);
	snap_end(&snap);
	return there;
}

enum err_code evidence_asked(
	struct reset *rs, const struct mac *mac, enum file_kind file, int64_t at_ms, struct err *err)
{
	struct asked v = { rs, mac, file };

	(void)at_ms; /* the store dates its rows itself */
	return noted(rs, mac, file) ? ERR_OK : store_write(rs->store, asked_fn, &v, err);
}

/* ---- softphones ---- */

struct soft_delivered {
	struct reset *rs;
	const struct soft_delivery *d;
};

static enum err_code soft_fn(struct txn *t, void *arg, struct err *err)
{
	struct soft_delivered *v = arg;
	struct record_filter filter = { .softphone_id = v->d->softphone_id, .open_only = true };
	struct record_row *r;
	struct arena a;
	size_t n = 0, i;
	enum err_code code;

	arena_init(&a, 0);
	code = softphone_ack(t->db, v->d->softphone_id, (int64_t)v->d->generation,
		v->d->user_agent ? v->d->user_agent : "", NULL, err);
	if (code == ERR_OK && v->d->blanks)
		code = record_list(t->db, &filter, (struct page){ 0, 0 }, &a, &r, &n, err);
	for (i = 0; code == ERR_OK && i < n; i++)
		if (r[i].generation_after <= (int64_t)v->d->generation)
			code = record_note(t->db, r[i].id, FACT_FETCHED, v->d->at_ms,
				"the blanks at its address were delivered", v->rs->registrar != NULL, &a, NULL, err);
	arena_release(&a);
	return code == ERR_NOT_FOUND ? ERR_OK : code;
}

enum err_code evidence_soft_delivered(struct reset *rs, const struct soft_delivery *d, struct err *err)
{
	struct soft_delivered v = { rs, d };

	return store_write(rs->store, soft_fn, &v, err);
}

bool evidence_upload_kept(struct db *db, const struct mac *mac)
{
	struct phone_row phone;
	struct arena a;
	bool kept;

	arena_init(&a, 0);
	kept = phone_load(db, mac, &a, &phone, NULL) == ERR_OK && phone.acked >= phone.wanted;
	arena_release(&a);
	return kept;
}
