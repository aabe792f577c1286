#include "provisioning/reset/aliases.h"

#include <stdlib.h>
#include <string.h>

#include "provisioning/conf/log.h"
#include "provisioning/outbox/outbox.h"
#include "provisioning/registrar/registrar.h"
#include "provisioning/reset/identity.h"
#include "provisioning/reset/reset.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/number.h"
#include "provisioning/store/user.h"

enum err_code aliases_changed(
	struct db *db, const char *ext, const char *domain, int64_t due_ms, struct arena *a, struct err *err)
{
	const char *owner = arena_printf(a, "%s@%s", ext, domain);

	if (owner == NULL)
		return err_set(err, ERR_NOMEM, "There is no memory to route the calls of %s.", ext);
	return outbox_put_once(db, "alias", owner, "{}", due_ms, NULL, err);
}

static int compare(const void *pa, const void *pb)
{
	const struct alias *a = pa, *b = pb;
	int c = strcmp(a->owner, b->owner);

	if (c == 0)
		c = a->number - b->number;
	if (c == 0)
		c = strcmp(a->name, b->name);
	if (c == 0)
		c = strcmp(a->domain, b->domain);
	return c ? c : strcmp(a->device, b->device);
}

static enum err_code as_list(
	const struct alias_row *rows, size_t n, struct arena *a, struct alias_list *out, struct err *err)
{
	size_t i;

	out->n = n;
	out->v = arena_alloc(a, (n + 1) * sizeof(*out->v));
	for (i = 0; out->v && i < n; i++)
		out->v[i] = (struct alias){ rows[i].name, rows[i].number, rows[i].domain, rows[i].device,
			arena_printf(a, "%s@%s", rows[i].ext, rows[i].domain) };
	if (arena_failed(a))
		return err_set(err, ERR_NOMEM, "There is no memory to route calls.");
	qsort(out->v, n, sizeof(*out->v), compare);
	return ERR_OK;
}

static enum err_code rows_of(
	struct db *db, const char *owner, struct arena *a, struct alias_row **rows, size_t *n, struct err *err)
{
	const char *ext, *domain;
	struct domain_row dom;
	struct user_row user;
	enum err_code code;

	*n = 0;
	if (!identity_split(owner, a, &ext, &domain))
		return err_set(err, ERR_INPUT, "\"%s\" is no user; write user@domain.", owner);
	code = domain_by_name(db, domain, a, &dom, err);
	if (code == ERR_OK)
		code = user_load(db, dom.id, ext, a, &user, err);
	if (code == ERR_OK)
		code = alias_list_user(db, user.id, a, rows, n, err);
	return code == ERR_NOT_FOUND ? ERR_OK : code;
}

/* One snapshot, and what the registrar is to know by it. owner NULL: all. */
static enum err_code wanted(
	struct reset *rs, const char *owner, struct arena *a, struct alias_list *out, struct err *err)
{
	struct alias_row *rows = NULL;
	struct snap snap;
	size_t n = 0;
	enum err_code code = store_snap(rs->store, &snap, err);

	if (code)
		return code;
	code = owner ? rows_of(snap.db, owner, a, &rows, &n, err) : alias_list_all(snap.db, a, &rows, &n, err);
	snap_end(&snap);
	return code ? code : as_list(rows, n, a, out, err);
}

enum err_code aliases_bring(struct reset *rs, const char *owner, struct err *err)
{
	struct alias_list list;
	struct arena a;
	enum err_code code;

	if (rs->registrar == NULL)
		return ERR_OK;
	arena_init(&a, 0);
	code = wanted(rs, owner, &a, &list, err);
	if (code == ERR_OK)
		code = registrar_aliases(rs->registrar, owner, &list, err);
	arena_release(&a);
	return code;
}

enum err_code aliases_compare_all(struct reset *rs, bool *mended, struct err *err)
{
	struct alias_list list;
	struct arena a;
	enum err_code code;

	*mended = false;
	if (rs->registrar == NULL)
		return ERR_OK;
	arena_init(&a, 0);
	code = wanted(rs, NULL, &a, &list, err);
	if (code == ERR_OK)
		code = registrar_aliases_sync(rs->registrar, &list, mended, err);
	arena_release(&a);
	if (*mended)
		log_event(LOG_LEVEL_WARN, "registrar-mended", "why", "its numbers differed from the store", NULL);
	return code;
}
