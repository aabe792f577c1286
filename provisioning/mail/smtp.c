#include "provisioning/mail/smtp.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "phonecfg/base/mem.h"
#include "phonecfg/base/slice.h"
#include "phonecfg/base/text.h"

enum { URL_MAX = 600, ENVELOPE_MAX = 300 };

struct smtp {
	const struct smtp_conf *conf;
	CURL *curl;
	char url[URL_MAX];
	/* of the attempt in hand */
	struct slice rest;
	struct smtp_report *report;
	bool barred, greeted, logged_in; /* not greeted: it goes over the connection of the mail before */
	char why[CURL_ERROR_SIZE];
};

/* ---- what curl tells us on the way ---- */

/* The verbs of RFC 5321, 3207 and 4954, as curl writes them. */
static void note_command(struct smtp *s, const char *p, size_t n)
{
	static const struct {
		const char *verb;
		enum smtp_stage stage;
	} verbs[] = { { "EHLO", STAGE_HELLO }, { "HELO", STAGE_HELLO }, { "STARTTLS", STAGE_STARTTLS },
		{ "AUTH", STAGE_AUTH }, { "MAIL", STAGE_FROM }, { "RCPT", STAGE_TO }, { "DATA", STAGE_DATA } };
	size_t i;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		size_t len = strlen(verbs[i].verb);

		if (n >= len && strncasecmp(p, verbs[i].verb, len) == 0) {
			s->report->stage = verbs[i].stage;
			s->report->reply[0] = '\0';
			s->greeted |= verbs[i].stage == STAGE_HELLO;
			s->logged_in |= verbs[i].stage == STAGE_AUTH;
		}
	}
}

/* "550-5.1.1 text" -> "5.1.1 text": the first line of the reply to the last command. */
static void note_reply(struct smtp *s, const char *p, size_t n)
{
	struct slice line = { p, n };
	size_t i, at = 0;

	while (line.n && (line.p[line.n - 1] == '\r' || line.p[line.n - 1] == '\n'))
		line.n--;
	if (s->report->reply[0] || line.n < 5 || !text_is_utf8(line))
		return;
	for (i = 4; i < line.n && at + 1 < SMTP_REPLY_MAX; i++)
		s->report->reply[at++] = line.p[i] >= ' ' && line.p[i] <= '~' ? line.p[i] : '?';
	s->report->reply[at] = '\0';
}

/* Commands hold the login and go nowhere from here. */
static int debug_fn(CURL *c, curl_infotype type, char *p, size_t n, void *arg)
{
	struct smtp *s = arg;

	(void)c;
	if (s->report && type == CURLINFO_HEADER_OUT)
		note_command(s, p, n);
	if (s->report && type == CURLINFO_HEADER_IN)
		note_reply(s, p, n);
	return 0;
}

static size_t read_fn(char *out, size_t size, size_t n, void *arg)
{
	struct smtp *s = arg;
	size_t room = size * n, take = s->rest.n < room ? s->rest.n : room;

	memcpy(out, s->rest.p, take);
	s->rest.p += take;
	s->rest.n -= take;
	return take;
}

static int progress_fn(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct smtp *s = arg;

	(void)a;
	(void)b;
	(void)c;
	(void)d;
	return s->conf->stop && atomic_load(s->conf->stop);
}

/* ---- where a domain's own server may be ---- */

static bool public_v4(uint32_t a)
{
	static const struct {
		uint32_t net, mask;
	} barred[] = { { 0x00000000, 0xff000000 }, { 0x0a000000, 0xff000000 }, { 0x64400000, 0xffc00000 },
		{ 0x7f000000, 0xff000000 }, { 0xa9fe0000, 0xffff0000 }, { 0xac100000, 0xfff00000 },
		{ 0xc0000000, 0xffffff00 }, { 0xc0a80000, 0xffff0000 }, { 0xc6120000, 0xfffe0000 },
		{ 0xe0000000, 0xe0000000 } };
	size_t i;

	for (i = 0; i < sizeof(barred) / sizeof(barred[0]); i++)
		if ((a & barred[i].mask) == barred[i].net)
			return false;
	return true;
}

