/* The web page of the admin listener: files made by build.mjs, held in the program. */
#ifndef PROVISIONING_PORTAL_PORTAL_H
#define PROVISIONING_PORTAL_PORTAL_H

#include <stdbool.h>
#include <stddef.h>

#include "phonecfg/base/slice.h"
#include "provisioning/http/http.h"

struct portal_file {
	const char *name, *type;
	const char *etag; /* of the bytes */
	bool lasting;     /* its name changes with its bytes: a browser may keep it for ever */
	struct slice plain, gzip;
};
extern const struct portal_file portal_files[]; /* portal_files.c */
extern const size_t portal_file_count;

/* GET / is the page, GET /portal/{file} what it loads. scope is what the plane's hook lets everybody in with. */
const struct route *portal_routes(size_t *n);

#endif
