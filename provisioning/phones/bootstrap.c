#include "provisioning/phones/bootstrap.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/buf.h"
#include "phonecfg/base/mem.h"
#include "phonecfg/vendor/vendor.h"

enum { CA_MAX = 64 * 1024, PATH_TEXT_MAX = 128 };

static const char text[] = "text/plain; charset=utf-8";

struct bootstrap {
	struct arena arena;
	struct slice ca, yealink, grandstream, hint;
};

/* Whatever else stands in the file, a key say, stays there. */
static enum err_code read_ca(struct bootstrap *b, const char *path, struct err *err)
{
	FILE *f = fopen(path, "re");
	BIO *out = BIO_new(BIO_s_mem());
	X509 *cert;
	char *p;
	long n;

	if (f == NULL || out == NULL) {
		err_set(err, ERR_INPUT, "cannot read %s: %s; name the CA's certificate in [phones] ca-file", path,
			strerror(errno));
		BIO_free(out);
		if (f)
			fclose(f);
		return ERR_INPUT;
	}
	while ((cert = PEM_read_X509(f, NULL, NULL, NULL)) != NULL) {
		PEM_write_bio_X509(out, cert);
		X509_free(cert);
	}
	ERR_clear_error();
	fclose(f);
	n = BIO_get_mem_data(out, &p);
	if (n > 0 && n <= CA_MAX)
		b->ca = (struct slice){ arena_strndup(&b->arena, p, (size_t)n), (size_t)n };
	BIO_free(out);
	return b->ca.n ? ERR_OK
		       : err_set(err, ERR_INPUT, "%s holds no certificate in PEM; name the CA's in [phones] ca-file",
				 path);
}

static const char *ca_url(struct bootstrap *b, const struct bootstrap_conf *c, const char *authority)
{
	size_t n = *authority == '[' ? strcspn(authority, "]") + 1 : strcspn(authority, ":/");

	if (c->ca_url)
		return c->ca_url;
	return b->ca.n ? arena_printf(&b->arena, "http://%.*s:%u/ca.crt", (int)n, authority, c->http_port) : NULL;
}

/* Names of both generations: each passes the other's over. */
static const char *yealink(struct bootstrap *b, const struct bootstrap_conf *c, const char *ca)
{
	static const char *const prefixes[] = { "static.", "" };
	const char *out = "#!version:1.0.0.1\n";
	size_t i;

	for (i = 0; i < 2; i++) {
		if (ca)
			out = arena_printf(&b->arena, "%s%strusted_certificates.url = %s\n%ssecurity.ca_cert = 2\n",
				out ? out : "", prefixes[i], ca, prefixes[i]);
		out = arena_printf(
			&b->arena, "%s%sauto_provision.server.url = %s/cfg/\n", out ? out : "", prefixes[i], c->url);
	}
	return out;
}

static enum err_code make(struct bootstrap *b, const struct bootstrap_conf *c, struct err *err)
{
	const char *authority = c->url + strlen("https://"), *ca;
	enum err_code e = c->ca_file ? read_ca(b, c->ca_file, err) : ERR_OK;

	if (e)
		return e;
	/* Into XML and into lines. Settings let hardly more than this in; whatever else a url has, no file is made of
	 * it. */
	if (c->url[strspn(c->url, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:/[]")])
		return err_set(err, ERR_INPUT, "[phones] url is \"%s\"; with http-port it must be host and port alone",
			c->url);
	ca = ca_url(b, c, authority);
	b->yealink = slice_str(yealink(b, c, ca));
	b->grandstream = slice_str(arena_printf(&b->arena,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gs_provision version=\"1\">\n<config version=\"1\">\n"
		"<P212>2</P212>\n<P237>%s/cfg</P237>\n</config>\n</gs_provision>\n",
		authority));
	b->hint = slice_str(arena_printf(&b->arena, "Phones are served by https alone, at %s/cfg/\n%s%s%s", c->url,
		ca ? "The CA's certificate: " : "", ca ? ca : "", ca ? "\n" : ""));
	return arena_failed(&b->arena) ? err_set(err, ERR_NOMEM, "out of memory") : ERR_OK;
}

enum err_code bootstrap_open(const struct bootstrap_conf *conf, struct bootstrap **out, struct err *err)
{
	struct bootstrap *b = mem_zalloc(sizeof(*b));
	enum err_code e;

	if (b == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	arena_init(&b->arena, 0);
	e = make(b, conf, err);
	if (e) {
		bootstrap_close(b);
		return e;
	}
	*out = b;
	return ERR_OK;
}

void bootstrap_close(struct bootstrap *b)
{
	if (b == NULL)
		return;
	arena_release(&b->arena);
	mem_free(b);
}

/* The files that phones ask for when they have none of their own. */
static struct slice file_of(const struct bootstrap *b, enum file_kind kind)
{
	switch (kind) {
	case FILE_YEALINK_COMMON:
		return b->yealink;
	case FILE_GS_MODEL_XML:
	case FILE_GS_COMMON_XML:
		return b->grandstream;
	default:
		return (struct slice){ NULL, 0 };
	}
}

struct plain_page bootstrap_page(void *arg, const char *path)
{
	const struct bootstrap *b = arg;
	struct file_request file = { .kind = FILE_UNKNOWN };
	const char *last = strrchr(path, '/');
	struct slice name = slice_str(last ? last + 1 : path), body;

	if (strcmp(path, "/ca.crt") == 0 && b->ca.n)
		return (struct plain_page){ 200, "application/x-x509-ca-cert", b->ca };
	if (strcmp(path, "/") == 0)
		return (struct plain_page){ 200, text, b->hint };
	if (name.n > PATH_TEXT_MAX || !vendor_parse_file(name, &file) || file.has_mac)
		return (struct plain_page){ 404, text, b->hint };
	body = file_of(b, file.kind);
	if (body.n == 0)
		return (struct plain_page){ 404, text, b->hint };
	return (struct plain_page){ 200, file.kind == FILE_YEALINK_COMMON ? text : "text/xml; charset=utf-8", body };
}
