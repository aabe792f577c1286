#include "provisioning/alert/feed.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/arena.h"
#include "provisioning/conf/log.h"
#include "provisioning/outbox/outbox.h"
#include "provisioning/store/alert.h"
#include "provisioning/store/webhook.h"

/* The feed is for those who listen; what happened stands on the alert itself. Each event lets two old ones go. */
enum { TRIM = 2 };
static const int64_t KEEP_MS = 30LL * 24 * 3600 * 1000;

const char *feed_key(int64_t webhook_id, char out[FEED_KEY])
{
	snprintf(out, FEED_KEY, "webhook:%" PRId64, webhook_id);
	return out;
}

enum err_code feed_owe(struct db *db, int64_t webhook_id, int64_t event_id, int64_t failures, struct err *err)
{
	struct webhook_call_row call = { .webhook_id = webhook_id, .event_id = event_id };
	char key[FEED_KEY];
	enum err_code code = webhook_call_add(db, &call, err);

	if (code || (failures && event_id))
		return code;
	return outbox_put_once(db, "webhook", feed_key(webhook_id, key), "{}", 0, NULL, err);
}

static bool wants(const struct webhook_ear *ear, const char *kind)
{
	char word[64];

	snprintf(word, sizeof(word), " %s ", kind);
	return *ear->kinds == '\0' || strstr(ear->kinds, word) != NULL;
}

static enum err_code owe_all(
	struct db *db, const struct alert_row *alert, int64_t event_id, struct arena *a, struct err *err)
{
	struct webhook_ear *ears;
	size_t n = 0, i;
	enum err_code code = webhook_ears(db, alert->domain_id, a, &ears, &n, err);

	for (i = 0; code == ERR_OK && i < n; i++)
		if (wants(&ears[i], alert->kind))
			code = feed_owe(db, ears[i].id, event_id, ears[i].failures, err);
	return code;
}

enum err_code feed_add(struct db *db, const struct alert_row *alert, const char *what, const char *who, const char *why,
	struct err *err)
{
	struct alert_event_row event = {
		.alert_id = alert->id, .domain_id = alert->domain_id, .what = what, .who = who, .why = why
	};
	char id[24], record[24];
	struct arena a;
	enum err_code code = alert_event_add(db, &event, err);

	if (code)
		return code;
	snprintf(id, sizeof(id), "%" PRId64, alert->id);
	snprintf(record, sizeof(record), "%" PRId64, alert->record_id);
	log_event(strcmp(what, "raised") ? LOG_LEVEL_INFO : LOG_LEVEL_WARN, "alert", "what", what, "kind", alert->kind,
		"alert", id, "handover", record, "text", alert->text, *who ? "by" : NULL, who, NULL);
	arena_init(&a, 0);
	code = owe_all(db, alert, event.id, &a, err);
	arena_release(&a);
	return code ? code : alert_event_trim(db, db_now_ms(db) - KEEP_MS, TRIM, err);
}
