/* Bodies that go from memory into TLS. libmicrohttpd writes an answer's head alone, as of an empty answer; offsets in
 * its stream say which bytes that head is. It waits in the socketpair until it is there whole, and gets the body's
 * length. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "phonecfg/base/mem.h"
#include "provisioning/edge/loop.h"

static const char empty[] = "Content-Length: 0\r\n\r\n";
enum { EMPTY = sizeof(empty) - 1, LENGTH_MAX = 48 };

/* Where libmicrohttpd's stream has come to. */
static bool written(const struct conn *c, uint64_t *out)
{
	int waiting = 0;

	if (c->pair < 0 || ioctl(c->pair, FIONREAD, &waiting) != 0)
		return false;
	*out = c->pair_out + (uint64_t)waiting;
	return true;
}

bool body_add(struct conn *c, const struct http_body *b)
{
	struct following *f = c->state == CONN_OPEN ? mem_zalloc(sizeof(*f)) : NULL;

	if (f == NULL || !written(c, &f->head)) {
		mem_free(f);
		return false;
	}
	f->body = *b;
	f->left = b->bytes;
	*c->bodies_end = f;
	c->bodies_end = &f->next;
	return true;
}

static int length_line(const struct following *f, char out[LENGTH_MAX])
{
	return snprintf(out, LENGTH_MAX, "Content-Length: %" PRIu64 "\r\n\r\n", f->body.bytes);
}

/* Only the last one can be without its head: libmicrohttpd writes one answer after the other. */
void body_headed(struct conn *c)
{
	struct following *f = c->bodies;
	char line[LENGTH_MAX];

	while (f && f->at)
		f = f->next;
	if (f == NULL)
		return; /* the connection has ended meanwhile */
	if (!written(c, &f->at)) {
		conn_kill(c, true);
		return;
	}
	c->bodies_all += f->body.bytes + (uint64_t)length_line(f, line) - EMPTY;
	c->pair_can_read = true;
}

static void drop_first(struct conn *c)
{
	struct following *f = c->bodies;

	c->bodies = f->next;
	if (c->bodies == NULL)
		c->bodies_end = &c->bodies;
	http_body_release(&f->body);
	mem_free(f);
}

void bodies_free(struct conn *c)
{
	while (c->bodies)
		drop_first(c);
}

size_t body_before(const struct conn *c)
{
	if (c->bodies == NULL || c->bodies->head - c->pair_out > EDGE_PIECE)
		return EDGE_PIECE;
	return c->bodies->head - c->pair_out;
}

bool head_due(const struct conn *c)
{
	return c->bodies && c->bodies->at && c->bodies->head == c->pair_out;
}

bool body_due(const struct conn *c)
{
	return c->bodies && c->bodies->at == c->pair_out;
}

static size_t copy(const struct following *f, char *out, size_t max)
{
	size_t done = 0, piece = f->piece, off = f->off;

	while (done < max && piece < f->body.n) {
		struct slice s = http_body_piece(&f->body, piece);
		size_t n = s.n - off < max - done ? s.n - off : max - done;

		memcpy(out + done, s.p + off, n);
		done += n;
		off += n;
		if (off == s.n) {
			piece++;
			off = 0;
		}
	}
	return done;
}

size_t head_take(struct conn *c, char *buf)
{
	struct following *f = c->bodies;
	size_t n = f->at - f->head, body;

	if (n < EMPTY || n + LENGTH_MAX > EDGE_PIECE || recv(c->pair, buf, n, MSG_DONTWAIT) != (ssize_t)n ||
		memcmp(buf + n - EMPTY, empty, EMPTY) != 0)
		return 0;
	n += (size_t)length_line(f, buf + n - EMPTY) - EMPTY;
	c->pair_out = f->at;
	c->plain_out += n;
	body = copy(f, buf + n, EDGE_PIECE - n);
	body_gone(c, body);
	return n + body;
}

struct slice body_next(const struct conn *c, char *buf)
{
	const struct following *f = c->bodies;
	struct slice s = http_body_piece(&f->body, f->piece);

	s = (struct slice){ s.p + f->off, s.n - f->off };
	if (s.n >= EDGE_PIECE || s.n == f->left)
		return (struct slice){ s.p, s.n < EDGE_PIECE ? s.n : EDGE_PIECE };
	return (struct slice){ buf, copy(f, buf, EDGE_PIECE) };
}

void body_gone(struct conn *c, size_t n)
{
	struct following *f = c->bodies;

	f->left -= n;
	c->plain_out += n;
	for (n += f->off; f->piece < f->body.n && n >= http_body_piece(&f->body, f->piece).n; f->piece++)
		n -= http_body_piece(&f->body, f->piece).n;
	f->off = n;
	if (f->left == 0)
		drop_first(c);
}
