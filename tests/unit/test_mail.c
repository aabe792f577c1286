/* Mails: addresses, headers that nothing can break, bodies, letters, and what is made of a server's answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "phonecfg/base/mem.h"
#include "phonecfg/base/share.h"
#include "provisioning/mail/address.h"
#include "provisioning/mail/body.h"
#include "provisioning/mail/header.h"
#include "provisioning/mail/mail.h"
#include "provisioning/mail/message.h"

#define EIGHT "abcdefgh"
#define LETTERS_64 EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT

/* ---- addresses ---- */

static void test_addresses(void **state)
{
	static const char *const good[] = { "anna@example.com", "a@b", "a.b+c_d-e@x-y.example.co", "o'hara@example.com",
		"!#$%&*/=?^`{|}~@example.com", LETTERS_64 "@example.com",
		"anna@b\xc3\xbc"
		"cher.example",
		"\xe7\x94\xa8\xe6\x88\xb7@example.com", "anna@xn--bcher-kva.example", "a@0.1" };
	static const char *const bad[] = { "", "anna", "@example.com", "anna@", "a@b@c", "a b@example.com",
		"a@exa mple.com", ".a@example.com", "a.@example.com", "a..b@example.com", LETTERS_64 "x@example.com",
		"a@-b.com", "a@b-.com", "a@b..c", "a@.b", "a@b.", "a@" LETTERS_64 ".com", "a@b_c.com",
		"\"a b\"@example.com", "a@[127.0.0.1]", "a<b@example.com", "a@example.com>", "a@b.com,c@d.com",
		"a@b.com;c@d.com", "a@b.com\r\nRCPT TO:<x@y>", "a\n@b.com", "a\x01@b.com", "a\xff@b.com",
		"a\xe2\x80\xae@b.com", "a@b\xe2\x81\xa6.com", "a@b.com\xe2\x80\xa8", "a@\xe2\x98\x83\xef\xbf\xbd.com",
		"a@b\xef\xbc\x8f"
		"c.com" };
	char longest[400];
	struct arena a;
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (address_check("email-address", good[i], &err))
			fail_msg("%s", err.text);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (address_check("email-address", bad[i], &err) != ERR_INPUT)
			fail_msg("taken: %s", bad[i]);
		assert_non_null(strstr(err.text, "email-address"));
	}
	/* The whole: 254 bytes and no more. */
	memset(longest, 'a', sizeof(longest));
	memcpy(longest, "x@", 2);
	for (i = 50; i < 250; i += 50)
		longest[i] = '.';
	longest[ADDRESS_MAX] = '\0';
	assert_int_equal(address_check("x", longest, NULL), ERR_OK);
	longest[ADDRESS_MAX] = 'a';
	longest[ADDRESS_MAX + 1] = '\0';
	assert_int_equal(address_check("x", longest, NULL), ERR_INPUT);
	arena_init(&a, 0);
	assert_string_equal(address_wire(&a, "anna@example.com"), "anna@example.com");
	assert_string_equal(address_wire(&a, "\xc3\xa4nna@b\xc3\xbc"
					     "cher.example"),
		"\xc3\xa4nna@xn--bcher-kva.example");
	arena_release(&a);
	assert_string_equal(address_domain("anna@example.com"), "example.com");
}

/* ---- headers ---- */

/* Every line of a header fits, begins as a header does, and holds ASCII alone. */
static void check_lines(const struct buf *b, const char *name, size_t most)
{
	struct slice rest = buf_view(b), line;
	bool first = true;

	assert_true(rest.n >= 2 && memcmp(rest.p + rest.n - 2, "\r\n", 2) == 0);
	while (rest.n) {
		size_t i;

		line = slice_cut(&rest, '\n');
		assert_true(line.n > 0 && line.p[line.n - 1] == '\r');
		line.n--;
		if (line.n > most)
			fail_msg("%zu characters: %.*s", line.n, SLICE_ARG(line));
		if (first)
			assert_true(slice_starts(line, name));
		else
			assert_true(line.n > 1 && line.p[0] == ' ');
		for (i = 0; i < line.n; i++)
			assert_true(line.p[i] >= ' ' && line.p[i] < 0x7f);
		first = false;
	}
}

