#include "provisioning/store/phone.h"

#include <string.h>

#include "provisioning/store/db.h"
#include "provisioning/store/generation.h"
#include "provisioning/store/token.h"

enum { PROV_PASSWORD_LEN = 16 };

const char *const phone_state_words[PHONE_STATE_COUNT] = {
	[PHONE_ASSIGNED] = "assigned",
	[PHONE_SHARED] = "shared",
	[PHONE_VACANT] = "vacant",
	[PHONE_UNCLAIMED] = "unclaimed",
	[PHONE_RETIRED] = "retired",
};

static const char *state_word(unsigned i)
{
	return i < PHONE_STATE_COUNT ? phone_state_words[i] : NULL;
}

static const struct col phone_cols[] = {
	COL(phone_row, COL_INT, id),
	COL(phone_row, COL_MAC, mac),
	COL(phone_row, COL_REF, domain_id),
	COL(phone_row, COL_REF, site_id),
	COL(phone_row, COL_TEXT, brand),
	COL(phone_row, COL_TEXT, model),
	COL_ENUM(phone_row, state, state_word),
	COL(phone_row, COL_TEXT, notes),
	COL(phone_row, COL_TEXT, transport),
	COL(phone_row, COL_SECRET, prov_password),
	COL(phone_row, COL_SECRET, prov_password_previous),
	COL(phone_row, COL_INT, prov_password_seen_ms),
	COL(phone_row, COL_SECRET, admin_password),
	COL(phone_row, COL_SECRET, user_password),
	COL(phone_row, COL_INT, pair_until_ms),
	COL(phone_row, COL_INT, generation),
	COL(phone_row, COL_INT, acked),
	COL(phone_row, COL_INT, acked_ms),
	COL(phone_row, COL_TEXT, user_agent),
	COL(phone_row, COL_TEXT, firmware),
	COL(phone_row, COL_TEXT, address),
	COL(phone_row, COL_INT, last_pull_ms),
	COL(phone_row, COL_TEXT, contact),
	COL(phone_row, COL_TEXT, contact_state),
	COL(phone_row, COL_INT, contact_ms),
	COL(phone_row, COL_REF, replaced_by),
	COL(phone_row, COL_TEXT, extra),
	COL(phone_row, COL_INT, created_ms),
	COL(phone_row, COL_INT, modified_ms),
	COL(phone_row, COL_SECRET, file_key),
	COL(phone_row, COL_INT, file_key_generation),
	COL(phone_row, COL_INT, file_key_seen_ms),
	COL(phone_row, COL_TEXT, after_drop),
	COL(phone_row, COL_INT, domain_since_ms),
	COL(phone_row, COL_INT, paired_ms),
	COL(phone_row, COL_TEXT, paired_from),
	COL(phone_row, COL_INT, contacts_since),
	COL(phone_row, COL_TEXT, domain),
	COL(phone_row, COL_TEXT, site),
	COL(phone_row, COL_INT, ways_off),
	COL(phone_row, COL_INT, given),
	COL(phone_row, COL_INT, site_generation),
	COL(phone_row, COL_INT, domain_generation),
	COL(phone_row, COL_INT, brand_generation),
	COL(phone_row, COL_INT, model_generation),
	COL(phone_row, COL_INT, build_generation),
};
static const struct rowmap phone_map = ROWMAP(phone_row, "phones", phone_cols, 1);

static void wanted_fill(struct phone_row *p)
{
	const int64_t of[] = { p->generation, p->site_generation, p->domain_generation, p->brand_generation,
		p->model_generation, p->build_generation };
	size_t i;

	p->wanted = 0;
	for (i = 0; i < sizeof(of) / sizeof(of[0]); i++)
		if (of[i] > p->wanted)
			p->wanted = of[i];
}

enum err_code phone_load(struct db *db, const struct mac *mac, struct arena *a, struct phone_row *out, struct err *err)
{
	char text[MAC_TEXT];
	enum err_code code =
		db_get(db, "phone_load", ARGS(A_TEXT("mac", mac_text(mac, text))), &phone_map, a, out, err);

	if (code == ERR_OK)
		wanted_fill(out);
	return err_say(code, ERR_NOT_FOUND, err, "there is no phone %s", text);
}

