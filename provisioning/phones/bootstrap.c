#include "provisioning/phones/bootstrap.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/file.h"
#include "phonecfg/base/mem.h"
#include "phonecfg/template/template.h"
#include "phonecfg/vendor/vendor.h"
#include "provisioning/conf/net.h"

enum { CA_MAX = 64 * 1024, FILE_MAX = 16 * 1024, PATH_TEXT_MAX = 128 };

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

static const char *ca_url(struct bootstrap *b, const struct bootstrap_conf *c)
{
	struct slice host = net_url_host(c->url);
	bool v6 = memchr(host.p, ':', host.n) != NULL;

	if (c->ca_url)
		return c->ca_url;
	return b->ca.n ? arena_printf(&b->arena, "http://%s%.*s%s:%u/ca.crt", v6 ? "[" : "", (int)host.n, host.p,
				 v6 ? "]" : "", c->http_port)
		       : "";
}

static enum err_code fill(struct bootstrap *b, const char *path, enum escape escape, const struct tval *data,
	struct slice *out, struct err *err)
{
	const struct template_options options = { .escape = escape, .schema = data, .no_raw = true };
	struct template *t = NULL;
	struct buf source, made;
	enum err_code e;

	buf_init(&source, FILE_MAX);
	buf_init(&made, FILE_MAX);
	e = file_read(path, &source, err);
	if (e == ERR_OK)
		e = template_compile(buf_view(&source), path, &options, &t, err);
	if (e == ERR_OK)
		e = template_render(t, data, &made, err);
	if (e == ERR_OK)
		*out = (struct slice){ arena_strndup(&b->arena, made.data, made.len), made.len };
	template_free(t);
	buf_release(&source);
	buf_release(&made);
	return e;
}

static enum err_code make(struct bootstrap *b, const struct bootstrap_conf *c, struct err *err)
{
	const char *authority = c->url + strlen("https://"), *ca;
	struct tval *data = tval_object(&b->arena);
	enum err_code e = c->ca_file ? read_ca(b, c->ca_file, err) : ERR_OK;

	if (e)
		return e;
	ca = ca_url(b, c);
	tval_put_str(data, "url", arena_printf(&b->arena, "%s/cfg/", c->url));
	tval_put_str(data, "path", arena_printf(&b->arena, "%s/cfg", authority));
	tval_put_str(data, "ca_url", ca);
	b->hint = slice_str(arena_printf(&b->arena, "Phones are served by https alone, at %s/cfg/\n%s%s%s", c->url,
		*ca ? "The CA's certificate: " : "", ca, *ca ? "\n" : ""));
	if (arena_failed(&b->arena))
		return err_set(err, ERR_NOMEM, "out of memory");
	e = fill(b, arena_printf(&b->arena, "%s/first/yealink.mustache", c->templates), ESCAPE_INI, data, &b->yealink,
		err);
	return e ? e
		 : fill(b, arena_printf(&b->arena, "%s/first/grandstream.mustache", c->templates), ESCAPE_XML, data,
			   &b->grandstream, err);
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
