#include "provisioning/phones/notes.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "phonecfg/base/mem.h"
#include "provisioning/conf/clock.h"
#include "provisioning/conf/log.h"
#include "provisioning/phones/access.h"
#include "provisioning/phones/knocks.h"
#include "provisioning/store/phone.h"
#include "provisioning/store/store.h"
#include "provisioning/store/token.h"
#include "provisioning/store/unclaimed.h"

enum { RECENT = 1024, RECENT_MS = 60 * 1000 };

enum { PLACES = 4 * NOTES_MAX };

/* The first two of a phone or file replace each other; all bear a pause, but that a password was used. */
enum sort { NOTE_PULL, NOTE_AGAIN, NOTE_PASSWORD, NOTE_TOKEN, NOTE_NO_TOKEN, NOTE_KNOCK };

struct note {
	enum sort sort;
	struct mac mac;
	bool named; /* a token came with that MAC */
	uint8_t token[TOKEN_HASH];
	int64_t id; /* of the phone or the token */
	unsigned char login[LOGIN_MARK];
	const char *name; /* of a file */
	uint64_t generation;
	char hash[65];
	struct said said;
};

struct recent {
	bool set;
	struct mac mac;
	int64_t at_ms; /* clock_steady_ms() */
};

struct notes {
	struct store *store;
	struct logins *logins;
	unsigned unclaimed_max;
	pthread_mutex_t lock;
	pthread_cond_t idle;
	struct note *waiting, *writing; /* NOTES_MAX each */
	size_t nwaiting, nwriting, dropped;
	uint16_t places[PLACES]; /* where a note stands that may be replaced: its index in waiting + 1 */
	struct knocks *knocks;
	notes_look_fn *look;
	void *ctx;
	bool busy, urgent, stop;
	bool resting; /* the clock, until something waits */
	pthread_t clock;
	pthread_cond_t tick; /* CLOCK_MONOTONIC */
	struct recent recent[RECENT];
};

static void *clock_main(void *arg);

struct notes *notes_new(struct store *st, struct logins *ix, unsigned unclaimed_max, notes_look_fn *look, void *ctx)
{
	struct notes *n = mem_zalloc(sizeof(*n));
	pthread_condattr_t attr;

	if (n == NULL)
		return NULL;
	n->store = st;
	n->logins = ix;
	n->unclaimed_max = unclaimed_max;
	n->look = look;
	n->ctx = ctx;
	n->waiting = mem_zalloc(NOTES_MAX * sizeof(struct note));
	n->writing = mem_zalloc(NOTES_MAX * sizeof(struct note));
	n->knocks = knocks_new();
	if (n->waiting == NULL || n->writing == NULL || n->knocks == NULL || pthread_mutex_init(&n->lock, NULL)) {
		knocks_free(n->knocks);
		mem_free(n->waiting);
		mem_free(n->writing);
		mem_free(n);
		return NULL;
	}
	pthread_cond_init(&n->idle, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&n->tick, &attr);
	pthread_condattr_destroy(&attr);
	if (pthread_create(&n->clock, NULL, clock_main, n) != 0) {
		n->stop = true; /* no thread to join */
		notes_free(n);
		return NULL;
	}
	return n;
}

static void start(struct notes *n);
static void take_knocks(struct notes *n, bool look);

void notes_free(struct notes *n)
{
	bool joined;

	if (n == NULL)
		return;
	pthread_mutex_lock(&n->lock);
	joined = n->stop;
	n->stop = true;
	pthread_cond_signal(&n->tick);
	pthread_mutex_unlock(&n->lock);
	if (!joined)
		pthread_join(n->clock, NULL);
	take_knocks(n, false);
	take_knocks(n, false);
	pthread_mutex_lock(&n->lock);
	if (!n->busy && n->nwaiting)
		start(n);
	while (n->busy)
		pthread_cond_wait(&n->idle, &n->lock);
	pthread_mutex_unlock(&n->lock);
	pthread_cond_destroy(&n->tick);
	pthread_cond_destroy(&n->idle);
	pthread_mutex_destroy(&n->lock);
	explicit_bzero(n->waiting, NOTES_MAX * sizeof(struct note));
	explicit_bzero(n->writing, NOTES_MAX * sizeof(struct note));
	mem_free(n->waiting);
	mem_free(n->writing);
	knocks_free(n->knocks);
	mem_free(n);
}

