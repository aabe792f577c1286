#include "provisioning/http/framing.h"

#include <string.h>
#include <strings.h>

/* RFC 9110 §5.6.2: a blank before the colon is none. */
static bool is_token(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c <= ' ' || c >= 0x7f || strchr("\"(),/:;<=>?@[\\]{}", c))
			return false;
	}
	return n > 0;
}

static bool is_number(const char *s)
{
	return *s && strspn(s, "0123456789") == strlen(s);
}

/* libmicrohttpd glues a folded line (RFC 9112 §5.2) to the header's name, and so would lose the header. */
static bool is_glued(const char *name)
{
	static const char *const framing[] = { "Content-Length", "Transfer-Encoding", "Host" };
	size_t i, n;

	for (i = 0; i < sizeof(framing) / sizeof(framing[0]); i++) {
		n = strlen(framing[i]);
		if (strncasecmp(name, framing[i], n) == 0 && name[n] != '\0')
			return true;
	}
	return false;
}

bool framing_header(const char *name, size_t name_n, const char *value, size_t value_n)
{
	size_t i;

	for (i = 0; i < value_n; i++)
		if (((unsigned char)value[i] < ' ' && value[i] != '\t') || value[i] == 0x7f)
			return false;
	return is_token(name, name_n) && !is_glued(name);
}

bool framing_good(const struct request *rq)
{
	const char *length = request_header(rq, "Content-Length"), *coding = request_header(rq, "Transfer-Encoding");

	if (request_header_nth(rq, "Host", 1) || request_header_nth(rq, "Content-Length", 1) ||
		request_header_nth(rq, "Transfer-Encoding", 1))
		return false;
	if (length && !is_number(length))
		return false;
	return coding == NULL || (length == NULL && strcasecmp(coding, "chunked") == 0);
}
