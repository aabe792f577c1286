/* The checked copy of a NOTIFY that is to be sent. */
#include <re/re.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "provisioning/sip/job.h"

enum { URI_MAX = 511, EVENT_MAX = 127, USER_MAX = 127, SECRET_MAX = 255 };

static bool printable(const char *s, const char *not_these)
{
	for (; *s; s++)
		if ((unsigned char)*s <= 0x20 || *s == 0x7f || strchr(not_these, *s))
			return false;
	return true;
}

enum err_code job_check_uri(const char *what, const char *uri, struct err *err)
{
	struct uri u;
	struct pl pl;

	pl_set_str(&pl, uri ? uri : "");
	if (!uri || pl.l > URI_MAX || !printable(uri, "<>\"") || uri_decode(&u, &pl) != 0 || !pl_isset(&u.host) ||
		(pl_strcasecmp(&u.scheme, "sip") && pl_strcasecmp(&u.scheme, "sips")))
		return err_set(err, ERR_INPUT,
			"The %s of a NOTIFY must be a sip: or sips: URI such as sip:192.0.2.1:5060;transport=udp, not \"%.80s\".",
			what, uri ? uri : "");
	return ERR_OK;
}

/* RFC 6665 §8.4: token and parameters; here without blanks. */
static bool event_ok(const char *s)
{
	return s && *s && strlen(s) <= EVENT_MAX && s[0] != ';' && printable(s, "<>\",:()[]{}\\/?@");
}

static enum err_code check(const struct notify *n, const char *proxy, struct err *err)
{
	enum err_code rc = job_check_uri("Request-URI", n->request_uri, err);

	if (!rc && n->to_uri)
		rc = job_check_uri("To", n->to_uri, err);
	if (!rc && n->from_uri)
		rc = job_check_uri("From", n->from_uri, err);
	if (!rc && !n->direct && !*proxy)
		return err_set(
			err, ERR_INPUT, "A NOTIFY through the proxy needs one: set sip.proxy, or send directly.");
	if (!rc && !n->direct)
		rc = job_check_uri("proxy", proxy, err);
	if (rc)
		return rc;
	if (!event_ok(n->event))
		return err_set(err, ERR_INPUT, "\"%.80s\" cannot stand in the Event header.", n->event ? n->event : "");
	if (n->auth_user && (strlen(n->auth_user) > USER_MAX || !printable(n->auth_user, "\"\\")))
		return err_set(
			err, ERR_INPUT, "The user name in a NOTIFY's digest has blanks or quotes or is too long.");
	if (n->nsecrets > NOTIFY_SECRETS_MAX)
		return err_set(err, ERR_INPUT, "A NOTIFY takes %d secrets at most.", NOTIFY_SECRETS_MAX);
	for (size_t i = 0; i < n->nsecrets; i++)
		if (n->secrets[i].n > SECRET_MAX)
			return err_set(err, ERR_INPUT, "A line's secret is longer than %d bytes.", SECRET_MAX);
	return ERR_OK;
}

/* All texts, one behind the other. With at == NULL only counts. */
struct packer {
	char *at;
	size_t n;
};

static const char *pack(struct packer *p, const char *s, size_t n)
{
	char *to = p->at ? p->at + p->n : NULL;

	p->n += n + 1;
	if (to) {
		memcpy(to, s, n);
		to[n] = 0;
	}
	return to;
}

static const char *pack_str(struct packer *p, const char *s)
{
	return pack(p, s, strlen(s));
}

static void pack_all(struct packer *p, const struct notify *n, const char *proxy, struct notify *out)
{
	const char *to = n->to_uri ? n->to_uri : n->request_uri;
	struct uri ruri, touri;
	struct pl pl;

	pl_set_str(&pl, n->request_uri);
	(void)uri_decode(&ruri, &pl);
	pl_set_str(&pl, to);
	(void)uri_decode(&touri, &pl);
	out->request_uri = pack_str(p, n->request_uri);
	out->to_uri = pack_str(p, to);
	out->from_uri = pack_str(p, n->from_uri ? n->from_uri : to);
	out->event = pack_str(p, n->event);
	out->proxy = pack_str(p, n->direct ? "" : proxy);
	out->source = n->source ? pack_str(p, n->source) : pack(p, ruri.host.p, ruri.host.l);
	out->auth_user = n->auth_user ? pack_str(p, n->auth_user)
				      : pack(p, touri.user.p ? touri.user.p : "", touri.user.p ? touri.user.l : 0);
	for (size_t i = 0; i < n->nsecrets; i++) {
		struct slice s = secret_reveal(&n->secrets[i]);

		out->secrets[i] = (struct secret){ pack(p, s.p ? s.p : "", s.n), s.n };
	}
}

enum err_code job_new(const struct notify *n, const char *default_proxy, struct job **out, struct err *err)
{
	const char *proxy = n->proxy ? n->proxy : default_proxy;
	enum err_code rc = check(n, proxy, err);
	struct notify copy = *n;
	struct packer p = { NULL, 0 };
	struct job *j;

	if (rc)
		return rc;
	pack_all(&p, n, proxy, &copy);
	j = mem_zalloc(sizeof *j + p.n);
	if (!j)
		return err_set(err, ERR_NOMEM, "Out of memory for a NOTIFY.");
	j->size = sizeof *j + p.n;
	j->n = *n;
	p = (struct packer){ j->text, 0 };
	pack_all(&p, n, proxy, &j->n);
	if (!j->n.deadline_ms)
		j->n.deadline_ms = NOTIFY_DEADLINE_MS;
	*out = j;
	return ERR_OK;
}

void job_free(struct job *j)
{
	if (!j)
		return;
	explicit_bzero(j, j->size);
	mem_free(j);
}
