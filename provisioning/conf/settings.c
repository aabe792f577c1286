#include "provisioning/conf/settings.h"

#include <errno.h>
#include <ini.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "phonecfg/base/share.h"
#include "phonecfg/base/text.h"
#include "provisioning/conf/net.h"

enum kind { TEXT, PATH, NUMBER, YESNO, WORD, WORDS, URL, NETS };

struct row {
	const char *section, *name;
	enum kind kind;
	size_t at;
	const char *text; /* default of TEXT and PATH */
	int64_t number, least, most;
	const char *meaning;
	const char *words; /* of WORD and WORDS: what it may be, with a blank around each */
};

#define AT(field) offsetof(struct settings, field)
#define TEXT_ROW(sec, nm, field, def, mean)                                                                            \
	{                                                                                                              \
		sec, nm, TEXT, AT(field), def, 0, 0, 0, mean, NULL                                                     \
	}
#define PATH_ROW(sec, nm, field, def, mean)                                                                            \
	{                                                                                                              \
		sec, nm, PATH, AT(field), def, 0, 0, 0, mean, NULL                                                     \
	}
#define NUMBER_ROW(sec, nm, field, def, lo, hi, mean)                                                                  \
	{                                                                                                              \
		sec, nm, NUMBER, AT(field), NULL, def, lo, hi, mean, NULL                                              \
	}
#define YESNO_ROW(sec, nm, field, def, mean)                                                                           \
	{                                                                                                              \
		sec, nm, YESNO, AT(field), NULL, def, 0, 1, mean, NULL                                                 \
	}

#define WORD_ROW(sec, nm, field, def, allowed, mean)                                                                   \
	{                                                                                                              \
		sec, nm, WORD, AT(field), def, 0, 0, 0, mean, allowed                                                  \
	}
#define WORDS_ROW(sec, nm, field, def, allowed, mean)                                                                  \
	{                                                                                                              \
		sec, nm, WORDS, AT(field), def, 0, 0, 0, mean, allowed                                                 \
	}
#define NETS_ROW(sec, nm, field, mean)                                                                                 \
	{                                                                                                              \
		sec, nm, NETS, AT(field), "", 0, 0, 0, mean, NULL                                                      \
	}
#define URL_ROW(sec, nm, field, def, mean)                                                                             \
	{                                                                                                              \
		sec, nm, URL, AT(field), def, 0, 0, 0, mean, NULL                                                      \
	}

