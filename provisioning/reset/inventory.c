/* Users and devices. */
#include "provisioning/reset/inventory.h"

#include <string.h>

#include "phonecfg/base/text.h"
#include "phonecfg/vendor/vendor.h"
#include "provisioning/outbox/outbox.h"
#include "provisioning/reset/aliases.h"
#include "provisioning/reset/apply.h"
#include "provisioning/reset/desk_parts.h"
#include "provisioning/reset/identity.h"
#include "provisioning/reset/inventory_parts.h"
#include "provisioning/reset/person.h"
#include "provisioning/reset/plan_rows.h"
#include "provisioning/reset/sounds.h"
#include "provisioning/store/job.h"
#include "provisioning/reset/walk.h"
#include "provisioning/store/key.h"
#include "provisioning/store/line.h"
#include "provisioning/store/number.h"
#include "provisioning/store/seal.h"
#include "provisioning/store/softphone.h"
#include "provisioning/voicemail/voicemail.h"

enum { PASSWORD_CHARS = 16, CHECK_ARENA = 256 * 1024 };

enum err_code inventory_no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "There is no memory for this change; nothing was changed.");
}

/* The name with every letter beyond ASCII as an x. A vendor that cannot show such letters writes the number instead, so
 * they are no reason to refuse anybody's name; length and words with a meaning of their own are. */
static const char *folded(struct arena *a, const char *name)
{
	char *out = arena_alloc(a, strlen(name) + 1);
	size_t i, n = 0;

	for (i = 0; out && name[i]; i++)
		if (((unsigned char)name[i] & 0xc0) != 0x80) /* the first byte of a letter */
			out[n++] = (unsigned char)name[i] < 0x80 ? name[i] : 'x';
	return out;
}

/* A phone of that model with that line. */
static enum err_code check_on(const struct profile *pf, struct account *acc, const char *language, struct err *err)
{
	struct phone ph = { .mac = { { 0, 0, 0, 0, 0, 1 } },
		.model = pf->id,
		.generation = 1,
		.domain = "example.test",
		.language = language,
		.prov = { .password = { "probe0000probe00", 16 } },
		.admin_password = { "probe0000probe00", 16 },
		.user_password = { "probe0000probe00", 16 },
		.filler = { "probe0000probe00", 16 },
		.accounts = acc,
		.naccounts = 1 };

	acc->slot = 1;
	acc->use = ACCOUNT_LINE;
	acc->user = "1001";
	acc->password = (struct secret){ "probe0000probe00", 16 };
	return vendor_check(pf, &ph, err);
}

/* On one model of each vendor. */
static enum err_code check_on_all(const struct reset *rs, struct account *acc, const char *language, struct err *err)
{
	bool seen[VENDOR_COUNT] = { false };
	enum err_code e = ERR_OK;
	size_t i;

	for (i = 0; e == ERR_OK && i < catalog_count(rs->catalog); i++) {
		const struct profile *pf = catalog_at(rs->catalog, i);

		if (!seen[pf->vendor])
			e = check_on(pf, acc, language, err);
		seen[pf->vendor] = true;
	}
	return e;
}

enum err_code inventory_domain_check(const struct reset *rs, const struct domain_row *dom, struct err *err)
{
	struct account acc = { .slot = 1 };
	struct domain_row row = *dom;
	struct arena a;
	enum err_code e;

	if (row.proxy == NULL) /* a new one has only what was given */
		row.proxy = "";
	arena_init(&a, CHECK_ARENA);
	desk_fill_server(&row, NULL, &a, &acc);
	e = arena_failed(&a) ? inventory_no_memory(err) : check_on_all(rs, &acc, desk_text(dom->language), err);
	arena_release(&a);
	return e;
}

enum err_code inventory_name_check(const struct reset *rs, const char *first, const char *last, struct err *err)
{
	struct account acc = { .slot = 1 };
	struct arena a;
	const char *name;
	enum err_code e = ERR_OK;

	arena_init(&a, CHECK_ARENA);
	name = person_name(&a, first, last);
	if (name == NULL)
		e = inventory_no_memory(err);
	if (e == ERR_OK && *name)
		e = text_check("name-first-name and name-last-name together", slice_str(name), MODEL_NAME_MAX, err);
	if (e == ERR_OK && *name && (name = folded(&a, name)) == NULL)
		e = inventory_no_memory(err);
	acc.display_name = name; /* a label that a phone cannot show gives way to the number */
	if (e == ERR_OK && *name)
		e = check_on_all(rs, &acc, NULL, err);
	arena_release(&a);
	return e;
}

static enum err_code add_device(struct inventory *in, struct device_row *row, struct err *err)
{
	bool taken;
	enum err_code e = device_realm_taken(in->db, row->domain_id, row->name, &taken, err);