static const char *const hard[] = { "", "Anna Berg", "O\"Hara \\ Sons", "Anna\r\nBcc: all@example.com", "a\nb\rc\tc",
	"<img src=x onerror=alert(1)>",
	"\xd7\x90\xd7\xa0\xd7\x94 \xe2\x80\xae"
	"gpj.exe",
	"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80 Zo\xc3\xab",
	"=?UTF-8?Q?evil?=", LETTERS_64 LETTERS_64 LETTERS_64 LETTERS_64, LETTERS_64 " " LETTERS_64,
	"broken \xff\xc3\x28 text", "\xc2\x85next\xe2\x80\xa8line", "    blanks   everywhere   ", "a\0b" };

static void test_headers_bear_anything(void **state)
{
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 1 << 16);
	for (i = 0; i < sizeof(hard) / sizeof(hard[0]); i++) {
		buf_reset(&b);
		header_text(&b, "Subject", slice_str(hard[i]));
		check_lines(&b, "Subject: ", HEADER_LINE);
		buf_reset(&b);
		header_mailbox(&b, "To", hard[i], "anna@example.com");
		check_lines(&b, "To: ", HEADER_LINE);
		assert_non_null(strstr(b.data, "anna@example.com"));
		assert_null(strstr(b.data, "\nBcc"));
	}
	buf_release(&b);
}

static void test_headers_that_are_plain_stay_so(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	header_text(&b, "Subject", SLICE_LIT("Your extension 1001"));
	header_mailbox(&b, "To", "Anna \"A\" Berg", "anna@example.com");
	header_mailbox(&b, "From", NULL, "phones@example.com");
	header_mailbox(&b, "Reply-To", "Zo\xc3\xab", "zoe@example.com");
	header_text(&b, "Subject", SLICE_LIT("a\r\nEvil: b"));
	assert_string_equal(b.data, "Subject: Your extension 1001\r\n"
				    "To: \"Anna \\\"A\\\" Berg\" <anna@example.com>\r\n"
				    "From: phones@example.com\r\n"
				    "Reply-To: =?UTF-8?B?Wm/Dqw==?= <zoe@example.com>\r\n"
				    "Subject: a Evil: b\r\n");
	buf_release(&b);
}

/* The limit of plain values from both sides, and that of any. */
static void test_headers_at_their_limits(void **state)
{
	char text[HEADER_VALUE_MAX + 10];
	struct arena a;
	struct buf b;

	(void)state;
	arena_init(&a, 0);
	buf_init(&b, 1 << 16);
	memset(text, 'x', sizeof(text));
	header_text(&b, "S", (struct slice){ text, 60 });
	assert_int_equal(b.len, 3 + 60 + 2);
	buf_reset(&b);
	header_text(&b, "S", (struct slice){ text, 61 });
	assert_non_null(strstr(b.data, "=?UTF-8?B?"));
	check_lines(&b, "S: ", HEADER_LINE);
	assert_int_equal(strlen(header_tidy(&a, (struct slice){ text, HEADER_VALUE_MAX })), HEADER_VALUE_MAX);
	assert_int_equal(strlen(header_tidy(&a, (struct slice){ text, HEADER_VALUE_MAX + 1 })), HEADER_VALUE_MAX);
	/* A letter that does not fit whole is left out whole. */
	memcpy(text + HEADER_VALUE_MAX - 1, "\xc3\xab", 2);
	assert_int_equal(strlen(header_tidy(&a, (struct slice){ text, HEADER_VALUE_MAX + 1 })), HEADER_VALUE_MAX - 1);
	buf_release(&b);
	arena_release(&a);
}

/* ---- bodies ---- */

