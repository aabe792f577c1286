/* The SIP thread: takes jobs from any thread, keeps the window and the rates, hands results out. */
#include <re/re.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "provisioning/conf/clock.h"
#include "provisioning/sip/book.h"
#include "provisioning/sip/job.h"
#include "provisioning/sip/loop.h"

enum { QUEUE_MAX = 100000, LATE_MIN_MS = 32000, ADDRESS_MAX = 128, PRESSED_MS = 50 };

struct sipd {
	struct sip_loop *loop;
	notify_result_fn *fn;
	void *arg;
	/* settings, fixed after the start */
	unsigned t1_ms, window;
	size_t queue_max;
	unsigned (*pressure)(void *arg);
	void *pressure_arg;
	unsigned bears;
	char address[ADDRESS_MAX], dns[ADDRESS_MAX], ca[1024];
	uint16_t port;
	/* between threads */
	pthread_mutex_t lock;
	struct job *inbox, *inbox_last; /* under lock, with the next */
	bool closed;
	struct book book; /* under lock */
	atomic_size_t queued;
	atomic_uint in_flight, silent, peak;
	atomic_ullong submitted, settled, datagrams, late, put_off, answers[7], rate_waits, queued_ms;
	/* of the SIP thread */
	struct job_env env;
	struct pace pace;
	struct list fresh; /* jobs in flight by the time they began, without the silent ones */
	struct tmr pump_timer;
	bool stopping;
};

static void pump(void *arg);

static void on_settled(struct job *j, const struct notify_result *r, void *arg)
{
	struct sipd *d = arg;

	pace_sent(&d->pace, &j->item, (uint64_t)clock_steady_us()); /* or never will be */
	if (!j->fresh.list && j->begun_us)
		atomic_fetch_sub(&d->silent, 1);
	list_unlink(&j->fresh);
	atomic_fetch_sub(&d->in_flight, 1);
	atomic_fetch_add(&d->settled, 1);
	atomic_fetch_add(&d->answers[r->status > 0 && r->status < 700 ? r->status / 100 : 0], 1);
	atomic_fetch_add(&d->queued_ms, r->queued_ms);
	d->fn(r, d->arg);
	job_free(j);
	if (!d->stopping)
		tmr_start(&d->pump_timer, 0, pump, d);
}

static void on_datagram(struct job *j, bool first, void *arg)
{
	struct sipd *d = arg;

	atomic_fetch_add(&d->datagrams, 1);
	if (first)
		pace_sent(&d->pace, &j->item, (uint64_t)clock_steady_us());
}

static void on_late(const struct sip_msg *msg, uint64_t tag, void *arg)
{
	struct sipd *d = arg;
	struct notify_result r = { .id = tag, .status = msg->scode, .late = true, .secret = -1 };

	job_reason(msg, r.reason);
	atomic_fetch_add(&d->late, 1);
	d->fn(&r, d->arg);
}

static const struct txn_handler handler = { job_write, job_ended, on_late, job_sent };

/* Who has been silent for so long sends no burst of answers any more: others need not wait for that phone's time-out,
 * or the dead phones of one site would hold the window against all. */
static void let_silent_go(struct sipd *d, int64_t now_us)
{
	int64_t before = now_us - 4000ll * d->t1_ms;
	struct le *le;

	while ((le = list_head(&d->fresh)) && ((struct job *)le->data)->begun_us <= before &&
		atomic_load(&d->silent) < NOTIFY_SILENT_MAX) {
		list_unlink(le);
		atomic_fetch_add(&d->silent, 1);
	}
}

static void begin_job(struct sipd *d, struct job *j, int64_t now_us)
{
	unsigned fresh;

	atomic_fetch_sub(&d->queued, 1);
	fresh = atomic_fetch_add(&d->in_flight, 1) + 1 - atomic_load(&d->silent);
	if (fresh > atomic_load(&d->peak))
		atomic_store(&d->peak, fresh);
	j->begun_us = now_us;
	list_append(&d->fresh, &j->fresh, j);
	job_begin(&d->env, j);
}

static unsigned pressure(const struct sipd *d)
{
	return d->pressure ? d->pressure(d->pressure_arg) : 0;
}

/* How long until something may have changed: the next turn, the end of somebody's patience, a pressure that ends. */
static uint64_t wait_ms(const struct sipd *d, uint64_t turn_us, int64_t now_us)
{
	uint64_t ms = turn_us == UINT64_MAX ? UINT64_MAX : (turn_us + 999) / 1000;
	struct le *le = list_head(&d->fresh);
	int64_t silent_us = le ? ((struct job *)le->data)->begun_us + 4000ll * d->t1_ms - now_us : 0;

	if (d->pace.slowed_us && ms > PRESSED_MS && ms != UINT64_MAX)
		ms = PRESSED_MS;
	if (d->pace.waiting && ms == UINT64_MAX && le && atomic_load(&d->silent) < NOTIFY_SILENT_MAX)
		ms = silent_us > 0 ? (uint64_t)silent_us / 1000 + 1 : 1;
	return ms;
}