/* Only a MAC that the store does not know either: the index may be behind. */
static enum err_code write_knock(struct db *db, const struct note *note, unsigned max, struct arena *a, struct err *err)
{
	struct phone_row known;
	struct unclaimed_row row = { .mac = note->mac,
		.vendor = note->said.vendor == VENDOR_NONE ? "" : vendor_word(note->said.vendor),
		.model = note->said.model,
		.user_agent = note->said.user_agent,
		.address = note->said.from };
	enum err_code e = phone_load(db, &note->mac, a, &known, NULL);

	if (e == ERR_OK)
		return ERR_OK;
	return unclaimed_note(db, &row, max, err);
}

static const struct mac *named(const struct note *note)
{
	return note->named ? &note->mac : NULL;
}

/* An address that opened nothing: if it is one that has opened something before, it is seen who has it. */
static enum err_code write_no_token(struct db *db, const struct note *note, struct arena *a, struct err *err)
{
	struct token_row token;
	enum err_code e = token_shown(db, note->token, a, &token, err);

	return e || token.dead_ms == 0 ? e : access_note(db, token.id, named(note), note->said.from, a, err);
}

static enum err_code write_password(
	struct db *db, const struct notes *n, const struct note *note, struct arena *a, struct err *err)
{
	struct phone_row row;
	bool first;
	enum err_code e = phone_by_id(db, note->id, a, &row, err);

	if (e || !login_is(n->logins, &row.mac, &row.prov_password, note->login))
		return e;
	return phone_password_seen(db, note->id, &first, err);
}

static enum err_code write_one(struct db *db, const struct notes *n, const struct note *note, struct err *err)
{
	struct arena a;
	enum err_code e = ERR_OK;

	arena_init(&a, 0);
	switch (note->sort) {
	case NOTE_PULL:
		e = phone_seen(db, note->id, note->said.user_agent, note->said.firmware, note->said.from, err);
		break;
	case NOTE_AGAIN:
		e = phone_file_again(db, note->id, note->name, (int64_t)note->generation, note->hash, err);
		break;
	case NOTE_PASSWORD:
		e = write_password(db, n, note, &a, err);
		break;
	case NOTE_TOKEN:
		e = access_note(db, note->id, named(note), note->said.from, &a, err);
		break;
	case NOTE_NO_TOKEN:
		e = write_no_token(db, note, &a, err);
		break;
	case NOTE_KNOCK:
		e = write_knock(db, note, n->unclaimed_max, &a, err);
		break;
	}
	arena_release(&a);
	return e == ERR_NOT_FOUND ? ERR_OK : e; /* it went while the note waited */
}

static enum err_code write_fn(struct txn *t, void *arg, struct err *err)
{
	struct notes *n = arg;
	enum err_code e = ERR_OK;
	bool quiet = true;
	size_t i;

	/* A login that is used for the first time changes what its phone is given. */
	for (i = 0; i < n->nwriting; i++)
		quiet = quiet && n->writing[i].sort != NOTE_PASSWORD;
	if (quiet)
		txn_quiet(t);
	for (i = 0; i < n->nwriting && e == ERR_OK; i++)
		e = write_one(t->db, n, &n->writing[i], err);
	return e;
}

static struct note *place_for(struct notes *n, enum sort sort);

/* Locked. */
static void wake(struct notes *n)
{
	if (n->resting)
		pthread_cond_signal(&n->tick);
}

/* Locked. That a password was used is said once: what could not be written is tried again with the next batch. */
static void keep_passwords(struct notes *n)
{
	struct note *place;
	size_t i;

	for (i = 0; i < n->nwriting; i++)
		if (n->writing[i].sort == NOTE_PASSWORD && (place = place_for(n, NOTE_PASSWORD)) != NULL)
			*place = n->writing[i];
	wake(n);
}

