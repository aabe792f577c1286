/* A file that had to do without something is given all the same; people are told. */
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "provisioning/conf/log.h"
#include "provisioning/phones/local.h"
#include "provisioning/reset/serving.h"

struct left_out {
	struct phones *ph;
	int64_t domain_id, phone_id;
	char text[ERR_TEXT_MAX + 160];
};

static void write_alert(void *arg)
{
	struct left_out *n = arg;
	struct err err;

	if (serving_note_left(n->ph->conf.reset, n->domain_id, n->phone_id, n->text, &err))
		log_event(LOG_LEVEL_ERROR, "alert-lost", "what", n->text, "why", err.text, NULL);
	phones_done(n->ph);
	mem_free(n);
}

void phones_left_out(
	struct phones *ph, int64_t domain_id, int64_t phone_id, const char *who, const struct vendor_left *left)
{
	struct left_out *n = mem_zalloc(sizeof(*n));

	log_event(LOG_LEVEL_ERROR, "left-out", "whose", who, "what", left->first, NULL);
	if (n == NULL)
		return;
	n->ph = ph;
	n->domain_id = domain_id;
	n->phone_id = phone_id;
	if (left->n == 1)
		snprintf(n->text, sizeof(n->text), "%s: its file was made without one value: %s", who, left->first);
	else
		snprintf(n->text, sizeof(n->text), "%s: its file was made without %zu values; the first: %s", who,
			left->n, left->first);
	if (phones_post(ph, write_alert, n))
		return;
	log_event(LOG_LEVEL_ERROR, "alert-lost", "what", n->text, "why", "the workers' queue is full", NULL);
	mem_free(n);
}
