/* What things are called: mailboxes, folders, files, time frames; what stands in an envelope; what a sound file is. */
#include "tests/unit/spool.h"

#include <stdio.h>
#include <string.h>

#include "phonecfg/base/mem.h"

/* ---- mailboxes ---- */

static void test_patterns(void **state)
{
	static const struct {
		const char *contexts, *mailboxes, *domain, *user, *want; /* want NULL: refused */
	} rows[] = {
		{ "{domain}", "{user}", "example.test", "1001", "example.test/1001" },
		{ "vm-{domain}", "9{user}", "a.test", "100", "vm-a.test/9100" },
		{ "a.test=default", "{user}", "a.test", "100", "default/100" },
		{ "  a.test=default   {domain} ", "{user}", "b.test", "100", "b.test/100" },
		{ "a.test=default", "{user}", "b.test", "100", NULL },
		{ "a.test=default {domain}", "{user}", "default", "100", NULL }, /* a.test's mailboxes */
		{ "{domain}", "{user}", "..", "100", NULL },
		{ "{domain}", "{user}", "a/b", "100", NULL },
		{ "{domain}", "{user}", ".rekey", "100", NULL },
		{ "{domain}", "{user}", "a.test", "../1", NULL },
		{ "{domain}", "{user}", "a.test", "", NULL },
		{ "{domain}", "{user}", "a.test", "1001\n", NULL },
		{ "{domain}", "{user}", "a.test",
			"12345678901234567890123456789012345678901234567890123456789012345678901234567890", NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct mailbox box;
		struct names *n;
		struct err err = { 0 };
		char got[200];
		enum err_code code;

		assert_int_equal(names_open(rows[i].contexts, rows[i].mailboxes, &n, &err), ERR_OK);
		code = names_mailbox(n, rows[i].domain, rows[i].user, &box, &err);
		if (rows[i].want) {
			assert_int_equal(code, ERR_OK);
			snprintf(got, sizeof(got), "%s/%s", box.context, box.name);
			assert_string_equal(got, rows[i].want);
		} else {
			assert_true(code == ERR_INPUT || code == ERR_UNSUPPORTED);
			assert_true(strlen(err.text) > 10);
		}
		names_close(n);
	}
}

static void test_patterns_that_would_share_mailboxes_are_refused(void **state)
{
	static const char *const contexts[] = { "default", "", "a=x b=x", "a=x a=y", "{domain} {domain}x", "a=", "=x",
		"a=b/c", "{domain}{domain}", "../{domain}", "a=.x" };
	static const char *const mailboxes[] = { "", "1001", "{user}{user}", "/{user}", "{user}/x", ".{user}" };
	struct names *n;
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(contexts) / sizeof(contexts[0]); i++) {
		err = (struct err){ 0 };
		assert_int_equal(names_open(contexts[i], "{user}", &n, &err), ERR_INPUT);
		assert_non_null(strstr(err.text, "[voicemail] context"));
	}
	for (i = 0; i < sizeof(mailboxes) / sizeof(mailboxes[0]); i++) {
		err = (struct err){ 0 };
		assert_int_equal(names_open("{domain}", mailboxes[i], &n, &err), ERR_INPUT);
		assert_non_null(strstr(err.text, "[voicemail] mailbox"));
	}
}

/* ---- folders and files ---- */

static void test_folders(void **state)
{
	static const char *const words[] = { "INBOX", "inbox", "Old", "", "new/", "../new", "tmp", "new " };
	enum folder f;
	unsigned i;

	(void)state;
	for (i = 0; i < FOLDER_COUNT; i++) {
		assert_true(folder_read(folder_word((enum folder)i), &f));
		assert_int_equal(f, i);
		assert_true(folder_is_dir(folder_dir((enum folder)i), &f));
		assert_int_equal(f, i);
	}
	assert_true(folder_read("save", &f));
	assert_int_equal(f, FOLDER_SAVED);
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		assert_false(folder_read(words[i], &f));
}

