/* What became of one attempt, and what to do about it. Pure.
 *
 * A refusal is judged by what was being said when it came and by the server's own code (RFC 5321 §4.2.1), never by
 * curl's word for it: curl calls a refused recipient a failed send, whether the server said 4xx or 5xx. */
#ifndef PROVISIONING_MAIL_VERDICT_H
#define PROVISIONING_MAIL_VERDICT_H

/* What was last said to the server. */
enum smtp_stage {
	STAGE_CONNECT, /* nothing yet: the connection, the greeting */
	STAGE_HELLO,
	STAGE_STARTTLS,
	STAGE_AUTH,
	STAGE_FROM,
	STAGE_TO,
	STAGE_DATA, /* DATA and the message itself */
};

enum smtp_fault {
	FAULT_NONE,     /* taken over by the server */
	FAULT_REPLY,    /* it answered with report.code */
	FAULT_RESOLVE,  /* its name is not known */
	FAULT_CONNECT,  /* nobody answers there */
	FAULT_BARRED,   /* an address that this server may not connect to (domain-servers) */
	FAULT_NO_TLS,   /* it offers no STARTTLS */
	FAULT_TLS,      /* the handshake failed */
	FAULT_CERT,     /* its certificate is not trusted, or is another name's */
	FAULT_LOGIN,    /* it refuses the login */
	FAULT_NO_LOGIN, /* it offers none */
	FAULT_TIMEOUT,
	FAULT_LOST,    /* the connection broke */
	FAULT_STOPPED, /* rekeyd ends */
	FAULT_OTHER,
	FAULT_COUNT
};

enum { SMTP_REPLY_MAX = 256 };

struct smtp_report {
	enum smtp_fault fault;
	enum smtp_stage stage;
	unsigned code;              /* of the last reply; 0 = none came */
	char reply[SMTP_REPLY_MAX]; /* that reply's text, or what the TLS library said */
};

enum verdict {
	VERDICT_SENT,
	VERDICT_NEVER,   /* this mail is refused for good */
	VERDICT_LATER,   /* this mail later; others may go on */
	VERDICT_SERVER,  /* no mail goes out this way for now */
	VERDICT_STOPPED, /* nothing happened */
};

enum verdict verdict_of(const struct smtp_report *r);

enum { VERDICT_TEXT_MAX = 500 };

/* One sentence for an administrator: what happened, and what to do where there is something. server: "host:port". */
const char *verdict_sentence(const struct smtp_report *r, const char *server, char out[VERDICT_TEXT_MAX]);

#endif
