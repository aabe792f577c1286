/* A person's voicemail goes: whole or in parts, once, through every crash, and never a byte outside of it. */
#include "tests/unit/pace.h"
#include "tests/unit/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "phonecfg/base/mem.h"
#include "provisioning/voicemail/sync.h"
#include "provisioning/voicemail/tree.h"

#define BOX "example.test/1001"
enum { ALL = TAKE_MESSAGES | TAKE_GREETINGS | TAKE_PIN };

static enum err_code take(struct spool *s, int64_t sweep, unsigned what, struct err *err)
{
	*err = (struct err){ 0 };
	return away_take(s->vm, sweep, &s->box, what, err);
}

static void must_take(struct spool *s, int64_t sweep, unsigned what)
{
	struct err err;

	if (take(s, sweep, what, &err))
		fail_msg("%s", err.text);
}

static void must_delete(struct spool *s, int64_t sweep)
{
	struct err err = { 0 };

	if (away_delete(s->vm, sweep, "1001", NULL, &err))
		fail_msg("%s", err.text);
}

/* What lies beside the voicemail and must never change. */
static void outside(struct spool *s)
{
	spool_file(s, "precious", "../outside/INBOX/msg0000.txt");
	spool_file(s, "precious", "../outside/keep");
}

static void outside_is_whole(struct spool *s)
{
	assert_string_equal(spool_read(s, "../outside/INBOX/msg0000.txt"), "precious");
	assert_string_equal(spool_read(s, "../outside/keep"), "precious");
	assert_int_equal(spool_count(s, "../outside"), 2);
	assert_int_equal(spool_count(s, "../outside/INBOX"), 1);
}

static void other_is_whole(struct spool *s)
{
	assert_string_equal(spool_read(s, "example.test/1002/INBOX/msg0000.txt"), "another's");
}

/* ---- what goes ---- */

static void test_the_whole_mailbox(void **state)
{
	struct spool *s = *state;
	struct leftover *left;
	unsigned long files;
	struct err err = { 0 };
	size_t n;

	spool_fill(s);
	must_take(s, 7, ALL);
	assert_false(spool_has(s, BOX));
	assert_true(spool_has(s, ".rekey/7/1001/INBOX/msg0000.txt"));
	assert_int_equal(away_list(s->vm, &s->a, &left, &n, &err), ERR_OK);
	assert_int_equal(n, 1);
	assert_int_equal(left[0].sweep, 7);
	assert_string_equal(left[0].mailbox, "1001");
	assert_int_equal(away_delete(s->vm, 7, "1001", &files, &err), ERR_OK);
	assert_int_equal(files, 15 + 4); /* three files of five messages, three greetings, the PIN */
	assert_int_equal(spool_count(s, ".rekey"), 0);
	other_is_whole(s);
	must_delete(s, 7); /* safe to repeat */
	assert_int_equal(away_list(s->vm, &s->a, &left, &n, &err), ERR_OK);
	assert_int_equal(n, 0);
}

static void test_messages_alone(void **state)
{
	struct spool *s = *state;

	spool_fill(s);
	spool_message(s, "Team Seven", 0, "t-1");
	spool_file(s, "half a message", BOX "/tmp/Xy12ab.wav");
	spool_file(s, "x", BOX "/notes");
	must_take(s, 7, TAKE_MESSAGES);
	must_delete(s, 7);
	assert_int_equal(spool_count(s, BOX), 5); /* two greetings, time frames, the PIN, the PBX's notes */
	assert_true(spool_has(s, BOX "/timeframes/10-Lunch%%20break.gsm"));
	assert_true(spool_has(s, BOX "/secret.conf"));
	assert_false(spool_has(s, BOX "/tmp")); /* a recording that is being made is the old person's */
	other_is_whole(s);
}

static void test_greetings_alone(void **state)
{
	struct spool *s = *state;

	spool_fill(s);
	spool_file(s, "x", BOX "/unavail.tmp.wav");
	spool_dir(s, BOX "/busy"); /* old versions of app_voicemail left such folders */
	must_take(s, 7, TAKE_GREETINGS);
	must_delete(s, 7);
	assert_int_equal(spool_count(s, BOX), 5); /* three folders of messages, tmp, the PIN */
	assert_int_equal(spool_count(s, BOX "/INBOX"), 9);
	must_take(s, 8, TAKE_PIN);
	must_delete(s, 8);
	assert_false(spool_has(s, BOX "/secret.conf"));
	assert_int_equal(spool_count(s, BOX), 4);
}

