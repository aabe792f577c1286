#include "tests/matrix/scene.h"

#include <string.h>

#include "phonecfg/vendor/vendor.h"

const char *situation_word(enum situation s)
{
	static const char *const words[] = { "full", "one-line", "shared", "modules", "local" };

	return words[s];
}

const char *operation_word(enum operation o)
{
	static const char *const words[] = { "reset-lines", "reset-keep", "recycle", "move" };

	return words[o];
}

bool scene_possible(const struct profile *pf, enum situation s, const char **why)
{
	if (s == SHARED && pf->softphone)
		*why = "a softphone belongs to one person";
	else if (s == SHARED && pf->accounts < 2)
		*why = "it has one account";
	else if (s == MODULES_FULL && pf->modules == 0)
		*why = "it takes no expansion module";
	else
		return true;
	return false;
}

static struct secret secret_of(struct arena *a, const char *text)
{
	return (struct secret){ arena_strdup(a, text), strlen(text) };
}

/* ---- before ---- */

static enum whose owner_of_slot(const struct scene *s, unsigned slot)
{
	if (slot == 1)
		return LEAVERS;
	return s->situation == SHARED && slot % 2 == 0 ? OTHERS : LEAVERS_MORE;
}

static void fill_account(struct scene *s, unsigned slot, struct arena *a)
{
	struct account *ac = &s->ph.accounts[s->ph.naccounts];
	enum whose who = owner_of_slot(s, slot);
	bool other = who == OTHERS;

	s->account_of[s->ph.naccounts++] = who;
	ac->slot = slot;
	ac->use = ACCOUNT_LINE;
	ac->user = other            ? arena_printf(a, "5%04u", slot)
		   : who == LEAVERS ? LEAVER
				    : arena_printf(a, LEAVER "b%u", slot);
	if (slot % 3 == 2)
		ac->auth_user = arena_printf(a, other ? "auth5%04u" : MARK "auth%u", slot);
	ac->label = arena_printf(a, other ? "Other %u" : MARK " label %u", slot);
	ac->display_name = arena_printf(a, other ? "Other Name %u" : "Mrs " MARK " %u", slot);
	ac->password = secret_of(a, arena_printf(a, MARK "Secret%u", slot));
	ac->transport = slot % 3 == 0 ? TRANSPORT_UDP : slot % 3 == 1 ? TRANSPORT_TLS : TRANSPORT_TCP;
	if (slot % 4 == 3)
		ac->proxy = "proxy." OLD_DOMAIN ".test";
	if (slot % 4 == 0)
		ac->server = "sip." OLD_DOMAIN ".test";
	ac->expires_s = 600 + 60 * slot;
	ac->voicemail = "*97";
	ac->shared = slot % 5 == 2;
}

/* What stands on the keys, over and over; the first one is the line's. */
static const struct {
	enum key_type type;
	enum key_owner owner;
	bool names_him;
} cycle[] = {
	{ KEY_LINE, KEY_OWNER_LINE, false },
	{ KEY_BLF, KEY_OWNER_DESK, false },
	{ KEY_SPEED_DIAL, KEY_OWNER_PERSON, false },
	{ KEY_PARK, KEY_OWNER_DESK, false },
	{ KEY_BLF, KEY_OWNER_DESK, true },
	{ KEY_SHARED_LINE, KEY_OWNER_LINE, false },
	{ KEY_INTERCOM, KEY_OWNER_PERSON, false },
	{ KEY_PAGE, KEY_OWNER_DESK, false },
	{ KEY_VOICEMAIL, KEY_OWNER_DESK, false },
	{ KEY_BLF, KEY_OWNER_PERSON, false },
	{ KEY_SPEED_DIAL, KEY_OWNER_DESK, false },
};

static void label_key(struct key *k, enum whose who, bool names_him, struct arena *a)
{
	if (names_him) {
		k->value = LEAVER;
		k->label = "Mrs " MARK;
	} else if (k->owner == KEY_OWNER_PERSON) {
		k->value = arena_printf(a, who == OTHERS ? "3%u%03u" : OWN_NUMBER "%u%03u", k->module, k->index);
		k->label = arena_printf(a, who == OTHERS ? "own %u/%u" : MARK " %u/%u", k->module, k->index);
	} else if (k->type != KEY_LINE && k->type != KEY_SHARED_LINE) {
		k->value = arena_printf(a, "2%u%03u", k->module, k->index);
		k->label = arena_printf(a, "desk %u/%u", k->module, k->index);
	} else if (who != OTHERS && k->index % 2) {
		k->label = arena_printf(a, MARK " line %u", k->index);
	}
	if (k->type == KEY_BLF)
		k->pickup = "**";
}

