#include "tests/unit/spool.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "provisioning/voicemail/tree.h"

int spool_open(void **state)
{
	struct spool *s = calloc(1, sizeof(*s));
	struct err err = { 0 };
	struct voicemail_conf conf = { .contexts = "{domain}", .mailboxes = "{user}", .messages_max = 20 };

	/* In memory where that is to be had: hundreds of rounds are synced to disk again and again. */
	snprintf(s->top, sizeof(s->top), "/dev/shm/rekey-spool-XXXXXX");
	if (mkdtemp(s->top) == NULL) {
		snprintf(s->top, sizeof(s->top), "/tmp/rekey-spool-XXXXXX");
		assert_non_null(mkdtemp(s->top));
	}
	snprintf(s->root, sizeof(s->root), "%s/voicemail", s->top);
	assert_int_equal(mkdir(s->root, 0755), 0);
	arena_init(&s->a, 0);
	conf.root = s->root;
	conf.lock = (struct lock_conf){ .wait_ms = 200, .stale_s = 300 };
	assert_int_equal(voicemail_open(&conf, &s->vm, &err), ERR_OK);
	assert_int_equal(names_mailbox(s->vm->names, "example.test", "1001", &s->box, &err), ERR_OK);
	*state = s;
	return 0;
}

static int wipe(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)type;
	(void)f;
	return remove(path);
}

int spool_close(void **state)
{
	struct spool *s = *state;

	tree_fail_from(0, 0, false);
	tree_without_openat2(false);
	voicemail_close(s->vm);
	arena_release(&s->a);
	nftw(s->top, wipe, 16, FTW_DEPTH | FTW_PHYS);
	free(s);
	return 0;
}

static const char *path_of(struct spool *s, const char *fmt, va_list ap)
{
	char below[512];

	vsnprintf(below, sizeof(below), fmt, ap);
	return arena_printf(&s->a, "%s/%s", s->root, below);
}

static void make_dirs(const char *path)
{
	char part[600];
	const char *p = path;

	while ((p = strchr(p + 1, '/')) != NULL) {
		snprintf(part, sizeof(part), "%.*s", (int)(p - path), path);
		mkdir(part, 0755);
	}
}

#define PATH(out)                                                                                                      \
	do {                                                                                                           \
		va_list ap;                                                                                            \
		va_start(ap, path);                                                                                    \
		(out) = path_of(s, path, ap);                                                                          \
		va_end(ap);                                                                                            \
	} while (0)

void spool_dir(struct spool *s, const char *path, ...)
{
	const char *p;

	PATH(p);
	make_dirs(p);
	assert_int_equal(mkdir(p, 0755), 0);
}

