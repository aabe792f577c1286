#include "provisioning/phones/logins.h"

#include <pthread.h>
#include <string.h>

#include "phonecfg/base/mem.h"

enum { BUCKETS_FIRST = 1024 };

struct node {
	struct node *next;
	struct login login;
};

struct logins {
	pthread_rwlock_t lock;
	char *realm;
	struct node **buckets;
	size_t nbuckets, count;
};

static size_t hash_mac(const struct mac *m)
{
	uint64_t h = 14695981039346656037u; /* FNV-1a */
	size_t i;

	for (i = 0; i < sizeof(m->b); i++)
		h = (h ^ m->b[i]) * 1099511628211u;
	return (size_t)(h ^ (h >> 32));
}

struct logins *logins_new(const char *realm)
{
	struct logins *ix = mem_zalloc(sizeof(*ix));

	if (ix == NULL)
		return NULL;
	ix->realm = mem_strdup(realm);
	ix->nbuckets = BUCKETS_FIRST;
	ix->buckets = mem_zalloc(ix->nbuckets * sizeof(struct node *));
	if (ix->realm == NULL || ix->buckets == NULL || pthread_rwlock_init(&ix->lock, NULL)) {
		mem_free(ix->realm);
		mem_free(ix->buckets);
		mem_free(ix);
		return NULL;
	}
	return ix;
}

static void free_node(struct node *n)
{
	explicit_bzero(n, sizeof(*n));
	mem_free(n);
}

void logins_free(struct logins *ix)
{
	size_t i;

	if (ix == NULL)
		return;
	for (i = 0; i < ix->nbuckets; i++) {
		while (ix->buckets[i]) {
			struct node *n = ix->buckets[i];

			ix->buckets[i] = n->next;
			free_node(n);
		}
	}
	pthread_rwlock_destroy(&ix->lock);
	mem_free(ix->buckets);
	mem_free(ix->realm);
	mem_free(ix);
}

static void hash_password(const struct logins *ix, const struct mac *mac, struct slice password, struct login_hash *out)
{
	char user[MAC_TEXT];
	struct slice realm = slice_str(ix->realm);
	unsigned char ha1[32];

	mac_text(mac, user);
	digest_ha1(DIGEST_MD5, slice_str(user), realm, password, ha1);
	memcpy(out->md5, ha1, sizeof(out->md5));
	digest_ha1(DIGEST_SHA256, slice_str(user), realm, password, ha1);
	memcpy(out->sha256, ha1, sizeof(out->sha256));
	explicit_bzero(ha1, sizeof(ha1));
	out->set = true;
}

void login_make(const struct logins *ix, const struct mac *mac, int64_t phone_id, const struct secret *present,
	const struct secret *previous, bool seen, struct login *out)
{
	memset(out, 0, sizeof(*out));
	out->mac = *mac;
	out->phone_id = phone_id;
	out->seen = seen;
	if (secret_set(present))
		hash_password(ix, mac, secret_reveal(present), &out->hash[LOGIN_PRESENT]);
	if (secret_set(previous))
		hash_password(ix, mac, secret_reveal(previous), &out->hash[LOGIN_PREVIOUS]);
}

static bool same_bytes(const unsigned char *a, const unsigned char *b, size_t n)
{
	unsigned char diff = 0;
	size_t i;

	for (i = 0; i < n; i++)
		diff |= a[i] ^ b[i];
	return diff == 0;
}

bool login_is(const struct logins *ix, const struct mac *mac, const struct secret *password,
	const unsigned char mark[LOGIN_MARK])
{
	struct login_hash own;
	bool same;

	if (!secret_set(password))
		return false;
	hash_password(ix, mac, secret_reveal(password), &own);
	same = same_bytes(own.sha256, mark, LOGIN_MARK);
	explicit_bzero(&own, sizeof(own));
	return same;
}

/* The link that points at the entry, or at the end of its chain. */
static struct node **find(struct logins *ix, const struct mac *mac)
{
	struct node **at = &ix->buckets[hash_mac(mac) % ix->nbuckets];

	while (*at && !mac_eq(&(*at)->login.mac, mac))
		at = &(*at)->next;
	return at;
}

