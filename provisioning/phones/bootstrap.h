/* What the listener without TLS says: the CA and where the server is, and nothing else. The same for everybody: no name
 * that has a MAC in it is answered. */
#ifndef PROVISIONING_PHONES_BOOTSTRAP_H
#define PROVISIONING_PHONES_BOOTSTRAP_H

#include <stdint.h>

#include "phonecfg/base/err.h"
#include "provisioning/edge/plain.h"

struct bootstrap;

struct bootstrap_conf {
	const char *url; /* https://host:port, without a slash at the end */
	const char
		*ca_file;   /* PEM; of what it holds, certificates alone are given. NULL = phones know the CA already */
	const char *ca_url; /* where phones find it; NULL = here */
	uint16_t http_port;
	const char *templates; /* folder that first/ stands in */
};

/* Errors name the file. */
enum err_code bootstrap_open(const struct bootstrap_conf *conf, struct bootstrap **out, struct err *err);
void bootstrap_close(struct bootstrap *b); /* NULL is allowed */

plain_page_fn bootstrap_page; /* arg: the struct bootstrap */

#endif
