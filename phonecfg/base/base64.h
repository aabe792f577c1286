/* Base 64 (RFC 4648): the URL alphabet without padding for what Rekey makes, the plain one for what HTTP clients send.
 */
#ifndef PHONECFG_BASE_BASE64_H
#define PHONECFG_BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include "phonecfg/base/slice.h"

/* Characters that n bytes take, without the NUL. */
#define BASE64URL_LEN(n) (((n)*8 + 5) / 6)

/* §5, without '='. Writes BASE64URL_LEN(n) characters and a NUL; returns how many characters. */
size_t base64url_write(const void *bytes, size_t n, char *out);
/* Characters that n bytes take in §4, padding included, without the NUL. */
#define BASE64_LEN(n) (((n) + 2) / 3 * 4)
/* §4, padded. Writes BASE64_LEN(n) characters and a NUL; returns how many characters. */
size_t base64_write(const void *bytes, size_t n, char *out);
/* Reads what base64url_write makes of n bytes, no more and no less. */
bool base64url_read(struct slice s, void *out, size_t n);
/* §4, padded or not. out holds at least s.n bytes; *n becomes how many were written. */
bool base64_read(struct slice s, void *out, size_t *n);

#endif