/* Without memory the chains just get longer. */
static void grow(struct logins *ix)
{
	size_t i, n = ix->nbuckets * 2;
	struct node **wide = mem_zalloc(n * sizeof(struct node *));

	if (wide == NULL)
		return;
	for (i = 0; i < ix->nbuckets; i++) {
		while (ix->buckets[i]) {
			struct node *node = ix->buckets[i];
			struct node **to = &wide[hash_mac(&node->login.mac) % n];

			ix->buckets[i] = node->next;
			node->next = *to;
			*to = node;
		}
	}
	mem_free(ix->buckets);
	ix->buckets = wide;
	ix->nbuckets = n;
}

static void replace(struct login *old, const struct login *now)
{
	unsigned asked = old->asked;
	bool given = old->given;
	const struct login_hash *was = &old->hash[LOGIN_PRESENT], *is = &now->hash[LOGIN_PRESENT];
	bool used = old->seen && was->set && is->set && same_bytes(was->sha256, is->sha256, sizeof(is->sha256));

	*old = *now;
	old->asked |= asked;
	old->given |= given;
	if (used && !now->seen) {
		old->seen = true;
		memset(&old->hash[LOGIN_PREVIOUS], 0, sizeof(old->hash[LOGIN_PREVIOUS]));
	}
}

enum err_code logins_put(struct logins *ix, const struct login *login, struct err *err)
{
	struct node **at;

	pthread_rwlock_wrlock(&ix->lock);
	at = find(ix, &login->mac);
	if (*at == NULL) {
		if (ix->count >= ix->nbuckets) {
			grow(ix);
			at = find(ix, &login->mac);
		}
		*at = mem_zalloc(sizeof(**at));
		if (*at == NULL) {
			pthread_rwlock_unlock(&ix->lock);
			return err_set(err, ERR_NOMEM, "out of memory for the index of phones");
		}
		ix->count++;
		(*at)->login = *login;
	} else {
		replace(&(*at)->login, login);
	}
	pthread_rwlock_unlock(&ix->lock);
	return ERR_OK;
}

void logins_remove(struct logins *ix, const struct mac *mac)
{
	struct node **at, *n;

	pthread_rwlock_wrlock(&ix->lock);
	at = find(ix, mac);
	n = *at;
	if (n) {
		*at = n->next;
		ix->count--;
		free_node(n);
	}
	pthread_rwlock_unlock(&ix->lock);
}

bool logins_get(struct logins *ix, const struct mac *mac, struct login *out)
{
	struct node *n;

	memset(out, 0, sizeof(*out));
	pthread_rwlock_rdlock(&ix->lock);
	n = *find(ix, mac);
	if (n)
		*out = n->login;
	pthread_rwlock_unlock(&ix->lock);
	return n != NULL;
}

void logins_mark_given(struct logins *ix, const struct mac *mac)
{
	struct node *n;

	pthread_rwlock_wrlock(&ix->lock);
	n = *find(ix, mac);
	if (n)
		n->login.given = true;
	pthread_rwlock_unlock(&ix->lock);
}

bool logins_hold(struct logins *ix, const struct mac *mac, const struct secret *present)
{
	struct login login;
	bool same = logins_get(ix, mac, &login) && login_is(ix, mac, present, login.hash[LOGIN_PRESENT].sha256);

	explicit_bzero(&login, sizeof(login));
	return same;
}

static void used_first(struct login *l)
{
	l->seen = true;
	l->paired = l->again = false;
	memset(&l->hash[LOGIN_PREVIOUS], 0, sizeof(l->hash[LOGIN_PREVIOUS]));
	l->pair_until_ms = 0;
}

/* A login that was used before is no news to the pairing window. */
bool logins_mark_seen(struct logins *ix, const struct mac *mac, const unsigned char mark[LOGIN_MARK])
{
	struct node *n;
	bool first = false;

	pthread_rwlock_wrlock(&ix->lock);
	n = *find(ix, mac);
	if (n && same_bytes(n->login.hash[LOGIN_PRESENT].sha256, mark, LOGIN_MARK)) {
		first = !n->login.seen || n->login.given;
		n->login.given = false;
		if (!n->login.seen)
			used_first(&n->login);
	}
	pthread_rwlock_unlock(&ix->lock);
	return first;
}

bool logins_mark_again(struct logins *ix, const struct mac *mac)
{
	struct node *n;
	bool first = false;

	pthread_rwlock_wrlock(&ix->lock);
	n = *find(ix, mac);
	if (n) {
		first = !n->login.again;
		n->login.again = true;
	}
	pthread_rwlock_unlock(&ix->lock);
	return first;
}

