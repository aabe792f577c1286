/* The table of routes, compiled: patterns as segments, in the order in which they are tried. */
#ifndef PROVISIONING_HTTP_ROUTER_H
#define PROVISIONING_HTTP_ROUTER_H

#include <stdatomic.h>

#include "provisioning/http/http.h"

enum { ROUTER_SEGMENTS_MAX = 16 };

struct router_segment {
	enum { SEGMENT_TEXT, SEGMENT_NAME, SEGMENT_REST } kind; /* in the order of preference */
	struct slice text;                                      /* the text, or the parameter's name */
};

struct router_row {
	const struct route *route;
	const char *prefix;
	struct router_segment segments[ROUTER_SEGMENTS_MAX];
	size_t n;
	atomic_uint running;
};

struct router {
	struct arena arena;
	struct router_row *rows;
	size_t count;
};

struct router_match {
	struct router_row *row; /* NULL: no such path, or not with this method */
	unsigned allow;         /* methods that this path has, when row is NULL; 0 = no such path */
	struct http_param params[HTTP_PARAMS_MAX];
	size_t nparams;
};

/* Errors name the pattern: not starting with '/', more than ROUTER_SEGMENTS_MAX segments or HTTP_PARAMS_MAX parameters,
 * a rest that is not last, the same method and pattern twice. */
enum err_code router_init(struct router *r, const struct mount *mounts, size_t n, struct err *err);
void router_release(struct router *r);

/* path: without query, still encoded. Empty segments do not count: "//cfg//x/" is "/cfg/x", as old phones join their
 * URL. A parameter that is malformed, holds a control character or is not UTF-8, and a rest with "." or "..", match
 * nothing. Values are put into the arena. */
void router_match(
	const struct router *r, struct arena *a, enum http_method method, const char *path, struct router_match *out);

/* "GET, HEAD, PUT" for an Allow header. */
void router_allow(unsigned methods, char *out, size_t size);

#endif
