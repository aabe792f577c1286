/* Secrets at rest: nothing opens that was changed, moved or sealed elsewhere; passwords by scrypt. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "phonecfg/base/base64.h"
#include "phonecfg/base/mem.h"
#include "provisioning/store/seal.h"

struct room {
	char dir[64], key[96];
	struct sealer *s;
	struct arena a;
};

static int setup(void **state)
{
	struct room *r = calloc(1, sizeof(*r));

	snprintf(r->dir, sizeof(r->dir), "/tmp/rekey-seal-XXXXXX");
	assert_non_null(mkdtemp(r->dir));
	snprintf(r->key, sizeof(r->key), "%s/key", r->dir);
	arena_init(&r->a, 0);
	assert_int_equal(keyfile_create(r->key, NULL), ERR_OK);
	assert_int_equal(keyfile_load(r->key, &r->s, NULL), ERR_OK);
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct room *r = *state;

	sealer_free(r->s);
	arena_release(&r->a);
	unlink(r->key);
	rmdir(r->dir);
	free(r);
	return 0;
}

static const struct seal_place here = { "devices", "password", { "17", 2 } };

static struct slice sealed(struct room *r, struct slice plain)
{
	struct slice out;

	assert_int_equal(seal_put(r->s, &here, plain, &r->a, &out, NULL), ERR_OK);
	return out;
}

static void what_was_sealed_opens(void **state)
{
	struct room *r = *state;
	struct slice s = sealed(r, SLICE_LIT("s3cret")), out;

	assert_int_equal(s.n, 6 + SEAL_OVERHEAD);
	assert_null(memmem(s.p, s.n, "s3cret", 6));
	assert_int_equal(seal_open(r->s, &here, s, &r->a, &out, NULL), ERR_OK);
	assert_true(slice_eq_str(out, "s3cret"));
	s = sealed(r, SLICE_LIT(""));
	assert_int_equal(seal_open(r->s, &here, s, &r->a, &out, NULL), ERR_OK);
	assert_int_equal(out.n, 0);
}

static void the_same_secret_never_looks_the_same(void **state)
{
	struct room *r = *state;
	struct slice a = sealed(r, SLICE_LIT("s3cret")), b = sealed(r, SLICE_LIT("s3cret"));

	assert_memory_not_equal(a.p, b.p, a.n);
}

static void every_changed_byte_is_noticed(void **state)
{
	struct room *r = *state;
	struct slice s = sealed(r, SLICE_LIT("s3cret")), out;
	struct err err = { 0 };
	size_t i;

	for (i = 0; i < s.n; i++) {
		char *copy = arena_alloc(&r->a, s.n);

		memcpy(copy, s.p, s.n);
		copy[i] ^= 1;
		/* Bytes 1 to 4 are the name of the key. */
		assert_int_equal(seal_open(r->s, &here, (struct slice){ copy, s.n }, &r->a, &out, &err),
			i >= 1 && i <= 4 ? ERR_CONFLICT : ERR_INPUT);
		assert_null(strstr(err.text, "s3cret"));
	}
	for (i = 0; i < s.n; i++)
		assert_int_equal(seal_open(r->s, &here, (struct slice){ s.p, i }, &r->a, &out, &err), ERR_INPUT);
}

static void a_moved_value_does_not_open(void **state)
{
	static const struct seal_place elsewhere[] = {
		{ "devices", "password", { "18", 2 } },
		{ "devices", "password", { "1", 1 } },
		{ "devices", "passwor", { "d17", 3 } },
		{ "phones", "password", { "17", 2 } },
		{ "devices", "pin", { "17", 2 } },
	};
	struct room *r = *state;
	struct slice s = sealed(r, SLICE_LIT("s3cret")), out;
	size_t i;

	for (i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++)
		assert_int_equal(seal_open(r->s, &elsewhere[i], s, &r->a, &out, NULL), ERR_INPUT);
}