enum err_code phone_by_id(struct db *db, int64_t id, struct arena *a, struct phone_row *out, struct err *err)
{
	enum err_code code = db_get(db, "phone_by_id", ARGS(A_INT("id", id)), &phone_map, a, out, err);

	if (code == ERR_OK)
		wanted_fill(out);
	return err_say(code, ERR_NOT_FOUND, err, "there is no such phone");
}

static enum err_code list(struct db *db, const char *block, const struct arg *args, size_t nargs, struct arena *a,
	struct phone_row **out, size_t *n, struct err *err)
{
	enum err_code code = db_list(db, block, args, nargs, &phone_map, a, (void **)out, n, err);
	size_t i;

	for (i = 0; code == ERR_OK && i < *n; i++)
		wanted_fill(&(*out)[i]);
	return code;
}

#define FILTER(f)                                                                                                      \
	A_INT("domain_id", (f)->domain_id), A_INT("site_id", (f)->site_id), A_TEXT("model", (f)->model),               \
		A_TEXT("state", (f)->by_state ? phone_state_words[(f)->state] : ""), A_INT("behind", (f)->behind)

enum err_code phone_list(struct db *db, const struct phone_filter *f, struct page page, struct arena *a,
	struct phone_row **out, size_t *n, struct err *err)
{
	return list(db, "phone_list", ARGS(FILTER(f), A_PAGE(page)), a, out, n, err);
}

enum err_code phone_count(struct db *db, const struct phone_filter *f, int64_t *out, struct err *err)
{
	return db_int(db, "phone_count", ARGS(FILTER(f)), out, err);
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Patterns for LIKE: the text in lower case, with what LIKE gives a meaning escaped; and the MAC's digits of it, which
 * fit nothing when the text is no part of a MAC. */
static enum err_code patterns(const char *text, struct arena *a, const char **like, const char **mac, struct err *err)
{
	size_t n = strlen(text), i, at = 0, digits = 0;
	char *out = arena_alloc(a, 2 * n + 3), *hex = arena_alloc(a, n + 3);
	bool is_mac = true;

	if (out == NULL || hex == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	out[at++] = hex[digits++] = '%';
	for (i = 0; i < n; i++) {
		if (strchr("%_~", text[i]))
			out[at++] = '~';
		out[at++] = lower(text[i]);
		if (strchr("0123456789abcdefABCDEF", text[i]))
			hex[digits++] = lower(text[i]);
		else
			is_mac = is_mac && strchr(":-.", text[i]);
	}
	out[at++] = '%';
	hex[digits++] = '%';
	out[at] = hex[digits] = '\0';
	*like = out;
	*mac = is_mac ? hex : "";
	return ERR_OK;
}

static const char *const sort_words[PHONE_SORTS] = { "mac", "model", "site", "state", "firmware", "pull" };

#define SEARCH(by) A_INT("open", (by)->open), A_TEXT("like", like), A_TEXT("mac_like", mac)

enum err_code phone_find(struct db *db, const struct phone_filter *f, const struct phone_search *by, struct page page,
	struct arena *a, struct phone_row **out, size_t *n, struct err *err)
{
	const char *like, *mac;
	enum err_code code = patterns(by->text, a, &like, &mac, err);

	return code ? code
		    : list(db, "phone_find",
			      ARGS(FILTER(f), SEARCH(by), A_TEXT("sort", sort_words[by->sort]), A_INT("down", by->down),
				      A_PAGE(page)),
			      a, out, n, err);
}

enum err_code phone_find_count(struct db *db, const struct phone_filter *f, const struct phone_search *by,
	struct arena *a, int64_t *out, struct err *err)
{
	const char *like, *mac;
	enum err_code code = patterns(by->text, a, &like, &mac, err);

	return code ? code : db_int(db, "phone_find_count", ARGS(FILTER(f), SEARCH(by)), out, err);
}

enum err_code phone_list_user(
	struct db *db, int64_t user_id, struct arena *a, struct phone_row **out, size_t *n, struct err *err)
{
	return list(db, "phone_list_user", ARGS(A_INT("user_id", user_id)), a, out, n, err);
}

enum err_code phone_list_logins(struct db *db, int64_t after, int64_t limit, struct arena *a, struct phone_row **out,
	size_t *n, struct err *err)
{
	return db_list(db, "phone_list_logins", ARGS(A_INT("after", after), A_INT("limit", limit)), &phone_map, a,
		(void **)out, n, err);
}

enum err_code phone_add(struct db *db, struct phone_row *row, struct err *err)
{
	char text[MAC_TEXT];
	enum err_code code = db_id(db, &row->id, err);