/* ---- once ---- */

static void new_person(struct spool *s)
{
	spool_file(s, "new", BOX "/INBOX/msg0000.txt");
	spool_file(s, "new", BOX "/unavail.wav");
}

static void new_person_is_whole(struct spool *s)
{
	assert_string_equal(spool_read(s, BOX "/INBOX/msg0000.txt"), "new");
	assert_string_equal(spool_read(s, BOX "/unavail.wav"), "new");
	assert_int_equal(spool_count(s, BOX), 2);
}

static void test_a_repetition_takes_nothing_that_came_later(void **state)
{
	static const unsigned whats[] = { ALL, TAKE_MESSAGES, TAKE_MESSAGES | TAKE_PIN };
	unsigned i, missing;

	(void)state;
	for (missing = 0; missing < 2; missing++)
		for (i = 0; i < 3; i++) {
			struct spool *s;

			spool_open((void **)&s);
			if (!missing)
				spool_fill(s);
			must_take(s, 7, whats[i]);
			must_take(s, 7, ALL); /* whatever it is told now */
			unlink(arena_printf(&s->a, "%s/" BOX "/unavail.gsm", s->root));
			unlink(arena_printf(&s->a, "%s/" BOX "/greet.gsm", s->root));
			spool_file(s, "new", BOX "/INBOX/msg0000.txt");
			must_take(s, 7, whats[i]);
			must_take(s, 7, whats[i]);
			assert_string_equal(spool_read(s, BOX "/INBOX/msg0000.txt"), "new");
			must_delete(s, 7);
			assert_string_equal(spool_read(s, BOX "/INBOX/msg0000.txt"), "new");
			spool_close((void **)&s);
		}
}

/* Every single file operation fails, once and for good; the same call again then ends it. */
static void cut_off_everywhere(unsigned what, bool once)
{
	unsigned long n, total = 0;

	for (n = 0; n <= total; n += n ? pace_step() : 1) { /* 0: nothing fails, and they are counted */
		struct spool *s;
		struct err err = { 0 };

		spool_open((void **)&s);
		s->vm->lock.wait_ms = 20;
		spool_fill(s);
		outside(s);
		tree_fail_from(n, n % 3 ? EIO : ENOSPC, once);
		if (take(s, 7, what, &err))
			assert_true(strlen(err.text) > 20);
		if (total < tree_op_count())
			total = tree_op_count();
		tree_fail_from(0, 0, false);
		spool_unlock(s); /* what the crash left locked; that old locks are broken is tested elsewhere */
		must_take(s, 7, what);
		if (what == ALL) {
			assert_false(spool_has(s, BOX));
			new_person(s);
		}
		must_take(s, 7, what); /* its note of success may be lost as well */
		tree_fail_from(n, EIO, once);
		away_delete(s->vm, 7, "1001", NULL, &err);
		if (total < tree_op_count())
			total = tree_op_count();
		tree_fail_from(0, 0, false);
		must_delete(s, 7);
		if (what == ALL)
			new_person_is_whole(s);
		else
			assert_int_equal(spool_count(s, BOX), 4);
		assert_int_equal(spool_count(s, ".rekey"), 0);
		other_is_whole(s);
		outside_is_whole(s);
		spool_close((void **)&s);
	}
	assert_true(total > 60);
}

static void test_the_whole_cut_off(void **state)
{
	(void)state;
	cut_off_everywhere(ALL, true);
	cut_off_everywhere(ALL, false);
}

static void test_a_part_cut_off(void **state)
{
	(void)state;
	cut_off_everywhere(TAKE_MESSAGES, true);
	cut_off_everywhere(TAKE_MESSAGES, false);
}

static void test_a_folder_that_the_pbx_holds_is_not_moved(void **state)
{
	struct spool *s = *state;
	struct err err;

	spool_fill(s);
	spool_file(s, "", BOX "/Old/.lock");
	assert_int_equal(take(s, 7, ALL, &err), ERR_BUSY);
	assert_int_equal(take(s, 7, TAKE_MESSAGES, &err), ERR_BUSY);
	assert_int_equal(spool_count(s, BOX "/INBOX"), 9); /* and no lock of ours is left */
	assert_int_equal(unlink(arena_printf(&s->a, "%s/" BOX "/Old/.lock", s->root)), 0);
	must_take(s, 8, ALL);
}

