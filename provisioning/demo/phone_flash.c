#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "provisioning/demo/phone.h"

enum { PATH_LEN_MAX = 1024 };

static enum err_code restore_one(struct handset *hs, const json_t *one, struct err *err)
{
	const char *layer, *name, *value, *source;
	enum handset_layer where;

	if (json_unpack((json_t *)one, "{s:s s:s s:s s:s}", "layer", &layer, "name", &name, "value", &value, "source",
		    &source) ||
		!handset_layer_parse(layer, &where))
		return err_set(err, ERR_INPUT, "the flash file of a simulated phone is damaged; remove it");
	return handset_restore(hs, where, name, value, source, err);
}

enum err_code phone_flash_load(const char *path, struct handset *hs, struct err *err)
{
	enum err_code rc = ERR_OK;
	json_error_t why;
	json_t *all, *one;
	size_t i;

	if (access(path, F_OK) != 0)
		return ERR_OK;
	all = json_load_file(path, 0, &why);
	if (!json_is_array(all)) {
		json_decref(all);
		return err_set(err, ERR_INPUT, "%s is damaged (%s); remove it", path, why.text);
	}
	json_array_foreach (all, i, one) {
		rc = restore_one(hs, one, err);
		if (rc)
			break;
	}
	json_decref(all);
	return rc;
}

static json_t *dump(const struct handset *hs, struct err *err)
{
	struct handset_entry *v = NULL;
	json_t *all = json_array();
	struct arena arena;
	size_t i, n = 0;

	arena_init(&arena, 0);
	if (handset_entries(hs, &arena, &v, &n, err)) {
		json_decref(all);
		all = NULL;
	}
	for (i = 0; all && i < n; i++)
		json_array_append_new(
			all, json_pack("{s:s s:s s:s s:s}", "layer", handset_layer_name(v[i].layer), "name", v[i].name,
				     "value", v[i].value, "source", v[i].source ? v[i].source : ""));
	arena_release(&arena);
	return all;
}

/* One write: a flash file is half a megabyte, and jansson would write it word by word. */
static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	size_t n = strlen(text);
	bool good;

	if (fd < 0)
		return false;
	good = write(fd, text, n) == (ssize_t)n && fsync(fd) == 0;
	return close(fd) == 0 && good;
}

enum err_code phone_flash_save(const char *path, const struct handset *hs, struct err *err)
{
	char aside[PATH_LEN_MAX], *text;
	json_t *all;
	bool good;

	if (snprintf(aside, sizeof(aside), "%s.new", path) >= (int)sizeof(aside))
		return err_set(err, ERR_LIMIT, "%s is too long a path; choose a shorter folder", path);
	all = dump(hs, err);
	if (all == NULL)
		return ERR_NOMEM;
	text = json_dumps(all, JSON_COMPACT);
	json_decref(all);
	if (text == NULL)
		return err_set(err, ERR_NOMEM, "out of memory in a simulated phone");
	good = write_text(aside, text) && rename(aside, path) == 0;
	free(text);
	if (!good)
		return err_set(
			err, ERR_IO, "cannot write %s: %s; make room or choose another folder", path, strerror(errno));
	return ERR_OK;
}
