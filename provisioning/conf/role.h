/* What the running thread is for, so that a forbidden act says so at once instead of stalling a fleet.
 *
 * The thread table of the architecture: an edge thread never writes to the store, waits for the writer, derives keys or
 * calls out. Builds with REKEY_ASSERT=1 abort with a sentence; others count on the tests that ran with it. */
#ifndef PROVISIONING_CONF_ROLE_H
#define PROVISIONING_CONF_ROLE_H

enum thread_role {
	ROLE_NONE = 0, /* not said: allowed everything (tests, tools) */
	ROLE_MAIN = 1,
	ROLE_EDGE = 2,
	ROLE_WRITER = 4,
	ROLE_WORKER = 8,
	ROLE_SIP = 16
};

/* Says what the calling thread is. Also names the thread for debuggers. */
void thread_role_set(enum thread_role role);
enum thread_role thread_role(void);
/* "edge", "writer", …; "unnamed" for ROLE_NONE. */
const char *thread_role_word(enum thread_role role);

/* Aborts in REKEY_ASSERT builds when the calling thread's role is in mask (roles or-ed together). what completes the
 * sentence "an edge thread must not …". */
void role_forbid(unsigned mask, const char *what);

#endif
