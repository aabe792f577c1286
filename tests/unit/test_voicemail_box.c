/* Messages and greetings on disk: numbers without gaps, ids that stay, Asterisk's locks honoured, nothing half done. */
#include "tests/unit/pace.h"
#include "tests/unit/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

#include "provisioning/conf/clock.h"
#include "provisioning/voicemail/tree.h"

#define BOX "example.test/1001"

static char *path(struct spool *s, const char *below)
{
	return arena_printf(&s->a, "%s/%s", s->root, below);
}

static enum err_code del(struct spool *s, enum folder f, const char *id)
{
	struct err err = { 0 };

	return box_delete(s->vm, &s->box, f, id, &err);
}

/* ---- looking ---- */

static void test_a_list_as_people_see_it(void **state)
{
	struct spool *s = *state;
	struct message *m;
	struct err err = { 0 };
	size_t n, total;

	spool_fill(s);
	/* Urgent ones are new, and come first, as app_voicemail counts and plays them. */
	assert_string_equal(spool_ids(s, FOLDER_NEW),
		"1795456600-00000005 1795456800-00000001 1795456801-00000002 1795456802-00000003");
	assert_string_equal(spool_ids(s, FOLDER_SAVED), "1795456700-00000004");
	assert_string_equal(spool_ids(s, FOLDER_TRASH), "");
	assert_int_equal(box_list(s->vm, &s->box, FOLDER_NEW, 1, 2, &s->a, &m, &n, &total, &err), ERR_OK);
	assert_int_equal(n, 2);
	assert_int_equal(total, 4);
	assert_string_equal(m[0].id, "1795456800-00000001");
	assert_int_equal(m[0].folder, FOLDER_NEW);
	assert_string_equal(m[0].envelope.caller_name, "Cal Ler");
	assert_string_equal(m[0].format->ext, "wav");
	assert_int_equal(m[0].size, 44 + 32000);
	assert_int_equal(m[0].length_ms, 2000);
	assert_int_equal(m[0].modified_s, 1795456800);
	assert_int_equal(box_list(s->vm, &s->box, FOLDER_NEW, 9, 0, &s->a, &m, &n, &total, &err), ERR_OK);
	assert_int_equal(n, 0);
	/* No lock is left behind, and nothing else. */
	assert_int_equal(spool_count(s, BOX "/INBOX"), 9);
	snprintf(s->box.name, sizeof(s->box.name), "4711");
	assert_string_equal(spool_ids(s, FOLDER_NEW), ""); /* a mailbox that nobody has called yet */
}

static void test_ids_that_would_be_ambiguous_are_made_of_the_file(void **state)
{
	struct spool *s = *state;
	struct message m;
	struct err err = { 0 };
	char *ids, *third;

	spool_message(s, "INBOX", 0, "same");
	spool_message(s, "INBOX", 1, "same");
	spool_message(s, "INBOX", 2, NULL);
	spool_message(s, "INBOX", 3, "../../etc/x");
	ids = spool_ids(s, FOLDER_NEW);
	assert_null(strstr(ids, "same"));
	assert_null(strstr(ids, "/"));
	third = strrchr(ids, ' ') + 1;
	assert_int_equal(box_find(s->vm, &s->box, FOLDER_NEW, third, &s->a, &m, &err), ERR_OK);
	assert_int_equal(m.number, 3);
	/* It stays when its number does not. */
	assert_int_equal(del(s, FOLDER_NEW, strtok_r(ids, " ", &ids)), ERR_OK);
	assert_int_equal(box_find(s->vm, &s->box, FOLDER_NEW, third, &s->a, &m, &err), ERR_OK);
	assert_int_equal(m.number, 2);
}

