#include "provisioning/edge/tls_files.h"

#include <string.h>
#include <sys/stat.h>

static void stamp(const char *file, struct tls_stamp *out)
{
	struct stat st;

	memset(out, 0, sizeof(*out));
	if (file == NULL || *file == '\0' || stat(file, &st) != 0)
		return;
	out->device = st.st_dev;
	out->inode = st.st_ino;
	out->size = st.st_size;
	out->written = st.st_mtim;
	out->changed = st.st_ctim;
}

static void stamp_all(const struct edge_conf *conf, struct tls_stamp out[TLS_FILES])
{
	const char *files[TLS_FILES] = { conf->rsa.chain, conf->rsa.key, conf->rsa.ocsp, conf->ecdsa.chain,
		conf->ecdsa.key, conf->ecdsa.ocsp };
	size_t i;

	for (i = 0; i < EDGE_BUNDLES; i++)
		files[TLS_FILES - EDGE_BUNDLES + i] = conf->client_ca[i];
	for (i = 0; i < TLS_FILES; i++)
		stamp(files[i], &out[i]);
}

void tls_files_tried(struct tls_files *f, const struct edge_conf *conf)
{
	stamp_all(conf, f->tried);
	memcpy(f->last, f->tried, sizeof(f->last));
}

bool tls_files_changed(struct tls_files *f, const struct edge_conf *conf)
{
	struct tls_stamp now[TLS_FILES];
	bool quiet;

	stamp_all(conf, now);
	quiet = memcmp(now, f->last, sizeof(now)) == 0;
	memcpy(f->last, now, sizeof(now));
	return quiet && memcmp(now, f->tried, sizeof(now)) != 0;
}
