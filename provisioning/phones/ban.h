/* The throttle of whoever proves nothing: what it says, whom it tells, and who is never held up by it. */
#ifndef PROVISIONING_PHONES_BAN_H
#define PROVISIONING_PHONES_BAN_H

#include "provisioning/phones/authorise.h"

enum ban {
	BAN_NONE,
	BAN_QUIET,    /* refused as everybody is, but nothing it says is noted */
	BAN_ANSWERED, /* rs holds the throttle's constant answer */
};

/* A request that is going to be refused. */
enum ban ban_refuses(struct request *rq, struct response *rs, const struct caller *c);
/* A request that was proved. */
void ban_proved(const struct request *rq, const struct caller *c);

#endif
