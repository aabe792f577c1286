/* Bytes as hexadecimal digits. */
#ifndef PHONECFG_BASE_HEX_H
#define PHONECFG_BASE_HEX_H

#include <stdbool.h>
#include <stddef.h>

#include "phonecfg/base/slice.h"

/* 0 to 15 for a digit in either case, -1 for anything else. */
int hex_digit(char c);
/* 2 * n lower-case digits and a NUL: out holds 2 * n + 1. Returns out. */
char *hex_write(const void *bytes, size_t n, char *out);
/* Reads exactly 2 * n digits into n bytes; false, and out may be half written, when s is anything else. */
bool hex_read(struct slice s, void *out, size_t n);

#endif