static void test_message_names(void **state)
{
	static const struct {
		const char *name;
		int number; /* -1: none */
		const char *rest;
	} rows[] = {
		{ "msg0000.txt", 0, ".txt" },
		{ "msg0042.WAV", 42, ".WAV" },
		{ "msg9999", 9999, "" },
		{ "msg0001-bak.txt", 1, "-bak.txt" },
		{ "msg0001intro.gsm", 1, "intro.gsm" },
		{ "msg00001.txt", -1, NULL },
		{ "msg001.txt", -1, NULL },
		{ "MSG0001.txt", -1, NULL },
		{ "msg", -1, NULL },
		{ "msg00", -1, NULL },
		{ "", -1, NULL },
		{ ".msg0001.txt", -1, NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *rest;
		unsigned number;

		assert_int_equal(message_name(rows[i].name, &number, &rest), rows[i].number >= 0);
		if (rows[i].number < 0)
			continue;
		assert_int_equal(number, rows[i].number);
		assert_string_equal(rest, rows[i].rest);
	}
}

static void test_greeting_names(void **state)
{
	static const char *const yes[] = { "unavail.wav", "unavail", "busy.gsm", "temp.tmp.wav", "greet-bak.wav" };
	static const char *const no[] = { "unavailable.wav", "tmp", "great.wav", "", "xunavail.wav", "greeting.wav" };
	enum greeting_kind k;
	const char *rest;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		assert_true(greeting_name(yes[i], &k, &rest));
	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		assert_false(greeting_name(no[i], &k, &rest));
}

static void test_time_frames_name_nothing_else(void **state)
{
	static const char *const frames[] = { "Lunch break", "*", "../../etc/passwd", ".", "..", "a/b", "a%2Fb",
		"\xc3\xa4\xc3\xb6", "x.wav", "10-x", "-", "CON" };
	struct arena a;
	size_t i;

	(void)state;
	arena_init(&a, 0);
	for (i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		char *stem = timeframe_stem(&a, 17, frames[i]), *back;
		const char *rest;
		unsigned index;

		assert_non_null(stem);
		assert_null(strpbrk(stem, "/.\\ "));
		assert_true(timeframe_name(&a, arena_printf(&a, "%s.wav", stem), &index, &back, &rest));
		assert_int_equal(index, 17);
		assert_string_equal(back, frames[i]);
		assert_string_equal(rest, ".wav");
	}
	{
		static const char *const no[] = { "09-x.wav", "1-x.wav", "100-x.wav", "10-.wav", "10-%2.wav",
			"10-%00x.wav", "10-%ff.wav", "10-a b.wav", "10_x.wav", "", "1", "10" };
		const char *rest;
		unsigned index;
		char *back;

		for (i = 0; i < sizeof(no) / sizeof(no[0]); i++)
			assert_false(timeframe_name(&a, no[i], &index, &back, &rest));
	}
	arena_release(&a);
}

/* ---- envelopes ---- */

static struct envelope parsed(struct arena *a, const char *text)
{
	struct envelope e;
	struct err err = { 0 };

	assert_int_equal(envelope_parse(slice_str(text), a, &e, &err), ERR_OK);
	return e;
}

static void test_an_envelope_as_asterisk_writes_it(void **state)
{
	struct envelope e;
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	e = parsed(&a, ";\n; Message Information file\n;\n[message]\norigmailbox=1001\ncontext=from-trunk\n"
		       "macrocontext=\nexten=1001\nrdnis=unknown\npriority=2\ncallerchan=PJSIP/trunk-0000000c\n"
		       "callerid=\"Anna Berg\" <+493012345>\norigdate=Mon Nov 23 06:00:00 PM UTC 2026\n"
		       "origtime=1795456800\ncategory=\nmsg_id=1795456800-00000001\nflag=Urgent\nduration=12\n");
	assert_string_equal(e.origmailbox, "1001");
	assert_string_equal(e.caller_name, "Anna Berg");
	assert_string_equal(e.caller_number, "+493012345");
	assert_string_equal(e.origdate, "Mon Nov 23 06:00:00 PM UTC 2026");
	assert_int_equal(e.origtime_s, 1795456800);
	assert_int_equal(e.duration_s, 12);
	assert_string_equal(e.msg_id, "1795456800-00000001");
	assert_string_equal(e.flag, "Urgent");
	arena_release(&a);
}

static void test_callers(void **state)
{
	static const struct {
		const char *line, *name, *number;
	} rows[] = {
		{ "callerid=\"A <B> C\" <12>", "\"A", "B> C\" <12" }, /* whatever it is, it stays in one piece each */
		{ "callerid=Bob <123>", "Bob", "123" },
		{ "callerid=+49123", "", "+49123" },
		{ "callerid=Unknown", "Unknown", "" },
		{ "callerid=<>", "", "" },
		{ "callerid=", "", "" },
		{ "callerid => \"X\" <1>", "X", "1" },
		{ "duration=5", "", "" },
	};
	struct arena a;
	size_t i;

	(void)state;
	arena_init(&a, 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct envelope e = parsed(&a, rows[i].line);

		assert_string_equal(e.caller_name, rows[i].name);
		assert_string_equal(e.caller_number, rows[i].number);
	}
	arena_release(&a);
}

static void test_what_callers_send_is_made_harmless(void **state)
{
	struct envelope e;
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	e = parsed(&a, "callerid=\"\xff\xfe"
		       "A\x01\x1b[31m\xc3\xa4\xed\xa0\x80\" <1>\nmsg_id=../../x\n");
	assert_string_equal(e.caller_name, "??A??[31m\xc3\xa4???");
	assert_false(envelope_id_fits(e.msg_id));
	/* The first counts: a later line cannot replace it. */
	e = parsed(&a, "msg_id=a-1\nduration=3\nmsg_id=b-2\nduration=9\n");
	assert_string_equal(e.msg_id, "a-1");
	assert_int_equal(e.duration_s, 3);
	e = parsed(&a, "origtime=99999999999999999999\nduration=-5\nduration=7\n");
	assert_int_equal(e.origtime_s, 0);
	assert_int_equal(e.duration_s, 0);
	e = parsed(&a, "");
	assert_string_equal(e.callerid, "");
	arena_release(&a);
}

static void test_ids(void **state)
{
	char long_id[80];

	(void)state;
	memset(long_id, 'a', sizeof(long_id));
	assert_true(envelope_id_fits("1795456800-0000000c"));
	assert_true(envelope_id_fits((long_id[64] = '\0', long_id)));
	assert_false(envelope_id_fits((long_id[64] = 'a', long_id[65] = '\0', long_id)));
	assert_false(envelope_id_fits(""));
	assert_false(envelope_id_fits(".."));
	assert_false(envelope_id_fits("a/b"));
	assert_false(envelope_id_fits("a b"));
}

static void test_memory_that_runs_out(void **state)
{
	unsigned long n;

	(void)state;
	for (n = 1; n < 50; n++) {
		struct envelope e;
		struct arena a;
		struct err err = { 0 };
		enum err_code code;

		arena_init(&a, 0);
		mem_fail_from(n);
		code = envelope_parse(SLICE_LIT("callerid=\"A\" <1>\nmsg_id=1\n"), &a, &e, &err);
		mem_fail_from(0);
		arena_release(&a);
		assert_true(code == ERR_OK || code == ERR_NOMEM);
		if (code == ERR_OK)
			return;
	}
	fail();
}

/* ---- sounds ---- */

static void test_what_a_sound_is(void **state)
{
	struct spool *s = *state;
	static const struct {
		unsigned tag, rate, bits, channels;
		const char *ext; /* NULL: refused */
	} rows[] = {
		{ 1, 8000, 16, 1, "wav" },
		{ 1, 16000, 16, 1, "wav16" },
		{ 0x31, 8000, 8, 1, "WAV" },
		{ 1, 44100, 16, 1, NULL },
		{ 1, 8000, 16, 2, NULL },
		{ 1, 8000, 8, 1, NULL },
		{ 7, 8000, 8, 1, NULL },
		{ 3, 8000, 32, 1, NULL },
	};
	struct slice wav;
	const char *ext;
	struct err err;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		wav = spool_wav(s, rows[i].tag, rows[i].rate, rows[i].bits, rows[i].channels, 800);
		err = (struct err){ 0 };
		if (rows[i].ext) {
			assert_int_equal(sound_sniff(wav, &ext, &err), ERR_OK);
			assert_string_equal(ext, rows[i].ext);
		} else {
			assert_int_equal(sound_sniff(wav, &ext, &err), ERR_INPUT);
			assert_non_null(strstr(err.text, "8000 Hz"));
		}
	}
	wav = spool_wav(s, 1, 8000, 16, 1, 0);
	assert_int_equal(sound_sniff(wav, &ext, &err), ERR_INPUT);
	assert_int_equal(sound_sniff(SLICE_LIT("MZ\x90 this is a program"), &ext, &err), ERR_INPUT);
	assert_int_equal(sound_sniff(SLICE_LIT("#!/bin/sh\nRIFF"), &ext, &err), ERR_INPUT);
	wav = spool_wav(s, 1, 8000, 16, 1, 800);
	for (i = 0; i < 44; i++) /* cut anywhere in its head: refused, and nothing is read beyond it */
		assert_int_equal(sound_sniff((struct slice){ wav.p, i }, &ext, &err), ERR_INPUT);
	wav = spool_wav(s, 1, 8000, 16, 1, 12000);
	assert_int_equal(sound_length_ms(sound_format("wav"), wav, wav.n), 1500);
	assert_int_equal(sound_length_ms(sound_format("gsm"), SLICE_LIT("x"), 3300), 2000);
	assert_int_equal(sound_length_ms(sound_format("ulaw"), SLICE_LIT("x"), 8000), 1000);
	assert_null(sound_format("txt"));
	assert_null(sound_format("php"));
	assert_ptr_not_equal(sound_format("wav"), sound_format("WAV"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_patterns_that_would_share_mailboxes_are_refused),
		cmocka_unit_test(test_folders),
		cmocka_unit_test(test_message_names),
		cmocka_unit_test(test_greeting_names),
		cmocka_unit_test(test_time_frames_name_nothing_else),
		cmocka_unit_test(test_an_envelope_as_asterisk_writes_it),
		cmocka_unit_test(test_callers),
		cmocka_unit_test(test_what_callers_send_is_made_harmless),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_memory_that_runs_out),
		cmocka_unit_test_setup_teardown(test_what_a_sound_is, spool_open, spool_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