static void another_key_file_does_not_open_it(void **state)
{
	struct room *r = *state;
	struct slice s = sealed(r, SLICE_LIT("s3cret")), out;
	struct sealer *other;
	char path[128];
	struct err err = { 0 };

	snprintf(path, sizeof(path), "%s/other", r->dir);
	assert_int_equal(keyfile_create(path, NULL), ERR_OK);
	assert_int_equal(keyfile_load(path, &other, NULL), ERR_OK);
	assert_int_equal(seal_open(other, &here, s, &r->a, &out, &err), ERR_CONFLICT);
	assert_non_null(strstr(err.text, "key file"));
	sealer_free(other);
	unlink(path);
}

static void write_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

/* Two keys: the last one seals, the first one still opens. */
static void a_key_file_may_hold_older_keys(void **state)
{
	struct room *r = *state;
	struct slice s = sealed(r, SLICE_LIT("s3cret")), out;
	char text[1024] = { 0 };
	struct sealer *two;
	FILE *in = fopen(r->key, "r");

	assert_non_null(in);
	assert_true(fread(text, 1, sizeof(text) - 100, in) > 0);
	fclose(in);
	strcat(text, "# a comment\n\nkey 00000001 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n");
	write_file(r->key, text, 0600);
	assert_int_equal(keyfile_load(r->key, &two, NULL), ERR_OK);
	assert_int_equal(seal_open(two, &here, s, &r->a, &out, NULL), ERR_OK);
	assert_int_equal(seal_put(two, &here, SLICE_LIT("x"), &r->a, &s, NULL), ERR_OK);
	assert_memory_equal(s.p, "\x01\x00\x00\x00\x01", 5);
	sealer_free(two);
}

static void key_files_are_private_and_never_overwritten(void **state)
{
	struct room *r = *state;
	struct sealer *s = NULL;
	struct stat st;
	struct err err = { 0 };

	assert_int_equal(stat(r->key, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(keyfile_create(r->key, &err), ERR_CONFLICT);
	assert_int_equal(chmod(r->key, 0640), 0);
	assert_int_equal(keyfile_load(r->key, &s, &err), ERR_INPUT);
	assert_non_null(strstr(err.text, "chmod 600"));
	assert_int_equal(chmod(r->key, 0604), 0);
	assert_int_equal(keyfile_load(r->key, &s, &err), ERR_INPUT);
}

static void bad_key_files_are_named_with_their_line(void **state)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{ "", ":1:" },
		{ "something else\n", ":1:" },
		{ "rekey key file 1\n", "no key" },
		{ "rekey key file 1\nkey 1 2\n", ":2:" },
		{ "rekey key file 1\n#\nkey 00000001 00\n", ":3:" },
		{ "rekey key file 1\nkey 0000000g 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n",
			":2:" },
		{ "rekey key file 1\nkee 00000001 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n",
			":2:" },
	};
	struct room *r = *state;
	struct sealer *s = NULL;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err err = { 0 };

		write_file(r->key, bad[i].text, 0600);
		assert_int_equal(keyfile_load(r->key, &s, &err), ERR_INPUT);
		if (strstr(err.text, bad[i].says) == NULL)
			fail_msg("%s", err.text);
	}
	assert_int_equal(keyfile_load(r->dir, &s, NULL), ERR_INPUT);
}

static const struct scrypt_cost cheap = { 4, 8, 1 };

static void a_password_is_verified(void **state)
{
	struct room *r = *state;
	struct secret right = { "correct horse", 13 }, wrong = { "correct hors", 12 };
	const char *stored, *again;

	assert_int_equal(scrypt_hash(&right, &cheap, &r->a, &stored, NULL), ERR_OK);
	assert_int_equal(scrypt_hash(&right, &cheap, &r->a, &again, NULL), ERR_OK);
	assert_string_not_equal(stored, again);
	assert_int_equal(strncmp(stored, "$scrypt$ln=4,r=8,p=1$", 21), 0);
	assert_int_equal(scrypt_verify(&right, stored, NULL), ERR_OK);
	assert_int_equal(scrypt_verify(&wrong, stored, NULL), ERR_UNAUTHORIZED);
	assert_true(scrypt_outdated(stored));
}

