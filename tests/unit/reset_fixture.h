/* A small office in a fresh store, and a registrar that lives in memory: for the tests of provisioning/reset.
 *
 * example.test: 1001 Anna Smith (devices 1001, 1001b on a second phone, 1001m on a softphone), 1002 Ben Jones,
 * 1003 Carla Diaz. DESK is Anna's Yealink with a line key, a park key and her own speed dial; SHARED carries Anna's
 * 1001b and Ben's 1002 (Polycom); COLLEAGUE is Carla's Grandstream with a BLF key for Anna; SPARE is a vacant Yealink.
 *
 * Anna has two answering rules, a time frame and three contacts of her own; Ben's two rules and Carla's one ring
 * numbers of hers.
 */
#ifndef TESTS_UNIT_RESET_FIXTURE_H
#define TESTS_UNIT_RESET_FIXTURE_H

#include "phonecfg/vendor/vendor.h"
#include "provisioning/registrar/registrar.h"
#include "provisioning/reset/desk.h"
#include "provisioning/reset/evidence.h"
#include "provisioning/reset/job.h"
#include "provisioning/reset/record.h"
#include "provisioning/reset/reset.h"
#include "provisioning/store/belongings.h"
#include "provisioning/store/phone.h"
#include "provisioning/store/record.h"
#include "provisioning/store/user.h"
#include "tests/unit/store_fixture.h"

#define DESK "001565aaaa01"
#define SHARED "0004f2aaaa02"
#define COLLEAGUE "000b82aaaa03"
#define SPARE "001565aaaa04"
#define DOMAIN "example.test"

enum { FAKE_MAX = 32 };

/* A registrar in memory. */
struct fake_registrar {
	struct registrar base; /* first */
	struct {
		char user[64], domain[64], ha1[REGISTRAR_HA1_TEXT];
		int64_t revision;
		bool there;
	} creds[FAKE_MAX];
	struct {
		char aor[128], contact[128], user_agent[128], source[64];
		int64_t refreshed;
		bool there;
	} bindings[FAKE_MAX];
	unsigned sets, unbinds, removes;
	bool down;      /* every call fails */
	bool fail_list; /* only the list of bindings fails */
	bool last_call; /* once the bindings were listed the store writes nothing any more: rekeyd dies there */
};

struct office {
	struct fixture store;
	struct fake_registrar registrar;
	struct catalog *catalog;
	struct renderer *renderer;
	struct desk_conf desk;
	struct reset rs;
};

int office_open(void **state);
int office_close(void **state);
/* Closes and opens the store, as a daemon that was killed finds it. */
void office_crash(struct office *o);

struct mac office_mac(const char *text);

/* A binding, refreshed seconds before now. */
void office_bind(struct office *o, const char *aor, const char *contact, const char *ua, const char *source, int ago_s);
/* How many bindings the address of record has; and whether this contact is one. */
int office_bound(struct office *o, const char *aor);
bool office_has_contact(struct office *o, const char *aor, const char *contact);
/* Does the registrar accept this device's present password, as the store has it? */
bool office_accepts(struct office *o, const char *device);

/* The phone's whole boot: prepares and flips as the phone plane does, then every file that counts is delivered at the
 * wanted generation. */
void office_pull(struct office *o, const char *mac);
void office_deliver(struct office *o, const char *mac, enum file_kind file, int64_t generation);
/* Every phone has pulled and registered its lines once: the state before anything happens. */
void office_settle(struct office *o);
/* A REGISTER that the registrar accepted, with the device's present password. */
void office_register(struct office *o, const char *device, const char *contact, const char *ua, const char *source);

/* Resets or recycles one user through a job; fails the test on an error. Returns the job's id. */
int64_t office_reset(struct office *o, const char *user, bool phone_lines);
int64_t office_reset_with(struct office *o, const char *user, unsigned options);
int64_t office_recycle(struct office *o, const char *user, const char *first, const char *last, const char *mac);

/* The newest record of this kind for a phone ("" = softphone) and device ("" = any); fails the test when there is none.
 */
struct record_row office_record(struct office *o, const char *kind, const char *mac, const char *device);
bool office_has_record(struct office *o, const char *kind, const char *mac);
enum record_state office_state(struct office *o, const char *kind, const char *mac, const char *device);
bool office_fact(struct office *o, const char *kind, const char *mac, const char *device, enum record_fact fact);
/* What an option clears, as it is now. */
struct belongings office_belongings(struct office *o, const char *user);
/* Rows as they are now. */
struct user_row office_user(struct office *o, const char *ext);
struct phone_row office_phone(struct office *o, const char *mac);
int64_t office_wanted(struct office *o, const char *mac);
int64_t office_acked(struct office *o, const char *mac);
/* When the outbox row of this kind and key is due; -1 when there is none. */
int64_t office_due(struct office *o, const char *kind, const char *key);
/* Is this text in what the phone would be served now? */
bool office_serves(struct office *o, const char *mac, enum file_kind file, const char *text);

#endif