static void written_fn(void *arg, enum err_code code, const struct err *err)
{
	struct notes *n = arg;
	size_t dropped;

	if (code) {
		log_event(LOG_LEVEL_ERROR, "notes-lost", "why", err->text, NULL);
		pthread_mutex_lock(&n->lock);
		if (!n->stop)
			keep_passwords(n);
		pthread_mutex_unlock(&n->lock);
	}
	explicit_bzero(n->writing, n->nwriting * sizeof(struct note)); /* nobody else's while busy */
	pthread_mutex_lock(&n->lock);
	n->nwriting = 0;
	n->busy = false;
	dropped = n->dropped;
	n->dropped = 0;
	if (n->nwaiting && (n->urgent || n->stop || n->nwaiting >= NOTES_MAX / 2))
		start(n);
	if (!n->busy)
		pthread_cond_broadcast(&n->idle);
	pthread_mutex_unlock(&n->lock);
	if (dropped) {
		char text[24];

		snprintf(text, sizeof(text), "%zu", dropped);
		log_event(LOG_LEVEL_WARN, "notes-dropped", "count", text, NULL);
	}
}

/* Locked. */
static void start(struct notes *n)
{
	struct note *swap = n->writing;
	struct err err;

	n->writing = n->waiting;
	n->nwriting = n->nwaiting;
	n->waiting = swap;
	n->nwaiting = 0;
	n->urgent = false;
	memset(n->places, 0, sizeof(n->places));
	n->busy = true;
	if (store_post(n->store, write_fn, written_fn, n, &err)) {
		log_event(LOG_LEVEL_WARN, "notes-lost", "why", err.text, NULL);
		if (!n->stop)
			keep_passwords(n);
		explicit_bzero(n->writing, n->nwriting * sizeof(struct note));
		n->nwriting = 0;
		n->busy = false;
	}
}

/* Locked. That a password was used ends the phone's first-access addresses, and is said once: a crowd of strangers that
 * knock must not drown it. */
static struct note *place_for(struct notes *n, enum sort sort)
{
	size_t i;

	if (n->nwaiting < NOTES_MAX)
		return &n->waiting[n->nwaiting++];
	n->dropped++;
	for (i = 0; sort == NOTE_PASSWORD && i < NOTES_MAX; i++)
		if (n->waiting[i].sort != NOTE_PASSWORD)
			return &n->waiting[i];
	return NULL;
}

/* False: there was no room. */
static bool add(struct notes *n, const struct note *note)
{
	struct note *place;

	pthread_mutex_lock(&n->lock);
	place = place_for(n, note->sort);
	if (place)
		*place = *note;
	wake(n);
	pthread_mutex_unlock(&n->lock);
	return place != NULL;
}

/* At once, and with it all that waits. */
static void hurry(struct notes *n)
{
	pthread_mutex_lock(&n->lock);
	n->urgent = true;
	if (!n->busy && n->nwaiting)
		start(n);
	pthread_mutex_unlock(&n->lock);
}

/* Locked. Where a note of that phone and sort stands or may stand. */
static uint16_t *place_of(struct notes *n, const struct note *note)
{
	uint64_t h = ((uint64_t)note->id * 2 + (note->sort == NOTE_AGAIN)) * 0x9e3779b97f4a7c15u;
	uint16_t *at = &n->places[(h >> 40) % PLACES];

	while (*at) {
		const struct note *had = &n->waiting[*at - 1];

		if (had->sort == note->sort && had->id == note->id && had->name == note->name)
			break;
		if (++at == n->places + PLACES)
			at = n->places;
	}
	return at;
}

static void add_last(struct notes *n, const struct note *note)
{
	struct note *place;
	uint16_t *at;

	pthread_mutex_lock(&n->lock);
	at = place_of(n, note);
	place = *at ? &n->waiting[*at - 1] : place_for(n, note->sort);
	if (place) {
		*place = *note;
		*at = (uint16_t)(place - n->waiting + 1);
	}
	wake(n);
	if (!n->busy && n->nwaiting >= NOTES_MAX / 2)
		start(n);
	pthread_mutex_unlock(&n->lock);
}

static void pause_on(struct notes *n)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += NOTES_PAUSE_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	while (!n->stop && pthread_cond_timedwait(&n->tick, &n->lock, &until) == 0)
		;
}

static struct recent *recent_of(struct notes *n, const struct mac *mac)
{
	return &n->recent[(mac->b[5] | mac->b[4] << 8) % RECENT];
}