static void test_bodies(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "" },
		{ "Hello", "Hello\r\n" },
		{ "a\nb\r\nc\n", "a\r\nb\r\nc\r\n" },
		{ "\n\n", "\r\n\r\n" },
		{ "1=1", "1=3D1\r\n" },
		{ "end \nend\t\n", "end=20\r\nend=09\r\n" },
		{ "a\tb", "a\tb\r\n" },
		{ ".\n..a", "=2E\r\n=2E.a\r\n" },
		{ "From me\nFromage", "=46rom me\r\nFromage\r\n" },
		{ "\xc3\xa9", "=C3=A9\r\n" },
		{ "a\rb\r", "a\r\nb\r\n" },
		{ "a\r\r\nb", "a\r\n\r\nb\r\n" },
		{ "a\x01"
		  "b",
			"a=01b\r\n" },
	};
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 1 << 16);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&b);
		body_quoted(&b, slice_str(cases[i].text));
		assert_string_equal(buf_view(&b).p, cases[i].want);
	}
	buf_release(&b);
}

static void test_long_bodies_fold(void **state)
{
	char text[2000];
	struct slice rest;
	struct buf b;
	size_t i;

	(void)state;
	for (i = 0; i + 4 < sizeof(text); i += 4)
		memcpy(text + i, i % 3 ? "x.=F" : "\xc3\xa9. ", 4);
	text[i] = '\0';
	buf_init(&b, 1 << 16);
	body_quoted(&b, slice_str(text));
	rest = buf_view(&b);
	while (rest.n) {
		struct slice line = slice_cut(&rest, '\n');

		assert_true(line.n - 1 <= BODY_LINE);
		assert_true(line.n > 1 && line.p[0] != '.');
	}
	buf_release(&b);
}

static void test_message(void **state)
{
	const struct message m = { .from = "phones@example.com",
		.from_name = "Phones",
		.to = "anna@example.com",
		.to_name = "Anna\r\nX: y",
		.reply_to = "",
		.subject = "Hi",
		.text = "T",
		.html = "<p>H</p>",
		.id = "rekey.1.2",
		.date_ms = 1796063065149 };
	struct buf b;
	struct err err;

	(void)state;
	buf_init(&b, MESSAGE_MAX);
	assert_int_equal(message_build(&m, &b, &err), ERR_OK);
	assert_string_equal(b.data,
		"Date: Mon, 30 Nov 2026 18:24:25 +0000\r\n"
		"From: \"Phones\" <phones@example.com>\r\n"
		"To: \"Anna X: y\" <anna@example.com>\r\n"
		"Subject: Hi\r\n"
		"Message-ID: <rekey.1.2@example.com>\r\n"
		"Auto-Submitted: auto-generated\r\n"
		"MIME-Version: 1.0\r\n"
		"Content-Type: multipart/alternative;\r\n boundary=\"=_rekey.1.2\"\r\n\r\n"
		"--=_rekey.1.2\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nT\r\n"
		"--=_rekey.1.2\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
		"<p>H</p>\r\n--=_rekey.1.2--\r\n");
	buf_release(&b);
	buf_init(&b, 100);
	assert_int_equal(message_build(&m, &b, &err), ERR_LIMIT);
	buf_release(&b);
}

/* ---- letters ---- */

static void test_letters_that_come_with_the_program(void **state)
{
	char dir[600];
	struct letter_text source, out;
	struct letter *l;
	struct arena a;
	struct err err;
	unsigned i;

	(void)state;
	snprintf(dir, sizeof(dir), "%s/mail", share_templates_dir);
	arena_init(&a, 0);
	for (i = 0; i < LETTER_COUNT; i++) {
		enum letter_kind kind;

		assert_true(letter_read(letter_word((enum letter_kind)i), &kind));
		assert_int_equal(kind, i);
		if (letter_load(dir, kind, &a, &source, &err) || letter_check(kind, &source, &err) ||
			letter_compile(kind, &source, &l, &err) || letter_render(l, &letter_sample, &a, &out, &err))
			fail_msg("%s", err.text);
		assert_non_null(strstr(out.text, "1001@example.com"));
		assert_non_null(strstr(out.text, "48 hours"));
		assert_non_null(strstr(out.text, "Example & Sons"));
		assert_non_null(strstr(out.html, "Example &amp; Sons"));
		assert_non_null(strstr(out.subject, "1001"));
		letter_free(l);
	}
	assert_false(letter_read("farewell", &(enum letter_kind){ LETTER_WELCOME }));
	assert_int_equal(letter_load("/nowhere", LETTER_WELCOME, &a, &source, &err), ERR_IO);
	arena_release(&a);
}