static void test_a_name_from_outside_is_compared_and_nothing_else(void **state)
{
	static const char *const names[] = { "msg0000", "msg0000.txt", "0", "", ".", "..", "../INBOX/msg0000",
		"1795456800", "1795456800-00000001.txt", "1795456800-00000001/", "1795456800-00000001.php",
		"1795456800-00000001.wav/../../secret.conf" };
	struct spool *s = *state;
	const struct sound_format *f;
	struct message m;
	struct stat st;
	struct err err;
	size_t i;
	int fd;

	spool_fill(s);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		err = (struct err){ 0 };
		assert_int_equal(box_find(s->vm, &s->box, FOLDER_NEW, names[i], &s->a, &m, &err), ERR_NOT_FOUND);
		assert_int_equal(del(s, FOLDER_NEW, names[i]), ERR_NOT_FOUND);
		assert_int_equal(box_sound(s->vm, &s->box, FOLDER_NEW, names[i], NULL, &s->a, &fd, &st, &f, &err),
			ERR_NOT_FOUND);
		assert_int_equal(fd, -1);
	}
	assert_int_equal(
		box_sound(s->vm, &s->box, FOLDER_NEW, "1795456800-00000001.wav", NULL, &s->a, &fd, &st, &f, &err),
		ERR_OK);
	assert_string_equal(f->ext, "wav");
	tree_close(&fd);
	assert_int_equal(
		box_sound(s->vm, &s->box, FOLDER_NEW, "1795456800-00000001", "gsm", &s->a, &fd, &st, &f, &err), ERR_OK);
	assert_string_equal(f->ext, "gsm");
	tree_close(&fd);
	assert_int_equal(box_sound(s->vm, &s->box, FOLDER_NEW, "1795456800-00000001", "txt", &s->a, &fd, &st, &f, &err),
		ERR_NOT_FOUND);
}

static void test_counts(void **state)
{
	struct spool *s = *state;
	struct box_counts c;
	struct err err = { 0 };

	assert_int_equal(box_count(s->vm, &s->box, &c, &err), ERR_OK);
	assert_int_equal(box_count_messages(&c), 0);
	spool_fill(s);
	spool_message(s, "Team Seven", 0, "t-1");
	spool_file(s, "x", BOX "/INBOX/notes.txt");
	spool_file(s, "x", BOX "/unavail.wav");
	assert_int_equal(box_count(s->vm, &s->box, &c, &err), ERR_OK);
	assert_int_equal(c.messages[FOLDER_NEW], 3);
	assert_int_equal(c.messages[FOLDER_URGENT], 1);
	assert_int_equal(c.messages[FOLDER_SAVED], 1);
	assert_int_equal(c.others, 1);
	assert_int_equal(box_count_messages(&c), 6);
	assert_int_equal(c.greetings, 2); /* two formats are one greeting */
	assert_int_equal(c.timeframes, 1);
	assert_true(c.recorded_name);
	assert_true(c.pin);
}

/* ---- deleting: the numbers close up as Asterisk's resequence does ---- */

static void test_numbers_stay_without_gaps(void **state)
{
	struct spool *s = *state;

	spool_fill(s);
	assert_int_equal(del(s, FOLDER_NEW, "1795456801-00000002"), ERR_OK);
	assert_true(spool_has(s, BOX "/INBOX/msg0000.txt"));
	assert_string_equal(spool_read(s, BOX "/INBOX/msg0001.gsm"), "1795456802-00000003");
	assert_true(spool_has(s, BOX "/INBOX/msg0001.wav"));
	assert_int_equal(spool_count(s, BOX "/INBOX"), 6);
	assert_int_equal(del(s, FOLDER_NEW, "1795456801-00000002"), ERR_NOT_FOUND);
	assert_int_equal(del(s, FOLDER_NEW, "1795456800-00000001"), ERR_OK);
	assert_int_equal(del(s, FOLDER_NEW, "1795456802-00000003"), ERR_OK);
	assert_int_equal(spool_count(s, BOX "/INBOX"), 0);
	assert_string_equal(
		spool_ids(s, FOLDER_NEW), "1795456600-00000005"); /* the urgent one has a folder of its own */
	assert_string_equal(spool_read(s, "example.test/1002/INBOX/msg0000.txt"), "another's");
}

static void test_everything_of_a_number_goes_with_it(void **state)
{
	struct spool *s = *state;

	spool_fill(s);
	spool_file(s, "x", BOX "/INBOX/msg0001-bak.txt");
	spool_file(s, "x", BOX "/INBOX/msg0001intro.gsm");
	spool_file(s, "x", BOX "/INBOX/msg0002.WAV");
	spool_dir(s, BOX "/INBOX/msg0007.txt");
	assert_int_equal(del(s, FOLDER_NEW, "1795456801-00000002"), ERR_OK);
	assert_true(spool_has(s, BOX "/INBOX/msg0001.WAV"));
	assert_true(spool_has(s, BOX "/INBOX/msg0007.txt")); /* a folder of that name is no message */
	assert_int_equal(spool_count(s, BOX "/INBOX"), 3 + 4 + 1);
}

