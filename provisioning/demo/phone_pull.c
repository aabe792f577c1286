#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "provisioning/demo/phone.h"

enum { CONNECT_S = 5, TRANSFER_S = 30 };

struct phone_pull {
	CURL *curl;            /* while it runs: after a pull the phone closes its connection */
	const char *first_url; /* of the setup */
	const char *ca;
	bool softphone; /* that address is the file itself, as a code that was scanned is */
	char user_agent[PHONE_TEXT_MAX];
	struct handset *hs; /* while it runs: credentials and address come from its files */
};

enum err_code phone_pull_new(
	const struct phone_setup *setup, const struct profile *profile, struct phone_pull **out, struct err *err)
{
	struct phone_pull *p = mem_zalloc(sizeof(*p));

	*out = NULL;
	if (p == NULL)
		return err_set(err, ERR_NOMEM, "out of memory in a simulated phone");
	p->first_url = setup->url;
	p->softphone = profile->softphone;
	phone_http_agent(p->user_agent, setup, profile);
	p->ca = setup->ca;
	*out = p;
	return ERR_OK;
}

void phone_pull_free(struct phone_pull *p)
{
	mem_free(p);
}

/* The address of a file: absolute ones stand, others are taken from the address in the phone's own configuration or, as
 * long as that holds none, from where it was sent first. Two vendors keep the scheme in a setting of its own. */
static bool make_url(
	const struct phone_pull *p, const struct handset_credentials *c, const char *file, char *out, size_t n)
{
	const char *base = c->url && c->url[0] ? c->url : p->first_url;
	const char *scheme = strstr(base, "://") ? "" : "https://";
	size_t len = strlen(base);

	if (strstr(file, "://"))
		return snprintf(out, n, "%s", file) < (int)n;
	if (p->softphone)
		return snprintf(out, n, "%s%s", scheme, base) < (int)n;
	return snprintf(out, n, "%s%s%s%s", scheme, base, len && base[len - 1] == '/' ? "" : "/", file) < (int)n;
}

static size_t take_body(char *bytes, size_t one, size_t n, void *arg)
{
	struct buf *body = arg;

	buf_add(body, bytes, one * n);
	return body->failed ? 0 : one * n;
}

static size_t throw_away(char *bytes, size_t one, size_t n, void *arg)
{
	(void)bytes;
	(void)arg;
	return one * n;
}

/* What every request has; the connection is kept over all of them, as phones do within one pull. */
static bool prepare(struct phone_pull *p, const char *file, char *credentials, size_t n)
{
	struct handset_credentials c;
	char url[PHONE_URL_MAX];
	struct slice password;

	handset_credentials(p->hs, &c);
	if (!make_url(p, &c, file, url, sizeof(url)))
		return false;
	curl_easy_setopt(p->curl, CURLOPT_URL, url);
	curl_easy_setopt(p->curl, CURLOPT_CAINFO, p->ca);
	curl_easy_setopt(p->curl, CURLOPT_USERAGENT, p->user_agent);
	curl_easy_setopt(p->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(p->curl, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(p->curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
	curl_easy_setopt(p->curl, CURLOPT_TIMEOUT, (long)TRANSFER_S);
	curl_easy_setopt(p->curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_NONE);
	curl_easy_setopt(p->curl, CURLOPT_USERPWD, NULL);
	password = secret_reveal(&c.password);
	if (c.user && c.user[0] && password.n && snprintf(credentials, n, "%.*s", SLICE_ARG(password)) < (int)n) {
		curl_easy_setopt(p->curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_DIGEST);
		curl_easy_setopt(p->curl, CURLOPT_USERNAME, c.user);
		curl_easy_setopt(p->curl, CURLOPT_PASSWORD, credentials);
	}
	return true;
}

static int perform(struct phone_pull *p)
{
	long status = 0;

	if (curl_easy_perform(p->curl) != CURLE_OK)
		return 0;
	curl_easy_getinfo(p->curl, CURLINFO_RESPONSE_CODE, &status);
	return (int)status;
}

static int fetch_fn(void *arg, const char *method, const char *file, struct buf *body)
{
	struct phone_pull *p = arg;
	char credentials[PHONE_TEXT_MAX];
	int status;

	if (strcmp(method, "GET") != 0 || !prepare(p, file, credentials, sizeof(credentials)))
		return 0;
	curl_easy_setopt(p->curl, CURLOPT_HTTPGET, 1L);
	curl_easy_setopt(p->curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(p->curl, CURLOPT_WRITEDATA, body);
	status = perform(p);
	explicit_bzero(credentials, sizeof(credentials));
	return status;
}

static size_t give_body(char *out, size_t one, size_t n, void *arg)
{
	struct slice *rest = arg;
	size_t len = one * n < rest->n ? one * n : rest->n;

	memcpy(out, rest->p, len);
	*rest = (struct slice){ rest->p + len, rest->n - len };
	return len;
}

/* Digest asks twice: the body is sent from the start again. */
static int rewind_fn(void *arg, curl_off_t offset, int origin)
{
	(void)arg;
	(void)offset;
	(void)origin;
	return CURL_SEEKFUNC_CANTSEEK;
}

static int put_fn(void *arg, const char *method, const char *file, struct slice body)
{
	struct phone_pull *p = arg;
	char credentials[PHONE_TEXT_MAX];
	struct slice rest = body;
	int status;

	if (strcmp(method, "PUT") != 0 || !prepare(p, file, credentials, sizeof(credentials)))
		return 0;
	curl_easy_setopt(p->curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(p->curl, CURLOPT_READFUNCTION, give_body);
	curl_easy_setopt(p->curl, CURLOPT_READDATA, &rest);
	curl_easy_setopt(p->curl, CURLOPT_SEEKFUNCTION, rewind_fn);
	curl_easy_setopt(p->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)body.n);
	curl_easy_setopt(p->curl, CURLOPT_WRITEFUNCTION, throw_away);
	status = perform(p);
	curl_easy_setopt(p->curl, CURLOPT_UPLOAD, 0L);
	explicit_bzero(credentials, sizeof(credentials));
	return status;
}

enum err_code phone_pull_run(struct phone_pull *p, struct handset *hs, struct err *err)
{
	enum err_code rc;

	p->curl = curl_easy_init();
	if (p->curl == NULL)
		return err_set(err, ERR_NOMEM, "libcurl cannot start in a simulated phone");
	p->hs = hs;
	rc = handset_pull(hs, fetch_fn, p, err);
	if (rc == ERR_OK)
		rc = handset_uploads(hs, put_fn, p, err);
	curl_easy_cleanup(p->curl);
	p->curl = NULL;
	p->hs = NULL;
	return rc;
}