void logins_set_ways(struct logins *ix, int64_t domain_id, unsigned ways)
{
	struct node *n;
	size_t i;

	pthread_rwlock_wrlock(&ix->lock);
	for (i = 0; i < ix->nbuckets; i++)
		for (n = ix->buckets[i]; n; n = n->next)
			if (n->login.domain_id == domain_id)
				n->login.ways = ways;
	pthread_rwlock_unlock(&ix->lock);
}

/* Every pull asks, and nearly every one only looks. */
bool logins_mark_asked(struct logins *ix, const struct mac *mac, unsigned bit)
{
	struct node *n;
	bool first;

	pthread_rwlock_rdlock(&ix->lock);
	n = *find(ix, mac);
	first = n && !(n->login.asked & bit);
	pthread_rwlock_unlock(&ix->lock);
	if (!first)
		return false;
	pthread_rwlock_wrlock(&ix->lock);
	n = *find(ix, mac);
	first = n && !(n->login.asked & bit);
	if (first)
		n->login.asked |= bit;
	pthread_rwlock_unlock(&ix->lock);
	return first;
}

uint64_t logins_count(struct logins *ix)
{
	uint64_t n;

	pthread_rwlock_rdlock(&ix->lock);
	n = ix->count;
	pthread_rwlock_unlock(&ix->lock);
	return n;
}

/* ---- checks ---- */

/* The user must be the phone of the path, spelled as the server spells it; where the path names none, any phone. */
static bool user_mac(struct slice user, const struct mac *path_mac, struct mac *out)
{
	char text[MAC_TEXT];

	if (!mac_parse(user, out) || !slice_eq_str(user, mac_text(out, text)))
		return false;
	return path_mac == NULL || mac_eq(out, path_mac);
}

struct ha1_ask {
	struct logins *ix;
	const struct mac *path_mac;
	bool tried, named;
	struct login login;
};

struct ha1_way {
	struct ha1_ask *ask;
	unsigned which;
};

static bool ha1_fn(void *arg, struct slice user, enum digest_alg alg, unsigned char ha1[32])
{
	const struct ha1_way *way = arg;
	struct ha1_ask *ask = way->ask;
	const struct login_hash *h = &ask->login.hash[way->which];
	struct mac mac;

	ask->tried = true;
	ask->named = user_mac(user, ask->path_mac, &mac);
	if (!ask->named)
		return false;
	if (!logins_get(ask->ix, &mac, &ask->login)) {
		ask->login.mac = mac;
		return false;
	}
	if (!h->set)
		return false;
	memcpy(ha1, alg == DIGEST_MD5 ? h->md5 : h->sha256, alg == DIGEST_MD5 ? sizeof(h->md5) : sizeof(h->sha256));
	return true;
}

void logins_check_digest(struct logins *ix, const struct digest *d, const char *header, const char *method,
	struct slice target, const struct mac *path_mac, int64_t now_ms, struct login_check *out)
{
	struct ha1_ask ask = { .ix = ix, .path_mac = path_mac };
	struct ha1_way ways[LOGIN_PASSWORDS];
	void *args[LOGIN_PASSWORDS];
	unsigned i;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < LOGIN_PASSWORDS; i++) {
		ways[i] = (struct ha1_way){ &ask, i };
		args[i] = &ways[i];
	}
	out->result = digest_check(d, header, method, target, now_ms, ha1_fn, args, LOGIN_PASSWORDS, &out->which);
	out->tried = ask.tried;
	out->named = ask.named;
	out->login = ask.login;
	explicit_bzero(&ask, sizeof(ask));
}

void logins_check_basic(struct logins *ix, struct slice user, struct slice password, const struct mac *path_mac,
	struct login_check *out)
{
	static const struct mac nobody;
	struct login_hash typed;
	unsigned which;

	memset(out, 0, sizeof(*out));
	out->result = DIGEST_BAD;
	out->tried = true;
	out->named = user_mac(user, path_mac, &out->login.mac);
	if (out->named) {
		struct mac mac = out->login.mac;

		if (!logins_get(ix, &mac, &out->login))
			out->login.mac = mac;
	}
	hash_password(ix, out->named ? &out->login.mac : &nobody, password, &typed);
	for (which = 0; which < LOGIN_PASSWORDS; which++) {
		const struct login_hash *h = &out->login.hash[which];

		if (same_bytes(typed.sha256, h->sha256, sizeof(typed.sha256)) && h->set && out->result != DIGEST_OK) {
			out->result = DIGEST_OK;
			out->which = which;
		}
	}
	explicit_bzero(&typed, sizeof(typed));
}