/* A crash between any two steps: the next change mends the folder. */
static void test_a_renumbering_that_was_cut_off(void **state)
{
	unsigned long n;

	for (n = 1;; n += pace_step()) {
		struct spool *s;
		struct err err = { 0 };
		enum err_code code;
		char *ids;

		(void)state;
		spool_open((void **)&s);
		spool_message(s, "INBOX", 0, "a-0");
		spool_message(s, "INBOX", 1, "a-1");
		spool_message(s, "INBOX", 2, "a-2");
		spool_message(s, "INBOX", 3, "a-3");
		tree_fail_from(n, EIO, false);
		code = box_delete(s->vm, &s->box, FOLDER_NEW, "a-1", &err);
		tree_fail_from(0, 0, false);
		unlink(path(s, BOX "/INBOX/.lock"));
		if (code) {
			enum err_code again = del(s, FOLDER_NEW, "a-1");

			assert_true(again == ERR_OK || again == ERR_NOT_FOUND);
		}
		assert_int_equal(del(s, FOLDER_NEW, "a-3"), ERR_OK);
		ids = spool_ids(s, FOLDER_NEW);
		assert_string_equal(ids, "a-0 a-2");
		assert_string_equal(spool_read(s, BOX "/INBOX/msg0001.gsm"), "a-2");
		assert_non_null(strstr(spool_read(s, BOX "/INBOX/msg0001.txt"), "msg_id=a-2"));
		assert_true(spool_has(s, BOX "/INBOX/msg0001.wav"));
		unlink(path(s, BOX "/INBOX/.lock"));
		assert_true(spool_count(s, BOX "/INBOX") >= 6);
		spool_close((void **)&s);
		if (code == ERR_OK)
			break;
		assert_true(n < 500);
	}
	assert_true(n > 20);
}

/* ---- moving ---- */

static void test_moving_between_folders(void **state)
{
	struct spool *s = *state;
	struct err err = { 0 };

	spool_fill(s);
	assert_int_equal(box_move(s->vm, &s->box, FOLDER_NEW, "1795456801-00000002", FOLDER_SAVED, &err), ERR_OK);
	assert_string_equal(spool_ids(s, FOLDER_SAVED), "1795456700-00000004 1795456801-00000002");
	assert_true(spool_has(s, BOX "/Old/msg0001.wav"));
	assert_string_equal(spool_read(s, BOX "/INBOX/msg0001.gsm"), "1795456802-00000003");
	assert_int_equal(box_move(s->vm, &s->box, FOLDER_NEW, "1795456600-00000005", FOLDER_TRASH, &err), ERR_OK);
	assert_string_equal(spool_ids(s, FOLDER_TRASH), "1795456600-00000005"); /* that folder was made */
	assert_int_equal(box_move(s->vm, &s->box, FOLDER_TRASH, "1795456600-00000005", FOLDER_NEW, &err), ERR_OK);
	assert_int_equal(box_move(s->vm, &s->box, FOLDER_NEW, "1795456600-00000005", FOLDER_NEW, &err), ERR_OK);
	assert_int_equal(box_move(s->vm, &s->box, FOLDER_NEW, "1795456600-00000005", FOLDER_URGENT, &err), ERR_INPUT);
	assert_int_equal(box_move(s->vm, &s->box, FOLDER_NEW, "nothing", FOLDER_SAVED, &err), ERR_NOT_FOUND);
	assert_int_equal(spool_count(s, BOX "/INBOX"), 9);
}