/* The stored form holds what OpenSSL derives with the same salt and cost; its scrypt is RFC 7914. */
static void the_string_means_what_it_says(void **state)
{
	unsigned char salt[16] = "NaClNaClNaClNaCl", hash[32];
	char salt_text[32], hash_text[64], stored[160];
	struct secret p = { "pleaseletmein", 13 };

	(void)state;
	assert_int_equal(EVP_PBE_scrypt(p.bytes, p.n, salt, 16, 1 << 6, 8, 2, 0, hash, 32), 1);
	base64url_write(salt, 16, salt_text);
	base64url_write(hash, 32, hash_text);
	snprintf(stored, sizeof(stored), "$scrypt$ln=6,r=8,p=2$%s$%s", salt_text, hash_text);
	assert_int_equal(scrypt_verify(&p, stored, NULL), ERR_OK);
}

static void strange_strings_are_refused(void **state)
{
	static const char *const bad[] = { "x", "$scrypt$", "$scrypt$ln=4,r=8,p=1$", "$scrypt$ln=4,r=8,p=1$AAAA$AAAA",
		"$scrypt$ln=40,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"$scrypt$ln=4,r=0,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
	struct secret p = { "x", 1 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(scrypt_verify(&p, bad[i], NULL), ERR_INPUT);
}

static void nobody_is_always_refused(void **state)
{
	struct secret p = { "", 0 };

	(void)state;
	assert_int_equal(scrypt_verify(&p, "", NULL), ERR_UNAUTHORIZED);
}

static void passwords_and_tokens_are_random(void **state)
{
	struct room *r = *state;
	struct secret a, b;
	size_t i;

	assert_int_equal(random_password(&r->a, 200, &a, NULL), ERR_OK);
	assert_int_equal(random_password(&r->a, 200, &b, NULL), ERR_OK);
	assert_int_equal(a.n, 200);
	assert_false(secret_eq(&a, &b));
	assert_int_equal(strlen(a.bytes), 200);
	for (i = 0; i < a.n; i++)
		assert_true((a.bytes[i] >= '0' && a.bytes[i] <= '9') || (a.bytes[i] >= 'A' && a.bytes[i] <= 'Z') ||
			    (a.bytes[i] >= 'a' && a.bytes[i] <= 'z'));
	assert_int_equal(random_token(&r->a, &a, NULL), ERR_OK);
	assert_int_equal(a.n, 43);
}

/* No allocation that fails crashes or leaks. */
static void failing_allocations_are_reported(void **state)
{
	struct room *r = *state;
	struct slice s, out;
	struct sealer *two;
	struct secret p = { "x", 1 };
	const char *stored;
	unsigned long n;
	enum err_code code = ERR_NOMEM;

	for (n = 1; n < 50 && code == ERR_NOMEM; n++) {
		struct arena a;

		arena_init(&a, 0);
		two = NULL;
		mem_fail_from(n);
		code = keyfile_load(r->key, &two, NULL);
		if (code == ERR_OK)
			code = seal_put(two, &here, SLICE_LIT("s3cret"), &a, &s, NULL);
		if (code == ERR_OK)
			code = seal_open(two, &here, s, &a, &out, NULL);
		if (code == ERR_OK)
			code = scrypt_hash(&p, &cheap, &a, &stored, NULL);
		mem_fail_from(0);
		sealer_free(two);
		arena_release(&a);
	}
	assert_int_equal(code, ERR_OK);
	assert_true(n > 3);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_was_sealed_opens),
		T(the_same_secret_never_looks_the_same),
		T(every_changed_byte_is_noticed),
		T(a_moved_value_does_not_open),
		T(another_key_file_does_not_open_it),
		T(a_key_file_may_hold_older_keys),
		T(key_files_are_private_and_never_overwritten),
		T(bad_key_files_are_named_with_their_line),
		T(a_password_is_verified),
		cmocka_unit_test(the_string_means_what_it_says),
		cmocka_unit_test(strange_strings_are_refused),
		cmocka_unit_test(nobody_is_always_refused),
		T(passwords_and_tokens_are_random),
		T(failing_allocations_are_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
