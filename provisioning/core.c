#include "provisioning/core.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { REGISTRAR_WORD_MAX = 127 };

static void fill_desk(struct core *c)
{
	const struct settings *s = c->settings;

	c->desk = (struct desk_conf){
		.prov_url = arena_printf(&c->arena, "%s/cfg/", s->phones_url),
		.soft_url = arena_printf(&c->arena, "%s/soft/", s->phones_url),
		.ca_url = *s->phones_ca_url ? s->phones_ca_url : NULL,
		.ntp = "pool.ntp.org",
		.language = "en",
		.poll_minutes = (unsigned)s->poll_minutes,
		.vacant_poll_minutes = (unsigned)s->vacant_poll_minutes,
		.admin_user = "admin",
	};
}

static void fill_reset(struct core *c)
{
	const struct settings *s = c->settings;

	reset_conf_default(&c->reset.conf);
	c->reset.conf.grace_ms = s->grace_ms;
	c->reset.conf.longest_ms = s->longest_wait_ms;
	c->reset.conf.sweep_ms = s->sweep_ms;
	c->reset.conf.retell_ms = s->retell_ms;
	c->reset.conf.silence_ms = s->silence_ms;
	c->reset.conf.notify_deadline_ms = 80 * s->sip_t1_ms;
	c->reset.conf.idle_lines = s->idle_line;
	c->reset.conf.straight_to_contact = strcmp(s->sip_route, "direct") == 0;
	c->reset.conf.proxy = arena_printf(&c->arena, "sip:%s", s->sip_proxy);
	c->reset.store = c->store;
	c->reset.catalog = c->catalog;
	c->reset.renderer = c->renderer;
	c->reset.desk = &c->desk;
	c->reset.now_ms = store_clock_ms;
}

enum err_code core_open(struct core *c, const struct settings *settings, struct err *err)
{
	const struct store_conf conf = { .path = settings->database,
		.key_file = settings->key_file,
		.group_max = (unsigned)settings->changes_per_commit };
	const char *profiles, *templates;
	enum err_code e;

	*c = (struct core){ .settings = settings };
	arena_init(&c->arena, 0);
	profiles = arena_printf(&c->arena, "%s/firmware-profiles", settings->share);
	templates = arena_printf(&c->arena, "%s/templates", settings->share);
	if (arena_failed(&c->arena))
		return err_set(err, ERR_NOMEM, "out of memory");
	c->catalog = catalog_open(profiles, err);
	e = c->catalog ? ERR_OK : err ? err->code : ERR_IO;
	if (e == ERR_OK)
		e = renderer_open(templates, c->catalog, &c->renderer, err);
	if (e == ERR_OK)
		e = store_open(&conf, &c->store, err);
	if (e) {
		core_close(c);
		return e;
	}
	fill_desk(c);
	fill_reset(c);
	return ERR_OK;
}

void core_close(struct core *c)
{
	store_close(c->store);
	renderer_close(c->renderer);
	catalog_close(c->catalog);
	arena_release(&c->arena);
	*c = (struct core){ 0 };
}

bool core_has_registrar(const struct settings *s)
{
	return strcmp(s->registrar, "none") != 0;
}

enum err_code core_registrar_key(const struct settings *s, struct arena *a, struct secret *out, struct err *err)
{
	char word[REGISTRAR_WORD_MAX + 1];
	FILE *f = fopen(s->registrar_key, "re");
	struct stat st;
	size_t n;

	if (f == NULL)
		return err_set(err, ERR_IO, "cannot read %s ([registrar] key): %s; rekeyd init makes one",
			s->registrar_key, strerror(errno));
	if (fstat(fileno(f), &st) || (st.st_mode & 07)) {
		fclose(f);
		return err_set(err, ERR_INPUT, "the key %s is open to others; run `chmod 600 %s`", s->registrar_key,
			s->registrar_key);
	}
	n = fread(word, 1, sizeof(word), f);
	fclose(f);
	while (n && (word[n - 1] == '\n' || word[n - 1] == '\r'))
		n--;
	if (n < 16 || n == sizeof(word))
		return err_set(err, ERR_INPUT, "%s must hold one random word of 16 to %d characters", s->registrar_key,
			REGISTRAR_WORD_MAX);
	*out = secret_copy(a, (struct slice){ word, n });
	explicit_bzero(word, sizeof(word));
	return secret_set(out) ? ERR_OK : err_set(err, ERR_NOMEM, "out of memory");
}