/* Cut off between any two files: the same call again ends it, and no sound changes its message. */
static void test_a_move_that_was_cut_off(void **state)
{
	unsigned long n;

	(void)state;
	for (n = 1;; n += pace_step()) {
		struct spool *s;
		struct err err = { 0 };
		enum err_code code;

		spool_open((void **)&s);
		spool_message(s, "INBOX", 0, "a-0");
		spool_message(s, "INBOX", 1, "a-1");
		spool_message(s, "Old", 0, "o-0");
		tree_fail_from(n, EIO, false);
		code = box_move(s->vm, &s->box, FOLDER_NEW, "a-0", FOLDER_SAVED, &err);
		tree_fail_from(0, 0, false);
		unlink(path(s, BOX "/INBOX/.lock"));
		unlink(path(s, BOX "/Old/.lock"));
		if (code)
			box_move(s->vm, &s->box, FOLDER_NEW, "a-0", FOLDER_SAVED, &err);
		assert_string_equal(spool_ids(s, FOLDER_SAVED), "o-0 a-0");
		assert_string_equal(spool_read(s, BOX "/Old/msg0001.gsm"), "a-0");
		assert_true(spool_has(s, BOX "/Old/msg0001.wav"));
		del(s, FOLDER_NEW, "nothing");
		assert_string_equal(spool_ids(s, FOLDER_NEW), "a-1");
		spool_close((void **)&s);
		if (code == ERR_OK)
			break;
		assert_true(n < 500);
	}
	assert_true(n > 20);
}

static void test_a_full_folder_takes_no_more(void **state)
{
	struct spool *s = *state;
	struct err err = { 0 };
	unsigned i;

	spool_fill(s);
	for (i = 1; i < 20; i++)
		spool_message(s, "Old", i, arena_printf(&s->a, "o-%u", i));
	assert_int_equal(box_move(s->vm, &s->box, FOLDER_NEW, "1795456801-00000002", FOLDER_SAVED, &err), ERR_CONFLICT);
	assert_non_null(strstr(err.text, "full"));
	assert_int_equal(spool_count(s, BOX "/INBOX"), 9);
	assert_int_equal(del(s, FOLDER_SAVED, "o-7"), ERR_OK);
	assert_int_equal(box_move(s->vm, &s->box, FOLDER_NEW, "1795456801-00000002", FOLDER_SAVED, &err), ERR_OK);
	assert_true(spool_has(s, BOX "/Old/msg0019.txt"));
}

static void test_forwarding_is_a_copy_with_an_id_of_its_own(void **state)
{
	struct spool *s = *state;
	struct mailbox other = s->box;
	struct err err = { 0 };
	char *ids;

	spool_fill(s);
	snprintf(other.name, sizeof(other.name), "1003");
	assert_int_equal(box_forward(s->vm, &s->box, FOLDER_NEW, "1795456801-00000002", &other, &err), ERR_OK);
	assert_int_equal(box_forward(s->vm, &s->box, FOLDER_NEW, "1795456801-00000002", &other, &err), ERR_OK);
	assert_int_equal(box_forward(s->vm, &s->box, FOLDER_NEW, "1795456801-00000002", &s->box, &err), ERR_INPUT);
	assert_int_equal(spool_count(s, BOX "/INBOX"), 9);
	s->box = other;
	ids = spool_ids(s, FOLDER_NEW);
	assert_null(strstr(ids, "00000002"));
	assert_true(ids[0] != 'f' && strstr(ids, " f") == NULL); /* proper ids, no two the same */
	assert_string_equal(spool_read(s, "example.test/1003/INBOX/msg0001.gsm"), "1795456801-00000002");
	assert_non_null(strstr(spool_read(s, "example.test/1003/INBOX/msg0000.txt"), "callerid=\"Cal Ler\""));
	assert_int_equal(spool_count(s, "example.test/1003/INBOX"), 6);
}

static void test_a_forward_that_fails_leaves_nothing(void **state)
{
	struct spool *s = *state;
	struct mailbox other = s->box;
	unsigned long n;

	spool_fill(s);
	snprintf(other.name, sizeof(other.name), "1003");
	for (n = 1;; n += pace_step()) {
		struct err err = { 0 };
		enum err_code code;

		tree_fail_from(n, ENOSPC, true);
		code = box_forward(s->vm, &s->box, FOLDER_NEW, "1795456801-00000002", &other, &err);
		tree_fail_from(0, 0, false);
		if (code == ERR_OK)
			break;
		assert_int_equal(spool_count(s, "example.test/1003/INBOX"), 0);
		assert_true(n < 500);
	}
	assert_true(n > 20);
	assert_int_equal(spool_count(s, BOX "/INBOX"), 9);
}

/* ---- locks ---- */

