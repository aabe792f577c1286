#include "provisioning/webhook/body.h"

#include <jansson.h>
#include <string.h>
#include <time.h>

#include "provisioning/alert/alert.h"
#include "provisioning/store/alert.h"
#include "provisioning/store/webhook.h"

enum { BODY_MAX = 16 * 1024 };

static json_t *time_of(int64_t ms)
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;
	char text[32] = "";

	if (gmtime_r(&t, &tm))
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_string(text);
}

static json_t *text_or_null(const char *text)
{
	return *text ? json_string(text) : json_null();
}

/* Takes the reference over. */
static enum err_code write(json_t *v, struct arena *a, struct slice *out, struct err *err)
{
	char *text = arena_alloc(a, BODY_MAX);
	size_t n = v && text ? json_dumpb(v, text, BODY_MAX, JSON_COMPACT) : 0;

	json_decref(v);
	if (n == 0 || n > BODY_MAX)
		return err_set(err, ERR_NOMEM, "there is no memory for a webhook's call");
	*out = (struct slice){ text, n };
	return ERR_OK;
}

enum err_code body_of_event(const struct alert_event_row *event, const struct alert_row *alert, struct arena *a,
	struct slice *out, struct err *err)
{
	const char *type = arena_printf(a, "alert.%s", event->what);
	enum alert_kind kind;
	json_t *data = json_pack("{s:I, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "alert", (json_int_t)alert->id,
		"kind", alert->kind, "title", alert_kind_read(alert->kind, &kind) ? alert_kind_title(kind) : "", "text",
		alert->text, "raised-datetime", time_of(alert->at_ms), "domain", text_or_null(alert->domain),
		"device-provisioning-mac-address", text_or_null(alert->mac), "handover",
		alert->record_id ? json_integer(alert->record_id) : json_null(), "by-user", text_or_null(event->who),
		"reason", text_or_null(event->why));

	if (type == NULL) {
		json_decref(data);
		return err_set(err, ERR_NOMEM, "there is no memory for a webhook's call");
	}
	return write(json_pack("{s:s, s:o, s:o}", "type", type, "timestamp", time_of(event->at_ms), "data", data), a,
		out, err);
}

enum err_code body_of_test(
	const struct webhook_row *hook, int64_t at_ms, struct arena *a, struct slice *out, struct err *err)
{
	return write(json_pack("{s:s, s:o, s:{s:I, s:s, s:s}}", "type", "webhook.test", "timestamp", time_of(at_ms),
			     "data", "webhook", (json_int_t)hook->id, "description", hook->description, "text",
			     "This is a test; nothing is wrong."),
		a, out, err);
}
