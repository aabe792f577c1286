#include "provisioning/webhook/sender.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "phonecfg/base/mem.h"
#include "provisioning/conf/clock.h"
#include "provisioning/conf/role.h"
#include "provisioning/webhook/address.h"

enum { POLL_MS = 1000, CONNECT_MS = 5000, CA_MAX = 1024 };

/* One call on its way. */
struct flight {
	struct flight *next;
	struct sender *sender;
	CURL *easy;
	struct curl_slist *headers;
	char *body;
	int64_t tag, about, began_ms;
	size_t taken;        /* of the answer */
	const char *refused; /* why no socket was opened */
	char why[CURL_ERROR_SIZE];
};

struct sender {
	struct sender_conf conf;
	char ca[CA_MAX];
	sender_result_fn *fn;
	void *arg;
	CURLM *multi;
	pthread_t thread;
	pthread_mutex_t lock;
	struct flight *inbox; /* under lock, as the two below */
	unsigned flying;
	bool stop;
	struct flight *out; /* the thread's own */
};

/* ---- what curl calls back ---- */

/* Where a name leads is known only here. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct flight *f = arg;

	(void)purpose;
	f->refused = f->sender->conf.private ? NULL : address_refused(&address->addr);
	if (f->refused)
		return CURL_SOCKET_BAD;
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* What a receiver says is not looked at, but for its status. */
static size_t take(char *p, size_t size, size_t n, void *arg)
{
	struct flight *f = arg;

	(void)p;
	f->taken += size * n;
	return f->taken > SENDER_ANSWER_MAX ? 0 : size * n;
}

/* ---- a call ---- */

static void flight_free(struct flight *f)
{
	if (f == NULL)
		return;
	curl_easy_cleanup(f->easy);
	curl_slist_free_all(f->headers);
	if (f->body)
		explicit_bzero(f->body, strlen(f->body));
	mem_free(f->body);
	mem_free(f);
}

static bool add_header(struct flight *f, const char *text)
{
	struct curl_slist *more = curl_slist_append(f->headers, text);

	if (more)
		f->headers = more;
	return more != NULL;
}

static bool fill(struct flight *f, const struct sender_call *call)
{
	const struct sender_conf *conf = &f->sender->conf;
	CURL *c = f->easy = curl_easy_init();
	size_t i;

	f->body = mem_alloc(call->body.n + 1);
	if (c == NULL || f->body == NULL)
		return false;
	memcpy(f->body, call->body.p, call->body.n);
	f->body[call->body.n] = '\0';
	if (!add_header(f, "Content-Type: application/json") || !add_header(f, "Expect:"))
		return false;
	for (i = 0; i < SENDER_HEADERS && call->headers[i]; i++)
		if (!add_header(f, call->headers[i]))
			return false;
	curl_easy_setopt(c, CURLOPT_PRIVATE, f);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, f->headers);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "Rekey/" REKEY_VERSION);
	curl_easy_setopt(c, CURLOPT_POSTFIELDS, f->body);
	curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long)call->body.n);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, conf->plain ? "https,http" : "https");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L); /* a redirect leads where nobody looked */
	curl_easy_setopt(c, CURLOPT_PROXY, "");          /* nor is the environment asked */
	curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (conf->ca)
		curl_easy_setopt(c, CURLOPT_CAINFO, conf->ca);
	curl_easy_setopt(
		c, CURLOPT_CONNECTTIMEOUT_MS, conf->timeout_ms < CONNECT_MS ? conf->timeout_ms : (long)CONNECT_MS);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, conf->timeout_ms);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, f);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, f);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, f->why);
	return curl_easy_setopt(c, CURLOPT_URL, call->url) == CURLE_OK;
}

static struct flight *flight_new(struct sender *s, const struct sender_call *call)
{
	struct flight *f = mem_zalloc(sizeof(*f));

	if (f == NULL)
		return NULL;
	f->sender = s;
	f->tag = call->tag;
	f->about = call->about;
	f->began_ms = clock_steady_ms();
	if (fill(f, call))
		return f;
	flight_free(f);
	return NULL;
}

/* curl's own words may hold the host, never the path. */
static void explain(const struct flight *f, CURLcode code, struct sender_result *r)
{
	if (r->status >= 200 && r->status < 300)
		return; /* it has taken the call, whatever became of its answer's body */
	if (f->refused)
		snprintf(r->why, sizeof(r->why),
			"it leads to a %s address, which [alerts] webhook-private does not allow", f->refused);
	else if (r->status >= 300 && r->status < 400)
		snprintf(r->why, sizeof(r->why), "it answered %ld: a redirect is not followed", r->status);
	else if (r->status)
		snprintf(r->why, sizeof(r->why), "it answered %ld", r->status);
	else
		snprintf(r->why, sizeof(r->why), "%.*s", SENDER_WHY - 1, f->why[0] ? f->why : curl_easy_strerror(code));
}

