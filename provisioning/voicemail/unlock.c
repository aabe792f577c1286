/* After a crash: locks of ours that nobody holds any more. */
#include "provisioning/voicemail/away.h"
#include "provisioning/voicemail/tree.h"

typedef enum err_code below_fn(int fd, size_t *n, struct err *err);

/* Calls fn for each folder in dir. What cannot be opened is passed over: it is looked at again when it is worked on. */
static enum err_code each(int dir, below_fn *fn, size_t *n, struct err *err)
{
	struct tree_entry *e;
	struct arena a;
	size_t i, count;
	int fd;
	enum err_code code;

	arena_init(&a, 0);
	code = tree_list(dir, &a, &e, &count, err);
	for (i = 0; code == ERR_OK && i < count; i++) {
		if (e[i].kind != TREE_DIR || e[i].name[0] == '.' || tree_dir(dir, e[i].name, &fd, NULL))
			continue;
		code = fn(fd, n, err);
		tree_close(&fd);
	}
	arena_release(&a);
	return code;
}

static enum err_code folder(int fd, size_t *n, struct err *err)
{
	bool was;
	enum err_code code = folder_unlock_dead(fd, &was, err);

	*n += code == ERR_OK && was;
	return code;
}

static enum err_code box(int fd, size_t *n, struct err *err)
{
	return each(fd, folder, n, err);
}

static enum err_code context(int fd, size_t *n, struct err *err)
{
	return each(fd, box, n, err);
}

enum err_code away_unlock(const struct voicemail *vm, size_t *n, struct err *err)
{
	int root;
	enum err_code code = tree_root(vm->root, &root, err);

	*n = 0;
	if (code)
		return code;
	code = each(root, context, n, err);
	tree_close(&root);
	return code;
}
