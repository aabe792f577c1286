#include "provisioning/demo/client.h"

#include <curl/curl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phonecfg/base/buf.h"
#include "phonecfg/base/mem.h"

enum { ANSWER_MAX = 8 * 1024 * 1024, URL_MAX = 2048, TIMEOUT_S = 60, LOOK_MS = 50 };

struct client {
	CURL *curl;
	char base[URL_MAX], ca[URL_MAX];
	char csrf[256]; /* the header that a session's changes carry, "" before the login */
};

enum err_code client_new(const char *base, const char *ca, struct client **out, struct err *err)
{
	struct client *c = mem_zalloc(sizeof(*c));

	*out = NULL;
	if (c == NULL)
		return err_set(err, ERR_NOMEM, "out of memory for the API's client");
	c->curl = curl_easy_init();
	if (c->curl == NULL || snprintf(c->base, sizeof(c->base), "%s", base) >= URL_MAX ||
		snprintf(c->ca, sizeof(c->ca), "%s", ca) >= URL_MAX) {
		client_free(c);
		return err_set(err, ERR_NOMEM, "libcurl cannot start");
	}
	curl_easy_setopt(c->curl, CURLOPT_COOKIEFILE, "");
	*out = c;
	return ERR_OK;
}

void client_free(struct client *c)
{
	if (c == NULL)
		return;
	curl_easy_cleanup(c->curl);
	mem_free(c);
}

static size_t take_fn(char *bytes, size_t one, size_t n, void *arg)
{
	struct buf *b = arg;

	buf_add(b, bytes, one * n);
	return b->failed ? 0 : one * n;
}

/* base + path; a path that begins with "//" stands at the root of the server. */
static enum err_code make_url(const struct client *c, const char *path, char out[URL_MAX], struct err *err)
{
	const char *root = strstr(c->base, "://");
	int n;

	root = root ? strchr(root + 3, '/') : NULL;
	if (strncmp(path, "//", 2) == 0 && root)
		n = snprintf(out, URL_MAX, "%.*s%s", (int)(root - c->base), c->base, path + 1);
	else
		n = snprintf(out, URL_MAX, "%s%s", c->base, path);
	return n < URL_MAX ? ERR_OK : err_set(err, ERR_LIMIT, "the address of %s is too long", path);
}

static void set_options(struct client *c, const char *method, const char *url, struct slice body, struct buf *answer)
{
	curl_easy_setopt(c->curl, CURLOPT_URL, url);
	curl_easy_setopt(c->curl, CURLOPT_CAINFO, c->ca);
	curl_easy_setopt(c->curl, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c->curl, CURLOPT_TIMEOUT, (long)TIMEOUT_S);
	curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(c->curl, CURLOPT_USERAGENT, "rekeyd demo");
	curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, take_fn);
	curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, answer);
	if (body.p) {
		curl_easy_setopt(c->curl, CURLOPT_POST, 1L);
		curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST, method);
		curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, body.p);
		curl_easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE, (long)body.n);
	} else {
		curl_easy_setopt(c->curl, CURLOPT_HTTPGET, 1L);
		curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST, method);
	}
}

static enum err_code judge(
	const char *method, const char *path, int status, struct slice answer, json_t **out, struct err *err)
{
	json_t *json = answer.n ? json_loadb(answer.p, answer.n, JSON_DECODE_ANY, NULL) : NULL;
	const char *detail = json_string_value(json_object_get(json, "detail"));
	enum err_code rc = ERR_OK;

	if (status < 200 || status > 299)
		rc = err_set(err, status == 404 ? ERR_NOT_FOUND : ERR_INPUT, "%s %s was answered %d: %s", method, path,
			status, detail ? detail : "no detail was given");
	if (rc == ERR_OK && out)
		*out = json;
	else
		json_decref(json);
	return rc;
}

/* Without memory the header is left out, and the server's refusal says so. */
static struct curl_slist *add_header(struct curl_slist *list, const char *header)
{
	struct curl_slist *longer = curl_slist_append(list, header);

	return longer ? longer : list;
}

/* type: of the body, so that CSV goes this way too. */
static enum err_code client_send(struct client *c, const char *method, const char *path, const char *type,
	struct slice body, int *status, json_t **out, struct err *err)
{
	struct curl_slist *headers = NULL;
	char url[URL_MAX], kind[128];
	enum err_code rc = make_url(c, path, url, err);
	struct buf answer;
	long code = 0;
	CURLcode bad;

	if (status)
		*status = 0;
	if (out)
		*out = NULL;
	if (rc)
		return rc;
	buf_init(&answer, ANSWER_MAX);
	snprintf(kind, sizeof(kind), "Content-Type: %s", type);
	headers = add_header(NULL, kind);
	if (c->csrf[0])
		headers = add_header(headers, c->csrf);
	set_options(c, method, url, body, &answer);
	curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, headers);
	bad = curl_easy_perform(c->curl);
	curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &code);
	if (bad)
		rc = err_set(err, ERR_IO, "%s %s got no answer: %s", method, path, curl_easy_strerror(bad));
	else
		rc = judge(method, path, (int)code, buf_view(&answer), out, err);
	if (status)
		*status = bad ? 0 : (int)code;
	curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(headers);
	buf_release(&answer);
	return rc;
}

enum err_code client_call(struct client *c, const char *method, const char *path, json_t *body, int *status,
	json_t **out, struct err *err)
{
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	enum err_code rc;

	if (body && text == NULL) {
		json_decref(body);
		return err_set(err, ERR_NOMEM, "out of memory for a call of the API");
	}
	rc = client_send(
		c, method, path, "application/json", text ? slice_str(text) : (struct slice){ 0 }, status, out, err);
	free(text);
	json_decref(body);
	return rc;
}

enum err_code client_wait(struct client *c, struct proc *server, unsigned ms, struct err *err)
{
	enum err_code rc = ERR_IO;
	unsigned waited;

	for (waited = 0; rc && waited <= ms && !proc_ended(server); waited += LOOK_MS) {
		rc = client_call(c, "GET", "//healthz", NULL, NULL, NULL, err);
		if (rc)
			poll(NULL, 0, LOOK_MS);
	}
	return rc;
}

enum err_code client_login(struct client *c, const char *login, const char *password, struct err *err)
{
	json_t *answer = NULL;
	const char *csrf;
	enum err_code rc = client_call(
		c, "POST", "/login", json_pack("{s:s s:s}", "login", login, "password", password), NULL, &answer, err);

	csrf = json_string_value(json_object_get(answer, "csrf-token"));
	if (rc == ERR_OK && csrf)
		snprintf(c->csrf, sizeof(c->csrf), "X-CSRF-Token: %s", csrf);
	json_decref(answer);
	return rc;
}
