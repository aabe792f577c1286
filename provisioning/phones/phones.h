/* The phone plane: what a phone pulls and puts, once it has proved which phone it is.
 *
 * The daemon opens one struct phones and mounts it on the plane of its `phones` listener. README.md has the way of a
 * pull through the files of this folder. */
#ifndef PROVISIONING_PHONES_PHONES_H
#define PROVISIONING_PHONES_PHONES_H

#include "phonecfg/base/err.h"
#include "phonecfg/base/mac.h"
#include "phonecfg/vendor/vendor.h"
#include "provisioning/http/http.h"
#include "provisioning/phones/strangers.h"
#include "provisioning/reset/desk.h"

struct store;
struct reset;
struct phones;

/* A zero takes the default. What pointers lead to must outlive the plane. */
struct phones_conf {
	struct store *store;
	struct reset *reset;
	const struct catalog *catalog;
	const struct renderer *renderer;
	const struct desk_conf *desk;
	post_worker_fn *post_worker;
	void *workers;
	const char *realm;               /* of Digest and Basic; default "rekey" */
	size_t cache_bytes;              /* rendered files; default 128 MiB */
	size_t upload_bytes;             /* of one upload; default 1 MiB */
	size_t log_bytes;                /* kept of one phone's log; default 512 KiB */
	unsigned uploads_most;           /* at once; default 32 */
	unsigned uploads_each;           /* of one phone; default 2 */
	size_t head_bytes;               /* as http_conf.head_max */
	unsigned requests_max;           /* as http_conf */
	struct strangers_conf strangers; /* when whoever proves nothing is throttled */
};

/* Reads all phones' logins into the index. */
enum err_code phones_open(const struct phones_conf *conf, struct phones **out, struct err *err);
/* After the listener's edge has stopped and before the store closes. Waits for its own notes to be written. */
void phones_close(struct phones *ph);
/* Fills name, mounts, auth, ctx and plain; the rest of *out is the daemon's. */
void phones_plane(struct phones *ph, struct http_conf *out);

/* A phone was added, removed or got another password. Any thread, after the commit. phones is a struct phones *. Not
 * calling it costs nothing but time: whose login is refused is looked up in the store within a second. */
void phones_changed(void *phones, const struct mac *mac);

/* A domain's ways of first access were changed. As above, but it must be said: the store is not asked for them. */
void phones_domain_changed(void *phones, int64_t domain_id);

/* Counters since start, for /metrics. */
struct phones_stats {
	uint64_t pulls, not_modified, refused, uploads, uploads_dropped, pairings, cache_hits, cache_misses;
	uint64_t cache_bytes, known; /* now */
	struct strangers_stats strangers;
};
void phones_stats(struct phones *ph, struct phones_stats *out);

#endif
