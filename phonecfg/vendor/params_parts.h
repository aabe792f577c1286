/* The readers behind params_scan. Private to vendor/. */
#ifndef PHONECFG_VENDOR_PARAMS_PARTS_H
#define PHONECFG_VENDOR_PARAMS_PARTS_H

#include "phonecfg/vendor/params.h"

struct scan {
	struct slice text;
	struct arena *a;
	struct params *out;
	struct findings *found;
};

/* Adds a parameter; NULL when memory ran out. */
struct param *scan_add(struct scan *s, const char *name, const char *value, unsigned line);
/* "#!version:1.0.0.1" and lines: Yealink. */
void scan_lines(struct scan *s);
void scan_xml(struct scan *s);

#endif
