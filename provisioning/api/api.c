#include "provisioning/api/api.h"

#include "phonecfg/base/mem.h"
#include "phonecfg/base/share.h"
#include "provisioning/api/local.h"
#include "provisioning/api/page.h"
#include "provisioning/api/throttle.h"
#include "provisioning/portal/portal.h"
#include "provisioning/api/report_page.h"

enum { TOKEN_HOURS = 72, IDLE_MINUTES = 30, SESSION_HOURS = 12 };

static enum err_code make_rows(struct api *api, struct err *err)
{
	const struct api_route *table = api_routes(&api->nrows);
	size_t i;

	api->rows = mem_zalloc(api->nrows * sizeof(*api->rows));
	if (api->rows == NULL)
		return err_set(err, ERR_NOMEM, "out of memory for the admin plane");
	for (i = 0; i < api->nrows; i++)
		api->rows[i] = (struct route){ .method = table[i].method,
			.pattern = table[i].pattern,
			.handler = api_fn,
			.where = WORKER,
			.scope = table[i].scope,
			.body_max = table[i].body_max };
	api->mounts[0] = (struct mount){ "/api/v1", api->rows, api->nrows };
	api->mounts[1] = (struct mount){ "/ns-api/v2", api->rows, api->nrows };
	api->mounts[2] = (struct mount){ "", api_root_routes, api_root_count };
	api->mounts[3].prefix = "";
	api->mounts[3].routes = portal_routes(&api->mounts[3].count);
	return ERR_OK;
}

enum err_code api_open(const struct api_conf *conf, struct api **out, struct err *err)
{
	struct api *api = mem_zalloc(sizeof(*api));
	enum err_code e;

	if (api == NULL)
		return err_set(err, ERR_NOMEM, "out of memory for the admin plane");
	api->conf = *conf;
	if (api->conf.token_hours == 0)
		api->conf.token_hours = TOKEN_HOURS;
	if (api->conf.session_idle_minutes == 0)
		api->conf.session_idle_minutes = IDLE_MINUTES;
	if (api->conf.session_hours == 0)
		api->conf.session_hours = SESSION_HOURS;
	if (api->conf.pages == NULL)
		api->conf.pages = api->page_dir;
	snprintf(api->page_dir, sizeof(api->page_dir), "%s/page", share_templates_dir);
	e = idempotency_open(conf->store, err);
	if (e == ERR_OK)
		e = make_rows(api, err);
	if (e == ERR_OK)
		e = throttle_open(&api->throttle, err);
	if (e == ERR_OK)
		e = pages_open(api->conf.pages, &api->pages, err);
	if (e == ERR_OK && api->conf.templates)
		e = report_page_open(api->conf.templates, &api->report, err);
	if (e) {
		api_close(api);
		return e;
	}
	*out = api;
	return ERR_OK;
}

void api_close(struct api *api)
{
	if (api == NULL)
		return;
	pages_close(api->pages);
	throttle_close(api->throttle);
	report_page_close(api->report);
	mem_free(api->rows);
	mem_free(api);
}

void api_plane(struct api *api, struct http_conf *out)
{
	out->name = "admin";
	out->mounts = api->mounts;
	out->nmounts = sizeof(api->mounts) / sizeof(api->mounts[0]);
	out->auth = api_auth;
	out->ctx = api;
	out->browser = true;
}