static void pump(void *arg)
{
	struct sipd *d = arg;
	int64_t now_us = clock_steady_us();
	uint64_t turn_us = UINT64_MAX, ms;
	struct pace_item *item;

	tmr_cancel(&d->pump_timer);
	let_silent_go(d, now_us);
	pace_press(&d->pace, pressure(d));
	while (!d->stopping && list_count(&d->fresh) < d->window) {
		now_us = clock_steady_us();
		item = pace_next(&d->pace, (uint64_t)now_us, &turn_us);
		if (!item)
			break;
		begin_job(d, (struct job *)item, now_us);
		turn_us = UINT64_MAX;
	}
	ms = wait_ms(d, turn_us, now_us);
	if (!d->stopping && ms != UINT64_MAX && !tmr_isrunning(&d->pump_timer)) {
		if (turn_us != UINT64_MAX)
			atomic_fetch_add(&d->rate_waits, 1);
		tmr_start(&d->pump_timer, ms, pump, d);
	}
}

static struct job *take_inbox(struct sipd *d, bool close)
{
	struct job *first;

	(void)pthread_mutex_lock(&d->lock);
	first = d->inbox;
	d->inbox = d->inbox_last = NULL;
	d->closed = d->closed || close;
	(void)pthread_mutex_unlock(&d->lock);
	return first;
}

static void abort_waiting(struct sipd *d, struct job *j)
{
	atomic_fetch_sub(&d->queued, 1);
	atomic_fetch_add(&d->in_flight, 1); /* on_settled() counts it out */
	job_abort(&d->env, j);
}

static void woken(void *arg)
{
	struct sipd *d = arg;
	struct job *j = take_inbox(d, false), *next;

	for (; j; j = next) {
		uint64_t since = j->item.since_us;

		next = j->next;
		j->next = NULL;
		if (!pace_push(&d->pace, &j->item, j->n.source, since))
			abort_waiting(d, j);
	}
	pump(d);
}

static void stopping(void *arg)
{
	struct sipd *d = arg;
	struct job *j = take_inbox(d, true), *next;
	struct pace_item *item;

	d->stopping = true;
	tmr_cancel(&d->pump_timer);
	for (; j; j = next) {
		next = j->next;
		abort_waiting(d, j);
	}
	while ((item = pace_take(&d->pace)))
		abort_waiting(d, (struct job *)item);
	job_abort_all(&d->env);
	sip_loop_leave(d->loop);
}

static enum err_code begin(void *arg, struct err *err)
{
	struct sipd *d = arg;
	unsigned late = 64 * d->t1_ms > LATE_MIN_MS ? 64 * d->t1_ms : LATE_MIN_MS;
	struct sa local;
	enum err_code rc;

	tmr_init(&d->pump_timer);
	list_init(&d->env.flights);
	if (sa_set_str(&local, d->address, d->port) != 0 || sa_is_any(&local))
		return err_set(err, ERR_INPUT,
			"\"%s\" is no address that SIP can send from; address in [sip] needs one of this machine, in digits.",
			d->address);
	rc = txn_layer_open(&local, d->ca[0] ? d->ca : NULL, d->t1_ms, late, &handler, d, &d->env.txns, err);
	if (!rc)
		rc = resolver_open(d->dns[0] ? d->dns : NULL, sa_af(&local), &d->env.resolver, err);
	return rc;
}

static void end(void *arg)
{
	struct sipd *d = arg;

	tmr_cancel(&d->pump_timer);
	resolver_close(d->env.resolver);
	txn_layer_close(d->env.txns);
}

static const struct sip_loop_ops ops = { begin, woken, stopping, end };

static bool copy(char *to, size_t size, const char *from, const char *otherwise)
{
	const char *s = from ? from : otherwise;

	return (size_t)snprintf(to, size, "%s", s) < size && !strpbrk(s, "\r\n");
}

static enum err_code copy_settings(struct sipd *d, const struct sipd_conf *c, struct err *err)
{
	struct job_env *e = &d->env;
	struct slice secret = secret_reveal(&c->proxy_secret);

