/* One request through a plane without a socket: what its routes, its hook and its handlers make of it. */
#ifndef TESTS_UNIT_HTTP_TRY_H
#define TESTS_UNIT_HTTP_TRY_H

#include "provisioning/http/http.h"

struct http_try {
	const char *method, *target;
	const char *headers[16]; /* name, value, name, value, … NULL */
	struct slice body;
	bool chunked;           /* the length is not announced */
	bool hang_up;           /* as soon as it sleeps or is with a worker */
	enum delivery delivery; /* what becomes of a 200 */
};

struct http_tried {
	unsigned status;
	bool refused; /* before the body was read */
	bool gone;    /* no answer: the client hung up, or too much was sent */
	bool cut;     /* a stream that ended in the middle */
	unsigned runs;
	struct buf body;
	struct buf headers; /* "Name: value\n" */
};

/* Workers run on the calling thread when the library's http_conf.post_worker is http_try_post; sleeps take no time. */
void http_try(struct http *h, const struct http_try *in, struct http_tried *out);
void http_tried_release(struct http_tried *out);
bool http_try_post(void *workers, void (*fn)(void *arg), void *arg);

#endif