	if (e == ERR_OK && taken)
		return err_set(err, ERR_CONFLICT,
			"Another domain of the same SIP realm has %s already; the registrar could not tell them apart.",
			row->name);
	if (e == ERR_OK && !secret_set(&row->password))
		e = random_password(in->arena, PASSWORD_CHARS, &row->password, err);
	row->revision = 1;
	if (e == ERR_OK)
		e = device_add(in->db, row, err);
	if (e == ERR_OK)
		e = device_by_id(in->db, row->id, in->arena, row, err);
	if (e == ERR_OK)
		e = identity_want(in->db, row, in->arena, err);
	if (e)
		return e;
	/* Nobody holds its secret yet, so the registrar may know it at once. */
	return identity_flip_by(in->db, identity_name(row, in->arena), 0, err);
}

/* A call to it could mean either. */
static enum err_code not_a_number(struct inventory *in, const struct user_row *row, struct err *err)
{
	struct number_row number;
	enum err_code e = number_load(in->db, row->ext, in->arena, &number, NULL);

	if (e == ERR_OK && number.domain_id == row->domain_id)
		return err_set(
			err, ERR_CONFLICT, "%s is a phone number of this domain; choose another extension.", row->ext);
	return e == ERR_OK || e == ERR_NOT_FOUND ? ERR_OK : err_set(err, e, "The phone numbers cannot be read.");
}

/* A mailbox of that name that an earlier user left is still in the way. */
static enum err_code mailbox_free(struct inventory *in, int64_t domain_id, const char *ext, struct err *err)
{
	struct domain_row dom;
	enum err_code e = in->rs->conf.voicemail ? domain_load(in->db, domain_id, in->arena, &dom, err) : ERR_OK;

	return e || in->rs->conf.voicemail == NULL ? e : sounds_free(in->rs, in->db, dom.name, ext, in->arena, err);
}

enum err_code inventory_user_add(struct inventory *in, struct user_row *row, struct err *err)
{
	struct device_row dev = { .domain_id = row->domain_id, .name = row->ext, .kind = DEVICE_DESK };
	enum err_code e = inventory_name_check(in->rs, row->first_name, row->last_name, err);

	if (e == ERR_OK)
		e = not_a_number(in, row, err);
	if (e == ERR_OK)
		e = mailbox_free(in, row->domain_id, row->ext, err);
	if (e == ERR_OK)
		e = user_add(in->db, row, err);
	dev.user_id = row->id;
	return e ? e : add_device(in, &dev, err);
}

/* ---- another name ---- */

static bool same_name(const struct user_row *a, const struct user_row *b)
{
	return strcmp(a->first_name, b->first_name) == 0 && strcmp(a->last_name, b->last_name) == 0;
}

/* Names and email go the way of a recycle; what was loaded before is then stale, so the rest is laid over the new row.
 */
static enum err_code recycle(struct inventory *in, const struct domain_row *dom, const struct user_row *wanted,
	struct user_row *now, struct err *err)
{
	const struct recycle_form form = {
		.first_name = wanted->first_name, .last_name = wanted->last_name, .email = wanted->email
	};
	const struct apply_order order = { .request = { .domain = dom->name, .user = wanted->ext, .recycle = &form },
		.who = in->who,
		.from = in->from,
		.why = "recycle" };
	enum err_code e = sounds_free(in->rs, in->db, dom->name, wanted->ext, in->arena, err);

	if (e == ERR_OK)
		e = apply_user(in->rs, in->db, &order, in->arena, NULL, err);
	return e ? e : user_by_id(in->db, wanted->id, in->arena, now, err);
}

enum err_code inventory_user_save(
	struct inventory *in, const struct domain_row *dom, struct user_row *row, struct err *err)
{
	struct user_row before, after;
	enum err_code e = user_by_id(in->db, row->id, in->arena, &before, err);

	if (e == ERR_OK && before.modified_ms != row->modified_ms)
		return err_set(
			err, ERR_CONFLICT, "User %s was changed meanwhile; read it again, then change it.", row->ext);
	if (e == ERR_OK && !same_name(&before, row))
		e = inventory_name_check(in->rs, row->first_name, row->last_name, err);
	if (e)
		return e;
	if (before.status == USER_RESET && *row->first_name && *row->last_name) {
		e = recycle(in, dom, row, &after, err);
		if (e)
			return e;
		row->status = after.status;
		row->caller_id_name = after.caller_id_name;
		return user_save(in->db, row, err);
	}
	e = user_save(in->db, row, err);
	return e || same_name(&before, row) ? e : walk_renamed(in, &before, row, err);
}

