/* A mail of any names, subject and text: its header stays as it is, its lines are short and ASCII, and its body decodes
 * to what was given. The input: subject, name, address, text, HTML, with 0xff between them. */
#include <stdint.h>
#include <string.h>

#include "provisioning/mail/address.h"
#include "provisioning/mail/body.h"
#include "provisioning/mail/header.h"
#include "provisioning/mail/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXTS = 5 };

static void must(bool good)
{
	if (!good)
		__builtin_trap();
}

/* Returns how many lines begin a field. */
static size_t check_lines(struct slice s, size_t most)
{
	size_t fields = 0, i;

	while (s.n) {
		struct slice line = slice_cut(&s, '\n');

		must(line.n > 0 && line.p[line.n - 1] == '\r');
		line.n--;
		must(line.n <= most);
		for (i = 0; i < line.n; i++)
			must((line.p[i] >= ' ' && line.p[i] <= '~') || line.p[i] == '\t');
		fields += line.n && line.p[0] != ' ' && line.p[0] != '\t';
	}
	return fields;
}

static int digit(char c)
{
	return c >= 'A' ? c - 'A' + 10 : c - '0';
}

/* What a reader makes of quoted-printable; CRLF becomes a line end. */
static void decode(struct slice s, struct buf *out)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '=' && s.p[i + 1] == '\r') {
			i += 2;
		} else if (s.p[i] == '=') {
			buf_char(out, (char)(digit(s.p[i + 1]) << 4 | digit(s.p[i + 2])));
			i += 2;
		} else if (s.p[i] != '\r') {
			buf_char(out, s.p[i]);
		}
	}
}

static void check_body(const char *text)
{
	struct slice rest = slice_str(text);
	struct buf quoted, plain, want;
	size_t i;

	buf_init(&quoted, 1 << 22);
	buf_init(&plain, 1 << 22);
	buf_init(&want, 1 << 22);
	body_quoted(&quoted, rest);
	check_lines(buf_view(&quoted), BODY_LINE);
	decode(buf_view(&quoted), &plain);
	for (i = 0; i < rest.n; i++)
		if (rest.p[i] != '\n' || i == 0 || rest.p[i - 1] != '\r')
			buf_char(&want, rest.p[i] == '\r' ? '\n' : rest.p[i]);
	if (want.len && want.data[want.len - 1] != '\n')
		buf_char(&want, '\n');
	must(slice_eq(buf_view(&plain), buf_view(&want)));
	buf_release(&quoted);
	buf_release(&plain);
	buf_release(&want);
}

static void check_header(const char *subject, const char *name, const char *address)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	header_text(&b, "Subject", slice_str(subject));
	must(check_lines(buf_view(&b), HEADER_LINE) == 1);
	buf_reset(&b);
	header_mailbox(&b, "To", name, address);
	must(check_lines(buf_view(&b), ADDRESS_MAX + 10) == 1);
	must(slice_find(buf_view(&b), slice_str(address)) >= 0);
	buf_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct message m = { .from = "a@b.c", .from_name = "", .reply_to = "", .id = "id.1" };
	const char *text[TEXTS] = { "", "", "", "", "" }, *wire;
	struct slice rest = { (const char *)data, size };
	struct arena a;
	struct buf out;
	struct err err;
	size_t i;

	arena_init(&a, 0);
	for (i = 0; i < TEXTS && rest.n; i++)
		text[i] = arena_slice(&a, slice_cut(&rest, '\xff'));
	wire = address_check("x", text[2], &err) == ERR_OK ? address_wire(&a, text[2]) : NULL;
	for (i = 0; wire && wire[i]; i++)
		if ((unsigned char)wire[i] >= 0x80)
			wire = NULL; /* needs SMTPUTF8 */
	m.to = wire ? wire : "x@y.z";
	check_header(text[0], text[1], m.to);
	check_body(text[3]);
	m.subject = text[0];
	m.to_name = text[1];
	m.text = text[3];
	m.html = text[4];
	buf_init(&out, MESSAGE_MAX);
	if (message_build(&m, &out, &err) == ERR_OK)
		check_lines(buf_view(&out), ADDRESS_MAX + 10);
	buf_release(&out);
	arena_release(&a);
	return 0;
}
