#include "provisioning/portal/portal.h"

#include <string.h>

#include "provisioning/api/scope.h"

/* Everything from here and nowhere else; a blob is what the camera's picture is drawn on. */
static const char policy[] = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
			     "media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
			     "base-uri 'none'; frame-ancestors 'none'";

static const struct portal_file *find(const char *name)
{
	size_t i;

	for (i = 0; i < portal_file_count; i++)
		if (strcmp(portal_files[i].name, name) == 0)
			return &portal_files[i];
	return NULL;
}

static enum handled serve(struct request *rq, struct response *rs, const struct portal_file *f)
{
	const char *takes = request_header(rq, "Accept-Encoding");
	bool gzip = takes && strstr(takes, "gzip");
	const struct slice *body = gzip ? &f->gzip : &f->plain;

	response_shared(rs, f->type, body->p, body->n, NULL, NULL);
	response_etag(rs, gzip ? arena_printf(&rq->arena, "%s-gz", f->etag) : f->etag);
	if (gzip)
		response_header(rs, "Content-Encoding", "gzip");
	response_header(rs, "Vary", "Accept-Encoding");
	response_header(rs, "Cache-Control", f->lasting ? "public, max-age=31536000, immutable" : "no-cache");
	response_header(rs, "Content-Security-Policy", policy);
	response_header(rs, "Permissions-Policy", "camera=(self), microphone=(), geolocation=()");
	return HANDLED;
}

static enum handled page_fn(struct request *rq, struct response *rs)
{
	return serve(rq, rs, find("index.html"));
}

static enum handled file_fn(struct request *rq, struct response *rs)
{
	const struct portal_file *f = find(request_param(rq, "file"));

	if (f == NULL)
		return problem_status(rs, 404, "not-found", "There is no such file; load the page again.");
	return serve(rq, rs, f);
}

const struct route *portal_routes(size_t *n)
{
	static const struct route rows[] = {
		{ HTTP_GET, "/", page_fn, ON_EDGE, SCOPE_OPEN, 0, 0 },
		{ HTTP_GET, "/portal/{file}", file_fn, ON_EDGE, SCOPE_OPEN, 0, 0 },
	};

	*n = sizeof(rows) / sizeof(rows[0]);
	return rows;
}