static void test_a_folder_that_the_pbx_holds_is_waited_for(void **state)
{
	struct spool *s = *state;
	int64_t began;

	spool_fill(s);
	spool_file(s, "", BOX "/INBOX/.lock");
	began = clock_steady_ms();
	assert_int_equal(del(s, FOLDER_NEW, "1795456801-00000002"), ERR_BUSY);
	assert_true(clock_steady_ms() - began >= 190);
	assert_int_equal(spool_count(s, BOX "/INBOX"), 10); /* nothing changed, and no file of ours is left */
	assert_int_equal(unlink(path(s, BOX "/INBOX/.lock")), 0);
	assert_int_equal(del(s, FOLDER_NEW, "1795456801-00000002"), ERR_OK);
	assert_false(spool_has(s, BOX "/INBOX/.lock"));
}

static void *let_go(void *arg)
{
	const struct timespec a_while = { 0, 60000000 };

	nanosleep(&a_while, NULL);
	unlink(arg);
	return NULL;
}

static void test_a_lock_that_is_given_back_in_time(void **state)
{
	struct spool *s = *state;
	pthread_t t;

	spool_fill(s);
	s->vm->lock.wait_ms = 5000;
	spool_file(s, "", BOX "/INBOX/.lock");
	pthread_create(&t, NULL, let_go, path(s, BOX "/INBOX/.lock"));
	assert_int_equal(del(s, FOLDER_NEW, "1795456801-00000002"), ERR_OK);
	pthread_join(t, NULL);
}

static void test_an_old_lock_is_nobodys(void **state)
{
	struct spool *s = *state;

	spool_fill(s);
	spool_file(s, "", BOX "/INBOX/.lock");
	s->vm->lock.stale_s = 1;
	s->vm->lock.wait_ms = 6000; /* its change time cannot be set back: wait until it is that old */
	assert_int_equal(del(s, FOLDER_NEW, "1795456801-00000002"), ERR_OK);
	assert_false(spool_has(s, BOX "/INBOX/.lock"));
}

