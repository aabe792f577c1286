#include "provisioning/demo/fleet.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SAID_MAX = 1024 * 1024, LEAVE_MS = 4000, GONE_MS = 100 };

enum err_code fleet_open(struct fleet *f, struct stage *stage, struct err *err)
{
	const uint16_t ports[GATEWAY_PORTS] = { stage->phones_port, stage->sip_port };
	const char *dir = stage_path(stage, "phones");

	*f = (struct fleet){ .stage = stage };
	if (dir == NULL || mkdir(dir, 0700))
		return err_set(err, ERR_IO, "cannot make the folder of the simulated phones: %s", strerror(errno));
	return gateway_open(ports, &f->gateway, err);
}

struct fleet_phone *fleet_add(struct fleet *f, const struct fleet_order *order, const char *url)
{
	struct fleet_phone *p;

	if (f->n == FLEET_MAX)
		return NULL;
	p = &f->phones[f->n++];
	*p = (struct fleet_phone){
		.order = *order, .log = -1, .url = arena_strdup(&f->stage->arena, url), .proc = { .in = -1, .out = -1 }
	};
	buf_init(&p->said, SAID_MAX);
	return p;
}

static const char *flash_path(const struct fleet *f, const struct fleet_phone *p)
{
	return arena_printf(&f->stage->arena, "%s/phones/%s.flash", f->stage->dir, p->order.mac);
}

static enum err_code send_setup(struct fleet *f, struct fleet_phone *p, struct err *err)
{
	json_t *setup = json_pack("{s:s s:s s:s s:s s:s s:s s:s s:s s:b}", "do", "setup", "model", p->order.model,
		"mac", p->order.mac, "url", p->url, "ca", f->stage->ca, "address",
		p->order.behind_nat ? GATEWAY_PHONE_ADDRESS : "127.0.0.1", "share", f->stage->settings.share, "flash",
		flash_path(f, p), "refuses", p->order.refuses);
	bool bad = setup == NULL || json_dumpfd(setup, p->proc.in, JSON_COMPACT) || write(p->proc.in, "\n", 1) != 1;

	json_decref(setup);
	return bad ? err_set(err, ERR_IO, "the simulated phone %s does not listen", p->order.mac) : ERR_OK;
}

static enum err_code start(struct fleet *f, struct fleet_phone *p, struct err *err)
{
	char *argv[] = { (char *)f->stage->exe, (char *)"handset", NULL };
	char name[64];
	struct proc_spec spec = { .name = name,
		.argv = argv,
		.log = arena_printf(&f->stage->arena, "%s/phones/%s.log", f->stage->dir, p->order.mac),
		.pipe_in = true,
		.pipe_out = true };
	enum err_code rc;

	snprintf(name, sizeof(name), "phone %s", p->order.mac);
	if (p->order.behind_nat) {
		spec.prepare = gateway_enter;
		spec.arg = f->gateway;
	}
	if (p->log < 0 && spec.log)
		p->log = open(spec.log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	rc = proc_start(&spec, &p->proc, err);
	return rc || !p->order.behind_nat ? rc : gateway_serve(f->gateway, err);
}

enum err_code fleet_on(struct fleet *f, struct fleet_phone *p, struct err *err)
{
	enum err_code rc;

