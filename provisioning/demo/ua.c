#include <re/re.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "provisioning/demo/ua.h"
#include "provisioning/demo/ua_reg.h"
#include "provisioning/sip/loop.h"
#include "provisioning/sip/tls.h"

enum { POLITE_MS = 2000 };

enum ua_verb { SET, CLEAR, FORGET, REFRESH };

struct ua_command {
	struct ua_command *next;
	enum ua_verb verb;
	unsigned slot;
	struct reg_line line;
};

static void deliver_status(const struct reg *r, int status, unsigned expires_s, void *arg)
{
	struct ua *ua = arg;

	if (expires_s && reg_slot(r) <= UA_LINES_MAX) {
		(void)pthread_mutex_lock(&ua->lock);
		ua->status[reg_slot(r)] = status;
		(void)pthread_mutex_unlock(&ua->lock);
	}
	if (ua->conf.registered)
		ua->conf.registered(reg_slot(r), status, expires_s, ua->conf.arg);
}

static void remove_line(struct ua *ua, unsigned slot, bool polite)
{
	struct reg *r = ua->line[slot];

	ua->line[slot] = NULL;
	if (r)
		reg_leave(r, polite);
}

static void set_line(struct ua *ua, unsigned slot, const struct reg_line *line)
{
	struct reg *old = ua->line[slot];

	if (old && reg_same(old, line))
		return;
	/* The same identity with a new secret keeps its contact: its next REGISTER says all. */
	remove_line(ua, slot, old && !reg_same_identity(old, line));
	ua->line[slot] = reg_new(ua, slot, line, deliver_status);
	if (ua->line[slot])
		reg_refresh(ua->line[slot]);
}

static void obey(struct ua *ua, const struct ua_command *c)
{
	switch (c->verb) {
	case SET:
		set_line(ua, c->slot, &c->line);
		break;
	case CLEAR:
	case FORGET:
		remove_line(ua, c->slot, c->verb == CLEAR);
		break;
	case REFRESH:
		if (ua->line[c->slot])
			reg_refresh(ua->line[c->slot]);
		break;
	}
}

static void wipe_command(struct ua_command *c)
{
	explicit_bzero(c, sizeof *c);
	mem_free(c);
}

static void woken(void *arg)
{
	struct ua *ua = arg;
	struct ua_command *c;

	for (;;) {
		(void)pthread_mutex_lock(&ua->lock);
		c = ua->first;
		if (c) {
			ua->first = c->next;
			if (!ua->first)
				ua->last = NULL;
		}
		(void)pthread_mutex_unlock(&ua->lock);
		if (!c)
			return;
		obey(ua, c);
		wipe_command(c);
	}
}

static void push(struct ua *ua, struct ua_command *c)
{
	(void)pthread_mutex_lock(&ua->lock);
	if (ua->last)
		ua->last->next = c;
	else
		ua->first = c;
	ua->last = c;
	(void)pthread_mutex_unlock(&ua->lock);
	sip_loop_wake(ua->loop);
}

/* ---- requests that reach the phone ---- */

static struct reg *line_of(struct ua *ua, const struct pl *user, unsigned *slot)
{
	for (unsigned i = 1; i <= UA_LINES_MAX; i++)
		if (ua->line[i] && reg_has_contact_user(ua->line[i], user)) {
			*slot = i;
			return ua->line[i];
		}
	*slot = 0;
	return NULL;
}

static void challenge(struct ua *ua, struct reg *r, const struct sip_msg *msg)
{
	const char *realm = ua->conf.realm ? ua->conf.realm : r ? reg_domain(r) : "phone";

	(void)sip_treplyf(NULL, NULL, ua->sip, msg, false, 401, "Unauthorized",
		"WWW-Authenticate: Digest realm=\"%s\", nonce=\"%s\", qop=\"auth\", algorithm=MD5\r\n"
		"Content-Length: 0\r\n\r\n",
		realm, r ? reg_new_nonce(r) : "0");
}

static const char *phrase(int status)
{
	static const struct {
		int status;
		const char *text;
	} known[] = { { 200, "OK" }, { 403, "Forbidden" }, { 404, "Not Found" }, { 480, "Temporarily Unavailable" },
		{ 481, "Subscription Does Not Exist" }, { 489, "Bad Event" }, { 500, "Server Internal Error" } };

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].status == status)
			return known[i].text;
	return "Answer";
}