static void landed(struct sender *s, struct flight *f, CURLcode code)
{
	struct sender_result r = { .tag = f->tag, .about = f->about, .took_ms = clock_steady_ms() - f->began_ms };
	struct flight **at = &s->out;

	curl_easy_getinfo(f->easy, CURLINFO_RESPONSE_CODE, &r.status);
	explain(f, code, &r);
	while (*at && *at != f)
		at = &(*at)->next;
	if (*at)
		*at = f->next;
	curl_multi_remove_handle(s->multi, f->easy);
	flight_free(f);
	pthread_mutex_lock(&s->lock);
	s->flying--;
	pthread_mutex_unlock(&s->lock);
	s->fn(&r, s->arg);
}

/* ---- the thread ---- */

static bool take_inbox(struct sender *s)
{
	struct flight *f, *next;
	bool go_on;

	pthread_mutex_lock(&s->lock);
	f = s->inbox;
	s->inbox = NULL;
	go_on = !s->stop;
	pthread_mutex_unlock(&s->lock);
	for (; f; f = next) {
		next = f->next;
		f->next = s->out;
		s->out = f;
		if (curl_multi_add_handle(s->multi, f->easy) != CURLM_OK)
			landed(s, f, CURLE_OUT_OF_MEMORY);
	}
	return go_on;
}

static void take_landed(struct sender *s)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(s->multi, &left)) != NULL) {
		struct flight *f = NULL;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &f);
		if (f)
			landed(s, f, m->data.result);
	}
}

static void *sender_main(void *arg)
{
	struct sender *s = arg;
	int running;

	thread_role_set(ROLE_WORKER);
	while (take_inbox(s)) {
		curl_multi_perform(s->multi, &running);
		take_landed(s);
		curl_multi_poll(s->multi, NULL, 0, POLL_MS, NULL);
	}
	return NULL;
}

/* ---- life ---- */

static void give_up(struct sender *s)
{
	curl_multi_cleanup(s->multi);
	pthread_mutex_destroy(&s->lock);
	mem_free(s);
}

enum err_code sender_open(
	const struct sender_conf *conf, sender_result_fn *fn, void *arg, struct sender **out, struct err *err)
{
	struct sender *s = mem_zalloc(sizeof(*s));

	if (s == NULL)
		return err_set(err, ERR_NOMEM, "there is no memory for webhooks");
	s->conf = *conf;
	if (conf->ca) {
		snprintf(s->ca, sizeof(s->ca), "%s", conf->ca);
		s->conf.ca = s->ca;
		if (access(s->ca, R_OK) != 0) {
			mem_free(s);
			return err_set(
				err, ERR_IO, "cannot read %s ([alerts] webhook-ca): %s", conf->ca, strerror(errno));
		}
	}
	s->fn = fn;
	s->arg = arg;
	pthread_mutex_init(&s->lock, NULL);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
		s->multi = curl_multi_init();
	if (s->multi == NULL || pthread_create(&s->thread, NULL, sender_main, s) != 0) {
		give_up(s);
		return err_set(err, ERR_IO, "cannot start the thread of webhooks; raise the limit of processes");
	}
	*out = s;
	return ERR_OK;
}

enum err_code sender_post(struct sender *s, const struct sender_call *call, struct err *err)
{
	struct flight *f;
	bool room;

	pthread_mutex_lock(&s->lock);
	room = s->flying < SENDER_CALLS_MAX && !s->stop;
	s->flying += room;
	pthread_mutex_unlock(&s->lock);
	if (!room)
		return err_set(err, ERR_BUSY, "%d calls of webhooks are under way already", SENDER_CALLS_MAX);
	f = flight_new(s, call);
	pthread_mutex_lock(&s->lock);
	if (f) {
		f->next = s->inbox;
		s->inbox = f;
	} else {
		s->flying--;
	}
	pthread_mutex_unlock(&s->lock);
	if (f == NULL)
		return err_set(err, ERR_NOMEM, "there is no memory for a webhook's call");
	curl_multi_wakeup(s->multi);
	return ERR_OK;
}

void sender_close(struct sender *s)
{
	struct flight *f;

	if (s == NULL)
		return;
	pthread_mutex_lock(&s->lock);
	s->stop = true;
	pthread_mutex_unlock(&s->lock);
	curl_multi_wakeup(s->multi);
	pthread_join(s->thread, NULL);
	while ((f = s->out) != NULL || (f = s->inbox) != NULL) {
		*(s->out ? &s->out : &s->inbox) = f->next;
		curl_multi_remove_handle(s->multi, f->easy);
		flight_free(f);
	}
	give_up(s);
}
