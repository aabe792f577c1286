/* JSON in and out, on jansson. */
#ifndef PROVISIONING_HTTP_JSON_H
#define PROVISIONING_HTTP_JSON_H

#include <jansson.h>

#include "provisioning/http/http.h"

enum { JSON_DEPTH_MAX = 16, JSON_BODY_MAX = 16 * 1024 * 1024 };

/* The body as an object. Duplicate keys, NUL in text, depth beyond JSON_DEPTH_MAX and anything behind the object are
 * refused with line and column. Borrowed: freed with the request. An empty body gives an empty object. */
enum err_code request_json(struct request *rq, json_t **out, struct err *err);
/* The same for a body that may be an array too. */
enum err_code request_json_value(struct request *rq, json_t **out, struct err *err);
/* Answers with v and takes the reference over (also when it fails; NULL is answered by 500). Returns HANDLED. */
/* Gives jansson our memory; http_open does it, tools that open no plane call it before threads. */
void json_prepare(void);
/* An object that was kept as text; an empty one for "" and NULL. NULL when memory ran out (or the text is none of
 * ours): then nothing may be laid over it. The caller owns it. */
json_t *json_kept(const char *text);
/* Frees what json_dumps() returned. */
void json_free_text(char *text);
enum handled response_json(struct response *rs, unsigned status, json_t *v);

/* What an object may hold, as a table. Unknown members are refused by name. */
enum json_kind {
	JSON_TEXT, /* const char *, in the arena; NULL when absent */
	JSON_BOOL, /* bool; takes true, false, "yes", "no" as NetSapiens does */
	JSON_INT,  /* int64_t */
	JSON_LIST, /* json_t *, borrowed */
	JSON_MAP,  /* json_t *, borrowed */
};

struct json_input {
	const char *name;
	enum json_kind kind;
	bool required;
	size_t offset; /* offsetof the member in the caller's struct */
	size_t seen;   /* offsetof a bool that tells whether it was given; 0 = none (put another member first) */
	int64_t max;   /* TEXT: characters, INT: value, LIST: elements; 0 = 255, INT64_MAX, 10000 */
};

/* Fills *out from obj. Text is checked by text_check() (UTF-8, no control character). out is filled with zeros before.
 */
enum err_code json_inputs(json_t *obj, const struct json_input *table, size_t n, struct arena *a, void *out,
	size_t out_size, struct err *err);

#endif
