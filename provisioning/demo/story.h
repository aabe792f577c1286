/* The acts of the demo, each driven by the public API and watched from both sides: what the API says, and what the
 * phones say. */
#ifndef PROVISIONING_DEMO_STORY_H
#define PROVISIONING_DEMO_STORY_H

#include "provisioning/demo/fleet.h"

struct story {
	struct stage *stage;
	struct fleet *fleet;
	int signals; /* descriptor that is readable when somebody wants the end */
	bool interrupted;
	unsigned wrong; /* things that did not end as they should; each was printed */
	long long began_ms;
};

/* Switches the phones on, until all have registered. */
enum err_code story_begin(struct story *s, struct err *err);
/* Plays all the acts and prints them. ERR_OK: it was played to the end; story.wrong says how it went. */
enum err_code story_play(struct story *s, struct err *err);
/* Keeps the phones and servers going until somebody wants the end. */
enum err_code story_serve(struct story *s, struct err *err);

/* Looks again until look() is true. False after ms, or on an error or interruption. */
typedef bool story_look_fn(struct story *s, void *arg, struct err *err);
enum err_code story_wait(struct story *s, unsigned ms, story_look_fn *look, void *arg, bool *seen, struct err *err);

/* ---- table.c ---- */

/* Which lines and keys every phone has by the API: mac -> {"lines": …, "keys": …}. */
enum err_code table_snapshot(struct story *s, json_t **out, struct err *err);
/* One row per record. before and after: snapshots. */
void table_print(const struct story *s, const json_t *handovers, const json_t *before, const json_t *after);

#endif