static void test_two_mailboxes_of_one_sweep(void **state)
{
	struct spool *s = *state;
	struct mailbox other = s->box;
	struct err err = { 0 };

	spool_fill(s);
	snprintf(other.name, sizeof(other.name), "1002");
	must_take(s, 7, ALL);
	must_delete(s, 7);
	assert_int_equal(away_take(s->vm, 7, &other, ALL, &err), ERR_OK);
	assert_true(spool_has(s, ".rekey/7/1002/INBOX"));
	must_take(s, 7, ALL); /* the mark of an empty mailbox */
	assert_int_equal(away_delete(s->vm, 7, "1002", NULL, &err), ERR_OK);
	must_delete(s, 7);
	assert_int_equal(spool_count(s, ".rekey"), 0);
}

/* ---- it never leaves the root ---- */

static void test_links_in_the_place_of_folders(void **state)
{
	static const struct {
		const char *at, *to;
	} rows[] = {
		{ BOX, "../../outside" },
		{ BOX "/INBOX", "../../../outside/INBOX" },
		{ BOX "/INBOX", "/etc" },
		{ BOX "/Deleted", "../../../outside" },
		{ "example.test", "../outside" },
		{ ".rekey", "../outside" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct box_counts c;
		struct spool *s;
		struct err err;
		enum err_code code;

		spool_open((void **)&s);
		outside(s);
		if (strcmp(rows[i].at, ".rekey") == 0)
			spool_fill(s);
		spool_link(s, rows[i].to, "%s", rows[i].at);
		code = take(s, 7, ALL, &err);
		assert_int_equal(code, ERR_CONFLICT);
		assert_non_null(strstr(err.text, "symbolic link"));
		assert_int_equal(take(s, 8, TAKE_MESSAGES, &err), ERR_CONFLICT);
		assert_true(spool_has(s, "%s", rows[i].at));
		if (strcmp(rows[i].at, ".rekey") != 0) {
			err = (struct err){ 0 };
			assert_int_equal(box_count(s->vm, &s->box, &c, &err), ERR_CONFLICT);
		}
		outside_is_whole(s);
		spool_close((void **)&s);
	}
}

static void test_a_file_in_the_place_of_a_mailbox(void **state)
{
	struct spool *s = *state;
	struct err err;

	spool_file(s, "x", BOX);
	assert_int_equal(take(s, 7, ALL, &err), ERR_CONFLICT);
	assert_true(spool_has(s, BOX));
}

static void special_files(struct spool *s)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	char *in = arena_printf(&s->a, "%s/" BOX "/INBOX", s->root);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_int_equal(mkfifo(arena_printf(&s->a, "%s/msg0003.txt", in), 0600), 0);
	assert_int_equal(mkfifo(arena_printf(&s->a, "%s/msg0003.wav", in), 0600), 0);
	if (geteuid() == 0) /* only root may make one */
		(void)!mknod(arena_printf(&s->a, "%s/msg0004.wav", in), S_IFCHR | 0600, 0x103);
	snprintf(un.sun_path, sizeof(un.sun_path), "%s/sock", in);
	assert_int_equal(bind(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	close(fd);
	spool_link(s, "../../../../outside/keep", BOX "/INBOX/msg0005.wav");
	spool_link(s, "/etc/passwd", BOX "/INBOX/msg0005.txt");
	assert_int_equal(
		link(arena_printf(&s->a, "%s/../outside/keep", s->root), arena_printf(&s->a, "%s/msg0006.wav", in)), 0);
	spool_file(s, "[message]\nmsg_id=hard-1\n", BOX "/INBOX/msg0006.txt");
}

/* Nothing that is no plain file of its own is opened, and so nothing waits and nothing leaks. */
static void test_special_files(void **state)
{
	struct spool *s = *state;
	const struct sound_format *f;
	struct stat st;
	struct err err = { 0 };
	char *ids;
	int fd;

	spool_fill(s);
	outside(s);
	special_files(s);
	ids = spool_ids(s, FOLDER_NEW);
	assert_non_null(strstr(ids, "hard-1"));
	assert_null(strstr(ids, "root"));
	assert_int_equal(
		box_sound(s->vm, &s->box, FOLDER_NEW, "hard-1", NULL, &s->a, &fd, &st, &f, &err), ERR_CONFLICT);
	assert_int_equal(box_delete(s->vm, &s->box, FOLDER_NEW, "hard-1", &err), ERR_OK);
	assert_string_equal(spool_read(s, "../outside/keep"), "precious");
	must_take(s, 7, ALL);
	must_delete(s, 7);
	assert_int_equal(spool_count(s, ".rekey"), 0);
	outside_is_whole(s);
}

static void test_odd_names(void **state)
{
	static const char *const odd[] = { "a\nb", "\xff\xfe", "-rf", " ", "...", "..x", "~", "*", "msg0000.txt\n",
		"%s%n", "\x1b[2J", "con:" };
	struct spool *s = *state;
	char name[256];
	size_t i;

	spool_fill(s);
	outside(s);
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		spool_file(s, "x", BOX "/INBOX/%s", odd[i]);
		spool_file(s, "x", BOX "/%s/deeper/%s", odd[i], odd[i]);
	}
	memset(name, 'n', 255);
	name[255] = '\0';
	spool_file(s, "x", BOX "/INBOX/%s", name);
	spool_dir(s, BOX "/INBOX/msg0009.txt");
	spool_file(s, "x", BOX "/INBOX/msg0009.wav/inner");
	assert_non_null(spool_ids(s, FOLDER_NEW));
	must_take(s, 7, ALL);
	must_delete(s, 7);
	assert_int_equal(spool_count(s, ".rekey"), 0);
	outside_is_whole(s);
	other_is_whole(s);
}

static void test_names_that_are_paths_are_refused(void **state)
{
	static const char *const names[] = { "", ".", "..", "a/b", "/etc", "../outside" };
	struct spool *s = *state;
	struct stat st;
	struct err err = { 0 };
	size_t i;
	int root, fd;

	outside(s);
	assert_int_equal(tree_root(s->root, &root, &err), ERR_OK);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(tree_dir(root, names[i], &fd, &err), ERR_BUG);
		assert_int_equal(tree_make_dir(root, names[i], &fd, &err), ERR_BUG);
		assert_int_equal(tree_stat(root, names[i], &st, &err), ERR_BUG);
		assert_int_equal(tree_unlink(root, names[i], &err), ERR_BUG);
		assert_int_equal(tree_remove(root, names[i], NULL, &err), ERR_BUG);
		assert_int_equal(tree_rename(root, names[i], root, "x", &err), ERR_BUG);
		assert_int_equal(tree_rename(root, "x", root, names[i], &err), ERR_BUG);
		if (*names[i])
			assert_int_equal(away_delete(s->vm, 7, names[i], NULL, &err), ERR_OK); /* no such sweep */
	}
	spool_dir(s, ".rekey/7");
	assert_int_equal(away_delete(s->vm, 7, "../../outside", NULL, &err), ERR_BUG);
	close(root);
	outside_is_whole(s);
}

