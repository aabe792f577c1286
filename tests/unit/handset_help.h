/* A phone and a server that is a list of files, for the tests of phonecfg/handset. */
#ifndef TESTS_UNIT_HANDSET_HELP_H
#define TESTS_UNIT_HANDSET_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "phonecfg/base/mem.h"
#include "phonecfg/handset/handset.h"

#define MAC "001565abcdef"

struct served {
	const char *name, *body;
	int status; /* 0 = 200 */
	size_t n;   /* 0 = strlen(body) */
};

struct server {
	const struct served *files; /* ends with a NULL name */
	char asked[2048];           /* every name, each followed by a blank */
};

static int fetch(void *arg, const char *method, const char *file, struct buf *body)
{
	struct server *s = arg;
	const struct served *f;
	size_t used = strlen(s->asked);

	assert_string_equal(method, "GET");
	snprintf(s->asked + used, sizeof(s->asked) - used, "%s ", file);
	for (f = s->files; f && f->name; f++) {
		if (strcmp(f->name, file) != 0)
			continue;
		if (f->status && f->status != 200)
			return f->status;
		buf_add(body, f->body, f->n ? f->n : strlen(f->body));
		return 200;
	}
	return 404;
}

static inline struct handset *new_phone(struct handset_model m)
{
	struct handset *hs;
	struct mac mac;
	struct err err;

	assert_true(mac_parse(SLICE_LIT(MAC), &mac));
	hs = handset_new(&m, &mac, &err);
	assert_non_null(hs);
	return hs;
}

/* Pulls once and checks the order of the requests ("" = not looked at). */
static inline void pull(struct handset *hs, const struct served *files, const char *order)
{
	struct server s = { files, "" };
	struct err err = { 0 };

	if (handset_pull(hs, fetch, &s, &err))
		fail_msg("%s", err.text);
	if (*order)
		assert_string_equal(s.asked, order);
}

static inline void put_local(struct handset *hs, const char *name, const char *value, bool web)
{
	assert_int_equal(handset_set_local(hs, name, value, web, NULL), ERR_OK);
}

static inline enum handset_step_kind step_of(const struct handset *hs, const char *file)
{
	const struct handset_step *v;
	size_t i, n;

	v = handset_steps(hs, &n);
	for (i = 0; i < n; i++)
		if (strcmp(v[i].file, file) == 0)
			return v[i].what;
	fail_msg("%s was never asked for", file);
	return HANDSET_ABSENT;
}

/* The lines as "slot:user:secret@server:port/transport/expires", each followed by a blank. */
static inline const char *lines_text(const struct handset *hs)
{
	static const char *const transports[] = { "udp", "tcp", "tls", "naptr" };
	static char out[1024];
	struct handset_line *v;
	struct arena a;
	size_t i, n;

	arena_init(&a, 0);
	out[0] = '\0';
	assert_int_equal(handset_lines(hs, &a, &v, &n, NULL), ERR_OK);
	for (i = 0; i < n; i++)
		snprintf(out + strlen(out), sizeof(out) - strlen(out), "%u:%s:%s@%s:%u/%s/%u ", v[i].slot,
			v[i].auth_user, v[i].secret.bytes, v[i].server, v[i].port, transports[v[i].transport],
			v[i].expires_s);
	arena_release(&a);
	return out;
}

/* The keys as "module.index:kind=label", each followed by a blank. */
static inline const char *keys_text(const struct handset *hs)
{
	static char out[4096];
	struct handset_key *v;
	struct arena a;
	size_t i, n;

	arena_init(&a, 0);
	out[0] = '\0';
	assert_int_equal(handset_keys(hs, &a, &v, &n, NULL), ERR_OK);
	for (i = 0; i < n; i++)
		snprintf(out + strlen(out), sizeof(out) - strlen(out), "%u.%u:%s=%s ", v[i].module, v[i].index,
			v[i].kind, v[i].label);
	arena_release(&a);
	return out;
}

/* What is stored in one layer under a name, or NULL; valid until the next call. */
static inline const char *stored(const struct handset *hs, enum handset_layer layer, const char *name)
{
	static char out[512];
	const char *found = NULL;
	struct handset_entry *v;
	struct arena a;
	size_t i, n;

	arena_init(&a, 0);
	assert_int_equal(handset_entries(hs, &a, &v, &n, NULL), ERR_OK);
	for (i = 0; i < n; i++) {
		if (v[i].layer != layer || strcmp(v[i].name, name) != 0)
			continue;
		snprintf(out, sizeof(out), "%s", v[i].value);
		found = out;
	}
	arena_release(&a);
	return found;
}

static inline struct handset_reaction notify(const struct handset *hs, const char *event)
{
	struct handset_reaction r;

	handset_notify(hs, slice_str(event), &r);
	return r;
}

static inline void assert_value(const struct handset *hs, const char *name, const char *want)
{
	assert_string_equal(handset_value(hs, name), want);
}

/* Every allocation of one pull fails once: no crash, and an answer that says so. */
static inline void starve(struct handset_model m, const struct served *files)
{
	struct server s = { files, "" };
	struct mac mac = { { 0x00, 0x15, 0x65, 0xab, 0xcd, 0xef } };
	struct handset *hs, *copy;
	enum err_code rc = ERR_NOMEM;
	struct err err;
	unsigned long n;

	for (n = 1; rc == ERR_NOMEM && n < 2000; n++) {
		mem_fail_from(n);
		hs = handset_new(&m, &mac, &err);
		copy = hs ? handset_clone(hs, &err) : NULL;
		rc = hs && copy ? ERR_OK : ERR_NOMEM;
		s.asked[0] = '\0';
		if (!rc)
			rc = handset_pull(hs, fetch, &s, &err);
		mem_fail_from(0);
		handset_free(copy);
		handset_free(hs);
	}
	assert_int_equal(rc, ERR_OK);
	assert_true(n > 3);
}

#endif
