/* A key file is text:
 *
 *     rekey key file 1
 *     key <8 hex digits: id> <64 hex digits: AES-256 key>
 *
 * with one or more keys, the last of which seals. Lines that begin with # are comments. */
#include "provisioning/store/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "phonecfg/base/hex.h"
#include "phonecfg/base/mem.h"
#include "provisioning/store/seal.h"

enum { KEYS_MAX = 16, FILE_MAX = 4096 };

static const char head[] = "rekey key file 1";

struct sealer {
	struct seal_key keys[KEYS_MAX];
	size_t n;
};

const struct seal_key *sealer_key(const struct sealer *s)
{
	return &s->keys[s->n - 1];
}

const struct seal_key *sealer_find(const struct sealer *s, uint32_t id)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->keys[i].id == id)
			return &s->keys[i];
	return NULL;
}

static bool key_read(struct slice line, struct seal_key *out)
{
	unsigned char id[4];
	struct slice word = slice_cut(&line, ' ');

	if (!slice_eq_str(word, "key") || !hex_read(slice_cut(&line, ' '), id, sizeof(id)))
		return false;
	out->id = (uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 | (uint32_t)id[2] << 8 | id[3];
	return hex_read(slice_trim(line), out->bytes, sizeof(out->bytes));
}

static enum err_code file_parse(const char *path, struct slice text, struct sealer *s, struct err *err)
{
	unsigned line_no = 1;

	if (!slice_eq_str(slice_cut(&text, '\n'), head))
		return err_set(err, ERR_INPUT, "%s:1: this is no key file; `rekeyd init` makes one", path);
	while (text.n > 0) {
		struct slice line = slice_trim(slice_cut(&text, '\n'));

		line_no++;
		if (line.n == 0 || line.p[0] == '#')
			continue;
		if (s->n == KEYS_MAX)
			return err_set(
				err, ERR_INPUT, "%s:%u: more than %d keys; remove old ones", path, line_no, KEYS_MAX);
		if (!key_read(line, &s->keys[s->n]))
			return err_set(err, ERR_INPUT, "%s:%u: this is not `key <id> <64 hex digits>`", path, line_no);
		s->n++;
	}
	return s->n > 0 ? ERR_OK : err_set(err, ERR_INPUT, "%s holds no key", path);
}

enum err_code keyfile_create(const char *path, struct err *err)
{
	unsigned char key[SEAL_KEY_LEN + 4];
	char text[sizeof(head) + 8 + 2 * sizeof(key)];
	size_t len, i;
	enum err_code code = random_bytes(key, sizeof(key), err);
	int fd;

	if (code != ERR_OK)
		return code;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EEXIST)
		return err_set(err, ERR_CONFLICT, "the key file %s exists already; a key is never overwritten", path);
	if (fd < 0)
		return err_set(err, ERR_IO,
			"cannot make the key file %s: %s; check that its folder exists and is writable", path,
			strerror(errno));
	len = (size_t)snprintf(text, sizeof(text), "%s\nkey ", head);
	for (i = 0; i < sizeof(key); i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, i == 3 ? "%02x " : "%02x", key[i]);
	text[len++] = '\n';
	if (write(fd, text, len) != (ssize_t)len || fsync(fd) != 0)
		code = err_set(err, ERR_IO, "cannot write the key file %s: %s", path, strerror(errno));
	close(fd);
	if (code != ERR_OK)
		unlink(path);
	OPENSSL_cleanse(text, sizeof(text));
	OPENSSL_cleanse(key, sizeof(key));
	return code;
}

/* Opens a file that its owner alone may read. */
static enum err_code open_private(const char *path, int *out, struct err *err)
{
	struct stat st = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return err_set(err, ERR_IO, "there is no key file %s; `rekeyd init` makes one with the database", path);
	if (fd < 0)
		return err_set(err, ERR_IO, "cannot read the key file %s: %s", path, strerror(errno));
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077) == 0) {
		*out = fd;
		return ERR_OK;
	}
	close(fd);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_INPUT, "the key file %s is not a plain file", path);
	return err_set(err, ERR_INPUT, "the key file %s is open to group or others; run `chmod 600 %s`", path, path);
}

enum err_code keyfile_load(const char *path, struct sealer **out, struct err *err)
{
	struct sealer *s;
	char text[FILE_MAX];
	ssize_t n;
	int fd = -1;
	enum err_code code = open_private(path, &fd, err);

	if (code != ERR_OK)
		return code;
	n = read(fd, text, sizeof(text));
	close(fd);
	if (n < 0)
		return err_set(err, ERR_IO, "cannot read the key file %s: %s", path, strerror(errno));
	s = mem_zalloc(sizeof(*s));
	if (s == NULL)
		code = err_set(err, ERR_NOMEM, "no memory for the keys of %s", path);
	else
		code = file_parse(path, (struct slice){ text, (size_t)n }, s, err);
	OPENSSL_cleanse(text, sizeof(text));
	if (code == ERR_OK)
		*out = s;
	else
		sealer_free(s);
	return code;
}

void sealer_free(struct sealer *s)
{
	if (s == NULL)
		return;
	OPENSSL_cleanse(s, sizeof(*s));
	mem_free(s);
}
