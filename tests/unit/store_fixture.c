#include "tests/unit/store_fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "provisioning/store/seal.h"

static void open_store(struct fixture *f)
{
	struct store_conf conf = { .path = f->db, .key_file = f->key, .create = true };
	struct err err = { 0 };

	if (store_open(&conf, &f->st, &err) != ERR_OK)
		fail_msg("%s", err.text);
}

/* The first store of a program is made; the others are copies of it as it was when it was empty, key and all: ten times
 * quicker than its migrations. */
struct copy {
	char *bytes;
	size_t n;
};

static void keep(struct copy *c, const char *path)
{
	FILE *f = fopen(path, "rb");

	assert_non_null(f);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	c->n = (size_t)ftell(f);
	rewind(f);
	c->bytes = malloc(c->n);
	assert_non_null(c->bytes);
	assert_int_equal(fread(c->bytes, 1, c->n, f), c->n);
	fclose(f);
}

static void put(const struct copy *c, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, c->bytes, c->n), c->n);
	close(fd);
}

static struct copy empty_db, empty_key;

static void drop_copies(void)
{
	free(empty_db.bytes);
	free(empty_key.bytes);
}

static void make_empty(struct fixture *f)
{
	struct err err = { 0 };

	if (keyfile_create(f->key, &err) != ERR_OK)
		fail_msg("%s", err.text);
	open_store(f);
	store_close(f->st);
	keep(&empty_db, f->db);
	keep(&empty_key, f->key);
	atexit(drop_copies);
}

int fixture_open(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	/* In memory where there is such a place: what these tests wait for otherwise is fsync. */
	snprintf(f->dir, sizeof(f->dir), "%s/rekey-store-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->db, sizeof(f->db), "%s/rekey.db", f->dir);
	snprintf(f->key, sizeof(f->key), "%s/rekey.key", f->dir);
	arena_init(&f->a, 0);
	if (empty_db.bytes) {
		put(&empty_db, f->db);
		put(&empty_key, f->key);
	} else {
		make_empty(f);
	}
	open_store(f);
	*state = f;
	return 0;
}

int fixture_close(void **state)
{
	struct fixture *f = *state;
	struct dirent *e;
	char path[400];
	DIR *d;

	store_close(f->st);
	arena_release(&f->a);
	d = opendir(f->dir);
	while (d != NULL && (e = readdir(d)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", f->dir, e->d_name);
		unlink(path);
	}
	if (d != NULL)
		closedir(d);
	rmdir(f->dir);
	free(f);
	return 0;
}

void fixture_reopen(struct fixture *f)
{
	store_close(f->st);
	open_store(f);
}

void must_write(struct fixture *f, txn_fn *fn, void *arg)
{
	struct err err = { 0 };

	if (store_write(f->st, fn, arg, &err) != ERR_OK)
		fail_msg("%s: %s", err_word(err.code), err.text);
}

struct snap must_snap(struct fixture *f)
{
	struct snap s;
	struct err err = { 0 };

	if (store_snap(f->st, &s, &err) != ERR_OK)
		fail_msg("%s", err.text);
	return s;
}

static int file_has(const char *path, const char *bytes)
{
	FILE *in = fopen(path, "rb");
	char *data;
	long n;
	int has;

	if (in == NULL)
		return 0;
	fseek(in, 0, SEEK_END);
	n = ftell(in);
	rewind(in);
	data = malloc((size_t)n + 1);
	has = fread(data, 1, (size_t)n, in) == (size_t)n && memmem(data, (size_t)n, bytes, strlen(bytes)) != NULL;
	free(data);
	fclose(in);
	return has;
}

int files_with(struct fixture *f, const char *bytes)
{
	static const char *const tails[] = { "", "-wal", "-shm", "-journal" };
	char path[128];
	int n = 0;
	size_t i;

	for (i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", f->db, tails[i]);
		n += file_has(path, bytes);
	}
	return n;
}