static void test_letters_that_would_not_do(void **state)
{
	static const struct {
		struct letter_text source;
		const char *says;
	} cases[] = {
		{ { "S", "{{link}}", "no link" }, "html does not show the link" },
		{ { "S", "no link", "{{link}}" }, "text does not show the link" },
		{ { "", "{{link}}", "{{link}}" }, "subject is empty" },
		{ { "a\nb", "{{link}}", "{{link}}" }, "one line" },
		{ { "S", "{{link}}\n{{passwort}}", "{{link}}" }, "welcome.text:2:1: unknown name 'passwort'" },
		{ { "S", "{{link}}", "{{link}} {{{name}}}" }, "welcome.html:1:10" },
		{ { "S", "{{link}}", "{{&link}}" }, "welcome.html:1:1" },
		{ { "{{#name}}", "{{link}}", "{{link}}" }, "welcome.subject:1:1" },
		{ { "S", "{{link}}{{> other}}", "{{link}}" }, "welcome.text:1:9" },
		{ { "S", "{{link}}\x01", "{{link}}" }, "control character" },
		{ { "S", "{{link}}", "{{link}}\xff" }, "no UTF-8" },
	};
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (letter_check(LETTER_WELCOME, &cases[i].source, &err) == ERR_OK)
			fail_msg("taken: case %zu", i);
		if (strstr(err.text, cases[i].says) == NULL)
			fail_msg("case %zu: %s", i, err.text);
	}
}

static void test_letter_limits(void **state)
{
	char *text = calloc(1, LETTER_PART_MAX + 2), subject[LETTER_SUBJECT_MAX + 2] = { 0 };
	struct letter_text source = { subject, text, "{{link}}" };
	struct err err;

	(void)state;
	memset(subject, 's', LETTER_SUBJECT_MAX);
	memset(text, 'x', LETTER_PART_MAX);
	memcpy(text, "{{link}}", 8);
	assert_int_equal(letter_check(LETTER_WELCOME, &source, &err), ERR_OK);
	text[LETTER_PART_MAX] = 'x';
	assert_int_equal(letter_check(LETTER_WELCOME, &source, &err), ERR_LIMIT);
	text[LETTER_PART_MAX] = '\0';
	subject[LETTER_SUBJECT_MAX] = 's';
	assert_int_equal(letter_check(LETTER_WELCOME, &source, &err), ERR_LIMIT);
	free(text);
}

/* A name is text in HTML, and one line in a subject. */
static void test_letters_escape(void **state)
{
	static const struct letter_text source = { "For {{name}}", "{{name}} {{link}}",
		"<p title='{{name}}'>{{name}} {{link}}" };
	struct letter_data data = letter_sample;
	struct letter_text out;
	struct letter *l;
	struct arena a;
	struct err err;

	(void)state;
	arena_init(&a, 0);
	data.name = "<img src=x onerror='alert(1)'>\r\nBcc: x";
	assert_int_equal(letter_compile(LETTER_WELCOME, &source, &l, &err), ERR_OK);
	assert_int_equal(letter_render(l, &data, &a, &out, &err), ERR_OK);
	assert_string_equal(out.subject, "For <img src=x onerror='alert(1)'> Bcc: x");
	assert_null(strstr(out.html, "<img"));
	assert_null(strstr(out.html, "='alert"));
	assert_non_null(strstr(out.html, "&lt;img src=x onerror=&#39;alert(1)&#39;&gt;"));
	letter_free(l);
	arena_release(&a);
}

/* ---- verdicts ---- */

