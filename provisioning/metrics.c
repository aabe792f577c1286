#include "provisioning/metrics.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "provisioning/conf/clock.h"
#include "provisioning/conf/log.h"
#include "provisioning/conf/metric.h"
#include "provisioning/edge/edge.h"
#include "provisioning/http/http.h"
#include "provisioning/mail/mail.h"
#include "provisioning/outbox/outbox.h"
#include "provisioning/outbox/pool.h"
#include "provisioning/phones/phones.h"
#include "provisioning/registrar/registrar.h"
#include "provisioning/sip/notify.h"
#include "provisioning/store/alert.h"
#include "provisioning/store/mail.h"
#include "provisioning/store/numbers.h"
#include "provisioning/store/record.h"
#include "provisioning/store/webhook.h"

enum { FRESH_MS = 1000, TEXT_MAX = 256 * 1024, HOUR_MS = 3600 * 1000 };

/* What the store says, as text, for as long as it is fresh. */
struct metrics {
	pthread_mutex_t lock;
	struct buf text;
	int64_t read_ms; /* 0 = never */
};

#define LABEL(name, value) ((const struct metric_label[]){ { name, value }, { NULL, NULL } })
#define LABELS(n1, v1, n2, v2) ((const struct metric_label[]){ { n1, v1 }, { n2, v2 }, { NULL, NULL } })

enum err_code metrics_open(struct metrics **out, struct err *err)
{
	struct metrics *m = mem_zalloc(sizeof(*m));

