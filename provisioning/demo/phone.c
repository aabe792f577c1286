#include "provisioning/demo/phone.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "phonecfg/base/buf.h"
#include "provisioning/conf/clock.h"
#include "provisioning/demo/ua.h"

enum {
	INPUT_MAX = 64 * 1024,
	AFTER_NOTIFY_MS = 50, /* the answer leaves first */
	PULL_AGAIN_MS = 5000, /* nothing was served */
	NEVER = -1,
};

struct process {
	struct arena arena;
	struct phone_setup setup;
	struct catalog *catalog;
	const struct profile *profile;
	struct handset *hs;
	struct phone_pull *pull;
	struct ua *ua;
	struct buf input;
	char agent[PHONE_TEXT_MAX], realm[PHONE_TEXT_MAX];
	bool set_up, end;
	long long due_ms; /* of the pull to come; NEVER = none */
	const char *why;
	bool restarts; /* the pull to come is a restart */

	/* Shared with the SIP thread. */
	pthread_mutex_t lock;
	struct handset *shown; /* as of the last pull: what a NOTIFY is judged by */
	enum handset_action asked;
	int wake[2]; /* a byte for each thing asked */
};

static void pull_in(struct process *p, int ms, const char *why)
{
	p->due_ms = clock_steady_ms() + ms;
	p->why = why;
}

/* ---- in the SIP thread ---- */

static void registered_fn(unsigned slot, int status, unsigned expires_s, void *arg)
{
	struct process *p = arg;

	(void)p;
	phone_say(json_pack(
		"{s:s s:i s:i s:b}", "is", "line", "slot", (int)slot, "status", status, "leaves", expires_s == 0));
}

static void ask(struct process *p, enum handset_action action)
{
	ssize_t n;

	p->asked = action;
	n = write(p->wake[1], "", 1);
	(void)n; /* the pipe is never full of anything but the same question */
}

static int notified_fn(const struct ua_notify *n, void *arg)
{
	static const char *const words[] = {
		[HANDSET_IGNORE] = "nothing",
		[HANDSET_RESYNC] = "pulls",
		[HANDSET_REBOOT] = "restarts",
	};
	struct process *p = arg;
	struct handset_reaction r = { .status = 481 };
	int status;

	pthread_mutex_lock(&p->lock);
	if (!p->setup.refuses)
		handset_notify(p->shown, slice_str(n->event), &r);
	status = r.status;
	if (r.challenges && !n->authorized) {
		status = UA_CHALLENGE;
		r.action = HANDSET_IGNORE;
	}
	if (r.action != HANDSET_IGNORE)
		ask(p, r.action);
	pthread_mutex_unlock(&p->lock);
	phone_say(json_pack("{s:s s:s s:i s:b s:s}", "is", "told", "event", n->event, "status", status, "proved",
		n->authorized, "action", words[r.action]));
	return status;
}

/* ---- pulling ---- */

static enum err_code start_ua(struct process *p, struct err *err)
{
	struct ua_conf conf = {
		.local_address = p->setup.address,
		.user_agent = p->agent,
		.tls_ca = p->setup.ca,
		.registered = registered_fn,
		.notified = notified_fn,
		.realm = p->realm[0] ? p->realm : NULL,
		.arg = p,
	};
	struct handset_reaction r;

	/* The realm of its challenges comes from its configuration, which it has by now. */
	handset_notify(p->shown, SLICE_LIT("check-sync"), &r);
	snprintf(p->realm, sizeof(p->realm), "%s", r.realm ? r.realm : "");
	conf.realm = p->realm[0] ? p->realm : NULL;
	return ua_start(&conf, &p->ua, err);
}

static enum err_code show(struct process *p, struct err *err)
{
	struct handset *copy = handset_clone(p->hs, err), *old;

	if (copy == NULL)
		return ERR_NOMEM;
	pthread_mutex_lock(&p->lock);
	old = p->shown;
	p->shown = copy;
	pthread_mutex_unlock(&p->lock);
	handset_free(old);
	return ERR_OK;
}

static void forget_lines(struct process *p)
{
	unsigned slot;

	for (slot = 1; p->ua && slot <= UA_LINES_MAX; slot++)
		ua_clear_line(p->ua, slot);
}

static void pull(struct process *p)
{
	struct err err = { 0 };
	unsigned served;
	enum err_code rc;

	p->due_ms = NEVER;
	if (p->restarts)
		forget_lines(p);
	p->restarts = false;
	rc = phone_pull_run(p->pull, p->hs, &err);
	served = phone_say_pulled(p->hs, p->why);
	if (rc == ERR_OK)
		rc = phone_flash_save(p->setup.flash, p->hs, &err);
	if (rc == ERR_OK)
		rc = show(p, &err);
	if (rc == ERR_OK && p->ua == NULL)
		rc = start_ua(p, &err);
	if (rc == ERR_OK)
		rc = phone_lines_apply(p->ua, p->hs, &err);
	if (rc)
		phone_say_broken(&err);
	phone_say_face(p->hs);
	if (served == 0)
		pull_in(p, PULL_AGAIN_MS, "again");
}

/* ---- what it is told by its surroundings ---- */

static enum err_code set_up(struct process *p, const json_t *line, struct err *err)
{
	enum err_code rc = phone_setup_read(line, &p->arena, &p->setup, err);
	struct handset_model model;
	char *profiles;

