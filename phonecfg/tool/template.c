#include "phonecfg/template/template.h"

#include <stdio.h>
#include <string.h>

#include "phonecfg/tool/commands.h"

enum { OUTPUT_MAX = 256 * 1024 * 1024, PATH_LEN_MAX = 4096 };

struct job {
	const char *file, *data, *partials, *escape;
	bool lenient;
};

/* Only names inside the folder: a template is no way to read other files. */
static bool inside(const char *name)
{
	return name[0] != '/' && strcmp(name, "..") && strncmp(name, "../", 3) && !strstr(name, "/../") &&
	       !slice_ends(slice_str(name), "/..");
}

static enum err_code load_partial_fn(void *arg, const char *name, struct buf *text, struct err *err)
{
	static const char *const endings[] = { ".mustache", "" };
	const struct job *job = arg;
	char path[PATH_LEN_MAX];
	enum err_code rc = ERR_NOT_FOUND;
	size_t i;

	if (job->partials == NULL)
		return ERR_NOT_FOUND;
	if (!inside(name))
		return err_set(err, ERR_INPUT, "partials lie inside the folder; remove '..' and a leading '/'");
	for (i = 0; rc == ERR_NOT_FOUND && i < sizeof(endings) / sizeof(*endings); i++) {
		if (snprintf(path, sizeof(path), "%s/%s%s", job->partials, name, endings[i]) >= (int)sizeof(path))
			return err_set(
				err, ERR_LIMIT, "its path is longer than %d bytes; shorten it", PATH_LEN_MAX - 1);
		rc = tool_read(path, text, err);
	}
	return rc;
}

static enum err_code expand(struct job *job, struct template_options *options, struct buf *out, struct err *err)
{
	struct tval *data = NULL;
	struct template *t = NULL;
	struct arena arena;
	struct buf text;
	enum err_code rc;

	arena_init(&arena, 0);
	buf_init(&text, TEMPLATE_SIZE_MAX);
	options->partial_arg = job;
	rc = tool_read(job->file, &text, err);
	if (rc == ERR_OK)
		rc = tool_read_json(job->data, &arena, &data, err);
	if (rc == ERR_OK)
		rc = template_compile(buf_view(&text), job->file, options, &t, err);
	if (rc == ERR_OK)
		rc = template_render(t, data, out, err);
	template_free(t);
	buf_release(&text);
	arena_release(&arena);
	return rc;
}

static int run(int argc, char **argv)
{
	struct job job = { .escape = "html" };
	const struct tool_option table[] = {
		{ "--data", &job.data, NULL },
		{ "--partials", &job.partials, NULL },
		{ "--escape", &job.escape, NULL },
		{ "--lenient", NULL, &job.lenient },
		{ NULL, NULL, NULL },
	};
	struct template_options options = { .partial = load_partial_fn };
	struct err err = { 0 };
	struct buf out;
	int count, code = tool_options(&command_template, table, argc, argv, &count);

	if (code >= 0)
		return code;
	if (count == 0)
		return tool_usage(&command_template, "name the template's file");
	if (count > 1)
		return tool_usage(&command_template, "'%s' is one file too many", argv[2]);
	if (job.data == NULL)
		return tool_usage(&command_template, "name the data with --data");
	if (!escape_from_word(job.escape, &options.escape))
		return tool_usage(&command_template, "there is no escaping '%s'", job.escape);
	job.file = argv[1];
	options.lenient = job.lenient;
	buf_init(&out, OUTPUT_MAX);
	code = TOOL_OK;
	if (expand(&job, &options, &out, &err) || tool_print(&out, &err))
		code = tool_fail(&err);
	buf_release(&out);
	return code;
}

const struct command command_template = {
	.name = "template",
	.usage = "FILE --data DATA.json [--partials DIR] [--escape html|xml|ini|json|none] [--lenient]",
	.summary = "Expands a Mustache template; without --lenient an unknown name or partial is an error.",
	.fn = run,
};