	if (m == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	pthread_mutex_init(&m->lock, NULL);
	buf_init(&m->text, TEXT_MAX);
	*out = m;
	return ERR_OK;
}

void metrics_close(struct metrics *m)
{
	if (m == NULL)
		return;
	buf_release(&m->text);
	pthread_mutex_destroy(&m->lock);
	mem_free(m);
}

/* ---- what the parts count ---- */

static void of_phones(struct phones *ph, struct buf *out)
{
	struct phones_stats s;

	phones_stats(ph, &s);
	metric_one(out, "pulls_total", METRIC_COUNTER, "Files that phones pulled.", s.pulls);
	metric_one(out, "pulls_not_modified_total", METRIC_COUNTER, "Pulls that were answered 304.", s.not_modified);
	metric_one(out, "pulls_refused_total", METRIC_COUNTER, "Requests of phones that proved nothing.", s.refused);
	metric_one(out, "proofs_failed_total", METRIC_COUNTER, "Logins and addresses of phones that were wrong.",
		s.strangers.failures);
	metric_one(out, "proofs_throttled_total", METRIC_COUNTER, "The same that were answered by the throttle.",
		s.strangers.refused);
	metric_one(out, "bans_total", METRIC_COUNTER, "Bans of addresses and networks that proved nothing.",
		s.strangers.bans);
	metric_family(out, "banned", METRIC_GAUGE, "Addresses and networks that are banned now.");
	metric_sample(out, "banned", LABEL("of", "address"), s.strangers.addresses);
	metric_sample(out, "banned", LABEL("of", "network"), s.strangers.networks);
	metric_one(out, "pairings_total", METRIC_COUNTER, "First files given in a pairing window.", s.pairings);
	metric_one(out, "uploads_total", METRIC_COUNTER, "Files that phones sent.", s.uploads);
	metric_one(out, "uploads_dropped_total", METRIC_COUNTER,
		"Files of phones that would have brought the last person back.", s.uploads_dropped);
	metric_one(out, "cache_hits_total", METRIC_COUNTER, "Files served as rendered before.", s.cache_hits);
	metric_one(out, "cache_misses_total", METRIC_COUNTER, "Files rendered.", s.cache_misses);
	metric_one(out, "cache_bytes", METRIC_GAUGE, "Bytes of rendered files in memory.", s.cache_bytes);
	metric_one(out, "phones_known", METRIC_GAUGE, "Phones with a login.", s.known);
}

static void of_sip(const struct metrics_sources *from, struct buf *out)
{
	static const char *const classes[] = { "none", "1xx", "2xx", "3xx", "4xx", "5xx", "6xx" };
	struct sipd_counts s;
	size_t i;

	sipd_counts(from->sipd, &s);
	metric_one(out, "notify_submitted_total", METRIC_COUNTER, "NOTIFYs given to the SIP client.", s.submitted);
	metric_one(out, "notify_settled_total", METRIC_COUNTER, "NOTIFYs that have come to an end.", s.settled);
	metric_family(out, "notify_answers_total", METRIC_COUNTER,
		"Final answers to NOTIFYs by class; none: nobody answered in time.");
	for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (i != 1)
			metric_sample(out, "notify_answers_total", LABEL("class", classes[i]), s.answers[i]);
	metric_one(out, "notify_late_answers_total", METRIC_COUNTER, "Answers that came after the deadline.", s.late);
	metric_one(out, "notify_datagrams_total", METRIC_COUNTER, "Requests sent, repetitions counted.", s.datagrams);
	metric_one(out, "notify_rate_waits_total", METRIC_COUNTER,
		"How often the sender had to wait because of a rate, overall or of one source.", s.rate_waits);
	metric_family(
		out, "notify_queue_seconds_total", METRIC_COUNTER, "Time that NOTIFYs waited before they were sent.");
	metric_seconds(out, "notify_queue_seconds_total", NULL, (int64_t)s.queued_ms);
	metric_one(out, "notify_queued", METRIC_GAUGE, "NOTIFYs that wait now.", s.queued);
	metric_one(out, "notify_put_off_total", METRIC_COUNTER, "NOTIFYs that were put off because too many wait.",
		s.put_off);
	metric_one(out, "notify_silent", METRIC_GAUGE, "NOTIFYs to phones that have not answered for a while now.",
		s.silent);
	metric_one(out, "notify_per_second_limit", METRIC_GAUGE, "NOTIFYs in any second, at most.",
		from->notify_per_second);
	metric_one(out, "notify_per_source_limit", METRIC_GAUGE, "NOTIFYs in any second to one source, at most.",
		from->notify_per_source);
	metric_one(out, "notify_slowed", METRIC_GAUGE, "1 while handshakes queue and slow the telling down.", s.slowed);
	metric_one(out, "notify_in_flight", METRIC_GAUGE, "NOTIFYs without a final answer now.", s.in_flight);
}

static void of_registrar(struct registrar *registrar, struct buf *out)
{
	struct registrar_health h;

	registrar_health(registrar, &h);
	metric_one(out, "registrar_up", METRIC_GAUGE, "1 unless the last question to the registrar had no answer.",
		!h.down);
	metric_one(out, "registrar_asked_total", METRIC_COUNTER, "Questions to the registrar.", h.asked);
	metric_one(out, "registrar_failed_total", METRIC_COUNTER, "Questions to the registrar without an answer.",
		h.failed);
}

static void of_mail(struct mail *mail, struct buf *out)
{
	struct mail_counts n;

	mail_counts(mail, &n);
	metric_one(out, "mails_sent_total", METRIC_COUNTER, "Mails that a server took over.", n.sent);
	metric_one(out, "mails_failed_total", METRIC_COUNTER, "Mails that were given up.", n.failed);
	metric_one(out, "mails_put_off_total", METRIC_COUNTER, "Tries that will be repeated.", n.put_off);
	metric_one(out, "mail_server_faults_total", METRIC_COUNTER, "Tries that ended because of the mail server.",
		n.server_faults);
}

static void of_store(struct store *st, struct buf *out)
{
	struct store_stats s;

	store_stats(st, &s);
	metric_one(out, "store_commits_total", METRIC_COUNTER, "Commits.", s.commits);
	metric_one(out, "store_writes_total", METRIC_COUNTER, "Units of change, many to a commit.", s.writes);
	metric_one(out, "store_rollbacks_total", METRIC_COUNTER, "Units of change that were undone.", s.rollbacks);
	metric_one(out, "store_retries_total", METRIC_COUNTER, "Commits that were repeated.", s.retries);
	metric_one(out, "store_queued", METRIC_GAUGE, "Units of change that wait for the writer now.", s.queued);
}

struct pair {
	const char *listener;
	struct edge_stats edge;
	struct http_stats http;
};

static const struct edge_family {
	const char *name;
	enum metric_type type;
	const char *help;
	size_t at;
} edge_families[] = {
	{ "connections_total", METRIC_COUNTER, "Connections accepted.", offsetof(struct pair, edge.accepted) },
	{ "connections", METRIC_GAUGE, "Connections open now.", offsetof(struct pair, edge.open_now) },
	{ "connections_refused_total", METRIC_COUNTER, "Connections beyond the limit.",
		offsetof(struct pair, edge.refused_limit) },
	{ "connections_refused_by_address_total", METRIC_COUNTER, "Connections beyond the limit of one address.",
		offsetof(struct pair, edge.refused_address) },
	{ "connections_stalled_total", METRIC_COUNTER, "Connections closed because nothing moved.",
		offsetof(struct pair, edge.closed_stalled) },
	{ "handshakes_total", METRIC_COUNTER, "TLS handshakes.", offsetof(struct pair, edge.handshakes) },
	{ "handshakes_resumed_total", METRIC_COUNTER, "TLS handshakes that resumed a session.",
		offsetof(struct pair, edge.resumed) },
	{ "handshakes_failed_total", METRIC_COUNTER, "TLS handshakes that failed.",
		offsetof(struct pair, edge.handshake_failed) },
	{ "requests_total", METRIC_COUNTER, "Requests.", offsetof(struct pair, http.requests) },
	{ "requests_suspended", METRIC_GAUGE, "Requests that wait for a worker or a time now.",
		offsetof(struct pair, http.suspended_now) },
};

static void of_listeners(const struct metrics_sources *from, struct buf *out)
{
	static const char *const classes[] = { NULL, NULL, "2xx", "3xx", "4xx", "5xx" };
	struct pair pairs[] = { { .listener = "phones" }, { .listener = "admin" } };
	size_t i, k;

	edge_stats(from->phones_edge, &pairs[0].edge);
	edge_stats(from->old_edge, &pairs[0].edge);
	edge_stats(from->admin_edge, &pairs[1].edge);
	http_stats(from->phones_http, &pairs[0].http);
	http_stats(from->admin_http, &pairs[1].http);
	for (i = 0; i < sizeof(edge_families) / sizeof(edge_families[0]); i++) {
		const struct edge_family *f = &edge_families[i];

		metric_family(out, f->name, f->type, f->help);
		for (k = 0; k < 2; k++)
			metric_sample(out, f->name, LABEL("listener", pairs[k].listener),
				*(const uint64_t *)(const void *)((const char *)&pairs[k] + f->at));
	}
	metric_family(out, "responses_total", METRIC_COUNTER, "Answers by listener and class of status.");
	for (k = 0; k < 2; k++)
		for (i = 2; i < sizeof(classes) / sizeof(classes[0]); i++)
			metric_sample(out, "responses_total",
				LABELS("listener", pairs[k].listener, "class", classes[i]), pairs[k].http.by_class[i]);
}

static void of_outbox(struct outbox *ob, struct buf *out)
{
	static const struct {
		const char *name, *help;
		size_t at;
	} families[] = {
		{ "outbox_done_total", "Work that was done, by kind.", offsetof(struct outbox_stats, done) },
		{ "outbox_retried_total", "Tries that failed and will be repeated, by kind.",
			offsetof(struct outbox_stats, retried) },
		{ "outbox_failed_total", "Work that was given up, by kind.", offsetof(struct outbox_stats, failed) },
	};
	struct outbox_stats s;
	size_t i, k;

	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		metric_family(out, families[i].name, METRIC_COUNTER, families[i].help);
		for (k = 0; outbox_stats(ob, k, &s); k++)
			metric_sample(out, families[i].name, LABEL("kind", s.kind),
				*(const uint64_t *)(const void *)((const char *)&s + families[i].at));
	}
}

