#include "provisioning/voicemail/sync.h"

#include <pthread.h>
#include <unistd.h>

#include "phonecfg/base/mem.h"
#include "provisioning/voicemail/tree.h"
#include "provisioning/voicemail/voicemail.h"

struct waiting {
	struct waiting *next;
	synced_fn *fn;
	void *arg;
};

struct sync_group {
	pthread_mutex_t lock;
	struct waiting *head;
	bool busy; /* a thread is at it, and will come back for the list */
};

struct sync_group *sync_group_new(void)
{
	struct sync_group *g = mem_zalloc(sizeof(*g));

	if (g)
		pthread_mutex_init(&g->lock, NULL);
	return g;
}

void sync_group_free(struct sync_group *g)
{
	if (g)
		pthread_mutex_destroy(&g->lock);
	mem_free(g);
}

/* The whole file system: many folders of many mailboxes were changed, and one sync costs less than two for each. */
enum err_code sync_now(const struct voicemail *vm, struct err *err)
{
	int root;
	enum err_code code = tree_root(vm->root, &root, err);

	if (code)
		return code;
	if (!tree_op() || syncfs(root))
		code = tree_error("sync", "the folder", err);
	tree_close(&root);
	return code;
}

static void tell(struct waiting *list, enum err_code code, const struct err *err)
{
	while (list) {
		struct waiting *w = list;

		list = w->next;
		w->fn(w->arg, code, err);
		mem_free(w);
	}
}

bool sync_later(const struct voicemail *vm, synced_fn *fn, void *arg)
{
	struct sync_group *g = vm->syncs;
	struct waiting *w = mem_alloc(sizeof(*w));

	if (w == NULL)
		return false;
	pthread_mutex_lock(&g->lock);
	*w = (struct waiting){ g->head, fn, arg };
	g->head = w;
	while (!g->busy && g->head) {
		struct waiting *list = g->head;
		struct err err = { 0 };
		enum err_code code;

		g->head = NULL;
		g->busy = true;
		pthread_mutex_unlock(&g->lock);
		code = sync_now(vm, &err);
		tell(list, code, &err);
		pthread_mutex_lock(&g->lock);
		g->busy = false;
	}
	pthread_mutex_unlock(&g->lock);
	return true;
}
