/* What a phone asks: its MAC, its User-Agent, its login. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "phonecfg/base/base64.h"
#include "phonecfg/base/hex.h"
#include "tests/peers/pull/pull.h"

enum { NONCE_S = 120 };
static const char password[] = "0123456789abcdef", realm[] = "rekey";
static char nonce[128];
static double nonce_at;
static unsigned nc;

static int challenge(char text[HEAD_MAX + 1])
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)conf.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), n = 0, r;
	SSL *ssl = SSL_new(pull_ctx);

	SSL_set_fd(ssl, fd);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0 && SSL_connect(ssl) == 1) {
		n = snprintf(
			text, HEAD_MAX, "GET /cfg/00150000ffff.cfg HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
		SSL_write(ssl, text, n);
		for (n = 0; n < HEAD_MAX && (r = SSL_read(ssl, text + n, HEAD_MAX - n)) > 0; n += r)
			;
		SSL_shutdown(ssl);
	}
	SSL_free(ssl);
	close(fd);
	return n;
}

/* One nonce for all: it is good for every phone of the listener. A server without Digest is sent the same header all
 * the same. */
void fetch_nonce(void)
{
	char text[HEAD_MAX + 1], *at;

	text[challenge(text)] = '\0';
	at = strstr(text, "algorithm=MD5, nonce=\"");
	if (at == NULL || sscanf(at, "algorithm=MD5, nonce=\"%127[^\"]", nonce) != 1)
		memset(nonce, 'n', 70);
	nonce_at = now();
}

static bool polycom(void)
{
	return strcmp(conf.brand, "polycom") == 0;
}

static void mac_of(int n, char out[13])
{
	snprintf(out, 13, "%s%08x", polycom() ? "0004" : "0015", (unsigned)n);
}

static void md5(const char *text, char out[33])
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned n;

	EVP_Digest(text, strlen(text), md, &n, EVP_md5(), NULL);
	hex_write(md, 16, out);
}

static void authorization(const char *mac, const char *target, char *out, size_t size)
{
	char text[512], ha1[33], ha2[33], response[33], b64[128];

	*out = '\0';
	if (strcmp(conf.auth, "basic") == 0) {
		snprintf(text, sizeof(text), "%s:%s", mac, password);
		base64_write((const unsigned char *)text, strlen(text), b64);
		snprintf(out, size, "Authorization: Basic %s\r\n", b64);
	}
	if (strcmp(conf.auth, "digest") != 0)
		return;
	if (now() - nonce_at > NONCE_S)
		fetch_nonce();
	snprintf(text, sizeof(text), "%s:%s:%s", mac, realm, password);
	md5(text, ha1);
	snprintf(text, sizeof(text), "GET:%s", target);
	md5(text, ha2);
	nc++;
	snprintf(text, sizeof(text), "%s:%s:%08x:4f2a9c01:auth:%s", ha1, nonce, nc, ha2);
	md5(text, response);
	snprintf(out, size,
		"Authorization: Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", uri=\"%s\", response=\"%s\", "
		"algorithm=MD5, qop=auth, nc=%08x, cnonce=\"4f2a9c01\"\r\n",
		mac, realm, nonce, target, response, nc);
}

size_t request(const struct line *l, char *out, size_t size)
{
	char mac[13], target[128], login[768], agent[128];

	mac_of(l->phone, mac);
	snprintf(target, sizeof(target), conf.file[l->file], mac);
	authorization(mac, target, login, sizeof(login));
	if (polycom())
		snprintf(agent, sizeof(agent), "FileTransport PolycomVVX-VVX_450-UA/5.9.%d.0615 Type/Application",
			l->phone % 5);
	else
		snprintf(agent, sizeof(agent), "Yealink SIP-T46U 108.86.0.%d %.2s:%.2s:%.2s:%.2s:%.2s:%.2s",
			20 + l->phone % 5, mac, mac + 2, mac + 4, mac + 6, mac + 8, mac + 10);
	return (size_t)snprintf(out, size,
		"GET %s HTTP/1.1\r\nHost: localhost:%d\r\nUser-Agent: %s\r\nAccept: */*\r\n%s\r\n", target, conf.port,
		agent, login);
}
