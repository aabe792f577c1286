#include "provisioning/core.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "provisioning/conf/net.h"
#include "provisioning/conf/ways.h"
#include "provisioning/voicemail/voicemail.h"

enum { REGISTRAR_WORD_LEAST = 16, SECRET_MAX = 127, HOUR_MS = 3600 * 1000 };

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
		.admin_user = "admin",
	};
}

static void fill_rule(struct core *c)
{
	const struct settings *s = c->settings;

	c->reset.conf.rule = (struct password_rule){ .length = s->password_length,
		.capital = s->password_capital,
		.digit = s->password_digit,
		.pin = strcmp(s->pin, "never") == 0      ? PIN_NEVER
		       : strcmp(s->pin, "required") == 0 ? PIN_REQUIRED
							 : PIN_OPTIONAL,
		.pin_length = s->pin_length,
		.pin_weak = s->pin_weak };
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
	c->reset.conf.transfer_ms = s->transfer_days * 24 * 3600 * 1000;
	c->reset.conf.pair_ms = s->pair_minutes * 60 * 1000;
	c->reset.conf.ways = ways_parse(s->first_access_ways);
	c->reset.conf.second_access_ms = s->second_access_ms;
	c->reset.conf.unconfirmed_ms = s->unconfirmed_ms;
	c->reset.conf.notify_deadline_ms = 80 * s->sip_t1_ms;
	c->reset.conf.idle_lines = s->idle_line;
	c->reset.conf.straight_to_contact = strcmp(s->sip_route, "direct") == 0;
	c->reset.conf.voicemail = c->voicemail;
	c->reset.conf.proxy = arena_printf(&c->arena, "sip:%s", s->sip_proxy);
	c->reset.store = c->store;
	c->reset.catalog = c->catalog;
	c->reset.renderer = c->renderer;
	c->reset.desk = &c->desk;
	c->reset.mail = c->mail;
	c->reset.conf.link_ms = s->link_hours * HOUR_MS;
	c->reset.conf.mail_give_up_ms = s->mail_give_up_hours * HOUR_MS;
	fill_rule(c);
	c->reset.now_ms = store_clock_ms;
}

/* One word of least to SECRET_MAX characters from a file that nobody else can read. */
static enum err_code read_secret(
	const char *path, const char *setting, size_t least, struct arena *a, struct secret *out, struct err *err)
{
	char word[SECRET_MAX + 1];
	FILE *f = fopen(path, "re");
	struct stat st;
	size_t n;

	if (f == NULL)
		return err_set(err, ERR_IO, "cannot read %s (%s): %s", path, setting, strerror(errno));
	if (fstat(fileno(f), &st) || (st.st_mode & 07)) {
		fclose(f);
		return err_set(err, ERR_INPUT, "%s (%s) is open to others; run `chmod 600 %s`", path, setting, path);
	}
	n = fread(word, 1, sizeof(word), f);
	fclose(f);
	while (n && (word[n - 1] == '\n' || word[n - 1] == '\r'))
		n--;
	if (n < least || n == sizeof(word))
		return err_set(err, ERR_INPUT, "%s (%s) must hold one word of %zu to %d characters", path, setting,
			least, SECRET_MAX);
	*out = secret_copy(a, (struct slice){ word, n });
	explicit_bzero(word, sizeof(word));
	return secret_set(out) ? ERR_OK : err_set(err, ERR_NOMEM, "out of memory");
}

static enum err_code open_mail(struct core *c, struct err *err)
{
	const struct settings *s = c->settings;
	struct slice host = net_url_host(s->admin_url);
	struct mail_conf conf = {
		.host = s->mail_server,
		.port = (unsigned)s->mail_port,
		.tls = strcmp(s->mail_tls, "none") == 0  ? SMTP_PLAIN
		       : strcmp(s->mail_tls, "tls") == 0 ? SMTP_TLS
							 : SMTP_STARTTLS,
		.ca = s->mail_ca,
		.user = s->mail_user,
		.from = s->mail_from,
		.from_name = s->mail_from_name,
		.reply_to = s->mail_reply_to,
		.hello = arena_strndup(&c->arena, host.p, host.n),
		.letters = arena_printf(&c->arena, "%s/templates/mail", s->share),
		.portal_url = s->admin_url,
		.timeout_ms = s->mail_timeout_ms,
		.retry_ms = s->mail_retry_ms,
		.retry_most_ms = s->mail_retry_most_ms,
		.domain_servers = strcmp(s->mail_domain_servers, "any") == 0    ? DOMAIN_SERVERS_ANY
				  : strcmp(s->mail_domain_servers, "none") == 0 ? DOMAIN_SERVERS_NONE
										: DOMAIN_SERVERS_PUBLIC,
		.lanes_max = s->workers > 3 ? (unsigned)s->workers / 2 : 1,
	};
	enum err_code e = ERR_OK;

	if (*s->mail_user && *s->mail_password_file)
		e = read_secret(s->mail_password_file, "[mail] password-file", 1, &c->arena, &conf.password, err);
	return e ? e : mail_open(&conf, &c->mail, err);
}

static enum err_code open_voicemail(struct core *c, struct err *err)
{
	const struct settings *s = c->settings;
	const struct voicemail_conf conf = {
		.root = s->voicemail_root,
		.contexts = s->voicemail_context,
		.mailboxes = s->voicemail_mailbox,
		.lock = { .flock = strcmp(s->voicemail_lock, "flock") == 0,
			.wait_ms = (unsigned)s->voicemail_lock_wait_ms,
			.stale_s = (unsigned)s->voicemail_lock_stale_s },
		.messages_max = (unsigned)s->voicemail_messages_max,
	};

	return *s->voicemail_root ? voicemail_open(&conf, &c->voicemail, err) : ERR_OK;
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
	c->templates = templates;
	c->catalog = catalog_open(profiles, err);
	e = c->catalog ? ERR_OK : err ? err->code : ERR_IO;
	if (e == ERR_OK)
		e = renderer_open(templates, c->catalog, &c->renderer, err);
	if (e == ERR_OK)
		e = open_mail(c, err);
	if (e == ERR_OK)
		e = open_voicemail(c, err);
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
	mail_close(c->mail);
	voicemail_close(c->voicemail);
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
	enum err_code code = read_secret(s->registrar_key, "[registrar] key", REGISTRAR_WORD_LEAST, a, out, err);

	if (code == ERR_IO)
		return err_set(err, ERR_IO, "cannot read %s ([registrar] key): %s; rekeyd init makes one",
			s->registrar_key, strerror(errno));
	return code;
}
