/* What the files of this folder share. */
#ifndef PROVISIONING_PHONES_LOCAL_H
#define PROVISIONING_PHONES_LOCAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "provisioning/phones/authorise.h"
#include "provisioning/phones/cache.h"
#include "provisioning/phones/logins.h"
#include "provisioning/phones/notes.h"
#include "provisioning/phones/phones.h"
#include "provisioning/phones/ready.h"
#include "provisioning/phones/uploads.h"
#include "provisioning/store/phone.h"
#include "provisioning/store/store.h"

enum { PHONES_ROUTES = 7 };

struct phones {
	struct phones_conf conf;
	struct digest digest;
	char *realm;
	struct logins *logins;
	pthread_mutex_t index_lock; /* held from the look into the store to the entry in logins */
	struct cache *cache;
	struct notes *notes;
	struct uploads *running;
	struct route routes[PHONES_ROUTES];
	struct mount mount;
	struct strangers *strangers;
	struct ready_index *ready;
	pthread_mutex_t lock;
	pthread_cond_t idle;
	unsigned posted; /* jobs that workers have in hand or will have */
	atomic_ullong pulls, not_modified, refused, uploads, uploads_dropped, pairings;
};

/* What a file of this phone is, once the phone is known. */
struct target {
	struct phone_row row;
	const struct profile *profile;  /* NULL: a model that this version does not know */
	const struct vendor_file *file; /* NULL: its vendor has no such file */
	struct file_request request;
	bool tell_login; /* the row says that it may not have its login */
	uint64_t mark;   /* what is said here holds under it; 0 = it is not known */
};

/* Loads the row behind a caller, in the request's arena. ERR_NOT_FOUND when it is gone. */
enum err_code target_load(struct db *db, struct request *rq, struct target *out, struct err *err);

/* Queues fn(arg) on a worker; the plane does not close before fn has said phones_done(), its last use of ph. False: it
 * will not run. */
bool phones_post(struct phones *ph, void (*fn)(void *arg), void *arg);
void phones_done(struct phones *ph);

/* left.c: a file had to do without something; a worker makes an alert of it, once while it stands uncleared. who: whose
 * file, for the sentence; phone_id 0 for a softphone. */
struct vendor_left;
void phones_left_out(
	struct phones *ph, int64_t domain_id, int64_t phone_id, const char *who, const struct vendor_left *left);

handler_fn phones_get_fn, phones_put_fn, phones_soft_fn;

#endif