static void test_verdicts(void **state)
{
	static const struct {
		struct smtp_report r;
		enum verdict want;
		const char *says;
	} cases[] = {
		{ { FAULT_NONE, STAGE_DATA, 250, "" }, VERDICT_SENT, "took" },
		{ { FAULT_REPLY, STAGE_TO, 550, "5.1.1 no such user" }, VERDICT_NEVER,
			"550 for the recipient: 5.1.1 no such user" },
		{ { FAULT_REPLY, STAGE_TO, 451, "4.7.1 greylisted" }, VERDICT_LATER, "451 for the recipient: 4.7.1" },
		{ { FAULT_REPLY, STAGE_TO, 450, "" }, VERDICT_LATER, "450" },
		{ { FAULT_REPLY, STAGE_TO, 554, "" }, VERDICT_NEVER, "554" },
		{ { FAULT_REPLY, STAGE_DATA, 554, "spam" }, VERDICT_NEVER, "554 for the message: spam" },
		{ { FAULT_REPLY, STAGE_DATA, 452, "" }, VERDICT_LATER, "452 for the message" },
		{ { FAULT_REPLY, STAGE_FROM, 550, "sender" }, VERDICT_LATER, "550 for the sender's address: sender" },
		{ { FAULT_REPLY, STAGE_FROM, 451, "" }, VERDICT_LATER, "451" },
		{ { FAULT_REPLY, STAGE_TO, 421, "anna@example.com: bye" }, VERDICT_SERVER, "421 for the recipient" },
		{ { FAULT_REPLY, STAGE_TO, 530, "anna@example.com" }, VERDICT_SERVER, "530" },
		{ { FAULT_REPLY, STAGE_FROM, 535, "" }, VERDICT_SERVER, "535" },
		{ { FAULT_REPLY, STAGE_CONNECT, 554, "no mail from you" }, VERDICT_SERVER,
			"554 at the connection: no mail from you" },
		{ { FAULT_REPLY, STAGE_HELLO, 550, "" }, VERDICT_SERVER, "greeting" },
		{ { FAULT_RESOLVE, STAGE_CONNECT, 0, "" }, VERDICT_SERVER, "is not known" },
		{ { FAULT_CONNECT, STAGE_CONNECT, 0, "" }, VERDICT_SERVER, "does not answer" },
		{ { FAULT_BARRED, STAGE_CONNECT, 0, "" }, VERDICT_SERVER, "may send no mail" },
		{ { FAULT_NO_TLS, STAGE_HELLO, 250, "" }, VERDICT_SERVER, "offers no STARTTLS" },
		{ { FAULT_TLS, STAGE_STARTTLS, 220, "" }, VERDICT_SERVER, "no TLS connection" },
		{ { FAULT_CERT, STAGE_STARTTLS, 220, "expired" }, VERDICT_SERVER,
			"not trusted, or is another name's; correct the server's "
			"name, or set ca: expired" },
		{ { FAULT_LOGIN, STAGE_AUTH, 535, "" }, VERDICT_SERVER, "refuses the login" },
		{ { FAULT_NO_LOGIN, STAGE_TO, 550, "" }, VERDICT_SERVER, "offers no login" },
		{ { FAULT_TIMEOUT, STAGE_DATA, 354, "" }, VERDICT_SERVER, "too slow" },
		{ { FAULT_LOST, STAGE_DATA, 354, "" }, VERDICT_SERVER, "broke" },
		{ { FAULT_OTHER, STAGE_DATA, 0, "" }, VERDICT_SERVER, "failed" },
		{ { FAULT_STOPPED, STAGE_DATA, 354, "" }, VERDICT_STOPPED, "stopped" },
	};
	char text[VERDICT_TEXT_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (verdict_of(&cases[i].r) != cases[i].want)
			fail_msg("case %zu: %d", i, verdict_of(&cases[i].r));
		verdict_sentence(&cases[i].r, "mx.example.com:587", text);
		if (strstr(text, cases[i].says) == NULL || strstr(text, "mx.example.com:587") == NULL)
			fail_msg("case %zu: %s", i, text);
		/* What is shown beside everybody's mail names nobody. */
		if (cases[i].want == VERDICT_SERVER)
			assert_null(strstr(text, "anna@"));
	}
}

/* ---- what goes together, and lanes ---- */

static enum err_code open_with(const struct mail_conf *conf, struct mail **out, struct err *err)
{
	static char dir[600];
	struct mail_conf c = *conf;

	snprintf(dir, sizeof(dir), "%s/mail", share_templates_dir);
	c.letters = dir;
	return mail_open(&c, out, err);
}

