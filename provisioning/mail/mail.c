#include "provisioning/mail/mail.h"

#include <pthread.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "provisioning/mail/address.h"

enum { LANES_KNOWN = 256 };

struct lane {
	int64_t id;
	unsigned failures; /* 0 = free */
	int64_t until_ms;
};

struct mail {
	struct mail_conf conf;
	struct arena arena;
	struct letter_text sources[LETTER_COUNT];
	struct letter *letters[LETTER_COUNT];
	atomic_bool stop;
	atomic_ullong sent, failed, put_off, server_faults;
	pthread_mutex_t lock;
	struct lane lanes[LANES_KNOWN]; /* those that fail; under lock, as below */
	unsigned at_work;
};

static int64_t or_default(int64_t v, int64_t otherwise)
{
	return v ? v : otherwise;
}

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

static void fill_defaults(struct mail_conf *c)
{
	const int64_t minute = 60 * 1000;

	c->host = or_empty(c->host);
	c->ca = or_empty(c->ca);
	c->user = or_empty(c->user);
	c->from = or_empty(c->from);
	c->from_name = or_empty(c->from_name);
	c->reply_to = or_empty(c->reply_to);
	c->hello = or_empty(c->hello);
	c->portal_url = or_empty(c->portal_url);
	c->timeout_ms = or_default(c->timeout_ms, minute);
	c->retry_ms = or_default(c->retry_ms, minute);
	c->retry_most_ms = or_default(c->retry_most_ms, 30 * minute);
	c->lanes_max = c->lanes_max ? c->lanes_max : 2;
}

static enum err_code check(const struct mail_conf *c, struct err *err)
{
	enum err_code code;

	if (*c->from && (code = address_check("[mail] from", c->from, err)))
		return code;
	if (*c->reply_to && (code = address_check("[mail] reply-to", c->reply_to, err)))
		return code;
	if (*c->host == '\0')
		return ERR_OK;
	if (*c->from == '\0')
		return err_set(
			err, ERR_INPUT, "[mail] server is set and from is not; set the address that mails come from");
	if (c->tls == SMTP_PLAIN && *c->user)
		return err_set(err, ERR_INPUT,
			"[mail] tls is none and user is set: the password would go over the network in the clear; set tls to "
			"starttls or tls, or leave user empty");
	if (*c->user && !secret_set(&c->password))
		return err_set(err, ERR_INPUT,
			"[mail] user is set and password-file is not; name the file that holds its "
			"password");
	return ERR_OK;
}

static enum err_code read_letters(struct mail *m, struct err *err)
{
	enum err_code code = ERR_OK;
	unsigned i;

	for (i = 0; code == ERR_OK && i < LETTER_COUNT; i++) {
		enum letter_kind kind = (enum letter_kind)i;

		code = letter_load(m->conf.letters, kind, &m->arena, &m->sources[i], err);
		if (code == ERR_OK)
			code = letter_check(kind, &m->sources[i], err);
		if (code == ERR_OK)
			code = letter_compile(kind, &m->sources[i], &m->letters[i], err);
	}
	return code;
}

enum err_code mail_open(const struct mail_conf *conf, struct mail **out, struct err *err)
{
	struct mail *m = mem_zalloc(sizeof(*m));
	enum err_code code;

	if (m == NULL)
		return err_set(err, ERR_NOMEM, "There is no memory to open the mail.");
	m->conf = *conf;
	arena_init(&m->arena, 0);
	pthread_mutex_init(&m->lock, NULL);
	fill_defaults(&m->conf);
	code = check(&m->conf, err);
	if (code == ERR_OK)
		code = read_letters(m, err);
	if (code) {
		mail_close(m);
		return code;
	}
	*out = m;
	return ERR_OK;
}

void mail_stop(struct mail *m)
{
	if (m)
		atomic_store(&m->stop, true);
}

void mail_close(struct mail *m)
{
	unsigned i;

	if (m == NULL)
		return;
	for (i = 0; i < LETTER_COUNT; i++)
		letter_free(m->letters[i]);
	pthread_mutex_destroy(&m->lock);
	arena_release(&m->arena);
	mem_free(m);
}

const struct mail_conf *mail_conf(const struct mail *m)
{
	return &m->conf;
}

const struct letter *mail_letter(const struct mail *m, enum letter_kind kind)
{
	return m->letters[kind];
}

const struct letter_text *mail_letter_source(const struct mail *m, enum letter_kind kind)
{
	return &m->sources[kind];
}

const atomic_bool *mail_stopping(const struct mail *m)
{
	return &m->stop;
}

/* ---- lanes ---- */

bool mail_lane_enter(struct mail *m)
{
	bool may;

	pthread_mutex_lock(&m->lock);
	may = m->at_work < m->conf.lanes_max;
	m->at_work += may;
	pthread_mutex_unlock(&m->lock);
	return may;
}

void mail_lane_leave(struct mail *m)
{
	pthread_mutex_lock(&m->lock);
	m->at_work--;
	pthread_mutex_unlock(&m->lock);
}

/* The lane's entry, or a free one; NULL when all are taken. */
static struct lane *find(struct mail *m, int64_t id)
{
	struct lane *unused = NULL;
	size_t i;

	for (i = 0; i < LANES_KNOWN; i++) {
		if (m->lanes[i].failures && m->lanes[i].id == id)
			return &m->lanes[i];
		if (m->lanes[i].failures == 0 && unused == NULL)
			unused = &m->lanes[i];
	}
	return unused;
}

int64_t mail_pause_ms(const struct mail *m, int64_t attempts)
{
	int64_t pause = m->conf.retry_ms;

	while (attempts-- > 1 && pause < m->conf.retry_most_ms)
		pause *= 2;
	return pause < m->conf.retry_most_ms ? pause : m->conf.retry_most_ms;
}

int64_t mail_lane_failed(struct mail *m, int64_t id, int64_t now_ms)
{
	struct lane *lane;
	int64_t until = now_ms + m->conf.retry_most_ms; /* for one that could not be remembered */

	pthread_mutex_lock(&m->lock);
	lane = find(m, id);
	if (lane) {
		lane->id = id;
		until = lane->until_ms = now_ms + mail_pause_ms(m, ++lane->failures);
	}
	pthread_mutex_unlock(&m->lock);
	return until;
}

int64_t mail_lane_until(struct mail *m, int64_t id)
{
	struct lane *lane;
	int64_t until;

	pthread_mutex_lock(&m->lock);
	lane = find(m, id);
	until = lane && lane->failures ? lane->until_ms : 0;
	pthread_mutex_unlock(&m->lock);
	return until;
}

void mail_lane_works(struct mail *m, int64_t id)
{
	struct lane *lane;

	pthread_mutex_lock(&m->lock);
	lane = find(m, id);
	if (lane)
		lane->failures = 0;
	pthread_mutex_unlock(&m->lock);
}

void mail_count(struct mail *m, enum verdict v, bool given_up)
{
	if (v == VERDICT_SENT)
		atomic_fetch_add(&m->sent, 1);
	else if (v == VERDICT_NEVER || given_up)
		atomic_fetch_add(&m->failed, 1);
	else if (v == VERDICT_LATER)
		atomic_fetch_add(&m->put_off, 1);
	if (v == VERDICT_SERVER)
		atomic_fetch_add(&m->server_faults, 1);
}

void mail_counts(const struct mail *m, struct mail_counts *out)
{
	out->sent = atomic_load(&m->sent);
	out->failed = atomic_load(&m->failed);
	out->put_off = atomic_load(&m->put_off);
	out->server_faults = atomic_load(&m->server_faults);
}
