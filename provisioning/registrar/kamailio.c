/* Kamailio as the registrar: credentials in a SQLite file of ours, bindings by JSON-RPC over HTTP on loopback. */
#include <curl/curl.h>
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/buf.h"
#include "phonecfg/base/mem.h"
#include "provisioning/registrar/aliases.h"
#include "provisioning/registrar/file.h"
#include "provisioning/registrar/registrar.h"
#include "provisioning/registrar/subscribers.h"
#include "provisioning/registrar/ul_answer.h"

enum { ANSWER_MAX = 4 << 20, TIMEOUT_MS = 2000, TEXT_MAX = 256, CALL_MAX = 4096 };

struct kamailio {
	struct registrar base;
	struct file *file;
	char url[TEXT_MAX], authorization[TEXT_MAX], table[64];
	long timeout_ms;
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void start_curl(void)
{
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

static size_t take(char *p, size_t size, size_t n, void *arg)
{
	struct buf *b = arg;

	buf_add(b, p, size * n);
	return b->failed ? 0 : size * n;
}

static enum err_code post(struct kamailio *k, const char *body, struct buf *out, struct err *err)
{
	struct curl_slist *h = curl_slist_append(NULL, "Content-Type: application/json");
	char why[CURL_ERROR_SIZE] = "";
	CURL *c = curl_easy_init();
	CURLcode code = CURLE_OUT_OF_MEMORY;
	long status = 0;

	h = curl_slist_append(h, k->authorization);
	if (c && h) {
		curl_easy_setopt(c, CURLOPT_URL, k->url);
		curl_easy_setopt(c, CURLOPT_PROXY, "");
		curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
		curl_easy_setopt(c, CURLOPT_HTTPHEADER, h);
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, body);
		curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
		curl_easy_setopt(c, CURLOPT_WRITEDATA, out);
		curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, k->timeout_ms);
		curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
		curl_easy_setopt(c, CURLOPT_ERRORBUFFER, why);
		code = curl_easy_perform(c);
		curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	}
	curl_slist_free_all(h);
	curl_easy_cleanup(c);
	if (code != CURLE_OK)
		return err_set(err, ERR_IO, "The registrar's JSON-RPC at %s does not answer (%s).", k->url,
			why[0] ? why : curl_easy_strerror(code));
	if (status == 401 || status == 403)
		return err_set(
			err, ERR_IO, "The registrar's JSON-RPC at %s refused our key (HTTP %ld).", k->url, status);
	return ERR_OK;
}

/* params: table, address of record, and the contact where there is one. */
static enum err_code call(
	struct kamailio *k, const char *method, const char *aor, const char *contact, struct buf *out, struct err *err)
{
	json_t *j = contact ? json_pack("{s:s, s:s, s:i, s:[s, s, s]}", "jsonrpc", "2.0", "method", method, "id", 1,
				      "params", k->table, aor, contact)
			    : json_pack("{s:s, s:s, s:i, s:[s, s]}", "jsonrpc", "2.0", "method", method, "id", 1,
				      "params", k->table, aor);
	char body[CALL_MAX];
	size_t n = j ? json_dumpb(j, body, sizeof body - 1, 0) : 0;

	json_decref(j);
	if (n == 0 || n >= sizeof body)
		return err_set(err, ERR_INPUT, "The address of record or the contact is too long or not UTF-8 text.");
	body[n] = 0;
	return post(k, body, out, err);
}

static enum err_code k_bindings(
	struct registrar *r, const char *aor, struct arena *a, struct binding_list *out, struct err *err)
{
	struct buf answer;
	enum err_code rc;

	*out = (struct binding_list){ 0 };
	buf_init(&answer, ANSWER_MAX);
	rc = call((struct kamailio *)r, "ul.lookup", aor, NULL, &answer, err);
	if (!rc)
		rc = ul_lookup_answer(buf_view(&answer), a, out, err);
	buf_release(&answer);
	return rc;
}

static enum err_code k_unbind(struct registrar *r, const char *aor, const char *contact, struct err *err)
{
	struct buf answer;
	enum err_code rc;

	buf_init(&answer, ANSWER_MAX);
	rc = call((struct kamailio *)r, "ul.rm_contact", aor, contact, &answer, err);
	if (!rc)
		rc = ul_rm_answer(buf_view(&answer), err);
	buf_release(&answer);
	return rc;
}