static void on_notify(struct ua *ua, const struct sip_msg *msg)
{
	const struct sip_hdr *event = sip_msg_hdr(msg, SIP_HDR_EVENT);
	char text[UA_TEXT_MAX] = "", source[80];
	struct ua_notify n = { .event = text, .source = source };
	struct reg *r = line_of(ua, &msg->uri.user, &n.slot);
	int status;

	if (event)
		(void)re_snprintf(text, sizeof text, "%r", &event->val);
	(void)re_snprintf(source, sizeof source, "%J", &msg->src);
	n.authorized = r && reg_check(r, msg, ua->conf.realm);
	status = ua->conf.notified ? ua->conf.notified(&n, ua->conf.arg) : 481;
	if (status == UA_CHALLENGE)
		challenge(ua, r, msg);
	else if (status != UA_SILENT)
		(void)sip_treply(NULL, ua->sip, msg, (uint16_t)status, phrase(status));
}

static bool at_request(const struct sip_msg *msg, void *arg)
{
	struct ua *ua = arg;

	if (!pl_strcmp(&msg->met, "NOTIFY"))
		on_notify(ua, msg);
	else if (!pl_strcmp(&msg->met, "OPTIONS"))
		(void)sip_treply(NULL, ua->sip, msg, 200, "OK");
	else if (!pl_strcmp(&msg->met, "INVITE"))
		(void)sip_treply(NULL, ua->sip, msg, 486, "Busy Here");
	else if (pl_strcmp(&msg->met, "ACK"))
		(void)sip_treply(NULL, ua->sip, msg, 405, "Method Not Allowed");
	return true;
}

/* ---- life ---- */

static void leave(void *arg)
{
	struct ua *ua = arg;

	sip_loop_leave(ua->loop);
}

/* Called whenever a line that is leaving has left. */
void ua_check_gone(struct ua *ua)
{
	if (ua->stopping && list_isempty(&ua->regs))
		tmr_start(&ua->timer, 0, leave, ua);
}

static void stopping(void *arg)
{
	struct ua *ua = arg;

	ua->stopping = true;
	tmr_start(&ua->timer, ua->polite ? POLITE_MS : 0, leave, ua);
	if (!ua->polite)
		return;
	for (unsigned i = 1; i <= UA_LINES_MAX; i++)
		remove_line(ua, i, true);
	ua_check_gone(ua);
}

static enum err_code begin(void *arg, struct err *err)
{
	struct ua *ua = arg;
	struct sa local;

	tmr_init(&ua->timer);
	list_init(&ua->regs);
	if (sa_set_str(&local, ua->address, 0) != 0 || sa_is_any(&local))
		return err_set(err, ERR_INPUT, "\"%s\" is no address for a simulated phone; name a concrete one.",
			ua->address);
	if (ua->ca[0] && sip_tls_new(ua->ca, &ua->tls, err))
		return ERR_INPUT;
	if (sip_alloc(&ua->sip, NULL, 32, 32, 32, ua->agent, NULL, NULL) != 0 ||
		sip_transp_add(ua->sip, SIP_TRANSP_UDP, &local) != 0 ||
		sip_transp_add(ua->sip, SIP_TRANSP_TCP, &local) != 0 ||
		(ua->tls && sip_transp_add(ua->sip, SIP_TRANSP_TLS, &local, ua->tls) != 0) ||
		sip_listen(&ua->listener, ua->sip, true, at_request, ua) != 0)
		return err_set(err, ERR_IO, "A simulated phone cannot open its SIP sockets on %s.", ua->address);
	return ERR_OK;
}

static void end(void *arg)
{
	struct ua *ua = arg;

	reg_drop_all(ua);
	tmr_cancel(&ua->timer);
	mem_deref(ua->listener);
	sip_close(ua->sip, true);
	mem_deref(ua->sip);
	mem_deref(ua->tls);
}

static const struct sip_loop_ops ops = { begin, woken, stopping, end };

static bool copy(char *to, size_t size, const char *from)
{
	size_t n = strlen(from ? from : "");

	if (n >= size)
		return false;
	memcpy(to, from ? from : "", n + 1);
	return true;
}