/* Global unicast (RFC 4291 §2.5.4), and not an IPv4 address in another coat. */
static bool public_v6(const struct in6_addr *a)
{
	const unsigned char *b = a->s6_addr;

	if (IN6_IS_ADDR_V4MAPPED(a))
		return public_v4((uint32_t)b[12] << 24 | (uint32_t)b[13] << 16 | (uint32_t)b[14] << 8 | b[15]);
	if (b[0] == 0x20 && b[1] == 0x02)
		return public_v4((uint32_t)b[2] << 24 | (uint32_t)b[3] << 16 | (uint32_t)b[4] << 8 | b[5]);
	return (b[0] & 0xe0) == 0x20;
}

static bool is_public(const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET)
		return public_v4(ntohl(((const struct sockaddr_in *)(const void *)sa)->sin_addr.s_addr));
	return sa->sa_family == AF_INET6 && public_v6(&((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr);
}

/* The address that is really connected to, after the name was looked up. */
static curl_socket_t socket_fn(void *arg, curlsocktype purpose, struct curl_sockaddr *at)
{
	struct smtp *s = arg;

	(void)purpose;
	if (s->conf->public_only && !is_public(&at->addr)) {
		s->barred = true;
		return CURL_SOCKET_BAD;
	}
	return socket(at->family, at->socktype | SOCK_CLOEXEC, at->protocol);
}

/* ---- life ---- */

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void start_curl(void)
{
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

static void set_login(struct smtp *s)
{
	const struct smtp_conf *f = s->conf;

	if (*f->user == '\0')
		return;
	curl_easy_setopt(s->curl, CURLOPT_USERNAME, f->user);
	curl_easy_setopt(s->curl, CURLOPT_PASSWORD, secret_set(&f->password) ? secret_reveal(&f->password).p : "");
}

static void set_options(struct smtp *s)
{
	const struct smtp_conf *f = s->conf;
	CURL *c = s->curl;

	curl_easy_setopt(c, CURLOPT_URL, s->url);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_USE_SSL, f->tls == SMTP_PLAIN ? (long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL);
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (*f->ca) {
		curl_easy_setopt(c, CURLOPT_CAINFO, f->ca);
		curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
	}
	set_login(s);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)f->timeout_ms);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)f->timeout_ms);
	curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(c, CURLOPT_READFUNCTION, read_fn);
	curl_easy_setopt(c, CURLOPT_READDATA, s);
	curl_easy_setopt(c, CURLOPT_VERBOSE, 1L); /* for the debug function alone */
	curl_easy_setopt(c, CURLOPT_DEBUGFUNCTION, debug_fn);
	curl_easy_setopt(c, CURLOPT_DEBUGDATA, s);
	curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, progress_fn);
	curl_easy_setopt(c, CURLOPT_XFERINFODATA, s);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, socket_fn);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, s);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, s->why);
}

enum err_code smtp_open(const struct smtp_conf *conf, struct smtp **out, struct err *err)
{
	struct smtp *s = mem_zalloc(sizeof(*s));
	bool v6 = strchr(conf->host, ':') != NULL;
	int n;

	if (s == NULL)
		return err_set(err, ERR_NOMEM, "There is no memory to send mail.");
	(void)pthread_once(&curl_once, start_curl);
	s->conf = conf;
	n = snprintf(s->url, sizeof(s->url), "%s://%s%s%s:%u/%s", conf->tls == SMTP_TLS ? "smtps" : "smtp",
		v6 ? "[" : "", conf->host, v6 ? "]" : "", conf->port, conf->hello);
	s->curl = n > 0 && n < URL_MAX ? curl_easy_init() : NULL;
	if (s->curl == NULL) {
		mem_free(s);
		return err_set(err, ERR_NOMEM, "There is no memory to send mail, or the server's name is too long.");
	}
	set_options(s);
	*out = s;
	return ERR_OK;
}

void smtp_close(struct smtp *s)
{
	if (s == NULL)
		return;
	s->report = NULL;
	curl_easy_cleanup(s->curl);
	mem_free(s);
}

/* ---- one mail ---- */

