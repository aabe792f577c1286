/* A phone's state as a JSON file: {"model", "mac", "rules": {...}, "values": [{"layer", "name", "value", "source"}]},
 * and for the reader "lines", "keys" and "steps", which are worked out anew each time. README.md shows one. */
#ifndef PHONECFG_TOOL_STATE_H
#define PHONECFG_TOOL_STATE_H

#include "phonecfg/base/buf.h"
#include "phonecfg/handset/handset.h"

struct state_place {
	const char *path;        /* of the state file */
	const char *profiles;    /* folder of the firmware profiles; NULL = the installed one */
	const char *model, *mac; /* for a phone that has no file yet; else NULL, or equal to what the file says */
};

/* Reads the state, or makes a new phone when there is no file and model and mac are given. */
enum err_code state_load(const struct state_place *place, struct handset **out, struct err *err);
/* The state as text. */
enum err_code state_text(const struct handset *hs, struct buf *out, struct err *err);
/* Replaces the file in one step, mode 0600: it holds passwords. */
enum err_code state_save(const char *path, const struct buf *text, struct err *err);

#endif