static struct file *file_of(struct registrar *r)
{
	return ((struct kamailio *)r)->file;
}

static enum err_code k_set(struct registrar *r, const struct credential *c, struct err *err)
{
	return subscribers_set(file_of(r), c, false, err);
}

static enum err_code k_get(struct registrar *r, const char *user, const char *domain, struct arena *a,
	struct credential *out, struct err *err)
{
	return subscribers_get(file_of(r), user, domain, a, out, err);
}

static enum err_code k_remove(
	struct registrar *r, const char *user, const char *domain, int64_t revision, struct err *err)
{
	return subscribers_remove(file_of(r), user, domain, revision, err);
}

static enum err_code k_all(struct registrar *r, struct arena *a, struct credential_list *out, struct err *err)
{
	return subscribers_all(file_of(r), a, out, err);
}

static enum err_code k_sync(
	struct registrar *r, const struct credential_list *wanted, struct registrar_sync *out, struct err *err)
{
	return subscribers_sync(file_of(r), wanted, out, err);
}

static enum err_code k_aliases(struct registrar *r, const char *owner, const struct alias_list *wanted, struct err *err)
{
	return aliases_set(file_of(r), owner, wanted, err);
}

static enum err_code k_aliases_sync(
	struct registrar *r, const struct alias_list *wanted, bool *differed, struct err *err)
{
	return aliases_sync(file_of(r), wanted, differed, err);
}

static void k_close(struct registrar *r)
{
	struct kamailio *k = (struct kamailio *)r;

	file_close(k->file);
	explicit_bzero(k->authorization, sizeof k->authorization);
	mem_free(k);
}

static const struct registrar_ops ops = {
	.name = "kamailio",
	.bindings = k_bindings,
	.unbind = k_unbind,
	.set = k_set,
	.get = k_get,
	.remove = k_remove,
	.all = k_all,
	.sync = k_sync,
	.aliases = k_aliases,
	.aliases_sync = k_aliases_sync,
	.close = k_close,
};

static enum err_code copy_settings(struct kamailio *k, const struct registrar_conf *conf, struct err *err)
{
	struct slice key = secret_reveal(&conf->rpc_key);
	int n = snprintf(k->authorization, sizeof k->authorization, "Authorization: Bearer %.*s", SLICE_ARG(key));
	int u = snprintf(k->url, sizeof k->url, "%s", conf->rpc_url ? conf->rpc_url : "");
	int t = snprintf(k->table, sizeof k->table, "%s", conf->table ? conf->table : "location");

	if (u <= 0 || (size_t)u >= sizeof k->url || (size_t)n >= sizeof k->authorization ||
		(size_t)t >= sizeof k->table)
		return err_set(err, ERR_INPUT,
			"The registrar needs the URL of its JSON-RPC, and no value over %d letters.", TEXT_MAX - 1);
	k->timeout_ms = conf->timeout_ms ? conf->timeout_ms : TIMEOUT_MS;
	return ERR_OK;
}

static enum err_code add_notifier(struct kamailio *k, const struct registrar_conf *conf, struct err *err)
{
	char ha1[REGISTRAR_HA1_TEXT];
	struct credential c = { conf->notify_user, conf->notify_realm, conf->notify_realm, { ha1, sizeof ha1 - 1 }, 0 };

	if (!conf->notify_user)
		return ERR_OK;
	registrar_ha1(conf->notify_user, conf->notify_realm, &conf->notify_secret, ha1);
	return subscribers_set(k->file, &c, true, err);
}

enum err_code kamailio_open(const struct registrar_conf *conf, bool *rebuilt, struct registrar **out, struct err *err)
{
	struct kamailio *k = mem_zalloc(sizeof *k);
	bool fresh = false;
	enum err_code rc;

	if (!k)
		return err_set(err, ERR_NOMEM, "Out of memory while opening the registrar.");
	(void)pthread_once(&curl_once, start_curl);
	k->base.ops = &ops;
	rc = copy_settings(k, conf, err);
	if (!rc)
		rc = file_open(conf->db_path, &fresh, &k->file, err);
	if (!rc)
		rc = add_notifier(k, conf, err);
	if (rc) {
		k_close(&k->base);
		return rc;
	}
	if (rebuilt)
		*rebuilt = fresh;
	*out = &k->base;
	return ERR_OK;
}