static void write_file(const char *p, const char *bytes, size_t n)
{
	FILE *f;

	make_dirs(p);
	f = fopen(p, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	fclose(f);
}

void spool_file(struct spool *s, const char *bytes, const char *path, ...)
{
	const char *p;

	PATH(p);
	write_file(p, bytes, strlen(bytes));
}

void spool_link(struct spool *s, const char *to, const char *path, ...)
{
	const char *p;

	PATH(p);
	make_dirs(p);
	assert_int_equal(symlink(to, p), 0);
}

void spool_message(struct spool *s, const char *folder, unsigned number, const char *id)
{
	const char *at = arena_printf(&s->a, "example.test/1001/%s/msg%04u", folder, number);
	struct slice wav = spool_wav(s, 1, 8000, 16, 1, 16000);

	spool_file(s,
		arena_printf(&s->a,
			";\n; Message Information file\n;\n[message]\norigmailbox=1001\ncontext=from-trunk\nexten=1001\n"
			"rdnis=unknown\npriority=2\ncallerchan=PJSIP/trunk-00000%03u\ncallerid=\"Cal Ler\" <+4930%u>\n"
			"origdate=Mon Nov 23 06:00:00 PM UTC 2026\norigtime=%u\ncategory=\n%s%s%sflag=\nduration=2\n",
			number, number, 1795456800 + number, id ? "msg_id=" : "", id ? id : "", id ? "\n" : ""),
		"%s.txt", at);
	write_file(arena_printf(&s->a, "%s/%s.wav", s->root, at), wav.p, wav.n);
	spool_file(s, id ? id : "gsm", "%s.gsm", at);
}

void spool_fill(struct spool *s)
{
	spool_message(s, "INBOX", 0, "1795456800-00000001");
	spool_message(s, "INBOX", 1, "1795456801-00000002");
	spool_message(s, "INBOX", 2, "1795456802-00000003");
	spool_message(s, "Old", 0, "1795456700-00000004");
	spool_message(s, "Urgent", 0, "1795456600-00000005");
	spool_dir(s, "example.test/1001/tmp");
	spool_file(s, "gsm", "example.test/1001/unavail.gsm");
	spool_file(s, "gsm", "example.test/1001/greet.gsm");
	spool_file(s, "gsm", "example.test/1001/timeframes/10-Lunch%%20break.gsm");
	spool_file(s, "[general]\npassword=4711\n", "example.test/1001/secret.conf");
	spool_file(s, "another's", "example.test/1002/INBOX/msg0000.txt");
}

bool spool_has(struct spool *s, const char *path, ...)
{
	struct stat st;
	const char *p;

	PATH(p);
	return lstat(p, &st) == 0;
}

char *spool_read(struct spool *s, const char *path, ...)
{
	char text[65536];
	const char *p;
	size_t n;
	FILE *f;

	PATH(p);
	f = fopen(p, "rb");
	if (f == NULL)
		return NULL;
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	return arena_strndup(&s->a, text, n);
}

size_t spool_count(struct spool *s, const char *path, ...)
{
	struct dirent *e;
	const char *p;
	size_t n = 0;
	DIR *d;

	PATH(p);
	d = opendir(p);
	while (d && (e = readdir(d)) != NULL)
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	if (d)
		closedir(d);
	return n;
}

void spool_unlock(struct spool *s)
{
	unsigned f;

	for (f = 0; f < FOLDER_COUNT; f++)
		unlink(arena_printf(&s->a, "%s/example.test/1001/%s/.lock", s->root, folder_dir((enum folder)f)));
}

void spool_wipe(struct spool *s, const char *path, ...)
{
	const char *p;

	PATH(p);
	nftw(p, wipe, 16, FTW_DEPTH | FTW_PHYS);
}

char *spool_ids(struct spool *s, enum folder f)
{
	struct message *m;
	struct err err = { 0 };
	size_t i, n, total;
	char *out = arena_strdup(&s->a, "");

	if (box_list(s->vm, &s->box, f, 0, 0, &s->a, &m, &n, &total, &err))
		fail_msg("%s", err.text);
	assert_int_equal(n, total);
	for (i = 0; i < n; i++)
		out = arena_printf(&s->a, "%s%s%s", out, i ? " " : "", m[i].id);
	return out;
}

static void le(char *p, unsigned v, unsigned n)
{
	for (; n; n--, v >>= 8)
		*p++ = (char)(v & 255);
}

struct slice spool_wav(struct spool *s, unsigned tag, unsigned rate, unsigned bits, unsigned channels, unsigned samples)
{
	unsigned frame = channels * bits / 8, data = samples * frame;
	char *p = arena_alloc(&s->a, 44 + data);

	memcpy(p, "RIFF", 4);
	le(p + 4, 36 + data, 4);
	memcpy(p + 8, "WAVEfmt ", 8);
	le(p + 16, 16, 4);
	le(p + 20, tag, 2);
	le(p + 22, channels, 2);
	le(p + 24, rate, 4);
	le(p + 28, rate * frame, 4);
	le(p + 32, frame, 2);
	le(p + 34, bits, 2);
	memcpy(p + 36, "data", 4);
	le(p + 40, data, 4);
	return (struct slice){ p, 44 + data };
}