static void free_ua(struct ua *ua)
{
	struct ua_command *c;

	while ((c = ua->first)) {
		ua->first = c->next;
		wipe_command(c);
	}
	(void)pthread_mutex_destroy(&ua->lock);
	mem_free(ua);
}

enum err_code ua_start(const struct ua_conf *conf, struct ua **out, struct err *err)
{
	struct ua *ua = mem_zalloc(sizeof *ua);
	enum err_code rc;

	if (!ua)
		return err_set(err, ERR_NOMEM, "Out of memory for a simulated phone.");
	(void)pthread_mutex_init(&ua->lock, NULL);
	ua->conf = *conf;
	if (!copy(ua->address, sizeof ua->address, conf->local_address) ||
		!copy(ua->agent, sizeof ua->agent, conf->user_agent) || !copy(ua->ca, sizeof ua->ca, conf->tls_ca) ||
		!copy(ua->realm, sizeof ua->realm, conf->realm)) {
		free_ua(ua);
		return err_set(err, ERR_INPUT, "A text of a simulated phone is longer than %d bytes.", UA_TEXT_MAX - 1);
	}
	ua->conf.realm = ua->realm[0] ? ua->realm : NULL;
	rc = sip_loop_start(&ops, ua, &ua->loop, err);
	if (rc) {
		free_ua(ua);
		return rc;
	}
	*out = ua;
	return ERR_OK;
}

void ua_stop(struct ua *ua, bool polite)
{
	if (!ua)
		return;
	ua->polite = polite;
	sip_loop_stop(ua->loop);
	free_ua(ua);
}

static bool copy_line(struct reg_line *to, const struct ua_line *l)
{
	struct slice secret = secret_reveal(&l->secret);
	bool good = copy(to->user, sizeof to->user, l->user) &&
		    copy(to->auth_user, sizeof to->auth_user, l->auth_user ? l->auth_user : l->user) &&
		    copy(to->domain, sizeof to->domain, l->domain) &&
		    copy(to->display, sizeof to->display, l->display) &&
		    copy(to->server, sizeof to->server, l->server) &&
		    copy(to->tls_name, sizeof to->tls_name, l->tls_name ? l->tls_name : l->server) &&
		    secret.n < sizeof to->secret;

	if (!good || !to->user[0] || !to->domain[0] || !to->server[0])
		return false;
	memcpy(to->secret, secret.p ? secret.p : "", secret.n);
	to->transport = l->transport;
	to->port = l->port ? l->port : l->transport == UA_TLS ? 5061 : 5060;
	to->expires_s = l->expires_s ? l->expires_s : 600;
	return true;
}

static enum err_code command(
	struct ua *ua, enum ua_verb verb, unsigned slot, const struct ua_line *line, struct err *err)
{
	struct ua_command *c;

	if (slot < 1 || slot > UA_LINES_MAX)
		return err_set(err, ERR_INPUT, "A line's slot is 1 to %d, not %u.", UA_LINES_MAX, slot);
	c = mem_zalloc(sizeof *c);
	if (!c)
		return err_set(err, ERR_NOMEM, "Out of memory for a simulated phone's line.");
	c->verb = verb;
	c->slot = slot;
	if (line && !copy_line(&c->line, line)) {
		wipe_command(c);
		return err_set(
			err, ERR_INPUT, "A line needs user, domain and server, each under %d bytes.", UA_TEXT_MAX);
	}
	if (line && line->transport == UA_TLS && !ua->ca[0]) {
		wipe_command(c);
		return err_set(err, ERR_INPUT, "A line over TLS needs a file of trusted certificates.");
	}
	push(ua, c);
	return ERR_OK;
}

enum err_code ua_set_line(struct ua *ua, unsigned slot, const struct ua_line *line, struct err *err)
{
	return command(ua, SET, slot, line, err);
}

void ua_clear_line(struct ua *ua, unsigned slot)
{
	(void)command(ua, CLEAR, slot, NULL, NULL);
}

void ua_forget_line(struct ua *ua, unsigned slot)
{
	(void)command(ua, FORGET, slot, NULL, NULL);
}

void ua_refresh_line(struct ua *ua, unsigned slot)
{
	(void)command(ua, REFRESH, slot, NULL, NULL);
}