	memset(p->status, 0, sizeof(p->status));
	buf_reset(&p->said);
	rc = start(f, p, err);
	if (rc == ERR_UNSUPPORTED) {
		/* Containers often may not make a network. The rest of the story does not hang on it. */
		proc_stop(&p->proc, LEAVE_MS);
		f->no_namespace = true;
		p->order.behind_nat = false;
		rc = start(f, p, err);
	}
	if (rc == ERR_OK)
		rc = send_setup(f, p, err);
	if (rc == ERR_OK)
		p->boots++;
	return rc;
}

static void gone(struct fleet_phone *p)
{
	json_decref(p->face);
	p->face = NULL;
	memset(p->status, 0, sizeof(p->status));
}

void fleet_power_cut(struct fleet_phone *p)
{
	proc_kill(&p->proc);
	gone(p);
}

void fleet_poll(struct fleet_phone *p)
{
	static const char line[] = "{\"do\":\"pull\"}\n";

	if (write(p->proc.in, line, sizeof(line) - 1) < 0)
		snprintf(p->broken, sizeof(p->broken), "it takes no order: %s", strerror(errno));
}

void fleet_quit(struct fleet_phone *p)
{
	proc_stop(&p->proc, LEAVE_MS);
	gone(p);
}

bool fleet_is_on(struct fleet_phone *p)
{
	return p->proc.pid && !proc_ended(&p->proc);
}

/* ---- what they say ---- */

static int number(const json_t *line, const char *name)
{
	return (int)json_integer_value(json_object_get(line, name));
}

/* That an old line has left may be said after the new one in its slot has registered: it says nothing about the slot.
 */
static void take_line(struct fleet_phone *p, const json_t *line)
{
	int slot = number(line, "slot");

	if (slot >= 1 && slot <= FLEET_SLOTS && !json_is_true(json_object_get(line, "leaves")))
		p->status[slot] = number(line, "status");
}

static void take_told(struct fleet_phone *p, const json_t *line)
{
	p->told++;
	p->told_status = number(line, "status");
	p->proved = json_is_true(json_object_get(line, "proved"));
}

static void take(struct fleet_phone *p, json_t *line)
{
	const char *is = json_string_value(json_object_get(line, "is"));

	if (is == NULL)
		return;
	if (strcmp(is, "line") == 0) {
		take_line(p, line);
	} else if (strcmp(is, "told") == 0) {
		take_told(p, line);
	} else if (strcmp(is, "pulled") == 0) {
		p->pulls++;
	} else if (strcmp(is, "face") == 0) {
		json_decref(p->face);
		p->face = json_incref(line);
	} else if (strcmp(is, "broken") == 0) {
		snprintf(p->broken, sizeof(p->broken), "%s", json_string_value(json_object_get(line, "why")));
	}
}

/* What it says stands in its log too, for people. */
static void note(const struct fleet_phone *p, struct slice line)
{
	if (p->log >= 0 && write(p->log, line.p, line.n + 1) < 0)
		return; /* a log that cannot be written stops nothing */
}

static void split(struct fleet_phone *p)
{
	struct slice rest = buf_view(&p->said);
	struct buf left;

	while (rest.n && memchr(rest.p, '\n', rest.n)) {
		struct slice one = slice_cut(&rest, '\n');
		json_t *line = json_loadb(one.p, one.n, 0, NULL);

		note(p, one);
		take(p, line);
		json_decref(line);
	}
	buf_init(&left, SAID_MAX);
	buf_slice(&left, rest);
	buf_release(&p->said);
	p->said = left;
}

static void hear(struct fleet_phone *p)
{
	char chunk[16 * 1024];
	ssize_t n = read(p->proc.out, chunk, sizeof(chunk));

	if (n > 0) {
		buf_add(&p->said, chunk, (size_t)n);
		split(p);
	} else if (n == 0 || errno != EINTR) {
		close(p->proc.out);
		p->proc.out = -1;
	}
}

void fleet_listen(struct fleet *f, unsigned ms)
{
	struct pollfd fds[FLEET_MAX];
	size_t i;

	for (i = 0; i < f->n; i++)
		fds[i] = (struct pollfd){ f->phones[i].proc.out, POLLIN, 0 };
	if (poll(fds, f->n, (int)ms) <= 0)
		return;
	for (i = 0; i < f->n; i++)
		if (f->phones[i].proc.out >= 0 && fds[i].revents)
			hear(&f->phones[i]);
}

/* ---- looking ---- */

static const char *of_line(const struct fleet_phone *p, unsigned slot, const char *field)
{
	const json_t *line;
	const char *s;
	size_t i;

	json_array_foreach (json_object_get(p->face, "lines"), i, line) {
		s = json_string_value(json_object_get(line, field));
		if ((unsigned)number(line, "slot") == slot && s)
			return s;
	}
	return "";
}

const char *fleet_line(const struct fleet_phone *p, unsigned slot)
{
	const char *label = of_line(p, slot, "label");

	return label[0] ? label : of_line(p, slot, "name");
}

const char *fleet_user(const struct fleet_phone *p, unsigned slot)
{
	return of_line(p, slot, "user");
}

struct fleet_phone *fleet_find(struct fleet *f, const char *mac)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		if (strcmp(f->phones[i].order.mac, mac) == 0)
			return &f->phones[i];
	return NULL;
}

enum err_code fleet_holds(const struct fleet *f, const struct fleet_phone *p, const char *text, char where[256],
	bool *out, struct err *err)
{
	const char *path = flash_path(f, p), *value;
	json_t *all = path ? json_load_file(path, 0, NULL) : NULL, *one;
	size_t i;

	*out = false;
	if (all == NULL)
		return err_set(err, ERR_IO, "cannot read the memory of the simulated phone %s", p->order.mac);
	json_array_foreach (all, i, one) {
		value = json_string_value(json_object_get(one, "value"));
		if (*out || value == NULL || strcasestr(value, text) == NULL)
			continue;
		*out = true;
		snprintf(where, 256, "%s (%s)", json_string_value(json_object_get(one, "name")),
			json_string_value(json_object_get(one, "layer")));
	}
	json_decref(all);
	return ERR_OK;
}

/* A flash file is never written in place, so that a second name keeps what it was. */
enum err_code fleet_keep(const struct fleet *f, struct err *err)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		const char *path = flash_path(f, &f->phones[i]);
		const char *kept =
			arena_printf(&f->stage->arena, "%s/phones/%s.before", f->stage->dir, f->phones[i].order.mac);

		if (path == NULL || kept == NULL || link(path, kept))
			return err_set(err, ERR_IO, "cannot keep the memory of the simulated phone %s: %s",
				f->phones[i].order.mac, strerror(errno));
	}
	return ERR_OK;
}

void fleet_close(struct fleet *f)
{
	size_t i;

	/* All at once, then each is waited for: taking leave of a registrar takes a moment. */
	for (i = 0; i < f->n; i++)
		if (f->phones[i].proc.in >= 0) {
			close(f->phones[i].proc.in);
			f->phones[i].proc.in = -1;
		}
	for (i = 0; i < f->n; i++) {
		if (!proc_wait(&f->phones[i].proc, LEAVE_MS))
			proc_stop(&f->phones[i].proc, GONE_MS);
		fleet_quit(&f->phones[i]);
		buf_release(&f->phones[i].said);
		if (f->phones[i].log >= 0)
			close(f->phones[i].log);
	}
	gateway_close(f->gateway);
	f->gateway = NULL;
}
