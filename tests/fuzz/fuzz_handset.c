/* Arbitrary bytes as the files of every vendor's phone: whatever the server sends, a phone that is asked afterwards
 * answers, and what it holds can be searched. The first byte says which vendor (bits 0 and 1; bit 3 without bit 4: the
 * apps) and which open rules (bit 2); with bit 7 a second one says how old it is (bit 0) and whether it holds the key
 * of encrypted files (bit 1). The rest is cut at bytes of 0xff into the answers to the phone's requests. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "phonecfg/handset/residue.h"

static const struct handset_model models[] = {
	{ .kind = HANDSET_YEALINK,
		.id = "y",
		.common = "y000000000108.cfg",
		.token = "T46U",
		.accounts = 16,
		.keys = 27 },
	{ .kind = HANDSET_POLYCOM, .id = "p", .part = "3111-48840-001", .token = "VVX450", .accounts = 12, .keys = 12 },
	{ .kind = HANDSET_GRANDSTREAM,
		.id = "g",
		.common = "cfggxp2170.xml",
		.token = "gxp2170",
		.accounts = 12,
		.keys = 48,
		.fixed_keys = 12 },
	{ .kind = HANDSET_LINPHONE, .id = "l", .token = "x", .accounts = 8 },
	{ .kind = HANDSET_ACROBITS, .id = "a", .accounts = 1 },
	{ .kind = HANDSET_ZOIPER, .id = "z", .accounts = 1 },
};

static int next_answer(void *arg, const char *method, const char *file, struct buf *body)
{
	struct slice *rest = arg, part;

	(void)method;
	(void)file;
	if (rest->n == 0)
		return 404;
	part = slice_cut(rest, '\xff');
	buf_slice(body, part);
	return 200;
}

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void look(const struct handset *hs)
{
	struct residue_word word = { RESIDUE_NAME, "Smith" };
	struct residue_query q = { .words = &word, .nwords = 1 };
	struct handset_credentials c;
	struct handset_reaction r;
	struct handset_line *lines;
	struct handset_key *keys;
	struct residue_list list;
	struct arena a;
	size_t i, n;

	arena_init(&a, 0);
	must(handset_lines(hs, &a, &lines, &n, NULL) == ERR_OK);
	for (i = 0; i < n; i++)
		must(*lines[i].user && lines[i].slot >= 1);
	must(handset_keys(hs, &a, &keys, &n, NULL) == ERR_OK);
	must(residue_find(hs, hs, &q, &a, &list, NULL) == ERR_OK);
	handset_credentials(hs, &c);
	handset_notify(hs, SLICE_LIT("check-sync;reboot=true"), &r);
	must(r.status == 200 || r.status == 489);
	arena_release(&a);
}

#define FILE_KEY "corpus-key-16-by"

/* What an earlier file left there; each vendor reads its own. */
static void hold_key(struct handset *hs)
{
	static const char *const names[] = { "static.auto_provision.aes_key_16.mac", "auto_provision.aes_key_16.mac",
		"provisioning.config.filePassword" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		must(handset_restore(hs, HANDSET_FILE, names[i], FILE_KEY, NULL, NULL) == ERR_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mac mac = { { 0x00, 0x15, 0x65, 0xab, 0xcd, 0xef } };
	const struct handset_rule_name *r;
	unsigned more = size > 1 && data[0] & 0x80 ? data[1] : 0, head = size > 1 && data[0] & 0x80 ? 2 : 1;
	struct handset_model model;
	struct handset *hs, *copy;
	struct slice rest;
	struct err err;
	unsigned i;

	if (size == 0)
		return 0;
	model = models[(data[0] & 0x18) == 8 ? 4 + (data[0] & 1) : data[0] & 3];
	model.old_names = model.lines_first = more & 1;
	hs = handset_new(&model, &mac, &err);
	must(hs != NULL);
	if (more & 2)
		hold_key(hs);
	for (r = handset_rule_names(); r->name; r++)
		*(bool *)((char *)handset_rules(hs) + r->offset) = data[0] & 4;
	rest = (struct slice){ (const char *)data + head, size - head };
	for (i = 0; i < 3; i++) {
		handset_pull(hs, next_answer, &rest, &err);
		handset_set_local(hs, "a.b", "local", i & 1, &err);
		look(hs);
	}
	copy = handset_clone(hs, &err);
	must(copy != NULL);
	handset_free(copy);
	handset_free(hs);
	return 0;
}