	if (!copy(d->address, sizeof d->address, c->local_address, "") ||
		!copy(d->dns, sizeof d->dns, c->dns_server, "") || !copy(d->ca, sizeof d->ca, c->tls_ca, "") ||
		!copy(e->proxy, sizeof e->proxy, c->proxy, "") ||
		!copy(e->proxy_user, sizeof e->proxy_user, c->proxy_user, "") ||
		!copy(e->user_agent, sizeof e->user_agent, c->user_agent, "Rekey") ||
		secret.n >= sizeof e->proxy_secret)
		return err_set(err, ERR_INPUT, "A setting of SIP is too long or holds a line break.");
	if (e->proxy[0] && job_check_uri("proxy", e->proxy, err))
		return ERR_INPUT;
	memcpy(e->proxy_secret, secret.p ? secret.p : "", secret.n);
	d->port = c->local_port;
	d->t1_ms = c->t1_ms ? c->t1_ms : NOTIFY_T1_MS;
	d->window = c->window && c->window < NOTIFY_WINDOW ? c->window : NOTIFY_WINDOW;
	d->queue_max = c->queue_max ? c->queue_max : QUEUE_MAX;
	d->pressure = c->pressure;
	d->pressure_arg = c->pressure_arg;
	d->bears = c->bears;
	list_init(&d->fresh);
	book_init(&d->book, c->rate, c->rate_source);
	if (!pace_init(&d->pace, c->rate, c->rate_source, c->pressure ? c->bears : 0))
		return err_set(err, ERR_NOMEM, "Out of memory while starting SIP.");
	return ERR_OK;
}

static void free_sipd(struct sipd *d)
{
	pace_release(&d->pace);
	book_release(&d->book);
	(void)pthread_mutex_destroy(&d->lock);
	explicit_bzero(d, sizeof *d);
	mem_free(d);
}

enum err_code sipd_start(
	const struct sipd_conf *conf, notify_result_fn *fn, void *arg, struct sipd **out, struct err *err)
{
	struct sipd *d = mem_zalloc(sizeof *d);
	enum err_code rc;

	if (!d)
		return err_set(err, ERR_NOMEM, "Out of memory while starting SIP.");
	(void)pthread_mutex_init(&d->lock, NULL);
	d->fn = fn;
	d->arg = arg;
	d->env.settled = on_settled;
	d->env.datagram = on_datagram;
	d->env.arg = d;
	rc = copy_settings(d, conf, err);
	if (!rc)
		rc = sip_loop_start(&ops, d, &d->loop, err);
	if (rc) {
		free_sipd(d);
		return rc;
	}
	*out = d;
	return ERR_OK;
}

void sipd_stop(struct sipd *d)
{
	if (!d)
		return;
	sip_loop_stop(d->loop);
	free_sipd(d);
}

enum err_code sipd_submit(struct sipd *d, const struct notify *n, struct err *err)
{
	enum err_code rc;
	struct job *j;

	rc = job_new(n, d->env.proxy, &j, err);
	if (rc)
		return rc;
	j->item.since_us = (uint64_t)clock_steady_us();
	(void)pthread_mutex_lock(&d->lock);
	if (d->closed)
		rc = err_set(err, ERR_BUSY, "Rekey is stopping; no NOTIFY is taken any more.");
	else if (atomic_load(&d->queued) >= d->queue_max)
		rc = err_set(err, ERR_LIMIT, "%zu NOTIFYs wait already; try again later.", d->queue_max);
	if (!rc) {
		if (d->inbox_last)
			d->inbox_last->next = j;
		else
			d->inbox = j;
		d->inbox_last = j;
		atomic_fetch_add(&d->queued, 1);
		atomic_fetch_add(&d->submitted, 1);
	}
	(void)pthread_mutex_unlock(&d->lock);
	if (rc)
		job_free(j);
	else
		sip_loop_wake(d->loop);
	return rc;
}

bool sipd_room(struct sipd *d, uint64_t id, const char *source, int64_t *wait_ms)
{
	bool room = false;

	*wait_ms = 1000;
	if (atomic_load(&d->queued) + atomic_load(&d->in_flight) < NOTIFY_HELD_MAX) {
		(void)pthread_mutex_lock(&d->lock);
		room = book_room(&d->book, id, source, clock_steady_us(), wait_ms);
		(void)pthread_mutex_unlock(&d->lock);
	}
	if (!room)
		atomic_fetch_add(&d->put_off, 1);
	return room;
}

void sipd_counts(struct sipd *d, struct sipd_counts *out)
{
	unsigned now = pressure(d);
	size_t i;

	*out = (struct sipd_counts){
		.submitted = atomic_load(&d->submitted),
		.settled = atomic_load(&d->settled),
		.datagrams = atomic_load(&d->datagrams),
		.late = atomic_load(&d->late),
		.queued = (unsigned)atomic_load(&d->queued),
		.in_flight = atomic_load(&d->in_flight),
		.in_flight_peak = atomic_load(&d->peak),
		.silent = atomic_load(&d->silent),
		.put_off = atomic_load(&d->put_off),
		.pressure = now,
		.slowed = d->bears && now > d->bears,
		.rate_waits = atomic_load(&d->rate_waits),
		.queued_ms = atomic_load(&d->queued_ms),
	};
	for (i = 0; i < sizeof(out->answers) / sizeof(out->answers[0]); i++)
		out->answers[i] = atomic_load(&d->answers[i]);
}
