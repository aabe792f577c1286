#include "provisioning/cli/certs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "phonecfg/base/buf.h"
#include "phonecfg/base/mem.h"

enum { CA_DAYS = 3650, LEAF_DAYS = 730, NAMES_MAX = 2048 };

struct cert_ca {
	X509 *cert;
	EVP_PKEY *key;
};

static enum err_code failed(const char *what, struct err *err)
{
	return err_set(err, ERR_IO, "the certificate library could not %s", what);
}

static FILE *create(const char *path, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

	return fd < 0 ? NULL : fdopen(fd, "w");
}

static enum err_code write_key(const char *path, EVP_PKEY *key, struct err *err)
{
	FILE *f = create(path, 0600);
	bool good;

	if (f == NULL)
		return err_set(err, ERR_IO, "cannot write %s: %s", path, strerror(errno));
	good = PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) == 1;
	if (fclose(f) || !good)
		return err_set(err, ERR_IO, "cannot write %s; is the disk full?", path);
	return ERR_OK;
}

static enum err_code write_chain(const char *path, X509 *leaf, X509 *issuer, struct err *err)
{
	FILE *f = create(path, 0644);
	bool good;

	if (f == NULL)
		return err_set(err, ERR_IO, "cannot write %s: %s", path, strerror(errno));
	good = PEM_write_X509(f, leaf) == 1 && (issuer == NULL || PEM_write_X509(f, issuer) == 1);
	if (fclose(f) || !good)
		return err_set(err, ERR_IO, "cannot write %s; is the disk full?", path);
	return ERR_OK;
}

static EVP_PKEY *new_key(enum cert_kind kind, unsigned rsa_bits)
{
	return kind == CERT_RSA ? EVP_RSA_gen(rsa_bits) : EVP_EC_gen("P-256");
}

static bool add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *ext;
	X509V3_CTX ctx;
	bool good;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	good = ext && X509_add_ext(cert, ext, -1) == 1;
	X509_EXTENSION_free(ext);
	return good;
}

static X509 *new_cert(const char *cn, EVP_PKEY *key, int days)
{
	X509 *cert = X509_new();
	BIGNUM *serial = BN_new();
	bool good = cert && serial && BN_rand(serial, 127, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
		    BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(cert)) &&
		    X509_set_version(cert, X509_VERSION_3) == 1 && X509_gmtime_adj(X509_getm_notBefore(cert), -3600) &&
		    X509_time_adj_ex(X509_getm_notAfter(cert), days, 0, NULL) && X509_set_pubkey(cert, key) == 1 &&
		    X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_UTF8,
			    (const unsigned char *)cn, -1, -1, 0) == 1;

	BN_free(serial);
	if (good)
		return cert;
	X509_free(cert);
	return NULL;
}

static enum err_code make_ca(struct cert_ca *ca, const char *crt, const char *key, struct err *err)
{
	enum err_code e;

	ca->key = new_key(CERT_RSA, 3072);
	ca->cert = ca->key ? new_cert("Rekey local CA", ca->key, CA_DAYS) : NULL;
	if (ca->cert == NULL || X509_set_issuer_name(ca->cert, X509_get_subject_name(ca->cert)) != 1 ||
		!add_extension(ca->cert, ca->cert, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
		!add_extension(ca->cert, ca->cert, NID_key_usage, "critical,keyCertSign,cRLSign") ||
		!add_extension(ca->cert, ca->cert, NID_subject_key_identifier, "hash") ||
		X509_sign(ca->cert, ca->key, EVP_sha256()) == 0)
		return failed("make a certificate authority", err);
	e = write_key(key, ca->key, err);
	return e ? e : write_chain(crt, ca->cert, NULL, err);
}

static enum err_code read_ca(struct cert_ca *ca, const char *crt, const char *key, struct err *err)
{
	FILE *f = fopen(crt, "re");

	if (f) {
		ca->cert = PEM_read_X509(f, NULL, NULL, NULL);
		fclose(f);
	}
	f = fopen(key, "re");
	if (f) {
		ca->key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
		fclose(f);
	}
	if (ca->cert == NULL || ca->key == NULL)
		return err_set(err, ERR_IO,
			"%s and %s do not hold a certificate and its key; move them away and try again", crt, key);
	return ERR_OK;
}

enum err_code cert_ca_open(const char *dir, struct cert_ca **out, struct err *err)
{
	char crt[PATH_MAX], key[PATH_MAX];
	struct cert_ca *ca = mem_zalloc(sizeof(*ca));
	enum err_code e;