/* A process of ours that dies with the lock; its number may be another's by now. */
static void test_a_lock_of_a_rekeyd_that_died(void **state)
{
	struct spool *s = *state;
	size_t n;
	pid_t pid;
	int status;

	spool_fill(s);
	pid = fork();
	if (pid == 0) {
		struct mailbox_dir d;
		struct folder_lock l;
		int fd;

		if (mailbox_open(s->vm, &s->box, &d, NULL) || tree_dir(d.box, "INBOX", &fd, NULL) ||
			folder_lock(fd, &s->vm->lock, &l, NULL))
			_exit(1);
		_exit(0); /* and never unlocks */
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(spool_has(s, BOX "/INBOX/.lock"));
	spool_file(s, "", BOX "/Old/.lock");                    /* the PBX's */
	assert_int_equal(away_unlock(s->vm, &n, NULL), ERR_OK); /* at the next start */
	assert_int_equal(n, 1);
	assert_false(spool_has(s, BOX "/INBOX/.lock"));
	assert_true(spool_has(s, BOX "/Old/.lock"));
}

static void test_flock_mode(void **state)
{
	struct spool *s = *state;
	int fd;

	spool_fill(s);
	s->vm->lock.flock = true;
	assert_int_equal(del(s, FOLDER_NEW, "1795456801-00000002"), ERR_OK);
	assert_false(spool_has(s, BOX "/INBOX/lock")); /* it goes at the unlock, as Asterisk's */
	spool_file(s, "", BOX "/INBOX/lock");
	fd = open(path(s, BOX "/INBOX/lock"), O_WRONLY);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(del(s, FOLDER_NEW, "1795456802-00000003"), ERR_BUSY);
	close(fd);
	assert_int_equal(del(s, FOLDER_NEW, "1795456802-00000003"), ERR_OK);
	spool_link(s, "/etc/passwd", BOX "/INBOX/lock");
	assert_true(del(s, FOLDER_NEW, "1795456800-00000001") != ERR_OK);
	assert_true(spool_has(s, BOX "/INBOX/lock"));
}

/* Two of ours and a PBX at one folder: every message is deleted once, and no number is given twice. */
struct worker {
	struct spool *s;
	unsigned first;
	unsigned deleted;
};

static void *delete_some(void *arg)
{
	struct worker *w = arg;
	char id[16];
	unsigned i;

	for (i = w->first; i < 18; i += 2) {
		struct err err = { 0 };

		snprintf(id, sizeof(id), "c-%02u", i);
		w->deleted += box_delete(w->s->vm, &w->s->box, FOLDER_NEW, id, &err) == ERR_OK;
	}
	return NULL;
}

static void test_two_at_one_folder(void **state)
{
	struct spool *s = *state;
	struct worker w[2] = { { s, 0, 0 }, { s, 1, 0 } };
	pthread_t t[2];
	unsigned i;

	s->vm->lock.wait_ms = 20000;
	for (i = 0; i < 19; i++)
		spool_message(s, "INBOX", i, arena_printf(&s->a, "c-%02u", i));
	for (i = 0; i < 2; i++)
		pthread_create(&t[i], NULL, delete_some, &w[i]);
	for (i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(w[0].deleted + w[1].deleted, 18);
	assert_string_equal(spool_ids(s, FOLDER_NEW), "c-18");
	assert_string_equal(spool_read(s, BOX "/INBOX/msg0000.gsm"), "c-18");
	assert_int_equal(spool_count(s, BOX "/INBOX"), 3);
}

/* ---- greetings ---- */

static enum err_code put(struct spool *s, unsigned index, const char *frame, const char *script, unsigned *got)
{
	struct greeting_new g = { index, frame, script, spool_wav(s, 1, 8000, 16, 1, 4000) };
	struct err err = { 0 };

	return greeting_put(s->vm, &s->box, &g, got, &err);
}

static void test_greetings(void **state)
{
	struct spool *s = *state;
	struct greeting *g, one;
	struct err err = { 0 };
	unsigned index;
	size_t n;

	assert_int_equal(greeting_list(s->vm, &s->box, &s->a, &g, &n, &err), ERR_OK);
	assert_int_equal(n, 0);
	spool_fill(s);
	assert_int_equal(greeting_list(s->vm, &s->box, &s->a, &g, &n, &err), ERR_OK);
	assert_int_equal(n, 3);
	assert_int_equal(g[0].index, 1);
	assert_string_equal(g[0].kind, "unavail");
	assert_string_equal(g[1].kind, "greet");
	assert_string_equal(g[2].time_frame, "Lunch break");
	/* A new one takes the place of every format of the old one. */
	spool_file(s, "x", BOX "/unavail.tmp.wav");
	assert_int_equal(put(s, 1, NULL, "Nobody is in.", &index), ERR_OK);
	assert_false(spool_has(s, BOX "/unavail.gsm"));
	assert_false(spool_has(s, BOX "/unavail.tmp.wav"));
	assert_int_equal(greeting_find(s->vm, &s->box, 1, &s->a, &one, &err), ERR_OK);
	assert_string_equal(one.script, "Nobody is in.");
	assert_int_equal(one.length_ms, 500);
	assert_true(spool_has(s, BOX "/greet.gsm"));
	/* With a time frame: the next free number, and it stays. */
	assert_int_equal(put(s, 0, "After hours", NULL, &index), ERR_OK);
	assert_int_equal(index, 11);
	assert_int_equal(put(s, 0, "After hours", NULL, &index), ERR_CONFLICT);
	assert_int_equal(put(s, 11, NULL, NULL, &index), ERR_OK); /* keeps its time frame */
	assert_true(spool_has(s, BOX "/timeframes/11-After%%20hours.wav"));
	assert_int_equal(greeting_delete(s->vm, &s->box, 10, &err), ERR_OK);
	assert_int_equal(greeting_delete(s->vm, &s->box, 10, &err), ERR_NOT_FOUND);
	assert_int_equal(greeting_find(s->vm, &s->box, 11, &s->a, &one, &err), ERR_OK);
	assert_int_equal(greeting_delete(s->vm, &s->box, 1, &err), ERR_OK);
	assert_false(spool_has(s, BOX "/unavail.txt"));
	assert_int_equal(spool_count(s, BOX "/INBOX"), 9);
}

static void test_greetings_that_are_refused(void **state)
{
	static const unsigned numbers[] = { 5, 9, 100, 4711 };
	struct spool *s = *state;
	struct greeting_new g = { 1, NULL, NULL, { NULL, 0 } };
	struct err err = { 0 };
	char big[62] = "";
	unsigned index, i;

	for (i = 0; i < 4; i++)
		assert_int_equal(put(s, numbers[i], NULL, NULL, &index), ERR_INPUT);
	assert_int_equal(put(s, 1, "x", NULL, &index), ERR_INPUT);
	assert_int_equal(put(s, 12, NULL, NULL, &index), ERR_INPUT);
	assert_int_equal(put(s, 0, "", NULL, &index), ERR_INPUT);
	assert_int_equal(put(s, 0, "a\nb", NULL, &index), ERR_INPUT);
	memset(big, 'x', 61);
	assert_int_equal(put(s, 0, big, NULL, &index), ERR_INPUT);
	big[60] = '\0';
	assert_int_equal(put(s, 0, big, NULL, &index), ERR_OK);
	g.sound = SLICE_LIT("no sound");
	assert_int_equal(greeting_put(s->vm, &s->box, &g, &index, &err), ERR_INPUT);
	g.sound = spool_wav(s, 1, 8000, 16, 1, GREETING_BYTES_MAX / 2 - 21); /* one byte too many: two */
	assert_int_equal(greeting_put(s->vm, &s->box, &g, &index, &err), ERR_LIMIT);
	g.sound = spool_wav(s, 1, 8000, 16, 1, GREETING_BYTES_MAX / 2 - 22);
	assert_int_equal(greeting_put(s->vm, &s->box, &g, &index, &err), ERR_OK);
	for (i = 11; i <= TIMEFRAME_LAST; i++)
		assert_int_equal(put(s, 0, arena_printf(&s->a, "t%u", i), NULL, &index), ERR_OK);
	assert_int_equal(put(s, 0, "one more", NULL, &index), ERR_CONFLICT);
}

static void test_a_greeting_is_replaced_whole_or_not_at_all(void **state)
{
	struct spool *s = *state;
	unsigned long n;
	unsigned index;

	spool_fill(s);
	assert_int_equal(put(s, 1, NULL, NULL, &index), ERR_OK);
	for (n = 1;; n += pace_step()) {
		enum err_code code;
		struct stat st;

		tree_fail_from(n, ENOSPC, false);
		code = put(s, 1, NULL, "new", &index);
		tree_fail_from(0, 0, false);
		unlink(path(s, BOX "/timeframes/.lock"));
		assert_int_equal(stat(path(s, BOX "/unavail.wav"), &st), 0);
		assert_int_equal(st.st_size, 44 + 8000);
		if (code == ERR_OK)
			break;
		assert_true(n < 500);
	}
	assert_true(n > 20);
}

static void test_made_as_open_as_its_folder(void **state)
{
	struct spool *s = *state;
	struct stat st;
	unsigned index;

	spool_fill(s);
	assert_int_equal(chmod(path(s, BOX), 02770), 0);
	assert_int_equal(put(s, 2, NULL, NULL, &index), ERR_OK);
	assert_int_equal(stat(path(s, BOX "/busy.wav"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	assert_int_equal(box_move(s->vm, &s->box, FOLDER_NEW, "1795456801-00000002", FOLDER_WORK, NULL), ERR_OK);
	assert_int_equal(stat(path(s, BOX "/Work"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 02770);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, spool_open, spool_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_list_as_people_see_it),
		TEST(test_ids_that_would_be_ambiguous_are_made_of_the_file),
		TEST(test_a_name_from_outside_is_compared_and_nothing_else),
		TEST(test_counts),
		TEST(test_numbers_stay_without_gaps),
		TEST(test_everything_of_a_number_goes_with_it),
		cmocka_unit_test(test_a_renumbering_that_was_cut_off),
		TEST(test_moving_between_folders),
		cmocka_unit_test(test_a_move_that_was_cut_off),
		TEST(test_a_full_folder_takes_no_more),
		TEST(test_forwarding_is_a_copy_with_an_id_of_its_own),
		TEST(test_a_forward_that_fails_leaves_nothing),
		TEST(test_a_folder_that_the_pbx_holds_is_waited_for),
		TEST(test_a_lock_that_is_given_back_in_time),
		TEST(test_an_old_lock_is_nobodys),
		TEST(test_a_lock_of_a_rekeyd_that_died),
		TEST(test_flock_mode),
		TEST(test_two_at_one_folder),
		TEST(test_greetings),
		TEST(test_greetings_that_are_refused),
		TEST(test_a_greeting_is_replaced_whole_or_not_at_all),
		TEST(test_made_as_open_as_its_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
