#include "phonecfg/base/base64.h"

#include <stdint.h>
#include <string.h>

static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static size_t write_digits(const char *digits, const void *bytes, size_t n, char *out)
{
	const unsigned char *in = bytes;
	uint32_t bits = 0;
	int have = 0;
	size_t i, len = 0;

	for (i = 0; i < n; i++) {
		bits = bits << 8 | in[i];
		for (have += 8; have >= 6; have -= 6)
			out[len++] = digits[bits >> (have - 6) & 63];
	}
	if (have > 0)
		out[len++] = digits[bits << (6 - have) & 63];
	out[len] = '\0';
	return len;
}

size_t base64url_write(const void *bytes, size_t n, char *out)
{
	return write_digits(url, bytes, n, out);
}

size_t base64_write(const void *bytes, size_t n, char *out)
{
	size_t len = write_digits(plain, bytes, n, out);

	while (len % 4)
		out[len++] = '=';
	out[len] = '\0';
	return len;
}

/* Writes at most max bytes; *n counts them. Bits behind the last whole byte are ignored. */
static bool read_digits(const char *digits, struct slice s, unsigned char *out, size_t max, size_t *n)
{
	uint32_t bits = 0;
	int have = 0;
	size_t i;

	*n = 0;
	for (i = 0; i < s.n; i++) {
		const char *d = s.p[i] ? strchr(digits, s.p[i]) : NULL;

		if (d == NULL)
			return false;
		bits = bits << 6 | (uint32_t)(d - digits);
		have += 6;
		if (have >= 8 && *n < max) {
			have -= 8;
			out[(*n)++] = (unsigned char)(bits >> have);
		}
	}
	return true;
}

bool base64url_read(struct slice s, void *out, size_t n)
{
	size_t got;

	return s.n == BASE64URL_LEN(n) && read_digits(url, s, out, n, &got) && got == n;
}

bool base64_read(struct slice s, void *out, size_t *n)
{
	while (s.n > 0 && s.p[s.n - 1] == '=')
		s.n--;
	return read_digits(plain, s, out, s.n, n);
}
