#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/tool/commands.h"
#include "phonecfg/tool/state.h"

enum { STATE_TEXT_MAX = 16 * 1024 * 1024, PATH_LEN_MAX = 4096 };

struct job {
	struct state_place place;
	const char *pull;
	char **files;
	int count;
	bool write;
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The server is a directory; a file that is not there is a 404. */
static int fetch_fn(void *arg, const char *method, const char *file, struct buf *body)
{
	const struct job *job = arg;
	char path[PATH_LEN_MAX];
	enum err_code rc;

	if (strcmp(method, "GET") != 0 || !*base_name(file) || *base_name(file) == '.')
		return 404;
	if (snprintf(path, sizeof(path), "%s/%s", job->pull, base_name(file)) >= (int)sizeof(path))
		return 404;
	rc = tool_read(path, body, NULL);
	return rc == ERR_OK ? 200 : rc == ERR_NOT_FOUND ? 404 : 500;
}

static enum err_code apply_files(struct handset *hs, const struct job *job, struct err *err)
{
	struct buf body;
	enum err_code rc, rc_end;
	int i;

	rc = handset_begin(hs, err);
	if (rc)
		return rc;
	buf_init(&body, TOOL_FILE_MAX);
	for (i = 0; i < job->count && !rc; i++) {
		buf_reset(&body);
		rc = tool_read(job->files[i], &body, err);
		if (!rc)
			rc = handset_apply(hs, base_name(job->files[i]), buf_view(&body), err);
	}
	buf_release(&body);
	rc_end = handset_end(hs, rc ? NULL : err);
	return rc ? rc : rc_end;
}

static enum err_code apply(struct job *job, struct buf *out, struct err *err)
{
	struct handset *hs;
	enum err_code rc = state_load(&job->place, &hs, err);

	if (!rc)
		rc = job->pull ? handset_pull(hs, fetch_fn, job, err) : apply_files(hs, job, err);
	if (!rc)
		rc = state_text(hs, out, err);
	if (!rc && job->write)
		rc = state_save(job->place.path, out, err);
	handset_free(hs);
	return rc ? rc : job->write ? ERR_OK : tool_print(out, err);
}

static int run(int argc, char **argv)
{
	struct job job = { 0 };
	const struct tool_option table[] = {
		{ "--model", &job.place.model, NULL },
		{ "--mac", &job.place.mac, NULL },
		{ "--profiles", &job.place.profiles, NULL },
		{ "--pull", &job.pull, NULL },
		{ "-w", NULL, &job.write },
		{ NULL, NULL, NULL },
	};
	struct err err = { 0 };
	struct buf out;
	int count, code = tool_options(&command_apply, table, argc, argv, &count);

	if (code >= 0)
		return code;
	if (count == 0)
		return tool_usage(&command_apply, "name the file with the phone's state");
	if (job.pull && count > 1)
		return tool_usage(&command_apply, "with --pull the phone asks for its files itself; name none");
	job.place.path = argv[1];
	job.files = argv + 2;
	job.count = count - 1;
	buf_init(&out, STATE_TEXT_MAX);
	code = apply(&job, &out, &err) ? tool_fail(&err) : TOOL_OK;
	buf_release(&out);
	return code;
}

const struct command command_apply = {
	.name = "apply",
	.usage = "STATE FILE... | STATE --pull DIR [--model ID --mac MAC] [-w] [--profiles DIR]",
	.summary = "Lets a phone take files by its vendor's rules; its state after is printed, or kept with -w.",
	.fn = run,
};