static bool add_knock(struct notes *n, enum sort sort, const struct knock *k)
{
	struct note note = { .sort = sort, .mac = k->mac, .named = k->named, .said = k->said };

	memcpy(note.token, k->hash, sizeof(note.token));
	return add(n, &note);
}

static void note_knock(struct notes *n, const struct knock *k)
{
	struct recent *last = recent_of(n, &k->mac);
	int64_t now = clock_steady_ms();
	struct login login;
	bool known = logins_get(n->logins, &k->mac, &login);

	explicit_bzero(&login, sizeof(login));
	if (known || (last->set && mac_eq(&last->mac, &k->mac) && now - last->at_ms < RECENT_MS))
		return;
	if (add_knock(n, NOTE_KNOCK, k))
		*last = (struct recent){ true, k->mac, now };
}

/* Not locked: on the clock's thread, or when that has ended. */
static void take_knocks(struct notes *n, bool look)
{
	const struct knock *list;
	size_t i, looks = 0, many = knocks_ripe(n->knocks, &list);

	for (i = 0; i < many; i++) {
		if (look && list[i].login && looks++ < LOOKS_MAX)
			n->look(n->ctx, &list[i].mac);
		if (list[i].token)
			add_knock(n, NOTE_NO_TOKEN, &list[i]);
		if (list[i].named)
			note_knock(n, &list[i]);
	}
	knocks_turn(n->knocks);
}

static void *clock_main(void *arg)
{
	struct notes *n = arg;
	bool look;

	pthread_mutex_lock(&n->lock);
	while (!n->stop) {
		if (n->nwaiting == 0 && !knocks_wait(n->knocks)) {
			n->resting = true;
			pthread_cond_wait(&n->tick, &n->lock);
			n->resting = false;
			continue;
		}
		pause_on(n);
		look = !n->stop;
		pthread_mutex_unlock(&n->lock);
		take_knocks(n, look);
		pthread_mutex_lock(&n->lock);
		if (!n->busy && n->nwaiting)
			start(n);
	}
	pthread_mutex_unlock(&n->lock);
	return NULL;
}

void notes_pull(struct notes *n, const struct mac *mac, int64_t phone_id, const struct claim *claim, const char *ua,
	const char *from)
{
	struct note note = { .sort = NOTE_PULL, .mac = *mac, .id = phone_id };

	claim_said(claim, ua, from, &note.said);
	add_last(n, &note);
}

void notes_again(struct notes *n, int64_t phone_id, const char *name, uint64_t generation, const char *hash)
{
	struct note note = { .sort = NOTE_AGAIN, .id = phone_id, .name = name, .generation = generation };

	snprintf(note.hash, sizeof(note.hash), "%s", hash);
	add_last(n, &note);
}

void notes_password_seen(struct notes *n, const struct mac *mac, int64_t phone_id, const unsigned char mark[LOGIN_MARK])
{
	struct note note = { .sort = NOTE_PASSWORD, .mac = *mac, .id = phone_id };

	memcpy(note.login, mark, LOGIN_MARK);
	add(n, &note);
	hurry(n);
	explicit_bzero(&note, sizeof(note));
}

void notes_token_used(struct notes *n, const struct mac *named, int64_t token_id, const char *from)
{
	struct note note = { .sort = NOTE_TOKEN, .named = named != NULL, .id = token_id };

	if (named)
		note.mac = *named;
	snprintf(note.said.from, sizeof(note.said.from), "%s", from);
	add(n, &note);
}

static void put_knock(struct notes *n, const struct knock *k)
{
	bool kept = knocks_put(n->knocks, k);

	pthread_mutex_lock(&n->lock);
	n->dropped += !kept;
	wake(n);
	pthread_mutex_unlock(&n->lock);
}

void notes_knock(struct notes *n, const struct claim *claim, const char *token, const char *ua, const char *from)
{
	const struct mac *mac = claim_mac(claim);
	struct knock k = { .named = mac != NULL, .token = token != NULL };

	if (mac)
		k.mac = *mac;
	if (token)
		token_hash(slice_str(token), k.hash);
	claim_said(claim, ua, from, &k.said);
	if (mac || token)
		put_knock(n, &k);
}

void notes_login_refused(struct notes *n, const struct mac *mac)
{
	const struct knock k = { .mac = *mac, .login = true };

	put_knock(n, &k);
}