static void test_folders_too_deep(void **state)
{
	struct spool *s = *state;
	char *deep = arena_strdup(&s->a, BOX);
	struct err err = { 0 };
	unsigned i;

	for (i = 0; i < TREE_DEPTH_MAX - 1; i++)
		deep = arena_printf(&s->a, "%s/d", deep);
	spool_file(s, "x", "%s", deep);
	must_take(s, 7, ALL);
	must_delete(s, 7);
	assert_int_equal(spool_count(s, ".rekey"), 0);
	spool_file(s, "x", "%s/d/f", deep);
	spool_file(s, "x", BOX "/INBOX/msg0000.txt");
	must_take(s, 8, ALL);
	assert_int_equal(away_delete(s->vm, 8, "1001", NULL, &err), ERR_LIMIT);
	assert_false(spool_has(s, ".rekey/8/1001/INBOX")); /* what can be deleted is */
}

/* ---- a race with somebody who may write in the tree ---- */

struct swapper {
	char *real, *hidden, *link;
	atomic_bool stop;
};

/* The folder and a link to the outside take turns at one name. */
static void *swap(void *arg)
{
	struct swapper *w = arg;

	while (!atomic_load(&w->stop)) {
		rename(w->real, w->hidden);
		rename(w->link, w->real);
		rename(w->real, w->link);
		rename(w->hidden, w->real);
	}
	return NULL;
}

static void start_swapping(struct spool *s, struct swapper *w, pthread_t *t, const char *at)
{
	*w = (struct swapper){ arena_printf(&s->a, "%s/%s", s->root, at), arena_printf(&s->a, "%s/hidden", s->root),
		arena_printf(&s->a, "%s/link", s->root), false };
	assert_int_equal(symlink(arena_printf(&s->a, "%s/../outside", s->root), w->link), 0);
	pthread_create(t, NULL, swap, w);
}