/* ---- what the store says ---- */

static enum err_code alerts(struct db *db, struct arena *a, struct buf *out, struct err *err)
{
	struct tally_row *rows;
	size_t n = 0, i;
	enum err_code code = alert_tally(db, a, &rows, &n, err);

	if (code)
		return code;
	metric_family(out, "alerts_open", METRIC_GAUGE, "Alerts that nobody and nothing has cleared, by kind.");
	for (i = 0; i < n; i++)
		metric_sample(out, "alerts_open", LABEL("kind", rows[i].name), (uint64_t)rows[i].n);
	code = counter_list(db, "alerts", a, &rows, &n, err);
	if (code)
		return code;
	metric_family(out, "alerts_raised_total", METRIC_COUNTER, "Alerts ever raised, by kind.");
	for (i = 0; i < n; i++)
		metric_sample(out, "alerts_raised_total", LABEL("kind", rows[i].name), (uint64_t)rows[i].n);
	return ERR_OK;
}

/* The store's words end with a blank and the number of an age. */
static void open_sample(const struct tally_row *row, struct buf *out)
{
	static const char *const ages[] = { "0-1h", "1-4h", "4-24h", "24h-" };
	const char *blank = strrchr(row->name, ' ');
	char state[32];

	if (blank == NULL || blank[1] < '0' || blank[1] > '3')
		return;
	snprintf(state, sizeof(state), "%.*s", (int)(blank - row->name), row->name);
	metric_sample(out, "handovers_open", LABELS("state", state, "age", ages[blank[1] - '0']), (uint64_t)row->n);
}

