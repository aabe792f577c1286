/* Which of several forms of an answer a client would rather have (RFC 9110 §12.5.1). Pure. */
#ifndef PROVISIONING_HTTP_ACCEPT_H
#define PROVISIONING_HTTP_ACCEPT_H

#include <stddef.h>

/* Index of the type with the highest weight; of equals the first. 0 when the header is absent, or when it takes none of
 * them: a person reads any answer better than 406. Parameters of the types are not looked at. */
size_t accept_best(const char *header, const char *const *types, size_t n);

#endif
