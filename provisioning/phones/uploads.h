/* How many uploads run at once: in total, and of one phone. Any thread. */
#ifndef PROVISIONING_PHONES_UPLOADS_H
#define PROVISIONING_PHONES_UPLOADS_H

#include "phonecfg/base/err.h"
#include "provisioning/http/http.h"

struct uploads;

/* NULL when memory has run out. */
struct uploads *uploads_new(unsigned most, unsigned of_one);
void uploads_free(struct uploads *u);
/* A phone that has proved itself, before its body is read; it leaves with the request. False = rs says that there are
 * too many. */
bool uploads_enter(struct uploads *u, int64_t phone_id, struct request *rq, struct response *rs);

#endif