static enum err_code handovers(struct db *db, struct arena *a, struct buf *out, struct err *err)
{
	static const int64_t ages_ms[] = { HOUR_MS, 4 * HOUR_MS, 24 * HOUR_MS };
	struct tally_row *rows;
	int64_t oldest;
	size_t n = 0, i;
	enum err_code code = record_tally(db, ages_ms, a, &rows, &n, err);

	if (code)
		return code;
	metric_family(out, "handovers_open", METRIC_GAUGE, "Records without their proof, by state and age.");
	for (i = 0; i < n; i++)
		open_sample(&rows[i], out);
	if ((code = record_oldest_open(db, &oldest, err)))
		return code;
	metric_family(
		out, "handovers_oldest_open_seconds", METRIC_GAUGE, "Age of the oldest record without its proof.");
	metric_seconds(out, "handovers_oldest_open_seconds", NULL, oldest ? db_now_ms(db) - oldest : 0);
	code = counter_list(db, "handovers", a, &rows, &n, err);
	if (code)
		return code;
	metric_family(out, "handovers_ended_total", METRIC_COUNTER,
		"How often records ended, by state; one that is opened again may end again.");
	for (i = 0; i < n; i++)
		metric_sample(out, "handovers_ended_total", LABEL("state", rows[i].name), (uint64_t)rows[i].n);
	return ERR_OK;
}

static enum err_code waiting(struct db *db, struct arena *a, struct buf *out, struct err *err)
{
	static const struct {
		const char *name, *help;
		size_t at;
	} families[] = {
		{ "outbox_waiting", "Work that waits, by kind.", offsetof(struct outbox_number_row, waiting) },
		{ "outbox_due", "Work that waits and is due, by kind.", offsetof(struct outbox_number_row, due) },
		{ "outbox_failing", "Work whose last try failed, by kind.",
			offsetof(struct outbox_number_row, failing) },
	};
	struct outbox_number_row *rows;
	size_t n = 0, i, k;
	enum err_code code = numbers_outbox(db, a, &rows, &n, err);

	for (i = 0; code == ERR_OK && i < sizeof(families) / sizeof(families[0]); i++) {
		metric_family(out, families[i].name, METRIC_GAUGE, families[i].help);
		for (k = 0; k < n; k++)
			metric_sample(out, families[i].name, LABEL("kind", rows[k].kind),
				(uint64_t) * (const int64_t *)(const void *)((const char *)&rows[k] + families[i].at));
	}
	if (code)
		return code;
	metric_family(
		out, "outbox_oldest_due_seconds", METRIC_GAUGE, "How long the oldest due work has been due, by kind.");
	for (k = 0; k < n; k++)
		metric_seconds(out, "outbox_oldest_due_seconds", LABEL("kind", rows[k].kind),
			rows[k].oldest_due_ms ? db_now_ms(db) - rows[k].oldest_due_ms : 0);
	return ERR_OK;
}

static enum err_code jobs(struct db *db, struct arena *a, struct buf *out, struct err *err)
{
	struct tally_row *rows;
	size_t n = 0, i;
	enum err_code code = numbers_jobs(db, a, &rows, &n, err);