static const struct {
	CURLcode code;
	enum smtp_fault fault;
} faults[] = {
	{ CURLE_OK, FAULT_NONE },
	{ CURLE_COULDNT_RESOLVE_HOST, FAULT_RESOLVE },
	{ CURLE_COULDNT_CONNECT, FAULT_CONNECT },
	{ CURLE_USE_SSL_FAILED, FAULT_NO_TLS },
	{ CURLE_SSL_CONNECT_ERROR, FAULT_TLS },
	{ CURLE_PEER_FAILED_VERIFICATION, FAULT_CERT },
	{ CURLE_SSL_ISSUER_ERROR, FAULT_CERT },
	{ CURLE_SSL_CACERT_BADFILE, FAULT_CERT },
	{ CURLE_LOGIN_DENIED, FAULT_LOGIN },
	{ CURLE_OPERATION_TIMEDOUT, FAULT_TIMEOUT },
	{ CURLE_ABORTED_BY_CALLBACK, FAULT_STOPPED },
	{ CURLE_SEND_ERROR, FAULT_LOST },
	{ CURLE_RECV_ERROR, FAULT_LOST },
	{ CURLE_GOT_NOTHING, FAULT_LOST },
};

static enum smtp_fault fault_of(const struct smtp *s, CURLcode code)
{
	const struct smtp_report *r = s->report;
	size_t i;

	if (s->barred)
		return FAULT_BARRED;
	if (code != CURLE_OK && code != CURLE_USE_SSL_FAILED && code != CURLE_ABORTED_BY_CALLBACK && r->code >= 400 &&
		r->stage != STAGE_AUTH)
		return *s->conf->user && s->greeted && !s->logged_in && r->stage >= STAGE_FROM ? FAULT_NO_LOGIN
											       : FAULT_REPLY;
	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (faults[i].code == code)
			return faults[i].fault;
	return FAULT_OTHER;
}

/* What curl says is about TLS or the network; a reply of the server's says more. */
static void add_why(struct smtp *s, CURLcode code)
{
	struct smtp_report *r = s->report;

	if (r->fault == FAULT_REPLY || r->fault == FAULT_LOGIN || r->fault == FAULT_NONE || r->fault == FAULT_NO_LOGIN)
		return;
	snprintf(r->reply, sizeof(r->reply), "%s", s->why[0] ? s->why : curl_easy_strerror(code));
}

static CURLcode perform(struct smtp *s, const char *sender, struct curl_slist *to, struct slice message)
{
	CURLcode code;
	long reply = 0;

	*s->report = (struct smtp_report){ .fault = FAULT_OTHER };
	s->rest = message;
	s->barred = s->greeted = s->logged_in = false;
	s->why[0] = '\0';
	curl_easy_setopt(s->curl, CURLOPT_MAIL_FROM, sender);
	curl_easy_setopt(s->curl, CURLOPT_MAIL_RCPT, to);
	curl_easy_setopt(s->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)message.n);
	code = curl_easy_perform(s->curl);
	curl_easy_getinfo(s->curl, CURLINFO_RESPONSE_CODE, &reply);
	s->report->code = (unsigned)reply;
	s->report->fault = fault_of(s, code);
	return code;
}

/* A server may end a connection after so many mails, or when it was idle: that is not its last word. */
static bool worth_anew(const struct smtp *s)
{
	return !s->greeted && verdict_of(s->report) == VERDICT_SERVER && s->report->fault != FAULT_TIMEOUT &&
	       (s->report->stage == STAGE_FROM || s->report->stage == STAGE_TO);
}

void smtp_send(struct smtp *s, const char *from, const char *to, struct slice message, struct smtp_report *out)
{
	char sender[ENVELOPE_MAX], recipient[ENVELOPE_MAX];
	struct curl_slist *list;
	CURLcode code = CURLE_OUT_OF_MEMORY;

	*out = (struct smtp_report){ .fault = FAULT_OTHER };
	snprintf(sender, sizeof(sender), "<%s>", from);
	snprintf(recipient, sizeof(recipient), "<%s>", to);
	s->report = out;
	list = curl_slist_append(NULL, recipient);
	if (list)
		code = perform(s, sender, list, message);
	if (list && worth_anew(s)) {
		curl_easy_setopt(s->curl, CURLOPT_FRESH_CONNECT, 1L);
		code = perform(s, sender, list, message);
		curl_easy_setopt(s->curl, CURLOPT_FRESH_CONNECT, 0L);
	}
	curl_slist_free_all(list);
	add_why(s, code);
	s->report = NULL;
}
