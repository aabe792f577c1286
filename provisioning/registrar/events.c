#include "provisioning/registrar/events.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "phonecfg/base/hex.h"
#include "phonecfg/base/mem.h"

enum { DATAGRAM_MAX = 8192, KEY_MIN = 16, KEY_MAX = 128 };

struct registrar_events {
	int fd, stop;
	pthread_t thread;
	char key[KEY_MAX + 1];
	struct secret secret;
	registration_fn *fn;
	void *arg;
	uint16_t port;
	atomic_ullong dropped;
};

/* One letter or digit at a time: nothing else can stand in Kamailio's configuration. */
static bool key_ok(struct slice k)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

	return k.n >= KEY_MIN && k.n <= KEY_MAX && strspn(k.p, allowed) >= k.n;
}

static void *listen_loop(void *arg)
{
	struct registrar_events *e = arg;
	struct pollfd p[2] = { { .fd = e->fd, .events = POLLIN }, { .fd = e->stop, .events = POLLIN } };
	struct registration_event ev;
	char data[DATAGRAM_MAX];

	for (;;) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			break;
		if (p[1].revents)
			break;
		ssize_t n = recv(e->fd, data, sizeof data, MSG_DONTWAIT);

		if (n < 0)
			continue;
		if (registration_parse((struct slice){ data, (size_t)n }, &e->secret, &ev))
			e->fn(&ev, e->arg);
		else
			atomic_fetch_add(&e->dropped, 1);
	}
	return NULL;
}

static enum err_code bind_socket(struct registrar_events *e, const char *address, uint16_t port, struct err *err)
{
	struct sockaddr_storage ss = { 0 };
	struct sockaddr_in *in = (struct sockaddr_in *)&ss;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&ss;
	socklen_t n = sizeof *in;

	if (inet_pton(AF_INET, address, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons(port);
	} else if (inet_pton(AF_INET6, address, &in6->sin6_addr) == 1) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(port);
		n = sizeof *in6;
	} else {
		return err_set(
			err, ERR_INPUT, "\"%s\" is no address to listen on for the registrar's events.", address);
	}
	e->fd = socket(ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (e->fd < 0 || bind(e->fd, (struct sockaddr *)&ss, n) != 0)
		return err_set(err, ERR_IO,
			"Cannot listen on UDP %s:%u for the registrar's events (%s); choose another port.", address,
			port, strerror(errno));
	n = sizeof ss;
	(void)getsockname(e->fd, (struct sockaddr *)&ss, &n);
	e->port = ntohs(ss.ss_family == AF_INET ? in->sin_port : in6->sin6_port);
	return ERR_OK;
}

enum err_code registrar_events_open(const char *address, uint16_t port, struct secret key, registration_fn *fn,
	void *arg, struct registrar_events **out, struct err *err)
{
	struct slice k = secret_reveal(&key);
	struct registrar_events *e;
	enum err_code rc;

	if (!key_ok(k))
		return err_set(err, ERR_INPUT, "The key for the registrar's events needs %d to %d letters or digits.",
			KEY_MIN, KEY_MAX);
	e = mem_zalloc(sizeof *e);
	if (!e)
		return err_set(err, ERR_NOMEM, "Out of memory while opening the registrar's events.");
	memcpy(e->key, k.p, k.n);
	e->secret = (struct secret){ e->key, k.n };
	e->fn = fn;
	e->arg = arg;
	e->fd = -1;
	e->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	rc = e->stop < 0 ? err_set(err, ERR_IO, "No eventfd (%s); raise the limit of open files.", strerror(errno))
			 : bind_socket(e, address, port, err);
	if (!rc && pthread_create(&e->thread, NULL, listen_loop, e) != 0)
		rc = err_set(err, ERR_IO, "No thread for the registrar's events; raise the limit of processes.");
	if (rc) {
		if (e->fd >= 0)
			close(e->fd);
		if (e->stop >= 0)
			close(e->stop);
		mem_free(e);
		return rc;
	}
	*out = e;
	return ERR_OK;
}

uint16_t registrar_events_port(const struct registrar_events *e)
{
	return e->port;
}

uint64_t registrar_events_dropped(const struct registrar_events *e)
{
	return atomic_load(&e->dropped);
}

void registrar_events_close(struct registrar_events *e)
{
	uint64_t one = 1;

	if (!e)
		return;
	(void)!write(e->stop, &one, sizeof one);
	(void)pthread_join(e->thread, NULL);
	close(e->fd);
	close(e->stop);
	explicit_bzero(e->key, sizeof e->key);
	mem_free(e);
}

/* ---- one datagram ---- */

enum field {
	MAGIC,
	KEY,
	KIND,
	REASON,
	REVISION,
	TIME,
	TRANSPORT,
	SOURCE,
	PORT,
	USER,
	DOMAIN,
	CONTACT,
	EXPIRES,
	CALL_ID,
	AGENT,
	FIELDS
};

/* "<null>" is what Kamailio writes for a header that is not there. Control characters become '?': these texts reach
 * logs and pages. Longer ones are cut. */
static bool from_hex(struct slice s, char *out, size_t size)
{
	size_t n = 0;

	out[0] = 0;
	if (s.n == 0 || slice_eq_str(s, "<null>"))
		return true;
	if (s.n % 2)
		return false;
	for (size_t i = 0; i < s.n; i += 2) {
		int hi = hex_digit(s.p[i]), lo = hex_digit(s.p[i + 1]), c = hi * 16 + lo;

		if (hi < 0 || lo < 0)
			return false;
		if (n + 1 < size)
			out[n++] = c < 0x20 || c == 0x7f ? '?' : (char)c;
	}
	out[n] = 0;
	return true;
}

static bool number(struct slice s, int64_t *out)
{
	int64_t v = 0;

	if (s.n == 0 || s.n > 18)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		v = v * 10 + (s.p[i] - '0');
	}
	*out = v;
	return true;
}