static void stop_swapping(struct swapper *w, pthread_t t)
{
	atomic_store(&w->stop, true);
	pthread_join(t, NULL);
}

static void test_a_mailbox_swapped_for_a_link_while_it_is_taken(void **state)
{
	struct spool *s = *state;
	struct swapper w;
	pthread_t t;
	int64_t i;

	outside(s);
	spool_file(s, "x", BOX "/INBOX/msg0000.txt");
	start_swapping(s, &w, &t, BOX);
	for (i = 1; i <= 300; i += (int64_t)pace_step()) {
		struct err err;

		take(s, i, i % 2 ? ALL : TAKE_MESSAGES, &err);
		away_delete(s->vm, i, "1001", NULL, &err);
		if (i % 50 < (int64_t)pace_step())
			mkdir(w.real, 0755);
	}
	stop_swapping(&w, t);
	outside_is_whole(s);
}

static void test_a_folder_swapped_for_a_link_while_it_is_deleted(void **state)
{
	struct spool *s = *state;
	unsigned round;

	outside(s);
	for (round = 0; round < 20; round += (unsigned)pace_step()) {
		struct swapper w;
		struct err err = { 0 };
		pthread_t t;
		unsigned i;

		for (i = 0; i < 40; i++)
			spool_file(s, "x", ".rekey/5/1001/INBOX/f%u", i);
		start_swapping(s, &w, &t, ".rekey/5/1001/INBOX");
		for (i = 0; i < 10; i++)
			away_delete(s->vm, 5, "1001", NULL, &err);
		stop_swapping(&w, t);
		outside_is_whole(s);
		unlink(w.link);
		unlink(w.real);
		assert_int_equal(away_delete(s->vm, 5, "1001", NULL, &err), ERR_OK);
		spool_wipe(s, "hidden");
	}
}

/* The PBX's lock holds the removal between its look into the mailbox and the move: the moment of an exchange. */
static void *exchange(void *arg)
{
	struct spool *s = arg;
	char box[128], hidden[128];
	const struct timespec moment = { 0, 1000000 };

	while (spool_count(s, BOX "/INBOX") < 11) /* its lock, and the one that waits */
		nanosleep(&moment, NULL);
	snprintf(box, sizeof(box), "%s/" BOX, s->root);
	snprintf(hidden, sizeof(hidden), "%s/hidden", s->root);
	rename(box, hidden);
	(void)!symlink("../../outside", box);
	snprintf(box, sizeof(box), "%s/hidden/INBOX/.lock", s->root);
	unlink(box);
	return NULL;
}

static void test_a_mailbox_exchanged_between_look_and_move(void **state)
{
	struct spool *s = *state;
	struct err err = { 0 };
	pthread_t t;

	spool_fill(s);
	outside(s);
	spool_file(s, "", BOX "/INBOX/.lock");
	s->vm->lock.wait_ms = 20000;
	pthread_create(&t, NULL, exchange, s);
	assert_int_equal(take(s, 7, ALL, &err), ERR_CONFLICT);
	pthread_join(t, NULL);
	assert_non_null(strstr(err.text, "exchanged"));
	assert_true(spool_has(s, BOX)); /* the link went back: this removal is not done */
	assert_int_equal(spool_count(s, "hidden/INBOX"), 9);
	assert_int_equal(take(s, 7, ALL, &err), ERR_CONFLICT);
	outside_is_whole(s);
}

static void test_a_root_that_is_not_there(void **state)
{
	struct spool *s = *state;
	struct leftover *left;
	struct box_counts c;
	struct err err;
	size_t n;

	assert_int_equal(rmdir(s->root), 0);
	assert_int_equal(take(s, 7, ALL, &err), ERR_IO); /* never "no such mailbox": that would count as done */
	assert_non_null(strstr(err.text, "[voicemail] root"));
	assert_int_equal(box_count(s->vm, &s->box, &c, &err), ERR_IO);
	assert_int_equal(away_delete(s->vm, 7, "1001", NULL, &err), ERR_IO);
	assert_int_equal(away_list(s->vm, &s->a, &left, &n, &err), ERR_IO);
	assert_int_equal(away_unlock(s->vm, &n, &err), ERR_IO);
}

/* ---- one sync for many ---- */

enum { SYNCERS = 8, SYNCS_EACH = 30 };

struct syncer {
	struct spool *s;
	atomic_uint done, failed;
};

