/* Domains and sites. */
#ifndef PROVISIONING_STORE_DOMAIN_H
#define PROVISIONING_STORE_DOMAIN_H

#include "provisioning/store/store.h"

struct domain_row {
	int64_t id;
	const char *name;  /* "example.test", lower case, unique */
	const char *realm; /* of the SIP digest; usually the name */
	const char *reseller;
	const char *description;
	const char *sip_server; /* host that phones register at; "" = the name */
	int64_t sip_port;       /* 0 = the transport's default */
	const char *transport;  /* udp, tcp, tls */
	const char *proxy;      /* outbound proxy host[:port], or "" */
	const char *timezone;   /* IANA */
	const char *language;
	const char *ntp;
	const char *voicemail_number;
	const char *caller_id_name, *caller_id_number;
	const char *extra;  /* fields that only API clients know, JSON */
	int64_t ways_off;   /* bits of conf/ways.h: ways of first access that are not good here */
	int64_t generation; /* largest generation that every phone of the domain needs */
	int64_t created_ms, modified_ms;
};

struct site_row {
	int64_t id, domain_id;
	const char *name; /* unique in the domain */
	const char *timezone;
	int64_t quiet_from_min, quiet_to_min; /* minutes of the local day in which a phone may restart; 120 and 300 */
	int64_t generation;
	int64_t created_ms, modified_ms;
};

enum err_code domain_load(struct db *db, int64_t id, struct arena *a, struct domain_row *out, struct err *err);
enum err_code domain_by_name(struct db *db, const char *name, struct arena *a, struct domain_row *out, struct err *err);
/* By name. reseller "" or NULL = all. */
enum err_code domain_list(struct db *db, const char *reseller, struct page page, struct arena *a,
	struct domain_row **out, size_t *n, struct err *err);
enum err_code domain_count(struct db *db, const char *reseller, int64_t *out, struct err *err);
/* ERR_CONFLICT when the name is taken. */
enum err_code domain_add(struct db *db, struct domain_row *row, struct err *err);
enum err_code domain_save(struct db *db, struct domain_row *row, struct err *err);
/* With all that is in it. Records and audit stay. */
enum err_code domain_delete(struct db *db, int64_t id, struct err *err);

enum err_code site_load(struct db *db, int64_t id, struct arena *a, struct site_row *out, struct err *err);
enum err_code site_by_name(
	struct db *db, int64_t domain_id, const char *name, struct arena *a, struct site_row *out, struct err *err);
enum err_code site_list(
	struct db *db, int64_t domain_id, struct arena *a, struct site_row **out, size_t *n, struct err *err);
enum err_code site_add(struct db *db, struct site_row *row, struct err *err);
enum err_code site_save(struct db *db, struct site_row *row, struct err *err);
enum err_code site_delete(struct db *db, int64_t id, struct err *err);

#endif
