#include "provisioning/mail/verdict.h"

#include <stdbool.h>
#include <stdio.h>

/* Replies by which a server says that the fault is not this mail's: it is going down (421), or it wants a login that it
 * did not get or does not believe (RFC 4954 §6). */
static bool about_server(unsigned code)
{
	return code == 421 || code == 454 || code == 530 || code == 534 || code == 535 || code == 538;
}

static enum verdict of_reply(const struct smtp_report *r)
{
	if (r->stage < STAGE_FROM || about_server(r->code))
		return VERDICT_SERVER;
	if (r->code < 500)
		return VERDICT_LATER;
	/* The sender's address is a setting, not the recipient's fault: once mended, the mail goes out. */
	return r->stage == STAGE_FROM ? VERDICT_LATER : VERDICT_NEVER;
}

enum verdict verdict_of(const struct smtp_report *r)
{
	switch (r->fault) {
	case FAULT_NONE:
		return VERDICT_SENT;
	case FAULT_STOPPED:
		return VERDICT_STOPPED;
	case FAULT_REPLY:
		return of_reply(r);
	default:
		return VERDICT_SERVER;
	}
}

static const char *const stage_words[] = {
	[STAGE_CONNECT] = "at the connection",
	[STAGE_HELLO] = "at the greeting",
	[STAGE_STARTTLS] = "at STARTTLS",
	[STAGE_AUTH] = "at the login",
	[STAGE_FROM] = "for the sender's address",
	[STAGE_TO] = "for the recipient",
	[STAGE_DATA] = "for the message",
};

static const char *const fault_sentences[FAULT_COUNT] = {
	[FAULT_NONE] = "%s took the mail",
	[FAULT_RESOLVE] = "the name of the mail server %s is not known; correct it, or the name service",
	[FAULT_CONNECT] = "the mail server %s does not answer",
	[FAULT_BARRED] = "the mail server %s is at an address where this server may send no mail; name another one",
	[FAULT_NO_TLS] =
		"the mail server %s offers no STARTTLS, and without TLS nothing is sent to it; mend the server, or its "
		"port",
	[FAULT_TLS] = "no TLS connection to the mail server %s came about; check port and tls",
	[FAULT_CERT] =
		"the certificate of the mail server %s is not trusted, or is another name's; correct the server's name, or "
		"set ca",
	[FAULT_LOGIN] = "the mail server %s refuses the login; correct user and password",
	[FAULT_NO_LOGIN] =
		"the mail server %s offers no login that can be used, though there is a user; correct port or user",
	[FAULT_TIMEOUT] = "the mail server %s is too slow",
	[FAULT_LOST] = "the connection to the mail server %s broke",
	[FAULT_STOPPED] = "stopped while talking to the mail server %s",
	[FAULT_OTHER] = "sending by the mail server %s failed",
};

const char *verdict_sentence(const struct smtp_report *r, const char *server, char out[VERDICT_TEXT_MAX])
{
	int n;

	if (r->fault == FAULT_REPLY)
		n = snprintf(out, VERDICT_TEXT_MAX, "the mail server %s answered %u %s", server, r->code,
			stage_words[r->stage]);
	else
		n = snprintf(out, VERDICT_TEXT_MAX, fault_sentences[r->fault], server);
	/* What is said of the server is shown beside all that wait for it: no recipient's address may stand in it. */
	if (verdict_of(r) == VERDICT_SERVER && r->stage >= STAGE_FROM && r->fault == FAULT_REPLY)
		return out;
	if (n > 0 && n < VERDICT_TEXT_MAX && r->reply[0])
		snprintf(out + n, (size_t)(VERDICT_TEXT_MAX - n), ": %s", r->reply);
	return out;
}
