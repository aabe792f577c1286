/* Who may have which file: the hook of the phone plane. Identity = file: certificate, user name, token and the MAC in
 * the path name one phone, or nothing is given. */
#ifndef PROVISIONING_PHONES_AUTHORISE_H
#define PROVISIONING_PHONES_AUTHORISE_H

#include "provisioning/phones/identify.h"
#include "provisioning/phones/logins.h"

/* The route's scope says which form of path it is. */
enum form { FORM_OWN = 1, FORM_TOKEN, FORM_SOFT };

enum proof { PROOF_NONE, PROOF_PAIRING, PROOF_TOKEN, PROOF_PASSWORD, PROOF_PREVIOUS, PROOF_CERTIFICATE };

/* request.principal of this plane. */
struct caller {
	struct claim claim;
	enum proof proof;
	bool failed; /* it showed a login, and that is wrong */
	int64_t phone_id;
	struct mac mac;
	int64_t token_id;                /* PROOF_TOKEN */
	int64_t softphone_id;            /* FORM_SOFT: then no phone */
	int64_t paired_ms;               /* PROOF_PAIRING: when it took its one file */
	unsigned char login[LOGIN_MARK]; /* PROOF_PASSWORD: of the password that was used, else zero */
	char user_agent[160];            /* cut; "" = not sent */
};

auth_fn phones_auth;

/* What a stranger gets, said by a handler. */
void phones_refuse(struct request *rq, struct response *rs);
/* Of an authorised request. */
const struct caller *request_caller(const struct request *rq);

#endif