static void test_settings_that_do_not_go_together(void **state)
{
	static const struct secret word = { "word", 4 };
	static const struct {
		struct mail_conf conf;
		const char *says;
	} cases[] = {
		{ { .host = "mx" }, "from is not" },
		{ { .host = "mx", .from = "nobody" }, "[mail] from" },
		{ { .host = "mx", .from = "a@b", .reply_to = "x y@z" }, "[mail] reply-to" },
		{ { .host = "mx", .from = "a@b", .tls = SMTP_PLAIN, .user = "u", .password = word }, "in the clear" },
		{ { .host = "mx", .from = "a@b", .user = "u" }, "password-file" },
	};
	struct mail *m = NULL;
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(open_with(&cases[i].conf, &m, &err), ERR_INPUT);
		if (strstr(err.text, cases[i].says) == NULL)
			fail_msg("case %zu: %s", i, err.text);
	}
	assert_int_equal(mail_open(&(struct mail_conf){ .letters = "/nowhere" }, &m, &err), ERR_IO);
	assert_int_equal(open_with(&(struct mail_conf){ .host = "" }, &m, &err), ERR_OK);
	assert_string_equal(mail_conf(m)->host, "");
	mail_close(m);
	mail_close(NULL);
	mail_stop(NULL);
}

static void test_lanes(void **state)
{
	const struct mail_conf conf = { .retry_ms = 100, .retry_most_ms = 1000, .lanes_max = 2 };
	struct mail *m;
	struct err err;
	int64_t i;

	(void)state;
	assert_int_equal(open_with(&conf, &m, &err), ERR_OK);
	assert_true(mail_lane_enter(m));
	assert_true(mail_lane_enter(m));
	assert_false(mail_lane_enter(m));
	mail_lane_leave(m);
	assert_true(mail_lane_enter(m));
	assert_int_equal(mail_lane_until(m, 7), 0);
	assert_int_equal(mail_lane_failed(m, 7, 5000), 5100);
	assert_int_equal(mail_lane_failed(m, 7, 5000), 5200);
	assert_int_equal(mail_lane_failed(m, 8, 5000), 5100);
	assert_int_equal(mail_lane_until(m, 7), 5200);
	for (i = 0; i < 70; i++)
		mail_lane_failed(m, 7, 5000);
	assert_int_equal(mail_lane_until(m, 7), 6000);
	mail_lane_works(m, 7);
	assert_int_equal(mail_lane_until(m, 7), 0);
	assert_int_equal(mail_lane_until(m, 8), 5100);
	for (i = 100; i < 400; i++) /* more than are remembered: those wait longest */
		mail_lane_failed(m, i, 5000);
	assert_int_equal(mail_lane_failed(m, 999, 5000), 6000);
	assert_int_equal(mail_pause_ms(m, 1), 100);
	assert_int_equal(mail_pause_ms(m, 4), 800);
	assert_int_equal(mail_pause_ms(m, 5), 1000);
	mail_close(m);
}

static void test_each_failing_allocation(void **state)
{
	struct mail *m = NULL;
	unsigned long n;
	struct err err;
	enum err_code code = ERR_NOMEM;

	(void)state;
	for (n = 1; n < 5000 && code; n += n < 60 ? 1 : 11) {
		mem_fail_from(n);
		code = open_with(&(struct mail_conf){ .host = "" }, &m, &err);
		mem_fail_from(0);
	}
	assert_int_equal(code, ERR_OK);
	assert_true(n > 40);
	mail_close(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_headers_bear_anything),
		cmocka_unit_test(test_headers_that_are_plain_stay_so),
		cmocka_unit_test(test_headers_at_their_limits),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_long_bodies_fold),
		cmocka_unit_test(test_message),
		cmocka_unit_test(test_letters_that_come_with_the_program),
		cmocka_unit_test(test_letters_that_would_not_do),
		cmocka_unit_test(test_letter_limits),
		cmocka_unit_test(test_letters_escape),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_settings_that_do_not_go_together),
		cmocka_unit_test(test_lanes),
		cmocka_unit_test(test_each_failing_allocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
