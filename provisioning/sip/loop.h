/* libre's event loop in a thread of its own: started, woken and stopped from outside. Only wake and stop may be called
 * by other threads (libre 1.1 counts references without atomics; a push into its queue is all that is safe). */
#ifndef PROVISIONING_SIP_LOOP_H
#define PROVISIONING_SIP_LOOP_H

#include "phonecfg/base/err.h"

struct sip_loop;

struct sip_loop_ops {
	/* In the new thread, before the loop runs: allocate what is libre's. An error ends the thread. */
	enum err_code (*begin)(void *arg, struct err *err);
	void (*woken)(void *arg); /* in the thread, once or more after each sip_loop_wake() */
	/* In the thread after sip_loop_stop(): end what runs; the loop goes on until sip_loop_leave(). */
	void (*stopping)(void *arg);
	void (*end)(void *arg); /* in the thread, after the loop: free what is libre's */
};

/* Starts the thread and waits until begin() has returned; its error is this call's. */
enum err_code sip_loop_start(const struct sip_loop_ops *ops, void *arg, struct sip_loop **out, struct err *err);
void sip_loop_wake(struct sip_loop *l);
void sip_loop_leave(struct sip_loop *l); /* only inside the thread */
/* Lets stopping() run, waits for the thread's end and frees all. */
void sip_loop_stop(struct sip_loop *l);

#endif
