/* What the registrar shall know: per identity the secret that is in force there, and the one that waits for its flip.
 *
 * ha1 is MD5(user:realm:password) in hex (RFC 7616 §3.4.2), sealed here; the registrar's own file holds the one in
 * force. */
#ifndef PROVISIONING_STORE_PROJECTION_H
#define PROVISIONING_STORE_PROJECTION_H

#include "phonecfg/base/secret.h"
#include "provisioning/store/store.h"

struct projection_row {
	const char *identity; /* user@domain */
	int64_t domain_id, device_id;
	const char *realm;
	struct secret ha1; /* in force; none = not to be known there */
	int64_t revision;  /* in force, 0 = none */
	struct secret wanted_ha1;
	int64_t wanted_revision; /* 0 = shall be removed at the flip; = revision when nothing waits */
	bool waiting;
	int64_t wanted_ms, flipped_ms;
};

enum err_code projection_load(
	struct db *db, const char *identity, struct arena *a, struct projection_row *out, struct err *err);
/* By identity (bytes). waiting_only: those whose flip has not been. */
enum err_code projection_list(struct db *db, bool waiting_only, struct page page, struct arena *a,
	struct projection_row **out, size_t *n, struct err *err);
/* Wants realm, wanted_ha1 and wanted_revision (0 = remove) for row->identity; makes the row when there is none. */
enum err_code projection_want(struct db *db, struct projection_row *row, struct err *err);
/* Notes in flipped_ms that the flip to this revision begins, unless it has begun (flipped_ms >= wanted_ms) or is done;
 * so that a repeat after a crash knows which bindings were there before the first attempt. */
enum err_code projection_begin(struct db *db, const char *identity, int64_t revision, int64_t at_ms, struct err *err);
/* The wanted one of this revision is in force now. ERR_CONFLICT when another revision is wanted by now; nothing happens
 * when it was flipped already (*changed false). A removed identity's row goes. */
enum err_code projection_flipped(
	struct db *db, const char *identity, int64_t revision, int64_t at_ms, bool *changed, struct err *err);

#endif
