/* voicemail_tool ROOT WHAT …: provisioning/voicemail on a spool, for tests that need a file system of their own. Prints
 * "ok", or "! " and the sentence. count CONTEXT BOX          messages, greetings, time frames take CONTEXT BOX SWEEP
 * [messages|greetings] delete BOX SWEEP           how many files went sweep                      what is left in the
 * way out many CONTEXT FIRST N       takes and deletes N mailboxes, named by number; the milliseconds of each half */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "provisioning/conf/clock.h"
#include "provisioning/voicemail/away.h"
#include "provisioning/voicemail/box.h"

static struct mailbox box_of(const char *context, const char *name)
{
	struct mailbox box;

	snprintf(box.context, sizeof(box.context), "%s", context);
	snprintf(box.name, sizeof(box.name), "%s", name);
	return box;
}

static enum err_code count(const struct voicemail *vm, char **argv, struct err *err)
{
	struct mailbox box = box_of(argv[0], argv[1]);
	struct box_counts c;
	enum err_code code = box_count(vm, &box, &c, err);

	if (code == ERR_OK)
		printf("%zu %zu %zu\n", box_count_messages(&c), c.greetings, c.timeframes);
	return code;
}

static enum err_code take(const struct voicemail *vm, int argc, char **argv, struct err *err)
{
	struct mailbox box = box_of(argv[0], argv[1]);
	unsigned what = TAKE_MESSAGES | TAKE_GREETINGS | TAKE_PIN;

	if (argc > 3)
		what = strcmp(argv[3], "messages") == 0 ? TAKE_MESSAGES : TAKE_GREETINGS;
	return away_take(vm, strtoll(argv[2], NULL, 10), &box, what, err);
}

static enum err_code sweep(const struct voicemail *vm, struct err *err)
{
	struct leftover *left;
	struct arena a;
	size_t i, n;
	enum err_code code;

	arena_init(&a, 0);
	code = away_list(vm, &a, &left, &n, err);
	for (i = 0; code == ERR_OK && i < n; i++)
		printf("%" PRId64 "/%s\n", left[i].sweep, left[i].mailbox);
	arena_release(&a);
	return code;
}

static enum err_code many(const struct voicemail *vm, char **argv, struct err *err)
{
	long first = strtol(argv[1], NULL, 10), n = strtol(argv[2], NULL, 10), i;
	int64_t began = clock_steady_ms(), moved;
	enum err_code code = ERR_OK;
	char name[16];

	for (i = 0; code == ERR_OK && i < n; i++) {
		struct mailbox box;

		snprintf(name, sizeof(name), "%ld", first + i);
		box = box_of(argv[0], name);
		code = away_take(vm, 7, &box, TAKE_MESSAGES | TAKE_GREETINGS | TAKE_PIN, err);
	}
	if (code == ERR_OK)
		code = sync_now(vm, err);
	moved = clock_steady_ms();
	for (i = 0; code == ERR_OK && i < n; i++) {
		snprintf(name, sizeof(name), "%ld", first + i);
		code = away_delete(vm, 7, name, NULL, err);
	}
	printf("%" PRId64 " %" PRId64 "\n", moved - began, clock_steady_ms() - moved);
	return code;
}

int main(int argc, char **argv)
{
	struct voicemail_conf conf = { .contexts = "{domain}",
		.mailboxes = "{user}",
		.lock = { .wait_ms = 300, .stale_s = 300 },
		.messages_max = 9999 };
	struct voicemail *vm;
	struct err err = { 0 };
	unsigned long files = 0;
	enum err_code code;

	if (argc < 3)
		return 2;
	conf.root = argv[1];
	if (voicemail_open(&conf, &vm, &err))
		return 2;
	if (strcmp(argv[2], "count") == 0 && argc == 5)
		code = count(vm, argv + 3, &err);
	else if (strcmp(argv[2], "take") == 0 && argc >= 6)
		code = take(vm, argc - 3, argv + 3, &err);
	else if (strcmp(argv[2], "delete") == 0 && argc == 5) {
		code = away_delete(vm, strtoll(argv[4], NULL, 10), argv[3], &files, &err);
		printf("%lu\n", files);
	} else if (strcmp(argv[2], "sweep") == 0)
		code = sweep(vm, &err);
	else if (strcmp(argv[2], "many") == 0 && argc == 6)
		code = many(vm, argv + 3, &err);
	else
		return 2;
	if (code)
		printf("! %s\n", err.text);
	else
		printf("ok\n");
	voicemail_close(vm);
	return code ? 1 : 0;
}