	if (code)
		return code;
	metric_family(out, "jobs", METRIC_GAUGE, "Jobs over many users, by state.");
	for (i = 0; i < n; i++)
		metric_sample(out, "jobs", LABEL("state", rows[i].name), (uint64_t)rows[i].n);
	return ERR_OK;
}

static enum err_code webhooks(struct db *db, struct arena *a, struct buf *out, struct err *err)
{
	struct tally_row *rows;
	int64_t calls;
	size_t n = 0, i;
	enum err_code code = webhook_tally(db, a, &rows, &n, err);

	if (code || (code = webhook_call_count(db, &calls, err)))
		return code;
	metric_family(out, "webhooks", METRIC_GAUGE, "Webhooks: enabled, failing, disabled.");
	for (i = 0; i < n; i++)
		metric_sample(out, "webhooks", LABEL("state", rows[i].name), (uint64_t)rows[i].n);
	metric_one(out, "webhook_calls_waiting", METRIC_GAUGE, "Calls that are still to be made.", (uint64_t)calls);
	code = counter_list(db, "webhooks", a, &rows, &n, err);
	if (code)
		return code;
	metric_family(out, "webhook_calls_total", METRIC_COUNTER, "Calls that were made, by how they ended.");
	for (i = 0; i < n; i++)
		metric_sample(out, "webhook_calls_total", LABEL("result", rows[i].name), (uint64_t)rows[i].n);
	return ERR_OK;
}

static enum err_code mails(struct db *db, struct buf *out, struct err *err)
{
	int64_t n;
	enum err_code code = mail_count_waiting(db, &n, err);

	if (code == ERR_OK)
		metric_one(out, "mails_waiting", METRIC_GAUGE, "Mails that are still to be sent.", (uint64_t)n);
	return code;
}

static enum err_code read_all(struct db *db, struct arena *a, struct buf *out, struct err *err)
{
	enum err_code code;

	if ((code = alerts(db, a, out, err)) || (code = handovers(db, a, out, err)) || (code = jobs(db, a, out, err)) ||
		(code = waiting(db, a, out, err)) || (code = mails(db, out, err)))
		return code;
	return webhooks(db, a, out, err);
}

/* Locked. */
static void refresh(struct metrics *m, struct store *st)
{
	struct snap snap;
	struct arena a;
	struct err err = { 0 };
	enum err_code code = store_snap(st, &snap, &err);

	if (code == ERR_OK) {
		arena_init(&a, 0);
		buf_reset(&m->text);
		code = read_all(snap.db, &a, &m->text, &err);
		snap_end(&snap);
		arena_release(&a);
	}
	if (code == ERR_OK) {
		m->read_ms = clock_steady_ms();
		return;
	}
	buf_reset(&m->text); /* what is missing is seen to be missing */
	log_event(LOG_LEVEL_WARN, "metrics", "why", err.text, NULL);
}

void metrics_write(struct metrics *m, const struct metrics_sources *from, struct buf *out)
{
	metric_family(out, "build_info", METRIC_GAUGE, "Always 1; the label says which version runs.");
	metric_sample(out, "build_info", LABEL("version", REKEY_VERSION), 1);
	if (from->phones)
		of_phones(from->phones, out);
	if (from->sipd)
		of_sip(from, out);
	if (from->registrar)
		of_registrar(from->registrar, out);
	if (from->handshakes)
		metric_one(out, "phones_handshakes_waiting", METRIC_GAUGE, "TLS handshakes of phones that queue now.",
			edge_queue_length(from->handshakes));
	if (from->mail)
		of_mail(from->mail, out);
	if (from->store)
		of_store(from->store, out);
	if (from->phones_edge && from->admin_edge)
		of_listeners(from, out);
	if (from->outbox)
		of_outbox(from->outbox, out);
	if (from->pool)
		metric_one(out, "worker_queue", METRIC_GAUGE, "Requests and notes that wait for a worker now.",
			pool_queued(from->pool));
	if (from->store == NULL)
		return;
	pthread_mutex_lock(&m->lock);
	if (m->read_ms == 0 || clock_steady_ms() - m->read_ms >= FRESH_MS)
		refresh(m, from->store);
	buf_slice(out, buf_view(&m->text));
	pthread_mutex_unlock(&m->lock);
}