	if (ca == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	snprintf(crt, sizeof(crt), "%s/ca.crt", dir);
	snprintf(key, sizeof(key), "%s/ca.key", dir);
	e = access(crt, F_OK) == 0 ? read_ca(ca, crt, key, err) : make_ca(ca, crt, key, err);
	if (e) {
		cert_ca_close(ca);
		return e;
	}
	*out = ca;
	return ERR_OK;
}

void cert_ca_close(struct cert_ca *ca)
{
	if (ca == NULL)
		return;
	X509_free(ca->cert);
	EVP_PKEY_free(ca->key);
	mem_free(ca);
}

/* subjectAltName of a comma list: addresses as IP, the rest as DNS. */
static enum err_code alt_names(const char *names, struct buf *out, char *cn, size_t cn_size, struct err *err)
{
	struct slice rest = slice_str(names);

	buf_init(out, NAMES_MAX);
	while (rest.n) {
		struct slice one = slice_trim(slice_cut(&rest, ','));
		unsigned char addr[16];
		char text[256];

		if (one.n == 0 || one.n >= sizeof(text))
			return err_set(err, ERR_INPUT, "\"%s\" is no comma list of host names and addresses", names);
		snprintf(text, sizeof(text), "%.*s", SLICE_ARG(one));
		if (out->len == 0)
			snprintf(cn, cn_size, "%s", text);
		buf_printf(out, "%s%s:%s", out->len ? "," : "",
			inet_pton(AF_INET, text, addr) == 1 || inet_pton(AF_INET6, text, addr) == 1 ? "IP" : "DNS",
			text);
	}
	if (out->len == 0)
		return err_set(err, ERR_INPUT, "a certificate needs at least one host name or address");
	return buf_check(out, "the list of names", err);
}

static X509 *sign_leaf(struct cert_ca *ca, EVP_PKEY *key, enum cert_kind kind, const char *cn, const char *san)
{
	X509 *leaf = new_cert(cn, key, LEAF_DAYS);

	if (leaf && X509_set_issuer_name(leaf, X509_get_subject_name(ca->cert)) == 1 &&
		add_extension(leaf, ca->cert, NID_basic_constraints, "critical,CA:FALSE") &&
		add_extension(leaf, ca->cert, NID_key_usage,
			kind == CERT_RSA ? "critical,digitalSignature,keyEncipherment" : "critical,digitalSignature") &&
		add_extension(leaf, ca->cert, NID_ext_key_usage, "serverAuth,clientAuth") &&
		add_extension(leaf, ca->cert, NID_subject_alt_name, san) &&
		add_extension(leaf, ca->cert, NID_authority_key_identifier, "keyid") &&
		X509_sign(leaf, ca->key, EVP_sha256()) != 0)
		return leaf;
	X509_free(leaf);
	return NULL;
}

enum err_code cert_issue(
	struct cert_ca *ca, enum cert_kind kind, const char *dir, const char *stem, const char *names, struct err *err)
{
	char crt[PATH_MAX], key_path[PATH_MAX], cn[256] = "";
	struct buf san;
	EVP_PKEY *key;
	X509 *leaf = NULL;
	enum err_code e;

	snprintf(crt, sizeof(crt), "%s/%s.crt", dir, stem);
	snprintf(key_path, sizeof(key_path), "%s/%s.key", dir, stem);
	if (access(crt, F_OK) == 0 && access(key_path, F_OK) == 0)
		return ERR_OK;
	e = alt_names(names, &san, cn, sizeof(cn), err);
	if (e)
		goto out;
	key = new_key(kind, 2048);
	if (key)
		leaf = sign_leaf(ca, key, kind, cn, san.data);
	e = leaf ? write_key(key_path, key, err) : failed("sign a server certificate", err);
	if (e == ERR_OK)
		e = write_chain(crt, leaf, ca->cert, err);
	X509_free(leaf);
	EVP_PKEY_free(key);
out:
	buf_release(&san);
	return e;
}
