#include "provisioning/reset/watch.h"

#include <stdatomic.h>
#include <stdint.h>

#include "provisioning/alert/alert.h"
#include "provisioning/conf/log.h"
#include "provisioning/registrar/registrar.h"
#include "provisioning/reset/reset.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/store.h"

#define KIND "registrar-down"
enum { AGAIN_MS = 10000 };

/* Of the whole process, which has one registrar: is an alert out (at the start one may be left from before), and of
 * which domain and moment was the last. */
static atomic_bool out = true;
static atomic_uint_fast64_t last;

struct note {
	const char *domain, *why;
};

static enum err_code raise_fn(struct txn *t, void *arg, struct err *err)
{
	const struct note *n = arg;
	struct alert_about about = { .domain_id = 0 };
	const char *text;
	struct domain_row dom;
	struct arena a;
	enum err_code code;

	arena_init(&a, 0);
	code = domain_by_name(t->db, n->domain, &a, &dom, err);
	if (code == ERR_OK) {
		about.domain_id = dom.id;
		text = arena_printf(&a,
			"The registrar does not answer, so that phones cannot be told and old registrations not be looked "
			"for; it is asked again by itself. (%s)",
			n->why);
		code = text ? alert_raise(t->db, ALERT_REGISTRAR_DOWN, &about, text, NULL, err) : ERR_NOMEM;
	}
	arena_release(&a);
	return code;
}

static enum err_code clear_fn(struct txn *t, void *arg, struct err *err)
{
	(void)arg;
	return alert_end_kind(t->db, ALERT_REGISTRAR_DOWN, "the registrar answers again", err);
}

/* Every step that fails comes by here; one note in ten seconds is enough for a domain. */
static bool noted(const char *domain, int64_t now_ms)
{
	uint64_t h = 14695981039346656037u + (uint64_t)(now_ms / AGAIN_MS); /* FNV-1a */

	for (; *domain; domain++)
		h = (h ^ (unsigned char)*domain) * 1099511628211u;
	return atomic_exchange(&last, h) == h;
}

void watch_registrar(struct reset *rs, const char *domain, const struct err *why)
{
	struct note n = { domain, why && why->code ? why->text : "no reason given" };
	struct registrar_health health = { 0 };
	struct err err = { 0 };

	if (rs->registrar)
		registrar_health(rs->registrar, &health);
	if (health.asked == 0)
		return;
	if (!health.down && atomic_exchange(&out, false)) {
		if (store_write(rs->store, clear_fn, NULL, &err)) {
			atomic_store(&out, true);
			return;
		}
		log_event(LOG_LEVEL_INFO, "registrar-answers", NULL);
	} else if (health.down && !noted(domain, rs->now_ms())) {
		atomic_store(&out, true);
		log_event(LOG_LEVEL_WARN, KIND, "domain", domain, "why", n.why, NULL);
		if (store_write(rs->store, raise_fn, &n, &err) && err.code != ERR_NOT_FOUND)
			log_event(LOG_LEVEL_ERROR, "alert-lost", "kind", KIND, "why", err.text, NULL);
	}
}