static void note_synced(void *arg, enum err_code code, const struct err *err)
{
	struct syncer *y = arg;

	if (code && strstr(err->text, "sync"))
		atomic_fetch_add(&y->failed, 1);
	atomic_fetch_add(&y->done, 1);
}

static void *sync_often(void *arg)
{
	struct syncer *y = arg;
	unsigned i;

	for (i = 0; i < SYNCS_EACH; i++)
		if (!sync_later(y->s->vm, note_synced, y))
			abort();
	return NULL;
}

/* Comes while another one is at it. */
static void come_meanwhile(void *arg, enum err_code code, const struct err *err)
{
	struct syncer *y = arg;

	note_synced(arg, code, err);
	assert_true(sync_later(y->s->vm, note_synced, y));
	assert_int_equal(atomic_load(&y->done), 1); /* not by the one that had begun before */
}

/* Everybody who waits is told, once, whoever does it; and that it failed. */
static void test_a_sync_for_all_who_wait(void **state)
{
	struct syncer y = { .s = *state };
	pthread_t t[SYNCERS];
	unsigned i, round;

	for (round = 0; round < 2; round++) {
		atomic_store(&y.done, 0);
		tree_fail_from(round ? 2 : 0, EIO, false); /* the root is opened, and from then on nothing works */
		for (i = 0; i < SYNCERS; i++)
			pthread_create(&t[i], NULL, sync_often, &y);
		for (i = 0; i < SYNCERS; i++)
			pthread_join(t[i], NULL);
		assert_int_equal(atomic_load(&y.done), SYNCERS * SYNCS_EACH);
	}
	assert_true(atomic_load(&y.failed) > 0);
	tree_fail_from(0, 0, false);
	atomic_store(&y.done, 0);
	assert_true(sync_later(y.s->vm, come_meanwhile, &y));
	assert_int_equal(atomic_load(&y.done), 2);
	mem_fail_from(1);
	assert_false(sync_later(y.s->vm, note_synced, &y));
	mem_fail_from(0);
	assert_int_equal(atomic_load(&y.done), 2);
}

/* ---- the sentences ---- */

static void test_every_error_says_what_to_do(void **state)
{
	static const int errors[] = { EACCES, EPERM, EROFS, ENOSPC, EIO, EXDEV, ELOOP, ENOTDIR, EMFILE, ESTALE,
		EDQUOT };
	struct spool *s = *state;
	size_t i;

	spool_fill(s);
	outside(s);
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		unsigned long n;

		for (n = 1; n < 12; n++) {
			struct err err;

			tree_fail_from(n, errors[i], false);
			if (take(s, 7, ALL, &err))
				assert_true(strlen(err.text) > 25 && err.text[strlen(err.text) - 1] == '.');
			tree_fail_from(0, 0, false);
		}
	}
	assert_int_equal(spool_count(s, BOX "/INBOX"), 9);
	outside_is_whole(s);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, spool_open, spool_close)

static int without_openat2(void **state)
{
	int code = spool_open(state);

	tree_without_openat2(true);
	return code;
}

#define PLAIN(fn)                                                                                                      \
	{                                                                                                              \
#fn " without openat2", fn, without_openat2, spool_close, NULL                                         \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_whole_mailbox),
		TEST(test_messages_alone),
		TEST(test_greetings_alone),
		cmocka_unit_test(test_a_repetition_takes_nothing_that_came_later),
		cmocka_unit_test(test_the_whole_cut_off),
		cmocka_unit_test(test_a_part_cut_off),
		TEST(test_a_folder_that_the_pbx_holds_is_not_moved),
		TEST(test_two_mailboxes_of_one_sweep),
		cmocka_unit_test(test_links_in_the_place_of_folders),
		TEST(test_a_file_in_the_place_of_a_mailbox),
		TEST(test_special_files),
		TEST(test_odd_names),
		TEST(test_names_that_are_paths_are_refused),
		TEST(test_folders_too_deep),
		TEST(test_a_mailbox_swapped_for_a_link_while_it_is_taken),
		TEST(test_a_folder_swapped_for_a_link_while_it_is_deleted),
		TEST(test_a_mailbox_exchanged_between_look_and_move),
		TEST(test_a_root_that_is_not_there),
		TEST(test_a_sync_for_all_who_wait),
		TEST(test_every_error_says_what_to_do),
		PLAIN(test_the_whole_mailbox),
		PLAIN(test_special_files),
		PLAIN(test_a_mailbox_swapped_for_a_link_while_it_is_taken),
		PLAIN(test_a_folder_swapped_for_a_link_while_it_is_deleted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