	row->created_ms = row->modified_ms = db_now_ms(db);
	if (code == ERR_OK)
		code = db_run(db, "phone_add", NO_ARGS, &phone_map, row, NULL, err);
	return err_say(code, ERR_CONFLICT, err, "the phone %s exists already, or its domain or site does not",
		mac_text(&row->mac, text));
}

enum err_code phone_save(struct db *db, struct phone_row *row, struct err *err)
{
	char text[MAC_TEXT];

	row->modified_ms = db_now_ms(db);
	return err_say(db_change(db, "phone_save", NO_ARGS, &phone_map, row, "there is no such phone", err),
		ERR_CONFLICT, err, "the MAC %s is another phone's, or the domain or site does not exist",
		mac_text(&row->mac, text));
}

enum err_code phone_set_state(struct db *db, int64_t id, enum phone_state state, struct err *err)
{
	return db_change(db, "phone_set_state",
		ARGS(A_INT("id", id), A_TEXT("state", phone_state_words[state]), A_INT("modified_ms", db_now_ms(db))),
		NULL, NULL, "there is no such phone", err);
}

enum err_code phone_pair(struct db *db, int64_t id, int64_t until_ms, struct err *err)
{
	return db_change(db, "phone_pair", ARGS(A_INT("id", id), A_INT("until_ms", until_ms)), NULL, NULL,
		"there is no such phone", err);
}

enum err_code phone_pair_used(struct db *db, int64_t id, const char *from, bool *first, struct err *err)
{
	int64_t n = 0;
	enum err_code code = db_run(db, "phone_pair_used",
		ARGS(A_INT("id", id), A_TEXT("from", from), A_INT("now_ms", db_now_ms(db))), NULL, NULL, &n, err);

	*first = n > 0;
	return code;
}

enum err_code phone_pair_lost(struct db *db, int64_t id, int64_t paired_ms, struct err *err)
{
	return db_run(
		db, "phone_pair_lost", ARGS(A_INT("id", id), A_INT("paired_ms", paired_ms)), NULL, NULL, NULL, err);
}

enum err_code phone_contacts_since(struct db *db, int64_t id, int64_t generation, struct err *err)
{
	return db_change(db, "phone_contacts_since", ARGS(A_INT("id", id), A_INT("generation", generation)), NULL, NULL,
		"there is no such phone", err);
}

enum err_code phone_delete(struct db *db, int64_t id, struct err *err)
{
	return db_change(db, "phone_delete", ARGS(A_INT("id", id)), NULL, NULL, "there is no such phone", err);
}

enum err_code phone_outlive(struct db *db, int64_t domain_id, struct err *err)
{
	return db_run(db, "phone_outlive", ARGS(A_INT("domain_id", domain_id), A_INT("now_ms", db_now_ms(db))), NULL,
		NULL, NULL, err);
}

enum err_code phone_bump(struct db *db, int64_t id, int64_t *generation, struct err *err)
{
	enum err_code code = generation_next(db, generation, err);

	if (code != ERR_OK)
		return code;
	return db_change(db, "phone_bump", ARGS(A_INT("id", id), A_INT("generation", *generation)), NULL, NULL,
		"there is no such phone", err);
}

enum err_code phone_ack(struct db *db, int64_t id, int64_t generation, bool *changed, struct err *err)
{
	int64_t n = 0;
	enum err_code code = db_run(db, "phone_ack",
		ARGS(A_INT("id", id), A_INT("acked", generation), A_INT("acked_ms", db_now_ms(db))), NULL, NULL, &n,
		err);