	if (rc)
		return rc;
	profiles = arena_printf(&p->arena, "%s/firmware-profiles", p->setup.share);
	p->catalog = profiles ? catalog_open(profiles, err) : NULL;
	if (p->catalog == NULL)
		return ERR_INPUT;
	p->profile = catalog_find(p->catalog, p->setup.model);
	if (p->profile == NULL || !handset_model_of(p->profile, &model))
		return err_set(err, ERR_INPUT, "there is no model '%s' to simulate; phonecfg models lists them",
			p->setup.model);
	p->hs = handset_new(&model, &p->setup.mac, err);
	if (p->hs == NULL)
		return ERR_NOMEM;
	rc = phone_flash_load(p->setup.flash, p->hs, err);
	if (rc == ERR_OK)
		rc = phone_pull_new(&p->setup, p->profile, &p->pull, err);
	if (rc)
		return rc;
	phone_sip_agent(p->agent, p->profile);
	p->set_up = true;
	pull_in(p, 0, "power-on");
	return ERR_OK;
}

static enum err_code set_local(struct process *p, const json_t *line, struct err *err)
{
	const char *name, *value;
	enum err_code rc;
	int web = 0;

	if (json_unpack((json_t *)line, "{s:s s:s s?b}", "name", &name, "value", &value, "web", &web))
		return err_set(err, ERR_INPUT, "a local change needs name and value");
	rc = handset_set_local(p->hs, name, value, web, err);
	return rc ? rc : phone_flash_save(p->setup.flash, p->hs, err);
}

static enum err_code obey(struct process *p, const json_t *line, struct err *err)
{
	const char *what = json_string_value(json_object_get(line, "do"));

	if (what && strcmp(what, "setup") == 0 && !p->set_up)
		return set_up(p, line, err);
	if (what == NULL || !p->set_up)
		return err_set(err, ERR_INPUT, "a simulated phone wants its setup first");
	if (strcmp(what, "face") == 0)
		phone_say_face(p->hs);
	else if (strcmp(what, "local") == 0)
		return set_local(p, line, err);
	else if (strcmp(what, "pull") == 0)
		pull_in(p, 0, "by hand");
	else
		return err_set(err, ERR_INPUT, "a simulated phone does not know '%s'", what);
	return ERR_OK;
}

static void obey_text(struct process *p, struct slice text)
{
	struct err err = { 0 };
	json_error_t why;
	json_t *line = json_loadb(text.p, text.n, 0, &why);

	if (line == NULL)
		err_set(&err, ERR_INPUT, "not JSON: %s", why.text);
	if (line == NULL || obey(p, line, &err))
		phone_say_broken(&err);
	json_decref(line);
}

static void read_input(struct process *p)
{
	char chunk[4096];
	ssize_t n = read(STDIN_FILENO, chunk, sizeof(chunk));
	struct slice rest;
	struct buf left;

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		p->end = true;
		return;
	}
	buf_add(&p->input, chunk, (size_t)n);
	rest = buf_view(&p->input);
	while (rest.n && memchr(rest.p, '\n', rest.n))
		obey_text(p, slice_cut(&rest, '\n'));
	buf_init(&left, INPUT_MAX);
	buf_slice(&left, rest);
	p->end = p->input.failed || left.failed;
	buf_release(&p->input);
	p->input = left;
}

static void read_wake(struct process *p)
{
	char bytes[64];
	ssize_t n = read(p->wake[0], bytes, sizeof(bytes));

	(void)n;
	pthread_mutex_lock(&p->lock);
	p->restarts = p->asked == HANDSET_REBOOT;
	pthread_mutex_unlock(&p->lock);
	pull_in(p, AFTER_NOTIFY_MS, "told");
}

static void run(struct process *p, int signals)
{
	struct pollfd fds[] = { { STDIN_FILENO, POLLIN, 0 }, { p->wake[0], POLLIN, 0 }, { signals, POLLIN, 0 } };

	while (!p->end) {
		long long wait = p->due_ms == NEVER ? NEVER : p->due_ms - clock_steady_ms();

		poll(fds, sizeof(fds) / sizeof(*fds), p->due_ms == NEVER ? -1 : wait > 0 ? (int)wait : 0);
		if (fds[0].revents)
			read_input(p);
		if (fds[1].revents)
			read_wake(p);
		if (fds[2].revents)
			p->end = true;
		if (!p->end && p->due_ms != NEVER && clock_steady_ms() >= p->due_ms)
			pull(p);
	}
}

/* Signals are blocked before any thread starts, so that only the loop sees them. */
static int block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int demo_phone_main(void)
{
	struct process process = { .due_ms = NEVER, .wake = { -1, -1 } }, *p = &process;
	int signals = block_signals();

	if (signals < 0 || pipe2(p->wake, O_CLOEXEC | O_NONBLOCK) || curl_global_init(CURL_GLOBAL_DEFAULT)) {
		fprintf(stderr, "a simulated phone cannot start: %s\n", strerror(errno));
		return 1;
	}
	pthread_mutex_init(&p->lock, NULL);
	arena_init(&p->arena, 0);
	buf_init(&p->input, INPUT_MAX);
	run(p, signals);
	ua_stop(p->ua, true);
	phone_pull_free(p->pull);
	handset_free(p->hs);
	handset_free(p->shown);
	catalog_close(p->catalog);
	buf_release(&p->input);
	arena_release(&p->arena);
	curl_global_cleanup();
	close(p->wake[0]);
	close(p->wake[1]);
	close(signals);
	pthread_mutex_destroy(&p->lock);
	return 0;
}
