/* rekeyd.conf: INI as admins know it. One table row per setting gives its name, kind, default, range and meaning; the
 * reader, the defaults, the checks and `rekeyd check-conf` all walk that table. */
#ifndef PROVISIONING_CONF_SETTINGS_H
#define PROVISIONING_CONF_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/err.h"

struct settings {
	/* [server] */
	const char *database;  /* SQLite file */
	const char *key_file;  /* seals secrets */
	const char *share;     /* holds templates/ and firmware-profiles/ */
	const char *log_level; /* debug, info, warn or error */
	int64_t changes_per_commit, workers;
	/* [phones] */
	const char *phones_address;
	int64_t phones_port;
	int64_t phones_threads;                           /* 0 = one per core */
	const char *phones_url;                           /* what phones are told, without a trailing slash */
	const char *phones_cert, *phones_key;             /* RSA: old Polycom firmware refuses ECDSA */
	const char *phones_ecdsa_cert, *phones_ecdsa_key; /* empty = none */
	const char *phones_ocsp, *phones_ecdsa_ocsp;      /* OCSP responses to staple; empty = none */
	int64_t ticket_key_hours;
	int64_t phones_old_port; /* TLS 1.0 and 1.1 too; 0 = no such listener */
	const char *phones_yealink_ca, *phones_polycom_ca, *phones_grandstream_ca; /* empty = proves nothing */
	const char *phones_ca_url;
	int64_t phones_http_port;                                                        /* 0 = none */
	const char *phones_ca_file;                                                      /* empty = none */
	int64_t failures_per_address, failures_per_network, failures_total, ban_seconds; /* of whoever proves nothing */
	const char *phones_proxies; /* trusted, as net_list_read takes them */
	int64_t phones_proxy_hops;
	int64_t cache_mb;              /* for rendered files */
	int64_t poll_minutes;          /* how often a phone asks by itself */
	bool idle_line;                /* a vacant phone keeps a line of its own, so that it can be told */
	const char *first_access_ways; /* words of ways.h */
	int64_t token_hours;           /* life of a first-access token */
	int64_t pair_minutes;          /* a pairing window is open for so long */
	int64_t second_access_ms; /* a second first access is reported after this, unless the login was used by then */
	/* [admin] */
	const char *admin_address;
	int64_t admin_port;
	const char *admin_cert, *admin_key, *admin_ocsp;
	const char *admin_url;     /* what people open, without a trailing slash: links begin with it */
	const char *admin_proxies; /* trusted, as net_list_read takes them */
	int64_t admin_proxy_hops;
	int64_t session_idle_minutes, session_hours;
	/* [limits], of the phones' listeners */
	int64_t connections, connections_each;
	int64_t handshake_ms, head_bytes, head_ms, stall_ms, idle_ms, requests_each;
	int64_t upload_bytes, uploads, uploads_each, log_bytes;
	/* [sip] */
	const char *sip_address; /* a concrete local address; a wildcard is refused */
	int64_t sip_port;        /* 0 = any */
	const char *sip_proxy;   /* host:port;transport=udp of the registrar or its edge */
	const char *sip_route;   /* proxy = through the registrar, direct = straight to the contact */
	const char *sip_user;    /* digest user of NOTIFY at the proxy */
	const char *sip_realm;
	const char *sip_tls_ca;
	int64_t sip_t1_ms;
	int64_t notify_per_second, notify_per_source;
	int64_t notify_slow_at; /* handshakes waiting */
	/* [registrar] */
	const char *registrar;        /* kamailio or none */
	const char *registrar_db;     /* the small file that holds ha1 */
	const char *registrar_rpc;    /* http://127.0.0.1:5065/RPC */
	const char *registrar_events; /* where refused and accepted REGISTERs are reported: address:port */
	const char *registrar_key;    /* file with the word that guards RPC, events and NOTIFY */
	const char *realm;            /* of new domains; empty = the domain's name */
	/* [reset] */
	int64_t grace_ms;        /* after the NOTIFY's final answer, where no phone comes */
	int64_t longest_wait_ms; /* after the commit, whatever happens */
	int64_t silence_ms;      /* of the old identity, where no line of the phone can prove it */
	int64_t retell_ms;       /* from a NOTIFY that failed to the next one */
	int64_t sweep_ms;        /* bindings are looked at once more */
	int64_t transfer_days;   /* a phone is offered to another domain for so long */
	/* [mail] */
	const char *mail_server; /* empty = no mail: links are given to the administrator */
	int64_t mail_port;
	const char *mail_tls; /* starttls, tls or none */
	const char *mail_ca;  /* empty = the system's */
	const char *mail_user, *mail_password_file;
	const char *mail_from, *mail_from_name, *mail_reply_to;
	const char *mail_domain_servers; /* public, any or none */
	int64_t link_hours;              /* life of a link to choose a password */
	int64_t mail_timeout_ms, mail_retry_ms, mail_retry_most_ms, mail_give_up_hours;
	/* [password] */
	int64_t password_length;
	bool password_capital, password_digit;
	const char *pin; /* optional, required or never */
	int64_t pin_length;
	const char *pin_weak;
	/* [voicemail] */
	const char *voicemail_root;    /* folder of app_voicemail; empty = this server has no voicemail */
	const char *voicemail_context; /* which context a domain has: patterns of voicemail/names.h */
	const char *voicemail_mailbox;
	const char *voicemail_lock; /* lockfile or flock, as asterisk.conf says */
	int64_t voicemail_lock_wait_ms, voicemail_lock_stale_s;
	int64_t voicemail_messages_max;
	/* [alerts] */
	int64_t unconfirmed_ms; /* a handover that is open for longer raises an alert */
	bool webhook_http;      /* plain HTTP is allowed */
	bool webhook_private;   /* addresses of this machine and of private networks are allowed */
	const char *webhook_ca; /* what their certificates must chain to; empty = the system's */
	int64_t webhook_timeout_ms, webhook_retry_ms;
	int64_t webhook_days; /* of failure, then it is disabled */
};

/* All defaults, no file read. Text lives in the arena. */
void settings_default(struct settings *s, struct arena *a);

/* Reads the file over what *s holds. Relative paths are taken from the file's folder. Every fault is an error with
 * file:line: unknown section or name (with the nearest known one), twice the same name, wrong kind, out of range. */
enum err_code settings_load(struct settings *s, const char *path, struct arena *a, struct err *err);

/* Every setting with its value, range and meaning, as a file that settings_load reads back. */
void settings_print(const struct settings *s, FILE *out);

#endif