static const struct row rows[] = {
	PATH_ROW("server", "database", database, "rekey.db", "SQLite file with everything"),
	PATH_ROW("server", "key-file", key_file, "rekey.key",
		"seals secrets in the database; keep it apart from backups"),
	PATH_ROW("server", "share", share, share_dir, "folder with templates/ and firmware-profiles/"),
	WORD_ROW("server", "log-level", log_level, "info", " debug info warn error ", "debug, info, warn or error"),
	NUMBER_ROW("server", "changes-per-commit", changes_per_commit, 100, 1, 100,
		"at most; fewer keep a slow disk's waits short, more make large jobs fast"),
	NUMBER_ROW("server", "workers", workers, 4, 1, 64, "threads for mail, files, registrar and password hashing"),

	TEXT_ROW("phones", "address", phones_address, "::", "where phones pull"),
	NUMBER_ROW("phones", "port", phones_port, 8443, 0, 65535, "0 = any free one"),
	NUMBER_ROW("phones", "threads", phones_threads, 0, 0, 256, "0 = one per core"),
	URL_ROW("phones", "url", phones_url, "https://localhost:8443",
		"what phones are told, without a trailing slash"),
	PATH_ROW("phones", "certificate", phones_cert, "phones.crt",
		"RSA chain, PEM (old Polycom firmware refuses ECDSA)"),
	PATH_ROW("phones", "key", phones_key, "phones.key", "its key"),
	PATH_ROW("phones", "ecdsa-certificate", phones_ecdsa_cert, "", "beside it, for phones that can; empty = none"),
	PATH_ROW("phones", "ecdsa-key", phones_ecdsa_key, "", "its key"),
	PATH_ROW("phones", "yealink-ca", phones_yealink_ca, "",
		"CAs of Yealink's factory certificates, root included; empty = they prove nothing"),
	PATH_ROW("phones", "polycom-ca", phones_polycom_ca, "", "the same of Polycom's"),
	PATH_ROW("phones", "grandstream-ca", phones_grandstream_ca, "", "the same of Grandstream's"),
	PATH_ROW("phones", "ocsp-response", phones_ocsp, "",
		"DER file kept fresh by somebody else: what the authority says of the certificate; empty = none"),
	PATH_ROW("phones", "ecdsa-ocsp-response", phones_ecdsa_ocsp, "", "the same for the ECDSA certificate"),
	NUMBER_ROW("phones", "ticket-key-hours", ticket_key_hours, 12, 1, 168,
		"then session tickets get a new key; two former ones still open theirs"),
	NUMBER_ROW("phones", "old-port", phones_old_port, 0, 0, 65535,
		"another port for phones that know only TLS 1.0 or 1.1; 0 = none"),
	TEXT_ROW("phones", "ca-url", phones_ca_url, "", "where a phone finds the CA; empty = not told"),
	NUMBER_ROW("phones", "http-port", phones_http_port, 0, 0, 65535,
		"plain HTTP beside it: the CA and the way to the url, nothing else; 0 = none"),
	PATH_ROW("phones", "ca-file", phones_ca_file, "ca.crt",
		"the CA that http-port hands out; empty = none, phones know it"),
	NUMBER_ROW("phones", "cache-mb", cache_mb, 128, 1, 65536,
		"for rendered files; some 500 bytes a phone where many have files of one sort"),
	NUMBER_ROW("phones", "poll-minutes", poll_minutes, 1440, 1, 43200, "how often a phone asks by itself"),
	YESNO_ROW(
		"phones", "idle-line", idle_line, 1, "a vacant phone keeps a line of its own, so that it can be told"),
	WORDS_ROW("phones", "first-access-ways", first_access_ways, "certificate token pairing",
		" certificate token pairing ",
		"beside its own password; a domain may have fewer: certificate, token, pairing; empty = none"),
	NUMBER_ROW("phones", "token-hours", token_hours, 72, 1, 8760, "life of a first-access address"),
	NUMBER_ROW("phones", "pair-minutes", pair_minutes, 5, 1, 1440, "how long a pairing window is open"),
	NUMBER_ROW("phones", "second-access-ms", second_access_ms, 60000, 10, 86400000,
		"a second first access raises an alert after this, unless the phone has used its login by then"),
	NUMBER_ROW("phones", "failures-per-address", failures_per_address, 100, 5, 500,
		"proofs that fail, and MACs that are named without one, from one address in 10 min; then it is banned: what "
		"proves nothing is refused at once"),
	NUMBER_ROW("phones", "failures-per-network", failures_per_network, 300, 5, 800,
		"the same from one /24 (IPv6: /56)"),
	NUMBER_ROW("phones", "failures-total", failures_total, 200, 1, 100000,
		"proofs that fail in any second, over all; more of them are refused at once"),
	NUMBER_ROW("phones", "ban-seconds", ban_seconds, 600, 1, 86400, "how long a ban lasts"),
	NETS_ROW("phones", "trusted-proxies", phones_proxies,
		"addresses and networks of reverse proxies in front, whose X-Forwarded-For is believed; empty = none"),
	NUMBER_ROW("phones", "proxy-hops", phones_proxy_hops, 1, 1, 8,
		"so many of them, one behind the other: entries that are read from the right"),

	NUMBER_ROW("limits", "connections", connections, 0, 0, 100000,
		"of phones at once; 0 = as many as there are descriptors for"),
	NUMBER_ROW("limits", "connections-per-address", connections_each, 4000, 1, 100000,
		"of them from one address, or one IPv6 /64: a fleet behind one NAT"),
	NUMBER_ROW("limits", "handshake-ms", handshake_ms, 10000, 100, 600000, "a TLS handshake ends within this"),
	NUMBER_ROW("limits", "head-bytes", head_bytes, 8192, 512, 8192, "of a request's line and headers"),
	NUMBER_ROW(
		"limits", "head-ms", head_ms, 10000, 100, 600000, "from a request's first byte to the end of its head"),
	NUMBER_ROW("limits", "stall-ms", stall_ms, 30000, 100, 600000,
		"a body or an answer that does not move for so long, or less than a byte a millisecond, is given up"),
	NUMBER_ROW("limits", "idle-ms", idle_ms, 30000, 100, 3600000, "a connection without a request"),
	NUMBER_ROW("limits", "requests-per-connection", requests_each, 1000, 1, 1000000, "then it is closed"),
	NUMBER_ROW("limits", "upload-bytes", upload_bytes, 1048576, 1024, 16777216, "of one file that a phone sends"),
	NUMBER_ROW("limits", "uploads", uploads, 32, 1, 1000, "at once"),
	NUMBER_ROW("limits", "uploads-per-phone", uploads_each, 2, 1, 1000, "of them by one phone"),
	NUMBER_ROW("limits", "log-bytes", log_bytes, 524288, 1024, 16777216,
		"kept of the log that a phone appends to; beyond, it begins anew"),

	TEXT_ROW("admin", "address", admin_address, "127.0.0.1", "where the portal and the API listen"),
	NUMBER_ROW("admin", "port", admin_port, 9443, 0, 65535, "0 = any free one"),
	URL_ROW("admin", "url", admin_url, "https://localhost:9443",
		"what people open, without a trailing slash: links in mails begin with it"),
	PATH_ROW("admin", "certificate", admin_cert, "admin.crt", "PEM chain"),
	PATH_ROW("admin", "key", admin_key, "admin.key", "its key"),
	PATH_ROW("admin", "ocsp-response", admin_ocsp, "", "as with phones"),
	NETS_ROW("admin", "trusted-proxies", admin_proxies, "as in [phones]"),
	NUMBER_ROW("admin", "proxy-hops", admin_proxy_hops, 1, 1, 8, "as in [phones]"),
	NUMBER_ROW("admin", "session-idle-minutes", session_idle_minutes, 30, 1, 1440,
		"a session unused for this long ends"),
	NUMBER_ROW("admin", "session-hours", session_hours, 12, 1, 168, "a session ends after this in any case"),

	TEXT_ROW("sip", "address", sip_address, "127.0.0.1", "local address of NOTIFY; a wildcard is refused"),
	NUMBER_ROW("sip", "port", sip_port, 0, 0, 65535, "0 = any free one"),
	TEXT_ROW("sip", "proxy", sip_proxy, "127.0.0.1:5060;transport=udp", "the registrar or its edge"),
	WORD_ROW("sip", "route", sip_route, "proxy", " proxy direct ",
		"proxy = through the registrar, direct = straight to the contact"),
	TEXT_ROW("sip", "user", sip_user, "rekey", "digest user with which the proxy lets NOTIFY in"),
	TEXT_ROW("sip", "realm", sip_realm, "rekey.invalid", "its realm"),
	PATH_ROW("sip", "tls-ca", sip_tls_ca, "",
		"CAs that the proxy's certificate must chain to; empty = the system's"),
	NUMBER_ROW("sip", "t1-ms", sip_t1_ms, 500, 5, 10000, "RFC 3261 T1; a request gives up after 64 of them"),
	NUMBER_ROW("sip", "notify-per-second", notify_per_second, 200, 1, 10000, "phones told in any second, over all"),
	NUMBER_ROW("sip", "notify-per-source", notify_per_source, 20, 1, 10000,
		"phones told in any second behind one address"),
	NUMBER_ROW("sip", "notify-slow-at", notify_slow_at, 32, 0, 10000,
		"so many TLS handshakes waiting slow the telling down, more of them in proportion; 0 = never"),

	WORD_ROW("registrar", "kind", registrar, "none", " kamailio none ",
		"kamailio or none (then the best proof is: fetched)"),
	PATH_ROW("registrar", "database", registrar_db, "subscriber.db",
		"small file that the registrar reads; password equivalents"),
	TEXT_ROW("registrar", "rpc", registrar_rpc, "http://127.0.0.1:5065/RPC", "Kamailio's JSON-RPC"),
	TEXT_ROW("registrar", "events", registrar_events, "127.0.0.1:5066", "where REGISTERs are reported"),
	PATH_ROW("registrar", "key", registrar_key, "registrar.key",
		"one random word, mode 0600, known to the registrar's configuration too"),
	TEXT_ROW("registrar", "realm", realm, "", "SIP realm of domains made from now on; empty = the domain's name"),

	NUMBER_ROW("reset", "grace-ms", grace_ms, 30000, 10, 3600000,
		"after a NOTIFY's final answer, where no phone comes"),
	NUMBER_ROW("reset", "longest-wait-ms", longest_wait_ms, 600000, 10, 86400000,
		"after the commit, whatever happens"),
	NUMBER_ROW("reset", "silence-ms", silence_ms, 3600000, 10, 86400000,
		"no REGISTER of the old identity for so long counts as applied, where no line can show it"),
	NUMBER_ROW("reset", "retell-ms", retell_ms, 30000, 10, 86400000,
		"from a NOTIFY that failed to the next one, doubled each time"),
	NUMBER_ROW("reset", "sweep-ms", sweep_ms, 2000, 10, 600000, "then bindings are looked at once more"),
	NUMBER_ROW(
		"reset", "transfer-days", transfer_days, 14, 1, 365, "how long a phone is offered to another domain"),

	TEXT_ROW("mail", "server", mail_server, "",
		"SMTP server by which mails leave; empty = none, and links are given to the administrator"),
	NUMBER_ROW("mail", "port", mail_port, 587, 1, 65535, "587 with starttls, 465 with tls"),
	WORD_ROW("mail", "tls", mail_tls, "starttls", " starttls tls none ",
		"starttls = demanded, tls = from the first byte, none = in the clear, for a relay on this machine"),
	PATH_ROW("mail", "ca", mail_ca, "", "CAs that the server's certificate must chain to; empty = the system's"),
	TEXT_ROW("mail", "user", mail_user, "", "login at the server; empty = none"),
	PATH_ROW("mail", "password-file", mail_password_file, "", "file with its password, mode 0600"),
	TEXT_ROW("mail", "from", mail_from, "", "address that mails come from; a domain may have its own"),
	TEXT_ROW("mail", "from-name", mail_from_name, "", "the name beside it"),
	TEXT_ROW("mail", "reply-to", mail_reply_to, "", "where answers go; empty = to the sender"),
	WORD_ROW("mail", "domain-servers", mail_domain_servers, "public", " public any none ",
		"a domain's own mail server: at public addresses, at any, or not at all"),
	NUMBER_ROW("mail", "link-hours", link_hours, 48, 1, 720, "life of a link to choose a password"),
	NUMBER_ROW("mail", "timeout-ms", mail_timeout_ms, 60000, 100, 600000, "for one mail; a slower server is down"),
	NUMBER_ROW("mail", "retry-ms", mail_retry_ms, 60000, 10, 86400000,
		"from a mail that was put off, or a server that failed, to the next try; doubled each time"),
	NUMBER_ROW("mail", "retry-most-ms", mail_retry_most_ms, 1800000, 10, 86400000, "but no longer than this"),
	NUMBER_ROW("mail", "give-up-hours", mail_give_up_hours, 48, 1, 720,
		"a mail that the server has put off for so long has failed"),

	NUMBER_ROW("password", "length", password_length, 8, 8, 64, "characters of a portal password, at least"),
	YESNO_ROW("password", "capital", password_capital, 1, "with a capital letter"),
	YESNO_ROW("password", "digit", password_digit, 1, "with a digit"),
	WORD_ROW("password", "pin", pin, "optional", " optional required never ",
		"whether the page asks for a voicemail PIN too"),
	NUMBER_ROW("password", "pin-length", pin_length, 4, 4, 12, "digits of a PIN, at least"),
	TEXT_ROW("password", "pin-weak", pin_weak, "", "further PINs that are not taken, with blanks between them"),
	PATH_ROW("voicemail", "root", voicemail_root, "",
		"folder of Asterisk's app_voicemail, such as /var/spool/asterisk/voicemail; empty = no voicemail here"),
	TEXT_ROW("voicemail", "context", voicemail_context, "{domain}",
		"{domain}, or example.com=default for one domain; several words, with a blank between"),
	TEXT_ROW("voicemail", "mailbox", voicemail_mailbox, "{user}", "the mailbox of an extension"),
	WORD_ROW("voicemail", "lock", voicemail_lock, "lockfile", " lockfile flock ",
		"lockmode of asterisk.conf: lockfile or flock"),
	NUMBER_ROW("voicemail", "lock-wait-ms", voicemail_lock_wait_ms, 5000, 10, 60000,
		"for a folder that the PBX works in; Asterisk waits 5000"),
	NUMBER_ROW("voicemail", "lock-stale-seconds", voicemail_lock_stale_s, 300, 5, 86400,
		"a lockfile so old is nobody's, and is taken away"),
	NUMBER_ROW("voicemail", "messages-max", voicemail_messages_max, 100, 1, 9999,
		"most messages in a folder: maxmsg of voicemail.conf"),
	NUMBER_ROW("alerts", "unconfirmed-ms", unconfirmed_ms, 14400000, 10, 2592000000,
		"a handover that is without its proof for so long raises an alert"),
	YESNO_ROW("alerts", "webhook-http", webhook_http, 0, "webhooks may use plain HTTP; no: HTTPS alone"),
	YESNO_ROW("alerts", "webhook-private", webhook_private, 0,
		"webhooks may lead to this machine and to private networks"),
	PATH_ROW("alerts", "webhook-ca", webhook_ca, "",
		"CAs that webhooks' certificates must chain to; empty = the system's"),
	NUMBER_ROW("alerts", "webhook-timeout-ms", webhook_timeout_ms, 10000, 100, 60000,
		"a webhook must answer within this"),
	NUMBER_ROW("alerts", "webhook-retry-ms", webhook_retry_ms, 5000, 10, 3600000,
		"from a call that failed to the next one, doubled each time up to 15 min"),
	NUMBER_ROW("alerts", "webhook-days", webhook_days, 3, 1, 30, "a webhook that fails for so long is disabled"),
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static void set_text(struct settings *s, const struct row *r, const char *v)
{
	memcpy((char *)s + r->at, &v, sizeof(v));
}

static void set_number(struct settings *s, const struct row *r, int64_t v)
{
	bool b = v != 0;

	if (r->kind == YESNO)
		memcpy((char *)s + r->at, &b, sizeof(b));
	else
		memcpy((char *)s + r->at, &v, sizeof(v));
}

void settings_default(struct settings *s, struct arena *a)
{
	size_t i;

	for (i = 0; i < ROWS; i++) {
		if (rows[i].text)
			set_text(s, &rows[i], arena_strdup(a, rows[i].text));
		else
			set_number(s, &rows[i], rows[i].number);
	}
}

struct reading {
	struct settings *s;
	struct arena *arena;
	struct err *err;
	const char *path;
	bool seen[ROWS];
	enum err_code code;
};

static enum err_code unknown(struct reading *rd, const char *section, const char *name, int line)
{
	const struct row *best = &rows[0];
	size_t i, least = SIZE_MAX;

	if (*section == '\0')
		return err_set(rd->err, ERR_INPUT, "%s:%d: %s stands before the first [section]; move it below one",
			rd->path, line, name);
	for (i = 0; i < ROWS; i++) {
		size_t d = text_distance(name, rows[i].name) + (strcmp(section, rows[i].section) ? 2 : 0);

		if (d < least) {
			least = d;
			best = &rows[i];
		}
	}
	return err_set(rd->err, ERR_INPUT, "%s:%d: there is no setting %s in [%s]; did you mean %s in [%s]?", rd->path,
		line, name, section, best->name, best->section);
}

static const char *absolute(struct reading *rd, const char *value)
{
	const char *slash = strrchr(rd->path, '/');

	if (*value == '\0' || *value == '/' || slash == NULL)
		return arena_strdup(rd->arena, value);
	return arena_printf(rd->arena, "%.*s/%s", (int)(slash - rd->path), rd->path, value);
}

static enum err_code take_number(struct reading *rd, const struct row *r, const char *value, int line)
{
	char *end;
	int64_t v;

	errno = 0;
	v = strtoll(value, &end, 10);
	if (*value == '\0' || *end || errno || v < r->least || v > r->most)
		return err_set(rd->err, ERR_INPUT,
			"%s:%d: %s is \"%s\"; it must be a number from %" PRId64 " to %" PRId64, rd->path, line,
			r->name, value, r->least, r->most);
	set_number(rd->s, r, v);
	return ERR_OK;
}

static enum err_code take_word(struct reading *rd, const struct row *r, const char *value, int line)
{
	const char *word = arena_printf(rd->arena, " %s ", value);

	if (word == NULL || *value == '\0' || strchr(value, ' ') || strstr(r->words, word) == NULL)
		return err_set(rd->err, ERR_INPUT, "%s:%d: %s is \"%s\"; it must be one of:%.*s", rd->path, line,
			r->name, value, (int)strlen(r->words) - 1, r->words);
	set_text(rd->s, r, arena_strdup(rd->arena, value));
	return ERR_OK;
}

static enum err_code take_words(struct reading *rd, const struct row *r, const char *value, int line)
{
	const char *at = value;

	while (*at) {
		size_t n = strcspn(at, " ");
		const char *word = arena_printf(rd->arena, " %.*s ", (int)n, at);

		if (word == NULL || n == 0 || strstr(r->words, word) == NULL)
			return err_set(rd->err, ERR_INPUT,
				"%s:%d: %s is \"%s\"; it must be of these words, with one blank between them:%.*s",
				rd->path, line, r->name, value, (int)strlen(r->words) - 1, r->words);
		at += n + (at[n] != '\0');
	}
	set_text(rd->s, r, arena_strdup(rd->arena, value));
	return ERR_OK;
}

/* Phones are told nothing over plain HTTP, and names of files are put behind it with a slash. */
static enum err_code take_url(struct reading *rd, const struct row *r, const char *value, int line)
{
	size_t n = strlen(value);

	if (strncmp(value, "https://", 8) || n < 9 || value[n - 1] == '/' || strcspn(value, " \"<>?#") < n)
		return err_set(rd->err, ERR_INPUT,
			"%s:%d: %s is \"%s\"; it must be like https://phones.example.com:8443, without a slash at the end",
			rd->path, line, r->name, value);
	set_text(rd->s, r, arena_strdup(rd->arena, value));
	return ERR_OK;
}

static enum err_code take_nets(struct reading *rd, const struct row *r, const char *value, int line)
{
	struct net_list list;
	struct err why = { 0 };

	if (net_list_read(value, &list, &why))
		return err_set(rd->err, ERR_INPUT, "%s:%d: %s %s", rd->path, line, r->name, why.text);
	set_text(rd->s, r, arena_strdup(rd->arena, value));
	return ERR_OK;
}

static enum err_code take(struct reading *rd, const struct row *r, const char *value, int line)
{
	if (rd->seen[r - rows])
		return err_set(rd->err, ERR_INPUT, "%s:%d: %s in [%s] stands here twice; keep one", rd->path, line,
			r->name, r->section);
	rd->seen[r - rows] = true;
	switch (r->kind) {
	case NUMBER:
		return take_number(rd, r, value, line);
	case YESNO:
		if (strcmp(value, "yes") && strcmp(value, "no"))
			return err_set(rd->err, ERR_INPUT, "%s:%d: %s is \"%s\"; it must be yes or no", rd->path, line,
				r->name, value);
		set_number(rd->s, r, value[0] == 'y');
		return ERR_OK;
	case PATH:
		set_text(rd->s, r, absolute(rd, value));
		return ERR_OK;
	case WORD:
		return take_word(rd, r, value, line);
	case WORDS:
		return take_words(rd, r, value, line);
	case URL:
		return take_url(rd, r, value, line);
	case NETS:
		return take_nets(rd, r, value, line);
	case TEXT:
	default:
		set_text(rd->s, r, arena_strdup(rd->arena, value));
		return ERR_OK;
	}
}

/* libinih does not say on which line it is, so the lines are counted as it reads them. */
struct counted {
	FILE *f;
	struct reading *rd;
	int line;
};

static char *next_line(char *text, int n, void *arg)
{
	struct counted *c = arg;
	char *got = fgets(text, n, c->f);

	if (got)
		c->line++;
	return got;
}

static int line_fn(void *arg, const char *section, const char *name, const char *value)
{
	struct counted *c = arg;
	struct reading *rd = c->rd;
	size_t i;

	if (rd->code)
		return 0;
	for (i = 0; i < ROWS; i++)
		if (strcmp(rows[i].section, section) == 0 && strcmp(rows[i].name, name) == 0)
			break;
	rd->code = i < ROWS ? take(rd, &rows[i], value ? value : "", c->line) : unknown(rd, section, name, c->line);
	return rd->code == ERR_OK;
}

/* libinih hands the same pointer to reader and handler only by way of two arguments; one struct serves both. */
enum err_code settings_load(struct settings *s, const char *path, struct arena *a, struct err *err)
{
	struct reading rd = { .s = s, .arena = a, .err = err, .path = path };
	struct counted c = { .f = fopen(path, "re"), .rd = &rd };
	int bad, unread;

	if (c.f == NULL)
		return err_set(err, ERR_IO,
			"cannot read %s: %s; name the settings file with --conf or make one with rekeyd init", path,
			strerror(errno));
	bad = ini_parse_stream(next_line, &c, line_fn, &c);
	unread = ferror(c.f);
	fclose(c.f);
	if (rd.code)
		return rd.code;
	if (unread)
		return err_set(err, ERR_IO, "cannot read %s; name the settings file, not a folder, with --conf", path);
	if (bad)
		return err_set(err, ERR_INPUT, "%s:%d: neither a [section] nor name = value; mend or remove the line",
			path, bad);
	if (arena_failed(a))
		return err_set(err, ERR_NOMEM, "out of memory while reading %s", path);
	return ERR_OK;
}

static void print_value(const struct settings *s, const struct row *r, FILE *out)
{
	const char *text;
	int64_t n;
	bool b;

	switch (r->kind) {
	case NUMBER:
		memcpy(&n, (const char *)s + r->at, sizeof(n));
		fprintf(out, "%s = %" PRId64 "\n", r->name, n);
		break;
	case YESNO:
		memcpy(&b, (const char *)s + r->at, sizeof(b));
		fprintf(out, "%s = %s\n", r->name, b ? "yes" : "no");
		break;
	case TEXT:
	case PATH:
	case WORD:
	case WORDS:
	case URL:
	case NETS:
	default:
		memcpy(&text, (const char *)s + r->at, sizeof(text));
		fprintf(out, "%s = %s\n", r->name, text);
	}
}

void settings_print(const struct settings *s, FILE *out)
{
	const char *section = "";
	size_t i;

	for (i = 0; i < ROWS; i++) {
		const struct row *r = &rows[i];

		if (strcmp(section, r->section))
			fprintf(out, "%s[%s]\n", *section ? "\n" : "", r->section);
		section = r->section;
		fprintf(out, "; %s", r->meaning);
		if (r->kind == NUMBER)
			fprintf(out, " (%" PRId64 " to %" PRId64 ", default %" PRId64 ")", r->least, r->most,
				r->number);
		fprintf(out, "\n");
		print_value(s, r, out);
	}
}