/* A shared-line key wants a shared account, and a line key any. */
static unsigned slot_for(const struct scene *s, const struct key *k, size_t n)
{
	unsigned slot = (unsigned)(n % s->ph.naccounts) + 1;

	if (k->type == KEY_SHARED_LINE && s->ph.naccounts > 1)
		slot = slot - slot % 5 + 2 <= s->ph.naccounts ? slot - slot % 5 + 2 : 2;
	return slot;
}

static void fill_key(struct scene *s, unsigned module, unsigned index, size_t n, struct arena *a)
{
	const size_t row = n < sizeof(cycle) / sizeof(cycle[0]) ? n : n % (sizeof(cycle) / sizeof(cycle[0]));
	struct key *k = &s->ph.keys[s->ph.nkeys];
	enum whose who;

	k->module = module;
	k->index = index;
	k->type = cycle[row].type;
	k->owner = cycle[row].owner;
	k->slot = slot_for(s, k, n);
	if (k->type == KEY_SHARED_LINE && !s->ph.accounts[k->slot - 1].shared)
		k->type = KEY_LINE;
	if (!vendor_key_fits(s->pf, module, index, k->type)) {
		k->type = KEY_SPEED_DIAL;
		k->owner = KEY_OWNER_DESK;
	}
	who = s->account_of[k->slot - 1];
	s->key_of[s->ph.nkeys] = k->owner == KEY_OWNER_DESK ? DESKS : who;
	s->names_him[s->ph.nkeys++] = cycle[row].names_him;
	label_key(k, who, cycle[row].names_him, a);
}

static void fill_phone(struct scene *s, const char *firmware, struct arena *a)
{
	static const uint8_t digits[6] = { 0, 0x15, 0x65, 0x0a, 0x0b, 0x0c };
	struct phone *ph = &s->ph;

	memcpy(ph->mac.b, digits, sizeof(digits));
	ph->model = s->pf->id;
	ph->firmware = firmware;
	ph->generation = 7;
	ph->domain = "old." OLD_DOMAIN ".test";
	ph->timezone = "Europe/Berlin";
	ph->ntp = "ntp.example.test";
	ph->language = "en";
	ph->prov.url = "https://rekey.example.test:8443/cfg/";
	ph->prov.user = "0015650a0b0c";
	ph->prov.password = secret_of(a, "provision1");
	ph->prov.write_login = true;
	ph->admin_password = secret_of(a, "Admin4Pass");
	ph->user_password = secret_of(a, "User4Pass");
	ph->filler = secret_of(a, "filler");
}

void scene_make(const struct profile *pf, const char *firmware, enum situation situation, bool few, struct arena *a,
	struct scene *out)
{
	unsigned most_accounts = vendor_accounts(pf, few ? "0.0.0.1" : firmware);
	unsigned accounts = situation == FULL || situation == SHARED ? most_accounts : 1;
	unsigned own = profile_keys(pf, 0), keys = situation == FULL || situation == SHARED ? own : 1;
	unsigned modules = situation == FULL || situation == SHARED || situation == MODULES_FULL ? pf->modules : 0;
	size_t most = own + modules * pf->keys_per_module + 1, n = 0;

	*out = (struct scene){ .pf = pf, .situation = situation };
	fill_phone(out, firmware, a);
	if (situation == LOCAL_CHANGES)
		keys = 5;
	out->ph.accounts = arena_alloc(a, accounts * sizeof(*out->ph.accounts));
	out->account_of = arena_alloc(a, accounts * sizeof(*out->account_of));
	out->ph.keys = arena_alloc(a, most * sizeof(*out->ph.keys));
	out->key_of = arena_alloc(a, most * sizeof(*out->key_of));
	out->names_him = arena_alloc(a, most * sizeof(*out->names_him));
	for (unsigned slot = 1; slot <= accounts; slot++)
		fill_account(out, slot, a);
	for (unsigned i = 1; i <= keys && i <= own; i++)
		fill_key(out, 0, i, n++, a);
	for (unsigned m = 1; m <= modules; m++)
		for (unsigned i = 1; i <= pf->keys_per_module; i++)
			fill_key(out, m, i, n++, a);
}

/* ---- after ---- */