static bool word(struct slice s, char *out, size_t size)
{
	if (s.n == 0 || s.n >= size)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= 0x20 || s.p[i] >= 0x7f)
			return false;
	memcpy(out, s.p, s.n);
	out[s.n] = 0;
	return true;
}

/* Contact's own ";expires=" outranks the header (RFC 3261 §10.2.1.1). */
static int64_t asked_expires(const char *contact, const char *header)
{
	const char *close = strchr(contact, '>');
	const char *p = strcasestr(close ? close : contact, ";expires=");
	int64_t v;

	if (p) {
		p += strlen(";expires=");
		if (number((struct slice){ p, strspn(p, "0123456789") }, &v))
			return v;
	}
	return number(slice_trim(slice_str(header)), &v) ? v : -1;
}

/* "Name" <sip:…>;q=1, <sip:…> -> the first URI. */
static void bare_contact(char *contact)
{
	char *open = strchr(contact, '<'), *close = open ? strchr(open, '>') : NULL;
	size_t n;

	if (open && close) {
		n = (size_t)(close - open - 1);
		memmove(contact, open + 1, n);
		contact[n] = 0;
	} else if (!open) {
		contact[strcspn(contact, ";, \t")] = 0;
	}
}

static bool read_kind(struct slice s, enum registration_kind *out)
{
	static const char *const names[] = { "accepted", "removed", "refused" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (slice_eq_str(s, names[i])) {
			*out = (enum registration_kind)i;
			return true;
		}
	return false;
}

bool registration_parse(struct slice datagram, const struct secret *key, struct registration_event *out)
{
	struct slice f[FIELDS], rest = datagram;
	char expires[32];
	struct secret got;
	int64_t port;

	for (int i = 0; i < FIELDS; i++)
		f[i] = i == FIELDS - 1 ? rest : slice_cut(&rest, ' ');
	got = (struct secret){ f[KEY].p, f[KEY].n };
	if (!slice_eq_str(f[MAGIC], "rekey1") || !f[KEY].n || !secret_eq(&got, key))
		return false;
	memset(out, 0, sizeof *out);
	if (!read_kind(f[KIND], &out->kind) || !word(f[REASON], out->reason, sizeof out->reason) ||
		!number(f[REVISION], &out->revision) || !number(f[TIME], &out->time) ||
		!word(f[TRANSPORT], out->transport, sizeof out->transport) ||
		!word(f[SOURCE], out->source, sizeof out->source) || !number(f[PORT], &port) || port > 65535)
		return false;
	if (!from_hex(f[USER], out->user, sizeof out->user) || !from_hex(f[DOMAIN], out->domain, sizeof out->domain) ||
		!from_hex(f[CONTACT], out->contact, sizeof out->contact) ||
		!from_hex(f[EXPIRES], expires, sizeof expires) ||
		!from_hex(f[CALL_ID], out->call_id, sizeof out->call_id) ||
		!from_hex(f[AGENT], out->user_agent, sizeof out->user_agent) || !out->user[0] || !out->domain[0])
		return false;
	out->port = (uint16_t)port;
	out->expires_s = asked_expires(out->contact, expires);
	bare_contact(out->contact);
	return true;
}