	if (changed != NULL)
		*changed = n > 0;
	return code;
}

enum err_code phone_seen(
	struct db *db, int64_t id, const char *user_agent, const char *firmware, const char *address, struct err *err)
{
	return db_change(db, "phone_seen",
		ARGS(A_INT("id", id), A_TEXT("user_agent", user_agent), A_TEXT("firmware", firmware),
			A_TEXT("address", address), A_INT("last_pull_ms", db_now_ms(db))),
		NULL, NULL, "there is no such phone", err);
}

enum err_code phone_contact(struct db *db, int64_t id, const char *contact, const char *state, struct err *err)
{
	return db_change(db, "phone_contact",
		ARGS(A_INT("id", id), A_TEXT("contact", contact), A_TEXT("contact_state", state),
			A_INT("contact_ms", db_now_ms(db))),
		NULL, NULL, "there is no such phone", err);
}

enum err_code phone_rekey(struct db *db, struct phone_row *row, struct arena *a, struct err *err)
{
	struct secret old = row->prov_password;
	enum err_code code;

	if (!secret_set(&old)) /* read without its secrets: the login that the phone has would be lost */
		return err_set(err, ERR_BUG, "A phone gets a new login from a row that does not hold the present one.");
	code = random_password(a, PROV_PASSWORD_LEN, &row->prov_password, err);
	if (code != ERR_OK)
		return code;
	row->prov_password_previous = old;
	row->prov_password_seen_ms = 0;
	row->modified_ms = db_now_ms(db);
	return db_change(db, "phone_rekey", NO_ARGS, &phone_map, row, "there is no such phone", err);
}

enum err_code phone_password_held(struct db *db, int64_t id, bool *first, struct err *err)
{
	int64_t n = 0;
	enum err_code code = db_run(
		db, "phone_password_seen", ARGS(A_INT("id", id), A_INT("seen_ms", db_now_ms(db))), NULL, NULL, &n, err);

	*first = n > 0;
	return code;
}

enum err_code phone_password_seen(struct db *db, int64_t id, bool *first, struct err *err)
{
	enum err_code code = phone_password_held(db, id, first, err);

	if (code)
		return code;
	return *first ? token_kill(db, id, err) : token_kill_used(db, id, err);
}

enum err_code phone_set_file_key(struct db *db, struct phone_row *row, struct err *err)
{
	row->file_key_seen_ms = 0;
	return db_change(db, "phone_file_key", NO_ARGS, &phone_map, row, "there is no such phone", err);
}

static const struct col file_cols[] = {
	COL(phone_file_row, COL_INT, phone_id),
	COL(phone_file_row, COL_TEXT, kind),
	COL(phone_file_row, COL_INT, first_ms),
	COL(phone_file_row, COL_INT, last_ms),
	COL(phone_file_row, COL_INT, delivered),
	COL(phone_file_row, COL_INT, delivered_ms),
	COL(phone_file_row, COL_TEXT, hash),
	COL(phone_file_row, COL_TEXT, etag),
	COL(phone_file_row, COL_BOOL, sent),
};
static const struct rowmap file_map = ROWMAP(phone_file_row, "phone_files", file_cols, 2);

enum err_code phone_file_list(
	struct db *db, int64_t phone_id, struct arena *a, struct phone_file_row **out, size_t *n, struct err *err)
{
	return db_list(db, "phone_file_list", ARGS(A_INT("phone_id", phone_id)), &file_map, a, (void **)out, n, err);
}

enum err_code phone_file_note(struct db *db, int64_t phone_id, const char *kind, bool sent, struct err *err)
{
	return db_run(db, "phone_file_note",
		ARGS(A_INT("phone_id", phone_id), A_TEXT("kind", kind), A_INT("at_ms", db_now_ms(db)),
			A_INT("sent", sent)),
		NULL, NULL, NULL, err);
}

enum err_code phone_file_again(
	struct db *db, int64_t phone_id, const char *kind, int64_t generation, const char *hash, struct err *err)
{
	return db_run(db, "phone_file_again",
		ARGS(A_INT("phone_id", phone_id), A_TEXT("kind", kind), A_INT("at_ms", db_now_ms(db)),
			A_INT("delivered", generation), A_TEXT("hash", hash)),
		NULL, NULL, NULL, err);
}

enum err_code phone_file_delivered(struct db *db, int64_t phone_id, const char *kind, int64_t generation,
	const char *hash, const char *etag, struct err *err)
{
	return db_run(db, "phone_file_delivered",
		ARGS(A_INT("phone_id", phone_id), A_TEXT("kind", kind), A_INT("at_ms", db_now_ms(db)),
			A_INT("delivered", generation), A_TEXT("hash", hash), A_TEXT("etag", etag)),
		NULL, NULL, NULL, err);
}
