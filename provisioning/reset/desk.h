/* A phone's rows as the struct phone that the templates, the residue check and the portal work on. */
#ifndef PROVISIONING_RESET_DESK_H
#define PROVISIONING_RESET_DESK_H

#include <stdbool.h>
#include <stdint.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/buf.h"
#include "phonecfg/base/err.h"
#include "phonecfg/base/mac.h"
#include "phonecfg/model/model.h"

struct db;

/* What every phone of this server is told. Texts live as long as the daemon. */
struct desk_conf {
	const char *prov_url; /* "https://prov.example.test:8443/cfg" */
	const char *soft_url; /* "https://prov.example.test:8443/soft/": a softphone's address is this and its token */
	const char *ca_url;   /* NULL = none */
	const char *ntp;
	const char *language;
	unsigned poll_minutes; /* of a phone that can be told; one without any line polls as often as it can */
	const char *admin_user;
};

/* Loads the phone with all of its accounts, keys and overrides, with the secrets that its wanted generation carries; a
 * vacant or retired phone comes out with no account of use LINE. All in the arena. ERR_NOT_FOUND: no such phone. */
enum err_code desk_load(struct db *db, const struct desk_conf *conf, const struct mac *mac, struct arena *a,
	struct phone *out, struct err *err);

/* A domain's phone book as it is now, in out->people: its users and shared contacts, made from the names each time, so
 * that it never outlives one. At most DESK_PEOPLE_MAX, as many as a phone takes (Grandstream: 2,000). */
enum { DESK_PEOPLE_MAX = 2000 };
enum err_code desk_load_people(struct db *db, int64_t domain_id, struct arena *a, struct phone *out, struct err *err);

/* What stands at a softphone's address: one account, or, once blanked, none. The MAC is zero, the model is empty: the
 * caller knows the profile, and the address itself (prov.url), of which the store holds only a hash. */
enum err_code desk_load_soft(struct db *db, const struct desk_conf *conf, int64_t softphone_id, struct arena *a,
	struct phone *out, struct err *err);

/* The whole phone as bytes and back, for the snapshot of an acknowledged generation (sealed by the store). */
enum err_code desk_pack(const struct phone *phone, struct buf *out, struct err *err);
enum err_code desk_unpack(struct slice bytes, struct arena *a, struct phone *out, struct err *err);

#endif
