#include "provisioning/build_mark.h"

#include <errno.h>
#include <fts.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "phonecfg/base/hex.h"

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static enum err_code take_file(EVP_MD_CTX *md, const char *path, struct err *err)
{
	FILE *f = fopen(path, "re");
	char piece[16384];
	size_t n;

	if (f == NULL)
		return err_set(err, ERR_IO, "cannot read %s: %s", path, strerror(errno));
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		EVP_DigestUpdate(md, piece, n);
	fclose(f);
	return ERR_OK;
}

/* No phone of ours pulls these, so that a change there brings no phone. */
static bool for_people(const FTSENT *at)
{
	static const char *const names[] = { "report", "mail", "page", "kamailio", "first" };
	size_t i;

	for (i = 0; at->fts_info == FTS_D && at->fts_level == 1 && i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(at->fts_name, names[i]) == 0)
			return true;
	return false;
}

enum err_code build_mark(const char *share, char out[BUILD_MARK_TEXT], struct err *err)
{
	char templates[PATH_MAX], profiles[PATH_MAX];
	char *const roots[] = { templates, profiles, NULL };
	unsigned char digest[32];
	enum err_code e = ERR_OK;
	EVP_MD_CTX *md;
	FTSENT *at;
	FTS *walk;

	snprintf(templates, sizeof(templates), "%s/templates", share);
	snprintf(profiles, sizeof(profiles), "%s/firmware-profiles", share);
	walk = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, by_name);
	md = EVP_MD_CTX_new();
	if (walk == NULL || md == NULL || EVP_DigestInit_ex(md, EVP_sha256(), NULL) != 1)
		e = err_set(err, ERR_NOMEM, "out of memory while reading %s", share);
	while (e == ERR_OK && (at = fts_read(walk)) != NULL) {
		if (for_people(at))
			fts_set(walk, at, FTS_SKIP);
		if (at->fts_info != FTS_F)
			continue;
		EVP_DigestUpdate(md, at->fts_name, strlen(at->fts_name) + 1);
		e = take_file(md, at->fts_accpath, err);
	}
	if (e == ERR_OK) {
		EVP_DigestFinal_ex(md, digest, NULL);
		hex_write(digest, sizeof(digest), out);
	}
	EVP_MD_CTX_free(md);
	if (walk)
		fts_close(walk);
	return e;
}
