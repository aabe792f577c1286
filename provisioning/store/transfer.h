/* A phone offered by one domain to another; it moves when the other one accepts. */
#ifndef PROVISIONING_STORE_TRANSFER_H
#define PROVISIONING_STORE_TRANSFER_H

#include "phonecfg/base/mac.h"
#include "provisioning/store/store.h"

enum transfer_state {
	TRANSFER_WAITING,
	TRANSFER_ACCEPTED,
	TRANSFER_DECLINED,
	TRANSFER_WITHDRAWN,
	TRANSFER_EXPIRED,
	TRANSFER_STATE_COUNT
};
extern const char *const transfer_state_words[TRANSFER_STATE_COUNT];

struct transfer_row {
	int64_t id;
	int64_t phone_id; /* 0 when the phone is gone */
	struct mac mac;
	const char *model;
	int64_t domain_id;              /* who gives */
	const char *domain, *to_domain; /* names; there may be no such other domain */
	const char *who, *from;         /* login and address of the one who offered it */
	enum transfer_state state;
	const char *answered_by; /* login; "" while it waits */
	int64_t created_ms, expires_ms, ended_ms;
};

/* ERR_CONFLICT when the phone is offered already. */
enum err_code transfer_add(struct db *db, struct transfer_row *row, struct err *err);
enum err_code transfer_load(struct db *db, int64_t id, struct arena *a, struct transfer_row *out, struct err *err);
/* Given and offered to this domain, newest first. */
enum err_code transfer_list(struct db *db, int64_t domain_id, const char *name, struct page page, struct arena *a,
	struct transfer_row **out, size_t *n, struct err *err);
/* The one that waits for this phone. ERR_NOT_FOUND when there is none. */
enum err_code transfer_of_phone(
	struct db *db, int64_t phone_id, struct arena *a, struct transfer_row *out, struct err *err);
/* ERR_CONFLICT when it does not wait any more. */
enum err_code transfer_end(
	struct db *db, int64_t id, enum transfer_state state, const char *answered_by, struct err *err);
/* Ends those whose time is over. */
enum err_code transfer_expire(struct db *db, struct err *err);

#endif