enum err_code inventory_user_delete(
	struct inventory *in, const struct domain_row *dom, struct user_row *row, struct err *err)
{
	const struct apply_order order = { .request = { .domain = dom->name,
						   .user = row->ext,
						   .reset = true,
						   .remove = true,
						   .options = reset_options_all(&in->rs->conf) },
		.who = in->who,
		.from = in->from,
		.why = "delete" };
	int64_t holder;
	enum err_code e = job_user_holder(in->db, row->id, HOLD_PROMISED, &holder, err);

	if (e == ERR_OK && holder)
		return err_set(err, ERR_CONFLICT, "User %s is in job %lld; wait for it, or cancel it first.", row->ext,
			(long long)holder);
	return e ? e : apply_user(in->rs, in->db, &order, in->arena, NULL, err);
}

/* ---- devices ---- */

enum err_code inventory_device_add(
	struct inventory *in, const struct user_row *user, struct device_row *row, struct err *err)
{
	size_t n = strlen(user->ext), i;
	enum err_code e;

	if (strncmp(row->name, user->ext, n) != 0 || row->name[n] == '\0')
		return err_set(err, ERR_INPUT, "device must be %s and a suffix of letters, for example %sb", user->ext,
			user->ext);
	for (i = n; row->name[i]; i++)
		if (row->name[i] < 'a' || row->name[i] > 'z' || i > n + 7)
			return err_set(err, ERR_INPUT,
				"device must be %s and a suffix of at most 8 small letters, for example %sb", user->ext,
				user->ext);
	row->domain_id = user->domain_id;
	row->user_id = user->id;
	e = add_device(in, row, err);
	return e ? e : aliases_changed(in->db, row->ext, row->domain, OUTBOX_FIRST, in->arena, err);
}

static enum err_code blank_addresses(struct inventory *in, const struct device_row *row, struct err *err)
{
	struct softphone_row *soft;
	int64_t generation;
	size_t i, n;
	enum err_code e = softphone_list_device(in->db, row->id, in->arena, &soft, &n, err);

	for (i = 0; e == ERR_OK && i < n; i++)
		if (!soft[i].blanked)
			e = softphone_blank(in->db, soft[i].id, &generation, err);
	return e;
}

/* Takes the device off its phones. Whoever else has a line there gets a new secret. */
static enum err_code leave_phones(struct inventory *in, struct touch *t, const struct device_row *row, struct err *err)
{
	struct line_row *lines;
	struct phone_row phone;
	struct touch_phone *p;
	size_t i, n;
	enum err_code e = line_list_device(in->db, row->id, in->arena, &lines, &n, err);

	for (i = 0; e == ERR_OK && i < n; i++) {
		struct touch_record rec = { .kind = RECORD_UNASSIGNED,
			.phone_id = lines[i].phone_id,
			.slot = lines[i].slot,
			.device_id = row->id,
			.ext = row->ext,
			.user_id = row->user_id };

		if ((e = phone_by_id(in->db, lines[i].phone_id, in->arena, &phone, err)) ||
			(e = touch_phone(t, &phone, "a line was taken away", &p, err)))
			return e;
		p->changes_hands = true;
		if ((e = touch_record(t, &rec, err)) || (e = line_delete(in->db, lines[i].id, err)) ||
			(e = key_delete_line(in->db, phone.id, lines[i].slot, err)))
			return e;
	}
	return e;
}

static enum err_code renew_neighbours(struct inventory *in, struct touch *t, struct err *err)
{
	struct line_row *lines;
	size_t left = t->nphones, i, k, n;
	enum err_code e = ERR_OK;

	for (i = 0; e == ERR_OK && i < left; i++) {
		e = line_list(in->db, t->phones[i].row.id, in->arena, &lines, &n, err);
		for (k = 0; e == ERR_OK && k < n; k++)
			if (lines[k].kind != DEVICE_IDLE)
				e = touch_device(t, lines[k].device_id, err);
	}
	return e;
}

enum err_code inventory_device_delete(struct inventory *in, struct device_row *row, struct err *err)
{
	struct touch t = inventory_touch(in);
	enum err_code e;

	if (row->kind == DEVICE_IDLE || strcmp(row->name, row->ext) == 0)
		return err_set(err, ERR_CONFLICT,
			"%s is the primary device of its user and stays as long as the user; reset or delete the user instead",
			row->name);
	e = leave_phones(in, &t, row, err);
	t.at_once = t.nphones == 0;
	if (e || (e = renew_neighbours(in, &t, err)) || (e = touch_goodbye(&t, row->id, err)) ||
		(e = walk_device_gone(in, &t, row->domain_id, row->name, err)) || (e = blank_addresses(in, row, err)) ||
		(e = touch_carry_out(&t, err)) ||
		(e = aliases_changed(in->db, row->ext, row->domain, OUTBOX_FIRST, in->arena, err)))
		return e;
	return device_delete(in->db, row->id, err);
}
