/* What the parts of pull_load share. A line is one connection, and the phone that is on it now. */
#ifndef TESTS_PEERS_PULL_PULL_H
#define TESTS_PEERS_PULL_PULL_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

enum { HEAD_MAX = 4096, FILES_MAX = 8, LATENCIES = 2000000 };

struct pull_conf {
	int port, phones, at_once, pulls, nfiles, processes;
	double seconds, storm;
	long count;
	const char *mode, *tls, *cert, *auth, *brand, *file[FILES_MAX];
};

enum state { IDLE, SHAKING, READING, RETRY };

struct line {
	enum state state;
	int fd, phone, pulled, file, tries;
	SSL *ssl;
	SSL_SESSION *session;
	char head[HEAD_MAX + 1];
	size_t nhead;
	int64_t left; /* of the body; -1 while the head is read */
	bool close;
	double began, at;
};

/* What one process has seen; the first one adds them up. */
struct seen {
	long pulls, errors, connections, open_max, bytes;
	double last_ok;
	float latency[LATENCIES];
};

extern struct pull_conf conf;
extern struct seen *seen;
extern SSL_CTX *pull_ctx;
extern int pull_ep;
extern long open_now; /* connections */
extern double t0;     /* when it all began */

double now(void);

/* settings.c. False: it said why. */
bool take_arguments(int argc, char **argv);

/* request.c */
void fetch_nonce(void);
size_t request(const struct line *l, char *out, size_t size);

/* line.c */
bool dial(struct line *l);
void failed(struct line *l, const char *why);
/* Something may be read or written. */
void advance(struct line *l);
/* The next phone that is to pull, unless it is over. */
void start(struct line *l);

/* run.c: the phones one after the other, or one process's share of a storm. */
void steady(void);
void storm(int process);

#endif