/* A line that stays, or the line of the next person in its place. Every line on a touched phone gets a new secret. */
static void next_account(
	const struct scene *before, size_t i, enum operation op, bool whole, struct arena *a, struct scene *out)
{
	struct account *ac = &out->ph.accounts[out->ph.naccounts];
	enum whose who = before->account_of[i];

	*ac = before->ph.accounts[i];
	out->account_of[out->ph.naccounts++] = who;
	ac->password = secret_of(a, arena_printf(a, "Renewed%u", ac->slot));
	if (who == OTHERS)
		return;
	ac->label = op == RESET_KEEP ? LEAVER : op == RECYCLE ? "New Person" : "Mover";
	ac->display_name = op == RESET_KEEP ? NULL : op == RECYCLE ? "New Person" : "The Mover";
	if (op != MOVE)
		return;
	ac->user = "62002";
	ac->auth_user = NULL;
	ac->domain = whole ? NULL : "new.mkqe.test";
	ac->server = "sip.mkqe.test";
	ac->proxy = NULL;
}

static bool slot_stays(const struct scene *after, unsigned slot)
{
	return phone_account(&after->ph, slot ? slot : 1) != NULL;
}

/* The line goes: its keys go. The person is deleted. The desk stays. */
static bool key_stays(const struct scene *before, size_t i, const struct scene *after)
{
	const struct key *k = &before->ph.keys[i];

	if (k->owner == KEY_OWNER_LINE)
		return slot_stays(after, k->slot);
	return k->owner == KEY_OWNER_DESK || before->key_of[i] == OTHERS;
}

static void next_key(const struct scene *before, size_t i, enum operation op, struct scene *out)
{
	struct key *k = &out->ph.keys[out->ph.nkeys];

	*k = before->ph.keys[i];
	out->key_of[out->ph.nkeys] = before->key_of[i];
	out->names_him[out->ph.nkeys++] = before->names_him[i];
	if (before->names_him[i])
		k->label = op == RECYCLE ? "New Person" : NULL;
	else if (k->owner == KEY_OWNER_LINE && before->key_of[i] != OTHERS)
		k->label = NULL; /* own labels of the person are deleted */
}

static void add_idle(struct scene *out, struct arena *a)
{
	struct account *ac = &out->ph.accounts[0];

	out->account_of[0] = DESKS;
	out->ph.naccounts = 1;
	*ac = (struct account){ .slot = 1, .use = ACCOUNT_IDLE, .label = "Free", .user = "idle-0015650a0b0c" };
	ac->password = secret_of(a, "idleSecret1");
	ac->transport = TRANSPORT_TLS;
}

/* Does the phone as a whole go to the other domain? A shared one stays where it is, with one line of another domain. */
static bool moves_whole(const struct scene *before)
{
	for (size_t i = 0; i < before->ph.naccounts; i++)
		if (before->account_of[i] == OTHERS)
			return false;
	return true;
}

void scene_next(const struct scene *before, enum operation op, bool idle, struct arena *a, struct scene *out)
{
	bool whole = moves_whole(before);

	*out = *before;
	out->ph.generation++;
	out->ph.accounts = arena_alloc(a, (before->ph.naccounts + 1) * sizeof(*out->ph.accounts));
	out->account_of = arena_alloc(a, (before->ph.naccounts + 1) * sizeof(*out->account_of));
	out->ph.keys = arena_alloc(a, (before->ph.nkeys + 1) * sizeof(*out->ph.keys));
	out->key_of = arena_alloc(a, (before->ph.nkeys + 1) * sizeof(*out->key_of));
	out->names_him = arena_alloc(a, (before->ph.nkeys + 1) * sizeof(*out->names_him));
	out->ph.naccounts = out->ph.nkeys = 0;
	if (op == MOVE && whole)
		out->ph.domain = "new.mkqe.test";
	for (size_t i = 0; i < before->ph.naccounts; i++) {
		enum whose who = before->account_of[i];
		/* A softphone's address is blanked for good, whatever is done: the next person gets a new one. */
		if (who == OTHERS || (who == LEAVERS && op != RESET_LINES && !before->pf->softphone))
			next_account(before, i, op, whole, a, out);
	}
	for (size_t i = 0; i < before->ph.nkeys; i++)
		if (key_stays(before, i, out))
			next_key(before, i, op, out);
	if (out->ph.naccounts == 0 && idle && !before->pf->softphone)
		add_idle(out, a);
}

void scene_again(const struct scene *before, struct scene *out)
{
	*out = *before;
	out->ph.generation++;
}
