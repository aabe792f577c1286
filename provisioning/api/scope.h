/* Who may do what: the scopes, their order, and who is asking. Pure. */
#ifndef PROVISIONING_API_SCOPE_H
#define PROVISIONING_API_SCOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a row of the route table demands: any of these. 0 lets nobody in. */
enum scope_bit {
	SCOPE_SUPER = 1 << 0,
	SCOPE_RESELLER = 1 << 1,
	SCOPE_OFFICE = 1 << 2,
	SCOPE_SITE = 1 << 3,
	SCOPE_FIELD = 1 << 4,
	SCOPE_BASIC = 1 << 5,
	SCOPE_OPEN = 1 << 16, /* everybody, without a login; beside other bits: told who asks, where somebody does */
};

enum {
	SCOPE_ADMINS = SCOPE_SUPER | SCOPE_RESELLER,
	SCOPE_OFFICES = SCOPE_ADMINS | SCOPE_OFFICE, /* reset, recycle and bulk */
	SCOPE_SITES = SCOPE_OFFICES | SCOPE_SITE,
	SCOPE_PHONES = SCOPE_SITES | SCOPE_FIELD,
	SCOPE_ALL = SCOPE_PHONES | SCOPE_BASIC,
};

enum { PRINCIPAL_SITES_MAX = 32, PRINCIPAL_TEXT_MAX = 160 };

/* request.principal of the admin plane. */
struct principal {
	unsigned scope; /* one bit */
	int rank;
	char word[32];                            /* "Office Manager" */
	char who[PRINCIPAL_TEXT_MAX];             /* login or the key's name: for the audit log */
	const char *client;                       /* "portal" or "api" */
	int64_t user_id, key_id, session_id;      /* 0 = none */
	int64_t session_ends_ms;                  /* of a browser's session, however much it is used; 0 = none */
	int64_t domain_id;                        /* 0 = of no domain */
	char domain[PRINCIPAL_TEXT_MAX], ext[64]; /* "" = none */
	char reseller[PRINCIPAL_TEXT_MAX];
	int64_t sites[PRINCIPAL_SITES_MAX]; /* of a Site Manager or Field Technician */
	size_t nsites;
};

/* NetSapiens' word -> bit (those that Rekey gives no rights of their own count as Basic User) and rank. False for a
 * word that is none, and for "No Portal" and "NDP", who may not log in. */
bool scope_read(const char *word, unsigned *bit, int *rank);
/* Is it a word that a user row may carry? */
bool scope_known(const char *word);
/* Rank of any known word; 0 when unknown. */
int scope_rank(const char *word);

/* Kept to sites: a Site Manager, a Field Technician. */
bool principal_sited(const struct principal *p);
/* Of one who is kept to sites the first, -1 when there is none; 0 for everybody else. */
int64_t principal_own_site(const struct principal *p);
/* May this principal see and change that site's people and phones? */
bool principal_site(const struct principal *p, int64_t site_id);
/* A key of one domain: whatever its scope, it is nobody outside of it. */
bool principal_bound(const struct principal *p);
/* "user:12" or "key:3": owns idempotency keys. */
const char *principal_id(const struct principal *p, char out[32]);

/* Why this principal may not do such a thing to that user; NULL = he may. His own row, and rows of a higher scope, are
 * out of reach for reset, recycle, bulk and delete. */
const char *scope_refusal(const struct principal *p, int64_t user_id, const char *user_scope);

#endif
